// SPDX-License-Identifier: GPL-2.0-only
/* What was stuck at a moment of a recording. */
#include "user/command/stuck/replay.h"

#include <stdlib.h>

#include "user/aggregate/stuck_conn.h"
#include "user/base/text.h"
#include "user/command/complaints.h"
#include "user/command/stuck/look.h"
#include "user/run/account.h"
#include "user/run/run.h"

#define STATUS_STUCK 1
#define STATUS_FAILED 2

struct scene {
	struct consumer consumer;
	struct stuck_tell *tell;
	const struct conn_table *table;
	uint64_t at_ns; /* the moment, in the recording's time */
	bool is_late;	/* nothing was recorded of the moment that was asked for */
	bool sees_queues_served;
	struct stuck *all;
	size_t count, room;
	struct stuck_counts counts;
	int status;
};

/*
 * Where none was asked for, or one that nothing was recorded of, it is the end; not before the
 * beginning, if nothing could be read.
 */
static void settle_moment(struct scene *scene, uint64_t now_ns)
{
	uint64_t start_ns = scene->tell->settings.start_mono_ns;

	if (scene->at_ns > now_ns) {
		scene->is_late = scene->at_ns != UINT64_MAX;
		scene->at_ns = now_ns;
	}
	if (scene->at_ns < start_ns)
		scene->at_ns = start_ns;
}

/* Of what is ESTABLISHED: that nobody told of an accept does not say that there was none. */
static void count_if_doubtful(struct scene *scene, const struct conn *c, const struct seed *seed)
{
	uint64_t least = stuck_look_unaccepted_age(scene->tell->options);
	struct stuck s;

	if (least == TIME_UNKNOWN || !stuck_may_be_unaccepted(c, seed))
		return;
	stuck_of_conn(&s, c, seed, scene->at_ns);
	scene->counts.accept_unknown += s.age_ns == TIME_UNKNOWN || stuck_is_that_old(&s, least);
}

static void add_if_stuck(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	struct scene *scene = (struct scene *)self;
	const struct seed *seed = conn_table_seed(scene->table, c);
	uint64_t least = stuck_look_age(scene->tell->options, conn_state(c));
	bool is_unaccepted = scene->sees_queues_served && stuck_is_unaccepted(c, seed);
	struct stuck *s;

	settle_moment(scene, now_ns);
	if (least == TIME_UNKNOWN && is_unaccepted)
		least = stuck_look_unaccepted_age(scene->tell->options);
	if (!is_unaccepted)
		count_if_doubtful(scene, c, seed);
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
	stuck_of_conn(s, c, seed, scene->at_ns);
	if (is_unaccepted)
		stuck_set_unaccepted(s);
	s->stack = conn_table_opener(scene->table, c);
	s->subflow = conn_table_subflow(scene->table, c);
	if (least && s->age_ns == TIME_UNKNOWN && !s->age_is_blurred)
		scene->counts.age_unknown++;
	if (!stuck_is_that_old(s, least)) {
		scene->counts.young += s->age_ns != TIME_UNKNOWN && !is_unaccepted;
		return;
	}
	scene->counts.holders_unknown += !s->holders_known;
	scene->count++;
}

static const struct consumer_class scene_class = { .alive = add_if_stuck };

static int begin(void *context, struct run *run)
{
	struct scene *scene = context;
	const struct options *o = scene->tell->options;
	struct sink_settings *settings = &scene->tell->settings;

	scene->table = run->table;
	scene->sees_queues_served = run_sees_queues_served(run);
	settings->clock = run->settings.clock;
	settings->start_mono_ns = run->settings.start_mono_ns;
	stuck_tell_by(scene->tell, &run->lore);
	if (o->stuck.has_at)
		scene->at_ns = settings->start_mono_ns + o->stuck.at_ns;
	return 0;
}

static uint64_t due_ns(void *context)
{
	return ((struct scene *)context)->at_ns;
}

static enum task_next tick(void *context, uint64_t now_ns)
{
	return now_ns >= due_ns(context) ? TASK_ENOUGH : TASK_GO_ON;
}

/* What is behind the last part that was read has nothing to do with the moment. */
static uint64_t count_missing_parts(const struct replay *replay)
{
	struct replay_missing missing;
	uint64_t count = 0;
	const char *path;

	for (size_t i = 0; replay_missing(replay, i, &path, &missing); i++)
		if (missing.last != UINT32_MAX)
			count += (uint64_t)missing.last - missing.first + 1;
	return count;
}

static void finish(void *context, struct run *run)
{
	struct scene *scene = context;
	struct stuck_tell *tell = scene->tell;
	struct summary summary;
	char at[TEXT_DURATION_SIZE], end[TEXT_DURATION_SIZE];
	int error;

	settle_moment(scene, run->source->class->now(run->source));
	account_read(run, &summary);
	summary.duration_ns = scene->at_ns - tell->settings.start_mono_ns;
	scene->counts.stuck = scene->count;
	scene->counts.is_past = true;
	scene->counts.parts_missing = count_missing_parts(run->replay);
	scene->counts.events_lost = event_counters_lost(&summary.events);
	scene->counts.unsampled = summary.events.unsampled;
	scene->counts.older_unknown = conn_filter_samples(&run->filter);
	stuck_sort(scene->all, scene->count);
	error = stuck_tell_all(tell, scene->all, scene->count);
	stuck_tell_end(tell, &summary, &scene->counts);
	stuck_tell_by(tell, &tell->lore);
	if (error)
		COMMAND_COMPLAIN(NO_MEMORY_GROUPS);
	if (scene->is_late)
		COMMAND_COMPLAIN(AT_TOO_LATE, .w = text_duration(tell->options->stuck.at_ns, at),
				 .v = text_duration(summary.duration_ns, end));
	scene->status = error || tell->has_failed ? STATUS_FAILED : scene->count ? STATUS_STUCK : 0;
}

int stuck_replay(struct stuck_tell *tell)
{
	struct scene scene = { .consumer.class = &scene_class, .tell = tell, .at_ns = UINT64_MAX };
	struct consumer *consumers[] = { &scene.consumer };
	const struct task task = {
		.consumers = { consumers, 1 },
		.wants = CONSUMER_CGROUPS | CONSUMER_SEEDS,
		.role = RIGHTS_FOLLOW,
		.redacts = true,
		.begin = begin,
		.due_ns = due_ns,
		.tick = tick,
		.finish = finish,
		.context = &scene,
	};
	int status = run_follow(tell->options, &task);

	free(scene.all);
	/* That nothing was stuck is not known of what was not read, or not recorded. */
	if (!status && !scene.status && (scene.is_late || stuck_counts_are_partial(&scene.counts)))
		return STATUS_FAILED;
	return status ? status : scene.status;
}
