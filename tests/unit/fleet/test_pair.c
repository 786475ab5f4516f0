// SPDX-License-Identifier: GPL-2.0-only
/* What two ends say together, and nothing that they do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/units.h"
#include "user/conn/conn.h"
#include "user/fleet/pair.h"

/* A path of 2 ms, and a server whose clock is 100 ms ahead. */
static struct pair_end client, server;

static int reset(void **state)
{
	(void)state;
	client = (struct pair_end){ .start_ns = 1000 * NS_PER_MS,
				    .handshake_ns = 2 * NS_PER_MS,
				    .min_rtt_ns = 2 * NS_PER_MS,
				    .accept_wait_ns = TIME_UNKNOWN,
				    .is_complete = true,
				    .has_sent_fin = true,
				    .has_seen_fin = true };
	server = client;
	server.start_ns = 1101 * NS_PER_MS;
	server.min_rtt_ns = TIME_UNKNOWN;
	server.accept_wait_ns = 0;
	return 0;
}

#define SEEN_NS (50 * NS_PER_US)

static void clocks(void **state)
{
	struct pair_offset got = pair_offset_of(&client, &server);

	(void)state;
	assert_true(got.is_known);
	assert_int_equal(got.offset_ns, 100 * NS_PER_MS);
	assert_int_equal(got.bound_ns, NS_PER_MS + SEEN_NS);
	server.start_ns = 901 * NS_PER_MS;
	got = pair_offset_of(&client, &server);
	assert_int_equal(got.offset_ns, -100 * (int64_t)NS_PER_MS);
	/* The server has waited less for the ACK: it bounds more. */
	server.handshake_ns = NS_PER_MS;
	got = pair_offset_of(&client, &server);
	assert_int_equal(got.bound_ns, NS_PER_MS / 2 + SEEN_NS);
	server.handshake_ns = TIME_UNKNOWN;
	assert_int_equal(pair_offset_of(&client, &server).bound_ns, NS_PER_MS + SEEN_NS);
	/* Its SYN-ACK seems to have left after the client had it: by how long its ACK waited. */
	client.handshake_ns = NS_PER_MS;
	server.start_ns = client.start_ns + NS_PER_MS + SEEN_NS / 2;
	server.handshake_ns = 0;
	got = pair_offset_of(&client, &server);
	assert_true(got.is_known && got.offset_ns > 0 && (uint64_t)got.offset_ns <= got.bound_ns);
	client.handshake_ns = TIME_UNKNOWN;
	assert_false(pair_offset_of(&client, &server).is_known);
	reset(state);
	server.start_ns = TIME_UNKNOWN;
	assert_false(pair_offset_of(&client, &server).is_known);
}

static void assert_time(const char *of, const char *words)
{
	const char *why, *got = pair_time_of(&client, &server, &why);

	if (!of) {
		assert_null(got);
		assert_null(why);
		return;
	}
	assert_string_equal(got, of);
	assert_non_null(strstr(why, words));
}

static void whose_time(void **state)
{
	(void)state;
	assert_time("network", "what the path takes");
	/* What took it is not known. */
	client.handshake_ns = 50 * NS_PER_MS;
	assert_time(NULL, NULL);
	client.handshake_retransmits = 1;
	assert_time("network", "the SYN was sent again");
	server.handshake_retransmits = 2;
	assert_time("network", "the SYN-ACK was sent again");
	server.handshake_retransmits = -1;
	assert_time(NULL, NULL);
	server.accept_wait_ns = 60 * NS_PER_MS;
	assert_time("server", "to be accepted");
	client.handshake_ns = TIME_UNKNOWN;
	assert_time(NULL, NULL);
	reset(state);
	client.min_rtt_ns = TIME_UNKNOWN;
	assert_time(NULL, NULL);
	server.min_rtt_ns = 2 * NS_PER_MS;
	assert_time("network", "what the path takes");
}

static void assert_differ(const char *words)
{
	const char *got = pair_difference(&client, &server);

	if (words)
		assert_non_null(strstr(got, words));
	else
		assert_null(got);
}

static void different_ends(void **state)
{
	(void)state;
	assert_differ(NULL);
	server.has_seen_fin = false;
	assert_differ("a FIN of the client never came");
	server.is_open = true;
	assert_differ(NULL);
	reset(state);
	client.has_seen_fin = false;
	assert_differ("a FIN of the server never came");
	reset(state);
	client.has_reset_sent = true;
	assert_differ("the client sent a reset that the server never saw");
	server.has_reset_received = true;
	assert_differ(NULL);
	reset(state);
	server.has_reset_sent = true;
	assert_differ("the server sent a reset that the client never saw");
	/* An end of which something was lost proves nothing. */
	client.is_complete = false;
	assert_differ(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(clocks, reset),
		cmocka_unit_test_setup(whose_time, reset),
		cmocka_unit_test_setup(different_ends, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
