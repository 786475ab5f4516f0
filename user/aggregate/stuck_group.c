// SPDX-License-Identifier: GPL-2.0-only
/* Puts stuck sockets that have the same cause into groups. */
#include "user/aggregate/stuck_group.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/histogram_set.h"

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Nobody is nobody, in either family. */
static int compare_addresses(const struct address *a, const struct address *b)
{
	bool is_none = address_is_any(a), is_other_none = address_is_any(b);

	if (is_none || is_other_none)
		return is_other_none - is_none;
	return memcmp(a, b, sizeof(*a));
}

uint32_t stuck_opener(const struct stuck *s)
{
	bool has_owner = s->c.flags & CONN_HAS_OWNER && !(s->c.flags & CONN_OF_LISTENER);

	return s->grip == STUCK_GRIP_UNKNOWN && !s->holder_count && has_owner ? s->c.pid : 0;
}

static uint32_t holder_of(const struct stuck *s)
{
	if (s->holder_count)
		return s->holders->pid;
	return s->listener ? s->listener->pid : stuck_opener(s);
}

static int compare_remotes(const struct stuck *a, const struct stuck *b)
{
	int order = compare_addresses(&a->c.raddr, &b->c.raddr);

	if (!order)
		order = compare_numbers(a->c.ifindex, b->c.ifindex);
	return order ? order : compare_numbers(a->c.rport, b->c.rport);
}

static int compare_by_local(const void *a, const void *b)
{
	const struct stuck *x = *(const struct stuck *const *)a;
	const struct stuck *y = *(const struct stuck *const *)b;
	int order = compare_numbers(x->c.netns, y->c.netns);

	return order ? order : compare_numbers(x->c.lport, y->c.lport);
}

static int compare_by_remote(const void *a, const void *b)
{
	const struct stuck *x = *(const struct stuck *const *)a;
	const struct stuck *y = *(const struct stuck *const *)b;
	int order = compare_numbers(x->c.netns, y->c.netns);

	return order ? order : compare_remotes(x, y);
}

/* How many the run of equal ones has that begins at `first`. */
static size_t run_length(struct stuck *const *members, size_t count, size_t first,
			 int (*compare)(const void *a, const void *b))
{
	size_t end = first + 1;

	while (end < count && !compare(&members[first], &members[end]))
		end++;
	return end - first;
}

int stuck_set_services(struct stuck *all, size_t count)
{
	struct stuck **members = calloc(count + 1, sizeof(struct stuck *));
	size_t *peers = calloc(count + 1, sizeof(*peers));
	size_t length;

	if (!members || !peers) {
		free(members);
		free(peers);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		members[i] = &all[i];
	qsort(members, count, sizeof(struct stuck *), compare_by_remote);
	for (size_t i = 0; i < count; i += length) {
		length = run_length(members, count, i, compare_by_remote);
		for (size_t j = i; j < i + length; j++)
			peers[members[j] - all] = length;
	}
	qsort(members, count, sizeof(struct stuck *), compare_by_local);
	for (size_t i = 0; i < count; i += length) {
		length = run_length(members, count, i, compare_by_local);
		for (size_t j = i; j < i + length; j++)
			members[j]->serves = members[j]->c.role == CONN_ROLE_SERVER ||
					     length > peers[members[j] - all];
	}
	free(members);
	free(peers);
	return 0;
}

static int compare_causes(const struct stuck *a, const struct stuck *b)
{
	int order = compare_numbers(a->grip, b->grip);

	if (!order)
		order = compare_numbers(a->is_moving, b->is_moving);
	if (!order)
		order = compare_numbers(holder_of(a), holder_of(b));
	if (!order)
		order = compare_numbers(a->c.netns, b->c.netns);
	if (!order)
		order = compare_numbers(a->serves, b->serves);
	if (order)
		return order;
	return a->serves ? compare_numbers(a->c.lport, b->c.lport) : compare_remotes(a, b);
}

static int compare_names(struct conn_name a, struct conn_name b)
{
	size_t size = a.size < b.size ? a.size : b.size;
	int order = memcmp(a.bytes, b.bytes, size);

	return order ? order : compare_numbers(a.size, b.size);
}

static int compare_comms(const struct conn *a, const struct conn *b)
{
	int order = compare_numbers(a->flags & CONN_HAS_OWNER, b->flags & CONN_HAS_OWNER);

	return order || !(a->flags & CONN_HAS_OWNER) ?
		       order :
		       compare_names(conn_service(a), conn_service(b));
}

static int compare_threads(const struct conn *a, const struct conn *b)
{
	int order = compare_numbers(a->flags & CONN_HAS_OWNER, b->flags & CONN_HAS_OWNER);

	return order || !(a->flags & CONN_HAS_OWNER) ? order :
						       compare_names(conn_comm(a), conn_comm(b));
}

/* What sockets are told apart by. */
struct sharing {
	unsigned int keys;
	const struct group_joiner *joiner; /* NULL: each cgroup is one */
};

static uint64_t first_of(const struct sharing *sharing, enum group_key key, uint64_t cgroup)
{
	const struct group_joiner *joiner = sharing->joiner;

	return joiner && cgroup ? joiner->first(joiner, key, cgroup) : cgroup;
}

static int compare_cgroups(const struct conn *a, const struct conn *b,
			   const struct sharing *sharing)
{
	static const enum group_key keys[] = { GROUP_BY_CGROUP, GROUP_BY_UNIT, GROUP_BY_CONTAINER,
					       GROUP_BY_POD };
	int order = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && !order; i++)
		if (sharing->keys & 1U << keys[i])
			order = compare_numbers(first_of(sharing, keys[i], a->cgroup),
						first_of(sharing, keys[i], b->cgroup));
	return order;
}

static int compare_keys(const struct conn *a, const struct conn *b, const struct sharing *sharing)
{
	unsigned int keys = sharing->keys;
	int order = 0;

	if (keys & 1U << GROUP_BY_COMM)
		order = compare_comms(a, b);
	if (!order && keys & 1U << GROUP_BY_THREAD)
		order = compare_threads(a, b);
	if (!order && keys & 1U << GROUP_BY_RADDR)
		order = compare_addresses(&a->raddr, &b->raddr);
	if (!order && keys & 1U << GROUP_BY_RADDR)
		order = compare_numbers(conn_remote_link(a), conn_remote_link(b));
	if (!order && keys & 1U << GROUP_BY_RPORT)
		order = compare_numbers(a->rport, b->rport);
	if (!order && keys & 1U << GROUP_BY_LPORT)
		order = compare_numbers(a->lport, b->lport);
	if (!order && keys & 1U << GROUP_BY_NETNS)
		order = compare_numbers(a->netns, b->netns);
	return order ? order : compare_cgroups(a, b, sharing);
}

static int compare_sharing(const struct stuck *a, const struct stuck *b,
			   const struct sharing *sharing)
{
	int order = compare_numbers(a->state, b->state);

	if (order)
		return order;
	return sharing->keys ? compare_keys(&a->c, &b->c, sharing) : compare_causes(a, b);
}

/* Within a group the order of age stays: the sockets lie in it, so their addresses tell. */
static int compare_members(const void *a, const void *b, void *sharing)
{
	const struct stuck *x = *(const struct stuck *const *)a;
	const struct stuck *y = *(const struct stuck *const *)b;
	int order = compare_sharing(x, y, sharing);

	return order ? order : compare_numbers((uintptr_t)x, (uintptr_t)y);
}

static int compare_groups(const void *a, const void *b)
{
	const struct stuck_group *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return compare_numbers((uintptr_t)x->oldest, (uintptr_t)y->oldest);
}

static uint32_t count_others(const struct stuck *s)
{
	uint32_t count = 0;

	for (size_t i = 1; i < s->holder_count; i++)
		count += s->holders[i].pid != s->holders[i - 1].pid;
	return count;
}

void stuck_group_of_one(const struct stuck *s, struct stuck_group *ret_group)
{
	bool was_held = s->c.flags & CONN_SEEDED && !s->c.accept_ns;

	*ret_group = (struct stuck_group){
		.oldest = s,
		.count = 1,
		.is_age_exact = s->age_is_exact,
		.is_one_holder = true,
		.is_one_raddr = true,
		.is_one_rport = true,
		.is_one_lport = true,
		.is_one_grip = true,
		.were_held = was_held,
		.were_accepted = !was_held && s->c.role == CONN_ROLE_SERVER,
		.still = s->is_past && s->age_ns == TIME_UNKNOWN,
		.windows_closed = s->window_is_zero,
		.movers = s->is_moving,
		.unnoticed = s->is_unnoticed,
		.rx_queue_bytes = s->rx_queue_bytes == STUCK_BYTES_UNKNOWN ? 0 : s->rx_queue_bytes,
		.tx_queue_bytes = s->tx_queue_bytes == STUCK_BYTES_UNKNOWN ? 0 : s->tx_queue_bytes,
		.most_resent = s->resent,
		.others = count_others(s),
		.stack = s->stack,
		.same_stack = s->stack != 0,
	};
}

static void add_member(struct stuck_group *g, const struct stuck *s)
{
	const struct stuck *first = g->oldest;
	struct stuck_group one;

	stuck_group_of_one(s, &one);
	g->count++;
	g->is_age_exact &= one.is_age_exact;
	g->is_one_holder &= holder_of(s) == holder_of(first);
	g->is_one_raddr &= !compare_addresses(&s->c.raddr, &first->c.raddr) &&
			   s->c.ifindex == first->c.ifindex;
	g->is_one_rport &= s->c.rport == first->c.rport;
	g->is_one_lport &= s->c.lport == first->c.lport;
	g->is_one_grip &= s->grip == first->grip;
	g->were_held += one.were_held;
	g->were_accepted += one.were_accepted;
	g->windows_closed += one.windows_closed;
	g->movers += one.movers;
	g->unnoticed += one.unnoticed;
	g->rx_queue_bytes += one.rx_queue_bytes;
	g->tx_queue_bytes += one.tx_queue_bytes;
	if (one.most_resent > g->most_resent)
		g->most_resent = one.most_resent;
	if (one.others > g->others)
		g->others = one.others;
	if (!g->stack)
		g->stack = s->stack;
	g->same_stack += s->stack && s->stack == g->stack;
}

int stuck_groups_new(const struct stuck *all, size_t count, unsigned int keys,
		     const struct group_joiner *joiner, struct stuck_group **ret_groups,
		     size_t *ret_count)
{
	struct sharing sharing = { keys, joiner };
	const struct stuck **members = calloc(count + 1, sizeof(const struct stuck *));
	struct stuck_group *groups = calloc(count + 1, sizeof(*groups));
	size_t found = 0;

	if (!members || !groups) {
		free(members);
		free(groups);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		members[i] = &all[i];
	qsort_r(members, count, sizeof(const struct stuck *), compare_members, &sharing);
	for (size_t i = 0; i < count; i++) {
		if (i && !compare_sharing(members[i - 1], members[i], &sharing))
			add_member(&groups[found - 1], members[i]);
		else
			stuck_group_of_one(members[i], &groups[found++]);
	}
	free(members);
	qsort(groups, found, sizeof(*groups), compare_groups);
	*ret_groups = groups;
	*ret_count = found;
	return 0;
}
