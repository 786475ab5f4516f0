/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run saw, lost and kept: the contents of the last line. */
#ifndef USER_AGGREGATE_SUMMARY_H
#define USER_AGGREGATE_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "user/aggregate/ladder_phrase.h"
#include "user/aggregate/listening_row.h"
#include "user/aggregate/stuck.h"
#include "user/conn/table.h"
#include "user/event/captured.h"
#include "user/event/counters.h"
#include "user/event/kernel_counters.h"

#define SUMMARY_HOOKS 16

struct summary_hook {
	const char *family; /* "state" */
	const char *rung;   /* "tp_btf"; NULL: none in use */
};

/* What `record` wrote. */
struct summary_recording {
	uint64_t records, bytes;
	uint32_t parts;
	bool is_left; /* whoever read it at the other end of a pipe went away */
};

/* What is shared, and how many of those who paid for it are told of. */
enum summary_bound {
	SUMMARY_CONNECTIONS,
	SUMMARY_HALF_OPEN_LINES,
	SUMMARY_LISTENERS,
	SUMMARY_MPTCP,
	SUMMARY_NAMES,
	SUMMARY_SEEDS,
	SUMMARY_RESENT,
	SUMMARY_STORIES,
	SUMMARY_GROUPS,
	SUMMARY_FAILURES,
	SUMMARY_STUCK,
	SUMMARY_RING,
	SUMMARY_SAMPLE,
	SUMMARY_PASSED,
	SUMMARY_HOLDERS,
	SUMMARY_STACKS,
	SUMMARY_NOTES,
	SUMMARY_BOUND_COUNT
};

#define SUMMARY_PAYERS 3

/*
 * X(name, "what it counts", "the same in Chinese"): of the kernel, while a handshake got no answer.
 */
/* clang-format off */
#define SUMMARY_HINTS(X) \
	X(TCPMD5NotFound, "segments without the MD5 signature that is asked for", \
	  "没有所要求的 MD5 签名的报文段") \
	X(TCPMD5Unexpected, "segments with an MD5 signature that nobody asked for", \
	  "带有没人要求的 MD5 签名的报文段") \
	X(TCPMD5Failure, "segments with a wrong MD5 signature", \
	  "MD5 签名错误的报文段") \
	X(TCPAORequired, "segments without the TCP-AO signature that is asked for", \
	  "没有所要求的 TCP-AO 签名的报文段") \
	X(TCPAOBad, "segments with a wrong TCP-AO signature", \
	  "TCP-AO 签名错误的报文段") \
	X(TCPAOKeyNotFound, "segments with an unknown key of TCP-AO", \
	  "TCP-AO 密钥未知的报文段") \
	X(ListenDrops, "SYNs and ACKs that listeners dropped", \
	  "监听套接字丢弃的 SYN 和 ACK") \
	X(TCPReqQFullDrop, "SYNs for which there was no room among half-open requests", \
	  "半开请求没有空位的 SYN") \
	X(TCPTimeWaitOverflow, "connections for which there was no room in TIME_WAIT", \
	  "TIME_WAIT 没有空位的连接") \
	X(TCPMemoryPressures, "times that TCP came to be short of memory", \
	  "TCP 内存变得不足的次数")
/* clang-format on */

/* X(name): what is told of connections, in this order. */
#define SUMMARY_TOLD(X)       \
	X(opened)             \
	X(closed)             \
	X(live)               \
	X(seeded)             \
	X(restored)           \
	X(unsent)             \
	X(incomplete)         \
	X(evicted)            \
	X(children_lost)      \
	X(time_waits_evicted) \
	X(seeds_left_out)     \
	X(resyncs)            \
	X(listeners_left_out)

/* What was looked at: what has less to tell does not know what others count. */
enum summary_scope {
	SUMMARY_OF_LIVES,   /* connections were followed */
	SUMMARY_OF_RECORDS, /* their records came, and nobody followed connections */
	SUMMARY_OF_A_LOOK   /* at sockets that are there: nothing was traced */
};

/* By what connections were left out: what is known of all, or of none in particular, is none's. */
enum summary_part {
	SUMMARY_OF_ALL,
	SUMMARY_BY_CHANCE, /* some are not followed */
	SUMMARY_BY_FILTER  /* others were asked for */
};

struct summary {
	enum summary_scope scope;
	enum summary_part part;
	struct event_counters events;
	struct conn_counts connections; /* of the part: see summary_keep_part() */
	struct listen_counters listen;	/* all 0: unknown */
	bool is_replayed;		/* what does not add up is the recording's, not ours */
	bool is_torn;			/* it is damaged, and how much it lost is unknown */
	bool is_broken;			/* it ends where nothing more could be written */
	uint64_t half_open_unprinted;  /* lines left out so that a flood does not fill the screen */
	uint64_t time_waits_unprinted; /* of trace --full: they were not over at its end */
	/* Who has lost most by them; NULL: nobody can. */
	const struct payers *payers[SUMMARY_BOUND_COUNT];
	struct summary_hook hooks[SUMMARY_HOOKS];
	size_t hook_count;
	const struct summary_recording *recording; /* NULL: connections were followed instead */
	uint64_t duration_ns;			   /* of the run */
	uint64_t values_lost; /* histogram_set_lost(): not in the histograms, for lack of memory */
	uint64_t names_lost;  /* atoms_lost(): processes whose names found no room */
	uint64_t resent_lost; /* connections of which is not known what was sent again */
	uint64_t mptcp_early; /* mptcp_set_early(): told of before their last subflow ended */
	uint64_t failures_lost;	 /* failure_set_lost(): not in their table, for lack of memory */
	uint64_t values_crowded; /* histogram_set_crowded(): of groups that are not kept apart */
	enum ladder_language language;	  /* of what is said for people */
	unsigned int columns;		  /* of its lines, where there are fewer than 80; else 0 */
	const struct stuck_counts *stuck; /* of the command stuck; NULL: it was another */
	/* What the kernel counted meanwhile that may be why; nothing is known where none is. */
	struct kernel_counters hints;
	const struct listening_totals
		*ports; /* of stuck --ports: destinations, those that are full */
	const struct listening_totals *listeners; /* of the command listeners, alike */
	struct captured captured;		  /* of captures that were read */
};

/* Whether what only the hooks of this family tell was followed: else its counts are unknown. */
static inline bool summary_follows(const struct summary *sum, const char *family)
{
	for (size_t i = 0; i < sum->hook_count && !sum->recording; i++)
		if (!strcmp(sum->hooks[i].family, family))
			return sum->hooks[i].rung;
	return false;
}

/* Keeps of what all sockets did what connections that are wanted did, where others are left out. */
static inline void summary_keep_part(struct conn_counts *counts, enum summary_part part)
{
	if (part == SUMMARY_OF_ALL)
		return;
	counts->resets_sent = counts->wanted.resets_sent;
	counts->resets_received = counts->wanted.resets_received;
	memcpy(counts->retransmits, counts->wanted.retransmits, sizeof(counts->retransmits));
}

/* Whether resets without a connection are those that were asked for. */
static inline bool summary_knows_strays(enum summary_part part)
{
	return part != SUMMARY_BY_FILTER;
}

/* Whether these that were sent again are those of connections that are wanted. */
static inline bool summary_knows_resent(enum summary_part part, enum event_retransmit_cause cause)
{
	return part == SUMMARY_OF_ALL || cause != EVENT_RETRANSMIT_SYNACK;
}

/*
 * Whether it is known how many are in this state: who waits in a timewait socket is lost sight of
 * where nothing tells of these.
 */
static inline bool summary_knows_state(const struct summary *sum, enum tcp_state state)
{
	return (state != STATE_TIME_WAIT && state != STATE_FIN_WAIT2) ||
	       summary_follows(sum, "time_wait");
}

/* Whether births and ends were counted: an old recording does not tell. */
static inline bool summary_counts_lives(const struct summary *sum)
{
	if (sum->scope == SUMMARY_OF_A_LOOK)
		return false;
	return !sum->is_replayed || sum->events.births || sum->events.ends;
}

/*
 * Of all connections that began, the part that was followed: 1 where all were. Below 0: that is
 * not known.
 */
static inline double summary_sampling_ratio(const struct summary *sum)
{
	const struct event_counters *e = &sum->events;

	if (!e->births)
		return summary_counts_lives(sum) ? 1 : -1;
	return e->unsampled < e->births ? 1 - (double)e->unsampled / (double)e->births : 0;
}

/*
 * At least so many events took place that no hook was called for, as the connections show: more
 * than all those together that somebody has counted.
 */
static inline uint64_t summary_unseen(const struct summary *sum)
{
	uint64_t counted = event_counters_lost(&sum->events);

	return sum->connections.contradictions > counted ?
		       sum->connections.contradictions - counted :
		       0;
}

/* How wide its lines are, in words. */
static inline unsigned int summary_columns(const struct summary *sum)
{
	return sum->columns ? sum->columns : 80;
}

#endif
