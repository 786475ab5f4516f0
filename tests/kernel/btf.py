# SPDX-License-Identifier: GPL-2.0-only
"""Reads BTF, the types of a kernel or of a BPF object, as far as a field's shape needs it."""

import functools
import struct

(INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO,
 VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64) = range(1, 20)
# Bytes that follow a type: so many, and so many for each of its members.
TAIL = {INT: (4, 0), ARRAY: (12, 0), STRUCT: (0, 12), UNION: (0, 12), ENUM: (0, 8),
        FUNC_PROTO: (0, 8), VAR: (4, 0), DATASEC: (0, 12), DECL_TAG: (4, 0), ENUM64: (0, 12)}
NO_TAIL = (0, 0)
SKIN = (TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG)  # what does not change a field's shape
MAGIC, HEADER, TYPE = 0xEB9F, "<HBBIIIII", struct.Struct("<III")
SIGNED, BOOL = 1, 4


class BtfError(Exception):
    """These bytes are no BTF that can be read; the message is one sentence."""


class Btf:
    """All types of one BTF; a type is known by its number."""

    def __init__(self, data):
        if len(data) < struct.calcsize(HEADER) or struct.unpack_from("<H", data)[0] != MAGIC:
            raise BtfError("no BTF")
        _, _, _, length, types, types_size, strings, _ = struct.unpack_from(HEADER, data)
        self.data, self.strings = data, length + strings
        self.places, self.by_name = [None], {}
        at, end = length + types, length + types + types_size
        while at < end:
            name, info, _ = TYPE.unpack_from(data, at)
            kind = info >> 24 & 0x1F
            if not INT <= kind <= ENUM64:
                raise BtfError(f"a type of kind {kind}, which is newer than this reader")
            if name and kind in (STRUCT, UNION, ENUM, ENUM64, TYPEDEF):
                self.by_name.setdefault(self._string(name), []).append(len(self.places))
            self.places.append(at)
            fixed, each = TAIL.get(kind, NO_TAIL)
            at += TYPE.size + fixed + each * (info & 0xFFFF)

    def _string(self, offset):
        start = self.strings + offset
        return self.data[start:self.data.index(b"\0", start)].decode()

    def head(self, number):
        """(name, kind, size or type, number of members, whether members tell of bits)."""
        if not number:
            return "void", 0, 0, 0, False
        name, info, size = TYPE.unpack_from(self.data, self.places[number])
        return self._string(name), info >> 24 & 0x1F, size, info & 0xFFFF, bool(info >> 31)

    def tail(self, number, form, count=1):
        """What follows a type, COUNT times FORM."""
        size, at = struct.calcsize(form), self.places[number] + TYPE.size
        return [struct.unpack_from(form, self.data, at + i * size) for i in range(count)]

    def bare(self, number):
        """The type under typedefs and qualifiers, and the name of the last typedef."""
        alias = ""
        while True:
            name, kind, target, _, _ = self.head(number)
            if kind not in SKIN:
                return number, alias
            alias, number = name if kind == TYPEDEF else alias, target

    @functools.lru_cache(maxsize=None)
    def members(self, number):
        """{name: (type, bits or 0)} of a struct or union, those of nameless members included."""
        found = {}
        _, _, _, count, tells_bits = self.head(number)
        for name, of, offset in self.tail(number, "<III", count):
            if name:
                found[self._string(name)] = (of, offset >> 24 if tells_bits else 0)
            else:
                found.update(self.members(self.bare(of)[0]))
        return found

    def values(self, number):
        """{name: value} of an enum; the upper half of large values is left out."""
        _, kind, _, count, _ = self.head(number)
        form = "<IiI" if kind == ENUM64 else "<Ii"
        return {self._string(name): value for name, value, *_ in self.tail(number, form, count)}

    def shape(self, number, bits=0):
        """What a reader takes for granted of a field, as a few words."""
        number, alias = self.bare(number)
        name, kind, size, _, _ = self.head(number)
        name = name.partition("___")[0]
        if kind == INT:
            info = self.tail(number, "<I")[0][0]
            if name == "char":
                return name  # compilers of kernels differ on its sign
            bits = bits or (info & 0xFF if info & 0xFF != size * 8 and not info >> 24 & BOOL else 0)
            if bits:
                return f"{bits} bit"
            if name == "char":  # its sign is the compiler's, and changed with 6.2
                return name
            return "bool" if info >> 24 & BOOL else f"{'su'[not info >> 24 & SIGNED]}{size * 8}"
        if kind == PTR:
            target = self.bare(size)[0]
            kind = self.head(target)[1]
            return "pointer to " + ("function" if kind == FUNC_PROTO else self.shape(target))
        if kind == ARRAY:
            of, _, count = self.tail(number, "<III")[0]
            return f"{self.shape(of)}[{count}]"
        word = {0: "void", STRUCT: "struct", UNION: "union", ENUM: "enum", ENUM64: "enum",
                FWD: "struct", FLOAT: "float"}.get(kind, "another kind")
        return " ".join(filter(None, (word, name or alias))) if number else "void"
