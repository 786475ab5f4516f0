/* SPDX-License-Identifier: GPL-2.0-only */
/* A run in the course of time: what began, ended and failed when, and who was in which state. */
#ifndef USER_AGGREGATE_COURSE_H
#define USER_AGGREGATE_COURSE_H

#include <stdint.h>

#include "user/conn/consumer.h"

/*
 * A run has so many slots, however long it is: when it is longer than they are, two become one.
 * That is why it needs no more memory for a month than for a minute.
 */
#define COURSE_SLOTS 512
#define COURSE_FIRST_WIDTH_NS 1000000

/* Handshakes by how long they took: rows of half an octave each, from 1 us to 2 minutes. */
#define COURSE_HEAT_FIRST_OCTAVE 10
#define COURSE_HEAT_ROWS 54

enum course_role { COURSE_CLIENT, COURSE_SERVER, COURSE_ROLES };

/* Those who came into a state in a slot. */
struct course_stay {
	uint64_t came, left;	/* in this slot; both of the same connections */
	uint64_t first_came_ns; /* of those who came, the first one */
	uint64_t last_left_ns;	/* and the last one who left; UINT64_MAX: one is there */
};

struct course_slot {
	uint64_t opened, closed, failed;
	uint64_t came, went; /* first and last known to be open; both of the same connections */
	struct course_stay stays[STATE_COUNT];
	uint32_t heat[COURSE_ROLES][COURSE_HEAT_ROWS];
};

struct course {
	struct consumer consumer;
	uint64_t start_ns, width_ns;
	uint64_t unplaced; /* beginnings and ends whose time is not known */
	uint32_t used;	   /* slots, up to the last one in which something happened */
	struct course_slot slots[COURSE_SLOTS];
};

/* NULL when there is no memory. */
struct course *course_new(void);
void course_free(struct course *course);

/* To be called before anything is told. */
void course_begin(struct course *course, uint64_t start_ns);

/* The least duration of a row. */
uint64_t course_heat_ns(unsigned int row);

/* A course in no more than so many columns, up to the end of the run. */
struct course_view {
	const struct course *course;
	uint32_t slots_each; /* slots that are one column */
	uint32_t columns;
	uint64_t width_ns; /* of a column */
};

struct course_view course_look(struct course *course, uint64_t end_ns, uint32_t most);

/* Sums of a column; open are those of which it is known, at its end. */
struct course_column {
	uint64_t opened, closed, failed, live;
	uint64_t heat[COURSE_ROLES][COURSE_HEAT_ROWS];
};

/* Calls `visit` for each column, in the order of time. */
void course_each(const struct course_view *view,
		 void (*visit)(void *context, uint32_t column, const struct course_column *sums),
		 void *context);

/* How many are in a state at the end of each column, and for how long the oldest of them is. */
void course_stays(const struct course_view *view, enum tcp_state state, uint64_t *ret_counts,
		  uint64_t *ret_ages_ns);

#endif
