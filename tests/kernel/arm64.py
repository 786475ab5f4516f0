# SPDX-License-Identifier: GPL-2.0-only
"""What is different for arm64: the machine, its programs, the libraries to link with.

Its packages are unpacked into the cache, so that nothing is installed for a foreign architecture.
"""

import hashlib
import os
import pathlib
import py_compile
import shutil
import sys
import tempfile

import initramfs
import kernels

QEMU = "qemu-system-aarch64"
SUITES = ("bookworm", "bookworm-security")
LIBRARIES = ("libbpf-dev", "libelf-dev", "libzstd-dev", "zlib1g-dev", "libdeflate-dev",
             "libseccomp-dev", "libjson-c-dev")
PROGRAMS = ("busybox-static", "dash", "libc6", "libexpat1", "libffi8", "libgcc-s1", "zlib1g",
            "libpython3.11-minimal", "libpython3.11-stdlib", "python3.11-minimal")
PYTHON = "python3.11"


def command(line, initrd, console_args, memory_mib):
    """The qemu command. A PC's first serial port is the console here, its others are PCI cards."""
    ports = ["-chardev", "null,id=none", "-device", "pci-serial,chardev=none"]
    console, number = [], 0
    for option, value in zip(console_args[::2], console_args[1::2]):
        if option != "-serial":
            ports += [option, value]
        elif not console:
            console = [option, value]
        else:
            number += 1
            kind, _, what = value.partition(":")
            if kind == "file":
                ports += ["-chardev", f"file,id=port{number},path={what}"]
                what = f"port{number}"
            ports += ["-device", f"pci-serial,chardev={what}"]
    parameters = f"console=ttyAMA0 quiet panic=-1 rdinit=/init {line.parameters}".strip()
    return [QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-machine", "virt", "-cpu", "max", "-accel", "tcg", "-smp", "1",
            "-m", str(memory_mib), "-kernel", str(kernels.series_dir(line.series) / "vmlinux"),
            "-initrd", str(initrd), "-append", parameters, *console, *ports]


def unpacked(name, packages):
    """A folder of the cache with these packages unpacked, fetched when it is not there."""
    key = hashlib.sha256(" ".join((*SUITES, *packages)).encode()).hexdigest()[:16]
    final = kernels.cache_dir() / f"arm64-{name}-{key}"
    with kernels.lock():
        if not final.exists():
            apt = kernels.Apt(SUITES, kernels.ARM64)
            apt.update()
            with tempfile.TemporaryDirectory(dir=kernels.cache_dir(), prefix=".deb-") as work:
                for package in packages:
                    versions = apt.versions(package)
                    if not versions:
                        raise kernels.KernelError(f"no package {package} for arm64 on this mirror")
                    deb = apt.download(package, versions[0][0], work)
                    kernels.call("dpkg-deb", "-x", str(deb), f"{work}/tree")
                os.rename(f"{work}/tree", final)
    return final


def sysroot():
    """The folder with what a cross compiler lacks."""
    return unpacked("sysroot", LIBRARIES)


def add_tree(archive, tree):
    """Everything of an unpacked package but documentation and Python's library."""
    for path in sorted(tree.rglob("*")):
        name = initramfs.inside(f"/{path.relative_to(tree)}")
        if name.startswith(("usr/share/", f"usr/lib/{PYTHON}/")) or name in archive.names:
            continue
        if path.is_symlink():
            archive.link(name, os.readlink(path))
        elif path.is_file():
            archive.copy(path, name)


def add_python(archive, library):
    """Python's library; as byte code where this machine's python3 makes the same."""
    is_same = PYTHON == f"python{sys.version_info[0]}.{sys.version_info[1]}"
    with tempfile.TemporaryDirectory() as work:
        compiled = os.path.join(work, "pyc")
        for path in sorted(library.rglob("*")):
            name = str(path.relative_to(library))
            if not path.is_file() or initramfs.PYTHON_LEFT_OUT.search(name):
                continue
            if path.suffix == ".py" and is_same:
                py_compile.compile(str(path), compiled, dfile=name, doraise=True)
                archive.file(f"usr/lib/{PYTHON}/{name}c", pathlib.Path(compiled).read_bytes())
            else:
                archive.copy(path, f"usr/lib/{PYTHON}/{name}")


def build_base(tree):
    """The first layer of the file system."""
    archive = initramfs.Archive()
    for name in ("bin", "sbin", "lib"):
        archive.folder(f"usr/{name}")
        archive.link(name, f"usr/{name}")
    for name in ("dev", "proc", "sys", "tmp", "run", "root", "var", "host", "out", "mnt"):
        archive.folder(name)
    archive.device("dev/console", 0o600, 5, 1)
    archive.link("var/run", "/run")
    for name, text in initramfs.ETC.items():
        archive.file(f"etc/{name}", text.encode())
    archive.link("usr/bin/sh", "dash")
    add_tree(archive, tree)
    add_python(archive, tree / "usr" / "lib" / PYTHON)
    archive.link("usr/bin/python3", PYTHON)
    # The applets of this machine's busybox: Debian builds it alike for both.
    for applet in kernels.call(str(initramfs.need(initramfs.BUSYBOX)), "--list").split():
        if f"usr/bin/{applet}" not in archive.names:
            archive.link(f"usr/bin/{applet}", "busybox")
    archive.link("usr/sbin/modprobe", "../bin/busybox")
    return archive.bytes()


def base():
    """The first layer's file, made when what makes it has changed."""
    tree = unpacked("programs", PROGRAMS)
    key = hashlib.sha256(b"".join(pathlib.Path(path).read_bytes()
                                  for path in (__file__, initramfs.__file__)))
    path = tree.parent / f"{tree.name}-{key.hexdigest()[:16]}.cpio"
    with kernels.lock():
        if not path.exists():
            for old in path.parent.glob(f"{tree.name}-*.cpio"):
                old.unlink()
            new = path.with_suffix(".new")
            new.write_bytes(build_base(tree))
            new.rename(path)
    return path


def need_compiler():
    """Raises the sentence that says what is missing to build for arm64."""
    if not shutil.which("aarch64-linux-gnu-gcc"):
        raise kernels.KernelError("no aarch64-linux-gnu-gcc here: 'tests/kernel/deps arm64' "
                                  "installs it")
