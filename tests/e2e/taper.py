# SPDX-License-Identifier: GPL-2.0-only
"""Captures made segment by segment, in each form that files of captures have."""

import socket
import struct

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT, SERVER = "192.0.2.1", "192.0.2.2"
CLIENT6, SERVER6 = "2001:db8::1", "2001:db8::2"
PORT = 80
LOOPBACK, ETHERNET, RAW, COOKED = 0, 1, 101, 113
START_NS = 1700000000 * 10**9
SECTION, INTERFACE, PACKET, SIMPLE_PACKET, STATISTICS = 0x0a0d0d0a, 1, 6, 3, 5
OPTION_RESOLUTION, OPTION_DROPS = 9, 4


class Tape:
    """Packets with their times, in the order in which they were captured; numbers count from 0."""

    def __init__(self, lport=40001, ipv6=False, start_ns=START_NS):
        self.packets = []  # (time in ns, bytes, interface)
        self.now_ns, self.lport, self.ipv6 = start_ns, lport, ipv6
        self.first = {True: 1000, False: 5000}  # of the client, of the server
        self._id = 0

    def wait(self, ms):
        """Time passes."""
        self.now_ns += int(ms * 10**6)
        return self

    def segment(self, is_client, flags, seq, ack=0, payload=0, hops=64, window=1000):
        """The bytes of an IP packet."""
        ends = (CLIENT6, SERVER6) if self.ipv6 else (CLIENT, SERVER)
        ports = (self.lport, PORT)
        if not is_client:
            ends, ports = ends[::-1], ports[::-1]
        number = self.first[is_client] + seq
        acked = self.first[not is_client] + ack if flags & ACK else 0
        self._id += 1
        body = struct.pack("!HHIIBBHHH", *ports, number & 0xffffffff, acked & 0xffffffff, 5 << 4,
                           flags, window, self._id, 0) + b"x" * payload
        if self.ipv6:
            head = struct.pack("!IHBB", 6 << 28, len(body), socket.IPPROTO_TCP, hops)
            return head + b"".join(socket.inet_pton(socket.AF_INET6, each) for each in ends) + body
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), self._id & 0xffff or 1, 0, hops,
                           socket.IPPROTO_TCP, 0)
        return head + b"".join(socket.inet_aton(each) for each in ends) + body

    def add(self, packet, interface=0):
        """A packet passes, and a millisecond with it."""
        self.packets.append((self.now_ns, packet, interface))
        return self.wait(1)

    def client(self, *what, **how):
        """A segment of the client: flags, seq, ack, payload."""
        return self.add(self.segment(True, *what, **how))

    def server(self, *what, **how):
        """The same of the server."""
        return self.add(self.segment(False, *what, **how))

    def opens(self):
        """Three segments."""
        return self.client(SYN, 0).server(SYN | ACK, 0, 1).client(ACK, 1, 1)

    def closes(self, sent=0, received=0):
        """Three segments, the client's first."""
        return self.client(FIN | ACK, 1 + sent, 1 + received) \
            .server(FIN | ACK, 1 + received, 2 + sent).client(ACK, 2 + sent, 2 + received)

    def life(self):
        """A whole one, with data each way."""
        return self.opens().client(PSH | ACK, 1, 1, 100).server(ACK, 1, 101) \
            .server(PSH | ACK, 1, 101, 3000).client(ACK, 101, 3001).closes(100, 3000)


def linked(packet, link):
    """It with the header of a link layer."""
    kind = 0x86dd if packet[0] >> 4 == 6 else 0x0800
    if link == ETHERNET:
        return b"\2\0\0\0\0\1\2\0\0\0\0\2" + struct.pack("!H", kind) + packet
    if link == LOOPBACK:
        return struct.pack("=I", 10 if packet[0] >> 4 == 6 else 2) + packet
    if link == COOKED:
        return b"\0\4\3\4\0\6\1\2\3\4\5\6\0\0" + struct.pack("!H", kind) + packet
    return packet


def pcap(packets, link=RAW, order="<", ns=True, snaplen=262144):
    """The bytes of a pcap file."""
    out = [struct.pack(order + "IHHiIII", 0xa1b23c4d if ns else 0xa1b2c3d4, 2, 4, 0, 0, snaplen,
                       link)]
    for time_ns, packet, _ in packets:
        raw = linked(packet, link)
        below = time_ns % 10**9
        out.append(struct.pack(order + "IIII", time_ns // 10**9, below if ns else below // 1000,
                               min(len(raw), snaplen), len(raw)) + raw[:snaplen])
    return b"".join(out)


def block(kind, body, order="<", claims=None):
    """A block of pcapng; CLAIMS is what it says of its length."""
    body += bytes(-len(body) % 4)
    length = claims if claims is not None else len(body) + 12
    return struct.pack(order + "II", kind, length) + body + struct.pack(order + "I", length)


def option(code, value, order="<"):
    """An option of a block."""
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(order="<"):
    """The block that begins a file."""
    return block(SECTION, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1), order)


def interface(link=RAW, order="<", snaplen=262144, resolution=9):
    """The block of an interface whose times are in 10^-RESOLUTION s."""
    return block(INTERFACE, struct.pack(order + "HHI", link, 0, snaplen) +
                 option(OPTION_RESOLUTION, bytes([resolution]), order) + option(0, b"", order),
                 order)


def statistics(number, dropped, order="<"):
    """What an interface counted: so many it dropped before anybody saw them."""
    return block(STATISTICS, struct.pack(order + "III", number, 0, 0) +
                 option(7, struct.pack(order + "Q", dropped), order) + option(0, b"", order), order)


def captured(packet, link=RAW, order="<", resolution=9, drops=0):
    """The block of a packet; so many were dropped between it and the one before."""
    time_ns, raw, number = packet
    raw, units = linked(raw, link), time_ns // 10**(9 - resolution)
    body = struct.pack(order + "IIIII", number, units >> 32, units & 0xffffffff, len(raw),
                       len(raw)) + raw + bytes(-len(raw) % 4)
    if drops:
        body += option(OPTION_DROPS, struct.pack(order + "Q", drops), order) + option(0, b"", order)
    return block(PACKET, body, order)


def timeless(packet, order="<"):
    """The simple block of a packet, which has no time."""
    raw = packet[1]
    return block(SIMPLE_PACKET, struct.pack(order + "I", len(raw)) + raw + bytes(-len(raw) % 4),
                 order)


def pcapng(packets, link=RAW, order="<", interfaces=1, resolution=9, dropped=0):
    """The bytes of a pcapng file."""
    out = [section(order)] + [interface(link, order, resolution=resolution)] * interfaces
    out += [captured(each, link, order, resolution) for each in packets]
    if dropped:
        out.append(statistics(0, dropped, order))
    return b"".join(out)
