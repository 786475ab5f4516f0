/* SPDX-License-Identifier: GPL-2.0-only */
/* Internet addresses: one 16-byte shape for both families, printing, parsing, prefixes. */
#ifndef USER_BASE_ADDRESS_H
#define USER_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ADDRESS_SIZE 16
#define ADDRESS_TEXT_SIZE 46 /* INET6_ADDRSTRLEN */

/* Network order; an IPv4 address a.b.c.d is ::ffff:a.b.c.d. */
struct address {
	uint8_t byte[ADDRESS_SIZE];
};

struct prefix {
	struct address net; /* bits behind the prefix are zero */
	uint8_t bits;	    /* 0..128, in the 16-byte shape: an IPv4 /24 is 120 */
};

#define ADDRESS_MAPPED                                   \
	{                                                \
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff \
	}
#define ADDRESS_MAPPED_SIZE 12

static inline void address_set_ipv4(struct address *a, const uint8_t ipv4[4])
{
	static const struct address mapped = { ADDRESS_MAPPED };

	*a = mapped;
	memcpy(a->byte + ADDRESS_MAPPED_SIZE, ipv4, ADDRESS_SIZE - ADDRESS_MAPPED_SIZE);
}

struct address address_from_ipv4(const uint8_t ipv4[4]);

static inline bool address_is_ipv4(const struct address *a)
{
	static const uint8_t mapped[4] = { 0, 0, 0xff, 0xff };
	uint64_t head;

	memcpy(&head, a->byte, sizeof(head));
	return !head && !memcmp(a->byte + sizeof(head), mapped, sizeof(mapped));
}

/* Whether it is one of fe80::/10, which each link has anew. */
bool address_is_link_local(const struct address *a);

/* Whether it is 0.0.0.0 or ::, which is no one's. */
static inline bool address_is_any(const struct address *a)
{
	uint64_t head, tail;

	memcpy(&head, a->byte, sizeof(head));
	memcpy(&tail, a->byte + sizeof(head), sizeof(tail));
	if (!head && address_is_ipv4(a))
		memset(&tail, 0, 4);
	return !(head | tail);
}

/* Writes "10.0.0.1" or "2001:db8::1" and returns `text`. */
const char *address_format(const struct address *a, char text[ADDRESS_TEXT_SIZE]);

/* The same in so much room, without a NUL. Returns the end. */
char *address_put(const struct address *a, char *at);

/* Reads an address or an address/bits of either family. Returns 0, or -EINVAL. */
int prefix_parse(const char *text, struct prefix *ret_prefix);

bool prefix_has(const struct prefix *p, const struct address *a);

/* Of which family all is that it has: 4 or 6. */
int prefix_family(const struct prefix *p);

#endif
