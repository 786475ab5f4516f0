// SPDX-License-Identifier: GPL-2.0-only
/* Listening sockets, and whether they keep up: what waits, what was dropped, how long it took. */
#include "user/aggregate/listening.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/hash.h"

#define NONE LISTENING_NONE
#define FIRST_ROOM 64
#define CHANCES 8
#define PORTS (UINT16_MAX + 1)
/* What stamps in ticks of the kernel may be off by, twice: nobody counts slower than 100 Hz. */
#define TICKS_NS UINT64_C(30000000)

/* To be compared as bytes. */
struct where {
	struct address laddr;
	uint32_t netns, ifindex;
	uint16_t lport;
	uint16_t padding;
};
_Static_assert(sizeof(struct where) == 28, "struct where has no padding");

struct space {
	uint32_t netns;
	struct listening_counts first, last;
};

/* Most connections come to few places. */
#define LATELY 256 /* a power of two */
struct answer {
	struct where where; /* without a port there is no answer here */
	uint32_t place;
};

struct listening {
	struct consumer consumer;
	struct listening_socket *sockets;
	struct listening_place *places;
	struct space *spaces;
	uint32_t socket_count, place_count, space_count;
	uint32_t socket_room, place_room, space_room;
	uint32_t free; /* sockets, by `next` */
	struct hash_index by_key, by_where, by_netns;
	uint64_t look_ns, last_ns, left_out;
	struct answer lately[LATELY];	/* by a part of what was asked */
	uint32_t gone_first, gone_last; /* places without a socket, by how long they are */
	uint64_t *drops; /* by port, of places that have made room; NULL: there were none */
};

static struct where where_of(const struct address *laddr, uint32_t netns, uint32_t ifindex,
			     uint16_t lport)
{
	struct where where = { .laddr = *laddr, .netns = netns, .ifindex = ifindex };

	where.lport = lport;
	return where;
}

/* As it lies there, of which no call is made. */
static bool is_where(const struct where *where, const struct conn *c)
{
	uint64_t x[2], y[2];

	memcpy(x, &where->laddr, sizeof(x));
	memcpy(y, &c->laddr, sizeof(y));
	return where->lport == c->lport && x[0] == y[0] && x[1] == y[1] &&
	       where->netns == c->netns && where->ifindex == c->ifindex;
}

static uint64_t hash_socket(const void *context, const struct hash_key *key, uint32_t n)
{
	return hash_u64(key, ((const struct listening *)context)->sockets[n - 1].key);
}

static uint64_t hash_place(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct listening_place *p = &((const struct listening *)context)->places[n - 1];
	const struct where where = where_of(&p->laddr, p->netns, p->ifindex, p->lport);

	return hash_bytes(key, &where, sizeof(where));
}

static uint64_t hash_space(const void *context, const struct hash_key *key, uint32_t n)
{
	return hash_u64(key, ((const struct listening *)context)->spaces[n - 1].netns);
}

/* Makes room for one more. Returns 0, or -errno: it is left out, and counted. */
static int grow(struct listening *l, void *all, uint32_t count, uint32_t *room, size_t size,
		struct hash_index *index)
{
	uint32_t wanted = *room ? *room * 2 : FIRST_ROOM;
	void *grown;

	if (count < *room)
		return 0;
	grown = count < LISTENING_MAX ? reallocarray(*(void **)all, wanted, size) : NULL;
	if (grown)
		*(void **)all = grown;
	if (!grown || hash_index_reserve(index, wanted)) {
		l->left_out++;
		return -ENOSPC;
	}
	*room = wanted;
	return 0;
}

static uint32_t find_socket(const struct listening *l, uint64_t key, struct hash_search *search)
{
	uint32_t n;

	if (!l->socket_room)
		return NONE;
	*search = hash_search_begin(&l->by_key, hash_u64(&l->by_key.key, key));
	do
		n = hash_search_next(&l->by_key, search);
	while (n != NONE && l->sockets[n - 1].key != key);
	return n;
}

static uint32_t search_place(const struct listening *l, const struct where *where,
			     struct hash_search *search)
{
	uint32_t n;

	if (!l->place_room)
		return NONE;
	*search = hash_search_begin(&l->by_where,
				    hash_bytes(&l->by_where.key, where, sizeof(*where)));
	while ((n = hash_search_next(&l->by_where, search)) != NONE) {
		const struct listening_place *p = &l->places[n - 1];
		const struct where own = where_of(&p->laddr, p->netns, p->ifindex, p->lport);

		if (!memcmp(&own, where, sizeof(own)))
			break;
	}
	return n;
}

static uint32_t find_place(const struct listening *l, const struct where *where)
{
	struct hash_search search;

	return search_place(l, where, &search);
}

static uint32_t find_space(const struct listening *l, uint32_t netns)
{
	struct hash_search search;
	uint32_t n;

	if (!l->space_room)
		return NONE;
	search = hash_search_begin(&l->by_netns, hash_u64(&l->by_netns.key, netns));
	do
		n = hash_search_next(&l->by_netns, &search);
	while (n != NONE && l->spaces[n - 1].netns != netns);
	return n;
}

/* ---- places that are gone -------------------------------------------------------------------- */

static void join_gone(struct listening *l, uint32_t n)
{
	struct listening_place *p = &l->places[n - 1];

	p->gone_before = l->gone_last;
	p->gone_after = NONE;
	p->counted_then = listening_came(p);
	if (l->gone_last != NONE)
		l->places[l->gone_last - 1].gone_after = n;
	else
		l->gone_first = n;
	l->gone_last = n;
}

static void leave_gone(struct listening *l, uint32_t n)
{
	const struct listening_place *p = &l->places[n - 1];

	if (p->gone_before != NONE)
		l->places[p->gone_before - 1].gone_after = p->gone_after;
	else
		l->gone_first = p->gone_after;
	if (p->gone_after != NONE)
		l->places[p->gone_after - 1].gone_before = p->gone_before;
	else
		l->gone_last = p->gone_before;
}

/* Those of a port never fall. Returns 0 or -ENOMEM. */
static int keep_drops(struct listening *l, const struct listening_place *p)
{
	if (p->drops && !l->drops)
		l->drops = calloc(PORTS, sizeof(*l->drops));
	if (p->drops && !l->drops)
		return -ENOMEM;
	if (p->drops)
		l->drops[p->lport] += p->drops;
	return 0;
}

/* Connections come to some of them still, of whose sockets nobody has heard: they have chances. */
static uint32_t longest_gone(struct listening *l)
{
	for (unsigned int i = 0; i < CHANCES && l->gone_first != NONE; i++) {
		uint32_t n = l->gone_first;

		if (listening_came(&l->places[n - 1]) == l->places[n - 1].counted_then)
			break;
		leave_gone(l, n);
		join_gone(l, n);
	}
	return l->gone_first;
}

/* NONE: none is gone. */
static uint32_t take_gone(struct listening *l)
{
	uint32_t n = longest_gone(l);
	struct hash_search search;
	struct listening_place *p;
	struct where where;

	if (n == NONE || keep_drops(l, &l->places[n - 1]))
		return NONE;
	p = &l->places[n - 1];
	where = where_of(&p->laddr, p->netns, p->ifindex, p->lport);
	l->left_out += listening_has_counted(p);
	leave_gone(l, n);
	search_place(l, &where, &search);
	hash_search_take(&l->by_where, &search);
	histogram_done(&p->wait);
	return n;
}

static uint32_t take_place(struct listening *l)
{
	uint32_t n = l->place_count == LISTENING_MAX ? take_gone(l) : NONE;

	if (n != NONE)
		return n;
	if (grow(l, &l->places, l->place_count, &l->place_room, sizeof(*l->places), &l->by_where))
		return NONE;
	return ++l->place_count;
}

static uint32_t make_place(struct listening *l, const struct where *where)
{
	uint32_t n = find_place(l, where);

	if (n != NONE)
		return n;
	n = take_place(l);
	if (n == NONE)
		return NONE;
	l->places[n - 1] = (struct listening_place){
		.laddr = where->laddr,
		.netns = where->netns,
		.ifindex = where->ifindex,
		.lport = where->lport,
		.oldest_ns = TIME_UNKNOWN,
	};
	/* It may be nearer than those that were answered so far. */
	memset(l->lately, 0, sizeof(l->lately));
	hash_index_put(&l->by_where, hash_bytes(&l->by_where.key, where, sizeof(*where)), n);
	join_gone(l, n);
	return n;
}

static void keep_owner(struct listening_place *p, const struct listening_socket *s)
{
	p->last_pid = s->pid;
	memcpy(p->last_comm, s->holder_count ? s->holders->comm : s->comm, sizeof(p->last_comm));
}

static void drop_socket(struct listening *l, uint32_t n)
{
	struct listening_socket *s = &l->sockets[n - 1];
	uint32_t *link = &l->places[s->place - 1].first;
	struct hash_search search;

	while (*link != n)
		link = &l->sockets[*link - 1].next;
	*link = s->next;
	if (!--l->places[s->place - 1].count)
		join_gone(l, s->place);
	keep_owner(&l->places[s->place - 1], s);
	find_socket(l, s->key, &search);
	hash_search_take(&l->by_key, &search);
	*s = (struct listening_socket){ .next = l->free };
	l->free = n;
}

/* The one of this key at this place. Kernel objects are used again: at another it is another. */
static uint32_t make_socket(struct listening *l, uint64_t key, uint64_t inode,
			    const struct where *where)
{
	struct hash_search search;
	uint32_t n = find_socket(l, key, &search), place = make_place(l, where);

	if (place == NONE)
		return NONE;
	if (n != NONE && l->sockets[n - 1].place == place &&
	    (!inode || !l->sockets[n - 1].inode || l->sockets[n - 1].inode == inode))
		return n;
	if (n != NONE)
		drop_socket(l, n);
	if (l->places[place - 1].count == LISTENING_AT_ONE_PLACE) {
		l->left_out++;
		return NONE;
	}
	n = l->free;
	if (n != NONE) {
		l->free = l->sockets[n - 1].next;
	} else {
		if (grow(l, &l->sockets, l->socket_count, &l->socket_room, sizeof(*l->sockets),
			 &l->by_key))
			return NONE;
		n = ++l->socket_count;
	}
	l->sockets[n - 1] = (struct listening_socket){
		.key = key, .inode = inode, .place = place, .next = l->places[place - 1].first
	};
	l->places[place - 1].first = n;
	if (!l->places[place - 1].count++)
		leave_gone(l, place);
	l->places[place - 1].is_bound = true;
	hash_index_put(&l->by_key, hash_u64(&l->by_key.key, key), n);
	return n;
}

/* ---- looks ----------------------------------------------------------------------------------- */

static void begin_place(struct listening_place *p)
{
	p->oldest_ns = TIME_UNKNOWN;
	p->sum = p->sum_all = 0;
}

/* Whoever is accepted leaves the sum; those who came since the cut-off are not in it. */
static void end_place(struct listening_place *p, uint64_t looked_ns)
{
	if (p->cutoff_sum && p->sum == p->cutoff_sum)
		return;
	p->cutoff_sum = p->sum_all;
	p->cutoff_ns = looked_ns - TICKS_NS;
	p->unmoved_ns = p->sum_all ? looked_ns : 0;
}

void listening_look(struct listening *l, uint64_t now_ns)
{
	l->look_ns = now_ns;
	for (uint32_t i = 0; i < l->socket_count; i++)
		l->sockets[i].is_there = false;
	for (uint32_t i = 0; i < l->place_count; i++)
		begin_place(&l->places[i]);
}

void listening_count(struct listening *l, uint32_t netns, const struct listening_counts *counts)
{
	uint32_t n = find_space(l, netns);

	if (n == NONE) {
		if (grow(l, &l->spaces, l->space_count, &l->space_room, sizeof(*l->spaces),
			 &l->by_netns))
			return;
		n = ++l->space_count;
		l->spaces[n - 1] = (struct space){ .netns = netns, .first = *counts };
		hash_index_put(&l->by_netns, hash_u64(&l->by_netns.key, netns), n);
		/* One that came during the run has counted from 0. */
		if (l->last_ns)
			l->spaces[n - 1].first = (struct listening_counts){ 0 };
	}
	l->spaces[n - 1].last = *counts;
}

/* An event told of it by another key. */
static void forget_unseen(struct listening *l, const struct where *where)
{
	uint32_t place = find_place(l, where), next;

	for (uint32_t n = place == NONE ? NONE : l->places[place - 1].first; n != NONE; n = next) {
		next = l->sockets[n - 1].next;
		if (!l->sockets[n - 1].is_seen)
			drop_socket(l, n);
	}
}

static void see_listener(struct listening *l, const struct socket_info *info)
{
	const struct where where = where_of(&info->laddr, info->netns, info->ifindex, info->lport);
	uint64_t key = info->sock ? info->sock : info->inode;
	struct listening_socket *s;
	struct listening_place *p;
	uint32_t n;

	if (!info->sock)
		forget_unseen(l, &where);
	n = key ? make_socket(l, key, info->inode, &where) : NONE;
	if (n == NONE)
		return;
	s = &l->sockets[n - 1];
	p = &l->places[s->place - 1];
	p->ifname = info->ifname;
	if (!s->is_seen && !l->last_ns)
		s->drops_before = info->retransmits;
	/* Modulo 2^32, as the kernel counts. */
	s->drops_late = info->retransmits - (s->is_seen ? s->drops : s->drops_before);
	p->drops += s->drops_late;
	s->is_seen = s->is_there = true;
	s->inode = info->inode;
	s->cgroup = info->cgroup;
	s->uid = info->uid;
	s->queue = info->rx_queue;
	s->queue_max = info->tx_queue;
	if (s->queue > s->queue_most)
		s->queue_most = s->queue;
	if (s->queue > p->queue_most)
		p->queue_most = s->queue;
	p->was_seen = true;
	s->has_half_open = info->sock;
	s->half_open = info->in_flight;
	s->has_drops = info->marks & EVENT_SOCKET_DROPS;
	s->drops = info->retransmits;
}

/*
 * On its address before one on all, and there bound to its interface before to none; one on all
 * IPv6 addresses takes IPv4 as well.
 */
static uint32_t place_of(const struct listening *l, const struct address *laddr, uint32_t netns,
			 uint32_t ifindex, uint16_t lport)
{
	static const struct address any_ipv6;
	const struct address nearest[] = {
		*laddr,
		address_is_ipv4(laddr) ? address_from_ipv4((const uint8_t[4]){ 0 }) : any_ipv6,
		any_ipv6,
	};
	uint32_t n = NONE;

	for (size_t i = 0; n == NONE && i < 2 * sizeof(nearest) / sizeof(*nearest); i++) {
		const struct where where =
			where_of(&nearest[i / 2], netns, i % 2 ? 0 : ifindex, lport);

		n = find_place(l, &where);
	}
	return n;
}

/* It has never sent anything, so that the stamp of that is still the one of its beginning. */
static void see_waiting(struct listening *l, const struct socket_info *info)
{
	uint32_t n = place_of(l, &info->laddr, info->netns, info->ifindex, info->lport);
	struct listening_place *p;
	uint64_t since_ns, hash;

	if (n == NONE || info->bytes_sent || info->send_age_ns > info->mono_ns)
		return;
	p = &l->places[n - 1];
	since_ns = info->mono_ns - info->send_age_ns;
	if (p->oldest_ns == TIME_UNKNOWN || since_ns < p->oldest_ns)
		p->oldest_ns = since_ns;
	hash = hash_u64(&l->by_key.key,
			info->sock ? info->sock : (uint64_t)info->rport << 32 | info->lport);
	if (since_ns <= p->cutoff_ns)
		p->sum += hash;
	if (since_ns + TICKS_NS <= l->look_ns)
		p->sum_all += hash;
}

void listening_see(struct listening *l, const struct socket_info *info)
{
	if (info->object != EVENT_SOCKET_FULL || !info->lport)
		return;
	if (info->state == STATE_LISTEN)
		see_listener(l, info);
	else if ((info->state == STATE_ESTABLISHED || info->state == STATE_CLOSE_WAIT) &&
		 info->marks & EVENT_SOCKET_UNACCEPTED)
		see_waiting(l, info);
}

void listening_looked(struct listening *l, uint64_t now_ns, bool is_whole)
{
	l->last_ns = now_ns;
	for (uint32_t i = 0; i < l->place_count; i++)
		end_place(&l->places[i], l->look_ns);
	for (uint32_t n = 1; is_whole && n <= l->socket_count; n++)
		if (l->sockets[n - 1].key && !l->sockets[n - 1].is_there)
			drop_socket(l, n);
}

/* ---- events ---------------------------------------------------------------------------------- */

void listening_hear(struct listening *l, const struct event *e)
{
	const struct where where = where_of(&e->laddr, e->netns, e->ifindex, e->lport);
	struct hash_search search;
	struct listening_socket *s;
	uint32_t n;

	if (e->kind != EVENT_LISTENER)
		return;
	if (e->to == STATE_CLOSED || !e->lport) {
		n = find_socket(l, e->sock, &search);
		if (n != NONE)
			drop_socket(l, n);
		return;
	}
	n = make_socket(l, e->sock, 0, &where);
	if (n == NONE)
		return;
	s = &l->sockets[n - 1];
	s->is_there = true;
	s->cgroup = e->cgroup ? e->cgroup : s->cgroup;
	s->uid = e->uid;
	s->pid = e->pid;
	if (e->ifname)
		l->places[s->place - 1].ifname = e->ifname;
	memcpy(s->comm, *e->process ? e->process : e->comm, sizeof(s->comm));
}

/*
 * Whoever is accepted is bound to the interface of his listener, whose name nobody else may have
 * told: a record of a listener has none, and no look has seen one that is recorded. NONE: there is
 * no room.
 */
static __attribute__((noinline)) uint32_t ask_anew(struct listening *l, const struct conn *c,
						   struct answer *answer)
{
	const struct where where = where_of(&c->laddr, c->netns, c->ifindex, c->lport);
	uint32_t n = place_of(l, &c->laddr, c->netns, c->ifindex, c->lport);
	struct listening_place *p;

	if (n == NONE)
		n = make_place(l, &where);
	if (n == NONE)
		return n;
	p = &l->places[n - 1];
	if (p->ifindex == c->ifindex && !p->ifname)
		p->ifname = c->ifname;
	*answer = (struct answer){ .where = where, .place = n };
	return n;
}

static inline uint32_t place_of_conn(struct listening *l, const struct conn *c)
{
	struct answer *answer;
	uint64_t words[2];

	if (!(c->flags & CONN_HAS_ENDPOINTS) || !c->lport)
		return NONE;
	memcpy(words, &c->laddr, sizeof(words));
	words[0] ^= words[1] ^ c->lport;
	answer = &l->lately[words[0] * UINT64_C(0x9e3779b97f4a7c15) >> 56];
	if (is_where(&answer->where, c))
		return answer->place;
	return ask_anew(l, c, answer);
}

static inline struct listening_socket *only_socket_of(struct listening *l,
						      const struct listening_place *p, uint32_t pid)
{
	struct listening_socket *found = NULL;

	if (p->count == 1)
		return &l->sockets[p->first - 1];
	for (uint32_t n = p->first; n != NONE && pid; n = l->sockets[n - 1].next) {
		if (l->sockets[n - 1].pid != pid)
			continue;
		if (found)
			return NULL;
		found = &l->sockets[n - 1];
	}
	return found;
}

/* Out of the way of those that are like one before. */
static __attribute__((noinline)) void add_wait(struct listening *l, struct listening_place *p,
					       uint64_t wait_ns)
{
	if (wait_ns != TIME_UNKNOWN && histogram_add(&p->wait, wait_ns))
		l->left_out++;
}

static __attribute__((noinline)) void accepted(struct listening *l, const struct conn *c,
					       uint64_t wait_ns)
{
	uint32_t n = place_of_conn(l, c);
	struct listening_socket *s;
	struct listening_place *p;

	if (n == NONE)
		return;
	p = &l->places[n - 1];
	p->accepted++;
	s = only_socket_of(l, p, c->flags & CONN_OF_LISTENER ? PID_UNKNOWN : c->pid);
	if (s)
		s->accepted++;
	else
		p->unassigned++;
	if (wait_ns > INT64_MAX || !histogram_add_quickly(&p->wait, wait_ns))
		add_wait(l, p, wait_ns);
}

static void on_accepted(struct consumer *self, const struct conn *c)
{
	accepted((struct listening *)self, c, conn_accept_wait(c));
}

static bool was_established(const struct conn *c)
{
	for (unsigned int i = 0; i < c->step_count; i++)
		if (c->step_state[i] == STATE_ESTABLISHED)
			return true;
	return false;
}

/* Nobody was seen to accept it. One that was seeded may have been accepted before. */
static bool is_unseen(const struct conn *c)
{
	return c->role == CONN_ROLE_SERVER && !c->accept_ns && !c->gaps &&
	       !(c->flags & (CONN_SEEDED | CONN_INCOMPLETE)) && was_established(c);
}

/*
 * Its end shows that it was accepted all the same; when, it does not show. What joins an MPTCP
 * connection is not accepted by itself.
 */
static void on_closed(struct consumer *self, const struct conn *c)
{
	struct listening *l = (struct listening *)self;
	uint32_t n;

	if (!is_unseen(c))
		return;
	if (c->flags & CONN_WIRE) {
		n = place_of_conn(l, c);
		if (n != NONE)
			l->places[n - 1].was_captured = true;
		return;
	}
	if (conn_shows_accept(c)) {
		if (!(c->flags & CONN_SUBFLOW))
			on_accepted(self, c);
		return;
	}
	n = place_of_conn(l, c);
	if (n != NONE)
		l->places[n - 1].never_accepted++;
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct listening *l = (struct listening *)self;
	struct conn c;
	uint32_t n;

	if (h->end != HALF_OPEN_OVERFLOW && half_open_cause(h) != CONN_CAUSE_QUEUE_FULL)
		return;
	half_open_as_conn(h, &c);
	n = place_of_conn(l, &c);
	if (n != NONE)
		l->places[n - 1].overflowed++;
}

static bool on_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)self;
	(void)shape;
	(void)c;
	return true;
}

static void on_like(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)shape;
	/* Its steps are in order, the second of them to ESTABLISHED. */
	if (c->accept_ns)
		accepted((struct listening *)self, c,
			 c->accept_ns > c->step_ns[1] ? c->accept_ns - c->step_ns[1] : 0);
	else if (c->role == CONN_ROLE_SERVER)
		on_closed(self, c);
}

static const struct consumer_class listening_class = {
	.half_open = on_half_open,
	.accepted = on_accepted,
	.closed = on_closed,
	.learn = on_learn,
	.like = on_like,
};

/* Its queue is not known any more. */
void listening_hear_of(struct listening *listening, const struct socket_info *info)
{
	struct event event;

	if (info->state != STATE_LISTEN)
		return;
	event_clear(&event);
	event.kind = EVENT_LISTENER;
	event.from = event.to = STATE_LISTEN;
	event.mono_ns = info->mono_ns;
	event.sock = info->sock;
	event.netns = info->netns;
	event.lport = info->lport;
	event.laddr = info->laddr;
	event.ifindex = info->ifindex;
	event.ifname = info->ifname;
	event.cgroup = info->cgroup;
	event.uid = info->uid;
	event.pid = info->owner_pid;
	memcpy(event.process, info->owner_comm, sizeof(info->owner_comm));
	listening_hear(listening, &event);
}

struct consumer *listening_consumer(struct listening *l)
{
	return &l->consumer;
}

/* ---- answers --------------------------------------------------------------------------------- */

struct listening *listening_new(void)
{
	struct listening *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->consumer = (struct consumer){ &listening_class, CONSUMER_PARTIES };
	hash_index_init(&l->by_key, LISTENING_MAX, hash_socket, l);
	hash_index_init(&l->by_where, LISTENING_MAX, hash_place, l);
	hash_index_init(&l->by_netns, LISTENING_MAX, hash_space, l);
	return l;
}

void listening_free(struct listening *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; i < l->place_count; i++)
		histogram_done(&l->places[i].wait);
	hash_index_done(&l->by_key);
	hash_index_done(&l->by_where);
	hash_index_done(&l->by_netns);
	free(l->sockets);
	free(l->places);
	free(l->spaces);
	free(l->drops);
	free(l);
}

uint32_t listening_sockets(const struct listening *l)
{
	return l->socket_count;
}

uint32_t listening_places(const struct listening *l)
{
	return l->place_count;
}

struct listening_socket *listening_socket(struct listening *l, uint32_t n)
{
	return l->sockets[n - 1].key ? &l->sockets[n - 1] : NULL;
}

struct listening_place *listening_place(struct listening *l, uint32_t n)
{
	return &l->places[n - 1];
}

uint64_t listening_left_out(const struct listening *l)
{
	return l->left_out;
}

uint64_t listening_last(const struct listening *l)
{
	return l->last_ns;
}

bool listening_counted(const struct listening *l, uint32_t netns, struct listening_counts *ret_all,
		       struct listening_counts *ret_since)
{
	uint32_t n = find_space(l, netns);
	const struct space *s;

	if (n == NONE)
		return false;
	s = &l->spaces[n - 1];
	if (ret_all)
		*ret_all = s->last;
	if (ret_since)
		*ret_since = (struct listening_counts){
			.overflows = s->last.overflows - s->first.overflows,
			.drops = s->last.drops - s->first.drops,
		};
	return true;
}

uint64_t listening_drops(const struct listening_socket *s)
{
	return (uint32_t)(s->drops - s->drops_before);
}

/*
 * The namespace was counted over a longer time than the socket, so that it has counted all that the
 * socket has: each overflow is a drop as well.
 */
bool listening_overflows(const struct listening *l, const struct listening_socket *s, bool since,
			 uint64_t *ret_overflows)
{
	uint64_t drops = since ? listening_drops(s) : s->drops, found;
	struct listening_counts all, new, *counts = since ? &new : &all;

	if (!s->is_seen || !s->has_drops)
		return false;
	if (!drops) {
		*ret_overflows = 0;
		return true;
	}
	if (!listening_counted(l, l->places[s->place - 1].netns, &all, &new))
		return false;
	if (counts->drops == drops || !counts->overflows)
		found = counts->overflows;
	else if (counts->overflows == counts->drops)
		found = drops;
	else
		return false;
	*ret_overflows = found;
	return true;
}

static int compare_ports(const void *a, const void *b)
{
	return ((const struct listening_port *)a)->lport -
	       ((const struct listening_port *)b)->lport;
}

/* One place after the other, in any order. */
static size_t unite_ports(struct listening_port *ports, size_t count)
{
	size_t kept = 0;

	qsort(ports, count, sizeof(*ports), compare_ports);
	for (size_t i = 1; i < count; i++) {
		if (ports[i].lport != ports[kept].lport) {
			ports[++kept] = ports[i];
			continue;
		}
		ports[kept].queue += ports[i].queue;
		ports[kept].queue_max += ports[i].queue_max;
		ports[kept].drops += ports[i].drops;
	}
	return count ? kept + 1 : 0;
}

size_t listening_ports(const struct listening *l, struct listening_port *ret, size_t max)
{
	struct listening_port *all = calloc(l->place_count + (l->drops ? PORTS : 1), sizeof(*all));
	size_t count = 0;

	for (uint32_t i = 0; all && i < l->place_count; i++) {
		const struct listening_place *p = &l->places[i];

		if (!p->is_bound)
			continue;
		all[count] = (struct listening_port){ .lport = p->lport, .drops = p->drops };
		for (uint32_t n = p->first; n != NONE; n = l->sockets[n - 1].next) {
			all[count].queue += l->sockets[n - 1].queue;
			all[count].queue_max += l->sockets[n - 1].queue_max;
		}
		count++;
	}
	for (uint32_t i = 0; all && l->drops && i < PORTS; i++)
		if (l->drops[i])
			all[count++] = (struct listening_port){ .lport = (uint16_t)i,
								.drops = l->drops[i] };
	count = all ? unite_ports(all, count) : 0;
	if (all)
		memcpy(ret, all, (count < max ? count : max) * sizeof(*ret));
	free(all);
	return count;
}
