# SPDX-License-Identifier: GPL-2.0-only
"""A scripted TCP peer behind a TUN device: it says on the wire what a script tells it to.

The kernel under test owns KERNEL[family], the peer answers for every other address of the network.
Nothing is automatic: no acknowledgement, no reset, no retransmission leaves without a script.
Every segment is in a list, with the monotonic time at which it passed the device.
"""

import fcntl
import os
import random
import select
import socket
import struct
import threading
import time
import traceback

import namespace
import packet
from packet import ACK, FIN, PSH, RST, SYN
from witness import Capture

IPV4, IPV6 = socket.AF_INET, socket.AF_INET6
KERNEL = {IPV4: "192.0.2.1", IPV6: "2001:db8::1"}
PEER = {IPV4: "192.0.2.2", IPV6: "2001:db8::2"}

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 0x0001, 0x1000
SIGNIFICANT = FIN | SYN | RST


class Late(AssertionError):
    """A segment that a script expects did not come in time."""


class Tun:
    """A TUN device with its addresses, up for as long as the object is open."""

    def __init__(self, name):
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(self.fd, TUNSETIFF, struct.pack("16sH22x", name.encode(),
                                                    IFF_TUN | IFF_NO_PI))
        namespace.add_ipv4(name, KERNEL[IPV4], "255.255.255.0")
        namespace.link_up(name)
        if os.path.exists("/proc/sys/net/ipv6"):
            namespace.add_ipv6(name, KERNEL[IPV6], 64)

    def close(self):
        """Removes the device."""
        os.close(self.fd)


class Flow:
    """One connection as the peer plays it.

    The flow keeps its sequence numbers, so that a script says only what differs. `rcv_nxt` moves
    when a script has taken a segment with `expect`, not when it arrives: what a script has not
    looked at is not acknowledged. `window` is what every segment offers. Every method returns or
    raises; times are in seconds.
    """

    def __init__(self, peer, key):
        self.peer, self.key = peer, key
        self.family, self.address, self.port, self.remote_address, self.remote_port = key
        self.iss = random.getrandbits(32)
        self.snd_nxt, self.rcv_nxt = self.iss, 0
        self.window = 65535  # as every segment of the peer says
        self.use_timestamps, self.heard, self.clock_shift = True, 0, random.getrandbits(30)
        self.window = 65535
        self.packets = []
        self._inbox, self._arrived = [], threading.Condition()

    # -- the two primitives

    def send(self, flags, data=b"", seq=None, ack=None, options=b""):
        """Sends one segment now; `seq` and `ack` default to what a well-behaved peer would say.

        A segment at the default `seq` moves `snd_nxt`. Returns the Packet as it left.
        """
        fresh = seq is None
        sent = self.peer.transmit(self, packet.build(
            self.family, self.address, self.remote_address, self.port, self.remote_port,
            self.snd_nxt if fresh else seq,
            (self.rcv_nxt if ack is None else ack) if flags & ACK else 0,
            flags, self.window, self._standard_options(flags) + options, data))
        if fresh:
            self.snd_nxt = sent.end
        return sent

    def expect(self, flags, within=5.0, data=None):
        """Takes segments until one has exactly these SYN, FIN, RST bits and at least the others.

        With `data` it must also carry these bytes. Returns the Packet; raises Late.
        """
        deadline = time.monotonic() + self.peer.patience * within
        with self._arrived:
            while True:
                while self._inbox:
                    segment = self._inbox.pop(0)
                    self._take(segment)
                    if _matches(segment, flags) and (data is None or segment.data == data):
                        return segment
                left = deadline - time.monotonic()
                if left <= 0 or not self._arrived.wait(left) and not self._inbox:
                    raise Late(f"no {packet.flag_names(flags)} within {within} s; "
                               f"seen so far: {self.packets}")

    def pending(self):
        """The segments that no script has taken yet."""
        with self._arrived:
            return list(self._inbox)

    def take_all(self):
        """The segments that no script has taken yet, which it now has."""
        with self._arrived:
            taken, self._inbox = self._inbox, []
            for segment in taken:
                self._take(segment)
            return taken

    # -- what scripts are made of

    def open(self, third_after=0.0, options=b"", drop_synacks=0, within=5.0):
        """Plays the client: SYN, then `third_after` seconds from the SYN-ACK the third segment.

        The first `drop_synacks` SYN-ACKs are not heard. Returns the Packets (SYN, first SYN-ACK,
        third segment).
        """
        syn = self.send(SYN, options=options)
        first = answer = self.expect(SYN | ACK, within)
        for _ in range(drop_synacks):
            answer = self.expect(SYN | ACK, within)
        sleep_until(answer.stamp_ns, third_after)
        return syn, first, self.send(ACK)

    def answer(self, after=0.0, nth=1, options=b"", within=5.0):
        """Plays the server: answers the n-th SYN, `after` seconds from its arrival.

        Returns the Packets (first SYN, SYN-ACK, third segment).
        """
        first = syn = self.expect(SYN, within)
        for _ in range(nth - 1):
            syn = self.expect(SYN, within)
        sleep_until(syn.stamp_ns, after)
        synack = self.send(SYN | ACK, options=options)
        return first, synack, self.expect(ACK, within)

    def finish(self, fin_after=0.0, within=5.0):
        """Closes second: acknowledges the kernel's FIN at once, sends its own `fin_after` later.

        Returns the Packets (their FIN, our FIN, the last ACK).
        """
        theirs = self.expect(FIN, within)
        if fin_after:
            self.send(ACK)
            sleep_until(theirs.stamp_ns, fin_after)
        ours = self.send(FIN | ACK)
        return theirs, ours, self._expect_ack(ours.end, within)

    def say(self, data):
        """Sends data."""
        return self.send(PSH | ACK, data)

    def reset(self):
        """Sends a reset that the kernel takes: its sequence number is exactly the next one."""
        return self.send(RST | ACK)

    def _expect_ack(self, number, within):
        segment = self.expect(ACK, within)
        while segment.ack != number:
            segment = self.expect(ACK, within)
        return segment

    # -- inside

    def _standard_options(self, flags):
        """What every segment of a well-behaved peer carries, in wire form."""
        if flags & RST:
            return b""
        text = packet.mss() + packet.sack_permitted() if flags & SYN else b"\1\1"
        if self.use_timestamps:
            text += packet.timestamps(time.monotonic_ns() // 1000000 + self.clock_shift, self.heard)
        return text

    def _take(self, segment):
        """Moves the receive side over a segment, if it is the next one."""
        stamp = segment.options.get(packet.OPTION_TIMESTAMPS)
        if stamp:
            self.heard = struct.unpack_from("!I", stamp)[0]
        if segment.flags & SYN or segment.seq == self.rcv_nxt:
            self.rcv_nxt = segment.end

    def deliver(self, segment):
        """Called by the peer's reader for each segment of this flow."""
        with self._arrived:
            self.packets.append(segment)
            self._inbox.append(segment)
            self._arrived.notify_all()


def _matches(segment, flags):
    if segment.flags & SIGNIFICANT != flags & SIGNIFICANT or flags & ~segment.flags:
        return False
    return not (flags == SYN and segment.flags & ACK)


def sleep_until(start_ns, seconds):
    """Sleeps until `seconds` after the monotonic time `start_ns`."""
    left = seconds - (time.monotonic_ns() - start_ns) / 1e9
    if left > 0:
        time.sleep(left)


class Peer:
    """The network behind the TUN device: a reader thread, the flows, a list of every segment."""

    def __init__(self, name="peer0", patience=1.0):
        self.packets, self.errors, self.patience = [], [], patience
        self._tun, self._on_the_way = Tun(name), {}
        self._witness = Capture(name)
        self._flows, self._services, self._scripts = {}, {}, []
        self._lock = threading.Lock()
        self._ports = {IPV4: 20000, IPV6: 20000}
        self._stop, self._stopped = os.pipe()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def flow(self, to_port, port=None, family=IPV4, address=None):
        """A Flow that starts here and goes to a port of the kernel; nothing is sent yet."""
        with self._lock:
            if port is None:
                self._ports[family] += 1
                port = self._ports[family]
            key = (family, address or PEER[family], port, KERNEL[family], to_port)
            return self._new_flow(key)

    def serve(self, port, script, family=IPV4):
        """Runs `script(flow)` in a thread of its own for each new SYN to a port of the peer."""
        self._services[family, port] = script

    def start(self, script, *args):
        """Runs `script(*args)` in a thread; `.result()` waits for what it returns."""
        return self._start(script, args)

    def join(self, within=30.0):
        """Waits until every script has ended; returns their answers in the order they started."""
        deadline = time.monotonic() + self.patience * within
        with self._lock:
            scripts = list(self._scripts)
        return [script.result(max(0, deadline - time.monotonic())) for script in scripts]

    def settle(self, within=1.0):
        """Waits until every segment that was sent has its time from the device."""
        deadline = time.monotonic() + within
        while self._on_the_way and time.monotonic() < deadline:
            time.sleep(0.002)

    def forget(self, flow):
        """Ends a flow: a new one may take its four-tuple, and a SYN to a service starts anew."""
        with self._lock:
            self._flows.pop(flow.key, None)

    def transmit(self, flow, raw):
        """Puts the bytes of a packet on the wire; returns the Packet.

        Its stamp is our own clock's, until the reader has heard the time from the device.
        """
        sent = packet.parse(raw, time.monotonic_ns(), sent=True)
        with self._lock:
            self.packets.append(sent)
            self._on_the_way.setdefault(raw, []).append(sent)
        if flow:
            flow.packets.append(sent)
        os.write(self._tun.fd, raw)
        return sent

    def transmit_raw(self, raw):
        """Puts any bytes on the wire; they are in no list."""
        os.write(self._tun.fd, raw)

    def close(self):
        """Removes the device; whatever the kernel still sends is lost."""
        os.write(self._stopped, b"x")
        self._reader.join()
        self._witness.close()
        self._tun.close()
        os.close(self._stop)
        os.close(self._stopped)

    def _new_flow(self, key):
        flow = self._flows[key] = Flow(self, key)
        return flow

    def _start(self, script, args):
        running = _Script(self, script, args)
        with self._lock:
            self._scripts.append(running)
        running.thread.start()
        return running

    def _read(self):
        sources = [self._tun.fd, self._witness, self._stop]
        while self._stop not in (ready := select.select(sources, [], [])[0]):
            if self._tun.fd in ready:
                os.read(self._tun.fd, 65536)  # the witness has it, with a better stamp
            for stamp, raw, leaves in self._witness.read():
                if leaves:
                    self._hear(raw, stamp)
                else:
                    self._correct(raw, stamp)

    def _correct(self, raw, stamp):
        """Gives a segment of ours the time at which it came in at the device."""
        with self._lock:
            waiting = self._on_the_way.get(raw)
            if waiting:
                waiting.pop(0).stamp_ns = stamp
                if not waiting:
                    del self._on_the_way[raw]

    def _hear(self, raw, stamp):
        segment = packet.parse(raw, stamp)
        if segment:
            self._dispatch(segment)

    def _dispatch(self, segment):
        key = (segment.family, segment.dst, segment.dport, segment.src, segment.sport)
        script = None
        with self._lock:
            self.packets.append(segment)
            flow = self._flows.get(key)
            if flow is None and segment.flags & (SYN | ACK) == SYN:
                script = self._services.get((segment.family, segment.dport))
                flow = self._new_flow(key) if script else None
        if flow:
            flow.deliver(segment)
        if script:
            self._start(script, (flow,))


class _Script:
    """A script in its thread, with its answer."""

    def __init__(self, peer, script, args):
        self.peer, self.script, self.args, self.answer = peer, script, args, None
        self.name = getattr(script, "__name__", "script")
        self.thread = threading.Thread(target=self._run, daemon=True)

    def result(self, within=30.0):
        """Waits for the end; returns the script's answer, None after an error."""
        self.thread.join(within)
        if self.thread.is_alive():
            self.peer.errors.append(f"{self.name} does not end")
        return self.answer

    def _run(self):
        try:
            self.answer = self.script(*self.args)
        except Exception:  # reported by the story, which looks at peer.errors
            self.peer.errors.append(traceback.format_exc())
