/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said of a condition: why it is none, what makes it hold, in each language. */
#ifndef USER_AGGREGATE_CONDITION_PHRASE_H
#define USER_AGGREGATE_CONDITION_PHRASE_H

#include "user/aggregate/ladder_phrase.h"

/* X(NAME, "English", "Chinese"), with the holes of sentence.h. */
/* clang-format off */
#define CONDITION_PHRASES(X) \
	X(EXPECTED_AT, "{w} is expected at {v}", "{v} 处需要{w}") \
	X(EXPECTED_AT_END, "{w} is expected at its end", "结尾处需要{w}") \
	X(A_NAME, "a name, such as handshake_client.p99,", "一个名称，例如 handshake_client.p99") \
	X(NO_NAME, "nothing is called {w}", "没有叫作 {w} 的") \
	X(MEANT, "nothing is called {w}; did you mean {v}?", "没有叫作 {w} 的；是指 {v} 吗？") \
	X(A_SIGN, "one of > >= < <= = !=", " > >= < <= = != 之一") \
	X(TAKES_COUNT, "the value of {w} takes no unit, for it is a count", \
	  "{w} 的值不带单位，因为它是计数") \
	X(TAKES_NS, "the value of {w} takes a unit, such as ms, for it is a duration", \
	  "{w} 的值需要单位，例如 ms，因为它是时长") \
	X(TAKES_RATE, "the value of {w} takes /s, /m or /h, for it is a rate", \
	  "{w} 的值需要 /s、/m 或 /h，因为它是速率") \
	X(TAKES_SHARE, "the value of {w} takes %, for it is a share", \
	  "{w} 的值需要 %，因为它是占比") \
	X(A_NUMBER, "a number of 15 digits at most", "至多 15 位的数") \
	X(TOO_DEEP, "no more than {n} parentheses may be open", "打开的括号不能多于 {n} 个") \
	X(GROUP_END, "and, or, or a )", " and、or 或 )") \
	X(TOO_MANY, "it may have no more than {n} comparisons", "它的比较不能多于 {n} 个") \
	X(ITS_END, "and, or, or its end", " and、or 或结尾") \
	X(EMPTY, " has no value, for there was nothing to measure", " 没有值，因为没有可测量的") \
	X(TOO_FEW, " cannot be told, for there are too few to compare", \
	  " 无法判断，因为可比较的太少") \
	X(UNTOLD, " is unknown, for nothing here tells of it", " 不明，因为这里没有什么报告它") \
	X(ALSO, ", and ", "；") \
	X(IS, " is ", " 是 ") \
	X(THAN, ", {w} ", "，{w} ")
/* clang-format on */

enum condition_phrase {
#define X(NAME, en, zh) CONDITION_SAYS_##NAME,
	CONDITION_PHRASES(X)
#undef X
		CONDITION_PHRASE_COUNT
};

/* As it stands in the table; "" for none. */
const char *condition_phrase_text(enum condition_phrase phrase, enum ladder_language language);

#endif
