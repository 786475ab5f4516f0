/* SPDX-License-Identifier: GPL-2.0-only */
/* The capabilities of this thread, as bits, 1 << CAP_... */
#ifndef USER_RIGHTS_CAPABILITIES_H
#define USER_RIGHTS_CAPABILITIES_H

#include <stdint.h>

/* Those in effect; 0 when they cannot be read. */
uint64_t capabilities_effective(void);

/* Puts of those that are permitted these into effect, for as long as they are. 0 or -errno. */
int capabilities_use(uint64_t wanted);

/*
 * Gives up all but these, and each way to get one again: it could not be had by being root, nor by
 * running a file. Threads that run already keep theirs. Returns 0 or -errno.
 */
int capabilities_keep(uint64_t kept);

#endif
