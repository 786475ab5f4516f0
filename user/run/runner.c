// SPDX-License-Identifier: GPL-2.0-only
/* Hands lines to the helper that runs --exec, and is that helper. */
#include "user/run/runner.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/write.h"
#include "user/rights/helper.h"
#include "user/source/ring.h"

#define OTHER_USER_RIGHTS (1ull << CAP_SETUID | 1ull << CAP_SETGID | 1ull << CAP_KILL)

enum runner_wish {
	RUNNER_RUN = 1, /* with a file in memory, which is the line */
	RUNNER_FINISH,
};

struct runner_request {
	uint32_t wish; /* enum runner_wish */
	uint32_t zero;
	uint64_t until_ns;
};

struct runner {
	struct helper helper;
	uint64_t dropped; /* before they came to it */
};

/* ---- the helper ------------------------------------------------------------------------------ */

/* What came may be no file at all, or too long to wait with others. */
static void take_line(struct exec *exec, int line)
{
	size_t size = 0;
	char *bytes = NULL;
	struct stat st;

	if (!fstat(line, &st) && S_ISREG(st.st_mode) && st.st_size <= EXEC_WAITING_MIB << 20) {
		size = (size_t)st.st_size;
		bytes = malloc(size + 1);
	}
	if (bytes && pread(line, bytes, size, 0) == (ssize_t)size)
		exec_run(exec, bytes, size);
	else
		exec_drop(exec);
	free(bytes);
}

/* Returns 0, or -errno: it is over. */
static int answer(struct exec *exec, int fd)
{
	struct runner_request request;
	struct runner_counts counts;
	int line;
	ssize_t size = helper_receive(fd, &request, sizeof(request), &line);

	if (size == (ssize_t)sizeof(request) && request.wish == RUNNER_RUN && line >= 0) {
		take_line(exec, line);
		close(line);
		return 0;
	}
	if (line >= 0 && size > 0)
		close(line);
	if (size != (ssize_t)sizeof(request) || request.wish != RUNNER_FINISH)
		return size ? -EBADMSG : -EPIPE;
	exec_wait(exec, request.until_ns, fd);
	counts = (struct runner_counts){ exec_failed(exec), exec_dropped(exec) };
	return helper_send(fd, &counts, sizeof(counts), -1, 0);
}

static int serve(void *context, int fd)
{
	struct exec *exec = context;
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int error = 0;

	while (!error) {
		int ready = poll(&wait, 1, ring_timeout_ms(clock_now(), exec_due_ns(exec)));

		if (ready < 0 && errno != EINTR)
			error = -errno;
		else if (ready > 0)
			error = answer(exec, fd);
		exec_tick(exec);
	}
	exec_free(exec);
	return error == -EPIPE ? 0 : 2;
}

/* ---- who has it ------------------------------------------------------------------------------ */

int runner_start(const struct exec_settings *settings, struct runner **ret)
{
	struct helper_settings helper = {
		.name = "tcpspan-exec",
		.needs = { .role = RIGHTS_EXEC,
			   .capabilities = settings->user ? OTHER_USER_RIGHTS : 0,
			   .written = -1 },
		.serve = serve,
		.ends_by_itself = true,
	};
	struct runner *runner = calloc(1, sizeof(*runner));
	struct exec *exec = NULL;
	int error = runner ? exec_new(settings, &exec) : -ENOMEM;

	helper.context = exec;
	if (!error)
		error = helper_start(&helper, &runner->helper);
	exec_free(exec);
	if (error)
		free(runner);
	else
		*ret = runner;
	return error;
}

int runner_run(struct runner *runner, const void *bytes, size_t size)
{
	const struct runner_request request = { .wish = RUNNER_RUN };
	int line = write_memory("line", bytes, size);
	int error = line < 0 ? line :
			       helper_send(runner->helper.fd, &request, sizeof(request), line,
					   MSG_DONTWAIT);

	if (line >= 0)
		close(line);
	if (error == -EPIPE)
		return error;
	runner->dropped += error != 0;
	return 0;
}

int runner_finish(struct runner *runner, uint64_t until_ns, struct runner_counts *ret)
{
	const struct runner_request request = { .wish = RUNNER_FINISH, .until_ns = until_ns };
	struct runner_counts counts = { 0 };
	int error = helper_send(runner->helper.fd, &request, sizeof(request), -1, 0);

	if (!error && helper_receive(runner->helper.fd, &counts, sizeof(counts), NULL) !=
			      (ssize_t)sizeof(counts))
		error = -EPIPE;
	counts.dropped += runner->dropped;
	*ret = counts;
	return error;
}

int runner_fd(const struct runner *runner)
{
	return runner->helper.fd;
}

bool runner_has_ended(const struct runner *runner)
{
	return helper_has_ended(&runner->helper);
}

void runner_free(struct runner *runner)
{
	if (!runner)
		return;
	helper_end(&runner->helper);
	free(runner);
}
