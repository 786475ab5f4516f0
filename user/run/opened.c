// SPDX-License-Identifier: GPL-2.0-only
/* Which code opens connections: turns stacks as the kernel tells them into those that are named. */
#include "user/run/opened.h"

#include <string.h>

#include "user/run/complaints.h"
#include "user/run/run.h"
#include "user/sockets/proc_code.h"
#include "user/stacks/stacks.h"

static int mappings(void *context, uint32_t pid, uint64_t mono_ns, uint64_t image)
{
	struct run *run = context;

	return run->opener ? broker_mappings(run->opener, pid, mono_ns, image) :
			     proc_code_mappings(pid, mono_ns, image);
}

static int file(void *context, uint32_t pid, uint64_t start, uint64_t end)
{
	struct run *run = context;

	return run->opener ? broker_code(run->opener, pid, start, end) :
			     proc_code_file(pid, start, end);
}

static int names(void *context, uint32_t pid)
{
	struct run *run = context;

	return run->opener ? broker_code_names(run->opener, pid) : proc_code_names(pid);
}

static int debug(void *context, const char *build_id)
{
	struct run *run = context;

	return run->opener ? broker_debug(run->opener, build_id) : proc_code_debug(build_id);
}

int opened_begin(struct run *run)
{
	int error = stacks_start(run->options->stacks, &run->lore.stacks);

	if (error)
		RUN_COMPLAIN(STACKS_HELPER, .w = strerror(-error));
	return error;
}

bool opened_meet(struct run *run, const void *bytes, size_t size, struct event_opener *ret)
{
	const struct stacks_files files = { mappings, file, names, debug, run };
	uint64_t number = run->lore.stacks ? stacks_meet(run->lore.stacks, &files, bytes, size) : 0;

	if (!number)
		return false;
	memcpy(&ret->head, bytes, sizeof(ret->head));
	ret->head.kind = EVENT_OPENER;
	ret->stack = number;
	return true;
}
