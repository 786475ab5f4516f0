/* SPDX-License-Identifier: GPL-2.0-only */
/* The stories of the textbook: what they are called, what they show, and where RFCs say so. */
#ifndef USER_AGGREGATE_TEXTBOOK_H
#define USER_AGGREGATE_TEXTBOOK_H

#include <stdint.h>

#include "user/aggregate/ladder_phrase.h"

/*
 * X(NAME, "name", LEFT, "sections", "English", "Chinese"): LEFT is the end that stands on the left
 * side, as CONN_ROLE_...; the sentence is one line of the list.
 */
/* clang-format off */
#define TEXTBOOK_STORIES(X) \
	X(OPEN_CLOSE, "open-close", CLIENT, "RFC 9293, 3.5 and 3.6", \
	  "Three segments open a connection, four close it.", \
	  "三次握手建立连接，四次挥手关闭连接。") \
	X(HALF_CLOSE, "half-close", CLIENT, "RFC 9293, 3.6.1", \
	  "After one FIN data still flows the other way.", \
	  "一个 FIN 之后，另一个方向仍有数据。") \
	X(LOST_SYN, "lost-syn", CLIENT, "RFC 9293, 3.5 and 3.8.1", \
	  "The SYN is lost: the client sends it again.", \
	  "SYN 丢失：客户端重发。") \
	X(LOST_SYNACK, "lost-synack", SERVER, "RFC 9293, 3.5 and 3.8.1", \
	  "The SYN-ACK is lost: it is sent again.", \
	  "SYN-ACK 丢失：重发。") \
	X(LOST_ACK, "lost-ack", CLIENT, "RFC 9293, 3.6 and 3.10.7.4", \
	  "The last ACK is lost: TIME_WAIT answers the FIN that comes again.", \
	  "最后一个 ACK 丢失：TIME_WAIT 应答重发的 FIN。") \
	X(OLD_SYN, "old-syn", SERVER, "RFC 9293, 3.5", \
	  "An old duplicate of a SYN: why two segments would not do.", \
	  "旧的重复 SYN：为什么两次握手不够。") \
	X(BOTH_OPEN, "both-open", CLIENT, "RFC 9293, 3.5", \
	  "Both ends open at once, and it is one connection.", \
	  "两端同时打开，结果是一个连接。") \
	X(BOTH_CLOSE, "both-close", CLIENT, "RFC 9293, 3.6", \
	  "Both ends close at once: CLOSING, and TIME_WAIT at both.", \
	  "两端同时关闭：CLOSING，双方都进入 TIME_WAIT。") \
	X(REFUSED, "refused", CLIENT, "RFC 9293, 3.5.2", \
	  "Nobody listens: a reset answers the SYN.", \
	  "没有程序监听：RST 应答 SYN。") \
	X(RESET, "reset", CLIENT, "RFC 9293, 3.5.3 and 3.10.5", \
	  "One end aborts: a reset in place of four segments.", \
	  "一端中止连接：一个 RST 代替四次挥手。") \
	X(UNREAD, "unread", CLIENT, "RFC 9293, 3.6.1", \
	  "Closed with data that nobody read: a reset says so.", \
	  "关闭时还有没读的数据：RST 告知对端。") \
	X(LATE_DATA, "late-data", CLIENT, "RFC 9293, 3.6.1", \
	  "Data for an end that is closed: a reset is the answer.", \
	  "数据发给已关闭的一端：应答是 RST。") \
	X(FULL_QUEUE, "full-queue", SERVER, "RFC 9293, 3.5 and 3.8.1", \
	  "The accept queue is full: the third segment is ignored.", \
	  "accept 队列已满：第三个报文段被忽略。") \
	X(COOKIES, "cookies", SERVER, "RFC 4987, 3.6", \
	  "A SYN cookie: the server keeps nothing until the third segment.", \
	  "SYN cookie：第三个报文段到来之前服务器什么都不保存。") \
	X(LEAK, "leak", SERVER, "RFC 9293, 3.6", \
	  "CLOSE_WAIT that stays: somebody forgot to close.", \
	  "CLOSE_WAIT 一直存在：有人忘了关闭。") \
	X(REUSE, "reuse", SERVER, "RFC 9293, 3.6.1; RFC 7323, 5 and B; RFC 1337, 2", \
	  "A new SYN ends TIME_WAIT, and why that is safe.", \
	  "新的 SYN 结束 TIME_WAIT，以及这为什么安全。")
/* clang-format on */

enum textbook_story {
#define X(NAME, name, left, sections, en, zh) TEXTBOOK_##NAME,
	TEXTBOOK_STORIES(X)
#undef X
		TEXTBOOK_COUNT
};

/* Ports of who plays a part that no ladder is about: from here on. */
#define TEXTBOOK_EXTRAS 50000

struct textbook_page {
	const char *name;
	uint8_t left; /* enum conn_role */
	const char *sections;
	const char *about[LADDER_LANGUAGE_COUNT];
};

extern const struct textbook_page textbook[TEXTBOOK_COUNT];

#endif
