/* SPDX-License-Identifier: GPL-2.0-only */
/* A connection's name that both of its ends know: made of their two initial sequence numbers. */
#ifndef USER_CONN_FLOW_H
#define USER_CONN_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "user/conn/conn.h"
#include "user/event/socket.h"

#define FLOW_UNKNOWN 0
#define FLOW_DIGITS 16
#define FLOW_SIZE (FLOW_DIGITS + 1)

/*
 * Of the initial sequence numbers of both directions, in either order; never FLOW_UNKNOWN.
 * SipHash-2-4 under a key of zeros, of the lesser number and, 32 bits above it, the greater one:
 * they are not told by it, for who knows them can send segments in the name of either end. Ports
 * and addresses have no part in it: on the way, others may change them.
 */
uint64_t flow_of(uint32_t one, uint32_t other);

/* Its digits, with a NUL. Returns `text`. */
const char *flow_format(uint64_t flow, char text[FLOW_SIZE]);

/* Returns 0, or -EINVAL: these are not FLOW_DIGITS hexadecimal digits, or are zeros. */
int flow_parse(const char *text, uint64_t *ret_flow);

/* Which end a socket is, as far as its own numbers say. */
enum conn_role flow_role_of(const struct socket_info *info);

/*
 * The initial sequence numbers of a socket's connection: both ends count what was acknowledged and
 * received from the first number on. False where its numbers do not add up: they are untouched.
 */
bool flow_firsts_of(const struct socket_info *info, uint32_t *ret_local, uint32_t *ret_peer);

/* The flow that these make, or FLOW_UNKNOWN. */
uint64_t flow_of_socket(const struct socket_info *info);

#endif
