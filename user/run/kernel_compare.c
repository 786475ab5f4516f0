// SPDX-License-Identifier: GPL-2.0-only
/* What was counted here less what the kernel has counted meanwhile, in the namespaces in view. */
#include "user/run/kernel_compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/kernel/btf_names.h"
#include "user/run/run.h"

#define BIT(name) (1u << TALLY_##name)
#define ALL ((1u << KERNEL_TALLY_COUNT) - 1)

/* What is told of a connection only when its cause is decided. */
#define TOLD_LATE                                                                              \
	(BIT(AttemptFails) | BIT(EstabResets) | BIT(TCPAbortOnClose) | BIT(TCPAbortOnMemory) | \
	 BIT(TCPAbortOnTimeout))

/* Ours, when the kernel's was read: it was between them. */
struct range {
	int64_t low, high;
};

/* One namespace, or the sum of all, at a time; `gone` is what was different before. */
struct point {
	struct range ours[KERNEL_TALLY_COUNT];
	uint64_t kernel[KERNEL_TALLY_COUNT];
	unsigned int known; /* bits of 1 << enum kernel_tally_id */
};

struct base {
	uint32_t netns;
	uint64_t cookie;
	bool is_here;
	struct point since;
	int64_t last[KERNEL_TALLY_COUNT], moved[KERNEL_TALLY_COUNT];
};

struct kernel_compare {
	struct kernel_tallies *tallies;
	struct base *bases;
	size_t count, room;
	size_t sorted; /* by inode and cookie; behind these are those that came in this look */
	struct point all_since; /* of what is a sum alone */
	int64_t all_last[KERNEL_TALLY_COUNT], all_moved[KERNEL_TALLY_COUNT];
	int64_t all_marked[KERNEL_TALLY_COUNT];
	bool has_sum;
	/* Of namespaces that are gone, as long as they were there. */
	int64_t gone[KERNEL_TALLY_COUNT], gone_moved[KERNEL_TALLY_COUNT];
	struct kernel_compare_moved moved;
	bool knows_strays;	     /* the kernel tells of resets without a socket */
	bool counts_timewaits_early; /* when they begin, as newer kernels do */
	bool has_begun, has_looked_again;
	uint64_t children_lost; /* when it began */
};

static void learn_kernel(struct kernel_compare *c)
{
	struct kernel_names *names = kernel_names_read();

	if (names) {
		c->knows_strays = kernel_names_have(names, "SK_RST_REASON_NO_SOCKET");
		/* One that is to be killed is counted then, and the others when they expire. */
		c->counts_timewaits_early = !kernel_names_have(names, "tw_kill");
	}
	kernel_names_free(names);
}

struct kernel_compare *kernel_compare_new(void)
{
	struct kernel_compare *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->tallies = kernel_tallies_new();
	if (!c->tallies) {
		free(c);
		return NULL;
	}
	learn_kernel(c);
	return c;
}

void kernel_compare_free(struct kernel_compare *c)
{
	if (!c)
		return;
	kernel_tallies_free(c->tallies);
	free(c->bases);
	free(c);
}

struct consumer *kernel_compare_consumer(struct kernel_compare *c)
{
	return kernel_tallies_consumer(c->tallies);
}

const struct kernel_compare_moved *kernel_compare_moved(const struct kernel_compare *c)
{
	return &c->moved;
}

/* ---- what can be compared --------------------------------------------------------------- */

/* Of network namespaces alone it knows the kernel's own counters. */
static bool sees_all(const struct conn_filter *f)
{
	struct conn_filter whole = *f;

	whole.netns.count = 0;
	return conn_filter_wants_all(&whole) && !conn_filter_has_names(f) && !f->cgroup &&
	       f->sample <= 1;
}

static unsigned int comparable(const struct kernel_compare *c, const struct run *run)
{
	static const struct {
		enum hook_family_id family;
		unsigned int needed_by;
	} needs[] = {
		{ HOOK_PASSIVE, BIT(AttemptFails) | BIT(EmbryonicRsts) },
		{ HOOK_RESET, BIT(OutRsts) | BIT(TCPAbortOnClose) | BIT(TCPAbortOnMemory) },
		{ HOOK_RETRANSMIT, BIT(RetransSegs) | BIT(TCPSynRetrans) },
		{ HOOK_TIME_WAIT, BIT(TW) | BIT(TCPTimeWaitOverflow) },
	};
	unsigned int can = ALL;

	if (!run->live || run->options->budget || !sees_all(&run->filter))
		return 0;
	for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++)
		if (!run->source->class->rung(run->source, needs[i].family))
			can &= ~needs[i].needed_by;
	if (run->source->is_polled)
		can &= ~(BIT(TW) | BIT(TCPTimeWaitOverflow));
	if (!c->counts_timewaits_early)
		can &= ~BIT(TW);
	if (!c->knows_strays)
		can &= ~BIT(OutRsts);
	return can;
}

/* ---- points ------------------------------------------------------------------------------ */

static const enum kernel_counter counter_of[KERNEL_TALLY_COUNT] = {
#define X(name, where) [TALLY_##name] = KERNEL_##name,
	KERNEL_TALLIES(X)
#undef X
};

/* The kernel's side of a point. */
static void add_kernel(struct point *p, const struct kernel_counters *k)
{
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++) {
		p->kernel[i] += k->value[counter_of[i]];
		if (!kernel_counters_know(k, counter_of[i]))
			p->known &= ~(1u << i);
	}
	p->kernel[TALLY_TW] += k->value[KERNEL_TWKilled];
	/* Counted as sent again, too, and in no line of ours. */
	p->kernel[TALLY_RetransSegs] -= k->value[KERNEL_TCPRetransFail];
}

static void set_range(struct range *r, int64_t before, int64_t after)
{
	r->low = before < after ? before : after;
	r->high = before < after ? after : before;
}

/* Ours of a namespace; what the kernel has counted of it already, and we have not, is allowed. */
static void add_ours(const struct kernel_compare *c, struct point *p, uint32_t netns)
{
	bool is_left_out;
	const struct kernel_tally *k = kernel_tallies_find(c->tallies, netns, &is_left_out);

	if (is_left_out)
		p->known = 0;
	if (!k)
		return;
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++) {
		set_range(&p->ours[i], k->marked[i], k->now[i]);
		if (TOLD_LATE >> i & 1)
			p->ours[i].high += k->closing;
	}
	p->ours[TALLY_AttemptFails].high += k->closing;
	p->ours[TALLY_ActiveOpens].low -= k->closing;
	p->ours[TALLY_TW].high += k->halfway;
}

/* Ours less the kernel's, from one point to the other. */
static int64_t difference(const struct point *from, const struct point *to, int i,
			  int64_t *ret_moved)
{
	int64_t kernel = (int64_t)(to->kernel[i] - from->kernel[i]);
	int64_t least = to->ours[i].low - from->ours[i].high;
	int64_t most = to->ours[i].high - from->ours[i].low;

	*ret_moved = kernel;
	if (least > kernel)
		return least - kernel;
	return most < kernel ? most - kernel : 0;
}

static bool is_any_off(const struct point *from, const struct point *to, unsigned int which)
{
	int64_t moved;

	for (int i = 0; i < KERNEL_TALLY_COUNT; i++)
		if (which >> i & 1 && difference(from, to, i, &moved))
			return true;
	return false;
}

/* ---- namespaces -------------------------------------------------------------------------- */

static int compare_inodes(const void *a, const void *b)
{
	const struct base *x = a, *y = b;

	return (x->netns > y->netns) - (x->netns < y->netns);
}

static int compare_bases(const void *a, const void *b)
{
	const struct base *x = a, *y = b;
	int by_inode = compare_inodes(a, b);

	return by_inode ? by_inode : (x->cookie > y->cookie) - (x->cookie < y->cookie);
}

static struct base *find_base(const struct kernel_compare *c, const struct counters_reading *r)
{
	const struct base like = { .netns = r->netns, .cookie = r->cookie };

	return c->sorted ? bsearch(&like, c->bases, c->sorted, sizeof(like), compare_bases) : NULL;
}

/* From now on it is compared. */
static void add_base(struct kernel_compare *c, const struct counters_reading *r,
		     const struct point *now)
{
	if (c->count == c->room) {
		size_t room = c->room ? c->room * 2 : 16;
		struct base *grown = reallocarray(c->bases, room, sizeof(*grown));

		if (!grown)
			return;
		c->bases = grown;
		c->room = room;
	}
	c->bases[c->count++] = (struct base){
		.netns = r->netns, .cookie = r->cookie, .is_here = true, .since = *now
	};
}

/* A counter that has gone back is another namespace's. */
static bool has_gone_back(const struct base *b, const struct point *now)
{
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++)
		if (now->kernel[i] < b->since.kernel[i])
			return true;
	return false;
}

/* Returns whether it was known before. */
static bool compare_one(struct kernel_compare *c, const struct counters_reading *r)
{
	struct point now = { .known = ALL };
	struct base *b = find_base(c, r);

	add_kernel(&now, &r->counters);
	add_ours(c, &now, r->netns);
	if (b && has_gone_back(b, &now))
		b = NULL;
	if (!b) {
		add_base(c, r, &now);
		return false;
	}
	b->is_here = true;
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++)
		b->last[i] = difference(&b->since, &now, i, &b->moved[i]);
	b->since.known &= now.known;
	return true;
}

/* What was different while it was there remains. */
static bool forget_gone(struct kernel_compare *c)
{
	size_t kept = 0, before = c->count;

	for (size_t n = 0; n < c->count; n++) {
		for (int i = 0; i < KERNEL_TALLY_COUNT && !c->bases[n].is_here; i++) {
			c->gone[i] += c->bases[n].last[i];
			c->gone_moved[i] += c->bases[n].moved[i];
		}
		if (c->bases[n].is_here)
			c->bases[kept++] = c->bases[n];
	}
	c->count = c->sorted = kept;
	if (kept)
		qsort(c->bases, kept, sizeof(*c->bases), compare_bases);
	return kept != before;
}

static bool has_base(void *context, uint32_t netns)
{
	const struct kernel_compare *c = context;
	const struct base like = { .netns = netns };

	return c->sorted && bsearch(&like, c->bases, c->sorted, sizeof(like), compare_inodes);
}

/* Returns whether they are the same as at the last look. */
static bool compare_each(struct kernel_compare *c, const struct counters_readings *now)
{
	bool are_same = true;

	for (size_t n = 0; n < c->count; n++)
		c->bases[n].is_here = false;
	for (size_t n = 0; n < now->count; n++)
		if (now->list[n].is_known)
			are_same &= compare_one(c, &now->list[n]);
	return !forget_gone(c) && are_same;
}

/* ---- the sum of all ---------------------------------------------------------------------- */

static void compare_sum(struct kernel_compare *c, const struct counters_readings *readings,
			const struct conn_counts *counts, bool are_same)
{
	struct point now = { .known = ALL };
	int64_t after[KERNEL_TALLY_COUNT];

	for (size_t n = 0; n < readings->count; n++)
		add_kernel(&now, &readings->list[n].counters);
	kernel_tallies_sum(counts, after);
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++)
		set_range(&now.ours[i], c->all_marked[i], after[i]);
	for (int i = 0; i < KERNEL_TALLY_COUNT && c->has_sum && are_same; i++)
		c->all_last[i] = difference(&c->all_since, &now, i, &c->all_moved[i]);
	if (c->has_sum && are_same)
		return;
	/* Others are summed up from now on: what was different so far remains. */
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++) {
		c->gone[i] += kernel_tally_sums() >> i & 1 ? c->all_last[i] : 0;
		c->gone_moved[i] += kernel_tally_sums() >> i & 1 ? c->all_moved[i] : 0;
		c->all_last[i] = c->all_moved[i] = 0;
	}
	c->all_since = now;
	c->has_sum = readings->is_complete;
}

/* ---- looks ------------------------------------------------------------------------------- */

static void tell(struct kernel_compare *c, unsigned int can, struct metrics_difference *ret)
{
	unsigned int sums = kernel_tally_sums(), known = ALL & ~sums;

	memcpy(ret->by, c->gone, sizeof(ret->by));
	memcpy(c->moved.kernel, c->gone_moved, sizeof(c->gone_moved));
	c->moved.namespaces = c->count;
	for (size_t n = 0; n < c->count; n++) {
		known &= c->bases[n].since.known;
		for (int i = 0; i < KERNEL_TALLY_COUNT; i++)
			if (!(sums >> i & 1)) {
				ret->by[i] += c->bases[n].last[i];
				c->moved.kernel[i] += c->bases[n].moved[i];
			}
	}
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++)
		if (sums >> i & 1) {
			ret->by[i] += c->all_last[i];
			c->moved.kernel[i] += c->all_moved[i];
		}
	if (c->has_sum)
		known |= sums & c->all_since.known;
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++)
		ret->is_known[i] = c->has_looked_again && c->count && known & can & 1u << i;
}

/* Children that died before they were connections are counted apart, of all namespaces together. */
static void allow_children(const struct kernel_compare *c, const struct conn_counts *counts,
			   struct metrics_difference *ret)
{
	int64_t lost = (int64_t)(counts->children_lost - c->children_lost);
	int64_t *by = &ret->by[TALLY_PassiveOpens];

	if (*by < 0)
		*by = *by + lost < 0 ? *by + lost : 0;
}

/* Whether nothing has moved while the kernel was read, nor differs: then that is all there is. */
static bool agrees(const struct kernel_compare *c, const struct counters_readings *readings,
		   unsigned int can)
{
	struct point all = { .known = ALL };
	size_t known = 0;

	for (size_t n = 0; n < readings->count; n++) {
		const struct counters_reading *r = &readings->list[n];
		const struct base *b = find_base(c, r);
		struct point now = { .known = ALL };

		add_kernel(&all, &r->counters);
		add_kernel(&now, &r->counters);
		add_ours(c, &now, r->netns);
		if (!b || !r->is_known || is_any_off(&b->since, &now, can & ~kernel_tally_sums()))
			return false;
		known++;
	}
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++)
		set_range(&all.ours[i], c->all_marked[i], c->all_marked[i]);
	return known == c->count && c->has_sum &&
	       !is_any_off(&c->all_since, &all, can & kernel_tally_sums());
}

static void catch_up(struct run *run)
{
	run_catch_up(run);
	conn_table_tell_steps(run->table);
}

void kernel_compare_look(struct kernel_compare *c, struct run *run, struct metrics_difference *ret,
			 struct counters_readings *ret_now)
{
	unsigned int can = comparable(c, run);
	const struct conn_counts *counts;
	bool are_same;

	*ret = (struct metrics_difference){ .by = { 0 } };
	*ret_now = (struct counters_readings){ .list = NULL };
	catch_up(run);
	if (!can)
		return;
	counts = conn_table_counts(run->table);
	c->has_looked_again = c->has_begun;
	if (!c->has_begun)
		c->children_lost = counts->children_lost;
	c->has_begun = true;
	kernel_tallies_mark(c->tallies);
	kernel_tallies_sum(counts, c->all_marked);
	counters_read(&run->filter.netns, run->broker, ret_now);
	if (!agrees(c, ret_now, can)) {
		catch_up(run);
		kernel_tallies_look(c->tallies, run->table);
	}
	are_same = compare_each(c, ret_now);
	kernel_tallies_keep(c->tallies, has_base, c);
	compare_sum(c, ret_now, counts, are_same);
	tell(c, can, ret);
	allow_children(c, counts, ret);
}
