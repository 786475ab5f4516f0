// SPDX-License-Identifier: GPL-2.0-only
/* Flat rows of a store of many machines, as JSONEachRow: the columns of user/fleet/schema. */
#include "user/sink/rows.h"

#include <string.h>

#include "user/aggregate/measure.h"
#include "user/base/siphash.h"
#include "user/sink/fact.h"
#include "user/sink/json/line.h"

/* What has no number of its own has one of this half. */
#define ID_OF_NONE (UINT64_C(1) << 63)

uint64_t rows_run(const struct sink_settings *s)
{
	return clock_real_ns(&s->clock, s->start_mono_ns);
}

/* When it began or, of what is older than the run, when it was heard of first. ns. */
static uint64_t first_heard(const struct sink_settings *s, const struct conn *c)
{
	uint64_t ns = conn_start(c);

	for (unsigned int i = 0; ns == TIME_UNKNOWN && i < c->step_count; i++)
		ns = conn_step_time(c, i);
	return ns == TIME_UNKNOWN ? s->start_mono_ns : ns;
}

static void add_real(struct json *j, struct line_key key, const struct sink_settings *s,
		     uint64_t mono_ns)
{
	line_add_known(j, key, mono_ns != TIME_UNKNOWN, clock_real_ns(&s->clock, mono_ns));
}

/* What a row is found by: of which kind, whose, when, which other end it has. */
static void add_key_columns(struct json *j, const struct sink_settings *s, const struct conn *c,
			    const char *kind, uint64_t id)
{
	const char *host = lore_host(s->lore, c);

	line_add_word(j, LINE_KEY("kind"), kind);
	line_add_text(j, LINE_KEY("host"), host ? host : "");
	line_add_u64(j, LINE_KEY("run"), rows_run(s));
	line_add_u64(j, LINE_KEY("id"), id);
	line_add_u64(j, LINE_KEY("flow"), c->flow);
	line_add_u64(j, LINE_KEY("start_ns"), clock_real_ns(&s->clock, first_heard(s, c)));
	line_add_u64(j, LINE_KEY("start_known"), conn_start(c) != TIME_UNKNOWN);
	add_real(j, LINE_KEY("end_ns"), s, measure_end(c));
}

static void add_ends(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	line_add_known(j, LINE_KEY("netns"), c->netns, c->netns);
	line_add_text(j, LINE_KEY("netns_name"), lore_netns(s->lore, c->netns, c->cgroup));
	line_add_ends(j, c);
}

static void add_owner(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	struct lore_workload w;

	line_add_known(j, LINE_KEY("pid"), fact_has_pid(c), c->pid);
	line_add_name(j, LINE_KEY("comm"), conn_comm(c));
	line_add_name(j, LINE_KEY("process"), conn_process(c));
	line_add_known(j, LINE_KEY("uid"), fact_has_owner(c), c->uid);
	line_add_word(j, LINE_KEY("owner_source"), fact_owner_source(c));
	lore_workload(s->lore, c->cgroup, &w);
	line_add_text(j, LINE_KEY("unit"), w.unit_name);
	line_add_text(j, LINE_KEY("container"), w.container);
	line_add_text(j, LINE_KEY("pod"), w.pod);
}

static void add_states(struct json *j, const struct conn *c)
{
	line_add_key(j, LINE_KEY("states"));
	json_array_begin(j);
	for (unsigned int i = 0; i < c->step_count; i++)
		json_text(j, state_name(c->step_state[i]));
	json_array_end(j);
	line_add_key(j, LINE_KEY("dwell_ns"));
	json_array_begin(j);
	for (unsigned int i = 0; i < c->step_count; i++) {
		uint64_t ns = conn_dwell(c, i);

		line_add_known_value(j, ns != TIME_UNKNOWN, ns);
	}
	json_array_end(j);
}

static void add_handshake(struct json *j, const struct conn *c)
{
	line_add_ns(j, LINE_KEY("handshake_ns"), measure_handshake(c));
	line_add_word(j, LINE_KEY("handshake_quality"), fact_handshake_quality(c));
	line_add_known(j, LINE_KEY("handshake_retransmits"), fact_has_handshake_retransmits(c),
		       c->handshake_retransmits);
	line_add_handshake_flags(j, LINE_KEY("handshake_flags"), c);
	line_add_ns(j, LINE_KEY("accept_wait_ns"), conn_accept_wait(c));
}

static void add_end(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	char text[FACT_ERRNO_SIZE], reason[RESET_REASON_SIZE];
	bool waited = measure_has_time_wait(c);

	line_add_ns(j, LINE_KEY("life_ns"), measure_life(c));
	line_add_word(j, LINE_KEY("outcome"), conn_outcome_name(c->outcome));
	line_add_word(j, LINE_KEY("initiator"), conn_initiator_name(c->initiator));
	line_add_word(j, LINE_KEY("errno"), fact_errno(c, text));
	line_add_word(j, LINE_KEY("cause"), cause_of(c->cause)->name);
	line_add_word(j, LINE_KEY("reset_reason"), fact_reset_reason(s, c->reset_reason, reason));
	line_add_known(j, LINE_KEY("tries"), fact_has_tries(c), c->tries);
	line_add_ns(j, LINE_KEY("time_wait_ns"), waited ? measure_time_wait(c) : TIME_UNKNOWN);
	line_add_word(j, LINE_KEY("time_wait_end"),
		      waited ? conn_time_wait_end_name(c->time_wait_end) : NULL);
}

static void add_traffic(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	bool counted = fact_has_counters(c);

	line_add_known(j, LINE_KEY("bytes_sent"), counted, c->bytes_sent);
	line_add_known(j, LINE_KEY("bytes_received"), counted, c->bytes_received);
	line_add_known(j, LINE_KEY("segments_sent"), fact_has_segments(c), c->segments_sent);
	line_add_known(j, LINE_KEY("segments_received"), fact_has_segments(c),
		       c->segments_received);
	line_add_known(j, LINE_KEY("retransmits"), counted, c->retransmits);
	line_add_known(j, LINE_KEY("srtt_us"), c->srtt_us, c->srtt_us);
	line_add_known(j, LINE_KEY("min_rtt_us"), fact_has_min_rtt(c), c->min_rtt_us);
	line_add_text(j, LINE_KEY("congestion_control"), fact_congestion(s, c));
	line_add_u64(j, LINE_KEY("mptcp"), !!(c->flags & CONN_MPTCP));
	line_add_u64(j, LINE_KEY("complete"), fact_is_complete(c));
	line_add_u64(j, LINE_KEY("gaps"), c->gaps);
	line_add_u64(j, LINE_KEY("seeded"), !!(c->flags & CONN_SEEDED));
}

static void add_row(const struct sink_settings *s, struct buffer *out, const struct conn *c,
		    const char *kind, uint64_t id)
{
	struct json j;

	json_init(&j, out);
	json_object_begin(&j);
	add_key_columns(&j, s, c, kind, id);
	add_ends(&j, s, c);
	add_owner(&j, s, c);
	add_states(&j, c);
	add_handshake(&j, c);
	add_end(&j, s, c);
	add_traffic(&j, s, c);
	json_object_end(&j);
	json_line_end(&j);
}

static void print_connection(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c)
{
	add_row(s, out, c, "connection", c->id);
}

/* The same from the same, so that a row that comes twice is known by it. */
static uint64_t id_of_none(const struct half_open *h)
{
	static const struct siphash_key key;
	uint64_t id = siphash_u64(&key, h->mono_ns);

	for (size_t i = 0; i < ADDRESS_SIZE; i += sizeof(uint64_t)) {
		uint64_t part;

		memcpy(&part, h->raddr.byte + i, sizeof(part));
		id = siphash_u64(&key, id ^ part);
	}
	id = siphash_u64(&key, id ^ ((uint64_t)h->rport << 16 | h->lport));
	return id | ID_OF_NONE;
}

static void print_half_open(const struct sink_settings *s, struct buffer *out,
			    const struct half_open *h)
{
	struct conn c;

	half_open_as_conn(h, &c);
	add_row(s, out, &c, "half_open", id_of_none(h));
}

void rows_add_batch(struct buffer *out, const struct rows_batch *b)
{
	static const char *const names[] = {
#define X(name) [ROWS_LOSS_##name] = #name,
		ROWS_LOSSES(X)
#undef X
	};
	struct json j;

	json_init(&j, out);
	json_object_begin(&j);
	line_add_text(&j, LINE_KEY("host"), b->host ? b->host : "");
	line_add_u64(&j, LINE_KEY("run"), b->run);
	line_add_u64(&j, LINE_KEY("batch"), b->batch);
	line_add_u64(&j, LINE_KEY("time_ns"), b->time_ns);
	line_add_u64(&j, LINE_KEY("rows"), b->rows);
	line_add_u64(&j, LINE_KEY("connections"), b->connections);
	line_add_u64(&j, LINE_KEY("half_open"), b->half_open);
	line_add_key(&j, LINE_KEY("sampling_ratio"));
	if (b->sampling < 0)
		json_null(&j);
	else
		json_double(&j, b->sampling);
	for (size_t i = 0; i < ROWS_LOSS_COUNT; i++) {
		json_key(&j, names[i]);
		json_u64(&j, b->losses[i]);
	}
	line_add_text(&j, LINE_KEY("version"), TCPSPAN_VERSION);
	line_add_u64(&j, LINE_KEY("ended"), b->is_last);
	json_object_end(&j);
	json_line_end(&j);
}

const struct sink sink_rows = {
	.name = "rows",
	.connection = print_connection,
	.half_open = print_half_open,
};
