// SPDX-License-Identifier: GPL-2.0-only
/* Whose connections they were: a table by process, by unit, by pod and by remote address. */
#include <string.h>

#include "user/sink/fact.h"
#include "user/sink/html/page.h"

#define ROWS 50 /* of a table; the others are summed up */

static const struct {
	enum html_phrase caption;
	enum group_key group;
} keys[PARTIES_KEY_COUNT] = {
	[PARTIES_PROCESS] = { HTML_BY_PROCESS, GROUP_BY_COMM },
	[PARTIES_UNIT] = { HTML_BY_UNIT, GROUP_BY_UNIT },
	[PARTIES_POD] = { HTML_BY_POD, GROUP_BY_POD },
	[PARTIES_REMOTE] = { HTML_BY_REMOTE, GROUP_BY_RADDR },
};

static void add_name(const struct html_page *p, enum parties_key key, const struct roster_group *g)
{
	char text[FACT_CGROUP_SIZE], address[FACT_END_SIZE];
	struct fact_end end;
	const char *name;

	if (g->is_other) {
		html_head_cell(p, HTML_S(html_phrase(HTML_OTHERS, p->language)));
	} else if (key == PARTIES_PROCESS) {
		html_owner_cell(p, &g->example);
	} else if (key == PARTIES_REMOTE) {
		end = fact_remote(&g->example);
		html_head_cell(p, HTML_S(end.address ? fact_end_text(&end, address) : NULL));
	} else {
		name = fact_cgroup_name(p->settings, keys[key].group, g->example.cgroup, text);
		html_head_cell(p, HTML_S(name ? name : html_phrase(HTML_NONE, p->language)));
	}
}

static void add_row(const struct html_page *p, enum parties_key key, const struct roster_group *g)
{
	html_row_begin(p);
	add_name(p, key, g);
	html_cell(p, HTML_N(g->closed));
	html_cell(p, HTML_N(g->failed));
	html_cell(p, HTML_SHARE(g->failed, roster_group_ended(g)));
	html_cell(p, HTML_N(g->live));
	html_cell(p, HTML_N(g->in[STATE_CLOSE_WAIT]));
	html_cell(p, summary_knows_state(&p->report->summary, STATE_TIME_WAIT) ?
			     HTML_N(g->in[STATE_TIME_WAIT]) :
			     HTML_S("-"));
	html_cell(p, HTML_T(g->handshakes ? g->handshake_ns / g->handshakes : TIME_UNKNOWN));
	html_row_end(p);
}

static void add_up(struct roster_group *sum, const struct roster_group *g)
{
	sum->closed += g->closed;
	sum->failed += g->failed;
	sum->live += g->live;
	sum->in[STATE_CLOSE_WAIT] += g->in[STATE_CLOSE_WAIT];
	sum->in[STATE_TIME_WAIT] += g->in[STATE_TIME_WAIT];
	sum->handshakes += g->handshakes;
	sum->handshake_ns += g->handshake_ns;
}

/* Where nobody has such a name, there is no table. */
static bool has_names(const struct html_page *p, enum parties_key key,
		      const struct roster_group *groups, size_t count)
{
	char text[FACT_CGROUP_SIZE];

	if (key == PARTIES_PROCESS || key == PARTIES_REMOTE)
		return count;
	for (size_t i = 0; i < count; i++)
		if (fact_cgroup_name(p->settings, keys[key].group, groups[i].example.cgroup, text))
			return true;
	return false;
}

static void add_table(const struct html_page *p, enum parties_key key,
		      const struct roster_group *groups, size_t count)
{
	const enum html_phrase heads[] = { HTML_NAME,	      HTML_CLOSED,	  HTML_FAILED,
					   HTML_FAILED_SHARE, HTML_STILL_OPEN,	  HTML_CLOSE_WAIT,
					   HTML_TIME_WAIT,    HTML_HANDSHAKE_MEAN };
	struct roster_group rest = { .is_other = true };

	html_table_begin(p, keys[key].caption, HTML_TABLE_SORTED | HTML_TABLE_SEARCHED, heads,
			 sizeof(heads) / sizeof(*heads));
	for (size_t i = 0; i < count; i++) {
		if (i < ROWS && !groups[i].is_other)
			add_row(p, key, &groups[i]);
		else
			add_up(&rest, &groups[i]);
	}
	if (rest.closed || rest.live)
		add_row(p, key, &rest);
	html_table_end(p);
}

void html_section_parties(const struct html_page *p)
{
	const struct report *r = p->report;

	for (unsigned int key = 0; key < PARTIES_KEY_COUNT; key++) {
		size_t count;
		const struct roster_group *groups =
			parties_sort(r->parties, key, r->joiner, &count);

		if (has_names(p, key, groups, count))
			add_table(p, key, groups, count);
	}
}
