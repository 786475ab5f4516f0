// SPDX-License-Identifier: GPL-2.0-only
/* Tests which shape of a hook `check` shows, of those of which one is to fit. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/command/check/shape.h"

#define NOT_SUPPORTED 524 /* ENOTSUPP: no such program may be attached on this processor */

enum { NEW, OLD, OTHER_KIND };

struct shapes {
	struct plan plan;
	struct plan_trial *trials;
};

/* The two shapes of accept, of which none is in use, and the first does not fit. */
static void set_up(struct shapes *s)
{
	memset(s, 0, sizeof(*s));
	s->plan.rung[HOOK_ACCEPT] = PLAN_NONE;
	s->trials = s->plan.trials[HOOK_ACCEPT];
	s->trials[NEW] = (struct plan_trial){ .tried = true, .error = -EACCES };
	s->trials[OLD] = (struct plan_trial){ .tried = true, .error = -EACCES };
}

static size_t shown(const struct shapes *s)
{
	size_t next, found = shape_to_show(&s->plan, HOOK_ACCEPT, NEW, &next);

	assert_int_equal(next, OTHER_KIND);
	return found;
}

static void the_first_of_equals(void **state)
{
	struct shapes s;

	(void)state;
	set_up(&s);
	assert_int_equal(shown(&s), NEW);
	s.trials[NEW].is_loaded = s.trials[OLD].is_loaded = true;
	assert_int_equal(shown(&s), NEW);
}

static void one_that_works(void **state)
{
	struct shapes s;

	(void)state;
	set_up(&s);
	s.trials[OLD] = (struct plan_trial){ .tried = true, .is_loaded = true };
	assert_int_equal(shown(&s), OLD);
	s.trials[NEW] = s.trials[OLD];
	assert_int_equal(shown(&s), NEW);
	s.plan.rung[HOOK_ACCEPT] = OLD;
	assert_int_equal(shown(&s), OLD);
}

/* What a shape that does not fit failed of is not why the one that fits does not work. */
static void one_that_fits_and_cannot_be_attached(void **state)
{
	struct shapes s;

	(void)state;
	set_up(&s);
	s.trials[OLD] =
		(struct plan_trial){ .tried = true, .is_loaded = true, .error = -NOT_SUPPORTED };
	assert_int_equal(shown(&s), OLD);
	s.trials[NEW].error = -EPERM;
	assert_int_equal(shown(&s), OLD);
	s.trials[NEW] = s.trials[OLD];
	s.trials[OLD] = (struct plan_trial){ .tried = true, .error = -EPERM };
	assert_int_equal(shown(&s), NEW);
}

static void one_that_is_not_permitted(void **state)
{
	struct shapes s;

	(void)state;
	set_up(&s);
	s.trials[OLD].error = -EPERM;
	assert_int_equal(shown(&s), OLD);
	s.trials[NEW].error = -EPERM;
	assert_int_equal(shown(&s), NEW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_of_equals),
		cmocka_unit_test(one_that_works),
		cmocka_unit_test(one_that_fits_and_cannot_be_attached),
		cmocka_unit_test(one_that_is_not_permitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
