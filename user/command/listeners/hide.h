/* SPDX-License-Identifier: GPL-2.0-only */
/* What is not told of listeners is hidden for as long as they are told of. */
#ifndef USER_COMMAND_LISTENERS_HIDE_H
#define USER_COMMAND_LISTENERS_HIDE_H

#include <stddef.h>

#include "user/aggregate/listening_row.h"
#include "user/run/redact.h"

/* What stood where pseudonyms stand now. */
struct listeners_hidden {
	struct listening_socket *sockets; /* by their numbers, less one */
	struct listening_place *places;	  /* by the rows that are the first of theirs */
	struct holder *holders;		  /* those with pseudonyms */
};

/*
 * Hides what all sockets of `l`, and the places of the rows, are not to tell. Returns 0, or
 * -ENOMEM: nothing is hidden.
 */
int listeners_hide(struct redact *redact, struct listening *l, const struct listening_row *rows,
		   size_t count, struct listeners_hidden *ret_hidden);

/* All is as it was; but for what whoever told of it has noted. */
void listeners_unhide(struct listening *l, const struct listening_row *rows, size_t count,
		      struct listeners_hidden *hidden);

#endif
