// SPDX-License-Identifier: GPL-2.0-only
/* Which of the shapes that a hook has on different kernels tells of this one. */
#include "user/command/check/shape.h"

#include <errno.h>

/*
 * One that was loaded fits, and whatever it failed of then is the reason. One that is not permitted
 * might fit; another may fail for that or because it does not fit.
 */
static bool says_more(const struct plan_trial *trial, const struct plan_trial *than)
{
	if (!than->error || !trial->error)
		return than->error;
	if (trial->is_loaded != than->is_loaded)
		return trial->is_loaded;
	return trial->error == -EPERM && than->error != -EPERM;
}

size_t shape_to_show(const struct plan *plan, int family, size_t first, size_t *ret_next)
{
	const struct hook_family *f = &hook_families[family];
	const struct plan_trial *trials = plan->trials[family];
	size_t shown = first, r = first;

	for (; r < f->rung_count && f->rungs[r].kind == f->rungs[first].kind; r++)
		if (plan->rung[family] == (int)r || says_more(&trials[r], &trials[shown]))
			shown = r;
	*ret_next = r;
	return shown;
}
