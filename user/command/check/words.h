/* SPDX-License-Identifier: GPL-2.0-only */
/* What `check` says for people, in each language. */
#ifndef USER_COMMAND_CHECK_WORDS_H
#define USER_COMMAND_CHECK_WORDS_H

#include "user/aggregate/ladder_phrase.h"
#include "user/base/buffer.h"

/*
 * One of a pair below. That both are there and take the same arguments is seen to by the compiler,
 * which reads them as formats.
 */
#define IN(language, pair) IN_(language, pair)
#define IN_(language, english, chinese) ((language) == LADDER_ZH ? (chinese) : (english))

/* clang-format off */
#define SAY_KERNEL "kernel", "内核"
#define SAY_TYPES "types", "类型"
#define SAY_RIGHTS "rights", "权限"
#define SAY_LOCKDOWN "lockdown", "锁定"
#define SAY_CLOCK "clock", "时钟"
#define SAY_CONFINED "confined", "限制"
#define SAY_STACKS "stacks", "调用栈"
#define SAY_MEMORY "memory", "内存"
#define SAY_SELFTEST "self-test", "自检"
#define SAY_HOST "host", "主机"
#define SAY_PROGRAM "program", "程序"
#define SAY_FILTERS "filters", "过滤"
#define SAY_RECORDED "recorded", "记录于"
#define SAY_EVENTS "events", "事件"
#define SAY_LOST "lost", "丢失"
#define SAY_MISSING "missing", "缺少"

#define SAY_UNKNOWN "unknown", "不明"
#define SAY_NONE "none", "无"
#define SAY_YES "yes", "是"
#define SAY_YES_USED "yes *", "是 *"
#define SAY_NO "no", "否"
#define SAY_NOT_SEEN "not", "不见"
#define SAY_BTF "BTF present", "有 BTF"
#define SAY_NO_BTF \
	"no /sys/kernel/btf/vmlinux: nothing can be loaded", \
	"没有 /sys/kernel/btf/vmlinux：什么都不能加载"
#define SAY_CAPABLE \
	"sufficient (root, or CAP_BPF and CAP_PERFMON)", \
	"足够（root，或 CAP_BPF 和 CAP_PERFMON）"
#define SAY_INCAPABLE \
	"insufficient: run as root, or with CAP_BPF and CAP_PERFMON", \
	"不足：请以 root 运行，或带 CAP_BPF 和 CAP_PERFMON"
#define SAY_INSIDE \
	"insufficient: those of a user namespace are none over the machine", \
	"不足：用户命名空间里的权限不及于整台机器"
#define SAY_CLOCK_IS "CLOCK_MONOTONIC, source %s\n", "CLOCK_MONOTONIC，时钟源 %s\n"
#define SAY_NOT_IN_FORCE "not in force: %s (%s)\n", "未生效：%s（%s）\n"
#define SAY_MEMORY_THERE "in the kernel %.1f MiB: ", "内核中 %.1f MiB："
#define SAY_MEMORY_RING "ring %.1f", "环形缓冲 %.1f"
#define SAY_MEMORY_RINGS "%u rings %.1f", "%u 个环形缓冲 %.1f"
#define SAY_MEMORY_MAPS ", slots %.1f, other maps %.1f\n", "，槽位 %.1f，其他映射 %.1f\n"
#define SAY_MEMORY_HERE \
	"here up to %.1f MiB for %zu connections, as they come\n", \
	"这里至多 %.1f MiB，随连接增长，直到 %zu 个\n"

#define SAY_WITHOUT "; without %s", "；缺少 %s"
#define SAY_AND " and %s", " 和 %s"
#define SAY_MORE "more with ", "更多需要 "
#define SAY_IN_USE "* is used\n", "* 表示正在使用\n"
#define SAY_BY_LISTENER \
	"in its place the owner of the listener, marked", "代之以监听者的所有者，并作标记"
#define SAY_LOOPBACK "one loopback connection:\n", "一个回环连接：\n"
#define SAY_LOOPBACK_APART \
	"one loopback connection in a namespace of its own:\n", \
	"一个回环连接，在自己的命名空间里：\n"
#define SAY_BOTH_SEEN \
	"both ends seen whole; handshake %s (client), %s (server)\n", \
	"两端都完整看到；握手 %s（客户端），%s（服务器）\n"
#define SAY_FAILED "failed, ", "失败，"
#define SAY_SEEN_IN_PART \
	"of 1 client and 1 server, %u and %u were seen whole", \
	"1 个客户端和 1 个服务器中，分别完整看到 %u 个和 %u 个"
#define SAY_WORKS "Tracing works here.", "这里可以跟踪。"
#define SAY_WORKS_NOT "Tracing does not work here.", "这里不能跟踪。"

#define SAY_FOR "%s, for %s\n", "%s，历时 %s\n"
#define SAY_PARTS_FROM "parts from %u on", "从 %u 起的部分"
#define SAY_PART "part %u", "第 %u 部分"
#define SAY_PARTS "parts %u to %u", "第 %u 到 %u 部分"
#define SAY_OF_RECORDING " of the recording of ", "，属于记录 "
#define SAY_ALL_READ "All of it can be read.", "全部可以读取。"
#define SAY_NOT_ALL_PARTS "Not all of its parts are there.", "缺少其中一些部分。"
#define SAY_NOT_ALL_READ "Not all of it can be read.", "有一部分不能读取。"
#define SAY_NOT_ALL_THERE \
	"All of it can be read, but it does not have all that happened.", \
	"全部可以读取，但其中没有发生过的一切。"

#define SAY_NOT_COMPARED "- cannot be compared here\n", "- 在这里不能比较\n"
#define SAY_ONE_NAMESPACE "%zu network namespace, %s; ", "%zu 个网络命名空间，%s；"
#define SAY_NAMESPACES "%zu network namespaces, %s; ", "%zu 个网络命名空间，%s；"
#define SAY_ONE_LOST "%llu event lost. ", "丢失 %llu 个事件。"
#define SAY_SO_MANY_LOST "%llu events lost. ", "丢失 %llu 个事件。"
#define SAY_NOTHING_COMPARED \
	"Nothing can be compared: what is filtered out, the kernel counts all the same.", \
	"无法比较：被过滤掉的，内核照样计数。"
#define SAY_DIFFER "They differ by more than what was lost.", "两者之差多于丢失的。"
#define SAY_AGREE_BUT_LOST "They differ by no more than what was lost.", "两者之差不多于丢失的。"
#define SAY_AGREE "They agree.", "两者一致。"
/* clang-format on */

#define CHECK_LABEL_WIDTH 12
#define CHECK_COLUMNS 80 /* of a line */

/* Of a line; columns behind it are blank. */
void check_label(struct buffer *out, const char *label);

/* Adds lines that begin at a column. */
void check_paragraph(struct buffer *out, size_t column, const char *text);

/*
 * What the tables of user/kernel and user/stacks say in English (what a family of hooks yields or
 * lacks, what a right allows), in the language; the English where there is no other.
 */
const char *check_word(const char *english, enum ladder_language language);

#endif
