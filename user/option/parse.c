// SPDX-License-Identifier: GPL-2.0-only
/* The command line: argp reads it by the tables, and what is wrong gets one sentence. */
#include "user/option/parse.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "user/base/buffer.h"
#include "user/base/log.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/option/chinese.h"
#include "user/option/complaints.h"
#include "user/option/help.h"
#include "user/option/language.h"
#include "user/option/value.h"
#include "user/sink/text/codes.h"

#define SHOWN_COLUMNS 60 /* of an argument, in a message */
#define DIFF_SIDES 2	 /* recordings that are compared */
#define LABEL_SIZE 32	 /* "--max-connections" */

#define QUERY_NAME(NAME, name) " " name

struct reading {
	struct options options;
	const struct command_spec *command;
	bool is_given[OPTION_SPECS_MAX]; /* by the row */
	bool is_named;			 /* the command, not implied */
	int next;			 /* in argv: behind what argp has understood */
	int result;			 /* of options_parse, once it is decided */
	bool is_decided;		 /* it has been answered, or told what is wrong */
};

/* `text` in quotes, as a message may carry it. */
static const char *quote(struct buffer *b, const char *text, size_t size)
{
	struct buffer whole;

	buffer_clear(b);
	buffer_add_char(b, '\'');
	buffer_init(&whole);
	text_add_escaped(&whole, text, size, TEXT_UNLIMITED);
	text_add_escaped(b, text, size, SHOWN_COLUMNS);
	buffer_add_text(b, b->size - 1 < whole.size ? "...'" : "'");
	buffer_done(&whole);
	buffer_add_char(b, '\0');
	return b->failed ? "''" : b->bytes;
}

static const char *label(const struct option_spec *spec, char text[LABEL_SIZE])
{
	if (spec->name)
		snprintf(text, LABEL_SIZE, "--%s", spec->name);
	else
		snprintf(text, LABEL_SIZE, "-%c", spec->letter);
	return text;
}

/* A message that is put together. */
static void say(struct buffer *line)
{
	buffer_add_char(line, '\0');
	log_error("%s", line->failed ? OPTION_SAYS(NO_MEMORY) : line->bytes);
}

/* What an error of value_read means. */
static const char *reason(const struct option_spec *spec, int error, struct buffer *b)
{
	size_t room = value_room(spec);

	switch (error) {
	case -EINVAL:
	case -ERANGE:
	case -ENOENT:
		value_add_expected(b, spec, log_language);
		buffer_add_char(b, '\0');
		return b->failed ? OPTION_SAYS(NOT_EXPECTED) : b->bytes;
	case -E2BIG:
		sentence_add(b,
			     spec->type == OPTION_NAMES ? OPTION_SAYS(TOO_MANY_NAMES) :
			     room			? OPTION_SAYS(TOO_MANY_FOR) :
							  OPTION_SAYS(TOO_MANY),
			     &(struct sentence_words){ .n = room });
		buffer_add_char(b, '\0');
		return b->failed ? OPTION_SAYS(TOO_MANY) : b->bytes;
	case -ENODEV:
		return OPTION_SAYS(NO_HIERARCHY);
	default:
		return strerror(-error);
	}
}

static void explain_argument(const struct option_spec *spec, const char *argument, int error)
{
	char text[LABEL_SIZE];
	struct buffer b, why, line;

	buffer_init(&b);
	buffer_init(&why);
	buffer_init(&line);
	sentence_add(&line, OPTION_SAYS(VALUE),
		     &(struct sentence_words){ .w = label(spec, text),
					       .v = quote(&b, argument, strlen(argument)) });
	buffer_add_text(&line, reason(spec, error, &why));
	say(&line);
	buffer_done(&line);
	buffer_done(&why);
	buffer_done(&b);
}

static bool is_same(struct option_place a, struct option_place b)
{
	return a.size && a.size == b.size && a.offset == b.offset;
}

/* Whether both say something of one thing. */
static bool is_rival(const struct option_spec *a, const struct option_spec *b)
{
	return is_same(a->mark.place, b->mark.place) || is_same(a->mark.place, b->place) ||
	       is_same(a->place, b->mark.place) || is_same(a->place, b->place);
}

/* It is one too many: its place holds something else. */
static void explain_surplus(const struct reading *r, const struct option_spec *spec)
{
	const struct option_spec *s = option_first();
	char first[LABEL_SIZE], second[LABEL_SIZE];
	bool is_later;

	while (s && (s == spec || !r->is_given[option_number(s)] || !is_rival(s, spec)))
		s = option_next(s);
	is_later = s && option_number(s) > option_number(spec);
	if (s)
		OPTION_COMPLAIN(RIVALS, .w = label(is_later ? spec : s, first),
				.v = label(is_later ? s : spec, second));
	else
		OPTION_COMPLAIN(SURPLUS, .w = label(spec, first),
				.v = chinese_words(spec->once, log_language));
}

/* Whoever has a recording in his hand may name it alone. */
static bool is_file(const char *argument)
{
	struct stat st;

	return !stat(argument, &st) && !S_ISDIR(st.st_mode);
}

static void explain_unexpected(const struct reading *r, const char *argument)
{
	const char *quoted;
	struct buffer b;
	size_t i = 0;

	while (i < COMMAND_COUNT && strcmp(argument, command_specs[i].name))
		i++;
	buffer_init(&b);
	quoted = quote(&b, argument, strlen(argument));
	if (r->options.explain.demo && r->options.explain.story != TEXTBOOK_COUNT)
		OPTION_COMPLAIN(ONE_STORY, .w = quoted);
	else if (r->options.explain.demo)
		OPTION_COMPLAIN(NO_STORY, .w = quoted);
	else if (option_find("input")->commands >> r->options.command & 1 && is_file(argument))
		OPTION_COMPLAIN(FOR_INPUT, .w = quoted);
	else if (r->options.command == COMMAND_EXPLAIN &&
		 r->options.explain.choice.kind != CHOICE_FIRST)
		OPTION_COMPLAIN(ONE_CONNECTION, .w = quoted);
	else if (r->options.command == COMMAND_EXPLAIN)
		OPTION_COMPLAIN(ENDPOINTS, .w = quoted);
	else if (r->options.command == COMMAND_DIFF)
		OPTION_COMPLAIN(TWO_RECORDINGS, .w = quoted);
	else if (r->options.command == COMMAND_FLEET)
		OPTION_COMPLAIN(ONE_QUERY, .w = quoted, .v = FLEET_QUERIES(QUERY_NAME));
	else if (i == COMMAND_COUNT)
		OPTION_COMPLAIN(OPTIONS_ONLY, .w = quoted, .v = r->command->name);
	else
		OPTION_COMPLAIN(ONE_COMMAND, .w = quoted);
	buffer_done(&b);
}

static void explain_unknown(const struct reading *r, const char *option, size_t size,
			    const struct option_spec *elsewhere)
{
	struct buffer b, line;
	struct sentence_words words = { .v = r->command->name };

	buffer_init(&b);
	buffer_init(&line);
	words.w = quote(&b, option, size);
	sentence_add(&line, elsewhere ? OPTION_SAYS(ELSEWHERE) : OPTION_SAYS(UNKNOWN), &words);
	if (elsewhere)
		buffer_add_text(&line, command_specs[__builtin_ctz(elsewhere->commands)].name);
	say(&line);
	buffer_done(&line);
	buffer_done(&b);
}

static void explain_missing(const struct option_spec *spec)
{
	char text[LABEL_SIZE];
	struct buffer why;

	buffer_init(&why);
	OPTION_COMPLAIN(NEEDS_ARGUMENT, .w = label(spec, text), .v = reason(spec, -EINVAL, &why));
	buffer_done(&why);
}

static void explain_long(const struct reading *r, const char *option)
{
	size_t size = strcspn(option, "=");
	const struct option_spec *only = NULL, *elsewhere = NULL;
	bool is_ambiguous = false;
	struct buffer b;

	for (EACH_OPTION(s)) {
		if (!s->name || size < 3 || strncmp(s->name, option + 2, size - 2))
			continue;
		if (!option_is_known_to(s, r->command)) {
			if (strlen(s->name) == size - 2)
				elsewhere = s;
			continue;
		}
		if (strlen(s->name) == size - 2) {
			only = s;
			is_ambiguous = false;
			break;
		}
		is_ambiguous = only;
		only = s;
	}
	buffer_init(&b);
	if (is_ambiguous)
		OPTION_COMPLAIN(SHORT, .w = quote(&b, option, size), .v = r->command->name);
	else if (!only)
		explain_unknown(r, option, size, elsewhere);
	else if (only->argument)
		explain_missing(only);
	else
		OPTION_COMPLAIN(NO_ARGUMENT, .w = only->name);
	buffer_done(&b);
}

static void explain_letters(const struct reading *r, const char *letters)
{
	for (const char *letter = letters + 1; *letter; letter++) {
		const struct option_spec *s = option_first();
		char option[] = { '-', *letter };

		while (s && !(s->letter == *letter && option_is_known_to(s, r->command)))
			s = option_next(s);
		if (!s) {
			explain_unknown(r, option, sizeof(option), NULL);
			return;
		}
		if (s->argument) {
			explain_missing(s);
			return;
		}
	}
}

static error_t decide(struct reading *r, int result)
{
	r->is_decided = true;
	r->result = result;
	return ECANCELED;
}

/* The language of --help may stand behind it, and nothing else there counts. */
static void read_language(struct options *options, char *const *rest)
{
	static const char name[] = "--lang";
	const struct option_spec *spec = option_find(name + 2);

	for (; *rest; rest++) {
		if (strncmp(*rest, name, sizeof(name) - 1))
			continue;
		const char *value = *rest + sizeof(name) - 1;
		if (!*value && rest[1])
			value_read(spec, options, rest[1]);
		else if (*value == '=')
			value_read(spec, options, value + 1);
	}
}

static error_t take_help(struct reading *r, char *const *rest)
{
	read_language(&r->options, rest);
	return decide(r, help_print(r->is_named ? r->command : NULL, option_language(&r->options)));
}

static error_t take_option(struct reading *r, const struct option_spec *spec, const char *argument)
{
	int error;

	if (spec->type == OPTION_VERSION)
		return decide(r, help_print_version());
	error = value_read(spec, &r->options, argument);
	r->is_given[option_number(spec)] |= !error;
	if (!error)
		return 0;
	if (error == -EEXIST)
		explain_surplus(r, spec);
	else
		explain_argument(spec, argument, error);
	return decide(r, -EINVAL);
}

/* What `explain` takes beside options. */
static int read_code(const char **code, const char *text)
{
	if (!codes_add(NULL, 0, LADDER_EN, text))
		return -EINVAL;
	*code = text;
	return 0;
}

static int read_endpoints(struct choice *choice, const char *text)
{
	return choice->kind == CHOICE_FIRST ? choice_parse_endpoints(text, choice) : -EINVAL;
}

static int read_story(enum textbook_story *story, const char *text)
{
	for (unsigned int i = 0; *story == TEXTBOOK_COUNT && i < TEXTBOOK_COUNT; i++) {
		if (strcmp(text, textbook[i].name))
			continue;
		*story = (enum textbook_story)i;
		return 0;
	}
	return -EINVAL;
}

/* Returns 0, or -EINVAL. */
static int read_explained(struct options *options, const char *text)
{
	if (options->explain.demo)
		return read_story(&options->explain.story, text);
	return read_code(&options->explain.code, text) &&
			       read_endpoints(&options->explain.choice, text) ?
		       -EINVAL :
		       0;
}

static const char *const query_names[] = {
#define X(NAME, name) [FLEET_##NAME] = (name),
	FLEET_QUERIES(X)
#undef X
};
#define QUERIES_END (sizeof(query_names) / sizeof(*query_names))

static int read_query(enum fleet_query *query, const char *text)
{
	for (size_t i = 1; i < QUERIES_END && *query == FLEET_NONE; i++)
		if (!strcmp(query_names[i], text)) {
			*query = (enum fleet_query)i;
			return 0;
		}
	return -EINVAL;
}

static error_t read_one(int key, char *argument, struct argp_state *state)
{
	struct reading *r = state->input;

	if (key == ARGP_KEY_ARG)
		r->next = state->next;
	if (key == ARGP_KEY_ARG &&
	    (r->options.command == COMMAND_EXPLAIN || r->options.explain.demo) &&
	    !read_explained(&r->options, argument))
		return 0;
	if (key == ARGP_KEY_ARG && r->options.command == COMMAND_FLEET &&
	    !read_query(&r->options.fleet.query, argument))
		return 0;
	if (key == ARGP_KEY_ARG && r->options.command == COMMAND_DIFF &&
	    r->options.input_count < DIFF_SIDES) {
		r->is_given[option_number(option_find("input"))] = r->options.input_count;
		r->options.inputs[r->options.input_count++] = argument;
		return 0;
	}
	/* As the shell makes of `-i night.*`. */
	if (key == ARGP_KEY_ARG && r->options.input_count && r->options.command != COMMAND_DIFF)
		return take_option(r, option_find("input"), argument);
	if (key == ARGP_KEY_ARG) {
		explain_unexpected(r, argument);
		return decide(r, -EINVAL);
	}
	for (EACH_OPTION(s)) {
		if (help_key(s) != key)
			continue;
		r->next = state->next;
		return s->type == OPTION_HELP ? take_help(r, state->argv + state->next) :
						take_option(r, s, argument);
	}
	return ARGP_ERR_UNKNOWN;
}

/* `argv` begins with the command, or with what stands in its place. */
static int read_options(struct reading *r, int argc, char **argv)
{
	struct argp_option *options = help_options_new(r->command);
	struct argp argp = { .options = options, .parser = read_one };
	int error;

	if (!options) {
		OPTION_COMPLAIN(NO_MEMORY);
		return -ENOMEM;
	}
	error = argp_parse(&argp, argc, argv,
			   ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_NO_EXIT | ARGP_IN_ORDER, NULL, r);
	free(options);
	if (r->is_decided)
		return r->result;
	if (!error)
		return 0;
	/* argp does not say which one it was. */
	if (r->next < argc && !strncmp(argv[r->next], "--", 2))
		explain_long(r, argv[r->next]);
	else if (r->next < argc)
		explain_letters(r, argv[r->next]);
	else
		OPTION_COMPLAIN(UNREADABLE, .w = strerror(error));
	return -EINVAL;
}

static bool is_said(const struct reading *r, const struct option_said *said)
{
	const struct option_spec *spec = said->name ? option_find(said->name) : NULL;

	if (!spec)
		return true;
	if (said->value)
		return value_is(spec, &r->options, said->value);
	return r->is_given[option_number(spec)];
}

/* "--format perfetto", or the name of the command. */
static void add_said(struct buffer *out, const struct reading *r, const struct option_said *said)
{
	char text[LABEL_SIZE];

	buffer_add_text(out, said->name ? label(option_find(said->name), text) : r->command->name);
	if (said->value)
		buffer_addf(out, " %s", said->value);
}

static const char *words_of(const struct option_rule *rule)
{
	if (rule->is_idle)
		return rule->relation == OPTION_NEEDS ? OPTION_SAYS(IDLE_NEEDS) : OPTION_SAYS(IDLE);
	return rule->relation == OPTION_NEEDS ? OPTION_SAYS(NEEDS) : OPTION_SAYS(EXCLUDES);
}

static void explain_rule(const struct reading *r, const struct option_rule *rule)
{
	struct buffer said, other, line;

	buffer_init(&said);
	buffer_init(&other);
	buffer_init(&line);
	add_said(&said, r, &rule->said);
	add_said(&other, r, &rule->other);
	for (size_t i = 0; i < OPTION_RULE_ALSO && rule->also[i].name; i++) {
		buffer_add_text(&other, OPTION_SAYS(OR));
		add_said(&other, r, &rule->also[i]);
	}
	buffer_add_char(&said, '\0');
	buffer_add_char(&other, '\0');
	sentence_add(&line, words_of(rule),
		     &(struct sentence_words){ .w = said.bytes, .v = other.bytes });
	buffer_add_text(&line, chinese_words(rule->why, log_language));
	line.failed |= said.failed || other.failed;
	say(&line);
	buffer_done(&line);
	buffer_done(&other);
	buffer_done(&said);
}

/* The questions of `fleet` that have it. */
static void add_queries(struct buffer *out, const struct option_of_query *o)
{
	const char *before = "";

	for (size_t i = 1; i < QUERIES_END; i++) {
		if (!(o->queries >> i & 1))
			continue;
		buffer_addf(out, "%s%s", before, query_names[i]);
		before = ", ";
	}
	buffer_add_char(out, '\0');
}

/* What another question of `fleet` has. Returns 0, or -EINVAL after one sentence. */
static int judge_of_query(const struct reading *r)
{
	int error = 0;

	for (const struct option_of_query *o = option_of_queries;
	     !error && o < option_of_queries + option_of_query_count; o++) {
		const struct option_spec *spec = option_find(o->name);
		char text[LABEL_SIZE];
		const char *queries;
		struct buffer of;

		if (!r->is_given[option_number(spec)] || o->queries >> r->options.fleet.query & 1)
			continue;
		buffer_init(&of);
		add_queries(&of, o);
		queries = of.failed ? "?" : of.bytes;
		if (spec->commands == OPTION_OF_EVERY) {
			OPTION_COMPLAIN(IDLE_OF_QUERIES, .w = label(spec, text), .v = queries);
		} else {
			OPTION_COMPLAIN(OF_QUERIES, .w = label(spec, text), .v = queries);
			error = -EINVAL;
		}
		buffer_done(&of);
	}
	return error;
}

/* Returns 0, or -EINVAL after one sentence. */
static int judge_query(const struct reading *r)
{
	if (r->options.command != COMMAND_FLEET)
		return 0;
	if (r->options.fleet.query == FLEET_NONE)
		OPTION_COMPLAIN(FLEET_QUERY, .w = FLEET_QUERIES(QUERY_NAME));
	else if (r->options.fleet.query != FLEET_SCHEMA && !r->options.store.url_count)
		OPTION_COMPLAIN(FLEET_STORE);
	else
		return judge_of_query(r);
	return -EINVAL;
}

/* Of what speaks of connections, with a code. Returns 0, or -EINVAL after one sentence. */
static int judge_code(const struct reading *r)
{
	static const char *const of_words[] = { "lang", "json", "csv", "verbose" };
	char text[LABEL_SIZE];

	if (!r->options.explain.code)
		return 0;
	for (EACH_OPTION(s)) {
		bool is_of_words = false;

		for (size_t i = 0; s->name && i < sizeof(of_words) / sizeof(*of_words); i++)
			is_of_words |= !strcmp(s->name, of_words[i]);
		if (!r->is_given[option_number(s)] || is_of_words)
			continue;
		if (s->commands != OPTION_OF_EVERY) {
			OPTION_COMPLAIN(NOT_OF_CODES, .w = label(s, text));
			return -EINVAL;
		}
		OPTION_COMPLAIN(IDLE_OF_CODES, .w = label(s, text));
	}
	return 0;
}

/* Returns 0, or -EINVAL after one sentence. */
static int judge_files(const struct reading *r)
{
	if (r->options.command != COMMAND_DIFF || r->options.input_count)
		return 0;
	OPTION_COMPLAIN(DIFF_OLD);
	return -EINVAL;
}

static bool has_other(const struct reading *r, const struct option_rule *rule)
{
	for (size_t i = 0; i < OPTION_RULE_ALSO && rule->also[i].name; i++)
		if (is_said(r, &rule->also[i]))
			return true;
	return is_said(r, &rule->other);
}

/* What is called so is one of this machine's; in recordings it is one of theirs. */
static int find_netns(struct reading *r)
{
	size_t sides = r->options.command == COMMAND_DIFF ? DIFF_SIDES : 1;
	bool is_live = r->options.input_count < sides;
	const char *name;
	int error;

	r->options.netns_numbers = r->options.filter.netns.count;
	error = is_live ? value_find_netns(&r->options, &name) : 0;
	if (!error)
		return 0;
	explain_argument(option_find("netns"), name, error);
	return -EINVAL;
}

static int find_cgroup(struct reading *r)
{
	const char *path;
	int error = value_find_cgroup(&r->options, r->options.input_count, &path);

	if (!error)
		return 0;
	explain_argument(option_find("cgroup"), path, error);
	return -EINVAL;
}

/* Whether some address is of the family that is asked for. */
static bool has_family(const struct conn_filter *f)
{
	bool has = !f->family || !f->prefix_count;

	for (size_t i = 0; i < f->prefix_count && !has; i++)
		has = prefix_family(&f->prefixes[i]) == f->family;
	return has;
}

/* What excludes or needs each other. Returns 0, or -EINVAL after one sentence. */
static int judge_together(const struct reading *r)
{
	if (!has_family(&r->options.filter)) {
		OPTION_COMPLAIN(OTHER_FAMILY, .w = r->options.filter.family == 4 ? "-4" : "-6");
		return -EINVAL;
	}
	if (r->options.netns_gone && !r->options.input_count) {
		char inode[sizeof("4294967295")];

		snprintf(inode, sizeof(inode), "%u", r->options.netns_gone);
		explain_argument(option_find("netns"), inode, -ENOENT);
		return -EINVAL;
	}
	for (const struct option_rule *rule = option_rules; rule < option_rules + option_rule_count;
	     rule++) {
		if (!(rule->commands >> r->options.command & 1) || !is_said(r, &rule->said) ||
		    !is_said(r, &rule->where) ||
		    has_other(r, rule) != (rule->relation == OPTION_EXCLUDES))
			continue;
		explain_rule(r, rule);
		if (!rule->is_idle)
			return -EINVAL;
	}
	return 0;
}

static void explain_command(const char *name)
{
	struct buffer b, known;
	const char *quoted;

	buffer_init(&b);
	buffer_init(&known);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		buffer_addf(&known, "%s%s", i ? ", " : "", command_specs[i].name);
	buffer_add_char(&known, '\0');
	quoted = quote(&b, name, strlen(name));
	if (is_file(name))
		OPTION_COMPLAIN(FILE_NO_COMMAND, .w = quoted);
	else
		OPTION_COMPLAIN(NO_COMMAND, .w = quoted, .v = known.failed ? "?" : known.bytes);
	buffer_done(&known);
	buffer_done(&b);
}

static bool is_named(int argc, char *const *argv)
{
	return argc > 1 && argv[1][0] != '-';
}

static int parse(struct reading *r, int argc, char **argv)
{
	/* `help hist` is `hist --help`, as other programs have it. */
	bool is_help = r->is_named && !strcmp(argv[1], "help");
	int error;

	if (is_help) {
		argc--;
		argv++;
		r->is_named = is_named(argc, argv);
	}
	if (r->is_named) {
		while (r->command < command_specs + COMMAND_COUNT &&
		       strcmp(argv[1], r->command->name))
			r->command++;
		if (r->command == command_specs + COMMAND_COUNT) {
			explain_command(argv[1]);
			return -EINVAL;
		}
		r->options.command = r->command - command_specs;
	}
	if (is_help) {
		take_help(r, argv + 1);
		return r->result;
	}
	error = read_options(r, argc - r->is_named, argv + r->is_named);
	if (!error)
		error = judge_files(r);
	if (!error)
		error = judge_query(r);
	if (!error)
		error = judge_code(r);
	if (!error)
		error = judge_together(r);
	if (!error)
		error = find_netns(r);
	return error ? error : find_cgroup(r);
}

/* What is said of other options is said in it, too, wherever it stands. */
static void find_language(struct reading *r, char *const *argv)
{
	r->options.explain.language = OPTIONS_LANGUAGE_OF_LOCALE;
	if (*argv)
		read_language(&r->options, argv + 1);
	log_language = option_language(&r->options);
	r->options.explain.language = OPTIONS_LANGUAGE_OF_LOCALE;
}

int options_parse(int argc, char **argv, struct options *ret)
{
	/* Not on the stack, which may be small. */
	struct reading *r = calloc(1, sizeof(*r));
	int error;

	if (!r) {
		OPTION_COMPLAIN(NO_MEMORY);
		return -EINVAL;
	}
	r->options.ring_bytes = OPTIONS_RING_MIB << 20;
	r->options.max_connections = OPTIONS_MAX_CONNECTIONS;
	r->options.stacks = OPTIONS_STACKS;
	r->options.hist.top = OPTIONS_TOP;
	r->options.stuck.min_age_ns = OPTIONS_AGE_SENSIBLE;
	find_language(r, argv);
	r->options.explain.story = TEXTBOOK_COUNT;
	r->options.explain.pace_ns = OPTIONS_PACE_SENSIBLE;
	r->options.export.max_groups = OPTIONS_MAX_GROUPS;
	r->options.export.spool_bytes = (uint64_t)OPTIONS_SPOOL_MIB << 20;
	r->options.stuck.exec_limit_ns = OPTIONS_EXEC_LIMIT_S * NS_PER_S;
	r->options.record.queue_bytes = OPTIONS_QUEUE_MIB << 20;
	r->command = command_specs;
	r->is_named = is_named(argc, argv);
	r->next = 1;
	error = parse(r, argc, argv);
	if (!r->options.export.user)
		r->options.export.user = OPTIONS_EXPORT_USER;
	if (!r->options.store.database)
		r->options.store.database = OPTIONS_DATABASE;
	/* It shows nothing else. */
	r->options.stack |= r->options.format == FORMAT_FOLDED;
	if (r->options.export.otlp && !r->is_given[option_number(option_find("spans"))])
		r->options.spans.kind = SPANS_FAILED;
	if (!error) {
		log_verbose = r->options.verbose;
		log_language = option_language(&r->options);
		*ret = r->options;
	}
	free(r);
	return error;
}
