// SPDX-License-Identifier: GPL-2.0-only
/* Opens what a run reads from, and makes the table that it fills. */
#include "user/run/open.h"

#include <errno.h>

#include "user/kernel/refusal.h"
#include "user/kernel/rings.h"
#include "user/run/complaints.h"
#include "user/run/feed.h"
#include "user/run/flaw.h"
#include "user/run/keep.h"
#include "user/run/opened.h"
#include "user/run/recorded.h"
#include "user/run/recorded_netns.h"
#include "user/run/run.h"
#include "user/run/signals.h"
#include "user/run/terminal.h"

static void refuse(const struct task *task, int error, const char *reason)
{
	if (task->refused)
		task->refused(task->context, error, reason);
	else
		refusal_complain(error, reason);
}

static void prepare_print(struct run *run)
{
	terminal_settings(run->options, &run->settings);
	run->settings.layout = &run->layout;
	run->settings.lore = &run->lore.lore;
	run->settings.stack = run->options->stack;
}

/* A slot for each connection that the table may have, within bounds; 0: none. */
#define SLOT_BITS_MIN 4
#define SLOT_BITS_MAX 15

unsigned int open_slot_bits(size_t max_connections)
{
	unsigned int bits = SLOT_BITS_MIN;

	while (bits < SLOT_BITS_MAX && (size_t)1 << bits < max_connections)
		bits++;
	return bits;
}

unsigned int open_rings(const struct options *options)
{
	return rings_count(options->rings, rings_cpus());
}

static void complain_of_rings(uint64_t wanted, unsigned int cpus, unsigned int count)
{
	if (count == 1)
		RUN_COMPLAIN(RINGS_ONE, .n = wanted, .m = cpus);
	else
		RUN_COMPLAIN(RINGS_EACH, .n = wanted, .m = cpus);
}

/* Whoever writes it down for all machines has it on the smaller ones as well. */
static unsigned int rings(const struct run *run)
{
	unsigned int count = open_rings(run->options), cpus = rings_cpus();

	if (run->options->rings > count)
		complain_of_rings(run->options->rings, cpus, count);
	return count;
}

/*
 * Where connections are wanted, and not each step as it happens, the kernel side collects a
 * connection's steps. What is told of a listener that is gone came after its children, which may
 * have no other owner.
 */
static unsigned int slot_bits(const struct run *run)
{
	if (run->options->lives == LIVES_NO || run->task->tap || !run->task->consumers.count ||
	    run->wants & (CONSUMER_PROMPT | CONSUMER_SEQUENCES))
		return 0;
	return open_slot_bits(run->options->max_connections);
}

/* Returns 0, or -errno after one sentence. */
static int open_live(struct run *run)
{
	struct live_settings settings = {
		.filter = &run->filter,
		.attach = (enum plan_attach)run->options->attach,
		.families = run->families,
		.ring_bytes = run->options->ring_bytes,
		.rings = rings(run),
		.cgroups = run->wants & CONSUMER_CGROUPS,
		.segments = run->wants & CONSUMER_SEGMENTS,
		.facts = run->wants & CONSUMER_FACTS,
		.sequences = run->wants & CONSUMER_SEQUENCES,
		.flows = run->wants & CONSUMER_FLOWS,
		.stacks = run->options->stack,
		.polls = run->wants & CONSUMER_TIMEWAITS,
		.budget = run->options->budget,
		.must_collect = run->options->lives == LIVES_YES,
		.slot_bits = slot_bits(run),
		.on_record = feed_of(run),
		.on_coming = feed_coming,
		.context = run,
	};
	char reason[PLAN_REASON_SIZE] = "";
	int error;

	plan_set_verbose(run->options->verbose);
	if (!refusal_has_proc()) {
		refuse(run->task, -ENOENT, "/proc is not mounted");
		return -ENOENT;
	}
	/* A recording has all, and who reads it may know more. */
	if (run->task->consumers.count && run_lore_cannot_tell(&run->filter))
		return -ENODEV;
	run_lore_doubt_processes(&run->filter);
	error = keep_broker(run);
	if (error)
		return error;
	error = run->options->stack ? opened_begin(run) : 0;
	if (error)
		return error;
	settings.broker = run->broker;
	run->lore.broker = run->opener;
	run_lore_learn_cgroups(&run->lore);
	run_lore_learn_host(&run->lore);
	error = live_open(&settings, &run->live, reason);
	if (error) {
		refuse(run->task, error, reason);
		return error;
	}
	run->source = live_source(run->live);
	if (run->filter.follows && !run->source->class->rung(run->source, HOOK_KIN)) {
		RUN_COMPLAIN(NO_KIN);
		return -ENOTSUP;
	}
	prepare_print(run);
	return 0;
}

/* Whether it asks for what no segment tells. */
static bool wants_owner(const struct conn_filter *f)
{
	uint32_t names = f->interfaces.size;

#define X(NAME, field) names += f->field.size;
	FILTER_NAME_KINDS(X)
#undef X
	return f->pid_count || f->comm_count || f->netns.count || f->cgroup || names;
}

/* Returns 0, or -errno after one sentence; -EINTR, without any: it was told to stop before. */
static int open_replay(struct run *run)
{
	const struct replay_settings settings = {
		.paths = run->options->inputs,
		.count = run->options->input_count,
		.max_records = run->options->max_records,
		.max_connections = run->options->max_connections,
		.on_record = feed_of(run),
		.on_cgroup = feed_cgroup,
		.on_label = feed_label,
		.on_stack = feed_stack,
		.on_netns = feed_netns,
		.on_process = feed_process,
		.on_clock = feed_clock,
		.allowed = &run->waiting,
		.is_stopped = signals_asked_to_stop,
		.context = run,
	};
	const struct recording_about *about;
	struct replay_flaw flaw;
	int error;

	keep_replay(run);
	error = replay_open(&settings, &run->replay, &flaw);
	if (error && error != -EINTR)
		flaw_complain(&flaw, false);
	if (error)
		return error;
	run->source = replay_source(run->replay);
	about = replay_about(run->replay);
	error = recorded_netns_find(run->options, run->replay, &run->waiting, &run->filter.netns);
	if (error)
		return error;
	if (about->is_capture && wants_owner(&run->filter))
		RUN_COMPLAIN(NO_OWNERS);
	run->lore.recorded = about;
	run->lore.replay = run->replay;
	prepare_print(run);
	run->settings.clock.offset_ns = about->clock_offset_ns;
	run->settings.clock.utc_offset_s = about->utc_offset_s;
	run->settings.start_mono_ns = about->start_mono_ns;
	progress_init(&run->progress, run->task->is_silent);
	return 0;
}

/* Where no hook tells of timewait sockets, they are looked for. */
static void expect_timewaits(struct run *run)
{
	const struct source *source = run->source;

	if (source->is_polled) {
		conn_table_expect_polls(run->table);
		run->poller = (struct poller){ .source = run->source,
					       .table = run->table,
					       .netns = &run->filter.netns };
	} else if (source->class->rung(source, HOOK_TIME_WAIT)) {
		conn_table_expect_timewaits(run->table);
	}
}

int open_table(struct run *run)
{
	const struct source *source = run->source;
	const struct consumer_list *list = &run->task->consumers;

	if (run->redact.what && !run->task->redacts) {
		if (redact_consumers(&run->redact, list)) {
			RUN_COMPLAIN(NO_MEMORY);
			return -ENOMEM;
		}
		list = &run->redact.consumers;
	}
	if (!run->replay || !recorded_filters_add(run->replay, &run->filter))
		run->table = conn_table_new(run->options->max_connections, &run->filter, list);
	if (!run->table) {
		RUN_COMPLAIN(NO_MEMORY_TABLE);
		return -ENOMEM;
	}
	run->lore.table = run->table;
	run->resync = (struct resync){ .source = run->source,
				       .table = run->table,
				       .netns = &run->filter.netns,
				       .lore = &run->lore,
				       .cgroup = run->filter.cgroup };
	if (run->replay)
		conn_table_number_births(run->table);
	if (run->live)
		live_count_witnessed(run->live, &conn_table_counts(run->table)->witnessed);
	expect_timewaits(run);
	if (source->class->rung(source, HOOK_PASSIVE))
		conn_table_expect_requests(run->table);
	if (source->class->rung(source, HOOK_CONNECT))
		conn_table_expect_connects(run->table);
	if (source->class->rung(source, HOOK_ACCEPT))
		conn_table_expect_accepts(run->table);
	if (source->class->rung(source, HOOK_RESET))
		conn_table_expect_resets(run->table);
	if (source->class->rung(source, HOOK_RETRANSMIT))
		conn_table_expect_retransmits(run->table);
	return 0;
}

int open_run(struct run *run)
{
	int error = 0;

	if (run->options->redact && redact_init(&run->redact, run->options->redact)) {
		RUN_COMPLAIN(NO_MEMORY);
		return -ENOMEM;
	}
	if (run->redact.what)
		run->lore.redact = &run->redact;
	if (run->wants & CONSUMER_CGROUPS && run_lore_want_cgroups(&run->lore)) {
		RUN_COMPLAIN(NO_MEMORY);
		return -ENOMEM;
	}
	error = run->options->input_count ? open_replay(run) : open_live(run);
	if (!error && run->task->consumers.count)
		error = open_table(run);
	return error;
}
