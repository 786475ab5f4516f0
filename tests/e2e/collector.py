# SPDX-License-Identifier: GPL-2.0-only
"""A made-up collector of OpenTelemetry, which may behave as badly as real ones do."""
import gzip
import http.server
import os
import subprocess
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROTO = os.path.join(ROOT, "user/net/otlp.proto")
REQUESTS = {"/v1/traces": "ExportTraceServiceRequest", "/v1/metrics": "ExportMetricsServiceRequest"}


def parse_text(text):
    """What `protoc --decode` prints, as {field: [values]}; a message is such a dict."""
    stack = [{}]
    for line in text.splitlines():
        line = line.strip()
        if line.endswith("{"):
            stack.append({})
            stack[-2].setdefault(line[:-1].strip(), []).append(stack[-1])
        elif line == "}":
            stack.pop()
        elif line:
            name, value = line.split(": ", 1)
            stack[-1].setdefault(name, []).append(value)
    return stack[0]


def decode(path, body):
    """A request, by protoc and our own description of what it consists of."""
    done = subprocess.run(["protoc", f"--proto_path={os.path.dirname(PROTO)}",
                           f"--decode=tcpspan.otlp.{REQUESTS[path]}", os.path.basename(PROTO)],
                          input=body, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise ValueError(done.stderr.decode())
    return parse_text(done.stdout.decode(errors="replace"))


def text(value):
    """A string as it was before protoc quoted it."""
    return value[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape").encode(
        "latin-1").decode("utf-8", "replace")


def raw(value):
    """The hexadecimal digits of bytes that protoc has quoted."""
    return value[1:-1].encode().decode("unicode_escape").encode("latin-1").hex()


def attributes(message):
    """{key: value} of a message."""
    found = {}
    for each in message.get("attributes", []):
        (kind, (value,)), = each["value"][0].items()
        found[text(each["key"][0])] = text(value) if kind == "string_value" else \
            value == "true" if kind == "bool_value" else int(value)
    return found


class Collector(http.server.ThreadingHTTPServer):
    """Listens on 127.0.0.1; `answers` are taken one for each request, the last one for all others.

    An answer is a status, or (status, headers, body), or a function of the handler that does
    something else.
    """
    daemon_threads = True

    def __init__(self, answers=(200,), port=0):
        self.requests, self.answers, self.lock = [], list(answers), threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05},
                         daemon=True).start()

    @property
    def url(self):
        """What --otlp takes."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """Who is kept waiting goes away: that is what is looked at."""

    def close(self):
        """It is gone."""
        self.shutdown()
        self.server_close()

    def next_answer(self):
        """How the request that comes now is answered."""
        with self.lock:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def of(self, path, status=200):
        """The bodies of a path that it has taken."""
        return [body for where, body, how, _, _ in self.requests if (where, how) == (path, status)]

    def spans(self, status=200):
        """All spans that came, each with the attributes of its resource as `resource`."""
        found = []
        for body in self.of("/v1/traces", status):
            for each in decode("/v1/traces", body)["resource_spans"]:
                for span in each["scope_spans"][0]["spans"]:
                    span["resource"] = attributes(each["resource"][0])
                    found.append(span)
        return found

    def metrics(self):
        """{name: metric} of the last request with figures."""
        last = decode("/v1/metrics", self.of("/v1/metrics")[-1])
        return {text(each["name"][0]): each
                for each in last["resource_metrics"][0]["scope_metrics"][0]["metrics"]}


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection; what it was asked for stands in its server's `requests`."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        """Takes a body, and answers."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        answer = self.server.next_answer()
        if callable(answer):
            self.server.requests.append((self.path, body, None, dict(self.headers),
                                         time.monotonic()))
            self.close_connection = True
            answer(self)
            return
        status, headers, reply = answer if isinstance(answer, tuple) else (answer, {}, b"")
        self.server.requests.append((self.path, body, status, dict(self.headers),
                                     time.monotonic()))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *args):  # pylint: disable=arguments-differ
        """Says nothing."""
