// SPDX-License-Identifier: GPL-2.0-only
/* The table of roles: what each process of ours keeps of its rights. */
#include "user/rights/role.h"

#include <linux/capability.h>
#include <stddef.h>

#define CAN(NAME) (1ull << CAP_##NAME)
#define CALLS(NAME) (1u << RIGHTS_CALLS_##NAME)

/* Where the names of pods and containers are. */
#define WORKLOADS                                                             \
	"/var/log/pods", "/var/log/containers", "/var/lib/docker/containers", \
		"/var/lib/containers/storage", "/run/containers", "/run/containerd", "/run/k3s"

/* Names of machines, and certificates: /etc may only point to where these are. */
#define OTHERS                                                                    \
	"/etc", "/run/systemd/resolve", "/run/NetworkManager", "/run/resolvconf", \
		"/usr/share/ca-certificates", "/usr/local/share/ca-certificates"

/* Of the running kernel: names of cgroups, its types, what processes show to everybody. */
#define CALLS_LIVE (CALLS(RUN) | CALLS(USE) | CALLS(COUNT) | CALLS(ASK) | CALLS(OPEN) | CALLS(LIST))
#define COUNTS \
	"CAP_BPF, where the kernel tells what its programs have to nobody else (before Linux 5.19)"

const struct rights_kept rights_kept[RIGHTS_ROLE_COUNT] = {
	[RIGHTS_ALL] = {
		.who = "all else",
		.purpose = "ends as soon as it has answered",
		.capabilities = UINT64_MAX,
	},
	[RIGHTS_FOLLOW] = {
		.who = "trace, hist, explain, diff",
		.purpose = "reads the ring buffer, follows connections, prints",
		.more = COUNTS,
		.calls = CALLS_LIVE,
		.is_in_paths = true,
		.paths = { "/proc", "/sys", "/run/netns", "/var/run/netns", WORKLOADS },
	},
	[RIGHTS_RECORD] = {
		.who = "record",
		.purpose = "reads the ring buffer, writes the recording",
		.more = COUNTS ", and CAP_DAC_OVERRIDE with --rotate, where the folder is "
			"somebody else's",
		.calls = CALLS_LIVE | CALLS(MAKE),
		.is_in_paths = true,
		.paths = { "/proc", "/sys", "/run/netns", "/var/run/netns", WORKLOADS },
	},
	[RIGHTS_WATCH] = {
		.who = "stuck, listeners",
		.purpose = "reads the ring buffer with --watch, judges sockets, prints",
		.more = COUNTS,
		.calls = CALLS_LIVE | CALLS(PASS),
		.is_in_paths = true,
		.paths = { "/proc", "/sys", "/run/netns", "/var/run/netns", WORKLOADS },
	},
	/* On SIGHUP it reads its web config again, and what that names, wherever it is by then. */
	[RIGHTS_EXPORT] = {
		.who = "export",
		.purpose = "reads the ring buffer, counts connections, writes its --textfile",
		.more = COUNTS ", and CAP_DAC_OVERRIDE with --textfile, where the folder is "
			"somebody else's",
		.calls = CALLS_LIVE | CALLS(PASS) | CALLS(MAKE),
		.is_in_paths = true,
		.paths = { "/" },
	},
	[RIGHTS_TOP] = {
		.who = "top",
		.purpose = "reads the ring buffer, judges sockets, paints, saves recordings",
		.more = COUNTS ", and CAP_DAC_OVERRIDE, where the folder that it saves to is "
			"somebody else's",
		.calls = CALLS_LIVE | CALLS(PASS) | CALLS(MAKE) | CALLS(TERMINAL),
		.is_in_paths = true,
		.paths = { "/proc", "/sys", "/run/netns", "/var/run/netns", WORKLOADS },
	},
	[RIGHTS_REPLAY] = {
		.who = "--input",
		.purpose = "reads recordings, which anybody may have made",
		.more = "CAP_DAC_READ_SEARCH, where one cannot be read without",
		.calls = CALLS(RUN) | CALLS(USE) | CALLS(OPEN) | CALLS(ASK) | CALLS(PASS),
		.is_in_paths = true,
	},
	[RIGHTS_ANSWER] = {
		.who = "check",
		.purpose = "prints what it has found by trying each hook, for which it had all",
		.calls = CALLS(RUN) | CALLS(USE),
		.is_in_paths = true,
	},
	[RIGHTS_REPLAY_TOP] = {
		.who = "top --input",
		.purpose = "the same, and paints the screen",
		.more = "CAP_DAC_READ_SEARCH, where one cannot be read without",
		.calls = CALLS(RUN) | CALLS(USE) | CALLS(OPEN) | CALLS(ASK) | CALLS(PASS) |
			 CALLS(TERMINAL),
		.is_in_paths = true,
	},
	[RIGHTS_REPORT] = {
		.who = "report",
		.purpose = "reads the ring buffer, counts connections, writes the page",
		.more = COUNTS ", and CAP_DAC_OVERRIDE, where the folder of the page is somebody "
			"else's",
		.calls = CALLS_LIVE | CALLS(MAKE),
		.is_in_paths = true,
		.paths = { "/proc", "/sys", "/run/netns", "/var/run/netns", WORKLOADS },
	},
	[RIGHTS_REPLAY_REPORT] = {
		.who = "report --input",
		.purpose = "reads recordings, which anybody may have made, writes the page",
		.more = "CAP_DAC_READ_SEARCH, where one cannot be read without, and "
			"CAP_DAC_OVERRIDE as above",
		.calls = CALLS(RUN) | CALLS(USE) | CALLS(OPEN) | CALLS(ASK) | CALLS(PASS) |
			 CALLS(MAKE),
		.is_in_paths = true,
	},
	[RIGHTS_LOOK] = {
		.who = "the helper that looks",
		.purpose = "opens the lists of sockets and the counters of network namespaces, "
			   "and finds the holders of sockets",
		.capabilities = CAN(SYS_ADMIN) | CAN(SYS_PTRACE) | CAN(DAC_READ_SEARCH) | CAN(BPF),
		.calls = CALLS(RUN) | CALLS(USE) | CALLS(ASK) | CALLS(OPEN) | CALLS(LIST) |
			 CALLS(ENTER) | CALLS(PASS),
	},
	[RIGHTS_NAME] = {
		.who = "the helper of --stack",
		.purpose = "finds out which code a stack is, in programs that it is given",
		.calls = CALLS(RUN) | CALLS(USE) | CALLS(ASK),
		.is_given_all = true,
		.is_in_paths = true,
	},
	[RIGHTS_SERVE] = {
		.who = "the helper of export",
		.purpose = "answers requests from the network",
		.calls = CALLS(RUN) | CALLS(USE) | CALLS(ASK) | CALLS(ANSWER),
		.is_in_paths = true,
	},
	[RIGHTS_SEND] = {
		.who = "the helper of export --otlp",
		.purpose = "sends spans and figures to a collector",
		.calls = CALLS(RUN) | CALLS(USE) | CALLS(ASK) | CALLS(OPEN) | CALLS(LIST) |
			 CALLS(REACH),
		.reaches = true,
		.is_in_paths = true,
		.paths = { OTHERS },
	},
	[RIGHTS_STORE] = {
		.who = "the helper of export --clickhouse",
		.purpose = "sends rows of connections to a store, keeps in its --spool those that "
			   "wait",
		.calls = CALLS(RUN) | CALLS(USE) | CALLS(ASK) | CALLS(OPEN) | CALLS(LIST) |
			 CALLS(REACH) | CALLS(MAKE),
		.reaches = true,
		.is_in_paths = true,
		.paths = { OTHERS },
	},
	[RIGHTS_EXEC] = {
		.who = "the helper for --exec",
		.purpose = "starts commands, and ends them when their time is over",
		.more = "CAP_SETUID, CAP_SETGID and CAP_KILL with --exec-user",
	},
};

const char *rights_calls_about(enum rights_calls calls)
{
	static const char *const abouts[RIGHTS_CALLS_GROUPS] = {
#define X(NAME, about) [RIGHTS_CALLS_##NAME] = (about),
		RIGHTS_CALLS(X)
#undef X
	};

	return abouts[calls];
}

const char *rights_capability_name(int capability)
{
	switch (capability) {
	case CAP_DAC_OVERRIDE:
		return "CAP_DAC_OVERRIDE";
	case CAP_DAC_READ_SEARCH:
		return "CAP_DAC_READ_SEARCH";
	case CAP_SYS_PTRACE:
		return "CAP_SYS_PTRACE";
	case CAP_SYS_ADMIN:
		return "CAP_SYS_ADMIN";
	case CAP_BPF:
		return "CAP_BPF";
	default:
		return NULL;
	}
}
