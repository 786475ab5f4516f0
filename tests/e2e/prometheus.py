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
CONFIG = """
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: tcpspan
%s
    static_configs: [{targets: ["%s"]}]
"""


@contextlib.contextmanager
def prometheus(folder, target, how="", flags=()):
    """Scrapes the target once a second, with its data in the folder."""
    config = f"{folder}/prometheus.yml"
    with open(config, "w", encoding="ascii") as file:
        file.write(CONFIG % (how, target))
    with open(f"{folder}/log", "w", encoding="ascii") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
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


def ask(expression):
    """The answer, as numbers by their labels' values; {} while there is none."""
    return {tuple(value for name, value in sorted(labels.items())
                  if name not in ("__name__", "instance", "job")): number
            for labels, number in query(expression)}
