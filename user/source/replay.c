// SPDX-License-Identifier: GPL-2.0-only
/* Recordings as a source: parts in their order, recordings merged in the order of time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/event.h"
#include "user/base/units.h"
#include "user/event/event.h"
#include "user/event/identity.h"
#include "user/event/upgrade.h"
#include "user/record/counters.h"
#include "user/record/reader.h"
#include "user/source/replay.h"
#include "user/source/stream.h"

/* Records are handed over in batches of so much recorded time, as the live source has them. */
#define BATCH_NS (50 * NS_PER_MS)
#define BATCH_RECORDS 65536 /* however many are of one moment */
#define SPACES_MAX 256

struct replay {
	struct source source;
	struct replay_settings settings;
	sigset_t allowed;		 /* while something is waited for */
	struct stream **streams;	 /* by the time they start */
	size_t stream_count, first_left; /* those before are over */
	const struct stream *reference;	 /* whose clock is the common one */
	uint64_t bytes_all, records;
	uint64_t now_ns;
	bool is_over, is_lossy, is_loss_told;
	uint8_t record[EVENT_RECORD_MAX]; /* one that is not as long as ours */
};

/* The recording that the file is a part of; NULL: none that is known. */
static struct stream *find_series(const struct replay *r, uint64_t series)
{
	for (size_t i = 0; i < r->stream_count; i++)
		if (r->streams[i]->about.series == series)
			return r->streams[i];
	return NULL;
}

static int add_stream(struct replay *r, struct stream *s)
{
	struct stream **streams = reallocarray(r->streams, r->stream_count + 1, sizeof(*streams));

	if (!streams)
		return -ENOMEM;
	r->streams = streams;
	streams[r->stream_count++] = s;
	return 0;
}

/* Whether it is a pipe that is read already: whatever came out of it would be missing there. */
static bool is_read_already(const struct replay *r, const struct part *part)
{
	for (size_t i = 0; i < r->stream_count; i++)
		for (size_t k = 0; k < r->streams[i]->part_count; k++)
			if (part_is_same(r->streams[i]->parts[k], part))
				return true;
	return false;
}

/* The recording of the part whose head was read, which may be the first of it. */
static int find_stream(struct replay *r, const struct part *part, struct stream **ret_stream)
{
	const struct recording_about *about = part_about(part);
	struct stream *s = find_series(r, about->series);
	int error;

	if (s && stream_has_part(s, part->number))
		return -EEXIST;
	if (!s) {
		s = stream_new(&r->settings, about);
		error = s ? add_stream(r, s) : -ENOMEM;
		if (error) {
			stream_free(s);
			return error;
		}
	}
	*ret_stream = s;
	return 0;
}

/* Returns 0 or -errno, -EINTR when nobody wants it any more. */
static int begin(const struct replay *r, struct part *part)
{
	int error;

	do
		error = part_begin(part);
	while (error == -EINTR && !(r->settings.is_stopped && r->settings.is_stopped()));
	return error;
}

/* Returns 0: the part is a recording's; or -errno: it stays the caller's, -EEXIST: it is known. */
static int place(struct replay *r, struct part *part)
{
	struct stream *s;
	int error = part_open(part);

	if (!error && is_read_already(r, part))
		error = -EEXIST;
	if (!error)
		error = begin(r, part);
	if (error)
		return error;
	part->number = part_about(part)->part;
	error = find_stream(r, part, &s);
	if (!error)
		error = stream_add_part(s, part);
	if (error)
		return error;
	r->bytes_all += part->bytes;
	/* Opened again when its time comes, so that few are open at a time. */
	if (part->is_once)
		r->source.is_prompt = true;
	else
		part_close(part);
	return 0;
}

static int add_file(struct replay *r, const char *path, struct replay_flaw *ret_flaw)
{
	static const struct reader_fault twice = { .what = "this part of it is given twice" };
	struct part *part = part_new(path, &r->allowed);
	const struct reader_fault *fault = NULL;
	int error = -ENOMEM;

	if (part) {
		part->is_stopped = r->settings.is_stopped;
		part->max_connections = r->settings.max_connections;
		error = place(r, part);
	}
	if (!error)
		return 0;
	if (error == -EBADMSG && part)
		fault = part_fault(part);
	if (error == -EEXIST)
		fault = &twice;
	*ret_flaw = (struct replay_flaw){ .path = part ? path : NULL,
					  .error = fault ? 0 : error,
					  .offset = fault ? fault->offset : 0 };
	if (fault)
		snprintf(ret_flaw->what, sizeof(ret_flaw->what), "%s", fault->what);
	part_free(part);
	return error;
}

/* Real times; equal ones are told apart so that the order of the arguments is no matter. */
static int by_start(const void *a, const void *b)
{
	const struct stream *first = *(struct stream *const *)a;
	const struct stream *second = *(struct stream *const *)b;

	if (first->start_ns != second->start_ns)
		return first->start_ns < second->start_ns ? -1 : 1;
	return (first->about.series > second->about.series) -
	       (first->about.series < second->about.series);
}

static bool is_same_boot(const struct stream *a, const struct stream *b)
{
	const char *first = a->about.text[RECORDING_BOOT];
	const char *second = b->about.text[RECORDING_BOOT];

	return first && second && !strcmp(first, second);
}

/* Where the parts before are gone, as they are with --keep, it begins with the first one left. */
static void find_begin(struct stream *s)
{
	struct part *first = s->parts[0];
	uint64_t begin_ns = EVENT_TIME_UNKNOWN;

	if (!first->number || first->is_once)
		return;
	if (!part_open(first) && !part_begin(first))
		begin_ns = part_first_ns(first);
	part_close(first);
	if (begin_ns <= INT64_MAX && begin_ns > s->about.start_mono_ns)
		s->about.start_mono_ns = begin_ns;
}

/*
 * From real times to the clock of the earliest. Each recording has a space of sockets of its own:
 * what two of them tell of the same socket is not one life, where either may lack a part of it.
 */
static int align(struct replay *r)
{
	unsigned int hosts = 1;

	if (r->stream_count >= SPACES_MAX)
		return -E2BIG;
	for (size_t i = 0; i < r->stream_count; i++) {
		const struct recording_about *about = &r->streams[i]->about;

		find_begin(r->streams[i]);
		r->streams[i]->start_ns =
			(int64_t)(about->start_mono_ns + (uint64_t)about->clock_offset_ns);
	}
	qsort(r->streams, r->stream_count, sizeof(*r->streams), by_start);
	r->reference = r->streams[0];
	for (size_t i = 0; i < r->stream_count; i++) {
		struct stream *s = r->streams[i];
		size_t of = 0;

		while (of < i && !is_same_boot(s, r->streams[of]))
			of++;
		if (of < i) {
			s->origin = r->streams[of]->origin;
		} else if (i) {
			s->origin.host = (uint8_t)hosts++;
			s->origin.by_ns = (int64_t)((uint64_t)s->about.clock_offset_ns -
						    (uint64_t)r->reference->about.clock_offset_ns);
		}
		if (r->stream_count > 1)
			s->origin.space = (uint8_t)(i + 1);
	}
	for (size_t i = 0; i < r->stream_count; i++) {
		struct stream *s = r->streams[i];

		s->is_among_machines = hosts > 1;
		s->key_ns = s->about.start_mono_ns + (uint64_t)s->origin.by_ns;
		if (s->key_ns > INT64_MAX)
			s->key_ns = 0;
		s->start_ns = (int64_t)s->key_ns;
	}
	qsort(r->streams, r->stream_count, sizeof(*r->streams), by_start);
	r->now_ns = r->reference->about.start_mono_ns;
	return 0;
}

static const struct source_class replay_class;

int replay_open(const struct replay_settings *settings, struct replay **ret_replay,
		struct replay_flaw *ret_flaw)
{
	struct replay *r = calloc(1, sizeof(*r));
	int error = !r ? -ENOMEM : settings->count ? 0 : -EINVAL;

	*ret_flaw = (struct replay_flaw){ .error = -ENOMEM };
	if (r) {
		r->source.class = &replay_class;
		r->settings = *settings;
		if (settings->allowed)
			r->allowed = *settings->allowed;
		else
			sigprocmask(SIG_SETMASK, NULL, &r->allowed);
	}
	for (size_t i = 0; !error && i < settings->count; i++) {
		error = add_file(r, settings->paths[i], ret_flaw);
	}
	if (!error && r->stream_count) {
		error = align(r);
		ret_flaw->error = error;
	}
	if (error && r)
		replay_class.free(&r->source);
	else
		*ret_replay = r;
	return error;
}

/*
 * The stream whose record is next, and up to which time that holds; NULL when all are over. What
 * begins later is not opened yet.
 */
static int choose(struct replay *r, struct stream **ret_stream, uint64_t *ret_limit)
{
	struct stream *best = NULL;
	uint64_t limit = UINT64_MAX;

	while (r->first_left < r->stream_count && r->streams[r->first_left]->is_over)
		r->first_left++;
	for (size_t i = r->first_left; i < r->stream_count; i++) {
		struct stream *s = r->streams[i];
		int error;

		if (!s->is_begun && best && s->key_ns > best->key_ns) {
			limit = s->key_ns < limit ? s->key_ns : limit;
			break;
		}
		error = stream_reach(s);
		r->is_lossy |= s->is_lossy;
		if (error)
			return error;
		if (s->is_over)
			continue;
		if (!best || s->key_ns < best->key_ns) {
			limit = best && best->key_ns < limit ? best->key_ns : limit;
			best = s;
		} else if (s->key_ns < limit) {
			limit = s->key_ns;
		}
	}
	*ret_stream = best;
	*ret_limit = limit;
	return 0;
}

/*
 * A record of another length than ours is cut, or filled with what means unknown. What stands
 * behind it does so again.
 */
static uint8_t *fit(struct replay *r, const struct stream *s, size_t *size)
{
	uint8_t kind = s->at[offsetof(struct event_head, kind)];
	size_t own = event_size_of(kind), theirs = part_size_of(s->part, kind);
	size_t behind = *size - theirs;

	if (!own || own == theirs)
		return s->at;
	memset(r->record, 0, sizeof(r->record));
	memcpy(r->record, s->at, theirs < own ? theirs : own);
	memcpy(r->record + own, s->at + theirs, behind);
	*size = own + behind;
	return r->record;
}

static void hand_over(struct replay *r, struct stream *s)
{
	size_t own = s->size;
	uint8_t *bytes;

	if (s->is_old)
		event_upgrade(s->at, s->size, part_about(s->part)->event_version);
	bytes = fit(r, s, &own);
	if (s->origin.space)
		event_rebase(bytes, own, &s->origin);
	if (s->key_ns > r->now_ns)
		r->now_ns = s->key_ns;
	r->records++;
	r->settings.on_record(r->settings.context, bytes, own);
	stream_advance(s);
}

/* When the last of the recordings ended, as far as they say: not before their last record. */
static uint64_t end_of(const struct replay *r)
{
	uint64_t end_ns = r->now_ns;

	for (size_t i = 0; i < r->stream_count; i++)
		if (r->streams[i]->end_ns > end_ns)
			end_ns = r->streams[i]->end_ns;
	return end_ns;
}

static bool is_enough(const struct replay *r)
{
	return r->settings.max_records && r->records >= r->settings.max_records;
}

/* Records up to the end of a batch. */
static int hand_over_batch(struct replay *r, uint64_t deadline_ns)
{
	uint64_t batch_ns = UINT64_MAX, limit, next_ns;
	int count = 0;

	for (;;) {
		struct stream *s;
		int error = choose(r, &s, &limit);

		if (r->is_lossy && !r->is_loss_told) {
			r->is_loss_told = true;
			return count;
		}
		if (error)
			return count;
		next_ns = s ? s->key_ns : end_of(r);
		if (!s && (next_ns < deadline_ns || next_ns == r->now_ns)) {
			r->is_over = true;
			r->now_ns = next_ns;
			return count ? count : -ENODATA;
		}
		if (next_ns >= deadline_ns) {
			if (r->now_ns < deadline_ns)
				r->now_ns = deadline_ns;
			return count;
		}
		if (is_enough(r)) {
			stream_leave(s);
			r->is_lossy = true;
			r->is_over = true;
			return count ? count : -ENODATA;
		}
		if (batch_ns == UINT64_MAX)
			batch_ns = s->key_ns + BATCH_NS;
		while (s->at != s->end && s->key_ns <= limit && s->key_ns < batch_ns &&
		       s->key_ns < deadline_ns && count < BATCH_RECORDS && !is_enough(r)) {
			hand_over(r, s);
			count++;
		}
		/* The next block may be long in coming. */
		if (s->key_ns >= batch_ns || count >= BATCH_RECORDS ||
		    (s->at == s->end && r->source.is_prompt))
			return count;
	}
}

static int read_replay(struct source *source, uint64_t deadline_ns, const sigset_t *allowed)
{
	struct replay *r = (struct replay *)source;
	sigset_t blocked;
	int count;

	if (r->is_over)
		return -ENODATA;
	/* What waits lets them in by itself; here come those that nobody waited for. */
	r->allowed = *allowed;
	count = hand_over_batch(r, deadline_ns);
	sigprocmask(SIG_SETMASK, allowed, &blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	return count;
}

static void stop_replay(struct source *source)
{
	(void)source;
}

static void events_of_replay(const struct source *source, struct event_counters *ret_events)
{
	const struct replay *r = (const struct replay *)source;

	memset(ret_events, 0, sizeof(*ret_events));
	for (size_t i = 0; i < r->stream_count; i++) {
		const struct stream *s = r->streams[i];
		struct recording_counters sum = stream_counters(s);

#define X(name, loss) ret_events->name += sum.name;
		EVENT_COUNTERS(X, X, EVENT_COUNTER_SKIP)
#undef X
		/* Where --duration or a signal ended it, the rest of a block has not happened. */
		ret_events->seen -= s->left;
		ret_events->submitted -= s->left;
		ret_events->unread += stream_lost(s);
		ret_events->received += s->records + sum.dropped + stream_lost(s);
	}
}

void replay_listen(const struct replay *replay, struct listen_counters *ret)
{
	struct listen_counters sum = { 0 };

	for (size_t i = 0; i < replay->stream_count; i++) {
		const struct recording_listen *listen = &replay->streams[i]->listen;

		sum.overflows += listen->overflows;
		sum.drops += listen->drops;
		sum.read += listen->read;
		sum.unread += listen->unread + !listen->read;
	}
	*ret = sum;
}

static bool has_replay_lost(const struct source *source)
{
	return ((const struct replay *)source)->is_lossy;
}

/* Rather than a capture, which knows nothing of hooks. */
static const struct stream *first_recording(const struct replay *r)
{
	for (size_t i = 0; i < r->stream_count; i++)
		if (!r->streams[i]->about.is_capture)
			return r->streams[i];
	return r->streams[0];
}

/* NULL unless all recordings had one; captures count where there is nothing else. */
static const char *rung_of_replay(const struct source *source, enum hook_family_id family)
{
	const struct replay *r = (const struct replay *)source;
	const struct stream *first = first_recording(r);
	const char *rung = first->rungs[family];

	for (size_t i = 0; i < r->stream_count; i++) {
		if (r->streams[i]->about.is_capture && !first->about.is_capture)
			continue;
		if (!r->streams[i]->rungs[family])
			return NULL;
		if (rung && strcmp(rung, r->streams[i]->rungs[family]))
			rung = "mixed";
	}
	return rung;
}

static uint64_t now_of_replay(const struct source *source)
{
	return ((const struct replay *)source)->now_ns;
}

static void free_replay(struct source *source)
{
	struct replay *r = (struct replay *)source;

	for (size_t i = 0; i < r->stream_count; i++)
		stream_free(r->streams[i]);
	free(r->streams);
	free(r);
}

static const struct source_class replay_class = {
	.name = "replay",
	.read = read_replay,
	.stop = stop_replay,
	.events = events_of_replay,
	.has_lost = has_replay_lost,
	.rung = rung_of_replay,
	.now = now_of_replay,
	.free = free_replay,
};

const struct recording_about *replay_about(const struct replay *replay)
{
	return &replay->reference->about;
}

bool replay_filters(const struct replay *replay, size_t index, const char **ret_filters,
		    uint8_t *ret_space)
{
	if (index >= replay->stream_count)
		return false;
	*ret_filters = replay->streams[index]->about.text[RECORDING_FILTERS];
	*ret_space = replay->streams[index]->origin.space;
	return true;
}

bool replay_clock(const struct replay *replay, size_t index, uint8_t *ret_space, uint8_t *ret_clock)
{
	if (index >= replay->stream_count)
		return false;
	*ret_space = replay->streams[index]->origin.space;
	*ret_clock = replay->streams[index]->origin.host;
	return true;
}

const char *replay_host(const struct replay *replay, uint64_t sock)
{
	uint8_t space = event_space_of(sock);

	for (size_t i = 0; i < replay->stream_count; i++)
		if (replay->stream_count == 1 || replay->streams[i]->origin.space == space)
			return replay->streams[i]->about.text[RECORDING_HOST];
	return NULL;
}

const struct recording_about *replay_about_each(const struct replay *replay, size_t index)
{
	return index < replay->stream_count ? &replay->streams[index]->about : NULL;
}

bool replay_flaw(const struct replay *replay, size_t index, struct replay_flaw *ret_flaw)
{
	for (size_t i = 0; i < replay->stream_count; i++)
		if (stream_flaw(replay->streams[i], ret_flaw) && !index--)
			return true;
	return false;
}

bool replay_is_torn(const struct replay *replay)
{
	for (size_t i = 0; i < replay->stream_count; i++)
		if (stream_is_torn(replay->streams[i]))
			return true;
	return false;
}

bool replay_is_broken(const struct replay *replay)
{
	for (size_t i = 0; i < replay->stream_count; i++)
		if (replay->streams[i]->is_broken)
			return true;
	return false;
}

bool replay_missing(const struct replay *replay, size_t index, const char **ret_path,
		    struct replay_missing *ret_missing)
{
	for (size_t i = 0; i < replay->stream_count; i++) {
		const struct stream *s = replay->streams[i];

		for (size_t k = 0; stream_missing(s, k, ret_missing); k++) {
			if (index--)
				continue;
			*ret_path = s->parts[0]->path;
			return true;
		}
	}
	return false;
}

void replay_progress(const struct replay *replay, uint64_t *ret_bytes, uint64_t *ret_all)
{
	*ret_bytes = 0;
	*ret_all = replay->bytes_all;
	for (size_t i = 0; i < replay->stream_count; i++)
		*ret_bytes += stream_position(replay->streams[i]);
}

void replay_captured(const struct replay *replay, struct captured *ret)
{
	*ret = (struct captured){ 0 };
	for (size_t i = 0; i < replay->stream_count; i++) {
		struct captured own = stream_captured(replay->streams[i]);

		captured_add(ret, &own);
	}
}

struct source *replay_source(struct replay *replay)
{
	return &replay->source;
}
