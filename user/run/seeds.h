/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets that are older than a run: whose they are, and how they get into a recording. */
#ifndef USER_RUN_SEEDS_H
#define USER_RUN_SEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/event/socket.h"
#include "user/names/cgroup.h"
#include "user/source/source.h"

/* Who holds which socket, and which are wanted, while a snapshot is taken. */
struct seeds {
	struct holder_table holders;
	uint64_t cgroup;	      /* the only one that is wanted; 0: any */
	struct cgroup_names *cgroups; /* NULL: no matter, or no memory */
};

struct run;

/* Full sockets: what is left of one that was closed begins nothing. */
#define SEED_STATES (~(1u << STATE_TIME_WAIT | 1u << STATE_CLOSED))

/* What a snapshot is for, as enum conn_snapshot_use, by a set of enum consumer_want. */
unsigned int seeds_use(unsigned int wants);

/* Before the snapshot, so that what is opened meanwhile is known by its records. */
void seeds_begin(struct seeds *s, struct source *source, uint64_t cgroup);
/* By its cgroup, which only the kernel judges when it tells of one. */
bool seeds_is_wanted(const struct seeds *s, const struct socket_info *info);
void seeds_own(const struct seeds *s, struct socket_info *info);
void seeds_end(struct seeds *s);

/* Hands the sockets that are there to whoever takes records, as records. */
void seeds_tell(struct run *run);

#endif
