// SPDX-License-Identifier: GPL-2.0-only
/* The help and the version, by argp and from the tables. */
#include "user/option/help.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "user/base/buffer.h"
#include "user/option/chinese.h"
#include "user/option/complaints.h"
#include "user/option/parse.h"
#include "user/sink/text/phrase.h"

#define USAGE_SIZE 32 /* "tcpspan listeners" */
#define KEY_LONG 256  /* row i that has no letter is known to argp as KEY_LONG + i */

int help_key(const struct option_spec *spec)
{
	return spec->letter ? spec->letter : KEY_LONG + (int)option_number(spec);
}

struct argp_option *help_options_new(const struct command_spec *command)
{
	struct argp_option *all = calloc(OPTION_SPECS_MAX + OPTION_GROUP_COUNT + 1, sizeof(*all));
	struct argp_option *next = all;
	unsigned int headed = 0;

	if (!all)
		return NULL;
	for (EACH_OPTION(s)) {
		int group = (int)s->group + 1;
		bool is_shown = !command || option_is_shown_for(s, command);

		if (command ? !option_is_known_to(s, command) : s->commands != OPTION_OF_EVERY)
			continue;
		/* argp puts help and version behind all others by itself. */
		if (is_shown && !(headed >> group & 1) && s->group != OPTION_GROUP_HELP) {
			*next++ = (struct argp_option){
				.doc = option_group_heading(s->group),
				.group = group,
			};
			headed |= 1u << group;
		}
		*next++ = (struct argp_option){
			.name = s->name,
			.key = help_key(s),
			.arg = s->argument,
			.flags = is_shown ? 0 : OPTION_HIDDEN,
			.doc = s->help,
			.group = group,
		};
	}
	return all;
}

static int answer_done(void)
{
	if (!fflush(stdout))
		return OPTIONS_ANSWERED;
	OPTION_COMPLAIN(UNWRITTEN, .w = strerror(errno));
	return -EIO;
}

static const struct help_libraries *libraries;
static size_t library_count;

void help_set_libraries(const struct help_libraries *all, size_t count)
{
	libraries = all;
	library_count = count;
}

static void print_libraries(const struct help_libraries *l)
{
	bool is_there = !l->are_built_in || l->are_built_in();
	const char *name = l->names;

	while (*name) {
		size_t size = strcspn(name, "= "), whole = strcspn(name, " ");

		printf("%s %.*s", is_there ? "with" : "without", (int)size, name);
		if (is_there && whole > size + 1)
			printf(" %.*s", (int)(whole - size - 1), name + size + 1);
		putchar('\n');
		name += whole;
		name += strspn(name, " ");
	}
}

int help_print_version(void)
{
	puts(PROGRAM " " TCPSPAN_VERSION);
	for (size_t i = 0; i < library_count; i++)
		print_libraries(&libraries[i]);
	return answer_done();
}

static void add_overview(struct buffer *doc)
{
	buffer_add_text(doc,
			"Shows every TCP connection of this machine open, live and close, with "
			"true times.\n\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		buffer_addf(doc, "  %-10s %s%s\n", command_specs[i].name, command_specs[i].question,
			    i ? "" : " The default.");
	buffer_add_text(doc, "\nThese options are common to all; " PROGRAM " COMMAND --help lists "
			     "those that a command has a use for.");
}

/* ---- in Chinese ---------------------------------------------------------------------------- */

#define DOC_COLUMN 29
#define LONG_COLUMN 40
#define LAST_COLUMN 79

static const char *chinese(const struct chinese_line *lines, size_t count, const char *name,
			   const char *otherwise)
{
	const char *text = chinese_find(lines, count, name);

	return text ? text : otherwise;
}

/* Behind what stands in `column` columns already, or beneath what leaves too little room. */
static void add_doc(struct buffer *out, size_t column, const char *text)
{
	if (column > LONG_COLUMN) {
		buffer_add_char(out, '\n');
		column = 0;
	}
	do
		buffer_add_char(out, ' ');
	while (++column < DOC_COLUMN);
	phrase_add_lines(out, text, strlen(text), column, LAST_COLUMN);
	buffer_add_char(out, '\n');
}

static void add_chinese_option(struct buffer *out, const struct option_spec *s)
{
	char letter[] = { s->letter ? (char)s->letter : ' ', '\0' };
	size_t begin = out->size;

	buffer_addf(out, s->letter ? "  -%s" : "    ", letter);
	if (s->name)
		buffer_addf(out, "%s--%s", s->letter ? ", " : "  ", s->name);
	if (s->argument)
		buffer_addf(out, s->name ? "=%s" : " %s", s->argument);
	add_doc(out, out->size - begin,
		chinese(chinese_options, chinese_option_count, s->name ? s->name : letter,
			s->help));
}

/* By heading and, as argp has it, by name. */
static int compare_options(const void *left, const void *right)
{
	const struct option_spec *a = *(const struct option_spec *const *)left;
	const struct option_spec *b = *(const struct option_spec *const *)right;
	char letters[2][2] = { { (char)a->letter }, { (char)b->letter } };

	if (a->group != b->group)
		return (int)a->group - (int)b->group;
	return strcasecmp(a->name ? a->name : letters[0], b->name ? b->name : letters[1]);
}

static void add_chinese_options(struct buffer *out, const struct command_spec *command)
{
	const struct option_spec *all[OPTION_SPECS_MAX];
	size_t count = 0;

	for (EACH_OPTION(s))
		if (command ? option_is_shown_for(s, command) : s->commands == OPTION_OF_EVERY)
			all[count++] = s;
	qsort(all, count, sizeof(*all), compare_options);
	for (size_t i = 0; i < count; i++) {
		const char *heading = option_group_heading(all[i]->group);

		if (!i || all[i]->group != all[i - 1]->group)
			buffer_addf(out, "\n %s\n",
				    chinese(chinese_headings, chinese_heading_count, heading,
					    heading));
		add_chinese_option(out, all[i]);
	}
}

static int print_chinese(const struct command_spec *command, const char *usage)
{
	const char *operands = command ? command_operands(command) : NULL;
	struct buffer out;
	int error;

	buffer_init(&out);
	buffer_addf(&out, "用法：%s [OPTION...]%s%s\n", usage, operands ? " " : "",
		    operands ? operands : "");
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const struct command_spec *c = &command_specs[i];
		const char *line =
			chinese(chinese_commands, chinese_command_count, c->name, c->question);

		if (command == c)
			buffer_addf(&out, "%s\n", line);
		else if (!command)
			buffer_addf(&out, "  %-10s %s\n", c->name, line);
	}
	add_chinese_options(&out, command);
	error = out.failed ? -ENOMEM : 0;
	if (!error)
		fwrite(out.bytes, 1, out.size, stdout);
	buffer_done(&out);
	return error ? error : answer_done();
}

/* ---- by argp ------------------------------------------------------------------------------- */

int help_print(const struct command_spec *command, enum ladder_language language)
{
	struct argp_option *options = help_options_new(command);
	char usage[USAGE_SIZE] = PROGRAM " [COMMAND]";
	struct argp argp = { .options = options };
	struct buffer doc;

	buffer_init(&doc);
	if (command) {
		snprintf(usage, sizeof(usage), PROGRAM " %s", command->name);
		buffer_add_text(&doc, command->about);
	} else {
		add_overview(&doc);
	}
	buffer_add_char(&doc, '\0');
	if (language == LADDER_ZH) {
		buffer_done(&doc);
		free(options);
		return print_chinese(command, usage);
	}
	if (options && !doc.failed) {
		argp.doc = doc.bytes;
		argp.args_doc = command ? command_operands(command) : NULL;
		/*
		 * argp's way to do without its note on the arguments of letters. Whatever the
		 * user's environment says there is replaced: margins that leave no room never end.
		 */
		setenv("ARGP_HELP_FMT", "no-dup-args-note", 1);
		argp_help(&argp, stdout, ARGP_HELP_STD_HELP, usage);
	}
	buffer_done(&doc);
	free(options);
	return answer_done();
}
