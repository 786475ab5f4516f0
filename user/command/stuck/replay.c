// SPDX-License-Identifier: GPL-2.0-only
/* What was stuck at a moment of a recording. */
#include "user/command/stuck/replay.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/log.h"
#include "user/command/stuck/look.h"
#include "user/conn/table.h"
#include "user/event/event.h"
#include "user/run/flaw.h"
#include "user/run/recorded.h"
#include "user/run/signals.h"
#include "user/source/replay.h"

#define STATUS_STUCK 1
#define STATUS_FAILED 2

/*
 * A recording tells of transitions, not of sockets: the ages of what was born or has moved in it
 * are exact; queues are unknown, and so is who held a descriptor. The owner is who called connect
 * or accept.
 */
struct scene {
	struct stuck_tell *tell;
	struct replay *replay;
	struct conn_table *table;
	struct conn_filter filter; /* of the options, and behind it what was recorded with */
	uint64_t at_ns;		   /* the moment, in the recording's time */
	uint64_t malformed;
	struct stuck *all;
	size_t count, room;
	struct stuck_counts counts;
};

static void on_record(void *context, const void *bytes, size_t size)
{
	struct scene *scene = context;
	struct event event;

	if (event_decode(bytes, size, &event))
		scene->malformed++;
	else
		conn_table_apply(scene->table, &event);
}

static void on_cgroup(void *context, uint64_t id, const char *path, size_t size)
{
	struct scene *scene = context;

	run_lore_add_cgroup(&scene->tell->lore, id, path, size);
}

static void convert(const struct scene *scene, const struct conn *c, struct stuck *s)
{
	uint64_t entered_ns = c->step_ns[c->step_count - 1];
	struct stuck_stamps stamps = {
		.entered_ns = entered_ns <= scene->at_ns ? scene->at_ns - entered_ns : TIME_UNKNOWN,
		.ack_received_ns = TIME_UNKNOWN,
		.data_received_ns = TIME_UNKNOWN,
		.data_sent_ns = TIME_UNKNOWN,
		.at_least_ns = TIME_UNKNOWN,
		.birth_ns = TIME_UNKNOWN,
	};

	*s = (struct stuck){
		.c = *c,
		.mono_ns = scene->at_ns,
		.state = conn_state(c),
		.grip = c->flags & CONN_MINISOCK ? STUCK_GRIP_NOBODY : STUCK_GRIP_UNKNOWN,
		.is_minisock = c->flags & CONN_MINISOCK,
		.serves = c->role == CONN_ROLE_SERVER,
		.rx_queue_bytes = STUCK_BYTES_UNKNOWN,
		.tx_queue_bytes = STUCK_BYTES_UNKNOWN,
		.left_ns = TIME_UNKNOWN,
		.resent = STUCK_RESENT_UNKNOWN,
		.holders_known = c->flags & CONN_MINISOCK,
	};
	stuck_set_age(s, &stamps);
}

static void add_if_stuck(void *context, const struct conn *c)
{
	struct scene *scene = context;
	uint64_t least = stuck_look_age(scene->tell->options, conn_state(c));
	struct stuck *s;

	if (least == TIME_UNKNOWN)
		return;
	scene->counts.sockets++;
	if (scene->count == scene->room) {
		size_t room = scene->room ? scene->room * 2 : 64;
		struct stuck *grown = reallocarray(scene->all, room, sizeof(*grown));

		if (!grown) {
			scene->counts.dropped++;
			return;
		}
		scene->all = grown;
		scene->room = room;
	}
	s = &scene->all[scene->count];
	convert(scene, c, s);
	if (least && s->age_ns == TIME_UNKNOWN)
		scene->counts.age_unknown++;
	if (least && (s->age_ns == TIME_UNKNOWN || s->age_ns < least))
		return;
	scene->counts.holders_unknown += !s->holders_known;
	scene->count++;
}

static int open_scene(struct scene *scene)
{
	const struct options *o = scene->tell->options;
	const struct replay_settings settings = {
		.paths = o->inputs,
		.count = o->input_count,
		.on_record = on_record,
		.on_cgroup = on_cgroup,
		.context = scene,
	};
	const struct recording_about *about;
	struct sink_settings *print = &scene->tell->settings;
	struct replay_flaw flaw;
	struct source *source;
	int error;

	run_lore_want_cgroups(&scene->tell->lore);
	error = replay_open(&settings, &scene->replay, &flaw);
	if (error) {
		flaw_explain(&flaw, false);
		return error;
	}
	scene->filter = o->filter;
	if (!recorded_filters_add(scene->replay, &scene->filter))
		scene->table = conn_table_new(o->max_connections, &scene->filter, NULL);
	if (!scene->table) {
		log_error("not enough memory");
		return -ENOMEM;
	}
	conn_table_number_births(scene->table);
	source = replay_source(scene->replay);
	if (source->class->rung(source, HOOK_TIME_WAIT))
		conn_table_expect_timewaits(scene->table);
	if (source->class->rung(source, HOOK_PASSIVE))
		conn_table_expect_requests(scene->table);
	if (source->class->rung(source, HOOK_ACCEPT))
		conn_table_expect_accepts(scene->table);
	if (source->class->rung(source, HOOK_RESET))
		conn_table_expect_resets(scene->table);
	about = replay_about(scene->replay);
	print->clock.offset_ns = about->clock_offset_ns;
	print->clock.utc_offset_s = about->utc_offset_s;
	print->start_mono_ns = about->start_mono_ns;
	scene->at_ns = o->stuck.has_at ? about->start_mono_ns + o->stuck.at_ns : UINT64_MAX;
	return 0;
}

/* Applies what happened before the moment. Returns 0 or -errno. */
static int play(struct scene *scene)
{
	struct source *source = replay_source(scene->replay);
	sigset_t waiting;
	int count = 0;

	signals_catch(&waiting);
	while (!signals_asked_to_stop() && source->class->now(source) < scene->at_ns) {
		count = source->class->poll(source, scene->at_ns, &waiting);
		if (count < 0)
			break;
		if (source->class->has_lost(source))
			conn_table_note_loss(scene->table);
		conn_table_settle(scene->table, source->class->now(source));
	}
	if (scene->at_ns == UINT64_MAX)
		scene->at_ns = source->class->now(source);
	/* Nothing could be read. */
	if (scene->at_ns < scene->tell->settings.start_mono_ns)
		scene->at_ns = scene->tell->settings.start_mono_ns;
	return count < 0 && count != -ENODATA ? count : 0;
}

static int tell_scene(struct scene *scene)
{
	struct stuck_tell *tell = scene->tell;
	struct summary summary = { .duration_ns = scene->at_ns - tell->settings.start_mono_ns };
	struct source *source = replay_source(scene->replay);
	int error;

	conn_table_conclude(scene->table);
	conn_table_each(scene->table, add_if_stuck, scene);
	scene->counts.stuck = scene->count;
	scene->counts.is_past = true;
	stuck_sort(scene->all, scene->count);
	run_lore_sort_cgroups(&tell->lore);
	error = stuck_tell_all(tell, scene->all, scene->count);
	source->class->stop(source);
	source->class->events(source, &summary.events);
	summary.events.malformed = scene->malformed;
	summary.connections = *conn_table_counts(scene->table);
	stuck_tell_end(tell, &summary, &scene->counts);
	if (error)
		log_error("not enough memory for the groups");
	return error ? STATUS_FAILED : scene->count ? STATUS_STUCK : 0;
}

int stuck_replay(struct stuck_tell *tell)
{
	struct scene scene = { .tell = tell };
	int status = STATUS_FAILED;
	int error = open_scene(&scene);

	if (!error) {
		error = play(&scene);
		if (error)
			log_error("the recording cannot be read: %s", strerror(-error));
		else
			status = tell_scene(&scene);
		if (recorded_flaws_explain(scene.replay))
			status = STATUS_FAILED;
	}
	if (scene.replay)
		replay_source(scene.replay)->class->free(replay_source(scene.replay));
	conn_table_free(scene.table);
	recorded_filters_free(&scene.filter);
	free(scene.all);
	return status;
}
