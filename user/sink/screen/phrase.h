/* SPDX-License-Identifier: GPL-2.0-only */
/* What the screens of the live view say, and what it answers to a key, in each language. */
#ifndef USER_SINK_SCREEN_PHRASE_H
#define USER_SINK_SCREEN_PHRASE_H

#include <stddef.h>

#include "user/aggregate/ladder_phrase.h"
#include "user/base/sentence.h"

/* X(NAME, "English", "Chinese"), with the holes of sentence.h. */
/* clang-format off */
#define SCREEN_PHRASES(X) \
	SCREEN_PHRASES_FRAME(X) \
	SCREEN_PHRASES_BODY(X) \
	SCREEN_PHRASES_ANSWER(X)

/* Above and below each screen. */
#define SCREEN_PHRASES_FRAME(X) \
	X(MATCH, " {n}/{m} match", " 匹配 {n}/{m}") \
	X(PAUSED, "PAUSED", "已暂停") \
	X(LIVE_BY, "live ({w})", "实时（{w}）") \
	X(RECORDING, "recording", "记录") \
	X(RECORDING_AT, "recording at {w} x", "记录，{w} 倍速") \
	X(RECORDING_END, "recording, its end", "记录，已到结尾") \
	X(OPENED, "opened", "打开") \
	X(CLOSED, "closed", "关闭") \
	X(FAILED, "failed", "失败") \
	X(CLIENT, "client", "客户端") \
	X(SERVER, "server", "服务器") \
	X(LOST_EVICTED, "LOST {n}, EVICTED {m}", "丢失 {n}，挤出 {m}") \
	X(LOST, "LOST {n}, not whole {m}", "丢失 {n}，不完整 {m}") \
	X(NONE_LOST, "none lost, not whole {m}", "没有丢失，不完整 {m}") \
	X(TORN, "damaged, not whole {m}", "已损坏，不完整 {m}") \
	X(LIVE, "live {n}", "存活 {n}") \
	X(KEY_QUIT, "quit", "退出") \
	X(KEY_HELP, "help", "帮助") \
	X(KEY_SCREENS, "screens", "各屏") \
	X(KEY_FILTER, "filter", "过滤") \
	X(KEY_OPEN, "open", "打开") \
	X(KEY_SORT, "sort", "排序") \
	X(KEY_PAUSE, "pause", "暂停") \
	X(KEY_GROUP, "group", "分组") \
	X(KEY_REVERSE, "reverse", "反序") \
	X(KEY_SAVE, "save", "保存") \
	X(KEY_WIDE, "wide", "宽列") \
	X(KEY_SPEED, "speed", "速度") \
	X(KEY_STEP, "step", "单步") \
	X(KEY_BACK, "back", "返回") \
	X(KEY_SCROLL, "scroll", "滚动") \
	X(KEY_KEEP, "keep", "采用") \
	X(KEY_CLEAR, "clear", "清除")

#define SCREEN_PHRASES_BODY(X) \
	X(SUMS, "In {w}: {n} opened, {m} closed, {k} failed", \
	  "{w} 内：打开 {n} 个，关闭 {m} 个，失败 {k} 个") \
	X(SUM_HALF_OPEN, ", {n} half-open", "，半开 {n} 个") \
	X(STOP, ".", "。") \
	X(STUCK, "Stuck: ", "卡住：") \
	X(STUCK_IN, "{n} in {w} for up to {v}", "{w} {n} 个，最久 {v}") \
	X(STUCK_LONGER, "{n} in {w}, the oldest for >{v}", "{w} {n} 个，最久超过 {v}") \
	X(UNACCEPTED, "{n} never accepted for up to {v}", "从未 accept 的 {n} 个，最久 {v}") \
	X(UNACCEPTED_LONGER, "{n} never accepted, the oldest for >{v}", \
	  "从未 accept 的 {n} 个，最久超过 {v}") \
	X(STUCK_NEXT, ", ", "；") \
	X(STUCK_NOTHING, "nothing.", "无。") \
	X(NONE_OPEN, "No connection is open.", "没有打开的连接。") \
	X(NONE_MATCHES, "No connection matches the filter.", "没有匹配过滤条件的连接。") \
	X(NOBODY, "No connection is open, and none has closed.", \
	  "没有打开的连接，也没有关闭过的连接。") \
	X(SYN_CAME, "SYN came", "收到 SYN") \
	X(WE_CLOSE, "we close", "本端关闭") \
	X(THEY_CLOSE, "they close", "对端关闭") \
	X(STRAIGHT, "Straight to CLOSED: ", "直接到 CLOSED：") \
	X(NONE, "none", "无") \
	X(ARROWS, "On each arrow: transitions a second just now, and since the start.", \
	  "每个箭头旁：最近每秒的转换次数，以及开始以来的总次数。") \
	X(GRIP_NOBODY, "(nobody)", "（无人）") \
	X(GRIP_QUEUE, "(queue)", "（队列）") \
	X(GRIP_KERNEL, "(kernel)", "（内核）") \
	X(GRIP_TRANSIT, "(on its way)", "（传递中）") \
	X(NOTHING_STUCK, "Nothing is stuck.", "没有套接字卡住。") \
	X(NOTHING_STUCK_MATCHES, "Nothing that matches the filter is stuck.", \
	  "匹配过滤条件的没有卡住的。") \
	X(OWN_PORT, "own port {n}", "本机端口 {n}") \
	X(CAUSE_MEANS, "{w}: {v}", "{w}：{v}") \
	X(LAST_FAILURE, "last {w} -> {v}", "最近一次 {w} -> {v}") \
	X(NOTHING_FAILED, "Nothing has failed.", "没有失败。") \
	X(NO_FAILURE_MATCHES, "No failure matches the filter.", "没有匹配过滤条件的失败。") \
	X(SINCE, "Of those that match the filter and were closed since {w}.", \
	  "仅计匹配过滤条件、且在 {w} 之后关闭的。") \
	X(NOBODY_LISTENS, "Nobody listens.", "没有监听套接字。") \
	X(NO_NAME_MATCHES, \
	  "No unit, container or pod of a listener is known to match the filter.", \
	  "没有已知单元、容器或 Pod 匹配过滤条件的监听套接字。") \
	X(NO_LISTENER_MATCHES, "No listener matches the filter.", \
	  "没有匹配过滤条件的监听套接字。") \
	X(ROW_GONE, "There is no connection in this row any more.", "这一行已经没有连接了。")

/* In the last line, until the next key. */
#define SCREEN_PHRASES_ANSWER(X) \
	X(INTERVAL, "A look every {n} s.", "每 {n} 秒查看一次。") \
	X(SPEED, "The recording runs at {w} x.", "记录以 {w} 倍速播放。") \
	X(NO_SPEED, "What happens just now has no other speed.", "正在发生的事没有别的速度。") \
	X(NO_MEMORY, "There is not enough memory.", "内存不足。") \
	X(NO_MEMORY_FOR_ALL, "There is not enough memory for all of it.", "内存不足以放下全部。") \
	X(NO_MEMORY_TO_STAND, "There is not enough memory for all of it to stand still.", \
	  "内存不足，不能全部静止。") \
	X(ROWS_LEFT_OUT, \
	  "There are rows of {n} connections; {m} more {m:is|are} in the numbers alone.", \
	  "这里列出 {n} 个连接；另外 {m} 个只在数字里。") \
	X(NO_FILTER_NAMES, "No filter can name this group.", "没有过滤条件能指明这个组。") \
	X(OLDER, "It is older than the tracing: nothing is known of its life.", \
	  "它早于本次跟踪：它的经历不明。") \
	X(WOULD_SHOW, "It would have what is hidden here.", "其中会有这里隐去的内容。") \
	X(RECORDED_ALREADY, "It is a recording already.", "这已经是记录。") \
	X(NOTHING_TO_SAVE, "Nothing has happened that could be saved.", "没有发生过可保存的事。") \
	X(NO_MEMORY_TO_SAVE, "It cannot be saved: there is not enough memory.", \
	  "无法保存：内存不足。") \
	X(NOT_SAVED, "It cannot be saved here: {w}.", "无法保存在这里：{w}。") \
	X(SAVED, "Saved the last {w} ({n} {n:event|events}): {v}", "已保存最近 {w}（{n} 个事件）：{v}") \
	X(NO_SUCH_FILTER, "no \"{w}\":", "没有“{w}”，可用的有：") \
	X(NO_SUCH_VALUE, "{w} cannot be \"{v}\"", "{w} 不能是“{v}”") \
	X(NEEDS_WORD, "{w} needs a word behind it", "{w} 后面需要一个值")
/* clang-format on */

enum screen_phrase {
#define X(NAME, en, zh) SCREEN_SAYS_##NAME,
	SCREEN_PHRASES(X)
#undef X
		SCREEN_PHRASE_COUNT
};

/* As it stands in the table; "" for none. */
const char *screen_phrase_text(enum screen_phrase phrase, enum ladder_language language);

/* Filled in, cut behind the last character that `size` bytes hold. Returns `text`. */
const char *screen_phrase_fill(enum screen_phrase phrase, enum ladder_language language,
			       const struct sentence_words *words, char *text, size_t size);

/* The same with what its holes are filled with: .n = 3. */
#define SCREEN_FILL(text, size, language, NAME, ...)       \
	screen_phrase_fill(SCREEN_SAYS_##NAME, (language), \
			   &(struct sentence_words){ __VA_ARGS__ }, (text), (size))

#endif
