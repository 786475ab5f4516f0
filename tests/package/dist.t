#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What is packed is all of the source, the same each time, and knows of which commit it is."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(TOP / "tests/e2e"))

from tap import Tap  # noqa: E402

PACKAGE = TOP / "user/package"
STAMPED = "user/package/stamped"


def said(*command, **how):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, **{"cwd": TOP, **how})
    return done.returncode, done.stdout.strip()


def versions():
    """{where it stands: the version}"""
    make = re.search(r"^VERSION := (\S+)", (TOP / "Makefile").read_text(), re.M)
    debian = re.match(r"tcpspan \((\S+)\)", (PACKAGE / "debian/changelog").read_text())
    changes = re.search(r"^## (\S+)", (PACKAGE / "changes.md").read_text(), re.M)
    return {"Makefile": make[1], "debian/changelog": debian[1], "changes.md": changes[1]}


def tell_archive(t, version):
    if said("git", "rev-parse", "HEAD")[0] or not shutil.which("xz"):
        t.skip("the source is packed", "no git here")
        return
    with tempfile.TemporaryDirectory(prefix="tcpspan-dist-") as folder:
        digests = []
        for name, mask in (("one.tar.xz", 0o022), ("other.tar.xz", 0o077)):
            path = os.path.join(folder, name)
            t.equal(said(str(PACKAGE / "dist"), path, version, umask=mask,
                         env={**os.environ, "XZ_OPT": "-0"})[0], 0, "it is packed")
            digests.append(hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest())
        t.equal(digests[0], digests[1], "the same each time")
        with tarfile.open(path) as archive:
            names = {member.name for member in archive if not member.isdir()}
            archive.extractall(folder)
        prefix = f"tcpspan-{version}/"
        wanted = {prefix + name for name in
                  said("git", "ls-tree", "-r", "--name-only", "HEAD")[1].splitlines()}
        t.equal(names, wanted | {prefix + STAMPED}, "all that is committed is there")
        inside = pathlib.Path(folder, prefix)
        # Where no git is found, as in a folder of an archive.
        bare = {**os.environ, "GIT_CEILING_DIRECTORIES": folder}
        t.equal(said(str(inside / "user/package/stamp"), cwd=inside, env=bare),
                said("git", "log", "-1", "--format=%H %ct"), "it knows its commit")
        (inside / STAMPED).unlink()
        status, told = said(str(inside / "user/package/stamp"), cwd=inside, env=bare)
        t.ok(not status and re.fullmatch(r"unknown \d{10}", told), "or says that it is unknown",
             told)
        t.ok(said(str(PACKAGE / "dist"), path, version + ".1")[0] == 1,
             "a version that no changelog has is refused")


tap = Tap()
found = versions()
tap.equal(len(set(found.values())), 1, "the version is the same everywhere") or tap.note(str(found))
tell_archive(tap, found["Makefile"])
tap.done()
sys.exit(1 if tap.failed else 0)
