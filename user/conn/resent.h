/* SPDX-License-Identifier: GPL-2.0-only */
/* How often segments were sent again, by what made the kernel do so, of connections with any. */
#ifndef USER_CONN_RESENT_H
#define USER_CONN_RESENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/event/event.h"

#define RESENT_KINDS (EVENT_RETRANSMIT_PROBE + 1)
#define RESENT_MAX 65536 /* connections */

/* By enum event_retransmit_cause. */
struct resent {
	uint32_t times[RESENT_KINDS];
};

struct resent_set;

struct resent_set *resent_set_new(void);
void resent_set_free(struct resent_set *set);

/* So many segments, of the connection with this number. Returns 0, -ENOSPC, or -ENOMEM. */
int resent_add(struct resent_set *set, uint64_t id, uint8_t cause, uint32_t segments);

/* NULL: none of it was sent again, or there was no room to count it. */
const struct resent *resent_find(const struct resent_set *set, uint64_t id);

/* Its connection is gone. */
void resent_remove(struct resent_set *set, uint64_t id);

size_t resent_bytes(const struct resent_set *set);

#endif
