/* SPDX-License-Identifier: GPL-2.0-only */
/* The sockets of a network namespace by NETLINK_SOCK_DIAG. */
#ifndef USER_SOCKETS_DIAG_H
#define USER_SOCKETS_DIAG_H

#include <stdint.h>

#include "user/event/socket.h"

/*
 * Of the namespace in which `fd`, a socket of NETLINK_SOCK_DIAG, was opened, which stays open.
 * Calls `visit` for each socket whose state is among `states` (bits; 0: all). Returns how many rows
 * were not understood, or -errno when the kernel refuses.
 */
int64_t diag_each(int fd, uint32_t netns, unsigned int states,
		  void (*visit)(void *context, const struct socket_info *info), void *context);

#endif
