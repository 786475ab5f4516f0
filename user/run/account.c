// SPDX-License-Identifier: GPL-2.0-only
/* What is told at the end of a run: which hooks it had, what it saw and what it lost. */
#include "user/run/account.h"

#include <string.h>
#include <unistd.h>

#include "user/base/atom.h"
#include "user/base/log.h"
#include "user/run/complaints.h"
#include "user/run/run.h"
#include "user/run/terminal.h"

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

#define KERNEL_NUMBER(name, en, zh) KERNEL_##name,

/* Whether processes or namespaces of others did not show what they have. */
static bool was_not_let(const struct summary *sum)
{
	const struct listening_totals *t = sum->listeners ? sum->listeners : sum->ports;
	const struct stuck_counts *c = sum->stuck;

	return (t && t->unreadable_processes + t->unreadable_namespaces + t->hidden_processes) ||
	       (c && c->unreadable_processes + c->unreadable_namespaces + c->hidden_processes);
}

void account_say(const struct summary *summary)
{
	struct summary said = *summary, *sum = &said;
	struct buffer words;

	said.columns = terminal_error_columns();
	buffer_init(&words);
	if (sum->listeners)
		sink_listener_words(&words, sum);
	if (sum->ports)
		sink_port_words(&words, sum);
	/* Of a look, there is no more to say. */
	else if (!sum->listeners || sum->listeners->is_followed || sum->listeners->is_past)
		sink_summary_words(&words, sum, log_verbose);
	sink_stack_words(&words, sum);
	sink_sample_words(&words, sum);
	sink_payer_words(&words, sum);
	sink_hint_words(&words, sum);
	buffer_flush(&words, STDERR_FILENO);
	buffer_done(&words);
	if (was_not_let(sum) && geteuid())
		RUN_COMPLAIN(ROOT_SEES_MORE);
}

/* A recording does not know them by namespace. */
void account_read_listen(const struct run *run, struct listen_counters *ret_listen)
{
	if (run->replay && !run->filter.netns.count)
		replay_listen(run->replay, ret_listen);
	else
		overflows_read(run->overflows, ret_listen);
}

static void read_resent(const struct run *run, struct summary *sum)
{
	const struct crowd *crowd = conn_table_resent_crowd(run->table);

	if (!crowd)
		return;
	sum->resent_lost = crowd->paid;
	sum->payers[SUMMARY_RESENT] = &crowd->payers;
}

void account_read_payers(struct source *source, struct summary *sum)
{
	sum->payers[SUMMARY_RING] = source_payers(source, SOURCE_RING);
	sum->payers[SUMMARY_SAMPLE] = source_payers(source, SOURCE_SAMPLE);
	sum->payers[SUMMARY_PASSED] = source_payers(source, SOURCE_PASSED);
	sum->payers[SUMMARY_NOTES] = source_payers(source, SOURCE_NOTES);
}

void account_read_stacks(const struct run *run, struct summary *sum)
{
	const struct stacks *stacks = run->lore.stacks;

	if (!stacks)
		return;
	sum->events.stacks_unknown = stacks_unknown(stacks);
	sum->events.stacks_full = stacks_full(stacks);
	sum->payers[SUMMARY_STACKS] = stacks_payers(stacks);
}

bool account_is_torn(const struct run *run, const struct event_counters *events)
{
	return run->replay && !events->unread && replay_is_torn(run->replay);
}

/* A recording tells by its own filters, and by what it has counted. */
static bool leaves_to_chance(const struct run *run, const struct event_counters *events)
{
	return run->options->budget || events->unsampled || conn_filter_samples(&run->filter);
}

static enum summary_part part_of(const struct run *run, const struct event_counters *events)
{
	if (!conn_filter_wants_namespaces(&run->filter))
		return SUMMARY_BY_FILTER;
	return leaves_to_chance(run, events) ? SUMMARY_BY_CHANCE : SUMMARY_OF_ALL;
}

void account_read_view(const struct run *run, struct listening_view *ret_view)
{
	const struct source_class *class = run->source->class;
	struct event_counters events = { 0 };

	class->events(run->source, &events);
	*ret_view = (struct listening_view){
		.now_ns = class->now(run->source),
		.accepts_known = class->rung(run->source, HOOK_ACCEPT),
		.owners_filtered = conn_filter_asks_owner(&run->filter),
		.is_part = conn_filter_asks_peer(&run->filter) || leaves_to_chance(run, &events),
	};
	ret_view->duration_ns = ret_view->now_ns - run->settings.start_mono_ns;
}

void account_read_but_listen(const struct run *run, struct summary *ret_sum)
{
	const struct source_class *class = run->source->class;

	memset(ret_sum, 0, sizeof(*ret_sum));
	class->events(run->source, &ret_sum->events);
	ret_sum->events.malformed = run->malformed;
	account_read_stacks(run, ret_sum);
	ret_sum->is_replayed = run->replay;
	ret_sum->is_torn = account_is_torn(run, &ret_sum->events);
	ret_sum->is_broken = run->replay && replay_is_broken(run->replay);
	ret_sum->language = run->settings.language;
	if (run->replay)
		replay_captured(run->replay, &ret_sum->captured);
	ret_sum->names_lost = atoms_lost();
	ret_sum->payers[SUMMARY_NAMES] = atoms_payers();
	if (run->table) {
		ret_sum->connections = *conn_table_counts(run->table);
		ret_sum->part = part_of(run, &ret_sum->events);
		summary_keep_part(&ret_sum->connections, ret_sum->part);
		ret_sum->payers[SUMMARY_CONNECTIONS] = conn_table_payers(run->table);
		ret_sum->payers[SUMMARY_SEEDS] = conn_table_seed_payers(run->table);
		read_resent(run, ret_sum);
		ret_sum->payers[SUMMARY_LISTENERS] = conn_table_listener_payers(run->table);
	}
	ret_sum->duration_ns = class->now(run->source) - run->settings.start_mono_ns;
	/* Also those that a recording knows nothing of: it had no hook of them. */
	account_add_hooks(ret_sum, run->source, HOOK_TRACED);
}

void account_read(const struct run *run, struct summary *ret_sum)
{
	account_read_but_listen(run, ret_sum);
	account_read_payers(run->source, ret_sum);
	account_read_listen(run, &ret_sum->listen);
}

void account_print_failures(struct run *run, const struct failure_set *failures)
{
	struct buffer words;

	if (run->sink->failures) {
		run->sink->failures(&run->settings, &run->out.lines, failures);
		return;
	}
	if (!failure_set_count(failures))
		return;
	output_flush(&run->out);
	buffer_init(&words);
	sink_failure_words(&run->settings, &words, failures);
	buffer_flush(&words, STDERR_FILENO);
	buffer_done(&words);
}

/* Whether its SYN or SYN-ACK got no answer, as far as that is known. */
static void find_unanswered(void *context, const struct failure *f, uint64_t count)
{
	bool *found = context;

	(void)count;
	switch (f->is_other ? CONN_CAUSE_UNKNOWN : f->example.cause) {
	case CONN_CAUSE_SYN_TIMEOUT:
	case CONN_CAUSE_SYNACK_TIMEOUT:
	case CONN_CAUSE_CONNECT_ABANDONED:
	case CONN_CAUSE_HANDSHAKE_ABANDONED:
		*found = true;
		break;
	case CONN_CAUSE_USER_TIMEOUT:
		*found |= conn_state(&f->example) == STATE_CLOSED && f->example.step_count == 2;
		break;
	default:
		break;
	}
}

void account_add_hints(const struct run *run, const struct failure_set *failures,
		       struct summary *sum)
{
	static const uint8_t hints[] = { SUMMARY_HINTS(KERNEL_NUMBER) };
	struct kernel_counters moved;
	bool is_unanswered = false;

	if (!run->overflows || failure_set_each(failures, find_unanswered, &is_unanswered) ||
	    !is_unanswered)
		return;
	overflows_moved(run->overflows, &moved);
	for (size_t i = 0; i < sizeof(hints); i++) {
		if (!kernel_counters_know(&moved, hints[i]) || !moved.value[hints[i]])
			continue;
		sum->hints.value[hints[i]] = moved.value[hints[i]];
		sum->hints.known |= 1u << hints[i];
	}
}

void account_print(struct run *run, const struct summary *sum)
{
	if (run->sink->summary)
		run->sink->summary(&run->settings, &run->out.lines, sum);
	output_flush(&run->out);
	if (run->options->format != FORMAT_JSON)
		account_say(sum);
}
