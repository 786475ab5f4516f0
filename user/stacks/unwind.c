// SPDX-License-Identifier: GPL-2.0-only
/* From where a task is to who has called it, and so on, as far as that is certain. */
#include "user/stacks/unwind.h"

#include <string.h>

#define WORD sizeof(uint64_t)
#define NO_LINK SIZE_MAX

/* A value that may be unknown. */
struct value {
	uint64_t is;
	bool known;
};

/* A function that has called, where it will go on. */
struct position {
	uint64_t address;
	struct value sp, fp;
	/* How often the chain of frame pointers was followed to come to this one; or NO_LINK. */
	size_t link;
};

struct unwinder {
	const struct event_stack *stack;
	struct unwind_result *result;
	bool is_first;
};

/* What lies at this address of the stack. */
static struct value word_at(struct unwinder *u, struct value address, int64_t offset)
{
	uint64_t place = address.is + (uint64_t)offset - u->stack->sp, i = place / WORD;

	if (!address.known || place % WORD || i >= u->stack->words || i >= EVENT_STACK_WORDS)
		return (struct value){ 0, false };
	u->result->used[i / 64] |= UINT64_C(1) << i % 64;
	return (struct value){ u->stack->word[i], true };
}

/* The chain's next address, behind that where it is. */
static struct value next_of_chain(const struct unwinder *u, size_t link)
{
	if (link == NO_LINK || link + 1 >= u->stack->depth || link + 1 >= EVENT_STACK_DEPTH)
		return (struct value){ 0, false };
	return (struct value){ u->stack->chain[link + 1], true };
}

/* The frame is where the frame pointer says, as compilers lay it out that use one. */
static bool is_chained(const struct unwind_rule *rule)
{
	return rule->is_from_fp && rule->offset == 2 * (int64_t)WORD &&
	       rule->return_offset == -(int64_t)WORD && rule->has_saved_fp &&
	       rule->fp_offset == -2 * (int64_t)WORD;
}

/* Returns whether there is more that is known. */
static bool step_by_rule(struct unwinder *u, const struct unwind_rule *rule, struct position *at)
{
	struct value base = rule->is_from_fp ? at->fp : at->sp;
	struct value frame = { base.is + (uint64_t)rule->offset, base.known }, back, fp = at->fp;
	size_t link = at->link;

	if (rule->is_linked)
		back = (struct value){ u->stack->link, u->is_first };
	else
		back = word_at(u, frame, rule->return_offset);
	if (!back.known && is_chained(rule))
		back = next_of_chain(u, link);
	/* The stack grows downwards: who has called lies above, or else it would never end. */
	if (!back.known || (frame.known && at->sp.known && frame.is <= at->sp.is && !u->is_first))
		return false;
	if (rule->has_saved_fp) {
		fp = word_at(u, frame, rule->fp_offset);
		link = is_chained(rule) && link != NO_LINK ? link + 1 : NO_LINK;
	} else if (rule->has_lost_fp) {
		fp.known = false;
		link = NO_LINK;
	}
	*at = (struct position){ back.is, frame, fp, link };
	return true;
}

/* Where nothing is said, it may be a frame pointer, or not. */
static bool step_by_chain(struct unwinder *u, const struct unwind_code *code, struct position *at)
{
	struct value back = word_at(u, at->fp, WORD), fp = word_at(u, at->fp, 0);
	struct value sp = { at->fp.is + 2 * WORD, at->fp.known };

	if (!back.known)
		back = next_of_chain(u, at->link);
	if (!back.known || !code->is_code(code->context, back.is) ||
	    (at->fp.known && at->sp.known && at->fp.is < at->sp.is))
		return false;
	*at = (struct position){ back.is, sp, fp, at->link == NO_LINK ? NO_LINK : at->link + 1 };
	return true;
}

static void add(struct unwind_result *r, uint64_t address, uint32_t flags)
{
	r->frame[r->count++] = (struct unwind_frame){ address, flags };
}

void unwind(const struct event_stack *stack, const struct unwind_code *code,
	    struct unwind_result *ret)
{
	struct unwinder u = { stack, ret, true };
	struct position at = { stack->ip, { stack->sp, true }, { stack->fp, true }, 0 };
	uint32_t flags = 0;
	bool goes_on = true;

	memset(ret, 0, sizeof(*ret));
	while (goes_on && ret->count < STACK_FRAMES_MAX && at.address) {
		struct unwind_rule rule = { .kind = UNWIND_UNKNOWN };

		if (!code->is_code(code->context, at.address))
			return;
		add(ret, at.address, flags);
		code->rule(code->context, at.address, &rule);
		if (rule.kind == UNWIND_OUTERMOST) {
			ret->is_whole = !flags;
			return;
		}
		flags &= STACK_FRAME_UNPROVEN;
		if (rule.kind == UNWIND_KNOWN) {
			goes_on = step_by_rule(&u, &rule, &at);
		} else {
			goes_on = step_by_chain(&u, code, &at);
			/* Of a function without a frame the caller is passed over. */
			flags |= STACK_FRAME_UNPROVEN | STACK_FRAME_GAP;
		}
		u.is_first = false;
	}
	ret->is_whole = goes_on && !at.address && !flags;
}
