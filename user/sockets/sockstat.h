/* SPDX-License-Identifier: GPL-2.0-only */
/* How many TCP sockets a network namespace has, as /proc/net/sockstat shows them. */
#ifndef USER_SOCKETS_SOCKSTAT_H
#define USER_SOCKETS_SOCKSTAT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The sockets, listeners and timewait sockets on one line of /proc/net/sockstat or sockstat6; 0 if
 * it is about others. Returns 0, or -EBADMSG.
 */
int sockstat_parse(const char *line, uint64_t *ret_sockets);

/* `folder` is the /proc/.../net of the namespace. True as well if nothing can be read there. */
bool sockstat_may_have_tcp(const char *folder);

#endif
