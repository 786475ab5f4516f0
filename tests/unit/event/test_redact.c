// SPDX-License-Identifier: GPL-2.0-only
/* Addresses and names are taken out of every kind of record that has some, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/event/event.h"
#include "user/event/identity.h"

static unsigned int addresses, names;

static void hide_address(void *context, struct address *a)
{
	(void)context;
	addresses++;
	memset(a->byte + (address_is_ipv4(a) ? ADDRESS_MAPPED_SIZE : 0), 'a',
	       address_is_ipv4(a) ? 4 : ADDRESS_SIZE);
}

static void hide_name(void *context, char comm[EVENT_COMM_SIZE])
{
	(void)context;
	names++;
	memset(comm, 'n', EVENT_COMM_SIZE);
}

static const struct event_redactor redactor = { hide_address, hide_name, hide_name, NULL };

static void redact(void *record, size_t size, enum event_kind kind, unsigned int flags)
{
	struct event_head head = { .kind = kind, .flags = (uint16_t)flags };

	memcpy(record, &head, sizeof(head));
	addresses = names = 0;
	event_redact(record, size, &redactor);
}

#define REDACT(record, KIND, flags) redact(&(record), sizeof(record), EVENT_##KIND, flags)

static void each_kind(void **state)
{
	static const struct {
		enum event_kind kind;
		unsigned int addresses, names;
	} kinds[] = {
		{ EVENT_TRANSITION6, 2, 0 }, { EVENT_OPEN, 2, 2 },     { EVENT_CLOSE, 2, 0 },
		{ EVENT_DESTROY, 0, 0 },     { EVENT_PASSIVE, 0, 0 },  { EVENT_REQUEST, 2, 1 },
		{ EVENT_ACCEPT, 0, 2 },	     { EVENT_TIMEWAIT, 2, 0 }, { EVENT_RESET, 0, 0 },
		{ EVENT_RETRANSMIT, 0, 0 },  { EVENT_ERROR, 0, 0 },    { EVENT_SOCKET, 2, 2 },
		{ EVENT_LISTENER, 1, 2 },    { EVENT_CONNECT, 2, 2 },  { EVENT_SUBFLOW, 0, 0 },
		{ EVENT_OPENER, 0, 0 },	     { EVENT_SCOPE, 0, 1 },    { EVENT_KIN, 0, 0 },
	};
	uint8_t record[EVENT_RECORD_MAX];

	(void)state;
	/* Together with the one that follows, these are all. */
	assert_int_equal(sizeof(kinds) / sizeof(*kinds) + 2, EVENT_KIND_COUNT);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		size_t size = event_size_of(kinds[i].kind), changed = 0;

		memset(record, 0, sizeof(record));
		redact(record, size, kinds[i].kind, EVENT_FLAG_IPV6);
		assert_int_equal(addresses, kinds[i].addresses);
		assert_int_equal(names, kinds[i].names);
		for (size_t at = sizeof(struct event_head); at < sizeof(record); at++)
			changed += record[at] != 0;
		assert_int_equal(changed, 16 * (addresses + names));
	}
}

static void ipv4_is_short(void **state)
{
	struct event_transition t = { .head = { .mono_ns = 0 } };
	struct event_close c = { .head = { .mono_ns = 0 } };

	(void)state;
	REDACT(t, TRANSITION, 0);
	assert_memory_equal(t.laddr, "aaaa", 4);
	assert_memory_equal(t.raddr, "aaaa", 4);
	REDACT(c, CLOSE, 0);
	assert_memory_equal(c.laddr, "aaaa\0\0\0\0", 8);
	assert_int_equal(c.bytes_sent, 0);
}

static void what_is_none_stays(void **state)
{
	uint8_t bytes[EVENT_RECORD_MAX] = { 0 };

	(void)state;
	redact(bytes, sizeof(struct event_open) - 1, EVENT_OPEN, 0);
	redact(bytes, sizeof(bytes), EVENT_KIND_COUNT, 0);
	assert_int_equal(addresses + names, 0);
	event_redact(bytes, 3, &redactor);
	assert_int_equal(addresses + names, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(ipv4_is_short),
		cmocka_unit_test(what_is_none_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
