#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The tables for a modern store are what its newest engine takes, and rows fit in them.

CHDB=FOLDER, where `npm install chdb` was run, has that engine; a story asks an old server.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(TOP / "tests/e2e"))

from tap import Tap  # noqa: E402

TCPSPAN = os.environ.get("TCPSPAN", "build/tcpspan")
RECORDING = TOP / "tests/golden/recordings/mixed.tsp"
WRITER = "who_sends"
# One statement at a time is read from standard input, and each answer printed.
ENGINE = """
const { Session } = require(process.argv[1] + "/node_modules/chdb");
const session = new Session(process.argv[2]);
for (const statement of require("fs").readFileSync(0, "utf8").split("\\0"))
	process.stdout.write(session.query(statement, "TSV"));
session.close();
"""


def ask(data, *statements):
    """What the engine says of them, whose tables are in a folder of its own."""
    return subprocess.run(["node", "-e", ENGINE, os.environ["CHDB"], data],
                          input="\0".join(statements), capture_output=True, text=True, check=False)


def said(*words):
    return subprocess.run([TCPSPAN, *words], capture_output=True, text=True, check=True).stdout


def schema(*words):
    """Its statements."""
    lines = said("fleet", "schema", "--modern", *words).splitlines()
    text = "\n".join(line for line in lines if not line.startswith("--"))
    return list(filter(str.strip, text.split(";")))


def tell(t, data):
    made = ask(data, *schema())
    t.equal((made.returncode, made.stderr), (0, ""), "each statement is understood")
    # It has no users, but understands what is said of them.
    grants = [each.strip() for each in schema("--writer", WRITER)[len(schema()):]]
    read = ask(data, *(f"SELECT formatQuerySingleLine($${each}$$)" for each in grants))
    t.equal((read.returncode, read.stdout, read.stderr), (0, "".join(
        f"GRANT INSERT ON tcpspan.{table} TO {WRITER}\n" for table in ("connections", "batches")),
                                                          ""),
            "who may insert may do nothing else")
    read = ask(data, "SELECT formatQuerySingleLine('GRANT INSERT TO me ON tcpspan.batches')")
    t.ok(read.returncode and "Syntax error" in read.stderr, "what is none it does not understand")
    rows = said("trace", "--format", "rows", "-i", str(RECORDING)).splitlines()
    done = ask(data, "INSERT INTO tcpspan.connections FORMAT JSONEachRow\n" + "\n".join(rows),
               "SELECT count(), uniqExact(kind) FROM tcpspan.connections")
    t.ok(done.stdout == f"{len(rows)}\t2\n", "each row has a place", done.stdout, done.stderr)


def main():
    t = Tap()
    if "CHDB" not in os.environ or not shutil.which("node"):
        t.skip_all("CHDB names no folder with an engine")
        return 0
    with tempfile.TemporaryDirectory(prefix="tcpspan-modern-") as data:
        tell(t, data + "/db")
    t.done()
    return t.failed > 0


if __name__ == "__main__":
    sys.exit(main())
