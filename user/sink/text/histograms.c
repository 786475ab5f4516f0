// SPDX-License-Identifier: GPL-2.0-only
/* Draws histograms: bars between round durations that double from one to the next, percentiles. */
#include "user/sink/text/histograms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/sentence.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/sink/fact.h"
#include "user/sink/legend.h"
#include "user/sink/text/columns.h"
#include "user/sink/text/histograms_phrase.h"

#define COLUMNS_LEAST 40
#define COLUMNS_GIVEN(s) ((s)->columns < COLUMNS_LEAST ? COLUMNS_LEAST : (s)->columns)
#define LABEL_SIZE 16
#define SAYS(NAME) HISTOGRAMS_SAYS_##NAME
#define EMPTY_BARS 3  /* so many in a row are left out */
#define CLASS_SIZE 48 /* a word and a number */
#define TALLY_SIZE 256
#define UNUSED __attribute__((unused))

static const struct quantile {
	const char *name, *title;
	double p;
	unsigned int leaves; /* which one a narrow table leaves out first; 0: never */
} quantiles[] = {
	{ "p50", "P50", 0.5, 0 },	/* stays */
	{ "p90", "P90", 0.9, 2 },	/* leaves second */
	{ "p99", "P99", 0.99, 3 },	/* leaves third */
	{ "p99.9", "P99.9", 0.999, 1 }, /* leaves first */
	{ "max", "MAX", 1, 4 },		/* leaves last, by nearly all keys */
};
#define QUANTILES (sizeof(quantiles) / sizeof(quantiles[0]))
#define QUANTILES_LEAVE 4
#define QUANTILE_COLUMNS 6

const char *histograms_phrase_text(enum histograms_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [SAYS(NAME)] = { en, zh },
		HISTOGRAMS_PHRASES(X)
#undef X
	};

	return language_pick(texts, HISTOGRAMS_PHRASE_COUNT, phrase, language);
}

/* A piece, and what its holes are filled with: .n = 3. */
#define ADD(s, out, NAME, ...)                                               \
	sentence_add(out, histograms_phrase_text(SAYS(NAME), (s)->language), \
		     &(struct sentence_words){ __VA_ARGS__ })

/* ---- bars --------------------------------------------------------------------------------- */

/* Edges are 1, 2, 4, ... of a unit, up to the next unit. */
static const struct unit {
	uint64_t ns;
	unsigned int edges;
	const char *name;
} units[] = {
	{ 1, 10, "ns" }, /* 1ns .. 512ns */
	{ NS_PER_S / 1000000, 10, "us" },
	{ NS_PER_S / 1000, 10, "ms" },
	{ NS_PER_S, 6, "s" }, /* 1s .. 32s */
	{ 60 * NS_PER_S, 6, "m" },
	{ 3600 * NS_PER_S, 5, "h" },
	{ NS_PER_DAY, 18, "d" },
};
#define EDGES (1 + 10 + 10 + 10 + 6 + 6 + 5 + 18) /* 0, and those of all units */

/* The unit of an edge between the first and the last one, and how many of it: a power of two. */
static const struct unit *unit_of(unsigned int edge, unsigned int *ret_power)
{
	const struct unit *u = units;
	unsigned int power = edge - 1;

	for (; power >= u->edges; u++)
		power -= u->edges;
	*ret_power = power;
	return u;
}

/* Edge 0 is 0; past the last one there is nothing. */
static uint64_t edge_ns(unsigned int edge)
{
	unsigned int power;
	const struct unit *u;

	if (!edge || edge >= EDGES)
		return edge ? UINT64_MAX : 0;
	u = unit_of(edge, &power);
	return u->ns << power;
}

/* Returns `label`. */
static const char *edge_label(const struct sink_settings *s, unsigned int edge,
			      char label[LABEL_SIZE])
{
	unsigned int power;
	const struct unit *u;

	if (!edge || edge >= EDGES) {
		snprintf(label, LABEL_SIZE, "%s",
			 edge ? histograms_phrase_text(SAYS(MORE), s->language) : "0ns");
		return label;
	}
	u = unit_of(edge, &power);
	snprintf(label, LABEL_SIZE, "%u%s", 1U << power, u->name);
	return label;
}

/* Bar i counts the values from edge i up to edge i + 1. */
struct bars {
	const struct histogram *histogram;
	uint64_t counts[EDGES];
	unsigned int first, last;
	uint64_t largest;
};

/*
 * A bucket that lies across an edge is counted above it, if there are values so high: timers fire
 * at round times or a little later, never before.
 */
static void add_bucket(void *context, UNUSED uint64_t low, uint64_t high, uint64_t count)
{
	struct bars *bars = context;
	uint64_t last = high <= bars->histogram->max ? high - 1 : bars->histogram->max;
	unsigned int i = 0;

	while (i + 1 < EDGES && last >= edge_ns(i + 1))
		i++;
	bars->counts[i] += count;
	if (bars->counts[i] > bars->largest)
		bars->largest = bars->counts[i];
	if (i < bars->first)
		bars->first = i;
	if (i > bars->last)
		bars->last = i;
}

static void add_stars(struct buffer *out, uint64_t count, uint64_t largest, unsigned int room)
{
	unsigned int stars = (unsigned int)((double)count / (double)largest * room + 0.5);

	if (count && !stars)
		stars = 1;
	buffer_add_char(out, '|');
	for (unsigned int i = 0; i < room; i++)
		buffer_add_char(out, i < stars ? '*' : ' ');
	buffer_add_text(out, "|\n");
}

/* How many bars are empty from bar i on. */
static unsigned int count_empty(const struct bars *bars, unsigned int i)
{
	unsigned int first = i;

	while (i <= bars->last && !bars->counts[i])
		i++;
	return i - first;
}

/* The widest label, and no less than most have, so that the blocks of a page are alike. */
static unsigned int label_width(const struct sink_settings *s, const struct bars *bars)
{
	size_t width = strlen("512us");

	for (unsigned int i = bars->first; i <= bars->last + 1; i++) {
		char label[LABEL_SIZE];
		size_t columns;

		edge_label(s, i, label);
		columns = text_width(label, strlen(label));
		if (columns > width)
			width = columns;
	}
	return (unsigned int)width;
}

static void add_blanks(struct buffer *out, unsigned int width, const char *label)
{
	for (size_t i = text_width(label, strlen(label)); i < width; i++)
		buffer_add_char(out, ' ');
}

static void print_bars(const struct sink_settings *s, struct buffer *out, const struct histogram *h)
{
	struct bars bars = { .histogram = h, .first = EDGES };
	unsigned int head, room, width;
	int digits;

	histogram_each(h, add_bucket, &bars);
	width = label_width(s, &bars);
	digits = snprintf(NULL, 0, "%llu", (unsigned long long)bars.largest);
	head = 2 + width + 3 + width + 3 + (unsigned int)digits + 1;
	room = COLUMNS_GIVEN(s) > head + 2 ? COLUMNS_GIVEN(s) - head - 2 : 1;
	for (unsigned int i = bars.first; i <= bars.last; i++) {
		char low[LABEL_SIZE], high[LABEL_SIZE];
		unsigned int empty = count_empty(&bars, i);

		if (empty >= EMPTY_BARS) {
			buffer_add_text(out, "    ...\n");
			i += empty - 1;
			continue;
		}
		edge_label(s, i, low);
		edge_label(s, i + 1, high);
		buffer_add_text(out, "  ");
		add_blanks(out, width, low);
		buffer_addf(out, "%s - %s", low, high);
		add_blanks(out, width, high);
		buffer_addf(out, " : %-*llu ", digits, (unsigned long long)bars.counts[i]);
		add_stars(out, bars.counts[i], bars.largest, room);
	}
}

static void print_quantiles(const struct sink_settings *s, struct buffer *out,
			    const struct histogram *h)
{
	size_t used = 0;

	for (size_t i = 0; i < QUANTILES; i++) {
		char duration[TEXT_DURATION_SIZE];
		size_t size;

		text_duration(histogram_quantile(h, quantiles[i].p), duration);
		size = 2 + strlen(quantiles[i].name) + 1 + strlen(duration);
		if (used + size > COLUMNS_GIVEN(s)) {
			buffer_add_char(out, '\n');
			used = 0;
		}
		buffer_addf(out, "  %s %s", quantiles[i].name, duration);
		used += size;
	}
	buffer_add_char(out, '\n');
}

/* "expired 3": the next class from *i on that has values; NULL when there is none. */
static const char *next_class(const struct histogram_row *row, unsigned int *i,
			      char text[CLASS_SIZE])
{
	while (row->tally && *i < row->tally->size) {
		const char *name = row->tally->class_name(*i);
		uint64_t count = row->counts[(*i)++];

		if (!name || !count)
			continue;
		snprintf(text, CLASS_SIZE, "%s %llu", name, (unsigned long long)count);
		return text;
	}
	return NULL;
}

/* "  expired 3, reused 1", on as many lines as it takes. */
static void print_tally(const struct sink_settings *s, struct buffer *out,
			const struct histogram_row *row)
{
	char text[CLASS_SIZE];
	unsigned int i = 0;
	size_t used = 0;

	while (next_class(row, &i, text)) {
		size_t size = 2 + strlen(text);

		if (used && used + size + 1 > COLUMNS_GIVEN(s)) {
			buffer_add_text(out, ",\n ");
			used = 0;
		} else {
			buffer_add_char(out, used ? ',' : ' ');
		}
		buffer_addf(out, " %s", text);
		used += size;
	}
	if (used)
		buffer_add_char(out, '\n');
}

#define KEY_COLUMNS_OUTCOME_MOST 19 /* its name; below, its code */

/* ---- groups ------------------------------------------------------------------------------- */

static bool has_name(const struct group *g, unsigned int key)
{
	return (key == GROUP_BY_COMM && g->has_comm) || (key == GROUP_BY_THREAD && g->has_thread);
}

static struct owner_name owner_of(const struct group *g, unsigned int key)
{
	const char *name = key == GROUP_BY_THREAD ? g->thread : g->comm;

	return (struct owner_name){ name, strlen(name), g->is_listeners };
}

/* Fills `text` for all the others; a group of which the fact is unknown has "-". */
static const char *key_text(const struct group *g, enum group_key key, size_t width,
			    char text[COLUMNS_TEXT_SIZE])
{
	const char *name;

	switch (key) {
	case GROUP_BY_RADDR:
		return columns_place(fact_group_remote(g), width, text);
	case GROUP_BY_RPORT:
		return columns_number(g->has_rport, g->rport, text);
	case GROUP_BY_LPORT:
		return columns_number(g->lport, g->lport, text);
	case GROUP_BY_NETNS:
		return columns_number(g->netns, g->netns, text);
	case GROUP_BY_OUTCOME:
		name = conn_outcome_name((enum conn_outcome)g->outcome);
		return !name				? "-" :
		       width < KEY_COLUMNS_OUTCOME_MOST ? legend_end(g->outcome)->code :
							  name;
	default:
		return "-";
	}
}

static void print_group(const struct sink_settings *s, struct buffer *out, unsigned int keys,
			const struct group *g)
{
	if (g->is_other) {
		ADD(s, out, OTHER_GROUPS);
		return;
	}
	for (unsigned int key = 0; key < GROUP_KEY_COUNT; key++) {
		char text[COLUMNS_TEXT_SIZE];
		struct owner_name owner = owner_of(g, key);
		const char *path;

		if (!(keys & 1U << key))
			continue;
		ADD(s, out, KEY, .w = group_key_name(key));
		path = fact_group_name(s, key, g, text);
		if (path)
			text_add_escaped(out, path, strlen(path), TEXT_UNLIMITED);
		else if (has_name(g, key))
			owner_add(out, &owner, TEXT_UNLIMITED);
		else
			buffer_add_text(out, key_text(g, key, ADDRESS_TEXT_SIZE, text));
	}
}

/* ---- blocks and tables ---------------------------------------------------------------------- */

/* What is printed, and the columns of a table. */
struct page {
	const struct sink_settings *settings;
	struct buffer *out;
	unsigned int keys;
	bool begun; /* something is above */
	enum histogram_id table;
	unsigned int leaves; /* percentiles up to this rank are left out */
	size_t comm_width, raddr_width, outcome_width;
	size_t cgroup_width[GROUP_BY_POD - GROUP_BY_CGROUP + 1]; /* by cgroup, unit and so on */
	size_t tally_width;					 /* 0: there is no room for it */
	bool is_uncut;	 /* facts that are too wide for their columns run over */
	uint32_t breaks; /* a set of 1 << column, keys first: those that begin a line */
};

#define INDENT 2 /* of what had no room on the line before */
#define COLUMN_COUNT GROUP_KEY_COUNT

static void print_block(void *context, const struct histogram_row *row)
{
	struct page *page = context;
	const struct sink_settings *s = page->settings;
	const struct histogram *h = row->histogram;

	if (page->begun)
		buffer_add_char(page->out, '\n');
	page->begun = true;
	buffer_add_text(page->out, histogram_title(row->id, page->settings->language));
	if (row->group)
		print_group(page->settings, page->out, page->keys, row->group);
	buffer_add_text(page->out, "\n  ");
	if (!h->count) {
		if (row->unknown)
			ADD(s, page->out, COUNT_UNKNOWN, .n = row->unknown);
		else
			ADD(s, page->out, COUNT, .n = 0);
		buffer_add_char(page->out, '\n');
		print_tally(page->settings, page->out, row);
		return;
	}
	ADD(s, page->out, COUNT, .n = h->count);
	/* The tally of a handshake says so anyway. */
	if (row->estimated && row->id == HISTOGRAM_TIME_WAIT)
		ADD(s, page->out, ESTIMATED, .n = row->estimated);
	if (row->unknown)
		ADD(s, page->out, UNKNOWN, .n = row->unknown);
	buffer_add_char(page->out, '\n');
	print_bars(page->settings, page->out, h);
	print_quantiles(page->settings, page->out, h);
	print_tally(page->settings, page->out, row);
}

#define COUNT_COLUMNS 9
#define UNKNOWN_COLUMNS 7
#define KEY_COLUMNS_COMM 9
#define KEY_COLUMNS_COMM_LEAST 4 /* by all keys at once */
#define KEY_COLUMNS_COMM_ALONE 16
#define KEY_COLUMNS_THREAD_LEAST 6 /* its title */
#define KEY_COLUMNS_RADDR 15
#define KEY_COLUMNS_RADDR_LEAST 8
#define KEY_COLUMNS_RADDR_MOST 39
#define KEY_COLUMNS_CGROUP 12
#define KEY_COLUMNS_CGROUP_LEAST 6
#define KEY_COLUMNS_CGROUP_MOST 48
#define KEY_COLUMNS_CONTAINER_LEAST 9 /* its title */
#define KEY_COLUMNS_OUTCOME 4	      /* for its code */
#define TALLY_COLUMNS_LEAST 32

static size_t key_width(const struct page *page, enum group_key key)
{
	switch (key) {
	case GROUP_BY_COMM:
		return page->comm_width;
	case GROUP_BY_THREAD:
		return page->comm_width < KEY_COLUMNS_THREAD_LEAST ? KEY_COLUMNS_THREAD_LEAST :
								     page->comm_width;
	case GROUP_BY_RADDR:
		return page->raddr_width;
	case GROUP_BY_CONTAINER:
		if (page->cgroup_width[key - GROUP_BY_CGROUP] < KEY_COLUMNS_CONTAINER_LEAST)
			return KEY_COLUMNS_CONTAINER_LEAST;
		return page->cgroup_width[key - GROUP_BY_CGROUP];
	case GROUP_BY_CGROUP:
	case GROUP_BY_UNIT:
	case GROUP_BY_POD:
		return page->cgroup_width[key - GROUP_BY_CGROUP];
	case GROUP_BY_NETNS:
		return 10;
	case GROUP_BY_OUTCOME:
		return page->outcome_width;
	default:
		return 5;
	}
}

static bool has_quantile(const struct page *page, size_t i)
{
	return !quantiles[i].leaves || quantiles[i].leaves > page->leaves;
}

static size_t numbers_width(const struct page *page)
{
	size_t width = COUNT_COLUMNS + 1 + UNKNOWN_COLUMNS;

	for (size_t i = 0; i < QUANTILES; i++)
		if (has_quantile(page, i))
			width += 1 + QUANTILE_COLUMNS;
	return width;
}

static size_t table_width(const struct page *page)
{
	size_t width = numbers_width(page);

	for (unsigned int key = 0; key < GROUP_KEY_COUNT; key++)
		if (page->keys & 1U << key)
			width += key_width(page, key) + 1;
	return width;
}

/* What is left of the room for a column that may take it; takes it off. */
static size_t widen(size_t width, size_t most, size_t *room)
{
	size_t wider = width + *room < most ? width + *room : most;

	*room -= wider - width;
	return wider;
}

static bool is_name_alone(unsigned int keys)
{
	return keys == 1U << GROUP_BY_COMM || keys == 1U << GROUP_BY_THREAD;
}

static void set_cgroup_widths(struct page *page, size_t width)
{
	for (int i = 0; i <= GROUP_BY_POD - GROUP_BY_CGROUP; i++)
		page->cgroup_width[i] = width;
}

/* Each as much as is left for those behind it, too. */
static void widen_cgroups(struct page *page, size_t *room)
{
	size_t left = 0;

	for (int key = GROUP_BY_CGROUP; key <= GROUP_BY_POD; key++)
		left += page->keys >> key & 1;
	for (int key = GROUP_BY_CGROUP; key <= GROUP_BY_POD; key++) {
		size_t *width = &page->cgroup_width[key - GROUP_BY_CGROUP];
		size_t share = left ? *room / left : 0, own = share;

		if (!(page->keys >> key & 1))
			continue;
		*width = widen(*width, KEY_COLUMNS_CGROUP_MOST, &own);
		*room -= share - own;
		left--;
	}
}

/* Where not even the least widths fit, keys have lines of their own, and so have numbers. */
static void break_lines(struct page *page)
{
	size_t columns = COLUMNS_GIVEN(page->settings), used = 0;

	for (unsigned int key = 0; key < GROUP_KEY_COUNT; key++) {
		size_t width = key_width(page, key);

		if (!(page->keys & 1U << key))
			continue;
		if (used && used + 1 + width > columns) {
			page->breaks |= 1u << key;
			used = INDENT + width;
		} else {
			used += (used ? 1 : 0) + width;
		}
	}
	page->breaks |= 1u << COLUMN_COUNT;
	page->leaves = 0;
	while (INDENT + numbers_width(page) > columns && page->leaves < QUANTILES_LEAVE)
		page->leaves++;
}

/* Before the cell of the column. */
static void step_to(const struct page *page, struct columns *l, unsigned int column)
{
	if (!(page->breaks >> column & 1))
		return;
	columns_end(l);
	columns_begin(l, l->out);
	columns_left(l, INDENT - 1, "");
}

/*
 * Before the count, which is written in `digits`: facts that have run over into its room have moved
 * it. Where there is no room for that, numbers stand in their columns on the next line.
 */
static void step_to_numbers(const struct page *page, struct columns *l, size_t digits)
{
	size_t all = table_width(page), keys = all - numbers_width(page);
	size_t room = keys + COUNT_COLUMNS, moved = l->used + 1 + digits;

	step_to(page, l, COLUMN_COUNT);
	if (page->breaks || moved <= room || all + moved - room <= COLUMNS_GIVEN(page->settings))
		return;
	columns_end(l);
	columns_begin(l, l->out);
	columns_left(l, keys - 1, "");
}

static void set_fair_widths(struct page *page)
{
	page->comm_width = is_name_alone(page->keys) ? KEY_COLUMNS_COMM_ALONE : KEY_COLUMNS_COMM;
	page->raddr_width = KEY_COLUMNS_RADDR;
	set_cgroup_widths(page, KEY_COLUMNS_CGROUP);
	page->outcome_width = KEY_COLUMNS_OUTCOME;
}

/*
 * Percentiles leave until the rest fits; then what room is left goes to the cgroup, to the peer's
 * address and, if it is enough for that, to the tally.
 */
static void lay_out(struct page *page)
{
	size_t columns = COLUMNS_GIVEN(page->settings), width, room;

	set_fair_widths(page);
	while ((width = table_width(page)) > columns && page->leaves < QUANTILES_LEAVE)
		page->leaves++;
	if (width > columns)
		set_cgroup_widths(page, KEY_COLUMNS_CGROUP_LEAST);
	if (width > columns && table_width(page) > columns)
		page->comm_width = KEY_COLUMNS_COMM_LEAST;
	if (width > columns && table_width(page) > columns)
		page->raddr_width = KEY_COLUMNS_RADDR_LEAST;
	if (width > columns && table_width(page) > columns) {
		set_fair_widths(page);
		break_lines(page);
	}
	room = width < columns ? columns - width : 0;
	widen_cgroups(page, &room);
	if (page->keys & 1U << GROUP_BY_RADDR && width <= columns)
		page->raddr_width = widen(page->raddr_width, KEY_COLUMNS_RADDR_MOST, &room);
	if (page->keys & 1U << GROUP_BY_OUTCOME &&
	    room >= KEY_COLUMNS_OUTCOME_MOST - KEY_COLUMNS_OUTCOME)
		page->outcome_width = widen(page->outcome_width, KEY_COLUMNS_OUTCOME_MOST, &room);
	page->tally_width = room > TALLY_COLUMNS_LEAST ? room - 1 : 0;
}

static bool is_cgroups(enum group_key key)
{
	return key == GROUP_BY_CGROUP || key == GROUP_BY_UNIT || key == GROUP_BY_CONTAINER ||
	       key == GROUP_BY_POD;
}

static bool is_text(enum group_key key)
{
	return key == GROUP_BY_COMM || key == GROUP_BY_THREAD || key == GROUP_BY_RADDR ||
	       is_cgroups(key) || key == GROUP_BY_OUTCOME;
}

/* "by_end" as the title of a column. */
static void add_tally_title(const struct page *page, struct columns *l, const char *name)
{
	char title[CLASS_SIZE];
	size_t i;

	for (i = 0; name[i] && i < sizeof(title) - 1; i++)
		title[i] = name[i] == '_' ? ' ' : (char)(name[i] - 'a' + 'A');
	title[i] = '\0';
	columns_left(l, page->tally_width, title);
}

/* Classes as far as there is room for them. */
static void add_tally(const struct page *page, struct columns *l, const struct histogram_row *row)
{
	char class[CLASS_SIZE], text[TALLY_SIZE] = "";
	size_t most = page->tally_width < sizeof(text) ? page->tally_width : sizeof(text) - 1;
	unsigned int i = 0;
	size_t used = 0;

	while (next_class(row, &i, class)) {
		const char *part = used + 2 + strlen(class) + 4 <= most ? class : "..";

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? ", " : "",
					 part);
		if (part != class)
			break;
	}
	columns_left(l, page->tally_width, used ? text : "-");
}

static void print_table_head(struct page *page, const struct histogram_row *row)
{
	static const char *const titles[GROUP_KEY_COUNT] = {
#define X(NAME, name) #NAME,
		GROUP_KEYS(X)
#undef X
	};
	struct columns l;

	if (page->begun)
		buffer_add_char(page->out, '\n');
	buffer_add_text(page->out, histogram_title(row->id, page->settings->language));
	buffer_add_char(page->out, '\n');
	columns_begin(&l, page->out);
	for (unsigned int key = 0; key < GROUP_KEY_COUNT; key++) {
		if (!(page->keys & 1U << key))
			continue;
		step_to(page, &l, key);
		if (key == GROUP_BY_OUTCOME && page->outcome_width < KEY_COLUMNS_OUTCOME_MOST)
			columns_left(&l, page->outcome_width, "END");
		else if (is_text(key))
			columns_left(&l, key_width(page, key), titles[key]);
		else
			columns_right(&l, key_width(page, key), titles[key]);
	}
	step_to(page, &l, COLUMN_COUNT);
	columns_right(&l, COUNT_COLUMNS, "COUNT");
	columns_right(&l, UNKNOWN_COLUMNS, "UNKNOWN");
	for (size_t i = 0; i < QUANTILES; i++)
		if (has_quantile(page, i))
			columns_right(&l, QUANTILE_COLUMNS, quantiles[i].title);
	if (row->tally && page->tally_width)
		add_tally_title(page, &l, row->tally->name);
	columns_end(&l);
	page->begun = true;
	page->table = row->id;
}

static void add_group_cells(const struct page *page, struct columns *l, const struct group *g)
{
	bool named = false;

	for (unsigned int key = 0; key < GROUP_KEY_COUNT; key++) {
		size_t width = key_width(page, key);
		bool may_run_over = page->is_uncut && key != GROUP_BY_OUTCOME;
		size_t limit = may_run_over ? TEXT_UNLIMITED : width;
		char scratch[COLUMNS_TEXT_SIZE];
		struct owner_name owner = owner_of(g, key);
		const char *text, *path = NULL;

		if (!(page->keys & 1U << key) || (named && g->is_other && page->breaks))
			continue;
		step_to(page, l, key);
		if (g->is_other)
			text = named ? "" : OWNER_OTHERS;
		else
			text = key_text(g, key, limit, scratch);
		named = true;
		if (!g->is_other)
			path = fact_group_name(page->settings, key, g, scratch);
		if (path && key == GROUP_BY_CGROUP)
			columns_path(l, width, limit, path);
		else if (path)
			columns_untrusted(l, width, limit, path, strlen(path));
		else if (!g->is_other && has_name(g, key))
			columns_owner(l, width, limit, &owner);
		else if (is_text(key) || g->is_other)
			columns_left(l, width, text);
		else
			columns_right(l, width, text);
	}
}

/* The cells of the groups of one table, to find out whether two of them look the same. */
struct look {
	const struct page *page;
	enum histogram_id table;
	struct buffer lines; /* each ends with a NUL */
	size_t count;
	bool is_ambiguous;
};

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool has_twins(const struct buffer *lines, size_t count)
{
	const char **sorted = calloc(count + 1, sizeof(*sorted)), *line = lines->bytes;
	bool found = false;

	for (size_t i = 0; sorted && i < count; i++, line += strlen(line) + 1)
		sorted[i] = line;
	if (sorted)
		qsort(sorted, count, sizeof(*sorted), compare_lines);
	for (size_t i = 1; sorted && i < count && !found; i++)
		found = !strcmp(sorted[i - 1], sorted[i]);
	free(sorted);
	return found;
}

static void end_look(struct look *look)
{
	if (!look->lines.failed && look->count > 1)
		look->is_ambiguous |= has_twins(&look->lines, look->count);
	look->lines.size = 0;
	look->count = 0;
}

static void look_at_line(void *context, const struct histogram_row *row)
{
	struct look *look = context;
	struct columns l;

	if (look->table != row->id)
		end_look(look);
	look->table = row->id;
	columns_begin(&l, &look->lines);
	add_group_cells(look->page, &l, row->group);
	buffer_add_char(&look->lines, '\0');
	look->count++;
}

/* Whether groups would look the same in some table, so much would be cut off. */
static bool is_ambiguous(const struct page *page, const struct histogram_set *set)
{
	struct look look = { .page = page };

	buffer_init(&look.lines);
	histogram_set_each(set, look_at_line, &look);
	end_look(&look);
	buffer_done(&look.lines);
	return look.is_ambiguous;
}

static void print_table_line(void *context, const struct histogram_row *row)
{
	struct page *page = context;
	const struct histogram *h = row->histogram;
	char number[COLUMNS_TEXT_SIZE], duration[TEXT_DURATION_SIZE];
	struct columns l;

	if (!page->begun || page->table != row->id)
		print_table_head(page, row);
	columns_begin(&l, page->out);
	add_group_cells(page, &l, row->group);
	columns_number(true, h->count, number);
	step_to_numbers(page, &l, strlen(number));
	columns_right(&l, COUNT_COLUMNS, number);
	columns_right(&l, UNKNOWN_COLUMNS, columns_number(true, row->unknown, number));
	for (size_t i = 0; i < QUANTILES; i++) {
		uint64_t ns = h->count ? histogram_quantile(h, quantiles[i].p) : UINT64_MAX;

		if (has_quantile(page, i))
			columns_right(&l, QUANTILE_COLUMNS, text_duration(ns, duration));
	}
	if (row->tally && page->tally_width)
		add_tally(page, &l, row);
	columns_end(&l);
}

void text_histogram(const struct sink_settings *s, struct buffer *out,
		    const struct histogram_row *row)
{
	struct page page = { .settings = s, .out = out };

	print_block(&page, row);
}

/* By the time of day, if nothing else is asked for. */
static void print_span(const struct sink_settings *s, struct buffer *out,
		       const struct histogram_span *span)
{
	char begin[COLUMNS_TEXT_SIZE], end[COLUMNS_TEXT_SIZE];

	if (span->is_later)
		buffer_add_char(out, '\n');
	if (s->wall_time || !s->timestamp)
		ADD(s, out, SPAN, .w = clock_format_time(&s->clock, span->begin_ns, begin),
		    .v = clock_format_time(&s->clock, span->end_ns, end));
	if (s->wall_time && s->timestamp)
		buffer_add_text(out, ", ");
	if (s->timestamp)
		ADD(s, out, SPAN, .w = columns_timestamp(s->start_mono_ns, span->begin_ns, begin),
		    .v = columns_timestamp(s->start_mono_ns, span->end_ns, end));
	buffer_add_char(out, '\n');
}

void text_histograms_none(const struct sink_settings *s, struct buffer *out)
{
	ADD(s, out, NONE);
	buffer_add_char(out, '\n');
}

void text_histograms(const struct sink_settings *s, struct buffer *out,
		     const struct histogram_set *set)
{
	struct page page = { .settings = s, .out = out, .keys = histogram_set_keys(set) };

	if (histogram_set_span(set))
		print_span(s, out, histogram_set_span(set));
	lay_out(&page);
	page.is_uncut = page.keys && !s->wide && is_ambiguous(&page, set);
	if (histogram_set_each(set, page.keys && !s->wide ? print_table_line : print_block, &page))
		out->failed = true;
	if (page.keys && !page.begun)
		text_histograms_none(s, out);
	if (histogram_set_lost(set)) {
		buffer_add_char(out, '\n');
		ADD(s, out, MISSING, .n = histogram_set_lost(set));
		buffer_add_char(out, '\n');
	}
}
