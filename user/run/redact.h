/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What --redact hides, in the one place where that is decided: between who knows it and who tells
 * it. Filters, and all that follows connections, see what is true.
 */
#ifndef USER_RUN_REDACT_H
#define USER_RUN_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "user/aggregate/listening.h"
#include "user/aggregate/stuck.h"
#include "user/base/pseudonyms.h"
#include "user/conn/consumer.h"
#include "user/event/stack_text.h"
#include "user/option/options.h"

struct redact {
	unsigned int what; /* set of 1 << REDACT_... */
	struct pseudonyms *pseudonyms;
	struct consumer_list consumers; /* that stand before those of the task */
	struct redacted *redacted;	/* which are these */
};

/* Returns 0 or -ENOMEM. */
int redact_init(struct redact *r, unsigned int what);
void redact_done(struct redact *r);

/* Those that tell `list` what may be told. Returns 0 or -ENOMEM. */
int redact_consumers(struct redact *r, const struct consumer_list *list);

/*
 * Of a connection, of who holds a socket, of one that listens, or where one does (either may be
 * NULL), of a record: each is the caller's own.
 */
void redact_conn(struct redact *r, struct conn *c);
void redact_holder(struct redact *r, struct holder *h);
void redact_listener(struct redact *r, struct listening_socket *s, struct listening_place *p);
void redact_record(struct redact *r, void *bytes, size_t size);

/* Of a name, which may be NULL. `r` may be NULL: nothing is hidden. */
const char *redact_name(struct redact *r, enum pseudonym_kind kind, const char *name);
void redact_stack(struct redact *r, struct stack_frames *frames);

/* Of a command line what may be told: its size is put into `size`. */
const char *redact_cmdline(struct redact *r, const char *cmdline, size_t first_size, size_t *size);

#endif
