# SPDX-License-Identifier: GPL-2.0-only
"""Makes the root file system of a virtual machine: concatenated, uncompressed cpio archives.

Three layers, so that only the last is written anew for every boot:
    base     busybox, dash, python3 with its standard library as byte code, ip, ss   (cached)
    modules  of the kernel that boots                                          (from its cache)
    job      init, tcpspan, the stories, what to run, files of the host's
"""

import hashlib
import io
import os
import pathlib
import py_compile
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time

import kernels

HERE = pathlib.Path(__file__).resolve().parent
KEEP_S = 86400  # another tree of this machine may be using an old base
PYTHON = pathlib.Path("/usr/bin/python3")
BUSYBOX = pathlib.Path("/bin/busybox")
SHELL = pathlib.Path("/bin/dash")  # busybox's own prefers its applets to the programs in PATH
TOOLS = ("ip", "ss")
TOOLS_IF_PRESENT = ("bash", "bpftool", "setpriv", "strace", "tc")
# Parts of the standard library that no test imports and that are large or need large libraries.
PYTHON_LEFT_OUT = re.compile(
    r"(^|/)(__pycache__|test|tests|idlelib|tkinter|turtledemo|turtle\.py|lib2to3|ensurepip|venv|"
    r"distutils|pydoc_data|pydoc\.py|config-[^/]*|sqlite3|dbm|curses|msilib|wsgiref|xmlrpc|"
    r"dist-packages|site-packages|_sysconfigdata[^/]*|sitecustomize\.py)(/|$)"
    r"|lib-dynload/_?(test|tkinter|ctypes_test|codecs_|sqlite3|ssl|hashlib|dbm|curses|crypt|"
    r"xxlimited|xxtestfuzz|ossaudiodev|audioop|nis|readline|multibytecodec)[^/]*$")
ETC = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "hosts: files\n",
}


class BuildError(Exception):
    """The file system cannot be made; the message is one sentence."""


class Archive:
    """A cpio archive in the 'newc' form, made in memory."""

    def __init__(self):
        self.data = io.BytesIO()
        self.names = {"": None}
        self.inode = 0

    def _entry(self, name, mode, content=b"", device=(0, 0)):
        self.inode += 1
        encoded = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(encoded), 0)
        self.data.write(b"070701" + b"".join(b"%08X" % field for field in fields) + encoded)
        self.data.write(b"\0" * (-self.data.tell() % 4) + content)
        self.data.write(b"\0" * (-self.data.tell() % 4))

    def folder(self, name):
        """A folder and those above it, once."""
        if name not in self.names:
            self.folder(os.path.dirname(name))
            self.names[name] = None
            self._entry(name, stat.S_IFDIR | 0o755)

    def file(self, name, content, executable=False):
        """A regular file."""
        self.folder(os.path.dirname(name))
        self.names[name] = None
        self._entry(name, stat.S_IFREG | (0o755 if executable else 0o644), content)

    def link(self, name, target):
        """A symbolic link."""
        self.folder(os.path.dirname(name))
        self.names[name] = None
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def device(self, name, mode, major, minor):
        """A character device."""
        self.folder(os.path.dirname(name))
        self._entry(name, stat.S_IFCHR | mode, device=(major, minor))

    def copy(self, source, name):
        """A file of the host's, or a folder with all that is in it."""
        source = pathlib.Path(source)
        if source.is_dir():
            self.folder(name)
            for path in sorted(source.iterdir()):
                if path.name != "__pycache__":
                    self.copy(path, f"{name}/{path.name}")
        else:
            self.file(name, source.read_bytes(), os.access(source, os.X_OK))

    def program(self, source, name):
        """An executable of the host's with the shared libraries it needs."""
        self.copy(source, name)
        for library in libraries(source):
            if inside(library) not in self.names:
                self.file(inside(library), library.read_bytes(), True)

    def bytes(self):
        """The whole archive, padded so that another may follow."""
        self._entry("TRAILER!!!", 0)
        self.data.write(b"\0" * (-self.data.tell() % 512))
        return self.data.getvalue()


def libraries(path):
    """The shared libraries that an ELF file is loaded with, as the loader names them."""
    done = subprocess.run(["ldd", str(path)], check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    return [pathlib.Path(found) for found in
            re.findall(r"(?:=> |^\s+)(/\S+) \(0x", done.stdout, re.M)]


def inside(path):
    """Where a library of the host's goes: its place with /lib* merged into /usr/lib*."""
    return re.sub(r"^/(usr/)?(lib\d*|bin|sbin)/", r"usr/\2/", str(path)).lstrip("/")


def need(path):
    """PATH, which must be there."""
    if not path or not pathlib.Path(path).exists():
        raise BuildError(f"{path or 'a program'} is missing: tests/kernel/deps installs it")
    return pathlib.Path(path)


def add_python(archive):
    """The machine's python3: byte code without sources, and the extension modules."""
    real = PYTHON.resolve()
    archive.program(real, f"usr/bin/{real.name}")
    archive.link("usr/bin/python3", real.name)
    library = pathlib.Path("/usr/lib") / real.name
    with tempfile.TemporaryDirectory() as work:
        compiled = os.path.join(work, "pyc")
        for path in sorted(library.rglob("*")):
            name = str(path.relative_to(library))
            if path.is_dir() or PYTHON_LEFT_OUT.search(name):
                continue
            if path.suffix == ".py":
                py_compile.compile(str(path), compiled, dfile=str(path), doraise=True)
                archive.file(f"usr/lib/{real.name}/{name}c", pathlib.Path(compiled).read_bytes())
            elif path.suffix == ".so":
                archive.program(path, f"usr/lib/{real.name}/{name}")


def build_base():
    """The first layer."""
    archive = Archive()
    for name in ("bin", "sbin", "lib", "lib64"):
        archive.folder(f"usr/{name}")
        archive.link(name, f"usr/{name}")
    for name in ("dev", "proc", "sys", "tmp", "run", "root", "var", "host", "out", "mnt"):
        archive.folder(name)
    archive.device("dev/console", 0o600, 5, 1)
    archive.link("var/run", "/run")
    for name, text in ETC.items():
        archive.file(f"etc/{name}", text.encode())
    archive.program(need(SHELL), "usr/bin/sh")
    for name in TOOLS:
        archive.program(need(shutil.which(name)), f"usr/bin/{name}")
    for name in filter(shutil.which, TOOLS_IF_PRESENT):
        archive.program(pathlib.Path(shutil.which(name)).resolve(), f"usr/bin/{name}")
    add_python(archive)
    archive.copy(need(BUSYBOX), "usr/bin/busybox")
    applets = subprocess.run([BUSYBOX, "--list"], check=True, text=True, stdout=subprocess.PIPE)
    for applet in applets.stdout.split():
        if f"usr/bin/{applet}" not in archive.names:
            archive.link(f"usr/bin/{applet}", "busybox")
    archive.link("usr/sbin/modprobe", "../bin/busybox")
    return archive.bytes()


def base():
    """The first layer's file, made when what it is made of has changed."""
    key = hashlib.sha256(pathlib.Path(__file__).read_bytes())
    parts = [need(PYTHON).resolve(), need(BUSYBOX), need(SHELL),
             *(need(shutil.which(name)) for name in TOOLS),
             *(found for found in map(shutil.which, TOOLS_IF_PRESENT) if found)]
    for part in parts:
        status = os.stat(part)
        key.update(f"{part} {status.st_size} {status.st_mtime_ns}\n".encode())
    path = kernels.cache_dir() / f"base-{key.hexdigest()[:16]}.cpio"
    with kernels.lock():
        if not path.exists():
            for old in path.parent.glob("base-*.cpio"):
                if old.stat().st_mtime < time.time() - KEEP_S:
                    old.unlink()
            new = path.with_suffix(".new")
            new.write_bytes(build_base())
            new.rename(path)
    return path


def base_of(arch):
    """The first layer's file for a machine of this architecture."""
    if arch != kernels.ARM64:
        return base()
    import arm64  # it needs this module, and nothing else needs it
    return arm64.base()


def modules(series):
    """The second layer, as bytes."""
    archive = Archive()
    archive.copy(kernels.series_dir(series) / "modules", "usr/lib/modules")
    return archive.bytes()


def job(program=None, files=(), programs=(), trees=(), texts=()):
    """The last layer, as bytes.

    PROGRAM becomes /usr/bin/tcpspan; FILES of the host's go into /host; PROGRAMS and TREES are
    sequences of (file or folder of the host's, name inside); TEXTS of (name inside, contents).
    Programs come with their shared libraries.
    """
    archive = Archive()
    archive.file("init", (HERE / "init").read_bytes(), True)
    if program:
        archive.program(program, "usr/bin/tcpspan")
    for path in map(pathlib.Path, files):
        if not path.exists():
            raise BuildError(f"no file {path}")
        name = f"host/{path.name}"
        archive.copy(path, name) if path.is_dir() else archive.program(path, name)
    for source, name in programs:
        archive.program(source, name.lstrip("/"))
    for source, name in trees:
        archive.copy(source, name)
    for name, text in texts:
        archive.file(name, text.encode(), True)
    return archive.bytes()


def write(target, series, **what):
    """Writes a whole initramfs to the file TARGET."""
    with open(target, "wb") as output:
        output.write(base_of(kernels.arch_of(series)).read_bytes())
        output.write(modules(series))
        output.write(job(**what))


if __name__ == "__main__":
    sys.exit("a module: see tests/kernel/README.md")
