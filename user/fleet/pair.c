// SPDX-License-Identifier: GPL-2.0-only
/* Both ends of a connection side by side: whose time it was, what they tell differently, clocks. */
#include "user/fleet/pair.h"

#include <stdio.h>
#include <string.h>

#include "user/base/units.h"
#include "user/conn/conn.h"

#define TEXT_SIZE 32
#define ENDPOINT_SIZE 80

/* The order of question_pairs. */
enum fact {
	HOST,
	ADDR,
	PORT,
	PROCESS,
	START,
	START_KNOWN,
	HANDSHAKE,
	HANDSHAKE_RETRANSMITS,
	RETRANSMITS,
	MIN_RTT,
	ACCEPT_WAIT,
	OUTCOME,
	COMPLETE,
	SENT_FIN,
	SAW_FIN,
	FACTS
};
_Static_assert(FACTS == PAIR_END_FACTS, "as many as are asked for");

const struct table_column pair_columns[] = {
	{ "flow", "FLOW", TABLE_FLOW },
	{ "client_host", "CLIENT", TABLE_NAME },
	{ "client", NULL, TABLE_TEXT },
	{ "client_process", "PROCESS", TABLE_TEXT, 6 },
	{ "server_host", "SERVER", TABLE_NAME },
	{ "server", "AT", TABLE_TEXT, 2 },
	{ "server_process", "PROCESS", TABLE_TEXT, 7 },
	{ "client_handshake_ns", "CLI HSHK", TABLE_NS },
	{ "server_handshake_ns", "SRV HSHK", TABLE_NS, 5 },
	{ "syn_retransmits", NULL, TABLE_COUNT },
	{ "synack_retransmits", NULL, TABLE_COUNT },
	{ "client_retransmits", NULL, TABLE_COUNT },
	{ "server_retransmits", NULL, TABLE_COUNT },
	{ "accept_wait_ns", "ACCEPT", TABLE_NS },
	{ "client_start_ns", NULL, TABLE_COUNT },
	{ "server_start_ns", NULL, TABLE_COUNT },
	{ "clock_offset_ns", NULL, TABLE_NUMBER },
	{ "clock_bound_ns", NULL, TABLE_COUNT },
	{ "client_outcome", "CLI END", TABLE_TEXT, 3 },
	{ "server_outcome", "SRV END", TABLE_TEXT, 4 },
	{ "time_of", "TIME OF", TABLE_TEXT },
	{ "why", NULL, TABLE_TEXT },
	{ "difference", "DIFFERENT", TABLE_TEXT },
};
const size_t pair_column_count = sizeof(pair_columns) / sizeof(*pair_columns);

/* ---- what follows -------------------------------------------------------------------------- */

/*
 * Where the kernel tells how long the SYN-ACK took to be acknowledged, and not when it left, it
 * left as much earlier than is told as the ACK took from its arrival to where it is seen.
 */
#define SEEN_NS ((int64_t)(50 * NS_PER_US))

/*
 * The SYN-ACK left after the SYN and before the client had it; the ACK came after it left. Times
 * are those of two clocks, so each of these bounds the offset.
 */
struct pair_offset pair_offset_of(const struct pair_end *client, const struct pair_end *server)
{
	struct pair_offset ret = { .is_known = false };
	int64_t low, high, later, middle;

	if (client->start_ns == TIME_UNKNOWN || server->start_ns == TIME_UNKNOWN ||
	    client->handshake_ns == TIME_UNKNOWN)
		return ret;
	high = (int64_t)(server->start_ns - client->start_ns);
	low = high - (int64_t)client->handshake_ns;
	if (server->handshake_ns != TIME_UNKNOWN) {
		later = low + (int64_t)server->handshake_ns;
		high = later < high ? later : high;
	}
	if (low - SEEN_NS > high)
		return ret;
	middle = low < high ? low + (high - low) / 2 : high;
	return (struct pair_offset){ true, middle, (uint64_t)(middle - low + SEEN_NS) };
}

/* Longer than twice the path and some: it is not the path that took it. */
#define SOME_NS NS_PER_MS

const char *pair_time_of(const struct pair_end *client, const struct pair_end *server,
			 const char **ret_why)
{
	uint64_t rtt_ns = client->min_rtt_ns < server->min_rtt_ns ? client->min_rtt_ns :
								    server->min_rtt_ns;

	*ret_why = NULL;
	if (client->handshake_ns == TIME_UNKNOWN)
		return NULL;
	if (server->accept_wait_ns != TIME_UNKNOWN &&
	    server->accept_wait_ns > client->handshake_ns + SOME_NS) {
		*ret_why = "it waited longer to be accepted than its handshake took";
		return "server";
	}
	if (client->handshake_retransmits > 0 && !server->handshake_retransmits) {
		*ret_why = "the SYN was sent again, the SYN-ACK was not";
		return "network";
	}
	if (server->handshake_retransmits > 0) {
		*ret_why = "the SYN-ACK was sent again";
		return "network";
	}
	if (rtt_ns == TIME_UNKNOWN || client->handshake_retransmits ||
	    server->handshake_retransmits)
		return NULL;
	if (client->handshake_ns <= 2 * rtt_ns + SOME_NS) {
		*ret_why = "the handshake took what the path takes";
		return "network";
	}
	return NULL;
}

const char *pair_difference(const struct pair_end *client, const struct pair_end *server)
{
	if (!client->is_complete || !server->is_complete)
		return NULL;
	if (client->has_reset_sent && !server->has_reset_received && !server->has_reset_sent)
		return "the client sent a reset that the server never saw";
	if (server->has_reset_sent && !client->has_reset_received && !client->has_reset_sent)
		return "the server sent a reset that the client never saw";
	if (client->has_reset_sent || server->has_reset_sent || client->has_reset_received ||
	    server->has_reset_received)
		return NULL;
	if (client->has_sent_fin && !server->has_seen_fin && !server->is_open)
		return "a FIN of the client never came";
	if (server->has_sent_fin && !client->has_seen_fin && !client->is_open)
		return "a FIN of the server never came";
	return NULL;
}

/* ---- from values and to values ------------------------------------------------------------- */

static uint64_t ns_of(const struct answer_value *v, uint64_t unit)
{
	uint64_t number;

	return answer_u64(v, &number) && number < INT64_MAX / unit ? number * unit : TIME_UNKNOWN;
}

static void read_end(const struct answer_value *facts, struct pair_end *ret)
{
	uint64_t retransmits;

	*ret = (struct pair_end){
		.start_ns = answer_is(&facts[START_KNOWN], "1") ? ns_of(&facts[START], 1) :
								  TIME_UNKNOWN,
		.handshake_ns = ns_of(&facts[HANDSHAKE], 1),
		.handshake_retransmits = answer_u64(&facts[HANDSHAKE_RETRANSMITS], &retransmits) &&
							 retransmits <= UINT16_MAX ?
						 (int64_t)retransmits :
						 -1,
		.min_rtt_ns = ns_of(&facts[MIN_RTT], NS_PER_US),
		.accept_wait_ns = ns_of(&facts[ACCEPT_WAIT], 1),
		.is_complete = answer_is(&facts[COMPLETE], "1"),
		.is_open = answer_is(&facts[OUTCOME], "open"),
		.has_reset_sent = answer_is(&facts[OUTCOME], "reset_sent"),
		.has_reset_received = answer_is(&facts[OUTCOME], "reset_received"),
		.has_sent_fin = answer_is(&facts[SENT_FIN], "1"),
		.has_seen_fin = answer_is(&facts[SAW_FIN], "1"),
	};
}

/* "10.0.0.1:443", "[2001:db8::1]:443" */
static struct answer_value endpoint(const struct answer_value *facts, char text[ENDPOINT_SIZE])
{
	const struct answer_value *a = &facts[ADDR], *p = &facts[PORT];
	bool is_wide = a->bytes && memchr(a->bytes, ':', a->size);

	if (!a->bytes || !p->bytes || a->size + p->size + 4 > ENDPOINT_SIZE)
		return (struct answer_value){ NULL, 0 };
	return (struct answer_value){ text, (size_t)snprintf(text, ENDPOINT_SIZE, "%s%.*s%s:%.*s",
							     is_wide ? "[" : "", (int)a->size,
							     a->bytes, is_wide ? "]" : "",
							     (int)p->size, p->bytes) };
}

static struct answer_value sentence(const char *text)
{
	return (struct answer_value){ text, text ? strlen(text) : 0 };
}

static struct answer_value number(bool is_known, int64_t value, char text[TEXT_SIZE])
{
	if (!is_known)
		return (struct answer_value){ NULL, 0 };
	return (struct answer_value){ text,
				      (size_t)snprintf(text, TEXT_SIZE, "%lld", (long long)value) };
}

void pair_add(struct table *table, const struct answer_value *facts)
{
	const struct answer_value *c = facts + 1, *s = c + PAIR_END_FACTS;
	char texts[2][ENDPOINT_SIZE], numbers[2][TEXT_SIZE];
	struct pair_end client, server;
	struct pair_offset offset;
	const char *time_of, *why;

	read_end(c, &client);
	read_end(s, &server);
	offset = pair_offset_of(&client, &server);
	time_of = pair_time_of(&client, &server, &why);
	table_add(table, (const struct answer_value[]){
				 facts[0],
				 c[HOST],
				 endpoint(c, texts[0]),
				 c[PROCESS],
				 s[HOST],
				 endpoint(s, texts[1]),
				 s[PROCESS],
				 c[HANDSHAKE],
				 s[HANDSHAKE],
				 c[HANDSHAKE_RETRANSMITS],
				 s[HANDSHAKE_RETRANSMITS],
				 c[RETRANSMITS],
				 s[RETRANSMITS],
				 s[ACCEPT_WAIT],
				 c[START],
				 s[START],
				 number(offset.is_known, offset.offset_ns, numbers[0]),
				 number(offset.is_known, (int64_t)offset.bound_ns, numbers[1]),
				 c[OUTCOME],
				 s[OUTCOME],
				 sentence(time_of),
				 sentence(why),
				 sentence(pair_difference(&client, &server)),
			 });
}
