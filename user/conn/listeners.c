// SPDX-License-Identifier: GPL-2.0-only
/* Who listens where: owners for connections of which nobody has seen who accepted them. */
#include "user/conn/listeners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/atom.h"
#include "user/base/hash.h"
#include "user/event/identity.h"

#define FIRST_ROOM 64
#define NONE 0 /* numbers count from 1 */

/* Where some listen; without padding, to be compared as bytes. */
struct place {
	struct address laddr;
	uint32_t netns;
	uint32_t ifindex; /* of the interface that they are bound to; 0: none */
	uint16_t lport;
	uint16_t space; /* event_space_of() their sockets */
};
_Static_assert(sizeof(struct place) == 28, "struct place has no padding");

/* Those who listen at one place, and what they have in common. */
struct group {
	struct place place;
	uint32_t first; /* of its listeners; among the free ones the next */
	uint32_t count;
	struct listener_owner owner;
	bool is_agreed;	 /* that names all of them */
	bool is_uniform; /* it is the owner of each as it stands */
	bool is_known;	 /* all this is true of those who are in it now */
	bool is_crowded; /* others found no room in it: who knows what they would say */
};

struct listener {
	uint64_t sock;
	struct listener_owner owner;
	uint32_t group;
	uint32_t next, before; /* in its group; among the free ones `next` only */
};

struct listeners {
	struct listener *all; /* number n is all[n - 1] */
	struct group *groups; /* as well; there is room for as many */
	uint32_t room;
	uint32_t made, free;
	uint32_t groups_made, groups_free;
	struct hash_index by_sock, by_place;
	struct shares *shares; /* NULL: there has been room for all */
	struct payers payers;
	uint64_t left_out;
};

static uint64_t hash_place(const struct hash_key *key, const struct place *place)
{
	return hash_bytes(key, place, sizeof(*place));
}

static uint64_t hash_listener(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct listeners *l = context;

	return hash_u64(key, l->all[n - 1].sock);
}

static uint64_t hash_group(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct listeners *l = context;

	return hash_place(key, &l->groups[n - 1].place);
}

struct listeners *listeners_new(void)
{
	struct listeners *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	hash_index_init(&l->by_sock, LISTENERS_MAX, hash_listener, l);
	hash_index_init(&l->by_place, LISTENERS_MAX, hash_group, l);
	return l;
}

void listeners_free(struct listeners *listeners)
{
	if (!listeners)
		return;
	hash_index_done(&listeners->by_sock);
	hash_index_done(&listeners->by_place);
	shares_free(listeners->shares);
	free(listeners->all);
	free(listeners->groups);
	free(listeners);
}

static uint32_t find(const struct listeners *l, uint64_t sock, struct hash_search *ret_search)
{
	struct hash_search s = hash_search_begin(&l->by_sock, hash_u64(&l->by_sock.key, sock));
	uint32_t n = hash_search_next(&l->by_sock, &s);

	while (n != NONE && l->all[n - 1].sock != sock)
		n = hash_search_next(&l->by_sock, &s);
	*ret_search = s;
	return n;
}

static uint32_t find_group(const struct listeners *l, const struct place *place,
			   struct hash_search *ret_search)
{
	struct hash_search s = hash_search_begin(&l->by_place, hash_place(&l->by_place.key, place));
	uint32_t n = hash_search_next(&l->by_place, &s);

	while (n != NONE && memcmp(&l->groups[n - 1].place, place, sizeof(*place)))
		n = hash_search_next(&l->by_place, &s);
	*ret_search = s;
	return n;
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

static bool is_same(const struct listener_owner *a, const struct listener_owner *b)
{
	return a->pid == b->pid && a->cgroup == b->cgroup && a->uid == b->uid &&
	       a->process == b->process && !memcmp(a->comm, b->comm, sizeof(a->comm));
}

static void add_owner(struct group *g, const struct listener_owner *owner)
{
	if (is_same(&g->owner, owner))
		return;
	g->is_uniform = false;
	g->is_agreed = keep_common(&g->owner, owner) && g->is_agreed;
}

/* Asks all of them again. */
static void learn_common(struct listeners *l, struct group *g)
{
	uint32_t n = g->first;

	g->owner = l->all[n - 1].owner;
	g->is_agreed = g->is_uniform = true;
	for (n = l->all[n - 1].next; n != NONE && g->is_agreed; n = l->all[n - 1].next)
		add_owner(g, &l->all[n - 1].owner);
	g->is_known = true;
}

static void drop_group(struct listeners *l, uint32_t number)
{
	struct group *g = &l->groups[number - 1];
	struct hash_search search;

	find_group(l, &g->place, &search);
	hash_search_take(&l->by_place, &search);
	g->first = l->groups_free;
	l->groups_free = number;
}

static void leave_group(struct listeners *l, const struct listener *leaver)
{
	struct group *g = &l->groups[leaver->group - 1];

	if (leaver->before != NONE)
		l->all[leaver->before - 1].next = leaver->next;
	else
		g->first = leaver->next;
	if (leaver->next != NONE)
		l->all[leaver->next - 1].before = leaver->before;
	/* Where all say the same, the others still do. */
	g->is_known &= g->is_uniform;
	if (!--g->count)
		drop_group(l, leaver->group);
}

static struct share share_of(const struct listeners *l, uint32_t n)
{
	const struct listener *listener = &l->all[n - 1];

	return (struct share){ listener->owner.uid, l->groups[listener->group - 1].place.netns };
}

static void forget(struct listeners *l, uint64_t sock)
{
	struct hash_search search;
	uint32_t n = find(l, sock, &search);

	if (n == NONE)
		return;
	if (l->shares)
		shares_take(l->shares, n);
	leave_group(l, &l->all[n - 1]);
	hash_search_take(&l->by_sock, &search);
	l->all[n - 1].next = l->free;
	l->free = n;
}

/* There is one at each number. */
static int watch_shares(struct listeners *l)
{
	l->shares = shares_new(LISTENERS_MAX);
	if (!l->shares)
		return -ENOMEM;
	for (uint32_t n = 1; n <= l->made; n++) {
		const struct share share = share_of(l, n);

		if (shares_put(l->shares, n, &share))
			break;
	}
	return 0;
}

/*
 * Nobody else can listen at its port on another address, so none is taken for its owner instead.
 */
static int evict_heaviest(struct listeners *l)
{
	struct share share;
	uint32_t n;

	if (!l->shares && watch_shares(l))
		return -ENOMEM;
	n = shares_heaviest(l->shares);
	if (n == NONE)
		return -ENOSPC;
	share = share_of(l, n);
	payers_add(&l->payers, &share);
	l->left_out++;
	forget(l, l->all[n - 1].sock);
	return 0;
}

/* For one more listener, and for a group of its own. */
static int make_room(struct listeners *l)
{
	uint32_t room = l->room ? l->room * 2 : FIRST_ROOM;
	struct listener *all;
	struct group *groups;

	if (l->free != NONE || l->made < l->room)
		return 0;
	if (l->made == LISTENERS_MAX)
		return evict_heaviest(l);
	all = reallocarray(l->all, room, sizeof(*all));
	if (!all)
		return -ENOMEM;
	l->all = all;
	groups = reallocarray(l->groups, room, sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	l->groups = groups;
	if (hash_index_reserve(&l->by_sock, room) || hash_index_reserve(&l->by_place, room))
		return -ENOMEM;
	l->room = room;
	return 0;
}

static uint32_t make_group(struct listeners *l, const struct place *place)
{
	uint32_t n = l->groups_free;

	if (n != NONE)
		l->groups_free = l->groups[n - 1].first;
	else
		n = ++l->groups_made;
	l->groups[n - 1] = (struct group){ .place = *place };
	hash_index_put(&l->by_place, hash_place(&l->by_place.key, place), n);
	return n;
}

static void join_group(struct listeners *l, struct group *g, uint32_t n)
{
	struct listener *joiner = &l->all[n - 1];

	joiner->next = g->first;
	if (g->first != NONE)
		l->all[g->first - 1].before = n;
	g->first = n;
	if (!g->count++) {
		g->owner = joiner->owner;
		g->is_agreed = g->is_uniform = g->is_known = true;
	} else if (g->is_known) {
		add_owner(g, &joiner->owner);
	}
}

static int apply(struct listeners *l, const struct event *e)
{
	const struct place place = { .laddr = e->laddr,
				     .netns = e->netns,
				     .ifindex = e->ifindex,
				     .lport = e->lport,
				     .space = event_space_of(e->sock) };
	struct hash_search search;
	struct share share;
	uint32_t n, group;
	int error;

	/* Whatever was known of this socket is over, or better known now. */
	forget(l, e->sock);
	if (e->to == STATE_CLOSED || !e->lport)
		return 0;
	error = make_room(l);
	if (error)
		return error;
	group = find_group(l, &place, &search);
	if (group != NONE && l->groups[group - 1].count == LISTENERS_AT_ONE_PLACE) {
		l->groups[group - 1].is_crowded = true;
		return -ENOSPC;
	}
	n = l->free;
	if (n != NONE)
		l->free = l->all[n - 1].next;
	else
		n = ++l->made;
	if (group == NONE)
		group = make_group(l, &place);
	l->all[n - 1] = (struct listener){
		.sock = e->sock,
		.owner = { .cgroup = e->cgroup, .pid = e->pid, .uid = e->uid },
		.group = group,
	};
	memcpy(l->all[n - 1].owner.comm, e->comm, EVENT_COMM_SIZE);
	l->all[n - 1].owner.process =
		conn_process_of(e->comm, e->process, &(struct share){ e->uid, e->netns });
	hash_index_put(&l->by_sock, hash_u64(&l->by_sock.key, e->sock), n);
	join_group(l, &l->groups[group - 1], n);
	share = share_of(l, n);
	if (l->shares && shares_put(l->shares, n, &share)) {
		shares_free(l->shares);
		l->shares = NULL;
	}
	return 0;
}

int listeners_apply(struct listeners *listeners, const struct event *e)
{
	int error = apply(listeners, e);

	if (error)
		listeners->left_out++;
	return error;
}

uint64_t listeners_left_out(const struct listeners *listeners)
{
	return listeners->left_out;
}

const struct payers *listeners_payers(const struct listeners *listeners)
{
	return &listeners->payers;
}

bool listeners_find(struct listeners *listeners, const struct conn *c,
		    struct listener_owner *ret_owner)
{
	static const struct address any_ipv6;
	const bool is_ipv4 = address_is_ipv4(&c->laddr);
	/* One on all IPv6 addresses takes IPv4 as well, unless it is told not to. */
	const struct address nearest[] = {
		c->laddr,
		is_ipv4 ? address_from_ipv4((const uint8_t[4]){ 0 }) : any_ipv6,
		any_ipv6,
	};
	uint32_t number = NONE;
	struct group *g;

	/* Of those at an address, one that is bound to its interface before one that is to none. */
	for (size_t i = 0; number == NONE && i < 2 * sizeof(nearest) / sizeof(*nearest); i++) {
		const struct place place = { .laddr = nearest[i / 2],
					     .netns = c->netns,
					     .ifindex = i % 2 ? 0 : c->ifindex,
					     .lport = c->lport,
					     .space = event_space_of(c->sock) };
		struct hash_search search;

		number = find_group(listeners, &place, &search);
	}
	if (number == NONE)
		return false;
	g = &listeners->groups[number - 1];
	if (!g->is_known)
		learn_common(listeners, g);
	if (!g->is_agreed || g->is_crowded)
		return false;
	*ret_owner = g->owner;
	return true;
}
