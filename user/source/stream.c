// SPDX-License-Identifier: GPL-2.0-only
/* One recording: its parts in their order, and their records one after the other. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/event.h"
#include "user/record/counters.h"
#include "user/source/stream.h"

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
		/* What knows of it goes with the part. */
		snprintf(s->flaw.what, sizeof(s->flaw.what), "%s", fault->what);
	}
}

bool stream_flaw(const struct stream *s, struct replay_flaw *ret_flaw)
{
	const struct reader_fault *fault = s->is_reading ? part_fault(s->part) : NULL;

	*ret_flaw = s->flaw;
	if (!s->has_flaw && fault) {
		*ret_flaw = (struct replay_flaw){ .path = s->part->path, .offset = fault->offset };
		snprintf(ret_flaw->what, sizeof(ret_flaw->what), "%s", fault->what);
	}
	ret_flaw->records = s->records;
	ret_flaw->lost = stream_lost(s);
	return s->has_flaw || fault;
}

bool stream_is_torn(const struct stream *s)
{
	return s->is_torn || (s->is_reading && part_is_torn(s->part));
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

/* No hooks, but the segments themselves, tell of these; nobody sees who accepts. */
static void see_wire(struct stream *s)
{
	static const enum hook_family_id families[] = { HOOK_STATE, HOOK_PASSIVE, HOOK_TIME_WAIT,
							HOOK_RESET, HOOK_RETRANSMIT };

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		s->rungs[families[i]] = "wire";
}

/* What the first part says, kept for the whole run. */
static int keep_about(struct stream *s, const struct recording_about *about)
{
	s->about = *about;
	for (int i = 0; i < RECORDING_TEXT_COUNT; i++) {
		if (!s->about.text[i])
			continue;
		s->texts[i] = strdup(s->about.text[i]);
		if (!s->texts[i])
			return -ENOMEM;
		s->about.text[i] = s->texts[i];
	}
	read_hooks(s, s->about.text[RECORDING_HOOKS]);
	if (s->about.is_capture)
		see_wire(s);
	return 0;
}

struct stream *stream_new(const struct replay_settings *settings,
			  const struct recording_about *about)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->settings = settings;
	if (keep_about(s, about)) {
		stream_free(s);
		return NULL;
	}
	return s;
}

int stream_add_part(struct stream *s, struct part *part)
{
	struct part **parts = reallocarray(s->parts, s->part_count + 1, sizeof(*parts));
	size_t i;

	if (!parts)
		return -ENOMEM;
	s->parts = parts;
	for (i = s->part_count; i > 0 && parts[i - 1]->number > part->number; i--)
		parts[i] = parts[i - 1];
	parts[i] = part;
	s->part_count++;
	return 0;
}

bool stream_has_part(const struct stream *s, uint32_t number)
{
	for (size_t i = 0; i < s->part_count; i++)
		if (s->parts[i]->number == number)
			return true;
	return false;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->part_count; i++)
		part_free(s->parts[i]);
	for (int i = 0; i < RECORDING_TEXT_COUNT; i++)
		free(s->texts[i]);
	free(s->parts);
	free(s->missing);
	free(s);
}

struct recording_counters stream_counters(const struct stream *s)
{
	struct recording_counters sum = s->before;

	if (s->is_reading)
		recording_counters_add(&sum, part_counters(s->part));
	return sum;
}

struct captured stream_captured(const struct stream *s)
{
	struct captured sum = s->captured, own;

	if (s->is_reading && s->part->capture) {
		capture_count(s->part->capture, &own);
		captured_add(&sum, &own);
	}
	return sum;
}

uint64_t stream_lost(const struct stream *s)
{
	return s->lost_before + (s->is_reading ? part_lost(s->part) : 0);
}

/* The part has no more blocks, or cannot be read on. */
static void end_part(struct stream *s, int error)
{
	const struct reader_fault *fault = part_fault(s->part);

	if (error || fault)
		note_flaw(s, error == -EBADMSG ? 0 : error, fault);
	s->is_torn |= error || part_is_torn(s->part);
	s->captured = stream_captured(s);
	if (s->is_reading) {
		s->before = stream_counters(s);
		s->lost_before = stream_lost(s);
	}
	/* How many there are in a pipe is known when it is over. */
	if (s->part->bytes)
		s->bytes_before += s->part->bytes;
	else if (s->is_reading)
		s->bytes_before += part_position(s->part);
	s->is_reading = false;
	part_close(s->part);
}

/* Parts from the number `first` to `last` are not there. */
static void note_missing(struct stream *s, uint32_t first, uint32_t last)
{
	struct replay_missing *missing =
		reallocarray(s->missing, s->missing_count + 1, sizeof(*missing));

	if (!missing)
		return;
	s->missing = missing;
	missing[s->missing_count++] = (struct replay_missing){ .first = first, .last = last };
}

/* A part begins, in a file of its own or behind another one. */
static void note_number(struct stream *s, uint32_t number)
{
	if (number > s->next_number)
		note_missing(s, s->next_number, number - 1);
	s->next_number = number + 1;
}

/* Of parts that follow each other in one file, the first ones may be there once more. */
static const struct reader_fault *judge_part(const struct stream *s, const struct part *part)
{
	static const struct reader_fault missing = { .what = "the part before it is missing" };
	static const struct reader_fault twice = { .what = "it is a part that was there before" };

	if (!s->is_begun || part->number == s->next_number)
		return NULL;
	return part->number < s->next_number ? &twice : &missing;
}

static void begin_part(struct stream *s)
{
	static const struct reader_fault changed = { .what = "it has changed meanwhile" };
	struct part *part = s->parts[s->next_part++];
	const struct reader_fault *fault = judge_part(s, part);
	const struct recording_about *about;
	int error = 0;

	s->part = part;
	if (fault)
		note_flaw(s, 0, fault);
	if (s->is_begun && part->number < s->next_number) {
		end_part(s, 0);
		return;
	}
	s->is_begun = true;
	note_number(s, part->number);
	if (part->fd < 0) {
		error = part_open(part);
		if (!error)
			error = part_begin(part);
	}
	s->is_reading = part->reader || part->capture;
	if (error) {
		end_part(s, error);
		return;
	}
	about = part_about(part);
	s->is_old = about->event_version < EVENT_VERSION;
	if (about->series != s->about.series || about->part != part->number) {
		note_flaw(s, 0, &changed);
		end_part(s, 0);
	}
}

static void tell_netns(const struct stream *s, uint64_t inode, const char *text, size_t size)
{
	const struct replay_settings *settings = s->settings;
	uint8_t what;

	if (!settings->on_netns || s->is_among_machines || !size || inode > UINT32_MAX)
		return;
	what = (uint8_t)text[0];
	if (what <= RECORDING_NETNS_MACHINE)
		settings->on_netns(settings->context, (uint32_t)inode, (enum recording_netns)what,
				   text + 1, size - 1);
}

static void tell_process(const struct stream *s, uint64_t number, const char *text, size_t size)
{
	const struct replay_settings *settings = s->settings;
	struct recording_process process;

	if (!settings->on_process || size < sizeof(process))
		return;
	memcpy(&process, text, sizeof(process));
	process.start_mono_ns += (uint64_t)s->origin.by_ns;
	settings->on_process(settings->context, s->origin.space, (uint32_t)number,
			     (uint32_t)(number >> 32), &process, text + sizeof(process),
			     size - sizeof(process));
}

static void tell_name(const struct stream *s, uint8_t kind, uint64_t number, const char *text,
		      size_t size)
{
	const struct replay_settings *settings = s->settings;
	const char *blank;

	if (kind == RECORDING_NAMES && settings->on_cgroup)
		settings->on_cgroup(settings->context, event_rebase_cgroup(number, &s->origin),
				    text, size);
	if (kind == RECORDING_STACKS && settings->on_stack)
		settings->on_stack(settings->context, number, text, size);
	if (kind == RECORDING_NAMESPACES)
		tell_netns(s, number, text, size);
	if (kind == RECORDING_PROCESSES)
		tell_process(s, number, text, size);
	if (kind == RECORDING_CLOCKS && settings->on_clock)
		settings->on_clock(settings->context,
				   (int64_t)(number - (uint64_t)s->about.clock_offset_ns));
	if (kind != RECORDING_LABELS || !settings->on_label)
		return;
	blank = memchr(text, ' ', size);
	if (blank)
		settings->on_label(settings->context, number, text, (size_t)(blank - text),
				   blank + 1, (size_t)(text + size - blank - 1));
}

static void read_names(const struct stream *s, uint8_t kind, const uint8_t *at, size_t size)
{
	while (size >= sizeof(uint64_t) + sizeof(uint16_t)) {
		uint16_t length;
		uint64_t id;

		memcpy(&id, at, sizeof(id));
		memcpy(&length, at + sizeof(id), sizeof(length));
		at += sizeof(id) + sizeof(length);
		size -= sizeof(id) + sizeof(length);
		if (length > size)
			return;
		tell_name(s, kind, id, (const char *)at, length);
		at += length;
		size -= length;
	}
}

/* Whether anything up to the end of the block it is at may be missing. */
static bool is_block_lossy(const struct stream *s)
{
	struct recording_counters sum = stream_counters(s);

	struct captured captured = stream_captured(s);

	return sum.ring_full || sum.missed || sum.dropped || stream_lost(s) ||
	       part_fault(s->part) || captured.dropped || captured.evicted;
}

static void take_block(struct stream *s, const struct recording_block *block, uint8_t *raw)
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
	case RECORDING_LABELS:
	case RECORDING_STACKS:
	case RECORDING_NAMESPACES:
	case RECORDING_PROCESSES:
	case RECORDING_CLOCKS:
		read_names(s, block->kind, raw, block->raw_bytes);
		break;
	case RECORDING_END:
		s->is_more_told = block->flags & RECORDING_MORE;
		s->is_broken = block->flags & RECORDING_BROKEN;
		if (written_ns > s->end_ns && written_ns <= INT64_MAX)
			s->end_ns = written_ns;
		if (block->raw_bytes >= sizeof(s->listen))
			memcpy(&s->listen, raw, sizeof(s->listen));
		break;
	default:
		/* Of a kind that came later. */
		break;
	}
}

/* Finds records in its next blocks and parts. Returns 0 (they may be over), -EINTR or -EAGAIN. */
static int fill(struct stream *s)
{
	while (s->at == s->end && !s->is_over) {
		struct recording_block block;
		uint8_t *raw;
		int result;

		if (!s->is_reading) {
			s->is_over = s->next_part == s->part_count;
			if (!s->is_over)
				begin_part(s);
			continue;
		}
		result = part_next(s->part, &block, &raw);
		if (result == -EINTR || result == -EAGAIN)
			return result;
		if (result == 1 && part_in(s->part) >= s->next_number)
			note_number(s, part_in(s->part));
		if (result == 1)
			take_block(s, &block, raw);
		else
			end_part(s, result);
	}
	return 0;
}

/* Bytes of the record it is at; 0: they make no sense, and neither does the rest of the block. */
static size_t size_here(const struct stream *s)
{
	size_t left = (size_t)(s->end - s->at), size;

	if (left < sizeof(struct event_head))
		return 0;
	size = part_size_of(s->part, s->at[offsetof(struct event_head, kind)]);
	if (!size || size > left)
		return 0;
	size += event_size_behind(s->at, size);
	return size <= left ? size : 0;
}

/* The rest of its block makes no sense: as many records as the block claims are lost. */
static void give_up_block(struct stream *s, const struct reader_fault *fault)
{
	note_flaw(s, 0, fault);
	s->at = s->end;
	s->lost_before += s->left;
	s->left = 0;
}

/* Brings its key up to the record it is at. Times go back by a little from CPU to CPU. */
static void look(struct stream *s)
{
	static const struct reader_fault torn = { .what = "a record is of no known kind" };
	static const struct reader_fault more = { .what = "a block has more records than it "
							  "says" };
	uint64_t mono_ns;

	s->size = s->left ? size_here(s) : 0;
	if (!s->size) {
		give_up_block(s, s->left ? &torn : &more);
		return;
	}
	memcpy(&mono_ns, s->at + offsetof(struct event_head, mono_ns), sizeof(mono_ns));
	mono_ns += (uint64_t)s->origin.by_ns;
	if (mono_ns > s->key_ns && mono_ns <= INT64_MAX)
		s->key_ns = mono_ns;
}

int stream_reach(struct stream *s)
{
	while (s->at == s->end && !s->is_over) {
		int error = fill(s);

		if (error)
			return error;
		if (s->at != s->end)
			look(s);
	}
	return 0;
}

void stream_leave(struct stream *s)
{
	static const struct reader_fault more = { .what = "it has more records than were to be "
							  "read" };

	note_flaw(s, 0, &more);
}

/* What is behind its last part is known to be missing only when all was read. */
bool stream_missing(const struct stream *s, size_t index, struct replay_missing *ret_missing)
{
	if (index < s->missing_count)
		*ret_missing = s->missing[index];
	else if (index == s->missing_count && s->is_over && s->is_more_told)
		*ret_missing = (struct replay_missing){ s->next_number, UINT32_MAX };
	else
		return false;
	return true;
}

void stream_advance(struct stream *s)
{
	static const struct reader_fault fewer = { .what = "a block has fewer records than it "
							   "says" };

	s->records++;
	s->left--;
	s->at += s->size;
	if (s->at != s->end)
		look(s);
	else if (s->left)
		give_up_block(s, &fewer);
}

uint64_t stream_position(const struct stream *s)
{
	return s->bytes_before + (s->is_reading ? part_position(s->part) : 0);
}
