/* SPDX-License-Identifier: GPL-2.0-only */
/* All that screens show, as of one moment, and where on the screen each part of it stands. */
#ifndef USER_SINK_SCREEN_SCENE_H
#define USER_SINK_SCREEN_SCENE_H

#include "user/aggregate/failure_list.h"
#include "user/aggregate/histogram_set.h"
#include "user/aggregate/ladder.h"
#include "user/aggregate/listening_row.h"
#include "user/aggregate/pulse.h"
#include "user/aggregate/roster.h"
#include "user/aggregate/sifted.h"
#include "user/aggregate/stuck.h"
#include "user/aggregate/summary.h"
#include "user/sink/fact.h"
#include "user/sink/screen/cells.h"
#include "user/sink/screen/phrase.h"
#include "user/sink/screen/view.h"
#include "user/sink/sink.h"

struct scene {
	const struct sink_settings *settings;
	uint64_t now_ns, start_ns;
	const char *source; /* "live, tp_btf" */
	bool is_live, is_over;
	struct pulse *pulse;
	const struct summary *summary;
	const struct roster_found *found;
	const struct histogram_set *histograms;
	const struct sifted_found *sifted; /* of those that match the filter; NULL: there is none */
	const struct failure_list *failures;
	bool are_failures_sifted;	  /* they are those that match the filter, and no others */
	const struct conn_filter *filter; /* NULL, and no states: all match it */
	uint32_t states;
	const struct stuck *stuck;	       /* the rows of the list from its place on */
	size_t stuck_count;		       /* of them that are here */
	size_t stuck_all;		       /* that match the filter */
	size_t stuck_total;		       /* that there are */
	const struct listening_row *listeners; /* that match the filter */
	size_t listener_count, listener_total;
	const struct ladder *ladder; /* of what lies over the screen; NULL: none */
	struct view *view;
};

/* Rows of a screen. */
struct area {
	unsigned int top, rows;
};

/* What stands above and below each screen. */
void header_draw(const struct scene *scene, struct cells *cells);
void header_draw_title(const struct scene *scene, struct cells *cells);
void footer_draw(const struct scene *scene, struct cells *cells);

/* Rows of a list that fit on the screen: as many of them are asked for. */
size_t frame_list_rows(const struct cells *cells, enum view_screen screen);

/* How many rows the list of a screen has, for the cursor. */
size_t frame_count(const struct scene *scene);

/* How many match the filter of how many; false: nothing is left out here. */
bool frame_matches(const struct scene *scene, size_t *ret_matching, size_t *ret_all);

/* All of it. */
void frame_draw(const struct scene *scene, struct cells *cells);

/* The screens. */
#define X(NAME, name, en, zh) \
	void name##_draw(const struct scene *scene, struct cells *cells, const struct area *area);
VIEW_SCREENS(X)
#undef X

/* What lies over them: lines of text, from view.scroll on. */
void ladder_screen_draw(const struct scene *scene, struct cells *cells, const struct area *area);
void help_draw(const struct scene *scene, struct cells *cells, const struct area *area);
void bars_draw(const struct scene *scene, struct cells *cells, const struct area *area);

/* A line of a list: the cursor's has a sign, and not only a colour. */
void scene_mark_row(const struct scene *scene, struct cells *cells, unsigned int row, size_t index);

/* ---- what several of them say --------------------------------------------------------------- */

#define SCENE_TEXT_SIZE 128

/* As it stands in the table, in the language of the scene. */
const char *scene_text(const struct scene *scene, enum screen_phrase phrase);

/* Puts it there, filled in. Returns the columns used. */
unsigned int scene_put(const struct scene *scene, struct cells *cells, unsigned int row,
		       unsigned int column, enum cell_style style, enum screen_phrase phrase,
		       const struct sentence_words *words);

/* The same with what its holes are filled with: .n = 3. */
#define SCENE_PUT(scene, cells, row, column, style, NAME, ...)                    \
	scene_put((scene), (cells), (row), (column), (style), SCREEN_SAYS_##NAME, \
		  &(struct sentence_words){ __VA_ARGS__ })

/* Adds the lines of a sentence that leave a column free on both sides. */
void scene_add_paragraph(const struct cells *cells, struct buffer *lines,
			 const struct buffer *sentence);

/* "12.3/s", "-" below 0. Returns `text`. */
const char *scene_rate(double rate, char text[SCENE_TEXT_SIZE]);

/* "192.0.2.1:443" in at most `width` columns, ":443" where an address would be no more one. */
const char *scene_endpoint(struct fact_end end, uint16_t port, size_t width,
			   char text[SCENE_TEXT_SIZE]);

/* The bytes of an owner's name; NULL: unknown. */
struct conn_name scene_owner(const struct conn *c);

/* What a group is called, in `scratch` where it has to be made. */
struct conn_name scene_group_name(const struct scene *scene, const struct roster_group *group,
				  char scratch[SCENE_TEXT_SIZE]);

/* Since then until now; TIME_UNKNOWN. */
uint64_t scene_since(const struct scene *scene, uint64_t then_ns);

/* Lines of a buffer, escaped as in all formats, from `first` on. Returns how many there are. */
size_t scene_lines(struct cells *cells, const struct area *area, const struct buffer *text,
		   size_t first);

/* The same from view.scroll on, which is kept where there are lines. */
void scene_scroll(const struct scene *scene, struct cells *cells, const struct area *area,
		  const struct buffer *text);

/* Whether rows of the table are left out by the filter. */
bool scene_is_filtered(const struct scene *scene);

/* Whether it matches the filter, or did when it was over. */
bool scene_wants(const struct scene *scene, const struct conn *c);

#endif
