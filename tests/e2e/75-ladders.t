#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""explain of lives that went otherwise, played by a scripted peer: its packets are the witness."""
import socket
import time

from ladder import EXPLAIN, compare, explained, told, wait_ended
from traffic import abort, connect, listen, port_of, wait_state
from world import *


def visit(port):
    connect(PEER[IPV4], port).close()


def refused(port):
    try:
        visit(port)
    except ConnectionRefusedError:
        pass


def be_reset(port):
    client = connect(PEER[IPV4], port)
    wait_state(port_of(client), port, "CLOSED", 0.5)
    client.close()


def reset_it(port):
    client = connect(PEER[IPV4], port)
    time.sleep(0.05)
    abort(client)


def drain(port):
    client = connect(PEER[IPV4], port)
    client.shutdown(socket.SHUT_WR)
    while client.recv(1000):
        pass
    client.close()


def crosses_syn(flow):
    flow.expect(SYN)
    flow.send(SYN)
    flow.expect(SYN | ACK)
    flow.send(ACK)
    flow.finish()


def resets(flow):
    flow.answer()
    time.sleep(0.1)
    flow.reset()


def is_reset(flow):
    flow.answer()
    flow.expect(RST)


def refuses(flow):
    syn = flow.expect(SYN)
    flow.send(RST | ACK, seq=0, ack=syn.end)


def goes_on(flow):
    """Half closed: sends for a while after it has acknowledged the FIN."""
    flow.answer()
    flow.expect(FIN)
    flow.send(ACK)
    time.sleep(0.3)
    flow.say(b"d" * 700)
    flow.expect(ACK)
    flow.send(FIN | ACK)
    flow.expect(ACK)


def is_deaf(flow):
    """Does not hear the last ACK, and sends its FIN again; returns how many packets came before."""
    flow.answer()
    flow.expect(FIN)
    flow.send(ACK)
    time.sleep(0.1)
    fin = flow.send(FIN | ACK)
    flow.expect(ACK)
    before = len(flow.packets)
    time.sleep(0.5)
    flow.send(FIN | ACK, seq=fin.seq)
    flow.expect(ACK)
    return before


class Stage:
    """A peer, and what explain says of one connection to it after another."""

    def __init__(self, w):
        self.w, self.peer, self.port, self.sees_resets = w, w.peer(), 7000, False

    def play(self, script, act, *args):
        """The `explain` line of a connection that `act(port)` makes to `script(flow)`."""
        self.port += 1
        self.peer.serve(self.port, script)
        with self.w.trace(*EXPLAIN, *args, f"{PEER[IPV4]}:{self.port}") as seen:
            act(self.port)
            self.peer.join()
            wait_ended(seen, 0.5 if args else 10)
        self.sees_resets = seen.summary["hooks"]["reset"] is not None
        self.hooks = seen.summary["hooks"]
        return explained(seen)

    @property
    def packets(self):
        """Those of the last connection."""
        return [each for each in self.peer.packets if self.port in (each.sport, each.dport)]

    @property
    def reset(self):
        """The one of these that is a reset."""
        self.peer.settle()
        return next(each for each in self.packets if each.flags & RST)


def opens(w, t, stage):
    line = stage.play(lambda flow: (flow.answer(nth=2), flow.finish()), visit)
    syns = [step for step in line["steps"] if step["flags"] == ["SYN"]]
    t.equal([(step["times"], step["arrived"]) for step in syns], [(1, None), (1, True)],
            "lost SYN: one of unknown fate, and one again")
    first, second = [each for each in stage.packets if each.flags & (SYN | ACK) == SYN]
    t.between(syns[1]["since_ns"], 0.9 * SECOND, 5 * SECOND, "lost SYN: a second was lost")
    t.near((syns[1]["since_ns"] - apart(first, second)) / MS, 0, 20 * w.patience,
           "lost SYN: as long as between the packets")
    compare(t, "lost SYN", line, stage.packets, True)

    line = stage.play(crosses_syn, visit)
    ours, theirs = stage.packets[:2]
    t.equal((line["numbers"]["x"], line["numbers"]["y"]), (ours.seq, theirs.seq),
            "SYNs that cross: x is ours, y the peer's")
    t.equal([(step["direction"], step["flags"]) for step in line["steps"][:4]],
            [("out", ["SYN"]), ("in", ["SYN"]), ("out", ["SYN", "ACK"]), ("in", ["ACK"])],
            "SYNs that cross: four segments")

    line = stage.play(refuses, refused)
    syn = stage.packets[0]
    t.equal([(step["seq"], step["ack"], step["ack_name"]) for step in line["steps"]],
            [(syn.seq, None, None), (None, syn.end, "x+1")], "refused: x, and x+1 in the reset")


def closes(t, stage):
    line = stage.play(resets, be_reset)
    t.equal([(step["direction"], step["flags"], step["seq"]) for step in line["steps"][-1:]],
            [("in", ["RST"], None)], "reset: it comes in, and its number was not seen")
    came = stage.reset
    if stage.sees_resets:
        t.slight(off_ms(line["steps"][-1]["came_mono_ns"], came.stamp_ns), 5,
                 "reset: when it came")

    line = stage.play(is_reset, reset_it)
    last, left = line["steps"][-1], stage.reset
    t.equal((last["direction"], last["flags"]), ("out", ["RST"]), "linger 0: a reset goes out")
    if stage.sees_resets:
        t.ok("SO_LINGER" in last["text"][0], "linger 0: it says why", last["text"])
        t.slight(off_ms(last["sent_mono_ns"], left.stamp_ns), 5, "linger 0: when it left")

    line = stage.play(goes_on, drain)
    compare(t, "half close", line, stage.packets, True)
    t.equal([step["bytes_in"] for step in line["steps"] if step["kind"] == "data"], [700],
            "half close: the data that still came")
    t.none([step for step in line["steps"] if step["remote_measured"]],
           "half close: nothing is measured of an end that is not here")

    line = stage.play(lambda flow: (flow.answer(), flow.finish()), visit)
    compare(t, "one segment", line, stage.packets, True)
    t.equal([number for number in sorted(told(line)) if number != 5 or SLACK == 1],
            [1, 2, 3, 4, 6, 7], "one segment: the ACK did not come by itself")

    line = stage.play(is_deaf, visit, "--full")
    rows = [(step["direction"], step["flags"], step["ack_name"]) for step in line["steps"]
            if step["local"] == "TIME_WAIT" and step["kind"] == "segment"]
    name = "lost ACK: the FIN comes again and is acknowledged again"
    if len(rows) == 2 and stage.hooks["time_wait"] in ("tp_btf", "sampling"):
        t.skip(name, "no hook tells of a segment in TIME_WAIT")
    else:
        t.equal(rows, [("in", ["FIN", "ACK"], "u+1"), ("out", ["ACK"], "w+1"),
                       ("in", ["FIN", "ACK"], None), ("out", ["ACK"], "w+1")], name)
    compare(t, "lost ACK", line, stage.packets[:stage.peer.join()[-1]], True,
            stage.hooks["time_wait"] != "sampling")


def crosses_fin(w, t, peer):
    listener = listen(KERNEL[IPV4])
    with w.trace(*EXPLAIN, f":{port_of(listener)}") as seen:
        flow = peer.flow(port_of(listener))
        flow.open()
        listener.accept()[0].close()
        theirs = flow.expect(FIN)
        ours = flow.send(FIN | ACK, ack=theirs.seq)
        wait_state(flow.remote_port, flow.port, "CLOSING")
        flow.send(ACK)
        wait_ended(seen)
    line = explained(seen)
    t.equal((line["numbers"]["u"], line["numbers"]["w"]), (theirs.seq, ours.seq),
            "FINs that cross: u is ours, w the peer's")
    t.equal([step["local"] for step in line["steps"] if "FIN" in step["flags"]],
            ["FIN_WAIT1", "CLOSING"], "FINs that cross: CLOSING")


def story(w, t):
    stage = Stage(w)
    opens(w, t, stage)
    closes(t, stage)
    crosses_fin(w, t, stage.peer)


run(story)
