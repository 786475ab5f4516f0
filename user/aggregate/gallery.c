// SPDX-License-Identifier: GPL-2.0-only
/* Keeps the stories of a few connections, with the other end where that was followed as well. */
#include "user/aggregate/gallery.h"

#include <stdlib.h>

#include "user/aggregate/measure.h"
#include "user/aggregate/two_ends.h"
#include "user/conn/story.h"

#define STORIES_MAX 65536
/* A search for the other end looks at all stories: of so many connections it is made. */
#define SEARCHES_MAX 256
#define WATCHED 256

struct picture {
	struct story subject, other;
	bool is_taken, has_other;
	uint64_t rank;
};

struct gallery {
	struct consumer consumer;
	struct story_book *book;
	unsigned int searches;
	/* Pictures of connections with these ports: most events are about none of them. */
	uint8_t watched[WATCHED];
	uint64_t failed[CONN_CAUSE_COUNT];
	struct picture pictures[GALLERY_SLOTS];
	struct story moved; /* the other end of the last ladder, on the clock of this one */
};

static const struct consumer_class gallery_class;

struct gallery *gallery_new(size_t max)
{
	struct gallery *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->consumer.class = &gallery_class;
	g->consumer.wants = CONSUMER_SEQUENCES | CONSUMER_RETRANSMITS | CONSUMER_TIMEWAITS;
	g->book = story_book_new(max < STORIES_MAX ? max : STORIES_MAX);
	if (g->book)
		return g;
	free(g);
	return NULL;
}

void gallery_free(struct gallery *g)
{
	if (!g)
		return;
	story_book_free(g->book);
	free(g);
}

/* The same at both ends. */
static uint8_t *watch_of(struct gallery *g, const struct conn *c)
{
	return &g->watched[(c->lport ^ c->rport) % WATCHED];
}

/* A translator between them may have changed the ports. */
static void set_other(struct gallery *g, struct picture *p, const struct story *other)
{
	if (p->has_other)
		--*watch_of(g, &p->other.conn);
	p->has_other = other;
	if (!other)
		return;
	p->other = *other;
	++*watch_of(g, &other->conn);
}

static void find_other(struct gallery *g, struct picture *p)
{
	set_other(g, p, NULL);
	if (story_is_both_ends(&p->subject) || g->searches >= SEARCHES_MAX)
		return;
	g->searches++;
	set_other(g, p, story_book_find_other_end(g->book, &p->subject));
}

static void take(struct gallery *g, struct picture *p, const struct story *story, uint64_t rank)
{
	bool is_new = !p->is_taken || p->subject.conn.id != story->conn.id;

	if (p->is_taken)
		--*watch_of(g, &p->subject.conn);
	p->subject = *story;
	p->is_taken = true;
	p->rank = rank;
	++*watch_of(g, &story->conn);
	if (is_new)
		find_other(g, p);
}

/* The longest stay in a state; one that lasts is as long as it is now. */
static uint64_t stay(const struct conn *c, enum tcp_state state, uint64_t now_ns)
{
	uint64_t most = 0;

	for (unsigned int i = 0; i < c->step_count; i++) {
		uint64_t ns = TIME_UNKNOWN;

		if (c->step_state[i] != state)
			continue;
		if (i + 1u < c->step_count)
			ns = conn_dwell(c, i);
		else if (now_ns)
			ns = conn_between(conn_step_time(c, i), now_ns);
		if (ns != TIME_UNKNOWN && ns > most)
			most = ns;
	}
	return most;
}

static uint64_t known(uint64_t ns)
{
	return ns == TIME_UNKNOWN ? 0 : ns;
}

static uint64_t rank_of(enum gallery_slot slot, const struct conn *c, uint64_t now_ns)
{
	switch (slot) {
	case GALLERY_SLOWEST_CLIENT:
		return c->role == CONN_ROLE_CLIENT ? known(measure_handshake(c)) : 0;
	case GALLERY_SLOWEST_SERVER:
		return c->role == CONN_ROLE_SERVER && c->handshake_quality == CONN_QUALITY_EXACT ?
			       known(measure_handshake(c)) :
			       0;
	case GALLERY_LONGEST_LIFE:
		return now_ns ? known(conn_between(conn_start(c), now_ns)) : known(measure_life(c));
	case GALLERY_LONGEST_CLOSE_WAIT:
		return stay(c, STATE_CLOSE_WAIT, now_ns);
	case GALLERY_LONGEST_FIN_WAIT2:
		return stay(c, STATE_FIN_WAIT2, now_ns);
	case GALLERY_LONGEST_FIN_WAIT1:
		return stay(c, STATE_FIN_WAIT1, now_ns);
	case GALLERY_LONGEST_LAST_ACK:
		return stay(c, STATE_LAST_ACK, now_ns);
	case GALLERY_LONGEST_ACCEPT_WAIT:
		return known(conn_accept_wait(c));
	default:
		return 0;
	}
}

static void compare(struct gallery *g, const struct story *story, uint64_t now_ns)
{
	for (unsigned int slot = 0; slot < GALLERY_RECORD_COUNT; slot++) {
		uint64_t rank = rank_of(slot, &story->conn, now_ns);

		if (rank > g->pictures[slot].rank)
			take(g, &g->pictures[slot], story, rank);
	}
}

/* The first of each cause, or a later one of which both ends are known. */
static void add_failure(struct gallery *g, const struct story *story)
{
	struct picture *p = &g->pictures[GALLERY_CAUSES + story->conn.cause % CONN_CAUSE_COUNT];
	struct picture former;

	g->failed[story->conn.cause % CONN_CAUSE_COUNT]++;
	if (p->is_taken && (p->has_other || g->searches >= SEARCHES_MAX / 2))
		return;
	former = *p;
	take(g, p, story, 0);
	if (!former.is_taken || p->has_other)
		return;
	--*watch_of(g, &p->subject.conn);
	*p = former;
	++*watch_of(g, &p->subject.conn);
}

/* What becomes of those that are taken already. */
static void follow(struct gallery *g, const struct story *story)
{
	if (!*watch_of(g, &story->conn))
		return;
	for (struct picture *p = g->pictures; p < g->pictures + GALLERY_SLOTS; p++) {
		if (!p->is_taken)
			continue;
		if (p->subject.conn.id == story->conn.id) {
			p->subject = *story;
		} else if (p->has_other ? p->other.conn.id == story->conn.id :
					  story_is_other_end(&p->subject, story)) {
			set_other(g, p, story);
		}
	}
}

static void on_applied(struct consumer *self, const struct conn *c, const struct event *event)
{
	struct gallery *g = (struct gallery *)self;
	struct story *story = story_book_open(g->book, c);

	if (!story)
		return;
	story_add(story, c, event);
	follow(g, story);
}

/* One that was forgotten, or never had an event, is told of without its numbers. */
static const struct story *story_of(struct gallery *g, const struct conn *c, struct story *bare)
{
	struct story *story = story_book_find(g->book, c->id);

	if (story) {
		story->conn = *c;
		return story;
	}
	story_begin(bare, c);
	return bare;
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct gallery *g = (struct gallery *)self;
	struct story bare;
	const struct story *story = story_of(g, c, &bare);

	follow(g, story);
	compare(g, story, 0);
	if (conn_has_failed(c))
		add_failure(g, story);
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	struct gallery *g = (struct gallery *)self;
	struct story *story = story_book_find(g->book, c->id);

	if (!story)
		return;
	story->conn = *c;
	follow(g, story);
}

static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	struct gallery *g = (struct gallery *)self;
	struct story bare;

	if (!(c->flags & CONN_CLOSE_TOLD))
		compare(g, story_of(g, c, &bare), now_ns);
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct story story;
	struct conn c;

	half_open_as_conn(h, &c);
	story_begin(&story, &c);
	add_failure((struct gallery *)self, &story);
}

static const struct consumer_class gallery_class = {
	.applied = on_applied,
	.closed = on_closed,
	.gone = on_gone,
	.alive = on_alive,
	.half_open = on_half_open,
};

struct consumer *gallery_consumer(struct gallery *g)
{
	return &g->consumer;
}

bool gallery_ladder(struct gallery *g, unsigned int slot, const struct clock_pairs *clocks,
		    struct ladder *ret_ladder, uint64_t *ret_ns)
{
	const struct picture *p = &g->pictures[slot];

	if (slot >= GALLERY_SLOTS || !p->is_taken)
		return false;
	g->moved = p->other;
	two_ends_ladder(ret_ladder, &p->subject, p->has_other ? &g->moved : NULL, clocks);
	*ret_ns = p->rank;
	return true;
}

uint64_t gallery_failed(const struct gallery *g, enum conn_cause cause)
{
	return (unsigned int)cause < CONN_CAUSE_COUNT ? g->failed[cause] : 0;
}

const struct payers *gallery_payers(const struct gallery *g)
{
	return story_book_payers(g->book);
}
