/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said between a process and who names its stacks; each takes the other's for foreign. */
#ifndef USER_STACKS_WIRE_H
#define USER_STACKS_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "user/event/stack_text.h"
#include "user/stacks/unwind.h"

enum stacks_wish {
	STACKS_NAME = 1, /* with the mappings of its process: what is this stack? */
	STACKS_FILE,	 /* what was needed, with it, or without it: it is not to be had */
};

struct stacks_request {
	uint32_t wish; /* enum stacks_wish */
	uint32_t zero;
	struct event_stack stack;
};

enum stacks_word {
	STACKS_NEEDS_FILE = 1, /* that is mapped from `start` to `end` */
	STACKS_NEEDS_NAMES,    /* what its process says of code that it made */
	STACKS_NEEDS_DEBUG,    /* the file with the names of this build id, which is the text */
	STACKS_DONE,	       /* with the text; it is empty where nothing is known */
};

struct stacks_answer {
	uint32_t word; /* enum stacks_word */
	uint32_t size; /* of the text */
	uint64_t start, end;
	uint64_t used[UNWIND_MASK_WORDS]; /* as unwind_result.used */
	uint32_t is_passing;		  /* other code may lie there soon */
	uint32_t zero;
	char text[STACK_TEXT_MAX];
};

/* Bytes of an answer with so much text. */
#define STACKS_ANSWER_SIZE(size) (offsetof(struct stacks_answer, text) + (size))

#endif
