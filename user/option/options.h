/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command line can say: the lists of names and the struct it is read into; data only. */
#ifndef USER_OPTION_OPTIONS_H
#define USER_OPTION_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/ladder_phrase.h"
#include "user/aggregate/textbook.h"
#include "user/conn/choice.h"
#include "user/conn/filter.h"
#include "user/sink/screen/view.h"
#include "user/sink/spans.h"

/* Without the option. */
#define OPTIONS_RING_MIB 8
#define OPTIONS_MAX_CONNECTIONS 1000000
#define OPTIONS_TOP 10
#define OPTIONS_AGE_SENSIBLE UINT64_MAX
#define OPTIONS_PACE_SENSIBLE UINT64_MAX
#define OPTIONS_LANGUAGE_OF_LOCALE LADDER_LANGUAGE_COUNT
#define OPTIONS_QUEUE_MIB 64
#define OPTIONS_STACKS 16384
#define OPTIONS_EXEC_LIMIT_S 10
#define OPTIONS_MAX_GROUPS 100
#define OPTIONS_LISTEN "127.0.0.1:10081"
#define OPTIONS_EXPORT_USER "nobody"
#define OPTIONS_DATABASE "tcpspan"
#define OPTIONS_SPOOL_MIB 256
#define OPTIONS_STORES 8 /* times that --clickhouse is given */

#define OPTIONS_INPUTS 4096 /* recordings at a time, parts counted */

/*
 * X(NAME, name, "the question it answers", "about it"): the first one needs not be named. What runs
 * is command_name of user/command/command.h.
 */
#define COMMANDS(X)                                                                                \
	X(TRACE, trace, "What is happening? One line per connection.",                             \
	  "Follows every TCP connection and prints one line for each when its life ends: who "     \
	  "opened it, how long it lasted and how it was closed. With --events, one line for each " \
	  "state transition as it happens.")                                                       \
	X(HIST, hist, "How long does it take? Histograms of handshakes and states.",               \
	  "Measures until it is stopped, then prints histograms with percentiles: the latency of " \
	  "handshakes, client and server apart, and the time spent in each state.")                \
	X(EXPLAIN, explain, "How did this connection live? Its segments, as a ladder.",            \
	  "Waits for one connection and, when it is closed, draws it as a ladder: the states of "  \
	  "both ends, each segment of handshake and close with its sequence numbers, the time "    \
	  "each step took, and what each step proves. The connection is the first one that "       \
	  "begins and matches the filters, or one that is named by its endpoints, such as "        \
	  "10.0.0.1:443 or 10.0.0.2:40000-10.0.0.1:443, or one that stands out among all. For a "  \
	  "code of the column END, such as lin0, it tells the meaning instead. With --demo it "    \
	  "plays a story of the textbook.")                                                        \
	X(RECORD, record, "Keep the events, to be looked at later and elsewhere.",                 \
	  "Writes what the kernel tells to a file until it is stopped. Other commands read it "    \
	  "with --input, and then need no rights and no kernel support. What the file cannot "     \
	  "take in time is counted as lost; a file that was cut short is good up to there.")       \
	X(STUCK, stuck, "What hangs, since when, who holds it? One look is enough.",               \
	  "Looks once at all TCP sockets of all network namespaces and names those that stay "     \
	  "where they should not, in groups with a cause: how many, since when, which process "    \
	  "holds them by which descriptor, what that means and where to look. By default those "   \
	  "in CLOSE_WAIT: the peer has closed, and the process here has not. With --watch it "     \
	  "goes on and tells what gets stuck and what gets free. The exit status is 1 when "       \
	  "something is stuck, 0 when nothing is.")                                                \
	X(LISTENERS, listeners, "Who serves here, and does it keep up? One look is enough.",       \
	  "Looks once at all listening sockets of all network namespaces and tells of each who "   \
	  "holds it, how many connections wait to be accepted and for how many there is room, "    \
	  "how many half-open requests it has and what it has dropped, with a sentence where "     \
	  "something is wrong. With --watch, or for the time of -d, it follows the connections "   \
	  "too: how many are accepted, how long they waited, and what a queue held at most. "      \
	  "Of a recording it tells what connections show.")                                        \
	X(REPORT, report, "What happened? One page with a verdict, to look at.",                   \
	  "Follows connections, or reads a recording, and writes a page of HTML at the end: a "    \
	  "verdict in a few sentences, what was measured and lost, the state machine with its "    \
	  "traffic, the course of time, handshakes, failures with a ladder of one for each "       \
	  "cause, what was slowest and longest, who is stuck, ports, listeners, and whose "        \
	  "connections they were. The page asks nothing of any network, and is whole without "     \
	  "script, which only sorts, searches and zooms. Its numbers are those of hist.")          \
	X(EXPORT, export, "Keep watch: figures for Prometheus, as long as it runs.",               \
	  "Runs until it is told to stop and answers requests with figures of all connections: "   \
	  "how many are in which state, how long handshakes and states took, why connections "     \
	  "failed, who leaks, and what the tracer itself has lost. What answers is a process of "  \
	  "its own without rights. With --once the figures are printed at the end instead, and "   \
	  "so are those of a recording that are to go nowhere else.")                              \
	X(DIFF, diff, "What changed? Two recordings, or a recording and now.",                     \
	  "Compares the recording NEW, or without it what is traced until it is stopped, with "    \
	  "the recording OLD: how long handshakes and states took, why connections failed, "       \
	  "through which states they went, how many were opened, what each listener served. It "   \
	  "tells what differs by more than chance would have it, the largest change first. No "    \
	  "shape of the values is assumed.")                                                       \
	X(TOP, top, "What happens just now? All of it on one screen, live.",                       \
	  "Shows rates, handshakes, losses and the states of all connections, and in eight "       \
	  "screens what is behind them: the connections, groups of them, the state machine with "  \
	  "what goes through it, what is stuck, what failed and why, how long it took, and who "   \
	  "listens. The key ? tells what keys do. A recording runs as it did, or faster.")         \
	X(FLEET, fleet, "The same of many machines: what does their store say?",                   \
	  "Asks a store of ClickHouse, to which many machines send rows with export "              \
	  "--clickhouse, what local commands tell of one machine: hist, failures, stuck and "      \
	  "top. pairs puts both ends of each connection side by side, the slowest first: the "     \
	  "handshake as each saw it, whose time it was, what one end did and the other never "     \
	  "saw, how far apart their clocks are. hosts says who reports, since when, and what "     \
	  "is missing. init makes the tables on each server that --clickhouse names, or brings "   \
	  "them forward, and says what differs; the exit status is 1 if anything does. schema "    \
	  "prints what it would do.")                                                              \
	X(CHECK, check, "What does this kernel allow? Each hook, and a self-test.",                \
	  "Tries each hook and prints which was chosen and why the others were not, what the "     \
	  "process may do, and whether a connection over loopback is seen. It takes --attach, so " \
	  "that each way of tracing can be tried. Of a recording it prints where "                 \
	  "it comes from, the hooks that it was made with, and whether all of it can be read. "    \
	  "With --against it traces for a while and compares what it counted with the kernel's "   \
	  "own counters. "                                                                         \
	  "The exit status is 0 when tracing works here, the recording is whole, or both agree.")

#define X(NAME, name, question, about) COMMAND_##NAME,
enum command_id { COMMANDS(X) COMMAND_COUNT };
#undef X

/*
 * X(NAME, "name"): how hooks are attached. `auto` takes for each family the best that works;
 * `tracepoint` is either kind of it, `classic` the one that needs no BTF, `tp_btf` the other,
 * `sampling` no hook at all where there is a way without.
 */
#define ATTACH_RUNGS(X)             \
	X(FENTRY, "fentry")         \
	X(KPROBE, "kprobe")         \
	X(TRACEPOINT, "tracepoint") \
	X(CLASSIC, "classic")       \
	X(TP_BTF, "tp_btf")         \
	X(SAMPLING, "sampling")
#define ATTACHES(X) X(AUTO, "auto") ATTACH_RUNGS(X)

#define X(NAME, name) ATTACH_##NAME,
enum attach { ATTACHES(X) ATTACH_COUNT };
#undef X

/* X(NAME, "name"): whether the kernel side tells of whole lives where nothing more is asked for. */
#define LIVES(X)        \
	X(AUTO, "auto") \
	X(YES, "yes")   \
	X(NO, "no")

#define X(NAME, name) LIVES_##NAME,
enum lives { LIVES(X) LIVES_COUNT };
#undef X

/* X(NAME, "name"): what is not told. */
#define REDACTIONS(X)             \
	X(ARGUMENTS, "arguments") \
	X(ADDRESSES, "addresses") \
	X(NAMES, "names")

#define X(NAME, name) REDACT_##NAME,
enum redaction { REDACTIONS(X) REDACTION_COUNT };
#undef X
#define REDACT_ALL ((1u << REDACTION_COUNT) - 1)

/* X(NAME, "name"): what is printed. */
#define OUTPUT_FORMATS(X)       \
	X(TEXT, "text")         \
	X(JSON, "json")         \
	X(CSV, "csv")           \
	X(PERFETTO, "perfetto") \
	X(FOLDED, "folded")     \
	X(OTLP, "otlp")         \
	X(ROWS, "rows")

/* X(NAME, "name"): what `fleet` does or asks. */
#define FLEET_QUERIES(X)        \
	X(SCHEMA, "schema")     \
	X(INIT, "init")         \
	X(HIST, "hist")         \
	X(FAILURES, "failures") \
	X(STUCK, "stuck")       \
	X(PAIRS, "pairs")       \
	X(TOP, "top")           \
	X(HOSTS, "hosts")

#define X(NAME, name) FLEET_##NAME,
enum fleet_query { FLEET_NONE, FLEET_QUERIES(X) };
#undef X

#define OPTIONS_HOSTS 64

#define X(NAME, name) FORMAT_##NAME,
enum output_format { OUTPUT_FORMATS(X) FORMAT_COUNT };
#undef X

/*
 * What several commands know comes first, then what one knows, by its name. An option of a few
 * stands with the first of them: `stuck --by` is hist.by.
 */
struct options {
	enum command_id command;
	enum output_format format;
	enum attach attach;
	enum lives lives;

	struct conn_filter filter;
	uint32_t netns_gone; /* one of --netns that is not here (any more); 0: all are */
	/* What --netns calls by a name; a recording has names of its own. */
	struct filter_names netns_names;
	size_t netns_numbers; /* the first of filter.netns, which no name stands for */

	uint64_t duration_ns;	/* 0: until it is told to stop */
	uint32_t ring_bytes;	/* a power of two, at least a page */
	uint32_t rings;		/* that share it; 0: as many as are of use */
	uint32_t budget;	/* parts of a million of the machine; 0: whatever it costs */
	size_t max_connections; /* at least 1 */
	uint64_t max_records;	/* of recordings, in sum; 0: all */

	const char *fail_if; /* a condition that makes the exit status 3; NULL: none */

	const char *host_root; /* where the machine's files are; NULL: here */

	bool wall_time, timestamp, wide, verbose;

	struct spans_choice spans; /* which connections have some, where there are any */
	unsigned int redact;	   /* set of 1 << REDACT_...: what is not told */

	bool stack;	 /* which code opens connections is wanted */
	uint32_t stacks; /* different ones that are kept, at least 1 */

	/* recordings to read instead of tracing; REPLAY_STDIN for standard input */
	const char *inputs[OPTIONS_INPUTS];
	size_t input_count;

	struct {
		bool events, full, open, failed, mptcp, cmdline;
		uint64_t slow_ns, min_life_ns; /* only those that took so long; 0: all */
	} trace;
	struct {
		unsigned int by;      /* a set of 1 << GROUP_BY_...; 0: not grouped */
		size_t top;	      /* at most this many groups, at least 1 */
		uint32_t only;	      /* a set of 1 << HISTOGRAM_...; 0: all */
		uint64_t interval_ns; /* printed so often; 0: at the end */
	} hist;
	struct {
		struct choice choice;
		enum ladder_language language; /* or OPTIONS_LANGUAGE_OF_LOCALE */
		const char *code;	       /* NULL, or what is to be explained instead */
		bool demo, recorded, ask;
		enum textbook_story story; /* of the demo; TEXTBOOK_COUNT: their list */
		uint64_t pace_ns;	   /* of its steps; OPTIONS_PACE_SENSIBLE: by the output */
	} explain;
	struct {
		const char *output;    /* the file, "-" for standard output */
		uint64_t rotate_bytes; /* size of a part; 0: one part */
		uint32_t keep;	       /* this many parts at most; 0: all */
		size_t queue_bytes;    /* of records that wait to be written */
	} record;
	struct {
		const char *compare; /* a recording; NULL: nothing is compared */
	} report;
	struct {
		/* sets of 1 << enum tcp_state */
		uint32_t states;       /* asked for by name */
		uint32_t short_states; /* asked for as those that should be short */
		uint64_t min_age_ns;   /* OPTIONS_AGE_SENSIBLE: by the state */
		bool list, watch;
		bool ports;		/* instead: how full the ranges of ports are */
		bool moving;		/* those as well that are half closed and at work */
		bool has_at;		/* with recordings: not their end, but ... */
		uint64_t at_ns;		/* ... so long after their beginning */
		const char *exec;	/* NULL: nothing is run */
		const char *exec_user;	/* NULL: whoever runs this program */
		const char *exec_env;	/* names that are passed on; NULL: none */
		uint64_t exec_limit_ns; /* after which a command is ended */
	} stuck;
	struct {
		const char *listen;	  /* ADDR:PORT; NULL: nobody is answered */
		const char *web_config;	  /* NULL: neither TLS nor passwords */
		const char *textfile;	  /* NULL: none is written */
		const char *otlp;	  /* URL of a collector, or "env"; NULL: nothing is sent */
		const char *otlp_headers; /* a file; NULL: none */
		bool otlp_insecure;
		const char *user;  /* whose rights the processes have that answer and send */
		const char *spool; /* a folder in which rows wait; NULL: in memory */
		uint64_t spool_bytes;
		uint32_t flow_sample; /* one of so many flows has rows; 0, 1: all */
		size_t max_groups;    /* at least 1 */
		bool once;
	} export;
	struct {
		const char *urls[OPTIONS_STORES]; /* each a list, with commas between */
		size_t url_count;
		const char *database;
		const char *user, *password; /* a name, and the file of its secret; NULL: none */
		const char *certificates;    /* a file; NULL: those of the system */
		bool is_insecure;
	} store; /* ClickHouse */
	struct {
		enum fleet_query query;
		const char *hosts[OPTIONS_HOSTS]; /* of these alone; none: of all */
		size_t host_count;
		uint64_t since_ns;   /* before now; 0: ever */
		const char *cluster; /* the name of the shards; NULL: there is one server */
		const char *writer;  /* who may insert; NULL: nobody is said to */
		bool is_replicated, is_modern, by_host;
	} fleet;
	struct {
		uint64_t against_ns; /* compare with the kernel's counters so long; 0: not */
	} check;
	struct {
		enum view_screen screen;
	} top;
};

#endif
