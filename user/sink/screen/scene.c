// SPDX-License-Identifier: GPL-2.0-only
/* What several screens say: rates, ends, names, lines. */
#include "user/sink/screen/scene.h"

#include <stdio.h>
#include <string.h>

#include "user/sink/fact.h"
#include "user/sink/text/columns.h"
#include "user/sink/text/phrase.h"

#define SHORTEST_ADDRESS 9
#define PORT_SIZE 16
#define LINE_SIZE 512

const char *scene_text(const struct scene *scene, enum screen_phrase phrase)
{
	return screen_phrase_text(phrase, scene->settings->language);
}

unsigned int scene_put(const struct scene *scene, struct cells *cells, unsigned int row,
		       unsigned int column, enum cell_style style, enum screen_phrase phrase,
		       const struct sentence_words *words)
{
	char line[LINE_SIZE];

	screen_phrase_fill(phrase, scene->settings->language, words, line, sizeof(line));
	return cells_put(cells, row, column, CELLS_MOST, style, line);
}

void scene_add_paragraph(const struct cells *cells, struct buffer *lines,
			 const struct buffer *sentence)
{
	phrase_add_paragraph(lines, sentence->bytes, sentence->size, 1, cells->columns - 1);
}

const char *scene_rate(double rate, char text[SCENE_TEXT_SIZE])
{
	if (rate < 0)
		snprintf(text, SCENE_TEXT_SIZE, "-");
	else
		snprintf(text, SCENE_TEXT_SIZE, rate > 0 && rate < 9.95 ? "%.1f/s" : "%.0f/s",
			 rate);
	return text;
}

const char *scene_endpoint(struct fact_end end, uint16_t port, size_t width,
			   char text[SCENE_TEXT_SIZE])
{
	char whole[COLUMNS_TEXT_SIZE], number[PORT_SIZE] = ":-";
	bool is_bracketed = end.address && !address_is_ipv4(end.address);
	size_t around;

	if (port)
		snprintf(number, sizeof(number), ":%u", port);
	around = strlen(number) + (is_bracketed ? 2 : 0);
	if (!end.address && !port)
		snprintf(text, SCENE_TEXT_SIZE, "-");
	else if (width < around + SHORTEST_ADDRESS &&
		 (!end.address || width < around + strlen(fact_end_text(&end, whole))))
		snprintf(text, SCENE_TEXT_SIZE, "%s", number);
	else
		snprintf(text, SCENE_TEXT_SIZE, is_bracketed ? "[%s]%s" : "%s%s",
			 columns_place(end,
				       width - around < sizeof(whole) - 1 ? width - around :
									    sizeof(whole) - 1,
				       whole),
			 number);
	return text;
}

struct conn_name scene_owner(const struct conn *c)
{
	return fact_has_owner(c) ? conn_service(c) : (struct conn_name){ NULL, 0 };
}

static struct conn_name named(const char *text)
{
	return (struct conn_name){ text, text ? strlen(text) : 0 };
}

struct conn_name scene_group_name(const struct scene *scene, const struct roster_group *group,
				  char scratch[SCENE_TEXT_SIZE])
{
	const struct conn *c = &group->example;
	char address[FACT_END_SIZE], number[FACT_CGROUP_SIZE];
	struct fact_end end;
	const char *name;

	if (group->is_other)
		return named(OWNER_OTHERS);
	if (!group->is_known)
		return named(NULL);
	switch (scene->view->key) {
	case ROSTER_KEY_PROCESS:
		return scene_owner(c);
	case ROSTER_KEY_REMOTE:
		end = fact_remote(c);
		snprintf(scratch, SCENE_TEXT_SIZE, "%s",
			 end.address ? fact_end_text(&end, address) : "-");
		return named(scratch);
	case ROSTER_KEY_PORT:
		snprintf(scratch, SCENE_TEXT_SIZE, "%u", roster_service_port(c));
		return named(scratch);
	default:
		name = fact_cgroup_name(scene->settings, roster_group_key(scene->view->key),
					group->id, number);
		if (!name)
			return named(NULL);
		snprintf(scratch, SCENE_TEXT_SIZE, "%s", name);
		return named(scratch);
	}
}

uint64_t scene_since(const struct scene *scene, uint64_t then_ns)
{
	return conn_between(then_ns, scene->now_ns);
}

size_t scene_lines(struct cells *cells, const struct area *area, const struct buffer *text,
		   size_t first)
{
	const char *at = text->bytes, *end = text->bytes + text->size;
	size_t line = 0;

	for (; at && at < end; line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t size = stop ? (size_t)(stop - at) : (size_t)(end - at);

		if (line >= first && line - first < area->rows)
			cells_put_escaped(cells, area->top + (unsigned int)(line - first), 0,
					  cells->columns, CELL_PLAIN, at, size);
		at += size + 1;
	}
	return line;
}

bool scene_is_filtered(const struct scene *scene)
{
	return scene->view->filter[0] != '\0';
}

bool scene_wants(const struct scene *scene, const struct conn *c)
{
	return sifted_wants(scene->filter, scene->states, c);
}

void scene_mark_row(const struct scene *scene, struct cells *cells, unsigned int row, size_t index)
{
	if (index != scene->view->places[scene->view->screen].cursor)
		return;
	cells_style_row(cells, row, CELL_CURSOR);
	cells_put(cells, row, 0, 1, CELL_CURSOR, ">");
}
