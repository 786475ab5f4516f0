// SPDX-License-Identifier: GPL-2.0-only
/* Errors of connects that a transition has told of, and whose callers are about to be told. */
#include "user/conn/told.h"

#include "user/base/hash.h"

/* Always the same: what is printed is not to depend on a key, and nobody chooses addresses. */
static unsigned int place_of(uint64_t sock)
{
	static const struct hash_key key = { 0x243f6a8885a308d3, 0x13198a2e03707345 };

	return hash_u64(&key, sock) % TOLD_ERRORS;
}

void told_note(struct told_errors *told, uint64_t sock, uint16_t error)
{
	unsigned int place = place_of(sock);

	if (!error)
		return;
	told->socks[place] = sock;
	told->errors[place] = error;
}

bool told_take(struct told_errors *told, uint64_t sock, uint16_t error)
{
	unsigned int place = place_of(sock);

	if (told->socks[place] != sock || told->errors[place] != error)
		return false;
	told->socks[place] = 0;
	return true;
}
