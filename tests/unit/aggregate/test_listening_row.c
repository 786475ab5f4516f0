// SPDX-License-Identifier: GPL-2.0-only
/* Rows of listeners: what each is judged to be, and the sentences that say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/aggregate/listening_row.h"
#include "user/base/units.h"

#define NETNS 4026531840u
#define S NS_PER_S

static struct socket_info listener(uint64_t sock, uint32_t queue, uint32_t drops)
{
	return (struct socket_info){
		.sock = sock,
		.inode = sock + 1000,
		.netns = NETNS,
		.state = STATE_LISTEN,
		.object = EVENT_SOCKET_FULL,
		.marks = EVENT_SOCKET_DROPS,
		.lport = 80,
		.laddr = address_from_ipv4((const uint8_t[4]){ 0 }),
		.rx_queue = queue,
		.tx_queue = 4,
		.retransmits = drops,
	};
}

static struct socket_info waiting(uint64_t now_ns, uint64_t since_ns)
{
	return (struct socket_info){
		.sock = since_ns,
		.mono_ns = now_ns,
		.netns = NETNS,
		.state = STATE_ESTABLISHED,
		.object = EVENT_SOCKET_FULL,
		.marks = EVENT_SOCKET_UNACCEPTED,
		.lport = 80,
		.laddr = address_from_ipv4((const uint8_t[4]){ 192, 0, 2, 1 }),
		.send_age_ns = now_ns - since_ns,
	};
}

static void look(struct listening *l, uint64_t now_ns, const struct socket_info *infos,
		 size_t count)
{
	listening_look(l, now_ns);
	for (size_t i = 0; i < count; i++)
		listening_see(l, &infos[i]);
	listening_looked(l, now_ns, true);
}

/* The sentence of the first row, which the caller frees; its verdict. */
static char *say(struct listening *l, const struct listening_view *view,
		 enum ladder_language language, enum listening_verdict *ret_verdict)
{
	struct listening_row *rows;
	struct buffer out;
	size_t count;
	char *text;

	assert_int_equal(listening_rows_new(l, view, &rows, &count), 0);
	assert_true(count);
	buffer_init(&out);
	listening_row_say(&rows[0], language, &out);
	if (!out.size)
		listening_row_say_balance(l, &rows[0], language, &out);
	buffer_add_char(&out, '\0');
	*ret_verdict = rows[0].verdict;
	text = strdup(out.bytes);
	buffer_done(&out);
	free(rows);
	return text;
}

static void expect(struct listening *l, const struct listening_view *view,
		   enum listening_verdict verdict, const char *sentence, const char *chinese)
{
	enum listening_verdict found;
	char *text = say(l, view, LADDER_EN, &found);

	assert_string_equal(text, sentence);
	assert_int_equal(found, verdict);
	free(text);
	text = say(l, view, LADDER_ZH, &found);
	assert_string_equal(text, chinese);
	free(text);
	listening_free(l);
}

static void one_that_keeps_up_needs_no_words(void **state)
{
	const struct socket_info infos[] = { listener(64, 1, 0), waiting(10 * S, 10 * S - 1000) };
	const struct listening_view view = { .now_ns = 10 * S };
	struct listening *l = listening_new();

	(void)state;
	look(l, 10 * S, infos, 2);
	expect(l, &view, LISTENING_IS_OK, "", "");
}

static void one_look_tells_what_waits(void **state)
{
	const struct socket_info infos[] = { listener(64, 5, 3), waiting(10 * S, 2 * S),
					     waiting(10 * S, 5 * S) };
	const struct listening_view view = { .now_ns = 10 * S };
	struct listening *l = listening_new();

	(void)state;
	look(l, 10 * S, infos, 3);
	expect(l, &view, LISTENING_IS_FULL,
	       "Accept queue full: 5 wait to be accepted, the oldest for 8.00s; 3 dropped since it "
	       "listens; backlog 4.",
	       "accept 队列已满：5 个在等待被 accept，最早的已 8.00s；开始监听以来丢弃了 3 个报文段；"
	       "backlog 是 4。");
}

static void what_was_dropped_in_the_past_is_told(void **state)
{
	const struct socket_info info = listener(64, 0, 3);
	const struct listening_view view = { .now_ns = 10 * S };
	const struct listening_counts counts = { 3, 3 };
	struct listening *l = listening_new();

	(void)state;
	look(l, 10 * S, &info, 1);
	listening_count(l, NETNS, &counts);
	expect(l, &view, LISTENING_IS_HAS_DROPPED,
	       "3 segments dropped since it listens, by a full queue; backlog 4.",
	       "开始监听以来丢弃了 3 个报文段，因为队列已满；backlog 是 4。");
}

static void nobody_accepts(void **state)
{
	struct socket_info infos[] = { listener(64, 5, 0), waiting(10 * S, 2 * S) };
	const struct listening_view view = { .now_ns = 20 * S, .duration_ns = 10 * S };
	struct listening *l = listening_new();

	(void)state;
	look(l, 10 * S, infos, 2);
	infos[0].retransmits = 72;
	infos[1].mono_ns = 20 * S;
	infos[1].send_age_ns = 18 * S;
	look(l, 20 * S, infos, 2);
	expect(l, &view, LISTENING_IS_FULL,
	       "Accept queue full: 5 wait to be accepted, the oldest for 18.0s; 72 dropped in "
	       "10.0s; nobody has called accept for at least 10.0s; backlog 4.",
	       "accept 队列已满：5 个在等待被 accept，最早的已 18.0s；在 10.0s 内丢弃了 72 个报文段；"
	       "至少已 10.0s 没有人调用 accept；backlog 是 4。");
}

/* Others wait than before: somebody has accepted, and nobody is to be accused. */
static void somebody_accepts(void **state)
{
	struct socket_info infos[] = { listener(64, 1, 0), waiting(10 * S, 2 * S) };
	const struct listening_view view = { .now_ns = 20 * S, .duration_ns = 10 * S };
	struct listening *l = listening_new();

	(void)state;
	look(l, 10 * S, infos, 2);
	infos[1] = waiting(20 * S, 15 * S);
	look(l, 20 * S, infos, 2);
	expect(l, &view, LISTENING_IS_WAITING, "1 waits to be accepted, for 5.00s; backlog 4.",
	       "1 个在等待被 accept，已 5.00s；backlog 是 4。");
}

static void requests_may_be_too_many(void **state)
{
	struct socket_info info = listener(64, 0, 0);
	const struct listening_view view = { .now_ns = 10 * S };
	struct listening *l = listening_new();

	(void)state;
	info.in_flight = 4;
	look(l, 10 * S, &info, 1);
	expect(l, &view, LISTENING_IS_REQUESTS_FULL,
	       "4 half-open requests, as many as there is room for: more get a SYN cookie, or are "
	       "dropped; backlog 4.",
	       "4 个半开请求，已占满全部空位：再来的得到 SYN cookie，或被丢弃；backlog 是 4。");
}

static void a_group_is_told_with_its_shares(void **state)
{
	const struct socket_info infos[] = { listener(64, 0, 0), listener(128, 0, 0) };
	const struct holder holder = { .pid = 7, .comm = "a b" };
	const struct listening_view view = { .now_ns = 10 * S,
					     .duration_ns = S,
					     .accepts_known = true };
	struct listening *l = listening_new();

	(void)state;
	look(l, 10 * S, infos, 2);
	listening_place(l, 1)->accepted = 4;
	listening_socket(l, 1)->accepted = 3;
	listening_socket(l, 1)->pid = 7;
	listening_socket(l, 1)->holders = &holder;
	listening_socket(l, 1)->holder_count = 1;
	listening_socket(l, 2)->accepted = 1;
	expect(l, &view, LISTENING_IS_OK,
	       "2 sockets share this port (SO_REUSEPORT): of 4 connections, a b[7] took 3 (75 %), "
	       "one took 1 (25 %).",
	       "2 个套接字共用这个端口（SO_REUSEPORT）：4 个连接中，a b[7] 接受了 3 个（75 %），"
	       "其中一个套接字接受了 1 个（25 %）。");
}

static void rows_are_in_order(void **state)
{
	struct socket_info infos[] = { listener(64, 0, 0), listener(128, 0, 0),
				       listener(192, 0, 0) };
	const struct listening_view view = { .now_ns = 10 * S };
	struct listening *l = listening_new();
	struct listening_row *rows;
	size_t count;

	(void)state;
	infos[0].lport = 443;
	infos[1].netns--;
	infos[1].lport = 9000;
	look(l, 10 * S, infos, 3);
	assert_int_equal(listening_rows_new(l, &view, &rows, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(rows[0].place->lport, 9000);
	assert_int_equal(rows[1].place->lport, 80);
	assert_int_equal(rows[2].place->lport, 443);
	assert_true(rows[2].is_first && rows[2].is_last);
	assert_int_equal(rows[2].accepted, UINT64_MAX);
	free(rows);
	listening_free(l);
}

/* Places lie elsewhere as others come: whoever chooses a row that was drawn asks the row. */
static void a_row_keeps_its_port(void **state)
{
	const struct listening_view view = { .now_ns = 10 * S };
	struct socket_info info = listener(64, 0, 0);
	struct event e = { .kind = EVENT_LISTENER, .to = STATE_LISTEN, .netns = 1 };
	struct listening *l = listening_new();
	struct listening_row *rows;
	size_t count;

	(void)state;
	look(l, 10 * S, &info, 1);
	assert_int_equal(listening_rows_new(l, &view, &rows, &count), 0);
	assert_int_equal(count, 1);
	for (unsigned int i = 0; i < 1000; i++) {
		e.sock = 1000 + i;
		e.lport = (uint16_t)(1000 + i);
		listening_hear(l, &e);
	}
	assert_int_equal(rows[0].lport, 80);
	free(rows);
	listening_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_keeps_up_needs_no_words),
		cmocka_unit_test(one_look_tells_what_waits),
		cmocka_unit_test(what_was_dropped_in_the_past_is_told),
		cmocka_unit_test(nobody_accepts),
		cmocka_unit_test(somebody_accepts),
		cmocka_unit_test(requests_may_be_too_many),
		cmocka_unit_test(a_group_is_told_with_its_shares),
		cmocka_unit_test(rows_are_in_order),
		cmocka_unit_test(a_row_keeps_its_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
