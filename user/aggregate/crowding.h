/* SPDX-License-Identifier: GPL-2.0-only */
/* How many local ports connects to each destination had at a time: TIME_WAIT keeps its own. */
#ifndef USER_AGGREGATE_CROWDING_H
#define USER_AGGREGATE_CROWDING_H

#include <stddef.h>
#include <stdint.h>

#include "user/conn/consumer.h"

/* net.ipv4.ip_local_port_range where nobody has set it: 32768 to 60999. */
#define CROWDING_USUAL_PORTS 28232
#define CROWDING_PLACES 4096 /* destinations that are kept apart */

/* From one address to one address and port: a local port serves once. */
struct crowding_place {
	uint32_t netns;
	uint16_t rport;
	struct address laddr, raddr;
	uint64_t now, most; /* ports, of connections in whatever state */
	uint64_t all;	    /* connections in this run */
};

struct crowding;

/* NULL when there is no memory. */
struct crowding *crowding_new(void);
void crowding_free(struct crowding *crowding);
struct consumer *crowding_consumer(struct crowding *crowding);

/*
 * The most crowded first; as long as nothing more is told. Returns how many there are of which
 * anybody had a port.
 */
size_t crowding_sort(struct crowding *crowding, const struct crowding_place **ret_places);

/* Connections to destinations for which there was no room. */
uint64_t crowding_left_out(const struct crowding *crowding);

#endif
