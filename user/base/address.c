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

bool address_is_link_local(const struct address *a)
{
	return a->byte[0] == 0xfe && (a->byte[1] & 0xc0) == 0x80;
}

/* Decimal digits of a byte, and how many they are. */
#define DIGITS_1(a)        \
	{                  \
		a, 0, 0, 1 \
	}
#define DIGITS_2(a, b)     \
	{                  \
		a, b, 0, 2 \
	}
#define DIGITS_3(a, b, c)  \
	{                  \
		a, b, c, 3 \
	}
#define TEN_1                                                                                     \
	DIGITS_1('0'), DIGITS_1('1'), DIGITS_1('2'), DIGITS_1('3'), DIGITS_1('4'), DIGITS_1('5'), \
		DIGITS_1('6'), DIGITS_1('7'), DIGITS_1('8'), DIGITS_1('9')
#define TEN_2(a)                                                                                  \
	DIGITS_2(a, '0'), DIGITS_2(a, '1'), DIGITS_2(a, '2'), DIGITS_2(a, '3'), DIGITS_2(a, '4'), \
		DIGITS_2(a, '5'), DIGITS_2(a, '6'), DIGITS_2(a, '7'), DIGITS_2(a, '8'),           \
		DIGITS_2(a, '9')
#define SIX_3(a, b)                                                                         \
	DIGITS_3(a, b, '0'), DIGITS_3(a, b, '1'), DIGITS_3(a, b, '2'), DIGITS_3(a, b, '3'), \
		DIGITS_3(a, b, '4'), DIGITS_3(a, b, '5')
#define TEN_3(a, b)                                                                 \
	SIX_3(a, b), DIGITS_3(a, b, '6'), DIGITS_3(a, b, '7'), DIGITS_3(a, b, '8'), \
		DIGITS_3(a, b, '9')

static const char bytes[256][4] = {
	TEN_1,		 TEN_2('1'),	  TEN_2('2'),	   TEN_2('3'),	    TEN_2('4'),
	TEN_2('5'),	 TEN_2('6'),	  TEN_2('7'),	   TEN_2('8'),	    TEN_2('9'),
	TEN_3('1', '0'), TEN_3('1', '1'), TEN_3('1', '2'), TEN_3('1', '3'), TEN_3('1', '4'),
	TEN_3('1', '5'), TEN_3('1', '6'), TEN_3('1', '7'), TEN_3('1', '8'), TEN_3('1', '9'),
	TEN_3('2', '0'), TEN_3('2', '1'), TEN_3('2', '2'), TEN_3('2', '3'), TEN_3('2', '4'),
	SIX_3('2', '5'),
};

/* Four bytes may be written to. */
static inline char *put_byte(char *at, uint8_t value)
{
	memcpy(at, bytes[value], sizeof(bytes[value]));
	return at + bytes[value][3];
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

static inline char *put_ipv4(char *at, const uint8_t *byte)
{
	at = put_byte(at, byte[0]);
	*at++ = '.';
	at = put_byte(at, byte[1]);
	*at++ = '.';
	at = put_byte(at, byte[2]);
	*at++ = '.';
	return put_byte(at, byte[3]);
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

char *address_put(const struct address *a, char *at)
{
	return address_is_ipv4(a) ? put_ipv4(at, a->byte + sizeof(mapped)) : put_ipv6(at, a->byte);
}

const char *address_format(const struct address *a, char text[ADDRESS_TEXT_SIZE])
{
	*address_put(a, text) = '\0';
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

int prefix_family(const struct prefix *p)
{
	return p->bits >= MAPPED_BITS && address_is_ipv4(&p->net) ? 4 : 6;
}
