// SPDX-License-Identifier: GPL-2.0-only
/* The process that sends to a collector, and what the tracer hands to it. */
#include "user/command/export/send.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/log.h"
#include "user/base/units.h"
#include "user/command/export/courier.h"
#include "user/command/export/queue.h"
#include "user/net/client.h"
#include "user/rights/helper.h"
#include "user/run/identity.h"
#include "user/run/otel.h"
#include "user/run/signals.h"

#define WAIT_NS 10000000	 /* for room, once more */
#define STALL_NS (60 * NS_PER_S) /* of a recording: so long without any room, then no more */
#define FINISH_NS (5 * NS_PER_S) /* that the end of a run waits for what is left */
#define FINISH_RECORDED_NS (60 * NS_PER_S) /* the same of a recording */
#define GRACE_NS (2 * NS_PER_S)

struct export_send {
	struct helper helper;
	struct queue *queue;
	struct identity identity;
	struct otel otel;
	bool is_stalled; /* it has been waited for once */
};

static int prepare(void *context)
{
	struct export_send *s = context;
	const char *url = *s->otel.traces ? s->otel.traces : s->otel.metrics;

	/* What these read, and load, is read once and could not be later. */
	tzset();
	client_prepare(url);
	return s->identity.is_other ? identity_drop_rights(&s->identity) : 0;
}

static int serve(void *context, int fd)
{
	struct export_send *s = context;

	return courier_run(s->queue, &s->otel, fd);
}

static int find_user(const char *name, struct identity *ret)
{
	int error = identity_find(name, ret);

	/* Who is not root has no other user to be, and no rights to lose. */
	if (error == -EPERM)
		return 0;
	if (error)
		log_error("--user %s: %s", name,
			  error == -ENOENT ? "there is no such user" : strerror(-error));
	return error;
}

static int start(struct export_send *s)
{
	const struct helper_settings settings = {
		.name = "tcpspan-send",
		.needs = { .role = RIGHTS_SEND,
			   .also_read = &s->otel.certificates,
			   .also_count = s->otel.certificates ? 1 : 0,
			   .written = -1 },
		.prepare = prepare,
		.serve = serve,
		.context = s,
	};
	int error = helper_start(&settings, &s->helper);

	if (error)
		log_error("the process that sends cannot be started: %s", strerror(-error));
	return error;
}

int export_send_start(const struct options *o, struct export_send **ret)
{
	struct export_send *s = calloc(1, sizeof(*s));
	int error;

	if (!s || !client_is_built_in()) {
		log_error("nothing can be sent: %s",
			  s ? "this program was built without libcurl" : strerror(ENOMEM));
		free(s);
		return s ? -ENOTSUP : -ENOMEM;
	}
	s->helper.fd = -1;
	error = otel_read(&s->otel, o->export.otlp, o->export.otlp_headers,
			  o->export.otlp_insecure);
	if (!error && o->spans.kind == SPANS_NONE)
		*s->otel.traces = '\0';
	if (!error)
		error = find_user(o->export.user, &s->identity);
	s->queue = error ? NULL : queue_new();
	if (!error && !s->queue) {
		log_error("not enough memory");
		error = -ENOMEM;
	}
	if (!error)
		error = start(s);
	otel_forget(&s->otel);
	if (error) {
		export_send_free(s);
		return error;
	}
	*ret = s;
	return 0;
}

void export_send_free(struct export_send *s)
{
	if (!s)
		return;
	if (s->helper.fd >= 0)
		helper_end(&s->helper);
	queue_free(s->queue);
	identity_done(&s->identity);
	free(s);
}

bool export_send_wants(const struct export_send *s, enum series_signal signal)
{
	return signal == SERIES_SPANS ? *s->otel.traces : *s->otel.metrics;
}

uint64_t export_send_interval_ns(const struct export_send *s)
{
	return s->otel.interval_ms * NS_PER_MS;
}

static void tell(const struct export_send *s, enum courier_wish wish)
{
	const struct courier_message message = { .wish = wish };

	helper_send(s->helper.fd, &message, sizeof(message), -1, MSG_DONTWAIT);
}

/* Nothing is lost of what waits; whoever cannot send for a minute will not soon. */
static void wait_for_room(struct export_send *s, size_t size, const sigset_t *waiting)
{
	const struct timespec pause = { .tv_nsec = WAIT_NS };
	uint64_t until_ns = clock_now() + STALL_NS;

	while (!s->is_stalled && !queue_has_room(s->queue, size) && !export_send_has_ended(s) &&
	       !signals_asked_to_stop()) {
		tell(s, COURIER_WAKE);
		ppoll(NULL, 0, &pause, waiting);
		s->is_stalled = clock_now() > until_ns;
	}
}

void export_send_put(struct export_send *s, enum series_signal signal, const struct buffer *request,
		     uint32_t parts, const sigset_t *waiting)
{
	bool wakes;

	if (request->failed) {
		queue_count(s->queue, signal, QUEUE_DROPPED, parts);
		return;
	}
	if (waiting && !queue_has_room(s->queue, request->size))
		wait_for_room(s, request->size, waiting);
	queue_put(s->queue, signal, request->bytes, request->size, parts, &wakes);
	if (wakes)
		tell(s, COURIER_WAKE);
}

int export_send_fd(const struct export_send *s)
{
	return s->helper.fd;
}

pid_t export_send_pid(const struct export_send *s)
{
	return s->helper.pid;
}

bool export_send_has_ended(const struct export_send *s)
{
	struct pollfd wait = { .fd = s->helper.fd, .events = POLLIN };

	return poll(&wait, 1, 0) > 0 && wait.revents & (POLLHUP | POLLERR);
}

bool export_send_finish(struct export_send *s, bool is_patient, const sigset_t *waiting)
{
	bool was_asked = signals_asked_to_stop();
	uint64_t patience_ns = is_patient && !was_asked ? FINISH_RECORDED_NS : FINISH_NS;
	uint64_t until_ns = clock_now() + patience_ns + GRACE_NS;
	const struct timespec pause = { .tv_sec = 1 };
	struct courier_message message = { .wish = COURIER_FINISH,
					   .patience_ms = (uint32_t)(patience_ns / NS_PER_MS) };
	struct pollfd wait = { .fd = s->helper.fd, .events = POLLIN };

	if (helper_send(s->helper.fd, &message, sizeof(message), -1, 0))
		return false;
	/* Until it says that it is done, or has ended. */
	while (clock_now() < until_ns && (was_asked || !signals_asked_to_stop()))
		if (ppoll(&wait, 1, &pause, waiting) > 0)
			return helper_receive(s->helper.fd, &message, sizeof(message), NULL) ==
			       (ssize_t)sizeof(message);
	return false;
}

void export_send_read(const struct export_send *s, struct series_otlp *ret)
{
	queue_read(s->queue, ret);
}
