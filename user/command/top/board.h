/* SPDX-License-Identifier: GPL-2.0-only */
/* All that is counted for the screens, and the screen that is made of it. */
#ifndef USER_COMMAND_TOP_BOARD_H
#define USER_COMMAND_TOP_BOARD_H

#include "user/aggregate/alike.h"
#include "user/aggregate/failure_list.h"
#include "user/aggregate/histogram_set.h"
#include "user/aggregate/pulse.h"
#include "user/aggregate/roster.h"
#include "user/aggregate/sifted.h"
#include "user/aggregate/watched.h"
#include "user/command/top/hangs.h"
#include "user/command/top/keys.h"
#include "user/command/top/numbers.h"
#include "user/command/top/serving.h"
#include "user/command/top/tape.h"
#include "user/command/top/words.h"
#include "user/run/run.h"
#include "user/sink/screen/scene.h"

#define BOARD_CONSUMERS 6

/* What was counted until the screens stood still. */
struct still {
	struct pulse *pulse; /* NULL: they go on */
	struct histogram_set *histograms;
	struct sifted_found sifted; /* its set is a copy */
};

struct board {
	struct run *run; /* NULL before its beginning */
	struct pulse *pulse;
	struct roster *roster;
	struct alike *alike; /* tells both of lives that are over */
	struct histogram_set *histograms;
	struct sifted *sifted; /* by the words */
	struct failure_set *failures;
	struct failure_list failed; /* as the screen shows them */
	struct view view;
	struct words *words; /* the filter of the view; NULL: there is none */
	struct watched *watched;
	struct numbers numbers; /* of the watched one */
	bool has_asker;		/* somebody is there who may ask for what no screen shows yet */
	struct ladder ladder;
	struct summary summary;
	struct roster_found found;
	struct hangs hangs;
	struct serving serving;
	struct tape tape; /* of a live run that somebody looks at */
	uint64_t seen_ns; /* the moment that the screen shows */
	struct still still;
	bool is_over; /* of a recording: that was all */
	struct cells cells;
};

/* Returns 0, or -ENOMEM. */
int board_init(struct board *board, const struct options *options);
void board_done(struct board *board);

/* Those who are to be told of connections. Returns how many. */
size_t board_consumers(const struct board *board, struct consumer *consumers[BOARD_CONSUMERS]);

/* The run has begun. Returns 0, or -errno after one sentence. */
int board_begin(struct board *board, struct run *run);

/* The view stands still, or does so no more. */
void board_pause(struct board *board);

/* Does what a key has wished for. */
void board_grant(struct board *board, enum keys_wish wish);

/* Takes a sample for the rates. */
void board_sample(struct board *board, uint64_t now_ns);

/* The screen of now, in `columns` and `rows`. Returns 0, or -ENOMEM. */
int board_draw(struct board *board, unsigned int columns, unsigned int rows, bool is_ascii);

#endif
