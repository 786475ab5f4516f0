// SPDX-License-Identifier: GPL-2.0-only
/* A filter as it is typed: words become the lines that recordings keep filters in. */
#include "user/command/top/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/buffer.h"
#include "user/base/text.h"
#include "user/event/state.h"
#include "user/option/filter_text.h"
#include "user/sink/screen/phrase.h"

#define BLANKS " \t"
#define QUOTED 24 /* columns of a word in a sentence */
#define STATE "state"

static const char *const known[] = { "comm", "pid",	  "lport", "rport", "addr",   "flow",
				     "unit", "container", "pod",   "netns", "family", STATE };

/* Why it is no filter: where that is written to, and in which language. */
struct complaint {
	enum ladder_language language;
	char *why; /* of WORDS_WHY_SIZE bytes */
};

static bool is_known(const char *name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(known[i], name))
			return true;
	return false;
}

static void quote(const char *word, char text[WORDS_WHY_SIZE])
{
	struct buffer b;

	buffer_init(&b);
	text_add_escaped(&b, word, strlen(word), QUOTED);
	snprintf(text, WORDS_WHY_SIZE, "%.*s", (int)b.size, b.size ? b.bytes : "");
	buffer_done(&b);
}

static int explain_unknown(const char *name, const struct complaint *complaint)
{
	char quoted[WORDS_WHY_SIZE], *why = complaint->why;
	size_t used;

	quote(name, quoted);
	SCREEN_FILL(why, WORDS_WHY_SIZE, complaint->language, NO_SUCH_FILTER, .w = quoted);
	used = strlen(why);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known) && used < WORDS_WHY_SIZE; i++)
		used += (size_t)snprintf(why + used, WORDS_WHY_SIZE - used, " %s", known[i]);
	return -EINVAL;
}

static int explain_value(const char *name, const char *value, const struct complaint *complaint)
{
	char quoted[WORDS_WHY_SIZE];

	quote(value, quoted);
	SCREEN_FILL(complaint->why, WORDS_WHY_SIZE, complaint->language, NO_SUCH_VALUE, .w = name,
		    .v = quoted);
	return -EINVAL;
}

/* A list of states. */
static int read_states(char *list, uint32_t *states)
{
	char *word;

	while ((word = strsep(&list, ","))) {
		enum tcp_state state;

		if (state_parse(word, &state))
			return -EINVAL;
		*states |= UINT32_C(1) << state;
	}
	return 0;
}

/* Lists of names are for lines of their own where lines hold one. */
static void add_lines(struct buffer *lines, const char *name, const char *value)
{
	bool is_split = !strcmp(name, "comm") || !strcmp(name, "netns");

	for (const char *end; is_split && (end = strchr(value, ',')); value = end + 1)
		buffer_addf(lines, "%s %.*s\n", name, (int)(end - value), value);
	buffer_addf(lines, "%s %s\n", name, value);
}

/* One filter; `lines` gets what goes to all of them, once it is seen to be right. */
static int read_one(const char *name, char *value, struct buffer *lines, uint32_t *states,
		    const struct complaint *complaint)
{
	struct conn_filter *tried;
	struct buffer line;
	int error;

	if (!is_known(name))
		return explain_unknown(name, complaint);
	if (!value || !*value) {
		SCREEN_FILL(complaint->why, WORDS_WHY_SIZE, complaint->language, NEEDS_WORD,
			    .w = name);
		return -EINVAL;
	}
	if (!strcmp(name, STATE)) {
		char kept[WORDS_WHY_SIZE];

		quote(value, kept);
		return read_states(value, states) ? explain_value(name, kept, complaint) : 0;
	}
	tried = malloc(sizeof(*tried));
	buffer_init(&line);
	add_lines(&line, name, value);
	buffer_add_char(&line, '\0');
	error = tried && !line.failed ? filter_text_read(line.bytes, tried) : -ENOMEM;
	if (!error)
		add_lines(lines, name, value);
	buffer_done(&line);
	free(tried);
	return error ? explain_value(name, value, complaint) : 0;
}

static char *next_word(char **rest)
{
	char *word;

	do
		word = strsep(rest, BLANKS);
	while (word && !*word);
	return word;
}

static int read_all(char *rest, struct buffer *lines, uint32_t *states,
		    const struct complaint *complaint)
{
	char *name;

	while ((name = next_word(&rest))) {
		char *value;
		int error;

		while (*name == '-')
			name++;
		value = strchr(name, '=');
		if (value)
			*value++ = '\0';
		else
			value = next_word(&rest);
		error = read_one(name, value, lines, states, complaint);
		if (error)
			return error;
	}
	return 0;
}

bool words_can_name(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (strchr(BLANKS ",\n", bytes[i]))
			return false;
	return size;
}

int words_read(const char *text, struct words *ret_words, enum ladder_language language,
	       char why[WORDS_WHY_SIZE])
{
	const struct complaint complaint = { language, why };
	char *copy = strdup(text);
	struct words *words = calloc(1, sizeof(*words));
	struct buffer lines;
	int error = -ENOMEM;

	buffer_init(&lines);
	SCREEN_FILL(why, WORDS_WHY_SIZE, language, NO_MEMORY);
	if (copy && words)
		error = read_all(copy, &lines, &words->states, &complaint);
	buffer_add_char(&lines, '\0');
	if (!error)
		error = lines.failed ? -ENOMEM : filter_text_read(lines.bytes, &words->filter);
	if (!error)
		*ret_words = *words;
	buffer_done(&lines);
	free(words);
	free(copy);
	return error;
}
