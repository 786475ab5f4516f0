# SPDX-License-Identifier: GPL-2.0-only
"""Raw IPv4 and IPv6 packets with TCP inside: built and parsed by hand."""

import array
import enum
import socket
import struct
import sys

PROTOCOL_TCP = 6
PROTOCOL_ICMP = 1

OPTION_END, OPTION_NOP, OPTION_MSS, OPTION_SCALE = 0, 1, 2, 3
OPTION_SACK_PERMITTED, OPTION_SACK, OPTION_TIMESTAMPS, OPTION_COOKIE = 4, 5, 8, 34


class Flag(enum.IntFlag):
    """The control bits of a TCP header."""
    FIN = 1
    SYN = 2
    RST = 4
    PSH = 8
    ACK = 16
    URG = 32
    ECE = 64
    CWR = 128


FIN, SYN, RST, PSH, ACK = Flag.FIN, Flag.SYN, Flag.RST, Flag.PSH, Flag.ACK


def checksum(data):
    """The Internet checksum (RFC 1071) of `data`, ready to be packed with `!H`."""
    if len(data) % 2:
        data += b"\0"
    words = array.array("H", data)
    total = sum(words)
    total = (total >> 16) + (total & 0xffff)
    total += total >> 16
    answer = ~total & 0xffff
    return socket.htons(answer) if sys.byteorder == "little" else answer


def mss(size=1460):
    """The maximum segment size option; `size` in bytes."""
    return struct.pack("!BBH", OPTION_MSS, 4, size)


def sack_permitted():
    """The option that allows selective acknowledgements."""
    return struct.pack("!BB", OPTION_SACK_PERMITTED, 2)


def timestamps(value, echo):
    """The timestamps option (RFC 7323): our clock and the last one that was heard."""
    return struct.pack("!BBII", OPTION_TIMESTAMPS, 10, value & 0xffffffff, echo & 0xffffffff)


def cookie(value=b""):
    """The fast open option (RFC 7413): a cookie, or with no bytes the request for one."""
    return struct.pack("!BB", OPTION_COOKIE, 2 + len(value)) + value


def parse_options(data):
    """The options of a TCP header as {kind: bytes}."""
    found, at = {}, 0
    while at < len(data):
        kind = data[at]
        if kind == OPTION_END:
            break
        if kind == OPTION_NOP:
            at += 1
            continue
        if at + 1 >= len(data) or data[at + 1] < 2:
            break
        found[kind] = data[at + 2:at + data[at + 1]]
        at += data[at + 1]
    return found


class Packet:
    """One TCP segment that was seen on a wire.

    `stamp_ns` is CLOCK_MONOTONIC in nanoseconds, `sent` is true for segments of the scripted peer.
    """
    __slots__ = ("stamp_ns", "sent", "family", "src", "dst", "sport", "dport", "seq", "ack",
                 "flags", "window", "options", "data", "raw")

    def __repr__(self):
        return (f"{self.stamp_ns / 1e9:.6f} {self.src}:{self.sport} > {self.dst}:{self.dport} "
                f"{flag_names(self.flags)} seq {self.seq} ack {self.ack} len {len(self.data)}")

    @property
    def end(self):
        """The sequence number that follows this segment."""
        return (self.seq + len(self.data) + bool(self.flags & SYN) + bool(self.flags & FIN)) \
            & 0xffffffff


def flag_names(flags):
    """`SYN|ACK` and the like."""
    return "|".join(flag.name for flag in Flag if flags & flag) or "none"


def build(family, src, dst, sport, dport, seq, ack, flags, window=65535, options=b"", data=b""):
    """The bytes of one IP packet with one TCP segment; addresses are text, the rest numbers."""
    options += b"\1" * (-len(options) % 4)
    here, there = socket.inet_pton(family, src), socket.inet_pton(family, dst)
    header = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xffffffff, ack & 0xffffffff,
                         (5 + len(options) // 4) << 4, flags, window, 0, 0) + options
    length = len(header) + len(data)
    if family == socket.AF_INET:
        pseudo = here + there + struct.pack("!HH", PROTOCOL_TCP, length)
    else:
        pseudo = here + there + struct.pack("!II", length, PROTOCOL_TCP)
    total = checksum(pseudo + header + data)
    segment = header[:16] + struct.pack("!H", total) + header[18:] + data
    return ip_header(family, here, there, PROTOCOL_TCP, length) + segment


def ip_header(family, here, there, protocol, length):
    """An IPv4 or IPv6 header for `length` bytes of payload; addresses in network form."""
    if family == socket.AF_INET6:
        return struct.pack("!IHBB", 6 << 28, length, protocol, 64) + here + there
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, protocol, 0)
    total = checksum(header + here + there)
    return header[:10] + struct.pack("!H", total) + here + there


def icmp_too_big(packet, mtu):
    """The ICMP answer of a router that may not part an IPv4 `packet` of more than `mtu` bytes."""
    return icmp_unreachable(packet, code=4, more=mtu)


def icmp_unreachable(packet, code=1, more=0):
    """The ICMP answer of a router to an IPv4 `packet`; code 1 says: no such host."""
    here = socket.inet_pton(socket.AF_INET, packet.dst)
    there = socket.inet_pton(socket.AF_INET, packet.src)
    quoted = packet.raw[:28]
    body = struct.pack("!BBHI", 3, code, 0, more) + quoted
    body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    return ip_header(socket.AF_INET, here, there, PROTOCOL_ICMP, len(body)) + body


def parse(raw, stamp_ns, sent=False):
    """The Packet in the bytes of an IP packet, or None when it is not TCP."""
    if len(raw) >= 40 and raw[0] >> 4 == 4 and raw[9] == PROTOCOL_TCP:
        family, at, addresses = socket.AF_INET, (raw[0] & 15) * 4, (raw[12:16], raw[16:20])
    elif len(raw) >= 60 and raw[0] >> 4 == 6 and raw[6] == PROTOCOL_TCP:
        family, at, addresses = socket.AF_INET6, 40, (raw[8:24], raw[24:40])
    else:
        return None
    packet = Packet()
    packet.stamp_ns, packet.sent, packet.family, packet.raw = stamp_ns, sent, family, raw
    packet.src, packet.dst = (socket.inet_ntop(family, each) for each in addresses)
    (packet.sport, packet.dport, packet.seq, packet.ack, offset, flags,
     packet.window) = struct.unpack_from("!HHIIBBH", raw, at)
    packet.flags = flags
    payload = at + (offset >> 4) * 4
    packet.options = parse_options(raw[at + 20:payload])
    packet.data = raw[payload:]
    return packet


def is_intact(packet):
    """Whether the TCP checksum of a packet is right (loopback leaves it to the hardware: wrong)."""
    raw = packet.raw
    at = (raw[0] & 15) * 4 if packet.family == socket.AF_INET else 40
    addresses = raw[12:20] if packet.family == socket.AF_INET else raw[8:40]
    segment = raw[at:]
    return checksum(addresses + struct.pack("!II", len(segment), PROTOCOL_TCP) + segment) == 0
