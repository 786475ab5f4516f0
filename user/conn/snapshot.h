/* SPDX-License-Identifier: GPL-2.0-only */
/* A snapshot of the kernel's sockets that waits to be compared with what events have told. */
#ifndef USER_CONN_SNAPSHOT_H
#define USER_CONN_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/shares.h"
#include "user/base/units.h"
#include "user/conn/conn.h"
#include "user/event/socket.h"

/* By then the records of what happened during a snapshot, or a poll, have been read. */
#define SNAPSHOT_GRACE_NS (40 * NS_PER_MS)

/* What is kept of a socket: enough to begin its connection with. */
struct seed {
	uint64_t sock;
	uint64_t mono_ns; /* when it was looked at */
	uint64_t cgroup;
	uint64_t flow; /* 0: unknown */
	struct address laddr, raddr;
	uint32_t netns;
	uint16_t lport, rport;
	uint8_t state;
	uint8_t object;	 /* enum event_socket_object */
	uint8_t role;	 /* enum conn_role */
	uint8_t marks;	 /* enum event_socket_mark */
	uint16_t flags;	 /* enum event_flag */
	uint16_t ifname; /* as of a connection */
	uint32_t ifindex;
	bool is_state_known;
	bool is_applied;
	bool is_spent; /* its connection is closed, or another one has come to its address */

	/* Who held it, by the process's name; PID_UNKNOWN: that is not known. */
	uint32_t pid, uid;
	uint16_t comm;	       /* an atom */
	uint32_t token;	       /* of a subflow's MPTCP connection; 0: unknown */
	uint8_t subflow_marks; /* enum event_subflow_mark */
	uint64_t since_ns;     /* it has been in the state since then at least; TIME_UNKNOWN */
	/* Time that had passed since; TIME_UNKNOWN. */
	uint64_t ack_age_ns, receive_age_ns, send_age_ns;
};

struct snapshot;

/* At most `max` sockets; whoever has most makes room. NULL when there is no memory. */
struct snapshot *snapshot_new(uint64_t begin_ns, size_t max);
void snapshot_free(struct snapshot *s);

/* Keeps a socket, or counts that there was no room. */
void snapshot_add(struct snapshot *s, const struct socket_info *info);

/* A namespace whose sockets were not seen: what the snapshot lacks of it may be there. */
void snapshot_miss(struct snapshot *s, uint32_t netns);

/* All have been looked at. */
void snapshot_end(struct snapshot *s, uint64_t end_ns);

/* Only then: whether it was one of those, or may have been. */
bool snapshot_has_missed(const struct snapshot *s, uint32_t netns);

uint64_t snapshot_begin_ns(const struct snapshot *s);
/* TIME_UNKNOWN while sockets are being looked at. */
uint64_t snapshot_end_ns(const struct snapshot *s);

/* Sockets that found no room: then nothing can be said of those that are missing. */
uint64_t snapshot_left_out(const struct snapshot *s);

/* Whose they were. */
const struct payers *snapshot_payers(const struct snapshot *s);

/* NULL: it was not there, or was left out. */
struct seed *snapshot_find(const struct snapshot *s, uint64_t sock);

/* By number, from 0; NULL behind the last. Valid until the next snapshot_add. */
struct seed *snapshot_at(const struct snapshot *s, size_t number);

/* Since when it has been in its state, as far as it shows. */
uint64_t seed_since(const struct seed *seed);

/* Its role, where its numbers or a listener on its port give it away. */
enum conn_role snapshot_role(const struct snapshot *s, const struct seed *seed);

#endif
