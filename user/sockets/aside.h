/* SPDX-License-Identifier: GPL-2.0-only */
/* Has threads open what a process may hold up, so that nobody waits for it for long. */
#ifndef USER_SOCKETS_ASIDE_H
#define USER_SOCKETS_ASIDE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "user/base/patience.h"

#define ASIDE_WAIT_NS (100 * NS_PER_MS) /* for one answer */
#define ASIDE_FREE_NS (5 * NS_PER_MS)	/* is nobody's fault, but the machine's */
#define ASIDE_LEFT_MAX 16		/* threads that are held up */
#define ASIDE_LEFT_OF_ONE 2		/* by processes of one user */

struct aside_question {
	uint32_t pid;
	uint64_t from, to;
	/* Returns a descriptor, or -errno. It may never return. */
	int (*open)(const struct aside_question *question);
};

struct aside {
	uint32_t (*user_of)(uint32_t pid); /* without being held up */
	struct patience patience;

	/* Of all threads, under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t asked, answered;
	struct aside_job *next;	       /* that a thread is to take; NULL: there is none */
	bool has_thread;	       /* that waits for the next one, or has it */
	uint32_t left[ASIDE_LEFT_MAX]; /* whose processes hold threads up */
	unsigned int left_count;
};

/* It is never done: threads may be held up as long as the process lives. Returns 0 or -errno. */
int aside_init(struct aside *aside, uint32_t (*user_of)(uint32_t pid));

/*
 * What `open` returns, which is called by another thread; or -ETIMEDOUT: it has not, so far, and
 * what it opens is closed; -EBUSY: processes of this user hold up too much; or another -errno. Who
 * is held up goes on by itself some day.
 */
int aside_open(struct aside *aside, const struct aside_question *question);

#endif
