// SPDX-License-Identifier: GPL-2.0-only
/* Recordings as a source: parts in their order, recordings merged in the order of time. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/event.h"
#include "user/event/event.h"
#include "user/event/upgrade.h"
#include "user/record/counters.h"
#include "user/record/reader.h"
#include "user/source/replay.h"

/* Records are handed over in batches of so much recorded time, as the live source has them. */
#define BATCH_NS 50000000ull
#define SPACES_MAX 256

struct part {
	const char *path;
	uint64_t bytes; /* 0: unknown */
	uint32_t number;
};

/* One recording. */
struct stream {
	struct part *parts; /* in the order of their numbers */
	size_t part_count, next_part;
	struct recording_about about;	   /* of the first part there is */
	char *texts[RECORDING_TEXT_COUNT]; /* which `about` points to; freed with the stream */
	const char *rungs[HOOK_FAMILY_COUNT];
	int64_t start_ns; /* of its first record at the earliest, on the common clock */
	struct event_origin origin;

	/* While a part is being read. */
	struct reader *reader;
	struct part *part;
	int fd;
	uint8_t *at, *end; /* records left of its block */
	uint32_t left;	   /* so many, as the block says */
	uint64_t key_ns;   /* the latest time so far: what it is merged by */
	bool is_begun, is_over;

	struct recording_counters before; /* of the parts that are over */
	uint64_t records, lost_before;
	struct recording_listen listen; /* all 0: it does not say */
	struct replay_flaw flaw;
	bool has_flaw, is_lossy;
};

struct replay {
	struct source source;
	struct replay_settings settings;
	struct stream **streams;	 /* by the time they start */
	size_t stream_count, first_left; /* those before are over */
	const struct stream *reference;	 /* whose clock is the common one */
	uint64_t bytes_before, bytes_all;
	uint64_t now_ns, end_ns; /* the latest end that a recording tells of */
	bool is_over, is_lossy, is_loss_told;
	uint8_t record[EVENT_RECORD_MAX]; /* one that is not as long as ours */
};

static ssize_t read_file(void *context, void *bytes, size_t size)
{
	const struct stream *s = context;
	ssize_t count = read(s->fd, bytes, size);

	return count < 0 ? -errno : count;
}

/* Of the part that is being read. The first flaw of a recording is told. */
static void note_flaw(struct stream *s, int error, const struct reader_fault *fault)
{
	if (s->has_flaw)
		return;
	s->has_flaw = true;
	s->is_lossy = true;
	s->flaw = (struct replay_flaw){ .path = s->part->path, .error = error };
	if (fault) {
		s->flaw.offset = fault->offset;
		s->flaw.what = fault->what;
	}
}

static void close_part(struct stream *s)
{
	reader_free(s->reader);
	s->reader = NULL;
	if (s->fd > STDIN_FILENO)
		close(s->fd);
	s->fd = -1;
}

/* Opens the part and reads its head. Returns 0, or -errno, -EBADMSG with the reader's fault. */
static int open_part(struct stream *s, struct part *part)
{
	struct stat st;
	int error;

	s->part = part;
	s->fd = strcmp(part->path, REPLAY_STDIN) ? open(part->path, O_RDONLY | O_CLOEXEC) :
						   STDIN_FILENO;
	if (s->fd < 0)
		return -errno;
	if (fstat(s->fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	part->bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	s->reader = reader_new(read_file, s);
	if (!s->reader)
		return -ENOMEM;
	do
		error = reader_begin(s->reader);
	while (error == -EINTR);
	return error;
}

/* Only names that this program knows are shown, of what left records. */
static const char *find_rung(const char *name, size_t size)
{
	static const enum hook_kind kinds[] = {
#define X(NAME, text) HOOK_KIND_##NAME,
		HOOK_KINDS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const char *known = hook_kind_name(kinds[i]);

		if (kinds[i] != HOOK_KIND_SAMPLING && strlen(known) == size &&
		    !memcmp(known, name, size))
			return known;
	}
	return NULL;
}

/* Lines are "family rung". */
static void read_hooks(struct stream *s, const char *text)
{
	while (text && *text) {
		size_t line = strcspn(text, "\n"), name = strcspn(text, " \n");

		for (int f = 0; f < HOOK_FAMILY_COUNT; f++)
			if (name < line && strlen(hook_families[f].name) == name &&
			    !memcmp(hook_families[f].name, text, name))
				s->rungs[f] = find_rung(text + name + 1, line - name - 1);
		text += line + (text[line] == '\n');
	}
}

/* What the first part says, kept for the whole run. */
static int keep_about(struct stream *s)
{
	s->about = *reader_about(s->reader);
	for (int i = 0; i < RECORDING_TEXT_COUNT; i++) {
		if (!s->about.text[i])
			continue;
		s->texts[i] = strdup(s->about.text[i]);
		if (!s->texts[i])
			return -ENOMEM;
		s->about.text[i] = s->texts[i];
	}
	read_hooks(s, s->about.text[RECORDING_HOOKS]);
	return 0;
}

static int add_part(struct stream *s, const struct part *part)
{
	struct part *parts = reallocarray(s->parts, s->part_count + 1, sizeof(*parts));
	size_t i;

	if (!parts)
		return -ENOMEM;
	s->parts = parts;
	for (i = s->part_count; i > 0 && parts[i - 1].number > part->number; i--)
		parts[i] = parts[i - 1];
	parts[i] = *part;
	s->part_count++;
	return 0;
}

/* The recording that the file is a part of; NULL: none that is known. */
static struct stream *find_series(const struct replay *r, uint64_t series)
{
	for (size_t i = 0; i < r->stream_count; i++)
		if (r->streams[i]->about.series == series)
			return r->streams[i];
	return NULL;
}

static bool has_part(const struct stream *s, uint32_t number)
{
	for (size_t i = 0; i < s->part_count; i++)
		if (s->parts[i].number == number)
			return true;
	return false;
}

static void free_stream(struct stream *s)
{
	if (!s)
		return;
	close_part(s);
	for (int i = 0; i < RECORDING_TEXT_COUNT; i++)
		free(s->texts[i]);
	free(s->parts);
	free(s);
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

/*
 * `file` has one part, which is open: it becomes a recording, or its part becomes that of a known
 * one, and it is freed. Returns 0, or -errno: it remains the caller's, -EEXIST: it is known.
 */
static int place_file(struct replay *r, struct stream *file, struct part *part)
{
	const struct recording_about *about = reader_about(file->reader);
	struct stream *series = find_series(r, about->series);
	int error;

	part->number = about->part;
	if (series && (has_part(series, part->number) || file->fd == STDIN_FILENO ||
		       series->fd == STDIN_FILENO))
		return -EEXIST;
	if (series) {
		error = add_part(series, part);
		if (!error)
			free_stream(file);
		return error;
	}
	error = keep_about(file);
	if (!error)
		error = add_part(file, part);
	if (!error)
		error = add_stream(r, file);
	/* Opened again when its time comes, so that few are open at a time. */
	if (!error && file->fd != STDIN_FILENO)
		close_part(file);
	return error;
}

static void describe(struct replay_flaw *flaw, int error, const struct reader_fault *fault)
{
	flaw->error = fault ? 0 : error;
	flaw->offset = fault ? fault->offset : 0;
	flaw->what = fault ? fault->what : NULL;
}

static int add_file(struct replay *r, const char *path, struct replay_flaw *ret_flaw)
{
	static const struct reader_fault twice = { .what = "this part of it is given twice" };
	struct stream *file = calloc(1, sizeof(*file));
	struct part part = { .path = path };
	uint64_t bytes;
	int error;

	if (!file)
		return -ENOMEM;
	file->fd = -1;
	error = open_part(file, &part);
	ret_flaw->path = path;
	describe(ret_flaw, error, error == -EBADMSG ? reader_fault(file->reader) : NULL);
	bytes = part.bytes;
	if (!error) {
		error = place_file(r, file, &part);
		describe(ret_flaw, error, error == -EEXIST ? &twice : NULL);
	}
	if (error)
		free_stream(file);
	else
		r->bytes_all += bytes;
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
	}
	for (size_t i = 0; !error && i < settings->count; i++) {
		error = add_file(r, settings->paths[i], ret_flaw);
		if (!strcmp(settings->paths[i], REPLAY_STDIN))
			r->source.is_prompt = true;
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

/* The account of what has been read of the recording. */
static struct recording_counters counters_of(const struct stream *s)
{
	struct recording_counters sum = s->before;

	if (s->reader)
		recording_counters_add(&sum, reader_counters(s->reader));
	return sum;
}

static uint64_t lost_of(const struct stream *s)
{
	return s->lost_before + (s->reader ? reader_lost(s->reader) : 0);
}

/* The part has no more blocks, or cannot be read on. */
static void end_part(struct replay *r, struct stream *s, int error)
{
	const struct reader_fault *fault = s->reader ? reader_fault(s->reader) : NULL;

	if (error || fault)
		note_flaw(s, error == -EBADMSG ? 0 : error, fault);
	if (s->reader) {
		s->before = counters_of(s);
		s->lost_before = lost_of(s);
	}
	r->bytes_before += s->part->bytes;
	close_part(s);
}

static void begin_part(struct replay *r, struct stream *s)
{
	static const struct reader_fault missing = { .what = "the part before it is missing" };
	static const struct reader_fault changed = { .what = "it has changed meanwhile" };
	struct part *part = &s->parts[s->next_part++];
	const struct recording_about *about;
	int error;

	s->is_begun = true;
	s->part = part;
	if (s->next_part > 1 && part[-1].number + 1 != part->number)
		note_flaw(s, 0, &missing);
	if (s->reader)
		return;
	error = open_part(s, part);
	if (error) {
		end_part(r, s, error);
		return;
	}
	about = reader_about(s->reader);
	if (about->series != s->about.series || about->part != part->number) {
		note_flaw(s, 0, &changed);
		end_part(r, s, 0);
	}
}

static void read_names(struct replay *r, const struct stream *s, const uint8_t *at, size_t size)
{
	while (r->settings.on_cgroup && size >= sizeof(uint64_t) + sizeof(uint16_t)) {
		uint16_t length;
		uint64_t id;

		memcpy(&id, at, sizeof(id));
		memcpy(&length, at + sizeof(id), sizeof(length));
		at += sizeof(id) + sizeof(length);
		size -= sizeof(id) + sizeof(length);
		if (length > size)
			return;
		r->settings.on_cgroup(r->settings.context, event_rebase_cgroup(id, &s->origin),
				      (const char *)at, length);
		at += length;
		size -= length;
	}
}

/* Whether anything up to the end of the block it is at may be missing. */
static bool is_block_lossy(const struct stream *s)
{
	struct recording_counters sum = counters_of(s);

	return sum.ring_full || sum.missed || sum.dropped || lost_of(s) || reader_fault(s->reader);
}

static void take_block(struct replay *r, struct stream *s, const struct recording_block *block,
		       uint8_t *raw)
{
	uint64_t written_ns = block->written_mono_ns + (uint64_t)s->origin.by_ns;

	if (is_block_lossy(s))
		s->is_lossy = true;
	switch (block->kind) {
	case RECORDING_RECORDS:
		s->at = raw;
		s->end = raw + block->raw_bytes;
		s->left = block->record_count;
		break;
	case RECORDING_NAMES:
		read_names(r, s, raw, block->raw_bytes);
		break;
	case RECORDING_END:
		if (written_ns > r->end_ns && written_ns <= INT64_MAX)
			r->end_ns = written_ns;
		if (block->raw_bytes >= sizeof(s->listen))
			memcpy(&s->listen, raw, sizeof(s->listen));
		break;
	default:
		/* Of a kind that came later. */
		break;
	}
}

/* Finds records in its next blocks and parts. Returns 0 (they may be over), or -EINTR. */
static int fill(struct replay *r, struct stream *s)
{
	while (s->at == s->end && !s->is_over) {
		struct recording_block block;
		uint8_t *raw;
		int result;

		if (!s->reader || !s->is_begun) {
			s->is_over = s->next_part == s->part_count;
			if (!s->is_over)
				begin_part(r, s);
			continue;
		}
		result = reader_next(s->reader, &block, &raw);
		if (result == -EINTR)
			return result;
		if (result == 1)
			take_block(r, s, &block, raw);
		else
			end_part(r, s, result);
	}
	return 0;
}

/* Bytes of the record it is at; 0: they make no sense, and neither does the rest of the block. */
static size_t next_size(const struct stream *s)
{
	size_t left = (size_t)(s->end - s->at), size;

	if (left < sizeof(struct event_head))
		return 0;
	size = reader_size_of(s->reader, s->at[offsetof(struct event_head, kind)]);
	if (!size || size > left)
		return 0;
	size += event_size_behind(s->at, size);
	return size <= left ? size : 0;
}

/* Brings its key up to the record it is at. Times go back by a little from CPU to CPU. */
static void look(struct stream *s)
{
	static const struct reader_fault torn = { .what = "a record is of no known kind" };
	uint64_t mono_ns;

	if (!next_size(s)) {
		note_flaw(s, 0, &torn);
		s->at = s->end;
		s->lost_before += s->left;
		s->left = 0;
		return;
	}
	memcpy(&mono_ns, s->at + offsetof(struct event_head, mono_ns), sizeof(mono_ns));
	mono_ns += (uint64_t)s->origin.by_ns;
	if (mono_ns > s->key_ns && mono_ns <= INT64_MAX)
		s->key_ns = mono_ns;
}

/* Brings it to its next record. Returns 0 (it may be over), or -EINTR. */
static int reach_record(struct replay *r, struct stream *s)
{
	while (s->at == s->end && !s->is_over) {
		int error = fill(r, s);

		if (error)
			return error;
		if (s->is_lossy)
			r->is_lossy = true;
		if (s->at != s->end)
			look(s);
	}
	return 0;
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
		error = reach_record(r, s);
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
	size_t own = event_size_of(kind), theirs = reader_size_of(s->reader, kind);
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
	size_t size = next_size(s), own = size;
	uint8_t *bytes;

	event_upgrade(s->at, size, reader_about(s->reader)->event_version);
	bytes = fit(r, s, &own);
	if (s->origin.space)
		event_rebase(bytes, own, &s->origin);
	if (s->key_ns > r->now_ns)
		r->now_ns = s->key_ns;
	s->records++;
	s->left -= s->left > 0;
	s->at += size;
	r->settings.on_record(r->settings.context, bytes, own);
	if (s->at != s->end)
		look(s);
}

/* Records up to the end of a batch. */
static int hand_over_batch(struct replay *r, uint64_t deadline_ns)
{
	uint64_t batch_ns = UINT64_MAX, limit;
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
		if (!s || s->key_ns >= deadline_ns) {
			r->is_over = true;
			if (r->end_ns > r->now_ns)
				r->now_ns = r->end_ns;
			if (r->now_ns > deadline_ns || s)
				r->now_ns = deadline_ns;
			return count ? count : -ENODATA;
		}
		if (batch_ns == UINT64_MAX)
			batch_ns = s->key_ns + BATCH_NS;
		while (s->at != s->end && s->key_ns <= limit && s->key_ns < batch_ns &&
		       s->key_ns < deadline_ns) {
			hand_over(r, s);
			count++;
		}
		/* The next block may be long in coming. */
		if (s->key_ns >= batch_ns || (s->at == s->end && r->source.is_prompt))
			return count;
	}
}

static int poll_replay(struct source *source, uint64_t deadline_ns, const sigset_t *allowed)
{
	struct replay *r = (struct replay *)source;
	sigset_t blocked;
	int count;

	if (r->is_over)
		return -ENODATA;
	sigprocmask(SIG_SETMASK, allowed, &blocked);
	count = hand_over_batch(r, deadline_ns);
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
		struct recording_counters sum = counters_of(s);

#define X(name, loss) ret_events->name += sum.name;
		EVENT_COUNTERS(X, X, EVENT_COUNTER_SKIP)
#undef X
		/* Where --duration or a signal ended it, the rest of a block has not happened. */
		ret_events->seen -= s->left;
		ret_events->submitted -= s->left;
		ret_events->unread += lost_of(s);
		ret_events->received += s->records + sum.dropped + lost_of(s);
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

/* NULL unless all recordings had one. */
static const char *rung_of_replay(const struct source *source, enum hook_family_id family)
{
	const struct replay *r = (const struct replay *)source;
	const char *rung = r->streams[0]->rungs[family];

	for (size_t i = 1; i < r->stream_count; i++) {
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
		free_stream(r->streams[i]);
	free(r->streams);
	free(r);
}

static const struct source_class replay_class = {
	.name = "replay",
	.poll = poll_replay,
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

bool replay_flaw(const struct replay *replay, size_t index, struct replay_flaw *ret_flaw)
{
	for (size_t i = 0; i < replay->stream_count; i++) {
		const struct stream *s = replay->streams[i];

		if (!s->has_flaw || index--)
			continue;
		*ret_flaw = s->flaw;
		ret_flaw->records = s->records;
		ret_flaw->lost = lost_of(s);
		return true;
	}
	return false;
}

void replay_progress(const struct replay *replay, uint64_t *ret_bytes, uint64_t *ret_all)
{
	*ret_bytes = replay->bytes_before;
	*ret_all = replay->bytes_all;
	for (size_t i = replay->first_left; i < replay->stream_count; i++) {
		const struct stream *s = replay->streams[i];

		if (s->is_begun && s->reader)
			*ret_bytes += reader_position(s->reader);
	}
}

struct source *replay_source(struct replay *replay)
{
	return &replay->source;
}
