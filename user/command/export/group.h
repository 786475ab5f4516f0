/* SPDX-License-Identifier: GPL-2.0-only */
/* What the group of a connection is called, by the one key that was asked for. */
#ifndef USER_COMMAND_EXPORT_GROUP_H
#define USER_COMMAND_EXPORT_GROUP_H

#include "user/aggregate/histogram_set.h"
#include "user/aggregate/metrics.h"
#include "user/sink/lore.h"

struct export_grouping {
	enum group_key key;
	struct lore *lore;
};

#define EXPORT_KEYS "comm, lport, rport, netns, unit, container, pod"
#define EXPORT_GROUP_NONE "none" /* it is in no container, or its port is of a range */

/* Whether figures may be grouped by it: there are few of them, and they live long. */
bool export_can_group_by(enum group_key key);

/* What is to be traced for its names: set of enum consumer_want; `keys` may be none. */
unsigned int export_group_wants(const struct export_grouping *grouping, unsigned int keys);

/* For metrics_counter_new; `context` is a struct export_grouping. */
bool export_group_name(const void *context, const struct conn *c, char name[METRICS_GROUP_SIZE]);

#endif
