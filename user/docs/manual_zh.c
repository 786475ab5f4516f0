// SPDX-License-Identifier: GPL-2.0-only
/* The manual in Chinese: commands, options, stories, ends and keys, from the same tables. */
#include "user/docs/manual_zh.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "user/aggregate/textbook.h"
#include "user/base/text.h"
#include "user/docs/roff.h"
#include "user/option/chinese.h"
#include "user/option/table.h"
#include "user/sink/meaning.h"
#include "user/sink/screen/help.h"

static const char description[] =
	"跟踪每个 TCP 连接的建立、存在和关闭，时间都是真实测得的。单位是连接，而不是事件。这一页有命令、"
	"选项、故事、结局和屏幕；其余见英文手册，用 man -L C 8 tcpspan 查看。JSON、状态名和选项在各种语言中都"
	"一样。";

static const char stories[] =
	"explain --demo 演示教科书所画的内容。两端都是本内核的真实套接字，各在自己的网络命名空间中；其间的"
	"线路会丢失、扣留或调换报文段，但不伪造。没有权限时显示内置的记录。";

/* Lines may be broken in front of any square character. */
static void put_text(const char *text)
{
	size_t left = strlen(text), size;
	uint32_t code;

	for (; left && (size = text_code_point(text, left, &code)); text += size, left -= size) {
		if (text_columns(code) == 2 && !text_is_closing(code))
			fputs("\\:", stdout);
		if (code == '-' || code == '\\')
			fputs(code == '-' ? "\\-" : "\\e", stdout);
		else
			fwrite(text, 1, size, stdout);
	}
	putchar('\n');
}

static void put_entry(const char *sign, const char *meaning)
{
	fputs(".TP\n", stdout);
	roff_request(".B", sign);
	put_text(meaning);
}

/* What nobody has translated yet is better in English than not at all. */
static const char *say(const struct chinese_line *lines, size_t count, const char *name,
		       const char *english)
{
	const char *text = chinese_find(lines, count, name);

	return text ? text : english;
}

static void put_option(const struct option_spec *s)
{
	const char letter[] = { s->letter, '\0' };

	roff_option(s->letter, s->name, s->argument);
	put_text(say(chinese_options, chinese_option_count, s->name ? s->name : letter, s->help));
}

static void put_options(void)
{
	fputs(".SH 选项\n", stdout);
	for (unsigned int group = 0; group < OPTION_GROUP_COUNT; group++) {
		const char *heading = option_group_heading(group);

		roff_request(".SS", say(chinese_headings, chinese_heading_count, heading, heading));
		for (EACH_OPTION(s))
			if (s->group == group)
				put_option(s);
	}
}

static void put_ends(void)
{
	fputs(".SH 结局\n列 END 中的代码：\n", stdout);
	for (size_t i = 0; i < legend_end_count; i++)
		put_entry(legend_ends[i].code, meaning_of_outcome((enum conn_outcome)i, LADDER_ZH));
	fputs(".PP\n原因，先是代码，再是 JSON 中的名字：\n", stdout);
	for (unsigned int i = CONN_CAUSE_UNKNOWN + 1; i < CONN_CAUSE_COUNT; i++) {
		const struct cause *c = cause_of((enum conn_cause)i);
		char sign[64];

		snprintf(sign, sizeof(sign), "%s %s", c->code, c->name);
		put_entry(sign, meaning_of_cause((enum conn_cause)i, LADDER_ZH));
	}
}

static void put_helps(const struct help_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_entry(entries[i].keys[LADDER_ZH], entries[i].what[LADDER_ZH]);
}

static void put_screens(void)
{
	fputs(".SH 屏幕\n.B top\n的各键：\n", stdout);
	put_helps(help_entries, help_entry_count);
	fputs(".PP\n它所显示的：\n", stdout);
	put_helps(help_signs, help_sign_count);
}

void manual_zh_print(void)
{
	printf(".TH TCPSPAN 8 \"\" \"tcpspan %s\" \"系统管理\"\n.nh\n.ad l\n", TCPSPAN_VERSION);
	fputs(".SH 名称\ntcpspan \\- 从生到死跟踪 TCP 连接\n.SH 概要\n", stdout);
	fputs(".B tcpspan\n.RI [ 命令 \"] [\" 选项 ...]\n", stdout);
	fputs(".SH 描述\n", stdout);
	put_text(description);
	fputs(".SH 命令\n", stdout);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		put_entry(command_specs[i].name,
			  say(chinese_commands, chinese_command_count, command_specs[i].name,
			      command_specs[i].question));
	put_options();
	fputs(".SH 故事\n", stdout);
	put_text(stories);
	for (unsigned int i = 0; i < TEXTBOOK_COUNT; i++) {
		put_entry(textbook[i].name, textbook[i].about[LADDER_ZH]);
		put_text(textbook[i].sections);
	}
	put_ends();
	put_screens();
	fputs(".SH 参见\n.BR ss (8),\n.BR tcp (7)\n.PP\nRFC 9293, Transmission Control Protocol.\n",
	      stdout);
}
