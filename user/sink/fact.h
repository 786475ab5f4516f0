/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of a connection, in the words that all formats share. */
#ifndef USER_SINK_FACT_H
#define USER_SINK_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/listening_row.h"
#include "user/aggregate/stuck.h"
#include "user/conn/conn.h"
#include "user/conn/flow.h"
#include "user/sink/sink.h"

#define FACT_ERRNO_SIZE 24
#define FACT_CGROUP_SIZE 24

/* X(NAME, "name"): handshake.flags, in the order they are printed. */
#define FACT_HANDSHAKE_FLAGS(X)         \
	X(FASTOPEN, "fastopen")         \
	X(SYNCOOKIE, "syncookie")       \
	X(SIMULTANEOUS, "simultaneous") \
	X(DEFERRED, "deferred")         \
	X(QUEUE_FULL, "queue_full")     \
	X(RESTORED, "restored")

struct fact_flag {
	uint8_t bit; /* enum conn_handshake_flag */
	const char *name;
};

extern const struct fact_flag fact_handshake_flags[];
extern const size_t fact_handshake_flag_count;

/* "ipv4" or "ipv6", as on the wire; NULL when unknown. */
const char *fact_family(const struct conn *c);
const char *fact_flow(const struct conn *c, char text[FLOW_SIZE]);

/* NULL when unknown; the unspecified address, which nobody can connect to, means that too. */
const struct address *fact_laddr(const struct conn *c);
const struct address *fact_raddr(const struct conn *c);

/*
 * An address, NULL when unknown, and the interface that it is told with: the link of a link-local
 * one, and with the own one whatever the socket is bound to.
 */
struct fact_end {
	const struct address *address;
	uint32_t ifindex; /* 0: none */
	uint16_t ifname;  /* an atom */
};

#define FACT_END_SIZE 112 /* an address and an atom, each byte of it escaped */

struct fact_end fact_local(const struct conn *c);
struct fact_end fact_remote(const struct conn *c);
struct fact_end fact_end_of(const struct address *address, uint32_t ifindex, uint16_t ifname,
			    bool is_own);

/* Of a group; NULL when unknown, or not grouped by. */
struct fact_end fact_group_remote(const struct group *g);

/* "fe80::1%eth0", in printable ASCII; of an address that is known. Returns `text`. */
const char *fact_end_text(const struct fact_end *end, char text[FACT_END_SIZE]);

/* The same without a NUL. Returns its end. */
char *fact_end_put(const struct fact_end *end, char *at);

/* NULL: it is bound to none, or the name is not known. */
const char *fact_ifname(uint32_t ifindex, uint16_t ifname);

/* 0 when unknown. */
uint16_t fact_lport(const struct conn *c);

/* A peer's may be 0 in truth: anybody may connect to that port, or send a SYN from it. */
uint16_t fact_rport(const struct conn *c);
bool fact_has_rport(const struct conn *c);

/* It has an owner, which is that of its listener: nobody saw who accepted it. */
bool fact_owner_is_listener(const struct conn *c);

/* "process", "listener", or NULL where there is no owner. */
const char *fact_owner_source(const struct conn *c);

bool fact_has_pid(const struct conn *c);
bool fact_has_owner(const struct conn *c);
bool fact_has_counters(const struct conn *c);

/* Bytes of `comm` in use. */
size_t fact_comm_size(const struct conn *c);

/* Of the example of a failure: the name of the thread, if it is the same each time. */
struct conn_name fact_common_comm(const struct conn *c);

/* Whether the SYNs or SYN-ACKs sent again were counted: not without an eye on the handshake. */
bool fact_has_handshake_retransmits(const struct conn *c);

/* "exact", "estimated", or "unknown": always so when the latency is unknown. */
const char *fact_handshake_quality(const struct conn *c);
const char *fact_time_wait_quality(const struct conn *c);

bool fact_is_complete(const struct conn *c);

/* "ECONNREFUSED", a number for an errno without a name, NULL for none. */
const char *fact_errno(const struct conn *c, char text[FACT_ERRNO_SIZE]);

/* Of the reset that was sent at its end; "unknown(77)"; NULL: none, or the kernel gives none. */
const char *fact_reset_reason(const struct sink_settings *s, uint8_t reset_reason,
			      char text[RESET_REASON_SIZE]);

/* Segments that the peer left without an answer at the end, where that was the end. */
bool fact_has_tries(const struct conn *c);

/* Which one it is of which MPTCP connection, as far as that is known. */
struct subflow fact_subflow(const struct sink_settings *s, const struct conn *c);

/* How often what was sent again, and why; false: nothing was, or it is not known. */
bool fact_resent(const struct sink_settings *s, const struct conn *c, struct resent *ret_resent);

/* By enum event_retransmit_cause. */
extern const char *const fact_resent_names[RESENT_KINDS];

/* NULL when unknown. */
const char *fact_congestion(const struct sink_settings *s, const struct conn *c);

bool fact_has_segments(const struct conn *c);
bool fact_has_min_rtt(const struct conn *c);

/*
 * Its path, untrusted, which begins with a slash; its number where the path is not known; or NULL.
 */
const char *fact_cgroup(const struct sink_settings *s, uint64_t id, char text[FACT_CGROUP_SIZE]);

/*
 * What a group by CGROUP, UNIT, CONTAINER or POD is called: untrusted; NULL: it is not known, it
 * has none, or the key is another one.
 */
const char *fact_group_name(const struct sink_settings *s, enum group_key key,
			    const struct group *g, char text[FACT_CGROUP_SIZE]);

/* The same of a connection. */
const char *fact_cgroup_name(const struct sink_settings *s, enum group_key key, uint64_t cgroup,
			     char text[FACT_CGROUP_SIZE]);

/*
 * The command line of its owner, as far as it may be told, and its parent. NULL: it is not known;
 * `ret_ppid` is 0 then.
 */
struct conn_name fact_cmdline(const struct sink_settings *s, const struct conn *c,
			      uint32_t *ret_ppid);

/* "exact", "at_least"; NULL: it is unknown. */
const char *fact_age_quality(const struct stuck *s);
const char *fact_idle_quality(const struct listening_row *row);

/* "kernel", "wire" of captured segments, or "inferred" where a lost event was healed. */
const char *fact_origin(const struct conn *c, const struct transition *t);

#endif
