// SPDX-License-Identifier: GPL-2.0-only
/* Stuck sockets as they come and go: transitions say when to look, and when one is released. */
#include "user/command/stuck/watch.h"

#include <errno.h>
#include <string.h>

#include "user/aggregate/stuck_list.h"
#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/command/complaints.h"
#include "user/command/stuck/look.h"
#include "user/conn/openers.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/run.h"

#define EXIT_STUCK 1
#define EXIT_FAILED 2

/* A look takes a while where there are many sockets: so much time passes between two at least. */
#define LOOK_PAUSE_NS (200 * NS_PER_MS)
/* What no transition tells of is looked for this often ... */
#define LOOK_MINISOCKS_NS (1 * NS_PER_S)
/* ... and all is compared with the kernel's truth. */
#define LOOK_ALL_NS (10 * NS_PER_S)

/* States that a request or a timewait socket may be in, whose changes are no transitions. */
#define MINISOCK_STATES (1u << STATE_SYN_RECV | 1u << STATE_FIN_WAIT2 | 1u << STATE_TIME_WAIT)

struct watch {
	struct stuck_tell *tell;
	struct stuck_list *list;
	struct run *run;
	struct stuck_eye eye;
	struct stuck_look look;	 /* the last one, for its counts */
	struct openers *openers; /* of sockets that live; NULL: nobody asks for them */
	struct stuck_counts counts;
	uint64_t malformed;
	uint64_t looked_ns; /* when the last look ended */
	bool has_minisocks;
	bool has_failed; /* after one sentence */
};

/* A socket, as a connection with its number. */
static struct conn sock_as_conn(const struct watch *w, uint64_t sock)
{
	struct conn c = { .id = sock };

	if (openers_find(w->openers, &c))
		c.flags = CONN_OPENED;
	return c;
}

static void follow_opener(const struct watch *w, const struct event *e)
{
	struct conn c = sock_as_conn(w, e->sock);

	switch (e->kind) {
	case EVENT_OPENER:
		openers_note(w->openers, e);
		break;
	case EVENT_OPEN:
		openers_leave(w->openers, &c);
		c.flags = 0;
		openers_claim(w->openers, &c, e);
		break;
	case EVENT_ACCEPT:
		openers_claim(w->openers, &c, e);
		break;
	case EVENT_CLOSE:
	case EVENT_DESTROY:
		openers_leave(w->openers, &c);
		break;
	default:
		break;
	}
}

static void on_record(void *context, const void *bytes, size_t size)
{
	struct watch *w = context;
	struct event event;

	if (event_decode(bytes, size, &event)) {
		w->malformed++;
		return;
	}
	if (event.kind != EVENT_OPENER && event.kind != EVENT_ACCEPT)
		stuck_list_apply(w->list, &event);
	if (w->openers)
		follow_opener(w, &event);
}

static void on_released(void *context, const struct stuck *s)
{
	struct watch *w = context;

	w->counts.released++;
	stuck_tell_one(w->tell, s);
}

static bool on_found(void *context, struct stuck *s)
{
	struct watch *w = context;
	struct conn c = { .id = s->c.sock };

	if (w->openers)
		s->stack = openers_find(w->openers, &c);
	return stuck_list_amend(w->list, s);
}

/* All records that came until now; those that came later than a socket was read correct it. */
static int drain(void *context)
{
	return run_drain(((struct watch *)context)->run);
}

/* Returns 0, or -errno after one sentence. */
static int look(struct watch *w)
{
	const struct stuck_look_watcher watcher = { .drain = drain,
						    .amend = on_found,
						    .context = w };
	char reason[PLAN_REASON_SIZE] = "";
	struct stuck_look next;
	int error;

	stuck_list_look(w->list, clock_now());
	error = stuck_look(&w->eye, &watcher, &next, reason);
	if (error) {
		stuck_look_complain(&w->eye, error, reason);
		return error;
	}
	if (next.count)
		stuck_tell_learn(w->tell);
	for (size_t i = 0; i < next.count; i++) {
		/* The list keeps a copy, to be told of when it is released. */
		next.all[i].c.id = w->counts.begun + 1;
		if (!stuck_list_add(w->list, &next.all[i]))
			continue;
		w->counts.begun++;
		next.all[i].change = STUCK_CHANGE_STUCK;
		stuck_tell_one(w->tell, &next.all[i]);
	}
	stuck_list_end(w->list);
	stuck_look_done(&w->look);
	w->look = next;
	w->looked_ns = clock_now();
	return 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t next_look(const struct watch *w)
{
	uint64_t due = stuck_list_due(w->list);
	uint64_t regular = w->looked_ns + (w->has_minisocks ? LOOK_MINISOCKS_NS : LOOK_ALL_NS);
	uint64_t soonest = w->looked_ns + LOOK_PAUSE_NS;

	/* A little later than due, so that its age is beyond doubt. */
	if (due != TIME_UNKNOWN)
		due = due + NS_PER_MS > soonest ? due + NS_PER_MS : soonest;
	return least(due, regular);
}

static uint64_t due_ns(void *context)
{
	return next_look(context);
}

static enum task_next tick(void *context, uint64_t now_ns)
{
	struct watch *w = context;

	run_keep_clock(w->run);
	w->tell->settings.clock = w->run->settings.clock;
	if (now_ns >= next_look(w))
		w->has_failed = look(w);
	output_flush(&w->tell->out);
	return w->has_failed || w->tell->out.error || stuck_tell_has_failed(w->tell) ? TASK_ENOUGH :
										       TASK_GO_ON;
}

static int begin(void *context, struct run *run)
{
	struct watch *w = context;
	char reason[PLAN_REASON_SIZE] = "";
	int error = stuck_eye_open(&w->eye, w->tell->options, run->broker, reason);

	if (error) {
		stuck_look_complain(&w->eye, error, reason);
		return error;
	}
	error = w->tell->runner ? run_watch(run, runner_fd(w->tell->runner)) : 0;
	if (error) {
		COMMAND_COMPLAIN(EXEC_UNWATCHED, .w = strerror(-error));
		return error;
	}
	w->run = run;
	w->tell->settings.stack = run->options->stack;
	w->tell->lore.others_stacks = run->lore.stacks;
	w->tell->out.waiting = &run->waiting;
	stuck_tell_header(w->tell);
	output_flush(&w->tell->out);
	error = look(w);
	output_flush(&w->tell->out);
	return error;
}

static struct stuck_list *list_of(struct watch *w)
{
	const struct options *o = w->tell->options;
	struct stuck_list_settings settings = {
		.max = o->max_connections,
		.released = on_released,
		.context = w,
	};

	for (unsigned int state = 0; state < STATE_COUNT; state++) {
		settings.least_ns[state] = stuck_look_age(o, state);
		if (settings.least_ns[state] != TIME_UNKNOWN && MINISOCK_STATES >> state & 1)
			w->has_minisocks = true;
	}
	return stuck_list_new(&settings);
}

static void finish(void *context, struct run *run)
{
	struct watch *w = context;
	struct summary summary = { .scope = SUMMARY_OF_RECORDS };
	struct stuck_counts counts = w->look.counts;

	counts.is_watch = true;
	counts.stuck = stuck_list_count(w->list);
	counts.begun = w->counts.begun;
	counts.released = w->counts.released;
	counts.dropped += stuck_list_dropped(w->list);
	summary.payers[SUMMARY_STUCK] = stuck_list_payers(w->list);
	stuck_look_summarize(&w->look, &summary);
	run->source->class->events(run->source, &summary.events);
	summary.events.malformed = w->malformed;
	account_read_payers(run->source, &summary);
	account_read_stacks(run, &summary);
	account_add_hooks(&summary, run->source, 1u << HOOK_STATE);
	stuck_tell_end(w->tell, &summary, &counts);
	w->tell->out.waiting = NULL;
	w->tell->lore.others_stacks = NULL;
}

/* Returns the exit status. */
static int follow(struct watch *w)
{
	unsigned int accept = w->openers ? 1u << HOOK_ACCEPT : 0;
	const struct task task = {
		.tap = on_record,
		.families = 1u << HOOK_STATE | 1u << HOOK_END | accept,
		.role = RIGHTS_WATCH,
		.doing = &run_complaints[RUN_COMPLAINT_DOING_STUCK],
		.begin = begin,
		.due_ns = due_ns,
		.tick = tick,
		.finish = finish,
		.context = w,
	};
	int status = run_follow(w->tell->options, &task);

	if (status || w->has_failed || w->tell->has_failed)
		return EXIT_FAILED;
	if (stuck_list_count(w->list))
		return EXIT_STUCK;
	return stuck_counts_are_partial(&w->look.counts) ? EXIT_FAILED : 0;
}

int stuck_watch(struct stuck_tell *tell)
{
	struct watch w = { .tell = tell };
	int status = EXIT_FAILED;

	w.list = list_of(&w);
	w.openers = tell->options->stack ? openers_new() : NULL;
	if (w.list && (w.openers || !tell->options->stack))
		status = follow(&w);
	else
		RUN_COMPLAIN(NO_MEMORY);
	stuck_look_done(&w.look);
	stuck_eye_close(&w.eye);
	stuck_list_free(w.list);
	openers_free(w.openers);
	return status;
}
