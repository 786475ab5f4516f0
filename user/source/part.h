/* SPDX-License-Identifier: GPL-2.0-only */
/* A file of a recording: opened, its head read, and kept open if it cannot be opened again. */
#ifndef USER_SOURCE_PART_H
#define USER_SOURCE_PART_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "user/record/reader.h"

struct part {
	const char *path;
	uint64_t bytes;	 /* 0: unknown */
	uint32_t number; /* of its recording */
	bool is_once;	 /* a pipe, say: what was read of it cannot be read again */
	dev_t device;
	ino_t inode;

	/* While it is open. */
	int fd; /* -1: it is not */
	struct reader *reader;
	const sigset_t *allowed; /* signals that may interrupt waiting; NULL: as they are */
};

/* Of a file that is not open; NULL when there is no memory. */
struct part *part_new(const char *path, const sigset_t *allowed);
void part_free(struct part *part);

/* Without waiting for anybody. Returns 0 or -errno. */
int part_open(struct part *part);

/*
 * Reads the head. Returns 0, -EBADMSG with the reader's fault, -EINTR: it may be called again, or
 * another -errno.
 */
int part_begin(struct part *part);

void part_close(struct part *part);

/* Whether both are one thing that can be read only once. */
bool part_is_same(const struct part *a, const struct part *b);

#endif
