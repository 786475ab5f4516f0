# SPDX-License-Identifier: GPL-2.0-only
"""The cache of kernels: fetched as Debian packages through apt, unpacked to what a boot needs.

A cached series is a folder with
    version     the Debian version, one line
    vmlinux     the kernel, uncompressed: qemu enters it directly (PVH)
    config      its configuration, where the package has it
    btf         its type information, raw: the contents of /sys/kernel/btf/vmlinux
    modules/    one folder, the kernel's release, with the modules uncompressed, modules.dep
                and modules.alias: what goes under /lib/modules
"""

import fcntl
import fnmatch
import functools
import lzma
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile

# Wanted where they are modules; what they depend on follows.
MODULES = ("tun", "veth", "dummy", "ipv6", "inet_diag", "tcp_diag", "udp_diag", "mptcp_diag",
           "unix_diag", "netlink_diag", "sctp", "sctp_diag", "sch_netem", "vrf")
ARM64 = "arm64"
KEYRING = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")
DECOMPRESSORS = (  # magic of a bzImage's payload, command
    (b"\x02\x21\x4c\x18", ("lz4", "-dc")),
    (b"\x28\xb5\x2f\xfd", ("zstd", "-dcq")),
    (b"\xfd7zXZ\x00", ("xz", "-dcq", "--single-stream")),
    (b"\x1f\x8b", ("gzip", "-dcq")),
)


class KernelError(Exception):
    """A kernel could not be had; the message is one sentence."""


def cache_dir():
    """Where everything fetched or built once is kept."""
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "tcpspan"


def series_dir(series):
    """The folder of one cached kernel."""
    return cache_dir() / "kernels" / series


def arch_of(series):
    """The Debian architecture of a series: its name's ending, else amd64."""
    return ARM64 if series.endswith(f"-{ARM64}") else "amd64"


def is_cached(series):
    """Whether SERIES is there, whole."""
    return (series_dir(series) / "version").exists()


def version(series):
    """The Debian version of a cached kernel."""
    return (series_dir(series) / "version").read_text().strip()


class lock:
    """Only one process at a time works on the cache."""

    def __enter__(self):
        cache_dir().mkdir(parents=True, exist_ok=True)
        self.file = open(cache_dir() / "lock", "w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


def call(*command, **options):
    """Standard output of COMMAND as text; a failure is a KernelError with its last line."""
    try:
        done = subprocess.run(command, check=False, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    except FileNotFoundError:
        raise KernelError(f"{command[0]} is not installed: tests/kernel/deps installs what is "
                          "missing") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise KernelError(f"{command[0]} {command[-1]}: {lines[-1]}")
    return done.stdout


def archive_uris():
    """Where this machine's apt finds Debian: {'main': URI, 'security': URI or absent}."""
    uris = {}
    listing = call("apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI) $(ORIGIN)",
                   "Created-By: Packages")
    for line in listing.splitlines():
        release, uri, origin = line.split(" ", 2)
        if origin == "Debian":
            is_security = release.endswith("-security") or "/updates" in release
            uris.setdefault("security" if is_security else "main", uri)
    if "main" not in uris:
        raise KernelError("no mirror: this machine's apt is configured with no Debian archive "
                          "(or 'apt-get update' was never run)")
    return uris


class Apt:
    """An apt of our own: other suites than the machine's, its mirror, its keys, its checks."""

    def __init__(self, suites, arch="amd64", name="apt"):
        root = cache_dir() / (name if arch == "amd64" else f"{name}-{arch}")
        for name in ("lists/partial", "archives/partial"):
            (root / name).mkdir(parents=True, exist_ok=True)
        uris = archive_uris()
        signed = f" signed-by={KEYRING}" if KEYRING.exists() else ""
        sources = root / "sources.list"
        sources.write_text("".join(
            f"deb [arch={arch}{signed}] {uris[kind]} {suite} main\n" for suite in suites
            for kind in ["security" if suite.endswith("-security") else "main"] if kind in uris))
        self.options = [
            f"-oDir::Etc::SourceList={sources}", "-oDir::Etc::SourceParts=-",
            f"-oDir::State::Lists={root}/lists", f"-oDir::Cache={root}",
            f"-oDir::Cache::Archives={root}/archives",
            "-oDir::Cache::pkgcache=pkgcache.bin", "-oDir::Cache::srcpkgcache=srcpkgcache.bin",
            "-oDir::State::status=/dev/null",
            f"-oAPT::Architecture={arch}", f"-oAPT::Architectures={arch}",
            "-oAPT::Sandbox::User=", "-oAPT::Get::List-Cleanup=1",
            "-oAPT::Update::Error-Mode=any", "-oAcquire::Check-Valid-Until=false",
            "-oAcquire::Languages=none", "-oAcquire::Retries=2"]

    def update(self):
        """Downloads and verifies the suites' indexes."""
        try:
            call("apt-get", *self.options, "-q", "update")
        except KernelError as error:
            raise KernelError(f"the mirror's indexes could not be fetched: {error}") from None

    def versions(self, pattern):
        """[(version, package)] of the packages matching PATTERN, the newest first."""
        prefix = re.match(r"[^*?\[]*", pattern).group()
        names = [name for name in call("apt-cache", *self.options, "pkgnames", prefix).split()
                 if fnmatch.fnmatchcase(name.removesuffix("-unsigned"), pattern)]
        if not names:
            return []
        found = set()
        for stanza in call("apt-cache", *self.options, "show", *names).split("\n\n"):
            fields = dict(re.findall(r"^(Package|Version): (.*)$", stanza, re.M))
            if fields:
                found.add((fields["Version"], fields["Package"]))
        return sorted(found, key=functools.cmp_to_key(newer_first))

    def depends(self, name, version):
        """The packages of the same version that NAME needs."""
        text = call("apt-cache", *self.options, "show", f"{name}={version}")
        line = re.search(r"^Depends: (.*)$", text, re.M)
        return re.findall(rf"([^ ,|]+) \(= {re.escape(version)}\)", line.group(1) if line else "")

    def download(self, name, version, folder):
        """Downloads and verifies one package; its file."""
        call("apt-get", *self.options, "-q", "download", f"{name}={version}", cwd=folder)
        return next(pathlib.Path(folder).glob(f"{name}_*.deb"))


def newer_first(left, right):
    """Orders (version, package): the newer first, signed before unsigned."""
    if left[0] != right[0]:
        older = subprocess.run(["dpkg", "--compare-versions", left[0], "lt", right[0]], check=False)
        return 1 if older.returncode == 0 else -1
    return len(left[1]) - len(right[1])


def uncompressed(vmlinuz):
    """The ELF kernel inside a bzImage; that of arm64 as it is."""
    if vmlinuz[0x38:0x3C] == b"ARMd":
        return vmlinuz
    if vmlinuz[0x202:0x206] != b"HdrS":
        raise KernelError("the package's vmlinuz is no bzImage")
    setup_sectors = vmlinuz[0x1F1] or 4
    offset, length = struct.unpack_from("<II", vmlinuz, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    payload = vmlinuz[start:start + length]
    size = struct.unpack("<I", payload[-4:])[0]
    for magic, command in DECOMPRESSORS:
        if payload.startswith(magic):
            done = subprocess.run(command, input=payload[:-4], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, check=False)
            if done.returncode or len(done.stdout) != size:
                raise KernelError(f"{command[0]} could not unpack the kernel")
            return done.stdout
    raise KernelError("the kernel is compressed in an unknown way")


def elf_section(elf, name):
    """The bytes of one section of a 64-bit little-endian ELF file; empty when absent."""
    table, = struct.unpack_from("<Q", elf, 0x28)
    size, count, names_at = struct.unpack_from("<HHH", elf, 0x3A)
    headers = [struct.unpack_from("<IIQQQQ", elf, table + i * size) for i in range(count)]
    names = headers[names_at][4]
    for header in headers:
        start = names + header[0]
        if elf[start:elf.index(b"\0", start)] == name.encode():
            return elf[header[4]:header[4] + header[5]]
    return b""


def type_information(kernel):
    """The BTF of an uncompressed kernel, ELF or not."""
    if kernel.startswith(b"\x7fELF"):
        return elf_section(kernel, ".BTF")
    start = kernel.find(struct.pack("<HBBII", 0xEB9F, 1, 0, 24, 0))
    if start < 0:
        return b""
    strings, size = struct.unpack_from("<II", kernel, start + 16)
    return kernel[start:start + 24 + strings + size]


def module_info(elf, key):
    """The values of one key of a module's .modinfo."""
    return [entry.partition(b"=")[2].decode() for entry in elf_section(elf, ".modinfo").split(b"\0")
            if entry.startswith(key.encode() + b"=")]


def install_modules(tree, target):
    """Copies the wanted modules from an unpacked package into TARGET, uncompressed, indexed."""
    release = next(path for path in tree.glob("**/lib/modules/*") if (path / "kernel").is_dir())
    files = {re.sub(r"\.ko(\.xz|\.zst)?$", "", path.name).replace("-", "_"): path
             for path in release.glob("kernel/**/*.ko*")}
    dest = target / release.name
    wanted, done = [name for name in MODULES if name in files], {}
    while wanted:
        name = wanted.pop()
        if name in done:
            continue
        path = files[name]
        data = path.read_bytes()
        if path.suffix == ".xz":
            data = lzma.decompress(data)
        elif path.suffix == ".zst":
            data = subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE,
                                  check=True).stdout
        needs = [need.replace("-", "_") for value in module_info(data, "depends")
                 for need in value.split(",") if need]
        done[name] = (needs, module_info(data, "alias"))
        wanted += needs
        (dest / "kernel").mkdir(parents=True, exist_ok=True)
        (dest / "kernel" / f"{name}.ko").write_bytes(data)

    def closure(name):
        order = []
        for need in done[name][0]:
            order += [need] + closure(need)
        return list(dict.fromkeys(order))

    (dest / "modules.dep").write_text("".join(
        f"kernel/{name}.ko:" + "".join(f" kernel/{need}.ko" for need in closure(name)) + "\n"
        for name in sorted(done)))
    (dest / "modules.alias").write_text("".join(
        f"alias {alias} {name}\n" for name in sorted(done) for alias in done[name][1]))


def install(packages, version, series):
    """Unpacks what a boot needs from the package files into the cache, all or nothing."""
    final = series_dir(series)
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=final.parent, prefix=".new-") as work:
        tree, new = pathlib.Path(work, "tree"), pathlib.Path(work, "new")
        new.mkdir()
        for package in packages:
            call("dpkg-deb", "-x", str(package), str(tree))
        images = [*tree.glob("boot/vmlinuz-*"), *tree.glob("**/lib/modules/*/vmlinuz")]
        if not images:
            raise KernelError(f"no vmlinuz in {packages[0].name}")
        kernel = uncompressed(images[0].read_bytes())
        (new / "vmlinux").write_bytes(kernel)
        (new / "btf").write_bytes(type_information(kernel))
        for config in [*tree.glob("boot/config-*"), *tree.glob("**/lib/modules/*/config")]:
            shutil.copy(config, new / "config")
        install_modules(tree, new / "modules")
        (new / "version").write_text(version + "\n")
        if final.exists():
            final.rename(pathlib.Path(work, "old"))
        new.rename(final)


def fetch(line, apt, say):
    """Puts the newest kernel of one matrix line into the cache."""
    candidates = apt.versions(line.package)
    if not candidates:
        raise KernelError(f"no package {line.package} in {' '.join(line.suites)} on this mirror")
    refused = None
    for newest, name in candidates:
        if is_cached(line.series) and version(line.series) == newest:
            say(f"{line.series}: {newest}, the newest is already here")
            return
        with tempfile.TemporaryDirectory(dir=cache_dir(), prefix=".deb-") as folder:
            try:
                packages = [apt.download(each, newest, folder) for each in
                            [name] + [need for need in apt.depends(name, newest)
                                      if re.match(r"linux-(binary|modules|base)-\d", need)]]
            except KernelError as error:
                refused = error
                say(f"{line.series}: {name} {newest} is listed and not served, trying the next")
                continue
            install(packages, newest, line.series)
            say(f"{line.series}: {newest} from {name}")
            return
    raise KernelError(f"{line.series}: no listed package could be downloaded: {refused}")
