// SPDX-License-Identifier: GPL-2.0-only
/* Keeps the sockets of a snapshot, found by the kernel's address, and the ports listened on. */
#include "user/conn/snapshot.h"

#include <errno.h>
#include <stdlib.h>

#include "user/base/atom.h"
#include "user/base/crowd.h"
#include "user/base/hash.h"
#include "user/conn/flow.h"

#define FIRST_SEEDS 1024
#define LISTENERS 65536 /* ports of namespaces; those beyond are not known */
#define UNSORTED 1024	/* of them */

struct snapshot {
	uint64_t begin_ns, end_ns;
	size_t max;
	struct crowd crowd;
	uint64_t unpaid; /* left out for lack of memory */

	struct seed *seeds;
	size_t count, room;
	struct hash_index index; /* of the seeds, counted from 1, by their sockets */

	uint64_t *listeners; /* namespace and port */
	size_t listener_count, listener_room;
	size_t sorted_count; /* the others, UNSORTED at most, are behind them */

	uint32_t *missed; /* sorted once all have been looked at */
	size_t missed_count, missed_room;
	bool has_missed_some; /* not even the list of the missed ones had room */
};

static uint64_t hash_seed_of(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct snapshot *s = context;

	return hash_u64(key, s->seeds[n - 1].sock);
}

struct snapshot *snapshot_new(uint64_t begin_ns, size_t max)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->begin_ns = begin_ns;
	s->end_ns = TIME_UNKNOWN;
	s->max = max < HASH_NUMBER_MAX ? max : HASH_NUMBER_MAX;
	hash_index_init(&s->index, (uint32_t)s->max, hash_seed_of, s);
	return s;
}

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	free(s->seeds);
	crowd_leave(&s->crowd);
	hash_index_done(&s->index);
	free(s->listeners);
	free(s->missed);
	free(s);
}

static int make_room(struct snapshot *s)
{
	size_t room = s->room ? s->room * 2 : FIRST_SEEDS;
	struct seed *seeds;

	if (s->count < s->room)
		return 0;
	seeds = reallocarray(s->seeds, room, sizeof(*seeds));
	if (!seeds)
		return -ENOMEM;
	s->seeds = seeds;
	if (hash_index_reserve(&s->index, room))
		return -ENOMEM;
	s->room = room;
	return 0;
}

static uint64_t listener_key(uint32_t netns, uint16_t port)
{
	return (uint64_t)netns << 16 | port;
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

	return (first > second) - (first < second);
}

static void sort_listeners(struct snapshot *s)
{
	if (s->sorted_count < s->listener_count)
		qsort(s->listeners, s->listener_count, sizeof(*s->listeners), compare_keys);
	s->sorted_count = s->listener_count;
}

static void add_listener(struct snapshot *s, const struct socket_info *info)
{
	if (s->listener_count == s->listener_room) {
		size_t room = s->listener_room ? s->listener_room * 2 : 64;
		uint64_t *grown = NULL;

		if (room <= LISTENERS)
			grown = reallocarray(s->listeners, room, sizeof(*grown));
		if (!grown)
			return;
		s->listeners = grown;
		s->listener_room = room;
	}
	s->listeners[s->listener_count++] = listener_key(info->netns, info->lport);
	if (s->listener_count - s->sorted_count == UNSORTED)
		sort_listeners(s);
}

/* What is none is left unknown: it comes from outside. */
static enum conn_role role_of(const struct socket_info *info)
{
	if (info->role == CONN_ROLE_CLIENT || info->role == CONN_ROLE_SERVER)
		return (enum conn_role)info->role;
	return flow_role_of(info);
}

static struct seed seed_of(const struct socket_info *info)
{
	return (struct seed){
		.sock = info->sock,
		.mono_ns = info->mono_ns,
		.cgroup = info->cgroup,
		.flow = flow_of_socket(info),
		.laddr = info->laddr,
		.raddr = info->raddr,
		.netns = info->netns,
		.lport = info->lport,
		.rport = info->rport,
		.ifindex = info->ifindex,
		.ifname = info->ifname,
		.state = (uint8_t)info->state,
		.object = (uint8_t)info->object,
		.is_state_known = socket_is_state_known(info),
		.role = (uint8_t)role_of(info),
		.flags = info->flags,
		.marks = info->marks,
		.pid = info->owner_pid,
		.uid = info->uid,
		.comm = atom_of(info->owner_comm, EVENT_COMM_SIZE,
				&(struct share){ info->uid, info->netns }),
		.token = info->flags & EVENT_FLAG_MPTCP ? info->token : 0,
		.subflow_marks = info->subflow_marks,
		.since_ns = info->since_ns,
		.ack_age_ns = info->ack_age_ns,
		.receive_age_ns = info->receive_age_ns,
		.send_age_ns = info->send_age_ns,
	};
}

static struct share share_of_seed(const struct seed *seed)
{
	return (struct share){ seed->uid, seed->netns };
}

static struct share share_of(const void *context, uint32_t n)
{
	const struct snapshot *s = context;

	return share_of_seed(&s->seeds[n - 1]);
}

/* A place for one more, counted from 1; 0: there is no memory. */
static uint32_t take_place(struct snapshot *s)
{
	struct hash_search search;
	struct share share;
	uint32_t n, i;

	if (s->count < s->max)
		return make_room(s) ? 0 : (uint32_t)++s->count;
	n = crowd_heaviest(&s->crowd, (uint32_t)s->max, share_of, s);
	if (!n)
		return 0;
	share = share_of(s, n);
	crowd_pay(&s->crowd, &share);
	crowd_take(&s->crowd, n);
	search = hash_search_begin(&s->index, hash_u64(&s->index.key, s->seeds[n - 1].sock));
	while ((i = hash_search_next(&s->index, &search)) && i != n)
		;
	hash_search_take(&s->index, &search);
	return n;
}

void snapshot_add(struct snapshot *s, const struct socket_info *info)
{
	struct seed *known;
	struct share share;
	uint32_t n;

	if (info->state == STATE_LISTEN) {
		add_listener(s, info);
		return;
	}
	if (!info->sock || info->object == EVENT_SOCKET_REQUEST)
		return;
	known = snapshot_find(s, info->sock);
	if (known) {
		/* The kernel used the address again meanwhile. */
		*known = seed_of(info);
		return;
	}
	n = take_place(s);
	if (!n) {
		s->unpaid++;
		return;
	}
	s->seeds[n - 1] = seed_of(info);
	hash_index_put(&s->index, hash_u64(&s->index.key, info->sock), n);
	share = share_of_seed(&s->seeds[n - 1]);
	crowd_put(&s->crowd, n, &share);
}

void snapshot_miss(struct snapshot *s, uint32_t netns)
{
	if (s->missed_count == s->missed_room) {
		size_t room = s->missed_room ? s->missed_room * 2 : 16;
		uint32_t *grown = reallocarray(s->missed, room, sizeof(*grown));

		if (!grown) {
			s->has_missed_some = true;
			return;
		}
		s->missed = grown;
		s->missed_room = room;
	}
	s->missed[s->missed_count++] = netns;
}

static int compare_netns(const void *a, const void *b)
{
	uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;

	return (first > second) - (first < second);
}

bool snapshot_has_missed(const struct snapshot *s, uint32_t netns)
{
	return s->has_missed_some || (s->missed_count && bsearch(&netns, s->missed, s->missed_count,
								 sizeof(netns), compare_netns));
}

void snapshot_end(struct snapshot *s, uint64_t end_ns)
{
	s->end_ns = end_ns;
	sort_listeners(s);
	if (s->missed_count)
		qsort(s->missed, s->missed_count, sizeof(*s->missed), compare_netns);
}

uint64_t snapshot_begin_ns(const struct snapshot *s)
{
	return s->begin_ns;
}

uint64_t snapshot_end_ns(const struct snapshot *s)
{
	return s->end_ns;
}

uint64_t snapshot_left_out(const struct snapshot *s)
{
	return s->crowd.paid + s->unpaid;
}

const struct payers *snapshot_payers(const struct snapshot *s)
{
	return &s->crowd.payers;
}

struct seed *snapshot_find(const struct snapshot *s, uint64_t sock)
{
	struct hash_search search = hash_search_begin(&s->index, hash_u64(&s->index.key, sock));
	uint32_t n;

	while ((n = hash_search_next(&s->index, &search)))
		if (s->seeds[n - 1].sock == sock)
			return &s->seeds[n - 1];
	return NULL;
}

struct seed *snapshot_at(const struct snapshot *s, size_t number)
{
	return number < s->count ? &s->seeds[number] : NULL;
}

/* It may be asked while there is more to come. */
static bool is_listened_on(const struct snapshot *s, uint32_t netns, uint16_t port)
{
	uint64_t key = listener_key(netns, port);

	if (s->sorted_count &&
	    bsearch(&key, s->listeners, s->sorted_count, sizeof(key), compare_keys))
		return true;
	for (size_t i = s->sorted_count; i < s->listener_count; i++)
		if (s->listeners[i] == key)
			return true;
	return false;
}

uint64_t seed_since(const struct seed *seed)
{
	uint64_t since_ns = seed->since_ns < seed->mono_ns ? seed->since_ns : seed->mono_ns;
	uint64_t age_ns = socket_age_at_least(seed->ack_age_ns);
	uint64_t ack_ns = age_ns <= seed->mono_ns ? seed->mono_ns - age_ns : TIME_UNKNOWN;

	return state_begins_with_ack((enum tcp_state)seed->state) && ack_ns < since_ns ? ack_ns :
											 since_ns;
}

enum conn_role snapshot_role(const struct snapshot *s, const struct seed *seed)
{
	if (seed->role != CONN_ROLE_UNKNOWN)
		return (enum conn_role)seed->role;
	return is_listened_on(s, seed->netns, seed->lport) ? CONN_ROLE_SERVER : CONN_ROLE_UNKNOWN;
}
