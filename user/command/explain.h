/* SPDX-License-Identifier: GPL-2.0-only */
/* The command `explain`: keeps the story of the one connection that is to be told of. */
#ifndef USER_COMMAND_EXPLAIN_H
#define USER_COMMAND_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "user/base/buffer.h"
#include "user/conn/table.h"
#include "user/option/options.h"
#include "user/sink/sink.h"

struct explain;

/* `options` must live as long. NULL when there is no memory. */
struct explain *explain_new(const struct options *options);
void explain_free(struct explain *explain);

/*
 * What the kernel and the table may leave out: less than the options' filter, because the other
 * end of a connection is of interest as well.
 */
void explain_widen(struct conn_filter *filter);

/* What the table is to tell. */
struct conn_listener explain_listener(struct explain *explain);

/* Whether the story is over as of `now_ns`; else when to ask again (UINT64_MAX: with an event). */
bool explain_is_over(const struct explain *explain, uint64_t now_ns, uint64_t *ret_again_ns);

/* Of a connection that is still in the table at the end. */
void explain_alive(struct explain *explain, const struct conn *c, uint64_t now_ns);

/* Prints the ladder. Returns whether there was a connection to explain. */
bool explain_print(struct explain *explain, const struct sink *sink,
		   const struct sink_settings *settings, struct buffer *out);

/* Connections whose numbers were forgotten, for lack of room, before they were over. */
uint64_t explain_forgotten(const struct explain *explain);

#endif
