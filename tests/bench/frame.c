// SPDX-License-Identifier: GPL-2.0-only
/* Draws each screen of `top` over a table full of live connections, and times whole frames. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/events.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/command/top/board.h"
#include "user/option/options.h"

/*
 * A frame is all that is done between two looks at the screen: the table is walked, rows are
 * chosen, and the cells are drawn. There is no terminal: to paint 160 x 50 cells takes the same
 * time whatever is in the table.
 */
#define COLUMNS 160
#define ROWS 50
#define OPENING 64     /* one in so many waits for its handshake ... */
#define CLOSE_WAITS 16 /* ... and one in so many for its owner to close it */
#define STEP_US 1

static uint64_t now_us = 1000000;

static void die(const char *what)
{
	fprintf(stderr, "frame: %s\n", what);
	exit(1);
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* ---- a source that has told of all ---------------------------------------------------------- */

static void events(const struct source *source, struct event_counters *ret_events)
{
	(void)source;
	memset(ret_events, 0, sizeof(*ret_events));
}

static const char *rung(const struct source *source, enum hook_family_id family)
{
	(void)source;
	(void)family;
	return "tp_btf";
}

static uint64_t now(const struct source *source)
{
	(void)source;
	return now_us * US;
}

static bool has_lost(const struct source *source)
{
	(void)source;
	return false;
}

static const struct source_class full_class = {
	.name = "full",
	.events = events,
	.rung = rung,
	.now = now,
	.has_lost = has_lost,
};

/* ---- the table ------------------------------------------------------------------------------ */

static void step(struct conn_table *table, struct sock *s, uint64_t i, enum tcp_state to)
{
	static const char *const names[] = { "nginx", "curl", "postgres", "java",
					     "envoy", "node", "python3",  "sshd" };
	struct event e = sock_step(s, now_us += STEP_US, to);

	if (to == STATE_SYN_SENT) {
		memset(e.comm, 0, sizeof(e.comm));
		memcpy(e.comm, names[i % 8], strlen(names[i % 8]));
		memcpy(e.process, e.comm, sizeof(e.process));
	}
	e.lport = (uint16_t)(1024 + i % 64000);
	e.raddr = address_from_ipv4(
		(const uint8_t[4]){ 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i });
	if (conn_table_apply(table, &e))
		die("no memory");
}

static void fill(struct conn_table *table, uint64_t live)
{
	for (uint64_t i = 0; i < live; i++) {
		struct sock s = sock_client(UINT64_C(0xffff888000000000) + i * 2304);

		step(table, &s, i, STATE_SYN_SENT);
		if (i % OPENING == 0)
			continue;
		step(table, &s, i, STATE_ESTABLISHED);
		if (i % CLOSE_WAITS == 0)
			step(table, &s, i, STATE_CLOSE_WAIT);
	}
	if (conn_table_counts(table)->live != live)
		die("the table is not as full as it should be");
}

/* ---- frames --------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

/* The frame in the middle of so many. */
static uint64_t median_ns(struct board *board, size_t count)
{
	uint64_t *took_ns = calloc(count, sizeof(*took_ns)), median;

	if (!took_ns)
		die("no memory");
	for (size_t i = 0; i < count; i++) {
		uint64_t begin_ns = cpu_ns();

		if (board_draw(board, COLUMNS, ROWS, false))
			die("a screen cannot be drawn");
		took_ns[i] = cpu_ns() - begin_ns;
		now_us += 1000000;
		board_sample(board, now_us * US);
	}
	qsort(took_ns, count, sizeof(*took_ns), by_size);
	median = took_ns[count / 2];
	free(took_ns);
	return median;
}

static void time_screen(struct board *board, enum view_screen screen, const char *filter,
			size_t frames)
{
	board->view.screen = screen;
	snprintf(board->view.typed, sizeof(board->view.typed), "%s", filter);
	board_grant(board, KEYS_FILTER_TYPED);
	printf("%d %llu %s\n", screen + 1, (unsigned long long)median_ns(board, frames), filter);
}

/* Prints, for each screen: its number, ns of processor time of a frame, the filter if any. */
int main(int argc, char **argv)
{
	static struct options options;
	static struct board board;
	static struct run run;
	struct source source = { .class = &full_class };
	struct consumer *consumers[BOARD_CONSUMERS];
	struct consumer_list list = { consumers, 0 };
	const struct conn_filter all = { .family = 0 };
	uint64_t live, frames;

	if (argc != 3 || text_parse_u64(argv[1], &live) || text_parse_u64(argv[2], &frames) ||
	    !live || live > OPTIONS_MAX_CONNECTIONS || !frames) {
		fprintf(stderr, "usage: frame LIVE FRAMES\n");
		return 2;
	}
	options.max_connections = OPTIONS_MAX_CONNECTIONS;
	if (board_init(&board, &options))
		die("no memory");
	list.count = board_consumers(&board, consumers);
	run.options = &options;
	run.source = &source;
	run_lore_init(&run.lore);
	run.settings.lore = &run.lore.lore;
	run.settings.layout = &run.layout;
	run.table = conn_table_new(OPTIONS_MAX_CONNECTIONS, &all, &list);
	if (!run.table)
		die("no memory");
	run.lore.table = run.table;
	fill(run.table, live);
	board.view.has_keys = true; /* as if somebody could choose any screen */
	if (board_begin(&board, &run))
		die("the board does not begin");
	for (unsigned int screen = 0; screen < VIEW_SCREEN_COUNT; screen++)
		time_screen(&board, (enum view_screen)screen, "", (size_t)frames);
	time_screen(&board, VIEW_CONNECTIONS, "comm nginx", (size_t)frames);
	time_screen(&board, VIEW_GROUPS, "state CLOSE_WAIT", (size_t)frames);
	board_done(&board);
	conn_table_free(run.table);
	run_lore_done(&run.lore);
	return 0;
}
