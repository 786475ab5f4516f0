/* SPDX-License-Identifier: GPL-2.0-only */
/* The pieces that the summary in words is made of, in each language. */
#ifndef USER_SINK_TEXT_SUMMARY_PHRASE_H
#define USER_SINK_TEXT_SUMMARY_PHRASE_H

#include "user/aggregate/ladder_phrase.h"

/*
 * X(NAME, "English", "Chinese"), with the holes of sentence.h. Pieces follow each other in the
 * order of summary.c, in each language.
 */
/* clang-format off */
#define SUMMARY_PHRASES(X) \
	X(STOP, ".", "。") \
	X(COMMA, ", ", "，") \
	X(HALF_OPEN_ONE, "{n} half-open request died", "{n} 个半开请求失败") \
	X(HALF_OPEN, "{n} half-open requests died", "{n} 个半开请求失败") \
	X(ABANDONED, ", {n} abandoned", "，{n} 个被放弃") \
	X(RESET_BY_PEER, ", {n} reset by the peer", "，{n} 个被对端复位") \
	X(OVERFLOW, ", {n} met a full accept queue", "，{n} 个遇到已满的 accept 队列") \
	X(LISTENER_CLOSED, ", {n} left by a closed listener", "，{n} 个的监听套接字已关闭") \
	X(REFUSED, ", {n} reset by this side", "，{n} 个被本端复位") \
	X(UNREACHABLE, ", {n} unreachable", "，{n} 个不可达") \
	X(KILLED, ", {n} killed", "，{n} 个被强行关闭") \
	X(UNKNOWN, ", {n} unknown", "，{n} 个原因未知") \
	X(NOT_PRINTED, ", {n} not printed", "，{n} 个没有显示") \
	X(DROPPED_ONE, "Listeners dropped {n} segment, {m} by a full accept queue.", \
	  "监听套接字丢弃了 {n} 个报文段，其中 {m} 个是因为 accept 队列已满。") \
	X(DROPPED, "Listeners dropped {n} segments, {m} by a full accept queue.", \
	  "监听套接字丢弃了 {n} 个报文段，其中 {m} 个是因为 accept 队列已满。") \
	X(DROPPED_LEAST_ONE, \
	  "Listeners dropped at least {n} segment, {m} by a full accept queue.", \
	  "监听套接字丢弃了至少 {n} 个报文段，其中 {m} 个是因为 accept 队列已满。") \
	X(DROPPED_LEAST, "Listeners dropped at least {n} segments, {m} by a full accept queue.", \
	  "监听套接字丢弃了至少 {n} 个报文段，其中 {m} 个是因为 accept 队列已满。") \
	X(OVERFLOWS, "accept queue overflow", "accept 队列溢出") \
	X(OVERFLOWS_COUNT, "count {n}, of {m} {m:segment|segments} that listeners dropped", \
	  "数量 {n}，监听套接字共丢弃 {m} 个报文段") \
	X(OVERFLOWS_LEAST, \
	  "count at least {n}, of {m} {m:segment|segments} that listeners dropped", \
	  "数量至少 {n}，监听套接字共丢弃 {m} 个报文段") \
	X(OVERFLOWS_UNKNOWN, "count -", "数量 -") \
	X(FAILURES, "failures", "失败") \
	X(FAILURE_CODES, "codes: tcpspan explain CODE", "代码的含义：tcpspan explain CODE") \
	X(OWN_PORT, "own port {w}", "本机端口 {w}") \
	X(PEER, "peer {w}", "对端 {w}") \
	X(CONNECTIONS_ONE, "{n} connection: ", "{n} 个连接：") \
	X(CONNECTIONS, "{n} connections: ", "{n} 个连接：") \
	X(LIVES, "{n} opened, {m} closed, {k} live", "打开 {n} 个，关闭 {m} 个，仍存活 {k} 个") \
	X(SEEDED, ", {n} older than the trace", "，{n} 个早于本次跟踪") \
	X(RESTORED, ", {n} restored", "，{n} 个是恢复的") \
	X(UNSENT, ", {n} unsent", "，{n} 个没有发出 SYN") \
	X(INCOMPLETE, ", {n} incomplete", "，{n} 个不完整") \
	X(EVICTED, ", {n} evicted", "，{n} 个被挤出") \
	X(SEEDS_LEFT_OUT, ", {n} older and left out for lack of room", \
	  "，{n} 个更早的因空位不足而略去") \
	X(LISTENERS_LEFT_OUT, ", {n} {n:listener|listeners} left out", "，略去 {n} 个监听套接字") \
	X(TIME_WAITS_UNPRINTED, ", {n} still in TIME_WAIT and not printed", \
	  "，{n} 个仍在 TIME_WAIT，没有显示") \
	X(CHILDREN_LOST_ONE, "{n} server socket died before becoming a connection: not counted.", \
	  "{n} 个服务器套接字没有成为连接就已消亡：不计入。") \
	X(CHILDREN_LOST, "{n} server sockets died before becoming a connection: not counted.", \
	  "{n} 个服务器套接字没有成为连接就已消亡：不计入。") \
	X(EVENTS_ONE, "{n} event in {w}: ", "{w} 内 {n} 个事件：") \
	X(EVENTS, "{n} events in {w}: ", "{w} 内 {n} 个事件：") \
	X(RECEIVED, "{n} filtered, {m} received", "被过滤 {n} 个，收到 {m} 个") \
	X(LOST, ", {n} LOST", "，丢失 {n} 个") \
	X(MISSED, ", {n} MISSED", "，错过 {n} 个") \
	X(UNSEEN, ", {n} UNSEEN", "，没有看到 {n} 个") \
	X(NOT_RECORDED, ", {n} NOT RECORDED", "，没有记录 {n} 个") \
	X(DAMAGED, ", {n} DAMAGED", "，损坏 {n} 个") \
	X(NOT_UNDERSTOOD, ", {n} NOT UNDERSTOOD", "，无法理解 {n} 个") \
	X(NONE_LOST, ", none lost", "，没有丢失") \
	X(TORN, ", an unknown number DAMAGED", "，损坏的数目未知") \
	X(RECORDED_ONE, "{n} event recorded, {m} bytes", "记录了 {n} 个事件，{m} 字节") \
	X(RECORDED, "{n} events recorded, {m} bytes", "记录了 {n} 个事件，{m} 字节") \
	X(IN_PARTS, " in {n} parts", "，分为 {n} 个部分") \
	X(CAPTURES, "{n} {n:capture|captures} of {m} {m:packet|packets}", \
	  "{n} 个抓包文件，{m} 个数据包") \
	X(CLOCK_STEP, ", whose clock has steps of {w}", "，时钟的步长是 {w}") \
	X(CLOCK_UNKNOWN, ", whose clock has steps of unknown length", "，时钟的步长未知") \
	X(CLOCK_STANDS, ", which all have one time: nothing tells how long anything took", \
	  "，时间全都相同：看不出任何事花了多久") \
	X(CAPTURED_packets, ", {n} {n:packet|packets}", "，{n} 个数据包") \
	X(CAPTURED_dropped, ", {n} dropped before they were captured", "，{n} 个在抓取前被丢弃") \
	X(CAPTURED_foreign, ", {n} of a link layer that is not understood", \
	  "，{n} 个的链路层无法理解") \
	X(CAPTURED_other, ", {n} without TCP", "，{n} 个没有 TCP") \
	X(CAPTURED_cut, ", {n} cut too short to tell what they are", \
	  "，{n} 个被截得太短，看不出是什么") \
	X(CAPTURED_broken, ", {n} whose headers contradict each other", "，{n} 个的首部自相矛盾") \
	X(CAPTURED_fragments, ", {n} {n:part|parts} of datagrams", "，{n} 个是数据报的分片") \
	X(CAPTURED_timeless, ", {n} without a time that can be", "，{n} 个没有可能的时间") \
	X(CAPTURED_segments, ", {n} {n:segment|segments} of TCP", "，{n} 个 TCP 报文段") \
	X(CAPTURED_duplicates, ", {n} captured twice", "，{n} 个被抓取两次") \
	X(CAPTURED_retransmits, ", {n} sent again", "，{n} 个是重发的") \
	X(CAPTURED_reordered, ", {n} overtaken by what was sent behind them", \
	  "，{n} 个被后发的超过") \
	X(CAPTURED_keepalives, ", {n} {n:keepalive or probe|keepalives and probes} of a window", \
	  "，{n} 个保活和窗口探测") \
	X(CAPTURED_unseen, ", {n} {n:acknowledges|acknowledge} what was not captured", \
	  "，{n} 个确认了没有抓到的") \
	X(CAPTURED_backwards, ", {n} whose time is earlier than one before", \
	  "，{n} 个的时间早于之前的") \
	X(CAPTURED_resets_outside, ", {n} {n:reset|resets} that no end takes", "，{n} 个哪一端都不接受的复位") \
	X(CAPTURED_strays, ", {n} of no connection that is known", "，{n} 个不属于已知的连接") \
	X(CAPTURED_outside, ", {n} with numbers that no window holds", \
	  "，{n} 个的序号不在任何窗口之内") \
	X(CAPTURED_evicted, ", {n} of others that made room, and were forgotten", \
	  "，{n} 个属于让出位置而被遗忘的连接") \
	X(CAPTURED_waits_cut, ", {n} {n:end|ends} of TIME_WAIT not waited for, for lack of room", \
	  "，{n} 个 TIME_WAIT 的结束因空位不足没有等到") \
	X(CAPTURED_AT, "Captured ", "看来抓取于：") \
	X(NEAR_CLIENT, "near the client of {n}", "{n} 个在客户端附近") \
	X(NEAR_SERVER, "near the server of {n}", "{n} 个在服务器附近") \
	X(BETWEEN, "between the ends of {n}", "{n} 个在两端之间") \
	X(POINTS_ONE, " of {n} connection, as TTLs and delays suggest: ", \
	  "（共 {n} 个连接，据 TTL 和延迟推断）。") \
	X(POINTS, " of {n} connections, as TTLs and delays suggest: ", \
	  "（共 {n} 个连接，据 TTL 和延迟推断）。") \
	X(POINTS_UNKNOWN, "Where it was captured, neither TTLs nor delays tell: ", \
	  "在何处抓取，TTL 和延迟都看不出。") \
	X(TIMES_NEAR, \
	  "times of the near end are its own, those of the other one are when its segments " \
	  "passed.", \
	  "近端的时间是它自己的，另一端的是其报文段经过的时间。") \
	X(TIMES_PASSED, "times are when segments passed.", "时间是报文段经过的时间。") \
	X(FROM_SYN, " Handshakes count from the SYN, at both ends.", "两端的握手都从 SYN 算起。") \
	X(HINT, "hint: while handshakes got no answer, the kernel has counted ", \
	  "提示：握手没有得到应答期间，内核计数了 ") \
	X(HINTED, "{w} {n} ({v})", "{w} {n}（{v}）") \
	X(NEXT, "; ", "；") \
	X(HINT_DOUBT, ". Whether that is why is not known.", "。是否因此不明。") \
	X(HOOKS, "hooks: ", "钩子：") \
	X(HOOK, "{w} by {v}", "{w} 用 {v}") \
	X(NO_RUNG, "none", "无") \
	X(RING_FULL_ONE, \
	  "warning: {n} event did not fit in the ring buffer: connections are missing or " \
	  "incomplete, counts too low. Give it more room with a larger --ring, or trace less " \
	  "with " \
	  "a filter or --sample.", \
	  "警告：{n} 个事件没有放进环形缓冲：部分连接缺失或不完整，计数偏低。请用更大的 --ring " \
	  "给它更多空间，或用过滤条件或 --sample 少跟踪一些。") \
	X(RING_FULL, \
	  "warning: {n} events did not fit in the ring buffer: connections are missing or " \
	  "incomplete, counts too low. Give it more room with a larger --ring, or trace less " \
	  "with " \
	  "a filter or --sample.", \
	  "警告：{n} 个事件没有放进环形缓冲：部分连接缺失或不完整，计数偏低。请用更大的 --ring " \
	  "给它更多空间，或用过滤条件或 --sample 少跟踪一些。") \
	X(HOOK_MISSED_ONE, \
	  "warning: the kernel skipped a hook {n} time, because the hook was already running on " \
	  "that CPU: so many events may be missing. Another --attach may avoid it.", \
	  "警告：内核跳过了一个钩子 {n} 次，因为该钩子正在那个 CPU 上运行：可能缺失同样多的事件。换" \
	  "一个 --attach 或可避免。") \
	X(HOOK_MISSED, \
	  "warning: the kernel skipped a hook {n} times, because the hook was already running on " \
	  "that CPU: so many events may be missing. Another --attach may avoid it.", \
	  "警告：内核跳过了一个钩子 {n} 次，因为该钩子正在那个 CPU 上运行：可能缺失同样多的事件。换" \
	  "一个 --attach 或可避免。") \
	X(HOOK_SKIPPED_ONE, \
	  "note: the kernel skipped a hook {n} time that tells only of connects which fail " \
	  "before " \
	  "a SYN: at most so many of them may be missing.", \
	  "注意：内核跳过了 {n} 次一个钩子，它只报告发出 SYN 之前就失败的 connect：至多缺失同样多" \
	  "的 connect。") \
	X(HOOK_SKIPPED, \
	  "note: the kernel skipped a hook {n} times that tells only of connects which fail " \
	  "before a SYN: at most so many of them may be missing.", \
	  "注意：内核跳过了 {n} 次一个钩子，它只报告发出 SYN 之前就失败的 connect：至多缺失同样多" \
	  "的 connect。") \
	X(NO_HOOK_ONE, \
	  "warning: the kernel called no hook for at least {n} event, and did not say so.", \
	  "警告：至少有 {n} 个事件内核没有调用任何钩子，也没有说明。") \
	X(NO_HOOK, \
	  "warning: the kernel called no hook for at least {n} events, and did not say so.", \
	  "警告：至少有 {n} 个事件内核没有调用任何钩子，也没有说明。") \
	X(UNWRITTEN_ONE, \
	  "warning: {n} event could not be recorded, for nothing more could be written.", \
	  "警告：{n} 个事件无法记录，因为再也写不进去。") \
	X(UNWRITTEN, \
	  "warning: {n} events could not be recorded, for nothing more could be written.", \
	  "警告：{n} 个事件无法记录，因为再也写不进去。") \
	X(TOO_SLOW_ONE, \
	  "warning: {n} event could not be recorded in time: use a faster disk, a filter or " \
	  "--sample.", \
	  "警告：{n} 个事件来不及记录：请用更快的磁盘、过滤条件或 --sample。") \
	X(TOO_SLOW, \
	  "warning: {n} events could not be recorded in time: use a faster disk, a filter or " \
	  "--sample.", \
	  "警告：{n} 个事件来不及记录：请用更快的磁盘、过滤条件或 --sample。") \
	X(NOT_EXACT, \
	  "warning: {n} events were submitted but {m} received: the counts are not exact.", \
	  "警告：提交了 {n} 个事件，却收到 {m} 个：计数并不准确。") \
	X(MALFORMED_ONE, "warning: {n} record could not be understood and was left out.", \
	  "警告：{n} 条记录无法理解，已略去。") \
	X(MALFORMED, "warning: {n} records could not be understood and were left out.", \
	  "警告：{n} 条记录无法理解，已略去。") \
	X(BUG, " This is a bug; please report it.", "这是程序的错误，请报告。") \
	X(GAPS_ONE, \
	  "warning: {n} transition had to be inferred, because events were lost; durations " \
	  "beside it are withheld.", \
	  "警告：因为丢失事件，{n} 次转换只能推断；其两侧的时长不予给出。") \
	X(GAPS, \
	  "warning: {n} transitions had to be inferred, because events were lost; durations " \
	  "beside them are withheld.", \
	  "警告：因为丢失事件，{n} 次转换只能推断；其两侧的时长不予给出。") \
	X(GAPS_CAPTURED_ONE, \
	  "warning: {n} transition had to be inferred, because no segment tells of it; durations " \
	  "beside it are withheld.", \
	  "警告：因为没有报文段说明，{n} 次转换只能推断；其两侧的时长不予给出。") \
	X(GAPS_CAPTURED, \
	  "warning: {n} transitions had to be inferred, because no segment tells of them; " \
	  "durations beside them are withheld.", \
	  "警告：因为没有报文段说明，{n} 次转换只能推断；其两侧的时长不予给出。") \
	X(MADE_ROOM_ONE, \
	  "warning: {n} connection had to make room for others and were not followed to the end. " \
	  "Raise --max-connections.", \
	  "警告：{n} 个连接给别的连接让出位置，没有跟踪到底。请调高 --max-connections。") \
	X(MADE_ROOM, \
	  "warning: {n} connections had to make room for others and were not followed to the " \
	  "end. " \
	  "Raise --max-connections.", \
	  "警告：{n} 个连接给别的连接让出位置，没有跟踪到底。请调高 --max-connections。") \
	X(TIME_WAITS_ONE, \
	  "warning: {n} connection in TIME_WAIT had to make room for others. Raise " \
	  "--max-connections.", \
	  "警告：{n} 个处于 TIME_WAIT 的连接给别的连接让出位置。请调高 --max-connections。") \
	X(TIME_WAITS, \
	  "warning: {n} connections in TIME_WAIT had to make room for others. Raise " \
	  "--max-connections.", \
	  "警告：{n} 个处于 TIME_WAIT 的连接给别的连接让出位置。请调高 --max-connections。") \
	X(MPTCP_EARLY_ONE, \
	  "warning: {n} MPTCP connection was told of before the last subflow had ended, to make " \
	  "room for others.", \
	  "警告：{n} 个 MPTCP 连接在最后一个子流结束之前就已报告，以便给别的让出位置。") \
	X(MPTCP_EARLY, \
	  "warning: {n} MPTCP connections were told of before the last subflow had ended, to " \
	  "make " \
	  "room for others.", \
	  "警告：{n} 个 MPTCP 连接在最后一个子流结束之前就已报告，以便给别的让出位置。") \
	X(NAMES_LOST_ONE, \
	  "warning: {n} name of processes found no room: the thread's stands in its place.", \
	  "警告：{n} 个进程名没有空位：代之以线程名。") \
	X(NAMES_LOST, \
	  "warning: {n} names of processes found no room: the thread's stands in its place.", \
	  "警告：{n} 个进程名没有空位：代之以线程名。") \
	X(RESENT_LOST_ONE, \
	  "warning: of {n} connection it is not known what was sent again, for lack of room.", \
	  "警告：{n} 个连接因空位不足，不知道重发了什么。") \
	X(RESENT_LOST, \
	  "warning: of {n} connections it is not known what was sent again, for lack of room.", \
	  "警告：{n} 个连接因空位不足，不知道重发了什么。") \
	X(KIN_FULL_ONE, "warning: {n} child process was not followed for lack of room.", \
	  "警告：{n} 个子进程因空位不足没有跟踪。") \
	X(KIN_FULL, "warning: {n} child processes were not followed for lack of room.", \
	  "警告：{n} 个子进程因空位不足没有跟踪。") \
	X(SAMPLE_FULL_ONE, "warning: {n} connection was left out of the sample for lack of room.", \
	  "警告：{n} 个连接因空位不足没有进入样本。") \
	X(SAMPLE_FULL, "warning: {n} connections were left out of the sample for lack of room.", \
	  "警告：{n} 个连接因空位不足没有进入样本。") \
	X(PASSED_FULL_ONE, \
	  "note: {n} connection was followed against --budget, for lack of room to leave it out: " \
	  "it may have cost more.", \
	  "注意：因为没有空位来记住要略去它们，{n} 个连接不顾 --budget 被跟踪：开销可能更大。") \
	X(PASSED_FULL, \
	  "note: {n} connections were followed against --budget, for lack of room to leave them " \
	  "out: it may have cost more.", \
	  "注意：因为没有空位来记住要略去它们，{n} 个连接不顾 --budget 被跟踪：开销可能更大。") \
	X(NOTES_FULL_ONE, \
	  "warning: of {n} segment there was no room for the time: as many deferred handshakes " \
	  "have an estimate, and TIME_WAITs none.", \
	  "警告：{n} 个报文段的时间没有空位：同样多的推迟的握手只有估计值，TIME_WAIT 则没有。") \
	X(NOTES_FULL, \
	  "warning: of {n} segments there was no room for the time: as many deferred handshakes " \
	  "have an estimate, and TIME_WAITs none.", \
	  "警告：{n} 个报文段的时间没有空位：同样多的推迟的握手只有估计值，TIME_WAIT 则没有。") \
	X(VALUES_CROWDED_ONE, \
	  "warning: {n} value of groups for which there was no room is counted with the others, " \
	  "whatever their size. Group by less, or use a filter.", \
	  "警告：{n} 个值所属的组没有空位，无论大小都计入其他。请少分组，或用过滤条件。") \
	X(VALUES_CROWDED, \
	  "warning: {n} values of groups for which there was no room are counted with the " \
	  "others, " \
	  "whatever their size. Group by less, or use a filter.", \
	  "警告：{n} 个值所属的组没有空位，无论大小都计入其他。请少分组，或用过滤条件。") \
	X(FAILURES_LOST_ONE, \
	  "warning: {n} failure is counted with the others for lack of memory.", \
	  "警告：{n} 次失败因内存不足计入其他。") \
	X(FAILURES_LOST, "warning: {n} failures are counted with the others for lack of memory.", \
	  "警告：{n} 次失败因内存不足计入其他。") \
	X(VALUES_LOST_ONE, \
	  "warning: {n} value is missing from the histograms: there was no memory for them.", \
	  "警告：直方图中缺少 {n} 个值：没有放它们的内存。") \
	X(VALUES_LOST, \
	  "warning: {n} values are missing from the histograms: there was no memory for them.", \
	  "警告：直方图中缺少 {n} 个值：没有放它们的内存。") \
	X(STACKS_FULL_ONE, \
	  "warning: for {n} stack there was no room: who opened these connections is unknown. " \
	  "Raise --stacks.", \
	  "警告：{n} 个调用栈没有空位：由谁打开这些连接不明。请调高 --stacks。") \
	X(STACKS_FULL, \
	  "warning: for {n} stacks there was no room: who opened these connections is unknown. " \
	  "Raise --stacks.", \
	  "警告：{n} 个调用栈没有空位：由谁打开这些连接不明。请调高 --stacks。") \
	X(STACKS_UNKNOWN_ONE, \
	  "warning: {n} stack could not be looked at: who opened these connections is unknown. " \
	  "The process has ended, or reading it takes CAP_SYS_PTRACE.", \
	  "警告：{n} 个调用栈无法查看：由谁打开这些连接不明。进程已结束，或读取它需要 " \
	  "CAP_SYS_PTRACE。") \
	X(STACKS_UNKNOWN, \
	  "warning: {n} stacks could not be looked at: who opened these connections is unknown. " \
	  "Processes have ended, or reading them takes CAP_SYS_PTRACE.", \
	  "警告：{n} 个调用栈无法查看：由谁打开这些连接不明。进程已结束，或读取它需要 " \
	  "CAP_SYS_PTRACE。") \
	X(SAMPLED_ONE, \
	  "Sampled: of {n} connection that began, {m} was followed, by chance ({w} %).", \
	  "抽样：开始的 {n} 个连接中，随机跟踪了 {m} 个（{w} %）。") \
	X(SAMPLED_ONE_OF, \
	  "Sampled: of {n} connections that began, {m} was followed, by chance ({w} %).", \
	  "抽样：开始的 {n} 个连接中，随机跟踪了 {m} 个（{w} %）。") \
	X(SAMPLED_NONE_OF_ONE, \
	  "Sampled: of {n} connection that began, {m} were followed, by chance ({w} %).", \
	  "抽样：开始的 {n} 个连接中，随机跟踪了 {m} 个（{w} %）。") \
	X(SAMPLED, \
	  "Sampled: of {n} connections that began, {m} were followed, by chance ({w} %).", \
	  "抽样：开始的 {n} 个连接中，随机跟踪了 {m} 个（{w} %）。") \
	X(MOST, "Most of those that {w}: ", "{w}，最多的是：") \
	X(PAYER_UID, "uid {n} in network namespace {m} ({k})", \
	  "网络命名空间 {m} 中的 uid {n}（{k}）") \
	X(PAYER_PORT, "port {n} in network namespace {m} ({k})", \
	  "网络命名空间 {m} 中的端口 {n}（{k}）") \
	X(PAYER_NOBODY, "nobody known in network namespace {m} ({k})", \
	  "网络命名空间 {m} 中不明的用户（{k}）") \
	X(PAID_RING, "did not fit", "没有放进去的") \
	X(PAID_CONNECTIONS, "made room", "让出位置的") \
	X(PAID_LINES, "were not printed", "没有显示的") \
	X(PAID_LISTENERS, "listened and made room", "在监听而让出位置的") \
	X(PAID_MPTCP, "were told of too early", "报告得过早的") \
	X(PAID_NAMES, "found no room for a name", "名字没有空位的") \
	X(PAID_RESENT, "made room there", "在那里让出位置的") \
	X(PAID_SEEDS, "were older and left out", "更早而被略去的") \
	X(PAID_STORIES, "were forgotten", "被遗忘的") \
	X(PAID_SAMPLE, "were left out", "被略去的") \
	X(PAID_PASSED, "were followed against it", "不顾它而被跟踪的") \
	X(PAID_NOTES, "had no room for a time", "时间没有空位的") \
	X(PAID_GROUPS, "found no group of their own", "没有自己的组的") \
	X(PAID_FAILURES, "failed in too many ways", "失败方式过多的") \
	X(PAID_STACKS, "were opened by such a stack", "由这样的调用栈打开的") \
	X(PAID_HOLDERS, "hold sockets and were left out", "持有套接字而被略去的")
/* clang-format on */

enum summary_phrase {
#define X(NAME, en, zh) SUMMARY_SAYS_##NAME,
	SUMMARY_PHRASES(X)
#undef X
		SUMMARY_PHRASE_COUNT
};

/* As it stands in the table; "" for none. */
const char *summary_phrase_text(enum summary_phrase phrase, enum ladder_language language);

#endif
