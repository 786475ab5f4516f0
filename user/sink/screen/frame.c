// SPDX-License-Identifier: GPL-2.0-only
/* A whole screen: head, body, and the line of keys. */
#include "user/sink/screen/failures.h"
#include "user/sink/screen/histograms.h"
#include "user/sink/screen/scene.h"

#define HEAD_ROWS 5
#define FOOT_ROWS 1
#define LOW_ROWS 20 /* on fewer what lies over a screen has the head's place, but for its title */
#define STUCK_BELOW 3
#define FAILURES_BELOW 3

static const struct {
	void (*draw)(const struct scene *scene, struct cells *cells, const struct area *area);
} screens[VIEW_SCREEN_COUNT] = {
#define X(NAME, name, en, zh) [VIEW_##NAME] = { name##_draw },
	VIEW_SCREENS(X)
#undef X
};

/* What is left between what stands above and below. */
static void body_of(const struct cells *cells, struct area *ret_body)
{
	ret_body->top = HEAD_ROWS;
	ret_body->rows = cells->rows > HEAD_ROWS + FOOT_ROWS ? cells->rows - HEAD_ROWS - FOOT_ROWS :
							       0;
}

size_t frame_list_rows(const struct cells *cells, enum view_screen screen)
{
	struct area body;
	size_t rows;

	body_of(cells, &body);
	rows = body.rows ? body.rows - 1 : 0;
	if ((screen == VIEW_STUCK || screen == VIEW_LISTENERS) && body.rows >= STUCK_BELOW + 6)
		rows -= STUCK_BELOW;
	if (screen == VIEW_FAILURES && body.rows > 8)
		rows -= FAILURES_BELOW;
	return rows;
}

size_t frame_count(const struct scene *scene)
{
	switch (scene->view->screen) {
	case VIEW_CONNECTIONS:
		return scene->found->matching;
	case VIEW_GROUPS:
		return scene->found->group_count;
	case VIEW_STUCK:
		return scene->stuck_all;
	case VIEW_LISTENERS:
		return scene->listener_count;
	case VIEW_FAILURES:
		return failures_count(scene);
	case VIEW_HISTOGRAMS:
		return histograms_count(scene);
	default:
		return 0;
	}
}

bool frame_matches(const struct scene *scene, size_t *ret_matching, size_t *ret_all)
{
	if (!scene_is_filtered(scene))
		return false;
	*ret_matching = frame_count(scene);
	switch (scene->view->screen) {
	case VIEW_CONNECTIONS:
		*ret_all = scene->found->all;
		return true;
	case VIEW_STUCK:
		*ret_all = scene->stuck_total;
		return true;
	case VIEW_FAILURES:
		*ret_all = scene->failures->count;
		return true;
	case VIEW_HISTOGRAMS:
		*ret_matching = scene->sifted ? scene->sifted->matching : 0;
		*ret_all = scene->sifted ? scene->sifted->all : 0;
		return true;
	case VIEW_LISTENERS:
		*ret_all = scene->listener_total;
		return true;
	default:
		return false;
	}
}

void frame_draw(const struct scene *scene, struct cells *cells)
{
	struct area body;

	body_of(cells, &body);
	cells_clear(cells);
	if (scene->view->over && cells->rows < LOW_ROWS) {
		header_draw_title(scene, cells);
		body.rows += body.top - 1;
		body.top = 1;
	} else {
		header_draw(scene, cells);
	}
	switch (scene->view->over) {
	case VIEW_OVER_LADDER:
		ladder_screen_draw(scene, cells, &body);
		break;
	case VIEW_OVER_HELP:
		help_draw(scene, cells, &body);
		break;
	case VIEW_OVER_BARS:
		bars_draw(scene, cells, &body);
		break;
	default:
		screens[scene->view->screen].draw(scene, cells, &body);
		break;
	}
	if (scene->view->has_keys)
		footer_draw(scene, cells);
}
