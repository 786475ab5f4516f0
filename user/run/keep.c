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
#include "user/run/complaints.h"
#include "user/run/run.h"

#define CAN(NAME) (UINT64_C(1) << CAP_##NAME)

static void tell(const struct rights_bars *bars)
{
#define X(field, name)                                                                    \
	if (bars->field)                                                                  \
		log_debug("rights: not in force: %s (%s)", name, strerror(-bars->field)); \
	else                                                                              \
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

int keep_broker(struct run *run)
{
	const struct options *o = run->options;
	int error = run->task->role ? broker_start(&run->broker) : 0;

	if (!error && run->task->role && (o->stack || o->wide || o->trace.cmdline))
		error = broker_start(&run->opener);
	if (error)
		RUN_COMPLAIN(BROKER_NOT_STARTED, .w = strerror(-error));
	return error;
}

/* Whether `allows` what it asks for with these rights and not without any. */
static bool needs_right(uint64_t rights, bool (*lacks)(const void *context), const void *context)
{
	uint64_t all = capabilities_effective();
	bool needs;

	if (!(all & rights) || capabilities_use(0))
		return all & rights;
	needs = lacks(context);
	capabilities_use(all);
	return needs;
}

static bool is_refused(const char *path)
{
	return path && faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) && errno == EACCES;
}

static bool lacks_recordings(const void *context)
{
	const struct run *run = context;

	for (size_t i = 0; i < run->options->input_count; i++)
		if (is_refused(run->options->inputs[i]))
			return true;
	return is_refused(run->task->reads_later);
}

static bool lacks_folder(const void *context)
{
	const int *folder = context;

	return *folder >= 0 && faccessat(*folder, ".", W_OK | X_OK, AT_EACCESS) && errno == EACCES;
}

static bool lacks_counts(const void *context)
{
	return live_try_counts(context) == -EPERM;
}

static uint64_t folder_rights(int folder)
{
	return needs_right(CAN(DAC_OVERRIDE), lacks_folder, &folder) ? CAN(DAC_OVERRIDE) : 0;
}

void keep_live(const struct run *run)
{
	struct rights_needs needs = {
		.role = run->task->role,
		.also_read = &run->options->host_root,
		.also_count = run->options->host_root != NULL,
		.later = run->task->reads_later,
		.written = run->folder,
	};

	if (!run->task->role)
		return;
	needs.capabilities = folder_rights(run->folder);
	if (needs_right(CAN(DAC_READ_SEARCH), lacks_recordings, run))
		needs.capabilities |= CAN(DAC_READ_SEARCH);
	if (needs_right(CAN(BPF) | CAN(SYS_ADMIN), lacks_counts, run->live))
		needs.capabilities |= CAN(BPF);
	keep(&needs);
}

void keep_thread(enum rights_role role, int folder)
{
	const struct rights_needs needs = {
		.role = role,
		.capabilities = folder_rights(folder),
		.written = folder,
		.is_thread = true,
	};
	struct rights_bars bars;

	rights_keep(&needs, &bars);
}

void keep_replay(const struct run *run)
{
	struct rights_needs needs = {
		.role = run->task->role == RIGHTS_TOP	 ? RIGHTS_REPLAY_TOP :
			run->task->role == RIGHTS_REPORT ? RIGHTS_REPLAY_REPORT :
							   RIGHTS_REPLAY,
		.also_read = run->options->inputs,
		.also_count = run->options->input_count,
		.later = run->task->reads_later,
		.written = run->folder,
	};

	/* The run before it may have given up asking which rights there are. */
	if (!run->task->role)
		return;
	needs.capabilities = folder_rights(run->folder);
	if (needs_right(CAN(DAC_READ_SEARCH), lacks_recordings, run))
		needs.capabilities |= CAN(DAC_READ_SEARCH);
	keep(&needs);
}

void keep_look(const struct options *options)
{
	const struct rights_needs needs = {
		.role = RIGHTS_WATCH,
		.also_read = &options->host_root,
		.also_count = options->host_root != NULL,
		.written = -1,
	};

	keep(&needs);
}

void keep_answer(void)
{
	const struct rights_needs needs = { .role = RIGHTS_ANSWER, .written = -1 };

	keep(&needs);
}
