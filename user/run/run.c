// SPDX-License-Identifier: GPL-2.0-only
/* The one loop: asks a source for records, and everybody else in between. */
#include "user/run/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/clock.h"
#include "user/base/log.h"
#include "user/base/units.h"
#include "user/conn/kin.h"
#include "user/run/complaints.h"
#include "user/run/keep.h"
#include "user/run/kin.h"
#include "user/run/open.h"
#include "user/run/recorded.h"
#include "user/run/recorded_netns.h"
#include "user/run/seeds.h"
#include "user/run/signals.h"
#include "user/run/terminal.h"
#include "user/sockets/sockets.h"

#define STATUS_FAILED 2

static uint64_t now_ns(const struct run *run)
{
	return run->source->class->now(run->source);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

int run_drain(struct run *run)
{
	int count;

	do
		count = run->source->class->read(run->source, 0, &run->waiting);
	while (count > 0);
	return count == -ENODATA ? 0 : count;
}

bool run_sees_queues_served(const struct run *run)
{
	const struct source_class *class = run->source->class;
	const char *rung = class->rung(run->source, HOOK_ACCEPT);

	return rung && !class->has_lost(run->source) &&
	       (!strcmp(rung, hook_kind_name(HOOK_KIND_FENTRY)) ||
		!strcmp(rung, hook_kind_name(HOOK_KIND_KPROBE)));
}

int run_catch_up(struct run *run)
{
	source_flush(run->source);
	return run_drain(run);
}

int run_watch(struct run *run, int fd)
{
	return run->source->class->watch ? run->source->class->watch(run->source, fd) : 0;
}

static enum task_next ask_task(const struct run *run)
{
	const struct task *task = run->task;

	return task->tick ? task->tick(task->context, now_ns(run)) : TASK_GO_ON;
}

/* When somebody has to do something even if no record comes. */
static uint64_t due_ns(const struct run *run)
{
	const struct task *task = run->task;
	uint64_t own = least(resync_due_ns(&run->resync), poller_due_ns(&run->poller));

	return task->due_ns ? least(own, task->due_ns(task->context)) : own;
}

static void show_progress(struct run *run)
{
	uint64_t bytes, all;

	if (!run->replay)
		return;
	replay_progress(run->replay, &bytes, &all);
	progress_show(&run->progress, bytes, all);
}

void run_keep_clock(struct run *run)
{
	uint64_t now_ns = run->live ? clock_now_roughly() : 0;

	if (!run->live || now_ns < run->clock_due_ns)
		return;
	run->clock_due_ns = now_ns + NS_PER_S;
	terminal_read_clock(&run->settings.clock);
}

/* After records have been handed over. */
static void keep_table(struct run *run)
{
	run_keep_clock(run);
	spending_check(&run->spending, now_ns(run));
	run_lore_turn(&run->lore);
	if (!run->table)
		return;
	if (run->source->class->has_lost(run->source))
		conn_table_note_loss(run->table);
	conn_table_settle(run->table, now_ns(run));
	resync_check(&run->resync, now_ns(run));
	poller_check(&run->poller, now_ns(run));
}

static bool misses_broker(const struct run *run)
{
	return (run->broker && broker_has_ended(run->broker)) ||
	       (run->opener && broker_has_ended(run->opener));
}

/* Returns 0, or -errno of the source. */
static int follow(struct run *run)
{
	uint64_t deadline_ns = UINT64_MAX;

	if (run->options->duration_ns)
		deadline_ns = run->settings.start_mono_ns + run->options->duration_ns;
	while (!signals_asked_to_stop() && !run->out.error && now_ns(run) < deadline_ns &&
	       !misses_broker(run) && ask_task(run) == TASK_GO_ON) {
		int count = run->source->class->read(run->source, least(due_ns(run), deadline_ns),
						     &run->waiting);

		if (count < 0)
			return count == -ENODATA ? 0 : count;
		keep_table(run);
		if (run->source->is_prompt)
			output_flush(&run->out);
		show_progress(run);
	}
	return 0;
}

static void find_listeners(struct run *run)
{
	int error = live_find_listeners(run->live);

	/*
	 * Whoever takes records is told by each connection without an owner; of a run that is over,
	 * where what is looked at may be gone, nobody wants to know.
	 */
	if (error && run->table && !signals_are_asking_to_stop())
		RUN_COMPLAIN(LISTENERS_UNKNOWN, .w = sockets_why(error));
}

/* Returns 0, or -errno after one sentence. */
static int watch_broker(struct run *run)
{
	int error = run_watch(run, broker_fd(run->broker));

	if (error)
		RUN_COMPLAIN(BROKER_NOT_WATCHED, .w = strerror(-error));
	return error;
}

/* Returns 0, or -errno after one sentence. */
static int begin(struct run *run)
{
	const struct task *task = run->task;
	int error = task->begin ? task->begin(task->context, run) : 0;

	if (!error && run->broker)
		error = watch_broker(run);
	if (error)
		return error;
	if (run->source->is_prompt)
		output_flush(&run->out);
	if (run->live && run->families >> HOOK_PASSIVE & 1)
		run->overflows = overflows_begin(&run->filter.netns, run->broker);
	if (run->live && run->filter.follows)
		run_find_kin(run);
	if (run->live)
		find_listeners(run);
	/* Of those that are sampled the kernel knows only which were born before its eyes. */
	resync_begin(&run->resync, run->filter.sample <= 1 ? seeds_use(run->wants) : 0,
		     now_ns(run));
	/* An unknown socket may be one that is not followed. */
	if (run->options->budget)
		run->resync.use &= ~(unsigned int)CONN_SNAPSHOT_SEED;
	if (run->live && run->wants & CONSUMER_SEEDS && !run->table)
		seeds_tell(run);
	if (run->live)
		keep_live(run);
	spending_begin(&run->spending, run->live, run->options->budget, now_ns(run));
	if (task->doing && run->live)
		log_say_note(&run_complaints[RUN_COMPLAINT_BEGUN],
			     &(struct sentence_words){
				     .w = log_in(task->doing),
				     .v = run->source->class->rung(run->source, HOOK_STATE) });
	return 0;
}

/*
 * For what is printed or written at the end. Cgroups have been named before the run, and when they
 * were met: those that are gone keep their names.
 */
static void learn_names(struct run *run)
{
	bool is_needed = run->live && (run->task->is_silent || run->task->tap);
	int error = is_needed ? run_lore_learn_cgroups(&run->lore) : 0;

	if (error)
		RUN_COMPLAIN(CGROUPS_BY_NUMBER,
			     .w = error == -ENODEV ? RUN_SAYS(NO_HIERARCHY) : strerror(-error));
}

static void end(struct run *run)
{
	const struct task *task = run->task;

	progress_done(&run->progress);
	resync_finish(&run->resync, now_ns(run));
	poller_finish(&run->poller, now_ns(run));
	if (task->last)
		task->last(task->context, run);
	run->source->class->stop(run->source);
	if (run->table && run->source->class->has_lost(run->source))
		conn_table_note_loss(run->table);
	if (run->table)
		conn_table_settle(run->table, UINT64_MAX);
	learn_names(run);
	if (run->table)
		conn_table_tell_alive(run->table, now_ns(run));
	if (task->finish)
		task->finish(task->context, run);
}

int run_loop(struct run *run)
{
	int error = begin(run);
	bool is_flawed, is_alone;

	if (error)
		return error == -EPIPE ? 0 : STATUS_FAILED;
	error = follow(run);
	is_alone = misses_broker(run);
	if (is_alone)
		RUN_COMPLAIN(BROKER_ENDED);
	end(run);
	is_flawed = is_alone || (run->replay && recorded_complain(run->replay));
	if (error)
		RUN_COMPLAIN(RING_UNREADABLE, .w = strerror(-error));
	return output_end(&run->out) || error || is_flawed ? STATUS_FAILED : 0;
}

/* What nobody wants to know is not traced. */
static unsigned int families_of(const struct task *task, unsigned int wants, bool follows)
{
	unsigned int families = task->consumers.count ? HOOK_TRACED : 0;

	if (!(wants & CONSUMER_RETRANSMITS))
		families &= ~(1u << HOOK_RETRANSMIT);
	if (follows)
		families |= 1u << HOOK_KIN;
	return families | task->families;
}

void run_init(struct run *run, const struct options *options, const struct task *task)
{
	memset(run, 0, sizeof(*run));
	run->options = options;
	run->task = task;
	run->sink = output_sink(options->format);
	run->filter = options->filter;
	run->folder = task->folder ? *task->folder : -1;
	run->wants = task->wants | consumers_want(&task->consumers);
	run->families = families_of(task, run->wants, options->filter.follows);
	output_init(&run->out, &run->waiting);
	run_lore_init(&run->lore);
	run->filter.namer = run_lore_namer(&run->lore);
	recorded_netns_learn(options);
	/* Of those that are collected it is known too late who did it. */
	if (options->stack)
		run->wants |= CONSUMER_PROMPT;
	if (conn_filter_has_names(&run->filter))
		run->wants |= CONSUMER_CGROUPS | CONSUMER_PROMPT;
	/* Who it was may be gone, and his number another's, when all of it is told. */
	if (run->filter.follows) {
		run->wants |= CONSUMER_PROMPT;
		run->filter.kin = kin_new();
	}
	if (run->filter.flow_count)
		run->wants |= CONSUMER_FLOWS | CONSUMER_SEEDS;
	signals_catch(&run->waiting);
}

void run_done(struct run *run)
{
	kin_free(run->filter.kin);
	if (run->source)
		run->source->class->free(run->source);
	run_lore_done(&run->lore);
	redact_done(&run->redact);
	overflows_free(run->overflows);
	broker_stop(run->broker);
	broker_stop(run->opener);
	conn_table_free(run->table);
	recorded_filters_free(&run->filter);
	output_done(&run->out);
}

int run_follow(const struct options *options, const struct task *task)
{
	/* Larger than a small stack has room for. */
	struct run *run = malloc(sizeof(*run));
	int status = STATUS_FAILED, error;

	if (!run) {
		RUN_COMPLAIN(NO_MEMORY);
		return STATUS_FAILED;
	}
	run_init(run, options, task);
	error = open_run(run);
	if (!error)
		status = run_loop(run);
	else if (error == -EINTR)
		status = 0;
	if (!error && options->stack && options->input_count && !run->has_openers)
		RUN_COMPLAIN(NO_STACKS);
	run_done(run);
	free(run);
	return status;
}
