/* SPDX-License-Identifier: GPL-2.0-only */
/* Hands the rows of connections over, as their lives end, and says where a batch ends. */
#ifndef USER_COMMAND_EXPORT_ROWS_FEED_H
#define USER_COMMAND_EXPORT_ROWS_FEED_H

#include "user/aggregate/flood.h"
#include "user/aggregate/metrics.h"
#include "user/command/export/send.h"
#include "user/conn/consumer.h"
#include "user/run/run.h"
#include "user/sink/rows.h"

struct rows_feed {
	struct consumer consumer;
	struct export_send *send;
	const struct run *run;	       /* set when it begins */
	const struct metrics *metrics; /* the same */
	struct flood half_open;	       /* of forged SYNs */
	struct rows_batch batch;
	struct buffer row;
	uint32_t one_of;   /* so many flows; 1: of all */
	uint64_t due_ns;   /* when the batch ends; 0: it has not begun */
	uint64_t alive_ns; /* when an empty one ends, so that the store hears of this machine */
};

/* `one_of`: flows have rows; 0, 1: all have. */
void rows_feed_init(struct rows_feed *feed, struct export_send *send, uint32_t one_of);
void rows_feed_done(struct rows_feed *feed);

/* When it is to be asked again. */
uint64_t rows_feed_due_ns(const struct rows_feed *feed);

/* Whether a batch ends now: then losses are told as `metrics` has them. */
bool rows_feed_is_due(const struct rows_feed *feed, uint64_t now_ns);

/* Ends it, and with the last one the run. `host`: whose rows they are; untrusted, NULL: unknown. */
void rows_feed_end_batch(struct rows_feed *feed, const char *host, uint64_t now_ns, bool is_last);

#endif
