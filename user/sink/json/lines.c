// SPDX-License-Identifier: GPL-2.0-only
/* NDJSON, schema version 1: one object a line, unknown is null. */
#include "user/sink/fact.h"
#include "user/sink/json/line.h"
#include "user/sink/json/listeners.h"

static void print_transition(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c, const struct transition *t)
{
	struct json j;

	line_begin(&j, out, "transition");
	line_add_conn(&j, s, c, fact_subflow(s, c));
	line_add_opener(&j, s, c);
	line_add_time(&j, LINE_KEY("time"), &s->clock, t->mono_ns);
	line_add_ns(&j, LINE_KEY("mono_ns"), t->mono_ns);
	line_add_word(&j, LINE_KEY("from"), state_name(t->from));
	line_add_word(&j, LINE_KEY("to"), state_name(t->to));
	line_add_ns(&j, LINE_KEY("dwell_ns"), t->dwell_ns);
	line_add_word(&j, LINE_KEY("origin"), fact_origin(c, t));
	line_end(&j);
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
	line_add_u64(&j, LINE_KEY("rport"), h->rport);
	line_add_word(&j, LINE_KEY("role"), conn_role_name(CONN_ROLE_SERVER));
	line_add_workload(&j, s, h->cgroup);
	line_add_text(&j, LINE_KEY("netns_name"), lore_netns(s->lore, h->netns, h->cgroup));
	line_add_time(&j, LINE_KEY("time"), &s->clock, h->mono_ns);
	line_add_ns(&j, LINE_KEY("mono_ns"), h->mono_ns);
	line_add_ns(&j, LINE_KEY("age_ns"), h->age_ns);
	line_add_u64(&j, LINE_KEY("synack_retransmits"), h->retransmits);
	line_add_word(&j, LINE_KEY("outcome"), half_open_end_name(h->end));
	line_add_word(&j, LINE_KEY("cause"), cause_of(half_open_cause(h))->name);
	line_add_word(&j, LINE_KEY("reset_reason"), fact_reset_reason(s, h->reset_reason, reason));
	line_add_interface(&j, h->ifindex, h->ifname);
	line_add_wire(&j, h->is_wire);
	line_end(&j);
}

static void print_connection(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c)
{
	struct json j;

	line_begin(&j, out, "connection");
	line_add_conn(&j, s, c, fact_subflow(s, c));
	line_add_opener(&j, s, c);
	line_add_life(&j, s, c);
	line_end(&j);
}

/* One of its subflows, as it would have stood in a line of its own. */
static void add_subflow(struct json *j, const struct sink_settings *s,
			const struct mptcp_subflow *subflow)
{
	json_object_begin(j);
	line_add_conn(j, s, &subflow->c, subflow->place);
	line_add_life(j, s, &subflow->c);
	json_object_end(j);
}

static void print_mptcp(const struct sink_settings *s, struct buffer *out,
			const struct mptcp_connection *m)
{
	struct conn c;
	struct json j;

	mptcp_as_conn(m, &c);
	line_begin(&j, out, "mptcp");
	line_add_conn(&j, s, &c, (struct subflow){ .token = m->subflows[0].place.token });
	line_add_time(&j, LINE_KEY("time"), &s->clock, mptcp_start(m));
	line_add_time(&j, LINE_KEY("end_time"), &s->clock, mptcp_end(m));
	line_add_ns(&j, LINE_KEY("duration_ns"), conn_between(mptcp_start(m), mptcp_end(m)));
	line_add_handshake(&j, &c);
	line_add_known(&j, LINE_KEY("bytes_sent"), m->has_counters, m->bytes_sent);
	line_add_known(&j, LINE_KEY("bytes_received"), m->has_counters, m->bytes_received);
	line_add_known(&j, LINE_KEY("retransmits"), m->has_counters, m->retransmits);
	line_add_bool(&j, LINE_KEY("complete"), mptcp_is_complete(m));
	line_add_u64(&j, LINE_KEY("subflow_count"), m->count);
	line_add_known(&j, LINE_KEY("subflows_open"), !m->is_early, m->open);
	line_add_key(&j, LINE_KEY("subflows"));
	json_array_begin(&j);
	for (size_t i = 0; i < m->listed; i++)
		add_subflow(&j, s, &m->subflows[i]);
	json_array_end(&j);
	line_end(&j);
}

static void print_listeners(const struct sink_settings *s, struct buffer *out,
			    struct listening *listening, const struct listening_row *rows,
			    size_t count)
{
	(void)listening;
	for (size_t i = 0; i < count; i++)
		json_listener(s, out, &rows[i], false);
}

static void print_listener_change(const struct sink_settings *s, struct buffer *out,
				  const struct listening_row *row)
{
	json_listener(s, out, row, true);
}

const struct sink sink_json = {
	.name = "json",
	.transition = print_transition,
	.connection = print_connection,
	.mptcp = print_mptcp,
	.half_open = print_half_open,
	.histograms = json_print_histograms,
	.staying = json_print_staying,
	.failures = json_print_failures,
	.stuck = json_print_stuck,
	.ports = json_print_ports,
	.no_port = json_print_no_port,
	.listeners = print_listeners,
	.listener_change = print_listener_change,
	.ladder = json_print_ladder,
	.difference = json_print_difference,
	.verdict = json_print_verdict,
	.summary = json_print_summary,
};
