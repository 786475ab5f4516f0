// SPDX-License-Identifier: GPL-2.0-only
/* A connection as spans of a distributed trace, in the words of OpenTelemetry's conventions. */
#include "user/sink/spans.h"

#include <string.h>

#include "user/aggregate/measure.h"

/* What conventions demand where nobody knows. */
#define NO_SERVICE "unknown_service"

struct building {
	const struct sink_settings *s;
	const struct conn *c;
	struct span_set *set;
	struct span *span; /* that attributes are added to; NULL: the resource */
};

static uint64_t real(const struct building *b, uint64_t mono_ns)
{
	return clock_real_ns(&b->s->clock, mono_ns);
}

/* ---- attributes ------------------------------------------------------------------------------ */

static struct span_attribute *add(struct building *b, const char *key, enum span_value value)
{
	struct span_set *set = b->set;
	struct span_attribute *a = &set->attributes[set->attribute_count];

	/* As many as all that is written here: a test counts them. */
	if (set->attribute_count == SPAN_ATTRIBUTES_MAX)
		return NULL;
	set->attribute_count++;
	if (b->span)
		b->span->attribute_count++;
	else
		set->resource_count++;
	*a = (struct span_attribute){ .key = key, .value = value };
	return a;
}

static void add_number(struct building *b, const char *key, bool is_known, uint64_t number)
{
	struct span_attribute *a = is_known ? add(b, key, SPAN_NUMBER) : NULL;

	if (a)
		a->number = number > INT64_MAX ? INT64_MAX : (int64_t)number;
}

static void add_truth(struct building *b, const char *key, bool truth)
{
	struct span_attribute *a = add(b, key, SPAN_TRUTH);

	if (a)
		a->number = truth;
}

static void add_name(struct building *b, const char *key, struct conn_name name)
{
	struct span_attribute *a = name.bytes && name.size ? add(b, key, SPAN_TEXT) : NULL;

	if (a)
		a->text = name;
}

static void add_text(struct building *b, const char *key, const char *text)
{
	add_name(b, key, (struct conn_name){ text, text ? strlen(text) : 0 });
}

static void begin_span(struct building *b, const char *name, enum span_name number,
		       uint64_t start_ns, uint64_t end_ns)
{
	struct span_set *set = b->set;

	b->span = &set->spans[set->count++];
	*b->span = (struct span){
		.name = name,
		.kind = SPAN_INTERNAL,
		.id = span_id_of(b->c, set->trace, number),
		.parent = span_id_of(b->c, set->trace, SPAN_CONNECTION),
		.start_ns = real(b, start_ns),
		.end_ns = real(b, end_ns > start_ns ? end_ns : start_ns),
		.attributes = &set->attributes[set->attribute_count],
	};
}

/* ---- what they are of ------------------------------------------------------------------------ */

/* "NAMESPACE/NAME", or a UID where the name is not known. */
static void add_pod(struct building *b, const struct lore_workload *w)
{
	const char *slash = w->pod ? strchr(w->pod, '/') : NULL;

	if (slash) {
		add_name(b, "k8s.namespace.name",
			 (struct conn_name){ w->pod, (size_t)(slash - w->pod) });
		add_text(b, "k8s.pod.name", slash + 1);
	}
	add_text(b, "k8s.pod.uid", w->pod_uid);
}

static void add_resource(struct building *b)
{
	const struct conn *c = b->c;
	const struct span_resource *own = b->s->resource;
	struct conn_name service = conn_service(c);
	struct lore_workload w;
	bool is_named = false;

	b->set->resource = b->set->attributes;
	for (size_t i = 0; own && i < own->count; i++) {
		is_named |= !strcmp(own->all[i].key, "service.name");
		add_name(b, own->all[i].key, own->all[i].text);
	}
	if (!is_named && fact_has_owner(c) && service.size)
		add_name(b, "service.name", service);
	else if (!is_named)
		add_text(b, "service.name", NO_SERVICE);
	add_text(b, "host.name", lore_host(b->s->lore, c));
	add_number(b, "process.pid", fact_has_pid(c) && !fact_owner_is_listener(c), c->pid);
	add_name(b, "process.executable.name",
		 fact_has_owner(c) ? service : (struct conn_name){ NULL, 0 });
	add_number(b, "process.user.id", fact_has_owner(c), c->uid);
	lore_workload(b->s->lore, c->cgroup, &w);
	add_text(b, "container.id", w.container_id);
	add_text(b, "container.name", w.container);
	add_pod(b, &w);
	add_text(b, "tcpspan.unit", w.unit);
}

/* ---- the connection -------------------------------------------------------------------------- */

static void add_ends(struct building *b)
{
	const struct conn *c = b->c;
	const struct address *laddr = fact_laddr(c), *raddr = fact_raddr(c);

	add_text(b, "network.transport", "tcp");
	add_text(b, "network.type", fact_family(c));
	add_text(b, "network.local.address", laddr ? address_format(laddr, b->set->laddr) : NULL);
	add_number(b, "network.local.port", fact_lport(c), fact_lport(c));
	add_text(b, "network.peer.address", raddr ? address_format(raddr, b->set->raddr) : NULL);
	add_number(b, "network.peer.port", fact_has_rport(c), fact_rport(c));
}

static void add_facts(struct building *b)
{
	const struct sink_settings *s = b->s;
	const struct conn *c = b->c;
	bool counted = fact_has_counters(c);

	add_name(b, "thread.name", conn_comm(c));
	add_text(b, "tcpspan.owner_source", fact_owner_source(c));
	add_number(b, "tcpspan.netns", c->netns, c->netns);
	add_text(b, "tcpspan.netns_name", lore_netns(s->lore, c->netns, c->cgroup));
	add_text(b, "tcpspan.flow", fact_flow(c, b->set->flow));
	add_text(b, "tcpspan.pairing", trace_is_paired(c) ? "exact" : "none");
	add_text(b, "tcpspan.outcome", conn_outcome_name(c->outcome));
	add_text(b, "tcpspan.cause", cause_of(c->cause)->name);
	add_text(b, "tcpspan.initiator", conn_initiator_name(c->initiator));
	add_text(b, "tcpspan.errno", fact_errno(c, b->set->error));
	add_text(b, "tcpspan.reset_reason",
		 fact_reset_reason(s, c->reset_reason, b->set->reset_reason));
	add_number(b, "tcpspan.bytes_sent", counted, c->bytes_sent);
	add_number(b, "tcpspan.bytes_received", counted, c->bytes_received);
	add_number(b, "tcpspan.retransmits", counted, c->retransmits);
	add_number(b, "tcpspan.srtt_us", c->srtt_us, c->srtt_us);
	add_number(b, "tcpspan.min_rtt_us", fact_has_min_rtt(c), c->min_rtt_us);
	add_text(b, "tcpspan.congestion_control", fact_congestion(s, c));
	add_truth(b, "tcpspan.complete", fact_is_complete(c));
	if (c->flags & CONN_WIRE) {
		add_text(b, "tcpspan.origin", "wire");
		add_text(b, "tcpspan.capture_point", conn_point(c));
	}
}

static void add_failure(struct building *b)
{
	const struct cause *cause = cause_of(b->c->cause);

	if (!conn_has_failed(b->c))
		return;
	add_text(b, "error.type", cause->name ? cause->name : conn_outcome_name(b->c->outcome));
	b->span->failure = cause->meaning;
}

static unsigned int find_step(const struct conn *c, enum tcp_state state)
{
	unsigned int i = 0;

	while (i < c->step_count && c->step_state[i] != state)
		i++;
	return i;
}

/* The first, or last, of its times that is known. */
static uint64_t first_known(const struct conn *c)
{
	uint64_t ns = TIME_UNKNOWN;

	for (unsigned int i = 0; ns == TIME_UNKNOWN && i < c->step_count; i++)
		ns = conn_step_time(c, i);
	return ns;
}

static uint64_t last_known(const struct conn *c)
{
	uint64_t ns = TIME_UNKNOWN;

	for (unsigned int i = c->step_count; ns == TIME_UNKNOWN && i; i--)
		ns = conn_step_time(c, i - 1);
	return ns;
}

/* A span has both times: those that were not seen are bounded by what was, and said to be. */
static bool add_connection(struct building *b)
{
	const struct conn *c = b->c;
	bool is_client = c->role == CONN_ROLE_CLIENT, is_server = c->role == CONN_ROLE_SERVER;
	uint64_t start_ns = conn_start(c), end_ns = measure_end(c);
	bool has_start = start_ns != TIME_UNKNOWN, has_end = end_ns != TIME_UNKNOWN;

	start_ns = has_start ? start_ns : first_known(c);
	end_ns = has_end ? end_ns : last_known(c);
	if (start_ns == TIME_UNKNOWN || end_ns == TIME_UNKNOWN)
		return false;
	begin_span(b,
		   is_client ? "tcp connect" :
		   is_server ? "tcp accept" :
			       "tcp",
		   SPAN_CONNECTION, start_ns, end_ns);
	b->span->kind = is_client ? SPAN_CLIENT : is_server ? SPAN_SERVER : SPAN_INTERNAL;
	b->span->parent = span_parent_of(c, b->set->trace);
	b->span->is_remote = b->span->parent;
	add_ends(b);
	add_facts(b);
	add_failure(b);
	if (!has_start)
		add_truth(b, "tcpspan.start_known", false);
	if (!has_end)
		add_truth(b, "tcpspan.end_known", false);
	return true;
}

/* One that never got there has a handshake that lasted until it was given up. */
static void add_handshake(struct building *b)
{
	const struct conn *c = b->c;
	unsigned int step = find_step(c, STATE_ESTABLISHED);
	bool is_open = step < c->step_count;
	uint64_t took_ns = measure_handshake(c), start_ns = conn_start(c);
	uint64_t end_ns = is_open ? conn_step_time(c, step) : measure_end(c);

	if (is_open && took_ns != TIME_UNKNOWN && end_ns != TIME_UNKNOWN && took_ns <= end_ns)
		start_ns = end_ns - took_ns;
	else if (is_open || c->flags & CONN_UNSENT)
		return;
	if (start_ns == TIME_UNKNOWN || end_ns == TIME_UNKNOWN)
		return;
	begin_span(b, "handshake", SPAN_HANDSHAKE, start_ns, end_ns);
	if (is_open)
		add_text(b, "tcpspan.quality", fact_handshake_quality(c));
	add_number(b, "tcpspan.retransmits", fact_has_handshake_retransmits(c),
		   c->handshake_retransmits);
	if (!is_open)
		add_failure(b);
}

static void add_established(struct building *b)
{
	const struct conn *c = b->c;
	unsigned int step = find_step(c, STATE_ESTABLISHED);
	uint64_t start_ns = conn_step_time(c, step), took_ns;

	if (start_ns == TIME_UNKNOWN)
		return;
	took_ns = conn_dwell(c, step);
	if (took_ns == TIME_UNKNOWN)
		return;
	begin_span(b, "established", SPAN_ESTABLISHED, start_ns, start_ns + took_ns);
	add_number(b, "tcpspan.accept_wait_ns", conn_accept_wait(c) != TIME_UNKNOWN,
		   conn_accept_wait(c));
}

/* From the first FIN to CLOSED or TIME_WAIT. */
static void add_close(struct building *b)
{
	const struct conn *c = b->c;
	unsigned int step = find_step(c, STATE_ESTABLISHED) + 1;
	uint64_t start_ns = conn_step_time(c, step), end_ns = measure_end(c);

	if (start_ns == TIME_UNKNOWN || end_ns == TIME_UNKNOWN ||
	    c->step_state[step] == STATE_CLOSED || c->step_state[step] == STATE_TIME_WAIT)
		return;
	begin_span(b, "close", SPAN_CLOSE, start_ns, end_ns);
	add_text(b, "tcpspan.initiator", conn_initiator_name(c->initiator));
}

static void add_time_wait(struct building *b)
{
	const struct conn *c = b->c;
	uint64_t start_ns = conn_step_time(c, find_step(c, STATE_TIME_WAIT));
	uint64_t took_ns = measure_time_wait(c);

	if (start_ns == TIME_UNKNOWN || took_ns == TIME_UNKNOWN)
		return;
	begin_span(b, "time_wait", SPAN_TIME_WAIT, start_ns, start_ns + took_ns);
	add_text(b, "tcpspan.end", conn_time_wait_end_name(c->time_wait_end));
	add_text(b, "tcpspan.quality", fact_time_wait_quality(c));
	add_number(b, "tcpspan.rearms", true, c->time_wait_rearms);
}

/* ---- what happened in between ---------------------------------------------------------------- */

static struct span_event *add_event(struct building *b, const char *name, uint64_t mono_ns)
{
	struct span_set *set = b->set;
	struct span_event *e = &set->events[set->event_count];

	if (mono_ns == TIME_UNKNOWN || set->event_count == SPAN_EVENTS_MAX)
		return NULL;
	set->event_count++;
	*e = (struct span_event){ .name = name, .real_ns = real(b, mono_ns) };
	return e;
}

static void tell(struct span_event *e, const char *key, const char *text)
{
	if (!e || !text)
		return;
	e->attributes[e->attribute_count++] = (struct span_attribute){
		.key = key, .value = SPAN_TEXT, .text = { text, strlen(text) }
	};
}

static void tell_count(struct span_event *e, uint64_t count)
{
	if (!e)
		return;
	e->attributes[e->attribute_count++] = (struct span_attribute){ .key = "tcpspan.count",
								       .value = SPAN_NUMBER,
								       .number = (int64_t)count };
}

static void add_resent(struct building *b, const char *segment, uint64_t count, uint64_t mono_ns)
{
	struct span_event *e = count ? add_event(b, "retransmission", mono_ns) : NULL;

	tell(e, "tcpspan.segment", segment);
	tell_count(e, count);
}

/* Of what was sent again only the number is known, not when: it is told where the wait ended. */
static void add_all_resent(struct building *b)
{
	const struct conn *c = b->c;
	uint64_t open_ns = conn_step_time(c, 1), end_ns = measure_end(c);
	struct resent resent;

	if (!fact_resent(b->s, c, &resent)) {
		if (fact_has_handshake_retransmits(c))
			add_resent(b, c->role == CONN_ROLE_SERVER ? "synack" : "syn",
				   c->handshake_retransmits, open_ns);
		if (fact_has_counters(c) && c->retransmits > c->handshake_retransmits)
			add_resent(b, NULL, c->retransmits - c->handshake_retransmits, end_ns);
		return;
	}
	for (size_t i = 0; i < RESENT_KINDS; i++) {
		bool is_early = i == EVENT_RETRANSMIT_SYN || i == EVENT_RETRANSMIT_SYNACK;

		add_resent(b, fact_resent_names[i], resent.times[i], is_early ? open_ns : end_ns);
	}
}

static const char *const sent = "sent", *const received = "received";

/* Which FIN a step into this state proves. */
static const char *fin_of(const struct conn *c, unsigned int step)
{
	switch (c->step_state[step]) {
	case STATE_FIN_WAIT1:
	case STATE_LAST_ACK:
		return sent;
	case STATE_CLOSE_WAIT:
	case STATE_CLOSING:
		return received;
	case STATE_TIME_WAIT:
		return step && c->step_state[step - 1] != STATE_CLOSING ? received : NULL;
	default:
		return NULL;
	}
}

static void add_events(struct building *b)
{
	const struct conn *c = b->c;
	struct span_event *e;

	if (c->accept_ns)
		add_event(b, "accept", c->accept_ns);
	add_all_resent(b);
	for (unsigned int i = 0; i < c->step_count; i++)
		if (fin_of(c, i))
			tell(add_event(b, "fin", conn_step_time(c, i)), "tcpspan.direction",
			     fin_of(c, i));
	if (c->outcome == CONN_OUTCOME_RESET_SENT) {
		e = add_event(b, "reset", measure_end(c));
		tell(e, "tcpspan.direction", sent);
		tell(e, "tcpspan.reset_reason",
		     fact_reset_reason(b->s, c->reset_reason, b->set->reset_reason));
	}
	if (c->outcome == CONN_OUTCOME_RESET_RECEIVED || c->cause == CONN_CAUSE_REFUSED)
		tell(add_event(b, "reset", measure_end(c)), "tcpspan.direction", received);
}

static struct trace_id trace_of(const struct sink_settings *s, const struct conn *c)
{
	uint64_t first_ns = first_known(c);

	return trace_id_of(c, first_ns == TIME_UNKNOWN ? 0 : clock_real_ns(&s->clock, first_ns));
}

bool spans_build(const struct sink_settings *s, const struct conn *c, unsigned int parts,
		 struct span_set *ret)
{
	struct building b = { .s = s, .c = c, .set = ret };

	ret->count = ret->event_count = ret->attribute_count = ret->resource_count = 0;
	if (c->outcome == CONN_OUTCOME_OPEN)
		return false;
	ret->trace = trace_of(s, c);
	add_resource(&b);
	if (parts & SPANS_LIFE && add_connection(&b)) {
		add_events(&b);
		add_handshake(&b);
		add_established(&b);
		add_close(&b);
	}
	if (parts & SPANS_TIME_WAIT)
		add_time_wait(&b);
	return ret->count;
}

bool spans_are_wanted(const struct spans_choice *choice, const struct sink_settings *s,
		      const struct conn *c)
{
	uint64_t took_ns = measure_opening(c, TIME_UNKNOWN);

	if (choice->kind == SPANS_ALL || choice->kind == SPANS_NONE)
		return choice->kind == SPANS_ALL;
	if (choice->kind == SPANS_SLOW && took_ns != TIME_UNKNOWN && took_ns >= choice->slow_ns)
		return true;
	return conn_has_failed(c) || trace_is_chosen(trace_of(s, c), SPANS_SAMPLE);
}
