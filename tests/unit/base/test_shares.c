// SPDX-License-Identifier: GPL-2.0-only
/* Who has to make room: against a plain count of all members, and an attacker against a victim. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/shares.h"

#define MEMBERS 300
#define ROUNDS 20000

static struct share share(uint32_t owner, uint32_t place)
{
	return (struct share){ owner, place };
}

static void put(struct shares *s, uint32_t n, uint32_t owner, uint32_t place)
{
	const struct share one = share(owner, place);

	assert_int_equal(shares_put(s, n, &one), 0);
}

static void heaviest_owner_makes_room_however_many_places_it_has(void **state)
{
	struct shares *s = shares_new(100);

	(void)state;
	assert_non_null(s);
	assert_int_equal(shares_heaviest(s), 0);
	/* The victim has ten in one place, the other two in each of ten. */
	for (uint32_t n = 1; n <= 10; n++)
		put(s, n, 33, 7);
	for (uint32_t n = 11; n <= 30; n++)
		put(s, n, 1000, n / 2);
	for (unsigned int round = 0; round < 10; round++) {
		uint32_t n = shares_heaviest(s);

		assert_true(n > 10);
		shares_take(s, n);
	}
	/* From here on both weigh the same. */
	shares_take(s, 30);
	assert_in_range(shares_heaviest(s), 1, 1);
	shares_free(s);
}

static void containers_of_root_weigh_each_by_itself(void **state)
{
	const struct share one = share(SHARES_ROOT, 1), other = share(1000, 7);
	struct shares *s = shares_new(100);

	(void)state;
	assert_non_null(s);
	/* Root has forty in four places, the other less than that, but more than any of these. */
	for (uint32_t n = 1; n <= 40; n++)
		put(s, n, SHARES_ROOT, 1 + n / 11);
	for (uint32_t n = 41; n <= 60; n++)
		put(s, n, 1000, 7);
	assert_int_equal(shares_weight(s, &one), 10);
	assert_int_equal(shares_weight(s, &other), 20);
	assert_int_equal(shares_heaviest(s), 41);
	/* In however many places, root weighs an eighth of all that it has. */
	for (uint32_t n = 1; n <= 40; n++)
		put(s, n, SHARES_ROOT, n);
	assert_int_equal(shares_weight(s, &one), 40 / SHARES_ROOT_PART);
	for (uint32_t n = 45; n <= 60; n++)
		shares_take(s, n);
	assert_in_range(shares_heaviest(s), 1, 40);
	shares_free(s);
}

static void heaviest_place_of_an_owner_pays_with_its_oldest(void **state)
{
	struct shares *s = shares_new(100);

	(void)state;
	assert_non_null(s);
	put(s, 1, 0, 1);
	for (uint32_t n = 2; n <= 5; n++)
		put(s, n, 0, 2);
	put(s, 6, 0, 3);
	assert_int_equal(shares_heaviest(s), 2);
	/* What has changed is the newest, and what belongs to another is another's. */
	put(s, 2, 0, 2);
	assert_int_equal(shares_heaviest(s), 3);
	put(s, 3, SHARES_NOBODY, 2);
	assert_int_equal(shares_heaviest(s), 4);
	shares_take(s, 3);
	shares_take(s, 3);
	assert_int_equal(shares_heaviest(s), 4);
	shares_free(s);
}

/* The same by counting all. */
struct model {
	struct share share[MEMBERS + 1];
	uint64_t stamp[MEMBERS + 1]; /* 0: it is in none */
};

static unsigned int weight(const struct model *m, const struct share *of, bool is_place)
{
	unsigned int sum = 0;

	for (uint32_t n = 1; n <= MEMBERS; n++)
		sum += m->stamp[n] && m->share[n].owner == of->owner &&
		       (!is_place || m->share[n].place == of->place);
	return sum;
}

/* What counts of an owner. */
static unsigned int weight_of_owner(const struct model *m, const struct share *of)
{
	unsigned int most = weight(m, of, false);

	if (of->owner != SHARES_ROOT)
		return most;
	most /= SHARES_ROOT_PART;
	for (uint32_t n = 1; n <= MEMBERS; n++)
		if (m->stamp[n] && m->share[n].owner == of->owner &&
		    weight(m, &m->share[n], true) > most)
			most = weight(m, &m->share[n], true);
	return most;
}

static void assert_heaviest(const struct model *m, uint32_t heaviest)
{
	unsigned int most = 0, own, most_place = 0;

	for (uint32_t n = 1; n <= MEMBERS; n++)
		if (m->stamp[n] && weight_of_owner(m, &m->share[n]) > most)
			most = weight_of_owner(m, &m->share[n]);
	if (!most) {
		assert_int_equal(heaviest, 0);
		return;
	}
	assert_true(m->stamp[heaviest]);
	own = weight_of_owner(m, &m->share[heaviest]);
	assert_int_equal(own, most);
	for (uint32_t n = 1; n <= MEMBERS; n++) {
		if (!m->stamp[n] || m->share[n].owner != m->share[heaviest].owner)
			continue;
		if (weight(m, &m->share[n], true) > most_place)
			most_place = weight(m, &m->share[n], true);
		if (m->share[n].place == m->share[heaviest].place)
			assert_true(m->stamp[n] >= m->stamp[heaviest]);
	}
	assert_int_equal(weight(m, &m->share[heaviest], true), most_place);
}

static void whatever_comes_and_goes_is_counted(void **state)
{
	struct shares *s = shares_new(MEMBERS);
	struct model model = { 0 };
	unsigned int random = 1;

	(void)state;
	assert_non_null(s);
	for (uint64_t round = 1; round <= ROUNDS; round++) {
		uint32_t n;

		random = random * 1103515245 + 12345;
		n = 1 + (random >> 8) % MEMBERS;
		if ((random >> 20) % 3) {
			model.share[n] =
				share((random >> 4) % 5 * ((random >> 12) % 3), (random >> 16) % 7);
			model.stamp[n] = round;
			put(s, n, model.share[n].owner, model.share[n].place);
		} else {
			model.stamp[n] = 0;
			shares_take(s, n);
		}
		if (round % 50 == 0)
			assert_heaviest(&model, shares_heaviest(s));
	}
	for (uint32_t n; (n = shares_heaviest(s));) {
		assert_heaviest(&model, n);
		model.stamp[n] = 0;
		shares_take(s, n);
	}
	shares_free(s);
}

/* Whoever pays more than a thirty-second of all is among the payers, and no count is too large. */
static void largest_payers_are_kept(void **state)
{
	struct payers payers = { .count = 0 };
	const struct share heavy = share(1000, 1);

	(void)state;
	assert_null(payers_at(&payers, 0));
	for (uint32_t i = 0; i < 1000; i++) {
		const struct share other = share(i, 2);

		payers_add(&payers, &other);
		payers_add(&payers, &other);
		if (i % 2)
			payers_add(&payers, &heavy);
	}
	assert_non_null(payers_at(&payers, 0));
	assert_int_equal(payers_at(&payers, 0)->share.owner, 1000);
	assert_int_equal(payers_at(&payers, 0)->share.place, 1);
	assert_true(payers_at(&payers, 0)->paid <= 500);
	assert_true(payers_at(&payers, 0)->paid + payers_at(&payers, 0)->missed >= 500);
	assert_null(payers_at(&payers, PAYERS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heaviest_owner_makes_room_however_many_places_it_has),
		cmocka_unit_test(containers_of_root_weigh_each_by_itself),
		cmocka_unit_test(heaviest_place_of_an_owner_pays_with_its_oldest),
		cmocka_unit_test(whatever_comes_and_goes_is_counted),
		cmocka_unit_test(largest_payers_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
