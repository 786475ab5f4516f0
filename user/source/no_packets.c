// SPDX-License-Identifier: GPL-2.0-only
/* Packets of a capture file where there is no libpcap: there are none. */
#include <errno.h>

#include "user/source/packets.h"

bool packets_are_built_in(void)
{
	return false;
}

int packets_open(FILE *file, struct packets **ret_packets, char fault[PACKETS_FAULT_SIZE])
{
	(void)ret_packets;
	fclose(file);
	snprintf(fault, PACKETS_FAULT_SIZE,
		 "it is a capture, and this program was built without libpcap");
	return -ENOTSUP;
}

void packets_free(struct packets *packets)
{
	(void)packets;
}

int packets_link(const struct packets *packets)
{
	(void)packets;
	return -1;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the other one writes there */
int packets_next(struct packets *packets, struct packet *ret_packet, char fault[PACKETS_FAULT_SIZE])
{
	(void)packets;
	(void)ret_packet;
	(void)fault;
	return 0;
}
