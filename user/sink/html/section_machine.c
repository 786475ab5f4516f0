// SPDX-License-Identifier: GPL-2.0-only
/* The state machine as it was used, as a graph and as tables. */
#include <stdio.h>

#include "user/base/text.h"
#include "user/sink/html/figure.h"

#define WIDTH 1100
#define HEIGHT 690
#define BOX_WIDTH 220
#define BOX_HEIGHT 80
#define END_HEIGHT 34
#define STUB 38
#define THINNEST 1.5
#define THICKEST 11.0

/* Where the states stand: clients and who closes first to the left, servers to the right. */
struct place {
	enum tcp_state state;
	double x, y; /* the middle of its upper edge */
};

static const struct place places[] = {
	{ STATE_SYN_SENT, 250, 80 },	 { STATE_SYN_RECV, 850, 80 },
	{ STATE_ESTABLISHED, 550, 190 }, { STATE_FIN_WAIT1, 250, 300 },
	{ STATE_CLOSE_WAIT, 850, 300 },	 { STATE_CLOSING, 550, 410 },
	{ STATE_FIN_WAIT2, 250, 430 },	 { STATE_LAST_ACK, 850, 430 },
	{ STATE_TIME_WAIT, 550, 545 },
};
static const struct place begin_place = { STATE_CLOSED, 550, 10 };
static const struct place end_place = { STATE_CLOSED, 850, 640 };

/* Arrows of an orderly life. Others that were seen are in the table. */
static const struct {
	enum tcp_state from, to;
} arrows[] = {
	{ STATE_CLOSED, STATE_SYN_SENT },	 { STATE_CLOSED, STATE_SYN_RECV },
	{ STATE_SYN_SENT, STATE_SYN_RECV },	 { STATE_SYN_SENT, STATE_ESTABLISHED },
	{ STATE_SYN_RECV, STATE_ESTABLISHED },	 { STATE_ESTABLISHED, STATE_FIN_WAIT1 },
	{ STATE_ESTABLISHED, STATE_CLOSE_WAIT }, { STATE_FIN_WAIT1, STATE_FIN_WAIT2 },
	{ STATE_FIN_WAIT1, STATE_CLOSING },	 { STATE_FIN_WAIT1, STATE_TIME_WAIT },
	{ STATE_FIN_WAIT2, STATE_TIME_WAIT },	 { STATE_CLOSING, STATE_TIME_WAIT },
	{ STATE_CLOSE_WAIT, STATE_LAST_ACK },	 { STATE_LAST_ACK, STATE_CLOSED },
	{ STATE_TIME_WAIT, STATE_CLOSED },
};

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static const struct place *place_of(enum tcp_state state, bool is_begin)
{
	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (places[i].state == state)
			return &places[i];
	return is_begin ? &begin_place : &end_place;
}

static double height_of(const struct place *place)
{
	return place->state == STATE_CLOSED ? END_HEIGHT : BOX_HEIGHT;
}

static double width_of(const struct place *place)
{
	return place->state == STATE_CLOSED ? BOX_WIDTH / 2.0 : BOX_WIDTH;
}

/* Where the line from the middle of a box towards (x, y) leaves it. */
static void leave(const struct place *place, double x, double y, double *ret_x, double *ret_y)
{
	double middle = place->y + height_of(place) / 2, dx = x - place->x, dy = y - middle;
	double across = dx ? width_of(place) / 2 / (dx < 0 ? -dx : dx) : 1e9;
	double along = dy ? height_of(place) / 2 / (dy < 0 ? -dy : dy) : 1e9;
	double part = across < along ? across : along;

	*ret_x = place->x + dx * part;
	*ret_y = middle + dy * part;
}

/* The area of a stroke is what people compare. */
static double root(double value)
{
	double guess = value > 1 ? value : 1;

	for (int i = 0; i < 24; i++)
		guess = (guess + value / guess) / 2;
	return value > 0 ? guess : 0;
}

static double thickness(uint64_t count, uint64_t all)
{
	return THINNEST + (THICKEST - THINNEST) * root(all ? (double)count / (double)all : 0);
}

static void add_line(const struct html_page *p, double x1, double y1, double x2, double y2,
		     double width, const char *class)
{
	html_raw(p, "<line class=\"");
	html_raw(p, class);
	html_raw(p, "\"");
	figure_attribute(p->out, "x1", x1);
	figure_attribute(p->out, "y1", y1);
	figure_attribute(p->out, "x2", x2);
	figure_attribute(p->out, "y2", y2);
	figure_attribute(p->out, "stroke-width", width);
	html_raw(p, "/>");
}

/* A triangle at the end of a line that comes along (dx, dy), which has the length 1. */
static void add_tip(const struct html_page *p, double x, double y, double dx, double dy,
		    double size, const char *class)
{
	html_raw(p, "<path class=\"");
	html_raw(p, class);
	html_raw(p, "\" d=\"M");
	figure_add(p->out, x);
	html_raw(p, " ");
	figure_add(p->out, y);
	html_raw(p, "L");
	figure_add(p->out, x - dx * size - dy * size * 0.55);
	html_raw(p, " ");
	figure_add(p->out, y - dy * size + dx * size * 0.55);
	html_raw(p, "L");
	figure_add(p->out, x - dx * size + dy * size * 0.55);
	html_raw(p, " ");
	figure_add(p->out, y - dy * size - dx * size * 0.55);
	html_raw(p, "z\"/>");
}

/* Beside a line along (dx, dy), on the side that is further from the middle of the figure. */
static void add_label(const struct html_page *p, double x, double y, double dx, double dy,
		      double off, uint64_t count)
{
	bool to_left = x < WIDTH / 2.0 - 1;
	double side = (-dy > 0) == to_left ? -1 : 1;

	figure_text(p, x - dy * side * off, y + dx * side * off + 4 + 5 * dx * side,
		    to_left ? "label right" : "label", HTML_N(count));
}

static void add_arrow_title(const struct html_page *p, enum tcp_state from, enum tcp_state to,
			    uint64_t count)
{
	char number[HTML_NUMBER_SIZE];

	buffer_addf(p->out, "<title>%s \u2192 %s: %s</title>", state_name(from), state_name(to),
		    html_number(count, number));
}

static void add_arrow(const struct html_page *p, enum tcp_state from, enum tcp_state to,
		      uint64_t all)
{
	const struct place *a = place_of(from, true), *b = place_of(to, false);
	uint64_t count = p->report->passages.moves[from][to];
	double x1, y1, x2, y2, length, dx, dy, width = thickness(count, all);
	double tip = 7 + width * 1.1;

	leave(a, b->x, b->y + height_of(b) / 2, &x1, &y1);
	leave(b, a->x, a->y + height_of(a) / 2, &x2, &y2);
	length = root((x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1));
	dx = (x2 - x1) / length;
	dy = (y2 - y1) / length;
	html_raw(p, count ? "<g class=\"arrow\">" : "<g class=\"arrow idle\">");
	add_arrow_title(p, from, to, count);
	add_line(p, x1, y1, x2 - dx * tip * 0.8, y2 - dy * tip * 0.8, width, "flow");
	add_tip(p, x2, y2, dx, dy, tip, "tip");
	if (count)
		add_label(p, (x1 + x2) / 2, (y1 + y2) / 2, dx, dy, 6 + width / 2, count);
	html_raw(p, "</g>\n");
}

/* Lives that ended in a state from which no orderly one ends. */
static void add_stub(const struct html_page *p, const struct place *place)
{
	uint64_t count = p->report->passages.moves[place->state][STATE_CLOSED];
	bool to_left = place->x < WIDTH / 2.0 - 1;
	double side = to_left ? -1 : 1, x = place->x + side * BOX_WIDTH / 2;
	double y = place->y + 44;

	if (!count || place->state == STATE_TIME_WAIT || place->state == STATE_LAST_ACK)
		return;
	html_raw(p, "<g class=\"arrow failed\">");
	add_arrow_title(p, place->state, STATE_CLOSED, count);
	add_line(p, x, y, x + side * STUB, y, 2.5, "flow");
	html_raw(p, "<path class=\"cross\" d=\"M");
	figure_add(p->out, x + side * STUB - 5);
	html_raw(p, " ");
	figure_add(p->out, y - 5);
	html_raw(p, "l10 10m0 -10l-10 10\"/>");
	figure_text(p, x + side * (STUB + 9), y + 4, to_left ? "label right" : "label",
		    HTML_N(count));
	html_raw(p, "</g>\n");
}

static void add_dwell(const struct html_page *p, const struct place *place, double y)
{
	const struct histogram_row *row = html_dwell(p, place->state);
	char p50[TEXT_DURATION_SIZE], p99[TEXT_DURATION_SIZE], text[64];

	if (!row || !row->histogram->count)
		return;
	snprintf(text, sizeof(text), "p50 %s  p99 %s", text_duration(html_quantile(row, 0.5), p50),
		 text_duration(html_quantile(row, 0.99), p99));
	figure_text(p, place->x, y, "small middle", HTML_S(text));
}

static void add_box(const struct html_page *p, const struct place *place, uint64_t all)
{
	const struct passages *passages = &p->report->passages;
	const struct passages_left *left = &passages->left[place->state];
	uint64_t into = passages_into(passages, place->state);

	html_raw(p, left->stuck		? "<g class=\"box stuck\"><rect rx=\"9\"" :
		    into || left->count ? "<g class=\"box\"><rect rx=\"9\"" :
					  "<g class=\"box idle\"><rect rx=\"9\"");
	figure_attribute(p->out, "x", place->x - BOX_WIDTH / 2.0);
	figure_attribute(p->out, "y", place->y);
	figure_attribute(p->out, "width", BOX_WIDTH);
	figure_attribute(p->out, "height", BOX_HEIGHT);
	html_raw(p, "/>");
	figure_text(p, place->x, place->y + 20, "name middle", HTML_S(state_name(place->state)));
	html_raw(p, "<text class=\"middle\"");
	figure_attribute(p->out, "x", place->x);
	figure_attribute(p->out, "y", place->y + 38);
	html_raw(p, ">");
	html_add_word(p->out, HTML_IN_SVG, &HTML_N(into));
	html_raw(p, " \u00b7 ");
	html_add_word(p->out, HTML_IN_SVG, &HTML_SHARE(into, all));
	html_raw(p, "</text>");
	add_dwell(p, place, place->y + 55);
	if (left->count) {
		html_raw(p, "<text class=\"left middle\"");
		figure_attribute(p->out, "x", place->x);
		figure_attribute(p->out, "y", place->y + 72);
		html_raw(p, ">");
		HTML_SAY_SVG(p, IN_IT, HTML_N(left->count));
		if (left->stuck) {
			html_raw(p, ", <tspan class=\"alarm\">");
			HTML_SAY_SVG(p, STUCK_IN_IT, HTML_N(left->stuck));
			html_raw(p, "</tspan>");
		}
		html_raw(p, "</text>");
	}
	html_raw(p, "</g>\n");
}

static void add_end(const struct html_page *p, const struct place *place, enum html_phrase phrase)
{
	html_raw(p, "<g class=\"box\"><rect rx=\"17\"");
	figure_attribute(p->out, "x", place->x - BOX_WIDTH / 4.0);
	figure_attribute(p->out, "y", place->y);
	figure_attribute(p->out, "width", BOX_WIDTH / 2.0);
	figure_attribute(p->out, "height", END_HEIGHT);
	html_raw(p, "/>");
	figure_text(p, place->x, place->y + 22, "small middle",
		    HTML_S(html_phrase(phrase, p->language)));
	html_raw(p, "</g>\n");
}

static void add_graph(const struct html_page *p)
{
	uint64_t all = passages_begun(&p->report->passages);

	html_raw(p, "<figure class=\"wide\" tabindex=\"0\">\n");
	figure_begin(p, "machine", WIDTH, HEIGHT);
	HTML_SAY_SVG(p, MACHINE_DESC);
	html_raw(p, "</desc>\n<defs><pattern id=\"hatch\" width=\"8\" height=\"8\" "
		    "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
		    "<rect class=\"hatch-ground\" width=\"8\" height=\"8\"/>"
		    "<rect class=\"hatch-line\" width=\"3\" height=\"8\"/></pattern></defs>\n");
	for (size_t i = 0; i < COUNT_OF(arrows); i++)
		add_arrow(p, arrows[i].from, arrows[i].to, all);
	for (size_t i = 0; i < COUNT_OF(places); i++)
		add_stub(p, &places[i]);
	for (size_t i = 0; i < COUNT_OF(places); i++)
		add_box(p, &places[i], all);
	add_end(p, &begin_place, HTML_BEGIN);
	add_end(p, &end_place, HTML_END);
	figure_end(p);
	html_raw(p, "</figure>\n");
}

static void add_states(const struct html_page *p)
{
	static const enum html_phrase heads[] = { HTML_STATE, HTML_ENTERED, HTML_SHARE_OF_ALL,
						  HTML_P50,   HTML_P99,	    HTML_NOW,
						  HTML_STUCK, HTML_OLDEST };
	const struct passages *passages = &p->report->passages;
	uint64_t all = passages_begun(passages);

	html_table_begin(p, HTML_MACHINE, HTML_TABLE_SORTED, heads, COUNT_OF(heads));
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		enum tcp_state state = places[i].state;
		const struct passages_left *left = &passages->left[state];
		const struct histogram_row *row = html_dwell(p, state);

		html_row_begin(p);
		html_head_cell(p, HTML_S(state_name(state)));
		html_cell(p, HTML_N(passages_into(passages, state)));
		html_cell(p, HTML_SHARE(passages_into(passages, state), all));
		html_cell(p, HTML_T(html_quantile(row, 0.5)));
		html_cell(p, HTML_T(html_quantile(row, 0.99)));
		html_cell(p, summary_knows_state(&p->report->summary, state) ? HTML_N(left->count) :
									       HTML_S("-"));
		html_cell(p, HTML_N(left->stuck));
		html_cell(p, HTML_AGE(left->oldest_ns ? left->oldest_ns : TIME_UNKNOWN,
				      left->is_older));
		html_row_end(p);
	}
	html_table_end(p);
}

static void add_moves(const struct html_page *p)
{
	static const enum html_phrase heads[] = { HTML_FROM, HTML_TO, HTML_COUNT };

	html_table_begin(p, HTML_TRANSITIONS, HTML_TABLE_SORTED, heads, COUNT_OF(heads));
	for (unsigned int from = 0; from < STATE_COUNT; from++)
		for (unsigned int to = 0; to < STATE_COUNT; to++) {
			uint64_t count = p->report->passages.moves[from][to];

			if (!count)
				continue;
			html_row_begin(p);
			html_cell(p, HTML_S(state_name(from)));
			html_cell(p, HTML_S(state_name(to)));
			html_cell(p, HTML_N(count));
			html_row_end(p);
		}
	html_table_end(p);
}

void html_section_machine(const struct html_page *p)
{
	html_raw(p, "<p>");
	HTML_SAY(p, MACHINE_ABOUT);
	html_raw(p, "</p>\n");
	add_graph(p);
	html_raw(p, "<details><summary>");
	HTML_SAY(p, AS_TABLE);
	html_raw(p, "</summary>\n");
	add_states(p);
	add_moves(p);
	html_raw(p, "</details>\n");
}
