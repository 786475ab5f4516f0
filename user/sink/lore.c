// SPDX-License-Identifier: GPL-2.0-only
/* Asks for names where there may be nobody who knows them. */
#include "user/sink/lore.h"

#include <stddef.h>
#include <string.h>

const char *lore_cgroup(const struct lore *lore, uint64_t id)
{
	return lore && lore->class->cgroup ? lore->class->cgroup(lore, id) : NULL;
}

void lore_workload(struct lore *lore, uint64_t cgroup, struct lore_workload *ret_workload)
{
	memset(ret_workload, 0, sizeof(*ret_workload));
	if (cgroup && lore && lore->class->workload)
		lore->class->workload(lore, cgroup, ret_workload);
}

const char *lore_host(const struct lore *lore, const struct conn *c)
{
	return lore && lore->class->host ? lore->class->host(lore, c) : NULL;
}

const char *lore_netns(const struct lore *lore, uint32_t inode, uint64_t cgroup)
{
	return lore && lore->class->netns ? lore->class->netns(lore, inode, cgroup) : NULL;
}

bool lore_process(const struct lore *lore, const struct conn *c, struct lore_process *ret_process)
{
	return lore && lore->class->process && lore->class->process(lore, c, ret_process);
}

const char *lore_congestion(const struct lore *lore, uint8_t number)
{
	return lore && lore->class->congestion ? lore->class->congestion(lore, number) : NULL;
}

uint64_t lore_opener(const struct lore *lore, const struct conn *c)
{
	return lore && lore->class->opener && c->flags & CONN_OPENED ?
		       lore->class->opener(lore, c) :
		       0;
}

bool lore_stack(const struct lore *lore, uint64_t number, struct stack_frames *ret_frames)
{
	return number && lore && lore->class->stack && lore->class->stack(lore, number, ret_frames);
}

struct subflow lore_subflow(const struct lore *lore, const struct conn *c)
{
	return lore && lore->class->subflow ? lore->class->subflow(lore, c) :
					      (struct subflow){ .token = 0 };
}

bool lore_resent(const struct lore *lore, const struct conn *c, struct resent *ret_resent)
{
	return lore && lore->class->resent && lore->class->resent(lore, c, ret_resent);
}

const char *lore_reset_reason(struct lore *lore, uint32_t number, char text[RESET_REASON_SIZE])
{
	const struct reset_reasons *reasons = NULL;

	if (lore && lore->class->reset_reasons)
		reasons = lore->class->reset_reasons(lore);
	return reset_reasons_name(reasons, number, text);
}
