// SPDX-License-Identifier: GPL-2.0-only
/* Who is held up holds up nobody else, is not asked about again, and goes on some day. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/sockets/aside.h"

#define ATTACKER 1000 /* these PIDs are the users' numbers, too */
#define VICTIM 33
#define TRIES 100
#define AGAIN 12

static int gate[2]; /* has a byte for each who may go on */

static uint32_t user_of(uint32_t pid)
{
	return pid;
}

static int open_now(const struct aside_question *q)
{
	return q->from ? -(int)q->from : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int open_later(const struct aside_question *q)
{
	char byte;

	(void)q;
	assert_int_equal(read(gate[0], &byte, 1), 1);
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int ask(struct aside *aside, uint32_t pid, int (*open)(const struct aside_question *))
{
	const struct aside_question question = { .pid = pid, .open = open };

	return aside_open(aside, &question);
}

/* Whoever waits, and more than that do no harm. */
static void let_go(const struct aside *aside)
{
	const volatile unsigned int *left = &aside->left_count;

	for (unsigned int i = 0; i < TRIES; i++)
		assert_int_equal(write(gate[1], "x", 1), 1);
	for (int i = 0; i < TRIES && *left; i++)
		usleep(10000);
	assert_int_equal(*left, 0);
}

/*
 * On a machine that is busy, a thread may not even begin in time, which is this user's fault for
 * all that anybody knows: he is asked again when that has been made good.
 */
static int ask_again(struct aside *aside, const struct aside_question *question)
{
	int fd = aside_open(aside, question);

	for (int i = 0; i < AGAIN && (fd == -ETIMEDOUT || fd == -EBUSY); i++) {
		usleep(10000U << i);
		fd = aside_open(aside, question);
	}
	return fd;
}

static void demand_answer(struct aside *aside, uint32_t pid)
{
	const struct aside_question question = { .pid = pid, .open = open_now };
	int fd = ask_again(aside, &question);

	if (fd < 0)
		fail_msg("%d", fd);
	close(fd);
}

static void answers_are_passed_on(void **state)
{
	const struct aside_question wrong = { .pid = VICTIM, .from = ESRCH, .open = open_now };
	static struct aside aside;

	(void)state;
	assert_int_equal(aside_init(&aside, user_of), 0);
	for (int i = 0; i < TRIES; i++)
		demand_answer(&aside, VICTIM);
	assert_int_equal(ask_again(&aside, &wrong), -ESRCH);
}

/* The lowest number that no descriptor has. */
static int next_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void one_holds_up_nobody_else(void **state)
{
	static struct aside aside;
	int free_fd, held = 0;

	(void)state;
	assert_int_equal(pipe(gate), 0);
	free_fd = next_fd();
	assert_int_equal(aside_init(&aside, user_of), 0);
	for (int i = 0; i < TRIES; i++) {
		int error = ask(&aside, ATTACKER, open_later);

		assert_true(error == -ETIMEDOUT || error == -EBUSY);
		held += error == -ETIMEDOUT;
		demand_answer(&aside, VICTIM);
	}
	/* More than at once: while it is tried, some time is made good. */
	assert_true(held && held <= TRIES / 4);
	let_go(&aside);
	assert_int_equal(next_fd(), free_fd);
	demand_answer(&aside, ATTACKER);
}

/* However many they are: then nobody is asked about, but at once. */
static void all_of_them_hold_up_so_many_threads(void **state)
{
	static struct aside aside;
	unsigned int held = 0;

	(void)state;
	assert_int_equal(pipe(gate), 0);
	assert_int_equal(aside_init(&aside, user_of), 0);
	for (uint32_t uid = 1; uid <= TRIES; uid++) {
		int error = ask(&aside, uid, open_later);

		assert_true(error == -ETIMEDOUT || error == -EBUSY);
		held += error == -ETIMEDOUT;
	}
	assert_true(held);
	assert_true(aside.left_count <= ASIDE_LEFT_MAX);
	let_go(&aside);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_passed_on),
		cmocka_unit_test(one_holds_up_nobody_else),
		cmocka_unit_test(all_of_them_hold_up_so_many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
