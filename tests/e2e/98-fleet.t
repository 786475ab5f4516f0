#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""fleet: both ends of each connection of several hosts in a ClickHouse, and what it is asked."""
import json
import os
import re
import subprocess
import tempfile
import threading
import time

import tracer
import tsp
from clickhouse import NO_HASH, PASSWORD, WRITER, WRITER_FILE, ClickHouse
from fleet import address_of, export, fleet, hosts_of, lines_of, load
from traffic import finish, free_port
from world import *

HOSTS, TIMES, REFUSED, FORGOTTEN = 3, 7, 5, 2
# What ClickHouse calls what it refuses.
UNKNOWN_TABLE, QUOTA, DATABASE_DENIED, PROHIBITED = 60, 201, 291, 392
INJECTION = "x' OR '1'='1"


def traffic(hosts):
    """All that the hosts do; returns how many connections and what is left open."""
    count = load(hosts, TIMES)
    nobody = free_port()
    for _ in range(REFUSED):
        hosts[0].refuse(hosts[1], nobody)
    forgotten = []
    for _ in range(FORGOTTEN):
        client, server = hosts[2].connect(hosts[1])
        client.close()
        forgotten.append(server)
    return count + FORGOTTEN, forgotten


def live(w, t, server, folder):
    """Rows of hosts that never heard of each other meet by their flow."""
    password = os.path.join(folder, "password")
    with open(password, "w", encoding="ascii") as file:
        file.write(PASSWORD)
    hosts = hosts_of(HOSTS)
    try:
        for host in hosts:
            host.export(server.url, "--clickhouse-user", WRITER, "--clickhouse-password", password,
                        spool=os.path.join(folder, host.name))
        for host in hosts:
            host.wait_ready(30 * w.patience)
        count, forgotten = traffic(hosts)
        ended = [host.stop() for host in hosts]
        t.equal([status for status, _ in ended], [0] * HOSTS, "the exporters end well")
        judge_rows(t, server, count)
        judge_questions(t, server, hosts, count)
        del forgotten
    finally:
        for host in hosts:
            host.close()


def judge_rows(t, server, count):
    """In SQL, whatever tcpspan makes of it."""
    t.equal(server.ask("SELECT n, count() FROM (SELECT flow, count() AS n, uniqExact(host) AS h "
                       "FROM tcpspan.connections WHERE flow != 0 GROUP BY flow HAVING h = 2 AND "
                       "countIf(role = 'client') = 1) GROUP BY n"), [["2", str(count)]],
            "each connection has two rows with one flow, of a client's host and a server's")
    t.equal(server.number("SELECT count() FROM tcpspan.connections WHERE outcome = 'refused'"),
            REFUSED, "each that was refused has one")
    t.equal(server.number("SELECT count() FROM tcpspan.connections"),
            server.number("SELECT sum(rows) FROM tcpspan.batches"),
            "there are as many rows as the batches say")


def judge_questions(t, server, hosts, count):
    """What fleet makes of it."""
    store = ("--clickhouse", server.url)
    pairs = lines_of("pairs", "--top", "1000", *store)
    told = where(pairs, type="fleet_pair")
    t.equal(len(told), count, "pairs tells of all")
    t.equal({(each["client_host"], each["server_host"]) for each in told},
            {(a.name, b.name) for a in hosts for b in hosts if a is not b}, "of all hosts")
    t.equal(where(pairs, type="fleet_alone"), [], "nothing has one end alone")
    slowest = [max(each["client_handshake_ns"], each["accept_wait_ns"] or 0) for each in told]
    t.equal(slowest, sorted(slowest, reverse=True), "the slowest comes first")
    t.none([each for each in told if each["clock_offset_ns"] is None or
            abs(each["clock_offset_ns"]) > each["clock_bound_ns"]],
           "clocks that are one are apart by nothing, within the bound")
    one = only([each for each in lines_of("pairs", "--flow", told[3]["flow"], *store)
                if each["type"] == "fleet_pair"])
    t.equal(one, told[3], "one pair is found by its flow")
    host, at = hosts[0], f"{address_of(0)}:{hosts[0].port}"
    for args, ends in ((("--host", host.name), (host.name, host.name)),
                       (("-L", str(host.port)), (None, at)), (("-D", str(host.port)), (None, at))):
        found = lines_of("pairs", "--top", "1000", *args, *store)
        t.equal(sorted(each["flow"] for each in where(found, type="fleet_pair")),
                sorted(each["flow"] for each in told
                       if each["client_host"] == ends[0] or ends[1] in (each["server_host"],
                                                                       each["server"])),
                f"pairs {args[0]}: those of which one end matches, and the other end with it")
        t.equal(where(found, type="fleet_alone"), [], "which is not told to be missing")
    t.equal([(each["cause"], each["raddr"], each["count"], each["host"])
             for each in lines_of("failures", *store)],
            [("refused", address_of(1), REFUSED, hosts[0].name)], "failures")
    t.equal([(each["host"], each["state"], each["age_ns"], each["lport"]) for each in
             lines_of("stuck", "--min-age", "1h", *store)],
            FORGOTTEN * [(hosts[1].name, "CLOSE_WAIT", None, hosts[1].port)],
            "stuck: what was left open")
    told = fleet("stuck", "--min-age", "1h", *store)[1].splitlines()
    t.equal((told[0].split(), told[1].split()[:3], told[2]),
            (["HOST", "STATE", "COUNT", "OLDEST", "HOLDER", "REMOTE"],
             [hosts[1].name, "CLOSE_WAIT", str(FORGOTTEN)],
             f"  {FORGOTTEN} still were in CLOSE_WAIT when their tracer ended."),
            "and in words, in the table of the local command")
    found = lines_of("hosts", *store)
    t.equal([(each["host"], each["batches_missing"], each["rows_lost"]) for each in found],
            [(host.name, 0, 0) for host in hosts], "hosts: all report, and nothing is missing")
    t.none([each for each in found if each["rows"] != each["rows_told"]],
           "there are as many rows of each as it told")
    told = lines_of("top", "--top", "1000", *store)
    t.equal([sum(each[field] for each in told) for field in ("connections", "failed")],
            [2 * count + REFUSED, REFUSED], "top counts all")
    t.none([each for each in told if each["live"] + each["closed"] != each["connections"]],
           "some live, and the others have closed")
    served = {each["by"]["host"]: each["count"] for each in
              lines_of("hist", "--by-host", "--only", "handshake_server", *store)}
    t.equal(served, {host.name: TIMES * (HOSTS - 1) + (FORGOTTEN if host is hosts[1] else 0)
                     for host in hosts}, "hist by host")
    filters(t, store, hosts)


def filters(t, store, hosts):
    """Values are values, whatever they say."""
    server = hosts[1]
    here = {each["host"] for each in lines_of("top", "-L", str(server.port), *store)}
    t.equal(here, {server.name}, "-L: who serves there")
    counts = [sum(each["connections"] for each in lines_of("top", "--top", "1000", *args, *store))
              for args in ((), ("-a", f"{address_of(2)}/32"), ("-a", "10.77.0.0/16"), ("-6",),
                           ("--since", "1h"))]
    t.ok(counts[0] == counts[2] == counts[4] > counts[1] > counts[3] == 0,
         "addresses, families and times filter", counts)
    for words in (("-c", INJECTION[:15]), ("--host", INJECTION), ("--unit", "a\\' OR 1=1 -- ")):
        status, out, err = fleet("top", "--json", *words, *store)
        t.equal((status, out, err), (0, "", ""), f"{words[0]} {words[1]} is nobody's name")
    status, out, err = fleet("hosts", "-v", *store)
    t.ok(status == 0 and "SELECT host" in err and "SELECT" not in out, "-v shows the query")
    for form in ("--csv", "--wide"):
        status, out, _ = fleet("pairs", form, *store)
        t.ok(status == 0 and len(out.splitlines()) > HOSTS, f"pairs {form}", out)


def histograms(line):
    return {key: line[key] for key in ("name", "count", "min", "max", "mean", "p50", "p90", "p99",
                                       "p999", "buckets")}


def recorded(t, server, recording):
    """Merged buckets have the percentiles of the values themselves."""
    url = server.url
    fleet("init", "--clickhouse", url, "--clickhouse-database", "other")
    for _ in range(2):
        status, said = export(recording, url, "--clickhouse-database", "other")
        t.equal(status, 0, "a recording is sent")
    lines = [json.loads(line) for line in
             tracer.run("hist", "--json", "-i", recording).out.splitlines()]
    want = {each["name"]: histograms(each) for each in lines
            if each["type"] == "histogram" and each["count"]}
    got = {each["name"]: histograms(each) for each in
           lines_of("hist", "--clickhouse", url, "--clickhouse-database", "other")}
    t.equal(set(got), set(want), "the same histograms as of the recording")
    t.none([(got[name], want[name]) for name in want if got[name] != want[name]],
           "with the same counts and percentiles, though it was sent twice")


def side_by_side(t, server, recording):
    """What the local commands print of a recording, and what fleet does of its rows."""
    store = ("--clickhouse", server.url, "--clickhouse-database", "other")
    local = tracer.run("stuck", "--state", "all", "--at", "0.1", "--json", "-i", recording)
    local = json.loads(local.out.splitlines()[0])
    line = lines_of("stuck", "--min-age", "0", "--top", "1", *store)[0]
    t.equal((line["type"], set(local) - set(line) - {"slice", "unit_user"},
             set(line) - set(local)), ("stuck", set(), {"host"}),
            "stuck: a line has the fields of a local one, and whose")

    def heads(*args):
        """What stands first of a local command, and of fleet, behind the host."""
        of_local, of_fleet = (out.splitlines() for out in (
            tracer.run(*args, "-i", recording).out.decode(), fleet(*args, *store)[1]))
        return of_local[0], of_fleet[0]
    for words in ("hist --only time_wait", "hist --by comm --only time_wait"):
        t.equal(*heads(*words.split()), f"{words}: the same title")
    want = [json.loads(line) for line in
            tracer.run("hist", "--json", "-i", recording).out.splitlines()]
    whole, = where(want, type="histogram", name="handshake_client")
    got = lines_of("hist", "--by", "comm,raddr", "--top", "3", "--only", "handshake_client", *store)
    t.equal((len(got), got[-1]["by"], sum(each["count"] for each in got),
             min(each["min"] for each in got), max(each["max"] for each in got)),
            (4, {"comm": None, "raddr": None, "other": True}, whole["count"], whole["min"],
             whole["max"]), "hist --top: what has no row of its own is in one behind")
    failures = sum(each["count"] for each in where(want, type="failure"))
    for most in (3, 100000):
        found = lines_of("failures", "--top", str(most), *store)
        t.equal((sum(each["count"] for each in found), len(where(found, other=True)),
                 found[-1]["other"], len(found) > 4), (failures, *2 * (most == 3,), most > 3),
                f"failures --top {most}: all are counted, some of them in one row")
    t.ok(" (others) " in fleet("failures", "--top", "3", *store)[1], "which has the same name")
    t.equal([fleet("hist", *args, "--since", "1", *store)[1] for args in ((), ("--json",))],
            ["No connections.\n", ""], "hist says so where there is nothing")
    named = server.ask("SELECT DISTINCT host, unit, container FROM other.connections WHERE unit IS "
                       "NOT NULL AND has(states, 'CLOSE_WAIT') ORDER BY unit")
    lines = lines_of("stuck", "--min-age", "0", "--top", "100000", *store)
    t.equal(sorted({each["unit"] for each in lines if each["unit"]}),
            sorted({unit for _, unit, _ in named}), "units are those of the rows")
    names = [head.split(",")
             for head in heads("stuck", "--state", "all", "--min-age", "0", "--csv")]
    t.equal(names[1], ["host", *names[0]], "stuck --csv: the same columns, behind the host")
    bars = [[line for line in text.splitlines() if "|" in line] for text in (
        tracer.run("hist", "--only", "time_wait", "-i", recording).out.decode(),
        fleet("hist", "--only", "time_wait", *store)[1])]
    t.ok(bars[0] and bars[0] == bars[1], "hist draws the same bars", bars)
    t.none([line for question in ("hist", "failures", "stuck", "pairs", "top", "hosts")
            for line in fleet(question, "--min-age", "0", *store)[1].splitlines()
            if len(line) > 80], "nothing is wider than 80 columns")


def since(t, server):
    """Nothing is missing of a run that has told of something for longer than is asked for."""
    store = ("--clickhouse", server.url, "--clickhouse-database", "old")
    fleet("init", *store)
    second, now = 10**9, int(time.time()) * 10**9
    for run_, batch, age in ((1, 1, 20000), (2, 1, 10000), (2, 2, 9000), (2, 4, 5)):
        server.ask("INSERT INTO old.batches (host, run, batch, time_ns, rows) VALUES "
                   f"('web', {run_}, {batch}, {now - age * second}, 1)")
        server.ask("INSERT INTO old.connections (kind, host, run, id, start_ns) VALUES "
                   f"('connection', 'web', {run_}, {batch}, {now - (age + 2) * second})")
    for args, runs, batches in (((), 2, 4), (("--since", "1h"), 1, 3), (("--since", "3h"), 1, 3),
                                (("--since", "30000d"), 2, 4)):
        line = only(lines_of("hosts", *args, *store), host="web")
        t.equal([line[name] for name in ("runs", "batches", "batches_missing", "rows_told",
                                         "rows")], [runs, batches, 1, batches, batches],
                f"hosts {' '.join(args)}: what is missing is what has not come")
    status, _, err = fleet("hosts", "-L", "80", *store)
    t.ok(status == 0 and "--lport does nothing here" in err,
         "hosts has no part of what its machines told", err)


def requests(t, server):
    """What never became a connection is none of those that a group has, here as locally."""
    store = ("--clickhouse", server.url, "--clickhouse-database", "requests")
    fleet("init", *store)
    for at, kind in enumerate(("connection", "half_open", "half_open")):
        server.ask("INSERT INTO requests.connections (kind, host, run, id, start_ns, role, lport, "
                   f"outcome) VALUES ('{kind}', 'web', 1, {at}, 1700000000000000000, 'server', "
                   "80, 'handshake_abandoned')")
    told = [(line["connections"], line["closed"], line["failed"])
            for line in lines_of("top", *store)]
    t.equal(told, [(1, 1, 1)], "top: requests are no connections")
    t.equal([line["count"] for line in lines_of("failures", *store)], [3], "but failures")


def alone(t, server):
    """Nobody's loss is taken for that of a machine that has the same address, or told of none."""
    store = ("--clickhouse", server.url, "--clickhouse-database", "alone")
    fleet("init", *store)
    now = int(time.time()) * 10**9
    for at, (host, laddr, raddr) in enumerate((
            ("one", "172.17.0.2", "10.9.9.9"), ("two", "172.17.0.2", "10.9.9.9"),
            ("lossy", "10.0.0.5", "10.9.9.9"), ("silent", "10.0.0.4", "10.9.9.9"),
            ("asks", "10.0.0.3", "172.17.0.2"), ("asks", "10.0.0.3", "10.0.0.5"),
            ("asks", "10.0.0.3", "10.0.0.4"))):
        server.ask("INSERT INTO alone.connections (kind, host, run, id, flow, start_ns, role, "
                   "family, laddr, lport, raddr, rport) VALUES ('connection', "
                   f"'{host}', 1, {at}, {at + 1}, {now}, 'client', 'ipv4', '{laddr}', {at + 1}, "
                   f"'{raddr}', 80)")
    for host, lost in (("one", 5), ("two", 0), ("lossy", 5), ("asks", 0)):
        server.ask("INSERT INTO alone.batches (host, run, batch, time_ns, rows_dropped, "
                   f"sampling_ratio) VALUES ('{host}', 1, 1, {now}, {lost}, 1)")
    told = {each["why"]: each["count"] for each in lines_of("pairs", "--host", "asks", *store)}
    t.equal(told, {"lost": 1, "unknown": 2}, "pairs: lost is what one machine alone can have lost")


def nobodys(t, server):
    """Rows of a machine that is not known, as a capture has none."""
    store = ("--clickhouse", server.url, "--clickhouse-database", "other")
    server.ask("INSERT INTO other.connections (kind, host, run, id, flow, start_ns, outcome, "
               "states, dwell_ns, role, handshake_ns, handshake_quality, family) VALUES "
               "('connection', '', 1, 1, 0, 1, 'open', ['CLOSE_WAIT'], [NULL], 'client', 1000, "
               "'exact', 'ipv4')")
    found = [line["by"]["host"] if question == "hist" else line["host"]
             for question in ("hist", "stuck", "top")
             for line in lines_of(question, *(("--by-host", "--only", "handshake_client")
                                              if question == "hist" else ()),
                                  "--top", "100000", *store)]
    t.ok(found.count(None) == 3 and "" not in found, "a host that is not known is null", found)
    said = [line for line in fleet("stuck", "--top", "100000", *store)[1].splitlines()
            if line.startswith("- ")]
    t.ok(len(said) == 1 and "CLOSE_WAIT" in said[0], "and - for people", said)


def long_names(t, server):
    """Names as long as they get are cut, or have a line of their own; numbers stay."""
    store = ("--clickhouse", server.url, "--clickhouse-database", "long")
    fleet("init", *store)
    host = "web-0001.some-datacenter-of-a-region.compute.internal.example.net"
    for role, port, peer in (("client", 40000, 443), ("server", 443, 40000)):
        server.ask("INSERT INTO long.connections (kind, host, run, id, flow, start_ns, outcome, "
                   "cause, states, dwell_ns, role, handshake_ns, handshake_quality, family, comm, "
                   "process, laddr, lport, raddr, rport) VALUES ('connection', "
                   f"'{host}', 1, {port}, 7, 1700000000000000000, 'timed_out', "
                   f"'retransmit_timeout', ['CLOSE_WAIT'], [3600000000000], '{role}', 1000000, "
                   "'exact', 'ipv4', "
                   f"'a-thread-of-it', 'a-long-process-name', '192.0.2.1', {port}, '192.0.2.1', "
                   f"{peer})")
    for question, part in (("failures", "web-000"), ("top", "web-0001"), ("pairs", "web-000"),
                           ("stuck", host), ("stuck --list", host), ("hist --by-host", "web-0001")):
        out = fleet(*question.split(), *store)[1]
        t.ok(part in out and max(map(len, out.splitlines())) <= 80, f"{question}: it fits", out)
    t.ok(host[:48] in fleet("top", "--wide", *store)[1], "--wide has more of it")


def older(t, server, recording):
    """An older schema, a missing one, a column that differs, a wrong user: one sentence each."""
    store = ("--clickhouse", server.url, "--clickhouse-database", "older")
    status, out, _ = fleet("init", *store)
    t.equal((status, out), (0, f"{server.url}: from version 0 to 3\n"), "init makes the tables")
    t.equal(fleet("init", *store)[:2], (0, f"{server.url}: version 3 is there\n"),
            "and finds them there")
    for column in ("mptcp", "congestion_control"):
        server.ask(f"ALTER TABLE older.connections DROP COLUMN {column}")
    status, _, err = fleet("init", *store)
    t.ok(status == 1 and "older.connections has no column mptcp" in err, "init says what differs",
         err)
    server.ask("DROP TABLE older.schema_versions")
    server.ask("CREATE TABLE older.schema_versions (version UInt32, time DateTime) ENGINE = "
               "MergeTree() PARTITION BY tuple() ORDER BY version")
    server.ask("INSERT INTO older.schema_versions SELECT toUInt32(1), now()")
    timer = threading.Timer(1.5, fleet, ("init", *store))
    timer.start()
    began = time.monotonic()
    status, said = export(recording, *store[1:])
    timer.join()
    t.ok(status == 0 and said.count("a schema that is older") == 1 and
         time.monotonic() - began > 1, "rows wait for a schema that is older to be brought forward",
         said)
    t.equal(server.number("SELECT count() FROM older.connections"),
            server.number("SELECT sum(rows) FROM older.batches"), "and come then")
    for args, sentence in ((("--clickhouse-database", "nothing"), "tcpspan fleet init makes them"),
                           (("--clickhouse-user", "nobody"), "neither this user nor")):
        status, out, err = fleet("hosts", "--clickhouse", server.url, *args)
        t.ok(status == 2 and not out and err.count("\n") == 1 and sentence in err,
             f"{args[1]}: one sentence", err)
    status, out, _ = fleet("hosts", "--clickhouse", f"http://127.0.0.1:9,{server.url}")
    t.equal((status, bool(out)), (0, True), "a server that is away is passed over")


def refused(server, query, **settings):
    """The code with which the server refuses it to who may insert; None: it does not."""
    try:
        server.ask(query, WRITER, PASSWORD, **settings)
    except RuntimeError as error:
        return int(re.search(r"Code: (\d+)", str(error))[1])
    return None


def writer(t, server, password):
    """Who may insert, by the file that is installed, and what an old server lets him do."""
    t.equal([refused(server, query) for query in (
        "INSERT INTO default.connections FORMAT JSONEachRow {}", "CREATE DATABASE other",
        "DROP TABLE tcpspan.batches", "TRUNCATE TABLE tcpspan.connections",
        "ALTER TABLE tcpspan.connections DROP COLUMN mptcp", "SET allow_ddl = 1")],
            [DATABASE_DENIED] + 5 * [PROHIBITED],
            "who may insert makes nothing, changes nothing, drops nothing")
    t.equal(refused(server, "DROP TABLE tcpspan.nothing", allow_ddl=1), UNKNOWN_TABLE,
            "but by a setting in the URL, which 18.16 takes: the manual says so")
    rows = server.number("SELECT count() FROM tcpspan.connections")
    t.equal(fleet("top", "--clickhouse", server.url, "--clickhouse-user", WRITER,
                  "--clickhouse-password", password)[::2],
            (2, f"tcpspan: {server.url} lets this user do so much, and no more for now: see its "
                "quota\n"), "who asks is told why not")
    t.equal([refused(server, query) for query in (
        "SELECT count() FROM tcpspan.connections", "SELECT name FROM system.tables",
        "INSERT INTO tcpspan.connections SELECT * FROM tcpspan.connections")], 3 * [QUOTA],
            "and who reads is shut out for a minute")
    t.equal(server.number("SELECT count() FROM tcpspan.connections"), rows, "nothing has changed")
    with open(WRITER_FILE, "rb") as file:
        t.ok(NO_HASH.encode() in file.read(), "what is installed has no password")


def story(w, t):
    with tempfile.TemporaryDirectory(prefix="tcpspan-e2e-") as folder, \
            ClickHouse(folder, patience=w.patience) as server:
        fleet("init", "--clickhouse", server.url)
        live(w, t, server, folder)
        recording = os.path.join(folder, "recording.tsp")
        with open(recording, "wb") as file:
            file.write(tsp.generate(connections=997))
        writer(t, server, os.path.join(folder, "password"))
        recorded(t, server, recording)
        side_by_side(t, server, recording)
        since(t, server)
        requests(t, server)
        alone(t, server)
        nobodys(t, server)
        long_names(t, server)
        older(t, server, recording)


run(story)
