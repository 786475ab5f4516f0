// SPDX-License-Identifier: GPL-2.0-only
/* What the keys of the live view do, and what its signs mean. */
#include "user/sink/screen/help.h"

#include <string.h>

#include "user/base/text.h"
#include "user/sink/screen/scene.h"
#include "user/sink/text/phrase.h"

#define KEY_COLUMNS 18

/* Keys that are called the same everywhere. */
#define KEYS(keys)         \
	{                  \
		keys, keys \
	}

const struct help_entry help_entries[] = {
	{ { "1 to 8, Tab", "1 到 8，Tab" },
	  { "the screens: overview, connections, groups, states, stuck, failures, histograms, "
	    "listeners",
	    "各屏：概览、连接、分组、状态、卡住、失败、直方图、监听" } },
	{ { "j k, arrows", "j k，方向键" },
	  { "a row down or up; PgDn PgUp, g G: a page, the ends",
	    "下移或上移一行；PgDn PgUp 翻页，g G 到首尾" } },
	{ KEYS("Enter"),
	  { "what is behind a row: the ladder of a connection, the connections of a group or "
	    "a listener, the bars of a histogram",
	    "展开所在的行：连接的梯形图，分组或监听套接字的连接，直方图的各柱" } },
	{ KEYS("Esc"), { "back", "返回" } },
	{ KEYS("/"),
	  { "filter of all lists, in the words of the options, such as rport 443 comm nginx "
	    "addr 10.0.0.0/8 state CLOSE_WAIT (of what is over: the last one before); Enter "
	    "keeps it, Esc clears it. Failures match by the last of their kind; histograms "
	    "and what of groups has closed begin anew with it",
	    "所有列表的过滤条件，用选项的词，例如 rport 443 comm nginx addr 10.0.0.0/8 state "
	    "CLOSE_WAIT（已结束的看结束前的状态）；Enter 采用，Esc 清除。失败按同类中最近的一次"
	    "匹配；直方图和各组的已关闭数从此重新计数" } },
	{ { "< >, F6", "< >，F6" },
	  { "sort by the column before or behind", "按前一列或后一列排序" } },
	{ KEYS("r"), { "the other way round", "反向排序" } },
	{ KEYS("b"),
	  { "groups by process, unit, container, pod, remote address, port",
	    "按进程、单元、容器、Pod、远端地址、端口分组" } },
	{ { "p, Space", "p，空格" },
	  { "all screens stand still, or go on; what happens meanwhile is counted",
	    "所有屏静止，或继续；其间发生的照样计数" } },
	{ KEYS("+ -"), { "seconds between two looks", "两次查看之间的秒数" } },
	{ KEYS("w"), { "columns that say who, or how long", "换用说明是谁的列，或说明多久的列" } },
	{ KEYS("s"),
	  { "save the last minutes as a recording in the current folder: what was alive, and "
	    "what happened then",
	    "把最近几分钟作为记录保存到当前目录：当时存活的，以及其后发生的" } },
	{ KEYS("[ ]"), { "of a recording: slower, faster", "记录的播放：变慢，变快" } },
	{ KEYS("."),
	  { "of a recording that stands still: a second more", "静止的记录：再走一秒" } },
	{ KEYS("? h F1"), { "this page", "本页" } },
	{ KEYS("q F10"), { "the end", "结束" } },
};
const size_t help_entry_count = sizeof(help_entries) / sizeof(*help_entries);

const struct help_entry help_signs[] = {
	{ { "bars", "柱" },
	  { "one for each second, the last one at the right", "每秒一根，最近的在右端" } },
	{ { "client, server", "客户端，服务器" },
	  { "exact handshakes of the last minute, 4096 at most",
	    "最近一分钟内精确测得的握手，至多 4096 次" } },
	{ KEYS("!"),
	  { "somebody is in this state for longer than a connection that works would be",
	    "有连接处于该状态的时间比正常工作的连接更久" } },
	{ KEYS("-"), { "nobody knows", "不明" } },
	{ { "not whole", "不完整" },
	  { "connections of which a part was not seen, most often because they are older",
	    "有一部分没有看到的连接，多半因为它们更早" } },
	{ KEYS(">1m02s"), { "at least so long", "至少这么久" } },
};
const size_t help_sign_count = sizeof(help_signs) / sizeof(*help_signs);

/* The keys stand in front of the first line of what they do. */
static void add(struct buffer *out, const struct scene *scene, unsigned int columns,
		const struct help_entry *entry)
{
	const char *keys = entry->keys[scene->settings->language];
	const char *what = entry->what[scene->settings->language];

	buffer_add_text(out, keys);
	for (size_t used = text_width(keys, strlen(keys)); used < KEY_COLUMNS; used++)
		buffer_add_char(out, ' ');
	phrase_add_lines(out, what, strlen(what), KEY_COLUMNS, columns);
	buffer_add_char(out, '\n');
}

void help_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	struct buffer text;

	buffer_init(&text);
	for (size_t i = 0; i < help_entry_count; i++)
		add(&text, scene, cells->columns, &help_entries[i]);
	buffer_add_char(&text, '\n');
	for (size_t i = 0; i < help_sign_count; i++)
		add(&text, scene, cells->columns, &help_signs[i]);
	scene_scroll(scene, cells, area, &text);
	buffer_done(&text);
}
