// SPDX-License-Identifier: GPL-2.0-only
/* One daemon of libmicrohttpd, polled from outside, with limits on all that a client could take. */
#include "user/net/server.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <microhttpd.h>

#include "user/base/address.h"
#include "user/base/clock.h"
#include "user/base/patience.h"
#include "user/base/units.h"
#include "user/net/certificate.h"
#include "user/net/complaints.h"
#include "user/net/compress.h"
#include "user/net/password.h"

#define COMPLAIN_NS (60 * NS_PER_S)
#define PATIENCE_NS (SERVER_PATIENCE_S * NS_PER_S)
/* The library leaves who is idle without a word: behind whoever is told why. */
#define IDLE_S (SERVER_PATIENCE_S + 1)
/* From one request to the next: the library has left by then who was idle all the time. */
#define NEXT_NS (PATIENCE_NS + 2 * NS_PER_S)
/* Connections of a daemon: the last ones are those that make room, until they are closed. */
#define CONNECTIONS_MOST (SERVER_CONNECTIONS + 16)
#define NETWORK_BYTES 8 /* of an IPv6 address */
/* Of what a wrong password takes: whoever mistypes one is not put off for that. */
#define GUESS_SHARE 4
#define REALM "tcpspan"
#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* A connection that has to come to something by then. */
struct waiting {
	int fd;
	uint64_t until_ns;
	const struct MHD_Daemon *daemon; /* by which it came */
	struct address from;		 /* of IPv6, the network: who has one has all of it */
	enum awaited { AWAITED_REQUEST, AWAITED_TAKING, AWAITED_NEXT } what;
	bool is_plain; /* without TLS */
	bool is_used;
};

/* Connections of a config that holds no more, for requests that had begun. */
struct leaving {
	struct MHD_Daemon *daemon;
	struct web_config config; /* what it was started with */
	uint64_t until_ns;
};

/* A port that nobody answers at: no daemon could be started. */
struct idle {
	int fd;			   /* -1: there is one */
	struct web_config pending; /* is tried before the one that held */
	uint64_t due_ns, pause_ns;
};

#define IDLE_FIRST_NS (250 * NS_PER_MS)
#define IDLE_MOST_NS (30 * NS_PER_S)

#define LEAVING_MAX 4 /* then the oldest are cut */
#define LEAVING_LOOK_MS 1000
#define WAITING_MAX ((1 + LEAVING_MAX) * CONNECTIONS_MOST)

struct server {
	struct server_settings settings;
	struct web_config config;
	struct passwords passwords;
	struct patience guesses; /* by hashes of addresses */
	uint64_t rate_ns;	 /* until then the requests so far have used up their intervals */
	int epoll_fd;		 /* of all daemons; -1: none */
	struct MHD_Daemon *daemon;
	struct idle idle;
	struct leaving leaving[LEAVING_MAX]; /* the oldest first */
	size_t leaving_count;
	struct waiting waiting[WAITING_MAX];
	uint64_t complained_ns; /* 0: not so far */
};

static void complain(struct server *s, const char *what)
{
	uint64_t now_ns = clock_now();

	if (s->complained_ns && now_ns - s->complained_ns < COMPLAIN_NS)
		return;
	s->complained_ns = now_ns;
	s->settings.complain(s->settings.context, what);
}

/* Of a page that the library has answered with, its title is left: a log has lines. */
static void leave_title(char *what)
{
	static const char begin[] = "<title>";
	char *page = strstr(what, " ('<"), *title, *end;

	if (!page)
		return;
	title = strstr(page, begin);
	end = title ? strstr(title, "</title>") : NULL;
	if (end) {
		title += strlen(begin);
		page = stpcpy(page, ", ");
		memmove(page, title, (size_t)(end - title));
		page += end - title;
	}
	*page++ = ')';
	*page = '\0';
}

__attribute__((format(printf, 2, 0))) static void on_log(void *context, const char *format,
							 va_list arguments)
{
	char what[WEB_WHY_SIZE];

	vsnprintf(what, sizeof(what), format, arguments);
	leave_title(what);
	what[strcspn(what, "\n")] = '\0';
	complain(context, what);
}

/* ---- patience ------------------------------------------------------------------------------- */

static int fd_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info ? info->connect_fd : -1;
}

static void wait_no_more(struct server *s, int fd)
{
	for (size_t i = 0; i < WAITING_MAX; i++)
		if (s->waiting[i].is_used && s->waiting[i].fd == fd)
			s->waiting[i].is_used = false;
}

static const struct MHD_Daemon *daemon_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_DAEMON);

	return info ? info->daemon : NULL;
}

static struct address address_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *from = info ? info->client_addr : NULL;
	struct address a = { .byte = { 0 } };

	if (from && from->sa_family == AF_INET)
		return address_from_ipv4(
			(const uint8_t *)&((const struct sockaddr_in *)from)->sin_addr);
	if (!from || from->sa_family != AF_INET6)
		return a;
	memcpy(&a, &((const struct sockaddr_in6 *)from)->sin6_addr, sizeof(a));
	if (!address_is_ipv4(&a))
		memset(a.byte + NETWORK_BYTES, 0, sizeof(a) - NETWORK_BYTES);
	return a;
}

/* From now on so long, and no longer for what it was waited for before. */
static void wait_for(struct server *s, struct MHD_Connection *connection, enum awaited what,
		     uint64_t ns)
{
	int fd = fd_of(connection);

	wait_no_more(s, fd);
	for (size_t i = 0; i < WAITING_MAX; i++)
		if (!s->waiting[i].is_used) {
			s->waiting[i] = (struct waiting){
				.fd = fd,
				.until_ns = clock_now() + ns,
				.daemon = daemon_of(connection),
				.from = address_of(connection),
				.what = what,
				.is_plain = !MHD_get_connection_info(
					connection, MHD_CONNECTION_INFO_GNUTLS_SESSION),
				.is_used = true,
			};
			return;
		}
}

/* The library would close it without a word. `status`: of HTTP; NULL: it is owed none. */
static void leave(struct waiting *w, const char *status)
{
	char said[96];
	int size = snprintf(said, sizeof(said),
			    "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
			    status ? status : "");

	if (status && w->is_plain)
		send(w->fd, said, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
	shutdown(w->fd, SHUT_RDWR);
	w->is_used = false;
}

/* How many connections this address has by that daemon. */
static size_t count_from(const struct server *s, const struct waiting *of)
{
	size_t count = 0;

	for (size_t i = 0; i < WAITING_MAX; i++) {
		const struct waiting *w = &s->waiting[i];

		count += w->is_used && w->daemon == of->daemon &&
			 !memcmp(&w->from, &of->from, sizeof(w->from));
	}
	return count;
}

/*
 * Who comes is let in: where there are too many, the address that has most of them makes room, with
 * the one that was waited for longest.
 */
static void make_room(struct server *s, const struct MHD_Daemon *daemon)
{
	struct waiting *first = NULL;
	size_t count = 0, most = 0;

	for (size_t i = 0; i < WAITING_MAX; i++)
		count += s->waiting[i].is_used && s->waiting[i].daemon == daemon;
	if (count <= SERVER_CONNECTIONS)
		return;
	for (size_t i = 0; i < WAITING_MAX; i++) {
		struct waiting *w = &s->waiting[i];
		size_t own;

		if (!w->is_used || w->daemon != daemon)
			continue;
		own = count_from(s, w);
		if (own < most || (own == most && w->until_ns >= first->until_ns))
			continue;
		first = w;
		most = own;
	}
	leave(first, first->what == AWAITED_REQUEST ? "503 Service Unavailable" : NULL);
	complain(s, NET_SAYS(TOO_MANY));
}

/* The library asks for a client's certificate only where it is told of an authority. */
static void ask_for_certificate(const struct server *s, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	if (info && s->config.cert && s->config.client_auth != WEB_CLIENT_NONE)
		gnutls_certificate_server_set_request(info->tls_session, GNUTLS_CERT_REQUEST);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	(void)socket_context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		ask_for_certificate(context, connection);
		wait_for(context, connection, AWAITED_REQUEST, PATIENCE_NS);
		make_room(context, daemon_of(connection));
	} else {
		wait_no_more(context, fd_of(connection));
	}
}

/* Its answer was taken, or cannot be any more. */
static void on_completed(void *context, struct MHD_Connection *connection, void **request,
			 enum MHD_RequestTerminationCode code)
{
	(void)request;
	(void)code;
	wait_for(context, connection, AWAITED_NEXT, NEXT_NS);
}

/*
 * Who sends a byte every few seconds has a connection that is never idle, and no request; so has
 * who takes one of its answer.
 */
static void lose_patience(struct server *s)
{
	uint64_t now_ns = clock_now();

	for (size_t i = 0; i < WAITING_MAX; i++) {
		struct waiting *w = &s->waiting[i];

		if (!w->is_used || now_ns < w->until_ns)
			continue;
		leave(w, w->what == AWAITED_TAKING ? NULL : "408 Request Timeout");
		complain(s, NET_SAYS(NOT_IN_TIME));
	}
}

/* How long nobody is out of patience; -1: for ever. */
static int patience_ms(const struct server *s)
{
	uint64_t now_ns = clock_now();
	int least = -1;

	for (size_t i = 0; i < WAITING_MAX; i++) {
		const struct waiting *w = &s->waiting[i];
		int ms;

		if (!w->is_used)
			continue;
		ms = w->until_ns > now_ns ? (int)((w->until_ns - now_ns) / NS_PER_MS) + 1 : 0;
		least = least < 0 || ms < least ? ms : least;
	}
	return least;
}

/* ---- answers -------------------------------------------------------------------------------- */

/* It came by a daemon that listens no more: whoever asks again is to come by the new one. */
static bool is_leaving(const struct server *s, struct MHD_Connection *connection)
{
	return daemon_of(connection) != s->daemon;
}

static enum MHD_Result queue(struct server *s, struct MHD_Connection *connection,
			     unsigned int status, struct buffer *body, const char *type,
			     const char *encoding)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(body->size, body->bytes, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	if (is_leaving(s, connection))
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Content-Security-Policy", "default-src 'none'");
	if (encoding)
		MHD_add_response_header(response, "Content-Encoding", encoding);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow", "GET, HEAD");
	if (status == MHD_HTTP_UNAUTHORIZED)
		result = MHD_queue_basic_auth_fail_response(connection, REALM, response);
	else
		result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct server *s, struct MHD_Connection *connection,
			      unsigned int status, const char *why)
{
	struct buffer body;
	enum MHD_Result result;

	buffer_init(&body);
	buffer_addf(&body, "%s\n", why);
	result = queue(s, connection, status, &body, "text/plain; charset=utf-8", NULL);
	buffer_done(&body);
	return result;
}

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

enum entry { ENTRY_OPEN, ENTRY_REFUSED, ENTRY_PUT_OFF };

/*
 * To find that a password is wrong takes as long as it was made to take, and nobody else is
 * answered meanwhile: who guesses is looked at for a small part of the time.
 */
static enum entry try_password(struct server *s, const struct address *from, const char *user,
			       const char *password)
{
	uint32_t who = (uint32_t)hash_bytes(&s->passwords.key, from, sizeof(*from));
	uint64_t begin_ns = clock_now(), end_ns;

	if (password_is_known(&s->passwords, &s->config, user, password))
		return ENTRY_OPEN;
	if (!patience_left(&s->guesses, who, begin_ns))
		return ENTRY_PUT_OFF;
	if (password_is_right(&s->passwords, &s->config, user, password))
		return ENTRY_OPEN;
	end_ns = clock_now();
	patience_spend(&s->guesses, who, end_ns, (end_ns - begin_ns) / GUESS_SHARE);
	return ENTRY_REFUSED;
}

static enum entry try_entry(struct server *s, struct MHD_Connection *connection)
{
	const struct address from = address_of(connection);
	char *password = NULL, *user;
	enum entry entry = ENTRY_REFUSED;

	if (!s->config.user_count)
		return ENTRY_OPEN;
	user = MHD_basic_auth_get_username_password(connection, &password);
	if (user && password)
		entry = try_password(s, &from, user, password);
	if (password)
		explicit_bzero(password, strlen(password));
	MHD_free(user);
	MHD_free(password);
	return entry;
}

/* Of a client that had to show a certificate: whether it has, and a good one if it matters. */
static bool is_client_certified(const struct server *s, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	if (!s->config.cert || s->config.client_auth == WEB_CLIENT_NONE)
		return true;
	return info && certificate_lets_in(info->tls_session, &s->config);
}

/* Each request takes an interval; a burst of them may be in advance. */
static bool is_too_many(struct server *s, uint64_t now_ns)
{
	const struct web_config *c = &s->config;
	uint64_t from_ns = s->rate_ns > now_ns ? s->rate_ns : now_ns;

	if (!c->rate_interval_ns)
		return false;
	if (from_ns + c->rate_interval_ns - now_ns > c->rate_interval_ns * c->rate_burst)
		return true;
	s->rate_ns = from_ns + c->rate_interval_ns;
	return false;
}

static enum MHD_Result answer(struct server *s, struct MHD_Connection *connection, const char *path)
{
	struct server_answer a = { .status = MHD_HTTP_OK, .type = "text/plain; charset=utf-8" };
	const char *encoding = NULL;
	enum MHD_Result result;

	buffer_init(&a.body);
	s->settings.answer(s->settings.context, path,
			   server_choose_format(header_of(connection, "Accept")), &a);
	if (a.may_compress && server_takes_gzip(header_of(connection, "Accept-Encoding")) &&
	    !compress_gzip(&a.body))
		encoding = "gzip";
	result = a.body.failed ? MHD_NO : queue(s, connection, a.status, &a.body, a.type, encoding);
	buffer_done(&a.body);
	return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
				  const char *target, const char *method, const char *version,
				  const char *data, size_t *size, void **request)
{
	static int seen;
	struct server *s = context;
	enum entry entry;

	(void)version;
	(void)data;
	/* The first call is for the headers; a body is of no use here, and is thrown away. */
	if (!*request) {
		*request = &seen;
		wait_for(s, connection, AWAITED_REQUEST, PATIENCE_NS);
		return MHD_YES;
	}
	if (*size) {
		*size = 0;
		return MHD_YES;
	}
	wait_for(s, connection, AWAITED_TAKING, PATIENCE_NS);
	if (is_too_many(s, clock_now()))
		return refuse(s, connection, MHD_HTTP_TOO_MANY_REQUESTS,
			      "There are too many requests.");
	if (!is_client_certified(s, connection))
		return refuse(s, connection, MHD_HTTP_FORBIDDEN, "A client certificate is needed.");
	entry = try_entry(s, connection);
	if (entry == ENTRY_PUT_OFF)
		return refuse(s, connection, MHD_HTTP_TOO_MANY_REQUESTS,
			      "Too many passwords were wrong.");
	if (entry == ENTRY_REFUSED)
		return refuse(s, connection, MHD_HTTP_UNAUTHORIZED,
			      "A user and a password are needed.");
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return refuse(s, connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			      "Only GET and HEAD are known.");
	return answer(s, connection, server_path_of(target));
}

/* ---- its life ------------------------------------------------------------------------------- */

/* An end of the list, unless the config asks for more. */
static void add_tls(const struct web_config *c, struct MHD_OptionItem *items)
{
	size_t count = 0;

	if (c->cert) {
		items[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, c->cert };
		items[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, c->key };
		items[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0,
							  (void *)(c->only_tls13 ? TLS13 : TLS12) };
	}
	if (c->client_ca)
		items[count++] =
			(struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_TRUST, 0, c->client_ca };
	items[count] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
}

static int start_daemon(struct server *s, int listen_fd, const struct web_config *config,
			struct MHD_Daemon **ret)
{
	struct MHD_OptionItem tls[8];
	unsigned int flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_USE_ITC;

	add_tls(config, tls);
	if (config->cert)
		flags |= MHD_USE_TLS;
	*ret = MHD_start_daemon(flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER,
				on_log, s, MHD_OPTION_LISTEN_SOCKET, listen_fd,
				MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MOST,
				MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_S,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_REQUEST_BYTES,
				MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
				MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_ARRAY, tls,
				MHD_OPTION_END);
	return *ret ? 0 : -EINVAL;
}

/* Its descriptor is closed with it. Returns 0, or -errno. */
static int watch(const struct server *s, struct MHD_Daemon *daemon)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct epoll_event event = { .events = EPOLLIN };

	if (!info)
		return -EBADF;
	return epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, info->epoll_fd, &event) ? -errno : 0;
}

static unsigned int count_connections(struct MHD_Daemon *daemon)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

	return info ? info->num_connections : 0;
}

static void cut_oldest(struct server *s)
{
	MHD_stop_daemon(s->leaving->daemon);
	web_config_done(&s->leaving->config);
	s->leaving_count--;
	memmove(s->leaving, s->leaving + 1, s->leaving_count * sizeof(*s->leaving));
}

bool server_is_built_in(void)
{
	return true;
}

int server_start(const struct server_settings *settings, struct web_config *config,
		 struct server **ret, char why[WEB_WHY_SIZE])
{
	struct server *s = calloc(1, sizeof(*s));
	int error = s ? 0 : -ENOMEM;

	if (s) {
		s->idle.fd = -1;
		s->settings = *settings;
		s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
		if (s->epoll_fd < 0)
			error = -errno;
		if (getrandom(&s->passwords.key, sizeof(s->passwords.key), 0) !=
		    (ssize_t)sizeof(s->passwords.key))
			error = -EIO;
	}
	if (!error && config) {
		s->config = *config;
		*config = (struct web_config){ 0 };
	}
	if (!error)
		error = start_daemon(s, settings->listen_fd, &s->config, &s->daemon);
	if (!error)
		error = watch(s, s->daemon);
	if (error) {
		snprintf(why, WEB_WHY_SIZE, "%s",
			 error == -EINVAL ? NET_SAYS(NO_CERTIFICATE) : strerror(-error));
		server_free(s);
		return error;
	}
	*ret = s;
	return 0;
}

void server_free(struct server *s)
{
	if (!s)
		return;
	while (s->leaving_count)
		cut_oldest(s);
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	if (s->idle.fd >= 0)
		close(s->idle.fd);
	web_config_done(&s->idle.pending);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
	web_config_done(&s->config);
	free(s);
}

/* Its first try comes soon, the next ones later and later. */
static void put_off(struct idle *idle)
{
	idle->due_ns = clock_now() + idle->pause_ns;
	idle->pause_ns = idle->pause_ns * 2 < IDLE_MOST_NS ? idle->pause_ns * 2 : IDLE_MOST_NS;
}

/* The daemon of the old config listens no more; the port stays open. Returns 0, or -errno. */
static int change_daemon(struct server *s, int fd, struct web_config *config)
{
	struct leaving old = { .daemon = s->daemon, .until_ns = clock_now() + PATIENCE_NS };
	struct MHD_Daemon *daemon;
	int error = start_daemon(s, fd, config, &daemon);
	bool is_new = !error;

	if (error && start_daemon(s, fd, &s->config, &daemon)) {
		s->idle.fd = fd;
		return error;
	}
	s->idle.fd = -1;
	memset(s->passwords.known, 0, sizeof(s->passwords.known));
	/* What was wrong may be right by now. */
	s->guesses = (struct patience){ .user = { { .uid = 0 } } };
	s->daemon = daemon;
	watch(s, daemon);
	if (is_new) {
		old.config = s->config;
		s->config = *config;
		*config = (struct web_config){ 0 };
	}
	if (s->leaving_count == LEAVING_MAX)
		cut_oldest(s);
	s->leaving[s->leaving_count++] = old;
	return error;
}

int server_configure(struct server *s, struct web_config *config, char why[WEB_WHY_SIZE])
{
	int fd = s->idle.fd >= 0 ? s->idle.fd : MHD_quiesce_daemon(s->daemon);
	int error = change_daemon(s, fd, config);

	web_config_done(&s->idle.pending);
	if (error)
		snprintf(why, WEB_WHY_SIZE, "%s", NET_SAYS(NO_CERTIFICATE));
	if (s->idle.fd < 0)
		return error;
	s->idle.pending = *config;
	*config = (struct web_config){ 0 };
	s->idle.pause_ns = IDLE_FIRST_NS;
	put_off(&s->idle);
	return error;
}

bool server_is_idle(const struct server *s)
{
	return s->idle.fd >= 0;
}

static void try_again(struct server *s)
{
	if (s->idle.fd < 0 || clock_now() < s->idle.due_ns)
		return;
	change_daemon(s, s->idle.fd, &s->idle.pending);
	if (s->idle.fd >= 0)
		put_off(&s->idle);
	else
		web_config_done(&s->idle.pending);
}

int server_fd(const struct server *s)
{
	return s->epoll_fd;
}

static int timeout_of(struct MHD_Daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(daemon, &ms) != MHD_YES)
		return -1;
	return ms > IDLE_S * 1000 ? IDLE_S * 1000 : (int)ms;
}

int server_timeout_ms(const struct server *s)
{
	uint64_t now_ns = clock_now();
	int least = timeout_of(s->daemon), patience = patience_ms(s);

	if (least < 0 || (patience >= 0 && patience < least))
		least = patience;
	if (s->idle.fd >= 0) {
		uint64_t left_ns = s->idle.due_ns > now_ns ? s->idle.due_ns - now_ns : 0;
		int ms = (int)(left_ns / NS_PER_MS) + 1;

		least = least < 0 || ms < least ? ms : least;
	}
	for (size_t i = 0; i < s->leaving_count; i++) {
		int ms = timeout_of(s->leaving[i].daemon);

		if (ms < 0 || ms > LEAVING_LOOK_MS)
			ms = LEAVING_LOOK_MS;
		if (least < 0 || ms < least)
			least = ms;
	}
	return least;
}

/*
 * The library listens no more when there are too many, and only a later run finds that there are
 * not: as long as some have gone, another one is due, for nothing may ever come to wait for.
 */
static void run(struct MHD_Daemon *daemon)
{
	unsigned int before;

	do {
		before = count_connections(daemon);
		MHD_run(daemon);
	} while (count_connections(daemon) < before);
}

/* Requests that had begun: until all are answered, or it takes too long. */
static void run_leaving(struct server *s)
{
	uint64_t now_ns = clock_now();

	for (size_t i = 0; i < s->leaving_count; i++)
		run(s->leaving[i].daemon);
	while (s->leaving_count &&
	       (now_ns >= s->leaving->until_ns || !count_connections(s->leaving->daemon)))
		cut_oldest(s);
}

void server_run(struct server *s)
{
	run(s->daemon);
	run_leaving(s);
	lose_patience(s);
	try_again(s);
}
