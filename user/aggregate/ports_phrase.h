/* SPDX-License-Identifier: GPL-2.0-only */
/* The pieces that the sentences about local ports are made of, in each language. */
#ifndef USER_AGGREGATE_PORTS_PHRASE_H
#define USER_AGGREGATE_PORTS_PHRASE_H

#include "user/aggregate/ladder_phrase.h"

/* X(NAME, "English", "Chinese"), with the holes of sentence.h. */
/* clang-format off */
#define PORTS_PHRASES(X) \
	X(ALL_TAKEN, "All {n} ports are taken, and a connect fails with EADDRNOTAVAIL: ", \
	  "全部 {n} 个端口已被占用，connect 以 EADDRNOTAVAIL 失败：") \
	X(TAKEN, "{n} of {m} ports {n:is|are} taken: ", "{m} 个端口中已占用 {n} 个：") \
	X(STATES, "{n} connecting, {m} open, {k} in TIME_WAIT", \
	  "{n} 个正在连接，{m} 个打开，{k} 个在 TIME_WAIT") \
	X(FREE_BY_CLOSE, "; one is free when a connection is closed", \
	  "；有连接关闭时才空出一个") \
	X(FREE_IN, "; the next one is free in {w}", "；{w} 后空出下一个") \
	X(USED_AGAIN, "; those in TIME_WAIT may be used again (tcp_tw_reuse)", \
	  "；在 TIME_WAIT 的可以再用（tcp_tw_reuse）") \
	X(STOP, ".", "。") \
	X(MORE, "{n} more {n:destination has|destinations have} room enough: --wide shows them.", \
	  "另有 {n} 个目的地空位充足：--wide 显示它们。") \
	X(SUM_ONE, "{n} destination, {m} without a free port (looked at in {w}).", \
	  "{n} 个目的地，{m} 个没有空闲端口（查看用了 {w}）。") \
	X(SUM, "{n} destinations, {m} without a free port (looked at in {w}).", \
	  "{n} 个目的地，{m} 个没有空闲端口（查看用了 {w}）。")
/* clang-format on */

enum ports_phrase {
#define X(NAME, en, zh) PORTS_SAYS_##NAME,
	PORTS_PHRASES(X)
#undef X
		PORTS_PHRASE_COUNT
};

/* As it stands in the table; "" for none. */
const char *ports_phrase_text(enum ports_phrase phrase, enum ladder_language language);

#endif
