/* SPDX-License-Identifier: GPL-2.0-only */
/* The stories of the textbook: what they are called, what they show, and where RFCs say so. */
#ifndef USER_AGGREGATE_TEXTBOOK_H
#define USER_AGGREGATE_TEXTBOOK_H

#include <stdint.h>

#include "user/aggregate/ladder_phrase.h"

/*
 * X(NAME, "name", LEFT, "sections", "English", "Chinese", "lesson", "in Chinese"): LEFT is the end
 * that stands on the left side, as CONN_ROLE_...; the sentence is one line of the list, and the
 * lesson is what follows from the story.
 */
/* clang-format off */
#define TEXTBOOK_STORIES(X) \
	X(OPEN_CLOSE, "open-close", CLIENT, "RFC 9293, 3.5, 3.6", \
	  "Three segments open a connection, four close it.", \
	  "三次握手建立连接，四次挥手关闭连接。", \
	  "Each end has said where its numbers begin and has heard that the other " \
	  "one knows: that takes three segments. Each direction is closed by itself: " \
	  "that takes four.", \
	  "每一端都说明了自己的起始序号，并得知对方已经知道：这需要三个报文段。每个方" \
	  "向各自关闭：这需要四个。") \
	X(HALF_CLOSE, "half-close", CLIENT, "RFC 9293, 3.6.1", \
	  "After one FIN data still flows the other way.", \
	  "一个 FIN 之后，另一个方向仍有数据。", \
	  "A FIN closes one direction alone. Who has sent it may still be sent data, " \
	  "for as long as the other end likes.", \
	  "FIN 只关闭一个方向。发出它的一端仍可接收数据，对端愿意发多久就多久。") \
	X(LOST_SYN, "lost-syn", CLIENT, "RFC 9293, 3.5, 3.8.1", \
	  "The SYN is lost: the client sends it again.", \
	  "SYN 丢失：客户端重发。", \
	  "Nobody tells the client that its SYN is lost. It waits, for 1 second at " \
	  "first, and sends the same one again.", \
	  "没有人告诉客户端它的 SYN 丢了。它等待，起初 1 秒，然后再发同一个。") \
	X(LOST_SYNACK, "lost-synack", SERVER, "RFC 9293, 3.5, 3.8.1", \
	  "The SYN-ACK is lost: it is sent again.", \
	  "SYN-ACK 丢失：重发。", \
	  "To the client it is all one whether its SYN or the answer was lost; so " \
	  "both ends send theirs again, and the same numbers make it harmless.", \
	  "SYN 丢失还是应答丢失，客户端无从分辨；所以两端都会重发，而序号相同使重发无" \
	  "害。") \
	X(LOST_ACK, "lost-ack", CLIENT, "RFC 9293, 3.6, 3.10.7.4", \
	  "The last ACK is lost: TIME_WAIT answers the FIN that comes again.", \
	  "最后一个 ACK 丢失：TIME_WAIT 应答重发的 FIN。", \
	  "Who closes last must hear that its FIN has arrived. TIME_WAIT is there to " \
	  "say it again.", \
	  "后关闭的一端必须得知它的 FIN 已经到达。TIME_WAIT 就是为了能再说一遍。") \
	X(OLD_SYN, "old-syn", SERVER, "RFC 9293, 3.5", \
	  "An old duplicate of a SYN: why two segments would not do.", \
	  "旧的重复 SYN：为什么两次握手不够。", \
	  "With two segments the server would now hold a connection that nobody " \
	  "wants. The third one is how it learns that somebody does.", \
	  "若只有两次握手，服务器此时已持有一个没有人要的连接。第三个报文段才让它知道" \
	  "确实有人要。") \
	X(BOTH_OPEN, "both-open", CLIENT, "RFC 9293, 3.5", \
	  "Both ends open at once, and it is one connection.", \
	  "两端同时打开，结果是一个连接。", \
	  "Numbers tell both ends that the SYN which came is of the connection that " \
	  "they are opening. There is no server, and there is one connection.", \
	  "序号告诉两端：收到的 SYN 就属于自己正在打开的连接。没有服务器，连接只有一" \
	  "个。") \
	X(BOTH_CLOSE, "both-close", CLIENT, "RFC 9293, 3.6", \
	  "Both ends close at once: CLOSING, and TIME_WAIT at both.", \
	  "两端同时关闭：CLOSING，双方都进入 TIME_WAIT。", \
	  "Both have closed first, so both have to wait in TIME_WAIT.", \
	  "双方都是先关闭的一端，所以双方都要在 TIME_WAIT 中等待。") \
	X(REFUSED, "refused", CLIENT, "RFC 9293, 3.5.2", \
	  "Nobody listens: a reset answers the SYN.", \
	  "没有程序监听：RST 应答 SYN。", \
	  "A reset that acknowledges the SYN is an answer: nobody listens. Silence " \
	  "would be something else, such as a firewall.", \
	  "确认了 SYN 的 RST 是一个答复：没有人监听。沉默则是另一回事，例如防火墙。") \
	X(RESET, "reset", CLIENT, "RFC 9293, 3.5.3, 3.10.5", \
	  "One end aborts: a reset in place of four segments.", \
	  "一端中止连接：一个 RST 代替四次挥手。", \
	  "A reset needs no answer and no TIME_WAIT, and takes with it whatever was " \
	  "still on its way.", \
	  "RST 不需要应答，也没有 TIME_WAIT，但路上的一切也随之丢失。") \
	X(UNREAD, "unread", CLIENT, "RFC 9293, 3.6.1", \
	  "Closed with data that nobody read: a reset says so.", \
	  "关闭时还有没读的数据：RST 告知对端。", \
	  "The other end must not believe that its data were read. A FIN would let " \
	  "it; a reset does not.", \
	  "不能让对端以为它的数据被读过了。FIN 会让它这样以为，RST 不会。") \
	X(LATE_DATA, "late-data", CLIENT, "RFC 9293, 3.6.1", \
	  "Data for an end that is closed: a reset is the answer.", \
	  "数据发给已关闭的一端：应答是 RST。", \
	  "close() ends both directions for the application, though its FIN closes " \
	  "only one. What comes after that can reach nobody.", \
	  "对应用程序来说 close() 结束了两个方向，而它的 FIN 只关闭一个。之后到来的数" \
	  "据不再有人接收。") \
	X(FULL_QUEUE, "full-queue", SERVER, "RFC 9293, 3.5, 3.8.1", \
	  "The accept queue is full: the third segment is ignored.", \
	  "accept 队列已满：第三个报文段被忽略。", \
	  "The client believes that it is connected, and the server does not know it " \
	  "yet. Its SYN-ACK comes again until there is room, or it gives up.", \
	  "客户端以为已经连接，服务器却还不知道。SYN-ACK 会一再重发，直到有空位或放弃" \
	  "为止。") \
	X(COOKIES, "cookies", SERVER, "RFC 4987, 3.6", \
	  "A SYN cookie: the server keeps nothing until the third segment.", \
	  "SYN cookie：第三个报文段到来之前服务器什么都不保存。", \
	  "What the server has to know comes back in the ACK, so that a flood of " \
	  "SYNs costs it no memory. Options that do not fit into y are lost.", \
	  "服务器需要知道的一切由 ACK 带回，所以 SYN 洪泛不占用它的内存。y 中放不下的" \
	  "选项会丢失。") \
	X(LEAK, "leak", SERVER, "RFC 9293, 3.6", \
	  "CLOSE_WAIT that stays: somebody forgot to close.", \
	  "CLOSE_WAIT 一直存在：有人忘了关闭。", \
	  "The kernel has done its part: the FIN is acknowledged. Only the " \
	  "application can send the other one, by close().", \
	  "内核已尽其职：FIN 已被确认。另一个 FIN 只有应用程序能发，方法是 close()。") \
	X(REUSE, "reuse", SERVER, "RFC 9293, 3.6.1; RFC 7323, 5, B; RFC 1337, 2", \
	  "A new SYN ends TIME_WAIT, and why that is safe.", \
	  "新的 SYN 结束 TIME_WAIT，以及这为什么安全。", \
	  "A SYN whose number and timestamp are above all that the old connection " \
	  "has seen cannot be its segment. So the ports may be used again at once.", \
	  "若 SYN 的序号和时间戳都高于旧连接见过的一切，它就不可能是旧连接的报文段。" \
	  "所以这些端口可以立即再用。")
/* clang-format on */

enum textbook_story {
#define X(NAME, name, left, sections, en, zh, lesson, zh_lesson) TEXTBOOK_##NAME,
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
	const char *lesson[LADDER_LANGUAGE_COUNT];
};

extern const struct textbook_page textbook[TEXTBOOK_COUNT];

#endif
