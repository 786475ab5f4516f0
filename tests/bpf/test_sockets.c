// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots of sockets: by the iterator and by netlink, of one namespace and of all. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/bpf/netns.h"
#include "tests/bpf/tap.h"
#include "user/sockets/sockets.h"

/*
 * Without arguments it is a test. `test_sockets iter|diag` prints a JSON line for each socket of
 * its namespace, for stories that compare them with what others say.
 */

#define MOST 4096
#define PAIRS 7
#define SUCCESSORS 50

struct found {
	struct socket_info list[MOST];
	size_t count;
};

static void collect(void *context, const struct socket_info *info, const void *bytes)
{
	struct found *found = context;

	(void)bytes;
	if (found->count < MOST)
		found->list[found->count++] = *info;
}

/* ---- for stories ----------------------------------------------------------------------------- */

static void print_time(const char *name, uint64_t ns)
{
	if (ns == EVENT_TIME_UNKNOWN)
		printf(", \"%s\": null", name);
	else
		printf(", \"%s\": %" PRIu64, name, ns);
}

static void print(const struct socket_info *s)
{
	char laddr[ADDRESS_TEXT_SIZE], raddr[ADDRESS_TEXT_SIZE];

	printf("{\"state\": \"%s\", \"netns\": %u, \"laddr\": \"%s\", \"lport\": %u, "
	       "\"raddr\": \"%s\", \"rport\": %u",
	       state_name(s->state), s->netns, address_format(&s->laddr, laddr), s->lport,
	       address_format(&s->raddr, raddr), s->rport);
	printf(", \"object\": %d, \"timer\": %d, \"marks\": %u, \"flags\": %u, \"inode\": %" PRIu64
	       ", \"uid\": %u, \"cgroup\": %" PRIu64,
	       s->object, s->timer, s->marks, s->flags, s->inode, s->uid, s->cgroup);
	printf(", \"mono_ns\": %" PRIu64, s->mono_ns);
	print_time("since_ns", s->since_ns);
	print_time("ack_age_ns", s->ack_age_ns);
	print_time("receive_age_ns", s->receive_age_ns);
	print_time("send_age_ns", s->send_age_ns);
	print_time("timer_ns", s->timer_ns);
	printf(", \"rx_queue\": %u, \"tx_queue\": %u, \"in_flight\": %u, \"retransmits\": %u, "
	       "\"attempts\": %u, \"probes\": %u, \"backoff\": %u, \"shutdown\": %u, "
	       "\"snd_wnd\": %u, \"srtt_us\": %u",
	       s->rx_queue, s->tx_queue, s->in_flight, s->retransmits, s->attempts, s->probes,
	       s->backoff, s->shutdown, s->snd_wnd, s->srtt_us);
	printf(", \"snd_una\": %u, \"snd_nxt\": %u, \"rcv_nxt\": %u, \"bytes_sent\": %" PRIu64
	       ", \"bytes_acked\": %" PRIu64 ", \"bytes_received\": %" PRIu64 "}\n",
	       s->snd_una, s->snd_nxt, s->rcv_nxt, s->bytes_sent, s->bytes_acked,
	       s->bytes_received);
}

static void print_each(void *context, const struct socket_info *info, const void *bytes)
{
	(void)context;
	(void)bytes;
	print(info);
}

static int print_all(const char *way)
{
	const struct netns_list ours = { 1, { netns_own() } };
	struct sockets_query query = { .netns = &ours, .visit = print_each };
	char reason[PLAN_REASON_SIZE] = "";
	struct sockets_result result;
	struct sockets *sockets;
	int error;

	error = sockets_open(!strcmp(way, "diag") ? SOCKETS_DIAG : SOCKETS_ITER, &sockets, reason);
	if (error) {
		fprintf(stderr, "%s: %s\n", strerror(-error), reason);
		return 2;
	}
	error = sockets_each(sockets, &query, &result);
	if (error || result.malformed)
		fprintf(stderr, "%s, %" PRIu64 " malformed\n", strerror(-error), result.malformed);
	sockets_free(sockets);
	return error || result.malformed ? 1 : 0;
}

/* ---- the test -------------------------------------------------------------------------------- */

static int listen_on(int family)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in four = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, family == AF_INET ? (void *)&four : (void *)&six,
		 family == AF_INET ? sizeof(four) : sizeof(six)) ||
	    listen(fd, 16)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* A connection to the listener, which nobody has accepted yet. */
static int connect_to(int listener)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t size = sizeof(address);
	int fd;

	getsockname(listener, (void *)&address, &size);
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return connect(fd, (void *)&address, size) ? -1 : fd;
}

/* In states that do not change: PAIRS connections of each family, one of them in the queue. */
static void make_sockets(int family)
{
	int listener = listen_on(family);

	for (int i = 0; i < PAIRS; i++) {
		int client = connect_to(listener);
		int server = i ? accept(listener, NULL, NULL) : -1;

		if (i == 1 && write(client, "hello", 5) != 5)
			return;
		if (i == 2 || i == 3)
			shutdown(client, SHUT_WR);
		if (i == 3)
			shutdown(server, SHUT_WR);
	}
}

static bool is_same(const struct socket_info *a, const struct socket_info *b)
{
	return a->state == b->state && a->object == b->object && a->lport == b->lport &&
	       a->rport == b->rport && !memcmp(&a->laddr, &b->laddr, sizeof(a->laddr)) &&
	       !memcmp(&a->raddr, &b->raddr, sizeof(a->raddr)) && a->inode == b->inode &&
	       a->rx_queue == b->rx_queue && a->tx_queue == b->tx_queue && a->netns == b->netns &&
	       a->marks % EVENT_SOCKET_SINCE_EXACT == b->marks % EVENT_SOCKET_SINCE_EXACT &&
	       a->bytes_sent == b->bytes_sent && a->bytes_received == b->bytes_received &&
	       a->shutdown == b->shutdown &&
	       (a->flags & (EVENT_FLAG_IPV6 | EVENT_FLAG_ENDPOINTS)) ==
		       (b->flags & (EVENT_FLAG_IPV6 | EVENT_FLAG_ENDPOINTS));
}

static size_t count_missing(const struct found *from, const struct found *in)
{
	size_t missing = 0;

	for (size_t i = 0; i < from->count; i++) {
		bool found = false;

		for (size_t j = 0; j < in->count && !found; j++)
			found = is_same(&from->list[i], &in->list[j]);
		missing += !found;
	}
	return missing;
}

static size_t count_in(const struct found *found, enum tcp_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < found->count; i++)
		count += found->list[i].state == state;
	return count;
}

static bool look(struct tap *t, struct sockets *sockets, uint32_t netns, unsigned int states,
		 bool files, struct found *ret, struct sockets_result *ret_result)
{
	const struct netns_list only = { netns != 0, { netns } };
	struct sockets_query query = { .netns = &only,
				       .states = states,
				       .search_files = files,
				       .visit = collect,
				       .context = ret };

	ret->count = 0;
	memset(ret_result, 0, sizeof(*ret_result));
	return tap_ok(t, !sockets_each(sockets, &query, ret_result) && !ret_result->malformed,
		      "a snapshot of %s, all understood", netns ? "one namespace" : "all");
}

static void check_one(struct tap *t, struct sockets *iter, struct sockets *diag)
{
	static struct found by_iter, by_diag, again;
	struct sockets_result result;

	if (!look(t, iter, netns_own(), 0, false, &by_iter, &result))
		return;
	tap_ok(t, result.namespaces == 1 && result.sockets == by_iter.count, "its result says so");
	/* Two listeners; of 14 connections both ends, of two of these only a timewait socket. */
	tap_ok(t, by_iter.count == 2 + 2 * (2 * PAIRS - 1), "the iterator tells of %zu sockets",
	       by_iter.count);
	tap_ok(t,
	       count_in(&by_iter, STATE_LISTEN) == 2 && count_in(&by_iter, STATE_CLOSE_WAIT) == 2 &&
		       count_in(&by_iter, STATE_FIN_WAIT2) == 2 &&
		       count_in(&by_iter, STATE_TIME_WAIT) == 2,
	       "in the states they are in");
	if (!look(t, diag, netns_own(), 0, false, &by_diag, &result))
		return;
	tap_ok(t,
	       by_iter.count == by_diag.count && !count_missing(&by_iter, &by_diag) &&
		       !count_missing(&by_diag, &by_iter),
	       "netlink tells of the same: %zu, %zu", by_diag.count,
	       count_missing(&by_iter, &by_diag));
	look(t, iter, netns_own(), 1u << STATE_TIME_WAIT | 1u << STATE_LISTEN, false, &again,
	     &result);
	tap_ok(t, again.count == 4, "of two states when asked for two");
	look(t, diag, netns_own(), 1u << STATE_TIME_WAIT | 1u << STATE_LISTEN, false, &again,
	     &result);
	tap_ok(t, again.count == 4, "by netlink, too");
	look(t, iter, netns_own(), 0, false, &again, &result);
	tap_ok(t, again.count == by_iter.count, "of all again");
}

static size_t count_netns(const struct found *found, uint32_t netns)
{
	size_t count = 0;

	for (size_t i = 0; i < found->count; i++)
		count += found->list[i].netns == netns;
	return count;
}

/* A namespace that nothing but a descriptor of ours holds, with one listener. */
static int make_hidden(uint32_t *ret_netns, int *ret_listener)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int there;

	*ret_listener = -1;
	if (netns_enter())
		return -1;
	there = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	*ret_netns = netns_own();
	*ret_listener = listen_on(AF_INET);
	if (setns(home, CLONE_NEWNET))
		return -1;
	close(home);
	return there;
}

static void check_all(struct tap *t, struct sockets *iter)
{
	static struct found found;
	struct sockets_result result;
	uint32_t here = netns_own(), hidden = 0;
	struct netns_list some = { 1, { 1 } };
	struct sockets_query query = { .netns = &some, .visit = collect, .context = &found };
	int listener, held = make_hidden(&hidden, &listener);

	tap_ok(t, held >= 0 && hidden != here, "a namespace that a descriptor holds");
	look(t, iter, 0, 1u << STATE_LISTEN, false, &found, &result);
	tap_ok(t, result.namespaces >= 2 && count_netns(&found, here) == 2,
	       "all namespaces of processes: ours among them");
	tap_ok(t, !count_netns(&found, hidden), "but not that one");
	look(t, iter, 0, 1u << STATE_LISTEN, true, &found, &result);
	tap_ok(t, count_netns(&found, here) == 2 && count_netns(&found, hidden) == 1,
	       "that one, too, when open files are searched");
	tap_ok(t, netns_own() == here, "this process stayed where it was");
	tap_ok(t, sockets_each(iter, &query, &result) == -ENOENT,
	       "a namespace that is none: ENOENT");
	netns_list_add(&some, here);
	netns_list_add(&some, hidden);
	query.states = 1u << STATE_LISTEN;
	query.search_files = true;
	found.count = 0;
	tap_ok(t,
	       !sockets_each(iter, &query, &result) && result.namespaces == 2 &&
		       result.vanished == 1,
	       "of three, two are looked into, and one is nowhere");
	tap_ok(t,
	       count_netns(&found, here) == 2 && count_netns(&found, hidden) == 1 &&
		       found.count == 3,
	       "their sockets and no other");
	close(listener);
	close(held);
}

/* Makes hidden ones until one has the number; a descriptor of it, -1: none had. */
static int make_successor(uint32_t netns, int *ret_listener)
{
	for (int i = 0; i < SUCCESSORS; i++) {
		uint32_t number = 0;
		int held = make_hidden(&number, ret_listener);

		if (held >= 0 && number == netns)
			return held;
		close(*ret_listener);
		close(held);
		usleep(10000);
	}
	return -1;
}

/* Whose number another one has by then; the kernel gives it to one of the next, as a rule. */
static void check_successor(struct tap *t, struct sockets *sockets, const char *way)
{
	static struct found found;
	uint32_t netns = 0;
	int listener, held = make_hidden(&netns, &listener);
	const struct netns_list only = { 1, { netns } };
	struct sockets_query query = { .netns = &only,
				       .states = 1u << STATE_LISTEN,
				       .search_files = true,
				       .is_lasting = true,
				       .visit = collect,
				       .context = &found };
	struct sockets_result result;

	found.count = 0;
	tap_ok(t, !sockets_each(sockets, &query, &result) && found.count == 1,
	       "%s: a namespace that is looked into again and again", way);
	close(listener);
	close(held);
	usleep(300000); /* the kernel clears a namespace away when it finds the time */
	if (!netns_own_cookie()) {
		tap_note("nothing tells it from the next one that has its number");
		return;
	}
	held = make_successor(netns, &listener);
	if (held < 0) {
		tap_note("no other namespace got its number");
		return;
	}
	found.count = 0;
	tap_ok(t, !sockets_each(sockets, &query, &result) && !found.count,
	       "%s: one that has its number later is not it", way);
	query.is_lasting = false;
	tap_ok(t, !sockets_each(sockets, &query, &result) && found.count == 1,
	       "%s: and is looked into by who has asked for no other", way);
	close(listener);
	close(held);
}

static int test(void)
{
	char reason[PLAN_REASON_SIZE] = "";
	struct sockets *iter = NULL, *diag = NULL;
	struct tap t = { .count = 0 };

	if (geteuid())
		return tap_skip_all("needs root");
	if (netns_enter())
		return tap_skip_all("no network namespace can be made");
	make_sockets(AF_INET);
	make_sockets(AF_INET6);
	if (!tap_ok(&t, !sockets_open(SOCKETS_ITER, &iter, reason), "the iterator can be had"))
		tap_note("%s", reason);
	tap_ok(&t, !sockets_open(SOCKETS_DIAG, &diag, reason), "netlink can be had");
	if (iter && diag) {
		check_one(&t, iter, diag);
		check_all(&t, iter);
		check_successor(&t, iter, "iterator");
		check_successor(&t, diag, "netlink");
	}
	sockets_free(iter);
	sockets_free(diag);
	return tap_done(&t);
}

int main(int argc, char **argv)
{
	return argc > 1 ? print_all(argv[1]) : test();
}
