#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""export --clickhouse: rows for a store, and stores that behave badly; 98-fleet has a real one."""
import json
import os
import pwd
import ssl
import subprocess
import tempfile
import time
import urllib.parse

import tracer
import tsp
from collector import Collector
from exporter import Exporter
from traffic import connect, finish, free_port, listen, pair, port_of, wait_for
from world import *

COUNT, REFUSED = 23, 7
MISSING = "/no/such/file"
SECRET = "nobody-is-to-see-this"
ALIVE, SAMPLED, MANY = 3, 41, 701


def replay(recording, url, *args):
    """export -i to a store: the status, what it said, and how long it took."""
    began = time.monotonic()
    done = subprocess.run([tracer.program(), "export", "-i", recording, "--clickhouse", url, *args],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, timeout=100)
    return done.returncode, done.stderr.decode(), time.monotonic() - began


def query_of(path):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)["query"][0]


def rows_of(store, table, status=200):
    """What a table was sent, and has taken."""
    return [json.loads(line) for path, body, how, _, _ in store.requests
            if how == status and f".{table} " in query_of(path) for line in body.splitlines()]


def helper_of(pid, name):
    """The child of that name."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        children = file.read().split()
    found = []
    for each in children:
        with open(f"/proc/{each}/status", encoding="ascii") as file:
            status = dict(line.split(":", 1) for line in file)
        if status["Name"].strip() == name:
            found.append((each, status))
    one, = found
    return one


def live(w, t, folder):
    """Both ends of each connection are a row with one flow; batches say how many."""
    listener, nobody = listen(), free_port()
    ports = f"{port_of(listener)},{nobody}"
    store, password = Collector(), os.path.join(folder, "password")
    with open(password, "w", encoding="ascii") as file:
        file.write(SECRET + "\n")
    with Exporter("-p", f"{os.getpid()}", "--clickhouse", store.url, "--clickhouse-user", "writer",
                  "--clickhouse-password", password, "--spool", os.path.join(folder, "spool"),
                  patience=w.patience) as x:
        for _ in range(COUNT):
            finish(*pair(listener))
        for _ in range(REFUSED):
            try:
                connect("127.0.0.1", nobody)
            except ConnectionRefusedError:
                pass
        kept = [pair(listener) for _ in range(ALIVE)]
        judge_rights(t, x)
        x.stop(within=20)
        said = x.err
        del kept
    rows = [each for each in rows_of(store, "connections")
            if str(each["lport"]) in ports or str(each["rport"]) in ports]
    flows = {}
    for each in rows:
        flows.setdefault(each["flow"], []).append(each["role"])
    t.equal(len(flows.pop(0, [])), REFUSED, "what was refused is a row without a flow")
    t.equal(sorted(map(sorted, flows.values())), [["client", "server"]] * (COUNT + ALIVE),
            "each connection is two rows with one flow")
    t.equal(sum(each["outcome"] == "open" for each in rows), 2 * ALIVE,
            "what goes on is told of at the end")
    batches = rows_of(store, "batches")
    t.equal([each["batch"] for each in batches], list(range(1, len(batches) + 1)),
            "batches are numbered")
    t.equal(sum(each["rows"] for each in batches), len(rows_of(store, "connections")),
            "and say how many rows there are")
    t.equal({each["host"] for each in rows}, {os.uname().nodename}, "rows say whose they are")
    t.equal({(each[3].get("X-ClickHouse-User"), each[3].get("X-ClickHouse-Key"))
             for each in store.requests}, {("writer", SECRET)}, "it says who sends")
    t.ok(SECRET not in said + "".join(each[0] for each in store.requests),
         "the password stands nowhere else")
    t.equal({query_of(each[0]) for each in store.requests},
            {f"INSERT INTO tcpspan.{table} FORMAT JSONEachRow"
             for table in ("connections", "batches")}, "it inserts, and does nothing else")
    t.equal(os.listdir(os.path.join(folder, "spool")), [], "nothing is left in the spool")
    store.close()


def judge_rights(t, x):
    pid, status = helper_of(x.process.pid, "tcpspan-store")
    t.equal((status["CapEff"].strip(), status["NoNewPrivs"].strip()), ("0" * 16, "1"),
            "what sends has no capability, and can get none")
    t.ok(status["Seccomp"].strip() == "2" or os.environ.get("SAN"), "and few system calls")
    t.ok(status["Uid"].split()[1] != "0", "it is not root")
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        t.ok(SECRET.encode() not in file.read(), "no secret stands in its arguments")


def waits(w, t, folder):
    """What nobody takes is there for the next run, as it was."""
    listener, spool = listen(), os.path.join(folder, "waiting")
    away = Collector((503,))
    with Exporter("-L", str(port_of(listener)), "--clickhouse", away.url, "--spool", spool,
                  patience=w.patience) as x:
        for _ in range(COUNT):
            finish(*pair(listener))
        x.stop(within=20)
        said = x.err
    t.ok("has answered 503" in said and "the rows wait" in said, "it says that rows wait", said)
    left = sorted(os.listdir(spool))
    t.ok(left and all(each.endswith(".gz") for each in left), "they are files", left)
    with open(os.path.join(spool, left[0] + ".part"), "wb") as file:
        file.write(b"half of one")
    with open(os.path.join(spool, "notes"), "wb") as file:
        file.write(b"somebody else's")
    store = Collector()
    with Exporter("-L", str(port_of(listener)), "--clickhouse", f"{away.url},{store.url}",
                  "--spool", spool, patience=w.patience) as x:
        wait_for(lambda: sum("connections" in each for each in os.listdir(spool)) == 0,
                 20 * w.patience)
        second = subprocess.run([tracer.program(), "export", "--clickhouse", store.url, "--spool",
                                 spool], stderr=subprocess.PIPE, check=False, timeout=20)
        t.ok(second.returncode == 2 and b"another run uses it" in second.stderr,
             "one run uses a spool at a time", second.stderr)
        x.stop(within=20)
    rows = [each for each in rows_of(store, "connections") if each["role"] == "server"]
    t.equal(len(rows), COUNT, "the next run sends them, where the first server does not take them")
    sent = {each[1] for each in away.requests}
    t.ok({each[1] for each in store.requests} & sent,
         "with the same bytes")
    t.equal(sorted(os.listdir(spool)), ["notes"], "what is somebody else's stays")
    away.close()
    store.close()


def fills_up(w, t, folder):
    """Where there is no room left, the oldest rows go, counted and told of; no event is lost."""
    listener, spool, away = listen(), os.path.join(folder, "small"), Collector((503,))
    said = []
    for _ in range(2):
        with Exporter("-L", str(port_of(listener)), "--clickhouse", away.url, "--spool", spool,
                      "--spool-size", "64K", patience=w.patience) as x:
            for _ in range(MANY):
                finish(*pair(listener))
            status, _ = x.stop(within=20)
            said.append((status, x.err))
    t.equal([status for status, _ in said], [0, 0], "a spool that is full ends nothing")
    t.ok("dropped" not in said[0][1] and f"0 rows failed, {MANY} were dropped" in said[1][1],
         "what was first is dropped, and that is said", said)
    t.ok("none lost" in said[1][1], "the tracer has lost nothing for it", said[1])
    left = [each for each in os.listdir(spool) if "connections" in each]
    t.equal(len(left), 1, "what came last waits")
    away.close()


def cannot_keep(w, t, folder):
    """A folder that takes nothing any more, as on a full disk: nothing waits, and none says so."""
    listener, spool, away = listen(), os.path.join(folder, "lost"), Collector((503,))
    os.mkdir(spool, 0o500)
    os.chown(spool, pwd.getpwnam("nobody").pw_uid, -1)
    with Exporter("-L", str(port_of(listener)), "--clickhouse", away.url, "--spool", spool,
                  patience=w.patience) as x:
        for _ in range(MANY):
            finish(*pair(listener))
        x.stop(within=20)
    t.ok("cannot wait in the spool: Permission denied" in x.err and
         f"0 rows failed, {MANY} were dropped" in x.err,
         "what the spool does not take is dropped, and that is said", x.err)
    t.ok("the rows wait" not in x.err, "nothing is said to wait", x.err)
    away.close()


def samples(w, t):
    """One of four flows, and the same ones on each machine."""
    listener, flows = listen(), []
    for one_of in ("1", "4"):
        store = Collector()
        with Exporter("-L", str(port_of(listener)), "--clickhouse", store.url, "--flow-sample",
                      f"1/{one_of}", patience=w.patience) as x:
            for _ in range(SAMPLED):
                finish(*pair(listener))
            x.stop(within=20)
        found = [each["flow"] for each in rows_of(store, "connections")
                 if each["role"] == "server"]
        flows.append(found)
        t.equal({each["sampling_ratio"] for each in rows_of(store, "batches")}, {1 / int(one_of)},
                f"batches say that 1 of {one_of} has rows")
        store.close()
    t.equal(len(flows[0]), SAMPLED, "all have rows")
    t.ok(flows[1] and max(flows[1]) < 1 << 62, "or those whose flow is low", len(flows[1]))


def misbehaves(t, recording):
    """Each store takes the rows in the end, or refuses them for good: one sentence each."""
    for name, answer, sentence in (
            ("no tables", (500, {}, b"Code: 60, e.displayText() = DB::Exception: Table x"),
             "tcpspan fleet init makes them"),
            ("a wrong password", (403, {}, b"Code: 193, e.displayText() = DB::Exception"),
             "neither this user nor this password"),
            ("an older schema", (400, {}, b"Code: 117, e.displayText() = DB::Exception: Unknown "
                                          b"field found while parsing JSONEachRow format: mptcp"),
             "has a schema that is older"),
            ("a page where rows were to be taken", (200, {}, b"\n<html>Welcome to the hotel"),
             "<html>Welcome to the hotel"),
            ("bytes where rows were to be taken", (200, {}, b"\0\xff{}"),
             r"has answered 200: \x00\xff{}"),
            ("an answer of something else", (200, {}, b'{"status":"ok"}'),
             'has answered 200: {"status":"ok"}'),
            ("an exception that comes late", (200, {}, b"Code: 60, e.displayText() = Table x"),
             "tcpspan fleet init makes them"),
            ("429, and garbage", (429, {"Retry-After": "1"}, b"\x1b[2J<html>"),
             r"has answered 429: \x1b[2J<html>")):
        store = Collector((answer, 200))
        status, said, _ = replay(recording, store.url)
        bodies = [each[1] for each in store.requests]
        t.equal((status, bodies[0]), (0, bodies[1]), f"{name}: it sends the same again")
        t.ok(sentence in said and said.count("the store") == 1, f"{name}: and says why", said)
        store.close()
    store = Collector(((200, {}, b"Ok.\n"), 200))
    status, said, _ = replay(recording, store.url)
    bodies = [each[1] for each in store.requests]
    t.equal((status, bodies.count(bodies[0]), "the store" in said), (0, 1, False),
            "what is taken with a word is not sent again")
    store.close()
    for name, answer in (
            ("rows that cannot be read", (400, {}, b"Code: 26, e.displayText() = DB::Exception: "
                                                   b"Cannot parse")),
            ("what is too large for a proxy", (413, {}, b"<html>Request Entity Too Large"))):
        store = Collector((answer, 200))
        status, said, _ = replay(recording, store.url)
        bodies = [each[1] for each in store.requests]
        t.ok(status == 2 and bodies.count(bodies[0]) == 1 and len(bodies) > 1 and
             "rows failed" in said, f"{name}: not sent again, what follows is, and it fails", said)
        store.close()


def ends_when_told(w, t, recording):
    """While rows of a recording wait, a signal ends it, and they are told of as lost."""
    store = Collector((503,))
    words = [tracer.program(), "export", "-i", recording, "--clickhouse", store.url]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as process:
        try:
            asked = wait_for(lambda: store.requests, 20 * w.patience)
            began = time.monotonic()
            process.terminate()
            said = process.communicate(timeout=20 * w.patience)[1]
        finally:
            process.kill()
    t.ok(asked and process.returncode == 2 and "aborted" not in said and
         "rows failed, 0 were dropped" in said,
         "told to end, it says how many rows the store has not got", said)
    t.between(time.monotonic() - began, 0, 2 * w.patience, "at once")
    store.close()


def answers_nothing(t):
    """To a question: a sentence that ends where there is nothing more to say."""
    store = Collector((307, 307))
    done = tracer.run("fleet", "hist", "--clickhouse", store.url)
    t.equal((done.status, done.err), (2, f"tcpspan: {store.url} has answered 307\n".encode()),
            "a question that is not answered: one sentence")
    store.close()


def hides(t, recording):
    """What a machine is called is hidden in batches as in rows, by the same word."""
    store = Collector()
    replay(recording, store.url, "--redact")
    names = [{each["host"] for each in rows_of(store, table)} for table in ("connections",
                                                                         "batches")]
    t.ok(names[0] == names[1] and len(names[0]) == 1 and "synthetic" not in names[0],
         "--redact hides the name of the machine", names)
    store.close()


def verifies(t, recording, folder):
    """Who has no certificate that is trusted gets neither rows nor the password."""
    key, certificate = (os.path.join(folder, name) for name in ("key.pem", "cert.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
    os.chmod(folder, 0o755)  # for the user that sends
    store = Collector()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    store.socket = context.wrap_socket(store.socket, server_side=True)
    url = f"https://localhost:{store.server_address[1]}"
    process = subprocess.Popen([tracer.program(), "export", "-i", recording, "--clickhouse", url],
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.readline().decode()
    process.terminate()
    process.communicate()
    t.ok("cannot be reached" in said and "certificate" in said and not store.requests,
         "a certificate that nobody vouches for is none", said)
    status, said, _ = replay(recording, url, "--clickhouse-ca", certificate)
    t.ok(status == 0 and store.requests, "one that is named is trusted", said)
    store.close()


def arrives_nowhere(t, folder):
    """A live run of which nothing has arrived has failed, if the next one will not send it."""
    here, gone, spool = Collector(), Collector(), os.path.join(folder, "kept")
    os.mkdir(spool, 0o700)
    gone.close()
    done = [tracer.run("export", "-N", "self", "-d", "0.2", "--clickhouse", *words)
            for words in ((here.url,), (gone.url,), (gone.url, "--spool", spool))]
    here.close()
    t.equal([each.status for each in done], [0, 2, 0], "live: status 2 where nothing has arrived")
    t.equal([b"rows failed" in each.err or b"row failed" in each.err for each in done],
            [False, True, False], "and how much that is") or t.note(done)
    t.ok(os.listdir(spool), "what is kept is there")


def refuses(t, recording, folder):
    """What is not to be sent, or where to."""
    for url, why in (("http://192.0.2.1:8123", "--clickhouse-insecure"),
                     ("https://me:secret@192.0.2.1", "--clickhouse-password"),
                     ("ftp://192.0.2.1", "takes a URL of http or https")):
        status, said, _ = replay(recording, url)
        t.ok(status == 2 and why in said and "secret" not in said, f"{url} is refused", said)
    here = "http://127.0.0.1:9"
    status, said, _ = replay(recording, here, "--clickhouse-database", "a; DROP")
    t.ok(status == 2 and "letters, digits" in said, "a database is a name", said)
    status, said, _ = replay(recording, here, "--clickhouse-password", MISSING)
    t.ok(status == 2 and f"{MISSING} cannot be read" in said, "no password is where it is said",
         said)
    with open(os.path.join(folder, "file"), "wb") as file:
        file.write(b"x")
    status, said, _ = replay(recording, here, "--spool", folder)
    t.ok(status == 2 and "not empty" in said and os.stat(folder).st_uid == os.getuid(),
         "a folder of somebody else's is no spool, and stays his", said)


def is_no_store(t):
    """Whoever answers something else is not taken for a store, not even for an empty one."""
    store = Collector(((200, {}, b"<html>Welcome to the hotel"),) * 9)
    done = tracer.run("fleet", "init", "--clickhouse", store.url)
    t.ok(done.status == 2 and done.err.count(b"\n") == 1 and b"is it a ClickHouse?" in done.err and
         not done.out, "fleet init makes no tables in what is no store", done.out, done.err)
    store.close()


def story(w, t):
    with tempfile.TemporaryDirectory(prefix="tcpspan-e2e-") as folder:
        live(w, t, folder)
        waits(w, t, folder)
        fills_up(w, t, folder)
        cannot_keep(w, t, folder)
        samples(w, t)
        arrives_nowhere(t, folder)
        recording = os.path.join(folder, "recording.tsp")
        with open(recording, "wb") as file:
            file.write(tsp.generate(connections=17))
        misbehaves(t, recording)
        ends_when_told(w, t, recording)
        answers_nothing(t)
        hides(t, recording)
        verifies(t, recording, folder)
        refuses(t, recording, folder)
        is_no_store(t)


run(story)
