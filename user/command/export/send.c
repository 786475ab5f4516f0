// SPDX-License-Identifier: GPL-2.0-only
/* The processes that send to a collector and to a store, and what the tracer hands to them. */
#include "user/command/export/send.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/command/complaints.h"
#include "user/command/export/carrier.h"
#include "user/command/export/courier.h"
#include "user/command/export/errand.h"
#include "user/command/export/queue.h"
#include "user/command/export/spool.h"
#include "user/command/export/user.h"
#include "user/net/client.h"
#include "user/rights/helper.h"
#include "user/run/complaints.h"
#include "user/run/identity.h"
#include "user/run/otel.h"
#include "user/run/signals.h"
#include "user/run/store.h"

#define WAIT_NS 10000000	 /* for room, once more */
#define STALL_NS (60 * NS_PER_S) /* of a recording: so long without any room, then no more */
#define FINISH_NS (5 * NS_PER_S) /* that the end of a run waits for what is left */
#define FINISH_RECORDED_NS (60 * NS_PER_S) /* the same of a recording */
#define PATH_SIZE 4096
#define GRACE_NS (2 * NS_PER_S)
#define METRICS_BYTES (3u << 20) /* of what waits for a collector */

struct export_send {
	enum export_send_kind kind;
	struct helper helper;
	struct helper_settings settings;
	struct queue *queues[SERIES_SIGNALS]; /* rows have the first one alone */
	struct identity identity;
	struct otel otel;
	struct store store;
	struct carrier_settings carrier;
	char folder[PATH_SIZE]; /* of the spool */
	char again[32];		/* the same, for who has it open and cannot get there */
	const char *also_read[1 + SERIES_SIGNALS];
	int spool;	 /* that folder, which nobody else uses meanwhile; -1: none */
	bool is_stalled; /* it has been waited for once */
};

/* Before it becomes somebody else, who may not pass the folders above. */
static int open_spool(struct export_send *s)
{
	int fd = open(s->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	snprintf(s->again, sizeof(s->again), "/proc/self/fd/%d", fd);
	s->settings.needs.written = s->carrier.folder = fd;
	return 0;
}

static int prepare(void *context)
{
	struct export_send *s = context;
	int error = 0;

	/* What these read, and load, is read once and could not be later. */
	tzset();
	if (s->kind == EXPORT_SEND_ROWS)
		client_prepare(s->store.urls[0]);
	for (int i = 0; i < SERIES_SIGNALS; i++)
		if (*s->otel.signals[i].url)
			client_prepare(s->otel.signals[i].url);
	if (*s->folder)
		error = open_spool(s);
	if (!error && s->identity.is_other)
		error = identity_drop_rights(&s->identity);
	return error;
}

static int serve(void *context, int fd)
{
	struct export_send *s = context;

	return s->kind == EXPORT_SEND_ROWS ? carrier_run(&s->carrier, fd) :
					     courier_run(s->queues, &s->otel, fd);
}

static int start(struct export_send *s)
{
	bool has_rows = s->kind == EXPORT_SEND_ROWS;
	size_t count = 0;
	int error;

	if (has_rows && s->store.certificates)
		s->also_read[count++] = s->store.certificates;
	for (int i = 0; i < SERIES_SIGNALS; i++)
		if (s->otel.signals[i].certificates)
			s->also_read[count++] = s->otel.signals[i].certificates;
	if (*s->folder)
		s->also_read[count++] = s->again;
	s->settings = (struct helper_settings){
		.name = has_rows ? "tcpspan-store" : "tcpspan-send",
		.needs = { .role = has_rows ? RIGHTS_STORE : RIGHTS_SEND,
			   .also_read = s->also_read,
			   .also_count = count,
			   .written = -1 },
		.prepare = prepare,
		.serve = serve,
		.context = s,
	};
	error = helper_start(&s->settings, &s->helper);
	if (error)
		COMMAND_COMPLAIN(SENDER_NOT_STARTED, .w = strerror(-error));
	return error;
}

static int read_collector(struct export_send *s, const struct options *o)
{
	int error = otel_read(&s->otel, o->export.otlp, o->export.otlp_headers,
			      o->export.otlp_insecure);

	if (!error && o->spans.kind == SPANS_NONE)
		*s->otel.signals[SERIES_SPANS].url = '\0';
	return error;
}

/* The folder that was named, or that a service manager has made. */
static int claim_spool(struct export_send *s, const struct options *o)
{
	const char *state = getenv("STATE_DIRECTORY");
	int length = 0;

	if (o->export.spool)
		length = snprintf(s->folder, sizeof(s->folder), "%s", o->export.spool);
	else if (state && *state && !o->input_count)
		length = snprintf(s->folder, sizeof(s->folder), "%s/spool", state);
	if (!length)
		return 0;
	if (length >= PATH_SIZE) {
		COMMAND_COMPLAIN(SPOOL_NAME);
		return -ENAMETOOLONG;
	}
	s->spool = spool_claim(s->folder, &s->identity);
	return s->spool < 0 ? s->spool : 0;
}

static int prepare_rows(struct export_send *s, const struct options *o)
{
	s->carrier.queue = s->queues[0];
	s->carrier.store = &s->store;
	s->carrier.folder = -1;
	s->carrier.spool_bytes = o->export.spool_bytes;
	s->carrier.is_patient = o->input_count;
	return claim_spool(s, o);
}

/* Returns 0, or -ENOMEM after one sentence. */
static int make_queues(struct export_send *s)
{
	bool has_rows = s->kind == EXPORT_SEND_ROWS;

	s->queues[0] = queue_new(has_rows ? QUEUE_BYTES : QUEUE_BYTES - METRICS_BYTES);
	if (!has_rows)
		s->queues[SERIES_METRICS] = queue_new(METRICS_BYTES);
	if (s->queues[0] && (has_rows || s->queues[SERIES_METRICS]))
		return 0;
	RUN_COMPLAIN(NO_MEMORY);
	return -ENOMEM;
}

/* The one that a signal waits in. */
static struct queue *queue_of(const struct export_send *s, enum series_signal signal)
{
	return s->queues[s->kind == EXPORT_SEND_ROWS ? 0 : signal];
}

static int set_up(struct export_send *s, const struct options *o)
{
	int error = s->kind == EXPORT_SEND_ROWS ? store_read(&s->store, o) : read_collector(s, o);

	if (!error)
		error = export_find_user(o->export.user, &s->identity);
	if (!error)
		error = make_queues(s);
	if (!error && s->kind == EXPORT_SEND_ROWS)
		error = prepare_rows(s, o);
	return error ? error : start(s);
}

int export_send_start(const struct options *o, enum export_send_kind kind, struct export_send **ret)
{
	struct export_send *s = calloc(1, sizeof(*s));
	int error;

	if (!s || !client_is_built_in()) {
		COMMAND_COMPLAIN(NOTHING_SENT,
				 .w = s ? COMMAND_SAYS(NO_LIBCURL) : strerror(ENOMEM));
		free(s);
		return s ? -ENOTSUP : -ENOMEM;
	}
	s->kind = kind;
	s->helper.fd = s->spool = -1;
	error = set_up(s, o);
	otel_forget(&s->otel);
	store_forget(&s->store);
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
	if (s->spool >= 0)
		close(s->spool);
	for (int i = 0; i < SERIES_SIGNALS; i++)
		queue_free(s->queues[i]);
	identity_done(&s->identity);
	free(s);
}

bool export_send_wants(const struct export_send *s, enum series_signal signal)
{
	return *s->otel.signals[signal].url;
}

uint64_t export_send_interval_ns(const struct export_send *s)
{
	return s->otel.interval_ms * NS_PER_MS;
}

static void tell(const struct export_send *s, enum errand_wish wish)
{
	const struct errand_message message = { .wish = wish };

	helper_send(s->helper.fd, &message, sizeof(message), -1, MSG_DONTWAIT);
}

/* Nothing is lost of what waits; whoever cannot send for a minute will not soon. */
static void wait_for_room(struct export_send *s, const struct queue *queue, size_t size,
			  const sigset_t *waiting)
{
	const struct timespec pause = { .tv_nsec = WAIT_NS };
	uint64_t until_ns = clock_now() + STALL_NS;

	while (!s->is_stalled && !queue_has_room(queue, size) && !export_send_has_ended(s) &&
	       !signals_asked_to_stop()) {
		tell(s, ERRAND_WAKE);
		ppoll(NULL, 0, &pause, waiting);
		s->is_stalled = clock_now() > until_ns;
	}
}

void export_send_put(struct export_send *s, enum series_signal signal, const struct buffer *request,
		     uint32_t parts, const sigset_t *waiting)
{
	struct queue *queue = queue_of(s, signal);
	bool wakes;

	if (request->failed) {
		queue_count(queue, signal, QUEUE_DROPPED, parts);
		return;
	}
	if (waiting && !queue_has_room(queue, request->size))
		wait_for_room(s, queue, request->size, waiting);
	queue_put(queue, signal, request->bytes, request->size, parts, &wakes);
	if (wakes)
		tell(s, ERRAND_WAKE);
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

/* Returns when it has to have finished; 0: it has ended. */
static uint64_t ask_to_finish(struct export_send *s, uint64_t patience_ns)
{
	const struct errand_message message = {
		.wish = ERRAND_FINISH,
		.patience_ms = (uint32_t)(patience_ns / NS_PER_MS),
	};

	if (helper_send(s->helper.fd, &message, sizeof(message), -1, 0))
		return 0;
	return clock_now() + patience_ns + GRACE_NS;
}

bool export_send_finish(struct export_send *s, bool is_patient, const sigset_t *waiting)
{
	bool was_asked = signals_asked_to_stop();
	uint64_t until_ns =
		ask_to_finish(s, is_patient && !was_asked ? FINISH_RECORDED_NS : FINISH_NS);
	const struct timespec pause = { .tv_sec = 1 };
	struct pollfd wait = { .fd = s->helper.fd, .events = POLLIN };
	struct errand_message message;

	/* Until it says that it is done, or has ended. */
	while (clock_now() < until_ns) {
		if (ppoll(&wait, 1, &pause, waiting) > 0)
			return helper_receive(s->helper.fd, &message, sizeof(message), NULL) ==
				       (ssize_t)sizeof(message) &&
			       message.wish == ERRAND_FINISH;
		/* Nobody waits any more; it still has to say what it has not got rid of. */
		if (!was_asked && signals_asked_to_stop()) {
			was_asked = true;
			until_ns = ask_to_finish(s, 0);
		}
	}
	return false;
}

void export_send_read(const struct export_send *s, struct series_otlp *ret)
{
	*ret = (struct series_otlp){ 0 };
	for (int i = 0; i < SERIES_SIGNALS && s->queues[i]; i++)
		queue_read(s->queues[i], ret);
}

void export_send_read_rows(const struct export_send *s, struct series_rows *ret)
{
	struct series_otlp all;

	export_send_read(s, &all);
	*ret = (struct series_rows){
		.sent = all.sent[QUEUE_ROWS],
		.failed = all.failed[QUEUE_ROWS],
		.dropped = all.dropped[QUEUE_ROWS],
		.spool_bytes = queue_kept(s->queues[0]),
	};
}
