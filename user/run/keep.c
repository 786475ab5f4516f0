// SPDX-License-Identifier: GPL-2.0-only
/* Has a run give up the rights that it does not need any more. */
#include "user/run/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/rights/capabilities.h"
#include "user/rights/rights.h"
#include "user/run/run.h"

#define READ_ALL (UINT64_C(1) << CAP_DAC_READ_SEARCH)

static void tell(const struct rights_bars *bars)
{
#define X(field, name)                                                        \
	if (bars->field)                                                      \
		log_debug("rights: no %s: %s", name, strerror(-bars->field)); \
	else                                                                  \
		log_debug("rights: %s", name);
	RIGHTS_BARS(X)
#undef X
}

static void keep(const struct rights_needs *needs)
{
	struct rights_bars bars;

	/* The file that it reads is nobody's else. */
	tzset();
	rights_keep(needs, &bars);
	tell(&bars);
}

/* Whether one is there, and is not for this process but by that right. */
static bool needs_right(const struct options *o)
{
	uint64_t all = capabilities_effective();
	bool needs = false;

	if (!(all & READ_ALL) || capabilities_use(0))
		return all & READ_ALL;
	for (size_t i = 0; i < o->input_count && !needs; i++)
		needs = faccessat(AT_FDCWD, o->inputs[i], R_OK, AT_EACCESS) && errno == EACCES;
	capabilities_use(all);
	return needs;
}

void keep_replay(const struct run *run)
{
	const struct rights_needs needs = {
		.role = RIGHTS_REPLAY,
		.capabilities = needs_right(run->options) ? READ_ALL : 0,
		.also_read = run->options->inputs,
		.also_count = run->options->input_count,
		.written = -1,
	};

	if (run->task->role)
		keep(&needs);
}
