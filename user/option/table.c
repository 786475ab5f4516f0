// SPDX-License-Identifier: GPL-2.0-only
/* The tables of commands and of options, the latter by their headings. */
#include "user/option/table.h"

#include <string.h>

#include "user/option/rows.h"

const char *option_group_heading(enum option_group group)
{
	static const char *const headings[] = {
#define X(NAME, heading) [OPTION_GROUP_##NAME] = (heading),
		OPTION_GROUPS(X)
#undef X
	};

	return group < OPTION_GROUP_COUNT ? headings[group] : NULL;
}

const struct command_spec command_specs[COMMAND_COUNT] = {
#define X(NAME, name, question, about) [COMMAND_##NAME] = { #name, question, about },
	COMMANDS(X)
#undef X
};

const char *command_operands(const struct command_spec *command)
{
	static const char *const operands[COMMAND_COUNT] = {
		[COMMAND_EXPLAIN] = "[ENDPOINTS]", [COMMAND_RECORD] = "-o FILE",
		[COMMAND_REPORT] = "-o FILE",	   [COMMAND_DIFF] = "OLD [NEW]",
		[COMMAND_FLEET] = "QUERY",
	};

	return operands[command - command_specs];
}

/* The rows under a heading. */
static const struct {
	const struct option_spec *rows;
	const size_t *count;
} parts[OPTION_GROUP_COUNT] = {
	[OPTION_GROUP_VIEW] = { option_rows_view, &option_rows_view_count },
	[OPTION_GROUP_FILTER] = { option_rows_filter, &option_rows_filter_count },
	[OPTION_GROUP_OUTPUT] = { option_rows_output, &option_rows_output_count },
	[OPTION_GROUP_RUN] = { option_rows_run, &option_rows_run_count },
	[OPTION_GROUP_HELP] = { option_rows_help, &option_rows_help_count },
};

const struct option_spec *option_first(void)
{
	return parts[0].rows;
}

const struct option_spec *option_next(const struct option_spec *spec)
{
	if (spec + 1 < parts[spec->group].rows + *parts[spec->group].count)
		return spec + 1;
	return spec->group + 1 < OPTION_GROUP_COUNT ? parts[spec->group + 1].rows : NULL;
}

size_t option_number(const struct option_spec *spec)
{
	size_t number = (size_t)(spec - parts[spec->group].rows);

	for (enum option_group g = 0; g < spec->group; g++)
		number += *parts[g].count;
	return number;
}

bool option_is_known_to(const struct option_spec *spec, const struct command_spec *command)
{
	return spec->commands >> (command - command_specs) & 1;
}

bool option_is_shown_for(const struct option_spec *spec, const struct command_spec *command)
{
	if (!option_is_known_to(spec, command))
		return false;
	for (const struct option_rule *r = option_rules; r < option_rules + option_rule_count; r++)
		if (r->relation == OPTION_EXCLUDES && !r->other.name && !r->said.value &&
		    r->commands >> (command - command_specs) & 1 && spec->name &&
		    !strcmp(r->said.name, spec->name))
			return false;
	return true;
}

const struct option_spec *option_find(const char *name)
{
	for (EACH_OPTION(s)) {
		const char letter[] = { s->letter, '\0' };

		if (!strcmp(s->name ? s->name : letter, name))
			return s;
	}
	return NULL;
}
