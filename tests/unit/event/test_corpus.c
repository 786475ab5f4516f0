// SPDX-License-Identifier: GPL-2.0-only
/* The inputs that two fuzzers start from, made here so that they follow the layout of records. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fuzz/input.h"
#include "user/base/buffer.h"
#include "user/event/bundle.h"

/* `UPDATE=1 build/tests/unit/event/test_corpus`, from the top of the tree, writes the files. */
#define EVENT_FOLDER "tests/fuzz/corpus/event/"
#define REPLAY_FOLDER "tests/fuzz/corpus/replay/"
#define REPLAY_BYTES 4096 /* longer ones tell a whole replay nothing new */

#define CLIENT 0x10
#define SERVER 0x11
#define MINISOCK 0x40
#define LPORT 43210
#define S 1000000000ull

static struct buffer input;

/* What the next records say beyond their transition; an input begins with the usual. */
static struct with {
	uint16_t flags;
	uint16_t lport, rport, error;
	uint32_t netns, pid;
	const char *comm;
	uint64_t timewait;
	uint8_t substate;
	uint8_t sequences; /* which numbers stand behind the records; 0: there are none */
} with;

static const struct with usual = {
	.flags = EVENT_FLAG_ENDPOINTS,
	.lport = LPORT,
	.rport = INPUT_WANTED_RPORT,
	.netns = INPUT_WANTED_NETNS,
	.pid = INPUT_WANTED_PID,
	.comm = INPUT_WANTED_COMM,
};

static void add(const void *record, size_t size)
{
	static const struct event_sequences numbers = { .local = 0xfffffff0, .peer = 4711 };
	const struct event_head *h = record;
	bool numbered = with.sequences && (h->kind <= EVENT_CLOSE || h->kind == EVENT_TIMEWAIT);

	size_t all = size + (numbered ? sizeof(numbers) : 0);

	buffer_add_char(&input, (char)all);
	buffer_add_char(&input, (char)(all >> 8));
	buffer_add(&input, record, size);
	if (numbered)
		buffer_add(&input, &numbers, sizeof(numbers));
}

static struct event_head head(uint8_t kind, uint64_t sock, uint64_t mono_ns, uint8_t from,
			      uint8_t to)
{
	return (struct event_head){ .mono_ns = mono_ns,
				    .sock = sock,
				    .netns = with.netns,
				    .kind = kind,
				    .states = EVENT_STATES(from, to),
				    .flags = with.flags };
}

static struct event_body body(void)
{
	return (struct event_body){ .lport = with.lport,
				    .rport = with.rport,
				    .srtt_us = 25,
				    .error = with.error,
				    .sequences = with.sequences };
}

/* Both ends of 192.0.2.0/24, or of 2001:db8::/32, in fields of 4 or 16 bytes. */
static void put_addresses(bool is_ipv6, uint8_t *laddr, uint8_t *raddr)
{
	static const uint8_t four[4] = { 192, 0, 2, 1 }, six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };

	memcpy(laddr, is_ipv6 ? six : four, is_ipv6 ? sizeof(six) : sizeof(four));
	memcpy(raddr, is_ipv6 ? six : four, is_ipv6 ? sizeof(six) : sizeof(four));
	raddr[is_ipv6 ? 15 : 3] = 2;
}

static void move(uint64_t sock, uint64_t mono_ns, uint8_t from, uint8_t to)
{
	struct event_transition four = { .head = head(EVENT_TRANSITION, sock, mono_ns, from, to),
					 .body = body() };
	struct event_transition6 six = { .head = head(EVENT_TRANSITION6, sock, mono_ns, from, to),
					 .body = body() };

	if (with.flags & EVENT_FLAG_IPV6) {
		put_addresses(true, six.laddr, six.raddr);
		add(&six, sizeof(six));
	} else {
		put_addresses(false, four.laddr, four.raddr);
		add(&four, sizeof(four));
	}
}

static void connect_(uint64_t sock, uint64_t mono_ns)
{
	struct event_open r = { .head = head(EVENT_OPEN, sock, mono_ns, STATE_CLOSED,
					     STATE_SYN_SENT),
				.body = body(),
				.pid = with.pid,
				.uid = 1000 };

	put_addresses(with.flags & EVENT_FLAG_IPV6, r.laddr, r.raddr);
	memcpy(r.comm, with.comm, strnlen(with.comm, sizeof(r.comm)));
	add(&r, sizeof(r));
}

static void end(uint64_t sock, uint64_t mono_ns, uint8_t from)
{
	struct event_close r = { .head = head(EVENT_CLOSE, sock, mono_ns, from, STATE_CLOSED),
				 .body = body(),
				 .bytes_sent = 10,
				 .bytes_received = 20,
				 .timewait = with.timewait,
				 .substate = with.substate };

	put_addresses(with.flags & EVENT_FLAG_IPV6, r.laddr, r.raddr);
	add(&r, sizeof(r));
}

static void destroy(uint64_t sock, uint64_t mono_ns)
{
	struct event_destroy r = { head(EVENT_DESTROY, sock, mono_ns, STATE_CLOSED, STATE_CLOSED) };

	add(&r, sizeof(r));
}

static void passive(uint64_t sock, uint64_t mono_ns)
{
	struct event_passive r = { .head = head(EVENT_PASSIVE, sock, mono_ns, STATE_LISTEN,
						STATE_SYN_RECV),
				   .synack_ns = 500,
				   .retransmits = 1 };

	add(&r, sizeof(r));
}

static void give_up(uint64_t sock, uint64_t mono_ns, uint8_t how)
{
	struct event_request r = { .head = head(EVENT_REQUEST, sock, mono_ns, STATE_SYN_RECV,
						STATE_CLOSED),
				   .synack_ns = 500,
				   .lport = with.rport,
				   .rport = with.lport,
				   .end = how,
				   .retransmits = 5 };

	put_addresses(with.flags & EVENT_FLAG_IPV6, r.laddr, r.raddr);
	add(&r, sizeof(r));
}

static void accept_(uint64_t sock, uint64_t mono_ns)
{
	struct event_accept r = { .head = head(EVENT_ACCEPT, sock, mono_ns, STATE_ESTABLISHED,
					       STATE_ESTABLISHED),
				  .comm = "nginx",
				  .pid = with.pid,
				  .uid = 33 };

	add(&r, sizeof(r));
}

static void listener(uint64_t sock, uint64_t mono_ns, uint8_t from, uint8_t to)
{
	struct event_listener r = { .head = head(EVENT_LISTENER, sock, mono_ns, from, to),
				    .comm = "nginx",
				    .pid = with.pid,
				    .uid = 33,
				    .lport = with.rport };

	r.head.flags = 0;
	add(&r, sizeof(r));
}

static void subflow(uint64_t sock, uint64_t mono_ns, uint8_t from, uint8_t to, uint8_t marks)
{
	struct event_subflow r = { .head = head(EVENT_SUBFLOW, sock, mono_ns, from, to),
				   .token = 0x5976020,
				   .marks = marks };

	r.head.flags = 0;
	add(&r, sizeof(r));
}

static void kin(uint64_t mono_ns, uint32_t pid, uint32_t parent)
{
	struct event_kin r = { .head = head(EVENT_KIN, CLIENT + 9, mono_ns, STATE_CLOSED,
					    STATE_CLOSED),
			       .pid = pid,
			       .parent = parent };

	r.head.flags = 0;
	add(&r, sizeof(r));
}

static void scope(uint64_t sock, uint64_t mono_ns, uint8_t from, uint8_t to, uint32_t ifindex)
{
	struct event_scope r = { .head = head(EVENT_SCOPE, sock, mono_ns, from, to),
				 .ifindex = ifindex,
				 .ifname = "eth0" };

	r.head.flags = 0;
	add(&r, sizeof(r));
}

static void opener(uint64_t sock, uint64_t mono_ns, uint8_t from, uint8_t to, uint64_t stack)
{
	struct event_opener r = { .head = head(EVENT_OPENER, sock, mono_ns, from, to),
				  .stack = stack };

	r.head.flags = 0;
	add(&r, sizeof(r));
}

static void call_fails(uint64_t sock, uint64_t mono_ns, uint16_t number)
{
	struct event_connect r = { .head = head(EVENT_CONNECT, sock, mono_ns, STATE_CLOSED,
						STATE_CLOSED),
				   .comm = "curl",
				   .pid = with.pid,
				   .uid = 1000,
				   .rport = with.rport,
				   .error = number };

	put_addresses(with.flags & EVENT_FLAG_IPV6, r.laddr, r.raddr);
	add(&r, sizeof(r));
}

static void timewait(uint8_t act, uint64_t mono_ns, uint8_t substate)
{
	bool is_over = act >= EVENT_TIMEWAIT_EXPIRED;
	struct event_timewait r = { .head = head(EVENT_TIMEWAIT, MINISOCK, mono_ns, substate,
						 is_over ? STATE_CLOSED : substate),
				    .lport = with.lport,
				    .rport = with.rport,
				    .act = act,
				    .sequences = with.sequences };

	put_addresses(with.flags & EVENT_FLAG_IPV6, r.laddr, r.raddr);
	add(&r, sizeof(r));
}

static void reset_(uint64_t sock, uint64_t mono_ns, uint8_t state, uint8_t act)
{
	struct event_reset r = { .head = head(EVENT_RESET, sock, mono_ns, state, state),
				 .reason = act == EVENT_RESET_RECEIVED ? EVENT_REASON_NONE : 11,
				 .act = act };

	add(&r, sizeof(r));
}

static void error_(uint64_t sock, uint64_t mono_ns, uint8_t state, uint16_t number)
{
	struct event_error r = { .head = head(EVENT_ERROR, sock, mono_ns, state, state),
				 .error = number };

	add(&r, sizeof(r));
}

static void retransmit(uint64_t sock, uint64_t mono_ns, uint8_t state, uint8_t cause)
{
	struct event_retransmit r = { .head = head(EVENT_RETRANSMIT, sock, mono_ns, state, state),
				      .cause = cause };

	add(&r, sizeof(r));
}

/* A client that closes first, without the end of its full socket. */
static void client_until_end(uint64_t sock, uint64_t t)
{
	connect_(sock, t);
	move(sock, t + 50, STATE_SYN_SENT, STATE_ESTABLISHED);
	move(sock, t + 100, STATE_ESTABLISHED, STATE_FIN_WAIT1);
	move(sock, t + 150, STATE_FIN_WAIT1, STATE_FIN_WAIT2);
}

static void client(uint64_t sock, uint64_t t)
{
	client_until_end(sock, t);
	end(sock, t + 160, STATE_FIN_WAIT2);
}

static void born(uint64_t sock, uint64_t t)
{
	struct with before = with;

	with.flags &= (uint16_t) ~(EVENT_FLAG_ENDPOINTS | EVENT_FLAG_IPV6);
	move(sock, t, STATE_LISTEN, STATE_SYN_RECV);
	with = before;
}

static void server_until_end(uint64_t sock, uint64_t t)
{
	move(sock, t + 5, STATE_SYN_RECV, STATE_ESTABLISHED);
	move(sock, t + 105, STATE_ESTABLISHED, STATE_CLOSE_WAIT);
	move(sock, t + 120, STATE_CLOSE_WAIT, STATE_LAST_ACK);
}

static void server(uint64_t sock, uint64_t t)
{
	born(sock, t);
	server_until_end(sock, t);
	end(sock, t + 160, STATE_LAST_ACK);
}

/* A client whose life goes on in a timewait socket that its close names. */
static void client_to_timewait(uint8_t substate)
{
	client_until_end(CLIENT, 1000);
	with.timewait = MINISOCK;
	with.substate = substate;
	end(CLIENT, 1160, STATE_FIN_WAIT2);
	with.timewait = 0;
	with.substate = 0;
}

/* A client whose timewait socket is told of by itself. */
static void client_and_timer(void)
{
	client_until_end(CLIENT, 1000);
	timewait(EVENT_TIMEWAIT_BORN, 1155, STATE_FIN_WAIT2);
	end(CLIENT, 1160, STATE_FIN_WAIT2);
}

static void one_client(void)
{
	client(CLIENT, 1000);
}

static void one_server(void)
{
	server(SERVER, 1000);
}

static void loopback(void)
{
	connect_(CLIENT, 1000);
	born(SERVER, 1020);
	move(SERVER, 1021, STATE_SYN_RECV, STATE_ESTABLISHED);
	move(CLIENT, 1030, STATE_SYN_SENT, STATE_ESTABLISHED);
	move(CLIENT, 2000, STATE_ESTABLISHED, STATE_FIN_WAIT1);
	move(SERVER, 2010, STATE_ESTABLISHED, STATE_CLOSE_WAIT);
	move(CLIENT, 2020, STATE_FIN_WAIT1, STATE_FIN_WAIT2);
	move(SERVER, 2030, STATE_CLOSE_WAIT, STATE_LAST_ACK);
	end(CLIENT, 2040, STATE_FIN_WAIT2);
	end(SERVER, 2050, STATE_LAST_ACK);
}

static void numbered(void)
{
	with.sequences = EVENT_SEQUENCE_PRESENT | EVENT_SEQUENCE_LOCAL | EVENT_SEQUENCE_PEER |
			 EVENT_SEQUENCE_ACKED;
	loopback();
	with.flags |= EVENT_FLAG_IPV6;
	client_to_timewait(STATE_FIN_WAIT2);
	timewait(EVENT_TIMEWAIT_REARMED, 1170, STATE_TIME_WAIT);
	timewait(EVENT_TIMEWAIT_EXPIRED, 61170, STATE_TIME_WAIT);
}

static void more_than_fit(void)
{
	uint64_t i;

	for (i = 0; i < INPUT_SOCKETS; i++)
		connect_(1 + i, 1000 + i);
	for (i = 0; i < INPUT_SOCKETS; i++)
		move(1 + i, 2000 + i, STATE_SYN_SENT, STATE_ESTABLISHED);
}

static void ipv6(void)
{
	with.flags |= EVENT_FLAG_IPV6;
	client(CLIENT, 1000);
	server(SERVER, 1000);
}

static void refused(void)
{
	connect_(CLIENT, 1000);
	with.error = ECONNREFUSED;
	end(CLIENT, 1020, STATE_SYN_SENT);
}

static void timed_out(void)
{
	connect_(CLIENT, 1000);
	with.error = ETIMEDOUT;
	end(CLIENT, 127 * S, STATE_SYN_SENT);
}

static void reset(void)
{
	connect_(CLIENT, 1000);
	move(CLIENT, 1050, STATE_SYN_SENT, STATE_ESTABLISHED);
	with.error = ECONNRESET;
	end(CLIENT, 2000, STATE_ESTABLISHED);
}

static void reset_late(void)
{
	connect_(CLIENT, 1000);
	move(CLIENT, 1050, STATE_SYN_SENT, STATE_ESTABLISHED);
	end(CLIENT, 2000, STATE_ESTABLISHED);
	reset_(CLIENT, 2001, STATE_CLOSED, EVENT_RESET_SENT);
	reset_(CLIENT, 2002, STATE_CLOSED, EVENT_RESET_SENT);
}

/* The resets of these do not come: time tells, or the next connection of their socket. */
static void reset_awaited(void)
{
	connect_(CLIENT, 1000);
	move(CLIENT, 1050, STATE_SYN_SENT, STATE_ESTABLISHED);
	end(CLIENT, 2000, STATE_ESTABLISHED);
	move(SERVER, 900, STATE_FIN_WAIT1, STATE_FIN_WAIT2);
	end(SERVER, 2000, STATE_FIN_WAIT2);
	client(CLIENT, 3000);
}

static void data_after_close(void)
{
	client_until_end(CLIENT, 1000);
	reset_(CLIENT, 1200, STATE_FIN_WAIT2, EVENT_RESET_RECEIVED);
	with.error = ECONNRESET;
	end(CLIENT, 1201, STATE_FIN_WAIT2);
	reset_(CLIENT, 1202, STATE_CLOSED, EVENT_RESET_ANSWERED);
	client_to_timewait(STATE_FIN_WAIT2);
	reset_(MINISOCK, 1300, STATE_TIME_WAIT, EVENT_RESET_ANSWERED);
	timewait(EVENT_TIMEWAIT_RESET, 1301, STATE_FIN_WAIT2);
}

static void keepalive(void)
{
	connect_(CLIENT, 1000);
	retransmit(CLIENT, 1020, STATE_SYN_SENT, EVENT_RETRANSMIT_SYN);
	move(CLIENT, 1050, STATE_SYN_SENT, STATE_ESTABLISHED);
	error_(CLIENT, 1500, STATE_ESTABLISHED, EHOSTUNREACH);
	reset_(CLIENT, 1999, STATE_ESTABLISHED, EVENT_RESET_SENT);
	with.error = ETIMEDOUT;
	end(CLIENT, 2000, STATE_ESTABLISHED);
}

static void reset_of_nobody(void)
{
	reset_(CLIENT, 1000, STATE_CLOSED, EVENT_RESET_STRAY);
	reset_(SERVER, 1001, STATE_ESTABLISHED, EVENT_RESET_SENT);
	reset_(SERVER, 1002, STATE_ESTABLISHED, EVENT_RESET_ABORTED);
	error_(SERVER, 1003, STATE_ESTABLISHED, ECONNABORTED);
	retransmit(SERVER, 1004, STATE_ESTABLISHED, EVENT_RETRANSMIT_PROBE);
}

static void lost_race(void)
{
	born(SERVER, 1000);
	end(SERVER, 1001, STATE_SYN_RECV);
}

static void simultaneous(void)
{
	connect_(CLIENT, 1000);
	move(CLIENT, 1010, STATE_SYN_SENT, STATE_SYN_RECV);
	move(CLIENT, 1020, STATE_SYN_RECV, STATE_ESTABLISHED);
	move(CLIENT, 1030, STATE_ESTABLISHED, STATE_FIN_WAIT1);
	move(CLIENT, 1040, STATE_FIN_WAIT1, STATE_CLOSING);
	end(CLIENT, 1050, STATE_CLOSING);
}

static void fast_open(void)
{
	born(SERVER, 1000);
	move(SERVER, 1010, STATE_SYN_RECV, STATE_CLOSE_WAIT);
	move(SERVER, 1020, STATE_CLOSE_WAIT, STATE_LAST_ACK);
	end(SERVER, 1030, STATE_LAST_ACK);
}

static void fast_open_back_in_time(void)
{
	with.flags = EVENT_FLAG_FASTOPEN;
	move(SERVER, 3000, STATE_LISTEN, STATE_SYN_RECV);
	with = usual;
	move(SERVER, 1000, STATE_SYN_RECV, STATE_ESTABLISHED);
	end(SERVER, 4000, STATE_ESTABLISHED);
}

static void gaps(void)
{
	connect_(CLIENT, 1000);
	move(CLIENT, 1100, STATE_ESTABLISHED, STATE_FIN_WAIT1);
	end(CLIENT, 1200, STATE_FIN_WAIT2);
	born(SERVER, 1000);
	end(SERVER, 1200, STATE_LAST_ACK);
}

static void seeded(void)
{
	move(CLIENT, 1100, STATE_ESTABLISHED, STATE_FIN_WAIT1);
	end(CLIENT, 1200, STATE_FIN_WAIT2);
	move(SERVER, 1100, STATE_CLOSE_WAIT, STATE_LAST_ACK);
}

static void socket_reused(void)
{
	connect_(CLIENT, 1000);
	client(CLIENT, 5000);
	server(CLIENT, 9000);
}

static void destroyed(void)
{
	client_until_end(CLIENT, 1000);
	destroy(CLIENT, 9000);
	born(SERVER, 1000);
	destroy(SERVER, 9000);
}

static void repeated(void)
{
	connect_(CLIENT, 1000);
	connect_(CLIENT, 1000);
	move(CLIENT, 1050, STATE_SYN_SENT, STATE_ESTABLISHED);
	move(CLIENT, 1050, STATE_SYN_SENT, STATE_ESTABLISHED);
	end(CLIENT, 1100, STATE_ESTABLISHED);
	end(CLIENT, 1100, STATE_ESTABLISHED);
}

static void back_in_time(void)
{
	connect_(CLIENT, 2000);
	move(CLIENT, 1000, STATE_SYN_SENT, STATE_ESTABLISHED);
	end(CLIENT, 500, STATE_ESTABLISHED);
	born(SERVER, 1000);
	move(SERVER, 900, STATE_SYN_RECV, STATE_ESTABLISHED);
}

static void longer_than_legal(void)
{
	uint64_t i;

	connect_(CLIENT, 1000);
	move(CLIENT, 1050, STATE_SYN_SENT, STATE_ESTABLISHED);
	for (i = 0; i < 12; i += 2) {
		move(CLIENT, 2000 + i, STATE_ESTABLISHED, STATE_CLOSE_WAIT);
		move(CLIENT, 2001 + i, STATE_CLOSE_WAIT, STATE_ESTABLISHED);
	}
	end(CLIENT, 9000, STATE_ESTABLISHED);
}

static void unwanted(void)
{
	with.pid = 1;
	client(CLIENT, 1000);
	with = usual;
	with.rport = 80;
	client(CLIENT, 2000);
	with = usual;
	with.netns = 2;
	client(CLIENT, 3000);
	with = usual;
	with.comm = "wget";
	client(CLIENT, 4000);
	with = usual;
	server(SERVER, 5000);
}

static void hostile_comm(void)
{
	with.comm = "\x1b[2J\xff\xc2\x9b,\"'\n012345";
	client(CLIENT, 1000);
}

static void time_wait(void)
{
	client_to_timewait(STATE_FIN_WAIT2);
	timewait(EVENT_TIMEWAIT_REARMED, 1200, STATE_TIME_WAIT);
	timewait(EVENT_TIMEWAIT_EXPIRED, 60 * S, STATE_TIME_WAIT);
}

static void time_wait_reused(void)
{
	with.flags |= EVENT_FLAG_FIN_RECEIVED;
	client_to_timewait(STATE_TIME_WAIT);
	timewait(EVENT_TIMEWAIT_REUSED, 2 * S, STATE_TIME_WAIT);
	client(SERVER, 2 * S + 1);
}

static void time_wait_reset(void)
{
	client_to_timewait(STATE_FIN_WAIT2);
	timewait(EVENT_TIMEWAIT_RESET, 1200, STATE_FIN_WAIT2);
}

static void time_wait_purged(void)
{
	client_to_timewait(STATE_TIME_WAIT);
	timewait(EVENT_TIMEWAIT_PURGED, 1200, STATE_TIME_WAIT);
}

static void time_wait_by_timer(void)
{
	client_and_timer();
	timewait(EVENT_TIMEWAIT_CANCELLED, 1200, STATE_FIN_WAIT2);
	timewait(EVENT_TIMEWAIT_STARTED, 1201, STATE_TIME_WAIT);
	timewait(EVENT_TIMEWAIT_CANCELLED, 60 * S, STATE_TIME_WAIT);
	timewait(EVENT_TIMEWAIT_EXPIRED, 60 * S + 1, STATE_TIME_WAIT);
}

static void time_wait_killed(void)
{
	client_and_timer();
	timewait(EVENT_TIMEWAIT_CANCELLED, 1200, STATE_FIN_WAIT2);
	client(SERVER, 90 * S);
}

static void time_wait_evicted(void)
{
	uint64_t i;

	with.substate = STATE_TIME_WAIT;
	for (i = 0; i < INPUT_CONNECTIONS_SMALL + 2; i++) {
		with.timewait = MINISOCK + i;
		client(1 + i, 1000 * (i + 1));
	}
}

static void time_wait_of_nobody(void)
{
	timewait(EVENT_TIMEWAIT_REARMED, 1100, STATE_FIN_WAIT2);
	timewait(EVENT_TIMEWAIT_EXPIRED, 1200, STATE_TIME_WAIT);
	client_to_timewait(STATE_FIN_WAIT2);
}

static void accepted(void)
{
	born(SERVER, 1000);
	passive(SERVER, 1001);
	server_until_end(SERVER, 1000);
	accept_(SERVER, 1200);
	end(SERVER, 1300, STATE_LAST_ACK);
}

static void accepted_early(void)
{
	passive(SERVER, 999);
	born(SERVER, 1000);
	accept_(SERVER, 1001);
	server_until_end(SERVER, 1000);
	end(SERVER, 1300, STATE_LAST_ACK);
	accept_(SERVER, 1400);
}

#define LISTENER 0x50

static void owned_by_listener(void)
{
	listener(LISTENER, 900, STATE_LISTEN, STATE_LISTEN);
	born(SERVER, 1000);
	server_until_end(SERVER, 1000);
	listener(LISTENER + 1, 1200, STATE_CLOSED, STATE_LISTEN);
	end(SERVER, 1300, STATE_LAST_ACK);
	listener(LISTENER, 1400, STATE_LISTEN, STATE_CLOSED);
	listener(LISTENER, 1500, STATE_LISTEN, STATE_CLOSED);
	born(SERVER, 1600);
	server_until_end(SERVER, 1600);
	accept_(SERVER, 1900);
}

/* Both ends of an MPTCP connection, and one that joins it. */
static void subflows(void)
{
	subflow(CLIENT, 1000, STATE_CLOSED, STATE_SYN_SENT, EVENT_SUBFLOW_FIRST);
	connect_(CLIENT, 1000);
	move(CLIENT, 1100, STATE_SYN_SENT, STATE_ESTABLISHED);
	with.comm = "kworker/0:1";
	subflow(CLIENT + 1, 1200, STATE_CLOSED, STATE_SYN_SENT, 0);
	connect_(CLIENT + 1, 1200);
	born(SERVER, 1300);
	subflow(SERVER, 1301, STATE_SYN_RECV, STATE_ESTABLISHED, 0);
	move(SERVER, 1301, STATE_SYN_RECV, STATE_ESTABLISHED);
	accept_(SERVER, 1400);
	end(CLIENT, 1500, STATE_ESTABLISHED);
	end(CLIENT + 1, 1600, STATE_ESTABLISHED);
	end(SERVER, 1700, STATE_ESTABLISHED);
}

/* A child comes, connects, and ends; another one ends that nobody has heard of. */
static void family(void)
{
	kin(900, with.pid, with.pid - 1);
	connect_(CLIENT, 1000);
	end(CLIENT, 1500, STATE_SYN_SENT);
	kin(1600, with.pid, 0);
	kin(1700, with.pid + 1, 0);
}

/* A client and a server's child that are bound to interfaces, and one that nobody tells of. */
static void scopes(void)
{
	scope(CLIENT, 1000, STATE_CLOSED, STATE_SYN_SENT, 2);
	connect_(CLIENT, 1000);
	scope(CLIENT + 1, 1000, STATE_CLOSED, STATE_SYN_SENT, 3);
	move(CLIENT, 1100, STATE_SYN_SENT, STATE_ESTABLISHED);
	born(SERVER, 1300);
	scope(SERVER, 1301, STATE_SYN_RECV, STATE_ESTABLISHED, 3);
	move(SERVER, 1301, STATE_SYN_RECV, STATE_ESTABLISHED);
	end(CLIENT, 1500, STATE_ESTABLISHED);
	end(SERVER, 1700, STATE_ESTABLISHED);
}

/* Of both ends it is known which code opened them; one is told of twice. */
static void openers(void)
{
	opener(CLIENT, 1000, STATE_CLOSED, STATE_SYN_SENT, 1);
	connect_(CLIENT, 1000);
	move(CLIENT, 1100, STATE_SYN_SENT, STATE_ESTABLISHED);
	born(SERVER, 1300);
	move(SERVER, 1301, STATE_SYN_RECV, STATE_ESTABLISHED);
	opener(SERVER, 1400, STATE_ESTABLISHED, STATE_ESTABLISHED, 2);
	accept_(SERVER, 1400);
	opener(SERVER, 1450, STATE_ESTABLISHED, STATE_ESTABLISHED, 3);
	accept_(SERVER, 1450);
	opener(CLIENT + 1, 1460, STATE_CLOSED, STATE_CLOSED, 3);
	end(CLIENT, 1500, STATE_ESTABLISHED);
	end(SERVER, 1700, STATE_ESTABLISHED);
}

static void child_accepted(void)
{
	passive(SERVER, 1000);
	accept_(SERVER, 1100);
	move(SERVER, 1200, STATE_ESTABLISHED, STATE_CLOSE_WAIT);
}

static void child_closed(void)
{
	passive(SERVER, 1000);
	end(SERVER, 1100, STATE_LAST_ACK);
}

static void child_destroyed(void)
{
	passive(SERVER, 1000);
	destroy(SERVER, 1100);
}

static void child_replaced(void)
{
	passive(MINISOCK, 900);
	client_to_timewait(STATE_TIME_WAIT);
}

static void half_open(void)
{
	unsigned int how;

	for (how = EVENT_REQUEST_ABANDONED; how <= EVENT_REQUEST_UNSENT; how++)
		give_up(CLIENT, 5000, (uint8_t)how);
	with.flags |= EVENT_FLAG_IPV6;
	give_up(CLIENT, 6000, EVENT_REQUEST_RESET);
}

static struct event_steps steps_of(bool is_server)
{
	struct event_steps s = {
		.step = { { 1000, with.flags, EVENT_STATES(STATE_CLOSED, STATE_SYN_SENT), 0, 0 },
			  { 2000, with.flags, EVENT_STATES(STATE_SYN_SENT, STATE_ESTABLISHED), 1,
			    25 },
			  { 3000, with.flags, EVENT_STATES(STATE_ESTABLISHED, STATE_FIN_WAIT1), 0,
			    0 } },
		.count = 3,
		.witnessed = 2,
		.pid = with.pid,
		.comm = "nginx",
		.lport = with.lport,
		.rport = with.rport,
	};

	if (is_server) {
		s.step[0].states = EVENT_STATES(STATE_LISTEN, STATE_SYN_RECV);
		s.step[0].flags = 0;
		s.step[1].states = EVENT_STATES(STATE_SYN_RECV, STATE_ESTABLISHED);
		s.passive_ns = 1001;
		s.synack_ns = 500;
		s.accept_ns = 2500;
	}
	put_addresses(with.flags & EVENT_FLAG_IPV6, s.laddr, s.raddr);
	return s;
}

static void part_of(uint64_t sock, bool is_server)
{
	struct event_part r = { .head = head(EVENT_PART, sock, 3500, 0, 0),
				.steps = steps_of(is_server) };

	add(&r, sizeof(r));
}

static void life_of(uint64_t sock, bool is_server)
{
	struct event_life r = { .close = { .head = head(EVENT_LIFE, sock, 4000, STATE_FIN_WAIT1,
							STATE_CLOSED),
					   .body = body() },
				.steps = steps_of(is_server) };

	put_addresses(with.flags & EVENT_FLAG_IPV6, r.close.laddr, r.close.raddr);
	add(&r, sizeof(r));
}

static void lives(void)
{
	life_of(CLIENT, false);
	life_of(SERVER, true);
	with.flags |= EVENT_FLAG_IPV6;
	life_of(CLIENT, true);
}

static void parts(void)
{
	part_of(CLIENT, false);
	end(CLIENT, 5000, STATE_FIN_WAIT1);
	part_of(SERVER, true);
	life_of(SERVER, true);
	part_of(SERVER, true);
	destroy(SERVER, 6000);
}

/* Before SYN_SENT, in it, and by an answer that its caller is told of at last. */
static void connect_fails(void)
{
	call_fails(CLIENT, 1000, ENETUNREACH);
	with.flags |= EVENT_FLAG_IPV6;
	call_fails(CLIENT, 1500, EINVAL);
	connect_(CLIENT, 2000);
	end(CLIENT, 2100, STATE_SYN_SENT);
	call_fails(CLIENT, 2200, EADDRNOTAVAIL);
	connect_(CLIENT, 3000);
	with.error = EHOSTUNREACH;
	end(CLIENT, 4000, STATE_SYN_SENT);
	call_fails(CLIENT, 4100, EHOSTUNREACH);
	call_fails(CLIENT, 5000, EHOSTUNREACH);
}

static const struct seed {
	const char *name;
	uint8_t settings;
	void (*make)(void);
} seeds[] = {
	{ "client", 0, one_client },
	{ "client-wanted", INPUT_FILTER | INPUT_NETNS, one_client },
	{ "server", 0, one_server },
	{ "loopback", 0, loopback },
	{ "more-than-fit", 0, more_than_fit },
	{ "more-than-fit-small", INPUT_SMALL, more_than_fit },
	{ "ipv6", 0, ipv6 },
	{ "refused", 0, refused },
	{ "timed-out", 0, timed_out },
	{ "reset", 0, reset },
	{ "lost-race", 0, lost_race },
	{ "simultaneous", 0, simultaneous },
	{ "fast-open", 0, fast_open },
	{ "fast-open-back-in-time", 0, fast_open_back_in_time },
	{ "gaps", 0, gaps },
	{ "seeded", 0, seeded },
	{ "seeded-lossy", INPUT_LOSSY, seeded },
	{ "socket-reused", 0, socket_reused },
	{ "destroyed", INPUT_LOSSY, destroyed },
	{ "repeated", 0, repeated },
	{ "back-in-time", 0, back_in_time },
	{ "longer-than-legal", 0, longer_than_legal },
	{ "unwanted", INPUT_FILTER | INPUT_NETNS, unwanted },
	{ "hostile-comm", 0, hostile_comm },
	{ "reset-late", INPUT_RESETS, reset_late },
	{ "reset-awaited", INPUT_RESETS | INPUT_TIMEWAITS, reset_awaited },
	{ "reset-unwatched", 0, reset_awaited },
	{ "data-after-close", INPUT_RESETS | INPUT_TIMEWAITS, data_after_close },
	{ "keepalive", INPUT_RESETS, keepalive },
	{ "reset-of-nobody", INPUT_RESETS, reset_of_nobody },
	{ "time-wait", INPUT_TIMEWAITS, time_wait },
	{ "time-wait-reused", INPUT_TIMEWAITS, time_wait_reused },
	{ "time-wait-reset", INPUT_TIMEWAITS, time_wait_reset },
	{ "time-wait-purged", INPUT_TIMEWAITS, time_wait_purged },
	{ "time-wait-by-timer", INPUT_TIMEWAITS, time_wait_by_timer },
	{ "time-wait-killed", INPUT_TIMEWAITS, time_wait_killed },
	{ "time-wait-missing", INPUT_TIMEWAITS, one_client },
	{ "time-wait-evicted", INPUT_TIMEWAITS | INPUT_SMALL, time_wait_evicted },
	{ "time-wait-of-nobody", INPUT_TIMEWAITS, time_wait_of_nobody },
	{ "accepted", 0, accepted },
	{ "accepted-early", 0, accepted_early },
	{ "owned-by-listener", 0, owned_by_listener },
	{ "child-accepted", 0, child_accepted },
	{ "child-closed", 0, child_closed },
	{ "child-destroyed", INPUT_LOSSY, child_destroyed },
	{ "child-replaced", INPUT_TIMEWAITS, child_replaced },
	{ "half-open", INPUT_FILTER, half_open },
	{ "numbered", INPUT_TIMEWAITS, numbered },
	{ "lives", 0, lives },
	{ "parts", INPUT_LOSSY, parts },
	{ "connect-fails", INPUT_CONNECTS, connect_fails },
	{ "subflows", 0, subflows },
	{ "openers", 0, openers },
	{ "scopes", 0, scopes },
	{ "family", 0, family },
};

#define SEEDS (sizeof(seeds) / sizeof(*seeds))

static void make(const struct seed *seed)
{
	buffer_clear(&input);
	buffer_add_char(&input, (char)seed->settings);
	with = usual;
	seed->make();
}

/* The fuzzer learns little from records that are refused at the door. */
static void every_record_is_decoded(void **state)
{
	unsigned int kinds[EVENT_KIND_COUNT] = { 0 };
	struct event_bundle bundle;
	unsigned int kind;
	size_t i, at, size;

	(void)state;
	for (i = 0; i < SEEDS; i++) {
		make(&seeds[i]);
		for (at = 1; at < input.size; at += size) {
			struct event event;

			size = (uint8_t)input.bytes[at] | (size_t)(uint8_t)input.bytes[at + 1] << 8;
			at += INPUT_SIZE_BYTES;
			if (!event_bundle_open(input.bytes + at, size, &bundle))
				continue;
			if (event_decode(input.bytes + at, size, &event))
				fail_msg("%s: byte %zu begins no record", seeds[i].name, at);
			kinds[event.kind]++;
		}
		assert_int_equal(at, input.size);
	}
	for (kind = 1; kind < EVENT_KIND_COUNT; kind++)
		if (!kinds[kind] && kind != EVENT_SOCKET)
			fail_msg("no input has a record of kind %u", kind);
}

static void write_file(const char *path)
{
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(input.bytes, 1, input.size, file) != input.size || fclose(file))
		fail_msg("cannot write %s", path);
}

static void assert_is_file(const char *folder, const char *name)
{
	static char bytes[1 << 16];
	char path[128];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", folder, name);
	if (getenv("UPDATE"))
		write_file(path);
	file = fopen(path, "rb");
	if (!file) {
		fail_msg("%s is missing; UPDATE=1 writes it", path);
		return;
	}
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	if (size != input.size || memcmp(bytes, input.bytes, size) != 0)
		fail_msg("%s is of another time; UPDATE=1 writes it anew", path);
}

/* The same records as a recording, in one format after the other, with some looks in between. */
static void make_replay(size_t i)
{
	static const uint8_t prints[] = { 0, INPUT_EVENTS, INPUT_FULL | INPUT_WIDE,
					  INPUT_WALL_TIME | INPUT_RECORDED_FILTER };
	/* After two records three are seeded and set right; after one more, four are looked at. */
	static const uint8_t looks[] = { 2, 0x33, 0, 4, 1, 4, 2, 0x44, 1, 0x40, 0, 0xba, 1, 0xba };
	const struct seed *seed = &seeds[i];
	bool is_sampled = !(seed->settings & INPUT_TIMEWAITS) && i % 2;
	struct buffer replay;

	make(seed);
	buffer_init(&replay);
	buffer_add_char(&replay, (char)(seed->settings | (is_sampled ? INPUT_SAMPLES : 0)));
	buffer_add_char(&replay, (char)(i % (INPUT_FORMAT + 1) | prints[i / 4 % 4]));
	buffer_add_char(&replay, (char)(i << 1 & 0xff));
	buffer_add_char(&replay, sizeof(looks));
	buffer_add(&replay, looks, sizeof(looks));
	buffer_add(&replay, input.bytes + 1, input.size - 1);
	buffer_clear(&input);
	buffer_add(&input, replay.bytes, replay.size);
	buffer_done(&replay);
}

static void files_are_as_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < SEEDS; i++) {
		make(&seeds[i]);
		assert_is_file(EVENT_FOLDER, seeds[i].name);
		if (input.size > REPLAY_BYTES)
			continue;
		make_replay(i);
		assert_is_file(REPLAY_FOLDER, seeds[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_record_is_decoded),
		cmocka_unit_test(files_are_as_made),
	};
	int failed;

	buffer_init(&input);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	buffer_done(&input);
	return failed;
}
