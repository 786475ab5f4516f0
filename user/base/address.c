// SPDX-License-Identifier: GPL-2.0-only
/* Internet addresses in one 16-byte shape: printing, parsing, prefixes. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "user/base/address.h"

#define GROUPS 8				 /* of an IPv6 address, 16 bits each */
#define MAPPED_BITS 96				 /* the prefix ::ffff:0:0/96 holds IPv4 */
#define PREFIX_TEXT_SIZE (ADDRESS_TEXT_SIZE + 4) /* with "/128" */

static const uint8_t mapped[ADDRESS_MAPPED_SIZE] = ADDRESS_MAPPED;
_Static_assert(MAPPED_BITS == ADDRESS_MAPPED_SIZE * 8, "the same prefix");

struct address address_from_ipv4(const uint8_t ipv4[4])
{
	struct address a;

	address_set_ipv4(&a, ipv4);
	return a;
}

bool address_is_ipv4(const struct address *a)
{
	return !memcmp(a->byte, mapped, sizeof(mapped));
}

bool address_is_link_local(const struct address *a)
{
	return a->byte[0] == 0xfe && (a->byte[1] & 0xc0) == 0x80;
}

bool address_is_any(const struct address *a)
{
	static const struct address none;
	size_t from = address_is_ipv4(a) ? sizeof(mapped) : 0;

	return !memcmp(a->byte + from, none.byte + from, ADDRESS_SIZE - from);
}

static char *put_byte(char *at, uint8_t value)
{
	if (value >= 100)
		*at++ = (char)('0' + value / 100);
	if (value >= 10)
		*at++ = (char)('0' + value / 10 % 10);
	*at++ = (char)('0' + value % 10);
	return at;
}

static char *put_group(char *at, unsigned int value)
{
	static const char hex[] = "0123456789abcdef";

	if (value >= 0x1000)
		*at++ = hex[value >> 12];
	if (value >= 0x100)
		*at++ = hex[value >> 8 & 15];
	if (value >= 0x10)
		*at++ = hex[value >> 4 & 15];
	*at++ = hex[value & 15];
	return at;
}

static char *put_ipv4(char *at, const uint8_t *byte)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (i)
			*at++ = '.';
		at = put_byte(at, byte[i]);
	}
	return at;
}

/* RFC 5952: the longest run of at least two zero groups becomes "::", the first of equals. */
static char *put_ipv6(char *at, const uint8_t *byte)
{
	unsigned int group[GROUPS];
	int run_at = -1, run_size = 1;
	int i, size;

	for (i = 0; i < GROUPS; i++)
		group[i] = (unsigned int)byte[2 * i] << 8 | byte[2 * i + 1];
	for (i = 0; i < GROUPS; i += size + 1) {
		for (size = 0; i + size < GROUPS && !group[i + size]; size++)
			;
		if (size > run_size) {
			run_at = i;
			run_size = size;
		}
	}
	for (i = 0; i < GROUPS; i++) {
		if (i == run_at) {
			*at++ = ':';
			*at++ = ':';
			i += run_size - 1;
			continue;
		}
		if (i && i != run_at + run_size)
			*at++ = ':';
		at = put_group(at, group[i]);
	}
	return at;
}

const char *address_format(const struct address *a, char text[ADDRESS_TEXT_SIZE])
{
	char *end = address_is_ipv4(a) ? put_ipv4(text, a->byte + sizeof(mapped)) :
					 put_ipv6(text, a->byte);

	*end = '\0';
	return text;
}

/* Reads up to three digits that end the text; -1 if they are none or more than `max`. */
static int bits_parse(const char *text, int max)
{
	int bits = 0;
	int i;

	for (i = 0; text[i]; i++) {
		if (i == 3 || text[i] < '0' || text[i] > '9')
			return -1;
		bits = bits * 10 + text[i] - '0';
	}
	return i && bits <= max ? bits : -1;
}

/* The bits of byte `i` that belong to a prefix of `bits`. */
static uint8_t byte_mask(int bits, int i)
{
	int left = bits - 8 * i;

	if (left >= 8)
		return 0xff;
	return left <= 0 ? 0 : (uint8_t)(0xff << (8 - left));
}

int prefix_parse(const char *text, struct prefix *ret_prefix)
{
	const char *slash = strchr(text, '/');
	size_t size = slash ? (size_t)(slash - text) : strlen(text);
	char host[PREFIX_TEXT_SIZE];
	struct address net;
	uint8_t ipv4[4];
	int bits = 128;
	int i;

	if (size >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, size);
	host[size] = '\0';
	if (inet_pton(AF_INET, host, ipv4) == 1) {
		net = address_from_ipv4(ipv4);
		if (slash) {
			bits = bits_parse(slash + 1, 32);
			bits = bits < 0 ? bits : MAPPED_BITS + bits;
		}
	} else if (inet_pton(AF_INET6, host, net.byte) == 1) {
		if (slash)
			bits = bits_parse(slash + 1, 128);
	} else {
		return -EINVAL;
	}
	if (bits < 0)
		return -EINVAL;
	for (i = 0; i < ADDRESS_SIZE; i++)
		net.byte[i] &= byte_mask(bits, i);
	*ret_prefix = (struct prefix){ .net = net, .bits = (uint8_t)bits };
	return 0;
}

bool prefix_has(const struct prefix *p, const struct address *a)
{
	int whole = p->bits / 8;

	/* ::/0 and the like speak of IPv6, although the mapped addresses lie inside. */
	if (p->bits < MAPPED_BITS && address_is_ipv4(a))
		return false;
	if (memcmp(p->net.byte, a->byte, (size_t)whole) != 0)
		return false;
	return whole == ADDRESS_SIZE ||
	       !((p->net.byte[whole] ^ a->byte[whole]) & byte_mask(p->bits, whole));
}
