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

/* One more begins where one was held up, or ended: none can be started later. */
#define HELPERS 4

/* Whose stack it was: of a place with an owner of its own it is that owner's, wherever. */
struct culprit {
	uint32_t uid, netns;
};

struct naming {
	struct helper helper[HELPERS];
	struct culprit culprit[HELPERS]; /* who has ended which */
	size_t started;
	size_t at; /* the one that is asked; `started`: none is left */
	struct stacks_request request;
	struct stacks_answer answer;
};

int naming_start(struct naming **ret)
{
	const struct helper_settings settings = {
		.name = "tcpspan-name",
		.needs = { .role = RIGHTS_NAME, .written = -1 },
		.serve = stacks_serve,
	};
	struct naming *n = calloc(1, sizeof(*n));
	int error = n ? 0 : -ENOMEM;

	while (!error && n->started < HELPERS) {
		error = helper_start(&settings, &n->helper[n->started]);
		n->started += !error;
	}
	/* The first is needed. */
	if (error && (!n || !n->started)) {
		free(n);
		return error;
	}
	*ret = n;
	return 0;
}

void naming_stop(struct naming *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->started; i++)
		/* Who is too slow may be so for ever: it ends with this process. */
		if (i < n->at)
			close(n->helper[i].fd);
		else
			helper_end_soon(&n->helper[i]);
	free(n);
}

static const struct log_text helper_ended = {
#define X(NAME, en, zh) { en, zh },
	STACKS_COMPLAINTS(X)
#undef X
};

/*
 * Of whoever has sent bytes that make no sense, or none, nothing more is believed; and nobody is
 * asked about more stacks of whom that one was asked about.
 */
static int distrust(struct naming *n)
{
	const struct event_stack *stack = &n->request.stack;

	n->culprit[n->at] = (struct culprit){ stack->uid, stack->netns };
	helper_silence(&n->helper[n->at]);
	n->at++;
	if (n->at == n->started)
		log_say(&helper_ended, &(struct sentence_words){ .n = 0 });
	return -EPIPE;
}

/* Root may be many: those in one network namespace are one. */
static bool is_culprit(const struct naming *n, const struct event_stack *stack)
{
	for (size_t i = 0; i < n->at; i++)
		if (n->culprit[i].uid == stack->uid &&
		    (stack->uid || n->culprit[i].netns == stack->netns))
			return true;
	return false;
}

static int hear(struct naming *n)
{
	struct pollfd wait = { .fd = n->helper[n->at].fd, .events = POLLIN };
	struct stacks_answer *answer = &n->answer;
	ssize_t size;
	int ready;

	do
		ready = poll(&wait, 1, PATIENCE_MS);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return distrust(n);
	size = helper_receive(wait.fd, answer, sizeof(*answer), NULL);
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
	int error = helper_send(n->helper[n->at].fd, &wish, sizeof(wish), fd, 0);

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

	if (n->at == n->started || is_culprit(n, stack))
		return -EPIPE;
	mappings = files->mappings(files->context, stack->pid, stack->head.mono_ns, stack->image);
	if (mappings < 0)
		return -ESRCH;
	memset(&n->request, 0, offsetof(struct stacks_request, stack));
	n->request.wish = STACKS_NAME;
	n->request.stack = *stack;
	error = helper_send(n->helper[n->at].fd, &n->request, sizeof(n->request), mappings, 0);
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
