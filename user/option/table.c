// SPDX-License-Identifier: GPL-2.0-only
/* The tables of commands, of options, and of what goes with what. */
#include "user/option/table.h"

#include <stddef.h>
#include <string.h>

#include "user/aggregate/histogram_set.h"
#include "user/aggregate/metrics.h"

#define RING_MAX_GIB 2
#define CONNECTIONS_MAX 1000000000
#define STACKS_MOST (1u << 16)
#define TOP_MAX 1000000
#define KEEP_MAX 1000000
#define ROTATE_MIN_KIB 64
#define QUEUE_MIN_KIB 512
#define QUEUE_MAX_GIB 64
#define KIB(n) ((uint64_t)(n) << 10)
#define GIB(n) ((uint64_t)(n) << 30)

const char *option_group_heading(enum option_group group)
{
	static const char *const headings[] = {
#define X(NAME, heading) [OPTION_GROUP_##NAME] = (heading),
		OPTION_GROUPS(X)
#undef X
	};

	return group < OPTION_GROUP_COUNT ? headings[group] : NULL;
}

const struct command_spec command_specs[COMMAND_COUNT] = {
#define X(NAME, name, question, about) [COMMAND_##NAME] = { #name, question, about },
	COMMANDS(X)
#undef X
};

static const struct option_name attach_names[] = {
#define X(NAME, name) { name, ATTACH_##NAME },
	ATTACHES(X)
#undef X
		{ NULL, 0 },
};

static const struct option_name lives_names[] = {
#define X(NAME, name) { name, LIVES_##NAME },
	LIVES(X)
#undef X
		{ NULL, 0 },
};

static const struct option_name format_names[] = {
#define X(NAME, name) { name, FORMAT_##NAME },
	OUTPUT_FORMATS(X)
#undef X
		{ NULL, 0 },
};

static const struct option_name language_names[] = {
#define X(NAME, name) { name, LADDER_##NAME },
	LADDER_LANGUAGES(X)
#undef X
		{ NULL, 0 },
};

static const struct option_name key_names[] = {
#define X(NAME, name) { name, GROUP_BY_##NAME },
	GROUP_KEYS(X)
#undef X
		{ NULL, 0 },
};

static const struct option_name histogram_names[] = {
#define X(NAME, name, title) { name, HISTOGRAM_##NAME },
	HISTOGRAMS(X)
#undef X
		{ NULL, 0 },
};

static const struct option_name redaction_names[] = {
#define X(NAME, name) { name, REDACT_##NAME },
	REDACTIONS(X)
#undef X
		{ NULL, 0 },
};

static const struct option_name screen_names[] = {
#define X(NAME, name, title) { title, VIEW_##NAME },
	VIEW_SCREENS(X)
#undef X
		{ NULL, 0 },
};

static const struct option_name spans_names[] = {
	{ "all", SPANS_ALL },
	{ "failed", SPANS_FAILED },
	{ "none", SPANS_NONE },
	{ NULL, 0 },
};

static const struct option_name slowest_names[] = {
	{ "handshake", CHOICE_SLOWEST_HANDSHAKE },
	{ NULL, 0 },
};

#define EVERY OPTION_OF_EVERY
#define ONLY(NAME) (1u << COMMAND_##NAME)
#define REDACTING \
	(ONLY(TRACE) | ONLY(HIST) | ONLY(RECORD) | ONLY(STUCK) | ONLY(REPORT) | ONLY(EXPLAIN))
#define FOLLOWING (ONLY(TRACE) | ONLY(HIST) | ONLY(RECORD) | ONLY(EXPORT) | ONLY(TOP))
#define SIZE_OF(field) sizeof(((struct options *)NULL)->field)
#define PLACE(field)                                            \
	{                                                       \
		offsetof(struct options, field), SIZE_OF(field) \
	}
#define MARK(field, value)          \
	{                           \
		PLACE(field), value \
	}

#define OR_NAME(NAME, name) "|" name
#define KEY_NAME(NAME, name) " " name
#define SCREEN_NAME(NAME, name, title) " " title
#define HISTOGRAM_NAME(NAME, name, title) " " name
#define STRING(macro) STRING_(macro)
#define STRING_(text) #text
#define DEFAULT_TOP STRING(OPTIONS_TOP)
#define DEFAULT_RING STRING(OPTIONS_RING_MIB) "M"
#define DEFAULT_CONNECTIONS STRING(OPTIONS_MAX_CONNECTIONS)
#define DEFAULT_STACKS STRING(OPTIONS_STACKS)
#define DEFAULT_QUEUE STRING(OPTIONS_QUEUE_MIB) "M"

#define ONE_CHOICE "one connection is chosen once"

const struct option_spec option_specs[] = {
	{ .letter = 'i',
	  .name = "input",
	  .argument = "FILE",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE) | ONLY(HIST) | ONLY(EXPLAIN) | ONLY(STUCK) | ONLY(CHECK) |
		      ONLY(EXPORT) | ONLY(LISTENERS) | ONLY(TOP) | ONLY(REPORT),
	  .help = "Read a recording instead of tracing; - is stdin.",
	  .detail = "May be given several times, and more files may follow: parts of a recording "
		    "are put in order, recordings are merged in time. Needs no rights. The "
		    "recording's own filters hold as well, --duration is recorded time, and times "
		    "of day are those of the machine that recorded.",
	  .type = OPTION_FILES,
	  .takes = "the name of a file that tcpspan record wrote",
	  .place = PLACE(inputs),
	  .beside = PLACE(input_count) },
	{ .letter = 'o',
	  .name = "output",
	  .argument = "FILE",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(RECORD) | ONLY(REPORT),
	  .help = "The file to write; - is standard output, a pipe.",
	  .type = OPTION_FILE,
	  .takes = "the name of one file",
	  .place = PLACE(record.output),
	  .once = "one file is written" },
	{ .name = "rotate",
	  .argument = "SIZE",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(RECORD),
	  .help = "Begin a new part, FILE.N, before one is larger.",
	  .detail = "N counts from 000000. Each part can be read by itself.",
	  .type = OPTION_SIZE,
	  .least = KIB(ROTATE_MIN_KIB),
	  .such = "100M",
	  .place = PLACE(record.rotate_bytes) },
	{ .name = "keep",
	  .argument = "N",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(RECORD),
	  .help = "Keep the last N parts, and remove older ones.",
	  .type = OPTION_NUMBER,
	  .least = 1,
	  .most = KEEP_MAX,
	  .place = PLACE(record.keep) },
	{ .name = "events",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE),
	  .help = "One line per state transition, as it happens.",
	  .detail = "Each line tells the state that was left and how long it was held.",
	  .type = OPTION_FLAG,
	  .mark = MARK(trace.events, true) },
	{ .name = "full",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE) | ONLY(EXPLAIN),
	  .help = "Wait for the end of TIME_WAIT as well.",
	  .detail = "Without it, a connection is printed when it enters TIME_WAIT or is "
		    "closed. Lines for people have how long it lasted and how it ended.",
	  .type = OPTION_FLAG,
	  .mark = MARK(trace.full, true) },
	{ .name = "open",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE),
	  .help = "Print what is still alive at the end, too.",
	  .detail = "Their END is that of a connection still alive. Those older than the trace are "
		    "among them, unless it is sampled.",
	  .type = OPTION_FLAG,
	  .mark = MARK(trace.open, true) },
	{ .name = "failed",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE) | ONLY(EXPLAIN),
	  .help = "Only what did not end in order, and why.",
	  .detail = "Refused, timed out, reset, aborted; half-open requests as well. explain takes "
		    "the first one, or the first that was asked for otherwise.",
	  .type = OPTION_FLAG,
	  .mark = MARK(trace.failed, true) },
	{ .name = "slow",
	  .argument = "DURATION",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE),
	  .help = "Only what took that long to open, as 50ms.",
	  .detail = "The handshake, or the time until it failed. Where it is unknown, the "
		    "connection is left out.",
	  .type = OPTION_DURATION,
	  .least = 1,
	  .such = "50ms, 0.5 or 2s",
	  .place = PLACE(trace.slow_ns) },
	{ .name = "min-life",
	  .argument = "DURATION",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE),
	  .help = "Only what lived that long, such as 10s.",
	  .detail = "As LIFE has it; with --open, what has lived that long at the end. Where it is "
		    "unknown, the connection is left out.",
	  .type = OPTION_DURATION,
	  .least = 1,
	  .such = "10s, 0.5 or 5m",
	  .place = PLACE(trace.min_life_ns) },
	{ .name = "fail-if",
	  .argument = "CONDITION",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE) | ONLY(HIST) | ONLY(DIFF),
	  .help = "Exit status 3 if it holds, as 'lost > 0'.",
	  .detail = "Such as 'handshake_client.p99 > 5ms or failures.refused > 0', and of diff "
		    "'change.handshake_client.p99 > 10%'; CONDITIONS has the grammar and the "
		    "names.",
	  .type = OPTION_TEXT,
	  .takes = "a condition",
	  .place = PLACE(fail_if),
	  .once = "there is one condition: join them by or" },
	{ .name = "mptcp",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE),
	  .help = "One line per MPTCP connection, with its subflows.",
	  .detail = "It is printed when the last of its subflows has ended: the ends, owner and "
		    "handshake of the first subflow, the time from the first segment to the last "
		    "end, and the sums of what all have carried, where data that was sent on "
		    "another subflow again counts twice. Each subflow follows. Where a filter "
		    "leaves a subflow out, so does the line. A connection that is without any "
		    "for a while and goes on with another has two lines.",
	  .type = OPTION_FLAG,
	  .mark = MARK(trace.mptcp, true) },
	{ .name = "format",
	  .argument = "FORMAT",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE),
	  .help = "One of:" OUTPUT_FORMATS(KEY_NAME) ".",
	  .detail = "perfetto is the Trace Event JSON that trace viewers open: a track for each "
		    "connection, a slice for each state. folded is for flame graphs: for each "
		    "connection its process and the stack that opened it, from without inwards, as "
		    "--stack finds it, with which flame graphs are drawn. otlp is spans of "
		    "OpenTelemetry, as collectors read them from files: a line for each "
		    "connection. See SPANS.",
	  .type = OPTION_CHOICE,
	  .names = format_names,
	  .place = PLACE(format),
	  .once = "there is one format" },
	{ .name = "spans",
	  .argument = "WHICH",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE) | ONLY(EXPORT),
	  .help = "Which have spans: all, failed, slow=100ms, none.",
	  .detail = "failed are those that failed and one of a hundred others, slow also those "
		    "whose handshake took so long. The one of a hundred is chosen by the trace id, "
		    "so that both ends choose the same.",
	  .type = OPTION_SPANS,
	  .names = spans_names,
	  .place = PLACE(spans) },
	{ .name = "id",
	  .argument = "ID",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPLAIN),
	  .help = "The connection that trace gave this number.",
	  .detail = "In a recording numbers are the same each time, whatever the filters.",
	  .type = OPTION_NUMBER,
	  .least = 1,
	  .place = PLACE(explain.choice.id),
	  .mark = MARK(explain.choice.kind, CHOICE_ID),
	  .once = ONE_CHOICE },
	{ .name = "slowest",
	  .argument = "WHAT",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPLAIN),
	  .help = "The one whose handshake took longest.",
	  .detail = "Like --longest it waits until the run ends. WHAT is handshake.",
	  .type = OPTION_CHOICE,
	  .names = slowest_names,
	  .place = PLACE(explain.choice.kind),
	  .once = ONE_CHOICE },
	{ .name = "longest",
	  .argument = "STATE",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPLAIN),
	  .help = "The one that stayed longest in this state.",
	  .detail = "One that is still in it at the end counts as well.",
	  .type = OPTION_STATE,
	  .place = PLACE(explain.choice.state),
	  .mark = MARK(explain.choice.kind, CHOICE_LONGEST),
	  .once = ONE_CHOICE },
	{ .name = "lang",
	  .argument = "LANG",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPLAIN) | ONLY(REPORT),
	  .help = "Language of the sentences:" LADDER_LANGUAGES(KEY_NAME) ".",
	  .type = OPTION_CHOICE,
	  .names = language_names,
	  .place = PLACE(explain.language) },
	{ .name = "by",
	  .argument = "KEYS",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(HIST) | ONLY(STUCK) | ONLY(EXPORT) | ONLY(TOP),
	  .help = "A group for each value of the keys.",
	  .detail = "Keys are" GROUP_KEYS(
		  KEY_NAME) ". comm is what the process is called, "
			    "thread the thread that called connect or accept. Several keys, with "
			    "commas between, make a group of each combination; export "
			    "takes one, of comm, lport, rport, netns, unit, container and pod.",
	  .type = OPTION_SET,
	  .names = key_names,
	  .place = PLACE(hist.by) },
	{ .name = "listen",
	  .argument = "ADDR:PORT",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPORT),
	  .help = "Where requests are answered (" OPTIONS_LISTEN ").",
	  .detail = "Of IPv6, [::1]:10081. The paths are /metrics, /-/healthy, /-/ready and /.",
	  .type = OPTION_TEXT,
	  .takes = "an address and a port",
	  .place = PLACE(export.listen) },
	{ .name = "web-config",
	  .argument = "FILE",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPORT),
	  .help = "TLS, client certificates and users, as YAML.",
	  .detail = "The file is that of other exporters of Prometheus: tls_server_config with "
		    "cert_file, key_file, client_ca_file, client_auth_type and min_version, and "
		    "basic_auth_users with hashes of bcrypt. SIGHUP has it read again.",
	  .type = OPTION_FILE,
	  .takes = "the name of a file",
	  .place = PLACE(export.web_config) },
	{ .name = "otlp",
	  .argument = "URL",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPORT),
	  .help = "Send spans and figures to a collector by OTLP.",
	  .detail = "Over HTTP in protobuf, to URL/v1/traces and URL/v1/metrics; env means the URL "
		    "of OTEL_EXPORTER_OTLP_ENDPOINT. Nobody is answered then, unless --listen "
		    "says where. Which connections have spans, --spans says, without it failed. "
		    "See SPANS.",
	  .type = OPTION_TEXT,
	  .takes = "the URL of a collector, or env",
	  .place = PLACE(export.otlp),
	  .once = "there is one collector" },
	{ .name = "otlp-headers",
	  .argument = "FILE",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPORT),
	  .help = "Headers to send along, a line for each.",
	  .detail = "As Name: value, for keys that nobody else is to see: who may read the file "
		    "is its owner's affair. OTEL_EXPORTER_OTLP_HEADERS has more of them.",
	  .type = OPTION_FILE,
	  .takes = "the name of a file",
	  .place = PLACE(export.otlp_headers) },
	{ .name = "otlp-insecure",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPORT),
	  .help = "Allow http without TLS to another machine.",
	  .detail = "What is sent can be read and changed on the way then, headers included.",
	  .type = OPTION_FLAG,
	  .mark = MARK(export.otlp_insecure, true) },
	{ .name = "user",
	  .argument = "USER",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPORT),
	  .help = "Run what answers or sends as this user (" OPTIONS_EXPORT_USER ").",
	  .type = OPTION_TEXT,
	  .takes = "a user, by name or number",
	  .place = PLACE(export.user) },
	{ .name = "once",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPORT) | ONLY(TOP),
	  .help = "Print once, at the end, and do nothing else.",
	  .detail =
		  "The end is that of the recording or of --duration. Export answers nobody then; "
		  "top prints one screen as text, without either after a second.",
	  .type = OPTION_FLAG,
	  .mark = MARK(export.once, true) },
	{ .name = "screen",
	  .argument = "SCREEN",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TOP),
	  .help = "The screen to begin with, or to print.",
	  .detail = "One of" VIEW_SCREENS(SCREEN_NAME) ".",
	  .type = OPTION_CHOICE,
	  .names = screen_names,
	  .place = PLACE(top.screen) },
	{ .name = "textfile",
	  .argument = "FILE",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPORT),
	  .help = "Write the figures to a file, every 15 s.",
	  .detail = "For the textfile collector of the node exporter: the file is complete "
		    "whenever it is read, the last time when the run has ended.",
	  .type = OPTION_FILE,
	  .takes = "the name of a file",
	  .place = PLACE(export.textfile) },
	{ .name = "max-groups",
	  .argument = "N",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(EXPORT),
	  .help = "Groups of --by with series of their own (" STRING(OPTIONS_MAX_GROUPS) ").",
	  .detail = "The first that come, until an hour has passed without them; all others "
		    "count as `other`.",
	  .type = OPTION_NUMBER,
	  .least = 1,
	  .most = METRICS_GROUPS_MAX,
	  .place = PLACE(export.max_groups) },
	{ .name = "against",
	  .argument = "DURATION",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(CHECK),
	  .help = "Trace for so long, and compare with the kernel.",
	  .detail = "What was counted is held against the kernel's own counters of the network "
		    "namespaces in view. The exit status is 1 when they differ by more than "
		    "what was lost meanwhile.",
	  .type = OPTION_DURATION,
	  .such = "60, 60s or 5m",
	  .place = PLACE(check.against_ns) },
	{ .name = "top",
	  .argument = "N",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(HIST),
	  .help = "Groups to keep apart; the others share one (" DEFAULT_TOP ").",
	  .type = OPTION_NUMBER,
	  .least = 1,
	  .most = TOP_MAX,
	  .place = PLACE(hist.top) },
	{ .name = "only",
	  .argument = "NAMES",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(HIST),
	  .help = "Only these histograms, with commas between.",
	  .detail = "Names are" HISTOGRAMS(
		  HISTOGRAM_NAME) ". They are shown without any value as well; failures are not.",
	  .type = OPTION_SET,
	  .names = histogram_names,
	  .place = PLACE(hist.only) },
	{ .name = "interval",
	  .argument = "SECONDS",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(HIST),
	  .help = "Print so often, each time of what came since.",
	  .detail = "Such as 10, 0.5 or 1m; of a recording, of recorded time. A value counts in "
		    "the interval in which it was complete. Failures and the summary follow at "
		    "the end, of the whole.",
	  .type = OPTION_DURATION,
	  .least = 1,
	  .such = "10, 0.5 or 1m",
	  .place = PLACE(hist.interval_ns) },
	{ .name = "state",
	  .argument = "LIST",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK),
	  .help = "States to look for, or all-stuck (CLOSE_WAIT).",
	  .detail = "In the spelling of the kernel, of ss or of RFC 9293, in either case, and "
		    "without what parts the words, too. "
		    "all-stuck means all states that should be short, each from the age on "
		    "from which it no longer is: 3 s for SYN_SENT and SYN_RECV, 5 s for "
		    "FIN_WAIT1, CLOSING and LAST_ACK, 10 s for CLOSE_WAIT, 60 s for "
		    "FIN_WAIT2. The kernel tells no age of FIN_WAIT1, CLOSING and LAST_ACK: "
		    "where it is unknown, a FIN sent again five times is old enough, or a "
		    "window of the peer that has been closed for 5 s. all means all. Without "
		    "names, and with all-stuck, connections are told of as well that nobody "
		    "has accepted for half a second.",
	  .type = OPTION_STATES,
	  .place = PLACE(stuck.states),
	  .beside = PLACE(stuck.short_states) },
	{ .name = "min-age",
	  .argument = "SECONDS",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK),
	  .help = "Only those that old in their state, as 60 or 5m.",
	  .detail = "Without it, states that are named have no least age, unless --watch "
		    "waits for them to grow old: then it is that of all-stuck. A socket "
		    "whose age is unknown is left out when there is a least age, and counted; "
		    "one of which is known that it may be that old is not.",
	  .type = OPTION_DURATION,
	  .such = "0, 60, 0.5 or 5m",
	  .place = PLACE(stuck.min_age_ns) },
	{ .name = "moving",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK),
	  .help = "Those as well that are half closed and at work.",
	  .detail = "A connection that one side has closed while the other still sends, as "
		    "after a request with an end, is not stuck: without this it is left out, "
		    "and counted. What sends no more than 4 KiB a second, and has not read the "
		    "end that came up to 10 s ago or more, has not noticed it, and is stuck.",
	  .type = OPTION_FLAG,
	  .mark = MARK(stuck.moving, true) },
	{ .name = "at",
	  .argument = "SECONDS",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK),
	  .help = "Of a recording: then, not at its end; 90 or 5m.",
	  .detail = "Counted from the beginning of the recording.",
	  .type = OPTION_DURATION,
	  .such = "90, 1.5 or 5m",
	  .place = PLACE(stuck.at_ns),
	  .mark = MARK(stuck.has_at, true) },
	{ .name = "list",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK),
	  .help = "A line for each socket, not for each group.",
	  .detail = "JSON and CSV always have a line for each.",
	  .type = OPTION_FLAG,
	  .mark = MARK(stuck.list, true) },
	{ .name = "ports",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK),
	  .help = "How full the range of ports is for each peer.",
	  .detail = "A connect takes a port of net.ipv4.ip_local_port_range, and one serves once "
		    "for each remote address and port, until its TIME_WAIT is over. Where all are "
		    "taken, connect fails with EADDRNOTAVAIL. Told are how many are connecting, "
		    "open and in TIME_WAIT, who has most, and when the next one is free. The exit "
		    "status is 1 when a range is full.",
	  .type = OPTION_FLAG,
	  .mark = MARK(stuck.ports, true) },
	{ .name = "watch",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK) | ONLY(LISTENERS),
	  .help = "Go on, and tell what comes and goes.",
	  .detail = "Until Ctrl-C, or for the time of -d. stuck tells what gets stuck and what is "
		    "released; its exit status is 1 when something is still stuck at the end. "
		    "listeners tells which get into trouble and which keep up again, and at the "
		    "end of all.",
	  .type = OPTION_FLAG,
	  .mark = MARK(stuck.watch, true) },
	{ .name = "exec",
	  .argument = "COMMAND",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK),
	  .help = "Run this for each one, as JSON on its stdin.",
	  .detail = "By /bin/sh, for each line that is printed; its own output goes to standard "
		    "error. It has no capability and cannot get any, not by root's number or a "
		    "file's either, no descriptor but the first three, and of the environment "
		    "PATH, HOME and what --exec-env names. At most 16 run at a time and 256 "
		    "lines wait; what is beyond that is dropped and counted.",
	  .type = OPTION_TEXT,
	  .takes = "a command line of the shell",
	  .place = PLACE(stuck.exec) },
	{ .name = "exec-user",
	  .argument = "USER",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK),
	  .help = "Run the command of --exec as this user.",
	  .type = OPTION_TEXT,
	  .takes = "a user, by name or number",
	  .place = PLACE(stuck.exec_user) },
	{ .name = "exec-env",
	  .argument = "NAMES",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK),
	  .help = "Variables that the command of --exec gets.",
	  .detail = "With commas between, from the environment of this program.",
	  .type = OPTION_TEXT,
	  .takes = "names of variables",
	  .place = PLACE(stuck.exec_env) },
	{ .name = "exec-limit",
	  .argument = "SECONDS",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK),
	  .help = "End a command after this time; without: 10.",
	  .detail = "It is asked to end, and killed a second later, with all that it started.",
	  .type = OPTION_DURATION,
	  .place = PLACE(stuck.exec_limit_ns) },

	{ .letter = 'p',
	  .name = "pid",
	  .argument = "LIST",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "Processes that called connect or accept.",
	  .detail = "Who merely happened to run is not meant. A connection whose owner never "
		    "becomes known does not match. With stuck, those that hold it.",
	  .type = OPTION_PIDS,
	  .place = PLACE(filter.pids),
	  .beside = PLACE(filter.pid_count) },
	{ .name = "follow",
	  .group = OPTION_GROUP_FILTER,
	  .commands = FOLLOWING,
	  .help = "With --pid: their children as well.",
	  .detail = "And the children of these, whether they are there already or come later; "
		    "they stay when their parents end. Of a recording, as far as it was made "
		    "with this.",
	  .type = OPTION_FLAG,
	  .mark = MARK(filter.follows, true) },
	{ .letter = 'c',
	  .name = "comm",
	  .argument = "NAME",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "Owner's command name, or a list; 15 bytes count.",
	  .detail = "The name of the process, or of the thread that called connect or accept. "
		    "May be given several times. Longer names are cut, as the kernel cuts "
		    "them. A list is taken for the name of one process as well.",
	  .type = OPTION_COMMS,
	  .place = PLACE(filter.comms),
	  .beside = PLACE(filter.comm_count) },
	{ .letter = 'L',
	  .name = "lport",
	  .argument = "PORTS",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "Local ports, such as 80,443,8000-8100.",
	  .detail = "Names that /etc/services has are ports as well.",
	  .type = OPTION_PORTS,
	  .place = PLACE(filter.lports),
	  .mark = MARK(filter.has_lports, true) },
	{ .letter = 'D',
	  .name = "rport",
	  .argument = "PORTS",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "Remote ports.",
	  .type = OPTION_PORTS,
	  .place = PLACE(filter.rports),
	  .mark = MARK(filter.has_rports, true) },
	{ .letter = 'a',
	  .name = "addr",
	  .argument = "CIDR",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "Remote address or network, or a list of them.",
	  .detail = "May be given several times, with the number of bits or without. Names of "
		    "hosts are not looked up.",
	  .type = OPTION_PREFIXES,
	  .place = PLACE(filter.prefixes),
	  .beside = PLACE(filter.prefix_count) },
	{ .letter = '4',
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "IPv4 on the wire, on whatever kind of socket.",
	  .detail = "An IPv4 peer of a dual-stack socket is IPv4, and printed without "
		    "::ffff:.",
	  .type = OPTION_FLAG,
	  .mark = MARK(filter.family, 4) },
	{ .letter = '6',
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "IPv6 on the wire.",
	  .type = OPTION_FLAG,
	  .mark = MARK(filter.family, 6) },
	{ .letter = 'N',
	  .name = "netns",
	  .argument = "NS",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "Network namespaces: name, path, inode, PID, self.",
	  .detail = "A list, or given several times. A text with a slash is a path; a name is one "
		    "that ip-netns(8) knows; a number is a PID where such a process exists and an "
		    "inode otherwise. "
		    "pid:N and inode:N say which; net:[N] is an inode as well.",
	  .type = OPTION_NETNS,
	  .place = PLACE(filter.netns),
	  .beside = PLACE(netns_gone) },
	{ .letter = 'C',
	  .name = "cgroup",
	  .argument = "PATH",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "Cgroup (version 2), with all below it.",
	  .detail = "Absolute, or from the top of the mounted cgroup2 hierarchy on.",
	  .type = OPTION_CGROUP,
	  .place = PLACE(filter.cgroup) },
	{ .name = "unit",
	  .argument = "NAME",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "Unit of systemd, such as nginx.service.",
	  .detail = "A list, or given several times; * and ? stand for any characters, [ ] for one "
		    "of those between. It is the innermost: what runs in a container may have a "
		    "systemd of its own. A recording has all connections; who reads it sees these.",
	  .type = OPTION_NAMES,
	  .place = PLACE(filter.units) },
	{ .name = "container",
	  .argument = "NAME",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "Container, by name or id.",
	  .detail = "Patterns and lists are as those of units. Of an id, 12 digits will do.",
	  .type = OPTION_NAMES,
	  .place = PLACE(filter.containers) },
	{ .name = "pod",
	  .argument = "NAME",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "Pod, as NAME, NAMESPACE/NAME or UID.",
	  .detail = "Patterns and lists are as those of units. Of a UID, 12 characters will do.",
	  .type = OPTION_NAMES,
	  .place = PLACE(filter.pods) },
	{ .name = "interface",
	  .argument = "NAME",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "Interface, or VRF, that sockets are bound to.",
	  .detail = "Patterns and lists are as those of units. A socket is bound by a link-local "
		    "address, by a VRF that it serves or connects in, or by its owner; whatever "
		    "goes where routes lead is bound to none. An interface whose name is not known "
		    "is if and its number.",
	  .type = OPTION_NAMES,
	  .place = PLACE(filter.interfaces) },
	{ .name = "flow",
	  .argument = "HEX",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "The connection of this flow, at both its ends.",
	  .detail = "A list, or given several times: what flow is in JSON and CSV, here or on the "
		    "other end's machine.",
	  .type = OPTION_FLOWS,
	  .place = PLACE(filter.flows),
	  .beside = PLACE(filter.flow_count) },
	{ .name = "sample",
	  .argument = "1/N",
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "One connection of N, by chance, kept whole.",
	  .detail = "For machines with more connections than one wants to look at. N alone "
		    "means the same.",
	  .type = OPTION_FRACTION,
	  .least = 1,
	  .most = UINT32_MAX,
	  .place = PLACE(filter.sample) },
	{ .name = "budget",
	  .argument = "PERCENT",
	  .group = OPTION_GROUP_FILTER,
	  .commands = ONLY(TRACE) | ONLY(HIST) | ONLY(RECORD) | ONLY(EXPORT) | ONLY(REPORT),
	  .help = "Cost no more of the machine; else 1 of N, whole.",
	  .detail = "A percentage of the time of all processors, such as 0.5. Beyond it, one of N "
		    "connections is followed, by chance and whole; N follows the load. See "
		    "BUDGET.",
	  .type = OPTION_PERCENT,
	  .place = PLACE(budget),
	  .once = "there is one" },

	{ .letter = 'j',
	  .name = "json",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "One JSON object per line.",
	  .detail = "Durations are nanoseconds, unknown values are null, and the last line "
		    "is a summary. The fields are those of schema version 1.",
	  .type = OPTION_FLAG,
	  .mark = MARK(format, FORMAT_JSON) },
	{ .letter = 's',
	  .name = "csv",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "Comma-separated values under a line of names.",
	  .type = OPTION_FLAG,
	  .mark = MARK(format, FORMAT_CSV) },
	{ .letter = 'T',
	  .name = "time",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "The time of day in front, HH:MM:SS.mmm.",
	  .detail = "The time at which it happened, not the time of printing.",
	  .type = OPTION_FLAG,
	  .mark = MARK(wall_time, true) },
	{ .letter = 't',
	  .name = "timestamp",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "Seconds since the start in front.",
	  .type = OPTION_FLAG,
	  .mark = MARK(timestamp, true) },
	{ .letter = 'w',
	  .name = "wide",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "More columns, and room for IPv6 addresses.",
	  .type = OPTION_FLAG,
	  .mark = MARK(wide, true) },
	{ .name = "cmdline",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = ONLY(TRACE) | ONLY(RECORD),
	  .help = "With the owner's command line, and its parent.",
	  .detail = "In JSON and CSV, as ppid and cmdline; --wide has them too. It is read when "
		    "the process connects or accepts, and is unknown where it was gone by then. A "
		    "recording has them if it was made with this: arguments may be secrets.",
	  .type = OPTION_FLAG,
	  .mark = MARK(trace.cmdline, true) },
	{ .name = "redact",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = REDACTING,
	  .help = "Without arguments, addresses and names.",
	  .detail = "For others to see: command lines have no arguments, and for each address and "
		    "each name (of processes, units, containers, pods, cgroups, network "
		    "namespaces, files and functions) stands another, the same each time: "
		    "comm-3 is the third that was met. They are of 240.0.0.0/4 and "
		    "2001:db8::/32; those of loopback stay, and so do ports, numbers and times. "
		    "Filters see what is true.",
	  .type = OPTION_FLAG,
	  .mark = MARK(redact, REDACT_ALL) },
	{ .name = "redact-only",
	  .argument = "LIST",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = REDACTING,
	  .help = "Without these: arguments, addresses, names.",
	  .type = OPTION_SET,
	  .names = redaction_names,
	  .place = PLACE(redact) },
	{ .name = "stack",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = ONLY(TRACE) | ONLY(EXPLAIN) | ONLY(RECORD) | ONLY(STUCK),
	  .help = "Which code opened it: the stack of its call.",
	  .detail = "Of the call that connected or accepted, from within outwards: functions, and "
		    "lines where the program has them. What is not certain has a question mark, "
		    "what is unknown is left out. In CSV it is the column stack, as in folded "
		    "lines. It costs some microseconds for each connection.",
	  .type = OPTION_FLAG,
	  .mark = MARK(stack, true) },
	{ .letter = 'v',
	  .name = "verbose",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "Say more on standard error, libbpf included.",
	  .type = OPTION_FLAG,
	  .mark = MARK(verbose, true) },

	{ .letter = 'd',
	  .name = "duration",
	  .argument = "SECONDS",
	  .group = OPTION_GROUP_RUN,
	  .commands = EVERY,
	  .help = "Stop by itself, such as after 10, 0.5 or 2m.",
	  .detail = "A unit may follow the number: ms, s, m, h or d.",
	  .type = OPTION_DURATION,
	  .least = 1,
	  .such = "10, 0.5 or 2m",
	  .place = PLACE(duration_ns) },
	{ .name = "attach",
	  .argument = "auto" ATTACH_RUNGS(OR_NAME),
	  .group = OPTION_GROUP_RUN,
	  .commands = EVERY,
	  .help = "Only this kind of hook, not the best that works.",
	  .detail =
		  "For tests and comparisons. tracepoint is either kind of tracepoint, "
		  "classic the one that is attached through perf, tp_btf the other; sampling "
		  "none for TIME_WAIT, which is looked at each second, and the best for the rest.",
	  .type = OPTION_CHOICE,
	  .names = attach_names,
	  .place = PLACE(attach) },
	{ .name = "lives",
	  .argument = "auto|yes|no",
	  .group = OPTION_GROUP_RUN,
	  .commands = ONLY(TRACE) | ONLY(HIST),
	  .help = "Whether the kernel side tells of whole lives.",
	  .detail = "For tests and comparisons. Where connections are asked for, and not what they "
		    "do as it happens, their steps are collected in the kernel and sent as one "
		    "record when they end; with no, each step is sent by itself. With yes it is "
		    "an error if that cannot be had.",
	  .type = OPTION_CHOICE,
	  .names = lives_names,
	  .place = PLACE(lives) },
	{ .name = "ring",
	  .argument = "SIZE",
	  .group = OPTION_GROUP_RUN,
	  .commands = EVERY,
	  .help = "Room for records on their way, such as 512K (" DEFAULT_RING ").",
	  .detail = "A number of bytes, or of K, M or G, rounded up to a power of two of at "
		    "least a page. When it is full, records are lost and counted.",
	  .type = OPTION_ROOM,
	  .least = 1,
	  .most = GIB(RING_MAX_GIB),
	  .such = "512K or 8M",
	  .place = PLACE(ring_bytes) },
	{ .name = "host-root",
	  .argument = "DIR",
	  .group = OPTION_GROUP_RUN,
	  .commands = EVERY,
	  .help = "Where the host's files are, such as /host.",
	  .detail = "For a container that has the host's files mounted there: names of pods and "
		    "containers, and the hierarchy of cgroups, are looked for below it.",
	  .type = OPTION_FILE,
	  .such = "/host",
	  .takes = "a folder",
	  .place = PLACE(host_root) },
	{ .name = "queue",
	  .argument = "SIZE",
	  .group = OPTION_GROUP_RUN,
	  .commands = ONLY(RECORD),
	  .help = "Room for records that wait for the disk (" DEFAULT_QUEUE ").",
	  .detail = "It is taken when it is needed. When it is full, records are lost and counted.",
	  .type = OPTION_SIZE,
	  .least = KIB(QUEUE_MIN_KIB),
	  .most = GIB(QUEUE_MAX_GIB),
	  .such = "256M",
	  .place = PLACE(record.queue_bytes) },
	{ .name = "stacks",
	  .argument = "N",
	  .group = OPTION_GROUP_RUN,
	  .commands = ONLY(TRACE) | ONLY(EXPLAIN) | ONLY(RECORD) | ONLY(STUCK),
	  .help = "Of --stack, room for so many (" DEFAULT_STACKS ").",
	  .detail = "Nobody has more of it than he leaves to others, so that who is alone has "
		    "half; and a long stack takes the room of several. One that there is no room "
		    "for is unknown, and counted.",
	  .type = OPTION_NUMBER,
	  .least = 1,
	  .most = STACKS_MOST,
	  .place = PLACE(stacks) },
	{ .name = "max-records",
	  .argument = "N",
	  .group = OPTION_GROUP_RUN,
	  .commands = ONLY(TRACE) | ONLY(HIST) | ONLY(EXPLAIN) | ONLY(STUCK) | ONLY(CHECK) |
		      ONLY(LISTENERS) | ONLY(REPORT),
	  .help = "Of recordings, read at most this many records.",
	  .detail = "A small file can hold very many. That there are more is told, and the exit "
		    "status is 2.",
	  .type = OPTION_NUMBER,
	  .least = 1,
	  .most = INT64_MAX,
	  .place = PLACE(max_records) },
	{ .name = "max-connections",
	  .argument = "N",
	  .group = OPTION_GROUP_RUN,
	  .commands = EVERY,
	  .help = "Remember at most this many at once (" DEFAULT_CONNECTIONS ").",
	  .detail = "When there are more, the user who has most of them makes room, with the "
		    "one that changed least recently in the network namespace where most of "
		    "these are. The summary counts them, and says whose they were.",
	  .type = OPTION_NUMBER,
	  .least = 1,
	  .most = CONNECTIONS_MAX,
	  .place = PLACE(max_connections) },

	{ .letter = 'h',
	  .name = "help",
	  .group = OPTION_GROUP_HELP,
	  .commands = EVERY,
	  .help = "Print this help.",
	  .type = OPTION_HELP },
	{ .letter = 'V',
	  .name = "version",
	  .group = OPTION_GROUP_HELP,
	  .commands = EVERY,
	  .help = "Print the version, and what it was built with.",
	  .detail = "With libdw --stack tells lines, and who calls what has no frame pointer; with "
		    "libiberty it tells names of C++ and Rust as they are written.",
	  .type = OPTION_VERSION },
};
const size_t option_spec_count = sizeof(option_specs) / sizeof(*option_specs);
_Static_assert(sizeof(option_specs) / sizeof(*option_specs) <= OPTION_SPECS_MAX, "too many rows");

#define TRACED "it is about tracing, which was done when the file was recorded"
#define OVER "what was recorded is over"
#define EXPOSED "the figures have a form of their own"
#define AT_ONCE "it is one look"
#define NO_PEER "a listener has no other end"
#define NOT_SENT "nothing is sent without"
#define ANSWERED "nobody is answered then"

#define GIVEN(name)        \
	{                  \
		name, NULL \
	}
#define THE_COMMAND        \
	{                  \
		NULL, NULL \
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

const struct option_rule option_rules[] = {
	{ EVERY, GIVEN("attach"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
	{ EVERY, GIVEN("lives"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
	{ ONLY(TRACE),
	  { "lives", "yes" },
	  OPTION_EXCLUDES,
	  GIVEN("events"),
	  "each transition is told as it happens" },
	{ EVERY, GIVEN("cgroup"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
	{ EVERY, GIVEN("redact"), OPTION_EXCLUDES, GIVEN("redact-only"), "it hides all of these" },
	{ ONLY(RECORD), GIVEN("cmdline"), OPTION_EXCLUDES, GIVEN("redact"), HIDDEN },
	{ ONLY(RECORD), GIVEN("cmdline"), OPTION_EXCLUDES, GIVEN("redact-only"), HIDDEN },
	NOT_RECORDED("addr"),
	NOT_RECORDED("comm"),
	NOT_RECORDED("cgroup"),
	NOT_RECORDED("unit"),
	NOT_RECORDED("container"),
	NOT_RECORDED("pod"),
	NOT_RECORDED("stack"),
	{ ONLY(STUCK), GIVEN("redact"), OPTION_EXCLUDES, GIVEN("ports"), "it names who has them" },
	{ ONLY(STUCK), GIVEN("redact-only"), OPTION_EXCLUDES, GIVEN("ports"),
	  "it names who has them" },
	{ EVERY, GIVEN("host-root"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
	{ EVERY, GIVEN("ring"), OPTION_EXCLUDES, GIVEN("input"), TRACED },
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
	{ ONLY(CHECK), GIVEN("against"), OPTION_EXCLUDES, GIVEN("input"), OVER },
	{ ONLY(LISTENERS), GIVEN("watch"), OPTION_EXCLUDES, GIVEN("input"), OVER },
	{ ONLY(LISTENERS), GIVEN("addr"), OPTION_EXCLUDES, THE_COMMAND, NO_PEER },
	{ ONLY(LISTENERS), GIVEN("rport"), OPTION_EXCLUDES, THE_COMMAND, NO_PEER },
	{ ONLY(LISTENERS), GIVEN("sample"), OPTION_EXCLUDES, THE_COMMAND,
	  "what a listener takes is counted whole" },
	{ ONLY(EXPORT), GIVEN("spans"), OPTION_NEEDS, GIVEN("otlp"), "nothing else has spans" },
	{ ONLY(EXPORT), GIVEN("otlp-headers"), OPTION_NEEDS, GIVEN("otlp"), NOT_SENT },
	{ ONLY(EXPORT), GIVEN("otlp-insecure"), OPTION_NEEDS, GIVEN("otlp"), NOT_SENT },
	{ ONLY(EXPORT), GIVEN("otlp"), OPTION_EXCLUDES, GIVEN("once"),
	  "what is sent is sent as it comes" },
	{ ONLY(EXPORT), GIVEN("json"), OPTION_EXCLUDES, GIVEN("once"), EXPOSED },
	{ ONLY(EXPORT), GIVEN("csv"), OPTION_EXCLUDES, GIVEN("once"), EXPOSED },
	{ ONLY(EXPORT), GIVEN("listen"), OPTION_EXCLUDES, GIVEN("once"), ANSWERED },
	{ ONLY(EXPORT), GIVEN("web-config"), OPTION_EXCLUDES, GIVEN("once"), ANSWERED },
	{ ONLY(EXPORT), GIVEN("user"), OPTION_EXCLUDES, GIVEN("once"), ANSWERED },
};
const size_t option_rule_count = sizeof(option_rules) / sizeof(*option_rules);

bool option_is_known_to(const struct option_spec *spec, const struct command_spec *command)
{
	return spec->commands >> (command - command_specs) & 1;
}

const struct option_spec *option_find(const char *name)
{
	for (const struct option_spec *s = option_specs; s < option_specs + option_spec_count; s++)
		if (s->name && !strcmp(s->name, name))
			return s;
	return NULL;
}
