// SPDX-License-Identifier: GPL-2.0-only
/* The pictures of `explain`: made-up lives, drawn in each language, against files. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "tests/unit/sample_sink.h"
#include "user/aggregate/chosen.h"
#include "user/base/text.h"
#include "user/conn/story.h"

/* `UPDATE=1 build/tests/unit/sink/test_ladder`, from the top of the tree, writes the files. */
#define FOLDER "tests/golden/ladder/"

#define MSEC UINT64_C(1000) /* in microseconds */
#define SEC (1000 * MSEC)
#define HOUR (3600 * SEC)
#define CLIENT 0x10
#define SERVER 0x20
#define MINISOCK 0x40

/* The numbers of all pictures; y is so large that the server's direction wraps around. */
#define X 1000000000u
#define Y 4294967290u

static struct conn_table *table;

static void play(struct event e)
{
	assert_int_equal(conn_table_apply(table, &e), 0);
}

static struct event numbered(struct event e, uint32_t local, uint32_t peer)
{
	e.sequences = EVENT_SEQUENCE_PRESENT | EVENT_SEQUENCE_LOCAL | EVENT_SEQUENCE_PEER;
	e.local_seq = local;
	e.peer_seq = peer;
	return e;
}

/* All that was received before this FIN has been acknowledged. */
static struct event acked(struct event e)
{
	e.sequences |= EVENT_SEQUENCE_ACKED;
	return e;
}

static struct event counted(struct event e, uint64_t sent, uint64_t received, uint32_t again)
{
	e.bytes_sent = sent;
	e.bytes_received = received;
	e.retransmits = again;
	return e;
}

static struct event handed_over(struct event e, enum tcp_state substate)
{
	e.timewait = MINISOCK;
	e.substate = substate;
	if (substate == STATE_TIME_WAIT)
		e.flags |= EVENT_FLAG_FIN_RECEIVED;
	return e;
}

static void play_timewait(enum event_timewait_act act, enum tcp_state state, uint64_t us,
			  uint32_t local, uint32_t peer)
{
	struct event e = { .mono_ns = us * US,
			   .sock = MINISOCK,
			   .kind = EVENT_TIMEWAIT,
			   .from = state,
			   .to = act >= EVENT_TIMEWAIT_EXPIRED ? STATE_CLOSED : state,
			   .detail = act };

	play(numbered(e, local, peer));
}

static struct sock client(void)
{
	return sock_client(CLIENT);
}

/* The end that answers to client(): its endpoints are those of the other. */
static struct event mirrored(struct event e)
{
	struct address laddr = e.laddr;

	if (!(e.flags & EVENT_FLAG_ENDPOINTS))
		return e;
	e.laddr = e.raddr;
	e.raddr = laddr;
	return e;
}

static struct sock server(void)
{
	struct sock s = sock_server(SERVER);

	s.lport = PEER_PORT;
	s.rport = CLIENT_LPORT;
	return s;
}

/* Five bytes to the server and a thousand back, then a pause; both ends are here. */
static void both_ends(void)
{
	struct sock c = client(), s = server();
	struct event e;

	play(sock_step(&c, 1 * SEC, STATE_SYN_SENT));
	play(sock_step(&s, 1 * SEC + 80, STATE_SYN_RECV));
	play(numbered(sock_step(&c, 1 * SEC + 60, STATE_ESTABLISHED), X, Y));
	e = numbered(mirrored(sock_accept(&s, 1 * SEC + 82, 40)), Y + 1, X);
	play(e);
	play(numbered(sock_step(&c, 2 * SEC, STATE_FIN_WAIT1), X + 6, Y + 1001));
	play(numbered(mirrored(sock_step(&s, 2 * SEC + 30, STATE_CLOSE_WAIT)), Y + 1001, X + 7));
	play(numbered(sock_step(&c, 2 * SEC + 40 * MSEC, STATE_FIN_WAIT2), X + 7, Y + 1001));
	play(handed_over(counted(sock_close(&c, 2 * SEC + 40 * MSEC + 2), 5, 1000, 0),
			 STATE_FIN_WAIT2));
	e = mirrored(sock_step(&s, 5 * SEC, STATE_LAST_ACK));
	play(acked(numbered(e, Y + 1001, X + 7)));
	play_timewait(EVENT_TIMEWAIT_REARMED, STATE_TIME_WAIT, 5 * SEC + 20, X + 7, Y + 1002);
	play(counted(mirrored(sock_close(&s, 5 * SEC + 40)), 1000, 5, 0));
	play_timewait(EVENT_TIMEWAIT_EXPIRED, STATE_TIME_WAIT, 65 * SEC + 500, X + 7, Y + 1002);
}

static void open_client(struct sock *c, uint64_t us)
{
	play(sock_step(c, us, STATE_SYN_SENT));
	play(numbered(sock_step(c, us + 80 * MSEC, STATE_ESTABLISHED), X, Y));
}

static void open_server(struct sock *s, uint64_t us)
{
	play(sock_step(s, us + 80 * MSEC - 1, STATE_SYN_RECV));
	play(numbered(sock_accept(s, us + 80 * MSEC, 80 * MSEC - 7), Y + 1, X));
}

/* The same connection as two machines see it: behind a NAT, the server's clock 3.7 s ahead. */
#define HERE(address) (UINT64_C(1) << 56 | (address))
#define THERE(address) (UINT64_C(2) << 56 | (address))
#define AHEAD (3700 * MSEC)

static struct event elsewhere(struct event e)
{
	e = mirrored(e);
	if (e.flags & EVENT_FLAG_ENDPOINTS)
		e.raddr = test_address(false, 77);
	return e;
}

static void two_machines(void)
{
	struct sock c = client(), s = server();
	struct event e;

	c.address = HERE(CLIENT);
	s.address = THERE(SERVER);
	play(sock_step(&c, 1 * SEC, STATE_SYN_SENT));
	play(numbered(sock_step(&c, 1 * SEC + 500, STATE_ESTABLISHED), X, Y));
	play(numbered(sock_step(&c, 2 * SEC, STATE_FIN_WAIT1), X + 6, Y + 1001));
	play(numbered(sock_step(&c, 2 * SEC + 520, STATE_FIN_WAIT2), X + 7, Y + 1001));
	play(handed_over(counted(sock_close(&c, 2 * SEC + 530), 5, 1000, 0), STATE_TIME_WAIT));
	play(sock_step(&s, AHEAD + 1 * SEC + 210, STATE_SYN_RECV));
	play((struct event){ .mono_ns = (AHEAD + 1 * SEC + 710) * US,
			     .sock = s.address,
			     .kind = EVENT_PASSIVE,
			     .from = STATE_SYN_RECV,
			     .to = STATE_SYN_RECV,
			     .synack_ns = (AHEAD + 1 * SEC + 210) * US });
	e = numbered(elsewhere(sock_accept(&s, AHEAD + 1 * SEC + 710, 40)), Y + 1, X);
	play(e);
	play(numbered(elsewhere(sock_step(&s, AHEAD + 2 * SEC + 220, STATE_CLOSE_WAIT)), Y + 1001,
		      X + 7));
	play(acked(numbered(elsewhere(sock_step(&s, AHEAD + 2 * SEC + 260, STATE_LAST_ACK)),
			    Y + 1001, X + 7)));
	play(counted(elsewhere(sock_close(&s, AHEAD + 2 * SEC + 820)), 1000, 5, 0));
}

static void half_close(void)
{
	struct sock c = client();

	open_client(&c, 1 * SEC);
	play(numbered(sock_step(&c, 2 * SEC, STATE_FIN_WAIT1), X + 100, Y + 1));
	play(numbered(sock_step(&c, 2 * SEC + 80 * MSEC, STATE_FIN_WAIT2), X + 101, Y + 1));
	play(numbered(handed_over(counted(sock_close(&c, 9 * SEC), 99, 70000, 3), STATE_TIME_WAIT),
		      X + 101, Y + 70002));
}

static void slow_application(void)
{
	struct sock s = server();

	open_server(&s, 1 * SEC);
	play(numbered(sock_step(&s, 2 * SEC, STATE_CLOSE_WAIT), Y + 1001, X + 51));
	play(acked(numbered(sock_step(&s, 3 * HOUR, STATE_LAST_ACK), Y + 1501, X + 51)));
	play(counted(sock_close(&s, 3 * HOUR + 80 * MSEC), 1500, 50, 0));
}

static void one_segment(void)
{
	struct sock s = server();

	open_server(&s, 1 * SEC);
	play(numbered(sock_step(&s, 2 * SEC, STATE_CLOSE_WAIT), Y + 1, X + 2));
	play(numbered(sock_step(&s, 2 * SEC + 20, STATE_LAST_ACK), Y + 1, X + 2));
	play(counted(sock_close(&s, 3 * SEC), 0, 1, 1));
}

static void play_syn_again(uint64_t us)
{
	play((struct event){ .mono_ns = us * US,
			     .sock = CLIENT,
			     .kind = EVENT_RETRANSMIT,
			     .from = STATE_SYN_SENT,
			     .to = STATE_SYN_SENT,
			     .detail = EVENT_RETRANSMIT_SYN });
}

static void lost_syn(void)
{
	struct sock c = client();
	struct event e;

	play(sock_step(&c, 1 * SEC, STATE_SYN_SENT));
	play_syn_again(2 * SEC);
	play_syn_again(4 * SEC);
	play_syn_again(8 * SEC);
	e = sock_step(&c, 8 * SEC + 80 * MSEC, STATE_ESTABLISHED);
	e.retransmits = 3;
	play(numbered(e, X, Y));
}

static void silent_peer(void)
{
	struct sock c = client();
	struct event e;

	play(sock_step(&c, 1 * SEC, STATE_SYN_SENT));
	e = counted(sock_fail(&c, 131 * SEC, ETIMEDOUT), 0, 0, 6);
	e.sequences = EVENT_SEQUENCE_PRESENT | EVENT_SEQUENCE_LOCAL;
	e.local_seq = X;
	play(e);
}

static void refused(void)
{
	struct sock c = client();
	struct event e;

	play(sock_step(&c, 1 * SEC, STATE_SYN_SENT));
	e = sock_fail(&c, 1 * SEC + 500, ECONNREFUSED);
	e.sequences = EVENT_SEQUENCE_PRESENT | EVENT_SEQUENCE_LOCAL;
	e.local_seq = UINT32_MAX;
	play(e);
}

/* No reset came, and one would have been told of. */
static void refused_by_icmp(void)
{
	struct sock c = client();

	conn_table_expect_resets(table);
	play(sock_step(&c, 1 * SEC, STATE_SYN_SENT));
	play(sock_fail(&c, 1 * SEC + 500, ECONNREFUSED));
}

static void no_syn(void)
{
	struct sock c = client();
	struct event e;

	play(sock_step(&c, 1 * SEC, STATE_SYN_SENT));
	e = sock_step(&c, 1 * SEC + 10, STATE_CLOSED);
	e.signs = EVENT_SIGN_SILENT;
	play(e);
}

/* It fails before the socket leaves CLOSED: the call alone tells. */
static void no_route(void)
{
	struct event e = {
		.mono_ns = 1 * SEC * US,
		.sock = CLIENT,
		.netns = TEST_NETNS,
		.kind = EVENT_CONNECT,
		.from = STATE_CLOSED,
		.to = STATE_CLOSED,
		.flags = EVENT_FLAG_ENDPOINTS,
		.rport = PEER_PORT,
		.raddr = test_address(false, 2),
		.error = ENETUNREACH,
		.pid = OWNER_PID,
		.uid = OWNER_UID,
	};

	memcpy(e.comm, OWNER_COMM, sizeof(OWNER_COMM));
	play(e);
}

static void unreachable(void)
{
	struct sock c = client();

	play(sock_step(&c, 1 * SEC, STATE_SYN_SENT));
	play(sock_fail(&c, 4 * SEC, EHOSTUNREACH));
}

static void crossed_open(void)
{
	struct sock c = client();
	struct event e;

	play(sock_step(&c, 1 * SEC, STATE_SYN_SENT));
	e = sock_step(&c, 1 * SEC + 30 * MSEC, STATE_SYN_RECV);
	e.sequences = EVENT_SEQUENCE_PRESENT | EVENT_SEQUENCE_LOCAL;
	e.local_seq = X;
	play(e);
	play(numbered(sock_step(&c, 1 * SEC + 60 * MSEC, STATE_ESTABLISHED), X, Y));
	play(counted(sock_fail(&c, 2 * SEC, ECONNRESET), 0, 0, 0));
}

/* A port that asks for itself: what it sends, it receives. */
static void itself(void)
{
	struct sock c = client();
	struct event e;

	c.lport = c.rport;
	for (int i = 0; i < 5; i++) {
		static const enum tcp_state states[] = { STATE_SYN_SENT, STATE_SYN_RECV,
							 STATE_ESTABLISHED, STATE_FIN_WAIT1,
							 STATE_CLOSING };
		uint32_t sent = i < 3 ? 0 : i < 4 ? 6 : 7;

		e = sock_step(&c, (i < 3 ? 1 : 2) * SEC + (uint64_t)i * 20, states[i]);
		e.laddr = e.raddr;
		play(i ? numbered(e, X + sent, X + sent) : e);
	}
	e = handed_over(sock_close(&c, 2 * SEC + 100), STATE_TIME_WAIT);
	e.laddr = e.raddr;
	play(counted(numbered(e, X + 7, X + 7), 5, 5, 0));
}

static void crossed_close(void)
{
	struct sock s = server();

	open_server(&s, 1 * SEC);
	play(numbered(sock_step(&s, 2 * SEC, STATE_FIN_WAIT1), Y + 1, X + 1));
	play(numbered(sock_step(&s, 2 * SEC + 30 * MSEC, STATE_CLOSING), Y + 2, X + 2));
	play(numbered(handed_over(sock_close(&s, 2 * SEC + 60 * MSEC), STATE_TIME_WAIT), Y + 2,
		      X + 2));
}

static void lost_last_ack(void)
{
	struct sock c = client();

	open_client(&c, 1 * SEC);
	play(numbered(sock_step(&c, 2 * SEC, STATE_FIN_WAIT1), X + 1, Y + 1));
	play(numbered(sock_step(&c, 2 * SEC + 80 * MSEC, STATE_FIN_WAIT2), X + 2, Y + 1));
	play(numbered(handed_over(sock_close(&c, 2 * SEC + 80 * MSEC + 4), STATE_TIME_WAIT), X + 2,
		      Y + 2));
	for (unsigned int i = 0; i < 5; i++)
		play_timewait(EVENT_TIMEWAIT_REARMED, STATE_TIME_WAIT, (3 + i) * SEC, X + 2, Y + 2);
	play_timewait(EVENT_TIMEWAIT_EXPIRED, STATE_TIME_WAIT, 68 * SEC, X + 2, Y + 2);
}

static void reset_received(void)
{
	struct sock s = server();

	open_server(&s, 1 * SEC);
	play(counted(sock_fail(&s, 2 * SEC, ECONNRESET), 10, 20, 0));
}

static void reset_sent(void)
{
	struct sock c = client();

	open_client(&c, 1 * SEC);
	play(counted(sock_step(&c, 2 * SEC, STATE_CLOSED), 10, 20, 0));
}

/* The reset follows, and says when it left. */
static void reset_by_linger(void)
{
	struct sock c = client();
	struct event e;

	conn_table_expect_resets(table);
	open_client(&c, 1 * SEC);
	e = counted(sock_step(&c, 2 * SEC, STATE_CLOSED), 10, 20, 0);
	e.shutdown = 3;
	e.signs = EVENT_SIGN_HELD | EVENT_SIGN_LINGER_ZERO;
	play(e);
	play(sock_reset(&c, 2 * SEC + 15, EVENT_RESET_SENT, EVENT_REASON_NONE));
}

/* The last ACK never comes, and nothing leaves. */
static void dropped_by_linger(void)
{
	struct sock c = client();
	struct event e;

	open_client(&c, 1 * SEC);
	play(numbered(sock_step(&c, 2 * SEC, STATE_CLOSE_WAIT), X + 1, Y + 2));
	play(numbered(sock_step(&c, 2 * SEC + 10, STATE_LAST_ACK), X + 1, Y + 2));
	e = sock_step(&c, 3 * SEC, STATE_CLOSED);
	e.shutdown = 3;
	e.signs = EVENT_SIGN_HELD | EVENT_SIGN_LINGER_ZERO | EVENT_SIGN_UNACKED;
	play(numbered(e, X + 2, Y + 2));
}

static void taken_away(void)
{
	struct sock s = server();
	struct event e;

	open_server(&s, 1 * SEC);
	e = counted(sock_step(&s, 2 * SEC, STATE_CLOSED), 10, 20, 0);
	e.flags |= EVENT_FLAG_REPAIRED;
	e.shutdown = 3;
	e.signs = EVENT_SIGN_HELD | EVENT_SIGN_UNREAD;
	play(e);
}

/* Here it comes before the end. */
static void killed(void)
{
	struct sock c = client();

	conn_table_expect_resets(table);
	open_client(&c, 1 * SEC);
	play(sock_reset(&c, 2 * SEC - 15, EVENT_RESET_SENT, EVENT_REASON_NONE));
	play(counted(sock_fail(&c, 2 * SEC, ECONNABORTED), 10, 20, 0));
}

static void play_request(uint8_t end, uint64_t us, uint8_t again)
{
	play((struct event){ .mono_ns = us * US,
			     .sock = SERVER,
			     .netns = TEST_NETNS,
			     .kind = EVENT_REQUEST,
			     .from = STATE_SYN_RECV,
			     .to = STATE_CLOSED,
			     .flags = EVENT_FLAG_ENDPOINTS,
			     .lport = SERVER_LPORT,
			     .rport = 40123,
			     .laddr = test_address(true, 1),
			     .raddr = test_address(true, 2),
			     .retransmits = again,
			     .synack_ns = 1 * SEC * US,
			     .detail = end });
}

static void abandoned(void)
{
	play_request(EVENT_REQUEST_ABANDONED, 64 * SEC, 5);
}

static void old_duplicate(void)
{
	play_request(EVENT_REQUEST_RESET, 1 * SEC + 40 * MSEC, 0);
}

static void full_queue(void)
{
	play_request(EVENT_REQUEST_OVERFLOW, 32 * SEC, 4);
}

static void queue_reset(void)
{
	play_request(EVENT_REQUEST_QUEUE_RESET, 1 * SEC + 40 * MSEC, 0);
}

static void bad_syn(void)
{
	play_request(EVENT_REQUEST_BAD_SYN, 1 * SEC + 40 * MSEC, 0);
}

static void request_left(void)
{
	play_request(EVENT_REQUEST_LISTENER_CLOSED, 2 * SEC, 0);
}

static void request_unreachable(void)
{
	play_request(EVENT_REQUEST_UNREACHABLE, 1 * SEC + 40 * MSEC, 0);
}

static void request_killed(void)
{
	play_request(EVENT_REQUEST_KILLED, 4 * SEC, 1);
}

static void request_lost(void)
{
	play_request(EVENT_REQUEST_DROPPED, 1 * SEC + 40 * MSEC, 0);
}

static void play_child(uint8_t flags, uint64_t synack_us)
{
	play((struct event){ .mono_ns = 1 * SEC * US,
			     .sock = SERVER,
			     .kind = EVENT_PASSIVE,
			     .from = STATE_LISTEN,
			     .to = STATE_SYN_RECV,
			     .flags = flags,
			     .synack_ns = synack_us * US });
}

static void cookie(void)
{
	struct sock s = server();

	play_child(EVENT_FLAG_SYNCOOKIE, 0);
	open_server(&s, 1 * SEC);
}

static void fast_open(void)
{
	struct sock c = client();
	struct event e;

	play(sock_step(&c, 1 * SEC, STATE_SYN_SENT));
	e = numbered(sock_step(&c, 1 * SEC + 80 * MSEC, STATE_ESTABLISHED), X, Y);
	e.flags |= EVENT_FLAG_FASTOPEN;
	play(e);
}

/* Its handshake was before the tracing: it is drawn from where it is known. */
static void older(void)
{
	struct sock c = client();

	c.state = STATE_ESTABLISHED;
	play(numbered(sock_step(&c, 2 * SEC, STATE_FIN_WAIT1), X + 10, Y + 10));
	play(numbered(sock_step(&c, 2 * SEC + 80 * MSEC, STATE_FIN_WAIT2), X + 11, Y + 10));
	play(counted(sock_fail(&c, 3 * SEC, ECONNRESET), 9, 9, 0));
}

/* Without a number, and with an event that was lost. */
static void lost_event(void)
{
	struct sock c = client();

	play(sock_step(&c, 1 * SEC, STATE_SYN_SENT));
	play(sock_step(&c, 1 * SEC + 80 * MSEC, STATE_ESTABLISHED));
	play(sock_step(&c, 2 * SEC, STATE_CLOSE_WAIT));
	c.state = STATE_LAST_ACK;
	play(counted(sock_close(&c, 4 * SEC), 0, 0, 0));
}

static void hostile(void)
{
	struct sock c = client();
	struct event e = sock_step(&c, 1 * SEC, STATE_SYN_SENT);

	memcpy(e.comm, "\033[2J\"\\\n\xff", 9);
	play(e);
}

static const struct picture {
	const char *name;
	void (*play)(void);
} pictures[] = {
	{ "both-ends", both_ends },
	{ "half-close", half_close },
	{ "slow-application", slow_application },
	{ "one-segment", one_segment },
	{ "lost-syn", lost_syn },
	{ "silent-peer", silent_peer },
	{ "refused", refused },
	{ "refused-by-icmp", refused_by_icmp },
	{ "no-syn", no_syn },
	{ "no-route", no_route },
	{ "unreachable", unreachable },
	{ "crossed-open", crossed_open },
	{ "itself", itself },
	{ "crossed-close", crossed_close },
	{ "lost-last-ack", lost_last_ack },
	{ "reset-received", reset_received },
	{ "reset-sent", reset_sent },
	{ "reset-by-linger", reset_by_linger },
	{ "dropped-by-linger", dropped_by_linger },
	{ "taken-away", taken_away },
	{ "killed", killed },
	{ "abandoned", abandoned },
	{ "old-duplicate", old_duplicate },
	{ "full-queue", full_queue },
	{ "queue-reset", queue_reset },
	{ "bad-syn", bad_syn },
	{ "request-left", request_left },
	{ "request-unreachable", request_unreachable },
	{ "request-killed", request_killed },
	{ "two-machines", two_machines },
	{ "request-lost", request_lost },
	{ "cookie", cookie },
	{ "fast-open", fast_open },
	{ "older", older },
	{ "lost-event", lost_event },
	{ "hostile", hostile },
};

#define PICTURES (sizeof(pictures) / sizeof(*pictures))

static const struct conn_filter none;
static struct chosen_settings wanted;
static enum ladder_language language;

/* What `explain` prints of a life, to `out`. Returns whether there was anything. */
static unsigned int columns = 80;

static bool draw(const struct picture *picture, const struct sink *sink, bool wide,
		 struct buffer *out)
{
	static struct ladder ladder;
	struct sink_settings settings = sample_settings;
	struct chosen *chosen = chosen_new(&wanted);
	struct clock_pairs *clocks = clock_pairs_new();
	struct consumer *consumers[2];
	bool found;

	settings.language = language;
	settings.wide = wide;
	settings.columns = columns;
	assert_non_null(chosen);
	assert_non_null(clocks);
	clock_pairs_name(clocks, 2, 1);
	consumers[0] = chosen_consumer(chosen);
	consumers[1] = clock_pairs_consumer(clocks);
	table = conn_table_new(16, &none, &(struct consumer_list){ consumers, 2 });
	assert_non_null(table);
	conn_table_expect_timewaits(table);
	picture->play();
	found = chosen_ladder(chosen, clocks, &ladder);
	if (found)
		sink->ladder(&settings, out, &ladder);
	assert_int_equal(chosen_forgotten(chosen), 0);
	conn_table_free(table);
	chosen_free(chosen);
	clock_pairs_free(clocks);
	return found;
}

static void compare(const char *path, const struct buffer *out)
{
	char bytes[1 << 14];
	FILE *file;
	size_t size;

	if (getenv("UPDATE")) {
		file = fopen(path, "wb");
		if (!file || fwrite(out->bytes, 1, out->size, file) != out->size || fclose(file))
			fail_msg("cannot write %s", path);
	}
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s is missing; UPDATE=1 writes it", path);
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	if (size != out->size || memcmp(bytes, out->bytes, size) != 0)
		fail_msg("%s differs; UPDATE=1 writes it anew\n%.*s", path, (int)out->size,
			 out->bytes);
}

static void reset(void)
{
	wanted = (struct chosen_settings){ .filter = &none, .full = true, .max = 16 };
	language = LADDER_EN;
}

static const struct picture *two_apart(void)
{
	const struct picture *p = pictures;

	while (p->play != two_machines)
		p++;
	return p;
}

static void pictures_are_as_in_the_files(void **state)
{
	struct buffer out;
	char path[128];

	(void)state;
	reset();
	buffer_init(&out);
	for (size_t i = 0; i < PICTURES; i++) {
		for (int l = 0; l < LADDER_LANGUAGE_COUNT; l++) {
			language = l;
			buffer_clear(&out);
			assert_true(draw(&pictures[i], &sink_text, false, &out));
			snprintf(path, sizeof(path), FOLDER "%s.%s.out", pictures[i].name,
				 l == LADDER_EN ? "en" : "zh");
			compare(path, &out);
		}
	}
	language = LADDER_EN;
	buffer_clear(&out);
	assert_true(draw(&pictures[0], &sink_text, true, &out));
	compare(FOLDER "both-ends.wide.out", &out);
	buffer_clear(&out);
	assert_true(draw(&pictures[0], &sink_json, false, &out));
	compare(FOLDER "both-ends.json.out", &out);
	buffer_clear(&out);
	assert_true(draw(&pictures[0], &sink_csv, false, &out));
	compare(FOLDER "both-ends.csv.out", &out);
	buffer_clear(&out);
	assert_true(draw(two_apart(), &sink_json, false, &out));
	compare(FOLDER "two-machines.json.out", &out);
	buffer_done(&out);
}

/* And where there is little room. */
static void pictures_are_short(void)
{
	struct buffer out;

	reset();
	buffer_init(&out);
	language = LADDER_EN;
	assert_true(draw(&pictures[0], &sink_text, false, &out));
	compare(FOLDER "both-ends.short.out", &out);
	buffer_clear(&out);
	assert_true(draw(two_apart(), &sink_text, false, &out));
	compare(FOLDER "two-machines.short.out", &out);
	buffer_done(&out);
}

/* Of each line, the columns that a terminal takes for it; of no byte that it would obey. */
static void assert_fits(void)
{
	struct buffer out;

	reset();
	buffer_init(&out);
	for (size_t i = 0; i < PICTURES * LADDER_LANGUAGE_COUNT; i++) {
		size_t used = 0, at = 0;

		language = i % LADDER_LANGUAGE_COUNT;
		buffer_clear(&out);
		assert_true(draw(&pictures[i / LADDER_LANGUAGE_COUNT], &sink_text, false, &out));
		while (at < out.size) {
			uint32_t code;
			size_t length = text_code_point(out.bytes + at, out.size - at, &code);

			assert_int_not_equal(length, 0);
			assert_true(code == '\n' || text_is_visible(code));
			used = code == '\n' ? 0 : used + text_columns(code);
			if (used >= columns)
				fail_msg("%s is too wide for %u at byte %zu:\n%.*s",
					 pictures[i / LADDER_LANGUAGE_COUNT].name, columns, at,
					 (int)out.size, out.bytes);
			at += length;
		}
	}
	buffer_done(&out);
}

/* A terminal may have fewer: then there are more lines. */
static void lines_fit_sixty_to_eighty_columns(void **state)
{
	(void)state;
	for (columns = 60; columns <= 80; columns++)
		assert_fits();
	columns = 60;
	pictures_are_short();
	columns = 80;
}

/* Two connections, the second with the slower handshake, the first longer in CLOSE_WAIT. */
static void two_clients(void)
{
	struct sock one = sock_client(0x100), two = sock_client(0x200);

	two.lport = CLIENT_LPORT + 1;
	play(sock_step(&one, 1 * SEC, STATE_SYN_SENT));
	play(sock_step(&one, 1 * SEC + 10, STATE_ESTABLISHED));
	play(sock_step(&two, 1 * SEC, STATE_SYN_SENT));
	play(sock_step(&two, 1 * SEC + 11, STATE_ESTABLISHED));
	play(sock_step(&one, 2 * SEC, STATE_CLOSE_WAIT));
	play(sock_step(&two, 2 * SEC, STATE_CLOSE_WAIT));
	play(sock_step(&two, 3 * SEC, STATE_LAST_ACK));
	play(sock_step(&one, 4 * SEC, STATE_LAST_ACK));
	play(sock_close(&one, 5 * SEC));
	play(sock_close(&two, 5 * SEC));
}

/* The id of the connection that is explained; 0: none. */
static int id_of(struct choice choice)
{
	static const struct picture two = { "two", two_clients };
	struct buffer out;
	int id = 0;

	reset();
	wanted.choice = choice;
	buffer_init(&out);
	if (draw(&two, &sink_json, false, &out)) {
		buffer_add_char(&out, '\0');
		assert_int_equal(sscanf(strstr(out.bytes, "\"id\":\""), "\"id\":\"%d", &id), 1);
	}
	buffer_done(&out);
	return id;
}

static int id_by(const char *endpoints)
{
	struct choice choice;

	assert_int_equal(choice_parse_endpoints(endpoints, &choice), 0);
	return id_of(choice);
}

static void the_right_one_is_chosen(void **state)
{
	(void)state;
	assert_int_equal(id_of((struct choice){ .kind = CHOICE_FIRST }), 1);
	assert_int_equal(id_of((struct choice){ .kind = CHOICE_ID, .id = 2 }), 2);
	assert_int_equal(id_of((struct choice){ .kind = CHOICE_ID, .id = 3 }), 0);
	assert_int_equal(id_of((struct choice){ .kind = CHOICE_SLOWEST_HANDSHAKE }), 2);
	assert_int_equal(
		id_of((struct choice){ .kind = CHOICE_LONGEST, .state = STATE_CLOSE_WAIT }), 1);
	assert_int_equal(id_of((struct choice){ .kind = CHOICE_LONGEST, .state = STATE_LAST_ACK }),
			 2);
	assert_int_equal(id_of((struct choice){ .kind = CHOICE_LONGEST, .state = STATE_CLOSING }),
			 0);
	assert_int_equal(id_by("192.0.2.1:40002"), 2);
	assert_int_equal(id_by("192.0.2.2:443"), 1);
	assert_int_equal(id_by(":40002-:443"), 2);
	assert_int_equal(id_by("192.0.2.1:40002-192.0.2.2:443"), 2);
	assert_int_equal(id_by("192.0.2.2:443-192.0.2.1:40002"), 0);
	assert_int_equal(id_by("192.0.2.3"), 0);
	assert_int_equal(id_by("[2001:db8::1]:443"), 0);
}

/* The same endpoints in two network namespaces at a time; what differs are the numbers. */
static bool has_numbers;

static void twins(void)
{
	struct sock c[2] = { client(), client() }, s[2] = { server(), server() };

	for (uint32_t i = 0; i < 2; i++) {
		c[i].address += i, s[i].address += i;
		c[i].netns += i, s[i].netns += i;
		play(sock_step(&c[i], 1 * SEC + i, STATE_SYN_SENT));
	}
	for (uint32_t n = 0; n < 4; n++) {
		uint32_t i = n % 2;
		struct event e = n < 2 ? sock_step(&c[i], 1 * SEC + 60, STATE_ESTABLISHED) :
					 sock_step(&s[!i], 1 * SEC + 80, STATE_SYN_RECV);

		if (n < 2) {
			play(has_numbers ? numbered(e, X + i, Y + i) : e);
			continue;
		}
		play(e);
		e = mirrored(sock_accept(&s[!i], 1 * SEC + 100, 50));
		play(has_numbers ? numbered(e, Y + !i + 1, X + !i) : e);
	}
	for (uint32_t i = 0; i < 2; i++)
		play(sock_fail(&c[i], 2 * SEC, ECONNRESET));
}

/* The namespaces of the connection that was chosen and of its other end; 0: there is none. */
static void draw_twins(unsigned int netns[2])
{
	static const struct picture picture = { "twins", twins };
	const char *at;
	struct buffer out;

	reset();
	buffer_init(&out);
	assert_true(draw(&picture, &sink_json, false, &out));
	buffer_add_char(&out, '\0');
	at = strstr(out.bytes, "\"netns\":");
	assert_int_equal(sscanf(at, "\"netns\":%u", &netns[0]), 1);
	at = strstr(out.bytes, "\"other\":");
	assert_non_null(at);
	at = strncmp(at + strlen("\"other\":"), "null", 4) ? strstr(at, "\"netns\":") : NULL;
	netns[1] = 0;
	if (at)
		assert_int_equal(sscanf(at, "\"netns\":%u", &netns[1]), 1);
	buffer_done(&out);
}

static void ends_are_paired_by_their_numbers(void **state)
{
	unsigned int netns[2];

	(void)state;
	has_numbers = true;
	draw_twins(netns);
	assert_int_equal(netns[0], TEST_NETNS);
	assert_int_equal(netns[1], TEST_NETNS);
	has_numbers = false;
	draw_twins(netns);
	assert_int_equal(netns[0], TEST_NETNS);
	assert_int_equal(netns[1], 0);
}

static void endpoints_are_read_strictly(void **state)
{
	static const char *const bad[] = { "",
					   ":",
					   "-",
					   "1.2.3.4:0",
					   "1.2.3.4:65536",
					   "1.2.3:80",
					   "2001:db8::1:80",
					   "[::1",
					   "[::1]80",
					   "[::1]:x",
					   "1.2.3.4:80-",
					   "-:80",
					   "1.2.3.0/24:80",
					   "x:80",
					   "[]",
					   "[]:",
					   "[%eth0]",
					   "[fe80::1%]:80",
					   "[fe80::1%eth0%x]:80",
					   "[fe80::1%a234567890123456x]:80",
					   "[fe80::1%a234567890123456]:80",
					   "[fe80::1%eth 0]:80",
					   "%eth0:80" };
	struct choice choice;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!choice_parse_endpoints(bad[i], &choice))
			fail_msg("'%s' was taken", bad[i]);
	assert_int_equal(choice_parse_endpoints("[::1]", &choice), 0);
	assert_false(choice.ends[0].port);
	assert_int_equal(choice_parse_endpoints("[::1]:80-[::2]:81", &choice), 0);
	assert_true(choice.has_both && choice.ends[0].port == 80 && choice.ends[1].port == 81);
	assert_int_equal(choice_parse_endpoints("[fe80::1%br-lan]:80", &choice), 0);
	assert_true(!choice.has_both && choice.ends[0].port == 80);
	assert_string_equal(choice.ends[0].interface, "br-lan");
	assert_int_equal(choice_parse_endpoints("[fe80::1%br-lan]:80-[fe80::2%br-lan]", &choice),
			 0);
	assert_true(choice.has_both && choice.ends[0].port == 80 && !choice.ends[1].port);
	assert_string_equal(choice.ends[1].interface, "br-lan");
	assert_int_equal(choice_parse_endpoints("10.0.0.1%red:443", &choice), 0);
	assert_string_equal(choice.ends[0].interface, "red");
	assert_int_equal(choice.ends[0].port, 443);
}

/* Each connection that is forgotten alive is counted, and its successor is kept. */
static void book_is_bounded(void **state)
{
	struct story_book *book = story_book_new(100);
	struct conn c = sample_client();

	(void)state;
	assert_non_null(book);
	for (uint64_t id = 1; id <= 1000; id++) {
		c.id = id;
		c.flags = id % 2 ? 0 : CONN_FINISHED;
		assert_non_null(story_book_open(book, &c));
		assert_int_equal(story_book_find(book, id)->conn.id, id);
	}
	assert_int_equal(story_book_forgotten(book), 450);
	for (uint64_t id = 1; id <= 1000; id++)
		assert_true(!story_book_find(book, id) == (id <= 900));
	story_book_free(book);
}

/* However many connections one user has, those of another one are not forgotten. */
static void one_user_fills_no_book(void **state)
{
	struct story_book *book = story_book_new(100);
	struct conn c = sample_client();

	(void)state;
	assert_non_null(book);
	c.flags = CONN_HAS_OWNER;
	for (uint64_t id = 1; id <= 1000; id++) {
		c.id = id;
		c.uid = id <= 40 ? 33 : 1000;
		c.netns = id % 3;
		assert_non_null(story_book_open(book, &c));
	}
	for (uint64_t id = 1; id <= 40; id++)
		assert_non_null(story_book_find(book, id));
	assert_int_equal(story_book_forgotten(book), 900);
	assert_int_equal(payers_at(story_book_payers(book), 0)->share.owner, 1000);
	assert_null(payers_at(story_book_payers(book), 3));
	story_book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_are_as_in_the_files),
		cmocka_unit_test(lines_fit_sixty_to_eighty_columns),
		cmocka_unit_test(the_right_one_is_chosen),
		cmocka_unit_test(ends_are_paired_by_their_numbers),
		cmocka_unit_test(endpoints_are_read_strictly),
		cmocka_unit_test(book_is_bounded),
		cmocka_unit_test(one_user_fills_no_book),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
