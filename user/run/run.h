/* SPDX-License-Identifier: GPL-2.0-only */
/* A run: records from a source to those who want them, in one loop for all commands. */
#ifndef USER_RUN_RUN_H
#define USER_RUN_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/conn/consumer.h"
#include "user/conn/table.h"
#include "user/event/record.h"
#include "user/option/options.h"
#include "user/rights/role.h"
#include "user/run/complaints.h"
#include "user/run/lore.h"
#include "user/run/output.h"
#include "user/run/poller.h"
#include "user/run/progress.h"
#include "user/run/redact.h"
#include "user/run/resync.h"
#include "user/run/spending.h"
#include "user/sink/sink.h"
#include "user/sockets/broker.h"
#include "user/sockets/overflows.h"
#include "user/source/live.h"
#include "user/source/replay.h"

struct run;

enum task_next { TASK_GO_ON, TASK_ENOUGH };

/* What a command makes of a run. Each function may be NULL. */
struct task {
	struct consumer_list consumers; /* of connections; none: no table is made */

	/* Takes the bytes of each record as they come, one for each event. */
	record_on_one tap;
	/* The same in whatever form they come, bundles too: it does not change what is traced. */
	record_on_one tape;
	/* The same, but of lives that are over and of the ends of sockets, which are most. */
	record_on_one aside;
	/* What is traced for it, beside what the consumers want. */
	unsigned int families; /* bits of enum hook_family_id */
	unsigned int wants;    /* set of enum consumer_want */

	/* A recording that another run will read with the rights that this one leaves, or NULL. */
	const char *reads_later;

	/* Which rights it needs when all is open; RIGHTS_ALL: it keeps those that it has. */
	enum rights_role role;

	/* An open folder in which it makes files; NULL: it makes none, or says so in `begin`. */
	const int *folder;

	/* "Tracing TCP connections": said once a kernel is traced; NULL: nothing is. */
	const struct log_text *doing;
	bool is_silent; /* nothing is printed before the end */
	/* It hides itself what is not to be told: it holds connections against what it looks at. */
	bool redacts;

	/*
	 * The source is open, and no record was handed over yet. Returns 0, or -errno after one
	 * sentence (-EPIPE: without, the reader left): then there is no run, and no `finish`.
	 */
	int (*begin)(void *context, struct run *run);
	/* Whether to go on, as of `now_ns` of the source: asked before each look for records ... */
	enum task_next (*tick)(void *context, uint64_t now_ns);
	/* ... which waits no longer than until then. UINT64_MAX: for records alone. */
	uint64_t (*due_ns)(void *context);
	/* It is enough, and the source still answers: a last look at what no record tells. */
	void (*last)(void *context, struct run *run);
	/* All records have been handed over, and who is alive was told of. */
	void (*finish)(void *context, struct run *run);
	/* The kernel does not allow it: instead of the sentence on standard error. */
	void (*refused)(void *context, int error, const char *reason);
	void *context;
};

/* The run as its task sees it. */
struct run {
	const struct options *options;
	const struct sink *sink; /* of the format that was asked for */
	struct sink_settings settings;
	struct output out;
	struct run_lore lore;
	struct redact redact; /* what is not told */
	struct source *source;
	struct live *live;	  /* the source, if it is this one */
	struct replay *replay;	  /* or this one */
	struct conn_table *table; /* NULL: nobody wants connections */
	sigset_t waiting;	  /* the signals that are let in while it waits or writes */

	/* Its own. */
	const struct task *task;
	unsigned int wants;	   /* of all: set of enum consumer_want */
	unsigned int families;	   /* that are traced, if the source is live */
	struct conn_filter filter; /* all that is filtered by; recordings bring their own */
	struct sink_layout layout;
	struct progress progress;
	struct resync resync;
	struct spending spending;
	struct poller poller;
	struct overflows *overflows; /* NULL: nobody counts them */
	struct broker *broker;	     /* has the rights that the run gives up; NULL: it keeps them */
	struct broker *opener;	     /* the same, for what is asked while that one is heard */
	int folder;		     /* in which files will be made; -1: none are */
	uint64_t malformed;	     /* records */
	uint64_t nameless;	     /* records of stacks that nobody could name: told to nobody */
	uint64_t clock_due_ns;	     /* when the time of day is asked for again */
	bool clock_was_set;	     /* while it was recorded, which was said */
	bool has_openers;	     /* a record told which code opened a connection */
};

/*
 * Follows what the options name, the running kernel or recordings, until the time is over, a signal
 * comes, the task has enough, the recordings end or standard output closes. Returns the exit
 * status: 0, or 2 after one sentence on standard error. May be called more than once.
 */
int run_follow(const struct options *options, const struct task *task);

/* Hands over the records that have come until now, and waits for none. Returns 0, or -errno. */
int run_drain(struct run *run);

/*
 * The same, and what the kernel side has collected of connections that live: the table is as the
 * kernel is. For a task that looks at it.
 */
int run_catch_up(struct run *run);

/* Where the kernel is the source: what time of day it is is asked for anew, once a second. */
void run_keep_clock(struct run *run);

/*
 * Whether the accept of a connection that was in the queue as tracing began would have been told
 * of, whoever called it and how: where the function is watched, not the system call, of which there
 * are other kinds. The function's end is passed by whoever slept in it as programs came, but nobody
 * sleeps there while a connection waits.
 */
bool run_sees_queues_served(const struct run *run);

/* Asks the task as well when `fd` can be read, until it is read empty. Returns 0, or -errno. */
int run_watch(struct run *run, int fd);

/* run_follow in parts, for tests: nothing is open; what is open is let go of. */
void run_init(struct run *run, const struct options *options, const struct task *task);
void run_done(struct run *run);
/* From `begin` to `finish`, of a source that is open. Returns the exit status. */
int run_loop(struct run *run);

#endif
