/* SPDX-License-Identifier: GPL-2.0-only */
/* Who listens where: owners for connections of which nobody has seen who accepted them. */
#ifndef USER_CONN_LISTENERS_H
#define USER_CONN_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/shares.h"
#include "user/conn/conn.h"

#define LISTENERS_MAX 65536
#define LISTENERS_AT_ONE_PLACE 1024 /* with the same address and port */

struct listeners;

struct listener_owner {
	uint64_t cgroup; /* 0: unknown */
	uint32_t pid;	 /* PID_UNKNOWN: several of that name and user */
	uint32_t uid;
	uint16_t process;	    /* as conn.process */
	char comm[EVENT_COMM_SIZE]; /* untrusted; NUL-terminated if shorter */
};

struct listeners *listeners_new(void);
void listeners_free(struct listeners *listeners);

/*
 * A LISTENER record. Where there is no more room, the user who has most of them makes it, with the
 * oldest in the network namespace where most of these are. Returns 0, or -ENOSPC (too many are at
 * one place) or -ENOMEM.
 */
int listeners_apply(struct listeners *listeners, const struct event *e);

/* Listeners that were left out, or had to make room; and whose these were. */
uint64_t listeners_left_out(const struct listeners *listeners);
const struct payers *listeners_payers(const struct listeners *listeners);

/*
 * The owner of the listener that a connection came to: of the one on its address before one on all.
 * Where several listeners are as near, that is who all of them belong to; false: there is no such,
 * or none is known. What it finds out is kept.
 */
bool listeners_find(struct listeners *listeners, const struct conn *c,
		    struct listener_owner *ret_owner);

#endif
