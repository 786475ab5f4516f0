// SPDX-License-Identifier: GPL-2.0-only
/* Looks a code up among the causes, or else among the outcomes, and says what it means. */
#include "user/sink/text/codes.h"

#include <string.h>

#include "user/sink/legend.h"
#include "user/sink/meaning.h"
#include "user/sink/text/phrase.h"

#define INDENT 6 /* the widest code, and two blanks */

static bool is_word(const char *word, const char *code, const char *name)
{
	return !strcmp(word, code) || (name && !strcmp(word, name));
}

static void add_entry(struct buffer *out, size_t width, enum ladder_language language,
		      const char *code, const char *name, const char *outcome, const char *meaning)
{
	if (!out)
		return;
	buffer_addf(out, "%-*s%s", INDENT, code, name ? name : "-");
	if (outcome && (!name || strcmp(name, outcome)))
		buffer_addf(out, language == LADDER_ZH ? "（结局 %s）" : " (outcome %s)", outcome);
	buffer_add_char(out, '\n');
	phrase_add_paragraph(out, meaning, strlen(meaning), INDENT, width);
}

size_t codes_add(struct buffer *out, size_t width, enum ladder_language language, const char *word)
{
	size_t found = 0;

	for (unsigned int i = 0; i < CONN_CAUSE_COUNT; i++) {
		const struct cause *c = cause_of((enum conn_cause)i);

		if (!is_word(word, c->code, c->name))
			continue;
		add_entry(out, width, language, c->code, c->name, conn_outcome_name(c->outcome),
			  meaning_of_cause((enum conn_cause)i, language));
		found++;
	}
	for (size_t i = 0; i < legend_end_count && !found; i++) {
		const char *name = conn_outcome_name((enum conn_outcome)i);

		if (!is_word(word, legend_ends[i].code, name))
			continue;
		add_entry(out, width, language, legend_ends[i].code, name, NULL,
			  meaning_of_outcome((enum conn_outcome)i, language));
		found++;
	}
	return found;
}
