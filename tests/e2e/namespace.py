# SPDX-License-Identifier: GPL-2.0-only
"""Network namespaces without names, and the processes that live in them."""

import contextlib
import ctypes
import fcntl
import os
import pickle
import signal
import socket
import struct
import tempfile
import time
import traceback

CLONE_NEWNET, CLONE_NEWNS = 0x40000000, 0x00020000
MS_BIND, MS_REC, MS_PRIVATE, MS_SHARED, MNT_DETACH = 0x1000, 0x4000, 0x40000, 0x100000, 2
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
SIOCSIFADDR, SIOCSIFNETMASK, SIOCGIFINDEX = 0x8916, 0x891c, 0x8933
SIOCADDRT, SIOCDELRT = 0x890b, 0x890c
RTF_UP, RTF_HOST, RTF_REJECT = 0x0001, 0x0004, 0x0200
IFF_UP = 1
IFA_F_TENTATIVE = 0x40
ADDRESS_S = 10  # at most, until an address may be used

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare():
    """Puts the calling process into a new network namespace with `lo` up."""
    _checked(_libc.unshare(CLONE_NEWNET), "unshare(CLONE_NEWNET)")
    link_up("lo")


@contextlib.contextmanager
def entered(path):
    """The calling thread is in another network namespace, to which a path leads."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(path, os.O_RDONLY)
    try:
        _checked(_libc.setns(there, CLONE_NEWNET), f"setns({path})")
        yield
    finally:
        _checked(_libc.setns(home, CLONE_NEWNET), "setns() back")
        os.close(home)
        os.close(there)


def name_namespace(pid, name):
    """Names the namespace of a process as `ip netns` does, in this story's own mounts only."""
    own_mounts()
    _mount("tmpfs", "/run", "tmpfs", 0)
    _mount("none", "/run", None, MS_SHARED)  # with whoever has mounts of its own by then
    os.mkdir("/run/netns")
    name_another(pid, name)


def name_another(pid, name):
    """The same, behind the first one that got a name."""
    with open(f"/run/netns/{name}", "x", encoding="ascii"):
        pass
    _mount(f"/proc/{pid}/ns/net", f"/run/netns/{name}", None, MS_BIND)


def empty_folder(path):
    """Nothing is in this folder, in this story's own mounts only."""
    own_mounts()
    _mount("tmpfs", path, "tmpfs", 0)


@contextlib.contextmanager
def hidden_processes():
    """In this story's own mounts, /proc shows nobody but root the processes of others. The group
    that is shown them is nobody's: it would be root's, which who runs as nobody may have kept."""
    own_mounts()
    _mount("proc", "/proc", "proc", 0, "hidepid=2,gid=65533")
    try:
        yield
    finally:
        _checked(_libc.umount2(b"/proc", 0), "umount of /proc")


def hide_cgroups(text):
    """No cgroup is mounted, and this process is in none of version 1, in its own mounts only;
    `text` is a file that says so."""
    own_mounts()
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        places = [fields[1] for fields in map(str.split, mounts)
                  if fields[2] in ("cgroup", "cgroup2")]
    for place in reversed(places):
        _checked(_libc.umount2(place.encode(), MNT_DETACH), f"umount of {place}")
    with open(text, "w", encoding="ascii") as file:
        file.write("0::/\n")
    _mount(text, "/proc/self/cgroup", None, MS_BIND)


def show_tracefs():
    """Tracefs is where whoever may not mount it looks for it, as systemd has it: in this story's
    own mounts, where nobody else has mounted it."""
    if not os.path.isdir("/sys/kernel/tracing/events"):
        own_mounts()
        _mount("tracefs", "/sys/kernel/tracing", "tracefs", 0)


def own_mounts():
    """Mounts of this thread's own, which nobody else sees. In a chroot / may be none of them: for a
    moment the thread goes to where all of them begin."""
    _checked(_libc.unshare(CLONE_NEWNS), "unshare(CLONE_NEWNS)")
    root, here, mounts = (os.open(path, os.O_RDONLY)
                          for path in ("/", ".", "/proc/thread-self/ns/mnt"))
    _checked(_libc.setns(mounts, CLONE_NEWNS), "setns(CLONE_NEWNS)")
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    os.fchdir(root)
    os.chroot(".")
    os.fchdir(here)
    for fd in (root, here, mounts):
        os.close(fd)


def _mount(source, target, kind, flags, data=None):
    _checked(_libc.mount(source.encode(), target.encode(), kind and kind.encode(),
                         ctypes.c_ulong(flags), data and data.encode()), f"mount on {target}")


def spread_packets(name="lo"):
    """Lets every CPU take part in what a device receives, whoever sent it: in softirqs that come
    in the middle of whatever runs there. False where the kernel cannot."""
    own_mounts()
    with tempfile.TemporaryDirectory() as folder:
        # What is mounted on /sys shows the devices of another namespace.
        _mount("sysfs", folder, "sysfs", 0)
        try:
            with open(f"{folder}/class/net/{name}/queues/rx-0/rps_cpus", "w",
                      encoding="ascii") as cpus:
                cpus.write(f"{(1 << os.cpu_count()) - 1:x}")
        except FileNotFoundError:
            return False
        finally:
            _checked(_libc.umount2(folder.encode(), MNT_DETACH), f"umount {folder}")
    return os.cpu_count() > 1


def memory_is_hidden():
    """Whether no program may read the kernel's memory by its address."""
    try:
        with open("/sys/kernel/security/lockdown", encoding="ascii") as state:
            return "[confidentiality]" in state.read()
    except FileNotFoundError:
        return False


def inode():
    """The number of the network namespace of this process, as `ls -iL` and tcpspan show it."""
    return os.stat("/proc/self/ns/net").st_ino


def set_comm(name):
    """Names the calling thread; `name` is text or at most 15 bytes of anything but NUL."""
    raw = name.encode() if isinstance(name, str) else name
    _checked(_libc.prctl(PR_SET_NAME, ctypes.c_char_p(raw), 0, 0, 0), "prctl(PR_SET_NAME)")


def die_with_parent():
    """Asks the kernel to kill this process when its parent ends."""
    _checked(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl(PR_SET_PDEATHSIG)")


def link_up(name):
    """Sets a network device of this namespace up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh22x", name.encode(), 0)
        flags = struct.unpack_from("h", fcntl.ioctl(control, SIOCGIFFLAGS, request), 16)[0]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh22x", name.encode(), flags | IFF_UP))


def add_ipv4(name, address, mask):
    """Gives a device its IPv4 address and mask (text)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for what, value in ((SIOCSIFADDR, address), (SIOCSIFNETMASK, mask)):
            fcntl.ioctl(control, what, struct.pack("16sHH4s16x", name.encode(), socket.AF_INET, 0,
                                                   socket.inet_aton(value)))


def _is_tentative(address):
    """Whether an IPv6 address (text) is not yet to be used."""
    wanted = socket.inet_pton(socket.AF_INET6, address).hex()
    with open("/proc/thread-self/net/if_inet6", encoding="ascii") as table:
        rows = [row.split() for row in table]
    return any(row[0] == wanted and int(row[4], 16) & IFA_F_TENTATIVE for row in rows)


def add_ipv6(name, address, prefix):
    """Gives a device that is up an IPv6 address (text) with a prefix length, to be used at once.

    Also where nobody is asked whether he has it, a worker of the kernel has to say so first.
    """
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
        index = struct.unpack_from("i", fcntl.ioctl(
            control, SIOCGIFINDEX, struct.pack("16si20x", name.encode(), 0)), 16)[0]
        fcntl.ioctl(control, SIOCSIFADDR, struct.pack(
            "16sIi", socket.inet_pton(socket.AF_INET6, address), prefix, index))
    end = time.monotonic() + ADDRESS_S
    while _is_tentative(address):
        if time.monotonic() > end:
            raise TimeoutError(f"{address} on {name} is tentative after {ADDRESS_S} s")
        time.sleep(0.01)


def refuse_way(address, refused=True):
    """Says that no way leads to an IPv4 address (text), or no longer says so."""
    there = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
    route = struct.pack("8x16s32xH62x", there, RTF_UP | RTF_HOST | RTF_REJECT)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCADDRT if refused else SIOCDELRT, route)


def sysctl(name, value=None):
    """Reads, or sets and reads back, a setting of this namespace such as `ipv4.tcp_tw_reuse`."""
    path = "/proc/sys/net/" + name.replace(".", "/")
    if value is not None:
        with open(path, "w", encoding="ascii") as setting:
            setting.write(str(value))
    with open(path, encoding="ascii") as setting:
        return setting.read().strip()


class Child:
    """A forked process in the same namespace that runs one function.

    `result()` waits for it and gives what the function returned; an exception comes out as
    RuntimeError with the traceback of the child. With `held` it stops before the function until
    `go()`, so that its pid and namespace are known first. Fork from the main thread only: a child
    ends with the thread that made it.
    """

    def __init__(self, function, *args, comm=None, own_namespace=False, held=False):
        reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reader)
            _run_child(writer, function, args, comm, own_namespace, held)
        os.close(writer)
        self._pipe, self._ended, self._netns = os.fdopen(reader, "rb"), False, None
        if held:
            os.waitpid(self.pid, os.WUNTRACED)

    def go(self):
        """Lets a held child run; returns the child."""
        os.kill(self.pid, signal.SIGCONT)
        return self

    def netns(self):
        """The inode of the namespace it is in."""
        return os.stat(f"/proc/{self.pid}/ns/net").st_ino

    def hold_netns(self):
        """The same; it is nobody else's afterwards, whoever makes namespaces on this machine."""
        self._netns = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        return os.fstat(self._netns).st_ino

    def result(self):
        """Waits for the end of the child; returns what its function returned."""
        with self._pipe:
            answer = self._pipe.read()
        self._reap()
        if not answer:
            raise RuntimeError(f"child {self.pid} ended without an answer")
        worked, value = pickle.loads(answer)
        if not worked:
            raise RuntimeError(f"child {self.pid} failed:\n{value}")
        return value

    def kill(self):
        """Ends the child now, if it still runs."""
        if not self._ended:
            os.kill(self.pid, signal.SIGKILL)
            self._reap()

    def _reap(self):
        if not self._ended:
            os.waitpid(self.pid, 0)
            self._ended = True


def _run_child(writer, function, args, comm, own_namespace, held):
    """The life of a Child; never returns."""
    try:
        die_with_parent()
        signal.alarm(0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        if own_namespace:
            unshare()
        if comm is not None:
            set_comm(comm)
        if held:
            os.kill(os.getpid(), signal.SIGSTOP)
        answer = (True, function(*args))
    except BaseException:  # the parent gets it, whatever it is
        answer = (False, traceback.format_exc())
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(pickle.dumps(answer))
    os._exit(0)
