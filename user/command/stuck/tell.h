/* SPDX-License-Identifier: GPL-2.0-only */
/* Telling of stuck sockets: on standard output, and to the command of --exec. */
#ifndef USER_COMMAND_STUCK_TELL_H
#define USER_COMMAND_STUCK_TELL_H

#include "user/option/options.h"
#include "user/run/lore.h"
#include "user/run/output.h"
#include "user/run/redact.h"
#include "user/run/runner.h"
#include "user/sink/sink.h"

struct stuck_tell {
	const struct options *options;
	const struct sink *sink;
	struct sink_settings settings;
	struct output out;
	struct redact redact; /* what is not told */
	struct run_lore lore;
	struct run_lore *names; /* whose names are told: these, or those of a replay */
	struct runner *runner;	/* of --exec; NULL: no command is run */
	struct buffer line;	/* for the command */
	bool has_failed;	/* the runner has ended, or memory has, after one sentence */
};

/* Returns 0, or -errno after one sentence; stuck_tell_done is called in either case. */
int stuck_tell_init(struct stuck_tell *tell, const struct options *options);
void stuck_tell_done(struct stuck_tell *tell);

/* From now on things are called by these names. */
void stuck_tell_by(struct stuck_tell *tell, struct run_lore *names);

/* Looks up the names of cgroups and namespaces as they are now; those that are gone are kept. */
void stuck_tell_learn(struct stuck_tell *tell);

void stuck_tell_header(struct stuck_tell *tell);
void stuck_tell_one(struct stuck_tell *tell, const struct stuck *s);

/* All at once, in groups where the format has them. Returns 0 or -ENOMEM. */
int stuck_tell_all(struct stuck_tell *tell, const struct stuck *all, size_t count);

/* Whether --exec runs no more commands, after one sentence. */
bool stuck_tell_has_failed(struct stuck_tell *tell);

/* The summary, after what is in `summary` already, and everything that is not yet written. */
void stuck_tell_end(struct stuck_tell *tell, struct summary *summary, struct stuck_counts *counts);

#endif
