// SPDX-License-Identifier: GPL-2.0-only
/* Messages on standard error, each in one write so that no other output comes between. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user/base/log.h"

bool log_verbose;
enum ladder_language log_language;

static struct {
	bool is_holding;
	char text[LOG_HELD_SIZE];
	size_t size, left_out;
} held;

static void keep(const char *line, size_t size)
{
	if (held.left_out || size > sizeof(held.text) - held.size) {
		held.left_out++;
		return;
	}
	memcpy(held.text + held.size, line, size);
	held.size += size;
}

__attribute__((format(printf, 2, 0))) static void log_line(const char *prefix, const char *format,
							   va_list args)
{
	char line[LOG_LINE_SIZE];
	size_t size = strlen(prefix);
	size_t room = sizeof(line) - size - 1; /* the line feed */
	int added;

	memcpy(line, prefix, size);
	added = vsnprintf(line + size, room, format, args);
	if (added < 0)
		return;
	size += (size_t)added < room ? (size_t)added : room - 1;
	line[size++] = '\n';
	if (held.is_holding) {
		keep(line, size);
		return;
	}
	/* Nobody is left to be told when this fails. */
	if (write(STDERR_FILENO, line, size) < 0)
		return;
}

#define LOG_CALL(prefix, format)                \
	do {                                    \
		va_list args;                   \
		va_start(args, format);         \
		log_line(prefix, format, args); \
		va_end(args);                   \
	} while (0)

void log_error(const char *format, ...)
{
	LOG_CALL("tcpspan: ", format);
}

void log_warn(const char *format, ...)
{
	LOG_CALL("tcpspan: ", format);
}

void log_note(const char *format, ...)
{
	LOG_CALL("", format);
}

void log_debug(const char *format, ...)
{
	if (log_verbose)
		LOG_CALL("tcpspan: ", format);
}

const char *log_in(const struct log_text *text)
{
	return text->in[log_language];
}

/* NULL: there is no memory for it. */
static const char *fill_in(struct buffer *filled, const struct log_text *text,
			   const struct sentence_words *words)
{
	buffer_init(filled);
	if (!strchr(log_in(text), '{'))
		return log_in(text);
	sentence_add(filled, log_in(text), words);
	buffer_add_char(filled, '\0');
	return filled->failed ? NULL : filled->bytes;
}

void log_say(const struct log_text *text, const struct sentence_words *words)
{
	struct buffer filled;
	const char *said = fill_in(&filled, text, words);

	log_error("%s", said ? said : log_in(text));
	buffer_done(&filled);
}

void log_say_note(const struct log_text *text, const struct sentence_words *words)
{
	struct buffer filled;
	const char *said = fill_in(&filled, text, words);

	log_note("%s", said ? said : log_in(text));
	buffer_done(&filled);
}

void log_hold(void)
{
	held.is_holding = true;
}

static const struct log_text more_left_out = {
#define X(NAME, en, zh) { en, zh },
	LOG_COMPLAINTS(X)
#undef X
};

void log_release(void)
{
	size_t left_out = held.left_out, size = held.size;

	held.is_holding = false;
	held.size = held.left_out = 0;
	if (size && write(STDERR_FILENO, held.text, size) < 0)
		return;
	if (left_out)
		log_say(&more_left_out, &(struct sentence_words){ .n = left_out });
}
