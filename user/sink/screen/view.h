/* SPDX-License-Identifier: GPL-2.0-only */
/* What a person has chosen to see: the screen, the row, the order, the filter. */
#ifndef USER_SINK_SCREEN_VIEW_H
#define USER_SINK_SCREEN_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/ladder_phrase.h"
#include "user/aggregate/roster.h"

/* X(NAME, name, "Title", "标题"): the keys 1 to 8, in this order; the first title is an option's. */
#define VIEW_SCREENS(X)                                    \
	X(OVERVIEW, overview, "overview", "概览")          \
	X(CONNECTIONS, connections, "connections", "连接") \
	X(GROUPS, groups, "groups", "分组")                \
	X(STATES, states, "states", "状态")                \
	X(STUCK, stuck, "stuck", "卡住")                   \
	X(FAILURES, failures, "failures", "失败")          \
	X(HISTOGRAMS, histograms, "histograms", "直方图")  \
	X(LISTENERS, listeners, "listeners", "监听")

enum view_screen {
#define X(NAME, name, en, zh) VIEW_##NAME,
	VIEW_SCREENS(X)
#undef X
		VIEW_SCREEN_COUNT
};

/* "" for none. */
const char *view_screen_title(enum view_screen screen, enum ladder_language language);

/* What lies over the screen. */
enum view_over { VIEW_OVER_NONE, VIEW_OVER_LADDER, VIEW_OVER_HELP, VIEW_OVER_BARS };

/* Where one is in a list. */
struct view_place {
	size_t cursor; /* the row that the keys act on */
	size_t top;    /* the first row that is seen */
	unsigned int order;
	bool is_reversed;
};

#define VIEW_TEXT_SIZE 256

struct view {
	enum view_screen screen;
	enum view_over over;
	struct view_place places[VIEW_SCREEN_COUNT];
	size_t scroll;	    /* lines of what lies over it that are above the first one seen */
	size_t scroll_most; /* as many as there could be when it was drawn last */
	bool is_wide, is_paused;
	bool has_keys;		       /* false: nobody is at a keyboard */
	enum ladder_language language; /* of what is answered to a key */
	enum roster_key key;
	char filter[VIEW_TEXT_SIZE]; /* "": none */
	bool is_typing;		     /* a filter */
	char typed[VIEW_TEXT_SIZE];
	char message[VIEW_TEXT_SIZE]; /* until the next key; "": none */
	uint64_t interval_ns;
	double speed; /* of a recording; 0: there is none */
};

struct view_place *view_place(struct view *view);

/* How many orders the rows of a screen have; 0: theirs is always the same. */
unsigned int view_orders(enum view_screen screen);

/* The rows that are wanted of the table, for a list of `rows` rows. */
void view_ask(const struct view *view, size_t rows, struct roster_query *query);

/* Moves the cursor into `count` rows, and the first one so that it is among the `rows` seen. */
void view_fit(struct view_place *place, size_t count, size_t rows);

#endif
