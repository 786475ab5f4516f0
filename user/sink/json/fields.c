// SPDX-License-Identifier: GPL-2.0-only
/* The fields that lines about connections share. */
#include "user/aggregate/measure.h"
#include "user/sink/fact.h"
#include "user/sink/json/line.h"
#include "user/sink/json/opener.h"

void line_add_workload(struct json *j, const struct sink_settings *s, uint64_t cgroup)
{
	struct lore_workload w;

	lore_workload(s->lore, cgroup, &w);
	line_add_text(j, LINE_KEY("unit"), w.unit);
	line_add_text(j, LINE_KEY("container"), w.container);
	line_add_text(j, LINE_KEY("pod"), w.pod);
	if (w.unit || w.slice) {
		line_add_text(j, LINE_KEY("slice"), w.slice);
		line_add_known(j, LINE_KEY("unit_user"), w.has_unit_user, w.unit_user);
	}
	if (w.container) {
		line_add_text(j, LINE_KEY("container_id"), w.container_id);
		line_add_word(j, LINE_KEY("runtime"), w.runtime);
	}
	if (w.pod) {
		line_add_text(j, LINE_KEY("pod_uid"), w.pod_uid);
		line_add_word(j, LINE_KEY("qos"), w.qos);
	}
}

/* The MPTCP connection that it is a subflow of. */
static void add_mptcp(struct json *j, const struct conn *c, struct subflow subflow)
{
	line_add_key(j, LINE_KEY("mptcp"));
	if (!(c->flags & CONN_MPTCP)) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	line_add_known(j, LINE_KEY("token"), subflow.token, subflow.token);
	line_add_known(j, LINE_KEY("subflow"), subflow.number, subflow.number);
	line_add_key(j, LINE_KEY("joined"));
	if (subflow.connection)
		json_bool(j, subflow.has_joined);
	else
		json_null(j);
	json_object_end(j);
}

/* ppid 0 is that of the first process, and of the kernel's: nobody. */
static void add_cmdline(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	uint32_t ppid;
	struct conn_name cmdline = fact_cmdline(s, c, &ppid);

	line_add_known(j, LINE_KEY("ppid"), ppid, ppid);
	line_add_name(j, LINE_KEY("cmdline"), cmdline);
}

void line_add_interface(struct json *j, uint32_t ifindex, uint16_t ifname)
{
	line_add_known(j, LINE_KEY("ifindex"), ifindex, ifindex);
	line_add_text(j, LINE_KEY("ifname"), fact_ifname(ifindex, ifname));
}

void line_add_ends(struct json *j, const struct conn *c)
{
	line_add_word(j, LINE_KEY("family"), fact_family(c));
	line_add_address(j, LINE_KEY("laddr"), fact_laddr(c));
	line_add_known(j, LINE_KEY("lport"), fact_lport(c), fact_lport(c));
	line_add_address(j, LINE_KEY("raddr"), fact_raddr(c));
	line_add_known(j, LINE_KEY("rport"), fact_has_rport(c), fact_rport(c));
	line_add_word(j, LINE_KEY("role"), conn_role_name(c->role));
}

/* The fields of every line about a connection. */
void line_add_conn(struct json *j, const struct sink_settings *s, const struct conn *c,
		   struct subflow subflow)
{
	char flow[FLOW_SIZE];

	if (c->id) {
		line_add_id(j, c->id);
	} else {
		line_add_key(j, LINE_KEY("id"));
		json_null(j);
	}
	line_add_known(j, LINE_KEY("netns"), c->netns, c->netns);
	line_add_ends(j, c);
	line_add_known(j, LINE_KEY("pid"), fact_has_pid(c), c->pid);
	line_add_name(j, LINE_KEY("comm"), conn_comm(c));
	line_add_name(j, LINE_KEY("process"), conn_process(c));
	line_add_known(j, LINE_KEY("uid"), fact_has_owner(c), c->uid);
	line_add_word(j, LINE_KEY("owner_source"), fact_owner_source(c));
	add_mptcp(j, c, subflow);
	line_add_workload(j, s, c->cgroup);
	line_add_text(j, LINE_KEY("netns_name"), lore_netns(s->lore, c->netns, c->cgroup));
	line_add_word(j, LINE_KEY("flow"), fact_flow(c, flow));
	line_add_interface(j, c->ifindex, c->ifname);
	if (c->flags & CONN_WIRE)
		line_add_word(j, LINE_KEY("capture_point"), conn_point(c));
	if (s->cmdline)
		add_cmdline(j, s, c);
}

void line_add_wire(struct json *j, bool is_wire)
{
	if (is_wire)
		line_add_word(j, LINE_KEY("origin"), "wire");
}

void line_add_opener(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	if (s->stack || c->flags & CONN_OPENED)
		json_opener(j, s, lore_opener(s->lore, c));
}

void line_add_handshake_flags(struct json *j, struct line_key key, const struct conn *c)
{
	line_add_key(j, key);
	json_array_begin(j);
	for (size_t i = 0; i < fact_handshake_flag_count; i++)
		if (c->handshake_flags & fact_handshake_flags[i].bit)
			json_text(j, fact_handshake_flags[i].name);
	json_array_end(j);
}

void line_add_handshake(struct json *j, const struct conn *c)
{
	line_add_key(j, LINE_KEY("handshake"));
	json_object_begin(j);
	line_add_ns(j, LINE_KEY("latency_ns"), measure_handshake(c));
	line_add_word(j, LINE_KEY("quality"), fact_handshake_quality(c));
	line_add_known(j, LINE_KEY("retransmits"), fact_has_handshake_retransmits(c),
		       c->handshake_retransmits);
	line_add_handshake_flags(j, LINE_KEY("flags"), c);
	json_object_end(j);
}

void line_add_close(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	char text[FACT_ERRNO_SIZE], reason[RESET_REASON_SIZE];

	line_add_key(j, LINE_KEY("close"));
	json_object_begin(j);
	line_add_word(j, LINE_KEY("outcome"), conn_outcome_name(c->outcome));
	line_add_word(j, LINE_KEY("initiator"), conn_initiator_name(c->initiator));
	line_add_word(j, LINE_KEY("errno"), fact_errno(c, text));
	line_add_word(j, LINE_KEY("cause"), cause_of(c->cause)->name);
	line_add_word(j, LINE_KEY("reset_reason"), fact_reset_reason(s, c->reset_reason, reason));
	line_add_known(j, LINE_KEY("tries"), fact_has_tries(c), c->tries);
	json_object_end(j);
}

void line_add_time_wait(struct json *j, const struct conn *c)
{
	line_add_key(j, LINE_KEY("time_wait"));
	if (!measure_has_time_wait(c)) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	line_add_ns(j, LINE_KEY("duration_ns"), measure_time_wait(c));
	line_add_word(j, LINE_KEY("end"), conn_time_wait_end_name(c->time_wait_end));
	line_add_word(j, LINE_KEY("quality"), fact_time_wait_quality(c));
	line_add_u64(j, LINE_KEY("rearms"), c->time_wait_rearms);
	json_object_end(j);
}

void line_add_cgroup(struct json *j, const struct sink_settings *s, uint64_t id)
{
	char text[FACT_CGROUP_SIZE];

	line_add_key(j, LINE_KEY("cgroup"));
	json_text(j, fact_cgroup(s, id, text));
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

void line_add_life(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	bool counted = fact_has_counters(c);

	line_add_time(j, LINE_KEY("time"), &s->clock, conn_start(c));
	line_add_time(j, LINE_KEY("end_time"), &s->clock, measure_end(c));
	add_timeline(j, c);
	line_add_handshake(j, c);
	line_add_ns(j, LINE_KEY("accept_wait_ns"), conn_accept_wait(c));
	line_add_close(j, s, c);
	line_add_time_wait(j, c);
	line_add_known(j, LINE_KEY("bytes_sent"), counted, c->bytes_sent);
	line_add_known(j, LINE_KEY("bytes_received"), counted, c->bytes_received);
	line_add_known(j, LINE_KEY("retransmits"), counted, c->retransmits);
	add_resent(j, s, c);
	line_add_known(j, LINE_KEY("segments_sent"), fact_has_segments(c), c->segments_sent);
	line_add_known(j, LINE_KEY("segments_received"), fact_has_segments(c),
		       c->segments_received);
	line_add_known(j, LINE_KEY("srtt_us"), c->srtt_us, c->srtt_us);
	line_add_known(j, LINE_KEY("min_rtt_us"), fact_has_min_rtt(c), c->min_rtt_us);
	line_add_text(j, LINE_KEY("congestion_control"), fact_congestion(s, c));
	line_add_bool(j, LINE_KEY("complete"), fact_is_complete(c));
	line_add_u64(j, LINE_KEY("gaps"), c->gaps);
	line_add_bool(j, LINE_KEY("seeded"), c->flags & CONN_SEEDED);
	line_add_wire(j, c->flags & CONN_WIRE);
}
