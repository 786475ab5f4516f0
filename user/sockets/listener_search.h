/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks for listeners that are there already, and tells of them as the kernel tells of new ones. */
#ifndef USER_SOCKETS_LISTENER_SEARCH_H
#define USER_SOCKETS_LISTENER_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "user/event/netns_list.h"
#include "user/event/record.h"

struct sockets;

/*
 * Hands over a struct event_listener for each listener of these network namespaces, or of all
 * where the list is empty, whose holders have one name. Looks by `sockets`; NULL: by some of its
 * own, whose program has to be loaded first. Returns 0, or -errno: they cannot be looked for.
 */
int listener_search(struct sockets *sockets, const struct netns_list *netns,
		    record_on_one on_record, void *context);

#endif
