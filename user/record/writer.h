/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes a recording behind the back of whoever reads the ring: a slow disk stops nobody. */
#ifndef USER_RECORD_WRITER_H
#define USER_RECORD_WRITER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/record/format.h"

#define WRITER_STDOUT "-"

struct writer;

struct writer_settings {
	const char *path;      /* WRITER_STDOUT: standard output */
	uint64_t rotate_bytes; /* of a part, which is PATH.N then; 0: there is one file, PATH */
	uint32_t keep;	       /* parts; 0: all */
	size_t queue_bytes;    /* of records that wait to be written, before compression */
	/* The account of now; called when a block is closed. */
	void (*count)(void *context, struct recording_counters *ret_counters);
	/*
	 * Called by the thread that writes, before all else; `folder` is where it makes files, -1:
	 * nowhere. NULL: nothing.
	 */
	void (*thread)(void *context, int folder);
	void *context;
};

/* What came of it. */
struct writer_report {
	uint64_t records; /* written, in all parts */
	uint64_t dropped; /* there was no room for them, or the file could not be written */
	uint64_t bytes;
	uint32_t parts;
	bool is_unsure; /* closing one was an error: some of the records may be missing after all */
};

/*
 * Opens the (first) file; one that is there already stays until writer_begin. Returns 0, or -errno
 * and in `ret_why`, if errno does not tell enough, the end of "FILE cannot be written: ...".
 */
int writer_open(const struct writer_settings *settings, struct writer **ret_writer,
		const char **ret_why);

/*
 * At any time: it is written before the next records are, and each part begins with the names so
 * far. Those of cgroups, those of containers and pods (see RECORDING_LABELS), and stacks.
 */
void writer_add_name(struct writer *writer, uint64_t id, const char *path);
void writer_add_label(struct writer *writer, uint64_t kind, const char *id, const char *name);
void writer_add_stack(struct writer *writer, uint64_t number, const char *text, uint16_t size);

/* The same of network namespaces (enum recording_netns; `name` is "" but of the first). */
void writer_add_netns(struct writer *writer, uint32_t inode, enum recording_netns what,
		      const char *name);

/* The same of a clock that was set: its offset from then on, as clock_offset_ns. */
void writer_add_clock(struct writer *writer, int64_t offset_ns);

/* The same of a process, but that a part begins with the last of them alone. */
void writer_add_process(struct writer *writer, uint32_t pid, uint32_t ppid,
			const struct recording_process *process, const char *cmdline, size_t size);

/* Writes the head. `about`, but for its part, must live as long as the writer. 0 or -errno. */
int writer_begin(struct writer *writer, const struct recording_about *about);

/* Takes a record, or drops and counts it; never waits. */
void writer_add(struct writer *writer, const void *bytes, size_t size);

/*
 * When writer_flush should be called, or writer_error may have changed, by CLOCK_MONOTONIC;
 * UINT64_MAX: there is nothing to flush, and all is written.
 */
uint64_t writer_due_ns(const struct writer *writer);

/* Closes the block if it is due, so that little is lost with a machine that crashes. */
void writer_flush(struct writer *writer, uint64_t now_ns);

/* Records dropped so far. */
uint64_t writer_dropped(struct writer *writer);

/* 0, or the -errno for which nothing more is written. */
int writer_error(struct writer *writer);

/* The folder in which it will make files, open; -1: it makes no more. */
int writer_folder(const struct writer *writer);

/* What that errno does not tell; NULL: it tells all. */
const char *writer_why(const struct writer *writer);

/*
 * Waits until everything is written, while `allowed` signals may interrupt, and ends the file.
 * What was written before an error is a whole recording all the same, unless the report is unsure.
 * Returns 0 or -errno.
 */
int writer_end(struct writer *writer, const struct recording_counters *counters,
	       const struct recording_listen *listen, const sigset_t *allowed,
	       struct writer_report *ret_report);

/* A file that was made and never begun is removed. */
void writer_free(struct writer *writer);

#endif
