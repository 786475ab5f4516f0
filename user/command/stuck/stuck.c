// SPDX-License-Identifier: GPL-2.0-only
/* The command stuck: what hangs, since when, and who holds it. */
#include <string.h>

#include "user/command/command.h"
#include "user/command/complaints.h"
#include "user/command/stuck/look.h"
#include "user/command/stuck/ports.h"
#include "user/command/stuck/replay.h"
#include "user/command/stuck/tell.h"
#include "user/command/stuck/watch.h"
#include "user/run/complaints.h"
#include "user/run/keep.h"
#include "user/run/lore.h"
#include "user/sockets/broker.h"

#define EXIT_STUCK 1
#define EXIT_FAILED 2

static int tell_look(struct stuck_tell *tell, struct stuck_look *look)
{
	struct summary summary = { .scope = SUMMARY_OF_A_LOOK };
	int error;

	if (look->count)
		stuck_tell_learn(tell);
	error = stuck_tell_all(tell, look->all, look->count);
	stuck_look_summarize(look, &summary);
	stuck_tell_end(tell, &summary, &look->counts);
	if (error)
		COMMAND_COMPLAIN(NO_MEMORY_GROUPS);
	if (error || tell->has_failed)
		return EXIT_FAILED;
	/* That nothing is stuck is not known where not all could be looked at. */
	return look->count ? EXIT_STUCK : stuck_counts_are_partial(&look->counts) ? EXIT_FAILED : 0;
}

static int look_once(struct stuck_tell *tell, struct broker *broker)
{
	char reason[PLAN_REASON_SIZE] = "";
	struct stuck_look look;
	struct stuck_eye eye;
	int error = stuck_eye_open(&eye, tell->options, broker, reason);
	int status = EXIT_FAILED;

	keep_look(tell->options);
	if (!error)
		error = stuck_look(&eye, NULL, &look, reason);
	if (error) {
		stuck_look_complain(&eye, error, reason);
	} else {
		status = tell_look(tell, &look);
		stuck_look_done(&look);
	}
	stuck_eye_close(&eye);
	return status;
}

/* By a helper, which keeps the rights that it takes. */
static int look_by_helper(struct stuck_tell *tell)
{
	struct broker *broker;
	int error, status;

	if (!tell->options->stuck.ports && run_lore_cannot_tell(&tell->options->filter))
		return EXIT_FAILED;
	run_lore_doubt_processes(&tell->options->filter);
	error = broker_start(&broker);
	if (error) {
		RUN_COMPLAIN(BROKER_NOT_STARTED, .w = strerror(-error));
		return EXIT_FAILED;
	}
	status = tell->options->stuck.ports ? stuck_ports(tell, broker) : look_once(tell, broker);
	broker_stop(broker);
	return status;
}

static int stuck_run(const struct options *options)
{
	struct stuck_tell tell;
	int status = EXIT_FAILED;

	plan_set_verbose(options->verbose);
	if (!stuck_tell_init(&tell, options))
		status = options->input_count ? stuck_replay(&tell) :
			 options->stuck.watch ? stuck_watch(&tell) :
						look_by_helper(&tell);
	if (output_end(&tell.out))
		status = EXIT_FAILED;
	stuck_tell_done(&tell);
	return status;
}

const struct command command_stuck = { .run = stuck_run };
