// SPDX-License-Identifier: GPL-2.0-only
/* Hands records on: to whoever takes their bytes, and as events to the table. */
#include "user/run/feed.h"

#include "user/base/clock.h"
#include "user/base/text.h"
#include "user/event/bundle.h"
#include "user/event/socket.h"
#include "user/run/complaints.h"
#include "user/run/opened.h"
#include "user/run/run.h"
#include "user/run/seeds.h"

/* The cgroup that stands for it. */
static uint64_t meet_cgroup(void *context, uint64_t cgroup, uint32_t pid)
{
	struct run *run = context;

	return cgroup ? run_lore_meet_cgroup(&run->lore, cgroup, pid) : 0;
}

static __attribute__((noinline)) void feed_unlike(struct run *run, const void *bytes, size_t size)
{
	struct event_steps_at own;
	struct event_bundle bundle;
	uint64_t cgroup;

	if (event_bundle_open(bytes, size, &bundle)) {
		run->malformed += event_count(bytes, size);
		return;
	}
	cgroup = meet_cgroup(run, bundle.steps->at.cgroup, bundle.steps->at.pid);
	if (cgroup != bundle.steps->at.cgroup) {
		own = *bundle.steps;
		own.at.cgroup = cgroup;
		bundle.steps = &own;
	}
	conn_table_apply_bundle(run->table, &bundle);
}

/* Most are lives like one before. */
static void feed_bundle(struct run *run, const void *bytes, size_t size)
{
	if (!conn_table_apply_like(run->table, bytes, size, meet_cgroup, run))
		feed_unlike(run, bytes, size);
}

static void feed_socket(struct run *run, const void *bytes, size_t size)
{
	struct socket_info info;

	if (socket_decode(bytes, size, &info)) {
		run->malformed++;
		return;
	}
	run_lore_meet_netns(&run->lore, info.netns, info.cgroup);
	conn_table_see_recorded(run->table, seeds_use(run->wants) | CONN_SNAPSHOT_KNOW, &info);
}

static void table(struct run *run, const void *bytes, size_t size)
{
	struct event event;

	if (event_is_bundle(bytes, size)) {
		feed_bundle(run, bytes, size);
	} else if (socket_is_record(bytes, size)) {
		feed_socket(run, bytes, size);
	} else if (event_decode(bytes, size, &event)) {
		run->malformed++;
	} else {
		event.cgroup = meet_cgroup(run, event.cgroup, event.pid);
		run_lore_meet_netns(&run->lore, event.netns, event.cgroup);
		if (event.pid)
			run_lore_meet_process(&run->lore, event.pid, event.mono_ns, event.process);
		run->has_openers |= event.kind == EVENT_OPENER;
		conn_table_apply(run->table, &event);
	}
}

/* What nobody else is to see is replaced by what it means, if there is anything left of it. */
static __attribute__((noinline)) void turn(struct run *run, const void *bytes, size_t size,
					   record_on_one next)
{
	struct event_opener opener;

	if (opened_meet(run, bytes, size, &opener))
		next(run, &opener, sizeof(opener));
	else
		run->nameless++;
}

static void to_table(void *context, const void *bytes, size_t size)
{
	table(context, bytes, size);
}

static void feed_rarely(struct run *run, const void *bytes, size_t size)
{
	if (run->task->aside)
		run->task->aside(run->task->context, bytes, size);
	if (opened_is_stack(bytes, size))
		turn(run, bytes, size, to_table);
	else
		table(run, bytes, size);
}

static __attribute__((noinline)) void feed_single(struct run *run, const void *bytes, size_t size)
{
	if (!conn_table_apply_end(run->table, bytes, size))
		feed_rarely(run, bytes, size);
}

/*
 * Most of what comes, where lives are told of at once, is these, and then their ends: neither has
 * to make room for what the other one needs.
 */
static void feed_table(void *context, const void *bytes, size_t size)
{
	if (event_is_bundle(bytes, size))
		feed_bundle(context, bytes, size);
	else
		feed_single(context, bytes, size);
}

static void to_tap(void *context, const void *bytes, size_t size)
{
	struct run *run = context;

	run->task->tap(run->task->context, bytes, size);
}

static void feed_tap(void *context, const void *bytes, size_t size)
{
	if (opened_is_stack(bytes, size))
		turn(context, bytes, size, to_tap);
	else
		to_tap(context, bytes, size);
}

static void to_both(void *context, const void *bytes, size_t size)
{
	to_tap(context, bytes, size);
	table(context, bytes, size);
}

static void feed_both(void *context, const void *bytes, size_t size)
{
	if (opened_is_stack(bytes, size))
		turn(context, bytes, size, to_both);
	else
		to_both(context, bytes, size);
}

static void feed_taped(void *context, const void *bytes, size_t size)
{
	struct run *run = context;

	run->task->tape(run->task->context, bytes, size);
	feed_table(context, bytes, size);
}

record_on_one feed_of(const struct run *run)
{
	if (run->task->tape)
		return feed_taped;
	if (!run->task->tap)
		return feed_table;
	return run->task->consumers.count ? feed_both : feed_tap;
}

/*
 * Only one in a few sockets is in a cache: there are more of them than these hold. Of a life that
 * comes at once nothing is in the table so far.
 */
void feed_coming(void *context, const struct record_bytes *records, size_t count)
{
	struct run *run = context;
	uint64_t known[CONN_FETCH];
	size_t known_count = 0;

	run_keep_clock(run);
	/* A name may be another namespace's by now, whose first records these are. */
	run_lore_keep_namespaces(&run->lore, clock_now());
	if (!run->table)
		return;
	/* One of these may have come to the place of another, whose reset was lost before it. */
	if (run->source->class->has_lost(run->source))
		conn_table_note_loss(run->table);
	for (size_t i = 0; i < count && i < CONN_FETCH; i++) {
		const struct event_life_at *life = event_as_life(records[i].bytes, records[i].size);
		uint64_t sock;

		if (life) {
			conn_table_fetch_place(run->table, life->at.close.head.sock);
			if (life->at.close.timewait)
				conn_table_fetch_place(run->table, life->at.close.timewait);
		} else if (!event_peek_sock(records[i].bytes, records[i].size, &sock)) {
			known[known_count++] = sock;
		}
	}
	conn_table_fetch(run->table, known, known_count);
}

void feed_cgroup(void *context, uint64_t id, const char *path, size_t size)
{
	struct run *run = context;

	run_lore_add_cgroup(&run->lore, id, path, size);
}

void feed_label(void *context, uint64_t kind, const char *id, size_t id_size, const char *name,
		size_t name_size)
{
	struct run *run = context;

	if (kind < LABEL_KIND_COUNT)
		run_lore_add_label(&run->lore, (enum label_kind)kind, id, id_size, name, name_size);
}

void feed_stack(void *context, uint64_t number, const char *text, size_t size)
{
	struct run *run = context;

	run_lore_add_stack(&run->lore, number, text, size);
}

void feed_netns(void *context, uint32_t inode, enum recording_netns what, const char *name,
		size_t size)
{
	struct run *run = context;

	run_lore_add_netns(&run->lore, inode, what, name, size);
}

void feed_process(void *context, uint8_t space, uint32_t pid, uint32_t ppid,
		  const struct recording_process *process, const char *cmdline, size_t size)
{
	struct run *run = context;

	if (run->lore.processes)
		processes_add(run->lore.processes, space, pid,
			      &(struct process_known){ .ppid = ppid,
						       .start_ns = process->start_mono_ns,
						       .cmdline = cmdline,
						       .size = size,
						       .first_size = process->first_size });
}

void feed_clock(void *context, int64_t ahead_ns)
{
	struct run *run = context;
	char text[TEXT_DURATION_SIZE];

	if (run->clock_was_set)
		return;
	run->clock_was_set = true;
	if (ahead_ns >= 0)
		RUN_COMPLAIN(CLOCK_SET_AHEAD, .w = text_duration((uint64_t)ahead_ns, text));
	else
		RUN_COMPLAIN(CLOCK_SET_BACK, .w = text_duration(-(uint64_t)ahead_ns, text));
}
