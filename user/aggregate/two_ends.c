// SPDX-License-Identifier: GPL-2.0-only
/* Brings two ends onto one clock, and tells how long each segment was on its way between them. */
#include "user/aggregate/two_ends.h"

/* Whether the two ends were timed by two clocks. */
static bool has_two_clocks(const struct story *subject, const struct story *other,
			   const struct clock_pairs *clocks)
{
	return clocks && other && !story_is_both_ends(subject) &&
	       !clock_pairs_is_one(clocks, &subject->conn, &other->conn);
}

static uint64_t first_known(const struct conn *c)
{
	uint64_t ns = TIME_UNKNOWN;

	for (unsigned int i = 0; ns == TIME_UNKNOWN && i < c->step_count; i++)
		ns = conn_step_time(c, i);
	return ns;
}

/* Of a clock that nobody can compare with this one, times would mean nothing. */
static void forget_times(struct story *story)
{
	for (unsigned int i = 0; i < story->conn.step_count; i++)
		story->conn.step_ns[i] = TIME_UNKNOWN;
	story->conn.accept_ns = 0;
	story->syn_count = story->rearm_count = 0;
	story->reset_in_ns = story->reset_out_ns = 0;
}

/* Brings the times of the other end onto the clock of this one. */
static enum clock_verdict move_other(const struct story *subject, struct story *other,
				     const struct clock_pairs *clocks, struct clock_bounds *ret,
				     uint64_t *ret_handshakes)
{
	const struct conn *here = &subject->conn;
	uint64_t at_ns = first_known(here);
	enum clock_verdict verdict = clock_pairs_at(
		clocks, here, &other->conn, at_ns == TIME_UNKNOWN ? 0 : at_ns, ret, ret_handshakes);

	if (verdict != CLOCK_BOUNDED || !clock_pairs_move(clocks, here, other))
		forget_times(other);
	return verdict;
}

/* It took at least no time: what the bound leaves of less is not so. */
static void set_way(const struct ladder *ladder, const struct clock_pairs *clocks,
		    struct ladder_step *step)
{
	struct clock_bounds bounds;
	uint64_t handshakes;
	int64_t least_ns, most_ns;

	if (step->kind != LADDER_SEGMENT || step->sent_ns == TIME_UNKNOWN ||
	    step->came_ns == TIME_UNKNOWN || step->is_unanswered ||
	    step->sent_ns > CLOCK_FIT_TIME_MAX || step->came_ns > CLOCK_FIT_TIME_MAX ||
	    clock_pairs_at(clocks, ladder->conn, ladder->other,
			   step->direction == LADDER_OUT ? step->sent_ns : step->came_ns, &bounds,
			   &handshakes) != CLOCK_BOUNDED)
		return;
	least_ns = most_ns = (int64_t)(step->came_ns - step->sent_ns);
	least_ns -= (int64_t)bounds.bound_ns;
	most_ns += (int64_t)bounds.bound_ns;
	if (most_ns < 0)
		return;
	least_ns = least_ns > 0 ? least_ns : 0;
	step->way_bound_ns = (uint64_t)(most_ns - least_ns + 1) / 2;
	step->way_ns = (uint64_t)least_ns + step->way_bound_ns;
}

void two_ends_ladder(struct ladder *ret_ladder, const struct story *subject, struct story *other,
		     const struct clock_pairs *clocks)
{
	static const enum ladder_clocks verdicts[] = {
		[CLOCK_BOUNDED] = LADDER_CLOCK_BOUNDED,
		[CLOCK_UNBOUNDED] = LADDER_CLOCK_UNBOUNDED,
		[CLOCK_CONTRADICTORY] = LADDER_CLOCK_CONTRADICTORY,
	};
	enum clock_verdict verdict = CLOCK_UNBOUNDED;
	bool is_apart = has_two_clocks(subject, other, clocks);
	struct clock_bounds bounds;
	uint64_t handshakes = 0;

	if (is_apart)
		verdict = move_other(subject, other, clocks, &bounds, &handshakes);
	ladder_make(ret_ladder, subject, story_is_both_ends(subject) ? subject : other);
	if (!is_apart)
		return;
	ret_ladder->clocks = verdicts[verdict];
	ret_ladder->clock = bounds;
	ret_ladder->handshakes = handshakes;
	for (size_t i = 0; i < ret_ladder->count; i++)
		set_way(ret_ladder, clocks, &ret_ladder->steps[i]);
}
