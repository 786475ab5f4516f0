/* SPDX-License-Identifier: GPL-2.0-only */
/* Stacks that were met, and which code they are; one that was met before is known again. */
#ifndef USER_STACKS_STACKS_H
#define USER_STACKS_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "user/base/shares.h"
#include "user/event/stack_text.h"

#define STACKS_MAX 65536	     /* different ones */
#define STACKS_BYTES_MAX (64u << 20) /* of their texts */

struct stacks;

/* Where what has to be looked at comes from: descriptors, -1: it is not to be had. */
struct stacks_files {
	/* What is mapped by a process, if it is the one that ran this program at that time. */
	int (*mappings)(void *context, uint32_t pid, uint64_t mono_ns, uint64_t image);
	/* The file behind a mapping; what it says of code that it made itself. */
	int (*file)(void *context, uint32_t pid, uint64_t start, uint64_t end);
	int (*names)(void *context, uint32_t pid);
	/* The file with the names of what was stripped, by its build id, which may be any text. */
	int (*debug)(void *context, const char *build_id);
	void *context;
};

/* "functions, lines and frames": what this build can find out of a program. */
const char *stacks_knowledge(void);

/* Of recordings, which name them. NULL when there is no memory. */
struct stacks *stacks_new(void);

/*
 * With a helper that names them; before there are threads. Of STACKS_BYTES_MAX a stack has the part
 * that is one of `most`, or several, and nobody more than he leaves. Returns 0 or -errno.
 */
int stacks_start(uint32_t most, struct stacks **ret);

void stacks_free(struct stacks *s);

/* The number of the one that a record of `size` bytes is about; 0: nobody knows it any more. */
uint64_t stacks_meet(struct stacks *s, const struct stacks_files *files, const void *record,
		     size_t size);

/* Adds a text that came from elsewhere, unless it is none, or there is no room. */
void stacks_add(struct stacks *s, uint64_t number, const char *text, size_t size);

/* False: it is not known. The frames' names live as long as the stacks. */
bool stacks_find(const struct stacks *s, uint64_t number, struct stack_frames *ret_frames);

size_t stacks_count(const struct stacks *s);

/* Number `i`, from 0, in the order in which they were met. Returns its number. */
uint64_t stacks_at(const struct stacks *s, size_t i, const char **ret_text, size_t *ret_size);

/* How many times one was met that nobody knows ... */
uint64_t stacks_unknown(const struct stacks *s);

/* ... or that there was no room for, and whose those were. */
uint64_t stacks_full(const struct stacks *s);
const struct payers *stacks_payers(const struct stacks *s);

#endif
