// SPDX-License-Identifier: GPL-2.0-only
/* The connection table: who is told of what, what is counted, who leaves, and how much it holds. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/conn/snapshot.h"
#include "user/conn/table.h"

#define SOCK(n) (0xffff888000000000 + (n)*UINT64_C(2304)) /* a slab of struct tcp_sock */
#define NOTES_SIZE 4096
#define MANY 200000
#define FULL 1000000
#define BYTES_PER_CONNECTION 272
#define PROBES_MEAN 2
#define PROBES_MOST 100
#define CROWDED 300
#define NOTICED 200 /* a run that is long, and not yet parted */

static bool memory_is_short;

/* What connections live in is asked for by this alone. */
void *aligned_alloc(size_t alignment, size_t size)
{
	void *memory;

	return memory_is_short || posix_memalign(&memory, alignment, size) ? NULL : memory;
}

/* A table, and what it told, as text: one word for each call. */
struct subject {
	struct consumer consumer;
	struct consumer *told[1];
	struct conn_table *table;
	char notes[NOTES_SIZE];
	size_t used;
};

static struct conn last_closed; /* that somebody was told of */

static void note(struct subject *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct subject *s, const char *format, ...)
{
	va_list args;

	assert_true(s->used < NOTES_SIZE - 1);
	if (s->used)
		s->notes[s->used++] = ' ';
	va_start(args, format);
	s->used += (size_t)vsnprintf(s->notes + s->used, NOTES_SIZE - s->used, format, args);
	va_end(args);
	assert_true(s->used < NOTES_SIZE);
}

/* "2:SYN_SENT>ESTABLISHED": of connection 2; "~>" when it was inferred. */
static void note_transition(struct consumer *self, const struct conn *c, const struct transition *t)
{
	note((struct subject *)self, "%llu:%s%s%s", (unsigned long long)c->id, state_name(t->from),
	     t->inferred ? "~>" : ">", state_name(t->to));
}

static void note_closed(struct consumer *self, const struct conn *c)
{
	const char *outcome = conn_outcome_name(c->outcome);

	assert_true(c->flags & CONN_WANTED);
	assert_false(c->flags & CONN_AWAITED);
	last_closed = *c;
	note((struct subject *)self, "%llu:%s", (unsigned long long)c->id,
	     outcome ? outcome : "unknown");
}

static void note_gone(struct consumer *self, const struct conn *c)
{
	note((struct subject *)self, "%llu:gone", (unsigned long long)c->id);
}

static void note_accepted(struct consumer *self, const struct conn *c)
{
	note((struct subject *)self, "%llu:accepted", (unsigned long long)c->id);
}

static void begin(struct subject *s, size_t max, const struct conn_filter *filter)
{
	static const struct conn_filter all;
	static const struct consumer_class class = { .transition = note_transition,
						     .closed = note_closed,
						     .gone = note_gone,
						     .accepted = note_accepted };

	memset(s, 0, sizeof(*s));
	memory_is_short = false;
	s->consumer.class = &class;
	s->told[0] = &s->consumer;
	s->table =
		conn_table_new(max, filter ? filter : &all, &(struct consumer_list){ s->told, 1 });
	assert_non_null(s->table);
}

static void done(struct subject *s)
{
	conn_table_free(s->table);
}

static void apply(struct subject *s, struct event e)
{
	assert_int_equal(conn_table_apply(s->table, &e), 0);
}

/* The last transition of a socket; then the kernel frees it. */
static void apply_last(struct subject *s, const struct sock *k, struct event e)
{
	apply(s, e);
	apply(s, sock_destroy(k, e.mono_ns / US + 1));
}

static void forget(struct subject *s)
{
	s->notes[0] = '\0';
	s->used = 0;
}

/* What was told since the last time it was asked. */
static void assert_told(struct subject *s, const char *want)
{
	assert_string_equal(s->notes, want);
	forget(s);
}

static const struct conn_counts *counts_of(const struct subject *s)
{
	const struct conn_counts *n = conn_table_counts(s->table);

	assert_int_equal(n->opened + n->seeded, n->live + n->closed + n->evicted);
	return n;
}

static void assert_counts(const struct subject *s, uint64_t opened, uint64_t seeded, uint64_t live,
			  uint64_t closed)
{
	const struct conn_counts *n = counts_of(s);

	assert_int_equal(n->opened, opened);
	assert_int_equal(n->seeded, seeded);
	assert_int_equal(n->live, live);
	assert_int_equal(n->closed, closed);
}

/* A client in ESTABLISHED. */
static struct sock begin_client(struct subject *s, uint64_t address, uint64_t us)
{
	struct sock k = sock_client(address);

	apply(s, sock_step(&k, us, STATE_SYN_SENT));
	apply(s, sock_step(&k, us + 50, STATE_ESTABLISHED));
	return k;
}

static void add_id(void *context, const struct conn *c)
{
	note(context, "%llu", (unsigned long long)c->id);
}

/* The connections in the table, the least recently changed first. */
static void assert_live(struct subject *s, const char *want)
{
	conn_table_each(s->table, add_id, s);
	assert_told(s, want);
}

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
			assert_int_equal(last_closed.pid, 77);
			assert_string_equal(last_closed.comm, "worker");
			assert_false(last_closed.flags & CONN_OF_LISTENER);
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
	assert_int_equal(last_closed.pid, OWNER_PID);
	assert_string_equal(last_closed.comm, OWNER_COMM);
	assert_true(last_closed.flags & CONN_HAS_OWNER && last_closed.flags & CONN_OF_LISTENER);
	/* One that connects has an owner of its own; one that comes later has no listener. */
	apply(&s, sock_step(&client, 1800, STATE_SYN_SENT));
	apply(&s, sock_fail(&client, 1900, ECONNREFUSED));
	assert_false(last_closed.flags & CONN_OF_LISTENER);
	k = sock_server(SOCK(1));
	apply(&s, sock_step(&k, 2500, STATE_SYN_RECV));
	apply(&s, sock_accept(&k, 2523, 523));
	apply(&s, sock_step(&k, 2700, STATE_CLOSE_WAIT));
	apply(&s, sock_step(&k, 2710, STATE_LAST_ACK));
	apply(&s, sock_close(&k, 2720));
	assert_false(last_closed.flags & CONN_HAS_OWNER);
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
	conn_table_fetch(s.table, socks, CONN_FETCH, socks, CONN_FETCH * 2);
	for (unsigned int i = 0; i < CONN_FETCH * 3; i += 2) {
		begin_client(&s, SOCK(i), 1000 + i);
		forget(&s);
	}
	conn_table_fetch(s.table, socks, CONN_FETCH * 2, socks, CONN_FETCH * 2);
	conn_table_fetch(s.table, socks, 0, socks, 0);
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
		assert_false(last_closed.flags & CONN_HAS_OWNER);
		assert_int_equal(last_closed.handshake_flags, 0);
		assert_int_equal(last_closed.handshake_retransmits, 0);
		assert_int_equal(last_closed.handshake_ns, 523 * US);
		assert_int_equal(counts_of(&s)->children_lost, 0);
		done(&s);
	}
}

/* ---- room ------------------------------------------------------------------------------------ */

/* Nothing is added without memory; each event that would have been is a gap. */
static void what_finds_no_memory_is_a_gap(void **state)
{
	struct sock more = sock_client(SOCK(5000)), child = sock_server(SOCK(5001));
	struct event passive = { .mono_ns = 9000 * US,
				 .sock = SOCK(5002),
				 .netns = TEST_NETNS,
				 .kind = EVENT_PASSIVE,
				 .from = STATE_SYN_RECV,
				 .to = STATE_SYN_RECV };
	struct event events[] = { sock_step(&more, 9000, STATE_SYN_SENT),
				  sock_step(&child, 9000, STATE_SYN_RECV), passive };
	uint64_t used = 1;
	struct subject s;

	(void)state;
	begin(&s, FULL, NULL);
	begin_client(&s, SOCK(0), 1000);
	memory_is_short = true;
	for (struct sock k = sock_client(SOCK(used)); used < 4000; k = sock_client(SOCK(used))) {
		struct event e = sock_step(&k, 1000 + used, STATE_SYN_SENT);

		if (conn_table_apply(s.table, &e))
			break;
		used++;
		forget(&s);
	}
	/* What there was room for is used up. */
	assert_true(used > 1 && used < 4000);
	assert_int_equal(counts_of(&s)->gaps, 1);
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		assert_int_equal(conn_table_apply(s.table, &events[i]), -ENOMEM);
		assert_int_equal(counts_of(&s)->gaps, 2 + i);
	}
	assert_counts(&s, used, 0, used, 0);
	memory_is_short = false;
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		assert_int_equal(conn_table_apply(s.table, &events[i]), 0);
	assert_counts(&s, used + 1, 0, used + 1, 0);
	assert_int_equal(counts_of(&s)->gaps, 4);
	done(&s);
}

static void least_recently_changed_makes_room(void **state)
{
	struct subject s;
	struct sock first, second;

	(void)state;
	begin(&s, 3, NULL);
	first = begin_client(&s, SOCK(1), 1000);
	second = begin_client(&s, SOCK(2), 1000);
	begin_client(&s, SOCK(3), 1000);
	apply(&s, sock_step(&first, 2000, STATE_CLOSE_WAIT));
	forget(&s);
	assert_live(&s, "2 3 1");
	begin_client(&s, SOCK(4), 3000);
	assert_told(&s, "4:CLOSED>SYN_SENT 4:SYN_SENT>ESTABLISHED");
	assert_live(&s, "3 1 4");
	assert_counts(&s, 4, 0, 3, 0);
	assert_int_equal(counts_of(&s)->evicted, 1);

	/* Who was sent away comes back as a stranger. */
	apply(&s, sock_step(&second, 4000, STATE_CLOSE_WAIT));
	assert_told(&s, "5:ESTABLISHED>CLOSE_WAIT");
	assert_live(&s, "1 4 5");
	assert_counts(&s, 4, 1, 3, 0);
	assert_int_equal(counts_of(&s)->evicted, 2);
	done(&s);
}

static void there_is_room_for_one(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, 0, NULL);
	for (unsigned int i = 1; i <= 100; i++) {
		begin_client(&s, SOCK(i), i * 1000);
		forget(&s);
		assert_int_equal(counts_of(&s)->live, 1);
	}
	assert_live(&s, "100");
	assert_int_equal(counts_of(&s)->evicted, 99);
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

/* One user parks 600 connections, in namespace after namespace; another has one, and no other. */
static void whoever_parks_connections_evicts_none_of_others(void **state)
{
	struct sock victim = sock_client(SOCK(0));
	struct subject s;
	struct event e;

	(void)state;
	begin(&s, 32, NULL);
	e = sock_step(&victim, 10, STATE_SYN_SENT);
	e.uid = 33;
	apply(&s, e);
	apply(&s, sock_step(&victim, 20, STATE_ESTABLISHED));
	for (unsigned int i = 1; i <= 600; i++) {
		struct sock k = sock_client(SOCK(i));

		k.netns += i % 40;
		e = sock_step(&k, 1000 + i, STATE_SYN_SENT);
		e.uid = 1000;
		apply(&s, e);
		apply(&s, sock_step(&k, 1001 + i, STATE_ESTABLISHED));
		forget(&s);
	}
	assert_int_equal(counts_of(&s)->evicted, 601 - 32);
	apply(&s, sock_fail(&victim, 5000, ETIMEDOUT));
	conn_table_settle(s.table, UINT64_MAX);
	assert_told(&s, "1:ESTABLISHED>CLOSED 1:timed_out 1:gone");
	assert_int_equal(counts_of(&s)->incomplete, 0);
	for (size_t rank = 0; payers_at(conn_table_payers(s.table), rank); rank++)
		assert_int_equal(payers_at(conn_table_payers(s.table), rank)->share.owner, 1000);
	assert_non_null(payers_at(conn_table_payers(s.table), 0));
	done(&s);
}

static void eviction_under_a_storm_adds_up(void **state)
{
	static struct conn_filter all = { .family = 0 };
	struct subject s = { .table = conn_table_new(1000, &all, NULL) };
	size_t bytes;

	(void)state;
	assert_non_null(s.table);
	/* The first that has to leave makes the table look at whose they are. */
	for (unsigned int i = 0; i < 1001; i++)
		begin_client(&s, SOCK(i), 1000 + i);
	bytes = conn_table_bytes(s.table);
	for (unsigned int i = 1001; i < 50000; i++)
		begin_client(&s, SOCK(i), 1000 + i);
	assert_counts(&s, 50000, 0, 1000, 0);
	assert_int_equal(counts_of(&s)->evicted, 49000);
	assert_int_equal(conn_table_bytes(s.table), bytes);
	done(&s);
}

/* ---- many ------------------------------------------------------------------------------------ */

/* What must be true of a socket's connection, kept the simplest way. */
struct model {
	struct sock k;
	uint64_t id; /* 0: not in the table */
};

struct throng {
	struct consumer consumer;
	struct consumer *told[1];
	struct conn_table *table;
	struct model *models;
	size_t count, live;
	uint64_t born, ended;
	uint64_t seed;
	uint64_t (*address_of)(size_t i);
	const struct model *ending; /* whose turn it is */
};

static uint64_t random_number(struct throng *w)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 7;
	w->seed ^= w->seed << 17;
	return w->seed;
}

/* Places in a slab of 2^18, all of them once, in no order. */
static uint64_t slab_address(size_t i)
{
	const size_t mask = (1 << 18) - 1;

	i ^= i >> 9;
	i = i * 0x2545f & mask;
	i ^= i >> 9;
	return SOCK(i);
}

static uint64_t hash_nothing(const void *context, const struct hash_key *key, uint32_t n)
{
	(void)context;
	(void)n;
	return hash_u64(key, 0);
}

/*
 * Addresses that all begin their search at the last few of 4096 slots, and go round the end, for
 * these tests know the key.
 */
static uint64_t crowded_address(size_t i)
{
	static uint64_t found[CROWDED], count, next = 1;
	struct hash_index index;

	hash_index_init(&index, 1, hash_nothing, NULL);
	assert_true(i < CROWDED);
	for (; count <= i; next++)
		if ((hash_u64(&index.key, next) & 4095) >= 4092)
			found[count++] = next;
	return found[i];
}

static void crowd_closed(struct consumer *self, const struct conn *c)
{
	struct throng *w = (struct throng *)self;

	w->ended++;
	assert_int_equal(c->id, w->ending->id);
	assert_int_equal(c->sock, w->ending->k.address);
	assert_int_equal(c->gaps, 0);
	assert_int_equal(c->flags & (CONN_SEEDED | CONN_INCOMPLETE), 0);
}

static void crowd_step(struct throng *w, struct model *m, enum tcp_state to)
{
	struct event e = sock_step(&m->k, 1000 + w->born, to);

	assert_int_equal(conn_table_apply(w->table, &e), 0);
}

static void crowd_begin(struct throng *w, struct model *m)
{
	m->k = sock_client(w->address_of((size_t)(m - w->models)));
	crowd_step(w, m, STATE_SYN_SENT);
	m->id = ++w->born;
	w->live++;
}

static void crowd_end(struct throng *w, struct model *m)
{
	uint64_t ended = w->ended;

	w->ending = m;
	crowd_step(w, m, STATE_CLOSED);
	assert_int_equal(w->ended, ended + 1);
	m->id = 0;
	w->live--;
}

/* A birth, an end, or a change on the way, by chance. */
static void crowd_move(struct throng *w)
{
	struct model *m = &w->models[random_number(w) % w->count];

	if (!m->id)
		crowd_begin(w, m);
	else if (m->k.state == STATE_SYN_SENT && random_number(w) % 2)
		crowd_step(w, m, STATE_ESTABLISHED);
	else
		crowd_end(w, m);
}

static int compare_ids(const void *a, const void *b)
{
	const struct model *const *l = a, *const *r = b;

	return (*l)->id < (*r)->id ? -1 : (*l)->id > (*r)->id;
}

/* The models that are in the table, in the order of their ids. */
struct roll {
	const struct model **models;
	size_t count, visited;
};

static void roll_visit(void *context, const struct conn *c)
{
	struct model wanted = { .id = c->id };
	const struct model *key = &wanted, **found;
	struct roll *roll = context;

	found = bsearch(&key, roll->models, roll->count, sizeof(*roll->models), compare_ids);
	if (!found) {
		fail_msg("connection %llu is not in the model", (unsigned long long)c->id);
		return;
	}
	assert_int_equal((*found)->k.address, c->sock);
	assert_int_equal((*found)->k.state, conn_state(c));
	roll->visited++;
}

/* The table holds just what the model holds. */
static void assert_same_crowd(const struct throng *w)
{
	const struct conn_counts *n = conn_table_counts(w->table);
	struct roll roll = { .models = malloc((w->live + 1) * sizeof(*roll.models)) };

	assert_non_null(roll.models);
	for (size_t i = 0; i < w->count; i++)
		if (w->models[i].id)
			roll.models[roll.count++] = &w->models[i];
	assert_int_equal(roll.count, w->live);
	qsort(roll.models, roll.count, sizeof(*roll.models), compare_ids);
	conn_table_each(w->table, roll_visit, &roll);
	assert_int_equal(roll.visited, w->live);
	free(roll.models);
	assert_int_equal(n->opened, w->born);
	assert_int_equal(n->live, w->live);
	assert_int_equal(n->closed, w->ended);
	assert_int_equal(n->seeded + n->evicted + n->gaps, 0);
}

static void crowd_init(struct throng *w, size_t count, uint64_t (*address_of)(size_t i))
{
	static const struct consumer_class class = { .closed = crowd_closed };
	static struct conn_filter all = { .family = 0 };

	memset(w, 0, sizeof(*w));
	w->count = count;
	w->seed = 88172645463325252;
	w->address_of = address_of;
	w->models = calloc(count, sizeof(*w->models));
	w->consumer.class = &class;
	w->told[0] = &w->consumer;
	w->table = conn_table_new(FULL, &all, &(struct consumer_list){ w->told, 1 });
	assert_non_null(w->models);
	assert_non_null(w->table);
}

static void crowd_done(struct throng *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->models[i].id)
			crowd_end(w, &w->models[i]);
	assert_same_crowd(w);
	conn_table_free(w->table);
	free(w->models);
}

static void crowd_grows_and_shrinks_by_chance(void **state)
{
	struct throng w;

	(void)state;
	crowd_init(&w, MANY, slab_address);
	for (size_t i = 0; i < MANY; i++)
		crowd_begin(&w, &w.models[i]);
	assert_same_crowd(&w);
	for (int round = 0; round < 4; round++) {
		for (size_t i = 0; i < MANY; i++)
			crowd_move(&w);
		assert_same_crowd(&w);
	}
	crowd_done(&w);
}

/* ---- late evidence -------------------------------------------------------------------------- */

#define REASON 11

/* An established client that closes with data unread, as the kernel tells until its reset. */
static struct sock close_unread(struct subject *s, uint64_t us)
{
	struct sock k = begin_client(s, SOCK(1), us);
	struct event close = sock_step(&k, us + 1000, STATE_CLOSED);

	close.shutdown = 3;
	close.signs = EVENT_SIGN_HELD | EVENT_SIGN_UNREAD;
	forget(s);
	apply(s, close);
	return k;
}

static void begin_watched(struct subject *s, size_t max)
{
	begin(s, max, NULL);
	conn_table_expect_resets(s->table);
}

static void reset_after_the_end_is_waited_for(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	k = close_unread(&s, 1000);
	/* The transition is told at once, why it happened is not. */
	assert_told(&s, "1:ESTABLISHED>CLOSED");
	assert_counts(&s, 1, 0, 1, 0);
	apply(&s, sock_reset(&k, 2001, EVENT_RESET_SENT, REASON));
	assert_told(&s, "1:reset_sent 1:gone");
	assert_int_equal(last_closed.cause, CONN_CAUSE_UNREAD_DATA);
	assert_int_equal(last_closed.reset_reason, REASON + 1);
	assert_counts(&s, 1, 0, 0, 1);
	/* Nothing is left to be decided. */
	conn_table_settle(s.table, UINT64_MAX);
	assert_told(&s, "");
	assert_int_equal(counts_of(&s)->resets_sent, 1);
	done(&s);
}

/* Nobody told of a reset of the one that close_unread() closed. */
static void time_decides(struct subject *s)
{
	conn_table_settle(s->table, 2000 * US + 90000000);
	assert_told(s, "1:aborted 1:gone");
	assert_int_equal(last_closed.reset_reason, 0);
}

static void without_a_reset_time_decides(void **state)
{
	struct subject s;

	(void)state;
	begin_watched(&s, 100);
	close_unread(&s, 1000);
	forget(&s);
	conn_table_settle(s.table, 2000 * US + 70000000);
	assert_told(&s, "");
	time_decides(&s);
	done(&s);
}

static void unwatched_resets_are_not_waited_for(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, 100, NULL);
	close_unread(&s, 1000);
	assert_told(&s, "1:ESTABLISHED>CLOSED 1:reset_sent 1:gone");
	done(&s);
}

/* Its socket connects again, or is told of by somebody who lost its birth. */
static void next_life_ends_the_wait(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	k = close_unread(&s, 1000);
	forget(&s);
	apply(&s, sock_step(&k, 3000, STATE_SYN_SENT));
	assert_told(&s, "1:aborted 1:gone 2:CLOSED>SYN_SENT");
	/* The reset of the former life says nothing of this one's end. */
	apply(&s, sock_reset(&k, 3001, EVENT_RESET_ANSWERED, REASON));
	apply(&s, sock_fail(&k, 4000, ECONNREFUSED));
	assert_told(&s, "2:SYN_SENT>CLOSED 2:refused 2:gone");
	assert_int_equal(last_closed.reset_reason, 0);

	k = close_unread(&s, 7000);
	forget(&s);
	k.state = STATE_CLOSE_WAIT;
	apply(&s, sock_step(&k, 8001, STATE_LAST_ACK));
	assert_told(&s, "3:aborted 3:gone 4:CLOSE_WAIT>LAST_ACK");
	assert_int_equal(counts_of(&s)->gaps, 0);
	done(&s);
}

/* What is not closed yet is one that is left out, at the same address. */
static void a_living_sockets_reset_is_anothers(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	k = close_unread(&s, 1000);
	forget(&s);
	k.state = STATE_ESTABLISHED;
	apply(&s, sock_reset(&k, 2002, EVENT_RESET_RECEIVED, EVENT_REASON_NONE));
	apply(&s, sock_reset(&k, 2003, EVENT_RESET_SENT, REASON));
	assert_told(&s, "");
	time_decides(&s);
	done(&s);
}

/* tcp_rcv_state_process frees it, and its caller answers the segment that it died of. */
static void a_socket_answers_after_it_was_freed(void **state)
{
	struct subject s;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	conn_table_note_loss(s.table);
	k = close_unread(&s, 1000);
	forget(&s);
	apply(&s, sock_destroy(&k, 2001));
	assert_told(&s, "");
	apply(&s, sock_reset(&k, 2002, EVENT_RESET_ANSWERED, REASON));
	assert_told(&s, "1:reset_sent 1:gone");
	assert_int_equal(last_closed.cause, CONN_CAUSE_DATA_AFTER_CLOSE);
	done(&s);
}

static void awaited_one_makes_room_with_its_line(void **state)
{
	struct sock other = sock_client(SOCK(2));
	struct subject s;

	(void)state;
	begin_watched(&s, 1);
	close_unread(&s, 1000);
	forget(&s);
	apply(&s, sock_step(&other, 3000, STATE_SYN_SENT));
	assert_told(&s, "1:aborted 1:gone 2:CLOSED>SYN_SENT");
	assert_int_equal(counts_of(&s)->evicted, 0);
	done(&s);
}

/* A keepalive's reset, and a reset that comes, are told of before the end. */
static void early_evidence_is_kept(void **state)
{
	struct subject s;
	struct event close;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	k = begin_client(&s, SOCK(1), 1000);
	apply(&s, sock_reset(&k, 1999, EVENT_RESET_SENT, REASON));
	close = sock_fail(&k, 2000, ETIMEDOUT);
	close.probes = 9;
	apply(&s, close);
	assert_int_equal(last_closed.cause, CONN_CAUSE_KEEPALIVE_TIMEOUT);
	assert_int_equal(last_closed.tries, 9);
	assert_int_equal(last_closed.reset_reason, REASON + 1);

	/* SO_ERROR was asked for between the error and the end. */
	k = begin_client(&s, SOCK(1), 3000);
	close = sock_destroy(&k, 3500);
	close.kind = EVENT_ERROR;
	close.from = close.to = STATE_ESTABLISHED;
	close.error = ETIMEDOUT;
	apply(&s, close);
	close = sock_step(&k, 4000, STATE_CLOSED);
	close.tries = 15;
	close.signs = EVENT_SIGN_HELD;
	apply(&s, close);
	assert_int_equal(last_closed.cause, CONN_CAUSE_RETRANSMIT_TIMEOUT);
	assert_int_equal(last_closed.error, ETIMEDOUT);
	done(&s);
}

/* An error that was reported long before a close in order is not its cause. */
static void reported_error_is_no_cause_of_a_close(void **state)
{
	struct subject s;
	struct event e;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	k = begin_client(&s, SOCK(1), 1000);
	e = sock_destroy(&k, 1500);
	e.kind = EVENT_ERROR;
	e.error = EHOSTUNREACH;
	apply(&s, e);
	apply(&s, sock_step(&k, 2000, STATE_CLOSE_WAIT));
	apply(&s, sock_step(&k, 2010, STATE_LAST_ACK));
	e = sock_close(&k, 2100);
	e.shutdown = 3;
	apply(&s, e);
	assert_int_equal(last_closed.cause, CONN_CAUSE_CLOSED_BY_REMOTE);
	assert_int_equal(last_closed.error, 0);
	done(&s);
}

static void data_after_the_end_is_no_reset_of_the_peer(void **state)
{
	struct subject s;
	struct event close;
	struct sock k;

	(void)state;
	begin_watched(&s, 100);
	k = begin_client(&s, SOCK(1), 1000);
	apply(&s, sock_step(&k, 2000, STATE_FIN_WAIT1));
	apply(&s, sock_reset(&k, 2999, EVENT_RESET_RECEIVED, EVENT_REASON_NONE));
	close = sock_fail(&k, 3000, ECONNRESET);
	close.shutdown = 3 | EVENT_SHUTDOWN_ORPHAN;
	apply(&s, close);
	forget(&s);
	apply(&s, sock_reset(&k, 3001, EVENT_RESET_ANSWERED, 8));
	assert_told(&s, "1:reset_sent 1:gone");
	assert_int_equal(last_closed.cause, CONN_CAUSE_DATA_AFTER_CLOSE);
	done(&s);
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
		assert_string_equal(conn_table_congestion(s.table, last_closed.congestion), name);
	}
	assert_null(conn_table_congestion(s.table, 0));
	assert_null(conn_table_congestion(s.table, 255));
	done(&s);
}

/* A delete that leaves a hole in a chain, or moves one before its home, loses somebody here. */
static void crowd_that_shares_its_slots(void **state)
{
	struct throng w;

	(void)state;
	crowd_init(&w, CROWDED, crowded_address);
	for (size_t i = 0; i < 20000; i++) {
		crowd_move(&w);
		if (i % 50 == 0)
			assert_same_crowd(&w);
	}
	crowd_done(&w);
}

static void replace(struct subject *s, uint64_t old, uint64_t new, uint64_t us)
{
	struct sock k = sock_client(old);

	k.state = STATE_SYN_SENT;
	apply(s, sock_step(&k, us, STATE_CLOSED));
	k = sock_client(new);
	apply(s, sock_step(&k, us, STATE_SYN_SENT));
}

static void assert_probes(const struct subject *s, uint64_t live, bool few)
{
	struct hash_probes probes = conn_table_probes(s->table);

	assert_true(probes.sum >= live);
	if ((probes.sum <= live * PROBES_MEAN && probes.most <= PROBES_MOST) != few)
		fail_msg("%llu connections are found by %llu probes, the furthest by %llu",
			 (unsigned long long)live, (unsigned long long)probes.sum,
			 (unsigned long long)probes.most);
}

/* Finding one takes as many looks among a million as among a thousand, old ones or new ones. */
static void probes_do_not_grow_with_the_table(void **state)
{
	static struct conn_filter all = { .family = 0 };

	(void)state;
	for (size_t live = 1000; live <= FULL; live *= 10) {
		struct subject s = { .table = conn_table_new(FULL, &all, NULL) };

		assert_non_null(s.table);
		for (size_t i = 0; i < live; i++) {
			struct sock k = sock_client(SOCK(i));

			apply(&s, sock_step(&k, 1000 + i, STATE_SYN_SENT));
		}
		assert_probes(&s, live, true);
		for (size_t i = 0; i < live; i++)
			replace(&s, SOCK(i), SOCK(live + i * 7919 % live), FULL + 1000 + i);
		assert_counts(&s, 2 * live, 0, live, live);
		assert_probes(&s, live, true);
		done(&s);
	}
}

/* The twin: addresses that all begin at the same slots are noticed. */
static void many_probes_would_be_noticed(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, FULL, NULL);
	for (size_t i = 0; i < NOTICED; i++) {
		struct sock k = sock_client(crowded_address(i));

		apply(&s, sock_step(&k, 1000 + i, STATE_SYN_SENT));
		forget(&s);
	}
	assert_probes(&s, NOTICED, false);
	done(&s);
}

static void million_fits_its_budget(void **state)
{
	static struct conn_filter all = { .family = 0 };
	struct subject s = { .table = conn_table_new(FULL, &all, NULL) };

	(void)state;
	assert_non_null(s.table);
	for (unsigned int i = 0; i < FULL; i++) {
		struct sock k = sock_client(SOCK(i));

		apply(&s, sock_step(&k, 1000 + i, STATE_SYN_SENT));
	}
	assert_counts(&s, FULL, 0, FULL, 0);
	if (conn_table_bytes(s.table) > (size_t)FULL * BYTES_PER_CONNECTION)
		fail_msg("%zu bytes for a connection", conn_table_bytes(s.table) / FULL);
	/* All but a few are known before: the table itself, and its list of chunks. */
	assert_in_range(conn_table_bytes(s.table), conn_table_bytes_most(FULL),
			conn_table_bytes_most(FULL) + FULL);
	assert_true(conn_table_bytes(s.table) >= FULL * sizeof(struct conn));
	done(&s);
}

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

static const struct conn *the_one;

static void keep_one(void *context, const struct conn *c)
{
	(void)context;
	assert_null(the_one);
	the_one = c;
}

/* The only connection in the table. */
static const struct conn *only_one(struct subject *s)
{
	the_one = NULL;
	conn_table_each(s->table, keep_one, NULL);
	assert_non_null(the_one);
	return the_one;
}

static void seed_is_an_old_connection(void **state)
{
	struct sock k = sock_client(SOCK(1));
	const struct conn *c;
	struct subject s;

	(void)state;
	begin(&s, 8, NULL);
	begin_snapshot(&s, CONN_SNAPSHOT_SEED, 1000);
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
	begin(&s, 8, NULL);
	begin_snapshot(&s, CONN_SNAPSHOT_SEED, 1000);
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
		info.ack_age_ns = 3000 * US;
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
	begin(&s, 8, NULL);
	begin_snapshot(&s, CONN_SNAPSHOT_SEED, 1000);
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
	begin(&s, 8, NULL);
	begin_snapshot(&s, CONN_SNAPSHOT_SEED, 1000);
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
	begin(&s, 8, NULL);
	begin_snapshot(&s, CONN_SNAPSHOT_SEED, 1000);
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
	assert_int_equal(last_closed.cause, CONN_CAUSE_RESET_RECEIVED);
	assert_owned(&last_closed);
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
	begin(&s, 8, NULL);
	begin_snapshot(&s, CONN_SNAPSHOT_SEED, 1000);
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

/* The birth of the one that has its address now was lost. */
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
	begin(&s, 8, NULL);
	begin_snapshot(&s, CONN_SNAPSHOT_SEED, 1000);
	assert_int_equal(conn_table_begin_snapshot(s.table, CONN_SNAPSHOT_SEED, 2000), -EBUSY);
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
		cmocka_unit_test(wanted_by_every_fact),
		cmocka_unit_test(request_may_be_told_of_before_its_child),
		cmocka_unit_test(what_is_nobodys_sticks_to_nobody),
		cmocka_unit_test(what_finds_no_memory_is_a_gap),
		cmocka_unit_test(least_recently_changed_makes_room),
		cmocka_unit_test(there_is_room_for_one),
		cmocka_unit_test(pending_makes_room_uncounted),
		cmocka_unit_test(whoever_parks_connections_evicts_none_of_others),
		cmocka_unit_test(eviction_under_a_storm_adds_up),
		cmocka_unit_test(crowd_grows_and_shrinks_by_chance),
		cmocka_unit_test(crowd_that_shares_its_slots),
		cmocka_unit_test(reset_after_the_end_is_waited_for),
		cmocka_unit_test(without_a_reset_time_decides),
		cmocka_unit_test(unwatched_resets_are_not_waited_for),
		cmocka_unit_test(next_life_ends_the_wait),
		cmocka_unit_test(a_socket_answers_after_it_was_freed),
		cmocka_unit_test(a_living_sockets_reset_is_anothers),
		cmocka_unit_test(awaited_one_makes_room_with_its_line),
		cmocka_unit_test(early_evidence_is_kept),
		cmocka_unit_test(reported_error_is_no_cause_of_a_close),
		cmocka_unit_test(data_after_the_end_is_no_reset_of_the_peer),
		cmocka_unit_test(names_of_controls_are_kept_once),
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
		cmocka_unit_test(probes_do_not_grow_with_the_table),
		cmocka_unit_test(many_probes_would_be_noticed),
		cmocka_unit_test(million_fits_its_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
