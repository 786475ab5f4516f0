/* SPDX-License-Identifier: GPL-2.0-only */
/* The pieces that the sentence about stuck sockets is made of, in each language. */
#ifndef USER_AGGREGATE_STUCK_PHRASE_H
#define USER_AGGREGATE_STUCK_PHRASE_H

#include <stdint.h>

#include "user/aggregate/ladder_phrase.h"
#include "user/base/buffer.h"

/*
 * X(NAME, "English", "Chinese"): {n} and {m} stand for numbers, {w} for words. They follow each
 * other in the order of stuck_reason.c, in each language; what one of them does not say is "".
 */
/* clang-format off */
#define STUCK_PHRASES(X) \
	X(PROCESS, "process ", "进程 ") \
	X(PID, "[{n}]", "[{n}]") \
	X(NEXT, "; ", "；") \
	X(THAT, ": ", "：") \
	X(BLANK, " ", " ") \
	X(STOP, ".", "。") \
	X(SEEDED_ONE, \
	  " held it when it was recorded first, and who holds it now was not recorded", \
	  " 在开始记录时持有它，现在由谁持有没有记录") \
	X(SEEDED_MANY, \
	  " held them when it was recorded first, and who holds them now was not recorded", \
	  " 在开始记录时持有它们，现在由谁持有没有记录") \
	X(ACCEPTED_ONE, " accepted it, and who holds it now was not recorded", \
	  " accept 了它，现在由谁持有没有记录") \
	X(ACCEPTED_MANY, " accepted them, and who holds them now was not recorded", \
	  " accept 了它们，现在由谁持有没有记录") \
	X(OPENED_ONE, " opened it, and who holds it now was not recorded", \
	  " 打开了它，现在由谁持有没有记录") \
	X(OPENED_MANY, " opened them, and who holds them now was not recorded", \
	  " 打开了它们，现在由谁持有没有记录") \
	X(EITHER_MANY, " opened or accepted them, and who holds them now was not recorded", \
	  " 打开或 accept 了它们，现在由谁持有没有记录") \
	X(SEEDED_ACCEPTED, \
	  " held {n} of them when recording began and accepted the others, and who holds " \
	  "them now was not recorded", \
	  " 在开始记录时持有其中 {n} 个，accept 了其余的，现在由谁持有没有记录") \
	X(SEEDED_OPENED, \
	  " held {n} of them when recording began and opened the others, and who holds them " \
	  "now was not recorded", \
	  " 在开始记录时持有其中 {n} 个，打开了其余的，现在由谁持有没有记录") \
	X(SEEDED_EITHER, \
	  " held {n} of them when recording began and opened or accepted the others, and " \
	  "who holds them now was not recorded", \
	  " 在开始记录时持有其中 {n} 个，打开或 accept 了其余的，现在由谁持有没有记录") \
	X(OTHER_PROCESS, " and {n} other process", " 和另外 {n} 个进程") \
	X(OTHER_PROCESSES, " and {n} other processes", " 和另外 {n} 个进程") \
	X(TIME_UNKNOWN, "an unknown time", "不明的时间") \
	X(AT_LEAST, "at least ", "至少 ") \
	X(AT_MOST, " and at most {w}", "、至多 {w}") \
	X(THE_FIRST, ", the first ", "，最早的已 ") \
	X(AGO, " ago", "") \
	X(SEVERAL_ADDRESSES, "several addresses", "若干地址") \
	X(SEVERAL_HOLD, "; several processes hold them", "；有若干进程持有它们") \
	X(STILL_HOLDS_FD, " still holds fd {n}", " 仍持有 fd {n}") \
	X(STILL_HOLDS_RING, " still holds it in the io_uring of fd {n}", \
	  " 仍在 fd {n} 的 io_uring 中持有它") \
	X(BY_FD, " (fd {n})", "（fd {n}）") \
	X(STILL_HOLDS_IT, " still holds it", " 仍持有它") \
	X(STILL_HOLDS_THEM, " still holds them", " 仍持有它们") \
	X(STILL_HOLD_IT, " still hold it", " 仍持有它") \
	X(STILL_HOLD_THEM, " still hold them", " 仍持有它们") \
	X(NOBODY_ACCEPTED_IT, "nobody has accepted it", "没有人 accept 它") \
	X(NOBODY_ACCEPTED_THEM, "nobody has accepted them", "没有人 accept 它们") \
	X(LISTENS_WITH, " listens with fd {n}", " 用 fd {n} 监听") \
	X(NO_PROCESS_IT, "; no process holds it any more", "；已没有进程持有它") \
	X(NO_PROCESS_THEM, "; no process holds them any more", "；已没有进程持有它们") \
	X(KERNEL_IT, "; the kernel itself holds it", "；内核自己持有它") \
	X(KERNEL_THEM, "; the kernel itself holds them", "；内核自己持有它们") \
	X(TRANSIT_IT, \
	  "; no process has a descriptor of it, which may be in an io_uring or on the way over a " \
	  "UNIX socket", \
	  "；没有进程有它的描述符，它可能在 io_uring 中，或正经由 UNIX 套接字传递") \
	X(TRANSIT_THEM, \
	  "; no process has a descriptor of them, which may be in an io_uring or on the way over " \
	  "a UNIX socket", \
	  "；没有进程有它们的描述符，它们可能在 io_uring 中，或正经由 UNIX 套接字传递") \
	X(UNREADABLE_IT, "; which process holds it is not known", \
	  "；无法得知由哪个进程持有它") \
	X(UNREADABLE_THEM, "; which process holds them is not known", \
	  "；无法得知由哪个进程持有它们") \
	X(CAPTURED_IT, "; no capture tells which process holds it", \
	  "；抓包看不出由哪个进程持有它") \
	X(CAPTURED_THEM, "; no capture tells which process holds them", \
	  "；抓包看不出由哪个进程持有它们") \
	X(UNREAD_BYTE, ", {n} byte unread", "，{n} 字节未读") \
	X(UNREAD_BYTES, ", {n} bytes unread", "，{n} 字节未读") \
	X(DROPS_IT_NOW, "; the kernel drops it now", "；内核正在丢弃它") \
	X(DROPS_IT_IN, "; the kernel drops it in {w}", "；内核将在 {w} 后丢弃它") \
	X(STILL_SENDS, ", and still sends", "，并且仍在发送") \
	X(SIDE_STILL_SENDS, ", and this side still sends", "，并且这一侧仍在发送") \
	X(ALL_STILL_SEND, ", and all still send", "，并且都仍在发送") \
	X(END_UNREAD, ": nobody has read the end", "：还没有人读到结束") \
	X(ENDS_UNREAD, ": nobody has read the ends", "：还没有人读到结束") \
	X(CLIENT_FOR, "A client has been connected for ", "一个客户端已连接 ") \
	X(CLIENTS_FOR, "{n} clients have been connected, the first for ", \
	  "{n} 个客户端已连接，最早的已 ") \
	X(AND_THEN, ", and ", "，") \
	X(DOES_NOT_ACCEPT, " and does not call accept", "，却不调用 accept") \
	X(PEER_CLOSED, "The peer closed", "对端已关闭") \
	X(PEERS_CLOSED, "{n} peers closed", "{n} 个对端已关闭") \
	X(NONE_CLOSED, ", and none called close", "，都没有调用 close") \
	X(NEVER_CLOSED, ", and never called close", "，从未调用 close") \
	X(WE_CLOSED, "Our side closed", "本端已关闭") \
	X(WE_CLOSED_MANY, "Our side closed {n} connections", "本端已关闭 {n} 个连接") \
	X(BOTH_CLOSED, "Both sides closed", "双方已关闭") \
	X(BOTH_CLOSED_MANY, "Both sides closed {n} connections", "双方已关闭 {n} 个连接") \
	X(AT_ONCE, "Both sides closed at once", "双方同时关闭，已过") \
	X(AT_ONCE_MANY, "Both sides closed at once {n} connections", "双方同时关闭了 {n} 个连接") \
	X(BOTH_HAVE_CLOSED, "Both sides have closed them", "双方已关闭它们") \
	X(ACKED_SENDS, " acknowledged it and still sends", " 已确认，并且仍在发送") \
	X(ACKED_OPEN, " acknowledged it but never closed its own side", \
	  " 已确认，但从未关闭自己一侧") \
	X(PEER_WINDOW, "the peer closed its window and does not read: {n} byte wait", \
	  "对端窗口关闭，不再读取：{n} 字节在等待") \
	X(PEER_WINDOW_BYTES, "the peer closed its window and does not read: {n} bytes wait", \
	  "对端窗口关闭，不再读取：{n} 字节在等待") \
	X(PEERS_WINDOW, "the peers have closed their windows and do not read: {n} byte wait", \
	  "这些对端窗口关闭，不再读取：{n} 字节在等待") \
	X(PEERS_WINDOW_BYTES, \
	  "the peers have closed their windows and do not read: {n} bytes wait", \
	  "这些对端窗口关闭，不再读取：{n} 字节在等待") \
	X(PROBE, ", {n} probe unanswered", "，{n} 个探测没有应答") \
	X(PROBES, ", {n} probes unanswered", "，{n} 个探测没有应答") \
	X(FOR_AT_LEAST, ", for at least {w}", "，至少 {w}") \
	X(BYTE_AND, "{n} byte and ", "{n} 字节和") \
	X(BYTES_AND, "{n} bytes and ", "{n} 字节和") \
	X(FIN_IS, "our FIN is not acknowledged", "本端的 FIN 没有被确认") \
	X(FIN_ARE, "our FIN are not acknowledged", "本端的 FIN 没有被确认") \
	X(FINS_ARE, "our FINs are not acknowledged", "本端的各个 FIN 没有被确认") \
	X(FIN_ONCE_IS, "our FIN, sent {n} time, is not acknowledged", \
	  "本端发送了 {n} 次的 FIN 没有被确认") \
	X(FIN_OFTEN_IS, "our FIN, sent {n} times, is not acknowledged", \
	  "本端发送了 {n} 次的 FIN 没有被确认") \
	X(FIN_ONCE_ARE, "our FIN, sent {n} time, are not acknowledged", \
	  "本端发送了 {n} 次的 FIN 没有被确认") \
	X(FIN_OFTEN_ARE, "our FIN, sent {n} times, are not acknowledged", \
	  "本端发送了 {n} 次的 FIN 没有被确认") \
	X(FINS_SENT, "our FINs, sent up to {n} times each, are not acknowledged", \
	  "本端各发送了至多 {n} 次的 FIN 没有被确认") \
	X(LOOK_AT, ": look at the way to ", "：请检查去往对方的路，对方是 ") \
	X(CONNECT_FOR, "A connect has waited for ", "一个 connect 已等待 ") \
	X(CONNECTS_FOR, "{n} connects have waited, the oldest for ", \
	  "{n} 个 connect 在等待，最早的已 ") \
	X(SYN_IN, "{n} SYN in ", "发送了 {n} 个 SYN，历时 ") \
	X(SYNS_IN, "{n} SYNs in ", "发送了 {n} 个 SYN，历时 ") \
	X(CONNECTS_SYN_IN, "{n} connects, with up to {m} SYN each in ", \
	  "{n} 个 connect，各发送了至多 {m} 个 SYN，历时 ") \
	X(CONNECTS_SYNS_IN, "{n} connects, with up to {m} SYNs each in ", \
	  "{n} 个 connect，各发送了至多 {m} 个 SYN，历时 ") \
	X(NO_ANSWER_FROM, " and no answer from ", "，没有收到应答，对方是 ") \
	X(NOBODY_THERE, ": nobody there, a firewall that drops, or a full backlog", \
	  "：那里没有人、防火墙丢弃，或 backlog 已满") \
	X(SYNACK_IN, "A SYN-ACK was sent {n} time in ", "SYN-ACK 发送了 {n} 次，历时 ") \
	X(SYNACKS_IN, "A SYN-ACK was sent {n} times in ", "SYN-ACK 发送了 {n} 次，历时 ") \
	X(REQUESTS_ONE_IN, "{n} requests, with up to {m} SYN-ACK each in ", \
	  "{n} 个请求，各发送了至多 {m} 次 SYN-ACK，历时 ") \
	X(REQUESTS_IN, "{n} requests, with up to {m} SYN-ACKs each in ", \
	  "{n} 个请求，各发送了至多 {m} 次 SYN-ACK，历时 ") \
	X(ACK_NOT_TAKEN, \
	  ", and the ACK came but was not taken: the accept queue is full, or waits for data", \
	  "，ACK 到了但没有被接受：accept 队列已满，或在等数据") \
	X(NO_ACK_FROM, ", and no ACK came from ", "，没有收到 ACK，对方是 ") \
	X(NO_ACK_FROM_THEM, ", and no ACK came from them", "，没有收到它们的 ACK") \
	X(LISTENS_ON, " listens on port {n}", " 监听端口 {n}") \
	X(PORTS_FOR, "; the kernel keeps the ports for 60 s", "；内核保留这些端口 60 s") \
	X(STATE_FOR, "{w} for ", "{w} 已 ") \
	X(STATES_FOR, "{n} in {w}, the oldest for ", "{n} 个在 {w}，最早的已 ") \
	X(BYTE_UNACKED, ", {n} byte not acknowledged", "，{n} 字节没有被确认") \
	X(BYTES_UNACKED, ", {n} bytes not acknowledged", "，{n} 字节没有被确认") \
	X(PEER_READS_NOT, ", and the peer does not read", "，对端不读取") \
	X(PEERS_READ_NOT, ", and peers do not read", "，这些对端不读取") \
	X(COMMA, ", ", "，") \
	X(CELL_SEVERAL, "several", "多个") \
	X(CELL_PORT_HERE, "to port {n} here", "到本机端口 {n}") \
	X(CELL_PORT, " port {n}", " 端口 {n}") \
	X(CELL_NETNS, ", netns ", "，netns ") \
	X(SUM_ONE, "{n} socket is stuck", "{n} 个套接字卡住") \
	X(SUM_MANY, "{n} sockets are stuck", "{n} 个套接字卡住") \
	X(SUM_NONE, "Nothing is stuck", "没有套接字卡住") \
	X(SUM_NONE_KNOWN, "Nothing is known to be stuck", "没有发现卡住的套接字") \
	X(SUM_BEGUN, ", {n} told of", "，报告过 {n} 个") \
	X(SUM_RELEASED, ", {n} released", "，{n} 个已释放") \
	X(SUM_YOUNG, ", {n} too young to tell of: --min-age 0 shows {n:it|them}", \
	  "，{n} 个时间太短而没有列出：--min-age 0 会显示") \
	X(SUM_MOVING, ", {n} half closed and at work: --moving shows them", \
	  "，{n} 个半关闭而仍在工作：--moving 显示它们") \
	X(SUM_IN_FLIGHT_ONE, ", {n} descriptor of some kind is on its way over a UNIX socket", \
	  "，{n} 个某种描述符正经由 UNIX 套接字传递") \
	X(SUM_IN_FLIGHT, ", {n} descriptors of some kind are on their way over UNIX sockets", \
	  "，{n} 个某种描述符正经由 UNIX 套接字传递") \
	X(SUM_EXEC_FAILED_ONE, ", {n} command failed", "，{n} 个命令失败") \
	X(SUM_EXEC_FAILED, ", {n} commands failed", "，{n} 个命令失败") \
	X(SUM_EXEC_DROPPED_ONE, ", {n} command was not run", "，{n} 个命令没有运行") \
	X(SUM_EXEC_DROPPED, ", {n} commands were not run", "，{n} 个命令没有运行") \
	X(SUM_RECORDED, " (recorded for {w})", "（记录了 {w}）") \
	X(SUM_WATCHED, " (watched for {w})", "（观察了 {w}）") \
	X(SUM_LOOKED, " (looked at in {w})", "（查看用了 {w}）") \
	X(UNSEEN, "warning: not everything could be seen: ", "警告：没有能看到一切：") \
	X(UNSEEN_HOLDERS_ONE, "{n} socket whose holders are not all known", \
	  "{n} 个套接字的持有者不全知道") \
	X(UNSEEN_HOLDERS, "{n} sockets whose holders are not all known", \
	  "{n} 个套接字的持有者不全知道") \
	X(UNSEEN_PROCESSES_ONE, "{n} process whose descriptors could not be read", \
	  "{n} 个进程的描述符无法读取") \
	X(UNSEEN_PROCESSES, "{n} processes whose descriptors could not be read", \
	  "{n} 个进程的描述符无法读取") \
	X(UNSEEN_NAMESPACES_ONE, "{n} network namespace that could not be read", \
	  "{n} 个网络命名空间无法读取") \
	X(UNSEEN_NAMESPACES, "{n} network namespaces that could not be read", \
	  "{n} 个网络命名空间无法读取") \
	X(UNSEEN_CROWDED_ONE, \
	  "{n} network namespace of a user who has more than there is time for", \
	  "{n} 个网络命名空间，其用户拥有的太多，没有时间都看") \
	X(UNSEEN_CROWDED, "{n} network namespaces of users who have more than there is time for", \
	  "{n} 个网络命名空间，其用户拥有的太多，没有时间都看") \
	X(UNSEEN_SUBFLOWS_ONE, "{n} MPTCP subflow whose connection no program may read", \
	  "{n} 个 MPTCP 子流，没有程序可以读取它的连接") \
	X(UNSEEN_SUBFLOWS, "{n} MPTCP subflows whose connections no program may read", \
	  "{n} 个 MPTCP 子流，没有程序可以读取它们的连接") \
	X(UNSEEN_HIDDEN_ONE, "{n} process that does not show its network namespace", \
	  "{n} 个进程不显示它的网络命名空间") \
	X(UNSEEN_HIDDEN, "{n} processes that do not show their network namespace", \
	  "{n} 个进程不显示它们的网络命名空间") \
	X(UNSEEN_LOST_ONE, "{n} event that was lost", "{n} 个丢失的事件") \
	X(UNSEEN_LOST, "{n} events that were lost", "{n} 个丢失的事件") \
	X(UNSEEN_CHANCE_ONE, "{n} connection that was left out by chance", \
	  "{n} 个随机略去的连接") \
	X(UNSEEN_CHANCE, "{n} connections that were left out by chance", "{n} 个随机略去的连接") \
	X(UNSEEN_OLDER, "whatever is older than the recording", "比记录更早的一切") \
	X(UNSEEN_PARTS_ONE, "{n} part that is not here, perhaps the one with the sockets that " \
	  "are older than the recording", \
	  "{n} 个部分不在这里，比记录更早的套接字可能在其中") \
	X(UNSEEN_PARTS, "{n} parts that are not here, the first of which has the sockets that " \
	  "are older than the recording", \
	  "{n} 个部分不在这里，其中第一个有比记录更早的套接字") \
	X(UNSEEN_VANISHED, "{n} that vanished meanwhile", "{n} 个其间消失了") \
	X(UNSEEN_AGE_ONE, "{n} left out because its age is unknown", "{n} 个因年龄不明而略去") \
	X(UNSEEN_AGE, "{n} left out because their age is unknown", "{n} 个因年龄不明而略去") \
	X(UNSEEN_ACCEPT_ONE, "{n} connection that nobody was seen to accept, where not each " \
	  "accept is seen, as of io_uring", \
	  "{n} 个连接没有看到被接受，但并非每次接受都看得到，如 io_uring 的") \
	X(UNSEEN_ACCEPT, "{n} connections that nobody was seen to accept, where not each " \
	  "accept is seen, as of io_uring", \
	  "{n} 个连接没有看到被接受，但并非每次接受都看得到，如 io_uring 的") \
	X(UNSEEN_DROPPED, "{n} left out for lack of memory", "{n} 个因内存不足而略去") \
	X(WAS_FOR, "It was in {w} for ", "它曾处于 {w}，时间为 ") \
	X(WERE_FOR, "{n} were in {w}, the longest for ", "{n} 个曾处于 {w}，最久的 ") \
	X(STILL_WAS, "It still was in {w} when its tracer ended", "跟踪程序结束时它仍处于 {w}") \
	X(STILL_WERE, "{n} still were in {w} when their tracer ended", \
	  "跟踪程序结束时 {n} 个仍处于 {w}") \
	X(ONE_STILL, "; {n} more still was when its tracer ended", \
	  "；跟踪程序结束时另有 {n} 个仍是如此") \
	X(MORE_STILL, "; {n} more still were when their tracer ended", \
	  "；跟踪程序结束时另有 {n} 个仍是如此")
/* clang-format on */

enum stuck_phrase {
#define X(NAME, en, zh) STUCK_SAYS_##NAME,
	STUCK_PHRASES(X)
#undef X
		STUCK_PHRASE_COUNT
};

/* What a sentence is written to, and in which language. */
struct stuck_speech {
	struct buffer *out;
	enum ladder_language language;
};

/* A piece without anything to be filled in; with a number, or two; with words of ours. */
void stuck_say(const struct stuck_speech *speech, enum stuck_phrase phrase);
void stuck_say_number(const struct stuck_speech *speech, enum stuck_phrase phrase, uint64_t n);
void stuck_say_numbers(const struct stuck_speech *speech, enum stuck_phrase phrase, uint64_t n,
		       uint64_t m);
void stuck_say_words(const struct stuck_speech *speech, enum stuck_phrase phrase, const char *words,
		     uint64_t n);

/* The text itself; "" of none. */
const char *stuck_phrase_text(enum stuck_phrase phrase, enum ladder_language language);

#endif
