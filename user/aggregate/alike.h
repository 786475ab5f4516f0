/* SPDX-License-Identifier: GPL-2.0-only */
/* Lives that are over, for a pulse and a roster: those that are alike are counted together. */
#ifndef USER_AGGREGATE_ALIKE_H
#define USER_AGGREGATE_ALIKE_H

#include "user/aggregate/pulse.h"
#include "user/aggregate/roster.h"
#include "user/conn/consumer.h"

struct alike;

/*
 * Told of connections instead of these two, which must stay; `keys`: a set of 1 << enum roster_key,
 * those that it may be asked to group by. NULL: there is no memory.
 */
struct alike *alike_new(struct pulse *pulse, struct roster *roster, unsigned int keys);
void alike_free(struct alike *alike);
struct consumer *alike_consumer(struct alike *alike);

/* Before either of the two is looked at or copied: they know it all. */
void alike_settle(struct alike *alike);

/* As roster_sift() and roster_group_by(), of which it has to know. */
void alike_sift(struct alike *alike, const struct conn_filter *filter, uint32_t states);
void alike_group_by(struct alike *alike, enum roster_key key);

#endif
