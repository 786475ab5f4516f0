// SPDX-License-Identifier: GPL-2.0-only
/* Who listens where: owners for connections of which nobody has seen who accepted them. */
#include "user/conn/listeners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/atom.h"

#define BUCKETS 1024 /* a power of two */
#define FIRST_ROOM 64
#define NONE 0 /* numbers count from 1 */

struct listener {
	uint64_t sock; /* 0: free */
	struct address laddr;
	struct listener_owner owner;
	uint32_t netns;
	uint32_t next; /* in its bucket, or among the free ones */
	uint16_t lport;
};

struct listeners {
	struct listener *all; /* number n is all[n - 1] */
	uint32_t made, room, free;
	uint32_t buckets[BUCKETS];
};

static size_t bucket_of(uint32_t netns, uint16_t lport)
{
	return (((uint64_t)netns << 16 | lport) * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
	       (BUCKETS - 1);
}

struct listeners *listeners_new(void)
{
	return calloc(1, sizeof(struct listeners));
}

void listeners_free(struct listeners *listeners)
{
	if (!listeners)
		return;
	free(listeners->all);
	free(listeners);
}

/* The link that leads to it; to NONE, at the end of its bucket, if it is not there. */
static uint32_t *find(struct listeners *l, const struct event *e)
{
	uint32_t *link = &l->buckets[bucket_of(e->netns, e->lport)];

	while (*link != NONE && l->all[*link - 1].sock != e->sock)
		link = &l->all[*link - 1].next;
	return link;
}

static void forget(struct listeners *l, const struct event *e)
{
	uint32_t *link = find(l, e);
	uint32_t number = *link;

	if (number == NONE)
		return;
	*link = l->all[number - 1].next;
	l->all[number - 1].sock = 0;
	l->all[number - 1].next = l->free;
	l->free = number;
}

static int make(struct listeners *l, uint32_t *ret_number)
{
	if (l->free != NONE) {
		*ret_number = l->free;
		l->free = l->all[l->free - 1].next;
		return 0;
	}
	if (l->made == LISTENERS_MAX)
		return -ENOSPC;
	if (l->made == l->room) {
		uint32_t room = l->room ? l->room * 2 : FIRST_ROOM;
		struct listener *grown = reallocarray(l->all, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		l->all = grown;
		l->room = room;
	}
	*ret_number = ++l->made;
	return 0;
}

int listeners_apply(struct listeners *listeners, const struct event *e)
{
	uint32_t number;
	int error;

	/* Whatever was known of this socket is over, or better known now. */
	forget(listeners, e);
	if (e->to == STATE_CLOSED || !e->lport)
		return 0;
	error = make(listeners, &number);
	if (error)
		return error;
	listeners->all[number - 1] = (struct listener){
		.sock = e->sock,
		.laddr = e->laddr,
		.owner = { .cgroup = e->cgroup, .pid = e->pid, .uid = e->uid },
		.netns = e->netns,
		.lport = e->lport,
	};
	memcpy(listeners->all[number - 1].owner.comm, e->comm, EVENT_COMM_SIZE);
	listeners->all[number - 1].owner.process = conn_process_of(e->comm, e->process);
	/* Behind the others: growing has moved them. */
	*find(listeners, e) = number;
	return 0;
}

/* How near it is to the address a connection came to; 0: it cannot have taken it. */
static int nearness(const struct address *listens, const struct address *came_to)
{
	bool is_same_family = address_is_ipv4(listens) == address_is_ipv4(came_to);

	if (!memcmp(listens, came_to, sizeof(*listens)))
		return 3;
	if (!address_is_any(listens))
		return 0;
	/* One on all IPv6 addresses takes IPv4 as well, unless it is told not to. */
	return is_same_family ? 2 : !address_is_ipv4(listens);
}

static const char *process_of(const struct listener_owner *owner)
{
	return owner->process == PROCESS_IS_COMM ? owner->comm : atom_text(owner->process);
}

/* Leaves in `owner` what holds for both; false: that does not name anybody. */
static bool keep_common(struct listener_owner *owner, const struct listener_owner *other)
{
	const char *process = process_of(other);
	char comm[EVENT_COMM_SIZE] = "";

	if (owner->pid != other->pid)
		owner->pid = PID_UNKNOWN;
	if (owner->cgroup != other->cgroup)
		owner->cgroup = 0;
	if (owner->uid != other->uid)
		return false;
	if (!memcmp(owner->comm, other->comm, sizeof(owner->comm))) {
		if (owner->process != other->process)
			owner->process = ATOM_NONE;
		return true;
	}
	/* Threads of the same process. */
	if (!*process || strncmp(process, process_of(owner), EVENT_COMM_SIZE) != 0)
		return false;
	memcpy(comm, process, strnlen(process, sizeof(comm)));
	memcpy(owner->comm, comm, sizeof(comm));
	owner->process = PROCESS_IS_COMM;
	return true;
}

bool listeners_find(const struct listeners *listeners, const struct conn *c,
		    struct listener_owner *ret_owner)
{
	uint32_t number = listeners->buckets[bucket_of(c->netns, c->lport)];
	struct listener_owner owner = { 0 };
	bool is_agreed = false;
	int nearest = 0;

	for (; number != NONE; number = listeners->all[number - 1].next) {
		const struct listener *l = &listeners->all[number - 1];
		int near;

		if (l->netns != c->netns || l->lport != c->lport ||
		    event_space_of(l->sock) != event_space_of(c->sock))
			continue;
		near = nearness(&l->laddr, &c->laddr);
		if (near > nearest) {
			nearest = near;
			owner = l->owner;
			is_agreed = true;
		} else if (near && near == nearest) {
			is_agreed = keep_common(&owner, &l->owner) && is_agreed;
		}
	}
	if (is_agreed)
		*ret_owner = owner;
	return is_agreed;
}
