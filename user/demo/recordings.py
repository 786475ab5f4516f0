#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the recordings of the stories as C: the bytes of each, and a list by their names."""
import os
import sys

A_LINE = 16


def main():
    names = []
    for path in sorted(sys.argv[1:]):
        with open(path, "rb") as file:
            data = file.read()
        names.append(os.path.splitext(os.path.basename(path))[0])
        print(f"static const unsigned char recording_{len(names)}[] = {{")
        for at in range(0, len(data), A_LINE):
            print("\t" + " ".join(f"{byte}," for byte in data[at:at + A_LINE]))
        print("};")
    print("#define RECORDINGS(X) \\")
    for number, name in enumerate(names, 1):
        print(f'\tX("{name}", recording_{number}) \\')
    print()


main()
