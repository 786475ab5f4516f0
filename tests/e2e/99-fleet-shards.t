#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""fleet on two shards of two replicas each, while a server and a tracer are killed: check-fleet."""
import contextlib
import os
import signal
import tempfile

from clickhouse import ClickHouse, Keeper, program
from fleet import fleet, hosts_of, lines_of, load
from traffic import wait_for
from world import *

SHARDS, REPLICAS, HOSTS, TIMES = 2, 2, 4, 11
CLUSTER = "here"


def number_of(shard, replica):
    return shard * REPLICAS + replica


def configuration(shard, replica):
    """Where the others are, which one this is, and the keeper."""
    shards = "".join(
        "<shard><internal_replication>true</internal_replication>" + "".join(
            "<replica><host>127.0.0.1</host>"
            f"<port>{18123 + 10 * number_of(each, copy) + 1}</port></replica>"
            for copy in range(REPLICAS)) + "</shard>" for each in range(SHARDS))
    return (f"<remote_servers><{CLUSTER}>{shards}</{CLUSTER}></remote_servers>\n"
            f"<zookeeper><node><host>127.0.0.1</host><port>{Keeper.PORT}</port></node>"
            "<session_timeout_ms>3000</session_timeout_ms></zookeeper>\n"
            f"<macros><shard>{shard}</shard><replica>{replica}</replica></macros>\n")


def play(w, t, servers, hosts, folder):
    """Three loads; a server is away during the second, a tracer is killed before the third."""
    urls = [each.url for each in servers]

    def begin(host):
        own = urls[host.at:] + urls[:host.at]
        host.export(",".join(own), spool=os.path.join(folder, host.name))

    for host in hosts:
        begin(host)
    for host in hosts:
        host.wait_ready(30 * w.patience)
    count = load(hosts, TIMES)
    servers[0].stop(signal.SIGKILL)
    count += load(hosts, TIMES)
    # One that the store has never heard of would have no run there.
    wait_for(lambda: servers[1].number("SELECT count() FROM tcpspan.batches WHERE host = 'beta'"),
             20 * w.patience)
    hosts[1].stop(signal.SIGKILL)
    begin(hosts[1])
    hosts[1].wait_ready(30 * w.patience)
    servers[0].start()
    count += load(hosts, TIMES)
    ended = [host.stop() for host in hosts]
    t.equal([status for status, _ in ended], [0] * HOSTS, "the exporters end well")
    t.none([(host.name, said) for host, (_, said) in zip(hosts, ended)
            if "dropped" in said or "failed" in said], "nobody says that rows were lost")
    t.none([os.listdir(os.path.join(folder, host.name)) for host in hosts
            if os.listdir(os.path.join(folder, host.name))], "nothing waits")
    return count


def judge(w, t, servers, count):
    """Counts in SQL, on each server and over all."""
    store = servers[0]
    rows = "SELECT count() FROM tcpspan.connections"
    wait_for(lambda: all(servers[number_of(shard, 0)].number(rows + "_local") ==
                         servers[number_of(shard, 1)].number(rows + "_local")
                         for shard in range(SHARDS)), 30 * w.patience)
    own = [[each.number(rows + "_local") for each in servers[at:at + REPLICAS]]
           for at in range(0, SHARDS * REPLICAS, REPLICAS)]
    t.equal([len(set(each)) for each in own], [1] * SHARDS, "replicas have the same")
    t.ok(all(each[0] > 0 for each in own), "each shard has some", own)
    t.equal({each.number(rows) for each in servers}, {sum(each[0] for each in own)},
            "each server tells of all")
    t.equal(store.number(rows + " FINAL"), store.number(rows), "nothing is there twice")
    t.equal(store.number(rows), store.number("SELECT sum(rows) FROM tcpspan.batches"),
            "there are as many rows as the tracers say")
    flows = [{each for each, in servers[number_of(shard, 0)].ask(
        "SELECT DISTINCT flow FROM tcpspan.connections_local WHERE flow != 0")}
             for shard in range(SHARDS)]
    t.equal(flows[0] & flows[1], set(), "both ends of a flow are on one shard")
    whole = "countIf(host != 'beta') = 2"
    t.equal(store.number("SELECT count() FROM (SELECT flow FROM tcpspan.connections WHERE flow "
                         f"!= 0 GROUP BY flow HAVING {whole})"), count // 2,
            "connections between hosts whose tracer lived have two rows each")
    told = where(lines_of("pairs", "--top", "100000", "--clickhouse", store.url), type="fleet_pair")
    paired = store.number("SELECT count() FROM (SELECT flow FROM tcpspan.connections WHERE flow != "
                          "0 GROUP BY flow HAVING uniqExact(role) = 2)")
    t.equal(len(told), paired, "pairs tells of all that have both")
    t.ok(count // 2 < paired <= count, "which are most of all", (paired, count))
    hosts = lines_of("hosts", "--clickhouse", servers[3].url)
    t.equal([(each["host"], each["runs"], each["batches_missing"]) for each in hosts],
            [("alpha", 1, 0), ("beta", 2, 0), ("delta", 1, 0), ("gamma", 1, 0)],
            "hosts: one has two runs, and no batch is missing")


def story(w, t):
    program()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tcpspan-e2e-"))
        stack.enter_context(Keeper(folder, w.patience))
        servers = [stack.enter_context(ClickHouse(folder, number_of(shard, replica),
                                                  configuration(shard, replica), w.patience))
                   for shard in range(SHARDS) for replica in range(REPLICAS)]
        urls = ",".join(each.url for each in servers)
        for word in ("from version 0 to 3", "version 3 is there"):
            status, out, err = fleet("init", "--cluster", CLUSTER, "--replicated", "--clickhouse",
                                     urls)
            t.equal((status, out.count(word), err), (0, len(servers), ""), f"init: {word}")
        hosts = hosts_of(HOSTS)
        try:
            judge(w, t, servers, play(w, t, servers, hosts, folder))
        finally:
            for host in hosts:
                host.close()


run(story, limit=150)
