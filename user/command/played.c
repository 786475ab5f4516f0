// SPDX-License-Identifier: GPL-2.0-only
/* A story of the textbook that is played while a run follows it, and nothing else. */
#include "user/command/played.h"

#include <string.h>

#include "user/base/units.h"
#include "user/command/complaints.h"
#include "user/demo/play.h"
#include "user/run/signals.h"

/* Records of the last step may come so late. */
#define GRACE_NS (200 * NS_PER_MS)

int played_open(struct played *played, struct options *options, unsigned int delay_ms,
		char reason[STAGE_REASON_SIZE])
{
	int error =
		stage_open(play_script(options->explain.story), delay_ms, &played->stage, reason);

	if (error)
		return error;
	memset(&options->filter, 0, sizeof(options->filter));
	for (unsigned int end = 0; end < WIRE_ENDS; end++)
		netns_list_add(&options->filter.netns, stage_netns(played->stage, end));
	return 0;
}

void played_close(struct played *played)
{
	stage_close(played->stage);
	played->stage = NULL;
}

int played_begin(struct played *played, struct run *run)
{
	int error = run_watch(run, stage_fd(played->stage));

	if (error)
		COMMAND_COMPLAIN(PLAYER_UNWATCHED, .w = strerror(-error));
	else
		stage_begin(played->stage);
	return error;
}

bool played_is_over(struct played *played, uint64_t now_ns)
{
	if (!played->over_ns && stage_is_over(played->stage, &played->error))
		played->over_ns = now_ns;
	return played->over_ns && now_ns >= played->over_ns + GRACE_NS;
}

uint64_t played_due_ns(const struct played *played)
{
	return played->over_ns ? played->over_ns + GRACE_NS : UINT64_MAX;
}

int played_complain(const struct played *played)
{
	if (played->error && !signals_asked_to_stop())
		COMMAND_COMPLAIN(STORY_CUT, .w = strerror(-played->error));
	return signals_asked_to_stop() ? 0 : played->error;
}
