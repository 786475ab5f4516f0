/* SPDX-License-Identifier: GPL-2.0-only */
/* A file of a recording: opened, its head read, and kept open if it cannot be opened again. */
#ifndef USER_SOURCE_PART_H
#define USER_SOURCE_PART_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "user/record/reader.h"
#include "user/source/capture.h"

struct part {
	const char *path;
	uint64_t bytes;	 /* 0: unknown */
	uint32_t number; /* of its recording */
	bool is_once;	 /* a pipe, say: what was read of it cannot be read again */
	dev_t device;
	ino_t inode;

	/* While it is open. */
	int fd;		       /* -1: it is not */
	struct reader *reader; /* of a recording, or ... */
	struct capture *capture;
	uint8_t magic[CAPTURE_MAGIC_SIZE]; /* its first bytes, by which it is told what it is */
	size_t magic_size, magic_taken;
	bool (*is_stopped)(void);
	size_t max_connections;	 /* of a capture, at a time */
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

/*
 * Looks at the first bytes of a file, to tell early what would be told when it is read; not of what
 * can be read only once. Returns 0 with what is wrong with them, NULL for nothing, or -errno.
 */
int part_judge(const char *path, const char **ret_what);

/* The functions of reader.h, of whatever it is; behind part_begin(). */
const struct recording_about *part_about(const struct part *part);
size_t part_size_of(const struct part *part, uint8_t kind);
int part_next(struct part *part, struct recording_block *ret_block, uint8_t **ret_raw);
const struct recording_counters *part_counters(const struct part *part);
const struct reader_fault *part_fault(const struct part *part);
bool part_is_torn(const struct part *part); /* as reader_is_torn() */
uint32_t part_in(const struct part *part);
uint64_t part_lost(const struct part *part);
uint64_t part_position(const struct part *part);

/*
 * Behind part_begin(), and reads on for it: when the first record of a recording's part came, or
 * EVENT_TIME_UNKNOWN.
 */
uint64_t part_first_ns(struct part *part);

/* Whether both are one thing that can be read only once. */
bool part_is_same(const struct part *a, const struct part *b);

#endif
