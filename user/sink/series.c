// SPDX-License-Identifier: GPL-2.0-only
/* The series that leave the machine: a row for each, and the walks over what they are about. */
#include "user/sink/series.h"

#include <stdio.h>
#include <string.h>

#include "user/base/units.h"
#include "user/conn/cause.h"

/* A walk that is going on: over the values of one series. */
struct walk {
	const struct series_visitor *visitor;
	struct series_label labels[SERIES_LABELS_MAX];
	size_t count;
};

/* "syn_received": as OpenTelemetry spells it. */
static const char *otel_state(enum tcp_state state)
{
	switch (state) {
	case STATE_SYN_RECV:
		return "syn_received";
	case STATE_FIN_WAIT1:
		return "fin_wait_1";
	case STATE_FIN_WAIT2:
		return "fin_wait_2";
	default:
		return state_lower_name(state);
	}
}

static void label(struct walk *w, const char *name, const char *value)
{
	w->labels[w->count++] = (struct series_label){ name, value };
}

static void tell(struct walk *w, double value)
{
	w->visitor->value(w->visitor->context, w->labels, w->count, value);
	w->count = 0;
}

static void tell_spread(struct walk *w, const struct spread *spread)
{
	w->visitor->spread(w->visitor->context, w->labels, w->count, spread);
	w->count = 0;
}

/* ---- what is sent --------------------------------------------------------------------------- */

/* `counts` NULL: nothing is sent, which is 0. */
static void walk_otlp(struct walk *w, const uint64_t *counts)
{
	static const char *const names[] = {
#define X(NAME, name) [SERIES_##NAME] = (name),
		SERIES_SENT(X)
#undef X
	};

	for (int signal = 0; signal < SERIES_SIGNALS; signal++) {
		label(w, "signal", names[signal]);
		tell(w, counts ? (double)counts[signal] : 0);
	}
}

static void walk_otlp_sent(const struct series_source *from, void *walk)
{
	walk_otlp(walk, from->otlp ? from->otlp->sent : NULL);
}

static void walk_otlp_failed(const struct series_source *from, void *walk)
{
	walk_otlp(walk, from->otlp ? from->otlp->failed : NULL);
}

static void walk_otlp_dropped(const struct series_source *from, void *walk)
{
	walk_otlp(walk, from->otlp ? from->otlp->dropped : NULL);
}

static void walk_rows_sent(const struct series_source *from, void *walk)
{
	tell(walk, from->rows ? (double)from->rows->sent : 0);
}

static void walk_rows_failed(const struct series_source *from, void *walk)
{
	tell(walk, from->rows ? (double)from->rows->failed : 0);
}

static void walk_rows_dropped(const struct series_source *from, void *walk)
{
	tell(walk, from->rows ? (double)from->rows->dropped : 0);
}

static void walk_spool(const struct series_source *from, void *walk)
{
	tell(walk, from->rows ? (double)from->rows->spool_bytes : 0);
}

/* ---- connections ---------------------------------------------------------------------------- */

/* The states of a life, in its order; LISTEN is none, and who is CLOSED is no more. */
static const enum tcp_state life_states[] = {
	STATE_SYN_SENT,	  STATE_SYN_RECV, STATE_ESTABLISHED, STATE_FIN_WAIT1, STATE_FIN_WAIT2,
	STATE_CLOSE_WAIT, STATE_CLOSING,  STATE_LAST_ACK,    STATE_TIME_WAIT,
};
#define LIFE_STATES (sizeof(life_states) / sizeof(life_states[0]))

/* Whether a hook of the family is known not to be there. */
static bool lacks(const struct metrics_account *account, const char *family)
{
	for (uint32_t i = 0; i < account->hook_count; i++)
		if (!strcmp(account->hooks[i].family, family))
			return !*account->hooks[i].rung;
	return false;
}

/* Who waits in a timewait socket is lost sight of where nothing tells of these. */
static void walk_states(struct walk *w, const struct metrics_account *account,
			const uint64_t by_state[STATE_COUNT], bool is_waiting)
{
	bool loses_sight = lacks(account, "time_wait");

	for (size_t i = 0; i < LIFE_STATES; i++) {
		enum tcp_state state = life_states[i];

		if (is_waiting && (state == STATE_ESTABLISHED || state == STATE_TIME_WAIT))
			continue;
		if (loses_sight && (state == STATE_TIME_WAIT || state == STATE_FIN_WAIT2))
			continue;
		label(w, "state", otel_state(state));
		tell(w, (double)by_state[state]);
	}
}

static void walk_connections(const struct series_source *from, void *walk)
{
	walk_states(walk, &from->metrics->account, from->metrics->now.live, false);
}

static void walk_stuck(const struct series_source *from, void *walk)
{
	walk_states(walk, &from->metrics->account, from->metrics->now.stuck, true);
}

/* Those of RFC 9293 are there from the start, any other when it has been seen. */
static void walk_transitions(const struct series_source *from, void *walk)
{
	struct walk *w = walk;

	for (unsigned int a = 1; a < STATE_COUNT; a++)
		for (unsigned int b = 1; b < STATE_COUNT; b++) {
			uint64_t count = from->metrics->totals.transitions[a][b];
			bool is_listening = a == STATE_LISTEN || b == STATE_LISTEN;

			if (!count && (is_listening || !state_is_legal(a, b)))
				continue;
			label(w, "from", otel_state(a));
			label(w, "to", otel_state(b));
			tell(w, (double)count);
		}
}

/* A family is none of the fixed labels where it is unknown: that is there when it has been seen. */
static void walk_roles(struct walk *w, const uint64_t (*counts)[METRICS_FAMILY_COUNT])
{
	static const uint8_t roles[] = { CONN_ROLE_CLIENT, CONN_ROLE_SERVER, CONN_ROLE_UNKNOWN };

	for (size_t i = 0; i < sizeof(roles); i++)
		for (unsigned int family = 0; family < METRICS_FAMILY_COUNT; family++) {
			uint64_t count = counts[roles[i]][family];

			if (!count && family == METRICS_UNKNOWN)
				continue;
			label(w, "role", conn_role_name(roles[i]));
			label(w, "family", metrics_family_name(family));
			tell(w, (double)count);
		}
}

static void walk_opened(const struct series_source *from, void *walk)
{
	walk_roles(walk, from->metrics->totals.opened);
}

static void walk_established(const struct series_source *from, void *walk)
{
	walk_roles(walk, from->metrics->totals.established);
}

static void walk_closed(const struct series_source *from, void *walk)
{
	struct walk *w = walk;

	for (unsigned int role = 0; role < METRICS_ROLES; role++)
		for (unsigned int i = 0; i < METRICS_INITIATORS; i++) {
			const char *name = conn_initiator_name(i);

			label(w, "role", conn_role_name(role));
			label(w, "initiator", name ? name : "unknown");
			tell(w, (double)from->metrics->totals.closed[role][i]);
		}
}

/* What can only become of a request, which half_open_ended counts. */
static bool is_of_requests(enum conn_cause cause)
{
	return cause == CONN_CAUSE_HANDSHAKE_ABANDONED || cause == CONN_CAUSE_REQUEST_RESET ||
	       cause == CONN_CAUSE_QUEUE_FULL || cause == CONN_CAUSE_BAD_SYN;
}

/* Whether a connection of this role can come to this end; what can seldom, is there when seen. */
static bool is_failure_of(enum conn_cause cause, enum conn_role role)
{
	enum conn_outcome outcome = cause_of(cause)->outcome;

	if (is_of_requests(cause))
		return false;
	return outcome != CONN_OUTCOME_CLOSED && outcome != CONN_OUTCOME_OPEN &&
	       outcome != CONN_OUTCOME_UNKNOWN &&
	       !(outcome == CONN_OUTCOME_REFUSED && role == CONN_ROLE_SERVER);
}

static void walk_failures(const struct series_source *from, void *walk)
{
	struct walk *w = walk;

	for (unsigned int role = 0; role < METRICS_ROLES; role++)
		for (unsigned int cause = 0; cause < CONN_CAUSE_COUNT; cause++) {
			uint64_t count = from->metrics->totals.failures[role][cause];
			const char *name = cause_of(cause)->name;

			if (!count && !is_failure_of(cause, role))
				continue;
			label(w, "role", conn_role_name(role));
			label(w, "cause", name ? name : "unknown");
			tell(w, (double)count);
		}
}

/* Nothing is told where nobody counts: nor do measurements grow by who is not known. */
static void walk_half_open(const struct series_source *from, void *walk)
{
	struct walk *w = walk;

	if (lacks(&from->metrics->account, "passive"))
		return;
	for (unsigned int end = 0; end < HALF_OPEN_END_COUNT; end++) {
		label(w, "outcome", half_open_end_name(end));
		tell(w, (double)from->metrics->account.connections.half_open[end]);
	}
}

/* ---- durations ------------------------------------------------------------------------------ */

static void walk_roles_spread(struct walk *w, const struct spread spreads[METRICS_ROLES])
{
	for (unsigned int role = 0; role < METRICS_ROLES; role++) {
		label(w, "role", conn_role_name(role));
		tell_spread(w, &spreads[role]);
	}
}

static void walk_handshake(const struct series_source *from, void *walk)
{
	walk_roles_spread(walk, from->metrics->totals.handshake);
}

static void walk_life(const struct series_source *from, void *walk)
{
	walk_roles_spread(walk, from->metrics->totals.life);
}

static void walk_rtt(const struct series_source *from, void *walk)
{
	walk_roles_spread(walk, from->metrics->totals.rtt);
}

static void walk_repeats(const struct series_source *from, void *walk)
{
	label(walk, "segment", "syn");
	tell(walk, (double)from->metrics->totals.syns_again);
	label(walk, "segment", "synack");
	tell(walk, (double)from->metrics->totals.synacks_again);
}

static void walk_accept_queue(const struct series_source *from, void *walk)
{
	tell_spread(walk, &from->metrics->totals.accept_queue);
}

static void walk_dwell(const struct series_source *from, void *walk)
{
	struct walk *w = walk;

	for (size_t i = 0; i < LIFE_STATES; i++) {
		if (life_states[i] == STATE_TIME_WAIT)
			continue;
		label(w, "state", otel_state(life_states[i]));
		tell_spread(w, &from->metrics->totals.state[life_states[i]]);
	}
}

static void walk_time_wait(const struct series_source *from, void *walk)
{
	tell_spread(walk, &from->metrics->totals.time_wait);
}

static void walk_time_wait_ends(const struct series_source *from, void *walk)
{
	struct walk *w = walk;

	for (unsigned int end = 0; end < CONN_TW_END_COUNT; end++) {
		const char *name = conn_time_wait_end_name(end);

		label(w, "reason", name ? name : "unknown");
		tell(w, (double)from->metrics->totals.time_waits[end]);
	}
}

static void walk_close_waits(const struct series_source *from, void *walk)
{
	struct walk *w = walk;

	for (unsigned int age = 0; age < METRICS_AGE_COUNT; age++) {
		label(w, "age", metrics_age_name(age));
		tell(w, (double)from->metrics->now.close_waits[age]);
	}
}

static void walk_oldest(const struct series_source *from, void *walk)
{
	uint64_t oldest_ns = from->metrics->now.oldest_close_wait_ns;

	if (oldest_ns != TIME_UNKNOWN)
		tell(walk, from->epoch_of_zero_s + (double)oldest_ns / NS_PER_S);
}

/* ---- sums ----------------------------------------------------------------------------------- */

/* WALK(name, expression): a series of one value. */
#define WALK(name, value)                                                     \
	static void walk_##name(const struct series_source *from, void *walk) \
	{                                                                     \
		const struct metrics *m = from->metrics;                      \
		tell(walk, (double)(value));                                  \
	}

WALK(bytes_sent, m->totals.bytes_sent)
WALK(bytes_received, m->totals.bytes_received)
WALK(segments_sent, m->totals.segments_sent)
WALK(segments_received, m->totals.segments_received)
WALK(resets_sent, m->account.connections.resets_sent)
WALK(resets_received, m->account.connections.resets_received)
WALK(gaps, m->account.connections.gaps)
WALK(resyncs, m->account.connections.resyncs)
WALK(incomplete, m->account.connections.incomplete)
WALK(evicted, m->account.connections.evicted)
WALK(table_entries, m->account.connections.live)
WALK(table_room, m->account.table_room)
WALK(ring_bytes, m->account.ring_bytes)
WALK(ring_room, m->account.ring_room)

/* The same; nothing is told where that is not known. */
#define WALK_IF(known, name, value)                                           \
	static void walk_##name(const struct series_source *from, void *walk) \
	{                                                                     \
		const struct metrics *m = from->metrics;                      \
		if (known)                                                    \
			tell(walk, (double)(value));                          \
	}

WALK_IF(summary_knows_strays(m->account.part), resets_stray, m->account.connections.resets_stray)

/* Old recordings do not tell of these, nor of what follows. */
WALK_IF(m->account.sampling >= 0, births, m->account.events.births)
WALK_IF(m->account.sampling >= 0, ends, m->account.events.ends)
WALK_IF(m->account.sampling >= 0, unsampled, m->account.events.unsampled)

static void walk_sampling(const struct series_source *from, void *walk)
{
	double ratio = from->metrics->account.sampling;

	if (ratio >= 0)
		tell(walk, ratio);
}

/* Nothing is told where nobody counts. */
static void walk_overflows(const struct series_source *from, void *walk)
{
	if (from->metrics->account.listen.read)
		tell(walk, (double)from->metrics->account.listen.overflows);
}

static void walk_drops(const struct series_source *from, void *walk)
{
	if (from->metrics->account.listen.read)
		tell(walk, (double)from->metrics->account.listen.drops);
}

static void walk_retransmits(const struct series_source *from, void *walk)
{
	static const char *const reasons[] = {
		[EVENT_RETRANSMIT_SYN] = "syn",		[EVENT_RETRANSMIT_SYNACK] = "synack",
		[EVENT_RETRANSMIT_TIMEOUT] = "timeout", [EVENT_RETRANSMIT_FAST] = "fast",
		[EVENT_RETRANSMIT_PROBE] = "probe",
	};
	struct walk *w = walk;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (!summary_knows_resent(from->metrics->account.part, i))
			continue;
		label(w, "reason", reasons[i]);
		tell(w, (double)from->metrics->account.connections.retransmits[i]);
	}
}

/* ---- groups --------------------------------------------------------------------------------- */

static void walk_groups(const struct series_source *from, struct walk *w,
			void (*tell_one)(struct walk *w, const struct metrics_group *group))
{
	const struct metrics *m = from->metrics;

	if (!from->group_label)
		return;
	for (uint32_t i = 0; i < m->group_end; i++) {
		if (!*m->groups[i].name)
			continue;
		label(w, from->group_label, m->groups[i].name);
		tell_one(w, &m->groups[i]);
	}
	label(w, from->group_label, METRICS_GROUP_OTHER);
	tell_one(w, &m->other);
}

/* WALK_GROUPS(name, expression): a value of each group. */
#define WALK_GROUPS(what, value)                                                   \
	static void tell_##what(struct walk *w, const struct metrics_group *group) \
	{                                                                          \
		tell(w, (double)(value));                                          \
	}                                                                          \
	static void walk_##what(const struct series_source *from, void *walk)      \
	{                                                                          \
		walk_groups(from, walk, tell_##what);                              \
	}

WALK_GROUPS(group_live, group->live)
WALK_GROUPS(group_opened, group->opened)
WALK_GROUPS(group_failures, group->failures)
WALK_GROUPS(group_close_waits, group->close_waits)

static void tell_group_handshake(struct walk *w, const struct metrics_group *group)
{
	tell_spread(w, &group->handshake);
}

static void walk_group_handshake(const struct series_source *from, void *walk)
{
	walk_groups(from, walk, tell_group_handshake);
}

/* ---- the tracer itself ---------------------------------------------------------------------- */

static void walk_unknown(const struct series_source *from, void *walk)
{
	struct walk *w = walk;

	for (unsigned int measure = 0; measure < METRICS_MEASURE_COUNT; measure++)
		for (unsigned int reason = 0; reason < METRICS_REASON_COUNT; reason++) {
			label(w, "measure", metrics_measure_name(measure));
			label(w, "reason", metrics_reason_name(reason));
			tell(w, (double)metrics_unknown(from->metrics, measure, reason));
		}
}

static void walk_difference(const struct series_source *from, void *walk)
{
	struct walk *w = walk;

	for (unsigned int i = 0; i < KERNEL_TALLY_COUNT; i++) {
		if (!from->metrics->difference.is_known[i])
			continue;
		label(w, "counter", kernel_tally_name((enum kernel_tally_id)i));
		tell(w, (double)from->metrics->difference.by[i]);
	}
}

/* Of each port, and of the others as far as there are any. */
static void walk_ports(const struct series_source *from, struct walk *w, size_t field)
{
	const struct metrics_listeners *l = &from->metrics->listeners;
	char text[8];

	for (uint32_t i = 0; i < l->count; i++) {
		snprintf(text, sizeof(text), "%u", l->ports[i].lport);
		label(w, "lport", text);
		tell(w, (double)*(const uint64_t *)((const char *)&l->ports[i] + field));
	}
	if (!l->is_known)
		return;
	label(w, "lport", METRICS_GROUP_OTHER);
	tell(w, (double)*(const uint64_t *)((const char *)&l->other + field));
}

static void walk_accept_queues(const struct series_source *from, void *walk)
{
	walk_ports(from, walk, offsetof(struct metrics_port, queue));
}

static void walk_accept_queues_max(const struct series_source *from, void *walk)
{
	walk_ports(from, walk, offsetof(struct metrics_port, queue_max));
}

static void walk_listener_overflows(const struct series_source *from, void *walk)
{
	walk_ports(from, walk, offsetof(struct metrics_port, overflows));
}

static void walk_ephemeral_ports(const struct series_source *from, void *walk)
{
	if (from->metrics->ports.is_known)
		tell(walk, from->metrics->ports.used_ratio);
}

static void walk_build(const struct series_source *from, void *walk)
{
	label(walk, "version", from->version);
	label(walk, "kernel", from->kernel);
	label(walk, "libbpf", from->libbpf);
	tell(walk, 1);
}

static void walk_hooks(const struct series_source *from, void *walk)
{
	const struct metrics_account *account = &from->metrics->account;
	struct walk *w = walk;

	for (uint32_t i = 0; i < account->hook_count; i++) {
		const char *rung = account->hooks[i].rung;

		label(w, "hook", account->hooks[i].family);
		label(w, "rung", *rung ? rung : "none");
		tell(w, *rung ? 1 : 0);
	}
}

WALK(event_seen, m->account.events.seen)
WALK(event_filtered, m->account.events.filtered)
WALK(event_submitted, m->account.events.submitted)
WALK(event_ring_full, m->account.events.ring_full)
WALK(event_missed, m->account.events.missed)
WALK(event_skipped, m->account.events.skipped)
WALK(event_received, m->account.events.received)
WALK(event_malformed, m->account.events.malformed)

/* WALK_EXPORTER(name, expression): what only a server knows. */
#define WALK_EXPORTER(name, value)                                            \
	static void walk_##name(const struct series_source *from, void *walk) \
	{                                                                     \
		const struct series_exporter *e = from->exporter;             \
		if (e)                                                        \
			tell(walk, (double)(value));                          \
	}

static void walk_group_count(const struct series_source *from, void *walk)
{
	unsigned int used = 0;

	for (uint32_t i = 0; i < from->metrics->group_end; i++)
		used += *from->metrics->groups[i].name != '\0';
	tell(walk, used);
}

static void walk_overflowed(const struct series_source *from, void *walk)
{
	tell(walk, (double)from->metrics->overflowed);
}

WALK_EXPORTER(scrapes, e->scrapes)
WALK_EXPORTER(scrape_seconds, e->scrape_seconds)
/* WALK_PROCESS(name, field): nothing where nobody has asked the kernel. */
#define WALK_PROCESS(name, field)                                                  \
	static void walk_##name(const struct series_source *from, void *walk)      \
	{                                                                          \
		const struct metrics_process *p = &from->metrics->account.process; \
		if (p->resident_bytes)                                             \
			tell(walk, (double)p->field);                              \
	}

WALK_PROCESS(cpu, cpu_seconds)
WALK_PROCESS(resident, resident_bytes)
WALK_PROCESS(virtual, virtual_bytes)
WALK_PROCESS(started, start_time_seconds)
WALK_PROCESS(fds, open_fds)
WALK_PROCESS(fds_max, max_fds)

/* ---- the list ------------------------------------------------------------------------------- */

#define WHEN_ENDED "Added when a connection ends."
#define WHERE_TOLD "Where no hook tells it stays 0, and measurements_unknown grows."

static const struct series all[] = {
	{ "connections", NULL,
	  "Connections by the state that they are in. Not told of one that no hook tells of.",
	  SERIES_GAUGE, walk_connections },
	{ "state_transitions", NULL, "Transitions from state to state.", SERIES_COUNTER,
	  walk_transitions },
	{ "connections_opened", NULL,
	  "Connections whose SYN was sent or had come; a client's when its SYN_SENT is over.",
	  SERIES_COUNTER, walk_opened },
	{ "connections_established", NULL, "Connections whose handshake was completed.",
	  SERIES_COUNTER, walk_established },
	{ "connections_closed", NULL,
	  "Connections that were closed or entered TIME_WAIT, by the side that began.",
	  SERIES_COUNTER, walk_closed },
	{ "connection_failures", NULL, "Connections that did not end in order, by cause.",
	  SERIES_COUNTER, walk_failures },
	{ "half_open_ended", NULL,
	  "Requests that never became a connection. Not told where no hook tells.", SERIES_COUNTER,
	  walk_half_open },
	{ "handshake_duration_seconds", "seconds",
	  "Client: first SYN to ESTABLISHED. Server: first SYN-ACK to its ACK.", SERIES_HISTOGRAM,
	  walk_handshake },
	{ "handshake_retransmits", NULL, "Segments of handshakes that were sent again. " WHEN_ENDED,
	  SERIES_COUNTER, walk_repeats },
	{ "accept_queue_duration_seconds", "seconds", "From ESTABLISHED to accept.",
	  SERIES_HISTOGRAM, walk_accept_queue },
	{ "connection_duration_seconds", "seconds",
	  "From the start of a connection until it was closed or entered TIME_WAIT.",
	  SERIES_HISTOGRAM, walk_life },
	{ "state_duration_seconds", "seconds", "Time spent in a state.", SERIES_HISTOGRAM,
	  walk_dwell },
	{ "time_wait_duration_seconds", "seconds", "TIME_WAIT to its real end.", SERIES_HISTOGRAM,
	  walk_time_wait },
	{ "time_wait_ended", NULL, "What ended TIME_WAIT.", SERIES_COUNTER, walk_time_wait_ends },
	{ "close_wait_connections", NULL,
	  "Connections in CLOSE_WAIT: the peer has closed, the process here has not.", SERIES_GAUGE,
	  walk_close_waits },
	{ "close_wait_oldest_timestamp_seconds", "seconds",
	  "When the oldest of those in CLOSE_WAIT came into it, or before. Absent if none.",
	  SERIES_GAUGE, walk_oldest },
	{ "stuck_connections", NULL, "Connections that stay longer in a state than it should last.",
	  SERIES_GAUGE, walk_stuck },
	{ "sent_bytes", "bytes", "Bytes sent and acknowledged. " WHEN_ENDED, SERIES_COUNTER,
	  walk_bytes_sent },
	{ "received_bytes", "bytes", "Bytes received. " WHEN_ENDED, SERIES_COUNTER,
	  walk_bytes_received },
	{ "segments_sent", NULL, "Segments sent. " WHEN_ENDED, SERIES_COUNTER, walk_segments_sent },
	{ "segments_received", NULL, "Segments received. " WHEN_ENDED, SERIES_COUNTER,
	  walk_segments_received },
	{ "retransmits", NULL,
	  "Segments sent again, by what made it so. " WHERE_TOLD
	  " SYN-ACKs are not told where connections are left out.",
	  SERIES_COUNTER, walk_retransmits },
	{ "rtt_seconds", "seconds", "Smoothed round-trip time. " WHEN_ENDED, SERIES_HISTOGRAM,
	  walk_rtt },
	{ "resets_sent", NULL, "Resets sent by connections. " WHERE_TOLD, SERIES_COUNTER,
	  walk_resets_sent },
	{ "resets_received", NULL, "Resets received. " WHERE_TOLD, SERIES_COUNTER,
	  walk_resets_received },
	{ "stray_resets", NULL,
	  "Resets sent where there was no connection. " WHERE_TOLD " Not told with filters.",
	  SERIES_COUNTER, walk_resets_stray },
	{ "listen_overflows", NULL,
	  "SYNs and ACKs that met a full accept queue, by the counters of the kernel.",
	  SERIES_COUNTER, walk_overflows },
	{ "listen_drops", NULL,
	  "SYNs and ACKs to listeners that were dropped, by the counters of the kernel.",
	  SERIES_COUNTER, walk_drops },
	{ "listener_accept_queue", NULL, "Connections that wait to be accepted, by port.",
	  SERIES_GAUGE, walk_accept_queues },
	{ "listener_accept_queue_max", NULL, "Connections that may wait to be accepted, by port.",
	  SERIES_GAUGE, walk_accept_queues_max },
	{ "listener_overflows", NULL,
	  "SYNs and ACKs that listeners have dropped since they were seen first, by port.",
	  SERIES_COUNTER, walk_listener_overflows },
	{ "ephemeral_ports_used_ratio", NULL,
	  "Share of the range of ports for connects that is in use, for the fullest destination.",
	  SERIES_GAUGE, walk_ephemeral_ports },
	{ "group_connections", NULL,
	  "Connections of a group, since they were established and it was known whose they are.",
	  SERIES_GAUGE, walk_group_live },
	{ "group_opened", NULL,
	  "Connections of a group that were opened, once they were established and it was known "
	  "whose they are, or at their end.",
	  SERIES_COUNTER, walk_group_opened },
	{ "group_failures", NULL, "Connections of a group that did not end in order.",
	  SERIES_COUNTER, walk_group_failures },
	{ "group_handshake_duration_seconds", "seconds", "Handshakes of a group, of both roles.",
	  SERIES_HISTOGRAM, walk_group_handshake },
	{ "group_close_wait_connections", NULL, "Connections of a group that are in CLOSE_WAIT.",
	  SERIES_GAUGE, walk_group_close_waits },
	{ "measurements_unknown", NULL, "What happened and could not be measured, by why.",
	  SERIES_COUNTER, walk_unknown },
	{ "kernel_counter_difference", NULL,
	  "What was counted here less what the kernel has counted, since the start, of the "
	  "namespaces in view. Absent where it cannot be compared.",
	  SERIES_GAUGE, walk_difference },
	{ "build_info", NULL, "1, and what this is.", SERIES_GAUGE, walk_build },
	{ "hook_attached", NULL, "1 where the hook is attached, on which rung.", SERIES_GAUGE,
	  walk_hooks },
	{ "tracer_events_seen", NULL, "Transitions and other facts that a hook was called for.",
	  SERIES_COUNTER, walk_event_seen },
	{ "tracer_events_filtered", NULL, "Events that were not wanted.", SERIES_COUNTER,
	  walk_event_filtered },
	{ "tracer_events_submitted", NULL, "Events handed to the ring buffer.", SERIES_COUNTER,
	  walk_event_submitted },
	{ "tracer_events_ring_full", NULL, "Events that did not fit: LOST.", SERIES_COUNTER,
	  walk_event_ring_full },
	{ "tracer_events_missed", NULL, "Runs of programs that the kernel skipped: LOST.",
	  SERIES_COUNTER, walk_event_missed },
	{ "tracer_events_skipped", NULL,
	  "Runs that the kernel skipped of programs that seldom have anything to tell.",
	  SERIES_COUNTER, walk_event_skipped },
	{ "tracer_events_received", NULL, "Events that reached the tracer.", SERIES_COUNTER,
	  walk_event_received },
	{ "tracer_events_malformed", NULL, "Events that were not understood: LOST.", SERIES_COUNTER,
	  walk_event_malformed },
	{ "tracer_gaps", NULL, "Lost events that were healed.", SERIES_COUNTER, walk_gaps },
	{ "tracer_resyncs", NULL, "Comparisons with the sockets of the kernel after a loss.",
	  SERIES_COUNTER, walk_resyncs },
	{ "tracer_connections_incomplete", NULL, "Connections of which a part was not seen.",
	  SERIES_COUNTER, walk_incomplete },
	{ "tracer_evicted", NULL, "Connections forgotten for lack of room.", SERIES_COUNTER,
	  walk_evicted },
	{ "tracer_table_entries", NULL, "Connections that are followed.", SERIES_GAUGE,
	  walk_table_entries },
	{ "tracer_table_capacity", NULL, "Connections that there is room for.", SERIES_GAUGE,
	  walk_table_room },
	{ "tracer_ring_bytes", "bytes",
	  "The most that waited in the ring buffer since the last look.", SERIES_GAUGE,
	  walk_ring_bytes },
	{ "tracer_ring_capacity_bytes", "bytes", "Size of the ring buffer.", SERIES_GAUGE,
	  walk_ring_room },
	{ "tracer_sampling_ratio", "ratio",
	  "Part of the connections that is followed, of those that begin now.", SERIES_GAUGE,
	  walk_sampling },
	{ "tracer_births", NULL, "Connections that began, followed or not.", SERIES_COUNTER,
	  walk_births },
	{ "tracer_ends", NULL, "Connections that ended, followed or not.", SERIES_COUNTER,
	  walk_ends },
	{ "tracer_unsampled", NULL, "Connections that began and are not followed, by chance.",
	  SERIES_COUNTER, walk_unsampled },
	{ "exporter_groups", NULL, "Groups that have a place of their own.", SERIES_GAUGE,
	  walk_group_count },
	{ "exporter_overflowed", NULL,
	  "Connections whose group found no place, so that they count as other.", SERIES_COUNTER,
	  walk_overflowed },
	{ "exporter_scrapes", NULL, "Requests for these figures.", SERIES_COUNTER, walk_scrapes },
	{ "exporter_scrape_duration_seconds", "seconds", "Time that the last of them took.",
	  SERIES_GAUGE, walk_scrape_seconds },
	{ "otlp_sent", NULL, "Spans and figures that the collector has taken.", SERIES_COUNTER,
	  walk_otlp_sent },
	{ "otlp_failed", NULL,
	  "Spans and figures that it has refused, or could not be told in five minutes.",
	  SERIES_COUNTER, walk_otlp_failed },
	{ "otlp_dropped", NULL, "Spans and figures that there was no room for to wait.",
	  SERIES_COUNTER, walk_otlp_dropped },
	{ "rows_sent", NULL, "Rows of connections that the store has taken.", SERIES_COUNTER,
	  walk_rows_sent },
	{ "rows_failed", NULL, "Rows that it has refused for good, or that a run left behind.",
	  SERIES_COUNTER, walk_rows_failed },
	{ "rows_dropped", NULL, "Rows that there was no room for to wait.", SERIES_COUNTER,
	  walk_rows_dropped },
	{ "spool_bytes", "bytes", "Batches of rows that wait, compressed.", SERIES_GAUGE,
	  walk_spool },
	{ "process_cpu_seconds", "seconds", "Processor time of all processes.", SERIES_COUNTER,
	  walk_cpu },
	{ "process_resident_memory_bytes", "bytes", "Resident memory.", SERIES_GAUGE,
	  walk_resident },
	{ "process_virtual_memory_bytes", "bytes", "Virtual memory.", SERIES_GAUGE, walk_virtual },
	{ "process_start_time_seconds", "seconds", "When it began, since 1970.", SERIES_GAUGE,
	  walk_started },
	{ "process_open_fds", NULL, "Open descriptors.", SERIES_GAUGE, walk_fds },
	{ "process_max_fds", NULL, "Descriptors that may be open.", SERIES_GAUGE, walk_fds_max },
};

const struct series *series_list(size_t *ret_count)
{
	*ret_count = sizeof(all) / sizeof(all[0]);
	return all;
}

void series_each(const struct series_source *from, const struct series_visitor *visitor)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct walk walk = { .visitor = visitor };

		visitor->begin(visitor->context, &all[i]);
		all[i].walk(from, &walk);
		if (visitor->end)
			visitor->end(visitor->context, &all[i]);
	}
}
