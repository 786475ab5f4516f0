/* SPDX-License-Identifier: GPL-2.0-only */
/* Tells who has the ports when a connect has found none. */
#ifndef USER_RUN_PORTS_LOOK_H
#define USER_RUN_PORTS_LOOK_H

#include <stdint.h>

#include "user/conn/conn.h"

struct port_range;
struct run;
struct socket_info;

/* For who looks at sockets and at ranges himself: each is added to a struct ports. */
void ports_look_see(void *ports, const struct socket_info *info, const void *bytes);
void ports_look_set_range(void *ports, const struct port_range *range);

/* Zeroed: nobody has looked yet. */
struct ports_look {
	uint64_t next_ns; /* a look walks through all sockets: there is one a second at most */
};

/*
 * If it has failed with EADDRNOTAVAIL, and the range of ports to its destination is nearly full,
 * prints how full, as a line of its own.
 */
void ports_look_tell(struct ports_look *look, struct run *run, const struct conn *c);

#endif
