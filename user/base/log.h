/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages for the person at the terminal, one line each, on standard error. */
#ifndef USER_BASE_LOG_H
#define USER_BASE_LOG_H

#include <stdbool.h>

#include "user/base/language.h"
#include "user/base/sentence.h"

/* Longer messages are cut. Untrusted text must have been escaped by the caller (text.h). */
#define LOG_LINE_SIZE 2048

extern bool log_verbose; /* log_debug speaks */

/* "tcpspan: " and the message, which carries no line feed. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The message alone. */
void log_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What log_say() speaks. */
extern enum ladder_language log_language;

/* A message in each language, with the holes of sentence.h. */
struct log_text {
	const char *in[LADDER_LANGUAGE_COUNT];
};

/* The one that is spoken. */
const char *log_in(const struct log_text *text);

/* "tcpspan: " and the message; the message alone. What has no hole is said without memory, too. */
void log_say(const struct log_text *text, const struct sentence_words *words);
void log_say_note(const struct log_text *text, const struct sentence_words *words);

#define LOG_HELD_SIZE 16384

/* X(NAME, "English", "Chinese"): what there is to say of messages themselves. */
#define LOG_COMPLAINTS(X) X(LEFT_OUT, "{n} more messages were left out", "另有 {n} 条消息被略去")

/*
 * From now on messages wait, LOG_HELD_SIZE bytes of them at most: a screen is where they would go.
 * log_release() prints them, and how many there was no room for.
 */
void log_hold(void);
void log_release(void);

#endif
