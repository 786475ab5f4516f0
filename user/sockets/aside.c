// SPDX-License-Identifier: GPL-2.0-only
/*
 * One thread that opens, and another one whenever it is held up: what a process has mapped can be
 * looked at only when that process lets its memory be looked at, which it may put off for ever (a
 * page of its own file system that never comes).
 */
#include "user/sockets/aside.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "user/base/clock.h"

#define STACK_BYTES (128 << 10)
#define UNTAKEN_TURNS 10

struct aside_job {
	struct aside_question question;
	int fd; /* or -errno */
	bool is_over;
	bool is_left; /* nobody waits for it any more: the thread that has it frees it */
	uint32_t uid; /* whose it is, then */
};

int aside_init(struct aside *aside, uint32_t (*user_of)(uint32_t pid))
{
	pthread_condattr_t attributes;
	int error;

	*aside = (struct aside){ .user_of = user_of };
	error = pthread_condattr_init(&attributes);
	if (error)
		return -error;
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	error = pthread_cond_init(&aside->answered, &attributes);
	pthread_condattr_destroy(&attributes);
	if (!error)
		error = pthread_cond_init(&aside->asked, NULL);
	if (!error)
		error = pthread_mutex_init(&aside->lock, NULL);
	return -error;
}

/* ---- the threads ----------------------------------------------------------------------------- */

/* One that was held up, and is no more: there is another thread by now. */
static void forget(struct aside *aside, struct aside_job *job)
{
	for (unsigned int i = 0; i < aside->left_count; i++)
		if (aside->left[i] == job->uid) {
			aside->left[i] = aside->left[--aside->left_count];
			break;
		}
	if (job->fd >= 0)
		close(job->fd);
	free(job);
}

static void *work(void *context)
{
	struct aside *aside = context;
	bool goes_on = true;

	pthread_mutex_lock(&aside->lock);
	while (goes_on) {
		struct aside_job *job;

		while (!aside->next)
			pthread_cond_wait(&aside->asked, &aside->lock);
		job = aside->next;
		aside->next = NULL;
		pthread_mutex_unlock(&aside->lock);
		job->fd = job->question.open(&job->question);
		pthread_mutex_lock(&aside->lock);
		goes_on = !job->is_left;
		job->is_over = true;
		if (goes_on)
			pthread_cond_signal(&aside->answered);
		else
			forget(aside, job);
	}
	pthread_mutex_unlock(&aside->lock);
	return NULL;
}

static int begin_thread(struct aside *aside)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error = pthread_attr_init(&attributes);

	if (error)
		return -error;
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	error = pthread_create(&thread, &attributes, work, aside);
	pthread_attr_destroy(&attributes);
	return -error;
}

/* ---- who asks -------------------------------------------------------------------------------- */

/* By the clock that threads wait by: in a time namespace it is not that of events. */
static struct timespec in_so_long(uint64_t ns)
{
	struct timespec at = { .tv_sec = 0 };

	clock_gettime(CLOCK_MONOTONIC, &at);
	ns += (uint64_t)at.tv_nsec;
	at.tv_sec += (time_t)(ns / NS_PER_S);
	at.tv_nsec = (long)(ns % NS_PER_S);
	return at;
}

/*
 * Under the lock. Returns whether it is over. As long as no thread has taken it nobody but the
 * machine is slow, and that is waited for longer.
 */
static bool await(struct aside *aside, const struct aside_job *job, uint64_t time_ns)
{
	for (int turns = 0; !job->is_over && turns < UNTAKEN_TURNS; turns++) {
		const struct timespec until = in_so_long(time_ns);
		int error = 0;

		while (!job->is_over && !error)
			error = pthread_cond_timedwait(&aside->answered, &aside->lock, &until);
		if (aside->next != job)
			break;
	}
	return job->is_over;
}

/* Under the lock. The thread that has it is lost for now, unless none has taken it. */
static void leave(struct aside *aside, struct aside_job *job, uint32_t uid)
{
	if (aside->next == job) {
		aside->next = NULL;
		free(job);
		return;
	}
	job->is_left = true;
	job->uid = uid;
	aside->left[aside->left_count++] = uid;
	aside->has_thread = false;
}

static int ask(struct aside *aside, const struct aside_question *question, uint64_t time_ns)
{
	struct aside_job *job = malloc(sizeof(*job));
	int fd = job ? 0 : -ENOMEM;

	if (!fd && !aside->has_thread)
		fd = begin_thread(aside);
	if (fd) {
		free(job);
		return fd;
	}
	aside->has_thread = true;
	*job = (struct aside_job){ .question = *question };
	aside->next = job;
	pthread_cond_signal(&aside->asked);
	if (!await(aside, job, time_ns)) {
		leave(aside, job, aside->user_of(question->pid));
		return -ETIMEDOUT;
	}
	fd = job->fd;
	free(job);
	return fd;
}

/* Under the lock. 0: not at all. */
static uint64_t time_for(struct aside *aside, uint32_t pid, uint64_t now_ns)
{
	unsigned int of_one = 0;
	uint64_t left_ns;
	uint32_t uid;

	if (!aside->left_count && patience_is_whole(&aside->patience, now_ns))
		return ASIDE_WAIT_NS;
	uid = aside->user_of(pid);
	for (unsigned int i = 0; i < aside->left_count; i++)
		of_one += aside->left[i] == uid;
	if (of_one >= ASIDE_LEFT_OF_ONE || aside->left_count == ASIDE_LEFT_MAX)
		return 0;
	left_ns = patience_left(&aside->patience, uid, now_ns);
	return left_ns < ASIDE_WAIT_NS ? left_ns : ASIDE_WAIT_NS;
}

int aside_open(struct aside *aside, const struct aside_question *question)
{
	uint64_t begin_ns = clock_now(), time_ns, spent_ns;
	int fd = -EBUSY;

	pthread_mutex_lock(&aside->lock);
	time_ns = time_for(aside, question->pid, begin_ns);
	if (time_ns)
		fd = ask(aside, question, time_ns);
	spent_ns = clock_now() - begin_ns;
	if (time_ns && spent_ns > ASIDE_FREE_NS)
		patience_spend(&aside->patience, aside->user_of(question->pid), begin_ns + spent_ns,
			       spent_ns);
	pthread_mutex_unlock(&aside->lock);
	return fd;
}
