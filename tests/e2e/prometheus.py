# SPDX-License-Identifier: GPL-2.0-only
"""A Prometheus server of a story's own, and what it answers."""
import contextlib
import json
import shutil
import signal
import subprocess
import urllib.parse
import urllib.request

import namespace

WEB = 19090
CONFIG = "global: {scrape_interval: 1s}\nscrape_configs:\n"
JOB = """
  - job_name: %s
%s
    static_configs: [{targets: ["%s:%d"]}]
"""


@contextlib.contextmanager
def prometheus(folder, config, *flags):
    """A server of its own, with its data in the folder."""
    path = f"{folder}/prometheus.yml"
    with open(path, "w", encoding="ascii") as file:
        file.write(config)
    with open(f"{folder}/log", "w", encoding="ascii") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={path}", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{WEB}", *flags],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            preexec_fn=namespace.die_with_parent)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(f"{folder}/data", ignore_errors=True)


def query(expression):
    """The answer, as (labels, number); [] while there is none."""
    words = urllib.parse.urlencode({"query": expression})
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{WEB}/api/v1/query?{words}",
                                    timeout=10) as answer:
            result = json.load(answer)["data"]["result"]
    except OSError:
        return []
    return [(each["metric"], float(each["value"][1])) for each in result]


def ask(expression, labels=("job",)):
    """The answer, as numbers by the values of all labels but these; {} while there is none."""
    return {tuple(value for name, value in sorted(found.items())
                  if name not in ("__name__", "instance", *labels)): number
            for found, number in query(expression)}
