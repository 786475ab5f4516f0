/* SPDX-License-Identifier: GPL-2.0-only */
/* The sentences around the table of a difference, in each language. */
#ifndef USER_SINK_TEXT_DIFFERENCE_PHRASE_H
#define USER_SINK_TEXT_DIFFERENCE_PHRASE_H

#include "user/aggregate/ladder_phrase.h"

/*
 * X(NAME, "English", "Chinese"), with the holes of sentence.h; OLD and NEW are what the columns of
 * the table are called.
 */
/* clang-format off */
#define DIFFERENCE_PHRASES(X) \
	X(NOW, "now", "现在") \
	X(SIDE, "{w} {v}: ", "{w} {v}：") \
	X(LIVES, "{n} opened, {m} closed, {k} failed in {w}", \
	  "{w} 内打开 {n} 个，关闭 {m} 个，失败 {k} 个") \
	X(MORE_ONE, "{n} more has changed: --wide has it.", "另有 {n} 个有变化：--wide 显示它。") \
	X(MORE, "{n} more have changed: --wide has them.", "另有 {n} 个有变化：--wide 显示它们。") \
	X(CHANGED_ONE, "{n} of {m} numbers has changed by more than chance would have it.", \
	  "{m} 个数中有 {n} 个的变化超出偶然。") \
	X(CHANGED_ALONE, "The one number there is has changed by more than chance would have it.", \
	  "唯一的一个数的变化超出偶然。") \
	X(CHANGED, "{n} of {m} numbers have changed by more than chance would have it.", \
	  "{m} 个数中有 {n} 个的变化超出偶然。") \
	X(UNCHANGED_ONE, \
	  "No change: the one number there is differs by no more than chance would have it.", \
	  "没有变化：唯一的一个数的差别没有超出偶然。") \
	X(UNCHANGED, "No change: none of {n} numbers differs by more than chance would have it.", \
	  "没有变化：{n} 个数的差别都没有超出偶然。") \
	X(TOO_LITTLE, "No change can be told: there is too little to compare.", \
	  "看不出变化：可比较的太少。") \
	X(TOO_FEW_ONE, "Of {n} other there are too few to tell.", "另有 {n} 个次数太少，无法判断。") \
	X(TOO_FEW, "Of {n} others there are too few to tell.", "另有 {n} 个次数太少，无法判断。") \
	X(ONE_SIDE_ONE, "{n} cannot be compared, for only one side was followed for it.", \
	  "{n} 个无法比较，因为只有一边跟踪了它。") \
	X(ONE_SIDE, "{n} cannot be compared, for only one side was followed for them.", \
	  "{n} 个无法比较，因为只有一边跟踪了它们。") \
	X(HAS_LOST_ONE, \
	  "warning: {w} has lost {n} event: connections are missing or incomplete there, and " \
	  "counts are too low.", \
	  "警告：{w} 丢失了 {n} 个事件：那里部分连接缺失或不完整，计数偏低。") \
	X(HAS_LOST, \
	  "warning: {w} has lost {n} events: connections are missing or incomplete there, and " \
	  "counts are too low.", \
	  "警告：{w} 丢失了 {n} 个事件：那里部分连接缺失或不完整，计数偏低。") \
	X(FORGOTTEN_ONE, "warning: {w} has forgotten {n} connection for lack of room.", \
	  "警告：{w} 因空位不足遗忘了 {n} 个连接。") \
	X(FORGOTTEN, "warning: {w} has forgotten {n} connections for lack of room.", \
	  "警告：{w} 因空位不足遗忘了 {n} 个连接。") \
	X(FOLLOWED, "{w} has followed {v}% of its connections; rates are of all.", \
	  "{w} 跟踪了其连接的 {v}%；速率是全部连接的。") \
	X(FAMILY, "Only {w} has hooks of the family {v}: what that tells of differs.", \
	  "只有 {w} 有 {v} 类的钩子：它所报告的因此不同。")
/* clang-format on */

enum difference_phrase {
#define X(NAME, en, zh) DIFFERENCE_SAYS_##NAME,
	DIFFERENCE_PHRASES(X)
#undef X
		DIFFERENCE_PHRASE_COUNT
};

/* As it stands in the table; "" for none. */
const char *difference_phrase_text(enum difference_phrase phrase, enum ladder_language language);

#endif
