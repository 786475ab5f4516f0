// SPDX-License-Identifier: GPL-2.0-only
/* The scripts of the stories: what the client, the server and the wire between them do. */
#include "user/demo/play.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "user/aggregate/textbook.h"
#include "user/base/units.h"
#include "user/demo/address.h"

#define SERVER_PORT 8080
#define CLIENT_PORT 40001
#define EXTRA_PORT (TEXTBOOK_EXTRAS + 1)
#define PATIENCE_SECONDS 30
#define SYN_COOKIES "/proc/sys/net/ipv4/tcp_syncookies"
#define BACKLOG 8

#define SYN WIRE_SYN
#define SYN_ACK (WIRE_SYN | WIRE_ACK)
#define FIN_ACK (WIRE_FIN | WIRE_ACK)

/* Longer than an ACK may be delayed: it leaves by itself. */
#define ACK_MS 250
/* Long enough for what needs no timer. */
#define SHORT_MS 30

struct pair {
	int listener, client, server;
};

/* The rest is not played when this went wrong. */
#define TRY(call)                      \
	do {                           \
		int error_ = (call);   \
		if (error_ < 0)        \
			return error_; \
	} while (0)

static int or_errno(ssize_t result)
{
	return result < 0 ? -errno : (int)result;
}

static void rest(unsigned int ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000 * NS_PER_MS) };

	while (nanosleep(&left, &left) && errno == EINTR)
		continue;
}

static struct sockaddr_in address_of(enum wire_end end, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, end == WIRE_A ? DEMO_ADDRESS_A : DEMO_ADDRESS_B, &in.sin_addr);
	return in;
}

/* A socket of that end with a port of its own; or -errno. */
static int open_at(struct play *p, enum wire_end end, uint16_t port)
{
	struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	struct sockaddr_in in = address_of(end, port);
	int on = 1, fd;

	TRY(or_errno(setns(p->namespaces[end], CLONE_NEWNET)));
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	TRY(or_errno(fd));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	TRY(or_errno(bind(fd, (struct sockaddr *)&in, sizeof(in))));
	return fd;
}

static int listen_at(struct play *p, int backlog)
{
	int fd;

	prctl(PR_SET_NAME, "server");
	fd = open_at(p, WIRE_B, SERVER_PORT);
	TRY(fd);
	TRY(or_errno(listen(fd, backlog)));
	return fd;
}

static int connect_to(int fd, enum wire_end end, uint16_t port)
{
	struct sockaddr_in in = address_of(end, port);

	prctl(PR_SET_NAME, "client");
	return or_errno(connect(fd, (struct sockaddr *)&in, sizeof(in)));
}

/* Begins to connect; the socket waits for nothing until wait_connected(). */
static int begin_connect(int fd, enum wire_end end, uint16_t port)
{
	int error;

	TRY(or_errno(fcntl(fd, F_SETFL, O_NONBLOCK)));
	error = connect_to(fd, end, port);
	return error == -EINPROGRESS ? 0 : error;
}

/* A second connect() waits for the first. */
static int wait_connected(int fd, enum wire_end end, uint16_t port)
{
	int error;

	TRY(or_errno(fcntl(fd, F_SETFL, 0)));
	error = connect_to(fd, end, port);
	return error == -EISCONN ? 0 : error;
}

static int accept_one(int listener)
{
	prctl(PR_SET_NAME, "server");
	return or_errno(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
}

static int say(int fd, const char *text)
{
	return or_errno(send(fd, text, strlen(text), MSG_NOSIGNAL));
}

/* Reads so many bytes. */
static int hear(int fd, size_t size)
{
	char text[64];

	while (size) {
		int count = or_errno(recv(fd, text, size < sizeof(text) ? size : sizeof(text), 0));

		TRY(count);
		if (!count)
			return -ECONNABORTED;
		size -= (size_t)count;
	}
	return 0;
}

static int hear_end(int fd)
{
	char text[64];
	int count;

	do
		count = or_errno(recv(fd, text, sizeof(text), 0));
	while (count > 0);
	return count;
}

static int open_pair(struct play *p, struct pair *e)
{
	e->listener = listen_at(p, BACKLOG);
	TRY(e->listener);
	e->client = open_at(p, WIRE_A, CLIENT_PORT);
	TRY(e->client);
	TRY(connect_to(e->client, WIRE_B, SERVER_PORT));
	e->server = accept_one(e->listener);
	TRY(e->server);
	return 0;
}

static int talk(int one, int other)
{
	TRY(say(one, "hello"));
	TRY(hear(other, 5));
	TRY(say(other, "hi"));
	return hear(one, 2);
}

/* `first` closes first, and its FIN is acknowledged before `second` closes. */
static int close_both(int first, int second)
{
	TRY(or_errno(shutdown(first, SHUT_WR)));
	TRY(hear_end(second));
	rest(ACK_MS);
	close(second);
	TRY(hear_end(first));
	close(first);
	rest(SHORT_MS);
	return 0;
}

static int play_open_close(struct play *p)
{
	struct pair e;

	TRY(open_pair(p, &e));
	TRY(talk(e.client, e.server));
	rest(ACK_MS);
	return close_both(e.client, e.server);
}

static int play_half_close(struct play *p)
{
	struct pair e;

	TRY(open_pair(p, &e));
	TRY(talk(e.client, e.server));
	TRY(or_errno(shutdown(e.client, SHUT_WR)));
	TRY(hear_end(e.server));
	for (int i = 0; i < 3; i++) {
		rest(ACK_MS);
		TRY(say(e.server, "and more"));
		TRY(hear(e.client, 8));
	}
	rest(ACK_MS);
	close(e.server);
	TRY(hear_end(e.client));
	close(e.client);
	rest(SHORT_MS);
	return 0;
}

static int play_lost_syn(struct play *p)
{
	struct pair e;

	wire_lose(p->wire, WIRE_A, SYN, 1);
	TRY(open_pair(p, &e));
	return close_both(e.client, e.server);
}

/*
 * Both timers end a second later, and each end sends its own again before it hears from the other:
 * which of them is first does not matter so, and the server answers the SYN that comes again.
 */
static int play_lost_synack(struct play *p)
{
	struct pair e;

	e.listener = listen_at(p, BACKLOG);
	TRY(e.listener);
	e.client = open_at(p, WIRE_A, CLIENT_PORT);
	TRY(e.client);
	wire_lose(p->wire, WIRE_B, SYN_ACK, 1);
	TRY(begin_connect(e.client, WIRE_B, SERVER_PORT));
	TRY(wire_wait_sent(p->wire, WIRE_B, SYN_ACK, 1));
	wire_hold(p->wire, WIRE_A);
	wire_hold(p->wire, WIRE_B);
	TRY(wire_wait_held(p->wire, WIRE_A, 1));
	TRY(wire_wait_held(p->wire, WIRE_B, 1));
	wire_let_go(p->wire, WIRE_A, 1);
	TRY(wire_wait_held(p->wire, WIRE_B, 2));
	wire_hold_no_more(p->wire, WIRE_A);
	wire_hold_no_more(p->wire, WIRE_B);
	TRY(wait_connected(e.client, WIRE_B, SERVER_PORT));
	e.server = accept_one(e.listener);
	TRY(e.server);
	return close_both(e.client, e.server);
}

static int play_lost_ack(struct play *p)
{
	struct pair e;

	TRY(open_pair(p, &e));
	TRY(talk(e.client, e.server));
	TRY(or_errno(shutdown(e.client, SHUT_WR)));
	TRY(hear_end(e.server));
	rest(ACK_MS);
	wire_lose(p->wire, WIRE_A, WIRE_ACK, 1);
	close(e.server);
	TRY(hear_end(e.client));
	close(e.client);
	TRY(wire_wait_sent(p->wire, WIRE_B, FIN_ACK, 2));
	rest(ACK_MS);
	return 0;
}

/* Each SYN is a client's that means it; the first one comes when its client has given up. */
static int play_old_syn(struct play *p)
{
	struct pair e;
	int former;

	e.listener = listen_at(p, BACKLOG);
	TRY(e.listener);
	wire_hold(p->wire, WIRE_A);
	former = open_at(p, WIRE_A, CLIENT_PORT);
	TRY(former);
	TRY(begin_connect(former, WIRE_B, SERVER_PORT));
	TRY(wire_wait_held(p->wire, WIRE_A, 1));
	close(former);
	rest(SHORT_MS);
	e.client = open_at(p, WIRE_A, CLIENT_PORT);
	TRY(e.client);
	TRY(begin_connect(e.client, WIRE_B, SERVER_PORT));
	TRY(wire_wait_held(p->wire, WIRE_A, 2));
	/* Behind its reset Linux sends the SYN again at once: one of them is enough. */
	wire_lose(p->wire, WIRE_A, SYN, 1);
	wire_let_go(p->wire, WIRE_A, 1);
	TRY(wire_wait_sent(p->wire, WIRE_B, SYN_ACK, 1));
	TRY(wire_wait_held(p->wire, WIRE_A, 2));
	wire_turn(p->wire, WIRE_A);
	wire_let_go(p->wire, WIRE_A, 1);
	TRY(wire_wait_sent(p->wire, WIRE_A, WIRE_RST, 1));
	wire_hold_no_more(p->wire, WIRE_A);
	TRY(wait_connected(e.client, WIRE_B, SERVER_PORT));
	e.server = accept_one(e.listener);
	TRY(e.server);
	return close_both(e.client, e.server);
}

static int play_both_open(struct play *p)
{
	int one = open_at(p, WIRE_A, CLIENT_PORT), other;

	TRY(one);
	other = open_at(p, WIRE_B, SERVER_PORT);
	TRY(other);
	wire_hold(p->wire, WIRE_A);
	wire_hold(p->wire, WIRE_B);
	TRY(begin_connect(one, WIRE_B, SERVER_PORT));
	TRY(begin_connect(other, WIRE_A, CLIENT_PORT));
	TRY(wire_wait_held(p->wire, WIRE_A, 1));
	TRY(wire_wait_held(p->wire, WIRE_B, 1));
	wire_hold_no_more(p->wire, WIRE_A);
	wire_hold_no_more(p->wire, WIRE_B);
	TRY(wait_connected(one, WIRE_B, SERVER_PORT));
	TRY(wait_connected(other, WIRE_A, CLIENT_PORT));
	TRY(talk(one, other));
	rest(ACK_MS);
	return close_both(one, other);
}

static int play_both_close(struct play *p)
{
	struct pair e;

	TRY(open_pair(p, &e));
	TRY(talk(e.client, e.server));
	rest(ACK_MS);
	wire_hold(p->wire, WIRE_A);
	wire_hold(p->wire, WIRE_B);
	TRY(or_errno(shutdown(e.client, SHUT_WR)));
	TRY(or_errno(shutdown(e.server, SHUT_WR)));
	TRY(wire_wait_held(p->wire, WIRE_A, 1));
	TRY(wire_wait_held(p->wire, WIRE_B, 1));
	wire_hold_no_more(p->wire, WIRE_A);
	wire_hold_no_more(p->wire, WIRE_B);
	TRY(hear_end(e.client));
	TRY(hear_end(e.server));
	close(e.client);
	close(e.server);
	rest(ACK_MS);
	return 0;
}

static int play_refused(struct play *p)
{
	int fd = open_at(p, WIRE_A, CLIENT_PORT), error;

	TRY(fd);
	error = connect_to(fd, WIRE_B, SERVER_PORT);
	close(fd);
	rest(SHORT_MS);
	return error == -ECONNREFUSED ? 0 : error ? error : -EPROTO;
}

/* Closing the client sends a reset, and the server follows. */
static int abort_by_client(struct play *p, const struct pair *e)
{
	close(e->client);
	TRY(wire_wait_sent(p->wire, WIRE_A, WIRE_RST | WIRE_ACK, 1));
	rest(SHORT_MS);
	close(e->server);
	rest(SHORT_MS);
	return 0;
}

static int play_reset(struct play *p)
{
	struct linger now = { .l_onoff = 1 };
	struct pair e;

	TRY(open_pair(p, &e));
	TRY(talk(e.client, e.server));
	rest(ACK_MS);
	TRY(or_errno(setsockopt(e.client, SOL_SOCKET, SO_LINGER, &now, sizeof(now))));
	return abort_by_client(p, &e);
}

static int play_unread(struct play *p)
{
	struct pair e;

	TRY(open_pair(p, &e));
	TRY(say(e.client, "hello"));
	TRY(hear(e.server, 5));
	TRY(say(e.server, "nobody reads this"));
	rest(ACK_MS);
	return abort_by_client(p, &e);
}

static int play_late_data(struct play *p)
{
	struct pair e;

	TRY(open_pair(p, &e));
	TRY(talk(e.client, e.server));
	close(e.client);
	TRY(hear_end(e.server));
	rest(ACK_MS);
	TRY(say(e.server, "too late"));
	TRY(wire_wait_sent(p->wire, WIRE_A, WIRE_RST, 1));
	rest(SHORT_MS);
	close(e.server);
	rest(SHORT_MS);
	return 0;
}

/* A queue is full when it holds more than its backlog. */
#define EXTRAS 3
#define EXTRAS_BACKLOG (EXTRAS - 1)

/* Takes the places of the queue: the last one's ACK, and then the client's, are still held. */
static int fill_queue(struct play *p, struct pair *e, int extras[EXTRAS])
{
	for (int i = 0; i < EXTRAS; i++) {
		extras[i] = open_at(p, WIRE_A, (uint16_t)(EXTRA_PORT + i));
		TRY(extras[i]);
		if (i < EXTRAS - 1)
			TRY(connect_to(extras[i], WIRE_B, SERVER_PORT));
	}
	rest(SHORT_MS);
	wire_hold(p->wire, WIRE_A);
	TRY(begin_connect(extras[EXTRAS - 1], WIRE_B, SERVER_PORT));
	TRY(begin_connect(e->client, WIRE_B, SERVER_PORT));
	TRY(wire_wait_held(p->wire, WIRE_A, 2));
	wire_let_go(p->wire, WIRE_A, 2);
	TRY(wire_wait_sent(p->wire, WIRE_B, SYN_ACK, EXTRAS + 1));
	TRY(wire_wait_held(p->wire, WIRE_A, 2));
	wire_hold_no_more(p->wire, WIRE_A);
	TRY(wire_wait_sent(p->wire, WIRE_A, WIRE_ACK, EXTRAS + 1));
	rest(SHORT_MS);
	return 0;
}

static int play_full_queue(struct play *p)
{
	int extras[EXTRAS], taken[EXTRAS];
	struct pair e;

	e.listener = listen_at(p, EXTRAS_BACKLOG);
	TRY(e.listener);
	e.client = open_at(p, WIRE_A, CLIENT_PORT);
	TRY(e.client);
	TRY(fill_queue(p, &e, extras));
	TRY(wait_connected(e.client, WIRE_B, SERVER_PORT));
	for (int i = 0; i < EXTRAS; i++) {
		taken[i] = accept_one(e.listener);
		TRY(taken[i]);
	}
	e.server = accept_one(e.listener);
	TRY(e.server);
	for (int i = 0; i < EXTRAS; i++) {
		close(extras[i]);
		close(taken[i]);
	}
	return close_both(e.client, e.server);
}

static int use_cookies(struct play *p)
{
	int fd, error;

	TRY(or_errno(setns(p->namespaces[WIRE_B], CLONE_NEWNET)));
	fd = open(SYN_COOKIES, O_WRONLY | O_CLOEXEC);
	TRY(or_errno(fd));
	error = or_errno(write(fd, "2", 1));
	close(fd);
	return error;
}

static int play_cookies(struct play *p)
{
	TRY(use_cookies(p));
	return play_open_close(p);
}

/* What is left open is so until the end of the player. */
static int play_leak(struct play *p)
{
	struct pair e;

	TRY(open_pair(p, &e));
	TRY(talk(e.client, e.server));
	close(e.client);
	TRY(hear_end(e.server));
	rest(ACK_MS);
	return 0;
}

static int play_reuse(struct play *p)
{
	struct pair e;

	TRY(open_pair(p, &e));
	TRY(talk(e.client, e.server));
	TRY(close_both(e.server, e.client));
	rest(ACK_MS);
	e.client = open_at(p, WIRE_A, CLIENT_PORT);
	TRY(e.client);
	TRY(connect_to(e.client, WIRE_B, SERVER_PORT));
	e.server = accept_one(e.listener);
	TRY(e.server);
	return close_both(e.client, e.server);
}

int (*play_script(unsigned int story))(struct play *p)
{
	static int (*const scripts[TEXTBOOK_COUNT])(struct play *) = {
		[TEXTBOOK_OPEN_CLOSE] = play_open_close,
		[TEXTBOOK_HALF_CLOSE] = play_half_close,
		[TEXTBOOK_LOST_SYN] = play_lost_syn,
		[TEXTBOOK_LOST_SYNACK] = play_lost_synack,
		[TEXTBOOK_LOST_ACK] = play_lost_ack,
		[TEXTBOOK_OLD_SYN] = play_old_syn,
		[TEXTBOOK_BOTH_OPEN] = play_both_open,
		[TEXTBOOK_BOTH_CLOSE] = play_both_close,
		[TEXTBOOK_REFUSED] = play_refused,
		[TEXTBOOK_RESET] = play_reset,
		[TEXTBOOK_UNREAD] = play_unread,
		[TEXTBOOK_LATE_DATA] = play_late_data,
		[TEXTBOOK_FULL_QUEUE] = play_full_queue,
		[TEXTBOOK_COOKIES] = play_cookies,
		[TEXTBOOK_LEAK] = play_leak,
		[TEXTBOOK_REUSE] = play_reuse,
	};

	return scripts[story];
}
