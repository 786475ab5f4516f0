// SPDX-License-Identifier: GPL-2.0-only
/* The questions to a store: each is a query, and the columns of its answer. */
#include "user/fleet/question.h"

#include <string.h>

#include "user/aggregate/histogram_set.h"
#include "user/base/units.h"
#include "user/fleet/hang.h"
#include "user/fleet/sql.h"

/*
 * FINAL: a row that came twice counts once. Without a JOIN of two large tables, and without a
 * function that ClickHouse 18.16 lacks.
 */
#define OWNER "coalesce(process, comm)"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define STUCK_STATES "CLOSE_WAIT"
#define SILENT_NS (180 * NS_PER_S) /* of whoever sends at least each minute */

static void add_from(struct buffer *out, const struct options *o, const char *table)
{
	buffer_addf(out, " FROM %s.%s FINAL", o->store.database, table);
}

static void add_rows(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	add_from(out, o, "connections");
	sql_add_where(out, o, now_ns);
}

static void add_most(struct buffer *out, const struct options *o)
{
	buffer_addf(out, " LIMIT %zu" ANSWER_FORMAT, o->hist.top);
}

/* ---- failures ------------------------------------------------------------------------------ */

/* As the local command has it, over all machines: who, at which service. */
static const struct table_column failures_columns[] = {
	[FAILURES_COUNT] = { "count", "COUNT", TABLE_COUNT },
	[FAILURES_OTHER] = { "other", NULL, TABLE_FLAG },
	[FAILURES_CAUSE] = { "cause", "CAUSE", TABLE_TEXT },
	{ "process", "COMM", TABLE_TEXT },
	{ "service", "SERVICE", TABLE_TEXT },
	{ "hosts", "HOSTS", TABLE_COUNT },
	{ "host", "ONE", TABLE_NAME },
	{ "last", "LAST", TABLE_TIME, 1 },
	{ "outcome", NULL, TABLE_TEXT },
	{ "errno", NULL, TABLE_TEXT },
	{ "reset_reason", NULL, TABLE_TEXT },
	{ "role", NULL, TABLE_TEXT },
	{ "raddr", NULL, TABLE_TEXT },
	{ "rport", NULL, TABLE_COUNT },
	{ "lport", NULL, TABLE_COUNT },
	{ "first", NULL, TABLE_TIME },
};

#define FAILED "outcome NOT IN ('open', 'closed')"

/* "10.0.0.9:5432", "own port 443" */
#define PEER                                                              \
	"concat(if(position(assumeNotNull(raddr), ':') > 0, concat('[', " \
	"raddr, ']'), raddr), ':', toString(rport))"
#define SERVICE                                                           \
	"multiIf(role = 'server', concat('own port ', toString(lport)), " \
	"role = 'client', " PEER ", concat('peer ', " PEER "))"

/* Of a client the port of the server names the group, of a server its own. */
static void ask_failures(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	buffer_add_text(out, "SELECT count() AS n, 0, coalesce(cause, outcome) AS why, " OWNER
			     " AS owner, " SERVICE " AS service, uniqExact(host), min(host), "
			     "max(start_ns), any(outcome), errno, reset_reason, role, "
			     "if(role = 'server', NULL, raddr) AS ra, "
			     "if(role = 'server', NULL, rport) AS rp, "
			     "if(role = 'client', NULL, lport) AS lp, min(start_ns)");
	add_rows(out, o, now_ns);
	buffer_add_text(out, " AND " FAILED " GROUP BY why, owner, service, errno, reset_reason, "
			     "role, ra, rp, lp ORDER BY n DESC, why, service, owner, errno");
	add_most(out, o);
}

const struct question question_failures = { "failure", failures_columns, COUNT(failures_columns),
					    ask_failures };

static void ask_failed(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	buffer_add_text(out, "SELECT count()");
	add_rows(out, o, now_ns);
	buffer_add_text(out, " AND " FAILED " FORMAT TabSeparated");
}

const struct question question_failed = { "failure", NULL, 1, ask_failed };

/* ---- stuck --------------------------------------------------------------------------------- */

static void add_states(struct buffer *out, uint32_t states)
{
	const char *between = "";

	for (int state = 0; state < 32; state++) {
		const char *name = states >> state & 1 ? state_name((enum tcp_state)state) : NULL;

		if (!name)
			continue;
		buffer_addf(out, "%s'%s'", between, name);
		between = ", ";
	}
}

/* What was left open has no dwell time: it is as stuck as nobody knows. */
static void add_hanging(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	uint32_t states = o->stuck.states | o->stuck.short_states;
	uint64_t least_ns = o->stuck.min_age_ns == OPTIONS_AGE_SENSIBLE ? 60 * NS_PER_S :
									  o->stuck.min_age_ns;

	add_from(out, o, "connections");
	buffer_add_text(out, " ARRAY JOIN states AS s, dwell_ns AS d");
	sql_add_where(out, o, now_ns);
	buffer_add_text(out, " AND s IN (");
	if (states)
		add_states(out, states);
	else
		buffer_add_text(out, "'" STUCK_STATES "'");
	buffer_addf(out, ") AND (d >= %llu OR (d IS NULL AND outcome = 'open'))",
		    (unsigned long long)least_ns);
}

/* Whose it is and where it leads; a group is of one owner, and one service. */
#define HANGING_OWNER "SELECT host, comm, process, pid, uid, owner_source = 'listener' AS listens, "

static void ask_stuck(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	buffer_add_text(out, HANGING_OWNER "netns, laddr, lport, raddr, rport, role, s, d, end_ns, "
					   "unit, container, pod, netns_name, id, flow");
	add_hanging(out, o, now_ns);
	buffer_add_text(out, " ORDER BY d IS NULL, d DESC, host, start_ns, id");
	add_most(out, o);
}

static void ask_stuck_groups(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	buffer_add_text(out, HANGING_OWNER
			"any(netns), any(laddr), if(role = 'server', lport, NULL) AS lp, "
			"if(role = 'server', '::', raddr) AS ra, if(role = 'server', NULL, rport) "
			"AS rp, role, s, max(d) AS longest, max(end_ns), any(unit), "
			"any(container), any(pod), any(netns_name), count() AS n, "
			"countIf(d IS NULL)");
	add_hanging(out, o, now_ns);
	buffer_add_text(out, " GROUP BY host, comm, process, pid, uid, listens, lp, ra, rp, role, "
			     "s ORDER BY n DESC, longest DESC, host, pid, lp, ra, rp, s");
	add_most(out, o);
}

const struct question question_stuck = { "stuck", NULL, HANG_FACTS, ask_stuck };
const struct question question_stuck_groups = { "stuck", NULL, HANG_FACTS, ask_stuck_groups };

/* ---- top ----------------------------------------------------------------------------------- */

/* Those of the local command's groups; live are those of whom no end was told. */
static const struct table_column top_columns[] = {
	{ "host", "HOST", TABLE_NAME },
	{ "process", "PROCESS", TABLE_TEXT },
	{ "role", NULL, TABLE_TEXT },
	{ "port", "PORT", TABLE_COUNT },
	{ "connections", NULL, TABLE_COUNT },
	{ "live", "LIVE", TABLE_COUNT },
	{ "established", "ESTAB", TABLE_COUNT, 3 },
	{ "close_wait", "CLWAIT", TABLE_COUNT },
	{ "closed", "CLOSED", TABLE_COUNT },
	{ "failed", "FAILED", TABLE_COUNT },
	{ "handshake_mean_ns", "HS MEAN", TABLE_NS, 2 },
	{ "handshake_p50_ns", NULL, TABLE_NS },
	{ "handshake_p99_ns", "P99", TABLE_NS, 1 },
	{ "retransmits", "RESENT", TABLE_COUNT, 4 },
	{ "bytes_sent", NULL, TABLE_COUNT },
	{ "bytes_received", NULL, TABLE_COUNT },
};

/* Percentiles of all values: digests of parts are merged, not their results. */
#define QUANTILE(p)                                                                     \
	"if(countIf(handshake_ns IS NOT NULL) = 0, NULL, toUInt64(quantileTDigestIf(" p \
	")(assumeNotNull(handshake_ns), handshake_ns IS NOT NULL)))"

/* Open, and in that state when it was heard of last. */
#define LIVE_IN(state) "countIf(outcome = 'open' AND states[length(states)] = '" state "'), "

static void ask_top(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	buffer_add_text(out,
			"SELECT host, " OWNER " AS owner, role, "
			"if(role = 'server', lport, rport) AS port, count() AS n, "
			"countIf(outcome = 'open'), " LIVE_IN("ESTABLISHED") LIVE_IN(
				"CLOSE_WAIT") "countIf(outcome IS NULL OR outcome != 'open'), "
					      "countIf(" FAILED "), toUInt64(avg(handshake_ns)), ");
	buffer_add_text(
		out, QUANTILE("0.5") ", " QUANTILE("0.99") ", sum(retransmits), sum(bytes_sent), "
							   "sum(bytes_received)");
	add_rows(out, o, now_ns);
	buffer_add_text(out, " AND kind = 'connection' GROUP BY host, owner, role, port ORDER BY n "
			     "DESC, host, owner, port");
	add_most(out, o);
}

const struct question question_top = { "fleet_top", top_columns, COUNT(top_columns), ask_top };

/* ---- hosts --------------------------------------------------------------------------------- */

static const struct table_column hosts_columns[] = {
	{ "host", "HOST", TABLE_NAME },
	{ "runs", "RUNS", TABLE_COUNT, 5 },
	{ "since", "SINCE", TABLE_TIME, 3 },
	{ "last", "LAST", TABLE_TIME },
	{ "runs_cut", "CUT", TABLE_COUNT },
	{ "batches", "BATCHES", TABLE_COUNT, 1 },
	{ "batches_missing", "MISSING", TABLE_COUNT },
	{ "rows_told", "ROWS", TABLE_COUNT, 6 },
	{ "rows", "HERE", TABLE_COUNT },
	{ "events_lost", "EVENTS LOST", TABLE_COUNT },
	{ "rows_lost", "ROWS LOST", TABLE_COUNT },
	{ "incomplete", "INCOMPLETE", TABLE_COUNT, 2 },
	{ "unsampled", "UNSAMPLED", TABLE_COUNT, 4 },
	{ "sampling_ratio", "SAMPLING", TABLE_NUMBER, 2 },
	{ "version", NULL, TABLE_TEXT },
};

/*
 * What a run counts grows: its last batch has all of it. Of a run that told of something since then
 * all of it is asked for: else whatever came before would be missing.
 */
static void add_runs(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	buffer_add_text(out,
			"SELECT host, run, min(time_ns) AS since, max(time_ns) AS last, "
			"uniqExact(batch) AS got, max(batch) - uniqExact(batch) AS missing, "
			"sum(rows) AS told, max(events_ring_full + events_missed) AS lost, "
			"max(rows_dropped + rows_failed) AS gone, max(incomplete) AS part, "
			"max(unsampled) AS out, min(sampling_ratio) AS ratio, any(version) AS v, "
			"max(ended) AS over");
	add_from(out, o, "batches");
	buffer_add_text(out, " WHERE 1");
	sql_add_hosts(out, o);
	buffer_add_text(out, " GROUP BY host, run");
	if (o->fleet.since_ns)
		buffer_addf(out, " HAVING last >= %llu", (unsigned long long)sql_since(o, now_ns));
}

static void ask_hosts(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	buffer_add_text(out, "SELECT host, count() AS runs, min(since), max(last) AS newest, ");
	/* The newest goes on, unless nothing was heard of it for three times as long as it may. */
	buffer_addf(out, "countIf(over = 0) - if(argMax(over, run) = 0 AND newest >= %llu, 1, 0), ",
		    (unsigned long long)(now_ns - SILENT_NS));
	buffer_add_text(out, "sum(got), sum(missing), sum(told), sum(here), sum(lost), sum(gone), "
			     "sum(part), sum(out), min(ratio), any(v) FROM (");
	add_runs(out, o, now_ns);
	buffer_add_text(out, ") ANY LEFT JOIN (SELECT host, run, count() AS here");
	add_from(out, o, "connections");
	buffer_add_text(out, " WHERE 1");
	sql_add_hosts(out, o);
	buffer_add_text(out, " GROUP BY host, run) USING host, run GROUP BY host ORDER BY "
			     "host" ANSWER_FORMAT);
}

const struct question question_hosts = { "fleet_hosts", hosts_columns, COUNT(hosts_columns),
					 ask_hosts };

/* ---- pairs --------------------------------------------------------------------------------- */

/* X(name, expression of each end): those of the client, then those of the server. */
#define END_FACTS(X)                                                          \
	X("host", "host")                                                     \
	X("addr", "laddr")                                                    \
	X("port", "lport")                                                    \
	X("process", OWNER)                                                   \
	X("start_ns", "start_ns")                                             \
	X("start_known", "start_known")                                       \
	X("handshake_ns", "handshake_ns")                                     \
	X("handshake_retransmits", "handshake_retransmits")                   \
	X("retransmits", "retransmits")                                       \
	X("min_rtt_us", "min_rtt_us")                                         \
	X("accept_wait_ns", "accept_wait_ns")                                 \
	X("outcome", "outcome")                                               \
	X("complete", "complete")                                             \
	X("sent_fin", "hasAny(states, ['FIN_WAIT1', 'LAST_ACK', 'CLOSING'])") \
	X("saw_fin", "hasAny(states, ['CLOSE_WAIT', 'CLOSING', 'TIME_WAIT'])")

static const struct table_column pairs_columns[] = { { "flow", NULL, TABLE_FLOW },
#define X(name, expression) { "client_" name, NULL, TABLE_TEXT },
						     END_FACTS(X)
#undef X
#define X(name, expression) { "server_" name, NULL, TABLE_TEXT },
							     END_FACTS(X)
#undef X
};

/*
 * The slowest to open first, by its handshake or by its wait to be accepted. One pass: both ends
 * of a flow are on one shard, and meet in one group.
 */
static void ask_pairs(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	static const char *const expressions[] = {
#define X(name, expression) expression,
		END_FACTS(X)
#undef X
	};

	buffer_add_text(out, "SELECT flow");
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < COUNT(expressions); i++)
			buffer_addf(out, ", anyIf(%s, role = '%s')", expressions[i],
				    side ? "server" : "client");
	add_from(out, o, "connections");
	sql_add_flows_where(out, o, now_ns);
	buffer_add_text(out, " AND countIf(role = 'client') > 0 AND "
			     "countIf(role = 'server') > 0 ORDER BY greatest("
			     "ifNull(maxIf(handshake_ns, role = 'client'), toUInt64(0)), "
			     "ifNull(maxIf(accept_wait_ns, role = 'server'), toUInt64(0))) DESC, "
			     "flow");
	add_most(out, o);
}

const struct question question_pairs = { "fleet_pair", pairs_columns, COUNT(pairs_columns),
					 ask_pairs };

static const struct table_column alone_columns[] = {
	{ "why", "WHY", TABLE_TEXT },
	{ "count", "COUNT", TABLE_COUNT },
};

/*
 * Who has the address of the other end, and what that machine has lost; of an address that several
 * have, as containers do, nobody knows whose loss it is. All ends are looked for among all rows: a
 * filter leaves no other end out.
 */
static void ask_alone(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	buffer_add_text(out,
			"SELECT multiIf(hosts = 0, 'outside', hosts > 1 OR told = 0, "
			"'unknown', lost > 0, 'lost', ratio < 1, 'sampled', 'unknown') AS "
			"why, sum(n) FROM (SELECT n, hosts, told, lost, ratio FROM (SELECT "
			"addr, n, hosts, peer AS host FROM (SELECT addr, count() AS n FROM (SELECT "
			"flow, assumeNotNull(any(raddr)) AS addr");
	add_from(out, o, "connections");
	sql_add_flows_where(out, o, now_ns);
	buffer_add_text(out, " AND count() = 1 AND countIf(raddr IS NOT NULL) = 1) GROUP BY addr) "
			     "ANY LEFT JOIN (SELECT assumeNotNull(laddr) AS addr, "
			     "uniqExact(host) AS hosts, min(host) AS peer");
	add_from(out, o, "connections");
	buffer_add_text(out, " WHERE laddr IS NOT NULL AND host != '' GROUP BY addr) USING addr) "
			     "ANY LEFT JOIN (SELECT host, 1 AS told, sum(bad) AS lost, min(part) "
			     "AS ratio FROM (SELECT host, run, max(batch) - uniqExact(batch) + "
			     "max(events_ring_full + events_missed + rows_dropped + rows_failed) "
			     "AS bad, min(coalesce(sampling_ratio, 1)) AS part");
	add_from(out, o, "batches");
	buffer_add_text(out, " GROUP BY host, run) GROUP BY host) USING host) GROUP BY why "
			     "ORDER BY why" ANSWER_FORMAT);
}

const struct question question_alone = { "fleet_alone", alone_columns, COUNT(alone_columns),
					 ask_alone };

/* ---- hist ---------------------------------------------------------------------------------- */

static const struct {
	const char *name, *column;
} keys[GROUP_KEY_COUNT] = {
	[GROUP_BY_COMM] = { "comm", OWNER },
	[GROUP_BY_THREAD] = { "thread", "comm" },
	[GROUP_BY_RADDR] = { "raddr", "raddr" },
	[GROUP_BY_RPORT] = { "rport", "rport" },
	[GROUP_BY_LPORT] = { "lport", "lport" },
	[GROUP_BY_NETNS] = { "netns", "netns" },
	[GROUP_BY_UNIT] = { "unit", "unit" },
	[GROUP_BY_CONTAINER] = { "container", "container" },
	[GROUP_BY_POD] = { "pod", "pod" },
	[GROUP_BY_OUTCOME] = { "outcome", "outcome" },
};

size_t question_keys(const struct options *o, const char *names[ANSWER_COLUMNS])
{
	size_t count = 0;

	if (o->fleet.by_host)
		names[count++] = "host";
	for (int key = 0; key < GROUP_KEY_COUNT; key++)
		if (o->hist.by >> key & 1 && keys[key].name)
			names[count++] = keys[key].name;
	return count;
}

/* Their columns, as k0, k1 and so on. */
static void add_keys(struct buffer *out, const struct options *o, bool is_named)
{
	size_t count = 0;

	if (o->fleet.by_host)
		buffer_addf(out, is_named ? ", nullIf(host, '') AS k%zu" : ", k%zu", count++);
	for (int key = 0; key < GROUP_KEY_COUNT; key++) {
		if (!(o->hist.by >> key & 1) || !keys[key].name)
			continue;
		if (is_named)
			buffer_addf(out, ", %s", keys[key].column);
		buffer_addf(out, is_named ? " AS k%zu" : ", k%zu", count++);
	}
}

struct measure_of {
	enum histogram_id id; /* HISTOGRAM_COUNT: the states */
	const char *value, *condition;
};

/* By the value's leading 7 bits, which is a bucket of aggregate/histogram.h, or a half of one. */
static void add_measure(struct buffer *out, const struct options *o, uint64_t now_ns,
			const struct measure_of *m, const char *name)
{
	bool is_state = m->id == HISTOGRAM_COUNT;

	buffer_addf(out, "SELECT %s AS name", is_state ? "concat('state_', lower(s))" : name);
	add_keys(out, o, false);
	buffer_addf(out,
		    ", bitShiftLeft(bitShiftRight(v, shift), shift) AS low, count() AS n, min(v) "
		    "AS least, max(v) AS most, sum(v) AS total FROM (SELECT %s AS v, if(v < 64, 0, "
		    "toUInt8(floor(log2(v))) - 6) AS shift%s",
		    m->value, is_state ? ", s" : "");
	add_keys(out, o, true);
	add_from(out, o, "connections");
	if (is_state)
		buffer_add_text(out, " ARRAY JOIN states AS s, dwell_ns AS d");
	sql_add_where(out, o, now_ns);
	buffer_addf(out, " AND %s) GROUP BY name", m->condition);
	add_keys(out, o, false);
	buffer_add_text(out, ", low");
}

void question_buckets(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	static const char *const names[HISTOGRAM_COUNT + 1] = {
#define X(NAME, name, en, zh) [HISTOGRAM_##NAME] = "'" name "'",
		HISTOGRAMS(X)
#undef X
	};
	static const struct measure_of measures[] = {
		{ HISTOGRAM_HANDSHAKE_CLIENT, "assumeNotNull(handshake_ns)",
		  "role = 'client' AND handshake_ns IS NOT NULL" },
		{ HISTOGRAM_HANDSHAKE_SERVER, "assumeNotNull(handshake_ns)",
		  "role = 'server' AND handshake_ns IS NOT NULL AND handshake_quality = 'exact'" },
		{ HISTOGRAM_HANDSHAKE_ESTIMATED, "assumeNotNull(handshake_ns)",
		  "role = 'server' AND handshake_ns IS NOT NULL AND handshake_quality = "
		  "'estimated'" },
		{ HISTOGRAM_TIME_WAIT, "assumeNotNull(time_wait_ns)", "time_wait_ns IS NOT NULL" },
		{ HISTOGRAM_HANDSHAKE_FAILED, "assumeNotNull(life_ns)",
		  "role = 'client' AND life_ns IS NOT NULL AND " FAILED
		  " AND NOT has(states, 'ESTABLISHED')" },
		{ HISTOGRAM_ACCEPT_QUEUE, "assumeNotNull(accept_wait_ns)",
		  "accept_wait_ns IS NOT NULL" },
		{ HISTOGRAM_HALF_OPEN, "assumeNotNull(life_ns)",
		  "kind = 'half_open' AND life_ns IS NOT NULL" },
		{ HISTOGRAM_COUNT, "assumeNotNull(d)",
		  "d IS NOT NULL AND s NOT IN ('CLOSED', 'LISTEN', 'TIME_WAIT') AND kind = "
		  "'connection'" },
	};

	buffer_add_text(out, "SELECT name");
	add_keys(out, o, false);
	buffer_add_text(out, ", low, n, least, most, total FROM (");
	for (size_t i = 0; i < COUNT(measures); i++) {
		if (i)
			buffer_add_text(out, " UNION ALL ");
		add_measure(out, o, now_ns, &measures[i], names[measures[i].id]);
	}
	buffer_add_text(out, ") ORDER BY name");
	add_keys(out, o, false);
	buffer_add_text(out, ", low" ANSWER_FORMAT);
}
