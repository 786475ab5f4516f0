// SPDX-License-Identifier: GPL-2.0-only
/* How full the range of ports is from which connects to each destination take theirs. */
#include "user/aggregate/ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/ports_phrase.h"
#include "user/base/sentence.h"
#include "user/base/text.h"
#include "user/base/units.h"

#define TIME_WAIT_NS (60 * NS_PER_S) /* TCP_TIMEWAIT_LEN of include/net/tcp.h */
#define REUSE_NS (1 * NS_PER_S)	     /* a TIME_WAIT that is older may be taken over */
#define RANGES_MAX 65536
#define FIRST_ROOM 256

/* One end of a connection, or who listens at a port. */
struct end {
	uint64_t inode, left_ns, mono_ns;
	struct address laddr, raddr;
	uint32_t netns, destination, ifindex;
	uint16_t lport, rport, ifname;
	uint8_t state;	  /* enum tcp_state */
	bool is_minisock; /* a TIME_WAIT, or a FIN_WAIT2 that nobody holds */
};

struct holding {
	const struct holder *holder;
	uint32_t destination, pid;
};

struct ports {
	struct end *ends;
	struct ports_range *ranges;
	struct ports_destination *all;
	uint64_t *inodes;
	struct holding *holdings;
	size_t end_count, end_room, range_count, range_room, count, inode_count;
	size_t holding_count, holding_room;
	uint64_t left_out;
	bool is_sorted;
};

struct ports *ports_new(void)
{
	return calloc(1, sizeof(struct ports));
}

void ports_free(struct ports *p)
{
	if (!p)
		return;
	free(p->ends);
	free(p->ranges);
	free(p->all);
	free(p->inodes);
	free(p->holdings);
	free(p);
}

/* Room for one more, or NULL: it is left out. */
static void *grow(struct ports *p, void *all, size_t count, size_t *room, size_t size, size_t max)
{
	size_t wanted = *room ? *room * 2 : FIRST_ROOM;
	void *grown = *(void **)all;

	if (count == *room) {
		grown = count < max ? reallocarray(*(void **)all, wanted, size) : NULL;
		if (!grown) {
			p->left_out++;
			return NULL;
		}
		*(void **)all = grown;
		*room = wanted;
	}
	return (char *)grown + count * size;
}

void ports_see(struct ports *p, const struct socket_info *info)
{
	struct end *end;

	/* A request is a server's. */
	if (!info->lport || info->object == EVENT_SOCKET_REQUEST)
		return;
	end = grow(p, &p->ends, p->end_count, &p->end_room, sizeof(*end), PORTS_SOCKETS_MAX);
	if (!end)
		return;
	*end = (struct end){
		.inode = info->inode,
		.mono_ns = info->mono_ns,
		.left_ns = info->timer_ns,
		.laddr = info->laddr,
		.raddr = info->raddr,
		.netns = info->netns,
		.lport = info->lport,
		.rport = info->rport,
		.ifindex = info->ifindex,
		.ifname = info->ifname,
		.state = info->state,
		.is_minisock = info->object == EVENT_SOCKET_TIMEWAIT,
	};
	p->end_count++;
}

void ports_set_range(struct ports *p, const struct ports_range *range)
{
	struct ports_range *r =
		grow(p, &p->ranges, p->range_count, &p->range_room, sizeof(*r), RANGES_MAX);

	if (!r)
		return;
	*r = *range;
	p->range_count++;
}

/* ---- counting -------------------------------------------------------------------------------- */

static int compare_ranges(const void *a, const void *b)
{
	uint32_t x = ((const struct ports_range *)a)->netns;
	uint32_t y = ((const struct ports_range *)b)->netns;

	return (x > y) - (x < y);
}

static const struct ports_range *range_of(const struct ports *p, uint32_t netns)
{
	const struct ports_range key = { .netns = netns };

	if (!p->range_count)
		return NULL;
	return bsearch(&key, p->ranges, p->range_count, sizeof(key), compare_ranges);
}

/* By port, in each namespace; who listens there comes first. */
static int compare_places(const void *a, const void *b)
{
	const struct end *x = a, *y = b;

	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	if (x->lport != y->lport)
		return x->lport < y->lport ? -1 : 1;
	return (y->state == STATE_LISTEN) - (x->state == STATE_LISTEN);
}

static int compare_destinations(const void *a, const void *b)
{
	const struct end *x = a, *y = b;
	int order;

	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	if (x->rport != y->rport)
		return x->rport < y->rport ? -1 : 1;
	if (x->ifindex != y->ifindex)
		return x->ifindex < y->ifindex ? -1 : 1;
	order = memcmp(&x->raddr, &y->raddr, sizeof(x->raddr));
	return order ? order : memcmp(&x->laddr, &y->laddr, sizeof(x->laddr));
}

/* Without a range, all ports may be in it. */
static bool is_in_range(const struct ports_range *range, uint16_t port)
{
	return !range || !range->usable || (port >= range->low && port <= range->high);
}

/* Keeps those that are clients' ends. */
static void keep_clients(struct ports *p)
{
	bool has_listener = false;
	size_t kept = 0;

	qsort(p->ends, p->end_count, sizeof(*p->ends), compare_places);
	for (size_t i = 0; i < p->end_count; i++) {
		const struct end *end = &p->ends[i];

		if (!i || end->netns != p->ends[i - 1].netns || end->lport != p->ends[i - 1].lport)
			has_listener = end->state == STATE_LISTEN;
		if (!has_listener && is_in_range(range_of(p, end->netns), end->lport))
			p->ends[kept++] = *end;
	}
	p->end_count = kept;
}

static bool is_loopback(const struct address *a)
{
	static const struct address ipv6 = { .byte = { [ADDRESS_SIZE - 1] = 1 } };

	return address_is_ipv4(a) ? a->byte[ADDRESS_SIZE - 4] == 127 :
				    !memcmp(a, &ipv6, sizeof(ipv6));
}

/* How long until somebody may have its port. */
static uint64_t free_in(const struct ports_destination *d, const struct end *end)
{
	bool reuses = d->range.reuse == 1 ||
		      (d->range.reuse == 2 && is_loopback(&d->raddr) && is_loopback(&d->laddr));
	uint64_t age_ns;

	if (!reuses || end->left_ns > TIME_WAIT_NS)
		return end->left_ns;
	age_ns = TIME_WAIT_NS - end->left_ns;
	return age_ns < REUSE_NS ? REUSE_NS - age_ns : 0;
}

static void add_end(struct ports_destination *d, const struct end *end)
{
	uint64_t ns;

	if (end->mono_ns > d->mono_ns)
		d->mono_ns = end->mono_ns;
	if (end->state == STATE_SYN_SENT) {
		d->connecting++;
		return;
	}
	if (end->state == STATE_TIME_WAIT)
		d->time_wait++;
	else
		d->open++;
	if (!end->is_minisock)
		return;
	/* A FIN_WAIT2 ends by its timer, and is not taken over (since Linux 6.12). */
	ns = end->state == STATE_TIME_WAIT ? free_in(d, end) : end->left_ns;
	if (ns < d->next_free_ns)
		d->next_free_ns = ns;
}

static void begin_destination(const struct ports *p, struct ports_destination *d,
			      const struct end *end)
{
	const struct ports_range *range = range_of(p, end->netns);

	*d = (struct ports_destination){
		.netns = end->netns,
		.laddr = end->laddr,
		.raddr = end->raddr,
		.rport = end->rport,
		.ifindex = end->ifindex,
		.ifname = end->ifname,
		.next_free_ns = UINT64_MAX,
	};
	if (range)
		d->range = *range;
}

static int compare_inodes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int compare_ends(const void *a, const void *b)
{
	return compare_inodes(&((const struct end *)a)->inode, &((const struct end *)b)->inode);
}

int ports_count(struct ports *p)
{
	if (p->range_count)
		qsort(p->ranges, p->range_count, sizeof(*p->ranges), compare_ranges);
	if (p->end_count)
		keep_clients(p);
	p->all = calloc(p->end_count + 1, sizeof(*p->all));
	p->inodes = calloc(p->end_count + 1, sizeof(*p->inodes));
	if (!p->all || !p->inodes)
		return -ENOMEM;
	if (p->end_count)
		qsort(p->ends, p->end_count, sizeof(*p->ends), compare_destinations);
	for (size_t i = 0; i < p->end_count; i++) {
		if (!i || compare_destinations(&p->ends[i], &p->ends[i - 1]))
			begin_destination(p, &p->all[p->count++], &p->ends[i]);
		add_end(&p->all[p->count - 1], &p->ends[i]);
		p->ends[i].destination = p->count - 1;
	}
	if (p->end_count)
		qsort(p->ends, p->end_count, sizeof(*p->ends), compare_ends);
	for (size_t i = 0; i < p->end_count; i++)
		if (p->ends[i].inode && (!i || p->ends[i].inode != p->ends[i - 1].inode))
			p->inodes[p->inode_count++] = p->ends[i].inode;
	return 0;
}

/* ---- users ----------------------------------------------------------------------------------- */

const uint64_t *ports_inodes(const struct ports *p, size_t *ret_count)
{
	*ret_count = p->inode_count;
	return p->inodes;
}

void ports_held(struct ports *p, const struct holder *holder)
{
	const struct end key = { .inode = holder->inode };
	const struct end *end =
		p->end_count ? bsearch(&key, p->ends, p->end_count, sizeof(key), compare_ends) :
			       NULL;
	struct holding *h;

	if (!end || !holder->inode)
		return;
	h = grow(p, &p->holdings, p->holding_count, &p->holding_room, sizeof(*h),
		 PORTS_SOCKETS_MAX);
	if (!h)
		return;
	*h = (struct holding){ holder, end->destination, holder->pid };
	p->holding_count++;
}

static int compare_holdings(const void *a, const void *b)
{
	const struct holding *x = a, *y = b;

	if (x->destination != y->destination)
		return x->destination < y->destination ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Among those who have most; whoever falls out is one more. */
static void rank(struct ports_destination *d, struct ports_user user)
{
	for (size_t i = 0; i < PORTS_USERS; i++)
		if (user.count > d->users[i].count) {
			struct ports_user other = d->users[i];

			d->users[i] = user;
			user = other;
		}
	d->users_more += user.count > 0;
}

static void count_users(struct ports *p)
{
	const struct holding *h = p->holdings;
	struct ports_user user;

	if (p->holding_count)
		qsort(p->holdings, p->holding_count, sizeof(*p->holdings), compare_holdings);
	for (size_t i = 0, first = 0; i < p->holding_count; i++) {
		if (i + 1 < p->holding_count && !compare_holdings(&h[i], &h[i + 1]))
			continue;
		user = (struct ports_user){ .pid = h[i].pid, .count = (uint32_t)(i + 1 - first) };
		memcpy(user.comm, h[i].holder->comm, sizeof(user.comm));
		rank(&p->all[h[i].destination], user);
		first = i + 1;
	}
	p->holding_count = 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

uint32_t ports_used(const struct ports_destination *d)
{
	return d->connecting + d->open + d->time_wait;
}

double ports_ratio(const struct ports_destination *d)
{
	return d->range.usable ? (double)ports_used(d) / d->range.usable : -1;
}

static int compare_fullness(const void *a, const void *b)
{
	const struct ports_destination *x = a, *y = b;
	double p = ports_ratio(x), q = ports_ratio(y);

	if (p != q)
		return p > q ? -1 : 1;
	if (ports_used(x) != ports_used(y))
		return ports_used(x) > ports_used(y) ? -1 : 1;
	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	if (x->rport != y->rport)
		return x->rport < y->rport ? -1 : 1;
	if (x->ifindex != y->ifindex)
		return x->ifindex < y->ifindex ? -1 : 1;
	return memcmp(&x->raddr, &y->raddr, sizeof(x->raddr));
}

const struct ports_destination *ports_all(struct ports *p, size_t *ret_count)
{
	/* Who holds what is known by places that sorting changes. */
	if (!p->is_sorted) {
		count_users(p);
		if (p->count)
			qsort(p->all, p->count, sizeof(*p->all), compare_fullness);
	}
	p->is_sorted = true;
	*ret_count = p->count;
	return p->all;
}

double ports_worst(struct ports *p)
{
	size_t count;
	const struct ports_destination *all = ports_all(p, &count);

	return count ? ports_ratio(all) : -1;
}

uint64_t ports_left_out(const struct ports *p)
{
	return p->left_out;
}

/* A piece, and what its holes are filled with: .n = 3. */
#define SAY(out, language, NAME, ...)                                     \
	sentence_add(out, ports_phrase_text(PORTS_SAYS_##NAME, language), \
		     &(struct sentence_words){ __VA_ARGS__ })

void ports_say(const struct ports_destination *d, enum ladder_language language, struct buffer *out)
{
	uint32_t used = ports_used(d);
	char text[TEXT_DURATION_SIZE];

	if (ports_ratio(d) < PORTS_NEARLY)
		return;
	if (used >= d->range.usable)
		SAY(out, language, ALL_TAKEN, .n = d->range.usable);
	else
		SAY(out, language, TAKEN, .n = used, .m = d->range.usable);
	SAY(out, language, STATES, .n = d->connecting, .m = d->open, .k = d->time_wait);
	if (d->next_free_ns == UINT64_MAX)
		SAY(out, language, FREE_BY_CLOSE);
	else if (d->next_free_ns)
		SAY(out, language, FREE_IN, .w = text_duration(d->next_free_ns, text));
	else
		SAY(out, language, USED_AGAIN);
	SAY(out, language, STOP);
}
