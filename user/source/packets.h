/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets of a capture file, one after the other: what libpcap makes of it. */
#ifndef USER_SOURCE_PACKETS_H
#define USER_SOURCE_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PACKETS_FAULT_SIZE 256
#define PACKETS_UNKNOWN "unknown file format" /* as libpcap says it */

struct packets;

struct packet {
	int64_t seconds; /* of the capture's clock, since 1970 */
	int64_t ns;	 /* below a second */
	const uint8_t *bytes;
	size_t captured, size; /* bytes that are there, and that there were */
};

bool packets_are_built_in(void);

/*
 * Reads the head. The file is its own from then on, or closed. Returns 0, -ENOTSUP: this program
 * was built without libpcap; or -EBADMSG with what is wrong.
 */
int packets_open(FILE *file, struct packets **ret_packets, char fault[PACKETS_FAULT_SIZE]);
void packets_free(struct packets *packets);

/* Of all its packets: libpcap's number, which the file's is for most. */
int packets_link(const struct packets *packets);

/* Returns 1, 0 at the end, or -EBADMSG with what is wrong; the bytes live until the next call. */
int packets_next(struct packets *packets, struct packet *ret_packet,
		 char fault[PACKETS_FAULT_SIZE]);

#endif
