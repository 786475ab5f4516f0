/* SPDX-License-Identifier: GPL-2.0-only */
/* The files that a recording is written to: made anew, in a folder where others may play tricks. */
#ifndef USER_RECORD_TARGET_H
#define USER_RECORD_TARGET_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define TARGET_ADDED 32 /* bytes that a name gets added, at most */

/*
 * Nothing that others made is ever written to, followed or adopted. A file is new, for its owner
 * alone, and takes the place of an older one of the same owner when the recording begins. A pipe or
 * a device is taken if it belongs to whoever records, or to root.
 */
struct target {
	int folder; /* open, so that it stays the same one; -1: none is */
	char name[NAME_MAX + 1 - TARGET_ADDED]; /* in that folder */
	char beside[NAME_MAX + 1]; /* the name of a new file, until it has its own; "": it has */
	bool has_parts;		   /* their names are NAME.N */
	bool is_made;		   /* what was opened last: it is not somebody's pipe or device */
};

/* Returns 0 or -errno. */
int target_init(struct target *t, const char *path, bool has_parts);
void target_done(struct target *t);

/*
 * Opens the file, or a part. Returns its descriptor, or -errno and in `ret_why`, if errno does not
 * tell enough, the end of "FILE cannot be written: ...".
 */
int target_open(struct target *t, uint32_t part, const char **ret_why);

/* Puts what was opened last into its place. Returns 0 or -errno. */
int target_settle(struct target *t);

/* Whether what was opened last is a file that was made here. */
bool target_is_made(const struct target *t);

/* Removes such a file, which is of no use, in its place or not; what is somebody's stays. */
void target_remove(const struct target *t, uint32_t part);

#endif
