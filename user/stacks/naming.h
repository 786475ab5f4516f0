/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks the helper that names stacks, gives it the files that it needs, and checks what it says. */
#ifndef USER_STACKS_NAMING_H
#define USER_STACKS_NAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/stacks/stacks.h"
#include "user/stacks/unwind.h"

struct naming;

/* Starts it, before there are threads. Returns 0 or -errno. */
int naming_start(struct naming **ret);

/* NULL: nothing. */
void naming_stop(struct naming *n);

struct naming_answer {
	const char *text; /* until the next question; see stack_text.h */
	size_t size;
	uint64_t used[UNWIND_MASK_WORDS]; /* see unwind_result.used */
	bool is_passing;		  /* other code may lie there soon */
};

/*
 * Returns 0, -ESRCH (its process is gone, or has become another program), -ENODATA (nothing is
 * known of it), or -EPIPE: the helper has gone, was too slow, or has said what makes no sense. No
 * more stacks of this one's owner are asked about then, and those of others as long as there are
 * other helpers.
 */
int naming_ask(struct naming *n, const struct stacks_files *files, const struct event_stack *stack,
	       struct naming_answer *ret);

#endif
