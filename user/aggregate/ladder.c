// SPDX-License-Identifier: GPL-2.0-only
/* Makes a ladder: what its parts share, and their order. */
#include "user/aggregate/ladder.h"

#include <stdio.h>
#include <string.h>

#include "user/aggregate/ladder_build.h"

const char *ladder_symbol_name(enum ladder_symbol symbol)
{
	static const char *const names[] = {
#define X(NAME, name) (name),
		LADDER_SYMBOLS(X)
#undef X
	};

	return symbol < LADDER_SYMBOL_COUNT ? names[symbol] : NULL;
}

const char *ladder_number_name(const struct ladder_number *number, char text[LADDER_NUMBER_SIZE])
{
	const char *letter = ladder_symbol_name(number->symbol);

	if (!letter || !number->is_shown)
		return NULL;
	snprintf(text, LADDER_NUMBER_SIZE, number->plus ? "%s+%u" : "%s", letter, number->plus);
	return text;
}

const char *ladder_kind_name(enum ladder_kind kind)
{
	static const char *const names[] = {
		[LADDER_SEGMENT] = "segment", [LADDER_DATA] = "data", [LADDER_MOMENT] = "moment"
	};

	return names[kind];
}

const char *ladder_direction_name(const struct ladder_step *step)
{
	if (step->kind != LADDER_SEGMENT)
		return NULL;
	return step->direction == LADDER_OUT ? "out" : "in";
}

static bool is_inferred(const struct story *story, int step)
{
	return story->conn.step_inferred >> step & 1;
}

uint64_t build_ns(const struct story *story, enum tcp_state state)
{
	int step = story ? story_step(story, state) : -1;

	return step < 0 || is_inferred(story, step) ? TIME_UNKNOWN : story->conn.step_ns[step];
}

uint64_t build_dwell(const struct story *story, enum tcp_state state)
{
	int step = story ? story_step(story, state) : -1;

	return step < 0 ? TIME_UNKNOWN : conn_dwell(&story->conn, (unsigned int)step);
}

bool build_has(const struct story *story, enum tcp_state state)
{
	return story && story_step(story, state) >= 0;
}

struct ladder_number build_number(const struct ladder_build *b, enum ladder_symbol symbol,
				  uint8_t plus)
{
	struct ladder_number number = b->ladder->symbols[symbol];

	number.is_shown = true;
	number.plus = plus;
	number.value += plus;
	return number;
}

struct ladder_number build_plain(const struct ladder_build *b, enum ladder_symbol symbol,
				 bool is_known, uint32_t value)
{
	struct ladder_number number = build_number(b, symbol, 0);

	if (is_known && number.is_known && number.value == value)
		return number;
	return (struct ladder_number){
		.is_shown = true, .is_known = is_known, .symbol = LADDER_SYMBOL_NONE, .value = value
	};
}

struct ladder_number build_unseen(void)
{
	return (struct ladder_number){ .is_shown = true, .symbol = LADDER_SYMBOL_NONE };
}

/* It was in that state, and no lost event had to be healed to say so. */
static bool is_measured(const struct story *story, enum tcp_state state)
{
	int step = story ? story_step(story, state) : -1;

	return step >= 0 && !is_inferred(story, step);
}

struct ladder_step *build_step(struct ladder_build *b, enum ladder_kind kind, enum tcp_state local,
			       enum tcp_state remote)
{
	struct ladder *l = b->ladder;
	struct ladder_step *step = &l->steps[l->count < LADDER_STEPS ? l->count++ : l->count - 1];

	*step = (struct ladder_step){
		.kind = kind,
		.times = 1,
		.local = { local, is_measured(b->left, local) },
		.remote = { remote, is_measured(b->right, remote) },
		.sent_ns = TIME_UNKNOWN,
		.came_ns = TIME_UNKNOWN,
		.since_ns = TIME_UNKNOWN,
		.way_ns = TIME_UNKNOWN,
		.way_bound_ns = TIME_UNKNOWN,
	};
	return step;
}

struct ladder_step *build_segment(struct ladder_build *b, enum ladder_direction direction,
				  unsigned int flags, enum tcp_state local, enum tcp_state remote)
{
	struct ladder_step *step = build_step(b, LADDER_SEGMENT, local, remote);

	step->direction = direction;
	step->flags = (uint8_t)flags;
	return step;
}

void build_note(struct ladder_step *step, enum ladder_phrase phrase, uint64_t ns, uint64_t n)
{
	for (size_t i = 0; i < LADDER_NOTES; i++) {
		if (step->notes[i].phrase != LADDER_SAYS_NOTHING)
			continue;
		step->notes[i] = (struct ladder_note){ phrase, ns, n };
		return;
	}
}

void build_lost_time(struct ladder_step *step, enum ladder_phrase phrase, uint64_t ns)
{
	if (ns != TIME_UNKNOWN && ns >= LADDER_LOST_NS)
		build_note(step, phrase, ns, 0);
}

struct ladder_step *build_moment(struct ladder_build *b, enum tcp_state local,
				 enum tcp_state remote, enum ladder_phrase phrase, uint64_t ns)
{
	struct ladder_step *step = build_step(b, LADDER_MOMENT, local, remote);

	step->came_ns = build_ns(b->left, local);
	build_note(step, phrase, ns, 0);
	return step;
}

static void set_symbol(struct ladder *l, enum ladder_symbol symbol, const struct story *one,
		       enum story_number number, const struct story *other,
		       enum story_number other_number)
{
	struct ladder_number *found = &l->symbols[symbol];

	*found = (struct ladder_number){ .symbol = (uint8_t)symbol };
	if (story_knows(one, number)) {
		found->is_known = true;
		found->value = one->number[number];
	} else if (other && story_knows(other, other_number)) {
		found->is_known = true;
		found->value = other->number[other_number];
	}
}

/* Each number may be known to either end: to one as its own, to the other as the peer's. */
static void set_symbols(struct ladder *l, const struct story *left, const struct story *right)
{
	bool is_server = left->conn.role == CONN_ROLE_SERVER;
	bool is_second = build_has(left, STATE_CLOSE_WAIT);

	set_symbol(l, is_server ? LADDER_SYMBOL_Y : LADDER_SYMBOL_X, left, STORY_SYN, right,
		   STORY_PEER_SYN);
	set_symbol(l, is_server ? LADDER_SYMBOL_X : LADDER_SYMBOL_Y, left, STORY_PEER_SYN, right,
		   STORY_SYN);
	set_symbol(l, is_second ? LADDER_SYMBOL_W : LADDER_SYMBOL_U, left, STORY_FIN, right,
		   STORY_PEER_FIN);
	set_symbol(l, is_second ? LADDER_SYMBOL_U : LADDER_SYMBOL_W, left, STORY_PEER_FIN, right,
		   STORY_FIN);
	if (is_second)
		set_symbol(l, LADDER_SYMBOL_V, left, STORY_REPLY, right, STORY_PEER_REPLY);
	else
		set_symbol(l, LADDER_SYMBOL_V, left, STORY_PEER_REPLY, right, STORY_REPLY);
	l->first = is_server == is_second ? LADDER_SYMBOL_X : LADDER_SYMBOL_Y;
}

/* Who opens was CLOSED before, and who answers listened: that of this end is known by its role. */
static void set_start(struct ladder *l, const struct story *left, const struct story *right)
{
	static const uint8_t starts[] = {
		[CONN_ROLE_UNKNOWN] = 0,
		[CONN_ROLE_CLIENT] = STATE_CLOSED,
		[CONN_ROLE_SERVER] = STATE_LISTEN,
	};
	static const uint8_t others[] = {
		[CONN_ROLE_UNKNOWN] = 0,
		[CONN_ROLE_CLIENT] = STATE_LISTEN,
		[CONN_ROLE_SERVER] = STATE_CLOSED,
	};
	const struct conn *c = &left->conn;
	bool is_crossed = c->handshake_flags & CONN_HANDSHAKE_SIMULTANEOUS;
	bool is_deaf = c->role == CONN_ROLE_CLIENT && !build_has(left, STATE_ESTABLISHED);

	if (c->flags & CONN_SEEDED)
		return;
	l->local = (struct ladder_state){ starts[c->role], true };
	l->remote = (struct ladder_state){ others[c->role], right };
	if (is_crossed)
		l->remote.state = STATE_CLOSED;
	else if (is_deaf)
		l->remote.state = c->cause == CONN_CAUSE_REFUSED ? STATE_CLOSED : 0;
}

uint64_t ladder_step_ns(const struct ladder_step *step)
{
	return step->sent_ns != TIME_UNKNOWN ? step->sent_ns : step->came_ns;
}

/* Two ends measure each for itself: what seems to go back in time by that took no time. */
static void set_times(struct ladder *l)
{
	uint64_t before_ns = TIME_UNKNOWN;

	for (size_t i = 0; i < l->count; i++) {
		uint64_t ns = ladder_step_ns(&l->steps[i]);

		if (ns == TIME_UNKNOWN)
			continue;
		if (before_ns != TIME_UNKNOWN)
			l->steps[i].since_ns = ns > before_ns ? ns - before_ns : 0;
		if (before_ns == TIME_UNKNOWN || ns > before_ns)
			before_ns = ns;
	}
}

/* Steps whose event was lost: the state must have been, its time is not known. */
static void mark_lost(struct ladder *l, const struct story *left)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct ladder_state *local = &l->steps[i].local;

		if (local->state && !local->is_measured && build_has(left, local->state) &&
		    !(left->conn.flags & CONN_SEEDED))
			build_note(&l->steps[i], LADDER_SAYS_LOST, 0, 0);
	}
}

void ladder_make(struct ladder *ladder, const struct story *left, const struct story *right)
{
	struct ladder_build b = { .ladder = ladder, .left = left, .right = right };

	memset(ladder, 0, sizeof(*ladder));
	ladder->conn = &left->conn;
	ladder->other = right ? &right->conn : NULL;
	set_symbols(ladder, left, right);
	set_start(ladder, left, right);
	build_open(&b);
	build_close(&b);
	set_times(ladder);
	mark_lost(ladder, left);
}

static enum ladder_phrase measured_by_wire(const struct ladder *l)
{
	static const uint8_t says[] = {
		[EVENT_POINT_UNKNOWN] = LADDER_SAYS_WIRE_UNKNOWN,
		[EVENT_POINT_CLIENT] = LADDER_SAYS_WIRE_CLIENT,
		[EVENT_POINT_SERVER] = LADDER_SAYS_WIRE_SERVER,
		[EVENT_POINT_BETWEEN] = LADDER_SAYS_WIRE_BETWEEN,
	};

	if (l->other && !(l->conn->flags & l->other->flags & CONN_WIRE))
		return LADDER_SAYS_WIRE_AND_HOST;
	return (enum ladder_phrase)says[l->conn->flags >> CONN_POINT_SHIFT & 3];
}

enum ladder_phrase ladder_measured(const struct ladder *ladder)
{
	if ((ladder->conn->flags | (ladder->other ? ladder->other->flags : 0)) & CONN_WIRE)
		return measured_by_wire(ladder);
	if (ladder->clocks)
		return LADDER_SAYS_TWO_MEASURED;
	if (ladder->conn->flags & CONN_UNSENT)
		return LADDER_SAYS_ONE_UNSENT;
	if (!ladder->other)
		return ladder->is_forgetful ? LADDER_SAYS_ONE_LEFT : LADDER_SAYS_ONE_MEASURED;
	return ladder->other == ladder->conn ? LADDER_SAYS_ITSELF_MEASURED :
					       LADDER_SAYS_BOTH_MEASURED;
}
