// SPDX-License-Identifier: GPL-2.0-only
/* Hands figures to the process that answers requests, and is that process. */
#include "user/command/export/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/base/write.h"
#include "user/command/complaints.h"
#include "user/command/export/landing.h"
#include "user/command/export/user.h"
#include "user/net/protobuf.h"
#include "user/net/server.h"
#include "user/option/language.h"
#include "user/rights/helper.h"
#include "user/run/complaints.h"
#include "user/run/identity.h"
#include "user/run/passed.h"
#include "user/sink/exposition.h"

#define BACKLOG 64
#define PORT_DIGITS 5
#define ADDRESS_SIZE_MAX 64
#define PACKED_MAX (4U << 20) /* a web config with its certificates */
#define LOOK_MS 250 /* that a scrape waits for figures of now: else those of before are told */
#define TRIES 1000  /* to copy them while they are written */

enum export_wish {
	EXPORT_LISTEN = 1, /* with the open port */
	EXPORT_CONFIGURE,  /* with a file in memory, the packed web config */
	EXPORT_FRESH,	   /* figures have been handed over */
	EXPORT_LOOK,	   /* they are asked for */
};

struct export_message {
	uint32_t wish; /* enum export_wish */
	uint32_t zero;
};

/* A sequence lock: odd while the figures are written. */
struct shared {
	atomic_uint turn;
	struct export_facts facts; /* written once, before the first turn */
	struct metrics metrics;
};

struct export_serve {
	struct helper helper;
	struct shared *shared; /* of both processes */
	size_t metrics_bytes;
	const char *group_label;
	enum ladder_language language; /* of the page */
	struct identity identity;
	struct web_config config;
	const char *web_config;			/* its file; NULL */
	struct sockaddr_storage at;		/* its family 0: unknown */
	const struct export_send *send, *store; /* NULL: nothing is sent there */

	/* Of the process that answers. */
	struct server *server;
	struct metrics *copy;
	struct series_exporter exporter;
	int fd;
	int coming; /* a packed web config that nobody is answered by so far; -1: none */
	bool is_over;
};

/* ---- the process that answers --------------------------------------------------------------- */

/* Copies what is whole. Returns false when it was written all the time. */
static bool copy_figures(struct export_serve *s)
{
	for (unsigned int i = 0; i < TRIES; i++) {
		unsigned int before = atomic_load_explicit(&s->shared->turn, memory_order_acquire);

		if (before & 1) {
			usleep(10);
			continue;
		}
		memcpy(s->copy, &s->shared->metrics, s->metrics_bytes);
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&s->shared->turn, memory_order_relaxed) == before)
			return before != 0;
	}
	return false;
}

static void take_message(struct export_serve *s);

/* Asks the tracer to look, and waits for it a little: it may be busy with records. */
static void ask_for_figures(struct export_serve *s)
{
	const struct export_message look = { .wish = EXPORT_LOOK };
	unsigned int before = atomic_load(&s->shared->turn);
	uint64_t until_ns = clock_now() + LOOK_MS * NS_PER_MS;
	struct pollfd wait = { .fd = s->fd, .events = POLLIN };

	if (helper_send(s->fd, &look, sizeof(look), -1, MSG_DONTWAIT))
		return;
	while (!s->is_over && atomic_load(&s->shared->turn) == before && clock_now() < until_ns)
		if (poll(&wait, 1, LOOK_MS) > 0)
			take_message(s);
}

static void answer_metrics(struct export_serve *s, enum exposition_format format,
			   struct server_answer *answer)
{
	struct series_otlp sent;
	struct series_rows rows;
	const struct series_source from = {
		.metrics = s->copy,
		.epoch_of_zero_s = s->shared->facts.epoch_of_zero_s,
		.group_label = s->group_label,
		.version = TCPSPAN_VERSION,
		.kernel = s->shared->facts.kernel,
		.libbpf = s->shared->facts.libbpf,
		.exporter = &s->exporter,
		.otlp = s->send ? &sent : NULL,
		.rows = s->store ? &rows : NULL,
	};
	uint64_t begin_ns = clock_now();

	ask_for_figures(s);
	if (!copy_figures(s)) {
		answer->status = 503;
		buffer_add_text(&answer->body, "There are no figures yet.\n");
		return;
	}
	if (s->send)
		export_send_read(s->send, &sent);
	if (s->store)
		export_send_read_rows(s->store, &rows);
	answer->type = exposition_type(format);
	answer->may_compress = true;
	if (format == EXPOSITION_PROTOBUF)
		protobuf_write(&answer->body, &from);
	else
		exposition_write(&answer->body, format, &from);
	s->exporter.scrapes++;
	s->exporter.scrape_seconds = (double)(clock_now() - begin_ns) / NS_PER_S;
}

static void answer(void *context, const char *path, enum exposition_format format,
		   struct server_answer *answer)
{
	struct export_serve *s = context;

	if (!strcmp(path, "/metrics")) {
		answer_metrics(s, format, answer);
	} else if (!strcmp(path, "/-/healthy")) {
		buffer_add_text(&answer->body, "tcpspan is healthy.\n");
	} else if (!strcmp(path, "/-/ready")) {
		if (!copy_figures(s))
			answer->status = 503;
		buffer_add_text(&answer->body, answer->status == 200 ? "tcpspan is ready.\n" :
								       "tcpspan is not ready.\n");
	} else if (!strcmp(path, "/")) {
		answer->type = "text/html; charset=utf-8";
		copy_figures(s);
		export_landing(&answer->body, s->copy, s->language);
	} else {
		answer->status = 404;
		buffer_add_text(&answer->body, "There is /metrics, and / says more.\n");
	}
}

static void complain(void *context, const char *what)
{
	(void)context;
	COMMAND_COMPLAIN(REQUEST_REFUSED, .w = what);
}

static int start_server(struct export_serve *s, int listen_fd)
{
	const struct server_settings settings = {
		.listen_fd = listen_fd, .answer = answer, .complain = complain, .context = s
	};
	char why[WEB_WHY_SIZE];
	int error = server_start(&settings, &s->config, &s->server, why);

	if (error)
		COMMAND_COMPLAIN(REQUESTS_UNANSWERED, .w = why);
	return error;
}

/* What came is a file of ours in memory, or it is refused. */
static int read_config(int fd, struct web_config *ret)
{
	struct stat st;
	char *bytes;
	int error = -EBADMSG;

	if (fstat(fd, &st) || st.st_size > PACKED_MAX)
		return error;
	bytes = malloc((size_t)st.st_size + 1);
	if (bytes && pread(fd, bytes, (size_t)st.st_size, 0) == st.st_size)
		error = web_config_unpack(bytes, (size_t)st.st_size, ret);
	free(bytes);
	return error;
}

/* Not in the middle of an answer: it may be one that is cut for it. */
static void configure(struct export_serve *s)
{
	struct web_config config = { 0 };
	char why[WEB_WHY_SIZE] = "it cannot be handed over";
	int error;

	if (s->coming < 0)
		return;
	error = read_config(s->coming, &config);
	if (!error)
		error = server_configure(s->server, &config, why);
	if (error && server_is_idle(s->server))
		COMMAND_COMPLAIN(NOBODY_ANSWERED_NOW, .w = why);
	else if (error)
		COMMAND_COMPLAIN(WEB_CONFIG_KEPT, .w = why);
	web_config_done(&config);
	close(s->coming);
	s->coming = -1;
}

/* The last one that has come counts. */
static void await_config(struct export_serve *s, int fd)
{
	if (s->coming >= 0)
		close(s->coming);
	s->coming = fd;
}

static void take_message(struct export_serve *s)
{
	struct export_message message;
	int passed = -1;
	ssize_t size = helper_receive(s->fd, &message, sizeof(message), &passed);

	if (size != (ssize_t)sizeof(message))
		s->is_over = true;
	else if (message.wish == EXPORT_LISTEN && passed >= 0 && !s->server)
		s->is_over = start_server(s, passed) != 0;
	else if (message.wish == EXPORT_CONFIGURE && passed >= 0 && s->server)
		await_config(s, passed);
	else if (size > 0 && passed >= 0)
		close(passed);
}

static int prepare(void *context)
{
	struct export_serve *s = context;

	/* Its file is read once, and could not be later. */
	tzset();
	return s->identity.is_other ? identity_drop_rights(&s->identity) : 0;
}

static int serve(void *context, int fd)
{
	struct export_serve *s = context;

	s->fd = fd;
	while (!s->is_over) {
		struct pollfd waits[] = { { .fd = fd, .events = POLLIN },
					  { .fd = -1, .events = POLLIN } };
		int timeout = -1;

		if (s->server) {
			waits[1].fd = server_fd(s->server);
			timeout = server_timeout_ms(s->server);
		}
		if (poll(waits, 2, timeout) < 0 && errno != EINTR)
			break;
		if (waits[0].revents)
			take_message(s);
		if (s->server && !s->is_over) {
			server_run(s->server);
			configure(s);
		}
	}
	server_free(s->server);
	return 0;
}

/* ---- the tracer ----------------------------------------------------------------------------- */

/* "ADDR:PORT", "[ADDR]:PORT" or ":PORT" into its parts. */
static bool split(const char *text, char address[ADDRESS_SIZE_MAX], const char **ret_port)
{
	const char *colon = strrchr(text, ':');
	size_t size = colon ? (size_t)(colon - text) : 0;

	if (!colon || !colon[1] || size >= ADDRESS_SIZE_MAX)
		return false;
	if (size > 2 && *text == '[' && text[size - 1] == ']') {
		text++;
		size -= 2;
	} else if (memchr(text, ':', size)) {
		return false; /* where the address ends nobody knows */
	}
	memcpy(address, text, size);
	address[size] = '\0';
	*ret_port = colon + 1;
	return true;
}

static int open_port(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, BACKLOG)) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

/* Whoever reads it as an address takes what is left of a larger number. */
static bool is_port(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits && !text[digits] && digits <= PORT_DIGITS && atoi(text) <= UINT16_MAX;
}

/* Nobody is asked for names. Returns the descriptor, or -errno after one sentence. */
static int listen_at(const char *where)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
					.ai_socktype = SOCK_STREAM };
	char address[ADDRESS_SIZE_MAX];
	struct addrinfo *found = NULL;
	const char *port;
	int fd;

	if (!split(where, address, &port) || !is_port(port) ||
	    getaddrinfo(*address ? address : NULL, port, &hints, &found)) {
		COMMAND_COMPLAIN(LISTEN_BAD, .v = OPTIONS_LISTEN, .w = where);
		return -EINVAL;
	}
	fd = open_port(found);
	freeaddrinfo(found);
	if (fd < 0)
		COMMAND_COMPLAIN(NOBODY_ANSWERED_AT, .w = where, .v = strerror(-fd));
	return fd;
}

/* Where --listen says, else where the service manager listens already. As above. */
static int listen_for(const char *where)
{
	int fd = where ? -ENOENT : passed_socket_take();

	return fd == -ENOENT ? listen_at(where ? where : OPTIONS_LISTEN) : fd;
}

/* Where it is found, whoever has opened it, and by whatever port the kernel has chosen. */
static void learn_place(struct export_serve *s, int fd)
{
	socklen_t size = sizeof(s->at);

	if (getsockname(fd, (struct sockaddr *)&s->at, &size))
		s->at.ss_family = 0;
}

static int read_web_config(const char *path, struct web_config *ret)
{
	char why[WEB_WHY_SIZE] = "";
	int error = path ? web_config_read(path, ret, why) : 0;

	if (error)
		RUN_COMPLAIN(OF_OPTION, .w = path, .v = *why ? why : strerror(-error));
	return error;
}

static int share(struct export_serve *s, size_t groups)
{
	s->metrics_bytes = metrics_size(groups);
	s->copy = calloc(1, s->metrics_bytes);
	s->shared = mmap(NULL, offsetof(struct shared, metrics) + s->metrics_bytes,
			 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->copy && s->shared != MAP_FAILED)
		return 0;
	if (s->shared == MAP_FAILED)
		s->shared = NULL;
	RUN_COMPLAIN(NO_MEMORY);
	return -ENOMEM;
}

static int start(struct export_serve *s, int listen_fd)
{
	const struct helper_settings settings = {
		.name = "tcpspan-serve",
		.needs = { .role = RIGHTS_SERVE, .written = -1 },
		.prepare = prepare,
		.serve = serve,
		.context = s,
	};
	const struct export_message message = { .wish = EXPORT_LISTEN };
	int error = helper_start(&settings, &s->helper);

	if (!error)
		error = helper_send(s->helper.fd, &message, sizeof(message), listen_fd, 0);
	if (error)
		COMMAND_COMPLAIN(ANSWERER_NOT_STARTED, .w = strerror(-error));
	return error;
}

int export_serve_start(const struct options *o, const char *group_label, size_t groups,
		       const struct export_send *send, const struct export_send *store,
		       struct export_serve **ret)
{
	struct export_serve *s = calloc(1, sizeof(*s));
	int error, fd = -1;

	if (!s || !server_is_built_in()) {
		COMMAND_COMPLAIN(NOBODY_ANSWERED,
				 .w = s ? COMMAND_SAYS(NO_MICROHTTPD) : strerror(ENOMEM));
		free(s);
		return s ? -ENOTSUP : -ENOMEM;
	}
	s->group_label = group_label;
	s->send = send;
	s->store = store;
	s->language = option_language(o);
	s->web_config = o->export.web_config;
	s->helper.fd = s->coming = -1;
	error = share(s, groups);
	if (!error)
		error = read_web_config(s->web_config, &s->config);
	if (!error)
		error = export_find_user(o->export.user, &s->identity);
	if (!error)
		error = fd = listen_for(o->export.listen);
	if (error >= 0)
		learn_place(s, fd);
	if (error >= 0)
		error = start(s, fd);
	if (fd >= 0)
		close(fd);
	if (error) {
		export_serve_free(s);
		return error;
	}
	*ret = s;
	return 0;
}

void export_serve_free(struct export_serve *s)
{
	if (!s)
		return;
	if (s->helper.fd >= 0)
		helper_end(&s->helper);
	if (s->shared)
		munmap(s->shared, offsetof(struct shared, metrics) + s->metrics_bytes);
	web_config_done(&s->config);
	identity_done(&s->identity);
	free(s->copy);
	free(s);
}

int export_serve_fd(const struct export_serve *s)
{
	return s->helper.fd;
}

pid_t export_serve_pid(const struct export_serve *s)
{
	return s->helper.pid;
}

int export_serve_take(struct export_serve *s)
{
	struct pollfd wait = { .fd = s->helper.fd, .events = POLLIN };
	struct export_message message;
	int wanted = 0;

	while (poll(&wait, 1, 0) > 0) {
		ssize_t size = helper_receive(s->helper.fd, &message, sizeof(message), NULL);

		if (size != (ssize_t)sizeof(message))
			return -EPIPE;
		wanted |= message.wish == EXPORT_LOOK;
	}
	return wanted;
}

void export_serve_tell(const struct export_serve *s)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&s->at;
	const struct sockaddr_in *four = (const struct sockaddr_in *)&s->at;
	bool is_six = s->at.ss_family == AF_INET6;
	const void *bytes = is_six ? (const void *)&six->sin6_addr : &four->sin_addr;
	char digits[INET6_ADDRSTRLEN], address[INET6_ADDRSTRLEN + 2];

	if (!inet_ntop(s->at.ss_family, bytes, digits, sizeof(digits)))
		return;
	snprintf(address, sizeof(address), is_six ? "[%s]" : "%s", digits);
	log_say_note(&command_complaints[COMMAND_COMPLAINT_ANSWERING],
		     &(struct sentence_words){
			     .w = s->config.cert ? "https" : "http",
			     .v = address,
			     .n = ntohs(is_six ? six->sin6_port : four->sin_port),
		     });
}

void export_serve_set_facts(struct export_serve *s, const struct export_facts *facts)
{
	s->shared->facts = *facts;
}

void export_serve_publish(struct export_serve *s, const struct metrics *metrics)
{
	const struct export_message fresh = { .wish = EXPORT_FRESH };

	atomic_fetch_add_explicit(&s->shared->turn, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	memcpy(&s->shared->metrics, metrics, s->metrics_bytes);
	atomic_fetch_add_explicit(&s->shared->turn, 1, memory_order_release);
	helper_send(s->helper.fd, &fresh, sizeof(fresh), -1, MSG_DONTWAIT);
}

void export_serve_configure(struct export_serve *s)
{
	const struct export_message message = { .wish = EXPORT_CONFIGURE };
	struct web_config config = { 0 };
	size_t size = 0;
	char *bytes = NULL;
	int fd = -1;

	if (!s->web_config || read_web_config(s->web_config, &config))
		return;
	bytes = web_config_pack(&config, &size);
	if (bytes)
		fd = write_memory("web config", bytes, size);
	if (fd < 0 || helper_send(s->helper.fd, &message, sizeof(message), fd, MSG_DONTWAIT))
		COMMAND_COMPLAIN(WEB_CONFIG_NOT_HANDED);
	if (fd >= 0)
		close(fd);
	free(bytes);
	web_config_done(&config);
}
