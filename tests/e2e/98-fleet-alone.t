#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""fleet: what has one end alone, and why: outside, lost, sampled; what keeps pairs whole."""
import os
import signal
import tempfile

from clickhouse import ClickHouse
from fleet import fleet, hosts_of, lines_of
from traffic import finish, wait_for
from world import *

COUNT, ONE_OF, LOST = 97, 4, 701
ALPHA, BETA, GAMMA, DELTA = range(4)


class Play:
    """Four hosts and a store, whose tables are made anew for each act."""

    def __init__(self, w, t, server, folder):
        self.w, self.t, self.server, self.folder = w, t, server, folder
        self.database, self.hosts = None, hosts_of(4)

    def begin(self, database, **exporters):
        """Tables of their own, and so the exporters that are named, with their options."""
        self.database = database
        fleet("init", *self.store)
        chosen = [host for host in self.hosts if host.name in exporters]
        for host in chosen:
            host.export(self.server.url, *self.store[2:], *exporters[host.name],
                        spool=os.path.join(self.folder, database + host.name))
        for host in chosen:
            host.wait_ready(30 * self.w.patience)

    @property
    def store(self):
        return ("--clickhouse", self.server.url, "--clickhouse-database", self.database)

    def load(self, one, other, count=COUNT):
        for _ in range(count):
            finish(*self.hosts[one].connect(self.hosts[other]))

    def end(self):
        """All that export have told everything."""
        ended = [host.stop() for host in self.hosts
                 if host.exporter and host.exporter.process.poll() is None]
        self.t.equal([status for status, _ in ended], [0] * len(ended), "the exporters end well")
        return [said for _, said in ended]

    def answers(self):
        """How many pairs there are, and how many ends alone by why."""
        lines = lines_of("pairs", "--top", "10000", *self.store)
        return (len(where(lines, type="fleet_pair")),
                {each["why"]: each["count"] for each in where(lines, type="fleet_alone")})

    def rows(self, host):
        return self.server.number(f"SELECT count() FROM {self.database}.connections WHERE host = "
                                  f"'{self.hosts[host].name}' AND flow != 0")


def outside(play):
    """Nobody sends rows of one host."""
    play.begin("outside", alpha=(), beta=())
    play.load(ALPHA, BETA)
    play.load(ALPHA, DELTA)
    play.end()
    play.t.equal(play.answers(), (COUNT, {"outside": COUNT}),
                 "of a machine that tells nothing, ends are alone: outside")


def sampled(play):
    """One host chooses by itself: what it leaves out is alone at the other end."""
    play.begin("sampled", alpha=(), gamma=("--sample", f"1/{ONE_OF}"))
    play.load(ALPHA, GAMMA)
    play.end()
    kept = play.rows(GAMMA)
    play.t.ok(0 < kept < COUNT, "--sample leaves some out", kept)
    play.t.equal(play.answers(), (kept, {"sampled": COUNT - kept}),
                 "and their other ends are alone: sampled")


def whole(play):
    """Both choose by the flow: the same ones, whichever way they go."""
    play.begin("whole", **{host.name: ("--flow-sample", f"1/{ONE_OF}") for host in play.hosts})
    for one, other in ((ALPHA, BETA), (BETA, ALPHA), (GAMMA, DELTA)):
        play.load(one, other)
    play.end()
    kept = [play.rows(at) for at in range(4)]
    play.t.ok(0 < sum(kept) < 6 * COUNT, "--flow-sample leaves some out", kept)
    play.t.equal(play.answers(), (sum(kept) // 2, {}), "both ends of each, or none")
    play.t.equal({each["sampling_ratio"] for each in lines_of("hosts", *play.store)},
                 {1 / ONE_OF}, "and hosts says how many")


def lost(play):
    """The store is away, and one host has hardly any room to wait."""
    t, w = play.t, play.w
    play.begin("lost", alpha=(), beta=("--spool-size", "64K"))
    play.load(ALPHA, BETA)
    wait_for(lambda: play.rows(BETA) >= COUNT, 30 * w.patience, 0.2)
    play.server.stop(signal.SIGKILL)
    spool = os.path.join(play.folder, "lostbeta")

    def waiting():
        return [name for name in os.listdir(spool) if "connections" in name]

    def load():
        before = set(waiting())
        play.load(ALPHA, BETA, LOST)
        wait_for(lambda: set(waiting()) - before, 30 * w.patience, 0.2)
    load()
    load()
    play.server.start()
    said = play.end()
    t.equal(["were dropped" in each for each in said], [False, True], "one had to drop rows")
    told = {each["host"]: each["rows_lost"] for each in lines_of("hosts", *play.store)}
    t.equal((told["alpha"], told["beta"] > 0), (0, True), "hosts says which")
    kept = play.rows(BETA)
    t.equal(play.answers(), (kept, {"lost": COUNT + 2 * LOST - kept}),
            "and the other ends of what it lost are alone: lost")


def cut(play):
    """A run that is killed is told from one that ends, and from one that goes on."""
    t, w = play.t, play.w
    play.begin("cut", alpha=(), beta=())
    play.load(ALPHA, BETA)
    wait_for(lambda: play.server.number("SELECT uniqExact(host) FROM cut.batches") == 2,
             30 * w.patience, 0.2)

    def runs():
        return [(each["host"], each["runs"], each["runs_cut"])
                for each in lines_of("hosts", *play.store)]
    t.equal(runs(), [("alpha", 1, 0), ("beta", 1, 0)], "who goes on is not cut short")
    play.hosts[BETA].stop(signal.SIGKILL)
    play.hosts[BETA].export(play.server.url, *play.store[2:],
                            spool=os.path.join(play.folder, "cutbeta"))
    play.hosts[BETA].wait_ready(30 * w.patience)
    play.end()
    t.equal(runs(), [("alpha", 1, 0), ("beta", 2, 1)], "who was killed is, by the next run")
    old = play.server.number("SELECT max(time_ns) FROM cut.batches") - 240 * 10 ** 9
    play.server.ask("INSERT INTO cut.batches (host, run, batch, time_ns, ended) VALUES "
                    f"('gamma', 1, 1, {old}, 0) ('delta', 1, 1, {old}, 1) ('old', 1, 1, {old}, "
                    "NULL)")
    t.equal(runs()[2:], [("delta", 1, 0), ("gamma", 1, 1), ("old", 1, None)],
            "and who was not heard of for minutes; of an older program that is not known")


def story(w, t):
    with tempfile.TemporaryDirectory(prefix="tcpspan-e2e-") as folder, \
            ClickHouse(folder, patience=w.patience) as server:
        play = Play(w, t, server, folder)
        try:
            for act in (outside, sampled, whole, lost, cut):
                act(play)
        finally:
            for host in play.hosts:
                host.close()


run(story, limit=150)
