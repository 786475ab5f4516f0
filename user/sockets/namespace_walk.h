/* SPDX-License-Identifier: GPL-2.0-only */
/* Opens something in one network namespace after the other. */
#ifndef USER_SOCKETS_NAMESPACE_WALK_H
#define USER_SOCKETS_NAMESPACE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "user/base/units.h"
#include "user/event/netns_list.h"
#include "user/sockets/namespace_view.h"

struct broker;

/* For all namespaces of one user, who can make as many as he likes. */
#define NAMESPACE_USER_NS NS_PER_S

struct namespace_walk {
	const struct netns_list *only; /* to visit; NULL or empty: all */
	bool search_files;	       /* also those that nothing but an open file holds */
	enum namespace_view view;      /* what is opened in each */
	int link;		       /* of NAMESPACE_ITERATOR */
	struct broker *broker;	       /* who walks; NULL: a thread of this process */
	/*
	 * Called for each, perhaps from another thread, while the caller waits. Returns 0, or
	 * -errno, which is counted as unreadable.
	 */
	int (*visit)(void *context, const struct namespace_sight *sight);
	/* The same of each that could not be visited and is not gone; may be NULL. */
	void (*miss)(void *context, uint32_t netns);
	/* Whether one is to be visited; NULL: all are. */
	bool (*wants)(void *context, uint32_t netns);
	/* Called by the caller's thread while the broker is waited for; may be NULL. */
	void (*between)(void *context);
	/*
	 * How long visits to the namespaces of one user may take together, root excepted: what is
	 * not visited then is missed. 0: as long as it takes.
	 */
	uint64_t user_ns;
	void *context;
};

struct namespace_walk_result {
	uint64_t visited;
	uint64_t vanished;     /* were gone when their turn came, or are nowhere */
	uint64_t unreadable;   /* we may not enter them, or their visit failed */
	uint64_t hidden;       /* processes that do not show us their namespace */
	uint64_t crowded;      /* of users who have more than there is time for */
	uint64_t elsewhere_ns; /* of processors that it took the broker */
};

/*
 * This process stays in its namespace. Returns 0, or -errno when nothing was visited: -ENOENT (no
 * such namespace), -ENOMEM, -EAGAIN (no thread to be had), or why the last visit failed. The result
 * is set in any case.
 */
int namespace_walk(const struct namespace_walk *walk, struct namespace_walk_result *ret_result);

#endif
