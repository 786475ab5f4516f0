/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run says on standard error, in each language. */
#ifndef USER_RUN_COMPLAINTS_H
#define USER_RUN_COMPLAINTS_H

#include "user/base/log.h"

/* X(NAME, "English", "Chinese"), with the holes of sentence.h. */
/* clang-format off */
#define RUN_COMPLAINTS(X) \
	X(NO_MEMORY, "not enough memory", "内存不足") \
	X(NO_MEMORY_TABLE, \
	  "not enough memory for the connection table", \
	  "内存不足，放不下连接表") \
	X(FILTERS_UNKNOWN, \
	  "a recording's filters are not understood: it may show connections that they " \
	  "did not want", \
	  "记录中的过滤条件无法理解：可能显示它们本不要的连接") \
	X(SOCKETS_NOT_LISTED, \
	  "the kernel's sockets cannot be listed: {w}", \
	  "无法列出内核的套接字：{w}") \
	X(TIMEWAITS_NOT_LISTED, \
	  "the kernel's timewait sockets cannot be listed: {w}", \
	  "无法列出内核的 timewait 套接字：{w}") \
	X(SEEDS_MISSING, \
	  "what is older than the recording will not be in it: {w}", \
	  "比记录更早的不会在其中：{w}") \
	X(KIN_MISSING, \
	  "not all children that are there already are followed: {w}", \
	  "已有的子进程没有全部跟踪：{w}") \
	X(RESET_REASONS, \
	  "reasons of resets are shown by their numbers: {w}", \
	  "复位的原因以数字显示：{w}") \
	X(NOTIFY, \
	  "the service manager cannot be told anything at {w}: {v}", \
	  "无法在 {w} 通知服务管理器：{v}") \
	X(OTEL_NUMBER, \
	  "{w} is not understood, and left out: it takes a number from 1 to {n}", \
	  "{w} 无法理解，已忽略：它需要 1 到 {n} 的数") \
	X(OTEL_WORD, \
	  "{w} is neither {v} nor none, and taken for {v}", \
	  "{w} 既不是 {v} 也不是 none，当作 {v}") \
	X(OTEL_PROTOCOL, \
	  "{w} is left out: what is sent is {v}, whatever it says", \
	  "{w} 已忽略：不论它怎么说，发送的都是 {v}") \
	X(OTEL_HEADER_NONE, \
	  "{w}: header {n} is none, or one too many", \
	  "{w}：第 {n} 个首部无效，或多了一个") \
	X(OTEL_HEADER_LONG, "{w}: header {n} is too long", "{w}：第 {n} 个首部太长") \
	X(OTEL_ATTRIBUTES, \
	  "OTEL_RESOURCE_ATTRIBUTES: one is left out: there are {n} at most, as key=value", \
	  "OTEL_RESOURCE_ATTRIBUTES：略去了一个：至多 {n} 个，形如 key=value") \
	X(OTEL_NO_ENDPOINT, "--otlp env needs {w}", "--otlp env 需要 {w}") \
	X(PASSED_ELSE, \
	  "the service manager has passed something else than one TCP socket that listens", \
	  "服务管理器传来的不是一个在监听的 TCP 套接字") \
	X(STACKS_HELPER, \
	  "the helper that names stacks cannot be started: {w}", \
	  "无法启动为调用栈命名的辅助进程：{w}") \
	X(URL_NONE, \
	  "{w} takes a URL of http or https, such as {v}", \
	  "{w} 需要 http 或 https 的 URL，例如 {v}") \
	X(URL_SECRET, \
	  "{w} has a name and a password in it, which everybody may read there: {v}", \
	  "{w} 里有用户名和密码，谁都可能在那里读到：{v}") \
	X(URL_PLAIN, \
	  "{w} would send over the network what everybody on the way can read: take " \
	  "https, or allow it with {v}", \
	  "{w} 会经网络发送途中谁都能读到的内容：请用 https，或以 {v} 允许") \
	X(BROKER_NOT_STARTED, \
	  "the helper that looks at sockets cannot be started: {w}", \
	  "无法启动查看套接字的辅助进程：{w}") \
	X(BROKER_NOT_WATCHED, \
	  "the helper that looks at sockets cannot be watched: {w}", \
	  "无法监视查看套接字的辅助进程：{w}") \
	X(BROKER_ENDED, \
	  "the helper that looks at sockets has ended, and so does this run", \
	  "查看套接字的辅助进程已结束，本次运行也随之结束") \
	X(LISTENERS_UNKNOWN, \
	  "owners of connections to listeners that are there already are unknown: {w}", \
	  "已有监听套接字的连接的所有者不明：{w}") \
	X(BEGUN, "{w} ({v})... Hit Ctrl-C to end.", "{w}（{v}）……按 Ctrl-C 结束。") \
	X(DOING_TRACE, "Tracing TCP connections", "正在跟踪 TCP 连接") \
	X(DOING_COUNT, "Counting TCP connections", "正在计数 TCP 连接") \
	X(DOING_RECORD, "Recording TCP connections", "正在记录 TCP 连接") \
	X(DOING_LISTENERS, "Tracing listeners", "正在跟踪监听套接字") \
	X(DOING_STUCK, "Tracing stuck sockets", "正在跟踪卡住的套接字") \
	X(CGROUPS_BY_NUMBER, \
	  "cgroups may be shown by their numbers: {w}", \
	  "cgroup 可能以数字显示：{w}") \
	X(NO_HIERARCHY, "no hierarchy of version 2 is mounted", "没有挂载版本 2 的层级") \
	X(NAMES_UNKNOWN, \
	  "units, containers and pods cannot be told here: no hierarchy of cgroups is mounted", \
	  "这里无法得知单元、容器和 Pod：没有挂载 cgroup 的层级") \
	X(NO_PROCESS, "--pid {n}: there is no such process now", "--pid {n}：现在没有这个进程") \
	X(ROOT_SEES_MORE, "root sees more: run it with sudo", "root 能看到更多：请用 sudo 运行") \
	X(THREAD, \
	  "--pid {n}: that is a thread, and its process is {m}", \
	  "--pid {n}：这是一个线程，它的进程是 {m}") \
	X(RING_UNREADABLE, "the ring buffer cannot be read: {w}", "无法读取环形缓冲：{w}") \
	X(OUTPUT_UNWRITTEN, "standard output cannot be written: {w}", "无法写入标准输出：{w}") \
	X(STORE_URLS, "--clickhouse takes {n} URLs at most", "--clickhouse 至多 {n} 个 URL") \
	X(STORE_DATABASE, \
	  "--clickhouse-database takes a name of letters, digits and _", \
	  "--clickhouse-database 需要由字母、数字和 _ 组成的名称") \
	X(STORE_HEADER, \
	  "{w} is too long, or has characters that cannot be sent", \
	  "{w} 太长，或含有不能发送的字符") \
	X(OF_OPTION, "{w}: {v}", "{w}：{v}") \
	X(RINGS_ONE, \
	  "--rings {n} is more than there are processors ({m}): there is one ring", \
	  "--rings {n} 多于处理器数（{m}）：只有一个环形缓冲") \
	X(RINGS_EACH, \
	  "--rings {n} is more than there are processors ({m}): there is one ring for " \
	  "each", \
	  "--rings {n} 多于处理器数（{m}）：每个处理器一个环形缓冲") \
	X(NO_KIN, \
	  "children cannot be followed: no hook tells of them here", \
	  "无法跟踪子进程：这里没有钩子报告它们") \
	X(NETNS_UNKNOWN, \
	  "no network namespace that was recorded is known to be called {w}", \
	  "记录中没有已知名为 {w} 的网络命名空间") \
	X(NETNS_LATE, \
	  "what is read from a pipe tells too late which network namespace is called {w}: its " \
	  "inode says it", \
	  "从管道读取时，名为 {w} 的网络命名空间知道得太晚：请给出其 inode") \
	X(NETNS_SHARED, \
	  "in what is read, the number of the network namespace {w} was another's as well: " \
	  "connections of both are taken", \
	  "所读内容中，网络命名空间 {w} 的编号也曾属于另一个：两者的连接都会选中") \
	X(NETNS_MANY, \
	  "too many network namespaces are called {w}: there may be {n} in all", \
	  "名为 {w} 的网络命名空间太多：总共至多 {n} 个") \
	X(NO_OWNERS, \
	  "no capture tells whose a connection is: a filter by process, name, namespace " \
	  "or interface lets none through", \
	  "抓包不能说明连接属于谁：按进程、名称、命名空间或接口过滤什么也不会留下") \
	X(NO_STACKS, \
	  "no stack was recorded: record --stack keeps them, and nothing else tells them later", \
	  "没有记录调用栈：record --stack 才保存它们，事后别无来源") \
	X(STANDARD_INPUT, "standard input", "标准输入") \
	X(FLAW, "{w}: {v}", "{w}：{v}") \
	X(FLAW_AT, "{w}: byte {n}: {v}", "{w}：第 {n} 字节：{v}") \
	X(FLAW_UNREADABLE, "{w} cannot be read: {v}", "{w}：无法读取：{v}") \
	X(CLOCK_SET_AHEAD, \
	  "while this was recorded the clock was set {w} ahead, or the machine slept so long: " \
	  "times are told by the clock as it was when the recording began", \
	  "记录期间时钟被拨快了 {w}，或机器休眠了这么久：时间都按记录开始时的时钟给出") \
	X(CLOCK_SET_BACK, \
	  "while this was recorded the clock was set {w} back: times are told by the clock as it " \
	  "was when the recording began", \
	  "记录期间时钟被拨慢了 {w}：时间都按记录开始时的时钟给出") \
	X(NOBODY_WRITES, \
	  "{w} cannot be read: it is a pipe, and {n} s were too short for who writes to it", \
	  "{w}：无法读取：它是管道，写入者在 {n} 秒内没有写完") \
	X(FLAW_READ_ONE, "; {n} record was read", "；已读出 {n} 条记录") \
	X(FLAW_READ, "; {n} records were read", "；已读出 {n} 条记录") \
	X(FLAW_LOST_ONE, ", {n} or more is lost", "，丢失 {n} 条或更多") \
	X(FLAW_LOST, ", {n} or more are lost", "，丢失 {n} 条或更多") \
	X(CONDITION_BAD, "--fail-if cannot be '{w}': {v}", "--fail-if 不能是 '{w}'：{v}") \
	X(CONDITION_HOLDS, "--fail-if holds: {w}", "--fail-if 成立：{w}") \
	X(CONDITION_UNDECIDED, "--fail-if cannot be decided: {w}", "--fail-if 无法判定：{w}") \
	X(SECRETS_STORE, \
	  "they come from --clickhouse-user and --clickhouse-password", \
	  "它们来自 --clickhouse-user 和 --clickhouse-password") \
	X(SECRETS_OTEL, \
	  "headers come from --otlp-headers or OTEL_EXPORTER_OTLP_HEADERS", \
	  "首部来自 --otlp-headers 或 OTEL_EXPORTER_OTLP_HEADERS") \
	X(PASSWORD, "the password", "口令") \
	X(STORE_NO_TABLES, \
	  "has no tables for this: tcpspan fleet init makes them", \
	  "没有这个要用的表：tcpspan fleet init 建立它们") \
	X(STORE_NOT_IN, "takes neither this user nor this password", "不接受这个用户或这个口令") \
	X(STORE_NOT_LET, "does not let this user do that", "不让这个用户这样做") \
	X(STORE_QUOTA, \
	  "lets this user do so much, and no more for now: see its quota", \
	  "只让这个用户做到这里：请看它的配额") \
	X(STORE_OLDER, \
	  "has a schema that is older: tcpspan fleet init brings it forward", \
	  "的表结构较旧：tcpspan fleet init 使它更新")
/* clang-format on */

enum run_complaint {
#define X(NAME, en, zh) RUN_COMPLAINT_##NAME,
	RUN_COMPLAINTS(X)
#undef X
		RUN_COMPLAINT_COUNT
};

extern const struct log_text run_complaints[RUN_COMPLAINT_COUNT];

/* A complaint, and what its holes are filled with: .n = 3. */
#define RUN_COMPLAIN(NAME, ...) \
	log_say(&run_complaints[RUN_COMPLAINT_##NAME], &(struct sentence_words){ __VA_ARGS__ })

/* It in the language that is spoken, its holes as they are. */
#define RUN_SAYS(NAME) log_in(&run_complaints[RUN_COMPLAINT_##NAME])

#endif
