#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""TIME_WAIT by samples, where no hook can tell of it: the same ends, estimated, or unknown."""
import os
import pathlib
import time

from closing import (FIRST_SOURCE, REUSED_PORT, close_alone, close_first, close_over_loopback,
                     reused_by_connect, reused_by_syn)
from traffic import finish, kernel_states, listen, pair, port_of, wait_for
from world import *

SAMPLING = ("--attach", "sampling")
COUNT = 3
# Long enough for samples in between, which take their time on a slow machine.
SLOW = float(os.environ.get("PATIENCE", "1"))
FIN_TIMEOUT = int(4 * SLOW)  # seconds until the kernel gives up on the peer's FIN
HOLD = 2 * SLOW  # seconds the peer holds its FIN back
RUDE = 3 * SLOW  # seconds until the peer resets what is in TIME_WAIT
LEAVE = 4 * SLOW  # seconds until a namespace goes, with what is in TIME_WAIT there
EACH = 1000  # ms from one sample to the next
LEAST, MOST = 60.0 * SECOND, 66.0 * SECOND


def reset(peer, listener):
    """Returns the peer's port, and how long TIME_WAIT was, in ns."""
    flow, fin = close_first(peer, listener)
    sleep_until(fin.stamp_ns, RUDE)
    return flow.port, apart(fin, flow.send(RST))


def live_and_leave():
    """Connections in a namespace that ends with this process, a while after they do."""
    listener = listen()
    for _ in range(COUNT):
        finish(*pair(listener))
    time.sleep(LEAVE)


def story(w, t):
    sysctl("ipv4.tcp_fin_timeout", FIN_TIMEOUT)
    sysctl("ipv4.tcp_rfc1337", 0)
    sysctl("ipv4.tcp_tw_reuse", 1)
    peer = w.peer()
    held, rude, renewed, forlorn = (listen(KERNEL[IPV4]) for _ in range(4))
    local = listen()
    inner = w.fork(live_and_leave, own_namespace=True, held=True)
    commands = [(*each, *SAMPLING) for each in
                (EVENTS, FULL, HIST, LINES,
                 ("trace", "--full", "--json", "-N", str(inner.netns())))]
    with w.traces(*commands) as (events, lines, hist, plain, elsewhere):
        inner.go()
        owner = w.fork(lambda: [close_over_loopback(local) for _ in range(COUNT)], comm="closer")
        ports = owner.result()
        endless = [close_alone(peer, forlorn) for _ in range(COUNT)]
        by_syn = [reused_by_syn(peer, renewed) for _ in range(COUNT)]
        by_connect = [reused_by_connect(peer, FIRST_SOURCE + at) for at in range(COUNT)]
        made = several([lambda: close_first(peer, held, HOLD)] * COUNT
                       + [lambda: reset(peer, rude)] * COUNT)
        late, by_reset = made[:COUNT], made[COUNT:]
        peer.join()
        inner.result()
        lasting = set(ports)
        wait_for(lambda: not any(state == "TIME_WAIT" and ends[0] in lasting
                                 for ends, (state, _) in kernel_states().items()),
                 90 * SLOW, 0.1)
        time.sleep(2 * SLOW)

    tell_rungs(t, lines, plain)
    t.none(flaws_of(events.chains()), "every chain is whole")
    tell_expiry(t, lines, local, ports, owner)
    tell_fins(t, events, lines, held, late, forlorn, endless)
    for name, ends, where_, calls, slack in (
            ("reused by a SYN", "reused", {"lport": port_of(renewed)}, by_syn, 10),
            ("reused by connect", "reused", {"rport": REUSED_PORT}, by_connect, 10),
            ("reset", None, {"lport": port_of(rude)}, by_reset, EACH)):
        tell_cut_short(t, lines, name, ends, where_, calls, slack)
    tell_purge(t, elsewhere, inner)
    waits = hist.histogram("time_wait")
    t.equal(waits and waits["estimated"], waits and waits["count"],
            "the histogram says that all of it is estimated")
    t.equal(waits and waits["by_end"]["reused"], 2 * COUNT, "and tells of the reused ones")


def tell_rungs(t, lines, plain):
    t.equal(lines.summary["hooks"]["time_wait"], "sampling", "the rung has its name")
    t.equal(plain.summary["hooks"]["time_wait"], "sampling",
            "lines about the close need samples, too: the peer may not have closed")
    t.equal({line["time_wait"]["quality"] for line in plain.connections if line["time_wait"]},
            {"estimated"}, "and say that they are estimates")


def tell_expiry(t, lines, local, ports, owner):
    mine = [only(lines.connections, rport=port_of(local), lport=port) for port in ports]
    waits = [line["time_wait"] for line in mine]
    t.equal([each["end"] for each in waits], ["expired"] * COUNT, "TIME_WAIT expires")
    t.equal({each["quality"] for each in waits}, {"estimated"}, "which is an estimate")
    t.between(median(each["duration_ns"] for each in waits), LEAST, MOST, "of a minute", "ns")
    t.equal({(line["comm"], line["pid"]) for line in mine}, {("closer", owner.pid)},
            "it keeps the owner of the connection, who is gone")


def tell_fins(t, events, lines, held, late, forlorn, endless):
    chains = events.chains()
    off, waits = [], []
    for flow, fin in late:
        chain = only(chains, lport=port_of(held), rport=flow.port)
        off.append(off_ms(chain.at("TIME_WAIT"), fin.stamp_ns))
        waits.append((chain.dwell("FIN_WAIT2") or 0) / SECOND)
    t.slight(median(off), EACH, "a FIN that is held back is seen by the next sample")
    t.between(median(waits), HOLD - SLOW, HOLD + SLOW, "and FIN_WAIT2 is the time until then", "s")
    never = [only(lines.connections, lport=port_of(forlorn), rport=port) for port in endless]
    t.equal([(line["time_wait"], line["close"]["cause"]) for line in never],
            [(None, "fin_timeout")] * COUNT, "a FIN that never comes: no TIME_WAIT")
    waits = [(only(chains, lport=port_of(forlorn), rport=port).dwell("FIN_WAIT2") or 0) / SECOND
             for port in endless]
    t.between(median(waits), FIN_TIMEOUT - 0.1, FIN_TIMEOUT + 2 * SLOW,
              "but FIN_WAIT2 until the kernel gives up", "s")


def tell_cut_short(t, lines, name, end, ends, calls, slack):
    other = "lport" if "rport" in ends else "rport"
    off, said = [], []
    for port, took in calls:
        lives = where(lines.connections, **ends, **{other: port})
        first = min(lives, key=lambda line: line["time"], default={}).get("time_wait") or {}
        said.append((first.get("end"), first.get("quality")))
        off.append(off_ms(first.get("duration_ns"), took))
    t.equal(said, [(end, "estimated")] * COUNT, f"{name}: {end or 'for a reason not known'}")
    t.slight(median(off), slack, f"{name}: it took about as long as the peer saw")


def hides():
    """Whether a process here does not show its namespace: then nobody knows that one is gone."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            os.readlink(process / "ns/net")
        except PermissionError:
            return True
        except OSError:
            pass
    return False


def tell_purge(t, elsewhere, inner):
    waits = [line["time_wait"] for line in where(elsewhere.connections, pid=inner.pid)
             if line["time_wait"]]
    said = [(each["end"], each["quality"]) for each in waits]
    if hides():
        t.equal(said, [(None, "unknown")] * COUNT, "where a namespace may hide, none is known gone")
        return
    t.equal(said, [("purged", "estimated")] * COUNT, "one that goes takes its TIME_WAIT with it")
    t.between(median((each["duration_ns"] or 0) / SECOND for each in waits),
              LEAVE - SLOW, LEAVE + 3 * SLOW, "when it goes", "s")


run(story, limit=120)
