// SPDX-License-Identifier: GPL-2.0-only
/* Fills sentences in, and lets nothing from outside become markup. */
#include "user/sink/html/words.h"

#include <stdio.h>
#include <string.h>

#include "user/base/text.h"
#include "user/conn/conn.h"

#define TEXT_COLUMNS 160
#define SHARE_SIZE 16

struct html_word html_word_of(const char *text)
{
	return (struct html_word){ .kind = HTML_WORD_TEXT,
				   .text = text ? text : "-",
				   .size = text ? strlen(text) : 1 };
}

void html_add_plain(struct buffer *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		switch (text[i]) {
		case '&':
			buffer_add_text(out, "&amp;");
			break;
		case '<':
			buffer_add_text(out, "&lt;");
			break;
		case '>':
			buffer_add_text(out, "&gt;");
			break;
		case '"':
			buffer_add_text(out, "&quot;");
			break;
		case '\'':
			buffer_add_text(out, "&#39;");
			break;
		default:
			buffer_add_char(out, text[i]);
		}
	}
}

void html_add_text(struct buffer *out, const char *bytes, size_t size)
{
	struct buffer shown;

	buffer_init(&shown);
	text_add_escaped(&shown, bytes, size, TEXT_COLUMNS);
	html_add_plain(out, shown.bytes, shown.size);
	out->failed |= shown.failed;
	buffer_done(&shown);
}

const char *html_number(uint64_t n, char text[HTML_NUMBER_SIZE])
{
	char digits[HTML_NUMBER_SIZE];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), used = 0;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = '\0';
	return text;
}

/* Three digits of a part of a hundred; what is not nothing is not shown as nothing. */
static const char *share(uint64_t part, uint64_t all, char text[SHARE_SIZE])
{
	double percent = all ? 100.0 * (double)part / (double)all : 0;

	if (!all)
		return "-";
	if (part && percent < 0.01)
		return "< 0.01 %";
	if (part < all && percent > 99.99)
		return "> 99.99 %";
	snprintf(text, SHARE_SIZE,
		 percent >= 10 || !part ? "%.0f %%" :
		 percent >= 1		? "%.1f %%" :
					  "%.2f %%",
		 percent);
	return text;
}

static void add_data(struct buffer *out, enum html_place place, uint64_t value, const char *shown)
{
	if (place == HTML_IN_PAGE) {
		buffer_add_text(out, "<data value=\"");
		buffer_add_u64(out, value);
		buffer_add_text(out, "\">");
	}
	html_add_plain(out, shown, strlen(shown));
	if (place == HTML_IN_PAGE)
		buffer_add_text(out, "</data>");
}

void html_add_word(struct buffer *out, enum html_place place, const struct html_word *word)
{
	char number[HTML_NUMBER_SIZE], time[TEXT_DURATION_SIZE], part[SHARE_SIZE];

	switch (word->kind) {
	case HTML_WORD_NUMBER:
		add_data(out, place, word->n, html_number(word->n, number));
		break;
	case HTML_WORD_TIME:
		if (word->n == TIME_UNKNOWN) {
			buffer_add_char(out, '-');
			break;
		}
		if (word->of)
			html_add_plain(out, ">", 1);
		add_data(out, place, word->n, text_duration(word->n, time));
		break;
	case HTML_WORD_SHARE:
		buffer_add_text(out, "");
		html_add_plain(out, share(word->n, word->of, part),
			       strlen(share(word->n, word->of, part)));
		break;
	case HTML_WORD_TEXT:
		html_add_text(out, word->text, word->size);
		break;
	}
}

const char *html_phrase(enum html_phrase phrase, enum ladder_language language)
{
	static const char *const texts[HTML_PHRASE_COUNT][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [HTML_##NAME] = { en, zh },
		HTML_PHRASES(X)
#undef X
	};

	return language_pick(texts, HTML_PHRASE_COUNT, phrase, language);
}

/* Adds the text up to `end`; holes in it are filled. */
static void fill(struct buffer *out, enum html_place place, const char *at, const char *end,
		 const struct html_word *words, size_t count);

/* "{a|one|many}", from behind the first bar on, where holes may stand as well. */
static void choose(struct buffer *out, enum html_place place, const char *at, const char *end,
		   bool is_one, const struct html_word *words, size_t count)
{
	const char *bar = at;
	int depth = 0;

	for (; bar < end && (depth || *bar != '|'); bar++)
		depth += (*bar == '{') - (*bar == '}');
	if (is_one)
		fill(out, place, at, bar, words, count);
	else
		fill(out, place, bar + 1, end, words, count);
}

/* The brace that closes the one before `at`. */
static const char *closing(const char *at, const char *end)
{
	int depth = 0;

	for (; at < end && (depth || *at != '}'); at++)
		depth += (*at == '{') - (*at == '}');
	return at;
}

static void fill(struct buffer *out, enum html_place place, const char *at, const char *end,
		 const struct html_word *words, size_t count)
{
	while (at < end) {
		const char *hole = memchr(at, '{', (size_t)(end - at)), *close;
		size_t word;

		html_add_plain(out, at, (size_t)((hole ? hole : end) - at));
		if (!hole)
			return;
		close = closing(hole + 1, end);
		word = (size_t)(hole[1] - 'a');
		if (word < count && hole[2] == '|')
			choose(out, place, hole + 3, close, words[word].n == 1, words, count);
		else if (word < count)
			html_add_word(out, place, &words[word]);
		at = close + 1;
	}
}

void html_say(struct buffer *out, enum html_place place, enum ladder_language language,
	      enum html_phrase phrase, const struct html_word *words, size_t count)
{
	const char *text = html_phrase(phrase, language);

	fill(out, place, text, text + strlen(text), words, count);
}

const char *html_endpoint(const struct address *a, uint16_t port, char text[HTML_ENDPOINT_SIZE])
{
	char address[ADDRESS_TEXT_SIZE], number[8] = "-";

	if (port)
		snprintf(number, sizeof(number), "%u", port);
	if (!a && !port)
		snprintf(text, HTML_ENDPOINT_SIZE, "-");
	else
		snprintf(text, HTML_ENDPOINT_SIZE, a && !address_is_ipv4(a) ? "[%s]:%s" : "%s:%s",
			 a ? address_format(a, address) : "-", number);
	return text;
}
