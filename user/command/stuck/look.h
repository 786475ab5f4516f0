/* SPDX-License-Identifier: GPL-2.0-only */
/* One look at all sockets: those that are stuck by the options, with their holders. */
#ifndef USER_COMMAND_STUCK_LOOK_H
#define USER_COMMAND_STUCK_LOOK_H

#include "user/aggregate/summary.h"
#include "user/kernel/planner.h"
#include "user/option/options.h"
#include "user/run/lore.h"
#include "user/sockets/holders.h"
#include "user/sockets/sockets.h"

/* Sockets that listen, by namespace and port: whose fault it is when nobody accepts. */
struct stuck_listener {
	uint64_t inode;
	uint32_t netns;
	uint16_t port;
};

/* What looks are taken with; loaded once. */
struct stuck_eye {
	const struct options *options;
	struct sockets *sockets;
	struct holders *holders;
	bool may_load;	/* when it was opened: rights may be given up since */
	bool may_enter; /* other network namespaces, then */
};

/*
 * `broker` has the rights to look; NULL: this process. Returns 0, or -errno with the reason in
 * `reason`; stuck_eye_close is called in either case.
 */
int stuck_eye_open(struct stuck_eye *eye, const struct options *options, struct broker *broker,
		   char reason[PLAN_REASON_SIZE]);
void stuck_eye_close(struct stuck_eye *eye);

/* A process, and the name that was asked for of one of its threads; "": none has such. */
struct stuck_thread {
	uint32_t pid;
	char comm[EVENT_COMM_SIZE];
};

#define STUCK_THREADS 256 /* processes that are remembered */

struct stuck_look {
	const struct options *options;
	const struct stuck_eye *eye; /* while it is made */
	uint64_t mono_ns;	     /* when it began */

	struct stuck *all; /* oldest first */
	size_t count, room;
	struct stuck_listener *listeners; /* sorted */
	size_t listener_count, listener_room;
	struct holder_table holders; /* which `all` points into */
	struct run_lore names;	     /* of cgroups, if somebody asks for one */
	struct stuck_thread threads[STUCK_THREADS];
	struct stuck_counts counts;
	const char *rung;	/* by which sockets were read */
	bool hides_connections; /* nobody may read of which MPTCP connection a subflow is */
};

/* Who knows more about the sockets than a look can see; called before their age is judged. */
struct stuck_look_watcher {
	/* When all have been read: to hear what happened meanwhile. 0 or -errno; may be NULL. */
	int (*drain)(void *context);
	/* Corrects the age; whether it is still in that state. */
	bool (*amend)(void *context, struct stuck *s);
	void *context;
};

/*
 * Reads the sockets and their holders; `watcher` may be NULL. Returns 0 and the look, which the
 * caller ends with stuck_look_done; or -errno when no socket at all could be read, with the reason
 * in `reason`.
 */
int stuck_look(const struct stuck_eye *eye, const struct stuck_look_watcher *watcher,
	       struct stuck_look *ret_look, char reason[PLAN_REASON_SIZE]);

/* Says on standard error why it failed. */
void stuck_look_complain(const struct stuck_eye *eye, int error, const char *reason);

/* Adds by which ways it was made. */
void stuck_look_summarize(const struct stuck_look *look, struct summary *summary);
void stuck_look_done(struct stuck_look *look);

/* The least age of a socket in this state that is told of; TIME_UNKNOWN: none is. */
uint64_t stuck_look_age(const struct options *options, enum tcp_state state);

/*
 * The least age of those that nobody accepts, while they are ESTABLISHED; TIME_UNKNOWN: none is
 * told of. Who names no state wants what hangs; a watch waits for transitions, of which this is
 * none.
 */
uint64_t stuck_look_unaccepted_age(const struct options *options);

#endif
