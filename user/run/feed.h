/* SPDX-License-Identifier: GPL-2.0-only */
/* Hands records on: to whoever takes their bytes, and as events to the table. */
#ifndef USER_RUN_FEED_H
#define USER_RUN_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "user/event/record.h"
#include "user/record/format.h"

struct run;

/* What takes records for this run: for its table, its tap, or both. */
record_on_one feed_of(const struct run *run);

/* For a source; `context` is the struct run. */
void feed_coming(void *context, const struct record_bytes *records, size_t count);
void feed_cgroup(void *context, uint64_t id, const char *path, size_t size);
void feed_label(void *context, uint64_t kind, const char *id, size_t id_size, const char *name,
		size_t name_size);
void feed_stack(void *context, uint64_t number, const char *text, size_t size);

/* The same of what a recording says of network namespaces and of processes. */
void feed_netns(void *context, uint32_t inode, enum recording_netns what, const char *name,
		size_t size);
void feed_process(void *context, uint8_t space, uint32_t pid, uint32_t ppid,
		  const struct recording_process *process, const char *cmdline, size_t size);

/* The clock was set while it was recorded: said once. */
void feed_clock(void *context, int64_t ahead_ns);

#endif
