// SPDX-License-Identifier: GPL-2.0-only
/* The output buffer: growth, numbers, and writing to descriptors that are slow, full or gone. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/base/buffer.h"

#define LONG_LINES 40000
#define LINE "0123456789abcde\n"

static void assert_holds(const struct buffer *b, const char *want)
{
	assert_false(b->failed);
	assert_int_equal(b->size, strlen(want));
	assert_memory_equal(b->bytes, want, b->size);
}

static void adds_in_order(void **state)
{
	struct buffer b;

	(void)state;
	buffer_init(&b);
	assert_int_equal(b.size, 0);
	buffer_add(&b, "", 0);
	buffer_add(&b, "a\0b", 3);
	buffer_add_char(&b, '\0');
	assert_int_equal(b.size, 4);
	assert_memory_equal(b.bytes, "a\0b\0", 4);
	buffer_clear(&b);
	buffer_add_text(&b, "one");
	buffer_add_text(&b, "");
	buffer_add_char(&b, ' ');
	buffer_addf(&b, "%d %s", 2, "three");
	assert_holds(&b, "one 2 three");
	buffer_done(&b);
	assert_null(b.bytes);
	buffer_done(&b);
	buffer_add_text(&b, "again");
	assert_holds(&b, "again");
	buffer_done(&b);
}

static void numbers_agree_with_printf(void **state)
{
	char want[32];
	struct buffer b;
	uint64_t value;
	int digits;

	(void)state;
	buffer_init(&b);
	for (digits = 0, value = 1; digits < 20; digits++, value *= 10) {
		const uint64_t around[] = { value - 1, value, value + 1, value * 9 + digits };
		size_t i;

		for (i = 0; i < sizeof(around) / sizeof(*around); i++) {
			buffer_clear(&b);
			buffer_add_u64(&b, around[i]);
			snprintf(want, sizeof(want), "%llu", (unsigned long long)around[i]);
			assert_holds(&b, want);
		}
	}
	buffer_clear(&b);
	buffer_add_u64(&b, UINT64_MAX);
	assert_holds(&b, "18446744073709551615");
	buffer_done(&b);
}

/* Whatever room is left, the text that does not fit is added whole. */
static void format_grows(void **state)
{
	char text[5000];
	struct buffer b;
	size_t size;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size = 4080; size < 4100; size++) {
		buffer_init(&b);
		buffer_add(&b, text, size);
		buffer_addf(&b, "<%s>", "0123456789");
		assert_int_equal(b.size, size + 12);
		assert_memory_equal(b.bytes + size, "<0123456789>", 12);
		buffer_done(&b);
	}
	buffer_init(&b);
	buffer_addf(&b, "%.*s.", 4999, text);
	assert_int_equal(b.size, 5000);
	assert_int_equal(b.bytes[4999], '.');
	buffer_done(&b);
}

static void keeps_all_that_is_added(void **state)
{
	struct buffer b;
	size_t i;

	(void)state;
	buffer_init(&b);
	for (i = 0; i < LONG_LINES; i++)
		buffer_add_text(&b, LINE);
	assert_false(b.failed);
	assert_int_equal(b.size, LONG_LINES * strlen(LINE));
	for (i = 0; i < LONG_LINES; i++)
		assert_memory_equal(b.bytes + i * strlen(LINE), LINE, strlen(LINE));
	buffer_done(&b);
}

static void failure_sticks_until_flushed(void **state)
{
	struct buffer b;
	char text[8];
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	buffer_init(&b);
	buffer_add_text(&b, "kept");
	buffer_add(&b, "", SIZE_MAX);
	assert_true(b.failed);
	buffer_add_text(&b, "lost");
	buffer_add_char(&b, 'l');
	buffer_add_u64(&b, 1);
	buffer_addf(&b, "%d", 1);
	assert_int_equal(b.size, 4);
	assert_int_equal(buffer_flush(&b, fd[1]), -ENOMEM);
	assert_int_equal(read(fd[0], text, sizeof(text)), 4);
	assert_false(b.failed);
	buffer_add_text(&b, "new");
	assert_int_equal(buffer_flush(&b, fd[1]), 0);
	assert_int_equal(read(fd[0], text, sizeof(text)), 3);
	buffer_done(&b);
	close(fd[0]);
	close(fd[1]);
}

struct reader {
	int fd;
	size_t got;
	bool wrong;
};

/* Slow at first, so that the writer meets a full pipe; the signals are the writer's. */
static void *read_lines(void *context)
{
	struct reader *r = context;
	char bytes[4096];
	sigset_t alarm;
	ssize_t n, i;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
	usleep(50 * 1000);
	while ((n = read(r->fd, bytes, sizeof(bytes))) > 0) {
		for (i = 0; i < n; i++)
			r->wrong |= bytes[i] != LINE[(r->got + (size_t)i) % strlen(LINE)];
		r->got += (size_t)n;
	}
	return NULL;
}

static void flush_through_pipe(int flags)
{
	struct reader r = { 0 };
	pthread_t thread;
	struct buffer b;
	int fd[2];
	int i;

	assert_int_equal(pipe2(fd, flags), 0);
	assert_int_equal(fcntl(fd[0], F_SETFL, 0), 0);
	r.fd = fd[0];
	assert_int_equal(pthread_create(&thread, NULL, read_lines, &r), 0);
	buffer_init(&b);
	for (i = 0; i < LONG_LINES; i++)
		buffer_add_text(&b, LINE);
	assert_int_equal(buffer_flush(&b, fd[1]), 0);
	assert_int_equal(b.size, 0);
	close(fd[1]);
	pthread_join(thread, NULL);
	assert_int_equal(r.got, LONG_LINES * strlen(LINE));
	assert_false(r.wrong);
	buffer_done(&b);
	close(fd[0]);
}

static void flush_writes_all(void **state)
{
	(void)state;
	flush_through_pipe(0);
	flush_through_pipe(O_NONBLOCK);
}

static void on_alarm(int signal)
{
	(void)signal;
}

static void flush_survives_signals(void **state)
{
	struct sigaction action = { .sa_handler = on_alarm }; /* no SA_RESTART */
	struct itimerval tick = { { 0, 1000 }, { 0, 1000 } };
	const struct itimerval off = { { 0, 0 }, { 0, 0 } };

	(void)state;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	flush_through_pipe(0);
	flush_through_pipe(O_NONBLOCK);
	setitimer(ITIMER_REAL, &off, NULL);
}

static void flush_tells_that_the_reader_left(void **state)
{
	struct buffer b;
	int fd[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fd), 0);
	close(fd[0]);
	buffer_init(&b);
	buffer_add_text(&b, LINE);
	assert_int_equal(buffer_flush(&b, fd[1]), -EPIPE);
	assert_int_equal(b.size, 0);
	assert_int_equal(buffer_flush(&b, fd[1]), 0);
	close(fd[1]);
	buffer_add_text(&b, LINE);
	assert_int_equal(buffer_flush(&b, fd[1]), -EBADF);
	buffer_add_text(&b, LINE);
	fd[0] = open("/dev/full", O_WRONLY);
	assert_true(fd[0] >= 0);
	assert_int_equal(buffer_flush(&b, fd[0]), -ENOSPC);
	assert_int_equal(b.size, 0);
	close(fd[0]);
	buffer_done(&b);
}

#define ROOM 11

static off_t size_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_size;
}

/* What is appended later, when there is room again, is not glued to half a line. */
static void a_line_is_in_a_file_or_not(void **state)
{
	struct rlimit limit = { ROOM, RLIM_INFINITY }, before;
	FILE *file = tmpfile();
	int fd = fileno(file);
	struct buffer b;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	buffer_init(&b);
	for (int append = 0; append < 2; append++) {
		assert_int_equal(fcntl(fd, F_SETFL, append ? O_APPEND : 0), 0);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		buffer_add_text(&b, append ? "three\nfour\n" : "one\ntwo\nthree\n");
		assert_int_equal(buffer_flush(&b, fd), -EFBIG);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_int_equal(size_of(fd), 8);
		assert_int_equal(lseek(fd, 0, SEEK_CUR), 8);
	}
	/* Somebody else has written behind. */
	assert_int_equal(ftruncate(fd, 20), 0);
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	buffer_add_text(&b, "three\n");
	assert_int_equal(buffer_flush(&b, fd), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(size_of(fd), 20);
	buffer_done(&b);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_in_order),
		cmocka_unit_test(numbers_agree_with_printf),
		cmocka_unit_test(format_grows),
		cmocka_unit_test(keeps_all_that_is_added),
		cmocka_unit_test(failure_sticks_until_flushed),
		cmocka_unit_test(flush_writes_all),
		cmocka_unit_test(flush_survives_signals),
		cmocka_unit_test(a_line_is_in_a_file_or_not),
		cmocka_unit_test(flush_tells_that_the_reader_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
