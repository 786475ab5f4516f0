// SPDX-License-Identifier: GPL-2.0-only
/* Fills the connection table with live connections, and times events that come for all of them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/events.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/conn/table.h"
#include "user/option/options.h"

/*
 * In each turn ENDING connections, anywhere in the table, end in three transitions and a last word
 * of their socket, and as many new ones begin in two. The same step of all comes before the next
 * step of any, so that no event finds in the cache what the one before it has fetched. Making up
 * the events is not in the time.
 */
#define ENDING 256
#define EVENTS_OF_A_LIFE 6
#define BATCH (ENDING * EVENTS_OF_A_LIFE)
#define STEP_US 1

struct scale {
	struct conn_table *table;
	struct sock *socks; /* of those that are alive */
	size_t live;
	uint64_t *spare; /* addresses of sockets that were freed */
	uint64_t seed, now_us;
	uint64_t ns, events;
};

static void die(const char *what)
{
	fprintf(stderr, "scale: %s\n", what);
	exit(1);
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static uint64_t resident_bytes(void)
{
	unsigned long long all, resident;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || fscanf(file, "%llu %llu", &all, &resident) != 2)
		die("/proc/self/statm cannot be read");
	fclose(file);
	return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* A slab of struct tcp_sock: ENDING addresses more than are alive. */
static uint64_t address_of(size_t i)
{
	return UINT64_C(0xffff888000000000) + i * UINT64_C(2304);
}

static uint64_t random_number(struct scale *s)
{
	s->seed ^= s->seed << 13;
	s->seed ^= s->seed >> 7;
	s->seed ^= s->seed << 17;
	return s->seed;
}

static void apply(struct scale *s, const struct event *e)
{
	if (conn_table_apply(s->table, e))
		die("no memory");
}

static struct event last_word(const struct sock *k, uint64_t us)
{
	return (struct event){ .mono_ns = us * US,
			       .sock = k->address,
			       .netns = k->netns,
			       .kind = EVENT_DESTROY,
			       .from = STATE_CLOSED,
			       .to = STATE_CLOSED };
}

static void fill(struct scale *s)
{
	for (size_t i = 0; i < s->live + ENDING; i++) {
		struct event e;

		if (i >= s->live) {
			s->spare[i - s->live] = address_of(i);
			continue;
		}
		s->socks[i] = sock_client(address_of(i));
		e = sock_step(&s->socks[i], s->now_us += STEP_US, STATE_SYN_SENT);
		apply(s, &e);
		e = sock_step(&s->socks[i], s->now_us += STEP_US, STATE_ESTABLISHED);
		apply(s, &e);
	}
}

/* The next step of each connection: one after the other in `chosen`. */
static struct event *step_all(struct scale *s, const size_t *chosen, enum tcp_state to,
			      struct event *at)
{
	for (size_t i = 0; i < ENDING; i++) {
		struct sock *k = &s->socks[chosen[i]];

		*at++ = to == STATE_CLOSED ? sock_close(k, s->now_us += STEP_US) :
					     sock_step(k, s->now_us += STEP_US, to);
	}
	return at;
}

/* Each once: a step that has no factor in common with their number, from anywhere. */
static void choose(struct scale *s, size_t *chosen)
{
	size_t first = random_number(s) % s->live;

	for (size_t i = 0; i < ENDING; i++)
		chosen[i] = (first + i * 7919) % s->live;
}

static void make_batch(struct scale *s, struct event *events)
{
	static const enum tcp_state end[] = { STATE_CLOSE_WAIT, STATE_LAST_ACK, STATE_CLOSED };
	static const enum tcp_state begin[] = { STATE_SYN_SENT, STATE_ESTABLISHED };
	struct event *at = events;
	size_t chosen[ENDING];

	choose(s, chosen);
	for (size_t i = 0; i < sizeof(end) / sizeof(*end); i++)
		at = step_all(s, chosen, end[i], at);
	for (size_t i = 0; i < ENDING; i++) {
		struct sock *k = &s->socks[chosen[i]];
		uint64_t freed = k->address;

		*at++ = last_word(k, s->now_us += STEP_US);
		*k = sock_client(s->spare[i]);
		s->spare[i] = freed;
	}
	for (size_t i = 0; i < sizeof(begin) / sizeof(*begin); i++)
		at = step_all(s, chosen, begin[i], at);
}

static void turn(struct scale *s, struct event *events)
{
	uint64_t begin_ns;

	make_batch(s, events);
	begin_ns = cpu_ns();
	for (size_t i = 0; i < BATCH; i++)
		apply(s, &events[i]);
	conn_table_settle(s->table, s->now_us * US);
	s->ns += cpu_ns() - begin_ns;
	s->events += BATCH;
}

static void check(const struct scale *s)
{
	const struct conn_counts *n = conn_table_counts(s->table);

	if (n->live != s->live || n->gaps || n->evicted || n->incomplete)
		die("the table is not as full as it should be");
}

/* Prints: live connections, ns for each event, bytes of each in the table and resident, probes. */
int main(int argc, char **argv)
{
	static const struct conn_filter all;
	struct scale s = { .seed = 88172645463325252 };
	static struct event events[BATCH];
	struct hash_probes probes;
	uint64_t live, turns, before, resident;

	if (argc != 3 || text_parse_u64(argv[1], &live) || text_parse_u64(argv[2], &turns) ||
	    live < ENDING || live > OPTIONS_MAX_CONNECTIONS || live % 7919 == 0 || !turns) {
		fprintf(stderr, "usage: scale LIVE EVENTS\n");
		return 2;
	}
	turns = turns / BATCH + 1;
	s.live = live;
	s.socks = calloc(live, sizeof(*s.socks));
	s.spare = calloc(ENDING, sizeof(*s.spare));
	if (!s.socks || !s.spare)
		die("no memory");
	for (size_t i = 0; i < live; i++)
		s.socks[i] = (struct sock){ .address = address_of(i) };
	memset(events, 1, sizeof(events)); /* pages that are not the table's */
	before = resident_bytes();
	s.table = conn_table_new(OPTIONS_MAX_CONNECTIONS, &all, NULL);
	if (!s.table)
		die("no memory");
	fill(&s);
	for (uint64_t i = 0; i < turns; i++)
		turn(&s, events);
	check(&s);
	resident = resident_bytes() - before;
	probes = conn_table_probes(s.table);
	printf("%llu %.2f %.1f %.1f %.3f %llu\n", (unsigned long long)live,
	       (double)s.ns / (double)s.events, (double)conn_table_bytes(s.table) / (double)live,
	       (double)resident / (double)live, (double)probes.sum / (double)live,
	       (unsigned long long)probes.most);
	conn_table_free(s.table);
	free(s.socks);
	free(s.spare);
	return 0;
}
