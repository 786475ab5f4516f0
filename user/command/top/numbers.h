/* SPDX-License-Identifier: GPL-2.0-only */
/* Sequence numbers of the connection that is looked at: nobody pays for those of the others. */
#ifndef USER_COMMAND_TOP_NUMBERS_H
#define USER_COMMAND_TOP_NUMBERS_H

#include "user/aggregate/watched.h"
#include "user/run/run.h"

/* Zeroed memory is one that is about to look. */
struct numbers {
	uint64_t due_ns; /* of the next look */
};

/* Looks at the sockets of both ends, if it is time and they may tell more than is known. */
void numbers_look(struct numbers *numbers, struct run *run, struct watched *watched);

#endif
