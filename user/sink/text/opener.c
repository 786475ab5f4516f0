// SPDX-License-Identifier: GPL-2.0-only
/* The code that opened a connection, for people. */
#include "user/sink/text/opener.h"

#include <string.h>

#include "user/base/sentence.h"
#include "user/base/text.h"
#include "user/sink/lore.h"
#include "user/sink/text/opener_phrase.h"
#include "user/sink/text/phrase.h"

#define NAME_COLUMNS 60 /* of a function: names of C++ and Rust are long */
#define FILE_COLUMNS 40
#define TOLD_MAX 8 /* frames */

static bool is_called(const struct stack_frame *f, const char *name)
{
	return f->function.bytes && f->function.size == strlen(name) &&
	       !memcmp(f->function.bytes, name, f->function.size);
}

static bool is_of_library(const struct stack_frame *f)
{
	struct stack_name base = stack_name_base(f->module);

	return base.bytes && base.size >= 5 && !memcmp(base.bytes, "libc.", 5);
}

static bool is_start(const struct stack_frame *f)
{
	return is_of_library(f) || is_called(f, "_start");
}

/* The frames that tell a reader something: from `first` to the one before `end`. */
struct frames_told {
	size_t first, end;
};

/* Without the C library's own, which everything begins and ends with, if there are others. */
static struct frames_told told_of(const struct stack_frames *frames)
{
	struct frames_told told = { 0, frames->count };

	while (told.first + 1 < told.end && is_of_library(&frames->frame[told.first]))
		told.first++;
	while (told.end > told.first + 1 && is_start(&frames->frame[told.end - 1]))
		told.end--;
	return told;
}

/* Blanks and semicolons part names in some formats. */
static void add_escaped(struct buffer *out, struct stack_name name, size_t columns)
{
	size_t begin = out->size;

	text_add_escaped(out, name.bytes, name.size, columns);
	for (size_t i = begin; i < out->size; i++)
		if (out->bytes[i] == ' ' || out->bytes[i] == ';')
			out->bytes[i] = '_';
}

/* "open_one", "?open_one", "libc.so.6+0x1234": escaped, and without a blank or a semicolon. */
static void add_name(struct buffer *out, const struct stack_frame *f)
{
	struct stack_name base = stack_name_base(f->module);

	if (f->flags & STACK_FRAME_UNPROVEN)
		buffer_add_char(out, '?');
	if (f->function.bytes) {
		add_escaped(out, f->function, NAME_COLUMNS);
		return;
	}
	if (base.bytes)
		add_escaped(out, base, FILE_COLUMNS);
	else
		buffer_add_text(out, "unknown");
	if (f->module_offset != STACK_OFFSET_UNKNOWN)
		buffer_addf(out, "+0x%llx", (unsigned long long)f->module_offset);
}

void opener_add_folded(struct buffer *out, const struct stack_frames *frames)
{
	if (!frames->is_whole)
		buffer_add_text(out, "[...]");
	for (size_t i = frames->count; i--;) {
		if (i + 1 < frames->count || !frames->is_whole)
			buffer_add_char(out, ';');
		add_name(out, &frames->frame[i]);
	}
}

/* Where that is: the line, or else the module, if it is not its name already. */
static void add_place(struct buffer *out, const struct stack_frame *f)
{
	struct stack_name base = stack_name_base(f->file.bytes ? f->file : f->module);

	if (!f->function.bytes || !base.bytes)
		return;
	buffer_add_text(out, " (");
	add_escaped(out, base, FILE_COLUMNS);
	if (f->file.bytes)
		buffer_addf(out, ":%u", f->line);
	buffer_add_char(out, ')');
}

const char *opener_phrase_text(enum opener_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [OPENER_SAYS_##NAME] = { en, zh },
		OPENER_PHRASES(X)
#undef X
	};

	return language_pick(texts, OPENER_PHRASE_COUNT, phrase, language);
}

/* What is told at once, and in which language. */
struct telling {
	enum ladder_language language;
	size_t same, count; /* so many of these have this opener */
};

static void add(struct buffer *sentence, const struct telling *t, enum opener_phrase phrase)
{
	sentence_add(sentence, opener_phrase_text(phrase, t->language),
		     &(struct sentence_words){ .n = t->same, .m = t->count });
}

static void say(struct buffer *sentence, const struct stack_frames *frames, const struct telling *t)
{
	struct frames_told told = told_of(frames);
	size_t end = told.end < told.first + TOLD_MAX ? told.end : told.first + TOLD_MAX;

	add(sentence, t, t->same < t->count ? OPENER_SAYS_SOME_OPENED_BY : OPENER_SAYS_OPENED_BY);
	for (size_t i = told.first; i < end; i++) {
		if (i > told.first)
			add(sentence, t,
			    i == told.first + 1 ? OPENER_SAYS_CALLED_BY : OPENER_SAYS_NEXT);
		add_name(sentence, &frames->frame[i]);
		add_place(sentence, &frames->frame[i]);
	}
	add(sentence, t, end < told.end || !frames->is_whole ? OPENER_SAYS_MORE : OPENER_SAYS_STOP);
}

void text_opener_of(const struct sink_settings *s, struct buffer *out, size_t indent,
		    uint64_t stack, size_t same, size_t count)
{
	const struct telling telling = { s->language, same, count };
	struct stack_frames frames;
	struct buffer sentence;

	if (!stack || !lore_stack(s->lore, stack, &frames))
		return;
	buffer_init(&sentence);
	say(&sentence, &frames, &telling);
	if (sentence.failed)
		out->failed = true;
	else
		phrase_add_paragraph(out, sentence.bytes, sentence.size, indent, s->columns);
	buffer_done(&sentence);
}

void text_opener(const struct sink_settings *s, struct buffer *out, size_t indent, uint64_t stack)
{
	text_opener_of(s, out, indent, stack, 1, 1);
}
