// SPDX-License-Identifier: GPL-2.0-only
/* NDJSON, schema version 1: one object a line, unknown is null. */
#include "user/aggregate/measure.h"
#include "user/sink/fact.h"
#include "user/sink/json/line.h"

static void print_transition(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c, const struct transition *t)
{
	struct json j;

	line_begin(&j, out, "transition");
	line_add_conn(&j, s, c, fact_subflow(s, c));
	line_add_time(&j, LINE_KEY("time"), &s->clock, t->mono_ns);
	line_add_ns(&j, LINE_KEY("mono_ns"), t->mono_ns);
	line_add_word(&j, LINE_KEY("from"), state_name(t->from));
	line_add_word(&j, LINE_KEY("to"), state_name(t->to));
	line_add_ns(&j, LINE_KEY("dwell_ns"), t->dwell_ns);
	line_add_word(&j, LINE_KEY("origin"), fact_origin(t));
	line_end(&j);
}

static void add_timeline(struct json *j, const struct conn *c)
{
	line_add_key(j, LINE_KEY("timeline"));
	json_array_begin(j);
	for (unsigned int i = 0; i < c->step_count; i++) {
		bool inferred = c->step_inferred >> i & 1;

		json_object_begin(j);
		line_add_word(j, LINE_KEY("state"), state_name(c->step_state[i]));
		line_add_ns(j, LINE_KEY("mono_ns"), inferred ? TIME_UNKNOWN : c->step_ns[i]);
		line_add_ns(j, LINE_KEY("dwell_ns"), conn_dwell(c, i));
		json_object_end(j);
	}
	json_array_end(j);
}

static void print_half_open(const struct sink_settings *s, struct buffer *out,
			    const struct half_open *h)
{
	char reason[RESET_REASON_SIZE];
	struct json j;

	line_begin(&j, out, "half_open");
	line_add_known(&j, LINE_KEY("netns"), h->netns, h->netns);
	line_add_word(&j, LINE_KEY("family"), address_is_ipv4(&h->raddr) ? "ipv4" : "ipv6");
	line_add_address(&j, LINE_KEY("laddr"), &h->laddr);
	line_add_known(&j, LINE_KEY("lport"), h->lport, h->lport);
	line_add_address(&j, LINE_KEY("raddr"), &h->raddr);
	line_add_known(&j, LINE_KEY("rport"), h->rport, h->rport);
	line_add_word(&j, LINE_KEY("role"), conn_role_name(CONN_ROLE_SERVER));
	line_add_workload(&j, s, h->cgroup);
	line_add_time(&j, LINE_KEY("time"), &s->clock, h->mono_ns);
	line_add_ns(&j, LINE_KEY("mono_ns"), h->mono_ns);
	line_add_ns(&j, LINE_KEY("age_ns"), h->age_ns);
	line_add_u64(&j, LINE_KEY("synack_retransmits"), h->retransmits);
	line_add_word(&j, LINE_KEY("outcome"), half_open_end_name(h->end));
	line_add_word(&j, LINE_KEY("cause"), cause_of(half_open_cause(h))->name);
	line_add_word(&j, LINE_KEY("reset_reason"), fact_reset_reason(s, h->reset_reason, reason));
	line_end(&j);
}

/* null, too, where nothing was sent again. */
static void add_resent(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	struct resent resent;

	line_add_key(j, LINE_KEY("retransmits_by"));
	if (!fact_resent(s, c, &resent)) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	for (size_t i = 0; i < RESENT_KINDS; i++) {
		json_key(j, fact_resent_names[i]);
		json_u64(j, resent.times[i]);
	}
	json_object_end(j);
}

static void print_connection(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c)
{
	bool counted = fact_has_counters(c);
	struct json j;

	line_begin(&j, out, "connection");
	line_add_conn(&j, s, c, fact_subflow(s, c));
	line_add_time(&j, LINE_KEY("time"), &s->clock, conn_start(c));
	line_add_time(&j, LINE_KEY("end_time"), &s->clock, measure_end(c));
	add_timeline(&j, c);
	line_add_handshake(&j, c);
	line_add_ns(&j, LINE_KEY("accept_wait_ns"), conn_accept_wait(c));
	line_add_close(&j, s, c);
	line_add_time_wait(&j, c);
	line_add_known(&j, LINE_KEY("bytes_sent"), counted, c->bytes_sent);
	line_add_known(&j, LINE_KEY("bytes_received"), counted, c->bytes_received);
	line_add_known(&j, LINE_KEY("retransmits"), counted, c->retransmits);
	add_resent(&j, s, c);
	line_add_known(&j, LINE_KEY("segments_sent"), fact_has_segments(c), c->segments_sent);
	line_add_known(&j, LINE_KEY("segments_received"), fact_has_segments(c),
		       c->segments_received);
	line_add_known(&j, LINE_KEY("srtt_us"), c->srtt_us, c->srtt_us);
	line_add_known(&j, LINE_KEY("min_rtt_us"), fact_has_min_rtt(c), c->min_rtt_us);
	line_add_word(&j, LINE_KEY("congestion_control"), fact_congestion(s, c));
	line_add_bool(&j, LINE_KEY("complete"), fact_is_complete(c));
	line_add_u64(&j, LINE_KEY("gaps"), c->gaps);
	line_add_bool(&j, LINE_KEY("seeded"), c->flags & CONN_SEEDED);
	line_end(&j);
}

const struct sink sink_json = {
	.name = "json",
	.transition = print_transition,
	.connection = print_connection,
	.half_open = print_half_open,
	.histograms = json_print_histograms,
	.failures = json_print_failures,
	.stuck = json_print_stuck,
	.ladder = json_print_ladder,
	.summary = json_print_summary,
};
