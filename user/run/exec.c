// SPDX-License-Identifier: GPL-2.0-only
/* Runs a command of the shell for each line, a few at a time, and counts those that failed. */
#include "user/run/exec.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "user/run/signals.h"
#include "user/run/terminal.h"

#define NOT_FOUND 127 /* the status by which a shell says so */
#define STEP_NS 5000000L

struct exec {
	const char *command;
	pid_t children[EXEC_CHILDREN];
	size_t count;
	uint64_t failed;
};

struct exec *exec_new(const char *command)
{
	struct exec *exec = calloc(1, sizeof(*exec));

	if (exec)
		exec->command = command;
	return exec;
}

void exec_reap(struct exec *exec)
{
	size_t kept = 0;

	for (size_t i = 0; i < exec->count; i++) {
		int status;
		pid_t ended = waitpid(exec->children[i], &status, WNOHANG);

		if (!ended)
			exec->children[kept++] = exec->children[i];
		else if (ended < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
			exec->failed++;
	}
	exec->count = kept;
}

/* Until fewer than `most` run, or time is up. */
static void wait_for_room(struct exec *exec, size_t most, uint64_t patience_ns)
{
	const struct timespec step = { .tv_nsec = STEP_NS };
	uint64_t until = terminal_now_ns() + patience_ns;

	exec_reap(exec);
	while (exec->count >= most && terminal_now_ns() < until) {
		nanosleep(&step, NULL);
		exec_reap(exec);
	}
}

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes += written;
		size -= (size_t)written;
	}
	return true;
}

/* The line in memory, to be read from its start: nobody has to feed the child. -1: not possible. */
static int line_open(const void *bytes, size_t size)
{
	int fd = memfd_create("line", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (write_all(fd, bytes, size) && !lseek(fd, 0, SEEK_SET))
		return fd;
	close(fd);
	return -1;
}

static void become(const char *command, int line)
{
	signals_reset();
	if (dup2(line, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(NOT_FOUND);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(NOT_FOUND);
}

void exec_run(struct exec *exec, const void *bytes, size_t size, uint64_t patience_ns)
{
	pid_t child = -1;
	int line;

	wait_for_room(exec, EXEC_CHILDREN, patience_ns);
	line = exec->count < EXEC_CHILDREN ? line_open(bytes, size) : -1;
	if (line >= 0)
		child = fork();
	if (!child)
		become(exec->command, line);
	if (line >= 0)
		close(line);
	if (child < 0)
		exec->failed++;
	else
		exec->children[exec->count++] = child;
}

uint64_t exec_failed(const struct exec *exec)
{
	return exec->failed;
}

void exec_wait(struct exec *exec, uint64_t patience_ns)
{
	wait_for_room(exec, 1, patience_ns);
}

void exec_free(struct exec *exec)
{
	free(exec);
}
