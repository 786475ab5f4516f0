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

#define ATTACKER 1000
#define VICTIM 33

static const struct share attacker = { ATTACKER, 7 }, victim = { VICTIM, 1 };

static uint16_t number_of(const char *text)
{
	return atom_of(text, strlen(text), &victim);
}

static void same_text_same_number(void **state)
{
	char full[ATOM_SIZE + 1] = "0123456789abcdef";
	uint16_t java = number_of("java"), nginx = number_of("nginx");

	(void)state;
	assert_int_not_equal(java, ATOM_NONE);
	assert_int_not_equal(java, nginx);
	assert_int_equal(number_of("java"), java);
	assert_int_equal(atom_of("java\0behind it", ATOM_SIZE, &victim), java);
	assert_int_equal(atom_of("javaxyz", 4, &victim), java);
	assert_int_not_equal(number_of("javax"), java);
	assert_string_equal(atom_text(java), "java");
	assert_string_equal(atom_text(atom_of(full, ATOM_SIZE, &victim)), full);
}

static void nothing_is_no_text(void **state)
{
	uint64_t lost = atoms_lost();

	(void)state;
	assert_int_equal(number_of(""), ATOM_NONE);
	assert_int_equal(atom_of("x", 0, &victim), ATOM_NONE);
	assert_int_equal(number_of("0123456789abcdefg"), ATOM_NONE);
	assert_string_equal(atom_text(ATOM_NONE), "");
	assert_string_equal(atom_text(UINT16_MAX), "");
	assert_true(atoms_lost() == lost);
}

/* However many names a user makes up, in however many places, others' have room. */
static void nobody_takes_what_others_need(void **state)
{
	char text[ATOM_SIZE + 1];
	struct share place = attacker;
	uint64_t lost = atoms_lost();

	(void)state;
	for (unsigned int i = 0; i < 3 * ATOMS_MAX; i++) {
		place.place = i % 5;
		snprintf(text, sizeof(text), "made up %u", i);
		atom_of(text, strlen(text), &place);
	}
	assert_true(atoms_lost() - lost > ATOMS_MAX);
	assert_int_equal(payers_at(atoms_payers(), 0)->share.owner, ATTACKER);
	lost = atoms_lost();
	for (unsigned int i = 0; i < ATOMS_MAX / 5; i++) {
		snprintf(text, sizeof(text), "service-%u", i);
		assert_string_equal(atom_text(number_of(text)), text);
	}
	assert_true(atoms_lost() == lost);
}

/* The last test: there is no room after it. */
static void who_came_first_stays(void **state)
{
	uint16_t java = number_of("java"), atom;
	char text[ATOM_SIZE + 1];

	(void)state;
	for (unsigned int i = 0; i <= ATOMS_MAX; i++) {
		const struct share one = { i, 1 };

		snprintf(text, sizeof(text), "thread-%u", i);
		atom = atom_of(text, strlen(text), &one);
		if (atom != ATOM_NONE)
			assert_string_equal(atom_text(atom), text);
	}
	assert_int_equal(atom, ATOM_NONE);
	assert_int_equal(number_of("java"), java);
	assert_string_equal(atom_text(java), "java");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_text_same_number),
		cmocka_unit_test(nothing_is_no_text),
		cmocka_unit_test(nobody_takes_what_others_need),
		cmocka_unit_test(who_came_first_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
