// SPDX-License-Identifier: GPL-2.0-only
/* Listening sockets: what looks at them and connections to them add up to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sample_conn.h"
#include "user/aggregate/listening.h"
#include "user/base/atom.h"
#include "user/base/units.h"

#define NETNS 4026531840u
#define PORT 8080

static struct address any_ipv4(void)
{
	return address_from_ipv4((const uint8_t[4]){ 0 });
}

static struct socket_info listener(uint64_t sock, uint32_t queue, uint32_t drops)
{
	return (struct socket_info){
		.sock = sock,
		.inode = sock + 1000,
		.netns = NETNS,
		.state = STATE_LISTEN,
		.object = EVENT_SOCKET_FULL,
		.marks = EVENT_SOCKET_DROPS | EVENT_SOCKET_COUNTED,
		.lport = PORT,
		.laddr = any_ipv4(),
		.rx_queue = queue,
		.tx_queue = 4,
		.in_flight = 2,
		.retransmits = drops,
	};
}

static struct socket_info waiting(uint64_t now_ns, uint64_t age_ns)
{
	return (struct socket_info){
		.sock = now_ns + age_ns,
		.mono_ns = now_ns,
		.netns = NETNS,
		.state = STATE_ESTABLISHED,
		.object = EVENT_SOCKET_FULL,
		.marks = EVENT_SOCKET_UNACCEPTED,
		.lport = PORT,
		.laddr = address_from_ipv4((const uint8_t[4]){ 192, 0, 2, 1 }),
		.send_age_ns = age_ns,
	};
}

static struct conn server(uint32_t pid, uint64_t established_ns, uint64_t accept_ns)
{
	struct conn c = {
		.sock = established_ns,
		.role = CONN_ROLE_SERVER,
		.netns = NETNS,
		.lport = PORT,
		.rport = 40000,
		.pid = pid,
		.accept_ns = accept_ns,
	};

	sample_ipv4(&c, 1, 2);
	sample_comm(&c, "server");
	sample_step(&c, STATE_SYN_RECV, established_ns - MS);
	sample_step(&c, STATE_ESTABLISHED, established_ns);
	return c;
}

static void look(struct listening *l, uint64_t now_ns, const struct socket_info *infos,
		 size_t count)
{
	listening_look(l, now_ns);
	for (size_t i = 0; i < count; i++)
		listening_see(l, &infos[i]);
	listening_looked(l, now_ns, true);
}

static void tell(struct listening *l, const struct conn *c)
{
	struct consumer *consumer = listening_consumer(l);

	if (c->accept_ns)
		consumer->class->accepted(consumer, c);
	else
		consumer->class->closed(consumer, c);
}

static struct listening_place *only_place(struct listening *l)
{
	assert_int_equal(listening_places(l), 1);
	return listening_place(l, 1);
}

static void a_look_finds_what_waits(void **state)
{
	struct listening *l = listening_new();
	const struct socket_info infos[] = { listener(64, 3, 7),
					     waiting(10 * NS_PER_S, 2 * NS_PER_S),
					     waiting(10 * NS_PER_S, 8 * NS_PER_S),
					     waiting(10 * NS_PER_S, 5 * NS_PER_S) };
	struct listening_socket *s;

	(void)state;
	look(l, 10 * NS_PER_S, infos, 4);
	s = listening_socket(l, only_place(l)->first);
	assert_non_null(s);
	assert_int_equal(s->queue, 3);
	assert_int_equal(s->queue_max, 4);
	assert_int_equal(s->half_open, 2);
	assert_int_equal(s->drops, 7);
	assert_int_equal(listening_drops(s), 0);
	assert_int_equal(only_place(l)->oldest_ns, 2 * NS_PER_S);
	assert_int_equal(listening_left_out(l), 0);
	listening_free(l);
}

static void later_looks_count_from_the_first(void **state)
{
	struct listening *l = listening_new();
	struct socket_info info = listener(64, 5, UINT32_MAX - 1), late = listener(128, 0, 3);
	struct listening_port port;

	(void)state;
	late.lport = PORT + 1;
	look(l, 1, &info, 1);
	info.retransmits = 2; /* past the end of 32 bits */
	info.rx_queue = 1;
	look(l, 2, (const struct socket_info[]){ info, late }, 2);
	assert_int_equal(listening_drops(listening_socket(l, 1)), 4);
	assert_int_equal(listening_socket(l, 1)->queue, 1);
	assert_int_equal(listening_socket(l, 1)->queue_most, 5);
	assert_int_equal(listening_drops(listening_socket(l, 2)), 3);
	/* One that is gone leaves what it dropped with its port. */
	look(l, 3, &late, 1);
	assert_null(listening_socket(l, 1));
	assert_int_equal(listening_ports(l, &port, 1), 2);
	assert_int_equal(port.lport, PORT);
	assert_int_equal(port.queue, 0);
	assert_int_equal(port.drops, 4);
	listening_free(l);
}

static void nobody_accepts_while_the_same_wait(void **state)
{
	struct listening *l = listening_new();
	struct socket_info infos[] = { listener(64, 2, 0), waiting(10 * NS_PER_S, 8 * NS_PER_S),
				       waiting(10 * NS_PER_S, 5 * NS_PER_S),
				       waiting(13 * NS_PER_S, NS_PER_S) };

	(void)state;
	look(l, 10 * NS_PER_S, infos, 3);
	assert_int_equal(only_place(l)->unmoved_ns, 10 * NS_PER_S);
	/* Later, by another tick; one more has come. */
	for (size_t i = 1; i < 3; i++) {
		infos[i].mono_ns += 3 * NS_PER_S;
		infos[i].send_age_ns += 3 * NS_PER_S + 4 * MS;
	}
	look(l, 13 * NS_PER_S, infos, 4);
	assert_int_equal(only_place(l)->unmoved_ns, 10 * NS_PER_S);
	look(l, 14 * NS_PER_S, infos, 4);
	assert_int_equal(only_place(l)->unmoved_ns, 10 * NS_PER_S);
	/* The first one was accepted. */
	infos[1] = infos[3];
	look(l, 15 * NS_PER_S, infos, 3);
	assert_int_equal(only_place(l)->unmoved_ns, 15 * NS_PER_S);
	look(l, 16 * NS_PER_S, infos, 1);
	assert_int_equal(only_place(l)->unmoved_ns, 0);
	listening_free(l);
}

static bool overflows(uint64_t all_overflows, uint64_t all_drops, uint64_t *ret)
{
	const struct listening_counts none = { 0 }, now = { all_overflows, all_drops };
	const struct socket_info before = listener(64, 5, 0), after = listener(64, 5, 7);
	struct listening *l = listening_new();
	bool is_known;

	listening_count(l, NETNS, &none);
	look(l, 1, &before, 1);
	look(l, 2, &after, 1);
	listening_count(l, NETNS, &now);
	is_known = listening_overflows(l, listening_socket(l, 1), true, ret);
	listening_free(l);
	return is_known;
}

static void overflows_are_told_where_they_must_be_its(void **state)
{
	uint64_t found;

	(void)state;
	assert_true(overflows(5, 7, &found)); /* all drops of the namespace are its */
	assert_int_equal(found, 5);
	assert_true(overflows(9, 9, &found)); /* all drops are overflows */
	assert_int_equal(found, 7);
	assert_true(overflows(0, 9, &found));
	assert_int_equal(found, 0);
	assert_false(overflows(5, 9, &found)); /* whose they are is open */
}

static void accepts_are_counted(void **state)
{
	struct listening *l = listening_new();
	const struct socket_info info = listener(64, 0, 0);
	const struct conn quick = server(7, NS_PER_S, NS_PER_S + MS),
			  slow = server(8, 2 * NS_PER_S, 2 * NS_PER_S + 500 * MS),
			  never = server(0, 3 * NS_PER_S, 0);
	struct listening_place *p;

	(void)state;
	look(l, 1, &info, 1);
	tell(l, &quick);
	tell(l, &slow);
	tell(l, &never);
	p = only_place(l);
	assert_int_equal(p->accepted, 2);
	assert_int_equal(p->never_accepted, 1);
	assert_int_equal(p->wait.count, 2);
	assert_int_equal(p->wait.max, 500 * MS);
	assert_int_equal(listening_socket(l, 1)->accepted, 2);
	listening_free(l);
}

/* Segments show no accept, at no end of theirs. */
static void what_was_captured_was_accepted_by_nobody_knows_whom(void **state)
{
	struct listening *l = listening_new();
	struct consumer *consumer = listening_consumer(l);
	struct conn never = server(0, NS_PER_S, 0), closed = never;

	(void)state;
	never.flags |= CONN_WIRE;
	closed.flags |= CONN_WIRE | CONN_FINISHED;
	closed.outcome = CONN_OUTCOME_CLOSED;
	consumer->class->closed(consumer, &never);
	consumer->class->closed(consumer, &closed);
	assert_true(only_place(l)->was_captured);
	assert_int_equal(only_place(l)->accepted, 0);
	assert_int_equal(only_place(l)->never_accepted, 0);
	listening_free(l);
}

/* As a 32-bit program and io_uring accept: its end alone shows it, and not when. */
static void an_end_shows_an_accept_that_nobody_saw(void **state)
{
	struct listening *l = listening_new();
	struct consumer *consumer = listening_consumer(l);
	const struct socket_info info = listener(64, 0, 0);
	struct conn closed = server(0, NS_PER_S, 0), held = closed, joined = closed;

	(void)state;
	closed.outcome = joined.outcome = CONN_OUTCOME_CLOSED;
	joined.flags |= CONN_SUBFLOW;
	held.outcome = CONN_OUTCOME_RESET_RECEIVED;
	held.evidence = CAUSE_HELD;
	closed.flags |= CONN_FINISHED;
	look(l, 1, &info, 1);
	consumer->class->closed(consumer, &closed);
	consumer->class->closed(consumer, &held);
	consumer->class->like(consumer, 0, &closed);
	consumer->class->closed(consumer, &joined);
	assert_int_equal(only_place(l)->accepted, 3);
	assert_int_equal(only_place(l)->never_accepted, 0);
	assert_int_equal(only_place(l)->wait.count, 0);
	assert_int_equal(listening_socket(l, 1)->accepted, 3);
	/* Of several sockets it was one. */
	look(l, 2, (struct socket_info[]){ info, listener(128, 0, 0) }, 2);
	consumer->class->closed(consumer, &closed);
	assert_int_equal(only_place(l)->unassigned, 1);
	listening_free(l);
}

static void a_group_is_parted_by_process(void **state)
{
	struct listening *l = listening_new();
	const struct socket_info infos[] = { listener(64, 0, 0), listener(128, 0, 0) };
	struct conn c = server(7, NS_PER_S, NS_PER_S + MS);

	(void)state;
	look(l, 1, infos, 2);
	assert_int_equal(only_place(l)->count, 2);
	tell(l, &c);
	assert_int_equal(only_place(l)->unassigned, 1); /* nobody has said whose they are */
	listening_socket(l, 1)->pid = 7;
	listening_socket(l, 2)->pid = 8;
	tell(l, &c);
	tell(l, &c);
	c.pid = 8;
	tell(l, &c);
	assert_int_equal(only_place(l)->accepted, 4);
	assert_int_equal(only_place(l)->unassigned, 1);
	assert_int_equal(listening_socket(l, 1)->accepted, 2);
	assert_int_equal(listening_socket(l, 2)->accepted, 1);
	/* One process has both: who knows which. */
	listening_socket(l, 1)->pid = 8;
	tell(l, &c);
	assert_int_equal(only_place(l)->unassigned, 2);
	listening_free(l);
}

static void events_tell_of_those_that_no_look_has_seen(void **state)
{
	struct listening *l = listening_new();
	struct event e = { .kind = EVENT_LISTENER,
			   .sock = 64,
			   .netns = NETNS,
			   .from = STATE_CLOSED,
			   .to = STATE_LISTEN,
			   .lport = PORT,
			   .laddr = any_ipv4(),
			   .pid = 7,
			   .process = "server" };
	const struct conn c = server(7, NS_PER_S, NS_PER_S + MS);
	struct socket_info by_netlink = listener(0, 1, 0);

	(void)state;
	tell(l, &c); /* heard of by a connection alone */
	assert_false(only_place(l)->is_bound);
	listening_hear(l, &e);
	tell(l, &c);
	assert_int_equal(listening_places(l), 2);
	assert_int_equal(listening_place(l, 1)->accepted, 2); /* its address is nearer */
	assert_string_equal(listening_socket(l, 1)->comm, "server");
	assert_false(listening_socket(l, 1)->is_seen);
	look(l, 1, &by_netlink, 1); /* has another key, and is the same */
	assert_int_equal(listening_place(l, 2)->count, 1);
	e.from = STATE_LISTEN;
	e.to = STATE_CLOSED;
	listening_hear(l, &e);
	look(l, 2, NULL, 0);
	assert_int_equal(listening_place(l, 2)->count, 0);
	listening_free(l);
}

/* Whom it takes is bound as it is, and tells how that interface is called. */
static void who_is_accepted_tells_the_interface(void **state)
{
	const struct share nobody = { SHARES_NOBODY, NETNS };
	struct event e = { .kind = EVENT_LISTENER,
			   .to = STATE_LISTEN,
			   .sock = 64,
			   .netns = NETNS,
			   .lport = PORT,
			   .ifindex = 3,
			   .laddr = any_ipv4() };
	struct conn c = server(7, NS_PER_S, NS_PER_S + MS);
	struct listening *l = listening_new();

	(void)state;
	listening_hear(l, &e);
	c.ifindex = 3;
	c.ifname = atom_of("red", 3, &nobody);
	tell(l, &c);
	assert_string_equal(atom_text(only_place(l)->ifname), "red");
	listening_free(l);

	/* One that is bound to none takes who is bound to a VRF. */
	l = listening_new();
	e.ifindex = 0;
	listening_hear(l, &e);
	tell(l, &c);
	assert_int_equal(only_place(l)->ifname, ATOM_NONE);
	listening_free(l);
}

static void what_finds_no_room_is_counted(void **state)
{
	struct listening *l = listening_new();
	struct socket_info info = listener(64, 0, 0);

	(void)state;
	listening_look(l, 1);
	for (uint32_t i = 0; i < LISTENING_MAX + 7; i++) {
		info.sock += 64;
		info.inode++;
		info.lport = 1 + i % 1000;
		info.netns = NETNS + i / 1000;
		listening_see(l, &info);
	}
	listening_looked(l, 1, true);
	assert_int_equal(listening_sockets(l), LISTENING_MAX);
	assert_int_equal(listening_left_out(l), 7);
	listening_free(l);

	l = listening_new();
	listening_look(l, 1);
	for (uint32_t i = 0; i < LISTENING_AT_ONE_PLACE + 7; i++) {
		info = listener(64 + i, 0, 0);
		listening_see(l, &info);
	}
	listening_looked(l, 1, true);
	assert_int_equal(only_place(l)->count, LISTENING_AT_ONE_PLACE);
	assert_int_equal(listening_left_out(l), 7);
	listening_free(l);
}

/* Somebody opens and closes one after the other, of which each drops one. */
static void open_and_close(struct listening *l, uint32_t from, uint32_t to, uint32_t drops)
{
	struct socket_info info;

	for (uint32_t i = from; i < to; i++) {
		struct event e = { .kind = EVENT_LISTENER, .to = STATE_CLOSED, .sock = 1024 + i };

		info = listener(e.sock, 0, drops);
		info.lport = (uint16_t)(1 + i % 1000);
		info.netns = NETNS + 1 + i / 1000;
		listening_see(l, &info);
		listening_hear(l, &e);
	}
}

static uint64_t drops_of_all_ports(const struct listening *l)
{
	struct listening_port ports[1001];
	uint64_t drops = 0;
	size_t count = listening_ports(l, ports, 1001);

	assert_int_equal(count, 1001);
	for (size_t i = 0; i < count; i++)
		drops += ports[i].drops;
	return drops;
}

static bool has_place(struct listening *l, uint32_t netns)
{
	for (uint32_t n = 1; n <= listening_places(l); n++)
		if (listening_place(l, n)->netns == netns)
			return true;
	return false;
}

/* Those that were there yesterday do not hide those of today; what they have counted is kept. */
static void what_is_gone_makes_room(void **state)
{
	struct listening *l = listening_new();
	struct socket_info info = listener(64, 0, 0);
	struct conn c = server(7, NS_PER_S, NS_PER_S + MS);

	(void)state;
	listening_look(l, 1);
	listening_looked(l, 1, true);
	info.lport = 2000;
	listening_see(l, &info);
	tell(l, &c); /* of whose socket nobody has heard */
	open_and_close(l, 0, 1000, 1);
	open_and_close(l, 1000, LISTENING_MAX - 2, 0);
	assert_int_equal(listening_places(l), LISTENING_MAX);
	assert_int_equal(drops_of_all_ports(l), 1000);
	tell(l, &c);
	open_and_close(l, LISTENING_MAX - 2, LISTENING_MAX + 5, 1);
	assert_int_equal(listening_places(l), LISTENING_MAX);
	assert_int_equal(listening_left_out(l), 7);
	assert_int_equal(drops_of_all_ports(l), 1007);
	/* Without anything counted nothing is missing. */
	open_and_close(l, LISTENING_MAX + 5, LISTENING_MAX + 3000, 0);
	assert_int_equal(listening_left_out(l), 1000);
	assert_int_equal(drops_of_all_ports(l), 1007);
	assert_false(has_place(l, NETNS + 2));
	assert_true(has_place(l, NETNS + 4));
	assert_int_equal(listening_socket(l, 1)->key, 64);
	tell(l, &c);
	assert_int_equal(listening_place(l, 2)->lport, PORT);
	assert_int_equal(listening_place(l, 2)->accepted, 3);
	listening_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_look_finds_what_waits),
		cmocka_unit_test(later_looks_count_from_the_first),
		cmocka_unit_test(nobody_accepts_while_the_same_wait),
		cmocka_unit_test(overflows_are_told_where_they_must_be_its),
		cmocka_unit_test(accepts_are_counted),
		cmocka_unit_test(what_was_captured_was_accepted_by_nobody_knows_whom),
		cmocka_unit_test(an_end_shows_an_accept_that_nobody_saw),
		cmocka_unit_test(a_group_is_parted_by_process),
		cmocka_unit_test(events_tell_of_those_that_no_look_has_seen),
		cmocka_unit_test(who_is_accepted_tells_the_interface),
		cmocka_unit_test(what_finds_no_room_is_counted),
		cmocka_unit_test(what_is_gone_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
