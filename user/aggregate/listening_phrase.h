/* SPDX-License-Identifier: GPL-2.0-only */
/* The pieces that the sentences about listeners are made of, in each language. */
#ifndef USER_AGGREGATE_LISTENING_PHRASE_H
#define USER_AGGREGATE_LISTENING_PHRASE_H

#include "user/aggregate/ladder_phrase.h"

/*
 * X(NAME, "English", "Chinese"), with the holes of sentence.h. Those of a row follow each other in
 * the order of listening_row.c; what could not be seen is said in the pieces of stuck_phrase.h.
 */
/* clang-format off */
#define LISTENING_PHRASES(X) \
	X(QUEUE_FULL, "Accept queue full: ", "accept 队列已满：") \
	X(WAITS, "{n} waits to be accepted", "{n} 个在等待被 accept") \
	X(WAIT, "{n} wait to be accepted", "{n} 个在等待被 accept") \
	X(FOR, ", for {w}", "，已 {w}") \
	X(OLDEST_FOR, ", the oldest for {w}", "，最早的已 {w}") \
	X(ALSO_DROPPED, "; {n} dropped since it listens", "；开始监听以来丢弃了 {n} 个报文段") \
	X(ALSO_DROPPED_IN, "; {n} dropped in {w}", "；在 {w} 内丢弃了 {n} 个报文段") \
	X(IDLE_AT_LEAST, "; nobody has called accept for at least {w}", \
	  "；至少已 {w} 没有人调用 accept") \
	X(DROPPED_ONE, "{n} segment dropped since it listens", "开始监听以来丢弃了 {n} 个报文段") \
	X(DROPPED, "{n} segments dropped since it listens", "开始监听以来丢弃了 {n} 个报文段") \
	X(DROPPED_ONE_IN, "{n} segment dropped in {w}", "在 {w} 内丢弃了 {n} 个报文段") \
	X(DROPPED_IN, "{n} segments dropped in {w}", "在 {w} 内丢弃了 {n} 个报文段") \
	X(BY_EITHER, ", by a full queue or for another reason", "，因为队列已满或另有原因") \
	X(BY_QUEUE, ", by a full queue", "，因为队列已满") \
	X(BY_QUEUE_SOME, ", {n} by a full queue", "，其中 {n} 个是因为队列已满") \
	X(MOST_WAITED, "; at most {n} waited when somebody looked", "；查看时最多有 {n} 个在等待") \
	X(OVERFLOWED_ONE, "{n} request died because the accept queue was full", \
	  "{n} 个请求因为 accept 队列已满而失败") \
	X(OVERFLOWED, "{n} requests died because the accept queue was full", \
	  "{n} 个请求因为 accept 队列已满而失败") \
	X(REQUESTS_FULL, \
	  "{n} half-open requests, as many as there is room for: more get a SYN cookie, or are " \
	  "dropped", \
	  "{n} 个半开请求，已占满全部空位：再来的得到 SYN cookie，或被丢弃") \
	X(BACKLOG, "; backlog {n}", "；backlog 是 {n}") \
	X(NEXT, "; ", "；") \
	X(COMMA, ", ", "，") \
	X(STOP, ".", "。") \
	X(SHARED, "{n} sockets share this port (SO_REUSEPORT)", \
	  "{n} 个套接字共用这个端口（SO_REUSEPORT）") \
	X(UNASSIGNED_ONE, ": {n} connection accepted, by which of them is not known", \
	  "：{n} 个连接被 accept，由其中哪一个则不明") \
	X(UNASSIGNED, ": {n} connections accepted, by which of them is not known", \
	  "：{n} 个连接被 accept，由其中哪一个则不明") \
	X(OF_ONE, ": of {n} connection, ", "：{n} 个连接中，") \
	X(OF, ": of {n} connections, ", "：{n} 个连接中，") \
	X(TOOK, "{w} took {n} ({m} %)", "{w} 接受了 {n} 个（{m} %）") \
	X(SOME_TOOK, "one took {n} ({m} %)", "其中一个套接字接受了 {n} 个（{m} %）") \
	X(THE_MOST, "{w} took {n} ({m} %) as the most", "{w} 最多，接受了 {n} 个（{m} %）") \
	X(SOME_THE_MOST, "one took {n} ({m} %) as the most", \
	  "最多的一个套接字接受了 {n} 个（{m} %）") \
	X(THE_LEAST, "{w} took {n} ({m} %) as the least", "{w} 最少，接受了 {n} 个（{m} %）") \
	X(SOME_THE_LEAST, "one took {n} ({m} %) as the least", \
	  "最少的一个套接字接受了 {n} 个（{m} %）") \
	X(KEEPS_UP, "It keeps up again.", "它又跟得上了。") \
	X(THAT, ": ", "：") \
	X(NETNS, "Network namespace {n}:", "网络命名空间 {n}：") \
	X(CAPTURED, "Of captures:", "抓包所见：") \
	X(NETNS_NAMED, "Network namespace {w} ({n}):", "网络命名空间 {w}（{n}）：") \
	X(MARK, "* of all listeners of its network namespace", \
	  "* 是它所在网络命名空间的全部监听套接字的") \
	X(SUM_RECORDED_ONE, \
	  "{n} listener, {m} seen in trouble (recorded for {w}); no queue is recorded.", \
	  "{n} 个监听套接字，看到 {m} 个有问题（记录了 {w}）；队列没有记录。") \
	X(SUM_RECORDED, \
	  "{n} listeners, {m} seen in trouble (recorded for {w}); no queue is recorded.", \
	  "{n} 个监听套接字，看到 {m} 个有问题（记录了 {w}）；队列没有记录。") \
	X(SUM_WATCHED_ONE, "{n} listener, {m} in trouble (watched for {w}).", \
	  "{n} 个监听套接字，{m} 个有问题（观察了 {w}）。") \
	X(SUM_WATCHED, "{n} listeners, {m} in trouble (watched for {w}).", \
	  "{n} 个监听套接字，{m} 个有问题（观察了 {w}）。") \
	X(SUM_LOOKED_ONE, "{n} listener, {m} in trouble (looked at in {w}).", \
	  "{n} 个监听套接字，{m} 个有问题（查看用了 {w}）。") \
	X(SUM_LOOKED, "{n} listeners, {m} in trouble (looked at in {w}).", \
	  "{n} 个监听套接字，{m} 个有问题（查看用了 {w}）。") \
	X(UNCOUNTED_ONE, "{n} network namespace or process whose counters could not be read", \
	  "{n} 个网络命名空间或进程的计数无法读取") \
	X(UNCOUNTED, "{n} network namespaces or processes whose counters could not be read", \
	  "{n} 个网络命名空间或进程的计数无法读取") \
	X(LEFT_OUT, "{n} left out for lack of memory or room", "{n} 个因内存或空位不足而略去")
/* clang-format on */

enum listening_phrase {
#define X(NAME, en, zh) LISTENING_SAYS_##NAME,
	LISTENING_PHRASES(X)
#undef X
		LISTENING_PHRASE_COUNT
};

/* As it stands in the table; "" for none. */
const char *listening_phrase_text(enum listening_phrase phrase, enum ladder_language language);

#endif
