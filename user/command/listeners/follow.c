// SPDX-License-Identifier: GPL-2.0-only
/* Listeners in the course of time: looks, and the connections that they take. */
#include "user/command/listeners/follow.h"

#include <stdlib.h>
#include <string.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/command/listeners/look.h"
#include "user/command/listeners/rows.h"
#include "user/conn/filter.h"
#include "user/event/bundle.h"
#include "user/event/socket.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/run.h"

#define EXIT_FAILED 2

/* A look that takes long is followed by a pause that is twenty times that. */
#define LOOK_NS (1 * NS_PER_S)
#define LOOK_SHARE 20

struct follow {
	struct listeners_teller teller;
	struct listeners_eye eye;
	struct listening_totals totals;
	struct run *run;
	uint64_t due_ns;
	bool has_failed; /* after one sentence */
};

/* What is malformed is counted by the table. */
static void on_record(void *context, const void *bytes, size_t size)
{
	struct follow *f = context;
	struct socket_info info;
	struct event event;

	if (socket_is_record(bytes, size)) {
		if (!socket_decode(bytes, size, &info))
			listening_hear_of(f->teller.listening, &info);
	} else if (!event_is_bundle(bytes, size) && !event_decode(bytes, size, &event)) {
		listening_hear(f->teller.listening, &event);
	}
}

/* Returns 0, or -errno after one sentence. */
static int look(struct follow *f, bool is_last)
{
	char reason[PLAN_REASON_SIZE] = "";
	uint64_t begun_ns = clock_now(), took_ns;
	int error = listeners_look(&f->eye, reason);

	if (!error && (is_last || listeners_has_new(&f->eye)))
		error = listeners_find_holders(&f->eye);
	if (error) {
		listeners_complain(&f->eye, error, reason);
		f->has_failed = true;
		return error;
	}
	took_ns = (clock_now() - begun_ns) * LOOK_SHARE;
	f->due_ns = clock_now() + (took_ns > LOOK_NS ? took_ns : LOOK_NS);
	return 0;
}

static void set_view(struct follow *f)
{
	struct listening_view *view = &f->teller.view;
	bool is_past = view->is_past;

	account_read_view(f->run, view);
	view->is_past = is_past;
	if (!f->run->live)
		return;
	view->now_ns = listening_last(f->teller.listening);
	view->duration_ns = view->now_ns - f->run->settings.start_mono_ns;
}

static uint64_t due_ns(void *context)
{
	return ((struct follow *)context)->due_ns;
}

static void tell_changes(struct follow *f)
{
	/* Who was accepted, and lives, may be known to the kernel side alone so far. */
	f->has_failed = run_catch_up(f->run) < 0;
	set_view(f);
	if (!f->has_failed)
		f->has_failed = listeners_tell_changes(&f->teller, &f->run->out.lines);
	output_flush(&f->run->out);
}

static enum task_next tick(void *context, uint64_t now_ns)
{
	struct follow *f = context;

	if (now_ns < f->due_ns)
		return TASK_GO_ON;
	if (!look(f, false) && f->teller.options->stuck.watch)
		tell_changes(f);
	return f->has_failed ? TASK_ENOUGH : TASK_GO_ON;
}

static int begin(void *context, struct run *run)
{
	struct follow *f = context;
	char reason[PLAN_REASON_SIZE] = "";
	int error;

	f->run = run;
	f->teller.sink = run->sink;
	f->teller.settings = &run->settings;
	f->teller.lore = &run->lore;
	f->due_ns = UINT64_MAX;
	if (!run->live) {
		f->teller.view.is_past = f->totals.is_past = true;
		return 0;
	}
	f->totals.is_followed = true;
	error = listeners_eye_open(&f->eye, f->teller.options, f->teller.listening, run->broker,
				   reason);
	if (error) {
		listeners_complain(&f->eye, error, reason);
		return error;
	}
	return look(f, true);
}

static void finish(void *context, struct run *run)
{
	struct follow *f = context;
	struct summary sum;

	if (run->live && !f->has_failed)
		look(f, true);
	if (run->live)
		listeners_account(&f->eye, &f->totals);
	set_view(f);
	if (!f->has_failed)
		f->has_failed = listeners_tell(&f->teller, &run->out.lines, &f->totals);
	account_read(run, &sum);
	sum.listeners = &f->totals;
	sum.payers[SUMMARY_HOLDERS] = &f->eye.table.quota.payers;
	account_print(run, &sum);
}

/* By its owner a listener is judged, not a connection: one that nobody accepts has none. */
static void leave_owners(struct conn_filter *f)
{
	f->pid_count = f->comm_count = 0;
	f->cgroup = 0;
	memset(&f->units, 0, sizeof(f->units));
	memset(&f->containers, 0, sizeof(f->containers));
	memset(&f->pods, 0, sizeof(f->pods));
	memset(&f->cgroups, 0, sizeof(f->cgroups));
}

int listeners_follow(const struct options *options)
{
	struct follow f = {
		.teller = { .options = options, .listening = listening_new() },
	};
	struct options *followed = malloc(sizeof(*followed));
	struct consumer *consumers[1];
	const struct task task = {
		.consumers = { consumers, 1 },
		.tap = on_record,
		.wants = CONSUMER_SEEDS | CONSUMER_CGROUPS,
		.role = RIGHTS_WATCH,
		.doing = &run_complaints[RUN_COMPLAINT_DOING_LISTENERS],
		.is_silent = !options->stuck.watch,
		.redacts = true,
		.begin = begin,
		.due_ns = due_ns,
		.tick = tick,
		.finish = finish,
		.context = &f,
	};
	int status = EXIT_FAILED;

	if (f.teller.listening && followed) {
		*followed = *options;
		leave_owners(&followed->filter);
		consumers[0] = listening_consumer(f.teller.listening);
		status = run_follow(followed, &task);
	} else {
		RUN_COMPLAIN(NO_MEMORY);
	}
	if (f.has_failed || listening_is_partial(&f.totals))
		status = EXIT_FAILED;
	listeners_eye_close(&f.eye);
	listening_free(f.teller.listening);
	free(followed);
	return status;
}
