// SPDX-License-Identifier: GPL-2.0-only
/* What the tables of commands and options say, in Chinese. */
#include "user/docs/chinese.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct chinese_line chinese_commands[] = {
	{ "trace", "正在发生什么？每个连接一行。" },
	{ "hist", "要花多长时间？握手和各状态的直方图。" },
	{ "explain", "这个连接经历了什么？把它的报文段画成梯形图。" },
	{ "record", "保存事件，以后或在别处查看。" },
	{ "stuck", "什么停滞了，从何时起，由谁持有？看一次就够。" },
	{ "listeners", "这里谁在服务，是否跟得上？看一次就够。" },
	{ "report", "发生了什么？一个带结论的网页。" },
	{ "export", "持续监视：给 Prometheus 的数字，只要它在运行。" },
	{ "diff", "有什么变化？两个记录，或一个记录与现在。" },
	{ "top", "现在正发生什么？全部在一个屏幕上，实时。" },
	{ "check", "这个内核允许什么？每个挂钩，以及自检。" },
};
const size_t chinese_command_count = COUNT(chinese_commands);

const struct chinese_line chinese_headings[] = {
	{ "What is shown", "显示什么" },
	{ "Which connections", "哪些连接" },
	{ "How it is printed", "怎样打印" },
	{ "How it is traced", "怎样跟踪" },
	{ "Help", "帮助" },
};
const size_t chinese_heading_count = COUNT(chinese_headings);

const struct chinese_line chinese_options[] = {
	{ "4", "线路上是 IPv4，不论套接字是哪一种。" },
	{ "6", "线路上是 IPv6。" },
	{ "addr", "对端的地址或网络，或它们的列表。" },
	{ "against", "跟踪这么久，然后与内核自己的计数比较。" },
	{ "ask", "在每一步询问两端的状态。" },
	{ "at", "记录中的那一刻，而不是它的结尾；如 90 或 5m。" },
	{ "attach", "怎样挂到内核上。" },
	{ "budget", "最多花费机器的这么多；否则只完整跟踪 N 个中的 1 个。" },
	{ "by", "键的每个值一组。" },
	{ "cgroup", "cgroup（第 2 版），连同它下面的一切。" },
	{ "cmdline", "带上所有者的命令行和它的父进程。" },
	{ "comm", "所有者的命令名，或列表；只算前 15 字节。" },
	{ "container", "容器，用名字或 id。" },
	{ "csv", "逗号分隔的值，第一行是名字。" },
	{ "demo", "演示教科书中的一个故事：--demo STORY。" },
	{ "duration", "到时自己停止，如 10、0.5 或 2m 之后。" },
	{ "events", "每次状态转换一行，发生时即打印。" },
	{ "exec", "对每一个运行这个命令，其 stdin 是 JSON。" },
	{ "exec-env", "--exec 的命令得到的变量。" },
	{ "exec-limit", "这么久之后结束命令；不给时为 10。" },
	{ "exec-user", "以这个用户运行 --exec 的命令。" },
	{ "fail-if", "成立时退出状态为 3，如 'lost > 0'。" },
	{ "failed", "只要没有正常结束的，以及原因。" },
	{ "flow", "有这个 flow 的连接，两端都算。" },
	{ "follow", "与 --pid 一起：也包括它们的子进程。" },
	{ "format", "其中之一：text json csv perfetto folded otlp。" },
	{ "full", "也等到 TIME_WAIT 结束。" },
	{ "help", "打印帮助。" },
	{ "host-root", "主机的文件在哪里，如 /host。" },
	{ "id", "trace 给出的这个编号的连接。" },
	{ "input", "读取记录而不跟踪；- 表示 stdin。" },
	{ "interface", "套接字绑定的接口或 VRF。" },
	{ "interval", "每隔这么久打印一次其间的数据。" },
	{ "json", "每行一个 JSON 对象。" },
	{ "keep", "保留最后 N 个部分，删除更旧的。" },
	{ "lang", "句子的语言：en zh。" },
	{ "list", "每个套接字一行，而不是每组一行。" },
	{ "listen", "在哪里应答请求（127.0.0.1:10081）。" },
	{ "lives", "内核一侧是否一次告知整个生命。" },
	{ "longest", "在这个状态停留最久的那个。" },
	{ "lport", "本端端口，如 80,443,8000-8100。" },
	{ "max-connections", "同时最多记住这么多（1000000）。" },
	{ "max-groups", "--by 中有自己序列的组数（100）。" },
	{ "max-records", "从记录中最多读取这么多条。" },
	{ "min-age", "只要在其状态中这么久的，如 60 或 5m。" },
	{ "min-life", "只要存在这么久的，如 10s。" },
	{ "moving", "也包括半关闭而仍在工作的。" },
	{ "mptcp", "每个 MPTCP 连接一行，连同子流。" },
	{ "netns", "网络命名空间：名字、路径、inode、PID、self。" },
	{ "once", "最后打印一次，不做别的。" },
	{ "only", "只要这些直方图，用逗号分隔。" },
	{ "open", "结束时也打印仍然存在的。" },
	{ "otlp", "用 OTLP 把 span 和数字发给收集器。" },
	{ "otlp-headers", "一起发送的头，每行一个。" },
	{ "otlp-insecure", "允许不用 TLS 的 http 发往另一台机器。" },
	{ "output", "要写的文件；- 是标准输出，须为管道。" },
	{ "pace", "--demo 两步之间的时间；0 为没有。" },
	{ "pid", "调用 connect 或 accept 的进程。" },
	{ "pod", "Pod，写作 NAME、NAMESPACE/NAME 或 UID。" },
	{ "ports", "对每个对端，端口范围用了多少。" },
	{ "queue", "等待写盘的记录的空间（64M）。" },
	{ "recorded", "故事的记录，每次都一样。" },
	{ "redact", "不含参数、地址和名字。" },
	{ "redact-only", "不含这些：arguments、addresses、names。" },
	{ "ring", "途中记录的空间，如 512K（8M）。" },
	{ "rotate", "在超过之前开始新的部分 FILE.N。" },
	{ "rport", "对端端口。" },
	{ "sample", "随机取 N 个连接中的 1 个，完整保留。" },
	{ "screen", "开始时显示或要打印的屏幕。" },
	{ "slow", "只要建立花了这么久的，如 50ms。" },
	{ "slowest", "握手最慢的那个。" },
	{ "spans", "哪些有 span：all、failed、slow=100ms、none。" },
	{ "stack", "哪段代码打开了它：调用时的栈。" },
	{ "stacks", "--stack 的空间，这么多个（16384）。" },
	{ "state", "要找的状态，或 all-stuck（CLOSE_WAIT）。" },
	{ "textfile", "每 15 s 把数字写入文件。" },
	{ "time", "前面加上时刻，HH:MM:SS.mmm。" },
	{ "timestamp", "前面加上自开始以来的秒数。" },
	{ "top", "分开的组数；其余合为一组（10）。" },
	{ "unit", "systemd 的单元，如 nginx.service。" },
	{ "user", "以这个用户运行应答和发送的进程（nobody）。" },
	{ "verbose", "在标准错误上多说，包括 libbpf。" },
	{ "version", "打印版本，以及它是用什么构建的。" },
	{ "watch", "继续运行，告知来的和走的。" },
	{ "web-config", "TLS、客户端证书和用户，YAML 格式。" },
	{ "wide", "更多的列，并给 IPv6 地址留出空间。" },
};
const size_t chinese_option_count = COUNT(chinese_options);

const char *chinese_find(const struct chinese_line *lines, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(lines[i].name, name))
			return lines[i].text;
	return NULL;
}
