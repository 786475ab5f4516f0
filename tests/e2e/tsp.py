# SPDX-License-Identifier: GPL-2.0-only
"""Recordings since version 2, taken apart and put together: what is in them, and what could be."""
import ctypes
import os
import struct
import subprocess
import zlib

BUILD = os.environ.get("BUILD", "build")

HEAD = struct.Struct("=8sIHHIIQqQIi")
BLOCK = struct.Struct("=IIIBBHIIQIIQQQ")
FIELD = struct.Struct("=HHI")
KINDS, COUNTERS = 65, 66
RECORDS, NAMES, END = range(3)
PLAIN, ZSTD, PACKED = range(3)
TRANSITION, CLOSE, TIMEWAIT = 1, 4, 9
# In a record: its kind, and whether numbers stand behind it.
KIND_AT, SEQUENCES_AT, SEQUENCES_SIZE = 20, {None: 37, TIMEWAIT: 29}, 8
MORE = 1
NAMES_OF_HEAD = ("magic", "byte_order", "version", "event_version", "field_bytes", "checksum",
                 "start_mono_ns", "clock_offset_ns", "series", "part", "utc_offset_s")
NAMES_OF_BLOCK = ("magic", "head_checksum", "checksum", "kind", "compression", "flags",
                  "stored_bytes", "raw_bytes", "first_record", "record_count", "number",
                  "first_mono_ns", "last_mono_ns", "written_mono_ns")


def generate(**settings):
    """The bytes of a recording of made-up connections."""
    words = [f"{name}={value}" for name, value in settings.items()]
    return subprocess.run([BUILD + "/tests/synthetic/generate", *words], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def zstd():
    """The library that packs blocks; None where it is not installed."""
    try:
        return ctypes.CDLL("libzstd.so.1")
    except OSError:
        return None


ENDS4, ENDS16, SEQUENCES = 1 << 7, 1 << 8, 1 << 9


class Packed:
    """Records that were packed, by what user/record/pack.h says of them and no more."""

    def __init__(self, stored):
        self.stored, self.at, self.time = stored, 0, 0
        self.slots, self.shapes, self.places = {}, {}, {}

    def take(self, size):
        assert self.at + size <= len(self.stored), "it is cut short"
        self.at += size
        return int.from_bytes(self.stored[self.at - size:self.at], "little")

    def difference(self, is_told):
        """Of a word."""
        if not is_told:
            return 0
        head = self.take(1)
        assert 0 < head >> 3 <= 8 - (head & 7), "a word has eight bytes"
        return self.take(head >> 3) << 8 * (head & 7)

    def expected(self, slot, place):
        """The words of the slot's last record, with what the place knows better."""
        shape = self.shapes[slot]
        words = list(self.slots.get(slot, [0] * (shape & 127)))
        words[:2] = 0, place["sock"]
        if shape & (ENDS4 | ENDS16):
            words[3] = words[3] >> 32 << 32 | place["ports"]
        if shape & ENDS4:
            words[5] = place["ends"][0] & 0xffffffff | (place["ends"][2] & 0xffffffff) << 32
        elif shape & ENDS16:
            words[5:9] = place["ends"]
        if shape & SEQUENCES:
            words[-1] = place["sequences"]
        return words

    def record(self):
        """The next one, as words."""
        head = self.take(2)
        slot = head & 63
        if head & 64:
            self.shapes[slot] = self.take(2)
            self.slots.pop(slot, None)
        shape = self.shapes[slot]
        place = self.places.setdefault(
            head >> 7, {"sock": 0, "ports": 0, "ends": [0] * 4, "sequences": 0})
        words = self.expected(slot, place)
        mask = self.take((len(words) + 7) // 8)
        words = [word ^ self.difference(mask >> i & 1) for i, word in enumerate(words)]
        self.time += words[0] >> 1 if not words[0] & 1 else -(words[0] >> 1) - 1
        words[0], place["sock"], self.slots[slot] = self.time, words[1], words
        if shape & (ENDS4 | ENDS16):
            place["ports"] = words[3] & 0xffffffff
        if shape & ENDS4:
            for i, end in ((0, words[5] & 0xffffffff), (2, words[5] >> 32)):
                place["ends"][i] = place["ends"][i] >> 32 << 32 | end
        elif shape & ENDS16:
            place["ends"] = words[5:9]
        if shape & SEQUENCES:
            place["sequences"] = words[-1]
        return struct.pack(f"<{len(words)}Q", *(word % 2 ** 64 for word in words))

    def undo(self):
        """All of them."""
        raw = []
        while self.at < len(self.stored):
            raw.append(self.record())
        return b"".join(raw)


def sequences_size(record, at=0):
    """Of the sequence numbers that stand behind the record there."""
    kind = record[at + KIND_AT]
    if kind > CLOSE and kind not in SEQUENCES_AT:
        return 0
    return SEQUENCES_SIZE * (record[at + SEQUENCES_AT.get(kind, SEQUENCES_AT[None])] & 1)


class Block:
    """A block: its numbers by their names, its counters by theirs, and its bytes as stored."""

    def __init__(self, numbers, counters, stored):
        self.numbers, self.counters, self.stored = numbers, counters, stored

    def __getitem__(self, name):
        return self.numbers[name]

    def __setitem__(self, name, value):
        self.numbers[name] = value

    def raw(self):
        """Its bytes, unpacked."""
        if self["compression"] == PLAIN:
            return self.stored
        if self["compression"] == PACKED:
            raw = Packed(self.stored).undo()
            assert len(raw) == self["raw_bytes"], len(raw)
            return raw
        room = ctypes.create_string_buffer(self["raw_bytes"])
        size = zstd().ZSTD_decompress(
            room, ctypes.c_size_t(len(room)), self.stored, ctypes.c_size_t(len(self.stored)))
        assert size == len(room), size
        return room.raw

    def pack(self):
        """Its bytes, with checksums that are right."""
        n = {**self.numbers, "checksum": zlib.crc32(self.stored), "head_checksum": 0,
             "stored_bytes": len(self.stored)}

        def head():
            return BLOCK.pack(*(n[name] for name in NAMES_OF_BLOCK)) + struct.pack(
                f"={len(self.counters)}Q", *self.counters.values())
        n["head_checksum"] = zlib.crc32(head())
        return head() + self.stored


class Recording:
    """A recording that is whole, taken apart; pack() puts it together again."""

    def __init__(self, raw):
        self.head = dict(zip(NAMES_OF_HEAD, HEAD.unpack_from(raw)))
        at = HEAD.size + self.head["field_bytes"]
        self.fields, self.blocks = self._fields(raw[HEAD.size:at]), []
        names = dict(self.fields)[COUNTERS].decode().split()
        while at < len(raw):
            numbers = dict(zip(NAMES_OF_BLOCK, BLOCK.unpack_from(raw, at)))
            at += BLOCK.size
            counters = dict(zip(names, struct.unpack_from(f"={len(names)}Q", raw, at)))
            at += 8 * len(names)
            self.blocks.append(Block(numbers, counters, raw[at:at + numbers["stored_bytes"]]))
            at += numbers["stored_bytes"]

    @staticmethod
    def _fields(raw):
        fields, at = [], 0
        while at < len(raw):
            tag, _, size = FIELD.unpack_from(raw, at)
            at += FIELD.size
            fields.append((tag, raw[at:at + size]))
            at += size
        return fields

    def records(self):
        """The bytes of each record, with what stands behind it."""
        sizes = {kind: size for kind, _, size in struct.iter_unpack("=BBH", dict(
            self.fields)[KINDS])}
        for block in self.of_kind(RECORDS):
            raw, at = block.raw(), 0
            while at < len(raw):
                size = sizes[raw[at + KIND_AT]] + sequences_size(raw, at)
                yield raw[at:at + size]
                at += size

    def pack_head(self):
        """The head and its fields."""
        fields = b"".join(FIELD.pack(tag, 0, len(raw)) + raw for tag, raw in self.fields)
        head = {**self.head, "field_bytes": len(fields), "checksum": 0}
        head["checksum"] = zlib.crc32(fields, zlib.crc32(HEAD.pack(*head.values())))
        return HEAD.pack(*head.values()) + fields

    def pack(self):
        """All of it."""
        return self.pack_head() + b"".join(block.pack() for block in self.blocks)

    def of_kind(self, kind):
        """Its blocks of a kind."""
        return [block for block in self.blocks if block["kind"] == kind]
