// SPDX-License-Identifier: GPL-2.0-only
/* Runs a command of the shell for each line, a few at a time, with as few rights as can be. */
#include "user/run/exec.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/base/write.h"
#include "user/rights/helper.h"
#include "user/run/identity.h"
#include "user/run/signals.h"

#define NOT_FOUND 127 /* the status by which a shell says so */
#define STEP_NS (5 * NS_PER_MS)
#define PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define ENVIRONMENT_MOST 64
#define WAITING_BYTES ((size_t)EXEC_WAITING_MIB << 20)

struct child {
	pid_t pid;
	uint64_t end_ns; /* when it is told to end, or, once it was, killed */
	bool is_told;
};

/* A line that waits, in the order of its coming. */
struct waiting {
	struct waiting *next;
	size_t size;
	char bytes[];
};

struct exec {
	struct exec_settings settings;
	char *command;
	struct identity identity;
	char *environment[ENVIRONMENT_MOST + 1];
	struct child children[EXEC_CHILDREN];
	size_t count;
	struct waiting *first, **last;
	size_t lines, bytes; /* that wait */
	uint64_t failed, dropped;
};

static int add_variable(struct exec *exec, size_t *count, const char *name, const char *value)
{
	if (!value)
		return 0;
	if (*count == ENVIRONMENT_MOST)
		return -ENOSPC;
	if (asprintf(&exec->environment[*count], "%s=%s", name, value) < 0) {
		exec->environment[*count] = NULL;
		return -ENOMEM;
	}
	++*count;
	return 0;
}

static int add_named(struct exec *exec, size_t *count)
{
	char *names = strdup(exec->settings.environment), *rest = names, *name;
	int error = names ? 0 : -ENOMEM;

	while (!error && (name = strsep(&rest, ",")))
		error = add_variable(exec, count, name, getenv(name));
	free(names);
	return error;
}

/* A path, where it is at home, and what was named: nothing else of ours is its business. */
static int make_environment(struct exec *exec)
{
	size_t count = 0;
	int error = add_variable(exec, &count, "PATH", PATH);

	if (!error)
		error = add_variable(exec, &count, "HOME",
				     exec->identity.home ? exec->identity.home : getenv("HOME"));
	if (!error && exec->identity.name)
		error = add_variable(exec, &count, "USER", exec->identity.name);
	if (!error && exec->settings.environment)
		error = add_named(exec, &count);
	return error;
}

int exec_new(const struct exec_settings *settings, struct exec **ret)
{
	struct exec *exec = calloc(1, sizeof(*exec));
	int error = exec ? 0 : -ENOMEM;

	if (!error) {
		exec->settings = *settings;
		exec->last = &exec->first;
		exec->command = strdup(settings->command);
		error = exec->command ? 0 : -ENOMEM;
	}
	if (!error && settings->user)
		error = identity_find(settings->user, &exec->identity);
	if (!error)
		error = make_environment(exec);
	if (error)
		exec_free(exec);
	else
		*ret = exec;
	return error;
}

static void become(const struct exec *exec, int line)
{
	char *arguments[] = { (char[]){ "sh" }, (char[]){ "-c" }, exec->command, NULL };
	int error;

	signals_reset();
	setsid();
	if (dup2(line, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(NOT_FOUND);
	helper_close_from(STDERR_FILENO + 1);
	error = identity_drop_rights(&exec->identity);
	if (error) {
		dprintf(STDERR_FILENO, "tcpspan: rights cannot be given up for --exec: %s\n",
			strerror(-error));
		_exit(NOT_FOUND);
	}
	execve("/bin/sh", arguments, exec->environment);
	_exit(NOT_FOUND);
}

static void start(struct exec *exec, const void *bytes, size_t size)
{
	int line = write_memory("line", bytes, size);
	pid_t pid = line < 0 ? -1 : fork();

	if (!pid)
		become(exec, line);
	if (line >= 0)
		close(line);
	if (pid < 0)
		exec->failed++;
	else
		exec->children[exec->count++] = (struct child){
			.pid = pid,
			.end_ns = clock_now() + exec->settings.limit_ns,
		};
}

/*
 * Its whole session, so that what it has started ends with it. It may have none of its own yet; and
 * while it is told by itself, it may get one, and start something.
 */
static void tell(pid_t pid, int number)
{
	if (!kill(-pid, number))
		return;
	kill(pid, number);
	kill(-pid, number);
}

static void end(struct child *child, uint64_t now_ns)
{
	tell(child->pid, child->is_told ? SIGKILL : SIGTERM);
	child->end_ns = now_ns + EXEC_KILL_NS;
	child->is_told = true;
}

static void reap(struct exec *exec)
{
	uint64_t now_ns = clock_now();
	size_t kept = 0;

	for (size_t i = 0; i < exec->count; i++) {
		struct child *child = &exec->children[i];
		int status;
		pid_t ended = waitpid(child->pid, &status, WNOHANG);

		if (ended && (ended < 0 || !WIFEXITED(status) || WEXITSTATUS(status)))
			exec->failed++;
		if (ended)
			continue;
		if (now_ns >= child->end_ns)
			end(child, now_ns);
		exec->children[kept++] = *child;
	}
	exec->count = kept;
}

static void drop_first(struct exec *exec)
{
	struct waiting *w = exec->first;

	exec->first = w->next;
	if (!exec->first)
		exec->last = &exec->first;
	exec->lines--;
	exec->bytes -= w->size;
	free(w);
}

void exec_tick(struct exec *exec)
{
	reap(exec);
	while (exec->first && exec->count < EXEC_CHILDREN) {
		start(exec, exec->first->bytes, exec->first->size);
		drop_first(exec);
	}
}

void exec_run(struct exec *exec, const void *bytes, size_t size)
{
	bool has_room = exec->lines < EXEC_WAITING && exec->bytes + size <= WAITING_BYTES;
	struct waiting *w = has_room ? malloc(sizeof(*w) + size) : NULL;

	if (w) {
		w->next = NULL;
		w->size = size;
		memcpy(w->bytes, bytes, size);
		*exec->last = w;
		exec->last = &w->next;
		exec->lines++;
		exec->bytes += size;
	} else {
		exec->dropped++;
	}
	exec_tick(exec);
}

void exec_drop(struct exec *exec)
{
	exec->dropped++;
}

uint64_t exec_due_ns(const struct exec *exec)
{
	uint64_t due_ns = UINT64_MAX;

	for (size_t i = 0; i < exec->count; i++)
		if (exec->children[i].end_ns < due_ns)
			due_ns = exec->children[i].end_ns;
	/* Nobody tells of a child that has ended: it is looked for, while some are waited for. */
	if (exec->first && due_ns > clock_now() + STEP_NS)
		due_ns = clock_now() + STEP_NS;
	return due_ns;
}

void exec_wait(struct exec *exec, uint64_t until_ns, int fd)
{
	struct pollfd other = { .fd = fd };

	for (exec_tick(exec); (exec->count || exec->first) && clock_now() < until_ns;
	     exec_tick(exec))
		if (poll(&other, 1, STEP_NS / NS_PER_MS) > 0)
			break;
}

uint64_t exec_failed(const struct exec *exec)
{
	return exec->failed;
}

uint64_t exec_dropped(const struct exec *exec)
{
	return exec->dropped + exec->lines;
}

void exec_free(struct exec *exec)
{
	if (!exec)
		return;
	for (size_t i = 0; i < exec->count; i++)
		tell(exec->children[i].pid, SIGKILL);
	while (exec->first)
		drop_first(exec);
	for (size_t i = 0; exec->environment[i]; i++)
		free(exec->environment[i]);
	identity_done(&exec->identity);
	free(exec->command);
	free(exec);
}
