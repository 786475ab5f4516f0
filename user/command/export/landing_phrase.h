/* SPDX-License-Identifier: GPL-2.0-only */
/* What the page that stands in front of the metrics says, in each language. */
#ifndef USER_COMMAND_EXPORT_LANDING_PHRASE_H
#define USER_COMMAND_EXPORT_LANDING_PHRASE_H

/* X(NAME, "English", "Chinese"), with the holes of sentence.h. */
/* clang-format off */
#define LANDING_PHRASES(X) \
	X(ABOUT, "Every TCP connection, from its first SYN to the end of its TIME_WAIT.", \
	  "每个 TCP 连接，从首个 SYN 到 TIME_WAIT 结束。") \
	X(METRICS, "Metrics", "指标") \
	X(HOOKS, "Hooks", "挂钩") \
	X(NOT_ATTACHED, "not attached", "未挂接") \
	X(LOSSES, "Losses", "丢失") \
	X(LOST, "{n} of {m} events {n:was|were} lost.", "{m} 个事件中丢失了 {n} 个。") \
	X(NONE_LOST, "None of {m} events was lost.", "{m} 个事件没有丢失。")
/* clang-format on */

#endif
