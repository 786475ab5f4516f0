#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What has answered nothing is not taken for a store that has nothing."""
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from tap import Tap  # noqa: E402

QUESTIONS = ("hist", "failures", "stuck", "pairs", "top", "hosts")


class Store(http.server.BaseHTTPRequestHandler):
    """Answers each query with `body`."""
    body = b""

    def do_POST(self):  # noqa: N802
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


def ask(server, *words):
    done = subprocess.run(
        [os.environ["TCPSPAN"], "fleet", *words, "--clickhouse",
         f"http://127.0.0.1:{server.server_port}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
        check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def tell_units(t, server):
    """Rows have a user's unit behind his number: in JSON these are two fields, as here."""
    Store.body = ("name k0 low n least most total\n" +
                  "".join(f"handshake_client {unit} 64 1 70 70 70\n"
                          for unit in ("1000/app.service", "app.service", "\\N"))
                  ).replace(" ", "\t").encode()
    status, out, err = ask(server, "hist", "--by", "unit", "--json")
    groups = [json.loads(line)["by"] for line in out.splitlines()]
    t.equal((status, sorted(groups, key=str)), (0, sorted((
        {"unit": "app.service", "unit_user": 1000}, {"unit": "app.service", "unit_user": None},
        {"unit": None, "unit_user": None}), key=str)), "hist by unit: whose it is") or t.note(err)
    out = ask(server, "hist", "--by", "unit")[1]
    t.equal([out.count(f"\n{unit} ") for unit in ("1000/app.service", "app.service")], [1, 1],
            "as text as well") or t.note(out)


def main():
    t = Tap()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Store)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    for question in QUESTIONS:
        for form in ((), ("--json",), ("--csv",)):
            said = ask(server, question, *form)
            t.equal(said, (2, "", f"tcpspan: {url} has not answered what was asked: "
                                  "is it a ClickHouse?\n"), f"{question}{form}: an empty answer")
    Store.body = b"<html>\n<body>\n</body>\n</html>\n"
    for question in QUESTIONS:
        t.equal(ask(server, question), (2, "", "tcpspan: the answer cannot be used: it is not what "
                                               "was asked\n"), f"{question}: a page")
    Store.body = b"\t".join(b"name%d" % i for i in range(15)) + b"\n"
    status, out, err = ask(server, "hosts", "--json")
    t.equal((status, out, err), (0, "", ""), "names of columns alone: there are no hosts")
    tell_units(t, server)
    server.shutdown()
    t.done()
    sys.exit(1 if t.failed else 0)


main()
