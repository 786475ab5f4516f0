/* SPDX-License-Identifier: GPL-2.0-only */
/* The names that a run has learned: from the running kernel, or from what recordings kept. */
#ifndef USER_RUN_LORE_H
#define USER_RUN_LORE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/histogram_set.h"
#include "user/conn/table.h"
#include "user/names/cgroup.h"
#include "user/names/netns.h"
#include "user/names/netns_users.h"
#include "user/names/process.h"
#include "user/names/workloads.h"
#include "user/record/format.h"
#include "user/sink/lore.h"
#include "user/stacks/stacks.h"

struct broker;
struct replay;
struct redact;

/* A cgroup that a process has, and what stands for it. */
struct lore_met {
	uint64_t cgroup, id;
	uint32_t pid, turn;
};

#define LORE_MET 64 /* each has a place by its numbers: another one may take it */

struct run_lore {
	struct lore lore;
	struct redact *redact;			/* what of it is not told; NULL: all is */
	const struct conn_table *table;		/* NULL: connections are not followed */
	const struct recording_about *recorded; /* NULL: it is the running kernel that is asked */
	struct cgroup_names *cgroups;		/* NULL: nobody asks for them */
	struct workloads *workloads;		/* of these; NULL: the same */
	bool has_version_1;			/* of cgroups, and it is the running kernel */
	uint32_t turn;				/* of records that are handed over together */
	struct lore_met met[LORE_MET];		/* cgroups of this turn, and of others */
	struct group_joiner joiner;
	struct filter_namer namer;
	struct netns_names *namespaces;	    /* NULL: the same */
	uint64_t namespaces_ns;		    /* when they were read */
	uint32_t machine;		    /* the machine's own; 0: not known, or not asked */
	struct netns_users *users;	    /* of namespaces without names; NULL: the same */
	bool has_netns;			    /* a recording has said something of namespaces */
	struct broker *broker;		    /* who opens their command lines; NULL: itself */
	struct processes *processes;	    /* NULL: nobody asks for them, or nobody can know */
	struct reset_reasons *reasons;	    /* NULL: not read yet */
	const struct replay *replay;	    /* the recordings; NULL: the same */
	char host[HOST_NAME_MAX + 1];	    /* the name of this machine; empty: not asked */
	struct stacks *stacks;		    /* NULL: none is known */
	const struct stacks *others_stacks; /* instead, of another lore; NULL: none */
};

void run_lore_init(struct run_lore *lore);
void run_lore_done(struct run_lore *lore);

/* Learns what this machine is called, whose running kernel is asked. */
void run_lore_learn_host(struct run_lore *lore);

/* From now on cgroups have names, once these are known. Returns 0, or -ENOMEM. */
int run_lore_want_cgroups(struct run_lore *lore);

/* Learns those of now, of the running kernel; one that is gone by then keeps its name. */
int run_lore_learn_cgroups(struct run_lore *lore);

/*
 * Whether a filter asks for a unit, a container or a pod where nothing tells them: it would let
 * nothing through. Then that is said in one sentence.
 */
bool run_lore_cannot_tell(const struct conn_filter *filter);

/* Says which of the processes that are asked for are none now, on the machine that runs. */
void run_lore_doubt_processes(const struct conn_filter *filter);

/* One that a recording names. Without room for it, it is shown by its number. */
void run_lore_add_cgroup(struct run_lore *lore, uint64_t id, const char *path, size_t size);

/* The name of a container or a pod that a recording has. */
void run_lore_add_label(struct run_lore *lore, enum label_kind kind, const char *id, size_t id_size,
			const char *name, size_t name_size);

/* A stack that a recording has. */
void run_lore_add_stack(struct run_lore *lore, uint64_t number, const char *text, size_t size);

/*
 * An event tells of one, owned by `pid` (0: not known): its name is found while it is there.
 * Returns the id that stands for it: on a machine with hierarchies of version 1, whose groups
 * sockets do not tell, that of the owner's, if it tells more; else `id`.
 */
uint64_t run_lore_meet_cgroup(struct run_lore *lore, uint64_t id, uint32_t pid);

/* Records that come from now on may be later: what stands for a cgroup is asked anew. */
void run_lore_turn(struct run_lore *lore);

/* For filters by name. */
const struct filter_namer *run_lore_namer(struct run_lore *lore);

/* Which cgroups are one, as of now; NULL: nobody asks for them, or there is no memory. */
const struct group_joiner *run_lore_joiner(struct run_lore *lore);

/* What a recording says of one. */
void run_lore_add_netns(struct run_lore *lore, uint32_t inode, enum recording_netns what,
			const char *name, size_t size);

/* Learns the names of network namespaces as they are now; again, if that was long ago. */
void run_lore_learn_namespaces(struct run_lore *lore);
void run_lore_keep_namespaces(struct run_lore *lore, uint64_t now_ns);

/* A socket in this namespace was made in this cgroup, which stands for a container, or for none. */
void run_lore_meet_netns(struct run_lore *lore, uint32_t inode, uint64_t cgroup);

/* From now on owners have command lines: those that are met, or that a recording has. */
void run_lore_want_processes(struct run_lore *lore);

/* An event tells of an owner, which is looked at while it is there. */
void run_lore_meet_process(struct run_lore *lore, uint32_t pid, uint64_t mono_ns,
			   const char name[PROCESS_NAME_SIZE]);

#endif
