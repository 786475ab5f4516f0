#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the style and the script of a page as C, with the hashes that a browser knows them by."""
import base64
import hashlib
import json
import re
import sys

COMMENT = re.compile(r"^\s*(//.*|/\*.*\*/)$")  # on a line of its own: for those who read it here


def main():
    for name, path in zip(("style", "script"), sys.argv[1:]):
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file if not COMMENT.match(line)]
        digest = hashlib.sha256("".join(lines).encode()).digest()
        print(f'#define HTML_{name.upper()}_HASH "{base64.b64encode(digest).decode()}"')
        print(f"static const char html_{name}[] =")
        for line in lines:
            print("\t" + json.dumps(line))
        print('\t"";')


main()
