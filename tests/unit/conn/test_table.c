// SPDX-License-Identifier: GPL-2.0-only
/* The connection table: who is told of what, and what is counted. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/conn/subject.h"

/* ---- who is told what ------------------------------------------------------------------------ */

static void client_is_told_of_at_once(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s, 100, NULL);
	k = begin_client(&s, SOCK(1), 1000);
	assert_told(&s, "1:CLOSED>SYN_SENT 1:SYN_SENT>ESTABLISHED");
	assert_counts(&s, 1, 0, 1, 0);
	apply(&s, sock_step(&k, 2000, STATE_CLOSE_WAIT));
	apply(&s, sock_step(&k, 2500, STATE_LAST_ACK));
	assert_told(&s, "1:ESTABLISHED>CLOSE_WAIT 1:CLOSE_WAIT>LAST_ACK");
	apply_last(&s, &k, sock_close(&k, 2540));
	assert_told(&s, "1:LAST_ACK>CLOSED 1:closed 1:gone");
	assert_counts(&s, 1, 0, 0, 1);
	assert_live(&s, "");
	done(&s);
}

/* It enters TIME_WAIT; how long that lasts is not a matter of this test. */
static void active_closer_goes_to_time_wait(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s, 100, NULL);
	k = begin_client(&s, SOCK(1), 1000);
	apply(&s, sock_step(&k, 2000, STATE_FIN_WAIT1));
	apply(&s, sock_step(&k, 2010, STATE_FIN_WAIT2));
	forget(&s);
	apply_last(&s, &k, sock_close(&k, 2100));
	assert_non_null(strstr(s.notes, "1:FIN_WAIT2>TIME_WAIT 1:closed"));
	counts_of(&s);
	done(&s);
}

static void whose_listener_is_told_before_who_accepts(void **state)
{
	static const struct conn_filter by_comm = { .comms = { OWNER_COMM }, .comm_count = 1 };

	(void)state;
	for (int wanted = 0; wanted < 2; wanted++) {
		struct sock k = sock_server(SOCK(1));
		struct event listener = listener_event(SOCK(9), STATE_CLOSED, STATE_LISTEN);
		struct event accept = { .mono_ns = 1600 * US,
					.sock = k.address,
					.kind = EVENT_ACCEPT,
					.from = STATE_ESTABLISHED,
					.to = STATE_ESTABLISHED,
					.pid = 77,
					.comm = "worker" };
		struct subject s;

		begin(&s, 10, &by_comm);
		if (!wanted)
			listener.comm[0] = 'x';
		apply(&s, listener);
		apply(&s, sock_step(&k, 1500, STATE_SYN_RECV));
		apply(&s, sock_accept(&k, 1523, 523));
		assert_told(&s, wanted ? "1:CLOSED>SYN_RECV 1:SYN_RECV>ESTABLISHED" : "");
		if (wanted) {
			/* As told by two recordings of one machine, say. */
			apply(&s, accept);
			assert_told(&s, "1:accepted");
			apply(&s, sock_step(&k, 1700, STATE_CLOSE_WAIT));
			apply(&s, sock_step(&k, 1710, STATE_LAST_ACK));
			apply(&s, sock_close(&k, 1720));
			assert_int_equal(s.last_closed.pid, 77);
			assert_string_equal(s.last_closed.comm, "worker");
			assert_false(s.last_closed.flags & CONN_OF_LISTENER);
		}
		done(&s);
	}
}

static void a_listeners_owner_is_marked(void **state)
{
	struct sock k = sock_server(SOCK(1)), client = sock_client(SOCK(2));
	struct subject s;

	(void)state;
	begin(&s, 10, NULL);
	apply(&s, listener_event(SOCK(9), STATE_LISTEN, STATE_LISTEN));
	apply(&s, sock_step(&k, 1500, STATE_SYN_RECV));
	apply(&s, sock_accept(&k, 1523, 523));
	apply(&s, listener_event(SOCK(9), STATE_LISTEN, STATE_CLOSED));
	apply(&s, sock_step(&k, 1700, STATE_CLOSE_WAIT));
	apply(&s, sock_step(&k, 1710, STATE_LAST_ACK));
	apply(&s, sock_close(&k, 1720));
	assert_int_equal(s.last_closed.pid, OWNER_PID);
	assert_string_equal(s.last_closed.comm, OWNER_COMM);
	assert_true(s.last_closed.flags & CONN_HAS_OWNER && s.last_closed.flags & CONN_OF_LISTENER);
	/* One that connects has an owner of its own; one that comes later has no listener. */
	apply(&s, sock_step(&client, 1800, STATE_SYN_SENT));
	apply(&s, sock_fail(&client, 1900, ECONNREFUSED));
	assert_false(s.last_closed.flags & CONN_OF_LISTENER);
	k = sock_server(SOCK(1));
	apply(&s, sock_step(&k, 2500, STATE_SYN_RECV));
	apply(&s, sock_accept(&k, 2523, 523));
	apply(&s, sock_step(&k, 2700, STATE_CLOSE_WAIT));
	apply(&s, sock_step(&k, 2710, STATE_LAST_ACK));
	apply(&s, sock_close(&k, 2720));
	assert_false(s.last_closed.flags & CONN_HAS_OWNER);
	assert_int_equal(counts_of(&s)->listeners_left_out, 0);
	done(&s);
}

/* Another CPU may accept it in the middle of the ACK: it is queued before it is ESTABLISHED. */
static void accept_is_told_of_once(void **state)
{
	for (int early = 0; early < 2; early++) {
		struct subject s;
		struct sock k = sock_server(SOCK(1));
		struct event accept = { .mono_ns = early ? 1520 * US : 1600 * US,
					.sock = SOCK(1),
					.kind = EVENT_ACCEPT,
					.from = STATE_ESTABLISHED,
					.to = STATE_ESTABLISHED,
					.pid = OWNER_PID };

		(void)state;
		begin(&s, 100, NULL);
		apply(&s, sock_step(&k, 1511, STATE_SYN_RECV));
		if (early)
			apply(&s, accept);
		apply(&s, sock_accept(&k, 1523, 523));
		if (!early)
			apply(&s, accept);
		apply(&s, sock_step(&k, 1700, STATE_CLOSE_WAIT));
		assert_told(&s, "1:CLOSED>SYN_RECV 1:SYN_RECV>ESTABLISHED 1:accepted "
				"1:ESTABLISHED>CLOSE_WAIT");
		done(&s);
	}
}

static void server_is_told_of_when_it_is_one(void **state)
{
	struct subject s;
	struct sock k = sock_server(SOCK(1));

	(void)state;
	begin(&s, 100, NULL);
	apply(&s, sock_step(&k, 1511, STATE_SYN_RECV));
	assert_told(&s, "");
	assert_live(&s, "");
	assert_counts(&s, 0, 0, 0, 0);
	apply(&s, sock_accept(&k, 1523, 523));
	assert_told(&s, "1:CLOSED>SYN_RECV 1:SYN_RECV>ESTABLISHED");
	assert_live(&s, "1");
	assert_counts(&s, 1, 0, 1, 0);
	done(&s);
}

static void stillborn_child_is_only_counted(void **state)
{
	struct subject s;
	struct sock k = sock_server(SOCK(1));

	(void)state;
	begin(&s, 100, NULL);
	apply(&s, sock_step(&k, 1000, STATE_SYN_RECV));
	apply_last(&s, &k, sock_step(&k, 1001, STATE_CLOSED));
	assert_told(&s, "");
	assert_counts(&s, 0, 0, 0, 0);
	assert_int_equal(counts_of(&s)->children_lost, 1);

	/* One that was reset is a connection that came and went. */
	k = sock_server(SOCK(1));
	apply(&s, sock_step(&k, 2000, STATE_SYN_RECV));
	apply_last(&s, &k, sock_fail(&k, 2001, ECONNRESET));
	assert_told(&s, "2:CLOSED>SYN_RECV 2:SYN_RECV>CLOSED 2:reset_received 2:gone");
	assert_int_equal(counts_of(&s)->children_lost, 1);
	done(&s);
}

static void nobody_needs_to_be_told(void **state)
{
	static const struct conn_filter all;
	struct conn_table *table = conn_table_new(10, &all, NULL);
	struct subject s = { .table = table };
	struct sock k;

	(void)state;
	assert_non_null(table);
	k = begin_client(&s, SOCK(1), 1000);
	apply_last(&s, &k, sock_fail(&k, 2000, ECONNRESET));
	assert_counts(&s, 1, 0, 0, 1);
	conn_table_free(table);
	conn_table_free(NULL);
}

/* Also of sockets that nobody knows, of more than there is room for, and in an empty table. */
static void fetching_changes_nothing(void **state)
{
	uint64_t socks[CONN_FETCH * 2];
	struct subject s;

	(void)state;
	for (size_t i = 0; i < sizeof(socks) / sizeof(*socks); i++)
		socks[i] = SOCK(i);
	begin(&s, CONN_FETCH * 3, NULL);
	conn_table_fetch(s.table, socks, CONN_FETCH);
	conn_table_fetch_place(s.table, SOCK(1));
	for (unsigned int i = 0; i < CONN_FETCH * 3; i += 2) {
		begin_client(&s, SOCK(i), 1000 + i);
		forget(&s);
	}
	conn_table_fetch(s.table, socks, CONN_FETCH * 2);
	conn_table_fetch(s.table, socks, 0);
	conn_table_fetch_place(s.table, SOCK(0));
	conn_table_fetch_place(s.table, SOCK(1));
	assert_told(&s, "");
	assert_counts(&s, CONN_FETCH * 3 / 2, 0, CONN_FETCH * 3 / 2, 0);
	done(&s);
}

static void settling_nothing_changes_nothing(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, 100, NULL);
	conn_table_settle(s.table, 1000 * US);
	begin_client(&s, SOCK(1), 2000);
	forget(&s);
	conn_table_settle(s.table, UINT64_MAX);
	assert_told(&s, "");
	assert_counts(&s, 1, 0, 1, 0);
	done(&s);
}

/* ---- one socket, several connections --------------------------------------------------------- */

static void socket_may_connect_again(void **state)
{
	struct subject s;
	struct sock k = sock_client(SOCK(1));

	(void)state;
	begin(&s, 100, NULL);
	apply(&s, sock_step(&k, 1000, STATE_SYN_SENT));
	apply(&s, sock_fail(&k, 1010, ECONNREFUSED));
	apply(&s, sock_step(&k, 1100, STATE_SYN_SENT));
	apply(&s, sock_fail(&k, 1110, ETIMEDOUT));
	apply(&s, sock_step(&k, 1200, STATE_SYN_SENT));
	apply(&s, sock_step(&k, 1250, STATE_ESTABLISHED));
	apply_last(&s, &k, sock_fail(&k, 1300, 0));
	assert_told(&s, "1:CLOSED>SYN_SENT 1:SYN_SENT>CLOSED 1:refused 1:gone "
			"2:CLOSED>SYN_SENT 2:SYN_SENT>CLOSED 2:timed_out 2:gone "
			"3:CLOSED>SYN_SENT 3:SYN_SENT>ESTABLISHED 3:ESTABLISHED>CLOSED "
			"3:reset_sent 3:gone");
	assert_counts(&s, 3, 0, 0, 3);
	assert_int_equal(counts_of(&s)->gaps, 0);
	done(&s);
}

/* A birth on a socket that still lives: the end of its former life was lost. */
static void address_may_be_used_again(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s, 100, NULL);
	begin_client(&s, SOCK(1), 1000);
	forget(&s);
	begin_client(&s, SOCK(1), 3000);
	assert_told(&s, "1:ESTABLISHED~>CLOSED 1:unknown 1:gone 2:CLOSED>SYN_SENT "
			"2:SYN_SENT>ESTABLISHED");
	assert_counts(&s, 2, 0, 1, 1);
	assert_int_equal(counts_of(&s)->gaps, 1);
	assert_int_equal(counts_of(&s)->incomplete, 1);

	k = sock_server(SOCK(1));
	apply(&s, sock_step(&k, 5000, STATE_SYN_RECV));
	assert_told(&s, "2:ESTABLISHED~>CLOSED 2:unknown 2:gone");
	apply(&s, sock_accept(&k, 5010, 100));
	assert_told(&s, "3:CLOSED>SYN_RECV 3:SYN_RECV>ESTABLISHED");
	assert_counts(&s, 3, 0, 1, 2);
	assert_int_equal(counts_of(&s)->contradictions, 2);
	done(&s);
}

static void freed_socket_ends_its_connection(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s, 100, NULL);
	k = begin_client(&s, SOCK(1), 1000);
	forget(&s);
	apply(&s, sock_destroy(&k, 2000));
	assert_told(&s, "1:ESTABLISHED~>CLOSED 1:unknown 1:gone");
	apply(&s, sock_destroy(&k, 2001));
	assert_told(&s, "");
	assert_counts(&s, 1, 0, 0, 1);
	assert_int_equal(counts_of(&s)->gaps, 1);
	done(&s);
}

/* ---- older than the tracer, lost, twice told ------------------------------------------------ */

static void strangers_are_seeded_or_lost(void **state)
{
	struct sock old = sock_client(SOCK(1)), lost = sock_client(SOCK(2));
	struct subject s;

	(void)state;
	begin(&s, 100, NULL);
	old.state = lost.state = STATE_ESTABLISHED;
	apply(&s, sock_step(&old, 1000, STATE_CLOSE_WAIT));
	assert_told(&s, "1:ESTABLISHED>CLOSE_WAIT");
	assert_counts(&s, 0, 1, 1, 0);
	conn_table_note_loss(s.table);
	apply(&s, sock_step(&lost, 1000, STATE_CLOSE_WAIT));
	assert_told(&s, "2:ESTABLISHED>CLOSE_WAIT");
	assert_counts(&s, 1, 1, 2, 0);
	apply(&s, sock_step(&old, 1100, STATE_LAST_ACK));
	apply(&s, sock_step(&lost, 1100, STATE_LAST_ACK));
	apply_last(&s, &old, sock_close(&old, 1200));
	assert_int_equal(counts_of(&s)->gaps, 0);
	apply_last(&s, &lost, sock_close(&lost, 1200));
	assert_counts(&s, 1, 1, 0, 2);
	assert_int_equal(counts_of(&s)->gaps, 1);
	assert_int_equal(counts_of(&s)->incomplete, 2);
	assert_int_equal(counts_of(&s)->older_over, 1);
	assert_int_equal(conn_counts_damaged(counts_of(&s)), 1);
	done(&s);
}

static void gap_is_healed_and_counted(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s, 100, NULL);
	k = begin_client(&s, SOCK(1), 1000);
	forget(&s);
	sock_step(&k, 2000, STATE_FIN_WAIT1);
	apply(&s, sock_step(&k, 2010, STATE_FIN_WAIT2));
	assert_told(&s, "1:ESTABLISHED~>FIN_WAIT1 1:FIN_WAIT1>FIN_WAIT2");
	apply_last(&s, &k, sock_fail(&k, 2100, ECONNRESET));
	assert_int_equal(counts_of(&s)->gaps, 1);
	assert_int_equal(counts_of(&s)->incomplete, 1);

	/* Two neighbours are told of in order, too. */
	k = begin_client(&s, SOCK(2), 3000);
	forget(&s);
	sock_step(&k, 4000, STATE_FIN_WAIT1);
	sock_step(&k, 4010, STATE_FIN_WAIT2);
	apply_last(&s, &k, sock_fail(&k, 4100, ECONNRESET));
	assert_told(&s, "2:ESTABLISHED~>FIN_WAIT1 2:FIN_WAIT1~>FIN_WAIT2 2:FIN_WAIT2>CLOSED "
			"2:reset_received 2:gone");
	done(&s);
}

/* What is known to be damaged, or was not seen from its birth, is no proof of one more loss. */
static void whole_life_is_contradicted_once(void **state)
{
	struct sock whole = sock_client(SOCK(1)), old = sock_client(SOCK(2));
	struct subject s;

	(void)state;
	begin(&s, 100, NULL);
	apply(&s, sock_step(&whole, 1000, STATE_SYN_SENT));
	apply(&s, sock_step(&whole, 1010, STATE_ESTABLISHED));
	old.state = STATE_ESTABLISHED;
	apply(&s, sock_step(&old, 1000, STATE_FIN_WAIT1));
	assert_int_equal(counts_of(&s)->contradictions, 0);

	sock_step(&whole, 2000, STATE_FIN_WAIT1);
	sock_step(&old, 2000, STATE_FIN_WAIT2);
	apply(&s, sock_step(&whole, 2010, STATE_FIN_WAIT2));
	apply(&s, sock_step(&old, 2010, STATE_CLOSED));
	assert_int_equal(counts_of(&s)->contradictions, 1);

	begin_client(&s, SOCK(1), 3000);
	assert_int_equal(counts_of(&s)->contradictions, 1);
	done(&s);
}

static void second_telling_changes_nothing(void **state)
{
	struct subject s;
	struct event e;
	struct sock k;

	(void)state;
	begin(&s, 100, NULL);
	k = begin_client(&s, SOCK(1), 1000);
	begin_client(&s, SOCK(2), 1000);
	forget(&s);
	e = sock_step(&k, 2000, STATE_FIN_WAIT1);
	apply(&s, e);
	begin_client(&s, SOCK(3), 2000);
	forget(&s);
	e.mono_ns += 300;
	apply(&s, e);
	assert_told(&s, "");
	assert_counts(&s, 3, 0, 3, 0);
	assert_live(&s, "2 1 3");
	apply_last(&s, &k, sock_fail(&k, 2100, ECONNRESET));
	assert_int_equal(counts_of(&s)->gaps, 0);
	done(&s);
}

/* ---- filters --------------------------------------------------------------------------------- */

static void want_lport(struct conn_filter *f, uint16_t port)
{
	f->has_lports = true;
	conn_filter_add_port(f->lports, port);
}

/* The local port is chosen after the first event, so the answer comes with the second. */
static void pending_is_told_in_order_once_wanted(void **state)
{
	static struct conn_filter f = { .family = 0 };
	struct subject s;
	struct sock k = sock_client(SOCK(1)), other = sock_client(SOCK(2));

	(void)state;
	want_lport(&f, CLIENT_LPORT);
	begin(&s, 100, &f);
	other.lport = CLIENT_LPORT + 1;
	apply(&s, sock_step(&k, 1000, STATE_SYN_SENT));
	apply(&s, sock_step(&other, 1000, STATE_SYN_SENT));
	assert_told(&s, "");
	assert_counts(&s, 0, 0, 0, 0);
	assert_live(&s, "");
	apply(&s, sock_step(&other, 1050, STATE_ESTABLISHED));
	assert_told(&s, "");
	apply(&s, sock_step(&k, 1050, STATE_ESTABLISHED));
	assert_told(&s, "1:CLOSED>SYN_SENT 1:SYN_SENT>ESTABLISHED");
	assert_counts(&s, 1, 0, 1, 0);
	done(&s);
}

static void pending_to_its_end_is_judged_by_what_is_known(void **state)
{
	static struct conn_filter f = { .family = 0 };
	struct subject s;
	struct sock wanted = sock_client(SOCK(1)), nowhere = sock_client(SOCK(2));

	(void)state;
	want_lport(&f, CLIENT_LPORT);
	begin(&s, 100, &f);
	apply(&s, sock_step(&wanted, 1000, STATE_SYN_SENT));
	apply_last(&s, &wanted, sock_fail(&wanted, 1050, ECONNREFUSED));
	assert_told(&s, "1:CLOSED>SYN_SENT 1:SYN_SENT>CLOSED 1:refused 1:gone");

	/* A connect that found no port has none to be wanted by. */
	nowhere.lport = 0;
	apply(&s, sock_step(&nowhere, 1000, STATE_SYN_SENT));
	apply_last(&s, &nowhere, sock_fail(&nowhere, 1050, 0));
	assert_told(&s, "");
	assert_counts(&s, 1, 0, 0, 1);
	done(&s);
}

static void want_pid(struct conn_filter *f)
{
	f->pids[f->pid_count++] = OWNER_PID + 1;
}

static void want_comm(struct conn_filter *f)
{
	memcpy(f->comms[f->comm_count++], "wget", sizeof("wget"));
}

static void want_rport(struct conn_filter *f)
{
	f->has_rports = true;
	conn_filter_add_port(f->rports, PEER_PORT + 1);
}

static void want_ipv6(struct conn_filter *f)
{
	f->family = 6;
}

static void want_netns(struct conn_filter *f)
{
	netns_list_add(&f->netns, TEST_NETNS + 1);
}

static void want_network(struct conn_filter *f)
{
	assert_int_equal(prefix_parse("192.0.2.128/25", &f->prefixes[f->prefix_count++]), 0);
}

/* By facts that the first event tells. */
static void unwanted_leaves_at_once(void **state)
{
	static void (*const wants[])(struct conn_filter * f) = {
		want_pid, want_comm, want_rport, want_ipv6, want_netns, want_network,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wants) / sizeof(*wants); i++) {
		static struct conn_filter f = { .family = 0 };
		struct subject s;
		struct sock k = sock_client(SOCK(1)), child = sock_server(SOCK(2));

		memset(&f, 0, sizeof(f));
		wants[i](&f);
		begin(&s, 1, &f);
		apply(&s, sock_step(&k, 1000, STATE_SYN_SENT));
		apply(&s, sock_step(&k, 1050, STATE_ESTABLISHED));
		apply_last(&s, &k, sock_fail(&k, 2000, ECONNRESET));
		apply(&s, sock_step(&child, 3000, STATE_SYN_RECV));
		apply(&s, sock_accept(&child, 3010, 100));
		apply_last(&s, &child, sock_fail(&child, 4000, ECONNRESET));
		assert_told(&s, "");
		assert_counts(&s, 0, 0, 0, 0);
		assert_int_equal(counts_of(&s)->evicted, 0);
		done(&s);
	}
}

/* There is room for one besides: a crowd of others passes through it. */
static void unwanted_takes_no_room(void **state)
{
	static struct conn_filter f = { .family = 6 };
	struct subject s;
	struct sock wanted = sock_client(SOCK(1));

	(void)state;
	begin(&s, 2, &f);
	wanted.is_ipv6 = true;
	apply(&s, sock_step(&wanted, 1000, STATE_SYN_SENT));
	for (unsigned int i = 2; i < 50; i++)
		begin_client(&s, SOCK(i), 1000 + i);
	apply(&s, sock_step(&wanted, 1050, STATE_ESTABLISHED));
	assert_told(&s, "1:CLOSED>SYN_SENT 1:SYN_SENT>ESTABLISHED");
	assert_counts(&s, 1, 0, 1, 0);
	done(&s);
}

static void pending_makes_room_uncounted(void **state)
{
	static struct conn_filter f = { .family = 0 };
	struct subject s;

	(void)state;
	want_lport(&f, CLIENT_LPORT);
	begin(&s, 1, &f);
	for (unsigned int i = 1; i <= 3; i++) {
		struct sock k = sock_client(SOCK(i));

		apply(&s, sock_step(&k, 1000, STATE_SYN_SENT));
	}
	assert_told(&s, "");
	assert_counts(&s, 0, 0, 0, 0);
	assert_int_equal(counts_of(&s)->evicted, 0);
	done(&s);
}

/* Each is told of: the same lives as above pass where the filter asks for what they have. */
static void wanted_by_every_fact(void **state)
{
	static struct conn_filter f = { .netns = { 2, { TEST_NETNS + 1, TEST_NETNS } },
					.family = 6 };
	struct subject s;
	struct sock k = sock_client(SOCK(1));

	(void)state;
	f.pids[f.pid_count++] = OWNER_PID;
	memcpy(f.comms[f.comm_count++], OWNER_COMM, sizeof(OWNER_COMM));
	want_lport(&f, CLIENT_LPORT);
	f.has_rports = true;
	conn_filter_add_port(f.rports, PEER_PORT);
	assert_int_equal(prefix_parse("2001:db8::/32", &f.prefixes[f.prefix_count++]), 0);
	begin(&s, 100, &f);
	k.is_ipv6 = true;
	apply(&s, sock_step(&k, 1000, STATE_SYN_SENT));
	apply(&s, sock_step(&k, 1050, STATE_ESTABLISHED));
	apply_last(&s, &k, sock_fail(&k, 2000, 0));
	assert_told(&s, "1:CLOSED>SYN_SENT 1:SYN_SENT>ESTABLISHED 1:ESTABLISHED>CLOSED "
			"1:reset_sent 1:gone");
	done(&s);
}

/* Two return probes of one function: the request may be heard of before the birth. */
static void request_may_be_told_of_before_its_child(void **state)
{
	static struct conn_filter f = { .netns = { 1, { TEST_NETNS } } };
	struct subject s;
	struct sock k = sock_server(SOCK(1));
	struct event passive = { .mono_ns = 1500 * US,
				 .sock = SOCK(1),
				 .kind = EVENT_PASSIVE,
				 .from = STATE_LISTEN,
				 .to = STATE_SYN_RECV,
				 .retransmits = 1,
				 .synack_ns = 500 * US };

	(void)state;
	begin(&s, 100, &f);
	apply(&s, passive);
	apply(&s, sock_step(&k, 1511, STATE_SYN_RECV));
	assert_told(&s, "");
	apply(&s, sock_accept(&k, 1523, 523));
	assert_told(&s, "1:CLOSED>SYN_RECV 1:SYN_RECV>ESTABLISHED");
	assert_counts(&s, 1, 0, 1, 0);
	done(&s);
}

/* A child whose birth no filter let through: what its request and its accept say is nobody's. */
static void what_is_nobodys_sticks_to_nobody(void **state)
{
	struct event passive = { .mono_ns = 1500 * US,
				 .sock = SOCK(1),
				 .kind = EVENT_PASSIVE,
				 .from = STATE_LISTEN,
				 .to = STATE_SYN_RECV,
				 .flags = EVENT_FLAG_SYNCOOKIE,
				 .retransmits = 1,
				 .synack_ns = 500 * US };
	struct event accept = { .mono_ns = 1600 * US,
				.sock = SOCK(1),
				.kind = EVENT_ACCEPT,
				.from = STATE_ESTABLISHED,
				.to = STATE_ESTABLISHED,
				.pid = OWNER_PID };

	(void)state;
	for (int soon = 0; soon < 2; soon++) {
		struct sock server = sock_server(SOCK(1)), client = sock_client(SOCK(1));
		uint64_t us = 301000000;
		struct subject s;

		begin(&s, 100, NULL);
		apply(&s, passive);
		apply(&s, accept);
		if (soon) {
			apply(&s, sock_step(&client, 1601, STATE_SYN_SENT));
			assert_told(&s, "2:CLOSED>SYN_SENT");
			done(&s);
			continue;
		}
		apply(&s, sock_step(&server, us, STATE_SYN_RECV));
		apply(&s, sock_accept(&server, us + 12, 523));
		apply(&s, sock_step(&server, us + 100, STATE_CLOSE_WAIT));
		apply(&s, sock_step(&server, us + 200, STATE_LAST_ACK));
		forget(&s);
		apply(&s, sock_step(&server, us + 300, STATE_CLOSED));
		assert_false(s.last_closed.flags & CONN_HAS_OWNER);
		assert_int_equal(s.last_closed.handshake_flags, 0);
		assert_int_equal(s.last_closed.handshake_retransmits, 0);
		assert_int_equal(s.last_closed.handshake_ns, 523 * US);
		assert_int_equal(counts_of(&s)->children_lost, 0);
		done(&s);
	}
}

static void names_of_controls_are_kept_once(void **state)
{
	struct event close;
	struct subject s;
	char name[3] = "A";

	(void)state;
	begin(&s, 1000, NULL);
	for (unsigned int i = 0; i < 200; i++) {
		struct sock k = begin_client(&s, SOCK(i), 1000 + i * 10);

		close = sock_fail(&k, 1005 + i * 10, ECONNRESET);
		name[0] = (char)('A' + i / 4 % 26);
		name[1] = (char)(i / 4 < 26 ? '\0' : '\n');
		memcpy(close.congestion, name, sizeof(name));
		s.used = 0;
		apply(&s, close);
		name[1] = (char)(name[1] ? '?' : '\0');
		assert_string_equal(conn_table_congestion(s.table, s.last_closed.congestion), name);
	}
	assert_null(conn_table_congestion(s.table, 0));
	assert_null(conn_table_congestion(s.table, 255));
	done(&s);
}

/* Lost were the end of the former life and the birth of this one. */
static void address_of_another_is_known_by_its_ends(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin(&s, 100, NULL);
	k = begin_client(&s, SOCK(1), 1000);
	forget(&s);
	k.lport++;
	apply(&s, sock_step(&k, 2000, STATE_CLOSE_WAIT));
	assert_told(&s, "1:ESTABLISHED~>CLOSED 1:unknown 1:gone 2:ESTABLISHED>CLOSE_WAIT");
	assert_counts(&s, 2, 0, 1, 1);
	assert_int_equal(only_one(&s)->lport, CLIENT_LPORT + 1);
	assert_int_equal(only_one(&s)->flags & (CONN_SEEDED | CONN_INCOMPLETE), CONN_INCOMPLETE);

	k.rport++;
	forget(&s);
	/* Even when it is told of just what the other one did. */
	apply_last(&s, &k, sock_close(&k, 3000));
	assert_told(&s, "2:CLOSE_WAIT~>CLOSED 2:unknown 2:gone 3:CLOSE_WAIT>CLOSED "
			"3:reset_sent 3:gone");
	done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_is_told_of_at_once),
		cmocka_unit_test(active_closer_goes_to_time_wait),
		cmocka_unit_test(server_is_told_of_when_it_is_one),
		cmocka_unit_test(accept_is_told_of_once),
		cmocka_unit_test(whose_listener_is_told_before_who_accepts),
		cmocka_unit_test(a_listeners_owner_is_marked),
		cmocka_unit_test(stillborn_child_is_only_counted),
		cmocka_unit_test(nobody_needs_to_be_told),
		cmocka_unit_test(fetching_changes_nothing),
		cmocka_unit_test(settling_nothing_changes_nothing),
		cmocka_unit_test(socket_may_connect_again),
		cmocka_unit_test(address_may_be_used_again),
		cmocka_unit_test(address_of_another_is_known_by_its_ends),
		cmocka_unit_test(freed_socket_ends_its_connection),
		cmocka_unit_test(strangers_are_seeded_or_lost),
		cmocka_unit_test(gap_is_healed_and_counted),
		cmocka_unit_test(whole_life_is_contradicted_once),
		cmocka_unit_test(second_telling_changes_nothing),
		cmocka_unit_test(pending_is_told_in_order_once_wanted),
		cmocka_unit_test(pending_to_its_end_is_judged_by_what_is_known),
		cmocka_unit_test(unwanted_leaves_at_once),
		cmocka_unit_test(unwanted_takes_no_room),
		cmocka_unit_test(pending_makes_room_uncounted),
		cmocka_unit_test(wanted_by_every_fact),
		cmocka_unit_test(request_may_be_told_of_before_its_child),
		cmocka_unit_test(what_is_nobodys_sticks_to_nobody),
		cmocka_unit_test(names_of_controls_are_kept_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
