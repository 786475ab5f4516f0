// SPDX-License-Identifier: GPL-2.0-only
/* What causes and ends mean, in the languages that their tables do not have. */
#include "user/sink/meaning.h"

static const char *const zh_causes[CONN_CAUSE_COUNT] = {
	[CONN_CAUSE_UNKNOWN] = "没有看到它的结束",
	[CONN_CAUSE_CLOSED_BY_LOCAL] = "正常关闭，本端先关闭",
	[CONN_CAUSE_CLOSED_BY_REMOTE] = "正常关闭，对端先关闭",
	[CONN_CAUSE_CLOSED_BY_BOTH] = "正常关闭，双方同时关闭",
	[CONN_CAUSE_REFUSED] = "对端以 RST 应答 SYN",
	[CONN_CAUSE_REFUSED_BY_ICMP] = "ICMP 报文说明该端口不可达",
	[CONN_CAUSE_UNREACHABLE] = "网络说明无法到达",
	[CONN_CAUSE_LOST_WAY] = "数据反复重发无效，网络说明无法到达",
	[CONN_CAUSE_SYN_TIMEOUT] = "无论重发多少次，SYN 都没有应答",
	[CONN_CAUSE_SYNACK_TIMEOUT] = "快速打开的 SYN-ACK 没有应答",
	[CONN_CAUSE_RETRANSMIT_TIMEOUT] = "数据或 FIN 反复重发，始终没有被确认",
	[CONN_CAUSE_PROBE_TIMEOUT] = "对端窗口一直关闭，且不应答探测",
	[CONN_CAUSE_KEEPALIVE_TIMEOUT] = "对端不应答 keepalive",
	[CONN_CAUSE_USER_TIMEOUT] = "对端在 TCP_USER_TIMEOUT 之内没有应答",
	[CONN_CAUSE_FIN_TIMEOUT] = "本端已关闭，对端的 FIN 没有及时到来",
	[CONN_CAUSE_TIMED_OUT] = "对端不再应答",
	[CONN_CAUSE_RESET_RECEIVED] = "被对端复位",
	[CONN_CAUSE_UNREAD_DATA] = "本端关闭时还有未读数据，因此对端收到 RST",
	[CONN_CAUSE_LINGER_ZERO] = "本端以 SO_LINGER 0 秒关闭，因此复位",
	[CONN_CAUSE_LINGER_DROPPED] = "本端发出 FIN 后以 SO_LINGER 0 秒关闭：之后什么也没有发送",
	[CONN_CAUSE_LINGER_NEGATIVE] = "本端关闭时 TCP_LINGER2 小于 0，因此复位而不等 FIN",
	[CONN_CAUSE_DISCONNECT] = "本端用 connect(AF_UNSPEC) 离开，套接字可以再次连接",
	[CONN_CAUSE_LISTENER_CLOSED] = "被 accept 之前监听套接字已关闭",
	[CONN_CAUSE_DATA_AFTER_CLOSE] = "本端关闭之后数据才到，因此对端收到 RST",
	[CONN_CAUSE_NO_MEMORY] = "已关闭，而内核内存太少或这样的套接字太多，无法等待",
	[CONN_CAUSE_RESET_SENT] = "被本端复位",
	[CONN_CAUSE_CONNECT_ABANDONED] = "对端应答 SYN 之前本端已关闭",
	[CONN_CAUSE_CONNECT_LEFT] = "对端应答 SYN 之前用 connect(AF_UNSPEC) 离开",
	[CONN_CAUSE_CONNECT_SHUT] = "对端应答 SYN 之前用 shutdown 离开",
	[CONN_CAUSE_CONNECT_UNSENT] = "本端在发送 SYN 之前放弃，例如没有数据的快速打开",
	[CONN_CAUSE_CONNECT_FAILED] = "connect 在发送 SYN 之前失败",
	[CONN_CAUSE_REPAIRED] = "以 TCP_REPAIR 方式取走，例如迁往别处：对端毫不知情",
	[CONN_CAUSE_KILLED] = "被管理员结束，例如用 ss -K",
	[CONN_CAUSE_NAMESPACE_GONE] = "它所在的网络命名空间被销毁",
	[CONN_CAUSE_TAKEN_OVER] = "本端已关闭，对端的 FIN 到来之前新的连接占用了其端口",
	[CONN_CAUSE_NO_TIME_WAIT] = "本端已关闭，对端的 FIN 到来之前因 timewait 已满而被丢弃",
	[CONN_CAUSE_ABORTED] = "被本端结束，既非正常关闭也没有复位",
	[CONN_CAUSE_ERROR] = "因本端的错误而结束",
	[CONN_CAUSE_HANDSHAKE_ABANDONED] = "半开：无论重发多少次，SYN-ACK 都没有应答",
	[CONN_CAUSE_REQUEST_RESET] = "半开：对端以 RST 应答 SYN-ACK",
	[CONN_CAUSE_QUEUE_FULL] = "半开：accept 队列没有空位",
	[CONN_CAUSE_BAD_SYN] = "半开：代之而来的是另一个 SYN，本端以 RST 应答",
};

static const char *const zh_outcomes[CONN_OUTCOME_COUNT] = {
	[CONN_OUTCOME_OPEN] = "仍然存在",
	[CONN_OUTCOME_CLOSED] = "正常关闭，双方各发送一个 FIN",
	[CONN_OUTCOME_REFUSED] = "对端以 RST 应答 SYN",
	[CONN_OUTCOME_TIMED_OUT] = "对端不再应答",
	[CONN_OUTCOME_UNREACHABLE] = "网络说明无法到达",
	[CONN_OUTCOME_RESET_SENT] = "被本端复位",
	[CONN_OUTCOME_RESET_RECEIVED] = "被对端复位",
	[CONN_OUTCOME_ABORTED] = "被本端结束，既非正常关闭也没有复位",
	[CONN_OUTCOME_HANDSHAKE_ABANDONED] = "建立之前被放弃",
	[CONN_OUTCOME_OVERFLOW] = "accept 队列没有它的空位",
	[CONN_OUTCOME_LISTENER_CLOSED] = "建立之前监听套接字已关闭",
	[CONN_OUTCOME_KILLED] = "被管理员结束",
	[CONN_OUTCOME_UNKNOWN] = "没有看到它的结束",
};

const char *meaning_of_cause(enum conn_cause cause, enum ladder_language language)
{
	if (language == LADDER_ZH && (unsigned int)cause < CONN_CAUSE_COUNT && zh_causes[cause])
		return zh_causes[cause];
	return cause_of(cause)->meaning;
}

const char *meaning_of_outcome(enum conn_outcome outcome, enum ladder_language language)
{
	if (language == LADDER_ZH && (unsigned int)outcome < CONN_OUTCOME_COUNT)
		return zh_outcomes[outcome];
	return legend_end(outcome)->meaning;
}
