// SPDX-License-Identifier: GPL-2.0-only
/* The account of a run as one line of JSON. */
#include <string.h>

#include "user/sink/fact.h"
#include "user/sink/json/line.h"
#include "user/sink/json/listeners.h"

/* Older recordings lack what is counted of lives, and what is torn off was not counted. */
static bool is_told(const struct summary *sum, const char *counter)
{
	bool is_of_lives = !strcmp(counter, "births") || !strcmp(counter, "ends") ||
			   !strcmp(counter, "unsampled");

	if (sum->is_torn && !strcmp(counter, "unread"))
		return false;
	return !is_of_lives || summary_counts_lives(sum);
}

static void add_events(struct json *j, const struct summary *sum)
{
	const struct event_counters *e = &sum->events;

	line_add_key(j, LINE_KEY("events"));
	json_object_begin(j);
#define X(name, loss) line_add_known(j, LINE_KEY(#name), is_told(sum, #name), e->name);
	EVENT_COUNTERS(X, X, X)
#undef X
	json_object_end(j);
}

static void add_connections(struct json *j, const struct summary *sum)
{
	const struct conn_counts *c = &sum->connections;
	bool known = summary_follows(sum, "passive");

	line_add_key(j, LINE_KEY("connections"));
	json_object_begin(j);
#define X(name) line_add_known(j, LINE_KEY(#name), sum->scope == SUMMARY_OF_LIVES, c->name);
	SUMMARY_TOLD(X)
#undef X
	json_object_end(j);
	line_add_key(j, LINE_KEY("half_open"));
	json_object_begin(j);
	for (int end = 0; end < HALF_OPEN_END_COUNT; end++) {
		json_key(j, half_open_end_name(end));
		line_add_known_value(j, known, c->half_open[end]);
	}
	json_object_end(j);
}

static void add_ratio(struct json *j, double ratio)
{
	line_add_key(j, LINE_KEY("sampling_ratio"));
	if (ratio < 0)
		json_null(j);
	else
		json_double(j, ratio);
}

/* Nobody followed the connections. */
static void add_recording(struct json *j, const struct summary_recording *r)
{
	line_add_key(j, LINE_KEY("connections"));
	json_null(j);
	line_add_key(j, LINE_KEY("recording"));
	json_object_begin(j);
	line_add_u64(j, LINE_KEY("records"), r->records);
	line_add_u64(j, LINE_KEY("bytes"), r->bytes);
	line_add_u64(j, LINE_KEY("parts"), r->parts);
	json_object_end(j);
}

/* null where the counters could not be read. */
static void add_listen(struct json *j, const struct listen_counters *c)
{
	line_add_known(j, LINE_KEY("listen_overflows"), c->read, c->overflows);
	line_add_known(j, LINE_KEY("listen_drops"), c->read, c->drops);
	line_add_word(j, LINE_KEY("listen_quality"),
		      !c->read	? "unknown" :
		      c->unread ? "at_least" :
				  "exact");
}

static void add_resets(struct json *j, const struct summary *sum)
{
	const struct conn_counts *c = &sum->connections;
	bool known = summary_follows(sum, "reset");

	line_add_key(j, LINE_KEY("resets"));
	json_object_begin(j);
	line_add_known(j, LINE_KEY("sent"), known, c->resets_sent);
	line_add_known(j, LINE_KEY("received"), known, c->resets_received);
	line_add_known(j, LINE_KEY("stray"), known && summary_knows_strays(sum->part),
		       c->resets_stray);
	json_object_end(j);
	known = summary_follows(sum, "retransmit");
	line_add_key(j, LINE_KEY("retransmits"));
	json_object_begin(j);
	for (size_t i = 0; i < RESENT_KINDS; i++) {
		json_key(j, fact_resent_names[i]);
		line_add_known_value(j, known && summary_knows_resent(sum->part, i),
				     c->retransmits[i]);
	}
	json_object_end(j);
}

static void add_stuck_counts(struct json *j, const struct stuck_counts *c)
{
	line_add_key(j, LINE_KEY("stuck"));
	json_object_begin(j);
	line_add_u64(j, LINE_KEY("sockets"), c->sockets);
	line_add_u64(j, LINE_KEY("stuck"), c->stuck);
	line_add_u64(j, LINE_KEY("begun"), c->begun);
	line_add_u64(j, LINE_KEY("released"), c->released);
	line_add_u64(j, LINE_KEY("age_unknown"), c->age_unknown);
	line_add_u64(j, LINE_KEY("young"), c->young);
	line_add_u64(j, LINE_KEY("moving"), c->moving);
	line_add_u64(j, LINE_KEY("accept_unknown"), c->accept_unknown);
	line_add_u64(j, LINE_KEY("vanished"), c->vanished);
	line_add_u64(j, LINE_KEY("holders_unknown"), c->holders_unknown);
	line_add_u64(j, LINE_KEY("unreadable_processes"), c->unreadable_processes);
	line_add_u64(j, LINE_KEY("unreadable_namespaces"), c->unreadable_namespaces);
	line_add_u64(j, LINE_KEY("crowded_namespaces"), c->crowded_namespaces);
	line_add_u64(j, LINE_KEY("unreadable_subflows"), c->unreadable_subflows);
	line_add_u64(j, LINE_KEY("hidden_processes"), c->hidden_processes);
	line_add_u64(j, LINE_KEY("dropped"), c->dropped);
	line_add_u64(j, LINE_KEY("parts_missing"), c->parts_missing);
	line_add_u64(j, LINE_KEY("events_lost"), c->events_lost);
	line_add_bool(j, LINE_KEY("older_unknown"), c->older_unknown);
	line_add_u64(j, LINE_KEY("in_flight"), c->in_flight);
	line_add_u64(j, LINE_KEY("exec_failed"), c->exec_failed);
	line_add_u64(j, LINE_KEY("exec_dropped"), c->exec_dropped);
	json_object_end(j);
}

/* For what, whose it was, and how much. */
static void add_payer(struct json *j, const char *bound, bool is_port, const struct payer *p)
{
	json_object_begin(j);
	line_add_word(j, LINE_KEY("bound"), bound);
	line_add_u64(j, LINE_KEY("netns"), p->share.place);
	line_add_key(j, LINE_KEY("uid"));
	if (is_port || p->share.owner == SHARES_NOBODY)
		json_null(j);
	else
		json_u64(j, p->share.owner);
	line_add_key(j, LINE_KEY("lport"));
	if (is_port)
		json_u64(j, p->share.owner);
	else
		json_null(j);
	line_add_u64(j, LINE_KEY("count"), p->paid);
	line_add_u64(j, LINE_KEY("count_at_most"), p->paid + p->missed);
	json_object_end(j);
}

static void add_payers(struct json *j, const struct summary *sum)
{
	static const char *const bounds[] = {
		[SUMMARY_CONNECTIONS] = "max_connections",
		[SUMMARY_HALF_OPEN_LINES] = "half_open_lines",
		[SUMMARY_LISTENERS] = "listeners",
		[SUMMARY_MPTCP] = "mptcp",
		[SUMMARY_NAMES] = "names",
		[SUMMARY_SEEDS] = "seeds",
		[SUMMARY_RESENT] = "resent",
		[SUMMARY_STORIES] = "stories",
		[SUMMARY_GROUPS] = "groups",
		[SUMMARY_FAILURES] = "failures",
		[SUMMARY_STUCK] = "stuck",
		[SUMMARY_RING] = "ring",
		[SUMMARY_SAMPLE] = "sample",
		[SUMMARY_PASSED] = "passed",
		[SUMMARY_HOLDERS] = "holders",
		[SUMMARY_STACKS] = "stacks",
		[SUMMARY_NOTES] = "notes",
	};

	line_add_key(j, LINE_KEY("paid_by"));
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

/* Only those that have moved. */
static void add_hints(struct json *j, const struct kernel_counters *hints)
{
	line_add_key(j, LINE_KEY("hints"));
	json_object_begin(j);
	for (int i = 0; i < KERNEL_COUNTER_COUNT; i++)
		if (kernel_counters_know(hints, i)) {
			json_key(j, kernel_counter_name(i));
			json_u64(j, hints->value[i]);
		}
	json_object_end(j);
}

static void add_captured(struct json *j, const struct captured *c)
{
	line_add_key(j, LINE_KEY("capture"));
	json_object_begin(j);
	line_add_u64(j, LINE_KEY("captures"), c->captures);
	line_add_known(j, LINE_KEY("resolution_ns"), c->resolution_ns, c->resolution_ns);
#define X(name, grave, words) line_add_u64(j, LINE_KEY(#name), c->name);
	CAPTURED_COUNTS(X)
#undef X
	line_add_key(j, LINE_KEY("points"));
	json_object_begin(j);
	for (int i = 0; i < SEGMENTS_POINTS; i++) {
		json_key(j, i == EVENT_POINT_UNKNOWN ? "unknown" :
						       conn_point_name((enum event_point)i));
		json_u64(j, c->points[i]);
	}
	json_object_end(j);
	json_object_end(j);
}

void json_print_summary(const struct sink_settings *s, struct buffer *out,
			const struct summary *sum)
{
	bool is_followed;
	struct json j;

	(void)s;
	line_begin(&j, out, "summary");
	add_events(&j, sum);
	if (sum->recording)
		add_recording(&j, sum->recording);
	else
		add_connections(&j, sum);
	is_followed = !sum->recording && sum->scope == SUMMARY_OF_LIVES;
	line_add_known(&j, LINE_KEY("gaps"), is_followed, sum->connections.gaps);
	line_add_known(&j, LINE_KEY("unseen"), is_followed, summary_unseen(sum));
	add_ratio(&j, summary_sampling_ratio(sum));
	line_add_key(&j, LINE_KEY("hooks"));
	json_object_begin(&j);
	for (size_t i = 0; i < sum->hook_count; i++) {
		json_key(&j, sum->hooks[i].family);
		json_text(&j, sum->hooks[i].rung);
	}
	json_object_end(&j);
	line_add_u64(&j, LINE_KEY("duration_ns"), sum->duration_ns);
	line_add_u64(&j, LINE_KEY("values_lost"), sum->values_lost);
	line_add_u64(&j, LINE_KEY("values_crowded"), sum->values_crowded);
	line_add_u64(&j, LINE_KEY("half_open_unprinted"), sum->half_open_unprinted);
	line_add_u64(&j, LINE_KEY("time_waits_unprinted"), sum->time_waits_unprinted);
	line_add_u64(&j, LINE_KEY("mptcp_early"), sum->mptcp_early);
	line_add_u64(&j, LINE_KEY("names_lost"), sum->names_lost);
	line_add_u64(&j, LINE_KEY("resent_lost"), sum->resent_lost);
	add_resets(&j, sum);
	line_add_u64(&j, LINE_KEY("failures_lost"), sum->failures_lost);
	add_listen(&j, &sum->listen);
	add_payers(&j, sum);
	if (sum->captured.captures)
		add_captured(&j, &sum->captured);
	if (sum->hints.known)
		add_hints(&j, &sum->hints);
	if (sum->stuck)
		add_stuck_counts(&j, sum->stuck);
	if (sum->listeners)
		json_listening_totals(&j, sum->listeners);
	if (sum->ports)
		json_ports_totals(&j, sum->ports);
	line_end(&j);
}
