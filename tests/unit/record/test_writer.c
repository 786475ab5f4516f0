// SPDX-License-Identifier: GPL-2.0-only
/* The writer without a kernel: what it is given is in the file, or counted as dropped. */
#include "user/record/writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bpf/event.h"
#include "user/event/identity.h"
#include "user/record/reader.h"

#define QUEUE_BYTES (1u << 20)
#define RECORDS 20011
#define MANY 200003
#define ROTATE_BYTES (16u << 10)
#define FSIZE (50u << 10) /* and some are left behind the last block that fits, for the end */
#define ADDRESS UINT64_C(0xffff888012345600)
#define CGROUP 4711
#define CGROUP_PATH "/system.slice/web.service"

static char folder[] = "/tmp/writer-XXXXXX";
static const struct recording_about about = { .start_mono_ns = 1, .series = 0x5eed };

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/writer-XXXXXX");
	return !mkdtemp(folder);
}

static int teardown(void **state)
{
	char command[PATH_MAX];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static const char *in_folder(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* What the kernel's side has counted besides: nothing. */
static void count(void *context, struct recording_counters *ret_counters)
{
	(void)context;
	*ret_counters = (struct recording_counters){ 0 };
}

/* As of a network's file system, or a quota: what was written is found not to be at the end. */
static const char *late_name;

int close(int fd)
{
	char path[PATH_MAX]; /* the thread that writes closes as well */
	struct stat named, closed;
	bool is_late;
	int result;

	snprintf(path, sizeof(path), "%s/%s", folder, late_name ? late_name : "");
	is_late = late_name && !stat(path, &named) && !fstat(fd, &closed) &&
		  closed.st_ino == named.st_ino && closed.st_dev == named.st_dev;
	result = (int)syscall(SYS_close, fd);
	if (!is_late)
		return result;
	errno = EDQUOT;
	return -1;
}

static struct writer *open_writer(const char *path, uint64_t rotate_bytes, uint32_t keep)
{
	const struct writer_settings settings = { .path = path,
						  .rotate_bytes = rotate_bytes,
						  .keep = keep,
						  .queue_bytes = QUEUE_BYTES,
						  .count = count };
	struct writer *w;
	const char *why;

	assert_int_equal(writer_open(&settings, &w, &why), 0);
	writer_add_name(w, CGROUP, CGROUP_PATH);
	writer_add_label(w, 1, "8b9c", "shop/cart");
	return w;
}

/* Numbered by their times; bytes that do not pack well, so that files fill up. */
static void add(struct writer *w, uint64_t number)
{
	struct event_passive r = { .head = { .mono_ns = number,
					     .sock = ADDRESS + number % 7 * 64,
					     .kind = EVENT_PASSIVE,
					     .states = EVENT_STATES(10, 3) },
				   .synack_ns = number * UINT64_C(0x9e3779b97f4a7c15) };

	writer_add(w, &r, sizeof(r));
}

/* As a slow network would, so that no block waits long: each is written before the next begins. */
static void add_in_blocks(struct writer *w)
{
	for (uint64_t i = 0; i < RECORDS; i++) {
		add(w, i);
		if (i % 200 != 199)
			continue;
		writer_flush(w, UINT64_MAX - 1);
		while (writer_due_ns(w) != UINT64_MAX)
			usleep(50);
	}
}

/* `error` is what writer_end says. */
static struct writer_report end(struct writer *w, uint64_t submitted, int error)
{
	struct recording_counters counters = { .seen = submitted, .submitted = submitted };
	static const struct recording_listen listen = { .read = 1 };
	struct writer_report report;
	sigset_t none;

	sigemptyset(&none);
	assert_int_equal(writer_end(w, &counters, &listen, &none, &report), error);
	writer_free(w);
	return report;
}

/* What is in a file, or in several in the order of their parts. */
struct content {
	uint64_t records, lost, names, labels, ends, namespaces, processes;
	uint64_t start_ns; /* of the first process */
	uint32_t first_pid;
	char netns[16];
	uint64_t next;	/* number of the record to come, at the earliest */
	uint64_t socks; /* bits of those that were seen: 7 of them */
	uint64_t hidden[7];
	bool is_more, is_broken, is_holey;
	struct recording_counters counters;
	const char *fault;
};

static ssize_t read_fd(void *context, void *bytes, size_t size)
{
	ssize_t got = read(*(int *)context, bytes, size);

	return got < 0 ? -errno : got;
}

static void take_records(struct content *c, const uint8_t *raw, uint32_t records)
{
	for (uint32_t i = 0; i < records; i++) {
		struct event_passive r;

		memcpy(&r, raw + i * sizeof(r), sizeof(r));
		c->is_holey |= r.head.mono_ns != c->next;
		assert_true(r.head.mono_ns >= c->next);
		c->next = r.head.mono_ns + 1;
		assert_int_equal(r.synack_ns, r.head.mono_ns * UINT64_C(0x9e3779b97f4a7c15));
		assert_int_equal(event_space_of(r.head.sock), EVENT_HIDDEN_SPACE);
		if (c->socks >> r.head.mono_ns % 7 & 1)
			assert_int_equal(c->hidden[r.head.mono_ns % 7], r.head.sock);
		c->hidden[r.head.mono_ns % 7] = r.head.sock;
		c->socks |= 1u << r.head.mono_ns % 7;
	}
	c->records += records;
}

/* The text of the entry at `raw`, and where the next one is. */
static const uint8_t *entry_at(const uint8_t *raw, uint64_t *ret_number, uint16_t *ret_size)
{
	memcpy(ret_number, raw, sizeof(*ret_number));
	memcpy(ret_size, raw + sizeof(*ret_number), sizeof(*ret_size));
	return raw + sizeof(*ret_number) + sizeof(*ret_size);
}

static void take_namespaces(struct content *c, const uint8_t *raw, size_t left)
{
	const uint8_t *end = raw + left;

	while (raw < end) {
		uint64_t inode;
		uint16_t size;
		const uint8_t *text = entry_at(raw, &inode, &size);

		c->namespaces++;
		if (inode == 17 && *text == RECORDING_NETNS_NAMED)
			memcpy(c->netns, text + 1, size - 1);
		else
			assert_int_equal(*text, RECORDING_NETNS_MACHINE);
		raw = text + size;
	}
}

static void take_processes(struct content *c, const uint8_t *raw, size_t left)
{
	const uint8_t *end = raw + left;

	while (raw < end) {
		struct recording_process process;
		uint64_t pid;
		uint16_t size;
		const uint8_t *text = entry_at(raw, &pid, &size);

		memcpy(&process, text, sizeof(process));
		if (!c->processes++) {
			c->first_pid = (uint32_t)pid;
			c->start_ns = process.start_mono_ns;
			assert_int_equal(pid >> 32, 1);
			assert_memory_equal(text + sizeof(process), "ab c", 4);
		}
		raw = text + size;
	}
}

static void read_from(struct content *c, int fd)
{
	struct reader *r = reader_new(read_fd, &fd);
	struct recording_block block;
	uint8_t *raw;
	int result;

	assert_non_null(r);
	assert_int_equal(reader_begin(r), 0);
	while ((result = reader_next(r, &block, &raw)) == 1) {
		if (block.kind == RECORDING_RECORDS)
			take_records(c, raw, block.record_count);
		else if (block.kind == RECORDING_NAMES)
			c->names++;
		else if (block.kind == RECORDING_LABELS)
			c->labels++;
		else if (block.kind == RECORDING_NAMESPACES)
			take_namespaces(c, raw, block.raw_bytes);
		else if (block.kind == RECORDING_PROCESSES)
			take_processes(c, raw, block.raw_bytes);
		c->ends += block.kind == RECORDING_END;
		c->is_more = block.flags & RECORDING_MORE;
		c->is_broken = block.flags & RECORDING_BROKEN;
	}
	assert_int_equal(result, 0);
	c->fault = reader_fault(r) ? reader_fault(r)->what : NULL;
	c->lost += reader_lost(r);
	c->counters = *reader_counters(r);
	reader_free(r);
}

static void read_file(struct content *c, const char *path)
{
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	read_from(c, fd);
	close(fd);
}

static void all_of_it_is_written(void **state)
{
	struct writer *w = open_writer(in_folder("whole"), 0, 0);
	struct writer_report report;
	struct content c = { 0 };

	(void)state;
	assert_int_equal(writer_begin(w, &about), 0);
	for (uint64_t i = 0; i < RECORDS; i++)
		add(w, i);
	report = end(w, RECORDS, 0);
	assert_int_equal(report.records, RECORDS);
	assert_int_equal(report.dropped, 0);
	assert_int_equal(report.parts, 1);
	read_file(&c, in_folder("whole"));
	assert_null(c.fault);
	assert_int_equal(c.records, RECORDS);
	assert_false(c.is_holey);
	assert_false(c.is_more);
	assert_int_equal(c.names, 1);
	assert_int_equal(c.labels, 1);
	assert_int_equal(c.ends, 1);
	assert_int_equal(c.socks, 0x7f);
	for (unsigned int i = 1; i < 7; i++)
		assert_int_not_equal(c.hidden[i], c.hidden[0]);
}

/* What is passing is told as it was, and a part begins with the last of it. */
static void passing_names_are_bounded(void **state)
{
	struct writer *w = open_writer(in_folder("passing"), 0, 0);
	struct recording_process process = { .start_mono_ns = 4711, .first_size = 3 };
	struct content c = { 0 };
	char cmdline[1024];

	(void)state;
	memset(cmdline, 'a', sizeof(cmdline));
	writer_add_netns(w, 17, RECORDING_NETNS_NAMED, "blue");
	writer_add_netns(w, 18, RECORDING_NETNS_MACHINE, "");
	writer_add_process(w, 80, 1, &process, "ab c", 4);
	assert_int_equal(writer_begin(w, &about), 0);
	for (uint32_t i = 0; i < 8192; i++)
		writer_add_process(w, 100 + i, 80, &process, cmdline, sizeof(cmdline));
	add(w, 0);
	end(w, 1, 0);
	read_file(&c, in_folder("passing"));
	assert_null(c.fault);
	assert_int_equal(c.namespaces, 2);
	assert_string_equal(c.netns, "blue");
	assert_int_equal(c.first_pid, 80);
	assert_int_equal(c.start_ns, 4711);
	/* There is no thread that has written some of them meanwhile. */
	assert_in_range(c.processes, 2, 2048);
}

/* Two runs say nothing of each other's sockets. */
static void each_run_hides_anew(void **state)
{
	struct content c[2] = { { 0 } };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct writer *w = open_writer(in_folder(i ? "one" : "two"), 0, 0);

		assert_int_equal(writer_begin(w, &about), 0);
		add(w, 0);
		end(w, 1, 0);
		read_file(&c[i], in_folder(i ? "one" : "two"));
	}
	assert_int_not_equal(c[0].hidden[0], c[1].hidden[0]);
}

static unsigned int count_files(void)
{
	DIR *d = opendir(folder);
	unsigned int files = 0;

	assert_non_null(d);
	while (readdir(d))
		files++;
	closedir(d);
	return files - 2; /* "." and ".." */
}

static void parts_are_the_whole(void **state)
{
	struct writer *w = open_writer(in_folder("parts"), ROTATE_BYTES, 0);
	struct writer_report report;
	struct content c = { 0 };

	(void)state;
	assert_int_equal(writer_begin(w, &about), 0);
	add_in_blocks(w);
	report = end(w, RECORDS, 0);
	assert_int_equal(report.records, RECORDS);
	assert_true(report.parts > 5);
	assert_int_equal(count_files(), report.parts);
	for (uint32_t i = 0; i < report.parts; i++) {
		char name[32];
		struct stat st;

		snprintf(name, sizeof(name), "parts.%06u", i);
		assert_int_equal(stat(in_folder(name), &st), 0);
		assert_true(st.st_size <= ROTATE_BYTES);
		assert_int_equal(st.st_mode, S_IFREG | 0600);
		read_file(&c, in_folder(name));
		assert_null(c.fault);
		assert_int_equal(c.is_more, i + 1 < report.parts);
		assert_int_equal(c.names, i + 1);
		assert_int_equal(c.labels, i + 1);
	}
	assert_int_equal(c.records, RECORDS);
	assert_false(c.is_holey);
}

static void the_last_parts_are_kept(void **state)
{
	struct writer *w = open_writer(in_folder("kept"), ROTATE_BYTES, 2);
	struct writer_report report;
	struct content c = { 0 };
	char name[32];

	(void)state;
	assert_int_equal(writer_begin(w, &about), 0);
	add_in_blocks(w);
	report = end(w, RECORDS, 0);
	assert_int_equal(count_files(), 2);
	snprintf(name, sizeof(name), "kept.%06u", report.parts - 2);
	read_file(&c, in_folder(name));
	snprintf(name, sizeof(name), "kept.%06u", report.parts - 1);
	read_file(&c, in_folder(name));
	assert_int_equal(c.next, RECORDS);
}

/* A name that is taken ends the recording, and what was written until then is whole. */
static void a_part_that_is_there_ends_it(void **state)
{
	struct writer *w = open_writer(in_folder("parts"), ROTATE_BYTES, 0);
	struct writer_report report;
	struct content c = { 0 };
	int fd = open(in_folder("parts.000002"), O_WRONLY | O_CREAT, 0600);

	(void)state;
	close(fd);
	assert_int_equal(writer_begin(w, &about), 0);
	add_in_blocks(w);
	assert_int_equal(writer_error(w), -EEXIST);
	assert_non_null(strstr(writer_why(w), "written over"));
	report = end(w, RECORDS, -EEXIST);
	assert_int_equal(report.records + report.dropped, RECORDS);
	read_file(&c, in_folder("parts.000000"));
	read_file(&c, in_folder("parts.000001"));
	assert_null(c.fault);
	assert_int_equal(c.records, report.records);
	assert_false(c.is_holey);
	assert_int_equal(access(in_folder("parts.000003"), F_OK), -1);
}

/* Then nobody may be told that it is kept. */
static void an_error_that_closing_tells_is_told(void **state)
{
	struct writer *w = open_writer(in_folder("late"), 0, 0);
	struct writer_report report;

	(void)state;
	assert_int_equal(writer_begin(w, &about), 0);
	add(w, 0);
	late_name = "late";
	report = end(w, 1, -EDQUOT);
	assert_true(report.is_unsure);
	assert_int_equal(count_files(), 1);

	late_name = NULL;
	w = open_writer(in_folder("parts"), ROTATE_BYTES, 0);
	assert_int_equal(writer_begin(w, &about), 0);
	late_name = "parts.000001";
	add_in_blocks(w);
	assert_int_equal(writer_error(w), -EDQUOT);
	report = end(w, RECORDS, -EDQUOT);
	late_name = NULL;
	assert_true(report.is_unsure);
	assert_int_equal(report.parts, 2);
	assert_int_equal(count_files(), 3);
}

/* No more room, as of a full disk: the file is whole as far as it goes, and the rest is counted. */
static void a_full_disk_is_survived(void **state)
{
	struct rlimit before, small;
	struct writer *w = open_writer(in_folder("full"), 0, 0);
	struct writer_report report;
	struct content c = { 0 };

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ FSIZE, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(writer_begin(w, &about), 0);
	add_in_blocks(w);
	report = end(w, RECORDS, -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(report.records > 0 && report.dropped > 0);
	assert_int_equal(report.records + report.dropped, RECORDS);
	read_file(&c, in_folder("full"));
	assert_null(c.fault);
	assert_int_equal(c.ends, 1);
	assert_int_equal(c.records, report.records);
	assert_false(c.is_more);
	assert_int_equal(c.counters.dropped, report.dropped);
	assert_int_equal(c.counters.submitted, RECORDS);
	assert_true(c.is_broken);
	assert_false(c.is_holey);
}

static void a_device_that_takes_nothing_is_told_of(void **state)
{
	struct writer *w = open_writer("/dev/full", 0, 0);

	(void)state;
	assert_int_equal(writer_begin(w, &about), -ENOSPC);
	writer_free(w);
}

/* A child, whose limit is no other test's, of a user whom limits hold for. */
static void where_no_thread_can_be_made_that_is_said(void **state)
{
	const struct rlimit none = { 0 };
	struct writer *w = open_writer(in_folder("alone"), 0, 0);
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		if (setrlimit(RLIMIT_NPROC, &none) ||
		    (!geteuid() && setresuid(65534, 65534, 65534)))
			_exit(1);
		_exit(writer_begin(w, &about) == -EAGAIN && writer_why(w) &&
				      strstr(writer_why(w), "no thread can be made") ?
			      0 :
			      2);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	writer_free(w);
}

struct reading {
	int fd;
	struct content content;
};

static void *read_pipe(void *context)
{
	struct reading *r = context;

	read_from(&r->content, r->fd);
	return NULL;
}

/* A reader that stands still: adding never waits, and what finds no room is counted. */
static void a_full_queue_drops(void **state)
{
	const char *path = in_folder("pipe");
	struct writer_report report;
	struct reading reading = { 0 };
	struct writer *w;
	pthread_t thread;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	reading.fd = open(path, O_RDONLY | O_NONBLOCK);
	w = open_writer(path, 0, 0);
	assert_int_equal(writer_begin(w, &about), 0);
	for (uint64_t i = 0; i < MANY; i++)
		add(w, i);
	assert_true(writer_dropped(w) > 0);
	assert_int_equal(writer_error(w), 0);
	fcntl(reading.fd, F_SETFL, 0);
	assert_int_equal(pthread_create(&thread, NULL, read_pipe, &reading), 0);
	report = end(w, MANY, 0);
	pthread_join(thread, NULL);
	close(reading.fd);
	assert_int_equal(report.records + report.dropped, MANY);
	assert_true(report.records > 0 && report.dropped > 0);
	assert_null(reading.content.fault);
	assert_int_equal(reading.content.records, report.records);
	assert_int_equal(reading.content.counters.dropped, report.dropped);
	assert_int_equal(reading.content.counters.submitted, MANY);
}

static void a_reader_that_left_is_an_error(void **state)
{
	const char *path = in_folder("pipe");
	struct writer_report report;
	struct writer *w;
	int fd;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	w = open_writer(path, 0, 0);
	assert_int_equal(writer_begin(w, &about), 0);
	close(fd);
	add(w, 1);
	writer_flush(w, UINT64_MAX - 1);
	report = end(w, 1, -EPIPE);
	assert_int_equal(report.records, 0);
	assert_int_equal(report.dropped, 1);
}

/* No rights to trace, say: what was there stays, what was not is not. */
static void what_never_began_leaves_nothing(void **state)
{
	int fd = open(in_folder("old"), O_WRONLY | O_CREAT, 0600);
	struct stat st;

	(void)state;
	assert_int_equal(write(fd, "old", 3), 3);
	close(fd);
	writer_free(open_writer(in_folder("old"), 0, 0));
	writer_free(open_writer(in_folder("new"), 0, 0));
	writer_free(open_writer(in_folder("parts"), ROTATE_BYTES, 0));
	assert_int_equal(count_files(), 1);
	assert_int_equal(stat(in_folder("old"), &st), 0);
	assert_int_equal(st.st_size, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_of_it_is_written),
		TEST(passing_names_are_bounded),
		TEST(each_run_hides_anew),
		TEST(parts_are_the_whole),
		TEST(the_last_parts_are_kept),
		TEST(a_part_that_is_there_ends_it),
		TEST(an_error_that_closing_tells_is_told),
		TEST(a_full_disk_is_survived),
		TEST(a_device_that_takes_nothing_is_told_of),
		TEST(where_no_thread_can_be_made_that_is_said),
		TEST(a_full_queue_drops),
		TEST(a_reader_that_left_is_an_error),
		TEST(what_never_began_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
