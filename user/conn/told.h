/* SPDX-License-Identifier: GPL-2.0-only */
/* Errors of connects that a transition has told of, and whose callers are about to be told. */
#ifndef USER_CONN_TOLD_H
#define USER_CONN_TOLD_H

#include <stdbool.h>
#include <stdint.h>

#define TOLD_ERRORS 256

/* The last one of each place, which is its socket's. All zero: none. */
struct told_errors {
	uint64_t socks[TOLD_ERRORS];
	uint16_t errors[TOLD_ERRORS];
};

/* `error` is an errno; 0: none, which is nothing to be told. */
void told_note(struct told_errors *told, uint64_t sock, uint16_t error);

/* Whether it is this error of this socket's. From then on it is not. */
bool told_take(struct told_errors *told, uint64_t sock, uint16_t error);

#endif
