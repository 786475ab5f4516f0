# SPDX-License-Identifier: GPL-2.0-only
"""Independent witnesses of what happened: the kernel's counters and a packet capture."""

import socket
import struct
import time

import packet

ETH_P_ALL, PACKET_OUTGOING = 0x0003, 4
SOL_PACKET, PACKET_STATISTICS = 263, 6
SO_TIMESTAMPNS, SO_RCVBUFFORCE = 35, 33
LINKTYPE_RAW = 101
PCAP_MAGIC_NS = 0xa1b23c4d


def counters():
    """The namespace's SNMP counters as one {name: value}, those of TCP and MPTCP."""
    found = {}
    for path in ("/proc/self/net/snmp", "/proc/self/net/netstat"):
        with open(path, encoding="ascii") as table:
            lines = table.read().splitlines()
        for names, values in zip(lines[::2], lines[1::2]):
            if names.startswith(("Tcp:", "TcpExt:", "MPTcpExt:")):
                found.update(zip(names.split()[1:], map(int, values.split()[1:])))
    return found


class Deltas:
    """How far the counters have moved since the object was made: `deltas["ActiveOpens"]`."""

    def __init__(self):
        self._start = counters()

    def __getitem__(self, name):
        return counters().get(name, 0) - self._start.get(name, 0)


class Capture:
    """Every IP packet of the namespace, or of one device, with the kernel's own stamps.

    The kernel stamps a packet when it enters or leaves a device, so that a busy machine does not
    smear the times; they are turned to CLOCK_MONOTONIC nanoseconds with the offset at the start.
    Packets of loopback are seen once. `seen` grows with each `read`.
    """

    def __init__(self, device=None, room=64 << 20):
        self._offset_ns = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.monotonic_ns()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                     0 if device else socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, room)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        if device:
            self._socket.bind((device, ETH_P_ALL))
        self._socket.setblocking(False)
        self._room = memoryview(bytearray(262144))
        self._lost = 0
        self.seen = []

    def fileno(self):
        """For select: readable when there is something to read."""
        return self._socket.fileno()

    def read(self):
        """The new records as (stamp_ns, bytes, whether it left this host)."""
        fresh = []
        while True:
            try:
                size, notes, _, (device, _, kind, _, _) = \
                    self._socket.recvmsg_into([self._room], 128)
            except BlockingIOError:
                self.seen += fresh
                return fresh
            leaves = kind == PACKET_OUTGOING
            if not (leaves and device == "lo"):
                fresh.append((self._stamp(notes), bytes(self._room[:size]), leaves))

    def packets(self):
        """The TCP segments so far, in the order of their stamps, as Packets."""
        self.read()
        found = (packet.parse(raw, stamp, not leaves) for stamp, raw, leaves in sorted(self.seen))
        return [each for each in found if each]

    def write_pcap(self, path):
        """Writes all that was seen to a pcap file with nanosecond stamps of the wall clock."""
        self.read()
        with open(path, "wb") as out:
            out.write(struct.pack("=IHHiIII", PCAP_MAGIC_NS, 2, 4, 0, 0, 262144, LINKTYPE_RAW))
            for stamp, raw, _ in sorted(self.seen):
                wall = stamp + self._offset_ns
                out.write(struct.pack("=IIII", wall // 10**9, wall % 10**9, len(raw), len(raw)))
                out.write(raw)

    def lost(self):
        """How many packets it had no room for."""
        counts = self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        self._lost += struct.unpack("II", counts)[1]
        return self._lost

    def close(self):
        """Ends the capture."""
        self._socket.close()

    def _stamp(self, notes):
        for level, name, value in notes:
            if (level, name) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                seconds, nanoseconds = struct.unpack("qq", value)
                return seconds * 10**9 + nanoseconds - self._offset_ns
        return time.monotonic_ns()
