// SPDX-License-Identifier: GPL-2.0-only
/* Puts what happens into slots of time, which become wider as the run becomes longer. */
#include "user/aggregate/course.h"

#include <stdlib.h>
#include <string.h>

#include "user/aggregate/measure.h"

static const struct consumer_class course_class;

struct course *course_new(void)
{
	struct course *course = calloc(1, sizeof(*course));

	if (!course)
		return NULL;
	course->consumer = (struct consumer){ &course_class, CONSUMER_SEEDS | CONSUMER_TIMEWAITS };
	course->width_ns = COURSE_FIRST_WIDTH_NS;
	return course;
}

void course_free(struct course *course)
{
	free(course);
}

void course_begin(struct course *course, uint64_t start_ns)
{
	course->start_ns = start_ns;
}

static void add_slot(struct course_slot *sum, const struct course_slot *slot)
{
	sum->opened += slot->opened;
	sum->closed += slot->closed;
	sum->failed += slot->failed;
	sum->came += slot->came;
	sum->went += slot->went;
	for (unsigned int state = 0; state < STATE_COUNT; state++) {
		struct course_stay *stay = &sum->stays[state];

		if (slot->stays[state].came &&
		    (!stay->came || slot->stays[state].first_came_ns < stay->first_came_ns))
			stay->first_came_ns = slot->stays[state].first_came_ns;
		stay->came += slot->stays[state].came;
		stay->left += slot->stays[state].left;
		if (slot->stays[state].last_left_ns > stay->last_left_ns)
			stay->last_left_ns = slot->stays[state].last_left_ns;
	}
	for (unsigned int role = 0; role < COURSE_ROLES; role++)
		for (unsigned int row = 0; row < COURSE_HEAT_ROWS; row++)
			sum->heat[role][row] += slot->heat[role][row];
}

/* Two slots become one. */
static void widen(struct course *course)
{
	for (size_t i = 0; i < COURSE_SLOTS / 2; i++) {
		if (i)
			course->slots[i] = course->slots[2 * i];
		add_slot(&course->slots[i], &course->slots[2 * i + 1]);
	}
	memset(&course->slots[COURSE_SLOTS / 2], 0, sizeof(course->slots) / 2);
	course->used = (course->used + 1) / 2;
	course->width_ns *= 2;
}

/* Of a time that is known. */
static struct course_slot *slot_at(struct course *course, uint64_t ns)
{
	uint64_t since_ns = ns > course->start_ns ? ns - course->start_ns : 0;
	uint32_t i;

	while (since_ns / course->width_ns >= COURSE_SLOTS)
		widen(course);
	i = (uint32_t)(since_ns / course->width_ns);
	if (i >= course->used)
		course->used = i + 1;
	return &course->slots[i];
}

/* `left_ns` UINT64_MAX: it is there. */
static void add_stay(struct course *course, unsigned int state, uint64_t came_ns, uint64_t left_ns)
{
	struct course_slot *slot;

	if (state >= STATE_COUNT || state == STATE_CLOSED || came_ns == TIME_UNKNOWN)
		return;
	/* What is later may widen the slots. */
	if (left_ns != UINT64_MAX) {
		slot = slot_at(course, left_ns);
		slot->stays[state].left++;
	}
	slot = slot_at(course, came_ns);
	if (!slot->stays[state].came || came_ns < slot->stays[state].first_came_ns)
		slot->stays[state].first_came_ns = came_ns;
	slot->stays[state].came++;
	if (left_ns > slot->stays[state].last_left_ns)
		slot->stays[state].last_left_ns = left_ns;
}

static unsigned int heat_row(uint64_t ns)
{
	unsigned int octave = ns ? 63u - (unsigned int)__builtin_clzll(ns) : 0;
	unsigned int row;

	if (octave < COURSE_HEAT_FIRST_OCTAVE)
		return 0;
	row = 2 * (octave - COURSE_HEAT_FIRST_OCTAVE) + (unsigned int)(ns >> (octave - 1) & 1);
	return row < COURSE_HEAT_ROWS ? row : COURSE_HEAT_ROWS - 1;
}

uint64_t course_heat_ns(unsigned int row)
{
	uint64_t octave = UINT64_C(1) << (COURSE_HEAT_FIRST_OCTAVE + row / 2);

	return row % 2 ? octave + octave / 2 : octave;
}

/* Exact ones, as the histograms of handshakes have them. */
static void add_heat(struct course *course, const struct conn *c, uint64_t ns)
{
	const enum course_role role = c->role == CONN_ROLE_CLIENT ? COURSE_CLIENT : COURSE_SERVER;
	uint64_t took_ns = measure_handshake(c);

	if (c->role == CONN_ROLE_UNKNOWN || took_ns == TIME_UNKNOWN ||
	    c->handshake_quality != CONN_QUALITY_EXACT || ns == TIME_UNKNOWN)
		return;
	slot_at(course, ns)->heat[role][heat_row(took_ns)]++;
}

/* What is older than the run was there from its beginning on. */
static uint64_t came_ns(const struct course *course, const struct conn *c, unsigned int step)
{
	uint64_t ns = conn_step_time(c, step);

	return !step && ns == TIME_UNKNOWN && c->flags & CONN_SEEDED ? course->start_ns : ns;
}

static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	struct course *course = (struct course *)self;

	for (unsigned int i = first; i < c->step_count; i++) {
		uint64_t ns = conn_step_time(c, i);

		if (c->step_state[i] == STATE_ESTABLISHED)
			add_heat(course, c, ns);
		if (i && ns != TIME_UNKNOWN)
			add_stay(course, c->step_state[i - 1], came_ns(course, c, i - 1), ns);
	}
}

static void add_birth(struct course *course, const struct conn *c)
{
	uint64_t ns = conn_start(c);

	if (c->flags & CONN_SEEDED)
		return;
	if (ns == TIME_UNKNOWN)
		course->unplaced++;
	else
		slot_at(course, ns)->opened++;
}

/*
 * It is open from the first moment that is known of it to the last one: as long as it is certain.
 * Nothing that was lost makes it go on, or take another's place.
 */
static void add_life(struct course *course, const struct conn *c, bool is_over)
{
	uint64_t first_ns = c->flags & CONN_SEEDED ? course->start_ns : TIME_UNKNOWN;
	uint64_t last_ns = first_ns;

	for (unsigned int i = 0; i < c->step_count; i++) {
		uint64_t ns = conn_step_time(c, i);

		if (ns == TIME_UNKNOWN)
			continue;
		if (first_ns == TIME_UNKNOWN)
			first_ns = ns;
		last_ns = ns;
	}
	if (first_ns == TIME_UNKNOWN)
		return;
	slot_at(course, first_ns)->came++;
	if (is_over)
		slot_at(course, last_ns)->went++;
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct course *course = (struct course *)self;
	uint64_t ns = measure_end(c);
	struct course_slot *slot;

	if (!(c->flags & CONN_UNSENT)) {
		add_birth(course, c);
		add_life(course, c, true);
	}
	if (ns == TIME_UNKNOWN) {
		course->unplaced++;
		return;
	}
	slot = slot_at(course, ns);
	slot->closed += !(c->flags & CONN_UNSENT);
	slot->failed += conn_has_failed(c);
}

static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	struct course *course = (struct course *)self;

	(void)now_ns;
	if (!(c->flags & CONN_CLOSE_TOLD)) {
		add_birth(course, c);
		add_life(course, c, false);
	}
	if (c->step_count && !(c->flags & CONN_FINISHED))
		add_stay(course, conn_state(c), conn_since(c), UINT64_MAX);
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	slot_at((struct course *)self, h->mono_ns)->failed++;
}

static const struct consumer_class course_class = {
	.steps = on_steps,
	.closed = on_closed,
	.alive = on_alive,
	.half_open = on_half_open,
};

/* ---- what came of it ------------------------------------------------------------------------ */

struct course_view course_look(struct course *course, uint64_t end_ns, uint32_t most)
{
	uint64_t span_ns = end_ns > course->start_ns ? end_ns - course->start_ns : 0;
	uint64_t slots, each;

	/* Nothing may have happened for long. */
	while (span_ns / course->width_ns >= COURSE_SLOTS)
		widen(course);
	slots = span_ns / course->width_ns + 1;
	if (slots < course->used)
		slots = course->used;
	each = (slots + most - 1) / most;
	return (struct course_view){ .course = course,
				     .slots_each = (uint32_t)each,
				     .columns = (uint32_t)((slots + each - 1) / each),
				     .width_ns = course->width_ns * each };
}

/* The slots of a column are those up to this one, from that of the column before on. */
static uint32_t end_of(const struct course_view *view, uint32_t column)
{
	uint32_t end = (column + 1) * view->slots_each;

	return end < COURSE_SLOTS ? end : COURSE_SLOTS;
}

static void add_sums(struct course_column *sums, const struct course_slot *slot)
{
	sums->opened += slot->opened;
	sums->closed += slot->closed;
	sums->failed += slot->failed;
	for (unsigned int role = 0; role < COURSE_ROLES; role++)
		for (unsigned int row = 0; row < COURSE_HEAT_ROWS; row++)
			sums->heat[role][row] += slot->heat[role][row];
}

void course_each(const struct course_view *view,
		 void (*visit)(void *context, uint32_t column, const struct course_column *sums),
		 void *context)
{
	uint64_t live = 0;

	for (uint32_t column = 0; column < view->columns; column++) {
		struct course_column sums = { .opened = 0 };

		for (uint32_t i = column * view->slots_each; i < end_of(view, column); i++) {
			const struct course_slot *slot = &view->course->slots[i];

			add_sums(&sums, slot);
			live += slot->came - slot->went;
		}
		sums.live = live;
		visit(context, column, &sums);
	}
}

/* Those who are there came in some slot before, of which the last one has not left yet. */
static uint64_t oldest(const struct course_view *view, enum tcp_state state, uint32_t column)
{
	const struct course *course = view->course;
	uint64_t end_ns = course->start_ns + (column + 1) * view->width_ns;

	for (uint32_t i = 0; i < end_of(view, column); i++)
		if (course->slots[i].stays[state].last_left_ns > end_ns)
			return end_ns - course->slots[i].stays[state].first_came_ns;
	return 0;
}

void course_stays(const struct course_view *view, enum tcp_state state, uint64_t *ret_counts,
		  uint64_t *ret_ages_ns)
{
	uint64_t there = 0;

	for (uint32_t column = 0; column < view->columns; column++) {
		for (uint32_t i = column * view->slots_each; i < end_of(view, column); i++) {
			const struct course_stay *stay = &view->course->slots[i].stays[state];

			there += stay->came - stay->left;
		}
		ret_counts[column] = there;
		ret_ages_ns[column] = oldest(view, state, column);
	}
}
