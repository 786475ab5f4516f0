/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is wanted of all connections: the facts that both the kernel's side and the table judge by.
 */
#ifndef USER_EVENT_FILTER_H
#define USER_EVENT_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "user/base/address.h"
#include "user/event/netns_list.h"

#define FILTER_PORT_WORDS 1024
#define FILTER_PIDS 1024
#define FILTER_COMMS 64
#define FILTER_FLOWS 64
#define FILTER_PREFIXES 256

/* Patterns of a shell, one after the other, each with its NUL. */
#define FILTER_NAMES_SIZE 1024

struct filter_names {
	uint32_t size; /* bytes in use */
	char text[FILTER_NAMES_SIZE];
};

/*
 * X(NAME, field): what a cgroup has a name by. CGROUP, where a recording is read: the path of
 * one that it is, or is below, in place of its id.
 */
#define FILTER_NAME_KINDS(X)     \
	X(UNIT, units)           \
	X(CONTAINER, containers) \
	X(POD, pods)             \
	X(CGROUP, cgroups)

enum filter_name_kind {
#define X(NAME, field) FILTER_##NAME,
	FILTER_NAME_KINDS(X)
#undef X
		FILTER_NAME_KIND_COUNT
};

/* Knows what cgroups are called. */
struct filter_namer {
	/* Whether all is known that can be, so that who is not called so never will be. */
	bool (*knows)(const struct filter_namer *self, uint64_t cgroup);
	bool (*is_called)(const struct filter_namer *self, uint64_t cgroup,
			  enum filter_name_kind kind, const char *pattern);
};

struct kin;

/* A set that is empty (its has_ or count is 0) wants everything. */
struct conn_filter {
	struct netns_list netns;
	uint8_t family; /* on the wire: 4, 6; 0: both */
	bool has_lports, has_rports;
	bool follows;	 /* of the PIDs, the children as well: `kin` knows them */
	bool is_judged;	 /* of a recording: by a cgroup as well, on the kernel's side */
	uint32_t sample; /* keep one connection of this many; 0 and 1: all */
	/* id of a cgroup whose subtree is wanted; 0: any. Judged by the kernel side */
	uint64_t cgroup;
	size_t pid_count, comm_count, prefix_count, flow_count;
	uint64_t lports[FILTER_PORT_WORDS]; /* bit p % 64 of word p / 64: port p is wanted */
	uint64_t rports[FILTER_PORT_WORDS];
	uint32_t pids[FILTER_PIDS];
	char comms[FILTER_COMMS][EVENT_COMM_SIZE]; /* NUL-padded */
	uint64_t flows[FILTER_FLOWS];
	struct prefix prefixes[FILTER_PREFIXES]; /* of the remote address */
#define X(NAME, field) struct filter_names field;
	FILTER_NAME_KINDS(X)
#undef X
	struct filter_names interfaces;	  /* as of those kinds; whatever is bound to none is out */
	struct kin *kin;		  /* NULL: no children are known */
	const struct filter_namer *namer; /* NULL: names are judged elsewhere */
	const struct conn_filter *also;	  /* must want it as well; NULL: none */
	uint8_t space;			  /* it judges sockets of this space; 0: all */
};

#endif
