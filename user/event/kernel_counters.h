/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters that the kernel keeps of TCP for each network namespace, by its own names. */
#ifndef USER_EVENT_KERNEL_COUNTERS_H
#define USER_EVENT_KERNEL_COUNTERS_H

#include <stdint.h>

/* X(name): of the group Tcp in /proc/net/snmp, or TcpExt in /proc/net/netstat. */
#define KERNEL_COUNTERS(X)     \
	X(ActiveOpens)         \
	X(PassiveOpens)        \
	X(AttemptFails)        \
	X(EstabResets)         \
	X(RetransSegs)         \
	X(OutRsts)             \
	X(EmbryonicRsts)       \
	X(TW)                  \
	X(TWKilled)            \
	X(ListenOverflows)     \
	X(ListenDrops)         \
	X(TCPAbortOnClose)     \
	X(TCPAbortOnMemory)    \
	X(TCPAbortOnTimeout)   \
	X(TCPTimeWaitOverflow) \
	X(TCPRetransFail)      \
	X(TCPSynRetrans)       \
	X(TCPReqQFullDrop)     \
	X(TCPMemoryPressures)  \
	X(TCPMD5NotFound)      \
	X(TCPMD5Unexpected)    \
	X(TCPMD5Failure)       \
	X(TCPAORequired)       \
	X(TCPAOBad)            \
	X(TCPAOKeyNotFound)

enum kernel_counter {
#define X(name) KERNEL_##name,
	KERNEL_COUNTERS(X)
#undef X
		KERNEL_COUNTER_COUNT
};

_Static_assert(KERNEL_COUNTER_COUNT <= 32, "kernel_counters.known has a bit for each");

/* Those of one namespace at one time. */
struct kernel_counters {
	uint64_t value[KERNEL_COUNTER_COUNT];
	uint32_t known; /* bits of 1 << enum kernel_counter: the others are not there */
};

static inline int kernel_counters_know(const struct kernel_counters *c, enum kernel_counter which)
{
	return c->known >> which & 1;
}

const char *kernel_counter_name(enum kernel_counter which);

#endif
