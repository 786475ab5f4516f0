/* SPDX-License-Identifier: GPL-2.0-only */
/* How often segments were sent again, by what made the kernel do so, of connections with any. */
#ifndef USER_CONN_RESENT_H
#define USER_CONN_RESENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/crowd.h"
#include "user/event/event.h"

/* X(NAME, "name"): why segments are sent again, by enum event_retransmit_cause. */
#define RESENT_NAMES(X)       \
	X(SYN, "syn")         \
	X(SYNACK, "synack")   \
	X(TIMEOUT, "timeout") \
	X(FAST, "fast")       \
	X(PROBE, "probe")

#define RESENT_KINDS (EVENT_RETRANSMIT_PROBE + 1)
#define RESENT_MAX 65536 /* connections */

/* By enum event_retransmit_cause. */
struct resent {
	uint32_t times[RESENT_KINDS];
};

struct resent_set;

struct resent_set *resent_set_new(void);
void resent_set_free(struct resent_set *set);

/*
 * So many segments, of the connection with this number; one that is not in it is only begun with
 * where `is_first`, lest something be missing of it. Where it is full, the heaviest makes room.
 * Returns 0, or -ENOMEM.
 */
int resent_add(struct resent_set *set, uint64_t id, uint8_t cause, uint32_t segments, bool is_first,
	       const struct share *whose);

/* NULL: none of it was sent again, or it had to make room. */
const struct resent *resent_find(const struct resent_set *set, uint64_t id);

/* Its connection is gone. */
void resent_remove(struct resent_set *set, uint64_t id);

/* Those whose counts are unknown for lack of room, and whose they were. */
const struct crowd *resent_crowd(const struct resent_set *set);

size_t resent_bytes(const struct resent_set *set);

#endif
