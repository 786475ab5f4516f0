/* SPDX-License-Identifier: GPL-2.0-only */
/* Takes rows out of the queue, keeps them in the spool, and sends them until the store has them. */
#ifndef USER_COMMAND_EXPORT_CARRIER_H
#define USER_COMMAND_EXPORT_CARRIER_H

#include <stdbool.h>
#include <stdint.h>

#include "user/command/export/queue.h"
#include "user/run/store.h"

struct carrier_settings {
	struct queue *queue;
	const struct store *store;
	int folder; /* of the spool, open; -1: rows wait in memory */
	uint64_t spool_bytes;
	bool is_patient; /* nothing is dropped for lack of room: who puts waits */
};

/*
 * Until the other end of `fd` is closed; messages are those of errand.h, where ERRAND_LEFT
 * answers for ERRAND_FINISH when rows have stayed in the folder. Returns an exit status.
 */
int carrier_run(const struct carrier_settings *settings, int fd);

#endif
