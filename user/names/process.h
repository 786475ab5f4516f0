/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes as /proc shows them when they are met, kept for when they are gone. */
#ifndef USER_NAMES_PROCESS_H
#define USER_NAMES_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROCESS_CMDLINE_MAX 1024 /* bytes that are kept of one */
#define PROCESS_NAME_SIZE 16

struct process_known {
	uint32_t ppid;
	const char *cmdline; /* untrusted bytes with blanks between the arguments; may be empty */
	size_t size, first_size; /* of it, and of its first argument */
};

/*
 * Of the text of /proc/PID/stat, whose second field its process has chosen: the parent, and when it
 * was started, in ticks since the machine was. Returns whether it is such a text.
 */
bool process_read_stat(const char *text, uint32_t *ret_ppid, uint64_t *ret_ticks);

/* Puts blanks between the arguments of `size` bytes. Returns the size without blanks at the end. */
size_t process_join_cmdline(char *text, size_t size, size_t *ret_first_size);

struct processes;

/* NULL when there is no memory, or where the PIDs of /proc are not those of the machine. */
struct processes *processes_new(void);
void processes_free(struct processes *processes);

/*
 * `pid`, called `name` (NUL-padded), did something at `mono_ns`: looks at it, unless it was looked
 * at a moment ago. A younger process of the same number is another one.
 */
void processes_meet(struct processes *processes, uint32_t pid, uint64_t mono_ns,
		    const char name[PROCESS_NAME_SIZE]);

/* Who `pid` was at `mono_ns`, valid until the next is met; false: it is not known. */
bool processes_find(const struct processes *processes, uint32_t pid, uint64_t mono_ns,
		    struct process_known *ret_known);

#endif
