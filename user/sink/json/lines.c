// SPDX-License-Identifier: GPL-2.0-only
/* NDJSON, schema version 1: one object a line, unknown is null. */
#include <string.h>

#include "user/aggregate/measure.h"
#include "user/base/json.h"
#include "user/sink/fact.h"
#include "user/sink/sink.h"
#include "user/sink/text/phrase.h"

#define SCHEMA_VERSION 1

/* A key as it stands in the line, so that nothing is left to do for it but to copy. */
struct key {
	const char *text; /* ,"name": */
	size_t size;
};
#define KEY(name) ((struct key){ ",\"" name "\":", sizeof(",\"" name "\":") - 1 })

static void add_key(struct json *j, struct key key)
{
	size_t skipped = !j->comma;

	buffer_add(j->out, key.text + skipped, key.size - skipped);
	j->comma = false;
}

/* A word of the program's own, which needs no escapes; NULL becomes null. */
static void add_word(struct json *j, struct key key, const char *word)
{
	add_key(j, key);
	if (!word) {
		json_null(j);
		return;
	}
	buffer_add_char(j->out, '"');
	buffer_add_text(j->out, word);
	buffer_add_char(j->out, '"');
	j->comma = true;
}

static void begin_line(struct json *j, struct buffer *out, const char *type)
{
	json_init(j, out);
	json_object_begin(j);
	add_key(j, KEY("v"));
	json_u64(j, SCHEMA_VERSION);
	add_word(j, KEY("type"), type);
}

static void end_line(struct json *j)
{
	json_object_end(j);
	json_line_end(j);
}

static void add_u64(struct json *j, struct key key, uint64_t value)
{
	add_key(j, key);
	json_u64(j, value);
}

static void add_bool(struct json *j, struct key key, bool value)
{
	add_key(j, key);
	json_bool(j, value);
}

/* null, unless the value is known. */
static void add_known_value(struct json *j, bool known, uint64_t value)
{
	if (known)
		json_u64(j, value);
	else
		json_null(j);
}

static void add_known(struct json *j, struct key key, bool known, uint64_t value)
{
	add_key(j, key);
	add_known_value(j, known, value);
}

static void add_ns(struct json *j, struct key key, uint64_t ns)
{
	add_known(j, key, ns != TIME_UNKNOWN, ns);
}

static void add_time(struct json *j, struct key key, const struct clock *clock, uint64_t mono_ns)
{
	char text[CLOCK_ISO_SIZE];

	add_word(j, key, mono_ns == TIME_UNKNOWN ? NULL : clock_format_iso(clock, mono_ns, text));
}

static void add_address(struct json *j, struct key key, const struct address *a)
{
	char text[ADDRESS_TEXT_SIZE];

	add_word(j, key, a ? address_format(a, text) : NULL);
}

static void add_name(struct json *j, struct key key, struct conn_name name)
{
	add_key(j, key);
	if (name.bytes)
		json_string(j, name.bytes, name.size);
	else
		json_null(j);
}

static void add_comm(struct json *j, struct key key, bool known, const char *comm, size_t size)
{
	add_key(j, key);
	if (known)
		json_string(j, comm, strnlen(comm, size));
	else
		json_null(j);
}

/* The number as a string: readers keep numbers as doubles. */
static void add_id(struct json *j, uint64_t id)
{
	add_key(j, KEY("id"));
	buffer_add_char(j->out, '"');
	json_u64(j, id);
	buffer_add_char(j->out, '"');
}

/* Untrusted. */
static void add_text(struct json *j, struct key key, const char *text)
{
	add_key(j, key);
	json_text(j, text);
}

static void add_workload(struct json *j, const struct sink_settings *s, uint64_t cgroup)
{
	struct lore_workload w;

	lore_workload(s->lore, cgroup, &w);
	add_text(j, KEY("unit"), w.unit);
	add_text(j, KEY("container"), w.container);
	add_text(j, KEY("pod"), w.pod);
	if (w.unit || w.slice) {
		add_text(j, KEY("slice"), w.slice);
		add_known(j, KEY("unit_user"), w.has_unit_user, w.unit_user);
	}
	if (w.container) {
		add_text(j, KEY("container_id"), w.container_id);
		add_word(j, KEY("runtime"), w.runtime);
	}
	if (w.pod) {
		add_text(j, KEY("pod_uid"), w.pod_uid);
		add_word(j, KEY("qos"), w.qos);
	}
}

/* The MPTCP connection that it is a subflow of. */
static void add_mptcp(struct json *j, const struct conn *c, struct subflow subflow)
{
	add_key(j, KEY("mptcp"));
	if (!(c->flags & CONN_MPTCP)) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	add_known(j, KEY("token"), subflow.token, subflow.token);
	add_known(j, KEY("subflow"), subflow.number, subflow.number);
	json_object_end(j);
}

/* ppid 0 is that of the first process, and of the kernel's: nobody. */
static void add_cmdline(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	uint32_t ppid;
	struct conn_name cmdline = fact_cmdline(s, c, &ppid);

	add_known(j, KEY("ppid"), ppid, ppid);
	add_name(j, KEY("cmdline"), cmdline);
}

/* The fields of every line about a connection. */
static void add_conn(struct json *j, const struct sink_settings *s, const struct conn *c,
		     struct subflow subflow)
{
	if (c->id) {
		add_id(j, c->id);
	} else {
		add_key(j, KEY("id"));
		json_null(j);
	}
	add_known(j, KEY("netns"), c->netns, c->netns);
	add_word(j, KEY("family"), fact_family(c));
	add_address(j, KEY("laddr"), fact_laddr(c));
	add_known(j, KEY("lport"), fact_lport(c), fact_lport(c));
	add_address(j, KEY("raddr"), fact_raddr(c));
	add_known(j, KEY("rport"), fact_rport(c), fact_rport(c));
	add_word(j, KEY("role"), conn_role_name(c->role));
	add_known(j, KEY("pid"), fact_has_pid(c), c->pid);
	add_name(j, KEY("comm"), conn_comm(c));
	add_name(j, KEY("process"), conn_process(c));
	add_known(j, KEY("uid"), fact_has_owner(c), c->uid);
	add_word(j, KEY("owner_source"), fact_owner_source(c));
	add_mptcp(j, c, subflow);
	add_workload(j, s, c->cgroup);
	add_text(j, KEY("netns_name"), lore_netns(s->lore, c->netns));
	if (s->cmdline)
		add_cmdline(j, s, c);
}

static void print_transition(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c, const struct transition *t)
{
	struct json j;

	begin_line(&j, out, "transition");
	add_conn(&j, s, c, fact_subflow(s, c));
	add_time(&j, KEY("time"), &s->clock, t->mono_ns);
	add_ns(&j, KEY("mono_ns"), t->mono_ns);
	add_word(&j, KEY("from"), state_name(t->from));
	add_word(&j, KEY("to"), state_name(t->to));
	add_ns(&j, KEY("dwell_ns"), t->dwell_ns);
	add_word(&j, KEY("origin"), fact_origin(t));
	end_line(&j);
}

static void add_timeline(struct json *j, const struct conn *c)
{
	add_key(j, KEY("timeline"));
	json_array_begin(j);
	for (unsigned int i = 0; i < c->step_count; i++) {
		bool inferred = c->step_inferred >> i & 1;

		json_object_begin(j);
		add_word(j, KEY("state"), state_name(c->step_state[i]));
		add_ns(j, KEY("mono_ns"), inferred ? TIME_UNKNOWN : c->step_ns[i]);
		add_ns(j, KEY("dwell_ns"), conn_dwell(c, i));
		json_object_end(j);
	}
	json_array_end(j);
}

static void add_handshake(struct json *j, const struct conn *c)
{
	add_key(j, KEY("handshake"));
	json_object_begin(j);
	add_ns(j, KEY("latency_ns"), measure_handshake(c));
	add_word(j, KEY("quality"), fact_handshake_quality(c));
	add_known(j, KEY("retransmits"), fact_has_handshake_retransmits(c),
		  c->handshake_retransmits);
	add_key(j, KEY("flags"));
	json_array_begin(j);
	for (size_t i = 0; i < fact_handshake_flag_count; i++)
		if (c->handshake_flags & fact_handshake_flags[i].bit)
			json_text(j, fact_handshake_flags[i].name);
	json_array_end(j);
	json_object_end(j);
}

static void add_close(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	char text[FACT_ERRNO_SIZE], reason[RESET_REASON_SIZE];

	add_key(j, KEY("close"));
	json_object_begin(j);
	add_word(j, KEY("outcome"), conn_outcome_name(c->outcome));
	add_word(j, KEY("initiator"), conn_initiator_name(c->initiator));
	add_word(j, KEY("errno"), fact_errno(c, text));
	add_word(j, KEY("cause"), cause_of(c->cause)->name);
	add_word(j, KEY("reset_reason"), fact_reset_reason(s, c->reset_reason, reason));
	add_known(j, KEY("tries"), fact_has_tries(c), c->tries);
	json_object_end(j);
}

static void add_time_wait(struct json *j, const struct conn *c)
{
	add_key(j, KEY("time_wait"));
	if (!measure_has_time_wait(c)) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	add_ns(j, KEY("duration_ns"), measure_time_wait(c));
	add_word(j, KEY("end"), conn_time_wait_end_name(c->time_wait_end));
	add_word(j, KEY("quality"), fact_time_wait_quality(c));
	add_u64(j, KEY("rearms"), c->time_wait_rearms);
	json_object_end(j);
}

static void print_half_open(const struct sink_settings *s, struct buffer *out,
			    const struct half_open *h)
{
	char reason[RESET_REASON_SIZE];
	struct json j;

	begin_line(&j, out, "half_open");
	add_known(&j, KEY("netns"), h->netns, h->netns);
	add_word(&j, KEY("family"), address_is_ipv4(&h->raddr) ? "ipv4" : "ipv6");
	add_address(&j, KEY("laddr"), &h->laddr);
	add_known(&j, KEY("lport"), h->lport, h->lport);
	add_address(&j, KEY("raddr"), &h->raddr);
	add_known(&j, KEY("rport"), h->rport, h->rport);
	add_word(&j, KEY("role"), conn_role_name(CONN_ROLE_SERVER));
	add_workload(&j, s, h->cgroup);
	add_time(&j, KEY("time"), &s->clock, h->mono_ns);
	add_ns(&j, KEY("mono_ns"), h->mono_ns);
	add_ns(&j, KEY("age_ns"), h->age_ns);
	add_u64(&j, KEY("synack_retransmits"), h->retransmits);
	add_word(&j, KEY("outcome"), half_open_end_name(h->end));
	add_word(&j, KEY("cause"), cause_of(half_open_cause(h))->name);
	add_word(&j, KEY("reset_reason"), fact_reset_reason(s, h->reset_reason, reason));
	end_line(&j);
}

static void add_cgroup(struct json *j, const struct sink_settings *s, uint64_t id)
{
	char text[FACT_CGROUP_SIZE];

	add_key(j, KEY("cgroup"));
	json_text(j, fact_cgroup(s, id, text));
}

static void add_holder(struct json *j, const struct holder *h)
{
	add_u64(j, KEY("pid"), h->pid);
	add_comm(j, KEY("comm"), *h->comm, h->comm, sizeof(h->comm));
	add_u64(j, KEY("fd"), h->fd);
}

/* null where somebody may hold it whom we cannot see, and nobody is seen who does. */
static void add_holders(struct json *j, const struct stuck *s)
{
	add_key(j, KEY("holders"));
	if (!s->holder_count && !s->holders_known) {
		json_null(j);
	} else {
		json_array_begin(j);
		for (size_t i = 0; i < s->holder_count; i++) {
			json_object_begin(j);
			add_holder(j, &s->holders[i]);
			add_word(j, KEY("way"), holder_way_name(s->holders[i].way));
			json_object_end(j);
		}
		json_array_end(j);
	}
	add_bool(j, KEY("holders_known"), s->holders_known);
	add_key(j, KEY("listener"));
	if (!s->listener) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	add_holder(j, s->listener);
	json_object_end(j);
}

static void add_reason(struct json *j, const struct stuck *s)
{
	struct stuck_group alone;
	struct buffer sentence;

	buffer_init(&sentence);
	stuck_group_of_one(s, &alone);
	stuck_group_say_reason(&alone, &sentence);
	add_key(j, KEY("reason"));
	json_string(j, sentence.bytes, sentence.size);
	if (sentence.failed)
		j->out->failed = true;
	buffer_done(&sentence);
}

static void print_stuck(const struct sink_settings *s, struct buffer *out,
			const struct stuck *stuck)
{
	bool is_known = stuck->age_ns != TIME_UNKNOWN;
	struct json j;

	begin_line(&j, out, "stuck");
	add_conn(&j, s, &stuck->c, stuck->subflow);
	add_time(&j, KEY("time"), &s->clock, stuck->mono_ns);
	add_ns(&j, KEY("mono_ns"), stuck->mono_ns);
	if (stuck->change != STUCK_CHANGE_NONE)
		add_word(&j, KEY("change"), stuck_change_name(stuck->change));
	add_word(&j, KEY("state"), state_name(stuck->state));
	add_ns(&j, KEY("age_ns"), stuck->age_ns);
	add_word(&j, KEY("age_quality"), fact_age_quality(stuck));
	add_ns(&j, KEY("age_at_most_ns"), is_known ? stuck->age_at_most_ns : TIME_UNKNOWN);
	add_bool(&j, KEY("moving"), stuck->is_moving);
	add_word(&j, KEY("held_by"), stuck_grip_name(stuck->grip));
	add_holders(&j, stuck);
	add_known(&j, KEY("rx_queue_bytes"), stuck->rx_queue_bytes != STUCK_BYTES_UNKNOWN,
		  stuck->rx_queue_bytes);
	add_known(&j, KEY("tx_queue_bytes"), stuck->tx_queue_bytes != STUCK_BYTES_UNKNOWN,
		  stuck->tx_queue_bytes);
	add_known(&j, KEY("resent"), stuck->resent != STUCK_RESENT_UNKNOWN, stuck->resent);
	add_ns(&j, KEY("left_ns"), stuck->left_ns);
	add_known(&j, KEY("inode"), stuck->inode, stuck->inode);
	add_cgroup(&j, s, stuck->c.cgroup);
	add_reason(&j, stuck);
	end_line(&j);
}

/* null, too, where nothing was sent again. */
static void add_resent(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	struct resent resent;

	add_key(j, KEY("retransmits_by"));
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

	begin_line(&j, out, "connection");
	add_conn(&j, s, c, fact_subflow(s, c));
	add_time(&j, KEY("time"), &s->clock, conn_start(c));
	add_time(&j, KEY("end_time"), &s->clock, measure_end(c));
	add_timeline(&j, c);
	add_handshake(&j, c);
	add_ns(&j, KEY("accept_wait_ns"), conn_accept_wait(c));
	add_close(&j, s, c);
	add_time_wait(&j, c);
	add_known(&j, KEY("bytes_sent"), counted, c->bytes_sent);
	add_known(&j, KEY("bytes_received"), counted, c->bytes_received);
	add_known(&j, KEY("retransmits"), counted, c->retransmits);
	add_resent(&j, s, c);
	add_known(&j, KEY("segments_sent"), fact_has_segments(c), c->segments_sent);
	add_known(&j, KEY("segments_received"), fact_has_segments(c), c->segments_received);
	add_known(&j, KEY("srtt_us"), c->srtt_us, c->srtt_us);
	add_known(&j, KEY("min_rtt_us"), fact_has_min_rtt(c), c->min_rtt_us);
	add_word(&j, KEY("congestion_control"), fact_congestion(s, c));
	add_bool(&j, KEY("complete"), fact_is_complete(c));
	add_u64(&j, KEY("gaps"), c->gaps);
	add_bool(&j, KEY("seeded"), c->flags & CONN_SEEDED);
	end_line(&j);
}

/* The rest has the keys as well, so that every line of a run has the same fields, and says so. */
static void add_group(struct json *j, const struct sink_settings *s, unsigned int keys,
		      const struct group *g)
{
	char scratch[FACT_CGROUP_SIZE];

	add_key(j, KEY("by"));
	json_object_begin(j);
	if (keys & 1U << GROUP_BY_COMM)
		add_comm(j, KEY("comm"), g->has_comm, g->comm, sizeof(g->comm));
	if (keys & 1U << GROUP_BY_THREAD)
		add_comm(j, KEY("thread"), g->has_thread, g->thread, sizeof(g->thread));
	if (keys && g->is_listeners)
		add_word(j, KEY("owner_source"), "listener");
	if (keys & 1U << GROUP_BY_RADDR)
		add_address(j, KEY("raddr"), g->has_raddr ? &g->raddr : NULL);
	if (keys & 1U << GROUP_BY_RPORT)
		add_known(j, KEY("rport"), g->rport, g->rport);
	if (keys & 1U << GROUP_BY_LPORT)
		add_known(j, KEY("lport"), g->lport, g->lport);
	if (keys & 1U << GROUP_BY_NETNS)
		add_known(j, KEY("netns"), g->netns, g->netns);
	if (keys & 1U << GROUP_BY_CGROUP)
		add_cgroup(j, s, g->cgroup);
	if (keys & 1U << GROUP_BY_UNIT)
		add_text(j, KEY("unit"), fact_group_name(s, GROUP_BY_UNIT, g, scratch));
	if (keys & 1U << GROUP_BY_CONTAINER)
		add_text(j, KEY("container"), fact_group_name(s, GROUP_BY_CONTAINER, g, scratch));
	if (keys & 1U << GROUP_BY_POD)
		add_text(j, KEY("pod"), fact_group_name(s, GROUP_BY_POD, g, scratch));
	if (keys & 1U << GROUP_BY_OUTCOME)
		add_word(j, KEY("outcome"), g->is_other ? NULL : conn_outcome_name(g->outcome));
	if (keys && g->is_other)
		add_bool(j, KEY("other"), true);
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
};

static void print_histogram(void *context, const struct histogram_row *row)
{
	const struct histogram_lines *lines = context;
	const struct histogram *h = row->histogram;
	struct json j;

	begin_line(&j, lines->out, "histogram");
	add_word(&j, KEY("name"), row->name);
	add_group(&j, lines->settings, lines->keys, row->group);
	add_word(&j, KEY("unit"), "ns");
	add_u64(&j, KEY("count"), h->count);
	add_u64(&j, KEY("unknown"), row->unknown);
	add_u64(&j, KEY("estimated"), row->estimated);
	add_known(&j, KEY("min"), h->count, h->min);
	add_known(&j, KEY("max"), h->count, h->max);
	add_known(&j, KEY("mean"), h->count, (uint64_t)(histogram_mean(h) + 0.5));
	add_known(&j, KEY("p50"), h->count, histogram_quantile(h, 0.5));
	add_known(&j, KEY("p90"), h->count, histogram_quantile(h, 0.9));
	add_known(&j, KEY("p99"), h->count, histogram_quantile(h, 0.99));
	add_known(&j, KEY("p999"), h->count, histogram_quantile(h, 0.999));
	add_tally(&j, row);
	add_key(&j, KEY("buckets"));
	json_array_begin(&j);
	histogram_each(h, add_bucket, &j);
	json_array_end(&j);
	end_line(&j);
}

static void print_histograms(const struct sink_settings *s, struct buffer *out,
			     const struct histogram_set *set)
{
	struct histogram_lines lines = { s, out, histogram_set_keys(set) };

	if (histogram_set_each(set, print_histogram, &lines))
		out->failed = true;
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

	begin_line(&j, lines->out, "failure");
	add_u64(&j, KEY("count"), count);
	add_u64(&j, KEY("count_at_most"), count + f->missed);
	add_bool(&j, KEY("other"), f->is_other);
	add_word(&j, KEY("outcome"), f->is_other ? NULL : conn_outcome_name(c->outcome));
	add_word(&j, KEY("cause"), cause_of(c->cause)->name);
	add_word(&j, KEY("errno"), fact_errno(c, text));
	add_word(&j, KEY("reset_reason"),
		 fact_reset_reason(lines->settings, c->reset_reason, reason));
	add_word(&j, KEY("role"), f->is_other ? NULL : conn_role_name(c->role));
	add_address(&j, KEY("raddr"), server ? NULL : fact_raddr(c));
	add_known(&j, KEY("rport"), !server && fact_rport(c), fact_rport(c));
	add_known(&j, KEY("lport"), server && c->lport, c->lport);
	add_name(&j, KEY("comm"), fact_common_comm(c));
	add_name(&j, KEY("process"), conn_process(c));
	add_word(&j, KEY("owner_source"), fact_owner_source(c));
	end_line(&j);
}

static void print_failures(const struct sink_settings *s, struct buffer *out,
			   const struct failure_set *set)
{
	struct failure_lines lines = { s, out };

	if (failure_set_each(set, print_failure, &lines))
		out->failed = true;
}

static void add_number(struct json *j, struct key key, struct key name_key,
		       const struct ladder_number *number)
{
	char name[LADDER_NUMBER_SIZE];

	add_known(j, key, number->is_shown && number->is_known, number->value);
	add_word(j, name_key, ladder_number_name(number, name));
}

static void add_flags(struct json *j, struct key key, unsigned int flags)
{
	add_key(j, key);
	json_array_begin(j);
#define X(FLAG, name)              \
	if (flags & LADDER_##FLAG) \
		json_text(j, name);
	LADDER_FLAGS(X)
#undef X
	json_array_end(j);
}

static const char *ladder_state_name(const struct ladder_state *state)
{
	return state->state ? state_name(state->state) : NULL;
}

static void add_sentences(struct json *j, const struct sink_settings *s,
			  const struct ladder_step *step)
{
	add_key(j, KEY("text"));
	json_array_begin(j);
	for (size_t i = 0; i < LADDER_NOTES && step->notes[i].phrase != LADDER_SAYS_NOTHING; i++) {
		const struct ladder_note *note = &step->notes[i];
		struct buffer text;

		buffer_init(&text);
		phrase_add(&text, note->phrase, s->language, note->ns, note->n);
		json_string(j, text.bytes, text.size);
		j->out->failed |= text.failed;
		buffer_done(&text);
	}
	json_array_end(j);
}

static void add_ladder_step(struct json *j, const struct sink_settings *s,
			    const struct ladder_step *step)
{
	bool is_segment = step->kind == LADDER_SEGMENT, is_data = step->kind == LADDER_DATA;

	json_object_begin(j);
	add_word(j, KEY("kind"), ladder_kind_name(step->kind));
	add_known(j, KEY("number"), step->number, step->number);
	add_time(j, KEY("time"), &s->clock, ladder_step_ns(step));
	add_ns(j, KEY("sent_mono_ns"), step->sent_ns);
	add_ns(j, KEY("came_mono_ns"), step->came_ns);
	add_ns(j, KEY("since_ns"), step->since_ns);
	add_word(j, KEY("direction"), ladder_direction_name(step));
	add_flags(j, KEY("flags"), step->flags);
	add_flags(j, KEY("flags_guessed"), step->guessed);
	add_known(j, KEY("times"), is_segment, step->times);
	add_key(j, KEY("arrived"));
	if (is_segment && !step->is_unanswered)
		json_bool(j, true);
	else
		json_null(j);
	add_number(j, KEY("seq"), KEY("seq_name"), &step->seq);
	add_number(j, KEY("ack"), KEY("ack_name"), &step->ack);
	add_known(j, KEY("bytes_out"), is_data, step->bytes_out);
	add_known(j, KEY("bytes_in"), is_data, step->bytes_in);
	add_word(j, KEY("local"), ladder_state_name(&step->local));
	add_bool(j, KEY("local_measured"), step->local.is_measured);
	add_word(j, KEY("remote"), ladder_state_name(&step->remote));
	add_bool(j, KEY("remote_measured"), step->remote.is_measured);
	add_sentences(j, s, step);
	json_object_end(j);
}

static void print_ladder(const struct sink_settings *s, struct buffer *out, const struct ladder *l)
{
	struct json j;

	begin_line(&j, out, "explain");
	add_conn(&j, s, l->conn, fact_subflow(s, l->conn));
	add_key(&j, KEY("other"));
	if (l->other) {
		json_object_begin(&j);
		add_conn(&j, s, l->other, fact_subflow(s, l->other));
		json_object_end(&j);
	} else {
		json_null(&j);
	}
	add_handshake(&j, l->conn);
	add_close(&j, s, l->conn);
	add_time_wait(&j, l->conn);
	add_key(&j, KEY("numbers"));
	json_object_begin(&j);
	for (unsigned int i = 0; i < LADDER_SYMBOL_COUNT; i++) {
		json_key(&j, ladder_symbol_name(i));
		if (l->symbols[i].is_known)
			json_u64(&j, l->symbols[i].value);
		else
			json_null(&j);
	}
	json_object_end(&j);
	add_key(&j, KEY("steps"));
	json_array_begin(&j);
	for (size_t i = 0; i < l->count; i++)
		add_ladder_step(&j, s, &l->steps[i]);
	json_array_end(&j);
	add_word(&j, KEY("language"), phrase_language_name(s->language));
	end_line(&j);
}

static void add_events(struct json *j, const struct event_counters *e)
{
	add_key(j, KEY("events"));
	json_object_begin(j);
#define X(name, loss) add_u64(j, KEY(#name), e->name);
	EVENT_COUNTERS(X, X, X)
#undef X
	json_object_end(j);
}

static void add_connections(struct json *j, const struct summary *sum)
{
	const struct conn_counts *c = &sum->connections;
	bool known = summary_follows(sum, "passive");

	add_key(j, KEY("connections"));
	json_object_begin(j);
	add_u64(j, KEY("opened"), c->opened);
	add_u64(j, KEY("closed"), c->closed);
	add_u64(j, KEY("live"), c->live);
	add_u64(j, KEY("seeded"), c->seeded);
	add_u64(j, KEY("restored"), c->restored);
	add_u64(j, KEY("unsent"), c->unsent);
	add_u64(j, KEY("incomplete"), c->incomplete);
	add_u64(j, KEY("evicted"), c->evicted);
	add_u64(j, KEY("children_lost"), c->children_lost);
	add_u64(j, KEY("time_waits_evicted"), c->time_waits_evicted);
	add_u64(j, KEY("seeds_left_out"), c->seeds_left_out);
	add_u64(j, KEY("resyncs"), c->resyncs);
	add_u64(j, KEY("listeners_left_out"), c->listeners_left_out);
	json_object_end(j);
	add_key(j, KEY("half_open"));
	json_object_begin(j);
	for (int end = 0; end < HALF_OPEN_END_COUNT; end++) {
		json_key(j, half_open_end_name(end));
		add_known_value(j, known, c->half_open[end]);
	}
	json_object_end(j);
}

/* Nobody followed the connections. */
static void add_recording(struct json *j, const struct summary_recording *r)
{
	add_key(j, KEY("connections"));
	json_null(j);
	add_key(j, KEY("recording"));
	json_object_begin(j);
	add_u64(j, KEY("records"), r->records);
	add_u64(j, KEY("bytes"), r->bytes);
	add_u64(j, KEY("parts"), r->parts);
	json_object_end(j);
}

/* null where the counters could not be read. */
static void add_listen(struct json *j, const struct listen_counters *c)
{
	add_known(j, KEY("listen_overflows"), c->read, c->overflows);
	add_known(j, KEY("listen_drops"), c->read, c->drops);
	add_word(j, KEY("listen_quality"), !c->read ? "unknown" : c->unread ? "at_least" : "exact");
}

static void add_resets(struct json *j, const struct summary *sum)
{
	const struct conn_counts *c = &sum->connections;
	bool known = summary_follows(sum, "reset");

	add_key(j, KEY("resets"));
	json_object_begin(j);
	add_known(j, KEY("sent"), known, c->resets_sent);
	add_known(j, KEY("received"), known, c->resets_received);
	add_known(j, KEY("stray"), known, c->resets_stray);
	json_object_end(j);
	known = summary_follows(sum, "retransmit");
	add_key(j, KEY("retransmits"));
	json_object_begin(j);
	for (size_t i = 0; i < RESENT_KINDS; i++) {
		json_key(j, fact_resent_names[i]);
		add_known_value(j, known, c->retransmits[i]);
	}
	json_object_end(j);
}

static void add_stuck_counts(struct json *j, const struct stuck_counts *c)
{
	add_key(j, KEY("stuck"));
	json_object_begin(j);
	add_u64(j, KEY("sockets"), c->sockets);
	add_u64(j, KEY("stuck"), c->stuck);
	add_u64(j, KEY("begun"), c->begun);
	add_u64(j, KEY("released"), c->released);
	add_u64(j, KEY("age_unknown"), c->age_unknown);
	add_u64(j, KEY("moving"), c->moving);
	add_u64(j, KEY("vanished"), c->vanished);
	add_u64(j, KEY("holders_unknown"), c->holders_unknown);
	add_u64(j, KEY("unreadable_processes"), c->unreadable_processes);
	add_u64(j, KEY("unreadable_namespaces"), c->unreadable_namespaces);
	add_u64(j, KEY("crowded_namespaces"), c->crowded_namespaces);
	add_u64(j, KEY("hidden_processes"), c->hidden_processes);
	add_u64(j, KEY("dropped"), c->dropped);
	add_u64(j, KEY("in_flight"), c->in_flight);
	add_u64(j, KEY("exec_failed"), c->exec_failed);
	add_u64(j, KEY("exec_dropped"), c->exec_dropped);
	json_object_end(j);
}

/* For what, whose it was, and how much. */
static void add_payer(struct json *j, const char *bound, bool is_port, const struct payer *p)
{
	json_object_begin(j);
	add_word(j, KEY("bound"), bound);
	add_u64(j, KEY("netns"), p->share.place);
	add_key(j, KEY("uid"));
	if (is_port || p->share.owner == SHARES_NOBODY)
		json_null(j);
	else
		json_u64(j, p->share.owner);
	add_key(j, KEY("lport"));
	if (is_port)
		json_u64(j, p->share.owner);
	else
		json_null(j);
	add_u64(j, KEY("count"), p->paid);
	add_u64(j, KEY("count_at_most"), p->paid + p->missed);
	json_object_end(j);
}

static void add_payers(struct json *j, const struct summary *sum)
{
	static const char *const bounds[] = {
		[SUMMARY_CONNECTIONS] = "max_connections",
		[SUMMARY_HALF_OPEN_LINES] = "half_open_lines",
		[SUMMARY_LISTENERS] = "listeners",
	};

	add_key(j, KEY("paid_by"));
	json_array_begin(j);
	for (int bound = 0; bound < SUMMARY_BOUND_COUNT; bound++)
		for (size_t rank = 0; rank < SUMMARY_PAYERS && sum->payers[bound]; rank++) {
			const struct payer *p = payers_at(sum->payers[bound], rank);

			if (!p)
				break;
			add_payer(j, bounds[bound], bound == SUMMARY_HALF_OPEN_LINES, p);
		}
	json_array_end(j);
}

static void print_summary(const struct sink_settings *s, struct buffer *out,
			  const struct summary *sum)
{
	struct json j;

	(void)s;
	begin_line(&j, out, "summary");
	add_events(&j, &sum->events);
	if (sum->recording)
		add_recording(&j, sum->recording);
	else
		add_connections(&j, sum);
	add_key(&j, KEY("gaps"));
	if (sum->recording)
		json_null(&j);
	else
		json_u64(&j, sum->connections.gaps);
	add_key(&j, KEY("unseen"));
	if (sum->recording)
		json_null(&j);
	else
		json_u64(&j, summary_unseen(sum));
	add_key(&j, KEY("hooks"));
	json_object_begin(&j);
	for (size_t i = 0; i < sum->hook_count; i++) {
		json_key(&j, sum->hooks[i].family);
		json_text(&j, sum->hooks[i].rung);
	}
	json_object_end(&j);
	add_u64(&j, KEY("duration_ns"), sum->duration_ns);
	add_u64(&j, KEY("values_lost"), sum->values_lost);
	add_u64(&j, KEY("values_crowded"), sum->values_crowded);
	add_u64(&j, KEY("half_open_unprinted"), sum->half_open_unprinted);
	add_resets(&j, sum);
	add_u64(&j, KEY("failures_lost"), sum->failures_lost);
	add_listen(&j, &sum->listen);
	add_payers(&j, sum);
	if (sum->stuck)
		add_stuck_counts(&j, sum->stuck);
	end_line(&j);
}

const struct sink sink_json = {
	.name = "json",
	.transition = print_transition,
	.connection = print_connection,
	.half_open = print_half_open,
	.histograms = print_histograms,
	.failures = print_failures,
	.stuck = print_stuck,
	.ladder = print_ladder,
	.summary = print_summary,
};
