// SPDX-License-Identifier: GPL-2.0-only
/* Asks the helper that names stacks, gives it the files that it needs, and checks what it says. */
#include "user/stacks/naming.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/rights/helper.h"
#include "user/stacks/complaints.h"
#include "user/stacks/module.h"
#include "user/stacks/name.h"
#include "user/stacks/wire.h"

#define NEEDS_MAX 256 /* files for one stack */
#define PATIENCE_MS 5000

struct naming {
	struct helper helper;
	struct stacks_request request;
	struct stacks_answer answer;
	bool has_ended;
};

int naming_start(struct naming **ret)
{
	const struct helper_settings settings = {
		.name = "tcpspan-name",
		.needs = { .role = RIGHTS_NAME, .written = -1 },
		.serve = stacks_serve,
	};
	struct naming *n = calloc(1, sizeof(*n));
	int error = n ? helper_start(&settings, &n->helper) : -ENOMEM;

	if (error)
		free(n);
	else
		*ret = n;
	return error;
}

void naming_stop(struct naming *n)
{
	if (!n)
		return;
	/* Who is too slow may be so for ever: it ends with this process. */
	if (n->has_ended)
		close(n->helper.fd);
	else
		helper_end(&n->helper);
	free(n);
}

static const struct log_text helper_ended = {
#define X(NAME, en, zh) { en, zh },
	STACKS_COMPLAINTS(X)
#undef X
};

/* Of whoever has sent bytes that make no sense, or none, nothing more is believed. */
static int distrust(struct naming *n)
{
	n->has_ended = true;
	helper_silence(&n->helper);
	log_say(&helper_ended, &(struct sentence_words){ .n = 0 });
	return -EPIPE;
}

static int hear(struct naming *n)
{
	struct pollfd wait = { .fd = n->helper.fd, .events = POLLIN };
	struct stacks_answer *answer = &n->answer;
	ssize_t size;
	int ready;

	do
		ready = poll(&wait, 1, PATIENCE_MS);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return distrust(n);
	size = helper_receive(n->helper.fd, answer, sizeof(*answer), NULL);
	if (size < (ssize_t)STACKS_ANSWER_SIZE(0) || answer->size > STACK_TEXT_MAX ||
	    size != (ssize_t)STACKS_ANSWER_SIZE(answer->size) ||
	    (answer->size && answer->word != STACKS_DONE && answer->word != STACKS_NEEDS_DEBUG))
		return distrust(n);
	return 0;
}

/* Gives it what it needs; a descriptor is closed here. */
static int give(const struct naming *n, int fd)
{
	const uint32_t wish = STACKS_FILE;
	int error = helper_send(n->helper.fd, &wish, sizeof(wish), fd, 0);

	if (fd >= 0)
		close(fd);
	return error;
}

static int give_debug(const struct naming *n, const struct stacks_files *files)
{
	char build_id[MODULE_BUILD_ID_SIZE] = "";

	if (n->answer.size >= sizeof(build_id))
		return -EBADMSG;
	memcpy(build_id, n->answer.text, n->answer.size);
	return give(n, files->debug(files->context, build_id));
}

/* Until it is done. Returns 0 or -EPIPE. */
static int converse(struct naming *n, const struct stacks_files *files, uint32_t pid)
{
	int error = 0;

	for (int i = 0; i < NEEDS_MAX && !error; i++) {
		error = hear(n);
		if (error)
			return error;
		switch ((enum stacks_word)n->answer.word) {
		case STACKS_NEEDS_FILE:
			error = give(n, files->file(files->context, pid, n->answer.start,
						    n->answer.end));
			break;
		case STACKS_NEEDS_NAMES:
			error = give(n, files->names(files->context, pid));
			break;
		case STACKS_NEEDS_DEBUG:
			error = give_debug(n, files);
			break;
		case STACKS_DONE:
			return 0;
		default:
			error = -EBADMSG;
		}
	}
	return distrust(n);
}

int naming_ask(struct naming *n, const struct stacks_files *files, const struct event_stack *stack,
	       struct naming_answer *ret)
{
	int mappings, error;

	if (n->has_ended)
		return -EPIPE;
	mappings = files->mappings(files->context, stack->pid, stack->head.mono_ns, stack->image);
	if (mappings < 0)
		return -ESRCH;
	memset(&n->request, 0, offsetof(struct stacks_request, stack));
	n->request.wish = STACKS_NAME;
	n->request.stack = *stack;
	error = helper_send(n->helper.fd, &n->request, sizeof(n->request), mappings, 0);
	close(mappings);
	error = error ? distrust(n) : converse(n, files, stack->pid);
	if (error)
		return error;
	*ret = (struct naming_answer){ .text = n->answer.text,
				       .size = n->answer.size,
				       .is_passing = n->answer.is_passing };
	memcpy(ret->used, n->answer.used, sizeof(ret->used));
	return n->answer.size ? 0 : -ENODATA;
}
