// SPDX-License-Identifier: GPL-2.0-only
/* Which one of many connections is to be told of. */
#include "user/conn/choice.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "user/base/text.h"

#define ENDPOINT_SIZE 80 /* "[" address "%" interface "]:" port, and NUL */

static int parse_address(const char *text, struct address *ret_address)
{
	struct prefix prefix;
	int error = strchr(text, '/') ? -EINVAL : prefix_parse(text, &prefix);

	if (!error)
		*ret_address = prefix.net;
	return error;
}

/* What stands behind a % in it; it is cut off there. */
static int take_interface(char *address, struct endpoint *end)
{
	char *name = strchr(address, '%');
	size_t size;

	if (!name)
		return 0;
	*name++ = '\0';
	size = strlen(name);
	if (name - 1 == address || !size || size >= EVENT_IFNAME_SIZE ||
	    strpbrk(name, CONN_IFNAME_NEVER))
		return -EINVAL;
	memcpy(end->interface, name, size);
	return 0;
}

/* The brackets say which of an IPv6 address's colons is the one before the port. */
static int parse_endpoint(const char *text, size_t size, struct endpoint *ret_end)
{
	struct endpoint end = { .port = 0 };
	char copy[ENDPOINT_SIZE], *address = copy, *colon;
	uint64_t port;

	if (!size || size >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, size);
	copy[size] = '\0';
	if (strlen(copy) != size)
		return -EINVAL;
	colon = strrchr(copy, ':');
	if (*copy == '[') {
		char *bracket = strchr(copy, ']');

		if (!bracket || (bracket[1] && bracket + 1 != colon))
			return -EINVAL;
		colon = bracket[1] ? colon : NULL;
		*bracket = '\0';
		address++;
	} else if (colon != strchr(copy, ':')) {
		return -EINVAL;
	}
	if (colon) {
		*colon++ = '\0';
		if (*colon && (text_parse_u64(colon, &port) || !port || port > UINT16_MAX))
			return -EINVAL;
		end.port = *colon ? (uint16_t)port : 0;
	}
	if (take_interface(address, &end))
		return -EINVAL;
	end.has_address = *address;
	if (end.has_address && parse_address(address, &end.address))
		return -EINVAL;
	if (!end.has_address && !end.port)
		return -EINVAL;
	*ret_end = end;
	return 0;
}

int choice_parse_endpoints(const char *text, struct choice *ret_choice)
{
	struct choice choice = { .kind = CHOICE_ENDPOINTS };
	const char *dash = strchr(text, '-');
	int error = -EINVAL;

	/* A name may have dashes, too. */
	for (; error && dash; dash = strchr(dash + 1, '-')) {
		error = parse_endpoint(text, (size_t)(dash - text), &choice.ends[0]);
		if (!error)
			error = parse_endpoint(dash + 1, strlen(dash + 1), &choice.ends[1]);
		choice.has_both = !error;
	}
	if (error)
		error = parse_endpoint(text, strlen(text), &choice.ends[0]);
	if (error)
		return error;
	*ret_choice = choice;
	return 0;
}

static bool is_on(const struct endpoint *end, const struct conn *c)
{
	char text[CONN_IFNAME_SIZE];
	const char *name = conn_ifname(c->ifindex, c->ifname, text);

	return !*end->interface || (name && !strcmp(name, end->interface));
}

static bool is_at(const struct endpoint *end, const struct address *address, uint16_t port,
		  const struct conn *c)
{
	return (!end->port || end->port == port) &&
	       (!end->has_address || !memcmp(&end->address, address, sizeof(*address))) &&
	       is_on(end, c);
}

static bool has_ends(const struct choice *choice, const struct conn *c)
{
	const struct endpoint *ends = choice->ends;

	if (!(c->flags & CONN_HAS_ENDPOINTS))
		return false;
	if (choice->has_both)
		return is_at(&ends[0], &c->laddr, c->lport, c) &&
		       is_at(&ends[1], &c->raddr, c->rport, c);
	return is_at(&ends[0], &c->laddr, c->lport, c) || is_at(&ends[0], &c->raddr, c->rport, c);
}

bool choice_fits(const struct choice *choice, const struct conn *c)
{
	if (choice->has_failed && (!conn_has_failed(c) || c->flags & CONN_AWAITED))
		return false;
	switch (choice->kind) {
	case CHOICE_ID:
		return c->id == choice->id;
	case CHOICE_ENDPOINTS:
		return has_ends(choice, c);
	default:
		return true;
	}
}

static uint64_t longest_stay(const struct conn *c, enum tcp_state state, uint64_t now_ns)
{
	uint64_t longest_ns = 0;

	for (unsigned int i = 0; i < c->step_count; i++) {
		uint64_t ns = conn_dwell(c, i);

		if (c->step_state[i] != state)
			continue;
		if (i + 1 == c->step_count && !(c->flags & CONN_FINISHED) &&
		    c->step_ns[i] != TIME_UNKNOWN && now_ns > c->step_ns[i])
			ns = now_ns - c->step_ns[i];
		if (ns != TIME_UNKNOWN && ns > longest_ns)
			longest_ns = ns;
	}
	return longest_ns;
}

uint64_t choice_rank(const struct choice *choice, const struct conn *c, uint64_t now_ns)
{
	if (choice->kind == CHOICE_LONGEST)
		return longest_stay(c, choice->state, now_ns);
	if (choice->kind == CHOICE_SLOWEST_HANDSHAKE)
		return c->handshake_ns == TIME_UNKNOWN ? 0 : c->handshake_ns;
	return 0;
}

bool choice_is_first(const struct choice *choice)
{
	return choice->kind <= CHOICE_ENDPOINTS;
}

bool choice_is_exact(const struct choice *choice)
{
	return choice->kind == CHOICE_ID || choice->has_failed ||
	       (choice->kind == CHOICE_ENDPOINTS && choice->has_both && choice->ends[0].port &&
		choice->ends[1].port);
}
