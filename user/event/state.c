// SPDX-License-Identifier: GPL-2.0-only
/* The states of RFC 9293: names, spellings, and the arrows between them. */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "user/event/state.h"

static const char *const names[STATE_COUNT] = {
#define X(NAME, number) [number] = #NAME,
	TCP_STATES(X)
#undef X
};

static const char *const lower_names[STATE_COUNT] = {
	[STATE_ESTABLISHED] = "established", [STATE_SYN_SENT] = "syn_sent",
	[STATE_SYN_RECV] = "syn_recv",	     [STATE_FIN_WAIT1] = "fin_wait1",
	[STATE_FIN_WAIT2] = "fin_wait2",     [STATE_TIME_WAIT] = "time_wait",
	[STATE_CLOSED] = "closed",	     [STATE_CLOSE_WAIT] = "close_wait",
	[STATE_LAST_ACK] = "last_ack",	     [STATE_LISTEN] = "listen",
	[STATE_CLOSING] = "closing",
};

/* What the kernel, ss and RFC 9293 call a state where it is not the contract's name. */
static const struct spelling {
	const char *text;
	enum tcp_state state;
} spellings[] = {
	{ "ESTAB", STATE_ESTABLISHED },	    { "SYN_RECEIVED", STATE_SYN_RECV },
	{ "NEW_SYN_RECV", STATE_SYN_RECV }, { "FIN_WAIT_1", STATE_FIN_WAIT1 },
	{ "FIN_WAIT_2", STATE_FIN_WAIT2 },  { "CLOSE", STATE_CLOSED },
	{ "UNCONN", STATE_CLOSED },	    { "LISTENING", STATE_LISTEN },
};

#define TO(NAME) (1U << STATE_##NAME)

/*
 * RFC 9293, figure 5, and from every state the arrow to CLOSED of a reset, a timeout or an abort.
 * CLOSED -> SYN_RECV is how a server's connection begins here, the listener being another socket.
 * SYN_RECV -> CLOSE_WAIT is fast open, whose peer may send its FIN before the handshake's ACK.
 */
static const uint16_t arrows[STATE_COUNT] = {
	[STATE_CLOSED] = TO(LISTEN) | TO(SYN_SENT) | TO(SYN_RECV),
	[STATE_LISTEN] = TO(CLOSED) | TO(SYN_SENT) | TO(SYN_RECV),
	[STATE_SYN_SENT] = TO(CLOSED) | TO(SYN_RECV) | TO(ESTABLISHED),
	[STATE_SYN_RECV] = TO(CLOSED) | TO(LISTEN) | TO(ESTABLISHED) | TO(FIN_WAIT1) |
			   TO(CLOSE_WAIT),
	[STATE_ESTABLISHED] = TO(CLOSED) | TO(FIN_WAIT1) | TO(CLOSE_WAIT),
	[STATE_FIN_WAIT1] = TO(CLOSED) | TO(FIN_WAIT2) | TO(CLOSING),
	[STATE_FIN_WAIT2] = TO(CLOSED) | TO(TIME_WAIT),
	[STATE_CLOSE_WAIT] = TO(CLOSED) | TO(LAST_ACK),
	[STATE_CLOSING] = TO(CLOSED) | TO(TIME_WAIT),
	[STATE_LAST_ACK] = TO(CLOSED),
	[STATE_TIME_WAIT] = TO(CLOSED),
};

bool state_is_valid(unsigned int number)
{
	return number - 1 < STATE_COUNT - 1;
}

const char *state_name(enum tcp_state state)
{
	return state_is_valid(state) ? names[state] : "UNKNOWN";
}

const char *state_lower_name(enum tcp_state state)
{
	return state_is_valid(state) ? lower_names[state] : "unknown";
}

/* Whether it is this name, in either case, its words parted by '_', by '-' or by nothing. */
static bool is_spelled(const char *text, const char *name)
{
	for (; *name; name++) {
		if (*name == '_') {
			text += *text == '_' || *text == '-';
			continue;
		}
		if (toupper((unsigned char)*text) != *name)
			return false;
		text++;
	}
	return !*text;
}

int state_parse(const char *text, enum tcp_state *ret_state)
{
	if (!strncasecmp(text, "TCP_", 4) || !strncasecmp(text, "TCP-", 4))
		text += 4;
	for (unsigned int number = 1; number < STATE_COUNT; number++) {
		if (is_spelled(text, names[number])) {
			*ret_state = (enum tcp_state)number;
			return 0;
		}
	}
	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
		if (is_spelled(text, spellings[i].text)) {
			*ret_state = spellings[i].state;
			return 0;
		}
	}
	return -EINVAL;
}

bool state_is_legal(enum tcp_state from, enum tcp_state to)
{
	return state_is_valid(from) && state_is_valid(to) && arrows[from] >> to & 1;
}

/* The peer's FIN, or its ACK of ours. */
bool state_begins_with_ack(enum tcp_state state)
{
	return state == STATE_CLOSE_WAIT || state == STATE_FIN_WAIT2;
}

enum tcp_state state_between(enum tcp_state from, enum tcp_state to)
{
	enum tcp_state found = 0;
	unsigned int number;

	if (from == to || state_is_legal(from, to))
		return 0;
	for (number = 1; number < STATE_COUNT; number++) {
		enum tcp_state middle = (enum tcp_state)number;

		if (!state_is_legal(from, middle) || !state_is_legal(middle, to))
			continue;
		if (found)
			return 0;
		found = middle;
	}
	return found;
}
