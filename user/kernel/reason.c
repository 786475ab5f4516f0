// SPDX-License-Identifier: GPL-2.0-only
/* Why a hook or the self-test does not work, as they say it, in other languages. */
#include "user/kernel/reason.h"

#include <stdio.h>
#include <string.h>

/* How reasons begin; what follows are names. */
static const struct {
	const char *english, *chinese;
} beginnings[] = {
	{ "the function has another shape in this kernel", "这个内核里的函数形状不同" },
	{ "the function does something else in this kernel", "这个内核里的函数作用不同" },
	{ "the kernel does not permit to load it", "内核不允许加载" },
	{ "the kernel does not permit to attach it", "内核不允许挂接" },
	{ "the kernel does not support to load it", "内核不支持加载" },
	{ "the kernel does not support to attach it", "内核不支持挂接" },
	{ "the kernel lacks the function or tracepoint", "内核没有这个函数或跟踪点" },
	{ "nothing tells the kernel's types", "没有内核类型的信息" },
	{ "too little memory may be locked", "可锁定的内存太少" },
	{ "not enough memory", "内存不足" },
	{ "the verifier refuses it", "验证器拒绝它" },
	{ "it failed to load", "加载失败" },
	{ "it failed to attach", "挂接失败" },
	{ "/proc/kallsyms does not show", "/proc/kallsyms 不显示" },
	{ "the ring buffer cannot be mapped", "环形缓冲无法映射" },
	{ "the object lacks a program of", "这个程序里没有钩子的程序：" },
	/* Of the self-test. */
	{ "no loopback connection", "没有回环连接" },
	{ "no listener on loopback", "没有回环监听者" },
};

/* And how they end, behind the names. */
static const struct {
	const char *english, *chinese;
} endings[] = {
	{ ": CAP_SYS_RESOURCE or 'ulimit -l unlimited' helps",
	  "：可用 CAP_SYS_RESOURCE 或 'ulimit -l unlimited'" },
	{ "; -v shows why", "；-v 显示原因" },
};

static void add_names(struct buffer *out, const char *rest)
{
	size_t size = strlen(rest);

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		size_t end = strlen(endings[i].english);

		if (size < end || strcmp(rest + size - end, endings[i].english) != 0)
			continue;
		buffer_add(out, rest, size - end);
		buffer_add_text(out, endings[i].chinese);
		return;
	}
	buffer_add_text(out, rest);
}

void reason_add(struct buffer *out, const char *english, enum ladder_language language)
{
	for (size_t i = 0; language == LADDER_ZH && i < sizeof(beginnings) / sizeof(*beginnings);
	     i++) {
		size_t size = strlen(beginnings[i].english);

		if (strncmp(beginnings[i].english, english, size) != 0)
			continue;
		buffer_add_text(out, beginnings[i].chinese);
		add_names(out, english + size);
		return;
	}
	buffer_add_text(out, english);
}

const char *reason_fill(char text[REASON_SIZE], const char *english, enum ladder_language language)
{
	struct buffer said;

	buffer_init(&said);
	reason_add(&said, english, language);
	buffer_add_char(&said, '\0');
	snprintf(text, REASON_SIZE, "%s",
		 said.failed || said.size > REASON_SIZE ? english : said.bytes);
	buffer_done(&said);
	return text;
}
