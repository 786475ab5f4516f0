// SPDX-License-Identifier: GPL-2.0-only
/* Names of C++ and Rust; what stands for a name without end is cut, not waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user/stacks/demangle.h"

static void is_called(const char *symbol, const char *expected)
{
	char text[256] = "as before";

	assert_int_equal(demangle(symbol, text, sizeof(text)), expected != NULL);
	assert_string_equal(text, expected ? expected : "as before");
}

static void functions_have_names(void **state)
{
	(void)state;
	if (!demangle_is_there())
		skip();
	is_called("_ZN4http6Client4openERKSsi", "http::Client::open");
	is_called("_Z4openi.part.0", "open");
	is_called("_ZN4pool3getIiEEvT_", "pool::get<int>");
	/* Rust, before 2021 and since. */
	is_called("_ZN4pool4open17h0123456789abcdefE", "pool::open");
	is_called("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar");
}

static void others_stay(void **state)
{
	(void)state;
	is_called("connect", NULL);
	is_called("", NULL);
	is_called("_Z", NULL);
	is_called("_R", NULL);
	is_called("_ZN", NULL);
	is_called("_Zebra", NULL);
	is_called("_ZN9999999999999999999999E", NULL);
	is_called("_ZN4pool3getIT_EEvv", NULL); /* "pool::get<>" is made before it is found out */
}

/* Each level names the one before twice: some 2^38 bytes. */
static void bombs_are_cut(void **state)
{
	char symbol[DEMANGLE_SIZE_MAX], text[256];
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t used = (size_t)snprintf(symbol, sizeof(symbol), "_Z1fI1AIiiE");

	(void)state;
	if (!demangle_is_there())
		skip();
	for (size_t i = 1; i < 36; i++)
		used += (size_t)snprintf(symbol + used, sizeof(symbol) - used, "S0_IS%c_S%c_E",
					 digits[i], digits[i]);
	snprintf(symbol + used, sizeof(symbol) - used, "EvT_");
	assert_true(demangle(symbol, text, sizeof(text)));
	assert_memory_equal(text, "f<A<int, int>, A<A<int, int>, A<int, int> >, A<", 46);
	assert_int_equal(strlen(text), sizeof(text) - 1);
	assert_true(demangle("_ZN4http6Client4openEv", text, 8));
	assert_string_equal(text, "http::C");
}

static void long_ones_stay(void **state)
{
	static char symbol[DEMANGLE_SIZE_MAX * 2];
	char text[256] = "as before";

	(void)state;
	memset(symbol, 'a', sizeof(symbol) - 1);
	memcpy(symbol, "_Z3000", 6);
	assert_false(demangle(symbol, text, sizeof(text)));
	assert_string_equal(text, "as before");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_have_names),
		cmocka_unit_test(others_stay),
		cmocka_unit_test(bombs_are_cut),
		cmocka_unit_test(long_ones_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
