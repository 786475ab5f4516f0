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
	uint64_t start_ns;	 /* CLOCK_MONOTONIC, to the tick before */
	const char *cmdline;	 /* untrusted bytes with blanks between the arguments; may be empty;
				NULL: unknown */
	size_t size, first_size; /* of it, and of its first argument */
};

/*
 * Of the text of /proc/PID/stat, whose second field its process has chosen: the parent, and when it
 * was started, in ticks since the machine was. Returns whether it is such a text.
 */
bool process_read_stat(const char *text, uint32_t *ret_ppid, uint64_t *ret_ticks);

/* Puts blanks between the arguments of `size` bytes. Returns the size without blanks at the end. */
size_t process_join_cmdline(char *text, size_t size, size_t *ret_first_size);

/*
 * Of which process `id` is a thread now: itself of a process, 0 where there is neither. In another
 * namespace of PIDs, or where /proc does not say so, it is taken for a process.
 */
uint32_t process_of_thread(uint32_t id);

struct processes;

/*
 * NULL when there is no memory. Who meets them on this machine needs PIDs in /proc that are the
 * machine's (host_shows_processes); others are told of them.
 */
struct processes *processes_new(void);
void processes_free(struct processes *processes);

/*
 * Whoever reads a command line may be held up by its process. So somebody else opens them: returns
 * a descriptor, of what is read from its start without waiting for anybody, or -errno.
 */
struct process_opener {
	int (*cmdline)(void *context, uint32_t pid);
	void *context;
};

/* From now on; without, they are opened here. */
void processes_use(struct processes *processes, const struct process_opener *opener);

/*
 * `pid`, called `name` (NUL-padded), did something at `mono_ns`: looks at it, unless it was looked
 * at a moment ago. A younger process of the same number is another one.
 */
void processes_meet(struct processes *processes, uint32_t pid, uint64_t mono_ns,
		    const char name[PROCESS_NAME_SIZE]);

/*
 * The one that was met last, if its command line is known, and nobody was told of it as it is now
 * for `again_ns`.
 */
bool processes_untold(struct processes *processes, uint32_t pid, uint64_t again_ns,
		      struct process_known *ret_known);

/*
 * One that somebody else has met, as untrusted as what he read; `space` parts those of several
 * machines.
 */
void processes_add(struct processes *processes, uint8_t space, uint32_t pid,
		   const struct process_known *known);

/* Who `pid` was at `mono_ns`, valid until the next is met; false: it is not known. */
bool processes_find(const struct processes *processes, uint8_t space, uint32_t pid,
		    uint64_t mono_ns, struct process_known *ret_known);

#endif
