// SPDX-License-Identifier: GPL-2.0-only
/* Which share of the connections is followed, so that the program costs no more than it may. */
#include "user/run/budget.h"

#include <string.h>

/* Looks that have to agree before more are followed. */
#define CALM_LOOKS 4
/* At once, no more than this: a burst is not a load. */
#define RAISE_MAX 4
/* What twice as many would cost is to leave a quarter of the budget. */
#define is_little(spent, allowed) ((uint64_t)(spent)*2 <= (uint64_t)(allowed)*3 / 4)
/* Looks before a trial; they are doubled up to there. */
#define PAUSE_FIRST 8
#define PAUSE_MAX 4096
/* An event is cheaper by at least this where leaving out is of use. */
#define OF_USE 0.97

static void forget_raises(struct budget *b)
{
	b->is_settling = b->is_trial = b->is_vain = false;
	b->wait = 0;
	b->pause = PAUSE_FIRST;
	b->raised_at = 0;
}

void budget_init(struct budget *b, uint32_t allowed)
{
	memset(b, 0, sizeof(*b));
	b->allowed = allowed;
	forget_raises(b);
}

static void raise_shift(struct budget *b, int steps, double per_event)
{
	b->raised_at = per_event;
	b->is_settling = true;
	b->shift = b->shift + steps < BUDGET_SHIFT_MAX ? (uint8_t)(b->shift + steps) :
							 BUDGET_SHIFT_MAX;
}

/* How many times what was spent has to be halved. */
static int steps_for(uint32_t spent, uint32_t allowed)
{
	uint64_t most = (uint64_t)allowed * 2;
	int steps = 1;

	for (; most < spent && steps < RAISE_MAX; most *= 2)
		steps++;
	return steps;
}

/* The last raise was of no use. */
static void give_up(struct budget *b)
{
	if (b->is_trial)
		b->shift--;
	b->is_trial = false;
	b->is_vain = true;
	b->raised_at = 0;
	b->wait = b->pause;
	if (b->pause < PAUSE_MAX)
		b->pause *= 2;
}

/* Too much was spent. */
static void spare(struct budget *b, uint32_t spent, uint64_t events)
{
	double per_event = (double)spent / (double)events;

	b->calm = 0;
	if (b->is_settling) {
		b->is_settling = false;
	} else if (b->raised_at > 0 && per_event > b->raised_at * OF_USE) {
		give_up(b);
	} else if (b->wait) {
		b->is_trial = !--b->wait && b->shift < BUDGET_SHIFT_MAX;
		if (b->is_trial)
			raise_shift(b, 1, per_event);
	} else {
		b->is_trial = b->is_vain = false;
		b->pause = PAUSE_FIRST;
		raise_shift(b, steps_for(spent, b->allowed), per_event);
	}
}

uint32_t budget_look(struct budget *b, uint32_t spent, uint64_t events)
{
	if (spent > b->allowed && events) {
		spare(b, spent, events);
		return 1u << b->shift;
	}
	forget_raises(b);
	if (!b->shift || !is_little(spent, b->allowed)) {
		b->calm = 0;
	} else if (++b->calm == CALM_LOOKS) {
		b->calm = 0;
		b->shift--;
	}
	return 1u << b->shift;
}
