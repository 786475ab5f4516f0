// SPDX-License-Identifier: GPL-2.0-only
/* Reads the account of a run, and looks at its connections, when the figures are asked for. */
#include "user/command/export/fill.h"

#include <stdio.h>

#include "user/run/account.h"
#include "user/run/run.h"

static void fill_hooks(const struct summary *sum, struct metrics_account *account)
{
	account->hook_count = 0;
	for (size_t i = 0; i < sum->hook_count && i < METRICS_HOOKS; i++) {
		const struct summary_hook *hook = &sum->hooks[i];

		snprintf(account->hooks[i].family, METRICS_HOOK_NAME, "%s", hook->family);
		snprintf(account->hooks[i].rung, METRICS_HOOK_NAME, "%s",
			 hook->rung ? hook->rung : "");
		account->hook_count++;
	}
}

void export_fill(const struct run *run, struct metrics_counter *counter, struct metrics *metrics)
{
	struct metrics_account *account = &metrics->account;
	struct summary sum;

	account_read(run, &sum);
	account->events = sum.events;
	account->connections = sum.connections;
	account->listen = sum.listen;
	account->table_room = run->options->max_connections;
	account->ring_room = run->live ? run->options->ring_bytes : 0;
	account->sample = run->filter.sample;
	fill_hooks(&sum, account);
	metrics_counter_look(counter, run->table, run->source->class->now(run->source));
}
