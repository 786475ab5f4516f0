/* SPDX-License-Identifier: GPL-2.0-only */
/* One recording: its parts in their order, and their records one after the other. */
#ifndef USER_SOURCE_STREAM_H
#define USER_SOURCE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/event/event.h"
#include "user/event/identity.h"
#include "user/record/reader.h"
#include "user/source/part.h"
#include "user/source/replay.h"

struct stream {
	const struct replay_settings *settings;
	struct part **parts; /* in the order of their numbers */
	size_t part_count, next_part;
	struct recording_about about;	   /* of the first part there is */
	char *texts[RECORDING_TEXT_COUNT]; /* which `about` points to; freed with the stream */
	const char *rungs[HOOK_FAMILY_COUNT];
	int64_t start_ns; /* of its first record at the earliest, on the common clock */
	struct event_origin origin;

	/* While a part is being read. */
	struct part *part;
	bool is_reading;
	uint8_t *at, *end;    /* records left of its block */
	size_t size;	      /* of the record it is at, with what stands behind it */
	uint32_t left;	      /* so many, as the block says */
	uint64_t key_ns;      /* the latest time so far: what it is merged by */
	uint32_t next_number; /* of the part to come */
	bool is_begun, is_over, is_more_told;
	bool is_broken;		/* what came behind its end could not be written */
	bool is_old;		/* records are of an earlier EVENT_VERSION */
	bool is_among_machines; /* recordings of several are read */

	struct recording_counters before; /* of the parts that are over */
	uint64_t bytes_before;
	uint64_t records, lost_before;
	uint64_t end_ns;		/* the latest that it tells of, on the common clock */
	struct recording_listen listen; /* all 0: it does not say */
	struct captured captured;	/* of the parts that are over */
	struct replay_missing *missing;
	size_t missing_count;
	struct replay_flaw flaw;
	bool has_flaw, is_lossy, is_torn;
};

/* One without parts, of which `about` says what is kept. NULL when there is no memory. */
struct stream *stream_new(const struct replay_settings *settings,
			  const struct recording_about *about);

/* The part is the stream's from then on. Returns 0 or -ENOMEM. */
int stream_add_part(struct stream *s, struct part *part);

bool stream_has_part(const struct stream *s, uint32_t number);

/*
 * Brings it to its next record. Returns 0 (it may be over), -EINTR, or -EAGAIN: it is to be called
 * again.
 */
int stream_reach(struct stream *s);

/* Goes on behind the record; it is at the next one, or at the end of its block. */
void stream_advance(struct stream *s);

/* Notes that it has more than anybody wants. */
void stream_leave(struct stream *s);

/* The account of what has been read of it. */
struct recording_counters stream_counters(const struct stream *s);

/* The account of its packets, if it is a capture. */
struct captured stream_captured(const struct stream *s);

/* Records that are known to be missing of it. */
uint64_t stream_lost(const struct stream *s);

/* Whether it is damaged, and nothing tells how much of it was lost. */
bool stream_is_torn(const struct stream *s);

/* The first flaw so far, also while what is damaged is still being gone over; false: none. */
bool stream_flaw(const struct stream *s, struct replay_flaw *ret_flaw);

/* As replay_missing(). */
bool stream_missing(const struct stream *s, size_t index, struct replay_missing *ret_missing);

/* Bytes read of it. */
uint64_t stream_position(const struct stream *s);

void stream_free(struct stream *s);

#endif
