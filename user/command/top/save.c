// SPDX-License-Identifier: GPL-2.0-only
/* A recording of what is on the tape: records in the order of time, in blocks, in a new file. */
#include "user/command/top/save.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/base/write.h"
#include "user/command/top/alive.h"
#include "user/event/bundle.h"
#include "user/event/encode.h"
#include "user/event/identity.h"
#include "user/event/socket.h"
#include "user/record/encoder.h"
#include "user/record/target.h"
#include "user/run/about.h"
#include "user/sink/screen/phrase.h"

/* A record among `bytes`. */
struct place {
	uint64_t mono_ns;
	size_t at;
	uint32_t size;
};

struct save {
	const struct run *run;
	struct buffer bytes;
	struct place *places;
	size_t count, room;
	size_t events; /* among them, beside what was there before */
	struct siphash_key key;
	struct encoder *encoder;
	struct buffer out;
	uint32_t blocks;
	uint64_t written;
	bool failed;
};

static void add(struct save *save, uint64_t mono_ns, const void *bytes, size_t size)
{
	if (save->count == save->room) {
		size_t room = save->room ? save->room * 2 : 4096;
		struct place *grown = reallocarray(save->places, room, sizeof(*grown));

		save->failed |= !grown;
		if (!grown)
			return;
		save->places = grown;
		save->room = room;
	}
	save->places[save->count++] = (struct place){ mono_ns, save->bytes.size, (uint32_t)size };
	buffer_add(&save->bytes, bytes, size);
}

static void add_bundle(struct save *save, const void *bytes, size_t size)
{
	uint8_t record[EVENT_RECORD_MAX];
	struct event_bundle bundle;
	const struct event *e;

	if (event_bundle_open(bytes, size, &bundle))
		return;
	while ((e = event_bundle_next(&bundle))) {
		size_t length = event_encode(e, record);

		if (length)
			add(save, e->mono_ns, record, length);
	}
}

static void visit(void *context, const void *bytes, size_t size)
{
	struct save *save = context;
	uint64_t mono_ns;

	if (event_is_bundle(bytes, size)) {
		add_bundle(save, bytes, size);
	} else if (size >= sizeof(struct event_head)) {
		memcpy(&mono_ns, (const uint8_t *)bytes + offsetof(struct event_head, mono_ns),
		       sizeof(mono_ns));
		add(save, mono_ns, bytes, size);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct place *one = a, *other = b;

	if (one->mono_ns != other->mono_ns)
		return one->mono_ns < other->mono_ns ? -1 : 1;
	return (one->at > other->at) - (one->at < other->at);
}

/* All that this run has lost: it may be missing here. */
static struct recording_counters counters_of(const struct save *save)
{
	struct event_counters events;

	save->run->source->class->events(save->run->source, &events);
	return (struct recording_counters){ .seen = save->written + events.ring_full,
					    .submitted = save->written,
					    .ring_full = events.ring_full,
					    .missed = events.missed };
}

static void add_block(struct save *save, struct recording_block *block, const void *raw)
{
	block->number = save->blocks++;
	block->first_record = save->written;
	block->written_mono_ns = clock_now();
	save->written += block->record_count;
	block->counters = counters_of(save);
	save->failed |= encoder_add_block(save->encoder, &save->out, block, raw) != 0;
}

/* As many records as fit in a block, from place `first` on. Returns how many. */
static size_t add_records(struct save *save, size_t first, struct buffer *raw)
{
	struct recording_block block = { .kind = RECORDING_RECORDS,
					 .first_mono_ns = save->places[first].mono_ns };
	size_t i = first;

	buffer_clear(raw);
	for (; i < save->count && raw->size + save->places[i].size <= RECORDING_RAW_MAX / 4; i++) {
		size_t at = raw->size;

		buffer_add(raw, save->bytes.bytes + save->places[i].at, save->places[i].size);
		if (raw->failed)
			break;
		event_hide(raw->bytes + at, save->places[i].size, &save->key);
		block.last_mono_ns = save->places[i].mono_ns;
	}
	save->failed |= raw->failed;
	block.raw_bytes = (uint32_t)raw->size;
	block.record_count = (uint32_t)(i - first);
	add_block(save, &block, raw->bytes);
	return i - first;
}

struct names {
	struct save *save;
	struct buffer raw;
};

static void add_name(void *context, uint64_t id, const char *path)
{
	struct names *names = context;
	uint16_t length = (uint16_t)strnlen(path, UINT16_MAX / 2);

	if (names->raw.size + sizeof(id) + sizeof(length) + length > RECORDING_RAW_MAX)
		return;
	buffer_add(&names->raw, &id, sizeof(id));
	buffer_add(&names->raw, &length, sizeof(length));
	buffer_add(&names->raw, path, length);
}

static void add_names(struct save *save)
{
	struct names names = { .save = save };
	struct recording_block block = { .kind = RECORDING_NAMES };

	buffer_init(&names.raw);
	if (save->run->lore.cgroups)
		cgroup_names_each(save->run->lore.cgroups, add_name, &names);
	block.raw_bytes = (uint32_t)names.raw.size;
	if (names.raw.size && !names.raw.failed)
		add_block(save, &block, names.raw.bytes);
	buffer_done(&names.raw);
}

static void add_socket(void *context, const struct event_socket *record)
{
	add(context, record->head.mono_ns, record, sizeof(*record));
}

/* What the events of the recording go on from, before the first of them. */
static void add_alive(struct save *save)
{
	uint64_t first_ns = UINT64_MAX;

	for (size_t i = 0; i < save->count; i++)
		if (save->places[i].mono_ns < first_ns)
			first_ns = save->places[i].mono_ns;
	if (!save->count)
		first_ns = save->run->source->class->now(save->run->source);
	save->events = save->count;
	alive_each(save->run->table, first_ns - 1, add_socket, save);
}

static void compose(struct save *save)
{
	static const struct recording_listen unknown;
	struct recording_block end = { .kind = RECORDING_END, .raw_bytes = sizeof(unknown) };
	struct about about;
	struct buffer raw;

	if (save->count)
		qsort(save->places, save->count, sizeof(*save->places), by_time);
	about_init(&about);
	about_make(&about, save->run, save->places[0].mono_ns);
	encoder_add_head(&save->out, &about.head);
	about_done(&about);
	add_names(save);
	buffer_init(&raw);
	for (size_t i = 0; i < save->count && !save->failed;)
		i += add_records(save, i, &raw);
	buffer_done(&raw);
	add_block(save, &end, &unknown);
	save->failed |= save->out.failed || save->bytes.failed;
}

/* Returns 0, or -errno. */
static int write_file(const struct save *save, char name[SAVE_TEXT_SIZE])
{
	struct target target = { .folder = save->run->folder };
	const char *why = NULL;
	time_t now = time(NULL);
	struct tm local;
	int fd, error, closed;

	if (!localtime_r(&now, &local) ||
	    !strftime(target.name, sizeof(target.name), "tcpspan-%Y%m%d-%H%M%S.tsp", &local))
		return -EINVAL;
	snprintf(name, SAVE_TEXT_SIZE, "%.100s", target.name);
	fd = target_open(&target, 0, &why);
	if (fd < 0)
		return fd;
	error = write_all(fd, save->out.bytes, save->out.size);
	closed = write_close(fd);
	if (!error)
		error = closed;
	if (!error)
		error = target_settle(&target);
	if (error)
		target_remove(&target, 0);
	return error;
}

static void say(const struct save *save, int error, const char *name, char text[SAVE_TEXT_SIZE])
{
	enum ladder_language language = save->run->settings.language;
	char span[TEXT_DURATION_SIZE];
	uint64_t span_ns =
		save->count ? save->places[save->count - 1].mono_ns - save->places[0].mono_ns : 0;

	if (!save->count && !save->failed)
		SCREEN_FILL(text, SAVE_TEXT_SIZE, language, NOTHING_TO_SAVE);
	else if (save->failed)
		SCREEN_FILL(text, SAVE_TEXT_SIZE, language, NO_MEMORY_TO_SAVE);
	else if (error)
		SCREEN_FILL(text, SAVE_TEXT_SIZE, language, NOT_SAVED, .w = strerror(-error));
	else
		SCREEN_FILL(text, SAVE_TEXT_SIZE, language, SAVED,
			    .w = text_duration(span_ns, span), .n = save->events, .v = name);
}

void save_tape(const struct tape *tape, const struct run *run, char text[SAVE_TEXT_SIZE])
{
	struct save save = { .run = run, .encoder = encoder_new() };
	char name[SAVE_TEXT_SIZE] = "";
	int error = 0;

	buffer_init(&save.bytes);
	buffer_init(&save.out);
	save.failed = !save.encoder ||
		      getrandom(&save.key, sizeof(save.key), 0) != (ssize_t)sizeof(save.key);
	tape_each(tape, visit, &save);
	add_alive(&save);
	save.failed |= save.bytes.failed;
	if (save.count && !save.failed)
		compose(&save);
	if (save.count && !save.failed)
		error = write_file(&save, name);
	say(&save, error, name, text);
	encoder_free(save.encoder);
	buffer_done(&save.bytes);
	buffer_done(&save.out);
	free(save.places);
}
