// SPDX-License-Identifier: GPL-2.0-only
/* Who was refused room in the ring: accounts summed up by whose they are, the heaviest first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/kernel/quotas.h"

#define MANY 100

static void assert_payer(const struct payers *payers, size_t rank, uint32_t owner, uint32_t place,
			 uint64_t paid, uint64_t missed)
{
	const struct payer *p = payers_at(payers, rank);

	assert_non_null(p);
	assert_int_equal(p->share.owner, owner);
	assert_int_equal(p->share.place, place);
	assert_int_equal(p->paid, paid);
	assert_int_equal(p->missed, missed);
}

/* Sockets, requests and timewaits of one owner in one namespace are one payer. */
static void accounts_of_one_owner_are_one(void **state)
{
	struct quota_row rows[] = {
		{ { 1000, 1 }, 5 }, { { 1000, 2 }, 7 }, { { 0, 1 }, 4 },
		{ { 1000, 1 }, 6 }, { { 33, 1 }, 0 },
	};
	struct payers payers;

	(void)state;
	quotas_sum(rows, sizeof(rows) / sizeof(*rows), 22, &payers);
	assert_int_equal(payers.count, 3);
	assert_payer(&payers, 0, 1000, 1, 11, 0);
	assert_payer(&payers, 1, 1000, 2, 7, 0);
	assert_payer(&payers, 2, 0, 1, 4, 0);
}

/* What was lost without an account may be anybody's. */
static void what_nobody_accounts_for_is_said(void **state)
{
	struct quota_row rows[] = { { { 1000, 1 }, 5 }, { { 0, 1 }, 4 } };
	struct payers payers;

	(void)state;
	quotas_sum(rows, 2, 12, &payers);
	assert_payer(&payers, 0, 1000, 1, 5, 3);
	assert_payer(&payers, 1, 0, 1, 4, 3);
	/* The counters are read before the map, and more may be lost in between. */
	quotas_sum(rows, 2, 8, &payers);
	assert_payer(&payers, 0, 1000, 1, 5, 0);
	quotas_sum(rows, 0, 12, &payers);
	assert_null(payers_at(&payers, 0));
}

static void the_heaviest_are_kept(void **state)
{
	struct quota_row rows[MANY];
	struct payers payers;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		rows[i] = (struct quota_row){ { i * 37 % MANY, 1 }, i + 1 };
	quotas_sum(rows, MANY, 5050, &payers);
	assert_int_equal(payers.count, PAYERS);
	for (uint32_t i = 0; i < PAYERS; i++)
		assert_payer(&payers, i, (MANY - 1 - i) * 37 % MANY, 1, MANY - i, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_of_one_owner_are_one),
		cmocka_unit_test(what_nobody_accounts_for_is_said),
		cmocka_unit_test(the_heaviest_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
