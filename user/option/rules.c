// SPDX-License-Identifier: GPL-2.0-only
/* What goes with what: the rules that are judged when all options have been read. */
#include "user/option/rows.h"

#define TRACED "it is about tracing, which was done when the file was recorded"
#define OVER "what was recorded is over"
#define EXPOSED "the figures have a form of their own"
#define AT_ONCE "it is one look"
#define NO_PEER "a listener has no other end"
#define NOT_SENT "nothing is sent without"
#define ANSWERED "nobody is answered then"
#define A_PAGE "a page has its own form, with the time of each thing"
#define A_FILE "nothing is printed but the account"
#define A_SCREEN "its screen is for people"
#define A_STATE "it tells what is, not what happens"
#define OF_ALL "histograms are of the whole run"
#define WHOLE_RUNS "whole runs are compared"

#define GIVEN(name)        \
	{                  \
		name, NULL \
	}
#define THE_COMMAND        \
	{                  \
		NULL, NULL \
	}

/* One that is printed cannot be changed for another. */
#define ON_SCREEN(option, screen, why)                                             \
	{                                                                          \
		ONLY(TOP), GIVEN(option), OPTION_NEEDS, { "screen", screen }, why, \
			.where = GIVEN("once"), .is_idle = true                    \
	}

#define HIDDEN "what is hidden is not recorded"

/* A recording has the filters that it was made with, and its stacks have numbers of their names. */
#define NOT_RECORDED(option)                                                        \
	{ ONLY(RECORD), GIVEN("redact"), OPTION_EXCLUDES, GIVEN(option),            \
	  "it would be in the recording" },                                         \
	{                                                                           \
		ONLY(RECORD), GIVEN("redact-only"), OPTION_EXCLUDES, GIVEN(option), \
			"it would be in the recording"                              \
	}

#define PLAYS (ONLY(EXPLAIN) | ONLY(RECORD))
#define NOT_PLAYED(commands, option)                                     \
	{                                                                \
		commands, GIVEN("demo"), OPTION_EXCLUDES, GIVEN(option), \
			"the story has connections of its own"           \
	}

#define NO_STORE(option)                                                                 \
	{                                                                                \
		ONLY(EXPORT), GIVEN(option), OPTION_NEEDS, GIVEN("clickhouse"), NOT_SENT \
	}

/* The command has no use for it, whatever else is said. */
#define REFUSED(command, option, why)                                           \
	{                                                                       \
		ONLY(command), GIVEN(option), OPTION_EXCLUDES, THE_COMMAND, why \
	}

/* The same of an option that all commands take. */
#define IDLE(command, option, why)                                                               \
	{                                                                                        \
		ONLY(command), GIVEN(option), OPTION_EXCLUDES, THE_COMMAND, why, .is_idle = true \
	}
#define UNTIMED(command, why) IDLE(command, "time", why), IDLE(command, "timestamp", why)

/* Of all connections is the self-test's, and the account of a recording. */
#define COMPARED(option)                                                                \
	{                                                                               \
		ONLY(CHECK), GIVEN(option), OPTION_NEEDS, GIVEN("against"),             \
			"nothing else looks at some connections alone", .is_idle = true \
	}

/* Of how full ranges are nobody's part can be told. */
#define NOT_OF_PORTS(option)                                                 \
	{                                                                    \
		ONLY(STUCK), GIVEN(option), OPTION_EXCLUDES, GIVEN("ports"), \
			"it counts all that has a port", .is_idle = true     \
	}

/* One look at sockets has no hooks, and no record on its way. */
#define NOT_OF_ONE_LOOK(option)                                                                 \
	{ ONLY(STUCK), GIVEN(option), OPTION_NEEDS, GIVEN("watch"), AT_ONCE, .is_idle = true }, \
	{                                                                                       \
		ONLY(LISTENERS), GIVEN(option), OPTION_NEEDS, GIVEN("watch"), AT_ONCE,          \
			.also = { GIVEN("duration") }, .is_idle = true                          \
	}

#define NOT_OF_A_RECORDED_STORY(option)                                                   \
	{                                                                                 \
		ONLY(EXPLAIN), GIVEN(option), OPTION_EXCLUDES, GIVEN("recorded"), TRACED, \
			.is_idle = true                                                   \
	}

/* Groups are for people, at the end. */
#define NOT_IN_GROUPS(option)                                             \
	{                                                                 \
		ONLY(STUCK), GIVEN("by"), OPTION_EXCLUDES, GIVEN(option), \
			"it has a line for each socket", .is_idle = true  \
	}

/* What other programs read has no column in front, and the columns that it has. */
#define OWN_FORM(format)                                                               \
	{ ONLY(TRACE),                                                                 \
	  GIVEN("time"),                                                               \
	  OPTION_EXCLUDES,                                                             \
	  { "format", format },                                                        \
	  "it has a form of its own",                                                  \
	  .is_idle = true },                                                           \
		{ ONLY(TRACE),		GIVEN("timestamp"),	    OPTION_EXCLUDES,   \
		  { "format", format }, "it has a form of its own", .is_idle = true }, \
	{                                                                              \
		ONLY(TRACE), GIVEN("wide"), OPTION_EXCLUDES, { "format", format },     \
			"it has a form of its own", .is_idle = true                    \
	}

/* Nor has what they read line by line. */
#define NOT_IN_DATA(commands, option)                                   \
	{                                                               \
		commands,                                               \
		GIVEN(option),                                          \
		OPTION_EXCLUDES,                                        \
		GIVEN("json"),                                          \
		"it has a form of its own",                             \
		.is_idle = true                                         \
	},                                                              \
	{                                                               \
		commands, GIVEN(option), OPTION_EXCLUDES, GIVEN("csv"), \
			"it has a form of its own", .is_idle = true     \
	}
#define IN_LINES (ONLY(TRACE) | ONLY(HIST) | ONLY(EXPLAIN) | ONLY(STUCK) | ONLY(LISTENERS))

#define NOT_OF_A_FLEET(option)                                            \
	{                                                                 \
		ONLY(FLEET), GIVEN(option), OPTION_EXCLUDES, THE_COMMAND, \
			"nothing is traced for it"                        \
	}

#define NOT_A_GROUP(command, key, why)                                          \
	{                                                                       \
		ONLY(command), { "by", key }, OPTION_EXCLUDES, THE_COMMAND, why \
	}
#define FEW_VALUES                                                                    \
	"groups of a metric are those of comm, lport, rport, netns, unit, container " \
	"and pod"
#define OF_A_SCREEN "its groups are those of comm, unit, container, pod and raddr"

const struct option_rule option_rules[] = {
	NOT_PLAYED(ONLY(EXPLAIN), "input"),
	NOT_PLAYED(PLAYS, "pid"),
	NOT_PLAYED(PLAYS, "comm"),
	NOT_PLAYED(PLAYS, "lport"),
	NOT_PLAYED(PLAYS, "rport"),
	NOT_PLAYED(PLAYS, "addr"),
	NOT_PLAYED(PLAYS, "4"),
	NOT_PLAYED(PLAYS, "6"),
	NOT_PLAYED(PLAYS, "netns"),
	NOT_PLAYED(PLAYS, "cgroup"),
	NOT_PLAYED(PLAYS, "unit"),
	NOT_PLAYED(PLAYS, "container"),
	NOT_PLAYED(PLAYS, "pod"),
	NOT_PLAYED(PLAYS, "interface"),
	NOT_PLAYED(PLAYS, "flow"),
	NOT_PLAYED(PLAYS, "sample"),
	NOT_PLAYED(ONLY(RECORD), "budget"),
	NOT_PLAYED(ONLY(EXPLAIN), "failed"),
	NOT_PLAYED(ONLY(EXPLAIN), "id"),
	NOT_PLAYED(ONLY(EXPLAIN), "slowest"),
	NOT_PLAYED(ONLY(EXPLAIN), "longest"),
	NOT_PLAYED(PLAYS, "redact"),
	NOT_PLAYED(PLAYS, "redact-only"),
	{ ONLY(EXPLAIN), GIVEN("recorded"), OPTION_NEEDS, GIVEN("demo"), "it is that of a story" },
	{ ONLY(EXPLAIN), GIVEN("pace"), OPTION_NEEDS, GIVEN("demo"), "it is that of a story" },
	NOT_OF_A_RECORDED_STORY("attach"),
	NOT_OF_A_RECORDED_STORY("ring"),
	NOT_OF_A_RECORDED_STORY("rings"),
	NOT_OF_A_RECORDED_STORY("host-root"),
	{ ONLY(EXPLAIN), GIVEN("ask"), OPTION_EXCLUDES, GIVEN("json"), "somebody is asked" },
	{ ONLY(EXPLAIN), GIVEN("ask"), OPTION_EXCLUDES, GIVEN("csv"), "somebody is asked" },
	{ ONLY(EXPLAIN), GIVEN("time"), OPTION_EXCLUDES, GIVEN("timestamp"),
	  "there is room for one in front" },
	{ EVERY, GIVEN("attach"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
	{ EVERY, GIVEN("lives"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
	{ ONLY(TRACE),
	  { "lives", "yes" },
	  OPTION_EXCLUDES,
	  GIVEN("events"),
	  "each transition is told as it happens" },
	{ EVERY, GIVEN("redact"), OPTION_EXCLUDES, GIVEN("redact-only"), "it hides all of these" },
	{ ONLY(RECORD), GIVEN("cmdline"), OPTION_EXCLUDES, GIVEN("redact"), HIDDEN },
	{ ONLY(RECORD), GIVEN("cmdline"), OPTION_EXCLUDES, GIVEN("redact-only"), HIDDEN },
	NOT_RECORDED("addr"),
	NOT_RECORDED("comm"),
	NOT_RECORDED("cgroup"),
	NOT_RECORDED("interface"),
	NOT_RECORDED("unit"),
	NOT_RECORDED("container"),
	NOT_RECORDED("pod"),
	NOT_RECORDED("stack"),
	{ ONLY(STUCK), GIVEN("redact"), OPTION_EXCLUDES, GIVEN("ports"), "it names who has them" },
	{ ONLY(STUCK), GIVEN("redact-only"), OPTION_EXCLUDES, GIVEN("ports"),
	  "it names who has them" },
	{ EVERY, GIVEN("host-root"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
	{ EVERY, GIVEN("ring"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
	{ EVERY, GIVEN("rings"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
	{ EVERY, GIVEN("sample"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
	{ FOLLOWING, GIVEN("follow"), OPTION_NEEDS, GIVEN("pid"), "it is of those processes" },
	{ EVERY, GIVEN("stacks"), OPTION_NEEDS, GIVEN("stack"), "none is kept without" },
	{ EVERY, GIVEN("stacks"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
	{ EVERY, GIVEN("budget"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
	{ EVERY, GIVEN("budget"), OPTION_EXCLUDES, GIVEN("sample"),
	  "both choose which connections are followed" },
	{ EVERY, GIVEN("max-records"), OPTION_NEEDS, GIVEN("input"),
	  "only a recording has an end" },
	{ ONLY(TRACE),
	  { "format", "perfetto" },
	  OPTION_EXCLUDES,
	  GIVEN("events"),
	  "it shows whole connections" },
	{ ONLY(TRACE),
	  { "format", "folded" },
	  OPTION_EXCLUDES,
	  GIVEN("events"),
	  "it shows who opened whole connections" },
	{ ONLY(TRACE),
	  { "format", "otlp" },
	  OPTION_EXCLUDES,
	  GIVEN("events"),
	  "a span is a whole connection" },
	{ ONLY(TRACE),
	  { "format", "otlp" },
	  OPTION_EXCLUDES,
	  GIVEN("open"),
	  "a span is of what has ended" },
	{ ONLY(TRACE),
	  { "format", "otlp" },
	  OPTION_EXCLUDES,
	  GIVEN("mptcp"),
	  "it has spans for each subflow" },
	{ ONLY(TRACE),
	  { "format", "rows" },
	  OPTION_EXCLUDES,
	  GIVEN("events"),
	  "a row is a whole connection" },
	{ ONLY(TRACE),
	  { "format", "rows" },
	  OPTION_EXCLUDES,
	  GIVEN("mptcp"),
	  "it has a row for each subflow" },
	NOT_IN_DATA(IN_LINES | ONLY(FLEET), "time"),
	NOT_IN_DATA(IN_LINES, "timestamp"),
	/* With it trace asks for command lines. */
	NOT_IN_DATA((IN_LINES & ~ONLY(TRACE)) | ONLY(DIFF) | ONLY(FLEET), "wide"),
	OWN_FORM("perfetto"),
	OWN_FORM("folded"),
	OWN_FORM("otlp"),
	OWN_FORM("rows"),
	{ ONLY(TRACE),
	  GIVEN("spans"),
	  OPTION_NEEDS,
	  { "format", "otlp" },
	  "nothing else has spans" },
	{ ONLY(STUCK), GIVEN("stack"), OPTION_NEEDS, GIVEN("watch"),
	  "who opened what is there already is unknown; a recording tells it by itself" },
	{ ONLY(TRACE), GIVEN("mptcp"), OPTION_EXCLUDES, GIVEN("events"),
	  "a transition is that of a subflow" },
	{ ONLY(TRACE),
	  GIVEN("mptcp"),
	  OPTION_EXCLUDES,
	  { "format", "perfetto" },
	  "it has a track for each subflow" },
	{ ONLY(TRACE), GIVEN("slow"), OPTION_EXCLUDES, GIVEN("events"),
	  "a transition has no handshake" },
	{ ONLY(TRACE), GIVEN("min-life"), OPTION_EXCLUDES, GIVEN("events"),
	  "a transition has no life" },
	{ ONLY(TRACE), GIVEN("fail-if"), OPTION_NEEDS, GIVEN("input"),
	  "hist judges what is traced" },
	{ ONLY(TRACE), GIVEN("failed"), OPTION_EXCLUDES, GIVEN("events"),
	  "a transition does not fail" },
	{ ONLY(RECORD), THE_COMMAND, OPTION_NEEDS, GIVEN("output"),
	  "the file to write, or - for a pipe" },
	{ ONLY(REPORT), THE_COMMAND, OPTION_NEEDS, GIVEN("output"),
	  "the page to write, or - for a pipe" },
	{ ONLY(RECORD), GIVEN("keep"), OPTION_NEEDS, GIVEN("rotate"),
	  "without it there is one file" },
	{ ONLY(RECORD),
	  GIVEN("rotate"),
	  OPTION_EXCLUDES,
	  { "output", "-" },
	  "standard output is one pipe" },
	{ ONLY(STUCK),
	  { "by", "outcome" },
	  OPTION_EXCLUDES,
	  THE_COMMAND,
	  "what is stuck has not ended" },
	{ ONLY(STUCK), GIVEN("at"), OPTION_NEEDS, GIVEN("input"), "only a recording has a past" },
	{ ONLY(STUCK), GIVEN("watch"), OPTION_EXCLUDES, GIVEN("input"), OVER },
	{ ONLY(STUCK), GIVEN("exec"), OPTION_EXCLUDES, GIVEN("input"), OVER },
	{ ONLY(STUCK), GIVEN("ports"), OPTION_EXCLUDES, GIVEN("input"), "no recording has them" },
	{ ONLY(STUCK), GIVEN("ports"), OPTION_EXCLUDES, GIVEN("watch"), AT_ONCE },
	{ ONLY(STUCK), GIVEN("ports"), OPTION_EXCLUDES, GIVEN("exec"), AT_ONCE },
	{ ONLY(STUCK), GIVEN("ports"), OPTION_EXCLUDES, GIVEN("state"), "all states take ports" },
	{ ONLY(STUCK), GIVEN("ports"), OPTION_EXCLUDES, GIVEN("by"),
	  "each destination is a group" },
	{ ONLY(STUCK), GIVEN("exec-user"), OPTION_NEEDS, GIVEN("exec"), "nothing else is run" },
	{ ONLY(STUCK), GIVEN("exec-env"), OPTION_NEEDS, GIVEN("exec"), "nothing else is run" },
	{ ONLY(STUCK), GIVEN("exec-limit"), OPTION_NEEDS, GIVEN("exec"), "nothing else is run" },
	{ ONLY(STUCK), GIVEN("time"), OPTION_EXCLUDES, GIVEN("ports"), AT_ONCE, .is_idle = true },
	{ ONLY(STUCK), GIVEN("timestamp"), OPTION_EXCLUDES, GIVEN("ports"), AT_ONCE,
	  .is_idle = true },
	NOT_OF_PORTS("cgroup"),
	NOT_OF_PORTS("unit"),
	NOT_OF_PORTS("container"),
	NOT_OF_PORTS("pod"),
	NOT_OF_PORTS("flow"),
	NOT_OF_PORTS("lport"),
	NOT_OF_PORTS("sample"),
	NOT_OF_PORTS("min-age"),
	NOT_OF_PORTS("moving"),
	NOT_OF_PORTS("list"),
	NOT_IN_GROUPS("json"),
	NOT_IN_GROUPS("csv"),
	NOT_IN_GROUPS("list"),
	NOT_IN_GROUPS("watch"),
	{ ONLY(STUCK), GIVEN("moving"), OPTION_EXCLUDES, GIVEN("input"),
	  "a recording does not tell who is at work", .is_idle = true },
	{ ONLY(STUCK), GIVEN("duration"), OPTION_NEEDS, GIVEN("watch"), AT_ONCE,
	  .also = { GIVEN("input") }, .is_idle = true },
	NOT_OF_ONE_LOOK("attach"),
	NOT_OF_ONE_LOOK("ring"),
	NOT_OF_ONE_LOOK("rings"),
	{ ONLY(STUCK), GIVEN("max-connections"), OPTION_NEEDS, GIVEN("watch"), AT_ONCE,
	  .also = { GIVEN("input") }, .is_idle = true },
	{ ONLY(LISTENERS), GIVEN("max-connections"), OPTION_NEEDS, GIVEN("watch"), AT_ONCE,
	  .also = { GIVEN("duration"), GIVEN("input") }, .is_idle = true },
	{ ONLY(STUCK), GIVEN("wide"), OPTION_NEEDS, GIVEN("list"), "groups have their own columns",
	  .also = { GIVEN("watch"), GIVEN("ports") }, .is_idle = true },
	{ ONLY(CHECK), GIVEN("against"), OPTION_EXCLUDES, GIVEN("input"), OVER },
	{ ONLY(CHECK), GIVEN("duration"), OPTION_NEEDS, GIVEN("against"),
	  "what else it does is soon over", .also = { GIVEN("input") }, .is_idle = true },
	{ ONLY(CHECK), GIVEN("max-connections"), OPTION_EXCLUDES, GIVEN("input"),
	  "connections are not looked at", .is_idle = true },
	{ ONLY(CHECK), GIVEN("host-root"), OPTION_NEEDS, GIVEN("against"),
	  "nothing else asks for names", .is_idle = true },
	COMPARED("4"),
	COMPARED("6"),
	COMPARED("pid"),
	COMPARED("comm"),
	COMPARED("lport"),
	COMPARED("rport"),
	COMPARED("addr"),
	COMPARED("netns"),
	COMPARED("cgroup"),
	COMPARED("unit"),
	COMPARED("container"),
	COMPARED("pod"),
	COMPARED("interface"),
	COMPARED("flow"),
	UNTIMED(CHECK, A_STATE),
	IDLE(CHECK, "wide", "all of it is shown"),
	{ ONLY(HIST), GIVEN("time"), OPTION_NEEDS, GIVEN("interval"), OF_ALL, .is_idle = true },
	{ ONLY(HIST), GIVEN("timestamp"), OPTION_NEEDS, GIVEN("interval"), OF_ALL,
	  .is_idle = true },
	{ ONLY(HIST), GIVEN("wide"), OPTION_NEEDS, GIVEN("by"), "all of it is shown",
	  .is_idle = true },
	UNTIMED(DIFF, WHOLE_RUNS),
	UNTIMED(REPORT, A_PAGE),
	IDLE(REPORT, "csv", A_PAGE),
	IDLE(REPORT, "wide", A_PAGE),
	{ ONLY(REPORT), GIVEN("json"), OPTION_EXCLUDES, { "output", "-" }, "the page is there" },
	UNTIMED(RECORD, A_FILE),
	IDLE(RECORD, "csv", A_FILE),
	IDLE(RECORD, "wide", A_FILE),
	IDLE(RECORD, "max-connections", "records are kept, not connections"),
	{ ONLY(RECORD), GIVEN("json"), OPTION_EXCLUDES, { "output", "-" }, "records are there" },
	UNTIMED(TOP, A_SCREEN),
	ON_SCREEN("wide", "connections", "no other screen has more columns"),
	ON_SCREEN("by", "groups", "no other screen has groups"),
	NOT_A_GROUP(TOP, "thread", OF_A_SCREEN),
	NOT_A_GROUP(TOP, "rport", OF_A_SCREEN),
	NOT_A_GROUP(TOP, "lport", OF_A_SCREEN),
	NOT_A_GROUP(TOP, "netns", OF_A_SCREEN),
	NOT_A_GROUP(TOP, "cgroup", OF_A_SCREEN),
	NOT_A_GROUP(TOP, "outcome", OF_A_SCREEN),
	REFUSED(TOP, "csv", A_SCREEN),
	REFUSED(TOP, "json", A_SCREEN),
	NOT_A_GROUP(EXPORT, "thread", FEW_VALUES),
	NOT_A_GROUP(EXPORT, "raddr", FEW_VALUES),
	NOT_A_GROUP(EXPORT, "cgroup", FEW_VALUES),
	NOT_A_GROUP(EXPORT, "outcome", FEW_VALUES),
	UNTIMED(EXPORT, EXPOSED),
	IDLE(EXPORT, "csv", EXPOSED),
	IDLE(EXPORT, "wide", EXPOSED),
	IDLE(FLEET, "timestamp", "the runs of many machines have no start in common"),
	{ ONLY(LISTENERS), GIVEN("watch"), OPTION_EXCLUDES, GIVEN("input"), OVER },
	{ ONLY(LISTENERS), GIVEN("addr"), OPTION_EXCLUDES, THE_COMMAND, NO_PEER },
	{ ONLY(LISTENERS), GIVEN("rport"), OPTION_EXCLUDES, THE_COMMAND, NO_PEER },
	{ ONLY(LISTENERS), GIVEN("flow"), OPTION_EXCLUDES, THE_COMMAND, NO_PEER },
	{ ONLY(LISTENERS), GIVEN("sample"), OPTION_EXCLUDES, THE_COMMAND,
	  "what a listener takes is counted whole" },
	{ ONLY(EXPORT), GIVEN("spans"), OPTION_NEEDS, GIVEN("otlp"), "nothing else has spans" },
	{ ONLY(EXPORT), GIVEN("otlp-headers"), OPTION_NEEDS, GIVEN("otlp"), NOT_SENT },
	{ ONLY(EXPORT), GIVEN("otlp-insecure"), OPTION_NEEDS, GIVEN("otlp"), NOT_SENT },
	NOT_OF_A_FLEET("attach"),
	NOT_OF_A_FLEET("ring"),
	NOT_OF_A_FLEET("rings"),
	NOT_OF_A_FLEET("sample"),
	NOT_OF_A_FLEET("duration"),
	NOT_OF_A_FLEET("max-connections"),
	NOT_OF_A_FLEET("cgroup"),
	NOT_OF_A_FLEET("host-root"),
	{ ONLY(FLEET), GIVEN("interface"), OPTION_EXCLUDES, THE_COMMAND, "rows have no interface" },
	{ ONLY(FLEET), { "by", "cgroup" }, OPTION_EXCLUDES, THE_COMMAND, "rows have no cgroup" },
	{ ONLY(FLEET), GIVEN("writer"), OPTION_NEEDS, GIVEN("modern"),
	  "ClickHouse 18.16 has no GRANT" },
	NO_STORE("clickhouse-database"),
	NO_STORE("clickhouse-user"),
	NO_STORE("clickhouse-password"),
	NO_STORE("clickhouse-ca"),
	NO_STORE("clickhouse-insecure"),
	NO_STORE("spool"),
	NO_STORE("spool-size"),
	NO_STORE("flow-sample"),
	{ ONLY(EXPORT), GIVEN("clickhouse"), OPTION_EXCLUDES, GIVEN("once"),
	  "what is sent is sent as it comes" },
	{ ONLY(EXPORT), GIVEN("otlp"), OPTION_EXCLUDES, GIVEN("once"),
	  "what is sent is sent as it comes" },
	{ ONLY(EXPORT), GIVEN("json"), OPTION_EXCLUDES, GIVEN("once"), EXPOSED },
	{ ONLY(EXPORT), GIVEN("listen"), OPTION_EXCLUDES, GIVEN("once"), ANSWERED },
	{ ONLY(EXPORT), GIVEN("web-config"), OPTION_EXCLUDES, GIVEN("once"), ANSWERED },
	{ ONLY(EXPORT), GIVEN("user"), OPTION_EXCLUDES, GIVEN("once"), ANSWERED },
};
const size_t option_rule_count = sizeof(option_rules) / sizeof(*option_rules);

#define OF(NAME) (1u << FLEET_##NAME)
#define OF_TABLES (OF(SCHEMA) | OF(INIT))
#define OF_CONNECTIONS (OF(HIST) | OF(FAILURES) | OF(STUCK) | OF(PAIRS) | OF(TOP))
#define OF_QUESTIONS (OF_CONNECTIONS | OF(HOSTS))

const struct option_of_query option_of_queries[] = {
	{ "by", OF(HIST) },	     { "by-host", OF(HIST) },	  { "only", OF(HIST) },
	{ "state", OF(STUCK) },	     { "min-age", OF(STUCK) },	  { "list", OF(STUCK) },
	{ "time", OF(STUCK) },	     { "top", OF_CONNECTIONS },	  { "host", OF_QUESTIONS },
	{ "since", OF_QUESTIONS },   { "pid", OF_CONNECTIONS },	  { "comm", OF_CONNECTIONS },
	{ "lport", OF_CONNECTIONS }, { "rport", OF_CONNECTIONS }, { "addr", OF_CONNECTIONS },
	{ "netns", OF_CONNECTIONS }, { "unit", OF_CONNECTIONS },  { "container", OF_CONNECTIONS },
	{ "pod", OF_CONNECTIONS },   { "flow", OF_CONNECTIONS },  { "4", OF_CONNECTIONS },
	{ "6", OF_CONNECTIONS },     { "json", OF_QUESTIONS },	  { "csv", OF_QUESTIONS },
	{ "wide", OF_QUESTIONS },    { "cluster", OF_TABLES },	  { "replicated", OF_TABLES },
	{ "modern", OF(SCHEMA) },    { "writer", OF(SCHEMA) },
};
const size_t option_of_query_count = sizeof(option_of_queries) / sizeof(*option_of_queries);
