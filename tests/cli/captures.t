#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What -i takes of captures: every form of file, what is missing in them, and those that lie."""
import ctypes
import ctypes.util
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import taper
from taper import ACK, FIN, PSH, RST, SYN, Tape
from tap import Tap

TCPSPAN = os.environ.get("TCPSPAN", "build/tcpspan")
PATIENCE_SECONDS = 20
MS = 10**6
RECORDING = "tests/golden/recordings/before.tsp"

T = Tap()


def run(*args, raw=None):
    """The program, ended: status, standard output, standard error."""
    done = subprocess.run([TCPSPAN, *args], input=raw, capture_output=True, check=False,
                          timeout=PATIENCE_SECONDS,
                          **({} if raw is not None else {"stdin": subprocess.DEVNULL}))
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def lines(raw, *args):
    """What trace makes of it: status, the lines, standard error."""
    status, out, err = run("trace", "-i", "-", "--json", "--full", "--open", *args, raw=raw)
    return status, [json.loads(line) for line in out.splitlines()], err


def connections(raw, *args):
    """The lines of connections alone, by role."""
    status, found, err = lines(raw, *args)
    if status:
        T.ok(False, "the capture is read", status, err)
    return [line for line in found if line["type"] == "connection"]


def by_role(found):
    return {line["role"]: line for line in found}


def states(line):
    return [each["state"] for each in line["timeline"]]


def without_times(raw):
    """What is the same in every form of the same capture."""
    return [{name: value for name, value in line.items() if name != "id"}
            for line in connections(raw)]


def zstd(raw):
    """As zstd(1) packs it."""
    library = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    library.ZSTD_compress.restype = ctypes.c_size_t
    out = ctypes.create_string_buffer(len(raw) + 1024)
    size = library.ZSTD_compress(out, ctypes.c_size_t(len(out)), raw, ctypes.c_size_t(len(raw)), 3)
    return out.raw[:size]


def forms():
    tape = Tape().life()
    packets = tape.packets
    plain = taper.pcap(packets)
    wanted = without_times(plain)
    T.equal(len(wanted), 2, "a life has two ends")
    ends = by_role(wanted)
    T.equal(states(ends["client"]), ["SYN_SENT", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2",
                                     "TIME_WAIT"], "the client's")
    T.equal(states(ends["server"]), ["SYN_RECV", "ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSED"],
            "and the server's")
    T.equal({each["handshake"]["latency_ns"] for each in wanted}, {2 * MS}, "both took as long")
    T.equal({each["origin"] for each in wanted}, {"wire"}, "their origin is the wire")
    T.equal({each[name] for each in wanted for name in ("netns", "pid", "comm", "uid")}, {None},
            "and they have no owner")
    T.equal((ends["client"]["bytes_sent"], ends["client"]["bytes_received"]), (100, 3000),
            "bytes are counted")
    T.equal(ends["client"]["flow"], ends["server"]["flow"], "they have one flow")
    for name, raw in {
            "big-endian": taper.pcap(packets, order=">"),
            "microseconds": taper.pcap(packets, ns=False),
            "Ethernet": taper.pcap(packets, taper.ETHERNET),
            "Linux cooked": taper.pcap(packets, taper.COOKED),
            "64 bytes of each packet": taper.pcap(packets, taper.ETHERNET, snaplen=64),
            "pcapng": taper.pcapng(packets),
            "pcapng, big-endian": taper.pcapng(packets, order=">"),
            "pcapng, microseconds": taper.pcapng(packets, resolution=6),
            "pcapng of 65,536 interfaces": taper.pcapng(packets, taper.ETHERNET, interfaces=65536),
            "loopback": taper.pcap(packets, taper.LOOPBACK),
            "zstd": zstd(plain),
            "zstd, in two frames": zstd(plain[:100]) + zstd(plain[100:]),
            "pcapng, in zstd": zstd(taper.pcapng(packets)),
            "gzip": gzip.compress(plain),
            "gzip, in two members": gzip.compress(plain[:100]) + gzip.compress(plain[100:]),
    }.items():
        T.equal(without_times(raw), wanted, f"the same as {name}")
    T.equal([states(line) for line in connections(taper.pcap(Tape(ipv6=True).life().packets))],
            [states(line) for line in connections(plain)], "and over IPv6")


def several_interfaces():
    packets = Tape().life().packets
    links = (taper.ETHERNET, taper.RAW, taper.LOOPBACK, taper.COOKED)
    mixed = taper.section()
    for at, link in enumerate(links):
        mixed += taper.interface(link, snaplen=64 << at, resolution=6 if at % 2 else 9)
    for at, (time_ns, packet, _) in enumerate(packets):
        number = at % len(links)
        mixed += taper.captured((time_ns, packet, number), links[number],
                                resolution=6 if number % 2 else 9)
    T.equal(without_times(mixed), without_times(taper.pcap(packets)),
            "interfaces of four link layers, three lengths and two clocks are one capture")
    status, found, err = lines(mixed + mixed)
    T.equal((status, found[-1]["capture"]["packets"]), (0, 2 * len(packets)),
            "and so are two sections of them", err)
    usb = taper.interface(220)
    strange = [taper.captured((packets[0][0], b"what is in USB", 1))] * 3
    status, found, err = lines(taper.section() + taper.interface() + usb +
                               b"".join(taper.captured(each) for each in packets) +
                               b"".join(strange))
    T.equal((status, found[-1]["capture"]["foreign"], found[-1]["capture"]["segments"]),
            (0, len(strange), len(packets)), "of a link layer that nobody understands it counts",
            err)
    status, found, err = lines(taper.section() + taper.interface() + usb + b"".join(strange))
    T.ok(status == 2 and "link layer" in err, "which is a flaw where there is no other", err)
    status, found, err = lines(taper.pcapng(packets[:5]) + taper.pcapng(packets[5:], order=">"))
    T.ok(status == 2 and "another order of bytes" in err and len(found) == 3,
         "a section of another order of bytes is told of, and what was before it", status, err)
    many = taper.section() + taper.interface(taper.ETHERNET) * 65536
    status, found, err = lines(many + taper.interface(taper.ETHERNET))
    T.ok(status == 2 and "more than 65536 interfaces" in err, "65,537 are too many", status, err)


def without_any_time():
    """Of packets without a time, no duration is 0, and none of others goes back to 1970."""
    packets = Tape().life().packets
    head = taper.section() + taper.interface()
    status, found, err = lines(head + b"".join(taper.timeless(each) for each in packets))
    T.equal((status, [line["type"] for line in found], found[-1]["capture"]["timeless"]),
            (0, ["summary"], len(packets)), "simple packets have no time: they are counted", err)
    said = " ".join(run("trace", "-i", "-", raw=head + taper.timeless(packets[0]))[2].split())
    T.ok("1 without a time that can be" in said, "and told of", said)
    status, found, err = lines(head + b"".join([taper.timeless(packets[0])] +
                                               [taper.captured(each) for each in packets]))
    T.equal([states(line) for line in found[:-1]],
            [states(line) for line in connections(taper.pcap(packets))],
            "one before all others changes nothing of them", err)
    T.equal((status, found[-1]["duration_ns"]), (0, packets[-1][0] - packets[0][0]),
            "and the capture begins behind it", err)
    status, found, err = lines(head + b"".join([*map(taper.captured, packets[:5]),
                                                taper.timeless(packets[5]),
                                                *map(taper.captured, packets[5:])]))
    T.equal({line["complete"] for line in found[:-1]}, {False}, "one between them is a gap", err)


def one_time():
    """Where all packets have one stamp no time has passed, and nothing is known to take any."""
    packets = Tape().life().packets
    for stamp in (packets[0][0], 0):
        raw = taper.pcap([(stamp, *rest) for _, *rest in packets])
        found = connections(raw)
        T.equal([states(line) for line in found], [states(line) for line in connections(
            taper.pcap(packets))], f"all at {stamp}: the same lives")
        T.equal([(line["handshake"]["latency_ns"], line["handshake"]["quality"]) for line in found],
                2 * [(None, "unknown")], "whose handshakes are not known")
        T.equal({step["dwell_ns"] for line in found for step in line["timeline"]}, {None},
                "nor how long they were in any state")
        said = " ".join(run("trace", "-i", "-", raw=raw)[2].split())
        T.ok("10 packets, which all have one time: nothing tells how long anything took." in said,
             "and the summary says why", said)
        hist = run("hist", "-i", "-", "--json", "--only", "handshake_client,state_established",
                   raw=raw)[1]
        T.equal([(line["count"], line["max"]) for line in map(json.loads, hist.splitlines())
                 if line["type"] == "histogram"], 2 * [(0, None)], "hist has none of them")
    raw = taper.pcap([(packets[0][0] + (at > 4), *rest) for at, (_, *rest) in enumerate(packets)])
    found = connections(raw)
    T.equal({line["handshake"]["latency_ns"] for line in found}, {None},
            "a handshake of one stamp is not known where time passes later")
    T.ok("one time" not in run("trace", "-i", "-", raw=raw)[2], "and then nothing is said of it")


def drops():
    tape, blocks = Tape().life(), [taper.section(), taper.interface()]
    tape.lport = 40002
    tape.life()
    first, second = tape.packets[:10], tape.packets[10:]
    blocks += [taper.captured(each, drops=17 if at == 6 else 0) for at, each in enumerate(first)]
    blocks += [taper.captured(each, drops=3 if at == 2 else 0) for at, each in enumerate(second)]
    status, found, err = lines(b"".join(blocks))
    ends = {(line["role"], max(line["lport"], line["rport"])): line for line in found
            if line["type"] == "connection"}
    for role, at in (("client", 1), ("server", 1)):
        line = ends[role, 40001]
        T.equal((line["complete"], line["gaps"], line["timeline"][at]["dwell_ns"],
                 line["handshake"]["latency_ns"]), (False, 1, None, 2 * MS),
                f"{role}: of one across the gap, the time in that state is withheld", line)
        line = ends[role, 40002]
        T.equal((line["complete"], line["gaps"], line["timeline"][0]["dwell_ns"],
                 line["handshake"]["latency_ns"]), (False, 1, None, None),
                f"{role}: and the handshake of one that was in it", line)
        T.ok(all(each["dwell_ns"] is not None for each in line["timeline"][1:-1]),
             f"{role}: but not what came behind it", line)
    T.equal((found[-1]["capture"]["dropped"], found[-1]["gaps"]), (20, 4), "they are counted", err)
    status, out, err = run("trace", "-i", "-", raw=b"".join(blocks))
    T.ok("20 dropped before they were captured" in " ".join(err.split()), "and shown", err)
    # What is told by statistics is somewhere before them.
    blocks = [taper.section(), taper.interface()]
    blocks += [taper.captured(each) for each in first[:6]] + [taper.statistics(0, 5)]
    blocks += [taper.captured(each) for each in first[6:]] + [taper.statistics(0, 5)]
    blocks += [taper.captured(each) for each in second]
    status, found, err = lines(b"".join(blocks))
    T.equal(sorted((max(line["lport"], line["rport"]), line["gaps"]) for line in found
                   if line["type"] == "connection"),
            [(40001, 1)] * 2 + [(40002, 0)] * 2, "what was open when the drops were told is marked")
    T.equal(found[-1]["capture"]["dropped"], 5, "and told twice they are no more")


def far(hops=(64, 57), ms=20):
    """Two ends, so far apart; routers take one from the TTL of each segment."""
    tape = Tape()
    for lport in (40001, 40002, 40003):
        tape.lport = lport
        tape.client(SYN, 0, hops=hops[0]).wait(ms).server(SYN | ACK, 0, 1, hops=hops[1]) \
            .client(ACK, 1, 1, hops=hops[0]).client(FIN | ACK, 1, 1, hops=hops[0]).wait(ms) \
            .server(FIN | ACK, 1, 2, hops=hops[1]).client(ACK, 2, 2, hops=hops[0])
    return taper.pcap(tape.packets)


def where(folder):
    none = {"client": 0, "server": 0, "between": 0, "unknown": 0}
    for name, raw, said in (
            ("client", far(), "near the client of 3 of 3 connections"),
            ("server", far((60, 128)), "near the server of 3 of 3 connections"),
            ("between", far((60, 120)), "between the ends of 3 of 3 connections"),
            ("client", far((64, 64)), "near the client of 3 of 3"),
            ("unknown", far((64, 64), 0), "neither TTLs nor delays tell")):
        status, found, err = lines(raw)
        T.equal(found[-1]["capture"]["points"], {**none, name: 3}, f"{name}: it is counted", err)
        T.equal({line["capture_point"] for line in found if line["type"] == "connection"},
                {None if name == "unknown" else name}, "and told of each")
        for command in ("trace", "hist"):
            status, out, err = run(command, "-i", "-", raw=raw)
            T.ok(said in " ".join(err.split()), f"{name}: the summary of {command} says it", err)
    path = os.path.join(folder, "far.pcap")
    with open(path, "wb") as out:
        out.write(far())
    for language, said in (("en", "captured near the client, it seems"), ("zh", "看来在客户端附近抓取")):
        page = os.path.join(folder, f"far.{language}.html")
        run("report", "-i", path, "-o", page, "--lang", language)
        with open(page, encoding="utf-8") as text:
            told = text.read()
        T.ok(said in told, f"report says it, too ({language})")
        T.ok("that the kernel told of" not in told, "and speaks of no kernel")
    status, out, err = run("trace", "-i", path, "--lang", "zh")
    T.ok("3 个在客户端附近" in "".join(err.split("\n  ")), "the summary says it in Chinese", err)
    status, out, err = run("trace", "-i", path, "--format", "otlp")
    T.equal({tuple(text in line for text in ('"tcpspan.origin"', '"tcpspan.capture_point"'))
             for line in out.splitlines() if '"tcpspan.complete"' in line}, {(True, True)},
            "spans say that they come from a capture, and where that was made", err)
    status, out, err = run("explain", "-i", path, ":40002")
    T.ok("near the client, it seems" in " ".join(out.split()), "and so does explain", out, err)
    answers = ["SYN_SENT", "SYN_RECV", "ESTABLISHED", "SYN_RECV", "ESTABLISHED", "ESTABLISHED",
               "FIN_WAIT1", "CLOSE_WAIT", "TIME_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSED"]
    status, out, err = run("explain", "-i", path, "--ask", ":40002",
                           raw="".join(f"{each}\n" for each in answers).encode())
    T.ok(status == 0 and f"right: {len(answers)} of {len(answers)}" in out,
         "explain --ask asks of a capture what it asks of others", out, err)
    status, out, err = run("explain", "-i", path, "--ask", ":40002",
                           raw="".join(f"{each}\n" for each in answers[::-1]).encode())
    T.ok(status == 0 and f"of {len(answers)}" in out and "no, it is SYN_SENT" in out,
         "and knows what is wrong", out, err)


def commands(folder):
    path = os.path.join(folder, "night.tsp")
    tape = Tape().life()
    tape.lport = 40002
    tape.client(SYN, 0).server(RST | ACK, -5000, 1)
    tape.lport = 40003
    tape.opens().server(FIN | ACK, 1, 1).client(ACK, 1, 2).wait(3600000).client(ACK, 1, 2)
    with open(path, "wb") as out:
        out.write(taper.pcap(tape.packets))
    status, out, err = run("hist", "-i", path, "--json")
    found = {line.get("name"): line for line in map(json.loads, out.splitlines())}
    T.equal((status, found["handshake_client"]["count"], found["handshake_server"]["count"]),
            (0, 2, 2), "hist has its handshakes, whatever the file is called", err)
    status, out, err = run("explain", "-i", path, "--failed")
    T.ok(status == 0 and "SYN" in out and "RST" in out and "as a capture saw" in out,
         "explain tells how it failed, and who saw it", out, err)
    status, out, err = run("explain", "-i", path, "--failed", "--json")
    told = json.loads(out.splitlines()[0])
    T.equal([(line["origin"], line["pid"], line["comm"]) for line in (told, told["other"]) if line],
            [("wire", None, None)] * (1 + bool(told["other"])), "from the wire, and nobody's", err)
    status, out, err = run("explain", "-i", path, "192.0.2.1:40001", "--json")
    T.equal((status, [line["flags"] for line in json.loads(out.splitlines()[0])["steps"]
                      if line["kind"] == "segment"][3:]),
            (0, [["FIN", "ACK"], ["FIN", "ACK"], ["ACK"]]),
            "one segment that acknowledges a FIN and is the other is one in the ladder", err)
    status, out, err = run("stuck", "-i", path, "--at", "1000", "--json")
    held = [line for line in map(json.loads, out.splitlines()) if line["type"] == "stuck"]
    T.equal((status, [(line["state"], line["origin"], line["pid"], line["holders"])
                      for line in held]),
            (1, [("CLOSE_WAIT", "wire", None, None)]),
            "stuck finds what had not closed", err)
    status, out, err = run("stuck", "-i", path, "--at", "1000")
    T.ok("no capture tells which process holds it" in " ".join(out.split()),
         "and says why nobody holds it", out, err)
    status, out, err = run("stuck", "-i", path, "--at", "0.012", "--json")
    T.equal((status, [line["type"] for line in map(json.loads, out.splitlines())]),
            (0, ["summary"]), "which nothing was before", err)
    page = os.path.join(folder, "page.html")
    status, out, err = run("report", "-i", path, "-o", page)
    T.equal((status, os.path.getsize(page) > 10000), (0, True), "report writes a page", err)
    with open(page, encoding="utf-8") as told:
        found = re.search(r"<tr><td>192\.0\.2\.2:80</td>(<td>-</td>.*?)</tr>", told.read())
    T.equal(re.findall(r">([^<]+)<", found[1] if found else ""), ["-"] * 7,
            "which has a listener, and nothing of who accepts")
    status, out, err = run("diff", RECORDING, path)
    T.equal([[word for word in ("end", "accept", "reset", "retransmit")
              if f"Only {side} has hooks of the family {word}:" in out] for side in ("OLD", "NEW")],
            [["end", "accept"], ["reset"]],
            "diff tells what only one of a recording and a capture had, of either", out, err)
    status, out, err = run("report", "-i", path, "--compare", RECORDING, "-o", page)
    with open(page, encoding="utf-8") as told:
        T.equal(re.findall("Only one of both runs has hooks of the family (\\w+):", told.read()),
                ["end", "accept", "reset"], "and so does the page that compares", err)
    status, out, err = run("diff", path, path)
    T.ok(status == 0 and "No change" in out, "diff finds that a capture is what it is", out, err)
    slow = os.path.join(folder, "slow.pcap")
    for name, ms in ((path + "1", 20), (slow, 90)):
        tape = Tape()
        for tape.lport in range(40001, 40201):
            tape.client(SYN, 0).wait(ms).server(SYN | ACK, 0, 1).client(ACK, 1, 1).closes()
        with open(name, "wb") as out:
            out.write(taper.pcap(tape.packets))
    status, out, err = run("diff", path + "1", slow, "--json")
    found = {line.get("name"): line for line in map(json.loads, out.splitlines())}
    median = found["handshake_client.p50"]
    T.equal((status, median["verdict"], median["old"] // MS, median["new"] // MS),
            (0, "more", 22, 92), "and how another one is slower", err)
    status, out, err = run("top", "-i", path, "--once")
    T.ok(status == 0 and re.search(r"^live 2 .*CLOSE_WAIT 1\b", out, re.M), "top paints it", out,
         err)
    status, out, err = run("export", "-i", path)
    T.ok(status == 0 and re.search('^tcpspan_build_info{.*kernel="",.*} 1$', out, re.M),
         "export does not take this machine's kernel for the one of a capture", out, err)
    status, out, err = run("check", "-i", path)
    T.equal(status, 0, "check says what it is", err)
    status, out, err = run("listeners", "-i", path, "--json")
    T.equal([json.loads(line)[name] for line in out.splitlines() if '"listener"' in line
             for name in ("requests_overflowed", "queue", "drops", "accepted")], [None] * 4,
            "of a queue no capture tells anything", out, err)
    counts = []
    for files in (("-i", RECORDING), ("-i", RECORDING, "-i", path)):
        status, out, err = run("listeners", *files, "--json")
        told = [line for line in map(json.loads, out.splitlines()) if line["type"] == "listener"]
        counts.append([(line["laddr"], line["lport"], line["accepted"], line["never_accepted"])
                       for line in told if line["netns"]])
    T.equal((counts[0], sum(each[2] for each in counts[0]) > 0), (counts[1], True),
            "nor does one beside a recording change what that tells", err)
    T.equal([line[name] for line in told if line["netns"] is None
             for name in ("accepted", "never_accepted", "rate", "requests_overflowed")],
            [None] * 4, "where it is unknown")
    status, out, err = run("listeners", "-i", RECORDING, "-i", path)
    T.ok("Of captures:\n" in out and "namespace 0" not in out, "in no namespace", out, err)
    for words in (("-c", "curl"), ("-p", "1"), ("--unit", "a.service"), ("-C", "a"),
                  ("-N", "self")):
        status, out, err = run("hist", "-i", path, *words)
        T.ok(status == 0 and err.count("no capture tells whose a connection is") == 1,
             f"{words[0]} of a capture lets nobody through, and why is said", status, err)
    status, out, err = run("trace", "-i", path, "-D", "80")
    T.ok("no capture tells" not in err, "a port is known", err)
    status, out, err = run("trace", "-i", RECORDING, "-i", path, "--json")
    found = [json.loads(line) for line in out.splitlines()]
    T.equal(status, 0, "a recording and a capture are read together", err)
    T.equal({line.get("origin") for line in found if line["type"] == "connection"}, {None, "wire"},
            "and both tell")


def incomplete():
    tape = Tape().life()
    seeded = connections(taper.pcap(tape.packets[4:]))
    T.equal([(line["seeded"], line["complete"], line["handshake"]["latency_ns"], line["bytes_sent"])
             for line in seeded], [(True, False, None, None)] * 2,
            "one that began before is marked")
    reset = Tape().client(SYN, 0).server(SYN | ACK, 0, 1).client(RST, 1)
    status, found, err = lines(taper.pcap(reset.packets))
    T.equal([(line["outcome"], line["origin"]) for line in found if line["type"] == "half_open"],
            [("reset_received", "wire")], "one that never opened", err)
    open_yet = connections(taper.pcap(tape.packets[:6]))
    T.equal([line["close"]["outcome"] for line in open_yet], ["open"] * 2, "one that did not end")
    one_way = connections(taper.pcap(tape.packets[0:1] + tape.packets[2:4] + tape.packets[5:6]))
    T.equal(sorted((line["role"], line["seeded"]) for line in one_way),
            [("client", False), ("server", True)], "of one direction the other end is marked")
    gap = connections(taper.pcap(tape.packets[:5] + tape.packets[6:]))
    T.equal(sorted((line["role"], line["handshake"]["latency_ns"]) for line in one_way),
            [("client", None), ("server", None)], "and what answered the SYN was not seen")
    T.equal({each["dwell_ns"] for line in one_way if line["role"] == "server"
             for each in line["timeline"]}, {None}, "nor any other time of it is known")
    answer_is_missing()
    six = Tape(ipv6=True).life().packets
    status, found, err = lines(taper.pcap(six, taper.ETHERNET, snaplen=64))
    T.equal((status, len(found), found[-1]["capture"]["cut"]), (0, 1, len(six)),
            "over IPv6 64 bytes are too few: each packet is counted", err)
    T.ok("cut too short" in run("trace", "-i", "-", raw=taper.pcap(
       six, taper.ETHERNET, snaplen=64))[2].replace("\n", " "), "and that is told")
    T.ok(all(not line["complete"] and line["gaps"] for line in by_role(gap).values()),
         "what was acknowledged and not captured is a gap", gap)
    twice = [packet for each in tape.packets for packet in (each, (*each[:2], 1))]
    T.equal(without_times(taper.pcapng(twice, taper.ETHERNET, interfaces=2)),
            without_times(taper.pcap(tape.packets)),
            "captured twice is told once")
    back = Tape().opens()
    back.now_ns -= 3600 * 10**9
    back.closes()
    status, found, err = lines(taper.pcap(back.packets))
    T.equal(status, 0, "a clock that runs back does no harm", err)
    T.ok(all(each["dwell_ns"] is None or each["dwell_ns"] >= 0 for line in found
             for each in line.get("timeline", ())), "and makes no times", found)


def answer_is_missing():
    """What comes next may come long after the handshake: it says that there was one, not when."""
    tape = Tape().opens().wait(1500)
    tape.client(PSH | ACK, 1, 1, 100).server(ACK, 1, 101).closes(100)
    for name, first in (("the client", 3), ("the server", 4)):
        found = by_role(connections(taper.pcap(tape.packets[:1] + tape.packets[first:])))
        client = found["client"]
        T.equal((client["handshake"]["latency_ns"], client["handshake"]["quality"],
                 client["complete"], client["gaps"]), (None, "unknown", False, 1),
                f"without SYN-ACK and ACK, where {name} speaks next, no handshake is measured")
        T.equal([each["dwell_ns"] for each in client["timeline"][:2]], [None, None],
                "nor how long the states beside it lasted")
        T.equal({role: states(line)[:1] for role, line in found.items()},
                {"client": ["SYN_SENT"], "server": ["ESTABLISHED"]}, "and the states are there")
    err = run("trace", "-i", "-", raw=taper.pcap(tape.packets[:1] + tape.packets[3:]))[2]
    T.ok("1 acknowledges what was not captured" in " ".join(err.split()), "which is told", err)
    # What the server acknowledges says that there was an ACK, and data.
    tape = Tape().opens().client(PSH | ACK, 1, 1, 100).server(ACK, 1, 101).server(RST | ACK, 1, 101)
    found = by_role(connections(taper.pcap(tape.packets[:2] + tape.packets[4:])))
    T.equal({role: (states(line)[-2:], line["complete"], line["handshake"]["latency_ns"])
             for role, line in found.items()},
            {role: (["ESTABLISHED", "CLOSED"], False, None) for role in ("client", "server")},
            "what a server acknowledges of data that were not captured shows that it was open")
    T.equal((found["client"]["gaps"], found["client"]["bytes_sent"]), (1, 100),
            "as a gap, with as many bytes as it acknowledges")
    # A server that speaks first: what is acknowledged may be more than its SYN-ACK.
    tape = Tape().opens().server(PSH | ACK, 1, 1, 100).client(ACK, 1, 101) \
        .server(FIN | ACK, 101, 1).client(FIN | ACK, 1, 102).server(ACK, 102, 2)
    for first in (3, 4, 5):
        found = by_role(connections(taper.pcap(tape.packets[:1] + tape.packets[first:])))
        T.equal({role: (line["flow"], line["bytes_sent"], line["bytes_received"])
                 for role, line in found.items()},
                {"client": (None,) * 3, "server": (None,) * 3},
                f"from segment {first} on neither the first number nor the bytes are guessed")


def account():
    tape = Tape().life()
    others = [(tape.now_ns, b"\x45" + bytes(19), 0), (tape.now_ns, tape.packets[0][1][:26], 0)]
    raw = taper.pcapng(tape.packets + others, resolution=6, dropped=17)
    status, found, err = lines(raw)
    told = found[-1]["capture"]
    T.equal({name: told[name] for name in ("captures", "resolution_ns", "packets", "segments",
                                           "dropped", "other", "broken", "duplicates")},
            {"captures": 1, "resolution_ns": 1000, "packets": 12, "segments": 10, "dropped": 17,
             "other": 1, "broken": 1, "duplicates": 0}, "each packet is accounted for", told)
    status, out, err = run("trace", "-i", "-", raw=raw)
    err = " ".join(err.split())
    T.ok("steps of 1us" in err or "steps of 1.00us" in err, "the text says its steps", err)
    T.ok("17 dropped before they were captured" in err, "and what was lost", err)
    for count, said in ((1, "1 capture of 1 packet, "), (2, "1 capture of 2 packets, ")):
        err = " ".join(run("trace", "-i", "-", raw=taper.pcap(tape.packets[:count]))[2].split())
        T.ok(said in err, f"so it says: {said}", err)
    status, found, err = lines(taper.pcap(tape.packets))
    T.equal(found[-1]["capture"]["resolution_ns"], 1, "nanoseconds where there are")
    T.ok("capture" not in json.loads(run("trace", "-i", RECORDING, "--json")[1].splitlines()[-1]),
         "a recording has no such account")
    tape = Tape().opens().wait(5000)
    tape.first = {True: 900000, False: 800000}
    tape.opens()
    tape.packets.append((taper.START_NS, tape.segment(True, ACK, 1, 1), 0))
    err = " ".join(run("trace", "-i", "-", raw=taper.pcap(tape.packets))[2].split())
    T.ok("2 transitions had to be inferred, because no segment tells of them" in err and
         "none lost" in err, "what was inferred is no loss", err)
    T.ok("1 whose time is earlier than one before" in err, "a clock that runs back is told of", err)


def wait_is_estimated():
    tape = Tape().life().wait(61000)
    tape.lport = 40002
    tape.opens()
    found = [line for line in connections(taper.pcap(tape.packets)) if line["time_wait"]]
    T.equal([(line["time_wait"]["duration_ns"] // MS, line["time_wait"]["quality"],
              line["time_wait"]["end"]) for line in found], [(60000, "estimated", "expired")],
            "TIME_WAIT is 60 s, and estimated")


def liars():
    packets = Tape().life().packets
    plain, blocks = taper.pcap(packets), taper.pcapng(packets, taper.ETHERNET)
    status, found, err = lines(plain[:-7])
    T.ok(status == 2 and len(found) > 1 and "truncated" in err,
         "one that is cut is told as far as it goes, with status 2", status, found, err)
    lying = taper.section() + taper.interface() + taper.block(taper.PACKET, bytes(32), claims=4000)
    status, _, err = lines(lying)
    T.ok(status == 2 and err, "a block that lies about its length", status, err)
    huge = taper.section() + taper.interface() + \
        taper.block(taper.PACKET, bytes(32), claims=0xfffffffc)
    status, _, err = lines(huge)
    T.ok(status == 2 and err, "one that claims 4 GiB", status, err)
    status, _, err = lines(taper.pcap(packets, 105))
    T.ok(status == 2 and "link layer" in err, "a link layer that nobody understands", status, err)
    status, _, err = lines(gzip.compress(plain)[:-20])
    T.ok(status == 2 and "packed" in err, "gzip that is cut", status, err)
    status, _, err = lines(b"\x1f\x8b\x08" + bytes(100))
    T.ok(status == 2 and err, "gzip that is none", status, err)
    status, _, err = lines(b"\x28\xb5\x2f\xfd" + b"\xff" * 100)
    T.ok(status == 2 and err, "zstd that is none", status, err)
    status, _, err = lines(gzip.compress(b"no capture at all"))
    T.ok(status == 2 and err, "packed, but no capture", status, err)
    with open(RECORDING, "rb") as file:
        status, _, err = lines(gzip.compress(file.read()))
    T.ok(status == 2 and "what is packed in it is no packet capture" in err,
         "a recording is not packed", status, err)
    status, found, err = lines(plain[:24])
    T.equal((status, len(found)), (0, 1), "one without packets has a summary", err)
    status, found, err = lines(blocks + blocks)
    T.equal(status, 0, "two sections behind each other", err)


def main():
    if "without libpcap" in run("trace", "-i", "-", raw=taper.pcap([]))[2]:
        T.skip_all("this program reads no captures")
        return
    forms()
    several_interfaces()
    without_any_time()
    one_time()
    drops()
    with tempfile.TemporaryDirectory() as folder:
        commands(folder)
        where(folder)
    incomplete()
    account()
    wait_is_estimated()
    liars()
    T.done()
    sys.exit(1 if T.failed else 0)


main()
