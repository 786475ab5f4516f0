// SPDX-License-Identifier: GPL-2.0-only
/* A flow is the same at both ends, whatever happens there, and unknown where it may not be told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/conn/flow.h"
#include "user/conn/life.h"

#define PAIRS 20000
#define SOCK 0xffff888012345678

static uint64_t random_number(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return *seed >> 16;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* In either order; of as many as these no two are the same, also of those that are close. */
static void both_orders(void **state)
{
	uint64_t *flows = calloc(PAIRS, sizeof(*flows)), seed = 4711;

	(void)state;
	assert_non_null(flows);
	for (uint32_t i = 0; i < PAIRS; i++) {
		uint32_t one = i % 2 ? (uint32_t)random_number(&seed) : 77;
		uint32_t other = i % 2 ? (uint32_t)random_number(&seed) : i;

		flows[i] = flow_of(one, other);
		assert_int_equal(flow_of(other, one), flows[i]);
		assert_int_not_equal(flows[i], FLOW_UNKNOWN);
	}
	qsort(flows, PAIRS, sizeof(*flows), compare);
	for (uint32_t i = 1; i < PAIRS; i++)
		assert_int_not_equal(flows[i - 1], flows[i]);
	free(flows);
}

/* Others may compute it: this one, by an implementation of theirs. */
static void a_known_one(void **state)
{
	char text[FLOW_SIZE];

	(void)state;
	assert_string_equal(flow_format(flow_of(0x12345678, 0x9abcdef0), text), "b0c9e03240f863bf");
}

static void there_and_back(void **state)
{
	static const char *const bad[] = { "",
					   "0",
					   "0000000000000000",
					   "5f3a09c1d2e4b67",
					   "5f3a09c1d2e4b6789",
					   "0x3a09c1d2e4b678",
					   "5f3a09c1d2e4b67g",
					   " f3a09c1d2e4b678" };
	uint64_t seed = 1, flow = 7, back;
	char text[FLOW_SIZE];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		flow = random_number(&seed) << (i % 3 * 16) | 1;
		assert_int_equal(flow_parse(flow_format(flow, text), &back), 0);
		assert_int_equal(back, flow);
	}
	assert_int_equal(flow_parse("00ABCDEF00abcdef", &back), 0);
	assert_int_equal(back, 0x00abcdef00abcdef);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(flow_parse(bad[i], &back), -EINVAL);
	assert_int_equal(back, 0x00abcdef00abcdef);
}

/* One end of a connection, as the kernel keeps it. */
struct end {
	uint32_t first, next, acked; /* numbers of ours */
	uint32_t peers_first, peers_next;
	uint64_t counted; /* bytes_acked: a client's SYN is one */
	uint64_t payload; /* sent */
	bool is_client, fin_sent, fin_received;
};

static void begin(struct end *end, uint32_t first, uint32_t peers, bool is_client)
{
	*end = (struct end){ .first = first,
			     .next = first + 1,
			     .acked = first + 1,
			     .peers_first = peers,
			     .peers_next = peers + 1,
			     .counted = is_client,
			     .is_client = is_client };
}

/* `one` sends, perhaps its FIN as well, and some of what is under way is acknowledged. */
static void send(struct end *one, struct end *other, uint32_t bytes, uint32_t unacked, bool fin)
{
	uint32_t acked;

	if (one->fin_sent)
		return;
	one->next += bytes + fin;
	one->payload += bytes;
	one->fin_sent = fin;
	acked = one->next - unacked % (one->next - one->acked + 1);
	one->counted += acked - one->acked;
	one->acked = acked;
	other->peers_next = one->next;
	other->fin_received = fin;
}

static struct socket_info look(const struct end *end)
{
	static const enum tcp_state states[2][2] = { { STATE_ESTABLISHED, STATE_CLOSE_WAIT },
						     { STATE_FIN_WAIT1, STATE_LAST_ACK } };
	uint32_t received = end->peers_next - end->peers_first - 1 - end->fin_received;

	return (struct socket_info){
		.sock = SOCK,
		.state = states[end->fin_sent][end->fin_received],
		.object = EVENT_SOCKET_FULL,
		.marks = EVENT_SOCKET_COUNTED,
		.flags = end->fin_received ? EVENT_FLAG_FIN_RECEIVED : 0,
		.snd_una = end->acked,
		.snd_nxt = end->next,
		.rcv_nxt = end->peers_next,
		.tx_queue = end->next - end->acked,
		.bytes_sent = end->payload,
		.bytes_acked = end->counted,
		.bytes_received = received,
	};
}

/* Both ends, whatever has been said and acknowledged, and wherever numbers begin anew. */
static void sockets_of_both_ends(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (int i = 0; i < PAIRS; i++) {
		uint32_t x = (uint32_t)random_number(&seed), y = (uint32_t)random_number(&seed);
		struct end client, server;
		struct socket_info info;

		if (i % 5 == 0)
			x = (uint32_t)-1 - (uint32_t)(i % 7);
		begin(&client, x, y, true);
		begin(&server, y, x, false);
		for (uint64_t n = random_number(&seed) % 6; n; n--) {
			struct end *one = n % 2 ? &client : &server;

			send(one, n % 2 ? &server : &client,
			     (uint32_t)random_number(&seed) % 100000,
			     (uint32_t)random_number(&seed), !(random_number(&seed) % 8));
		}
		info = look(&client);
		assert_int_equal(flow_role_of(&info), CONN_ROLE_CLIENT);
		assert_int_equal(flow_of_socket(&info), flow_of(x, y));
		info = look(&server);
		assert_int_equal(flow_role_of(&info), CONN_ROLE_SERVER);
		assert_int_equal(flow_of_socket(&info), flow_of(x, y));
	}
}

static void not_by_a_socket(void **state)
{
	struct socket_info good, bad;
	struct end end;

	(void)state;
	begin(&end, 1000, 2000, true);
	good = look(&end);
	assert_int_equal(flow_of_socket(&good), flow_of(1000, 2000));
	bad = good;
	bad.bytes_sent += 5; /* more was counted than was sent: who is who cannot be told */
	assert_int_equal(flow_of_socket(&bad), FLOW_UNKNOWN);
	bad = good;
	bad.state = STATE_SYN_SENT;
	assert_int_equal(flow_of_socket(&bad), FLOW_UNKNOWN);
	bad = good;
	bad.object = EVENT_SOCKET_TIMEWAIT;
	assert_int_equal(flow_of_socket(&bad), FLOW_UNKNOWN);
	bad = good;
	bad.sock = 0; /* netlink tells no numbers */
	assert_int_equal(flow_of_socket(&bad), FLOW_UNKNOWN);
	/* Who listens has counted nothing, as a server that nothing was said to. */
	bad = (struct socket_info){ .sock = SOCK,
				    .state = STATE_LISTEN,
				    .object = EVENT_SOCKET_FULL,
				    .marks = EVENT_SOCKET_COUNTED };
	assert_int_equal(flow_role_of(&bad), CONN_ROLE_UNKNOWN);
	assert_int_equal(flow_of_socket(&bad), FLOW_UNKNOWN);
	bad = good;
	bad.marks = 0;
	assert_int_equal(flow_of_socket(&bad), FLOW_UNKNOWN);
}

static struct event step(enum tcp_state from, enum tcp_state to, uint8_t sequences, uint32_t local,
			 uint32_t peer)
{
	struct event e;

	event_clear(&e);
	e.kind = to == STATE_SYN_SENT ? EVENT_OPEN : EVENT_TRANSITION;
	e.sock = SOCK;
	e.mono_ns = 1000;
	e.from = from;
	e.to = to;
	e.sequences = sequences;
	e.local_seq = local;
	e.peer_seq = peer;
	return e;
}

/* What a life of these two steps has for a flow. */
static uint64_t live(const struct event *birth, const struct event *established)
{
	static const struct life_sight sight;
	struct conn c;

	life_begin(&c, birth, false);
	life_step(&c, birth, &sight);
	assert_int_equal(c.flow, FLOW_UNKNOWN);
	life_step(&c, established, &sight);
	return c.flow;
}

/* A server's child is told of from behind its SYN on. */
static void by_steps(void **state)
{
	static const uint8_t both = EVENT_SEQUENCE_LOCAL | EVENT_SEQUENCE_PEER;
	struct event open = step(STATE_CLOSED, STATE_SYN_SENT, 0, 0, 0);
	struct event child = step(STATE_LISTEN, STATE_SYN_RECV, 0, 0, 0);
	struct event lost = step(STATE_SYN_RECV, STATE_SYN_RECV, 0, 0, 0);
	struct event client = step(STATE_SYN_SENT, STATE_ESTABLISHED, both, 1000, 0xffffffff);
	struct event server = step(STATE_SYN_RECV, STATE_ESTABLISHED, both, 0, 1000);
	struct event half = client, none = client;

	(void)state;
	assert_int_equal(live(&open, &client), flow_of(1000, 0xffffffff));
	assert_int_equal(live(&child, &server), flow_of(1000, 0xffffffff));
	half.sequences = EVENT_SEQUENCE_LOCAL;
	assert_int_equal(live(&open, &half), FLOW_UNKNOWN);
	none.sequences = 0;
	assert_int_equal(live(&open, &none), FLOW_UNKNOWN);
	/* Nobody knows which end this is. */
	assert_int_equal(live(&lost, &server), FLOW_UNKNOWN);
	open.flags = EVENT_FLAG_REPAIRED;
	assert_int_equal(live(&open, &client), FLOW_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_orders),	   cmocka_unit_test(a_known_one),
		cmocka_unit_test(there_and_back),  cmocka_unit_test(sockets_of_both_ends),
		cmocka_unit_test(not_by_a_socket), cmocka_unit_test(by_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
