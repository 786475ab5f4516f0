// SPDX-License-Identifier: GPL-2.0-only
/* The connection table compared with snapshots: seeds, what was lost, what others are. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/conn/subject.h"
#include "user/conn/snapshot.h"

#define REASON 11

#define GRACE_US 40000
#define LONG_AGO_US 200000 /* before a snapshot: nothing of it is on its way any more */

/* What a snapshot says of a socket in that state at `us`. */
static struct socket_info look_at(const struct sock *k, uint64_t us, enum tcp_state state)
{
	return (struct socket_info){
		.mono_ns = us * US,
		.sock = k->address,
		.netns = k->netns,
		.state = state,
		.flags = state == STATE_LISTEN ? 0 : EVENT_FLAG_ENDPOINTS,
		.lport = k->lport,
		.rport = k->rport,
		.laddr = test_address(false, 1),
		.raddr = test_address(false, 2),
		.since_ns = EVENT_TIME_UNKNOWN,
	};
}

static void see(struct subject *s, const struct sock *k, uint64_t us, enum tcp_state state)
{
	struct socket_info info = look_at(k, us, state);

	conn_table_see(s->table, &info);
}

static void begin_snapshot(struct subject *s, unsigned int use, uint64_t us)
{
	assert_int_equal(conn_table_begin_snapshot(s->table, use, us * US), 0);
}

/* A table that is empty, and a snapshot of what is older. */
static void begin_seeding(struct subject *s)
{
	begin(s, 8, NULL);
	begin_snapshot(s, CONN_SNAPSHOT_SEED, 1000);
}

/* Ends it, and lets the time pass that its comparison waits. */
static void end_snapshot(struct subject *s, uint64_t us)
{
	conn_table_end_snapshot(s->table, us * US);
	assert_int_equal(conn_table_settle_at(s->table), (us + GRACE_US) * US);
	conn_table_settle(s->table, (us + GRACE_US) * US - 1);
	assert_int_equal(conn_table_settle_at(s->table), (us + GRACE_US) * US);
	conn_table_settle(s->table, (us + GRACE_US) * US);
	assert_true(conn_table_settle_at(s->table) == TIME_UNKNOWN);
}

static void seed_is_an_old_connection(void **state)
{
	struct sock k = sock_client(SOCK(1));
	const struct conn *c;
	struct subject s;

	(void)state;
	begin_seeding(&s);
	see(&s, &k, 1001, STATE_ESTABLISHED);
	assert_counts(&s, 0, 0, 0, 0);
	end_snapshot(&s, 1002);
	assert_counts(&s, 0, 1, 1, 0);
	c = only_one(&s);
	assert_int_equal(c->flags & (CONN_SEEDED | CONN_INCOMPLETE | CONN_HAS_ENDPOINTS),
			 CONN_SEEDED | CONN_INCOMPLETE | CONN_HAS_ENDPOINTS);
	assert_int_equal(c->lport, CLIENT_LPORT);
	assert_int_equal(c->rport, PEER_PORT);
	assert_false(c->flags & (CONN_HAS_OWNER | CONN_HAS_COUNTERS));
	assert_true(conn_start(c) == TIME_UNKNOWN);
	assert_told(&s, "");
	k.state = STATE_ESTABLISHED;
	apply(&s, sock_step(&k, 900000, STATE_CLOSE_WAIT));
	assert_told(&s, "1:ESTABLISHED>CLOSE_WAIT");
	apply(&s, sock_step(&k, 900001, STATE_LAST_ACK));
	apply(&s, sock_close(&k, 900002));
	assert_told(&s, "1:CLOSE_WAIT>LAST_ACK 1:LAST_ACK>CLOSED 1:closed 1:gone");
	assert_counts(&s, 0, 1, 0, 1);
	assert_int_equal(counts_of(&s)->gaps, 0);
	done(&s);
}

/* All of it may be read before the comparison: nothing of it remains. */
static void seed_that_closes_meanwhile_is_no_ghost(void **state)
{
	struct sock k = sock_client(SOCK(1));
	struct subject s;

	(void)state;
	begin_seeding(&s);
	see(&s, &k, 1001, STATE_LAST_ACK);
	conn_table_end_snapshot(s.table, 1002 * US);
	k.state = STATE_LAST_ACK;
	apply_last(&s, &k, sock_close(&k, 1010));
	conn_table_settle(s.table, UINT64_MAX);
	assert_told(&s, "1:LAST_ACK>CLOSED 1:closed 1:gone");
	assert_counts(&s, 0, 1, 0, 1);
	done(&s);
}

/* It was there when it was looked at and, by its last ACK, before: until it is heard of. */
static void seed_is_as_old_as_it_shows(void **state)
{
	static const struct {
		enum tcp_state state, next;
		uint64_t since_us;
	} cases[] = {
		{ STATE_CLOSE_WAIT, STATE_LAST_ACK, 2000 },
		{ STATE_FIN_WAIT2, STATE_CLOSED, 2000 },
		{ STATE_ESTABLISHED, STATE_FIN_WAIT1, 5000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sock k = sock_client(SOCK(1));
		struct socket_info info = look_at(&k, 5000, cases[i].state);
		struct subject s;

		begin(&s, 8, NULL);
		begin_snapshot(&s, CONN_SNAPSHOT_SEED, 4999);
		info.ack_age_ns = 3000 * US + SOCKET_TICK_NS;
		conn_table_see(s.table, &info);
		end_snapshot(&s, 5001);
		assert_int_equal(conn_since(only_one(&s)), cases[i].since_us * US);
		assert_true(conn_step_time(only_one(&s), 0) == TIME_UNKNOWN);
		k.state = cases[i].state;
		if (cases[i].next != STATE_CLOSED) {
			apply(&s, sock_step(&k, 900000, cases[i].next));
			assert_int_equal(conn_since(only_one(&s)), 900000 * US);
		}
		done(&s);
	}
}

/* The address of one that was seen is used again before the comparison. */
static void seed_and_a_newborn_at_its_address_are_two(void **state)
{
	struct sock k = sock_client(SOCK(1));
	struct subject s;

	(void)state;
	begin_seeding(&s);
	see(&s, &k, 1001, STATE_ESTABLISHED);
	conn_table_end_snapshot(s.table, 1002 * US);
	k = sock_client(SOCK(1));
	apply(&s, sock_step(&k, 1010, STATE_SYN_SENT));
	conn_table_settle(s.table, UINT64_MAX);
	assert_told(&s, "1:ESTABLISHED~>CLOSED 1:unknown 1:gone 2:CLOSED>SYN_SENT");
	assert_counts(&s, 1, 1, 1, 1);
	done(&s);
}

static void snapshot_of_what_is_known_adds_nothing(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin_seeding(&s);
	see(&s, &(struct sock){ .address = SOCK(1), .lport = 1, .rport = 2, .netns = TEST_NETNS },
	    1300, STATE_SYN_SENT);
	/* Its birth is older than the look, and is heard of later. */
	k = begin_client(&s, SOCK(1), 1200);
	end_snapshot(&s, 1400);
	assert_told(&s, "1:CLOSED>SYN_SENT 1:SYN_SENT>ESTABLISHED");
	assert_counts(&s, 1, 0, 1, 0);
	assert_false(only_one(&s)->flags & CONN_INCOMPLETE);
	done(&s);
	(void)k;
}

/* It has an owner as well where somebody has found out who held it. */
static struct socket_info owned(const struct sock *k, uint64_t us, enum tcp_state state)
{
	struct socket_info info = look_at(k, us, state);

	info.owner_pid = OWNER_PID;
	info.uid = OWNER_UID;
	snprintf(info.owner_comm, sizeof(info.owner_comm), "%s", OWNER_COMM);
	return info;
}

static void assert_owned(const struct conn *c)
{
	struct conn_name process = conn_process(c);

	assert_true(c->flags & CONN_HAS_OWNER);
	assert_int_equal(c->pid, OWNER_PID);
	assert_int_equal(c->uid, OWNER_UID);
	assert_int_equal(process.size, strlen(OWNER_COMM));
	assert_memory_equal(process.bytes, OWNER_COMM, process.size);
}

static void seed_belongs_to_who_held_it(void **state)
{
	struct sock k = sock_client(SOCK(1));
	struct socket_info info = owned(&k, 1001, STATE_ESTABLISHED);
	struct subject s;

	(void)state;
	begin_seeding(&s);
	conn_table_see(s.table, &info);
	end_snapshot(&s, 1002);
	assert_owned(only_one(&s));
	assert_null(conn_table_seed(s.table, only_one(&s)));
	done(&s);
}

/* Nobody asks for those that are older, but what is heard of them later is known. */
static void an_old_connection_is_known_when_it_is_heard_of(void **state)
{
	struct sock k = sock_client(SOCK(1)), other = sock_client(SOCK(2));
	struct sock listener = { .address = SOCK(3), .lport = CLIENT_LPORT, .netns = TEST_NETNS };
	struct socket_info info = owned(&k, 1001, STATE_ESTABLISHED);
	struct subject s;

	(void)state;
	begin(&s, 8, NULL);
	begin_snapshot(&s, CONN_SNAPSHOT_KNOW, 1000);
	conn_table_see(s.table, &info);
	info.sock = SOCK(2);
	conn_table_see(s.table, &info);
	see(&s, &listener, 1001, STATE_LISTEN);
	end_snapshot(&s, 1002);
	assert_counts(&s, 0, 0, 0, 0);
	k.state = STATE_ESTABLISHED;
	apply(&s, sock_step(&k, 900000, STATE_CLOSE_WAIT));
	assert_counts(&s, 0, 1, 1, 0);
	assert_owned(only_one(&s));
	assert_int_equal(only_one(&s)->role, CONN_ROLE_SERVER);
	/* The same address, and other ends: another connection. */
	other.rport++;
	other.state = STATE_ESTABLISHED;
	apply(&s, sock_step(&k, 900001, STATE_LAST_ACK));
	apply(&s, sock_close(&k, 900002));
	apply(&s, sock_step(&other, 900003, STATE_CLOSE_WAIT));
	assert_false(only_one(&s)->flags & CONN_HAS_OWNER);
	assert_int_equal(only_one(&s)->role, CONN_ROLE_UNKNOWN);
	done(&s);
}

/* A snapshot that knows one connection, of which nothing has been heard. */
static struct sock begin_known(struct subject *s)
{
	struct sock k = sock_client(SOCK(1));
	struct socket_info info = owned(&k, 1001, STATE_ESTABLISHED);

	begin(s, 8, NULL);
	conn_table_expect_resets(s->table);
	begin_snapshot(s, CONN_SNAPSHOT_KNOW, 1000);
	conn_table_see(s->table, &info);
	end_snapshot(s, 1002);
	k.state = STATE_ESTABLISHED;
	return k;
}

/* What comes before its first transition is its evidence. */
static void a_reset_of_an_old_connection_is_told_as_its_end(void **state)
{
	struct subject s;
	struct sock k = begin_known(&s);

	(void)state;
	apply(&s, sock_reset(&k, 900000, EVENT_RESET_RECEIVED, EVENT_REASON_NONE));
	assert_owned(only_one(&s));
	apply(&s, sock_fail(&k, 900001, ECONNRESET));
	conn_table_settle(s.table, UINT64_MAX);
	assert_counts(&s, 0, 1, 0, 1);
	assert_int_equal(s.last_closed.cause, CONN_CAUSE_RESET_RECEIVED);
	assert_owned(&s.last_closed);
	/* It is over: what comes later is of nobody that is known. */
	apply(&s, sock_reset(&k, 900002, EVENT_RESET_SENT, REASON));
	conn_table_settle(s.table, UINT64_MAX);
	assert_counts(&s, 0, 1, 0, 1);
	done(&s);
}

static void an_address_that_was_used_again_tells_of_nobody(void **state)
{
	(void)state;
	for (int lossy = 0; lossy < 2; lossy++) {
		struct subject s;
		struct sock k = begin_known(&s);

		if (lossy) {
			conn_table_note_loss(s.table);
		} else {
			k = begin_client(&s, SOCK(1), 800000);
			apply(&s, sock_step(&k, 800002, STATE_FIN_WAIT1));
			apply(&s, sock_step(&k, 800003, STATE_FIN_WAIT2));
			apply(&s, sock_close(&k, 800004));
			conn_table_settle(s.table, UINT64_MAX);
		}
		apply(&s, sock_reset(&k, 900000, EVENT_RESET_RECEIVED, EVENT_REASON_NONE));
		assert_int_equal(counts_of(&s)->seeded, 0);
		assert_int_equal(counts_of(&s)->live, 0);
		done(&s);
	}
}

/* A recording has its snapshot in front of its events, some of which are older than that. */
static void recorded_seeds_are_compared_like_others(void **state)
{
	struct sock old = sock_client(SOCK(1)), young = sock_client(SOCK(2));
	struct socket_info info = owned(&old, 1001, STATE_CLOSE_WAIT);
	const struct seed *seed;
	struct subject s;

	(void)state;
	begin(&s, 8, NULL);
	conn_table_number_births(s.table);
	info.ack_age_ns = 7000 * US;
	conn_table_see_recorded(s.table, CONN_SNAPSHOT_SEED | CONN_SNAPSHOT_KNOW, &info);
	info = look_at(&young, 1300, STATE_ESTABLISHED);
	conn_table_see_recorded(s.table, CONN_SNAPSHOT_SEED | CONN_SNAPSHOT_KNOW, &info);
	assert_counts(&s, 0, 0, 0, 0);
	begin_client(&s, SOCK(2), 1200);
	conn_table_settle(s.table, UINT64_MAX);
	assert_counts(&s, 1, 1, 2, 0);
	assert_int_equal(counts_of(&s)->gaps, 0);
	young.state = STATE_ESTABLISHED;
	apply(&s, sock_step(&young, 2000, STATE_FIN_WAIT1));
	apply(&s, sock_step(&young, 2001, STATE_FIN_WAIT2));
	apply(&s, sock_close(&young, 2002));
	assert_int_equal(only_one(&s)->id, CONN_SEED_ID);
	assert_owned(only_one(&s));
	seed = conn_table_seed(s.table, only_one(&s));
	assert_non_null(seed);
	assert_true(seed->ack_age_ns == 7000 * US);
	old.state = STATE_CLOSE_WAIT;
	apply(&s, sock_step(&old, 3000, STATE_LAST_ACK));
	assert_null(conn_table_seed(s.table, only_one(&s)));
	done(&s);
}

/* Nothing follows them: they are there all the same. */
static void seeds_alone_are_a_recording_as_well(void **state)
{
	struct sock k = sock_client(SOCK(1));
	struct socket_info info = look_at(&k, 1001, STATE_CLOSE_WAIT);
	struct subject s;

	(void)state;
	begin(&s, 8, NULL);
	conn_table_see_recorded(s.table, CONN_SNAPSHOT_SEED, &info);
	conn_table_conclude(s.table);
	assert_counts(&s, 0, 1, 1, 0);
	done(&s);
}

static void requests_and_timewait_sockets_are_no_seeds(void **state)
{
	struct sock k = sock_client(SOCK(1));
	struct socket_info info = look_at(&k, 1001, STATE_SYN_RECV);
	struct subject s;

	(void)state;
	begin_seeding(&s);
	info.object = EVENT_SOCKET_REQUEST;
	conn_table_see(s.table, &info);
	info = look_at(&k, 1001, STATE_TIME_WAIT);
	info.object = EVENT_SOCKET_TIMEWAIT;
	info.sock = SOCK(2);
	conn_table_see(s.table, &info);
	see(&s, &(struct sock){ .address = SOCK(3), .lport = 80 }, 1001, STATE_LISTEN);
	end_snapshot(&s, 1002);
	assert_counts(&s, 0, 0, 0, 0);
	done(&s);
}

/* The one that waits for a FIN is alive: since when is unknown, and hooks tell how it ends. */
static void an_orphan_in_fin_wait2_is_a_seed(void **state)
{
	struct sock k = sock_client(SOCK(1));
	struct socket_info info = look_at(&k, 1001, STATE_FIN_WAIT2);

	(void)state;
	info.object = EVENT_SOCKET_TIMEWAIT;
	for (unsigned int sees = 0; sees < 2; sees++) {
		struct event e = { .sock = SOCK(1),
				   .netns = TEST_NETNS,
				   .kind = EVENT_TIMEWAIT,
				   .from = STATE_TIME_WAIT,
				   .to = STATE_TIME_WAIT };
		struct subject s;

		begin(&s, 8, NULL);
		if (sees)
			conn_table_expect_timewaits(s.table);
		begin_snapshot(&s, CONN_SNAPSHOT_SEED, 1000);
		conn_table_see(s.table, &info);
		end_snapshot(&s, 1002);
		assert_counts(&s, 0, sees, sees, 0);
		if (sees) {
			assert_true(only_one(&s)->flags & CONN_MINISOCK);
			assert_true(conn_start(only_one(&s)) == TIME_UNKNOWN);
			e.mono_ns = 900000 * US;
			e.detail = EVENT_TIMEWAIT_REARMED;
			apply(&s, e);
			assert_told(&s, "1:FIN_WAIT2>TIME_WAIT 1:closed");
			e.mono_ns = 60900000 * US;
			e.detail = EVENT_TIMEWAIT_EXPIRED;
			e.to = STATE_CLOSED;
			apply(&s, e);
			assert_told(&s, "1:TIME_WAIT>CLOSED 1:gone");
			assert_counts(&s, 0, 1, 0, 1);
		}
		done(&s);
	}
}

/* bytes acknowledged, sent; what is on its way; the state; a listener on its port; and the role. */
static const struct role_case {
	uint64_t acked, sent;
	uint32_t flying;
	enum tcp_state state;
	bool listened, counted;
	enum conn_role role;
} role_cases[] = {
	{ 1, 0, 0, STATE_ESTABLISHED, false, true, CONN_ROLE_CLIENT },
	{ 0, 0, 0, STATE_ESTABLISHED, false, true, CONN_ROLE_SERVER },
	{ 101, 100, 0, STATE_CLOSE_WAIT, false, true, CONN_ROLE_CLIENT },
	{ 100, 100, 0, STATE_CLOSE_WAIT, false, true, CONN_ROLE_SERVER },
	{ 51, 100, 50, STATE_ESTABLISHED, false, true, CONN_ROLE_CLIENT },
	{ 50, 100, 50, STATE_ESTABLISHED, true, true, CONN_ROLE_SERVER },
	/* A FIN has a number, too. */
	{ 102, 100, 0, STATE_FIN_WAIT2, false, true, CONN_ROLE_CLIENT },
	{ 101, 100, 0, STATE_FIN_WAIT2, false, true, CONN_ROLE_SERVER },
	{ 101, 100, 1, STATE_LAST_ACK, false, true, CONN_ROLE_CLIENT },
	/* Numbers that do not fit tell nothing; a listener may. */
	{ 7, 100, 0, STATE_ESTABLISHED, false, true, CONN_ROLE_UNKNOWN },
	{ 7, 100, 0, STATE_ESTABLISHED, true, true, CONN_ROLE_SERVER },
	{ 0, 0, 0, STATE_ESTABLISHED, false, false, CONN_ROLE_UNKNOWN },
	{ 0, 0, 1, STATE_SYN_SENT, true, true, CONN_ROLE_CLIENT },
};

static void roles_of_seeds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(role_cases) / sizeof(*role_cases); i++) {
		const struct role_case *r = &role_cases[i];
		struct sock k = sock_client(SOCK(1));
		struct socket_info info = look_at(&k, 1001, r->state);
		struct subject s;

		info.bytes_acked = r->acked;
		info.bytes_sent = r->sent;
		info.snd_una = UINT32_MAX - 3; /* about to wrap */
		info.snd_nxt = info.snd_una + r->flying;
		info.tx_queue = r->flying;
		info.marks = r->counted ? EVENT_SOCKET_COUNTED : 0;
		begin(&s, 8, NULL);
		begin_snapshot(&s, CONN_SNAPSHOT_SEED, 1000);
		conn_table_see(s.table, &info);
		if (r->listened)
			see(&s, &(struct sock){ .lport = CLIENT_LPORT, .netns = TEST_NETNS }, 1001,
			    STATE_LISTEN);
		end_snapshot(&s, 1002);
		if (only_one(&s)->role != r->role)
			fail_msg("case %zu: role %u", i, only_one(&s)->role);
		done(&s);
	}
}

static void filter_judges_seeds(void **state)
{
	static struct conn_filter filter = { .netns = { 1, { 7 } } };
	struct sock k = sock_client(SOCK(1)), other = sock_client(SOCK(2));
	struct subject s;

	(void)state;
	other.netns = 7;
	begin(&s, 8, &filter);
	begin_snapshot(&s, CONN_SNAPSHOT_SEED, 1000);
	see(&s, &k, 1001, STATE_ESTABLISHED);
	see(&s, &other, 1001, STATE_ESTABLISHED);
	end_snapshot(&s, 1002);
	assert_counts(&s, 0, 1, 1, 0);
	done(&s);
}

static void seeds_do_not_push_others_out(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, 2, NULL);
	begin_client(&s, SOCK(1), 100);
	forget(&s);
	begin_snapshot(&s, CONN_SNAPSHOT_SEED, 1000000);
	for (unsigned int i = 2; i < 7; i++) {
		struct sock k = sock_client(SOCK(i));

		see(&s, &k, 1000001, STATE_ESTABLISHED);
	}
	end_snapshot(&s, 1000002);
	assert_counts(&s, 1, 1, 2, 0);
	assert_int_equal(counts_of(&s)->evicted, 0);
	assert_int_equal(counts_of(&s)->seeds_left_out, 4);
	done(&s);
}

static void sync_ends_what_the_kernel_forgot(void **state)
{
	struct sock gone, there, young;
	struct subject s;

	(void)state;
	begin(&s, 8, NULL);
	gone = begin_client(&s, SOCK(1), 1000);
	there = begin_client(&s, SOCK(2), 1000);
	young = begin_client(&s, SOCK(3), LONG_AGO_US);
	forget(&s);
	conn_table_note_loss(s.table);
	begin_snapshot(&s, CONN_SNAPSHOT_SYNC, LONG_AGO_US + 1000);
	see(&s, &there, LONG_AGO_US + 1001, STATE_ESTABLISHED);
	end_snapshot(&s, LONG_AGO_US + 1002);
	assert_told(&s, "1:ESTABLISHED~>CLOSED 1:unknown 1:gone");
	assert_counts(&s, 3, 0, 2, 1);
	assert_int_equal(counts_of(&s)->resyncs, 1);
	/* Again, when nothing of the young one can be on its way any more. */
	begin_snapshot(&s, CONN_SNAPSHOT_SYNC, 3 * LONG_AGO_US);
	see(&s, &there, 3 * LONG_AGO_US + 1, STATE_ESTABLISHED);
	end_snapshot(&s, 3 * LONG_AGO_US + 2);
	assert_told(&s, "3:ESTABLISHED~>CLOSED 3:unknown 3:gone");
	apply(&s, sock_step(&there, 4 * LONG_AGO_US, STATE_FIN_WAIT1));
	assert_told(&s, "2:ESTABLISHED>FIN_WAIT1");
	done(&s);
	(void)gone;
	(void)young;
}

static void sync_ends_nothing_where_it_could_not_look(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s, 8, NULL);
	k = begin_client(&s, SOCK(1), 1000);
	forget(&s);
	begin_snapshot(&s, CONN_SNAPSHOT_SYNC, LONG_AGO_US);
	conn_table_miss(s.table, 5);
	conn_table_miss(s.table, k.netns);
	end_snapshot(&s, LONG_AGO_US);
	assert_told(&s, "");
	begin_snapshot(&s, CONN_SNAPSHOT_SYNC, LONG_AGO_US);
	conn_table_drop_snapshot(s.table);
	conn_table_settle(s.table, UINT64_MAX);
	assert_told(&s, "");
	assert_counts(&s, 1, 0, 1, 0);
	done(&s);
}

static void sync_puts_states_right(void **state)
{
	static const struct {
		enum tcp_state state;
		const char *told;
	} cases[] = {
		{ STATE_ESTABLISHED, "" },
		{ STATE_CLOSE_WAIT, "1:ESTABLISHED~>CLOSE_WAIT" },
		{ STATE_LAST_ACK, "1:ESTABLISHED~>CLOSE_WAIT 1:CLOSE_WAIT~>LAST_ACK" },
		{ STATE_FIN_WAIT2, "1:ESTABLISHED~>FIN_WAIT1 1:FIN_WAIT1~>FIN_WAIT2" },
		/* Back it goes only as another connection. */
		{ STATE_SYN_SENT, "1:ESTABLISHED~>CLOSED 1:unknown 1:gone" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct subject s;
		struct sock k;

		begin(&s, 8, NULL);
		k = begin_client(&s, SOCK(1), 1000);
		forget(&s);
		conn_table_note_loss(s.table);
		begin_snapshot(&s, CONN_SNAPSHOT_SYNC, LONG_AGO_US);
		see(&s, &k, LONG_AGO_US + 1, cases[i].state);
		end_snapshot(&s, LONG_AGO_US + 2);
		assert_told(&s, cases[i].told);
		done(&s);
	}
}

/* A timewait socket of which nothing could be read but its ends may be in FIN_WAIT2 as before. */
static void sync_believes_no_state_that_was_not_read(void **state)
{
	struct sock k = sock_client(SOCK(1));
	struct socket_info info = look_at(&k, 1001, STATE_FIN_WAIT2);
	struct subject s;

	(void)state;
	begin(&s, 8, NULL);
	conn_table_expect_timewaits(s.table);
	info.object = EVENT_SOCKET_TIMEWAIT;
	begin_snapshot(&s, CONN_SNAPSHOT_SEED, 1000);
	conn_table_see(s.table, &info);
	end_snapshot(&s, 1002);
	forget(&s);
	for (unsigned int timer = EVENT_TIMER_NONE; timer <= EVENT_TIMER_TIMEWAIT;
	     timer += EVENT_TIMER_TIMEWAIT) {
		info.state = STATE_TIME_WAIT;
		info.timer = (enum event_socket_timer)timer;
		info.mono_ns = (LONG_AGO_US + 1) * US;
		begin_snapshot(&s, CONN_SNAPSHOT_SYNC, LONG_AGO_US);
		conn_table_see(s.table, &info);
		end_snapshot(&s, LONG_AGO_US + 2);
		assert_told(&s, timer ? "1:FIN_WAIT2~>TIME_WAIT 1:closed" : "");
	}
	done(&s);
}

/* A child's birth does not say who is at its other end, and what would have was lost. */
static void sync_learns_the_ends_of_a_child(void **state)
{
	struct sock k = sock_server(SOCK(1));
	struct subject s;

	(void)state;
	begin(&s, 8, NULL);
	apply(&s, sock_step(&k, 1000, STATE_SYN_RECV));
	conn_table_note_loss(s.table);
	begin_snapshot(&s, CONN_SNAPSHOT_SYNC, LONG_AGO_US);
	see(&s, &k, LONG_AGO_US + 1, STATE_ESTABLISHED);
	end_snapshot(&s, LONG_AGO_US + 2);
	assert_true(only_one(&s)->flags & CONN_HAS_ENDPOINTS);
	assert_int_equal(only_one(&s)->rport, PEER_PORT);
	assert_int_equal(only_one(&s)->lport, SERVER_LPORT);
	done(&s);
}

/* The birth of the one that has its address now was lost. */
static void sync_knows_another_by_its_ends(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s, 8, NULL);
	k = begin_client(&s, SOCK(1), 1000);
	forget(&s);
	conn_table_note_loss(s.table);
	k.rport++;
	begin_snapshot(&s, CONN_SNAPSHOT_SYNC | CONN_SNAPSHOT_SEED, LONG_AGO_US);
	see(&s, &k, LONG_AGO_US + 1, STATE_CLOSE_WAIT);
	end_snapshot(&s, LONG_AGO_US + 2);
	assert_told(&s, "1:ESTABLISHED~>CLOSED 1:unknown 1:gone");
	assert_counts(&s, 2, 0, 1, 1);
	assert_int_equal(only_one(&s)->rport, PEER_PORT + 1);
	assert_int_equal(only_one(&s)->flags & (CONN_SEEDED | CONN_INCOMPLETE), CONN_INCOMPLETE);
	done(&s);
}

static void sync_leaves_what_moved_meanwhile(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s, 8, NULL);
	k = begin_client(&s, SOCK(1), 1000);
	forget(&s);
	begin_snapshot(&s, CONN_SNAPSHOT_SYNC, LONG_AGO_US);
	see(&s, &k, LONG_AGO_US + 1, STATE_ESTABLISHED);
	apply(&s, sock_step(&k, LONG_AGO_US + 2, STATE_FIN_WAIT1));
	end_snapshot(&s, LONG_AGO_US + 3);
	assert_told(&s, "1:ESTABLISHED>FIN_WAIT1");
	assert_counts(&s, 1, 0, 1, 0);
	done(&s);
}

static void one_snapshot_at_a_time(void **state)
{
	struct subject s;

	(void)state;
	begin_seeding(&s);
	assert_int_equal(conn_table_begin_snapshot(s.table, CONN_SNAPSHOT_SEED, 2000), -EBUSY);
	done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seed_is_an_old_connection),
		cmocka_unit_test(seed_is_as_old_as_it_shows),
		cmocka_unit_test(seed_that_closes_meanwhile_is_no_ghost),
		cmocka_unit_test(seed_and_a_newborn_at_its_address_are_two),
		cmocka_unit_test(snapshot_of_what_is_known_adds_nothing),
		cmocka_unit_test(seed_belongs_to_who_held_it),
		cmocka_unit_test(an_old_connection_is_known_when_it_is_heard_of),
		cmocka_unit_test(a_reset_of_an_old_connection_is_told_as_its_end),
		cmocka_unit_test(an_address_that_was_used_again_tells_of_nobody),
		cmocka_unit_test(recorded_seeds_are_compared_like_others),
		cmocka_unit_test(seeds_alone_are_a_recording_as_well),
		cmocka_unit_test(requests_and_timewait_sockets_are_no_seeds),
		cmocka_unit_test(an_orphan_in_fin_wait2_is_a_seed),
		cmocka_unit_test(roles_of_seeds),
		cmocka_unit_test(filter_judges_seeds),
		cmocka_unit_test(seeds_do_not_push_others_out),
		cmocka_unit_test(sync_ends_what_the_kernel_forgot),
		cmocka_unit_test(sync_ends_nothing_where_it_could_not_look),
		cmocka_unit_test(sync_puts_states_right),
		cmocka_unit_test(sync_believes_no_state_that_was_not_read),
		cmocka_unit_test(sync_learns_the_ends_of_a_child),
		cmocka_unit_test(sync_knows_another_by_its_ends),
		cmocka_unit_test(sync_leaves_what_moved_meanwhile),
		cmocka_unit_test(one_snapshot_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
