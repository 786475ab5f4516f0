// SPDX-License-Identifier: GPL-2.0-only
/* What the keys of the live view do, and what its signs mean. */
#include "user/sink/screen/help.h"

#include <string.h>

#include "user/sink/screen/scene.h"
#include "user/sink/text/columns.h"

#define KEY_COLUMNS 18

const struct help_entry help_entries[] = {
	{ "1 to 8, Tab", "the screens: overview, connections, groups, states, stuck, failures, "
			 "histograms, listeners" },
	{ "j k, arrows", "a row down or up; PgDn PgUp, g G: a page, the ends" },
	{ "Enter",
	  "what is behind a row: the ladder of a connection, the connections of a group or "
	  "a listener, the bars of a histogram" },
	{ "Esc", "back" },
	{ "/", "filter of all lists, in the words of the options, such as rport 443 comm nginx "
	       "addr 10.0.0.0/8 state CLOSE_WAIT (of what is over: the last one before); Enter "
	       "keeps it, Esc clears it. Failures match by the last of their kind; histograms "
	       "and what of groups has closed begin anew with it" },
	{ "< >, F6", "sort by the column before or behind" },
	{ "r", "the other way round" },
	{ "b", "groups by process, unit, container, pod, remote address, port" },
	{ "p, Space", "all screens stand still, or go on; what happens meanwhile is counted" },
	{ "+ -", "seconds between two looks" },
	{ "w", "columns that say who, or how long" },
	{ "s", "save the last minutes as a recording in the current folder: what was alive, and "
	       "what happened then" },
	{ "[ ]", "of a recording: slower, faster" },
	{ ".", "of a recording that stands still: a second more" },
	{ "? h F1", "this page" },
	{ "q F10", "the end" },
};
const size_t help_entry_count = sizeof(help_entries) / sizeof(*help_entries);

const struct help_entry help_signs[] = {
	{ "bars", "one for each second, the last one at the right" },
	{ "client, server", "exact handshakes of the last minute, 4096 at most" },
	{ "!", "somebody is in this state for longer than a connection that works would be" },
	{ "-", "nobody knows" },
	{ "not whole",
	  "connections of which a part was not seen, most often because they are older" },
	{ ">1m02s", "at least so long" },
};
const size_t help_sign_count = sizeof(help_signs) / sizeof(*help_signs);

/* The keys stand in front of the first line of what they do. */
static void add(struct buffer *out, unsigned int columns, const struct help_entry *entry)
{
	size_t begin = out->size, size = strlen(entry->keys);

	columns_paragraph(out, columns, KEY_COLUMNS, KEY_COLUMNS, entry->what, strlen(entry->what));
	if (!out->failed && size < KEY_COLUMNS)
		memcpy(out->bytes + begin, entry->keys, size);
}

void help_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	struct buffer text;

	buffer_init(&text);
	for (size_t i = 0; i < help_entry_count; i++)
		add(&text, cells->columns, &help_entries[i]);
	buffer_add_char(&text, '\n');
	for (size_t i = 0; i < help_sign_count; i++)
		add(&text, cells->columns, &help_signs[i]);
	scene_scroll(scene, cells, area, &text);
	buffer_done(&text);
}
