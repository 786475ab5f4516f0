// SPDX-License-Identifier: GPL-2.0-only
/* What lies over a screen: the ladder of a connection, and what the keys do. */
#include "user/sink/screen/scene.h"
#include "user/sink/text/ladder.h"

void scene_scroll(const struct scene *scene, struct cells *cells, const struct area *area,
		  const struct buffer *text)
{
	struct view *view = scene->view;
	const struct area nothing = { 0, 0 };
	size_t lines = scene_lines(cells, &nothing, text, 0);

	if (view->scroll + area->rows > lines)
		view->scroll = lines > area->rows ? lines - area->rows : 0;
	scene_lines(cells, area, text, view->scroll);
}

void ladder_screen_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	struct sink_settings settings = *scene->settings;
	struct buffer text;

	buffer_init(&text);
	settings.color = false;
	settings.columns = cells->columns;
	if (scene->ladder)
		ladder_draw(&settings, &text, scene->ladder);
	else
		buffer_add_text(&text, "There is no connection in this row any more.\n");
	scene_scroll(scene, cells, area, &text);
	buffer_done(&text);
}

static const char help[] =
	"1 to 8, Tab       the screens: overview, connections, groups, states,\n"
	"                  stuck, failures, histograms, listeners\n"
	"j k, arrows       a row down or up; PgDn PgUp, g G: a page, the ends\n"
	"Enter             what is behind a row: the ladder of a connection,\n"
	"                  the connections of a group, the bars of a histogram\n"
	"Esc               back\n"
	"/                 filter, in the words of the options, such as\n"
	"                  rport 443  comm nginx  addr 10.0.0.0/8  state CLOSE_WAIT\n"
	"                  Enter keeps it, Esc clears it\n"
	"< >, F6           sort by the column before or behind; r reverses\n"
	"b                 groups by process, unit, container, pod, remote, port\n"
	"p, Space          stand still, and go on\n"
	"+ -               seconds between two looks\n"
	"w                 columns that say who, or how long\n"
	"s                 save the last minutes as a recording, in this folder\n"
	"[ ]  .            of a recording: slower, faster; a step\n"
	"? h F1            this page\n"
	"q F10             the end\n"
	"\n"
	"Sparklines show a value for each second, the last one at the right.\n"
	"Handshakes in the head are the exact ones of the last minute, 4096 at\n"
	"most. `!` behind a state: somebody is in it for longer than a connection\n"
	"that works would be. `-`: nobody knows. \"not whole\" counts connections of\n"
	"which a part was not seen, most often because they are older.\n"
	"`~` in front of a process: the listener's, nobody saw who accepted.\n";

void help_draw(const struct scene *scene, struct cells *cells, const struct area *area)
{
	struct buffer text;

	buffer_init(&text);
	buffer_add_text(&text, help);
	scene_scroll(scene, cells, area, &text);
	buffer_done(&text);
}
