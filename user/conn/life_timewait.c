// SPDX-License-Identifier: GPL-2.0-only
/* The end of a life in a timewait socket: as records tell of it, or as looks at it let conclude. */
#include "user/base/units.h"
#include "user/conn/life.h"
#include "user/conn/life_parts.h"

/* Two hooks may tell of one segment, this far apart. */
#define SAME_SEGMENT_NS NS_PER_MS
/*
 * Two of the kernel's ticks are up to 20 ms, by which its timers and its clock may seem to differ.
 */
#define TICKS_NS (20 * NS_PER_MS)
/* A timer that was put off by less was put off by nobody. */
#define REARM_NS (100 * NS_PER_MS)

static void rearm(struct conn *c, uint64_t mono_ns)
{
	uint64_t entered_ns = c->step_ns[c->step_count - 1];

	if (entered_ns != TIME_UNKNOWN && mono_ns - entered_ns < SAME_SEGMENT_NS)
		return;
	if (c->time_wait_rearms < CONN_REARMS_MAX)
		c->time_wait_rearms++;
}

void life_timewait(struct conn *c, const struct event *e)
{
	bool over = e->detail >= EVENT_TIMEWAIT_EXPIRED;

	if (conn_state(c) == STATE_TIME_WAIT) {
		if (e->detail == EVENT_TIMEWAIT_REARMED)
			rearm(c, e->mono_ns);
	} else if (e->from == STATE_TIME_WAIT) {
		/* The peer's FIN came; when, only the record of a segment tells. */
		if (over)
			c->time_wait_quality = CONN_QUALITY_UNKNOWN;
		life_enter_time_wait(c, over ? TIME_UNKNOWN : e->mono_ns, over);
	}
	if (over)
		life_end_timewait(c, (enum event_timewait_act)e->detail, e->mono_ns);
}

void life_end_timewait(struct conn *c, enum event_timewait_act act, uint64_t mono_ns)
{
	static const struct {
		uint8_t end;
		uint8_t cause; /* of a FIN_WAIT2 that never saw the peer's FIN */
	} ends[] = {
		[EVENT_TIMEWAIT_CANCELLED] = { CONN_TW_END_NONE, CONN_CAUSE_UNKNOWN },
		[EVENT_TIMEWAIT_EXPIRED] = { CONN_TW_END_EXPIRED, CONN_CAUSE_FIN_TIMEOUT },
		[EVENT_TIMEWAIT_REUSED] = { CONN_TW_END_REUSED, CONN_CAUSE_TAKEN_OVER },
		[EVENT_TIMEWAIT_RESET] = { CONN_TW_END_RESET, CONN_CAUSE_RESET_RECEIVED },
		[EVENT_TIMEWAIT_PURGED] = { CONN_TW_END_PURGED, CONN_CAUSE_NAMESPACE_GONE },
		[EVENT_TIMEWAIT_KILLED] = { CONN_TW_END_KILLED, CONN_CAUSE_KILLED },
		[EVENT_TIMEWAIT_ANSWERED] = { CONN_TW_END_RESET, CONN_CAUSE_DATA_AFTER_CLOSE },
		[EVENT_TIMEWAIT_GONE] = { CONN_TW_END_NONE, CONN_CAUSE_UNKNOWN },
	};

	if (conn_state(c) == STATE_TIME_WAIT)
		c->time_wait_end = ends[act].end;
	/* Nothing but its end is answered so. */
	else if (c->evidence & CAUSE_RESET_ANSWERED &&
		 (ends[act].cause == CONN_CAUSE_UNKNOWN ||
		  ends[act].cause == CONN_CAUSE_RESET_RECEIVED))
		life_set_cause(c, CONN_CAUSE_DATA_AFTER_CLOSE);
	else
		life_set_cause(c, ends[act].cause);
	life_finish(c, mono_ns);
}

static uint64_t middle_of(uint64_t from_ns, uint64_t to_ns)
{
	return from_ns < to_ns ? from_ns + (to_ns - from_ns) / 2 : to_ns;
}

/* The last moment at which it is known to have been there; TIME_UNKNOWN: there is none. */
static uint64_t last_sign(const struct conn *c, uint64_t before_ns)
{
	uint64_t entered_ns = c->step_ns[c->step_count - 1];

	if (!before_ns)
		return entered_ns;
	return entered_ns == TIME_UNKNOWN || entered_ns < before_ns ? before_ns : entered_ns;
}

/* When the kernel's timer ends it, or 0: it has not been seen so far. */
static uint64_t timer_of(const struct conn *c)
{
	return c->step_count < CONN_STEPS ? c->step_ns[c->step_count] : 0;
}

/* When the peer's FIN came: its timer tells, or else it was between two looks. */
static uint64_t fin_time(const struct conn *c, const struct socket_info *info, uint64_t before_ns)
{
	uint64_t sign_ns = last_sign(c, before_ns);

	/* Nothing contradicts it where it was there before anybody looked. */
	if (sign_ns == TIME_UNKNOWN)
		return info->since_ns <= info->mono_ns ? info->since_ns : TIME_UNKNOWN;
	if (info->since_ns <= info->mono_ns && info->since_ns + TICKS_NS >= sign_ns)
		return info->since_ns < sign_ns ? sign_ns : info->since_ns;
	return middle_of(sign_ns, info->mono_ns);
}

/* It is in TIME_WAIT for longer than it should be. */
static bool is_rearmed(const struct conn *c, const struct socket_info *info, uint64_t timer_ns)
{
	uint64_t entered_ns = c->step_ns[c->step_count - 1];

	if (timer_of(c))
		return timer_ns != EVENT_TIME_UNKNOWN && timer_of(c) != EVENT_TIME_UNKNOWN &&
		       timer_ns > timer_of(c) + REARM_NS;
	return entered_ns != TIME_UNKNOWN && info->since_ns != EVENT_TIME_UNKNOWN &&
	       info->since_ns > entered_ns + REARM_NS;
}

bool life_see_timewait(struct conn *c, const struct socket_info *info, uint64_t before_ns)
{
	uint64_t timer_ns = info->timer_ns == EVENT_TIME_UNKNOWN ? EVENT_TIME_UNKNOWN :
								   info->mono_ns + info->timer_ns;

	if (conn_state(c) == STATE_TIME_WAIT) {
		if (info->state != STATE_TIME_WAIT)
			return false;
		if (is_rearmed(c, info, timer_ns) && c->time_wait_rearms < CONN_REARMS_MAX)
			c->time_wait_rearms++;
	} else if (info->state == STATE_TIME_WAIT && socket_is_state_known(info)) {
		uint64_t fin_ns = fin_time(c, info, timer_of(c) ? before_ns : 0);

		if (fin_ns == TIME_UNKNOWN)
			c->time_wait_quality = CONN_QUALITY_UNKNOWN;
		life_enter_time_wait(c, fin_ns, fin_ns == TIME_UNKNOWN);
	}
	if (c->step_count < CONN_STEPS)
		c->step_ns[c->step_count] = timer_ns;
	return true;
}

/* It took place, and nobody saw when. */
static void add_unseen_time_wait(struct conn *c)
{
	c->time_wait_quality = CONN_QUALITY_UNKNOWN;
	if (conn_state(c) != STATE_TIME_WAIT)
		life_enter_time_wait(c, TIME_UNKNOWN, true);
}

void life_leave_timewait(struct conn *c)
{
	c->time_wait_quality = CONN_QUALITY_UNKNOWN;
	/* The peer's FIN may never have come. */
	if (conn_state(c) != STATE_TIME_WAIT)
		life_leave_unknown(c);
	else
		c->flags |= CONN_FINISHED;
}

/* Ends a polled one; `cause` is that of a FIN_WAIT2 that never saw the peer's FIN. */
static void end_polled(struct conn *c, enum conn_time_wait_end end, enum conn_cause cause,
		       uint64_t from_ns, uint64_t to_ns)
{
	if (conn_state(c) == STATE_TIME_WAIT)
		c->time_wait_end = end;
	else
		life_set_cause(c, cause);
	life_finish(c, middle_of(from_ns, to_ns));
}

void life_miss_timewait(struct conn *c, uint64_t before_ns, uint64_t now_ns)
{
	uint64_t sign_ns = last_sign(c, before_ns), timer_ns = timer_of(c);

	/*
	 * Cut short before the first look, or there was no room for it: who knows. One whose FIN
	 * was answered may have been reset as well.
	 */
	if (!timer_ns || sign_ns == TIME_UNKNOWN)
		life_leave_timewait(c);
	else if (timer_ns != EVENT_TIME_UNKNOWN && timer_ns <= now_ns + TICKS_NS)
		end_polled(c, CONN_TW_END_EXPIRED, CONN_CAUSE_FIN_TIMEOUT,
			   timer_ns > sign_ns ? timer_ns : sign_ns, now_ns);
	else
		end_polled(c, CONN_TW_END_NONE, CONN_CAUSE_UNKNOWN, sign_ns, now_ns);
}

void life_purge_timewait(struct conn *c, uint64_t before_ns, uint64_t now_ns)
{
	uint64_t sign_ns = last_sign(c, before_ns);

	if (!timer_of(c) || sign_ns == TIME_UNKNOWN)
		life_leave_timewait(c);
	else
		end_polled(c, CONN_TW_END_PURGED, CONN_CAUSE_NAMESPACE_GONE, sign_ns, now_ns);
}

void life_reuse_timewait(struct conn *c, uint64_t mono_ns)
{
	uint64_t entered_ns = c->step_ns[c->step_count - 1];

	/* Only one in TIME_WAIT is given up for another connection. */
	if (conn_state(c) != STATE_TIME_WAIT)
		add_unseen_time_wait(c);
	else if (entered_ns != TIME_UNKNOWN && mono_ns < entered_ns)
		mono_ns = entered_ns;
	c->time_wait_end = CONN_TW_END_REUSED;
	if (mono_ns != TIME_UNKNOWN) {
		life_finish(c, mono_ns);
		return;
	}
	c->time_wait_quality = CONN_QUALITY_UNKNOWN;
	life_add_step(c, STATE_CLOSED, TIME_UNKNOWN, true);
	c->flags |= CONN_FINISHED;
}
