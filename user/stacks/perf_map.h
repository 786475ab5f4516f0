/* SPDX-License-Identifier: GPL-2.0-only */
/* What a process says of code that it made: /tmp/perf-PID.map, lines of "START SIZE NAME". */
#ifndef USER_STACKS_PERF_MAP_H
#define USER_STACKS_PERF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PERF_MAP_NAME_MAX 255	      /* longer ones are cut */
#define PERF_MAP_TEXT_MAX (64u << 20) /* bytes of it that are read */

struct perf_map_question {
	uint64_t address;
	/* The answer. */
	uint64_t offset;		      /* from the start of its function */
	char function[PERF_MAP_NAME_MAX + 1]; /* untrusted; "": nobody says */
};

/*
 * Answers all questions by what `read` gives, as read(2) does. Code may be made where other code
 * was: what is told last holds. Lines that are none are passed over. Returns 0 or -errno.
 */
int perf_map_answer(ssize_t (*read)(void *context, void *bytes, size_t size), void *context,
		    struct perf_map_question *questions, size_t count);

#endif
