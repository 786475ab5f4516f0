// SPDX-License-Identifier: GPL-2.0-only
/* Histograms, who is in no histogram yet, and failures, as lines of JSON. */
#include "user/sink/fact.h"
#include "user/sink/json/line.h"

static void add_unit(struct json *j, const struct sink_settings *s, uint64_t cgroup)
{
	struct lore_workload w = { NULL };

	if (cgroup)
		lore_workload(s->lore, cgroup, &w);
	line_add_text(j, LINE_KEY("unit"), w.unit);
	line_add_known(j, LINE_KEY("unit_user"), w.has_unit_user, w.unit_user);
}

/* The rest has the keys as well, so that every line of a run has the same fields, and says so. */
static void add_group(struct json *j, const struct sink_settings *s, unsigned int keys,
		      const struct group *g)
{
	char scratch[FACT_CGROUP_SIZE];

	line_add_key(j, LINE_KEY("by"));
	json_object_begin(j);
	if (keys & 1U << GROUP_BY_COMM)
		line_add_comm(j, LINE_KEY("comm"), g->has_comm, g->comm, sizeof(g->comm));
	if (keys & 1U << GROUP_BY_THREAD)
		line_add_comm(j, LINE_KEY("thread"), g->has_thread, g->thread, sizeof(g->thread));
	if (keys && g->is_listeners)
		line_add_word(j, LINE_KEY("owner_source"), "listener");
	if (keys & 1U << GROUP_BY_RADDR)
		line_add_address(j, LINE_KEY("raddr"), g->has_raddr ? &g->raddr : NULL);
	if (keys & 1U << GROUP_BY_RADDR && g->ifindex)
		line_add_interface(j, g->ifindex, g->ifname);
	if (keys & 1U << GROUP_BY_RPORT)
		line_add_known(j, LINE_KEY("rport"), g->has_rport, g->rport);
	if (keys & 1U << GROUP_BY_LPORT)
		line_add_known(j, LINE_KEY("lport"), g->lport, g->lport);
	if (keys & 1U << GROUP_BY_NETNS)
		line_add_known(j, LINE_KEY("netns"), g->netns, g->netns);
	if (keys & 1U << GROUP_BY_CGROUP)
		line_add_cgroup(j, s, g->cgroup);
	if (keys & 1U << GROUP_BY_UNIT)
		add_unit(j, s, g->unit);
	if (keys & 1U << GROUP_BY_CONTAINER)
		line_add_text(j, LINE_KEY("container"),
			      fact_group_name(s, GROUP_BY_CONTAINER, g, scratch));
	if (keys & 1U << GROUP_BY_POD)
		line_add_text(j, LINE_KEY("pod"), fact_group_name(s, GROUP_BY_POD, g, scratch));
	if (keys & 1U << GROUP_BY_OUTCOME)
		line_add_word(j, LINE_KEY("outcome"),
			      g->is_other ? NULL : conn_outcome_name(g->outcome));
	if (keys && g->is_other)
		line_add_bool(j, LINE_KEY("other"), true);
	json_object_end(j);
}

static void add_bucket(void *context, uint64_t low, uint64_t high, uint64_t count)
{
	struct json *j = context;

	json_array_begin(j);
	json_u64(j, low);
	json_u64(j, high);
	json_u64(j, count);
	json_array_end(j);
}

static void add_tally(struct json *j, const struct histogram_row *row)
{
	if (!row->tally)
		return;
	json_key(j, row->tally->name);
	json_object_begin(j);
	for (unsigned int i = 0; i < row->tally->size; i++) {
		const char *name = row->tally->class_name(i);

		if (!name || (!row->counts[i] && row->tally->size > CONN_QUALITY_COUNT))
			continue;
		json_key(j, name);
		json_u64(j, row->counts[i]);
	}
	json_object_end(j);
}

struct histogram_lines {
	const struct sink_settings *settings;
	struct buffer *out;
	unsigned int keys;
	const struct histogram_span *span; /* NULL: all are of the whole run */
};

static void add_span(struct json *j, const struct clock *clock, const struct histogram_span *span)
{
	char time[CLOCK_ISO_SIZE];

	line_add_word(j, LINE_KEY("time"), clock_format_iso(clock, span->begin_ns, time));
	line_add_u64(j, LINE_KEY("duration_ns"), span->end_ns - span->begin_ns);
}

static void print_histogram(void *context, const struct histogram_row *row)
{
	const struct histogram_lines *lines = context;
	const struct histogram *h = row->histogram;
	struct json j;

	line_begin(&j, lines->out, "histogram");
	line_add_word(&j, LINE_KEY("name"), row->name);
	if (lines->span)
		add_span(&j, &lines->settings->clock, lines->span);
	add_group(&j, lines->settings, lines->keys, row->group);
	line_add_word(&j, LINE_KEY("unit"), "ns");
	line_add_u64(&j, LINE_KEY("count"), h->count);
	line_add_u64(&j, LINE_KEY("unknown"), row->unknown);
	line_add_u64(&j, LINE_KEY("estimated"), row->estimated);
	line_add_known(&j, LINE_KEY("min"), h->count, h->min);
	line_add_known(&j, LINE_KEY("max"), h->count, h->max);
	line_add_known(&j, LINE_KEY("mean"), h->count, (uint64_t)(histogram_mean(h) + 0.5));
	line_add_known(&j, LINE_KEY("p50"), h->count, histogram_quantile(h, 0.5));
	line_add_known(&j, LINE_KEY("p90"), h->count, histogram_quantile(h, 0.9));
	line_add_known(&j, LINE_KEY("p99"), h->count, histogram_quantile(h, 0.99));
	line_add_known(&j, LINE_KEY("p999"), h->count, histogram_quantile(h, 0.999));
	add_tally(&j, row);
	line_add_key(&j, LINE_KEY("buckets"));
	json_array_begin(&j);
	histogram_each(h, add_bucket, &j);
	json_array_end(&j);
	line_end(&j);
}

void json_print_histograms(const struct sink_settings *s, struct buffer *out,
			   const struct histogram_set *set)
{
	struct histogram_lines lines = { s, out, histogram_set_keys(set), histogram_set_span(set) };

	if (histogram_set_each(set, print_histogram, &lines))
		out->failed = true;
}

static void print_staying(void *context, const struct staying_row *row)
{
	struct json j;

	line_begin(&j, context, "staying");
	line_add_word(&j, LINE_KEY("state"), state_name(row->state));
	line_add_u64(&j, LINE_KEY("count"), row->staying->count);
	line_add_ns(&j, LINE_KEY("oldest_ns"), row->staying->oldest_ns);
	line_add_word(&j, LINE_KEY("oldest_quality"), staying_quality(row->staying));
	line_end(&j);
}

void json_print_staying(const struct sink_settings *s, struct buffer *out,
			const struct staying staying[STATE_COUNT], uint32_t only)
{
	(void)s;
	staying_each(staying, only, print_staying, out);
}

struct failure_lines {
	const struct sink_settings *settings;
	struct buffer *out;
};

static void print_failure(void *context, const struct failure *f, uint64_t count)
{
	const struct failure_lines *lines = context;
	const struct conn *c = &f->example;
	char text[FACT_ERRNO_SIZE], reason[RESET_REASON_SIZE];
	bool server = c->role == CONN_ROLE_SERVER;
	struct json j;

	line_begin(&j, lines->out, "failure");
	line_add_u64(&j, LINE_KEY("count"), count);
	line_add_u64(&j, LINE_KEY("count_at_most"), count + f->missed);
	line_add_bool(&j, LINE_KEY("other"), f->is_other);
	line_add_word(&j, LINE_KEY("outcome"), f->is_other ? NULL : conn_outcome_name(c->outcome));
	line_add_word(&j, LINE_KEY("cause"), cause_of(c->cause)->name);
	line_add_word(&j, LINE_KEY("errno"), fact_errno(c, text));
	line_add_word(&j, LINE_KEY("reset_reason"),
		      fact_reset_reason(lines->settings, c->reset_reason, reason));
	line_add_word(&j, LINE_KEY("role"), f->is_other ? NULL : conn_role_name(c->role));
	line_add_address(&j, LINE_KEY("raddr"), server ? NULL : fact_raddr(c));
	line_add_known(&j, LINE_KEY("rport"), !server && fact_has_rport(c), fact_rport(c));
	line_add_known(&j, LINE_KEY("lport"), server && c->lport, c->lport);
	line_add_name(&j, LINE_KEY("comm"), fact_common_comm(c));
	line_add_name(&j, LINE_KEY("process"), conn_process(c));
	line_add_word(&j, LINE_KEY("owner_source"), fact_owner_source(c));
	line_end(&j);
}

void json_print_failures(const struct sink_settings *s, struct buffer *out,
			 const struct failure_set *set)
{
	struct failure_lines lines = { s, out };

	if (failure_set_each(set, print_failure, &lines))
		out->failed = true;
}
