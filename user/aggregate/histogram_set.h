/* SPDX-License-Identifier: GPL-2.0-only */
/* The histograms of a run, by name and by group, fed by the connection table. */
#ifndef USER_AGGREGATE_HISTOGRAM_SET_H
#define USER_AGGREGATE_HISTOGRAM_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/histogram.h"
#include "user/aggregate/ladder_phrase.h"
#include "user/conn/consumer.h"

/* X(NAME, "name"): what --by groups by. COMM is the name of the owner's process. */
#define GROUP_KEYS(X)             \
	X(COMM, "comm")           \
	X(THREAD, "thread")       \
	X(RADDR, "raddr")         \
	X(RPORT, "rport")         \
	X(LPORT, "lport")         \
	X(NETNS, "netns")         \
	X(CGROUP, "cgroup")       \
	X(UNIT, "unit")           \
	X(CONTAINER, "container") \
	X(POD, "pod")             \
	X(OUTCOME, "outcome")

enum group_key {
#define X(NAME, name) GROUP_BY_##NAME,
	GROUP_KEYS(X)
#undef X
		GROUP_KEY_COUNT
};

const char *group_key_name(enum group_key key);

/* The facts of a group; only those of the set's keys mean anything. */
struct group {
	uint64_t cgroup; /* id; 0: unknown */
	/* Ids of cgroups that they are found by; 0: unknown, or it has none. */
	uint64_t unit, container, pod;
	struct address raddr;
	uint32_t netns;
	uint32_t ifindex;      /* with a link-local address; 0: none, or unknown */
	uint16_t rport, lport; /* 0 of lport: unknown */
	uint16_t ifname;       /* an atom */
	/* false: unknown, printed as null or "-" */
	bool has_raddr, has_rport, has_comm, has_thread;
	bool is_other;			  /* the rest: all groups that are not printed */
	uint8_t outcome;		  /* enum conn_outcome */
	bool is_listeners;		  /* the names are those of the listener's owner */
	char comm[EVENT_COMM_SIZE + 1];	  /* untrusted */
	char thread[EVENT_COMM_SIZE + 1]; /* untrusted */
	uint8_t reserved[1];
};

/*
 * X(NAME, "name", "Title", "标题"): in the order they are printed, states in the order of a life.
 * Titles are for people, in each language.
 */
/* clang-format off */
#define HISTOGRAMS(X) \
	X(HANDSHAKE_CLIENT, "handshake_client", "client handshake (first SYN to ESTABLISHED)", \
	  "客户端握手（首个 SYN 到 ESTABLISHED）") \
	X(HANDSHAKE_SERVER, "handshake_server", "server handshake (first SYN-ACK to its ACK)", \
	  "服务器握手（首个 SYN-ACK 到对它的 ACK）") \
	X(TIME_WAIT, "time_wait", "TIME_WAIT (to its real end)", "TIME_WAIT（到真正结束）") \
	X(HANDSHAKE_ESTIMATED, "handshake_estimated", \
	  "server handshake, estimated (first SYN-ACK to ESTABLISHED)", \
	  "服务器握手，估计值（首个 SYN-ACK 到 ESTABLISHED）") \
	X(HANDSHAKE_FAILED, "handshake_failed", "failed connects (first SYN to the failure)", \
	  "失败的 connect（首个 SYN 到失败）") \
	X(ACCEPT_QUEUE, "accept_queue", "accept queue (ESTABLISHED to accept)", \
	  "accept 队列（ESTABLISHED 到 accept）") \
	X(HALF_OPEN, "half_open", "half-open requests (first SYN-ACK to their end)", \
	  "半开请求（首个 SYN-ACK 到其结束）") \
	X(SYN_SENT, "state_syn_sent", "SYN_SENT (SYN sent, no answer yet)", \
	  "SYN_SENT（SYN 已发出，尚无应答）") \
	X(SYN_RECV, "state_syn_recv", "SYN_RECV (SYN-ACK sent, no ACK yet)", \
	  "SYN_RECV（SYN-ACK 已发出，尚无 ACK）") \
	X(ESTABLISHED, "state_established", "ESTABLISHED (open both ways)", \
	  "ESTABLISHED（双向打开）") \
	X(FIN_WAIT1, "state_fin_wait1", "FIN_WAIT1 (closed by us, no ACK yet)", \
	  "FIN_WAIT1（本端已关闭，尚无 ACK）") \
	X(FIN_WAIT2, "state_fin_wait2", "FIN_WAIT2 (closed by us, the peer has not)", \
	  "FIN_WAIT2（本端已关闭，对端尚未关闭）") \
	X(CLOSE_WAIT, "state_close_wait", "CLOSE_WAIT (closed by the peer, not by us)", \
	  "CLOSE_WAIT（对端已关闭，本端尚未关闭）") \
	X(CLOSING, "state_closing", "CLOSING (closed by both at once)", "CLOSING（两端同时关闭）") \
	X(LAST_ACK, "state_last_ack", "LAST_ACK (closed by both, no ACK yet)", \
	  "LAST_ACK（两端都已关闭，尚无 ACK）")
/* clang-format on */

enum histogram_id {
#define X(NAME, name, en, zh) HISTOGRAM_##NAME,
	HISTOGRAMS(X)
#undef X
		HISTOGRAM_COUNT
};

/* One histogram of one group, with the count of those whose value is unknown. */
struct histogram_row {
	const char *name;	   /* "handshake_client" */
	const struct group *group; /* NULL when not grouped */
	const struct histogram *histogram;
	uint64_t unknown;   /* happened, but could not be measured */
	uint64_t estimated; /* of the values */
	enum histogram_id id;
	const struct tally *tally; /* what the values count as; NULL: they are all alike */
	const uint64_t *counts;	   /* of each class of the tally */
};

/* The classes that the values of a histogram fall into: by quality, by outcome, by end. */
struct tally {
	const char *name; /* "by_quality" */
	size_t size;
	const char *(*class_name)(unsigned int i); /* NULL: a class that is not shown */
};

/*
 * Groups that are kept apart while the run lasts, at least; which of them are printed is decided at
 * the end, by their size. A group takes 180 bytes, and some 2 KB for each of its histograms.
 */
#define HISTOGRAM_SET_GROUPS 4096
#define HISTOGRAM_SET_GROUPS_MAX (1U << 20) /* if `max_groups` asks for more */

struct histogram_set;

/*
 * `keys`: a set of 1 << GROUP_BY_..., 0 for no groups. At most `max_groups` groups are printed (at
 * least 1): the largest ones, and the rest together as the group `is_other`. NULL when there is no
 * memory.
 */
struct histogram_set *histogram_set_new(unsigned int keys, size_t max_groups);
void histogram_set_free(struct histogram_set *set);

/* One without groups as it is now, which is told of nothing. NULL when there is no memory. */
struct histogram_set *histogram_set_copy(const struct histogram_set *set);

unsigned int histogram_set_keys(const struct histogram_set *set);

/*
 * Before anything is added: only these histograms are kept, a set of 1 << HISTOGRAM_..., and what
 * only others need is not asked for. 0: all are.
 */
void histogram_set_choose(struct histogram_set *set, unsigned int only);

/* The time that the values are of, if they are of a part of the run. */
struct histogram_span {
	uint64_t begin_ns, end_ns; /* monotonic */
	bool is_later;		   /* it is not the first one */
};

/* What was added is of this time. */
void histogram_set_end_span(struct histogram_set *set, uint64_t begin_ns, uint64_t end_ns);

/* NULL: of the whole run. */
const struct histogram_span *histogram_set_span(const struct histogram_set *set);

/* What is added from now on is of another span: the set is empty. Who was refused is remembered. */
void histogram_set_clear(struct histogram_set *set);

/*
 * To be told of connections. A transition adds the dwell of the state it leaves
 * ("state_established", ...); one to ESTABLISHED adds the handshake of its role. An unknown
 * duration is counted as unknown. In groups by owner a server's connection, which is accepted
 * later, adds them when it is closed, or when the run ends before; in groups by outcome, all do.
 */
struct consumer *histogram_set_consumer(struct histogram_set *set);

/* Adds all of `from`, both without groups. Returns 0, or -ENOMEM: a part of it was added. */
int histogram_set_merge(struct histogram_set *set, const struct histogram_set *from);

/* Knows which cgroups are one to people. */
struct group_joiner {
	/* Of all that `key` (CGROUP, UNIT, CONTAINER, POD) does not tell apart, one; 0: none. */
	uint64_t (*first)(const struct group_joiner *self, enum group_key key, uint64_t cgroup);
};

/* Makes one group of those that are one by each key. */
void histogram_set_join(struct histogram_set *set, const struct group_joiner *joiner);

/*
 * Calls `visit` for each row: by histogram, and within it by group, the largest first, the rest
 * last. Empty rows are left out, but in a set without groups for those that were chosen, or for the
 * handshakes and TIME_WAIT.
 * Returns 0, or -ENOMEM (then a part was left out).
 */
int histogram_set_each(const struct histogram_set *set,
		       void (*visit)(void *context, const struct histogram_row *row),
		       void *context);

/* The one of all connections, of a set without groups. */
void histogram_set_get(const struct histogram_set *set, enum histogram_id id,
		       struct histogram_row *ret_row);

/* What it is called by people; "" for none. */
const char *histogram_title(enum histogram_id id, enum ladder_language language);

/* What the values of this histogram count as; NULL: they are all alike. */
const struct tally *histogram_tally(enum histogram_id id);

/* Values that were not added for lack of memory. */
uint64_t histogram_set_lost(const struct histogram_set *set);

/* Values of groups that came when there was no room to keep one more apart. */
uint64_t histogram_set_crowded(const struct histogram_set *set);

/* Whose they were. */
const struct payers *histogram_set_payers(const struct histogram_set *set);

#endif
