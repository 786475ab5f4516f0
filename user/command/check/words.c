// SPDX-License-Identifier: GPL-2.0-only
/* What the tables of other rooms say in English, in other languages, for `check` alone. */
#include "user/command/check/words.h"

#include <string.h>

#include "user/base/text.h"
#include "user/sink/text/phrase.h"

static const struct {
	const char *english, *chinese;
} words[] = {
	{ "every transition of a full socket", "完整套接字的每次状态转换" },
	{ "the end of a socket whose last transition was lost",
	  "最后一次转换丢失了的套接字的结束" },
	{ "server handshakes with lost or deferred ACKs, half-open requests",
	  "ACK 丢失或推迟的服务器握手，半开请求" },
	{ "the owner of a server's connection, its wait in the accept queue",
	  "服务器连接的所有者，它在 accept 队列里的等待" },
	{ "connects that fail before a SYN, with their errno",
	  "在 SYN 之前就失败的 connect，及其 errno" },
	{ "TIME_WAIT to its real end, FIN_WAIT2 of sockets nobody holds",
	  "TIME_WAIT 直到真正结束，无人持有的套接字的 FIN_WAIT2" },
	{ "who reset a connection, and why", "谁复位了连接，为什么" },
	{ "connections ended by disconnect or SOCK_DESTROY, by the call",
	  "由 disconnect 或 SOCK_DESTROY 结束的连接，以调用为据" },
	{ "what made the kernel send a segment again", "内核为什么重传报文段" },
	{ "an error that the process asked for before the end", "进程在结束之前询问过的错误" },
	{ "connections older than the tracer, the end of what was lost",
	  "比跟踪更早的连接，丢失之物的结束" },
	{ "which process holds a socket, however it came by it",
	  "哪个进程持有套接字，不论怎样得到它" },
	{ "the children of a process, for --follow", "进程的子进程，用于 --follow" },
	{ "an accept that sleeps as programs come or go: the listener's",
	  "程序挂上或卸下时正在睡眠的 accept：按监听者算" },
	{ "accepts by io_uring or 32-bit code: the listener's",
	  "io_uring 或 32 位代码的 accept：用监听者的" },
	{ "connects by io_uring, 32-bit code or MSG_FASTOPEN",
	  "io_uring、32 位代码或 MSG_FASTOPEN 的 connect" },
	{ "whose an MPTCP subflow is: under this lockdown", "MPTCP 子流属于谁：在这种锁定下" },
	{ "what interfaces are called: under this lockdown", "接口的名称：在这种锁定下" },
	{ "tracepoint and kprobe, where kernel.perf_event_paranoid is 3 as on Debian",
	  "tracepoint 和 kprobe，当 kernel.perf_event_paranoid 为 3 时，如 Debian" },
	{ "tracepoint, to find it in tracefs", "tracepoint，以便在 tracefs 中找到它" },
	{ "tp_btf of passive and time_wait, to see addresses in /proc/kallsyms",
	  "passive 和 time_wait 的 tp_btf，以便看到 /proc/kallsyms 中的地址" },
	{ "functions, lines, and frames without frame pointers",
	  "函数、行号，以及没有帧指针的栈帧" },
	{ "functions alone: this build has no libdw", "只有函数：这个程序没有 libdw" },
};

void check_label(struct buffer *out, const char *label)
{
	size_t width = text_width(label, strlen(label));

	buffer_add_text(out, label);
	buffer_addf(out, "%*s", CHECK_LABEL_WIDTH - (int)width, "");
}

void check_paragraph(struct buffer *out, size_t column, const char *text)
{
	phrase_add_paragraph(out, text, strlen(text), column, CHECK_COLUMNS);
}

const char *check_word(const char *english, enum ladder_language language)
{
	for (size_t i = 0; language == LADDER_ZH && i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i].english, english))
			return words[i].chinese;
	return english;
}
