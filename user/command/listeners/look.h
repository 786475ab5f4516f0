/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks at all listening sockets, and at what waits in their queues. */
#ifndef USER_COMMAND_LISTENERS_LOOK_H
#define USER_COMMAND_LISTENERS_LOOK_H

#include "user/aggregate/listening_row.h"
#include "user/kernel/planner.h"
#include "user/option/options.h"
#include "user/sockets/holders.h"
#include "user/sockets/sockets.h"

/* What is looked with; loaded once. */
struct listeners_eye {
	const struct netns_list *netns;
	struct broker *broker;
	struct sockets *sockets;
	struct holders *holders;
	struct listening *listening;
	struct holder_table table; /* of the last search: the sockets point into it */
	struct sockets_result result;
	uint64_t uncounted; /* namespaces whose counters could not be read */
	bool may_load;	    /* there was the right to, when it was opened */
	bool may_enter;	    /* the same, other network namespaces */
};

/*
 * `broker` has the rights to look; NULL: this process. Returns 0, or -errno with the reason in
 * `reason`; listeners_eye_close is called in either case.
 */
int listeners_eye_open(struct listeners_eye *eye, const struct options *options,
		       struct listening *listening, struct broker *broker,
		       char reason[PLAN_REASON_SIZE]);
void listeners_eye_close(struct listeners_eye *eye);

/* Returns 0, or -errno when no socket at all could be read, with the reason in `reason`. */
int listeners_look(struct listeners_eye *eye, char reason[PLAN_REASON_SIZE]);

/* Who holds them now. A process that takes one over later is not seen before the next time. */
int listeners_find_holders(struct listeners_eye *eye);

/* Whether some are there of which nobody has looked for a holder. */
bool listeners_has_new(const struct listeners_eye *eye);

/* Adds what could not be seen. */
void listeners_account(const struct listeners_eye *eye, struct listening_totals *totals);

/* By which way sockets are read. */
const char *listeners_way(const struct listeners_eye *eye);

/* Says on standard error why it failed. */
void listeners_complain(const struct listeners_eye *eye, int error, const char *reason);

#endif
