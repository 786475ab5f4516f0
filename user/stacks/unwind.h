/* SPDX-License-Identifier: GPL-2.0-only */
/* From where a task is to who has called it, and so on, as far as that is certain. */
#ifndef USER_STACKS_UNWIND_H
#define USER_STACKS_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "user/event/stack_text.h"

enum unwind_kind {
	UNWIND_UNKNOWN, /* nothing tells, or not in words of this interface */
	UNWIND_KNOWN,
	UNWIND_OUTERMOST, /* nobody has called it */
};

/*
 * What a function says of its frame at an instruction (DWARF's call frame information). The frame's
 * address is a register's value, and an offset; what was saved lies at offsets from that.
 */
struct unwind_rule {
	enum unwind_kind kind;
	bool is_from_fp; /* the register: frame pointer; or else stack pointer */
	bool is_linked;	 /* where it returns to is in the link register still */
	bool has_saved_fp;
	bool has_lost_fp; /* the caller's frame pointer is not to be had */
	int64_t offset;
	int64_t return_offset, fp_offset;
};

struct unwind_code {
	/* Of the instruction that ends before `address`. */
	void (*rule)(void *context, uint64_t address, struct unwind_rule *ret);
	/* Whether code lies before that address. */
	bool (*is_code)(void *context, uint64_t address);
	void *context;
};

struct unwind_frame {
	uint64_t address; /* behind the call, or behind the system call */
	uint32_t flags;	  /* enum stack_frame_flag */
};

#define UNWIND_MASK_WORDS (EVENT_STACK_WORDS / 64)

struct unwind_result {
	struct unwind_frame frame[STACK_FRAMES_MAX];
	size_t count;
	bool is_whole;
	/* Words of the stack that it depends on, as bits: the same words mean the same frames. */
	uint64_t used[UNWIND_MASK_WORDS];
};

/*
 * The chain is what the kernel found by frame pointers, from the same place on, if there are any.
 * It is believed where functions say that they have frame pointers; where nothing is said, it is
 * followed and marked. Nothing is guessed: where neither tells, the rest is unknown.
 */
void unwind(const struct event_stack *stack, const struct unwind_code *code,
	    struct unwind_result *ret);

#endif
