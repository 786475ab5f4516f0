// SPDX-License-Identifier: GPL-2.0-only
/* What is told at the end of a run: which hooks it had, what it saw and what it lost. */
#include "user/run/account.h"

#include <unistd.h>

#include "user/base/log.h"
#include "user/sink/sink.h"

void account_add_hook(struct summary *sum, enum hook_family_id family, const char *rung)
{
	if (sum->hook_count < SUMMARY_HOOKS)
		sum->hooks[sum->hook_count++] =
			(struct summary_hook){ hook_families[family].name, rung };
}

void account_add_hooks(struct summary *sum, const struct source *source, unsigned int families)
{
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++)
		if (families >> f & 1)
			account_add_hook(sum, f, source->class->rung(source, f));
}

unsigned int account_families(const struct source *source)
{
	unsigned int families = 0;

	for (int f = 0; f < HOOK_FAMILY_COUNT; f++)
		if (source->class->rung(source, f))
			families |= 1u << f;
	return families;
}

void account_say(const struct summary *sum)
{
	struct buffer words;

	buffer_init(&words);
	sink_summary_words(&words, sum, log_verbose);
	buffer_flush(&words, STDERR_FILENO);
	buffer_done(&words);
}
