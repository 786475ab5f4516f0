#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""export --otlp: spans and figures for a collector, and collectors that behave badly.

OTLP_TRANSFORMER=FOLDER, where `npm install @opentelemetry/otlp-transformer@0.203.0` was run, has
OpenTelemetry's own decoder read them as well.
"""
import base64
import json
import os
import socket
import subprocess
import tempfile
import time

import tracer
import tsp
from collector import Collector, attributes, raw, text
from exporter import Exporter, parse
from traffic import connect, finish, free_port, listen, pair, port_of, wait_for
from world import *

COUNT, REFUSED = 23, 7
SECRET = "Bearer nobody-is-to-see-this"
NOW = {"OTEL_EXPORTER_OTLP_TIMEOUT": "700", "OTEL_BSP_SCHEDULE_DELAY": "100"}
GARBAGE = b"<html>Welcome to the hotel's network</html>"
REJECTED = 5
MISSING = "/no/such/file"
MANY = 7001  # of which 8 MiB have no room
MEMORY_KB = 24 << 10


def partial(count, why):
    """An answer of OTLP that has rejected some."""
    message = b"\x08" + bytes([count]) + b"\x12" + bytes([len(why)]) + why
    return b"\x0a" + bytes([len(message)]) + message


def replay(recording, url, *args, **environment):
    """export -i to a collector: the status, what it said, and how long it took."""
    began = time.monotonic()
    done = subprocess.run([tracer.program(), "export", "-i", recording, "--otlp", url, *args],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, timeout=100, env={**os.environ, **NOW, **environment})
    return done.returncode, done.stderr.decode(), time.monotonic() - began


def status_of(pid, *names):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        found = dict(line.split(":", 1) for line in file)
    return tuple(found[name].strip() for name in names)


def words_of(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().decode()


def helper_of(pid, name):
    """The child of that name."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        children = file.read().split()
    return only_one(each for each in children if status_of(each, "Name") == (name,))


def only_one(found):
    one, = found
    return one


def live(w, t):
    """Spans are those that trace prints, figures those of a scrape."""
    listener, nobody = listen(), free_port()
    ports = f"{port_of(listener)},{nobody}"
    collector = Collector()
    with tempfile.TemporaryDirectory() as folder:
        headers = os.path.join(folder, "headers")
        with open(headers, "w", encoding="ascii") as file:
            file.write(f"# a key\nAuthorization: {SECRET}\n")
        spans = Tracer(("trace", "--format", "otlp", "-N", "self", "-D", ports),
                       w.patience).wait_ready()
        with Exporter("-D", ports, "--otlp", collector.url, "--otlp-headers", headers, "--spans",
                      "all", patience=w.patience,
                      environment={**NOW, "OTEL_RESOURCE_ATTRIBUTES": "rack=7%2F4",
                                   "OTEL_METRIC_EXPORT_INTERVAL": "300"}) as x:
            for _ in range(COUNT):
                finish(*pair(listener))
            for _ in range(REFUSED):
                try:
                    connect("127.0.0.1", nobody)
                except ConnectionRefusedError:
                    pass
            wait_for(lambda: len(connections(collector)) == COUNT + REFUSED, 10 * w.patience)
            judge_rights(t, x)
            scrape = parse(x.get()[2].decode())
            wait_for(lambda: len(collector.of("/v1/metrics")) > 2, 10 * w.patience)
            x.process.terminate()
            t.equal(x.process.wait(20 * w.patience), 0, "it ends well")
            said = x.err
            spans.stop()
    judge_spans(t, collector, spans)
    judge_figures(t, collector, scrape)
    t.equal({each[3].get("Authorization") for each in collector.requests}, {SECRET},
            "each request has the header")
    t.ok(SECRET not in said, "which is not told anybody")
    by_opentelemetry(t, collector)
    collector.close()


def connections(collector):
    return [each for each in collector.spans() if text(each["name"][0]).startswith("tcp ")]


def judge_rights(t, x):
    sender = helper_of(x.process.pid, "tcpspan-send")
    t.equal(status_of(sender, "CapEff", "NoNewPrivs"), ("0" * 16, "1"),
            "what sends has no capability, and can get none")
    t.ok(status_of(sender, "Seccomp") == ("2",) or os.environ.get("SAN"),
         "and few system calls")
    t.ok(status_of(sender, "Uid")[0].split()[1] != "0", "it is not root")
    t.none([each for each in (sender, x.process.pid) if SECRET in words_of(each)],
           "no secret stands in anybody's arguments")


def judge_spans(t, collector, spans):
    """Of those that have a trace with their other end: others have one that each run names."""
    printed = [each for line in spans.out.splitlines() if b'"stringValue":"exact"' in line
               for each in json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"]]
    paired = {raw(each["trace_id"][0]) for each in connections(collector)
              if attributes(each)["tcpspan.pairing"] == "exact"}
    sent = {raw(each["span_id"][0]): each for each in collector.spans()
            if raw(each["trace_id"][0]) in paired}
    t.equal(len(paired), COUNT, "each connection is a trace")
    t.equal(set(sent), {each["spanId"] for each in printed}, "the spans are those of trace")
    t.none([each for each in printed
            if (raw(sent[each["spanId"]]["trace_id"][0]), text(sent[each["spanId"]]["name"][0]),
                sent[each["spanId"]]["kind"][0]) !=
            (each["traceId"], each["name"], str(each["kind"]))],
           "of the same traces, names and kinds")
    t.equal({attributes(each).get("error.type") for each in connections(collector)
             if "status" in each}, {"refused"}, "those that were refused are errors")
    t.equal({each["resource"]["rack"] for each in sent.values()}, {"7/4"},
            "what OTEL_RESOURCE_ATTRIBUTES says is theirs")


def judge_figures(t, collector, scrape):
    """Names and labels are alike; what was counted is in the last ones."""
    figures, wanted, found = collector.metrics(), set(), set()
    for name, *labels in scrape:
        for end in ("_bucket", "_sum", "_count"):
            if name.endswith(end) and name[:-len(end)] in figures:
                name, labels = name[:-len(end)], [each for each in zip(labels[::2], labels[1::2])
                                                  if each[0] != "le"]
                labels = [word for each in labels for word in each]
        wanted.add((name, *labels))
    for name, metric in figures.items():
        (kind,) = set(metric) & {"gauge", "sum", "histogram"}
        for point in metric[kind][0].get("data_points", []):
            found.add((name, *(word for each in point.get("attributes", [])
                               for word in (text(each["key"][0]),
                                            text(each["value"][0]["string_value"][0])))))
    own = {each for each in wanted if "exporter_scrape" in each[0]}
    t.equal(found, wanted - own, "figures have the names and labels that a scrape has")
    opened = sum(float(each["as_double"][0]) for each in
                 figures["tcpspan_connections_opened_total"]["sum"][0]["data_points"])
    t.equal(opened, COUNT + REFUSED, "and count the same")
    bounds = figures["tcpspan_handshake_duration_seconds"]["histogram"][0]["data_points"][0]
    t.equal(len(bounds["bucket_counts"]), len(bounds["explicit_bounds"]) + 1,
            "a histogram has a bucket between all edges")


def by_opentelemetry(t, collector):
    """The same by the decoder of those who have made the protocol."""
    folder = os.environ.get("OTLP_TRANSFORMER")
    if not folder:
        t.skip("OpenTelemetry's decoder reads it", "OTLP_TRANSFORMER names no folder with that "
               "package")
        return
    with tempfile.TemporaryDirectory() as scratch:
        for signal in ("traces", "metrics"):
            bodies = collector.of(f"/v1/{signal}")
            paths = [os.path.join(scratch, f"{signal}{at}") for at in range(len(bodies))]
            for path, body in zip(paths, bodies):
                with open(path, "wb") as file:
                    file.write(body)
            done = subprocess.run(["node", os.path.join(os.path.dirname(__file__), "otlp.js"),
                                   folder, signal, *paths], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, check=False, timeout=60)
            t.equal((done.returncode, done.stderr), (0, b""), f"OpenTelemetry's decoder: {signal}")
            read = [json.loads(line) for line in done.stdout.splitlines()]
            if signal == "traces":
                ids = {base64.b64decode(span["spanId"]).hex() for each in read
                       for of in each["resourceSpans"] for span in of["scopeSpans"][0]["spans"]}
                t.equal(ids, {raw(each["span_id"][0]) for each in collector.spans()},
                        "it finds the same spans")
            else:
                names = {metric["name"] for of in read[-1]["resourceMetrics"]
                         for metric in of["scopeMetrics"][0]["metrics"]}
                t.equal(names, set(collector.metrics()), "and the same figures")


def counted(found, name, *labels):
    return found.get((f"tcpspan_{name}", *labels))


def fills_up(w, t):
    """More than there is room for, and a collector that answers nobody."""
    listener, collector = listen(), Collector((silent,))
    with Exporter("-D", str(port_of(listener)), "--otlp", collector.url, "--spans", "all",
                  patience=w.patience,
                  environment={**NOW, "OTEL_METRICS_EXPORTER": "none"}) as x:
        for _ in range(MANY):
            finish(*pair(listener))
        found = x.scrape()
        lost = counted(found, "otlp_dropped_total", "signal", "spans")
        t.ok(lost > 0, "what there is no room for is dropped, and counted", lost)
        t.equal([counted(found, f"tracer_{name}") for name in
                 ("events_ring_full_total", "events_missed_total", "gaps_total")], [0, 0, 0],
                "the tracer has lost nothing for it")
        sender = helper_of(x.process.pid, "tcpspan-send")
        t.ok(int(status_of(sender, "RssAnon")[0].split()[0]) < MEMORY_KB,
             "what sends keeps no more than the queue", status_of(sender, "RssAnon"))
        said = ("dropped for lack of room", "what is to be sent waits")
        wait_for(lambda: any(map(x.err.count, said)), 10 * w.patience)
        t.equal(sum(map(x.err.count, said)), 1, "it is said once, not each time")
    collector.close()


def goes_by_itself(w, t):
    """What is ill for the figures is no reason to keep spans back, nor the other way round."""
    for name, answer in (("that is down", 503), ("that hangs", silent)):
        for ill_for, path in (("METRICS", "/v1/traces"), ("TRACES", "/v1/metrics")):
            listener, ill, well = listen(), Collector((answer,)), Collector()
            with Exporter("-D", str(port_of(listener)), "--otlp", well.url, "--spans", "all",
                          patience=w.patience,
                          environment={**NOW, "OTEL_METRIC_EXPORT_INTERVAL": "500",
                                       f"OTEL_EXPORTER_OTLP_{ill_for}_ENDPOINT": ill.url}) as x:
                finish(*pair(listener))
                wait_for(lambda to=ill: len(to.requests) > 1, 20 * w.patience)
                before = len(well.of(path))
                finish(*pair(listener))
                wait_for(lambda to=well, at=path, n=before: len(to.of(at)) > n, 4 * w.patience)
                t.ok(len(well.of(path)) > before,
                     f"a collector {name} for {ill_for.lower()} alone keeps {path} from nobody",
                     x.err)
            ill.close()
            well.close()


def silent(handler):
    time.sleep(1.5)


def gone(handler):
    handler.connection.close()


def slowly(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    for _ in range(15):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def for_ever(handler):
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1000):
            handler.wfile.write(b"x" * 1000)
    except OSError:
        pass


def no_http(handler):
    handler.wfile.write(b"\x00\xff\xfegarbage\r\n\r\n")


def long_headers(handler):
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 3000000)
    except OSError:
        pass


def misbehaves(t, recording):
    """Each one takes what is sent in the end, or refuses it for good."""
    later = {"Retry-After": "1"}
    again = (
        ("429 with Retry-After", (429, later, b""), "has answered 429", 0.9),
        ("503", 503, "has answered 503", 0.5),
        ("no answer", silent, "has given no answer: Timeout", 0.5),
        ("a connection that is closed", gone, "has given no answer: ", 0.5),
        ("an answer that never ends in time", slowly, "has given no answer: Timeout", 0.5),
        ("an answer that never ends", for_ever, "has given no answer: what it says is too long",
         0.3),
        ("headers that never end", long_headers,
         "has given no answer: the headers that it sends are too long", 0.3),
        ("what is no HTTP", no_http, "has given no answer: what it says is no HTTP", 0.3),
    )
    for name, answer, sentence, least in again:
        collector = Collector((answer, 200))
        status, said, took = replay(recording, collector.url, "--spans", "all")
        first, *others = collector.requests
        t.equal((status, [each[1] for each in others if each[0] == first[0]][:1]),
                (0, [first[1]]), f"{name}: it sends the same again")
        t.ok(sentence in said and took >= least, f"{name}: and says why", (said, took))
        collector.close()
    for name, answer, sentence in (
            ("400", 400, "has answered 400"),
            ("garbage", (200, {}, GARBAGE), "has given an answer that is none of OTLP"),
            ("partial success", (200, {}, partial(REJECTED, b"\x1b[2Jtoo old")),
             "has rejected some: \\x1b[2Jtoo old")):
        collector = Collector((answer, 200))
        status, said, _ = replay(recording, collector.url, "--spans", "all")
        t.equal((status, len(collector.requests)), (2, 2),
                f"{name}: it does not send it again, and fails")
        t.ok(sentence in said and "\x1b" not in said, f"{name}: and says why", said)
        collector.close()
    collector = Collector()
    collector.close()
    status, said, took = replay(recording, collector.url, "--spans", "none",
                                OTEL_METRICS_EXPORTER="none")
    t.equal((status, said.count("collector")), (0, 0), "where nothing is wanted nobody is asked")


def ends_when_told(w, t, recording):
    """A recording waits for a collector that is away, but no longer than its user."""
    gone_away = Collector()
    gone_away.close()
    process = subprocess.Popen([tracer.program(), "export", "-i", recording, "--otlp",
                                gone_away.url], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               env={**os.environ, **NOW}, text=True)
    time.sleep(1)
    t.equal(process.poll(), None, "it waits for a collector that is away")
    process.terminate()
    said = process.communicate(timeout=10 * w.patience)[1]
    t.equal(process.returncode, 2, "and ends when it is told to, as one that failed")
    t.ok("spans and figures failed, 0 were dropped" in said and "aborted" not in said,
         "and says how much was not sent", said)


def ends_while_it_waits(w, t, recording):
    """Who hangs is not told to have been slow: it is the run that ends."""
    hangs, full = Collector((lambda _: time.sleep(60),)), socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    fillers = [socket.socket() for _ in range(4)]
    for each in fillers:
        each.setblocking(False)
        each.connect_ex(full.getsockname())
    for port, what in ((hangs.server_address[1], "has given no answer"),
                       (full.getsockname()[1], "cannot be reached")):
        before = asking(port)
        process = subprocess.Popen([tracer.program(), "export", "-i", recording, "--otlp",
                                    f"http://127.0.0.1:{port}"], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   env={**os.environ, **NOW, "OTEL_EXPORTER_OTLP_TIMEOUT": "60000"},
                                   text=True)
        wait_for(lambda at=port, most=before: asking(at) > most, 10 * w.patience)
        process.terminate()
        said = process.communicate(timeout=20 * w.patience)[1]
        t.ok(process.returncode == 2 and
             f"the collector {what}: this run ended while it was waited for\n" in said,
             f"{what}: the run has ended", said)
    for each in (*fillers, full):
        each.close()
    hangs.close()


def arrives_nowhere(t):
    """A live run of which nothing has arrived when its time is over has failed."""
    here, gone = Collector(), Collector()
    gone.close()
    done = [tracer.run("export", "-N", "self", "-d", "0.2", "--otlp", each.url)
            for each in (here, gone)]
    here.close()
    t.equal([each.status for each in done], [0, 2], "live: status 2 where nothing has arrived")
    t.equal([b"spans and figures failed" in each.err for each in done], [False, True],
            "and how much that is") or t.note(done)


def asking(port):
    """How many have connected to it, or try."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    return len([row for row in rows if row[2].endswith(f":{port:04X}") and row[3] in ("01", "02")])


def refuses(t, recording):
    """What is not to be sent, or where to."""
    for url, why in (("http://192.0.2.1:4318", "--otlp-insecure"),
                     ("https://me:secret@192.0.2.1", "a name and a password"),
                     ("ftp://192.0.2.1", "takes a URL of http or https"),
                     ("http://127.0.0.1.example.org", "--otlp-insecure"),
                     ("http://localhost@192.0.2.1", "a name and a password")):
        status, said, _ = replay(recording, url)
        t.ok(status == 2 and why in said and "secret" not in said, f"{url} is refused", said)
    with tempfile.NamedTemporaryFile("w") as headers:
        headers.write("X: y\nAuthorization Bearer secret\n")
        headers.flush()
        status, said, _ = replay(recording, "http://127.0.0.1:9", "--otlp-headers", headers.name)
        t.ok(status == 2 and "header 2 is none" in said and "Bearer" not in said,
             "a header that is none is refused, and not repeated", said)
    status, said, _ = replay(recording, "http://127.0.0.1:9", "--otlp-headers", MISSING)
    t.ok(status == 2 and f"{MISSING} cannot be read" in said, "a file that is not there", said)


def story(w, t):
    live(w, t)
    fills_up(w, t)
    goes_by_itself(w, t)
    arrives_nowhere(t)
    with tempfile.NamedTemporaryFile(prefix="tcpspan-e2e-") as recording:
        recording.write(tsp.generate(connections=17))
        recording.flush()
        misbehaves(t, recording.name)
        refuses(t, recording.name)
        ends_when_told(w, t, recording.name)
        ends_while_it_waits(w, t, recording.name)


run(story)
