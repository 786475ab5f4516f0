// SPDX-License-Identifier: GPL-2.0-only
/* What a person has chosen to see, as a question to the table. */
#include "user/sink/screen/view.h"

const char *view_screen_title(enum view_screen screen, enum ladder_language language)
{
	static const char *const titles[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, name, en, zh) [VIEW_##NAME] = { en, zh },
		VIEW_SCREENS(X)
#undef X
	};

	return language_pick(titles, VIEW_SCREEN_COUNT, screen, language);
}

struct view_place *view_place(struct view *view)
{
	return &view->places[view->screen];
}

unsigned int view_orders(enum view_screen screen)
{
	switch (screen) {
	case VIEW_CONNECTIONS:
		return ROSTER_ORDER_COUNT;
	case VIEW_GROUPS:
		return ROSTER_GROUP_ORDER_COUNT;
	default:
		return 0;
	}
}

/* Where the largest is of interest, it comes first; where names are, the first of the alphabet. */
static bool falls(enum roster_order order)
{
	return order == ROSTER_BY_STATE_AGE || order == ROSTER_BY_LIFE ||
	       order == ROSTER_BY_HANDSHAKE;
}

void view_ask(const struct view *view, size_t rows, struct roster_query *query)
{
	const struct view_place *place = &view->places[view->screen];
	const struct view_place *groups = &view->places[VIEW_GROUPS];
	bool has_rows = view->screen == VIEW_CONNECTIONS || view->screen == VIEW_STUCK;

	query->only_stuck = view->screen == VIEW_STUCK;
	query->order = view->screen == VIEW_CONNECTIONS ? (enum roster_order)place->order :
							  ROSTER_BY_STATE_AGE;
	query->is_falling = falls(query->order) != place->is_reversed;
	query->first = has_rows ? place->top : 0;
	query->count = has_rows ? rows : 0;
	query->needs_no_groups = view->screen != VIEW_GROUPS && view->screen != VIEW_OVERVIEW;
	query->group_order = (enum roster_group_order)groups->order;
	query->are_groups_rising = groups->is_reversed;
}

void view_fit(struct view_place *place, size_t count, size_t rows)
{
	if (place->cursor >= count)
		place->cursor = count ? count - 1 : 0;
	if (place->cursor < place->top)
		place->top = place->cursor;
	if (rows && place->cursor >= place->top + rows)
		place->top = place->cursor - rows + 1;
	if (place->top + rows > count)
		place->top = count > rows ? count - rows : 0;
}
