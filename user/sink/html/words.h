/* SPDX-License-Identifier: GPL-2.0-only */
/* Words on a page: sentences filled in, numbers as people read them, and text from outside. */
#ifndef USER_SINK_HTML_WORDS_H
#define USER_SINK_HTML_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/ladder_phrase.h"
#include "user/base/address.h"
#include "user/base/buffer.h"
#include "user/conn/cause.h"
#include "user/sink/html/phrases.h"

/* What fills a hole. Whatever it is, no markup comes of it. */
enum html_word_kind { HTML_WORD_NUMBER, HTML_WORD_TIME, HTML_WORD_SHARE, HTML_WORD_TEXT };

struct html_word {
	enum html_word_kind kind;
	/* A number, nanoseconds (TIME_UNKNOWN; with `of` at least), or so many of so many. */
	uint64_t n, of;
	const char *text; /* untrusted */
	size_t size;
};

#define HTML_N(number)                                                     \
	(struct html_word)                                                 \
	{                                                                  \
		.kind = HTML_WORD_NUMBER, .n = (uint64_t)(number), .of = 0 \
	}
#define HTML_T(ns)                                         \
	(struct html_word)                                 \
	{                                                  \
		.kind = HTML_WORD_TIME, .n = (ns), .of = 0 \
	}
#define HTML_AGE(ns, is_least)                                      \
	(struct html_word)                                          \
	{                                                           \
		.kind = HTML_WORD_TIME, .n = (ns), .of = (is_least) \
	}
#define HTML_SHARE(part, all)                                     \
	(struct html_word)                                        \
	{                                                         \
		.kind = HTML_WORD_SHARE, .n = (part), .of = (all) \
	}
struct html_word html_word_of(const char *text);
#define HTML_S(text) html_word_of(text)

/* Numbers are <data value="1583104">1.58ms</data>, but in SVG, which has no such element. */
enum html_place { HTML_IN_PAGE, HTML_IN_SVG };

void html_add_word(struct buffer *out, enum html_place place, const struct html_word *word);

/* Untrusted bytes: what no terminal would show is escaped as there, and no markup comes of it. */
void html_add_text(struct buffer *out, const char *bytes, size_t size);

/* A text of the program's own, which may hold what is markup elsewhere. */
void html_add_plain(struct buffer *out, const char *text, size_t size);

/* As it stands in the table; "" for a number that is none. */
const char *html_phrase(enum html_phrase phrase, enum ladder_language language);

void html_say(struct buffer *out, enum html_place place, enum ladder_language language,
	      enum html_phrase phrase, const struct html_word *words, size_t count);

/* 1,234,567 */
#define HTML_NUMBER_SIZE 32
const char *html_number(uint64_t n, char text[HTML_NUMBER_SIZE]);

/* "198.51.100.7:443", "[2001:db8::1]:443"; NULL or 0: "-" */
#define HTML_ENDPOINT_SIZE 64
const char *html_endpoint(const struct address *a, uint16_t port, char text[HTML_ENDPOINT_SIZE]);

#endif
