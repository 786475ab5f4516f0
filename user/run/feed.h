/* SPDX-License-Identifier: GPL-2.0-only */
/* Hands records on: to whoever takes their bytes, and as events to the table. */
#ifndef USER_RUN_FEED_H
#define USER_RUN_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "user/event/record.h"

/* For a source; `context` is the struct run. */
void feed_record(void *context, const void *bytes, size_t size);
void feed_coming(void *context, const struct record_bytes *records, size_t count);
void feed_cgroup(void *context, uint64_t id, const char *path, size_t size);

#endif
