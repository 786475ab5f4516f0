/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings as a source: one or several, on any machine, in the order of time. */
#ifndef USER_SOURCE_REPLAY_H
#define USER_SOURCE_REPLAY_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/event/captured.h"
#include "user/record/format.h"
#include "user/source/source.h"

#define REPLAY_STDIN "-"

struct replay;

struct replay_settings {
	const char *const *paths; /* of files, in any order; REPLAY_STDIN is standard input */
	size_t count;
	record_on_one on_record;
	uint64_t max_records;	/* in sum; 0: all there are */
	size_t max_connections; /* that are followed in a capture at a time; 0: as many as usual */
	/* The path of a cgroup, untrusted bytes, valid during the call. NULL: not wanted. */
	void (*on_cgroup)(void *context, uint64_t id, const char *path, size_t size);
	/* The name of a container (kind 0) or a pod (1), in the same way. NULL: not wanted. */
	void (*on_label)(void *context, uint64_t kind, const char *id, size_t id_size,
			 const char *name, size_t name_size);
	/* A stack as event/stack_text.h has it, which need not be one, in the same way. */
	void (*on_stack)(void *context, uint64_t number, const char *text, size_t size);
	/*
	 * What a network namespace is called, in the same way; not of recordings of several
	 * machines, whose namespaces have the same numbers.
	 */
	void (*on_netns)(void *context, uint32_t inode, enum recording_netns what, const char *name,
			 size_t size);
	/* A process, with the space of its sockets, in the same way; its start is rebased. */
	void (*on_process)(void *context, uint8_t space, uint32_t pid, uint32_t ppid,
			   const struct recording_process *process, const char *cmdline,
			   size_t size);
	/* By how much the clock was ahead, from then on, of what it was. NULL: not wanted. */
	void (*on_clock)(void *context, int64_t ahead_ns);
	/*
	 * While a head is waited for: the signals that may interrupt, and whether one of them asks
	 * to stop. NULL: those that may now, and none does.
	 */
	const sigset_t *allowed;
	bool (*is_stopped)(void);
	void *context;
};

#define REPLAY_WHAT_SIZE 256

/* A recording that could not be read, or not all of it. */
struct replay_flaw {
	const char *path;
	int error;		     /* -errno of the file; 0: its bytes are at fault */
	uint64_t offset;	     /* of the first bad byte */
	char what[REPLAY_WHAT_SIZE]; /* what is wrong there; empty with `error` */
	uint64_t records;	     /* read of this recording all the same */
	uint64_t lost;		     /* known to be missing of it */
};

/*
 * Reads the head of each. Returns 0, -EINTR, or another -errno and the flaw, whose path lives as
 * long as `paths` (-ENOMEM: `ret_flaw` has no path).
 */
int replay_open(const struct replay_settings *settings, struct replay **ret_replay,
		struct replay_flaw *ret_flaw);

/* What the earliest of the recordings says of itself; times of all are those of its clock. */
const struct recording_about *replay_about(const struct replay *replay);

/*
 * What recording number `index`, from 0, was filtered by (see RECORDING_FILTERS; NULL: it does not
 * say), and the space of its sockets; 0: it is the only one. Returns whether there is such a one.
 */
bool replay_filters(const struct replay *replay, size_t index, const char **ret_filters,
		    uint8_t *ret_space);

/*
 * The space of the sockets of recording number `index`, and the number of the clock that it was
 * timed with, which is that of its boot. Returns whether there is such a one.
 */
bool replay_clock(const struct replay *replay, size_t index, uint8_t *ret_space,
		  uint8_t *ret_clock);

/*
 * The name of the machine that this socket was recorded on: untrusted; NULL: it is not known.
 */
const char *replay_host(const struct replay *replay, uint64_t sock);

/* What recording number `index`, from 0, says of itself; NULL: there is no such. */
const struct recording_about *replay_about_each(const struct replay *replay, size_t index);

/* The next flaw of the recordings read so far, `index` counted from 0; false: there is no such. */
bool replay_flaw(const struct replay *replay, size_t index, struct replay_flaw *ret_flaw);

/* Whether one of them is damaged, and nothing tells how much of it was lost. */
bool replay_is_torn(const struct replay *replay);

/* Whether one of them ends where nothing more could be written, as of a disk that was full. */
bool replay_is_broken(const struct replay *replay);

/* Parts of a recording that are not there; `last` UINT32_MAX: all from `first` on. */
struct replay_missing {
	uint32_t first, last;
};

/*
 * The next such parts of the recordings read so far, `index` counted from 0, and the path of one
 * that is there. Those at the end are told of when all was read. Returns false: there are no such.
 */
bool replay_missing(const struct replay *replay, size_t index, const char **ret_path,
		    struct replay_missing *ret_missing);

/* Bytes read, and of how many; 0: nobody knows. */
void replay_progress(const struct replay *replay, uint64_t *ret_bytes, uint64_t *ret_all);

/* What listeners dropped while they were recorded, as far as their ends were read. */
void replay_listen(const struct replay *replay, struct listen_counters *ret);

/* The account of the captures among them; `captures` is 0 where there is none. */
void replay_captured(const struct replay *replay, struct captured *ret);

struct source *replay_source(struct replay *replay);

#endif
