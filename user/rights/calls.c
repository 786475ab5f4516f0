// SPDX-License-Identifier: GPL-2.0-only
/* The system calls of each group, and the filter (seccomp) that refuses the others. */
#include "user/rights/calls.h"

#include <asm/ioctl.h>
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/nsfs.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "user/base/last.h"
#include "user/rights/role.h"

#if __has_include(<seccomp.h>)

#include <seccomp.h>

#define STATUS_REFUSED 2

/* A call, with any arguments or with one that is so under a mask; again with another one. */
struct call {
	const char *name; /* not each machine has each */
	uint64_t mask, value;
	unsigned int argument;
};

#define WRITES (O_ACCMODE | O_CREAT | O_TRUNC)
#define NEW (O_CREAT | O_EXCL | O_NOFOLLOW)
#define ALL UINT64_C(0xffffffff)
#define THREAD (CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)
#ifdef __s390__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

static const struct call run_calls[] = {
	{ "brk" },
	{ "mmap", PROT_EXEC, 0, 2 },
	{ "mmap2", PROT_EXEC, 0, 2 },
	{ "mprotect", PROT_EXEC, 0, 2 },
	{ "munmap" },
	{ "mremap" },
	{ "madvise" },
	{ "getrandom" },
	{ "clock_gettime" },
	{ "clock_gettime64" },
	{ "clock_getres" },
	{ "clock_nanosleep" },
	{ "clock_nanosleep_time64" },
	{ "nanosleep" },
	{ "gettimeofday" },
	{ "time" },
	{ "rt_sigaction" },
	{ "rt_sigprocmask" },
	{ "rt_sigreturn" },
	{ "sigaltstack" },
	{ "restart_syscall" },
	{ "futex" },
	{ "futex_time64" },
	{ "set_robust_list" },
	{ "rseq" },
	{ "sched_yield" },
	{ "sched_getaffinity" },
	{ "membarrier" },
	{ "getpid" },
	{ "gettid" },
	{ "geteuid" },
	{ "getuid" },
	{ "getrusage" },
	{ "sysinfo" },
	{ "uname" },
	{ "prlimit64", UINT64_MAX, 0, 2 },
	{ "getrlimit" },
	{ "ugetrlimit" },
	{ "exit" },
	{ "exit_group" },
};

static const struct call use_calls[] = {
	{ "read" },
	{ "readv" },
	{ "pread64" },
	{ "write" },
	{ "writev" },
	{ "lseek" },
	{ "_llseek" },
	{ "close" },
	{ "fstat" },
	{ "fstat64" },
	{ "fstatfs" },
	{ "fstatfs64" },
	{ "ftruncate" },
	{ "ftruncate64" },
	{ "fcntl" },
	{ "fcntl64" },
	{ "poll" },
	{ "ppoll" },
	{ "ppoll_time64" },
	{ "epoll_wait" },
	{ "epoll_pwait" },
	{ "epoll_ctl" },
	{ "newfstatat", AT_EMPTY_PATH, AT_EMPTY_PATH, 3 },
	{ "fstatat64", AT_EMPTY_PATH, AT_EMPTY_PATH, 3 },
	{ "ioctl", ALL, TCGETS, 1 },
	{ "ioctl", ALL, TIOCGWINSZ, 1 },
#ifdef TCGETS2 /* of newer libraries */
	{ "ioctl", ALL, TCGETS2, 1 },
#endif
};

static const struct call count_calls[] = {
	{ "bpf", ALL, BPF_OBJ_GET_INFO_BY_FD, 0 },   { "bpf", ALL, BPF_ITER_CREATE, 0 },
	{ "bpf", ALL, BPF_MAP_LOOKUP_ELEM, 0 },	     { "bpf", ALL, BPF_MAP_LOOKUP_BATCH, 0 },
	{ "bpf", ALL, BPF_RAW_TRACEPOINT_OPEN, 0 }, /* of programs that it has */
	{ "ioctl", ALL, PERF_EVENT_IOC_DISABLE, 1 },
};

static const struct call ask_calls[] = {
	{ "sendmsg" }, { "shutdown" }, { "recvmsg" }, { "recvfrom" }, { "wait4" }, { "waitid" },
};

static const struct call open_calls[] = {
	{ "open", WRITES, 0, 1 },
	{ "openat", WRITES, 0, 2 },
	{ "access" },
	{ "faccessat" },
};

static const struct call list_calls[] = {
	{ "getdents64" },
	{ "stat" },
	{ "stat64" },
	{ "newfstatat" },
	{ "fstatat64" },
	{ "readlink" },
	{ "readlinkat" },
	{ "name_to_handle_at" },
	{ "ioctl", ALL, NS_GET_NSTYPE, 1 },
};

static const struct call make_calls[] = {
	{ "openat", NEW, NEW, 2 },
	{ "renameat" },
	{ "renameat2" },
	{ "fchmod" },
	{ "unlinkat" },
	{ "fsync" },
};

static const struct call pass_calls[] = {
	{ "memfd_create" },
};

static const struct call enter_calls[] = {
	{ "setns", ALL, CLONE_NEWNET, 1 },  { "clone", THREAD, THREAD, CLONE_FLAGS },
	{ "bpf", ALL, BPF_ITER_CREATE, 0 }, { "socket", ALL, AF_UNIX, 0 },
	{ "socket", ALL, AF_NETLINK, 0 },   { "getsockopt" },
	{ "ioctl", ALL, NS_GET_USERNS, 1 }, { "ioctl", ALL, NS_GET_OWNER_UID, 1 },
};

static const struct call answer_calls[] = {
	{ "accept" },	     { "accept4" },    { "sendto" },	  { "shutdown" },
	{ "setsockopt" },    { "getsockopt" }, { "getsockname" }, { "getpeername" },
	{ "epoll_create1" }, { "eventfd2" },   { "pipe2" },	  { "sendfile" },
	{ "listen" },
};

/* Threads look names up. */
static const struct call reach_calls[] = {
	{ "socket", ALL, AF_INET, 0 },
	{ "socket", ALL, AF_INET6, 0 },
	{ "socket", ALL, AF_NETLINK, 0 },
	{ "socket", ALL, AF_UNIX, 0 },
	{ "socketpair" },
	{ "connect" },
	{ "bind" },
	{ "send" },
	{ "sendto" },
	{ "sendmmsg" },
	{ "recv" },
	{ "recvmmsg" },
	{ "setsockopt" },
	{ "getsockopt" },
	{ "getsockname" },
	{ "getpeername" },
	{ "ioctl", ALL, FIONREAD, 1 },
	{ "ioctl", ALL, FIONBIO, 1 },
	{ "eventfd2" },
	{ "pipe2" },
	{ "clone", THREAD, THREAD, CLONE_FLAGS },
};

/* Libraries of who is given all that it reads look for more; they are told that there is none. */
static const char *const sought[] = { "open",	"openat",    "readlink", "readlinkat",
				      "access", "faccessat", "stat",	 "stat64" };

static const struct call terminal_calls[] = {
	{ "ioctl", ALL, TCSETS, 1 },  { "ioctl", ALL, TCSETSW, 1 },  { "ioctl", ALL, TCSETSF, 1 },
	{ "kill", ALL, SIGSTOP, 1 },
#ifdef TCSETS2 /* of newer libraries */
	{ "ioctl", ALL, TCSETS2, 1 }, { "ioctl", ALL, TCSETSW2, 1 }, { "ioctl", ALL, TCSETSF2, 1 },
#endif
};

/* What a C library tries, and has another way for. */
static const char *const spared[] = { "clone3",	      "statx", "faccessat2",	   "openat2",
				      "epoll_pwait2", "prctl", "sched_setaffinity" };

static const struct {
	const struct call *list;
	size_t count;
} groups_of[RIGHTS_CALLS_GROUPS] = {
#define GROUP(NAME, name) [RIGHTS_CALLS_##NAME] = { name, sizeof(name) / sizeof(*name) }
	GROUP(RUN, run_calls),	     GROUP(USE, use_calls),	      GROUP(COUNT, count_calls),
	GROUP(ASK, ask_calls),	     GROUP(OPEN, open_calls),	      GROUP(LIST, list_calls),
	GROUP(MAKE, make_calls),     GROUP(PASS, pass_calls),	      GROUP(ENTER, enter_calls),
	GROUP(ANSWER, answer_calls), GROUP(TERMINAL, terminal_calls), GROUP(REACH, reach_calls),
#undef GROUP
};

/* Async-signal-safe: the call may have been in the middle of anything. */
static void on_refused(int number, siginfo_t *info, void *context)
{
	char line[] = "tcpspan: system call 0000 is none of those that this process has kept: it "
		      "ends here, and that is a bug of tcpspan or an attack\n";
	char *digit = strchr(line, '0') + 3;

	(void)number;
	(void)context;
	for (unsigned int call = (unsigned int)info->si_syscall; *digit == '0'; call /= 10)
		*digit-- = (char)('0' + call % 10);
	last_act();
	if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
		_exit(STATUS_REFUSED);
	_exit(STATUS_REFUSED);
}

static int catch_refusals(void)
{
	struct sigaction action = { .sa_sigaction = on_refused, .sa_flags = SA_SIGINFO };
	sigset_t refusals;

	sigemptyset(&refusals);
	sigaddset(&refusals, SIGSYS);
	if (sigaction(SIGSYS, &action, NULL) || sigprocmask(SIG_UNBLOCK, &refusals, NULL))
		return -errno;
	return 0;
}

static int allow(scmp_filter_ctx filter, const struct call *call)
{
	int number = seccomp_syscall_resolve_name(call->name);
	struct scmp_arg_cmp so =
		SCMP_CMP(call->argument, SCMP_CMP_MASKED_EQ, call->mask, call->value);

	/* Here there is none of that name. */
	if (number < 0)
		return 0;
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, call->mask ? 1 : 0, &so);
}

static int spare(scmp_filter_ctx filter, const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	return number < 0 ? 0 : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0);
}

static int fill(scmp_filter_ctx filter, unsigned int groups, bool is_given_all)
{
	int error = 0;

	for (int g = 0; g < RIGHTS_CALLS_GROUPS; g++)
		for (size_t i = 0; groups >> g & 1 && i < groups_of[g].count && !error; i++)
			error = allow(filter, &groups_of[g].list[i]);
	for (size_t i = 0; i < sizeof(spared) / sizeof(*spared) && !error; i++)
		error = spare(filter, spared[i]);
	for (size_t i = 0; is_given_all && i < sizeof(sought) / sizeof(*sought) && !error; i++)
		error = spare(filter, sought[i]);
	return error;
}

/*
 * Of all threads. What a processor might guess beyond a filter tells nobody anything here, and to
 * forbid it guesses makes the reader of the ring slow before Linux 5.16.
 */
static int set_attributes(scmp_filter_ctx filter)
{
	int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

	/* Nice to have: libraries or kernels may be too old. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return error;
}

int calls_keep(unsigned int groups, bool is_given_all)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int error;

	if (!filter)
		return -ENOMEM;
	error = set_attributes(filter);
	if (!error)
		error = fill(filter, groups, is_given_all);
	if (!error)
		error = catch_refusals();
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error == -EINVAL ? -ENOSYS : error;
}

#else

int calls_keep(unsigned int groups, bool is_given_all)
{
	(void)groups;
	(void)is_given_all;
	return -ENOSYS;
}

#endif
