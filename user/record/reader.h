/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads a recording block by block: trusts nothing, and goes on behind what is damaged. */
#ifndef USER_RECORD_READER_H
#define USER_RECORD_READER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "user/record/format.h"

struct reader;

/* The first flaw of a recording. */
struct reader_fault {
	uint64_t offset;  /* of the byte where it begins */
	const char *what; /* the end of "byte 4711: ..." */
};

/*
 * `read` gives up to `size` bytes (0: the end) or -errno, as read(2) does. NULL when there is no
 * memory: all that a reader needs it takes here, whatever the file says.
 */
struct reader *reader_new(ssize_t (*read)(void *context, void *bytes, size_t size), void *context);
void reader_free(struct reader *reader);

/*
 * What is wrong with the first `size` bytes of a recording, of which READER_FIRST_BYTES tell: one
 * of the faults of a head; NULL: nothing so far.
 */
#define READER_FIRST_BYTES sizeof(struct recording_head)
const char *reader_judge(const uint8_t *bytes, size_t size);

/*
 * Reads the head. Returns 0, -EBADMSG (no recording, or one that this program cannot read: the
 * fault says why), or the -errno of `read`; after -EINTR it may be called again.
 */
int reader_begin(struct reader *reader);

/* What the head says; texts are untrusted and live as long as the reader. */
const struct recording_about *reader_about(const struct reader *reader);

/* Bytes of a record of this kind; 0: the recording knows no such kind. */
size_t reader_size_of(const struct reader *reader, uint8_t kind);

/*
 * The next whole block, its head and its raw bytes, which may be changed and are valid until the
 * next call. Parts of one recording may follow each other, as of cat(1). What contradicts itself is
 * left out as what is damaged is. Returns 1, 0 at the end (a fault tells whether it is one that the
 * recorder wrote), -EAGAIN when much was skipped, or the -errno of `read`; after -EAGAIN and -EINTR
 * it may be called again.
 */
int reader_next(struct reader *reader, struct recording_block *ret_block, uint8_t **ret_raw);

/* The account up to the last block read, over all parts. */
const struct recording_counters *reader_counters(const struct reader *reader);

/* The first flaw so far; NULL: none. */
const struct reader_fault *reader_fault(const struct reader *reader);

/* Whether it is damaged so far, and the end that would say how much it had has not been read. */
bool reader_is_torn(const struct reader *reader);

/* The number of the part that it is in. */
uint32_t reader_part(const struct reader *reader);

/* Records that are known to be missing between blocks. */
uint64_t reader_lost(const struct reader *reader);

/* Bytes taken from `read`, for a bar of progress. */
uint64_t reader_position(const struct reader *reader);

#endif
