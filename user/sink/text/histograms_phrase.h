/* SPDX-License-Identifier: GPL-2.0-only */
/* The words around histograms, in each language. */
#ifndef USER_SINK_TEXT_HISTOGRAMS_PHRASE_H
#define USER_SINK_TEXT_HISTOGRAMS_PHRASE_H

#include "user/aggregate/ladder_phrase.h"

/* X(NAME, "English", "Chinese"), with the holes of sentence.h. */
/* clang-format off */
#define HISTOGRAMS_PHRASES(X) \
	X(COUNT, "count {n}", "数量 {n}") \
	X(COUNT_UNKNOWN, "count {n}, not measured", "数量 {n}，没有测得") \
	X(ESTIMATED, ", {n} of it estimated", "，其中 {n} 个是估计值") \
	X(UNKNOWN, ", and {n} not measured", "，另有 {n} 个没有测得") \
	X(MORE, "more", "以上") \
	X(KEY, ", {w} ", "，{w} ") \
	X(OTHER_GROUPS, ", all other groups", "，其余所有组") \
	X(STAYING, \
	  "not over at the end (in no histogram of a state)", \
	  "到最后还没有结束（不在任何状态的直方图中）") \
	X(NONE, "No connections.", "没有连接。") \
	X(SPAN, "{w} to {v}", "{w} 到 {v}") \
	X(MISSING, "{n} {n:value is|values are} missing: there was no memory for {n:it|them}.", \
	  "缺少 {n} 个值：没有放它们的内存。")
/* clang-format on */

enum histograms_phrase {
#define X(NAME, en, zh) HISTOGRAMS_SAYS_##NAME,
	HISTOGRAMS_PHRASES(X)
#undef X
		HISTOGRAMS_PHRASE_COUNT
};

/* As it stands in the table; "" for none. */
const char *histograms_phrase_text(enum histograms_phrase phrase, enum ladder_language language);

#endif
