// SPDX-License-Identifier: GPL-2.0-only
/* A connection's name that both of its ends know: made of their two initial sequence numbers. */
#include "user/conn/flow.h"

#include <errno.h>
#include <string.h>

#include "user/base/siphash.h"

uint64_t flow_of(uint32_t one, uint32_t other)
{
	static const struct siphash_key key;
	uint32_t lesser = one < other ? one : other, greater = one < other ? other : one;
	uint64_t flow = siphash_u64(&key, (uint64_t)greater << 32 | lesser);

	return flow != FLOW_UNKNOWN ? flow : ~(uint64_t)FLOW_UNKNOWN;
}

const char *flow_format(uint64_t flow, char text[FLOW_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = FLOW_DIGITS; i--; flow >>= 4)
		text[i] = digits[flow & 15];
	text[FLOW_DIGITS] = '\0';
	return text;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' - 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int flow_parse(const char *text, uint64_t *ret_flow)
{
	uint64_t flow = 0;

	if (strlen(text) != FLOW_DIGITS)
		return -EINVAL;
	for (int i = 0; i < FLOW_DIGITS; i++) {
		int digit = digit_of(text[i]);

		if (digit < 0)
			return -EINVAL;
		flow = flow << 4 | (unsigned int)digit;
	}
	if (flow == FLOW_UNKNOWN)
		return -EINVAL;
	*ret_flow = flow;
	return 0;
}

/*
 * Sequence numbers tell: both ends count the bytes that were acknowledged, but only a client counts
 * its SYN among them. What was sent and not acknowledged lies between snd_una and snd_nxt.
 */
enum conn_role flow_role_of(const struct socket_info *info)
{
	bool fin_sent = info->state == STATE_FIN_WAIT1 || info->state == STATE_CLOSING ||
			info->state == STATE_LAST_ACK || info->state == STATE_FIN_WAIT2;
	uint64_t numbers = info->bytes_acked + (info->snd_nxt - info->snd_una);

	if (info->state == STATE_SYN_SENT)
		return CONN_ROLE_CLIENT;
	/* A FIN behind data has its number, and has not been sent. A listener has no numbers. */
	if (info->object != EVENT_SOCKET_FULL || !(info->marks & EVENT_SOCKET_COUNTED) ||
	    info->state == STATE_SYN_RECV || info->state == STATE_LISTEN ||
	    (fin_sent && info->snd_nxt - info->snd_una != info->tx_queue))
		return CONN_ROLE_UNKNOWN;
	numbers -= fin_sent;
	if (numbers == info->bytes_sent)
		return CONN_ROLE_SERVER;
	return numbers == info->bytes_sent + 1 ? CONN_ROLE_CLIENT : CONN_ROLE_UNKNOWN;
}

bool flow_firsts_of(const struct socket_info *info, uint32_t *ret_local, uint32_t *ret_peer)
{
	enum conn_role role = flow_role_of(info);
	bool fin_received = info->flags & EVENT_FLAG_FIN_RECEIVED;

	/* Who knows no socket by its identity knows no numbers either. */
	if (!info->sock || role == CONN_ROLE_UNKNOWN || info->state == STATE_SYN_SENT)
		return false;
	*ret_local = info->snd_una - (uint32_t)info->bytes_acked - (role == CONN_ROLE_SERVER);
	/* The peer's SYN has a number as well, and so has its FIN. */
	*ret_peer = info->rcv_nxt - (uint32_t)info->bytes_received - 1 - fin_received;
	return true;
}

uint64_t flow_of_socket(const struct socket_info *info)
{
	uint32_t local, peer;

	return flow_firsts_of(info, &local, &peer) ? flow_of(local, peer) : FLOW_UNKNOWN;
}
