/* SPDX-License-Identifier: GPL-2.0-only */
/* Which connections are wanted, judged fact by fact as soon as each is known. */
#ifndef USER_CONN_FILTER_H
#define USER_CONN_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/address.h"
#include "user/conn/conn.h"

#define FILTER_PORT_WORDS 1024
#define FILTER_PIDS 1024
#define FILTER_COMMS 64
#define FILTER_PREFIXES 256

/* A set that is empty (its has_ or count is 0) wants everything. */
struct conn_filter {
	uint32_t netns;	 /* inode; 0: any */
	uint8_t family;	 /* on the wire: 4, 6; 0: both */
	bool has_lports, has_rports;
	uint32_t sample; /* keep one connection of this many; 0 and 1: all */
	uint64_t cgroup; /* id of a cgroup whose subtree is wanted; 0: any. Judged by the kernel side */
	size_t pid_count, comm_count, prefix_count;
	uint64_t lports[FILTER_PORT_WORDS]; /* bit p % 64 of word p / 64: port p is wanted */
	uint64_t rports[FILTER_PORT_WORDS];
	uint32_t pids[FILTER_PIDS];
	char comms[FILTER_COMMS][EVENT_COMM_SIZE]; /* NUL-padded */
	struct prefix prefixes[FILTER_PREFIXES];   /* of the remote address */
};

enum filter_verdict { FILTER_PENDING, FILTER_WANTED, FILTER_UNWANTED };

/*
 * PENDING while a fact that is filtered on is unknown and may still become known; with `final`,
 * an unknown fact cannot match, so the answer is never PENDING.
 */
enum filter_verdict conn_filter_judge(const struct conn_filter *f, const struct conn *c, bool final);

bool conn_filter_has_port(const uint64_t ports[FILTER_PORT_WORDS], uint16_t port);
void conn_filter_add_port(uint64_t ports[FILTER_PORT_WORDS], uint16_t port);

#endif
