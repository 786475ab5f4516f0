// SPDX-License-Identifier: GPL-2.0-only
/* Reads the account of a run, and looks at its connections, when the figures are asked for. */
#include "user/command/export/fill.h"

#include <stdio.h>

#include "user/run/account.h"
#include "user/run/kernel_compare.h"
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

static double sampling_of(const struct run *run, const struct summary *sum)
{
	if (run->replay)
		return summary_sampling_ratio(sum);
	return run->filter.sample > 1 ? 1.0 / run->filter.sample :
					1.0 / spending_one_of(&run->spending);
}

static void fill_account(const struct run *run, const struct summary *sum,
			 struct metrics_account *account)
{
	account->events = sum->events;
	account->connections = sum->connections;
	account->part = sum->part;
	account->table_room = run->options->max_connections;
	account->ring_bytes = run->live ? live_ring_waited(run->live) : 0;
	account->ring_room = run->live ? live_ring_bytes(run->live) : 0;
	account->sampling = sampling_of(run, sum);
	fill_hooks(sum, account);
}

void export_fill(const struct run *run, struct metrics_counter *counter, struct metrics *metrics)
{
	struct summary sum;

	account_read_but_listen(run, &sum);
	fill_account(run, &sum, &metrics->account);
	metrics_counter_look(counter, run->table, run->source->class->now(run->source));
}

void export_compare(struct run *run, struct kernel_compare *compare, struct metrics *metrics)
{
	struct counters_readings now;

	kernel_compare_look(compare, run, &metrics->difference, &now);
	if (now.count)
		overflows_tell(run->overflows, &now, &metrics->account.listen);
	else
		account_read_listen(run, &metrics->account.listen);
	counters_done(&now);
}
