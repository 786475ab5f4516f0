/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet capture, read as a recording is: in blocks of records. */
#ifndef USER_SOURCE_CAPTURE_H
#define USER_SOURCE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "user/event/captured.h"
#include "user/record/reader.h"

struct capture;

struct capture_settings {
	ssize_t (*read)(void *context, void *bytes, size_t size); /* as of reader_new() */
	void *context;
	bool (*is_stopped)(void); /* nobody wants more of it; NULL: somebody always does */
	size_t max_connections;	  /* ends that are followed; 0: of CAPTURE_CONNECTIONS */
	uint64_t series;	  /* what its one part is of */
};

#define CAPTURE_CONNECTIONS 65536

/* Whether bytes begin as a capture does, packed or not. CAPTURE_MAGIC_SIZE of them tell. */
#define CAPTURE_MAGIC_SIZE 4
bool capture_is(const uint8_t *bytes, size_t size);

/* NULL when there is no memory. */
struct capture *capture_new(const struct capture_settings *settings);
void capture_free(struct capture *c);

/* The functions of reader.h, of a capture. */
int capture_begin(struct capture *c);
const struct recording_about *capture_about(const struct capture *c);
int capture_next(struct capture *c, struct recording_block *ret_block, uint8_t **ret_raw);
const struct recording_counters *capture_counters(const struct capture *c);
const struct reader_fault *capture_fault(const struct capture *c);
uint64_t capture_position(const struct capture *c);

/* What its packets were, so far. */
void capture_count(const struct capture *c, struct captured *ret_captured);

#endif
