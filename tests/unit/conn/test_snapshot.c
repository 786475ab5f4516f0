// SPDX-License-Identifier: GPL-2.0-only
/* A snapshot that is full: whoever has most sockets in it makes room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/conn/snapshot.h"
#include "user/conn/table.h"

#define ATTACKER 1000
#define VICTIM 33
#define ROOM 100
#define SOCK(n) (UINT64_C(0xffff888000000000) + (n)*UINT64_C(2304))

static struct socket_info socket_of(unsigned int n, uint32_t uid)
{
	struct socket_info info = {
		.sock = SOCK(n),
		.mono_ns = 1000 * US,
		.netns = uid == VICTIM ? 1 : n % 3 + 2,
		.state = STATE_ESTABLISHED,
		.object = EVENT_SOCKET_FULL,
		.lport = (uint16_t)(n + 1),
		.rport = 443,
		.uid = uid,
		.owner_pid = uid,
		.since_ns = TIME_UNKNOWN,
		.ack_age_ns = TIME_UNKNOWN,
		.receive_age_ns = TIME_UNKNOWN,
		.send_age_ns = TIME_UNKNOWN,
	};

	info.raddr = address_from_ipv4((const uint8_t[4]){ 198, 51, 100, 7 });
	info.laddr = address_from_ipv4((const uint8_t[4]){ 192, 0, 2, 1 });
	return info;
}

static void whoever_has_most_makes_room(void **state)
{
	struct snapshot *s = snapshot_new(0, ROOM);

	(void)state;
	assert_non_null(s);
	for (unsigned int n = 0; n < 1000; n++) {
		struct socket_info info = socket_of(n, n % 25 ? ATTACKER : VICTIM);

		snapshot_add(s, &info);
	}
	for (unsigned int n = 0; n < 1000; n += 25)
		assert_non_null(snapshot_find(s, SOCK(n)));
	for (unsigned int n = 940; n < 1000; n++)
		assert_non_null(snapshot_find(s, SOCK(n)));
	assert_null(snapshot_find(s, SOCK(1)));
	assert_int_equal(snapshot_left_out(s), 900);
	assert_null(snapshot_at(s, ROOM));
	for (size_t rank = 0; rank < 3; rank++)
		assert_int_equal(payers_at(snapshot_payers(s), rank)->share.owner, ATTACKER);
	assert_null(payers_at(snapshot_payers(s), 3));
	snapshot_free(s);
}

static struct seed seed_at(uint16_t lport)
{
	return (struct seed){ .netns = 1, .lport = lport, .role = CONN_ROLE_UNKNOWN };
}

/* Connections are told of while there are more sockets to come. */
static void who_listens_is_known_before_the_end(void **state)
{
	static const uint16_t count = 2500;
	struct snapshot *s = snapshot_new(0, ROOM);

	(void)state;
	assert_non_null(s);
	for (uint16_t n = 0; n < count; n++) {
		struct socket_info info = socket_of(0, VICTIM);
		struct seed seed = seed_at(2 * (count - n));

		assert_int_equal(snapshot_role(s, &seed), CONN_ROLE_UNKNOWN);
		info.state = STATE_LISTEN;
		info.lport = seed.lport;
		snapshot_add(s, &info);
		assert_int_equal(snapshot_role(s, &seed), CONN_ROLE_SERVER);
		seed.netns++;
		assert_int_equal(snapshot_role(s, &seed), CONN_ROLE_UNKNOWN);
	}
	for (int is_over = 0; is_over < 2; is_over++) {
		for (uint16_t n = 1; n <= count; n++) {
			struct seed even = seed_at(2 * n), odd = seed_at(2 * n - 1);

			assert_int_equal(snapshot_role(s, &even), CONN_ROLE_SERVER);
			assert_int_equal(snapshot_role(s, &odd), CONN_ROLE_UNKNOWN);
		}
		snapshot_end(s, 2000 * US);
	}
	snapshot_free(s);
}

/* A user may have so many that a look at each of them for each connection takes a minute. */
static void namespaces_that_were_missed_are_found_among_many(void **state)
{
	static const uint32_t count = 200000;
	struct snapshot *s = snapshot_new(0, ROOM);

	(void)state;
	assert_non_null(s);
	for (uint32_t n = count; n; n--)
		snapshot_miss(s, 2 * n);
	snapshot_end(s, 2000 * US);
	alarm(10);
	for (uint32_t n = 1; n <= count; n++) {
		assert_true(snapshot_has_missed(s, 2 * n));
		assert_false(snapshot_has_missed(s, 2 * n + 1));
	}
	alarm(0);
	assert_false(snapshot_has_missed(s, 0));
	snapshot_free(s);
	s = snapshot_new(0, ROOM);
	assert_non_null(s);
	snapshot_end(s, 2000 * US);
	assert_false(snapshot_has_missed(s, 2));
	snapshot_free(s);
}

static size_t victims;

static void count_victims(void *context, const struct conn *c)
{
	(void)context;
	victims += c->netns == 1;
}

/* Connections that an attacker opens meanwhile leave the victim's older ones their place. */
static void older_ones_find_room_among_those_of_another(void **state)
{
	static const struct conn_filter all;
	struct conn_table *table = conn_table_new(ROOM, &all, &(struct consumer_list){ NULL, 0 });

	(void)state;
	assert_non_null(table);
	assert_int_equal(conn_table_begin_snapshot(table, CONN_SNAPSHOT_SEED, 0), 0);
	for (unsigned int n = 0; n < 10; n++) {
		struct socket_info info = socket_of(n, VICTIM);

		conn_table_see(table, &info);
	}
	conn_table_end_snapshot(table, 1100 * US);
	for (unsigned int n = 0; n < 2 * ROOM; n++) {
		struct sock k = sock_client(SOCK(5000 + n));
		struct event e = sock_step(&k, 1200 + n, STATE_SYN_SENT);

		e.uid = ATTACKER;
		e.pid = 7;
		e.netns = 2;
		assert_int_equal(conn_table_apply(table, &e), 0);
	}
	conn_table_settle(table, UINT64_MAX);
	victims = 0;
	conn_table_each(table, count_victims, NULL);
	assert_int_equal(victims, 10);
	assert_int_equal(conn_table_counts(table)->seeds_left_out, 0);
	conn_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_has_most_makes_room),
		cmocka_unit_test(who_listens_is_known_before_the_end),
		cmocka_unit_test(namespaces_that_were_missed_are_found_among_many),
		cmocka_unit_test(older_ones_find_room_among_those_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
