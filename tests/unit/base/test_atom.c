// SPDX-License-Identifier: GPL-2.0-only
/* Texts that are kept once: the same number for the same text, and none when there is no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/atom.h"

static uint16_t number_of(const char *text)
{
	return atom_of(text, strlen(text));
}

static void same_text_same_number(void **state)
{
	char full[ATOM_SIZE + 1] = "0123456789abcdef";
	uint16_t java = number_of("java"), nginx = number_of("nginx");

	(void)state;
	assert_int_not_equal(java, ATOM_NONE);
	assert_int_not_equal(java, nginx);
	assert_int_equal(number_of("java"), java);
	assert_int_equal(atom_of("java\0behind it", ATOM_SIZE), java);
	assert_int_equal(atom_of("javaxyz", 4), java);
	assert_int_not_equal(number_of("javax"), java);
	assert_string_equal(atom_text(java), "java");
	assert_string_equal(atom_text(atom_of(full, ATOM_SIZE)), full);
}

static void nothing_is_no_text(void **state)
{
	uint64_t lost = atoms_lost();

	(void)state;
	assert_int_equal(number_of(""), ATOM_NONE);
	assert_int_equal(atom_of("x", 0), ATOM_NONE);
	assert_int_equal(number_of("0123456789abcdefg"), ATOM_NONE);
	assert_string_equal(atom_text(ATOM_NONE), "");
	assert_string_equal(atom_text(UINT16_MAX), "");
	assert_true(atoms_lost() == lost);
}

/* The last test: there is no room after it. */
static void who_came_first_stays(void **state)
{
	uint16_t java = number_of("java"), atom;
	char text[ATOM_SIZE + 1];

	(void)state;
	for (unsigned int i = 0; i <= ATOMS_MAX; i++) {
		snprintf(text, sizeof(text), "thread-%u", i);
		atom = number_of(text);
		if (atom != ATOM_NONE)
			assert_string_equal(atom_text(atom), text);
	}
	assert_int_equal(atom, ATOM_NONE);
	assert_true(atoms_lost() > 0);
	assert_int_equal(number_of("java"), java);
	assert_string_equal(atom_text(java), "java");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_text_same_number),
		cmocka_unit_test(nothing_is_no_text),
		cmocka_unit_test(who_came_first_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
