// SPDX-License-Identifier: GPL-2.0-only
/* Comma-separated values (RFC 4180, lines end with LF): a header, then rows; unknown is empty. */
#include <string.h>

#include "user/aggregate/measure.h"
#include "user/base/text.h"
#include "user/sink/csv_difference.h"
#include "user/sink/fact.h"
#include "user/sink/owner.h"
#include "user/sink/sink.h"
#include "user/sink/text/opener.h"

/* The states whose dwell time has a column; a life passes through each at most once. */
#define DWELL_STATES(X)                  \
	X(SYN_SENT, "syn_sent_ns")       \
	X(SYN_RECV, "syn_recv_ns")       \
	X(ESTABLISHED, "established_ns") \
	X(FIN_WAIT1, "fin_wait1_ns")     \
	X(FIN_WAIT2, "fin_wait2_ns")     \
	X(CLOSE_WAIT, "close_wait_ns")   \
	X(CLOSING, "closing_ns")         \
	X(LAST_ACK, "last_ack_ns")

#define CONN_COLUMNS "id,netns,family,laddr,lport,raddr,rport,role,pid,comm,uid,mptcp,time,"

#define WORKLOAD_COLUMNS "unit,container,pod,container_id,pod_uid"
#define OWNER_COLUMNS ",netns_name,ppid,cmdline,flow"
#define INTERFACE_COLUMNS ",ifindex,ifname"
#define MPTCP_COLUMNS ",mptcp_token,subflow,joined,subflows,subflows_open,subflow_ends"
#define STACK_COLUMN ",stack"

#define X(NAME, name) name ","
static const char connection_header[] = CONN_COLUMNS
	"end_time," DWELL_STATES(X) "handshake_ns,handshake_quality,handshake_retransmits,"
				    "handshake_flags,outcome,initiator,errno,time_wait_ns,"
				    "time_wait_end,time_wait_quality,bytes_sent,bytes_received,"
				    "retransmits,srtt_us,complete,gaps,seeded,cause,reset_reason,"
				    "tries,segments_sent,segments_received,min_rtt_us,"
				    "congestion_control,owner_source,accept_wait_ns,"
				    "retransmits_by,process," WORKLOAD_COLUMNS OWNER_COLUMNS
					    MPTCP_COLUMNS STACK_COLUMN INTERFACE_COLUMNS "\n";
#undef X

static const char transition_header[] = CONN_COLUMNS
	"mono_ns,from,to,dwell_ns,origin,process," WORKLOAD_COLUMNS OWNER_COLUMNS STACK_COLUMN
		INTERFACE_COLUMNS "\n";

struct row {
	struct buffer *out;
	bool begun; /* a field precedes the next one */
};

static void separate(struct row *r)
{
	if (r->begun)
		buffer_add_char(r->out, ',');
	r->begun = true;
}

/* The program's own words, which need no quotes; NULL is empty. */
static void add_word(struct row *r, const char *word)
{
	separate(r);
	if (word)
		buffer_add_text(r->out, word);
}

static void add_known(struct row *r, bool known, uint64_t value)
{
	separate(r);
	if (known)
		buffer_add_u64(r->out, value);
}

static void add_ns(struct row *r, uint64_t ns)
{
	add_known(r, ns != TIME_UNKNOWN, ns);
}

static void add_bool(struct row *r, bool value)
{
	add_word(r, value ? "true" : "false");
}

static void add_time(struct row *r, const struct clock *clock, uint64_t mono_ns)
{
	char text[CLOCK_ISO_SIZE];

	add_word(r, mono_ns == TIME_UNKNOWN ? NULL : clock_format_iso(clock, mono_ns, text));
}

static void add_address(struct row *r, const struct address *a)
{
	char text[ADDRESS_TEXT_SIZE];

	add_word(r, a ? address_format(a, text) : NULL);
}

#define NAME_SIZE_MOST 1024 /* of a command line; of a pod with its namespace, 317 */

/*
 * A process chooses its name, and a spreadsheet takes what begins with one of =+-@ for a formula:
 * such a name gets a single quote in front, which spreadsheets take for "this is text". So does
 * one that looks like that of a listener's owner, which has a mark in front.
 */
static void add_name(struct row *r, bool known, bool is_listeners, const char *name, size_t size)
{
	char quoted[1 + NAME_SIZE_MOST] = "'";

	separate(r);
	if (!known)
		return;
	size = strnlen(name, size < NAME_SIZE_MOST ? size : NAME_SIZE_MOST);
	if (is_listeners) {
		quoted[0] = OWNER_MARK;
	} else if (!size || !strchr("=+-@~", name[0])) {
		text_add_csv(r->out, name, size);
		return;
	}
	memcpy(quoted + 1, name, size);
	text_add_csv(r->out, quoted, size + 1);
}

/* What is escaped already goes between quotes, unless it is nothing. */
static void add_escaped(struct row *r, const char *text, size_t size)
{
	if (!size)
		return;
	buffer_add_char(r->out, '"');
	if (strchr("=+-@~", text[0]))
		buffer_add_char(r->out, '\'');
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"')
			buffer_add_char(r->out, '"');
		buffer_add_char(r->out, text[i]);
	}
	buffer_add_char(r->out, '"');
}

static void end_row(struct row *r)
{
	buffer_add_char(r->out, '\n');
}

static void print_header(const struct sink_settings *s, struct buffer *out)
{
	buffer_add_text(out, s->events ? transition_header : connection_header);
}

/* What CONN_COLUMNS names, but for the time. */
static void add_conn(struct row *r, const struct conn *c)
{
	add_known(r, c->id, c->id);
	add_known(r, c->netns, c->netns);
	add_word(r, fact_family(c));
	add_address(r, fact_laddr(c));
	add_known(r, fact_lport(c), fact_lport(c));
	add_address(r, fact_raddr(c));
	add_known(r, fact_has_rport(c), fact_rport(c));
	add_word(r, conn_role_name(c->role));
	add_known(r, fact_has_pid(c), c->pid);
	add_name(r, fact_has_owner(c), fact_owner_is_listener(c), c->comm, sizeof(c->comm));
	add_known(r, fact_has_owner(c), c->uid);
	add_bool(r, c->flags & CONN_MPTCP);
}

static void add_process(struct row *r, const struct conn *c)
{
	struct conn_name name = conn_process(c);

	add_name(r, name.bytes, fact_owner_is_listener(c), name.bytes ? name.bytes : "", name.size);
}

static void add_flow(struct row *r, const struct conn *c)
{
	char flow[FLOW_SIZE];

	add_word(r, fact_flow(c, flow));
}

/* NULL is empty. */
static void add_text(struct row *r, const char *text)
{
	add_name(r, text, false, text ? text : "", NAME_SIZE_MOST);
}

/* With its link, where there is no column for that. */
static void add_end(struct row *r, struct fact_end end)
{
	char text[FACT_END_SIZE];

	add_text(r, end.address ? fact_end_text(&end, text) : NULL);
}

/* What INTERFACE_COLUMNS names. */
static void add_interface(struct row *r, uint32_t ifindex, uint16_t ifname)
{
	add_known(r, ifindex, ifindex);
	add_text(r, fact_ifname(ifindex, ifname));
}

/* What WORKLOAD_COLUMNS names. */
static void add_workload(struct row *r, const struct sink_settings *s, uint64_t cgroup)
{
	struct lore_workload w;

	lore_workload(s->lore, cgroup, &w);
	add_text(r, w.unit);
	add_text(r, w.container);
	add_text(r, w.pod);
	add_text(r, w.container_id);
	add_text(r, w.pod_uid);
}

/* What OWNER_COLUMNS names. */
static void add_owner(struct row *r, const struct sink_settings *s, const struct conn *c)
{
	struct conn_name cmdline = { NULL, 0 };
	uint32_t ppid = 0;

	if (s->cmdline)
		cmdline = fact_cmdline(s, c, &ppid);
	add_text(r, lore_netns(s->lore, c->netns, c->cgroup));
	add_known(r, ppid, ppid);
	add_name(r, cmdline.bytes, false, cmdline.bytes ? cmdline.bytes : "", cmdline.size);
	add_flow(r, c);
}

/* What STACK_COLUMN names: "main;open_one;connect". Whose name comes first, its process may say. */
static void add_stack(struct row *r, const struct sink_settings *s, uint64_t stack)
{
	struct stack_frames frames;
	struct buffer folded;

	separate(r);
	if (!lore_stack(s->lore, stack, &frames))
		return;
	buffer_init(&folded);
	opener_add_folded(&folded, &frames);
	add_escaped(r, folded.bytes, folded.size);
	if (folded.failed)
		r->out->failed = true;
	buffer_done(&folded);
}

static void print_transition(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c, const struct transition *t)
{
	struct row r = { .out = out };

	add_conn(&r, c);
	add_time(&r, &s->clock, t->mono_ns);
	add_ns(&r, t->mono_ns);
	add_word(&r, state_name(t->from));
	add_word(&r, state_name(t->to));
	add_ns(&r, t->dwell_ns);
	add_word(&r, fact_origin(c, t));
	add_process(&r, c);
	add_workload(&r, s, c->cgroup);
	add_owner(&r, s, c);
	add_stack(&r, s, lore_opener(s->lore, c));
	add_interface(&r, c->ifindex, c->ifname);
	end_row(&r);
}

static void add_dwell(struct row *r, const struct conn *c, enum tcp_state state)
{
	unsigned int i = 0;

	while (i < c->step_count && c->step_state[i] != state)
		i++;
	add_ns(r, i < c->step_count ? conn_dwell(c, i) : TIME_UNKNOWN);
}

static void add_handshake(struct row *r, const struct conn *c)
{
	bool begun = false;

	add_ns(r, measure_handshake(c));
	add_word(r, fact_handshake_quality(c));
	add_known(r, fact_has_handshake_retransmits(c), c->handshake_retransmits);
	separate(r);
	for (size_t i = 0; i < fact_handshake_flag_count; i++) {
		if (!(c->handshake_flags & fact_handshake_flags[i].bit))
			continue;
		if (begun)
			buffer_add_char(r->out, ' ');
		buffer_add_text(r->out, fact_handshake_flags[i].name);
		begun = true;
	}
}

/* Who loads a congestion control chooses its name. */
static void add_congestion(struct row *r, const char *name)
{
	add_name(r, name, false, name ? name : "", EVENT_COMM_SIZE);
}

/* "syn:0 synack:0 timeout:2 fast:1 probe:0" */
static void add_resent(struct row *r, const struct sink_settings *s, const struct conn *c)
{
	struct resent resent;

	separate(r);
	if (!fact_resent(s, c, &resent))
		return;
	for (size_t i = 0; i < RESENT_KINDS; i++) {
		buffer_addf(r->out, "%s%s:", i ? " " : "", fact_resent_names[i]);
		buffer_add_u64(r->out, resent.times[i]);
	}
}

/* "192.0.2.1:40000-198.51.100.7:443 [2001:db8::1]:40001-..." */
static void add_ends(struct row *r, const struct mptcp_connection *m)
{
	separate(r);
	for (size_t i = 0; i < m->listed; i++) {
		const struct conn *c = &m->subflows[i].c;
		const struct fact_end local = fact_local(c), remote = fact_remote(c);
		char ends[2][FACT_END_SIZE] = { "", "" };
		bool is_ipv6 = !address_is_ipv4(&c->raddr);

		if (local.address)
			fact_end_text(&local, ends[0]);
		if (remote.address)
			fact_end_text(&remote, ends[1]);
		buffer_addf(r->out, is_ipv6 ? "%s[%s]:%u-[%s]:%u" : "%s%s:%u-%s:%u", i ? " " : "",
			    ends[0], fact_lport(c), ends[1], fact_rport(c));
	}
}

/* What MPTCP_COLUMNS names; `m` is NULL for a connection that is none, or one of its subflows. */
static void add_mptcp(struct row *r, const struct subflow *place, const struct mptcp_connection *m)
{
	add_known(r, place->token, place->token);
	add_known(r, place->number, place->number);
	add_word(r, m || !place->connection ? NULL : place->has_joined ? "true" : "false");
	add_known(r, m, m ? m->count : 0);
	add_known(r, m && !m->is_early, m ? m->open : 0);
	if (m)
		add_ends(r, m);
	else
		separate(r);
}

/* A connection, up to MPTCP_COLUMNS. */
static void add_life(struct row *r, const struct sink_settings *s, const struct conn *c,
		     uint64_t start_ns, uint64_t end_ns)
{
	bool counted = fact_has_counters(c), waited = measure_has_time_wait(c);
	char text[FACT_ERRNO_SIZE], reason[RESET_REASON_SIZE];

	add_conn(r, c);
	add_time(r, &s->clock, start_ns);
	add_time(r, &s->clock, end_ns);
#define X(NAME, name) add_dwell(r, c, STATE_##NAME);
	DWELL_STATES(X)
#undef X
	add_handshake(r, c);
	add_word(r, conn_outcome_name(c->outcome));
	add_word(r, conn_initiator_name(c->initiator));
	add_word(r, fact_errno(c, text));
	add_ns(r, measure_time_wait(c));
	add_word(r, waited ? conn_time_wait_end_name(c->time_wait_end) : NULL);
	add_word(r, waited ? fact_time_wait_quality(c) : NULL);
	add_known(r, counted, c->bytes_sent);
	add_known(r, counted, c->bytes_received);
	add_known(r, counted, c->retransmits);
	add_known(r, c->srtt_us, c->srtt_us);
	add_bool(r, fact_is_complete(c));
	add_known(r, true, c->gaps);
	add_bool(r, c->flags & CONN_SEEDED);
	add_word(r, cause_of(c->cause)->name);
	add_word(r, fact_reset_reason(s, c->reset_reason, reason));
	add_known(r, fact_has_tries(c), c->tries);
	add_known(r, fact_has_segments(c), c->segments_sent);
	add_known(r, fact_has_segments(c), c->segments_received);
	add_known(r, fact_has_min_rtt(c), c->min_rtt_us);
	add_congestion(r, fact_congestion(s, c));
	add_word(r, fact_owner_source(c));
	add_ns(r, conn_accept_wait(c));
	add_resent(r, s, c);
	add_process(r, c);
	add_workload(r, s, c->cgroup);
	add_owner(r, s, c);
}

static void print_connection(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c)
{
	struct subflow place = fact_subflow(s, c);
	struct row r = { .out = out };

	add_life(&r, s, c, conn_start(c), measure_end(c));
	add_mptcp(&r, &place, NULL);
	add_stack(&r, s, lore_opener(s->lore, c));
	add_interface(&r, c->ifindex, c->ifname);
	end_row(&r);
}

static void print_mptcp(const struct sink_settings *s, struct buffer *out,
			const struct mptcp_connection *m)
{
	const struct subflow place = { .token = m->subflows[0].place.token };
	struct row r = { .out = out };
	struct conn c;

	mptcp_as_conn(m, &c);
	add_life(&r, s, &c, mptcp_start(m), mptcp_end(m));
	add_mptcp(&r, &place, m);
	add_stack(&r, s, 0);
	add_interface(&r, c.ifindex, c.ifname);
	end_row(&r);
}

struct histogram_rows {
	const struct sink_settings *settings;
	struct buffer *out;
	unsigned int keys;
	const struct histogram_span *span; /* NULL: all are of the whole run */
};

/* It begins with a slash or a digit, so that no spreadsheet takes it for a formula. */
static void add_cgroup(struct row *r, const struct sink_settings *s, uint64_t id)
{
	char scratch[FACT_CGROUP_SIZE];
	const char *text = fact_cgroup(s, id, scratch);

	separate(r);
	if (text)
		text_add_csv(r->out, text, strlen(text));
}

/* The rest of the groups is "true" in a column of its own: no name can be taken for it. */
static void add_group(struct row *r, const struct sink_settings *s, unsigned int keys,
		      const struct group *g)
{
	char scratch[FACT_CGROUP_SIZE];

	if (keys & 1U << GROUP_BY_COMM)
		add_name(r, g->has_comm, g->is_listeners, g->comm, sizeof(g->comm));
	if (keys & 1U << GROUP_BY_THREAD)
		add_name(r, g->has_thread, g->is_listeners, g->thread, sizeof(g->thread));
	if (keys & 1U << GROUP_BY_RADDR)
		add_end(r, fact_group_remote(g));
	if (keys & 1U << GROUP_BY_RPORT)
		add_known(r, g->has_rport, g->rport);
	if (keys & 1U << GROUP_BY_LPORT)
		add_known(r, g->lport, g->lport);
	if (keys & 1U << GROUP_BY_NETNS)
		add_known(r, g->netns, g->netns);
	if (keys & 1U << GROUP_BY_CGROUP)
		add_cgroup(r, s, g->cgroup);
	for (int key = GROUP_BY_UNIT; key <= GROUP_BY_POD; key++)
		if (keys & 1U << key)
			add_text(r, fact_group_name(s, key, g, scratch));
	if (keys & 1U << GROUP_BY_OUTCOME)
		add_word(r, g->is_other ? NULL : conn_outcome_name(g->outcome));
	if (keys)
		add_bool(r, g->is_other);
}

struct bucket_field {
	struct buffer *out;
	bool begun;
};

static void add_bucket(void *context, uint64_t low, uint64_t high, uint64_t count)
{
	struct bucket_field *field = context;

	if (field->begun)
		buffer_add_char(field->out, ' ');
	field->begun = true;
	buffer_add_u64(field->out, low);
	buffer_add_char(field->out, ':');
	buffer_add_u64(field->out, high);
	buffer_add_char(field->out, ':');
	buffer_add_u64(field->out, count);
}

static const char stuck_header[] = CONN_COLUMNS
	"mono_ns,change,state,age_ns,age_quality,age_at_most_ns,held_by,holders,"
	"holders_known,rx_queue_bytes,tx_queue_bytes,resent,left_ns,inode,cgroup,"
	"netns_name,reason," WORKLOAD_COLUMNS ",flow" STACK_COLUMN INTERFACE_COLUMNS
	",process,owner_source,moving,listener\n";

static void print_stuck_header(const struct sink_settings *s, struct buffer *out)
{
	if (s->of_machines)
		buffer_add_text(out, "host,");
	buffer_add_text(out, stuck_header);
}

/* "4711:7 4712:7": process and descriptor of each. */
static void add_holders(struct row *r, const struct holder *holders, size_t count)
{
	separate(r);
	for (size_t i = 0; i < count; i++)
		buffer_addf(r->out, "%s%u:%u", i ? " " : "", holders[i].pid, holders[i].fd);
}

/* Names in it are escaped, and it begins with a capital or a digit. */
static void add_reason(struct row *r, const struct stuck *s)
{
	struct stuck_group alone;
	struct buffer sentence;

	separate(r);
	buffer_init(&sentence);
	stuck_group_of_one(s, &alone);
	stuck_group_say_reason(&alone, LADDER_EN, &sentence);
	add_escaped(r, sentence.bytes, sentence.size);
	if (sentence.failed)
		r->out->failed = true;
	buffer_done(&sentence);
}

static void print_stuck(const struct sink_settings *s, struct buffer *out,
			const struct stuck *stuck)
{
	bool is_known = stuck->age_ns != TIME_UNKNOWN;
	const char *name = lore_netns(s->lore, stuck->c.netns, stuck->c.cgroup);
	struct row r = { .out = out };

	if (s->of_machines)
		add_name(&r, stuck->host, false, stuck->host, strlen(stuck->host));
	add_conn(&r, &stuck->c);
	add_time(&r, &s->clock, stuck->mono_ns);
	add_ns(&r, s->of_machines ? TIME_UNKNOWN : stuck->mono_ns);
	add_word(&r, stuck_change_name(stuck->change));
	add_word(&r, state_name(stuck->state));
	add_ns(&r, stuck->age_ns);
	add_word(&r, fact_age_quality(stuck));
	add_ns(&r, is_known ? stuck->age_at_most_ns : TIME_UNKNOWN);
	add_word(&r, stuck_grip_name(stuck->grip));
	add_holders(&r, stuck->holders, stuck->holder_count);
	add_bool(&r, stuck->holders_known);
	add_known(&r, stuck->rx_queue_bytes != STUCK_BYTES_UNKNOWN, stuck->rx_queue_bytes);
	add_known(&r, stuck->tx_queue_bytes != STUCK_BYTES_UNKNOWN, stuck->tx_queue_bytes);
	add_known(&r, stuck->resent != STUCK_RESENT_UNKNOWN, stuck->resent);
	add_ns(&r, stuck->left_ns);
	add_known(&r, stuck->inode, stuck->inode);
	add_cgroup(&r, s, s->of_machines ? 0 : stuck->c.cgroup);
	add_name(&r, name, false, name, name ? strlen(name) : 0);
	add_reason(&r, stuck);
	add_workload(&r, s, stuck->c.cgroup);
	add_flow(&r, &stuck->c);
	add_stack(&r, s, stuck->stack);
	add_interface(&r, stuck->c.ifindex, stuck->c.ifname);
	add_process(&r, &stuck->c);
	add_word(&r, fact_owner_source(&stuck->c));
	add_bool(&r, stuck->is_moving);
	add_holders(&r, stuck->listener, stuck->listener ? 1 : 0);
	end_row(&r);
}

static const char listeners_header[] =
	"time,mono_ns,netns,netns_name,family,laddr,lport,laddr_is_bound,pid,comm,uid,"
	"holders,holders_known,inode,cgroup,queue,queue_max,queue_most,half_open,"
	"oldest_ns,idle_ns,drops,overflows,new_drops,new_overflows,requests_overflowed,"
	"netns_drops,netns_overflows,new_netns_drops,new_netns_overflows,accepted,"
	"never_accepted,run_ns,accept_wait_count,accept_wait_p50_ns,accept_wait_p99_ns,"
	"accept_wait_max_ns,reuseport_sockets,verdict,reason," WORKLOAD_COLUMNS INTERFACE_COLUMNS
	",idle_quality,reuseport_accepted,reuseport_unassigned\n";

static void add_count(struct row *r, uint64_t count)
{
	add_known(r, count != UINT64_MAX, count);
}

static void add_listener_owner(struct row *r, const struct listening_row *row,
			       const struct listening_socket *s)
{
	struct listening_owner owner;

	listening_row_owner(row, &owner);
	add_known(r, owner.pid, owner.pid);
	add_name(r, owner.comm, false, owner.comm ? owner.comm : "", EVENT_COMM_SIZE);
	add_known(r, row->socket && (s->is_seen || owner.comm), s->uid);
	add_holders(r, s->holders, s->holder_count);
	add_bool(r, s->holders_known);
	add_known(r, s->inode, s->inode);
}

static void add_listener_numbers(struct row *r, const struct listening_row *row,
				 const struct listening_socket *s)
{
	const struct histogram *h = &row->place->wait;

	add_known(r, s->is_seen, s->queue);
	add_known(r, s->is_seen, s->queue_max);
	add_known(r, row->place->was_seen, row->socket ? s->queue_most : row->place->queue_most);
	add_known(r, s->is_seen && s->has_half_open, s->half_open);
	add_ns(r, row->oldest_ns);
	add_ns(r, row->idle_ns);
	add_count(r, row->drops);
	add_count(r, row->overflows);
	add_count(r, row->new_drops);
	add_count(r, row->new_overflows);
	add_count(r, row->overflowed);
	add_count(r, row->of_netns.drops);
	add_count(r, row->of_netns.overflows);
	add_count(r, row->new_of_netns.drops);
	add_count(r, row->new_of_netns.overflows);
	add_count(r, row->accepted);
	add_count(r, row->never_accepted);
	add_known(r, row->view->duration_ns, row->view->duration_ns);
	add_known(r, h->count, h->count);
	add_known(r, h->count, histogram_quantile(h, 0.5));
	add_known(r, h->count, histogram_quantile(h, 0.99));
	add_known(r, h->count, h->max);
	add_known(r, row->place->count > 1, row->place->count);
}

/* How the sockets of one place have shared what came; empty where one is alone there. */
static void add_shared(struct row *r, const struct listening_row *row)
{
	const struct listening_place *p = row->place;
	bool is_counted = p->count > 1 && row->view->duration_ns && row->view->accepts_known &&
			  !row->view->is_part;

	add_known(r, is_counted, p->accepted);
	add_known(r, is_counted, p->unassigned);
}

static void print_listener(const struct sink_settings *s, struct buffer *out,
			   const struct listening_row *row)
{
	static const struct listening_socket none;
	const struct listening_socket *socket = row->socket ? row->socket : &none;
	const struct listening_place *p = row->place;
	const char *name = lore_netns(s->lore, p->netns, row->socket ? row->socket->cgroup : 0);
	struct row r = { .out = out };
	struct buffer sentence;

	add_time(&r, &s->clock, row->view->now_ns);
	add_ns(&r, row->view->now_ns);
	add_known(&r, p->netns, p->netns);
	add_name(&r, name, false, name, name ? strlen(name) : 0);
	add_word(&r, address_is_ipv4(&p->laddr) ? "ipv4" : "ipv6");
	add_address(&r, &p->laddr);
	add_known(&r, true, p->lport);
	add_bool(&r, p->is_bound);
	add_listener_owner(&r, row, socket);
	add_cgroup(&r, s, socket->cgroup);
	add_listener_numbers(&r, row, socket);
	add_word(&r, listening_verdict_name(row->verdict));
	buffer_init(&sentence);
	listening_row_say(row, LADDER_EN, &sentence);
	separate(&r);
	text_add_csv(out, sentence.size ? sentence.bytes : "", sentence.size);
	if (sentence.failed)
		out->failed = true;
	buffer_done(&sentence);
	add_workload(&r, s, socket->cgroup);
	add_interface(&r, p->ifindex, p->ifname);
	add_word(&r, fact_idle_quality(row));
	add_shared(&r, row);
	end_row(&r);
}

static void print_listeners(const struct sink_settings *s, struct buffer *out,
			    struct listening *listening, const struct listening_row *rows,
			    size_t count)
{
	(void)listening;
	buffer_add_text(out, listeners_header);
	for (size_t i = 0; i < count; i++)
		print_listener(s, out, &rows[i]);
}

static const char ports_header[] =
	"netns,netns_name,family,laddr,raddr,rport,range_low,range_high,range_usable,used,"
	"connecting,open,time_wait,next_free_ns,users" INTERFACE_COLUMNS "\n";

static void print_destination(const struct sink_settings *s, struct buffer *out,
			      const struct ports_destination *d)
{
	bool is_known = d->range.usable;
	struct row r = { .out = out };

	add_known(&r, d->netns, d->netns);
	add_text(&r, lore_netns(s->lore, d->netns, 0));
	add_word(&r, address_is_ipv4(&d->raddr) ? "ipv4" : "ipv6");
	add_address(&r, &d->laddr);
	add_address(&r, &d->raddr);
	add_known(&r, true, d->rport);
	add_known(&r, is_known, d->range.low);
	add_known(&r, is_known, d->range.high);
	add_known(&r, is_known, d->range.usable);
	add_known(&r, true, ports_used(d));
	add_known(&r, true, d->connecting);
	add_known(&r, true, d->open);
	add_known(&r, true, d->time_wait);
	add_ns(&r, d->next_free_ns);
	/* "4711:60 4712:3": process and sockets of each. */
	separate(&r);
	for (size_t i = 0; i < PORTS_USERS && d->users[i].count; i++)
		buffer_addf(out, "%s%u:%u", i ? " " : "", d->users[i].pid, d->users[i].count);
	add_interface(&r, d->ifindex, d->ifname);
	end_row(&r);
}

static void print_ports(const struct sink_settings *s, struct buffer *out,
			const struct ports_destination *const *all, size_t count)
{
	buffer_add_text(out, ports_header);
	for (size_t i = 0; i < count; i++)
		print_destination(s, out, all[i]);
}

static void print_histogram(void *context, const struct histogram_row *row)
{
	static const double quantiles[] = { 0.5, 0.9, 0.99, 0.999 };
	const struct histogram_rows *rows = context;
	const struct histogram *h = row->histogram;
	struct row r = { .out = rows->out };
	struct bucket_field field = { .out = rows->out };

	add_word(&r, row->name);
	add_group(&r, rows->settings, rows->keys, row->group);
	add_word(&r, "ns");
	add_known(&r, true, h->count);
	add_known(&r, true, row->unknown);
	add_known(&r, h->count, h->min);
	add_known(&r, h->count, h->max);
	add_known(&r, h->count, (uint64_t)(histogram_mean(h) + 0.5));
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		add_known(&r, h->count, histogram_quantile(h, quantiles[i]));
	separate(&r);
	histogram_each(h, add_bucket, &field);
	add_known(&r, true, row->estimated);
	if (rows->span) {
		add_time(&r, &rows->settings->clock, rows->span->begin_ns);
		add_ns(&r, rows->span->end_ns - rows->span->begin_ns);
	}
	end_row(&r);
}

static void print_histogram_header(const struct histogram_rows *rows)
{
	struct row r = { .out = rows->out };

	add_word(&r, "name");
	/* The unit of numbers has a column of that name. */
	for (unsigned int key = 0; key < GROUP_KEY_COUNT; key++)
		if (rows->keys & 1U << key)
			add_word(&r, key == GROUP_BY_UNIT ? "by_unit" : group_key_name(key));
	if (rows->keys)
		add_word(&r, "other");
	add_word(&r, "unit,count,unknown,min,max,mean,p50,p90,p99,p999,buckets,estimated");
	if (rows->span)
		add_word(&r, "time,duration_ns");
	end_row(&r);
}

/* One row for each histogram; its buckets are one field of "low:high:count", parted by blanks. */
static void print_histograms(const struct sink_settings *s, struct buffer *out,
			     const struct histogram_set *set)
{
	struct histogram_rows rows = { s, out, histogram_set_keys(set), histogram_set_span(set) };

	if (!rows.span || !rows.span->is_later)
		print_histogram_header(&rows);
	if (histogram_set_each(set, print_histogram, &rows))
		out->failed = true;
}

static const char ladder_header[] =
	"number,kind,time,sent_mono_ns,came_mono_ns,since_ns,direction,flags,times,seq,seq_name,"
	"ack,ack_name,bytes_out,bytes_in,local,local_measured,remote,remote_measured,"
	"way_ns,way_bound_ns\n";

static void add_ladder_number(struct row *r, const struct ladder_number *number)
{
	char name[LADDER_NUMBER_SIZE];

	add_known(r, number->is_shown && number->is_known, number->value);
	add_word(r, ladder_number_name(number, name));
}

static void add_ladder_flags(struct row *r, unsigned int flags)
{
	bool begun = false;

	separate(r);
#define X(FLAG, name)                                             \
	if (flags & LADDER_##FLAG) {                              \
		buffer_add_text(r->out, begun ? " " name : name); \
		begun = true;                                     \
	}
	LADDER_FLAGS(X)
#undef X
}

static void add_ladder_state(struct row *r, const struct ladder_state *state)
{
	add_word(r, state->state ? state_name(state->state) : NULL);
	add_bool(r, state->is_measured);
}

static void print_ladder(const struct sink_settings *s, struct buffer *out, const struct ladder *l)
{
	buffer_add_text(out, ladder_header);
	for (const struct ladder_step *step = l->steps; step < l->steps + l->count; step++) {
		struct row r = { .out = out };

		add_known(&r, step->number, step->number);
		add_word(&r, ladder_kind_name(step->kind));
		add_time(&r, &s->clock, ladder_step_ns(step));
		add_ns(&r, step->sent_ns);
		add_ns(&r, step->came_ns);
		add_ns(&r, step->since_ns);
		add_word(&r, ladder_direction_name(step));
		add_ladder_flags(&r, step->flags);
		add_known(&r, step->kind == LADDER_SEGMENT, step->times);
		add_ladder_number(&r, &step->seq);
		add_ladder_number(&r, &step->ack);
		add_known(&r, step->kind == LADDER_DATA, step->bytes_out);
		add_known(&r, step->kind == LADDER_DATA, step->bytes_in);
		add_ladder_state(&r, &step->local);
		add_ladder_state(&r, &step->remote);
		add_ns(&r, step->way_ns);
		add_ns(&r, step->way_bound_ns);
		end_row(&r);
	}
}

const struct sink sink_csv = {
	.name = "csv",
	.header = print_header,
	.transition = print_transition,
	.connection = print_connection,
	.mptcp = print_mptcp,
	.histograms = print_histograms,
	.stuck_header = print_stuck_header,
	.stuck = print_stuck,
	.ports = print_ports,
	.listeners = print_listeners,
	.difference = csv_difference,
	.ladder = print_ladder,
};
