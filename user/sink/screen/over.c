// SPDX-License-Identifier: GPL-2.0-only
/* What lies over a screen: lines that are scrolled, such as the ladder of a connection. */
#include "user/sink/screen/scene.h"
#include "user/sink/text/ladder.h"

void scene_scroll(const struct scene *scene, struct cells *cells, const struct area *area,
		  const struct buffer *text)
{
	struct view *view = scene->view;
	const struct area nothing = { 0, 0 };
	size_t lines = scene_lines(cells, &nothing, text, 0);
	size_t most = lines > area->rows ? lines - area->rows : 0;

	/* Who has gone to the end stays there while it grows. */
	if ((view->scroll && view->scroll == view->scroll_most) || view->scroll > most)
		view->scroll = most;
	view->scroll_most = most;
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
		buffer_addf(&text, "%s\n", scene_text(scene, SCREEN_SAYS_ROW_GONE));
	scene_scroll(scene, cells, area, &text);
	buffer_done(&text);
}
