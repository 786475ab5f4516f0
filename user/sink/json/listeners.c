// SPDX-License-Identifier: GPL-2.0-only
/* Listeners as NDJSON. */
#include "user/sink/json/listeners.h"

#include "user/sink/fact.h"
#include "user/sink/json/line.h"
#include "user/sink/owner.h"

static void add_count(struct json *j, struct line_key key, uint64_t count)
{
	line_add_known(j, key, count != UINT64_MAX, count);
}

static void add_owner(struct json *j, const struct listening_row *row)
{
	static const struct listening_socket none;
	const struct listening_socket *s = row->socket ? row->socket : &none;
	struct listening_owner owner;

	listening_row_owner(row, &owner);
	line_add_known(j, LINE_KEY("pid"), owner.pid, owner.pid);
	line_add_comm(j, LINE_KEY("comm"), owner.comm, owner.comm, EVENT_COMM_SIZE);
	line_add_known(j, LINE_KEY("uid"), row->socket && (s->is_seen || owner.comm), s->uid);
	line_add_holders(j, s->holders, s->holder_count, s->holders_known);
}

static void add_queue(struct json *j, const struct listening_row *row)
{
	static const struct listening_socket unseen;
	const struct listening_socket *s = row->socket ? row->socket : &unseen;

	line_add_known(j, LINE_KEY("queue"), s->is_seen, s->queue);
	line_add_known(j, LINE_KEY("queue_max"), s->is_seen, s->queue_max);
	line_add_known(j, LINE_KEY("queue_most"), row->place->was_seen,
		       row->socket ? s->queue_most : row->place->queue_most);
	line_add_known(j, LINE_KEY("half_open"), s->is_seen && s->has_half_open, s->half_open);
	line_add_ns(j, LINE_KEY("oldest_ns"), row->oldest_ns);
	line_add_ns(j, LINE_KEY("idle_ns"), row->idle_ns);
	line_add_word(j, LINE_KEY("idle_quality"), fact_idle_quality(row));
}

static void add_drops(struct json *j, const struct listening_row *row)
{
	add_count(j, LINE_KEY("drops"), row->drops);
	add_count(j, LINE_KEY("overflows"), row->overflows);
	add_count(j, LINE_KEY("new_drops"), row->new_drops);
	add_count(j, LINE_KEY("new_overflows"), row->new_overflows);
	add_count(j, LINE_KEY("requests_overflowed"), row->overflowed);
	add_count(j, LINE_KEY("netns_drops"), row->of_netns.drops);
	add_count(j, LINE_KEY("netns_overflows"), row->of_netns.overflows);
	add_count(j, LINE_KEY("new_netns_drops"), row->new_of_netns.drops);
	add_count(j, LINE_KEY("new_netns_overflows"), row->new_of_netns.overflows);
}

/* Of its port: all who share that have the same. */
static void add_wait(struct json *j, const struct listening_row *row)
{
	const struct histogram *h = &row->place->wait;

	line_add_key(j, LINE_KEY("accept_wait"));
	if (!h->count) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	line_add_u64(j, LINE_KEY("count"), h->count);
	line_add_u64(j, LINE_KEY("p50_ns"), histogram_quantile(h, 0.5));
	line_add_u64(j, LINE_KEY("p99_ns"), histogram_quantile(h, 0.99));
	line_add_u64(j, LINE_KEY("max_ns"), h->max);
	json_object_end(j);
}

static void add_accepted(struct json *j, const struct listening_row *row)
{
	uint64_t run_ns = row->view->duration_ns;

	add_count(j, LINE_KEY("accepted"), row->accepted);
	add_count(j, LINE_KEY("never_accepted"), row->never_accepted);
	line_add_key(j, LINE_KEY("rate"));
	if (row->accepted == UINT64_MAX || !run_ns)
		json_null(j);
	else
		json_double(j, row->accepted * 1e9 / run_ns);
	add_wait(j, row);
}

/* null where one is alone at its place. */
static void add_group(struct json *j, const struct listening_row *row)
{
	const struct listening_place *p = row->place;
	bool is_counted = row->view->duration_ns && row->view->accepts_known && !row->view->is_part;

	line_add_key(j, LINE_KEY("reuseport"));
	if (p->count < 2) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	line_add_u64(j, LINE_KEY("sockets"), p->count);
	line_add_known(j, LINE_KEY("accepted"), is_counted, p->accepted);
	line_add_known(j, LINE_KEY("unassigned"), is_counted, p->unassigned);
	json_object_end(j);
}

static void add_verdict(struct json *j, const struct listening_row *row)
{
	struct buffer sentence;

	line_add_word(j, LINE_KEY("verdict"), listening_verdict_name(row->verdict));
	buffer_init(&sentence);
	listening_row_say(row, LADDER_EN, &sentence);
	line_add_sentence(j, LINE_KEY("reason"), &sentence);
}

void json_listener(const struct sink_settings *s, struct buffer *out,
		   const struct listening_row *row, bool is_change)
{
	const struct listening_place *p = row->place;
	uint64_t cgroup = row->socket ? row->socket->cgroup : 0;
	struct json j;

	line_begin(&j, out, "listener");
	line_add_time(&j, LINE_KEY("time"), &s->clock, row->view->now_ns);
	line_add_ns(&j, LINE_KEY("mono_ns"), row->view->now_ns);
	if (is_change)
		line_add_bool(&j, LINE_KEY("change"), true);
	line_add_known(&j, LINE_KEY("netns"), p->netns, p->netns);
	line_add_text(&j, LINE_KEY("netns_name"), lore_netns(s->lore, p->netns, cgroup));
	line_add_word(&j, LINE_KEY("family"), address_is_ipv4(&p->laddr) ? "ipv4" : "ipv6");
	line_add_address(&j, LINE_KEY("laddr"), &p->laddr);
	line_add_u64(&j, LINE_KEY("lport"), p->lport);
	line_add_bool(&j, LINE_KEY("laddr_is_bound"), p->is_bound);
	line_add_interface(&j, p->ifindex, p->ifname);
	add_owner(&j, row);
	line_add_workload(&j, s, cgroup);
	line_add_cgroup(&j, s, cgroup);
	line_add_known(&j, LINE_KEY("inode"), row->socket && row->socket->inode,
		       row->socket ? row->socket->inode : 0);
	add_queue(&j, row);
	add_drops(&j, row);
	add_accepted(&j, row);
	add_group(&j, row);
	add_verdict(&j, row);
	line_end(&j);
}

/* What could not be seen. */
static void end_totals(struct json *j, const struct listening_totals *t)
{
	line_add_u64(j, LINE_KEY("unreadable_processes"), t->unreadable_processes);
	line_add_u64(j, LINE_KEY("unreadable_namespaces"), t->unreadable_namespaces);
	line_add_u64(j, LINE_KEY("crowded_namespaces"), t->crowded_namespaces);
	line_add_u64(j, LINE_KEY("hidden_processes"), t->hidden_processes);
	line_add_u64(j, LINE_KEY("uncounted_namespaces"), t->uncounted_namespaces);
	line_add_u64(j, LINE_KEY("left_out"), t->left_out);
	json_object_end(j);
}

void json_ports_totals(struct json *j, const struct listening_totals *t)
{
	line_add_key(j, LINE_KEY("ports"));
	json_object_begin(j);
	line_add_u64(j, LINE_KEY("destinations"), t->listeners);
	line_add_u64(j, LINE_KEY("full"), t->in_trouble);
	end_totals(j, t);
}

void json_listening_totals(struct json *j, const struct listening_totals *t)
{
	line_add_key(j, LINE_KEY("listeners"));
	json_object_begin(j);
	line_add_u64(j, LINE_KEY("listeners"), t->listeners);
	line_add_u64(j, LINE_KEY("in_trouble"), t->in_trouble);
	line_add_word(j, LINE_KEY("in_trouble_quality"),
		      t->is_past || t->is_any_unjudged || listening_is_partial(t) ? "at_least" :
										    "exact");
	end_totals(j, t);
}
