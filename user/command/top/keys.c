// SPDX-License-Identifier: GPL-2.0-only
/* What each key does to the view: as hands know them from htop, less and k9s. */
#include "user/command/top/keys.h"

#include <stdio.h>
#include <string.h>

#include "user/base/units.h"
#include "user/curses/painter.h"
#include "user/sink/screen/phrase.h"

#define INTERVAL_LEAST_NS (1 * NS_PER_S)
#define INTERVAL_MOST_NS (60 * NS_PER_S)
#define SPEED_MOST 1024
#define SPEED_LEAST (1.0 / 64)
#define SPEED_SIZE 16

static enum keys_wish type(struct view *view, int key)
{
	size_t size = strlen(view->typed);

	if (key == PAINTER_ENTER || key == PAINTER_ESCAPE) {
		view->is_typing = false;
		return key == PAINTER_ENTER ? KEYS_FILTER_TYPED : KEYS_FILTER_CLEAR;
	}
	if (key == PAINTER_CLEAR)
		view->typed[0] = '\0';
	else if (key == PAINTER_BACKSPACE && size)
		view->typed[size - 1] = '\0';
	else if (key >= ' ' && key < PAINTER_ENTER && size + 1 < sizeof(view->typed))
		snprintf(view->typed + size, sizeof(view->typed) - size, "%c", key);
	return KEYS_NOTHING;
}

static void leave(struct view *view)
{
	view->over = VIEW_OVER_NONE;
	view->scroll = 0;
}

static void go_to(struct view *view, unsigned int screen)
{
	leave(view);
	view->screen = (enum view_screen)(screen % VIEW_SCREEN_COUNT);
}

/* `count` rows further down; the end is found when it is drawn. */
static void move(struct view *view, long count)
{
	size_t *at = view->over ? &view->scroll : &view_place(view)->cursor;

	if (count < 0 && *at < (size_t)-count)
		*at = 0;
	else
		*at += (size_t)count;
}

static void jump(struct view *view, size_t to)
{
	*(view->over ? &view->scroll : &view_place(view)->cursor) = to;
}

static bool navigate(struct view *view, int key, size_t rows)
{
	long page = rows > 1 ? (long)rows - 1 : 1;

	switch (key) {
	case 'j':
	case PAINTER_DOWN:
		move(view, 1);
		return true;
	case 'k':
	case PAINTER_UP:
		move(view, -1);
		return true;
	case PAINTER_PAGE_DOWN:
		move(view, page);
		return true;
	case PAINTER_PAGE_UP:
		move(view, -page);
		return true;
	case 'g':
	case PAINTER_HOME:
		jump(view, 0);
		return true;
	case 'G':
	case PAINTER_END:
		jump(view, SIZE_MAX / 2);
		return true;
	case PAINTER_TAB:
		go_to(view, view->screen + 1U);
		return true;
	case PAINTER_BACK_TAB:
		go_to(view, view->screen + VIEW_SCREEN_COUNT - 1U);
		return true;
	default:
		if (key < '1' || key >= '1' + VIEW_SCREEN_COUNT)
			return false;
		go_to(view, (unsigned int)(key - '1'));
		return true;
	}
}

static void sort(struct view *view, int by)
{
	unsigned int orders = view_orders(view->screen);
	struct view_place *place = view_place(view);

	if (!orders)
		return;
	place->order = (place->order + orders + (unsigned int)by) % orders;
	place->cursor = place->top = 0;
}

static void pace(struct view *view, int key)
{
	char speed[SPEED_SIZE];

	if (key == '+' && view->interval_ns < INTERVAL_MOST_NS)
		view->interval_ns += NS_PER_S;
	if (key == '-' && view->interval_ns > INTERVAL_LEAST_NS)
		view->interval_ns -= NS_PER_S;
	if (key == ']' && view->speed < SPEED_MOST)
		view->speed *= 2;
	if (key == '[' && view->speed > SPEED_LEAST)
		view->speed /= 2;
	snprintf(speed, sizeof(speed), "%g", view->speed);
	if ((key == '[' || key == ']') && !(view->speed > 0))
		SCREEN_FILL(view->message, sizeof(view->message), view->language, NO_SPEED, .n = 0);
	else if (key == '+' || key == '-')
		SCREEN_FILL(view->message, sizeof(view->message), view->language, INTERVAL,
			    .n = view->interval_ns / NS_PER_S);
	else
		SCREEN_FILL(view->message, sizeof(view->message), view->language, SPEED,
			    .w = speed);
}

/* Back: what lies over the screen first, then the filter. */
static enum keys_wish escape(struct view *view)
{
	if (!view->over)
		return view->filter[0] ? KEYS_FILTER_CLEAR : KEYS_NOTHING;
	leave(view);
	return KEYS_NOTHING;
}

static enum keys_wish command(struct view *view, int key)
{
	switch (key) {
	case 'q':
	case PAINTER_QUIT:
	case PAINTER_GONE:
		return KEYS_END;
	case PAINTER_ESCAPE:
		return escape(view);
	case PAINTER_ENTER:
		return view->over ? KEYS_NOTHING : KEYS_OPEN;
	case 'b':
		view->key = (enum roster_key)((view->key + 1U) % ROSTER_KEY_COUNT);
		return KEYS_GROUP;
	case 'p':
	case ' ':
		view->is_paused = !view->is_paused;
		return KEYS_PAUSE;
	case 's':
		return KEYS_SAVE;
	case '.':
		return KEYS_STEP;
	default:
		return KEYS_NOTHING;
	}
}

static void change(struct view *view, int key)
{
	switch (key) {
	case '?':
	case 'h':
	case PAINTER_HELP:
		view->over = view->over == VIEW_OVER_HELP ? VIEW_OVER_NONE : VIEW_OVER_HELP;
		view->scroll = 0;
		break;
	case '/':
		leave(view);
		view->is_typing = true;
		snprintf(view->typed, sizeof(view->typed), view->filter[0] ? "%.254s " : "%.254s",
			 view->filter);
		break;
	case '<':
		sort(view, -1);
		break;
	case '>':
	case PAINTER_SORT:
		sort(view, 1);
		break;
	case 'r':
		view_place(view)->is_reversed = !view_place(view)->is_reversed;
		break;
	case 'w':
		view->is_wide = !view->is_wide;
		break;
	case '+':
	case '-':
	case '[':
	case ']':
		pace(view, key);
		break;
	default:
		break;
	}
}

enum keys_wish keys_press(struct view *view, int key, size_t rows)
{
	if (key == PAINTER_GONE)
		return KEYS_END;
	view->message[0] = '\0';
	if (view->is_typing)
		return type(view, key);
	if (navigate(view, key, rows))
		return KEYS_NOTHING;
	change(view, key);
	return command(view, key);
}
