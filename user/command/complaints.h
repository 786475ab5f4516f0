/* SPDX-License-Identifier: GPL-2.0-only */
/* What commands say on standard error, in each language. */
#ifndef USER_COMMAND_COMPLAINTS_H
#define USER_COMMAND_COMPLAINTS_H

#include "user/base/log.h"

/* X(NAME, "English", "Chinese"), with the holes of sentence.h. */
/* clang-format off */
#define COMMAND_COMPLAINTS(X) \
	X(KEYBOARD_UNWATCHED, "the keyboard cannot be watched: {w}", "无法监视键盘：{w}") \
	X(NO_MEMORY_SCREEN, "not enough memory for the screen", "内存不足，放不下屏幕") \
	X(NO_NCURSES, \
	  "top has no live screen in this program, which was built without ncurses: " \
	  "--once prints one screen", \
	  "这个程序构建时没有 ncurses，top 没有实时屏幕：--once 打印一屏") \
	X(NEEDS_TERMINAL, \
	  "top needs a terminal, and {w}: --once prints one screen", \
	  "top 需要终端，但{w}：--once 打印一屏") \
	X(OUTPUT_NO_TERMINAL, "standard output is no terminal", "标准输出不是终端") \
	X(TERMINAL_PRINTS_ONLY, \
	  "this terminal (TERM) can do no more than print", \
	  "这个终端（TERM）只能打印") \
	X(NO_KEYBOARD, "there is no keyboard", "没有键盘") \
	X(SELFTEST_FAILED, "the self-test has failed: {w}", "自检失败：{w}") \
	X(TRACING_NONE, "tracing does not work here", "这里不能跟踪") \
	X(CODE_FOR_PEOPLE, \
	  "what a code means is a sentence: --json and --csv do not go with it", \
	  "代码的含义是一句话：不能与 --json、--csv 同用") \
	X(STORIES_FOR_PEOPLE, \
	  "the list of stories is for people: --json and --csv do not go with it", \
	  "故事的列表是给人看的：不能与 --json、--csv 同用") \
	X(TOP_KEY, \
	  "--by of top takes one key: comm, unit, container, pod or raddr", \
	  "top 的 --by 只取一个键：comm、unit、container、pod 或 raddr") \
	X(UNWRITTEN, "{w} cannot be written: {v}", "无法写入 {w}：{v}") \
	X(THE_FILE, "the file", "该文件") \
	X(STANDARD_OUTPUT, "standard output", "标准输出") \
	X(INPUT_GONE, \
	  "it is a recording that is read here, and would be gone", \
	  "它是这里正在读取的记录，会因此丢失") \
	X(PAGE_TO_TERMINAL, \
	  "a page is not for a terminal: let --output name a file, or pipe it to another " \
	  "program", \
	  "网页不适合终端：请用 --output 指定文件，或通过管道交给别的程序") \
	X(PAGE_TOO_LARGE, \
	  "the page would be larger than {n} MiB: filter, or read less at a time", \
	  "网页会超过 {n} MiB：请过滤，或一次少读一些") \
	X(RECORDING_TO_TERMINAL, \
	  "a recording is not for a terminal: let --output name a file, or pipe it to " \
	  "another program", \
	  "记录不适合终端：请用 --output 指定文件，或通过管道交给别的程序") \
	X(FILTERS_DIFFER, \
	  "the two were filtered differently: what has changed may be what was left out", \
	  "两者的过滤条件不同：变化的可能只是被略去的部分") \
	X(NO_STORY, \
	  "--demo needs a story: tcpspan explain --demo lists them", \
	  "--demo 需要一个故事：tcpspan explain --demo 列出它们") \
	X(STORY_UNPLAYED, "the story cannot be played: {w}", "故事无法演示：{w}") \
	X(PLAYER_UNWATCHED, "the player cannot be watched: {w}", "无法监视演示者：{w}") \
	X(STORY_CUT, "the story was not played to its end: {w}", "故事没有演示到结尾：{w}") \
	X(NUMBERS_FORGOTTEN, \
	  "the sequence numbers of {n} {n:connection was|connections were} forgotten: there " \
	  "were too many at a time", \
	  "{n} 个连接的序号被遗忘：同时的连接太多") \
	X(NOTHING_TO_EXPLAIN, \
	  "there was no connection to explain: none began and matched", \
	  "没有可解释的连接：没有开始且匹配的连接") \
	X(ENDS_LEFT_OUT, \
	  "there was no room for {n} {n:end of a connection|ends of connections}", \
	  "{n} 个连接端点没有空位") \
	X(STUCK_ENDED, "stuck has ended", "stuck 已结束") \
	X(STUCK_UNRUN, "stuck cannot be run: {w}", "无法运行 stuck：{w}") \
	X(STORY_UNREADABLE, \
	  "the recording of {w} cannot be read: {v}", \
	  "{w} 的记录无法读取：{v}") \
	X(NO_MEMORY_LISTENERS, \
	  "not enough memory for the listeners", \
	  "内存不足，放不下监听套接字") \
	X(NO_MEMORY_SOCKETS, "not enough memory for the sockets", "内存不足，放不下套接字") \
	X(NO_MEMORY_GROUPS, "not enough memory for the groups", "内存不足，放不下各组") \
	X(NO_RIGHT_TO_LOOK, \
	  "looking at all sockets needs root, or the capabilities CAP_BPF and " \
	  "CAP_PERFMON: run it with sudo", \
	  "查看所有套接字需要 root，或 CAP_BPF 和 CAP_PERFMON 权能：请用 sudo 运行") \
	X(NO_RIGHT_TO_ENTER, \
	  "the sockets of other network namespaces are read with CAP_SYS_ADMIN: run it with sudo", \
	  "读取其他网络命名空间的套接字需要 CAP_SYS_ADMIN：请用 sudo 运行") \
	X(SOCKETS_UNREADABLE, "the sockets cannot be read: {w}", "无法读取套接字：{w}") \
	X(AT_TOO_LATE, \
	  "--at is {w}, but what was read ends after {v}: this is what was there then", \
	  "--at 是 {w}，但读到的在 {v} 后结束：这是当时的情形") \
	X(EXEC_UNWATCHED, \
	  "the helper for --exec cannot be watched: {w}", \
	  "无法监视 --exec 的辅助进程：{w}") \
	X(EXEC_NO_USER, \
	  "there is no user '{w}' for --exec-user", \
	  "没有 --exec-user 的用户 '{w}'") \
	X(EXEC_NEEDS_ROOT, "--exec-user needs root", "--exec-user 需要 root") \
	X(EXEC_ENV, "--exec-env names too many variables", "--exec-env 列出的变量太多") \
	X(EXEC_NOT_STARTED, \
	  "the helper for --exec cannot be started: {w}", \
	  "无法启动 --exec 的辅助进程：{w}") \
	X(EXEC_ENDED, \
	  "the helper for --exec has ended: no command is run any more", \
	  "--exec 的辅助进程已结束：不再运行任何命令") \
	X(COUNTING, \
	  "Counting TCP connections ({w}), to be compared after {v}...", \
	  "正在计数 TCP 连接（{w}），{v} 后比较……") \
	X(ENDED_EARLY, \
	  "it was told to end before the time was over: nothing was compared", \
	  "时间未到就被要求结束：没有比较") \
	X(ROWS_FAILED, \
	  "{n} {n:row|rows} failed, {m} {m:was|were} dropped for lack of room", \
	  "{n} 行失败，{m} 行因空位不足被丢弃") \
	X(ROWS_FAILED_WHY, \
	  "{n} {n:row|rows} failed, {m} {m:was|were} dropped for lack of room: the store {w}", \
	  "{n} 行失败，{m} 行因空位不足被丢弃：存储 {w}") \
	X(ROWS_WAIT, "the store {w}; the rows wait", "存储 {w}；各行在等待") \
	X(SPANS_FAILED, \
	  "{n} {n:span or figure|spans and figures} failed, {m} {m:was|were} dropped for " \
	  "lack of room", \
	  "{n} 个 span 和数值失败，{m} 个因空位不足被丢弃") \
	X(SPANS_FAILED_WHY, \
	  "{n} {n:span or figure|spans and figures} failed, {m} {m:was|were} dropped for " \
	  "lack of room: the collector {w}", \
	  "{n} 个 span 和数值失败，{m} 个因空位不足被丢弃：收集器 {w}") \
	X(SPANS_WAIT, \
	  "the collector {w}; what is to be sent waits", \
	  "收集器 {w}；要发送的在等待") \
	X(SPOOL_UNREADABLE, "the spool cannot be read: {w}", "无法读取暂存目录：{w}") \
	X(SPOOL_NAME, "--spool: the name is too long", "--spool：名称太长") \
	X(SPOOL_UNUSABLE, "rows cannot wait in {w}: {v}", "各行无法在 {w} 中等待：{v}") \
	X(NOTHING_SENT, "nothing can be sent: {w}", "什么也无法发送：{w}") \
	X(NOTHING_SENT_MEMORY, \
	  "nothing can be sent: there is not enough memory", \
	  "什么也无法发送：内存不足") \
	X(NO_LIBCURL, "this program was built without libcurl", "这个程序构建时没有 libcurl") \
	X(NO_MICROHTTPD, \
	  "this program was built without libmicrohttpd", \
	  "这个程序构建时没有 libmicrohttpd") \
	X(SENDER_ENDED, "the process that sends has ended", "负责发送的进程已结束") \
	X(ROW_SENDER_ENDED, "the process that sends rows has ended", "负责发送各行的进程已结束") \
	X(ANSWERER_ENDED, "the process that answers requests has ended", "应答请求的进程已结束") \
	X(SENDER_UNWATCHED, \
	  "the process that sends cannot be watched: {w}", \
	  "无法监视负责发送的进程：{w}") \
	X(ANSWERER_UNWATCHED, \
	  "the process that answers cannot be watched: {w}", \
	  "无法监视应答请求的进程：{w}") \
	X(SENDER_NOT_STARTED, \
	  "the process that sends cannot be started: {w}", \
	  "无法启动负责发送的进程：{w}") \
	X(ANSWERER_NOT_STARTED, \
	  "the process that answers cannot be started: {w}", \
	  "无法启动应答请求的进程：{w}") \
	X(EXPORT_KEY, \
	  "--by of export takes one key, of those that have few values: {w}", \
	  "export 的 --by 只取一个值不多的键：{w}") \
	X(EXPORT_JSON, \
	  "--json does not go with figures that are printed: they have a form of their own", \
	  "--json 不能用于打印出来的数值：它们有自己的形式") \
	X(OF_USER, "--user {w}: {v}", "--user {w}：{v}") \
	X(NO_SUCH_USER, "there is no such user", "没有这个用户") \
	X(REQUEST_REFUSED, "a request was refused: {w}", "一个请求被拒绝：{w}") \
	X(REQUESTS_UNANSWERED, "requests cannot be answered: {w}", "无法应答请求：{w}") \
	X(WEB_CONFIG_KEPT, "the web config stays as it was: {w}", "web 配置保持原样：{w}") \
	X(NOBODY_ANSWERED_NOW, \
	  "nobody is answered until a web config can be started, the new one or the old: {w}", \
	  "在能以新的或旧的 web 配置启动之前，不应答任何人：{w}") \
	X(WEB_CONFIG_NOT_HANDED, \
	  "the web config cannot be handed over, and stays as it was", \
	  "web 配置无法交接，保持原样") \
	X(LISTEN_BAD, \
	  "--listen takes an address and a port, such as {v} or [::1]:10081, not {w}", \
	  "--listen 需要地址和端口，例如 {v} 或 [::1]:10081，而不是 {w}") \
	X(ANSWERING, \
	  "Answering requests at {w}://{v}:{n}/metrics.", \
	  "在 {w}://{v}:{n}/metrics 应答请求。") \
	X(NOBODY_ANSWERED_AT, "nobody can be answered at {w}: {v}", "无法在 {w} 应答：{v}") \
	X(NOBODY_ANSWERED, "nobody can be answered: {w}", "无法应答：{w}") \
	X(NO_STORE, \
	  "no store can be asked: this program was built without libcurl", \
	  "无法询问存储：这个程序构建时没有 libcurl") \
	X(STORE_UNREACHABLE, "{w} cannot be reached: {v}", "无法连到 {w}：{v}") \
	X(STORE_SILENT, "{w} has given no answer: {v}", "{w} 没有给出应答：{v}") \
	X(STORE_REFUSES, "{w} {v}", "{w} {v}") \
	X(STORE_ANSWERED, "{w} has answered {n}: {v}", "{w} 应答了 {n}：{v}") \
	X(STORE_ANSWERED_ONLY, "{w} has answered {n}", "{w} 应答了 {n}") \
	X(NO_CLICKHOUSE, \
	  "{w} has not answered what was asked: is it a ClickHouse?", \
	  "{w} 没有应答所问的：它是 ClickHouse 吗？") \
	X(COLUMN_MISSING, "{w} has no column {v}", "{w} 没有列 {v}") \
	X(COLUMN_OTHER, "{w} is {v}, not ", "{w} 是 {v}，而不是 ") \
	X(SCHEMA_NEWER, \
	  "{w} has version {n} of the schema, which is newer than this program", \
	  "{w} 的表结构版本是 {n}，比这个程序新") \
	X(SCHEMA_THERE, "{w}: version {n} is there", "{w}：已是版本 {n}") \
	X(SCHEMA_FROM, "{w}: from version {n} to {m}", "{w}：从版本 {n} 到 {m}") \
	X(ANSWER_UNUSABLE, "the answer cannot be used: {w}", "应答无法使用：{w}") \
	X(ANSWER_OTHER, "it is not what was asked", "它不是所问的") \
	X(ONE_END_ALONE, "With one end alone, and why:", "只有一端的，及其原因：")
/* clang-format on */

enum command_complaint {
#define X(NAME, en, zh) COMMAND_COMPLAINT_##NAME,
	COMMAND_COMPLAINTS(X)
#undef X
		COMMAND_COMPLAINT_COUNT
};

extern const struct log_text command_complaints[COMMAND_COMPLAINT_COUNT];

/* A complaint, and what its holes are filled with: .n = 3. */
#define COMMAND_COMPLAIN(NAME, ...)                            \
	log_say(&command_complaints[COMMAND_COMPLAINT_##NAME], \
		&(struct sentence_words){ __VA_ARGS__ })

/* It in the language that is spoken, its holes as they are. */
#define COMMAND_SAYS(NAME) log_in(&command_complaints[COMMAND_COMPLAINT_##NAME])

#endif
