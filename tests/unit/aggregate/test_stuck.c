// SPDX-License-Identifier: GPL-2.0-only
/* Stuck sockets: what the stamps say of an age, which sockets belong together, what is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/aggregate/histogram_set.h"
#include "user/aggregate/stuck_conn.h"
#include "user/aggregate/stuck_group.h"
#include "user/conn/snapshot.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MS UINT64_C(1000000)
#define S (1000 * MS)

static const struct stuck_stamps no_stamps = { TIME_UNKNOWN, TIME_UNKNOWN, TIME_UNKNOWN,
					       TIME_UNKNOWN, TIME_UNKNOWN, TIME_UNKNOWN,
					       false };

static struct holder holder(uint64_t inode, uint32_t pid, uint32_t fd, const char *comm)
{
	struct holder h = { .inode = inode, .pid = pid, .fd = fd };

	strncpy(h.comm, comm, sizeof(h.comm) - 1);
	return h;
}

static void set_address(struct address *a, uint8_t last)
{
	memset(a, 0, sizeof(*a));
	a->byte[10] = a->byte[11] = 0xff;
	a->byte[12] = 192;
	a->byte[14] = 2;
	a->byte[15] = last;
}

/* A client's socket that has been in a state for a time, kept by nobody in particular. */
static struct stuck sample(enum tcp_state state, uint64_t age_ns)
{
	struct stuck s = {
		.state = state,
		.age_ns = age_ns,
		.age_at_most_ns = TIME_UNKNOWN,
		.left_ns = TIME_UNKNOWN,
		.holders_known = true,
		.grip = STUCK_GRIP_NOBODY,
	};

	s.c.flags = CONN_HAS_ENDPOINTS;
	s.c.netns = 4026531840;
	s.c.lport = 40001;
	s.c.rport = 443;
	set_address(&s.c.laddr, 1);
	set_address(&s.c.raddr, 7);
	return s;
}

static void hold(struct stuck *s, const struct holder *holders, size_t count)
{
	s->grip = STUCK_GRIP_PROCESS;
	s->holders = holders;
	s->holder_count = count;
	s->inode = holders->inode;
	s->c.flags |= CONN_HAS_OWNER;
	s->c.pid = holders->pid;
	memcpy(s->c.comm, holders->comm, sizeof(s->c.comm));
}

static void assert_says(const struct stuck_group *group, const char *expected)
{
	struct buffer out;

	buffer_init(&out);
	stuck_group_say_reason(group, LADDER_EN, &out);
	buffer_add_char(&out, '\0');
	assert_false(out.failed);
	assert_string_equal(out.bytes, expected);
	buffer_done(&out);
}

static void assert_says_of_one(const struct stuck *s, const char *expected)
{
	struct stuck_group group;

	stuck_group_of_one(s, &group);
	assert_says(&group, expected);
}

static void assert_says_of(struct stuck *all, size_t count, const char *expected)
{
	struct stuck_group *groups;
	size_t found;

	stuck_sort(all, count);
	assert_int_equal(stuck_groups_new(all, count, 0, NULL, &groups, &found), 0);
	assert_int_equal(found, 1);
	assert_int_equal(groups->count, count);
	assert_says(groups, expected);
	free(groups);
}

/* ---- age ------------------------------------------------------------------------------------- */

static struct stuck age_of(enum tcp_state state, struct stuck_stamps stamps)
{
	struct stuck s = { .state = state };

	stuck_set_age(&s, &stamps);
	return s;
}

static void a_close_wait_lies_between_its_last_ack_and_its_last_data(void **unused)
{
	struct stuck_stamps stamps = no_stamps;
	struct stuck s;

	(void)unused;
	stamps.ack_received_ns = 1016 * MS;
	stamps.data_received_ns = 1516 * MS;
	stamps.data_sent_ns = 1200 * MS;
	s = age_of(STATE_CLOSE_WAIT, stamps);
	assert_false(s.age_is_exact);
	/* Stamps are in ticks: the last ACK may be that much younger, the data that much older. */
	assert_int_equal(s.age_ns, 1016 * MS - SOCKET_TICK_NS);
	assert_int_equal(s.age_at_most_ns, 1516 * MS + SOCKET_TICK_NS);
	/* What is said of FIN_WAIT2 goes by what was sent. */
	s = age_of(STATE_FIN_WAIT2, stamps);
	assert_int_equal(s.age_ns, 1016 * MS - SOCKET_TICK_NS);
	assert_int_equal(s.age_at_most_ns, 1200 * MS + SOCKET_TICK_NS);
	/* No older than the connection. */
	stamps.birth_ns = 1300 * MS;
	s = age_of(STATE_CLOSE_WAIT, stamps);
	assert_int_equal(s.age_at_most_ns, 1300 * MS);
}

static void a_known_moment_is_exact(void **unused)
{
	struct stuck_stamps stamps = no_stamps;
	struct stuck s;

	(void)unused;
	stamps.entered_ns = 5 * S;
	stamps.ack_received_ns = 1 * S;
	s = age_of(STATE_CLOSE_WAIT, stamps);
	assert_true(s.age_is_exact);
	assert_int_equal(s.age_ns, 5 * S);
	assert_int_equal(s.age_at_most_ns, 5 * S);
}

static void without_stamps_the_age_is_unknown(void **unused)
{
	(void)unused;
	for (unsigned int state = 1; state < STATE_COUNT; state++) {
		struct stuck s = age_of(state, no_stamps);

		assert_int_equal(s.age_ns, TIME_UNKNOWN);
		assert_int_equal(s.age_at_most_ns, TIME_UNKNOWN);
		assert_false(s.age_is_exact);
	}
}

static void bounds_that_cross_are_not_believed(void **unused)
{
	struct stuck_stamps stamps = no_stamps;
	struct stuck s;

	(void)unused;
	stamps.ack_received_ns = 2 * S;
	stamps.data_received_ns = 1 * S;
	s = age_of(STATE_CLOSE_WAIT, stamps);
	assert_int_equal(s.age_ns, 2 * S - SOCKET_TICK_NS);
	assert_int_equal(s.age_at_most_ns, TIME_UNKNOWN);
	/* It came less than a tick ago. */
	stamps.ack_received_ns = 1 * MS;
	assert_int_equal(age_of(STATE_CLOSE_WAIT, stamps).age_ns, 0);
}

static void an_open_connection_is_as_old_as_its_oldest_stamp(void **unused)
{
	struct stuck_stamps stamps = no_stamps;

	(void)unused;
	stamps.data_sent_ns = 3 * S;
	assert_int_equal(age_of(STATE_ESTABLISHED, stamps).age_ns, 3 * S - SOCKET_TICK_NS);
	stamps.ack_received_ns = 2 * S;
	stamps.data_received_ns = 7 * S;
	assert_int_equal(age_of(STATE_ESTABLISHED, stamps).age_ns, 7 * S - SOCKET_TICK_NS);
}

static void what_was_sent_again_is_no_younger_than_that(void **unused)
{
	struct stuck_stamps stamps = no_stamps;

	(void)unused;
	stamps.at_least_ns = 3 * S;
	assert_int_equal(age_of(STATE_LAST_ACK, stamps).age_ns, 3 * S);
	assert_int_equal(age_of(STATE_FIN_WAIT1, stamps).age_ns, 3 * S);
	assert_int_equal(age_of(STATE_CLOSING, stamps).age_ns, 3 * S);
	assert_int_equal(age_of(STATE_ESTABLISHED, stamps).age_ns, TIME_UNKNOWN);
}

static void short_states_have_a_sensible_age(void **unused)
{
	(void)unused;
	for (unsigned int state = 0; state <= STATE_COUNT; state++)
		assert_int_equal(stuck_is_short(state), stuck_sensible_age(state) > 0);
	assert_true(stuck_is_short(STATE_CLOSE_WAIT));
	assert_false(stuck_is_short(STATE_ESTABLISHED));
	assert_false(stuck_is_short(STATE_TIME_WAIT));
	assert_false(stuck_is_short(STATE_LISTEN));
	for (enum tcp_state state = 0; state < STATE_COUNT; state++) {
		struct stuck s = { .state = state, .age_ns = TIME_UNKNOWN, .resent = 4 };

		assert_false(stuck_is_overdue(&s));
		s.resent = 5;
		assert_int_equal(stuck_is_overdue(&s), state == STATE_FIN_WAIT1 ||
							       state == STATE_CLOSING ||
							       state == STATE_LAST_ACK);
	}
}

/* The last ACK is the peer's FIN: when it came is known as well as the kernel's stamps are. */
static void a_fin_that_nothing_followed_tells_when_it_came(void **unused)
{
	struct stuck_stamps stamps = no_stamps;
	struct stuck s;

	(void)unused;
	stamps.ack_received_ns = 2 * S;
	stamps.data_received_ns = 9 * S;
	stamps.fin_is_last = true;
	s = age_of(STATE_CLOSE_WAIT, stamps);
	assert_int_equal(s.age_ns, 2 * S - SOCKET_TICK_NS);
	assert_int_equal(s.age_at_most_ns, 2 * S + SOCKET_TICK_NS);
	assert_int_equal(age_of(STATE_LAST_ACK, stamps).age_at_most_ns, 9 * S + SOCKET_TICK_NS);
	stamps.ack_received_ns = TIME_UNKNOWN;
	assert_int_equal(age_of(STATE_CLOSE_WAIT, stamps).age_ns, TIME_UNKNOWN);
}

static void who_sends_little_and_does_not_read_has_not_noticed(void **unused)
{
	struct stuck s = sample(STATE_CLOSE_WAIT, 1 * S);

	(void)unused;
	s.is_fin_unread = true;
	s.age_at_most_ns = 20 * S;
	assert_true(stuck_is_unnoticed(&s, 10));
	assert_false(stuck_is_unnoticed(&s, 20 * 10000));
	s.age_at_most_ns = 9 * S;
	assert_false(stuck_is_unnoticed(&s, 10));
	s.age_at_most_ns = TIME_UNKNOWN;
	assert_true(stuck_is_unnoticed(&s, 10));
	s.is_fin_unread = false;
	assert_false(stuck_is_unnoticed(&s, 10));
	s.is_fin_unread = true;
	s.state = STATE_FIN_WAIT2;
	assert_false(stuck_is_unnoticed(&s, 10));
}

static void a_window_that_stays_closed_is_overdue(void **unused)
{
	struct stuck s = sample(STATE_FIN_WAIT1, TIME_UNKNOWN);

	(void)unused;
	s.window_ns = 6 * S;
	assert_false(stuck_is_overdue(&s));
	s.window_is_zero = true;
	assert_true(stuck_is_overdue(&s));
	s.window_ns = 4 * S;
	assert_false(stuck_is_overdue(&s));
}

/* ---- order and groups ------------------------------------------------------------------------ */

static void the_oldest_comes_first_and_the_unknown_last(void **unused)
{
	struct stuck all[] = { sample(STATE_CLOSE_WAIT, TIME_UNKNOWN),
			       sample(STATE_CLOSE_WAIT, 1 * S), sample(STATE_CLOSE_WAIT, 3 * S),
			       sample(STATE_CLOSE_WAIT, 2 * S) };

	(void)unused;
	stuck_sort(all, COUNT(all));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(all[i].age_ns, (3 - i) * S);
	assert_int_equal(all[3].age_ns, TIME_UNKNOWN);
	stuck_sort(NULL, 0);
}

static void a_group_shares_state_holder_and_service(void **unused)
{
	struct holder first = holder(11, 4711, 7, "web"), other = holder(12, 4712, 8, "web");
	struct stuck all[7];
	struct stuck_group *groups;
	size_t count;

	(void)unused;
	for (size_t i = 0; i < COUNT(all); i++) {
		all[i] = sample(STATE_CLOSE_WAIT, (i + 1) * S);
		all[i].rx_queue_bytes = 100 + i;
		hold(&all[i], &first, 1);
	}
	hold(&all[4], &other, 1);
	all[5].c.rport = 80;
	all[6].state = STATE_FIN_WAIT2;
	stuck_sort(all, COUNT(all));
	assert_int_equal(stuck_groups_new(all, COUNT(all), 0, NULL, &groups, &count), 0);
	assert_int_equal(count, 4);
	assert_int_equal(groups[0].count, 4);
	assert_int_equal(groups[0].oldest->age_ns, 4 * S);
	assert_int_equal(groups[0].rx_queue_bytes, 100 + 101 + 102 + 103);
	/* Those of the same size by age. */
	assert_int_equal(groups[1].oldest->age_ns, 7 * S);
	assert_int_equal(groups[2].oldest->age_ns, 6 * S);
	assert_int_equal(groups[3].oldest->age_ns, 5 * S);
	free(groups);

	assert_int_equal(
		stuck_groups_new(all, COUNT(all), 1U << GROUP_BY_COMM, NULL, &groups, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(groups[0].count, 6);
	assert_false(groups[0].is_one_holder);
	assert_false(groups[0].is_one_rport);
	assert_true(groups[0].is_one_raddr);
	free(groups);
	assert_int_equal(stuck_groups_new(all, 0, 0, NULL, &groups, &count), 0);
	assert_int_equal(count, 0);
	free(groups);
}

static void clients_of_a_service_are_one_group(void **unused)
{
	struct holder server = holder(11, 80, 7, "web");
	struct stuck all[5];
	struct stuck_group *groups;
	size_t count;

	(void)unused;
	for (size_t i = 0; i < COUNT(all); i++) {
		all[i] = sample(STATE_CLOSE_WAIT, (i + 1) * S);
		hold(&all[i], &server, 1);
		all[i].c.lport = 8080;
		all[i].c.rport = 40000 + i;
		set_address(&all[i].c.raddr, i + 1);
	}
	stuck_sort(all, COUNT(all));
	assert_int_equal(stuck_set_services(all, COUNT(all)), 0);
	for (size_t i = 0; i < COUNT(all); i++)
		assert_true(all[i].serves);
	assert_int_equal(stuck_groups_new(all, COUNT(all), 0, NULL, &groups, &count), 0);
	assert_int_equal(count, 1);
	assert_false(groups->is_one_raddr);
	assert_true(groups->is_one_lport);
	free(groups);
	for (unsigned int key = 0; key < GROUP_KEY_COUNT; key++) {
		size_t want = key == GROUP_BY_RADDR || key == GROUP_BY_RPORT ? COUNT(all) : 1;

		assert_int_equal(
			stuck_groups_new(all, COUNT(all), 1U << key, NULL, &groups, &count), 0);
		assert_int_equal(count, want);
		free(groups);
	}
}

/* One local port each, and one remote end. */
static void clients_do_not_serve(void **unused)
{
	struct stuck all[3];

	(void)unused;
	for (size_t i = 0; i < COUNT(all); i++) {
		all[i] = sample(STATE_CLOSE_WAIT, S);
		all[i].c.lport = 40000 + i;
	}
	all[2].c.rport = 80; /* alone, so that nothing tells */
	assert_int_equal(stuck_set_services(all, COUNT(all)), 0);
	for (size_t i = 0; i < COUNT(all); i++)
		assert_false(all[i].serves);
	all[2].c.role = CONN_ROLE_SERVER;
	assert_int_equal(stuck_set_services(all, COUNT(all)), 0);
	assert_true(all[2].serves);
	assert_int_equal(stuck_set_services(NULL, 0), 0);
}

/* ---- sentences ------------------------------------------------------------------------------- */

static void close_wait_names_who_did_not_close(void **unused)
{
	struct holder holders[] = { holder(11, 4711, 7, "python3"), holder(11, 4712, 7, "python3"),
				    holder(11, 4712, 9, "python3") };
	struct stuck all[7], s = sample(STATE_CLOSE_WAIT, 12300 * MS);

	(void)unused;
	hold(&s, holders, 1);
	s.rx_queue_bytes = 101;
	assert_says_of_one(&s, "The peer closed at least 12.3s ago; python3[4711] still holds fd "
			       "7, 101 bytes unread, and never called close.");
	s.age_is_exact = true;
	s.rx_queue_bytes = 1;
	hold(&s, holders, 2);
	assert_says_of_one(&s, "The peer closed 12.3s ago; python3[4711] (fd 7) and 1 other "
			       "process still hold it, 1 byte unread, and none called close.");
	hold(&s, holders, 3);
	s.rx_queue_bytes = 0;
	s.age_ns = TIME_UNKNOWN;
	assert_says_of_one(&s, "The peer closed an unknown time ago; python3[4711] (fd 7) and 1 "
			       "other process still hold it, and none called close.");
	for (size_t i = 0; i < COUNT(all); i++) {
		all[i] = sample(STATE_CLOSE_WAIT, (i + 1) * S);
		hold(&all[i], holders, 1);
		all[i].rx_queue_bytes = 101 + i;
	}
	assert_says_of(all, COUNT(all),
		       "7 peers closed, the first at least 7.00s ago; python3[4711] still holds "
		       "them, 728 bytes unread, and never called close.");
}

static void close_wait_that_nobody_accepted_is_the_listeners(void **unused)
{
	struct holder listener = holder(11, 80, 3, "web");
	struct stuck s = sample(STATE_CLOSE_WAIT, 2 * S);

	(void)unused;
	s.grip = STUCK_GRIP_ACCEPT_QUEUE;
	assert_says_of_one(&s, "The peer closed at least 2.00s ago; nobody has accepted it.");
	s.listener = &listener;
	assert_says_of_one(&s, "The peer closed at least 2.00s ago; nobody has accepted it: "
			       "web[80] listens with fd 3 and does not call accept.");
}

static void other_keepers_are_told_apart(void **unused)
{
	struct holder ring = holder(11, 80, 5, "web");
	struct stuck s = sample(STATE_CLOSE_WAIT, 2 * S);

	(void)unused;
	s.grip = STUCK_GRIP_TRANSIT;
	assert_says_of_one(&s, "The peer closed at least 2.00s ago; no process has a descriptor "
			       "of it, which may be in an io_uring or on the way over a UNIX "
			       "socket.");
	s.grip = STUCK_GRIP_KERNEL;
	assert_says_of_one(&s, "The peer closed at least 2.00s ago; the kernel itself holds it.");
	s.grip = STUCK_GRIP_UNKNOWN;
	assert_says_of_one(&s, "The peer closed at least 2.00s ago; which process holds it is "
			       "not known.");
	ring.way = HOLDER_IO_URING;
	hold(&s, &ring, 1);
	assert_says_of_one(&s, "The peer closed at least 2.00s ago; web[80] still holds it in the "
			       "io_uring of fd 5, and never called close.");
}

static void fin_wait2_names_the_peer_that_did_not_close(void **unused)
{
	struct holder h = holder(11, 4711, 7, "curl");
	struct stuck s = sample(STATE_FIN_WAIT2, 61 * S);

	(void)unused;
	hold(&s, &h, 1);
	assert_says_of_one(&s, "Our side closed at least 61.0s ago, and 192.0.2.7:443 acknowledged "
			       "it but never closed its own side; curl[4711] still holds fd 7.");
	s = sample(STATE_FIN_WAIT2, 10 * S);
	s.left_ns = 50 * S;
	assert_says_of_one(&s,
			   "Our side closed at least 10.0s ago, and 192.0.2.7:443 acknowledged it "
			   "but never closed its own side; no process holds it any more; the "
			   "kernel drops it in 50.0s.");
	s.left_ns = 0;
	assert_says_of_one(&s,
			   "Our side closed at least 10.0s ago, and 192.0.2.7:443 acknowledged it "
			   "but never closed its own side; no process holds it any more; the "
			   "kernel drops it now.");
}

static void last_ack_counts_the_fins(void **unused)
{
	struct stuck all[2], s = sample(STATE_LAST_ACK, 6 * S);

	(void)unused;
	s.tx_queue_bytes = 1;
	s.resent = 4;
	assert_says_of_one(&s, "Both sides closed at least 6.00s ago; our FIN, sent 5 times, is "
			       "not acknowledged: look at the way to 192.0.2.7:443.");
	s.tx_queue_bytes = 101;
	s.resent = 0;
	assert_says_of_one(&s, "Both sides closed at least 6.00s ago; 100 bytes and our FIN, sent "
			       "1 time, are not acknowledged: look at the way to 192.0.2.7:443.");
	for (size_t i = 0; i < COUNT(all); i++) {
		all[i] = s;
		all[i].c.lport = 40000 + i;
		all[i].resent = i + 1;
		all[i].tx_queue_bytes = 1;
	}
	assert_says_of(all, COUNT(all),
		       "Both sides closed 2 connections, the first at least 6.00s ago; our FINs, "
		       "sent up to 3 times each, are not acknowledged: look at the way to "
		       "192.0.2.7:443.");
}

static void fin_wait1_tells_a_closed_window_from_silence(void **unused)
{
	struct stuck s = sample(STATE_FIN_WAIT1, 6 * S);

	(void)unused;
	s.tx_queue_bytes = 4097;
	s.window_is_zero = true;
	s.probes = 3;
	assert_says_of_one(&s, "Our side closed at least 6.00s ago; the peer closed its window and "
			       "does not read: 4096 bytes wait, 3 probes unanswered.");
	s.window_is_zero = false;
	s.resent = 2;
	assert_says_of_one(&s, "Our side closed at least 6.00s ago; 4096 bytes and our FIN, sent 3 "
			       "times, are not acknowledged: look at the way to 192.0.2.7:443.");
	s.state = STATE_CLOSING;
	s.tx_queue_bytes = 1;
	assert_says_of_one(&s, "Both sides closed at once at least 6.00s ago; our FIN, sent 3 "
			       "times, is not acknowledged: look at the way to 192.0.2.7:443.");
}

static void syn_sent_counts_the_syns(void **unused)
{
	struct holder h = holder(11, 4711, 7, "curl");
	struct stuck all[3], s = sample(STATE_SYN_SENT, 7 * S);

	(void)unused;
	hold(&s, &h, 1);
	s.age_is_exact = true;
	s.resent = 2;
	assert_says_of_one(&s, "3 SYNs in 7.00s and no answer from 192.0.2.7:443: nobody there, a "
			       "firewall that drops, or a full backlog; curl[4711] still holds fd "
			       "7.");
	for (size_t i = 0; i < COUNT(all); i++) {
		all[i] = s;
		all[i].c.lport = 40000 + i;
		all[i].resent = i;
	}
	assert_says_of(all, COUNT(all),
		       "3 connects, with up to 3 SYNs each in 7.00s and no answer from "
		       "192.0.2.7:443: nobody there, a firewall that drops, or a full backlog; "
		       "curl[4711] still holds them.");
}

static void syn_recv_tells_silence_from_a_full_backlog(void **unused)
{
	struct holder listener = holder(11, 80, 3, "web");
	struct stuck s = sample(STATE_SYN_RECV, 3 * S);

	(void)unused;
	s.c.role = CONN_ROLE_SERVER;
	s.c.lport = 8080;
	s.age_is_exact = true;
	s.is_minisock = true;
	s.resent = 1;
	s.listener = &listener;
	assert_says_of_one(&s, "A SYN-ACK was sent 2 times in 3.00s, and no ACK came from "
			       "192.0.2.7:443; web[80] listens on port 8080.");
	s.is_ack_dropped = true;
	assert_says_of_one(&s, "A SYN-ACK was sent 2 times in 3.00s, and the ACK came but was not "
			       "taken: the accept queue is full, or waits for data; web[80] "
			       "listens on port 8080.");
}

static void other_states_are_told_of_as_well(void **unused)
{
	struct holder h = holder(11, 4711, 7, "curl");
	struct stuck s = sample(STATE_ESTABLISHED, 7 * S);

	(void)unused;
	hold(&s, &h, 1);
	s.rx_queue_bytes = 5;
	s.tx_queue_bytes = 6;
	assert_says_of_one(&s, "ESTABLISHED for at least 7.00s; curl[4711] still holds fd 7, 5 "
			       "bytes unread, 6 bytes not acknowledged.");
	s = sample(STATE_TIME_WAIT, 7 * S);
	s.age_is_exact = true;
	s.left_ns = 53 * S;
	assert_says_of_one(&s, "Both sides closed 7.00s ago; the kernel keeps the ports for 60 s; "
			       "the kernel drops it in 53.0s.");
}

static void what_moves_is_accused_of_nothing(void **unused)
{
	struct holder h = holder(11, 4711, 7, "web");
	struct holder two[] = { holder(11, 4711, 7, "web"), holder(11, 4712, 7, "web") };
	struct stuck s = sample(STATE_CLOSE_WAIT, 1 * S), both[2];

	(void)unused;
	s.is_moving = s.age_is_blurred = true;
	hold(&s, two, 2);
	assert_says_of_one(&s, "The peer closed at least 1.00s ago; web[4711] (fd 7) and 1 other "
			       "process still hold it, and this side still sends.");
	hold(&s, &h, 1);
	s.age_at_most_ns = 20 * S;
	assert_says_of_one(&s, "The peer closed at least 1.00s and at most 20.0s ago; web[4711] "
			       "still holds fd 7, and still sends.");
	s.is_unnoticed = true;
	assert_says_of_one(&s, "The peer closed at least 1.00s and at most 20.0s ago; web[4711] "
			       "still holds fd 7, and still sends: nobody has read the end.");
	both[0] = both[1] = s;
	assert_says_of(both, 2,
		       "2 peers closed, the first at least 1.00s ago; web[4711] still "
		       "holds them, and all still send: nobody has read the ends.");
	s.state = STATE_FIN_WAIT2;
	assert_says_of_one(&s, "Our side closed at least 1.00s and at most 20.0s ago, and "
			       "192.0.2.7:443 acknowledged it and still sends; web[4711] still "
			       "holds fd 7.");
}

static void clients_that_nobody_accepted_wait_for_the_listener(void **unused)
{
	struct holder h = holder(11, 80, 3, "web");
	struct stuck s = sample(STATE_ESTABLISHED, 2 * S), both[2];

	(void)unused;
	s.grip = STUCK_GRIP_ACCEPT_QUEUE;
	s.age_is_exact = true;
	s.rx_queue_bytes = 5;
	assert_says_of_one(&s, "A client has been connected for 2.00s, and nobody has accepted "
			       "it, 5 bytes unread.");
	s.listener = &h;
	assert_says_of_one(&s, "A client has been connected for 2.00s, and nobody has accepted "
			       "it: web[80] listens with fd 3 and does not call accept, 5 bytes "
			       "unread.");
	both[0] = both[1] = s;
	assert_says_of(both, 2,
		       "2 clients have been connected, the first for 2.00s, and nobody "
		       "has accepted them: web[80] listens with fd 3 and does not call "
		       "accept, 10 bytes unread.");
}

/* Chinese has blanks beside letters and digits alone. */
static void assert_closed_up(const struct buffer *out)
{
	for (size_t i = 3; i + 1 < out->size; i++)
		if (out->bytes[i] == ' ' && out->bytes[i - 1] & 0x80 && out->bytes[i + 1] & 0x80)
			fail_msg("%.*s", (int)out->size, out->bytes);
}

/* Whatever the numbers are, it is one sentence that ends. */
static void every_state_and_keeper_has_a_sentence(void **unused)
{
	struct holder h[] = { holder(11, 4711, 7, "a\033[2J\"\n."), holder(11, 4712, 7, "b") };

	(void)unused;
	for (unsigned int state = 0; state <= STATE_COUNT; state++) {
		for (unsigned int grip = 0; grip < STUCK_GRIP_COUNT; grip++) {
			struct stuck s = sample(state, 7 * S);
			struct stuck_group group;
			struct buffer out;

			s.rx_queue_bytes = s.tx_queue_bytes = STUCK_BYTES_UNKNOWN;
			if (grip == STUCK_GRIP_PROCESS)
				hold(&s, h, 1 + state % 2);
			s.grip = grip;
			s.listener = grip == STUCK_GRIP_ACCEPT_QUEUE ? h : NULL;
			buffer_init(&out);
			stuck_group_of_one(&s, &group);
			stuck_group_say_reason(&group, LADDER_EN, &out);
			assert_true(out.size > 20 && out.bytes[out.size - 1] == '.');
			for (size_t i = 0; i < out.size; i++)
				assert_in_range(out.bytes[i], ' ', '~');
			buffer_clear(&out);
			stuck_group_say_reason(&group, LADDER_ZH, &out);
			assert_true(out.size > 3 && !memcmp(out.bytes + out.size - 3, "。", 3));
			assert_closed_up(&out);
			buffer_done(&out);
		}
	}
}

static void nobody_has_accepted_what_shows_no_accept(void **state)
{
	struct seed waiting = { .marks = EVENT_SOCKET_UNACCEPTED }, taken = { .marks = 0 };
	struct conn c = { .role = CONN_ROLE_SERVER, .step_count = 1 }, other;

	(void)state;
	c.step_state[0] = STATE_ESTABLISHED;
	/* Who slept in accept as programs came may have taken it. */
	assert_false(stuck_is_unaccepted(&c, NULL));
	assert_true(stuck_may_be_unaccepted(&c, NULL));
	other = c;
	other.accept_ns = S;
	assert_false(stuck_may_be_unaccepted(&other, NULL));
	other = c;
	other.role = CONN_ROLE_CLIENT;
	assert_false(stuck_may_be_unaccepted(&other, NULL));
	other = c;
	other.flags = CONN_SUBFLOW; /* what joins a connection is not accepted by itself */
	assert_false(stuck_may_be_unaccepted(&other, NULL));
	/* Of one that is older, the snapshot knows. */
	c.flags = CONN_SEEDED | CONN_INCOMPLETE;
	assert_false(stuck_is_unaccepted(&c, NULL));
	assert_false(stuck_is_unaccepted(&c, &taken));
	assert_false(stuck_may_be_unaccepted(&c, &taken));
	assert_true(stuck_is_unaccepted(&c, &waiting));
	/* So does the connection that was made of it. */
	c.step_ns[2] = waiting.marks;
	assert_true(stuck_is_unaccepted(&c, NULL));
	c.accept_ns = S;
	assert_false(stuck_is_unaccepted(&c, &waiting));
}

/* A leak goes on: some were there when recording began, and some came while it was recorded. */
static void a_recording_tells_who_held_and_who_opened(void **state)
{
	static const struct {
		struct {
			bool is_old;
			uint8_t role;
		} of[3];
		const char *says;
	} cases[] = {
		{ { { true, CONN_ROLE_CLIENT }, { true, CONN_ROLE_CLIENT }, { true, 0 } },
		  "held them when it was recorded first" },
		{ { { true, CONN_ROLE_CLIENT },
		    { false, CONN_ROLE_CLIENT },
		    { false, CONN_ROLE_CLIENT } },
		  "held 1 of them when recording began and opened the others" },
		{ { { true, CONN_ROLE_CLIENT },
		    { true, CONN_ROLE_SERVER },
		    { false, CONN_ROLE_SERVER } },
		  "held 2 of them when recording began and accepted the others" },
		{ { { true, CONN_ROLE_CLIENT },
		    { false, CONN_ROLE_CLIENT },
		    { false, CONN_ROLE_SERVER } },
		  "held 1 of them when recording began and opened or accepted the others" },
		{ { { false, CONN_ROLE_SERVER },
		    { false, CONN_ROLE_SERVER },
		    { false, CONN_ROLE_SERVER } },
		  "accepted them" },
		{ { { false, CONN_ROLE_CLIENT },
		    { false, CONN_ROLE_SERVER },
		    { false, CONN_ROLE_CLIENT } },
		  "opened or accepted them" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct stuck all[COUNT(cases->of)];
		char expected[256];

		for (size_t k = 0; k < COUNT(all); k++) {
			all[k] = sample(STATE_CLOSE_WAIT, (9 - k) * S);
			all[k].age_is_exact = true;
			all[k].grip = STUCK_GRIP_UNKNOWN;
			all[k].rx_queue_bytes = all[k].tx_queue_bytes = STUCK_BYTES_UNKNOWN;
			all[k].c.role = cases[i].of[k].role;
			all[k].c.flags |= CONN_HAS_OWNER |
					  (cases[i].of[k].is_old ? CONN_SEEDED : 0);
			all[k].c.pid = 4711;
			memcpy(all[k].c.comm, "app", 4);
		}
		snprintf(expected, sizeof(expected),
			 "3 peers closed, the first 9.00s ago; app[4711] %s, and who holds them "
			 "now was not recorded.",
			 cases[i].says);
		assert_says_of(all, COUNT(all), expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_close_wait_lies_between_its_last_ack_and_its_last_data),
		cmocka_unit_test(a_known_moment_is_exact),
		cmocka_unit_test(a_recording_tells_who_held_and_who_opened),
		cmocka_unit_test(without_stamps_the_age_is_unknown),
		cmocka_unit_test(bounds_that_cross_are_not_believed),
		cmocka_unit_test(an_open_connection_is_as_old_as_its_oldest_stamp),
		cmocka_unit_test(what_was_sent_again_is_no_younger_than_that),
		cmocka_unit_test(short_states_have_a_sensible_age),
		cmocka_unit_test(a_fin_that_nothing_followed_tells_when_it_came),
		cmocka_unit_test(who_sends_little_and_does_not_read_has_not_noticed),
		cmocka_unit_test(a_window_that_stays_closed_is_overdue),
		cmocka_unit_test(the_oldest_comes_first_and_the_unknown_last),
		cmocka_unit_test(a_group_shares_state_holder_and_service),
		cmocka_unit_test(clients_of_a_service_are_one_group),
		cmocka_unit_test(clients_do_not_serve),
		cmocka_unit_test(close_wait_names_who_did_not_close),
		cmocka_unit_test(close_wait_that_nobody_accepted_is_the_listeners),
		cmocka_unit_test(other_keepers_are_told_apart),
		cmocka_unit_test(fin_wait2_names_the_peer_that_did_not_close),
		cmocka_unit_test(last_ack_counts_the_fins),
		cmocka_unit_test(fin_wait1_tells_a_closed_window_from_silence),
		cmocka_unit_test(syn_sent_counts_the_syns),
		cmocka_unit_test(syn_recv_tells_silence_from_a_full_backlog),
		cmocka_unit_test(other_states_are_told_of_as_well),
		cmocka_unit_test(what_moves_is_accused_of_nothing),
		cmocka_unit_test(clients_that_nobody_accepted_wait_for_the_listener),
		cmocka_unit_test(nobody_has_accepted_what_shows_no_accept),
		cmocka_unit_test(every_state_and_keeper_has_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
