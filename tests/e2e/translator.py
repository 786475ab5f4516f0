# SPDX-License-Identifier: GPL-2.0-only
"""Two machines with a translator of ports between them: namespaces that only TUN devices join."""
import os
import select
import socket
import struct
import threading

import namespace
import packet
from packet import SYN
from peer import Tun
from traffic import connect, kernel_states, listen, wait_for

PORT, MAPPED = 8080, 80
HIDDEN = 0x0555  # the bits that the translator turns over in a client's port


class Translator(threading.Thread):
    """Carries TCP between two namespaces that both believe to be 192.0.2.1 and to talk to
    192.0.2.2, and gives each connection other ports on the other side."""

    def __init__(self, near, far):
        super().__init__(daemon=True)
        self.near, self.far = near, far
        self.syns, self.synacks = {}, {}  # by the client's own port: initial numbers
        self._ended = os.pipe()

    def run(self):
        while True:
            ready = select.select((self.near.fd, self.far.fd, self._ended[0]), (), ())[0]
            if self._ended[0] in ready:
                return
            for fd in ready:
                self._carry(os.read(fd, 65536), fd == self.near.fd)

    def stop(self):
        """It carries no more."""
        os.write(self._ended[1], b"e")
        self.join()

    def _carry(self, raw, outward):
        if raw[0] >> 4 != 4 or raw[9] != packet.PROTOCOL_TCP:
            return
        segment = bytearray(raw[20:])
        sport, dport, seq = struct.unpack_from("!HHI", segment)
        if segment[13] & SYN:
            if outward:
                self.syns[sport] = seq
            else:
                self.synacks[dport ^ HIDDEN] = seq
        ports = (sport ^ HIDDEN, PORT) if outward else (MAPPED, dport ^ HIDDEN)
        struct.pack_into("!HH", segment, 0, *ports)
        here, there = (socket.inet_aton(each) for each in ("192.0.2.2", "192.0.2.1"))
        struct.pack_into("!H", segment, 16, 0)
        pseudo = here + there + struct.pack("!HH", packet.PROTOCOL_TCP, len(segment))
        struct.pack_into("!H", segment, 16, packet.checksum(pseudo + bytes(segment)))
        os.write((self.far if outward else self.near).fd, packet.ip_header(
            socket.AF_INET, here, there, packet.PROTOCOL_TCP, len(segment)) + bytes(segment))


class TwoMachines:
    """This namespace and another one, which has a listener, and the translator that joins them."""

    def __init__(self, w):
        self.other = w.fork(int, own_namespace=True, held=True)
        self.near = Tun("near0")
        with namespace.entered(f"/proc/{self.other.pid}/ns/net"):
            self.far = Tun("far0")
            self.listener = listen("0.0.0.0", PORT)
        self.translator = Translator(self.near, self.far)
        self.translator.start()

    @property
    def there(self):
        """The other namespace, as --netns takes it."""
        return str(self.other.netns())

    def open_pair(self):
        """A connection through the translator, with a word in each direction."""
        client = connect("192.0.2.2", MAPPED)
        server = self.listener.accept()[0]
        client.sendall(b"seventeen bytes..")
        server.recv(64)
        server.sendall(b"nineteen bytes here")
        client.recv(64)
        return client, server

    def _live(self):
        """The clients' own ports of the connections that one of the ends has, and not in
        TIME_WAIT."""
        near = {port for (port, rport), (state, _) in kernel_states().items()
                if rport == MAPPED and state != "TIME_WAIT"}
        with namespace.entered(f"/proc/{self.other.pid}/ns/net"):
            far = {rport ^ HIDDEN for (port, rport), (state, _) in kernel_states().items()
                   if port == PORT and state not in ("TIME_WAIT", "LISTEN")}
        return near | far

    def wait_live(self, ports, within=5.0):
        """Waits until the connections from these ports are all that are not over: the last segments
        have been carried."""
        return bool(wait_for(lambda: self._live() == set(ports), within))

    def close(self):
        """Takes the devices away."""
        self.near.close()
        self.far.close()
