// SPDX-License-Identifier: GPL-2.0-only
/* What the tracer tells a process that sends for it, and when that tries again what failed. */
#include "user/command/export/errand.h"

#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/rights/helper.h"

#define FIRST_NS NS_PER_S
#define MOST_NS (30 * NS_PER_S)
#define ASKED_MOST_S 300

static bool take_message(struct errand *e)
{
	struct errand_message message;
	ssize_t size = helper_receive(e->fd, &message, sizeof(message), NULL);

	if (size != (ssize_t)sizeof(message)) {
		e->is_over = true;
		return false;
	}
	if (message.wish != ERRAND_FINISH)
		return false;
	e->is_finishing = true;
	e->finish_ns = clock_now() + message.patience_ms * NS_PER_MS;
	return true;
}

bool errand_listen(struct errand *e, int timeout_ms)
{
	struct pollfd wait = { .fd = e->fd, .events = POLLIN };
	bool finishes = false;

	while (!e->is_over && poll(&wait, 1, timeout_ms) > 0) {
		finishes |= take_message(e);
		timeout_ms = 0;
	}
	return finishes;
}

bool errand_is_late(const struct errand *e)
{
	return e->is_over || (e->is_finishing && clock_now() >= e->finish_ns);
}

void errand_answer(struct errand *e, enum errand_wish wish)
{
	const struct errand_message done = { .wish = wish };

	helper_send(e->fd, &done, sizeof(done), -1, MSG_DONTWAIT);
	e->is_over = true;
}

void retry_reset(struct retry *r)
{
	r->pause_ns = FIRST_NS;
}

uint64_t retry_after(struct retry *r, uint64_t now_ns, long asked_s)
{
	/* Not all machines of a fleet at once. */
	uint64_t pause_ns = r->pause_ns - r->pause_ns / 4 + now_ns % (r->pause_ns / 2);

	r->pause_ns = r->pause_ns * 2 < MOST_NS ? r->pause_ns * 2 : MOST_NS;
	if (asked_s > 0)
		pause_ns = (uint64_t)(asked_s < ASKED_MOST_S ? asked_s : ASKED_MOST_S) * NS_PER_S;
	return pause_ns;
}
