# SPDX-License-Identifier: GPL-2.0-only
"""A ClickHouse server of a story's own, with its data in a folder, and what it answers."""
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import namespace
from tap import Skip

TOP = pathlib.Path(__file__).resolve().parents[2]
# Who may insert, as it is installed.
WRITER, WRITER_FILE = "tcpspan_writer", TOP / "user/fleet/schema/writer.xml"
PASSWORD, NO_HASH = "open sesame", "NO-PASSWORD-HAS-THIS-HASH"
CONFIG = """<yandex>
<logger><level>warning</level><log>{folder}/log</log><errorlog>{folder}/err</errorlog></logger>
<http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>
<interserver_http_port>{inter}</interserver_http_port>
<interserver_http_host>127.0.0.1</interserver_http_host><listen_host>{listens}</listen_host>
<path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path>
<user_files_path>{folder}/files/</user_files_path>
<format_schema_path>{folder}/formats/</format_schema_path>
<users_config>{folder}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>67108864</mark_cache_size>
{more}</yandex>
"""
USERS = """<yandex><profiles><default></default></profiles><users>
<default><password></password><networks><ip>{allowed}</ip></networks>
<profile>default</profile><quota>default</quota></default></users>
<quotas><default></default></quotas></yandex>
"""


def program():
    """The server's; Skip where there is none."""
    found = shutil.which("clickhouse-server", path=os.environ["PATH"] + ":/usr/sbin")
    if not found:
        raise Skip("no clickhouse-server")
    return found


def writer():
    """The users' file of who may insert, with a password."""
    return WRITER_FILE.read_text(encoding="ascii").replace(
        NO_HASH, hashlib.sha256(PASSWORD.encode()).hexdigest())


class ClickHouse:
    """One server, from the moment that it answers; `more`: what else its configuration has.

    With a `port` others reach it there, as the user who may do all.
    """

    def __init__(self, folder, number=0, more="", patience=1.0, port=0):
        self.program = program()
        self.folder, self.patience = os.path.join(folder, f"ch{number}"), patience
        self.process = None
        self.port = port or 18123 + 10 * number
        listens, allowed = ("0.0.0.0", "::/0") if port else 2 * ("127.0.0.1",)
        os.makedirs(self.folder + "/users.d")
        for name, text in (("config.xml", CONFIG.format(
                folder=self.folder, http=self.port, tcp=self.port + 1, inter=self.port + 2,
                listens=listens, more=more)),
                ("users.xml", USERS.format(allowed=allowed)), ("users.d/writer.xml", writer())):
            with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
                file.write(text)
        self.start()

    @property
    def url(self):
        """What --clickhouse takes."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, within=30.0):
        """Starts it, and waits until it answers."""
        with open(os.path.join(self.folder, "out"), "ab") as out:
            self.process = subprocess.Popen(
                [self.program, f"--config-file={self.folder}/config.xml"], stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, preexec_fn=namespace.die_with_parent)
        deadline = time.monotonic() + within * self.patience
        while not self.is_up():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                with open(os.path.join(self.folder, "out"), "rb") as out:
                    raise RuntimeError(f"the server does not answer:\n{out.read()[-2000:]!r}")
            time.sleep(0.05)

    def is_up(self):
        """Whether it answers."""
        try:
            with urllib.request.urlopen(self.url + "/ping", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self, number=signal.SIGTERM):
        """Ends it."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGKILL)  # its data is thrown away

    def ask(self, query, user="default", password="", **settings):
        """The answer, as a list of lists of texts; RuntimeError with what it says."""
        request = urllib.request.Request(
            f"{self.url}/?{urllib.parse.urlencode(settings)}", data=query.encode(),
            headers={"X-ClickHouse-User": user, "X-ClickHouse-Key": password})
        try:
            with urllib.request.urlopen(request, timeout=60 * self.patience) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()) from None
        return [line.split("\t") for line in text.splitlines()]

    def number(self, query):
        """The one number that it answers."""
        (value,), = self.ask(query)
        return int(value)


class Keeper:
    """A ZooKeeper, which keeps what replicas have in common; make check-fleet has one."""
    PORT = 18180
    JARS = ("/usr/share/java/zookeeper.jar", "/usr/share/java/slf4j-nop.jar")

    def __init__(self, folder, patience=1.0):
        if not os.environ.get("KEEPER"):
            raise Skip("KEEPER is not set")
        os.makedirs(f"{folder}/keeper")
        with open(f"{folder}/zoo.cfg", "w", encoding="ascii") as file:
            file.write(f"tickTime=500\ndataDir={folder}/keeper\nclientPort={self.PORT}\n"
                       "clientPortAddress=127.0.0.1\nadmin.enableServer=false\n")
        with open(f"{folder}/keeper.out", "wb") as out:
            self.process = subprocess.Popen(
                ["java", "-Xmx128m", "-cp", ":".join(self.JARS),
                 "org.apache.zookeeper.server.ZooKeeperServerMain", f"{folder}/zoo.cfg"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                preexec_fn=namespace.die_with_parent)
        deadline = time.monotonic() + 30 * patience
        while not self.is_up():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                with open(f"{folder}/keeper.out", "rb") as out:
                    raise RuntimeError(f"the keeper does not answer:\n{out.read()[-2000:]!r}")
            time.sleep(0.1)

    def is_up(self):
        """Whether it takes connections."""
        try:
            with socket.create_connection(("127.0.0.1", self.PORT), timeout=5):
                return True
        except OSError:
            return False

    def stop(self):
        """Ends it."""
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
