/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said of options that make no sense, in each language. */
#ifndef USER_OPTION_COMPLAINTS_H
#define USER_OPTION_COMPLAINTS_H

#include "user/base/log.h"

/* X(NAME, "English", "Chinese"), with the holes of sentence.h. */
/* clang-format off */
#define OPTION_COMPLAINTS(X) \
	X(VALUE, "{w} cannot be {v}: ", "{w} 不能是 {v}：") \
	X(NOT_EXPECTED, "it is not expected", "意料之外") \
	X(TOO_MANY, "there are too many of them", "太多了") \
	X(TOO_MANY_FOR, "there are too many of them: there is room for {n}", \
	  "太多了：只有 {n} 个的位置") \
	X(TOO_MANY_NAMES, \
	  "there are too many of them: with their commas there is room for {n} bytes", \
	  "太多了：连逗号在内只有 {n} 字节的位置") \
	X(NO_HIERARCHY, "no hierarchy of version 2 is mounted", "没有挂载版本 2 的层级") \
	X(RIVALS, "{w} and {v} exclude each other", "{w} 和 {v} 互相排斥") \
	X(SURPLUS, "{w} is not expected: {v}", "{w} 多余：{v}") \
	X(ONE_STORY, \
	  "{w} is not expected: one story is played at a time", \
	  "{w} 多余：一次只演示一个故事") \
	X(NO_STORY, \
	  "{w} is no story: tcpspan explain --demo lists them", \
	  "{w} 不是故事：tcpspan explain --demo 列出它们") \
	X(ONE_CONNECTION, \
	  "{w} is not expected: one connection is chosen once", \
	  "{w} 多余：连接只选一次，只选一个") \
	X(ENDPOINTS, \
	  "{w} is not expected: it takes endpoints, such as 10.0.0.1:443, " \
	  "[2001:db8::1]:443, :443 or, local first, 10.0.0.2:40000-10.0.0.1:443, or a code " \
	  "of END or CAUSE, such as unrd or unread_data", \
	  "{w} 多余：需要端点，例如 10.0.0.1:443、[2001:db8::1]:443、:443，或本地在前的 " \
	  "10.0.0.2:40000-10.0.0.1:443；或 END 或 CAUSE 的代码，例如 unrd 或 unread_data") \
	X(TWO_RECORDINGS, \
	  "{w} is not expected: two recordings are compared", \
	  "{w} 多余：比较的是两个记录") \
	X(ONE_QUERY, \
	  "{w} is not expected: tcpspan fleet does one of:{v}", \
	  "{w} 多余：tcpspan fleet 做以下之一：{v}") \
	X(OPTIONS_ONLY, \
	  "{w} is not expected: tcpspan {v} takes options only", \
	  "{w} 多余：tcpspan {v} 只取选项") \
	X(FOR_INPUT, \
	  "{w} is not expected: a file is read with --input (-i)", \
	  "{w} 多余：文件用 --input（-i）读取") \
	X(ONE_COMMAND, \
	  "{w} is not expected: there is one command, before all options", \
	  "{w} 多余：只有一个命令，在所有选项之前") \
	X(ELSEWHERE, \
	  "{w} is not an option of tcpspan {v}, but of tcpspan ", \
	  "{w} 不是 tcpspan {v} 的选项，而属于 tcpspan ") \
	X(UNKNOWN, \
	  "{w} is not an option of tcpspan {v}: try tcpspan {v} --help", \
	  "{w} 不是 tcpspan {v} 的选项：请试 tcpspan {v} --help") \
	X(NEEDS_ARGUMENT, "{w} needs an argument: {v}", "{w} 需要一个参数：{v}") \
	X(SHORT, \
	  "{w} is short for more than one option: try tcpspan {v} --help", \
	  "{w} 可以是多个选项的缩写：请试 tcpspan {v} --help") \
	X(NO_ARGUMENT, "--{w} takes no argument", "--{w} 不带参数") \
	X(UNREADABLE, "the options cannot be read: {w}", "无法读取选项：{w}") \
	X(NEEDS, "{w} needs {v}: ", "{w} 需要 {v}：") \
	X(EXCLUDES, "{w} does not go with {v}: ", "{w} 不能与 {v} 同用：") \
	X(OTHER_FAMILY, "{w} does not go with --addr: no address there is of that family", \
	  "{w} 不能与 --addr 同用：那里没有这个协议族的地址") \
	X(IDLE_NEEDS, "{w} does nothing without {v}: ", "没有 {v} 时 {w} 不起作用：") \
	X(IDLE, "{w} does nothing with {v}: ", "{w} 与 {v} 同用不起作用：") \
	X(IDLE_OF_QUERIES, "{w} does nothing here: it is of fleet {v}", \
	  "{w} 在这里不起作用：它用于 fleet {v}") \
	X(IDLE_OF_CODES, "{w} does nothing with a code: it is the same everywhere", \
	  "{w} 对代码不起作用：它在哪里都一样") \
	X(NOT_OF_CODES, "{w} does not go with a code: it is the same everywhere", \
	  "{w} 不能与代码同用：它在哪里都一样") \
	X(OR, " or ", " 或 ") \
	X(OF_QUERIES, "{w} is of fleet {v} alone", "{w} 只用于 fleet {v}") \
	X(FLEET_QUERY, \
	  "tcpspan fleet needs to be told what to do:{w}", \
	  "tcpspan fleet 需要知道做什么：{w}") \
	X(FLEET_STORE, \
	  "tcpspan fleet needs --clickhouse: the store to ask", \
	  "tcpspan fleet 需要 --clickhouse：要询问的存储") \
	X(DIFF_OLD, \
	  "tcpspan diff needs OLD: the recording to compare with", \
	  "tcpspan diff 需要 OLD：要与之比较的记录") \
	X(NO_COMMAND, \
	  "{w} is not a command of tcpspan: it knows {v}", \
	  "{w} 不是 tcpspan 的命令：它有 {v}") \
	X(FILE_NO_COMMAND, \
	  "{w} is a file, and not a command of tcpspan: --input (-i) reads it", \
	  "{w} 是文件，不是 tcpspan 的命令：用 --input（-i）读取") \
	X(NO_MEMORY, "not enough memory", "内存不足") \
	X(UNWRITTEN, "standard output cannot be written: {w}", "无法写入标准输出：{w}") \
	X(TAKES, "it takes ", "它需要") \
	X(FROM, " from ", "，从 ") \
	X(TO, " to ", " 到 ") \
	X(ON, " on", " 起") \
	X(ABOVE_0, " above 0", "，大于 0") \
	X(SUCH, ", such as {w}", "，例如 {w}")
/* clang-format on */

enum option_complaint {
#define X(NAME, en, zh) OPTION_COMPLAINT_##NAME,
	OPTION_COMPLAINTS(X)
#undef X
		OPTION_COMPLAINT_COUNT
};

extern const struct log_text option_complaints[OPTION_COMPLAINT_COUNT];

/* A complaint, and what its holes are filled with: .n = 3. */
#define OPTION_COMPLAIN(NAME, ...)                           \
	log_say(&option_complaints[OPTION_COMPLAINT_##NAME], \
		&(struct sentence_words){ __VA_ARGS__ })

/* It in the language that is spoken, its holes as they are. */
#define OPTION_SAYS(NAME) log_in(&option_complaints[OPTION_COMPLAINT_##NAME])

#endif
