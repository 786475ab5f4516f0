// SPDX-License-Identifier: GPL-2.0-only
/* The tables hold together: rows are whole, places are apart, rules name what there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/option/value.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HELP_COLUMNS 49 /* behind the options, in 80 */

static void options_are_unique(void **state)
{
	size_t number = 0;

	(void)state;
	for (EACH_OPTION(s)) {
		assert_true(s->letter || s->name);
		assert_int_equal(option_number(s), number++);
		assert_true(number <= OPTION_SPECS_MAX);
		for (const struct option_spec *t = option_first(); t != s; t = option_next(t)) {
			assert_false(s->letter && s->letter == t->letter);
			assert_false(s->name && t->name && !strcmp(s->name, t->name));
			/* In the order of their headings. */
			assert_true(t->group <= s->group);
		}
	}
}

static void options_are_complete(void **state)
{
	(void)state;
	for (EACH_OPTION(s)) {
		size_t size = strlen(s->help);

		assert_true(option_group_heading(s->group));
		assert_true(s->commands & ((1u << COMMAND_COUNT) - 1));
		assert_true(s->type < OPTION_TYPE_COUNT);
		assert_int_equal(!s->argument, s->type <= OPTION_VERSION);
		if (size > HELP_COLUMNS || s->help[size - 1] != '.')
			fail_msg("'%s' is not one line, or no sentence", s->help);
		if (s->detail)
			assert_int_equal(s->detail[strlen(s->detail) - 1], '.');
	}
}

/* Of two texts the first would be forgotten in silence. */
static void texts_are_given_once(void **state)
{
	(void)state;
	for (EACH_OPTION(s)) {
		bool is_text = s->type == OPTION_TEXT || s->type == OPTION_FILE ||
			       s->type == OPTION_CGROUP;

		if (is_text && !s->once)
			fail_msg("the second --%s would replace the first", s->name);
	}
}

/* What each type needs to be read: where to, and out of what. */
static void places_fit_their_types(void **state)
{
	static const struct {
		size_t place, beside;
	} sizes[OPTION_TYPE_COUNT] = {
		[OPTION_FRACTION] = { sizeof(uint32_t), 0 },
		[OPTION_DURATION] = { sizeof(uint64_t), 0 },
		[OPTION_TEXT] = { sizeof(char *), 0 },
		[OPTION_VARIABLES] = { sizeof(char *), 0 },
		[OPTION_FILE] = { sizeof(char *), 0 },
		[OPTION_STATE] = { sizeof(enum tcp_state), 0 },
		[OPTION_STATES] = { sizeof(uint32_t), sizeof(uint32_t) },
		[OPTION_PORTS] = { sizeof(uint64_t[FILTER_PORT_WORDS]), 0 },
		[OPTION_NETNS] = { sizeof(struct netns_list), sizeof(uint32_t) },
		[OPTION_CGROUP] = { sizeof(uint32_t), 0 },
		[OPTION_NAMES] = { sizeof(struct filter_names), 0 },
		[OPTION_FILES] = { 0, sizeof(size_t) },
		[OPTION_PIDS] = { 0, sizeof(size_t) },
		[OPTION_COMMS] = { 0, sizeof(size_t) },
		[OPTION_PREFIXES] = { 0, sizeof(size_t) },
		[OPTION_SPANS] = { sizeof(struct spans_choice), 0 },
	};

	(void)state;
	for (EACH_OPTION(s)) {
		size_t size = sizes[s->type].place, beside = sizes[s->type].beside;

		assert_true(s->place.offset + s->place.size <= sizeof(struct options));
		assert_true(s->mark.place.offset + s->mark.place.size <= sizeof(struct options));
		assert_int_equal(!s->place.size, s->type <= OPTION_VERSION);
		assert_int_equal(!s->mark.place.size, !s->mark.value);
		if (s->type == OPTION_FLAG)
			assert_true(s->mark.value);
		if (size)
			assert_int_equal(s->place.size, size);
		if (beside)
			assert_int_equal(s->beside.size, beside);
		assert_int_equal(!s->names, s->type != OPTION_CHOICE && s->type != OPTION_SET &&
						    s->type != OPTION_SPANS);
		assert_true(!s->most || s->least <= s->most);
		/* Of one that is chosen once, 0 is nothing. */
		if (s->once && s->type == OPTION_NUMBER)
			assert_true(s->least);
	}
}

/* Two rows that write to one field are a choice; none writes to a part of another's. */
static void places_are_apart(void **state)
{
	(void)state;
	for (EACH_OPTION(s)) {
		for (const struct option_spec *t = option_first(); t != s; t = option_next(t)) {
			bool apart = s->place.offset + s->place.size <= t->place.offset ||
				     t->place.offset + t->place.size <= s->place.offset;

			if (s->place.size && t->place.size && !apart)
				fail_msg("--%s and --%s share a place", s->name, t->name);
		}
	}
}

static const struct option_spec *find(const struct option_said *said)
{
	return said->name ? option_find(said->name) : NULL;
}

/* A value that a rule speaks of can be said, and then it is. */
static void check_said(const struct option_rule *rule, const struct option_said *said)
{
	const struct option_spec *s = find(said);
	struct options *o = calloc(1, sizeof(*o));

	assert_non_null(o);
	if (said->name && !s)
		fail_msg("a rule speaks of --%s", said->name);
	else if (!said->name)
		assert_null(said->value);
	else if (rule->commands != OPTION_OF_EVERY)
		assert_int_equal(s->commands & rule->commands, rule->commands);
	if (s && said->value) {
		assert_false(value_is(s, o, said->value));
		assert_int_equal(value_read(s, o, said->value), 0);
		assert_true(value_is(s, o, said->value));
	}
	free(o);
}

static void rules_speak_of_options(void **state)
{
	(void)state;
	for (const struct option_rule *r = option_rules; r < option_rules + option_rule_count;
	     r++) {
		check_said(r, &r->said);
		check_said(r, &r->other);
		check_said(r, &r->where);
		/* They are other ways to have what is needed. */
		if (r->also->name)
			assert_int_equal(r->relation, OPTION_NEEDS);
		for (size_t i = 0; i < OPTION_RULE_ALSO; i++)
			check_said(r, &r->also[i]);
		assert_true(r->said.name || r->other.name);
		assert_int_not_equal(r->why[strlen(r->why) - 1], '.');
	}
}

static void questions_have_options_of_fleet(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_of_query_count; i++) {
		const struct option_spec *s = option_find(option_of_queries[i].name);

		assert_non_null(s);
		assert_true(option_is_shown_for(s, &command_specs[COMMAND_FLEET]));
		assert_true(option_of_queries[i].queries);
	}
}

static void options_are_found_by_name(void **state)
{
	(void)state;
	for (EACH_OPTION(s))
		if (s->name)
			assert_ptr_equal(option_find(s->name), s);
	assert_null(option_find("no-such-option"));
	assert_null(option_find(""));
}

static void what_a_command_refuses_is_not_shown(void **state)
{
	const struct option_spec *rport = option_find("rport"), *by = option_find("by");

	(void)state;
	assert_true(option_is_known_to(rport, &command_specs[COMMAND_LISTENERS]));
	assert_false(option_is_shown_for(rport, &command_specs[COMMAND_LISTENERS]));
	assert_true(option_is_shown_for(rport, &command_specs[COMMAND_STUCK]));
	/* One of its values is refused. */
	assert_true(option_is_shown_for(by, &command_specs[COMMAND_FLEET]));
	assert_false(option_is_shown_for(by, &command_specs[COMMAND_LISTENERS]));
}

static void the_contract_has_its_letters(void **state)
{
	static const struct {
		char letter;
		const char *name;
	} letters[] = {
		{ 'p', "pid" },	 { 'c', "comm" },    { 'L', "lport" },	 { 'D', "rport" },
		{ 'a', "addr" }, { 'N', "netns" },   { 'C', "cgroup" },	 { 'd', "duration" },
		{ 'j', "json" }, { 's', "csv" },     { 'T', "time" },	 { 't', "timestamp" },
		{ 'w', "wide" }, { 'v', "verbose" }, { 'V', "version" }, { 'h', "help" },
		{ 0, "attach" }, { 0, "ring" },	     { 0, "sample" },	 { 0, "max-connections" },
		{ '4', NULL },	 { '6', NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(letters); i++) {
		const struct option_spec *found = NULL;

		for (EACH_OPTION(s))
			if (letters[i].name ? s->name && !strcmp(s->name, letters[i].name) :
					      s->letter == letters[i].letter)
				found = s;
		if (!found)
			fail_msg("there is no --%s", letters[i].name);
		else
			assert_int_equal(found->letter, letters[i].letter);
		assert_true(found && found->commands == OPTION_OF_EVERY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_unique),
		cmocka_unit_test(options_are_complete),
		cmocka_unit_test(texts_are_given_once),
		cmocka_unit_test(places_fit_their_types),
		cmocka_unit_test(places_are_apart),
		cmocka_unit_test(rules_speak_of_options),
		cmocka_unit_test(questions_have_options_of_fleet),
		cmocka_unit_test(options_are_found_by_name),
		cmocka_unit_test(what_a_command_refuses_is_not_shown),
		cmocka_unit_test(the_contract_has_its_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
