// SPDX-License-Identifier: GPL-2.0-only
/* The manual pages, derived from the tables of commands, options, columns and ends. */
#include "user/docs/manual.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "user/base/buffer.h"
#include "user/docs/alerts.h"
#include "user/docs/captures.h"
#include "user/docs/conditions.h"
#include "user/docs/fleet.h"
#include "user/docs/output.h"
#include "user/docs/overhead.h"
#include "user/docs/roff.h"
#include "user/docs/security.h"
#include "user/docs/spans.h"
#include "user/docs/stories.h"
#include "user/option/table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char description[] =
	".SH DESCRIPTION\n"
	".B tcpspan\n"
	"watches the kernel and follows every TCP connection of the machine, in every\n"
	"network namespace, IPv4 and IPv6, client and server, from the first SYN to\n"
	"the last state. It measures each number on the whole life of a connection,\n"
	"or says that it is unknown: a server's handshake is the time from its first\n"
	"SYN\\-ACK to the ACK that completes it, the owner is the process that called\n"
	".BR connect (2)\n"
	"or\n"
	".BR accept (2),\n"
	"and a state that began before the tracer has no duration.\n"
	".PP\n"
	"Diagnostics go to standard error, standard output has nothing but lines of\n"
	"the chosen format. Ctrl\\-C ends a run with a summary, a second one at once.\n";

static const char filters[] =
	".SH FILTERS\n"
	"Filters of different kinds must all match; of a list, one value must. What a\n"
	"filter asks for is judged as soon as it is known, in the kernel where it is\n"
	"known there: a client has no local port before it has chosen one, and a\n"
	"server's connection no owner before it is accepted; where that cannot be seen\n"
	"it is judged by the owner of its listener. Until then the connection is\n"
	"remembered and nothing of it is\n"
	"printed, so that no connection loses its first event to a filter. What never\n"
	"becomes known does not match.\n"
	".PP\n"
	"With\n"
	".B \\-\\-follow\n"
	"a process is asked for with its children, and theirs: those that /proc shows when\n"
	"the run begins, and each that is forked from then on, as a tracepoint tells, until\n"
	"it ends. One that has lost its parent before the run is nobody's. At most 65536\n"
	"are followed at a time; kin_full of events counts those that found no room.\n";

static const char recordings[] =
	".SH RECORDINGS\n"
	"A recording is read with\n"
	".B \\-\\-input\n"
	"on any machine of the same byte order, without rights. It holds the clock, the\n"
	"hooks, the filters and the names of cgroups, containers and pods of the machine\n"
	"that recorded, and begins with the sockets that were there, except with\n"
	".BR \\-\\-sample .\n"
	"The same file gives the same output. Several are merged by the time of day; parts\n"
	"of one are put in order. What two recordings tell of one connection is told\n"
	"twice: each has its own filter, and may lack what the other has.\n"
	".PP\n"
	"What is recorded goes to a new file, for its owner alone (mode 0600), which takes\n"
	"the place of an older one when recording begins. A symbolic link, a file of\n"
	"somebody else, one with several names and one that others may write to are\n"
	"refused, and so is a part that is there already; a pipe or a device must be one's\n"
	"own or root's. Addresses of the kernel's memory are not kept: sockets are named by\n"
	"hashes under a key that each run draws anew and forgets.\n"
	".PP\n"
	"Whatever is no regular file, such as a pipe of a shell, is read once as it comes.\n"
	"A file that was cut short or damaged is read as far as it is whole, before and\n"
	"behind the damage; what contradicts itself is left out as well. One sentence\n"
	"says at which byte it begins, how many records were read and how many are known\n"
	"to be lost; the exit status is 2. In the summary,\n"
	".I dropped\n"
	"are records that could not be written in time and\n"
	".I unread\n"
	"those that a damaged file has lost.\n";

static const char surroundings[] =
	".SH EXIT STATUS\n"
	".TP\n"
	".B 0\n"
	"It ran, and ended after its duration or because it was told to; for\n"
	".BR check :\n"
	"tracing works here, or all of a recording is there and can be read, and it was\n"
	"recorded without losses; for\n"
	".BR stuck :\n"
	"nothing is stuck.\n"
	".TP\n"
	".B 1\n"
	".BR stuck :\n"
	"something is;\n"
	".BR check :\n"
	"what was counted and the kernel's counters differ by more than what was lost;\n"
	".BR explain :\n"
	"no connection was there to explain, and it ended by itself.\n"
	".TP\n"
	".B 2\n"
	"The command line is wrong, tracing is not possible, or a recording cannot be\n"
	"written or read to its end: one sentence on standard error gives the reason; for\n"
	".BR stuck :\n"
	"nothing was found, and not everywhere could be looked, for lack of a right;\n"
	".BR export :\n"
	"of a recording not all was delivered, or of a run whose time was over nothing; with\n"
	".BR \\-\\-fail\\-if :\n"
	"what was not measured leaves the condition undecided.\n"
	".TP\n"
	".B 3\n"
	"The condition of\n"
	".B \\-\\-fail\\-if\n"
	"holds, whatever else came up.\n"
	".SH ENVIRONMENT\n"
	".TP\n"
	".B NO_COLOR\n"
	"No colour, even on a terminal, when it is set and not empty.\n"
	".TP\n"
	".B COLUMNS\n"
	"The width of histograms, instead of the terminal's.\n"
	".TP\n"
	".B LC_ALL, LC_MESSAGES, LANG\n"
	"The first that is set tells the language, where\n"
	".B \\-\\-lang\n"
	"does not.\n"
	".TP\n"
	".B OTEL_EXPORTER_OTLP_ENDPOINT\n"
	"The URL that\n"
	".B \\-\\-otlp env\n"
	"means. With _TRACES_ENDPOINT and _METRICS_ENDPOINT instead of _ENDPOINT whole URLs\n"
	"(without _ENDPOINT nothing else is sent),\n"
	"with _HEADERS a list of name=value, with _TIMEOUT milliseconds (10000), with\n"
	"_COMPRESSION gzip or none, with _PROTOCOL http/protobuf, which is what is sent,\n"
	"with _CERTIFICATE a file of whom to trust, which the user\n"
	"of\n"
	".B \\-\\-user\n"
	"can read, with _INSECURE true as\n"
	".BR \\-\\-otlp\\-insecure .\n"
	"_TRACES_HEADERS, _METRICS_TIMEOUT and the like come before those of both.\n"
	".TP\n"
	".B OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES\n"
	"What spans and figures are of, instead of the owner's name, and beside what is known.\n"
	".TP\n"
	".B OTEL_METRIC_EXPORT_INTERVAL, OTEL_BSP_SCHEDULE_DELAY\n"
	"Milliseconds from figures to figures (60000), and that spans wait at most (5000);\n"
	"OTEL_BSP_MAX_EXPORT_BATCH_SIZE is how many go together (512), and\n"
	"OTEL_TRACES_EXPORTER and OTEL_METRICS_EXPORTER may be none.\n"
	".TP\n"
	".B NOTIFY_SOCKET, WATCHDOG_USEC\n"
	"Where a service manager hears from\n"
	".B export\n"
	"as of sd_notify(3): READY=1 when all is attached and what was there before is\n"
	"known, which is when /\\-/ready says so, WATCHDOG=1 twice in that time, and\n"
	"STOPPING=1.\n"
	".SH MEMORY\n"
	".B check\n"
	"says what memory a run would take with the options that are given beside it: of the\n"
	"kernel's the ring buffer, or all of them together\n"
	".RB ( \\-\\-ring ,\n"
	".BR \\-\\-rings ),\n"
	"slots, in which steps of connections are collected where they are not told of one by\n"
	"one\n"
	"(as many as\n"
	".BR \\-\\-max\\-connections ,\n"
	"within bounds), and other maps at most; of this program the table of connections,\n"
	"which grows as they come. In JSON that is memory: ring_bytes, rings (how many\n"
	"have these bytes), slot_bytes, map_bytes, table_bytes_most.\n"
	".SH BUDGET\n"
	"With\n"
	".BI \\-\\-budget\\~ PERCENT\n"
	"four times a second the processor time of this program and of its hooks is\n"
	"compared with that percentage of the time of all processors. Beyond it, one of N\n"
	"connections that begin is followed, chosen by chance, from its first event to its\n"
	"last; N is a power of two, doubles or more at once, and is halved when for a second\n"
	"twice the cost would have been less than three quarters of the budget. Connections\n"
	"that are followed when N grows are followed on; those older than the run are all\n"
	"followed. Where leaving out is of no use, for the cost is not theirs, N grows no\n"
	"more, but for a trial now and then.\n"
	".PP\n"
	"The time of the hooks is that which the kernel measures of the first 2000 events,\n"
	"for that statistic costs something itself; from then on it is reckoned by the number\n"
	"of events. One that is not followed costs as much there (it is seen, looked up and\n"
	"counted), but no record and no time of this program. Where it may not be measured,\n"
	"an event counts as 500 ns. What the kernel takes to call a hook is not in it.\n"
	".PP\n"
	"Whatever is printed is then of the connections that were followed: counts of\n"
	"connections, states and failures are to be divided by\n"
	".B sampling_ratio\n"
	"of the summary (the gauge\n"
	".B tracer_sampling_ratio\n"
	"has that of the moment), percentiles and shares need not be. In the counts of\n"
	"events, births and ends are all connections that began and ended, exactly, whether\n"
	"they were followed or not, and unsampled how many were not: sampling_ratio is 1 less\n"
	"unsampled for each birth. The same holds for\n"
	".BR \\-\\-sample .\n"
	"Recordings of older versions do not tell: there these are null.\n"
	"A birth is a SYN that leaves, or a server's child; ends include those of connections\n"
	"older than the run. Nothing is compared with the kernel's counters then.\n"
	".SH OVERHEAD\n"
	"A connection costs one record in a ring buffer, when it ends; or one of 48 to 136\n"
	"bytes for each state transition, where more is asked for than what became of it:\n"
	"each step as it happens, its segments, or a recording. In\n"
	".B hist\n"
	"a transition is meant to take no more than 0.16 us in the kernel, and 0.1 us in this\n"
	"program. The reader is woken by the amount of records, or by time, never by a\n"
	"single one. Filters that the kernel can judge save the record. The program needs\n"
	"the ring buffer and at most 272 bytes for each live connection, up to\n"
	".BR \\-\\-max\\-connections .\n"
	"When the ring is full, records are lost and counted, and traffic is not\n"
	"slowed down. On more than 16 processors there are several rings, each of a group\n"
	"of them, so that they do not wait for each other; they are read as one, in the\n"
	"order of time, at the cost of eight bytes and a look at the clock for each record\n"
	".RB ( \\-\\-rings ).\n"
	".PP\n" OVERHEAD_ABOUT ".PP\n"
	".nf\n" OVERHEAD_TABLE ".fi\n"
	".PP\n"
	"CPU and MiB are those of the tracer's own process, and what it has lost is what\n"
	"it said, or what its output lacks. In the source tree,\n"
	".B make bench\\-deps bench\n"
	"measures all this on the machine at hand.\n"
	".SH KERNELS\n"
	"Linux 5.10 or later with types (\\c\n"
	".IR /sys/kernel/btf/vmlinux ),\n"
	"and root or the capabilities CAP_BPF and CAP_PERFMON. Each hook is attached\n"
	"in the best way that works, found by trying: tracepoints with types,\n"
	"tracepoints through perf, fentry, kprobes. Lockdown in confidentiality mode\n"
	"leaves the first.\n"
	".PP\n"
	"Where none of these tells of timewait sockets, those that connections have\n"
	"left are looked at each second, and less often if that would take more than a\n"
	"fiftieth of a processor, but only for\n"
	".BR hist ,\n"
	".BR \\-\\-events ,\n"
	".B \\-\\-full\n"
	"and\n"
	".BR \\-\\-open .\n"
	"Then the quality of a TIME_WAIT is estimated: its end lies between two looks,\n"
	"a FIN that came late is put where the kernel's timer says it did, the ends\n"
	"expired, reused and purged are told, and any other is null. One that no look\n"
	"has found is unknown. TIME_WAITs that are older than the run are left alone,\n"
	"and recordings hold no samples.\n"
	".B tcpspan check\n"
	"prints what works, and why the rest does not.\n";

static const struct {
	const char *command, *effect;
} examples[] = {
	{ "tcpspan", "Every connection that ends, until Ctrl-C." },
	{ "tcpspan --events -N self", "Every transition in this network namespace." },
	{ "tcpspan -L 80,443 -T -d 60", "A minute of a web server, with the time of day." },
	{ "tcpspan -c curl --full", "What curl connects to, TIME_WAIT included." },
	{ "tcpspan --json -a 192.0.2.0/24 > connections.json", "For other programs." },
	{ "tcpspan --failed -D 5432", "What fails between here and a database, and why." },
	{ "tcpspan hist -d 30 --by raddr", "Handshake latencies for each peer." },
	{ "tcpspan hist --only handshake_server --interval 10", "One of them, every ten seconds." },
	{ "tcpspan hist -d 60 --fail-if 'handshake_server.p99 > 50ms or lost > 0'",
	  "A minute of measuring, as a gate: status 3 if it was slow." },
	{ "tcpspan diff before.tsp after.tsp", "What a new release has changed." },
	{ "tcpspan diff before.tsp -d 60 --fail-if 'changes > 0'",
	  "Whether anything is otherwise now than it was, as a gate." },
	{ "tcpspan --slow 200ms -D 443", "What is slow to open." },
	{ "tcpspan explain --demo open-close",
	  "Three segments to open, four to close: watch them." },
	{ "tcpspan explain -i night.tsp --failed", "How the first failure of the night came." },
	{ "tcpspan stuck", "What is in CLOSE_WAIT, since when, and who forgot to close it." },
	{ "tcpspan stuck --state all-stuck --by comm", "Everything that hangs, by program." },
	{ "tcpspan stuck --watch --min-age 60 --exec 'logger -t stuck'",
	  "Tell somebody of each socket that has not been closed for a minute." },
	{ "tcpspan stuck --ports", "Why connect says EADDRNOTAVAIL, and until when." },
	{ "tcpspan listeners", "Who listens, and whose queue is full." },
	{ "tcpspan listeners -d 30 -L 443", "How long a web server's clients wait for accept." },
	{ "tcpspan record -o night.tsp --rotate 100M --keep 20",
	  "What happens, kept in the last 20 parts of 100 MiB." },
	{ "tcpspan -T -i night.tsp.*", "The same, looked at by day, by anybody." },
	{ "tcpspan explain 192.0.2.1:443", "The next connection with it, segment by segment." },
	{ "tcpspan explain -i here.tsp -i there.tsp --flow 5f3a09c1d2e4b678",
	  "One connection as both machines saw it." },
	{ "tcpspan stuck -i night.tsp --at 3h", "What was in CLOSE_WAIT three hours later." },
	{ "tcpspan explain -i night.tsp --longest CLOSE_WAIT", "Who forgot to close, and when." },
	{ "tcpspan trace -i night.tsp --format perfetto > night.json", "For a trace viewer." },
	{ "tcpspan trace -i night.tsp --format otlp > night.jsonl", "As spans, for a collector." },
	{ "tcpspan report -i night.tsp -o night.html", "A page of it, with a verdict." },
	{ "tcpspan export --otlp https://collector:4318", "Spans of what fails, and all figures." },
	{ "tcpspan export --clickhouse https://clickhouse:8443 --spool /srv/rows",
	  "A row for each connection, kept with those of other machines." },
	{ "tcpspan fleet pairs --since 1h --clickhouse https://clickhouse:8443",
	  "Both ends of the slowest connections of the last hour." },
	{ "tcpspan top", "All of it on one screen, live; ? tells the keys." },
	{ "tcpspan top -i night.tsp", "The night again, at any speed." },
	{ "tcpspan explain -i router.pcapng --failed", "How the first failure in a capture came." },
	{ "tcpspan top --once -d 10", "One screen of the last ten seconds." },
	{ "tcpspan check", "Whether it works here, and how." },
	{ "tcpspan check --against 60s", "Whether it misses anything that the kernel counts." },
};

/* What a command takes behind its options. */
static void man_operands(const struct command_spec *command)
{
	fputs(".RI [ option ...]\\&\n", stdout);
	if (command_operands(command))
		roff_request(".I", command_operands(command));
}

static void man_synopsis(void)
{
	fputs(".SH NAME\ntcpspan \\- follow TCP connections from birth to death\n.SH SYNOPSIS\n",
	      stdout);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (i)
			fputs(".br\n", stdout);
		printf(i ? ".B tcpspan %s\n" : ".B tcpspan\n.RB [ %s ]\n", command_specs[i].name);
		man_operands(&command_specs[i]);
	}
}

static void man_commands(void)
{
	fputs(".SH COMMANDS\nWithout one of these it is\n", stdout);
	printf(".BR %s .\n", command_specs[0].name);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		roff_entry(command_specs[i].name, command_specs[i].question);
		fputs(".sp\n", stdout);
		roff_text(command_specs[i].about);
	}
}

/* "trace, hist" */
static void add_commands(struct buffer *out, unsigned int commands)
{
	const char *before = "";

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (!(commands >> i & 1))
			continue;
		buffer_addf(out, "%s%s", before, command_specs[i].name);
		before = ", ";
	}
}

static bool is_same_word(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Whether it is about the option, whatever its value and what else is said. */
static bool is_rule_of(const struct option_rule *rule, const struct option_spec *s)
{
	return s->name && rule->said.name && !strcmp(rule->said.name, s->name) &&
	       !rule->said.value && !rule->where.name;
}

static bool has_same_others(const struct option_rule *a, const struct option_rule *b)
{
	for (size_t i = 0; i < OPTION_RULE_ALSO; i++)
		if (!is_same_word(a->also[i].name, b->also[i].name))
			return false;
	return true;
}

/*
 * The commands of which it says the same, by several rules perhaps: a set, which is empty but for
 * the first one of these.
 */
static unsigned int rule_holds_of(const struct option_rule *rule)
{
	unsigned int set = 0;

	for (const struct option_rule *r = option_rules; r < option_rules + option_rule_count;
	     r++) {
		if (!is_same_word(r->said.name, rule->said.name) || r->said.value ||
		    r->relation != rule->relation || r->is_idle != rule->is_idle ||
		    !is_same_word(r->other.name, rule->other.name) || !has_same_others(r, rule) ||
		    !is_same_word(r->other.value, rule->other.value))
			continue;
		if (r < rule)
			return 0;
		set |= r->commands;
	}
	return set;
}

/* What rules say, at the beginning of a sentence and within it. */
static const struct rule_words {
	enum option_relation relation;
	bool is_idle;
	const char *first, *within;
} rule_words[] = {
	{ OPTION_NEEDS, false, " Needs", ": needs" },
	{ OPTION_EXCLUDES, false, " Not with", ": not with" },
	{ OPTION_NEEDS, true, " Does nothing without", ": does nothing without" },
	{ OPTION_EXCLUDES, true, " Does nothing with", ": does nothing with" },
};

static bool is_said_by(const struct option_rule *rule, const struct rule_words *words)
{
	return rule->relation == words->relation && rule->is_idle == words->is_idle;
}

/* As it is typed: one that has no name but its letter is called by that. */
static void add_option(struct buffer *out, const char *name)
{
	buffer_addf(out, "%s%s", name[1] ? "--" : "-", name);
}

/* "Of trace: not with --input, --format otlp.": all that holds of the same commands. */
static void add_rules(struct buffer *out, const struct option_spec *s,
		      const struct rule_words *words, unsigned int scope, unsigned int set)
{
	bool is_begun = false;

	for (const struct option_rule *r = option_rules; r < option_rules + option_rule_count;
	     r++) {
		if (!is_rule_of(r, s) || !is_said_by(r, words) || (rule_holds_of(r) & scope) != set)
			continue;
		if (!r->other.name) {
			buffer_addf(out, "%s ", words->first);
			add_commands(out, set);
			buffer_add_char(out, '.');
			continue;
		}
		if (!is_begun && set != scope) {
			buffer_add_text(out, " Of ");
			add_commands(out, set);
			buffer_add_text(out, words->within);
		} else if (!is_begun) {
			buffer_add_text(out, words->first);
		}
		buffer_add_text(out, is_begun ? ", " : " ");
		add_option(out, r->other.name);
		if (r->other.value)
			buffer_addf(out, " %s", r->other.value);
		for (size_t i = 0; i < OPTION_RULE_ALSO && r->also[i].name; i++) {
			buffer_add_text(out, " or ");
			add_option(out, r->also[i].name);
		}
		is_begun = true;
	}
	if (is_begun)
		buffer_add_char(out, '.');
}

/* " Of fleet: hist, top.", where not all of its questions have it. */
static void add_queries(struct buffer *out, const struct option_spec *s, unsigned int scope)
{
	static const char *const names[] = {
#define X(NAME, name) [FLEET_##NAME] = (name),
		FLEET_QUERIES(X)
#undef X
	};
	const struct option_of_query *o = option_of_queries, *end = o + option_of_query_count;
	const char *before = scope == 1u << COMMAND_FLEET ? " Of " : " Of fleet: ";

	while (o < end && (!s->name || strcmp(o->name, s->name)))
		o++;
	if (o == end || !(scope >> COMMAND_FLEET & 1))
		return;
	for (size_t i = 1; i < COUNT(names); i++) {
		if (!(o->queries >> i & 1))
			continue;
		buffer_addf(out, "%s%s", before, names[i]);
		before = ", ";
	}
	buffer_add_char(out, '.');
}

/* What it does not go with, whatever its value, or cannot do without. */
static void man_rules(const struct option_spec *s, unsigned int commands)
{
	unsigned int scope = s->commands & commands;
	struct buffer out;

	buffer_init(&out);
	for (size_t i = 0; i < COUNT(rule_words); i++) {
		unsigned int told[COMMAND_COUNT + 1];
		size_t count = 0;

		for (const struct option_rule *r = option_rules;
		     r < option_rules + option_rule_count; r++) {
			unsigned int set = rule_holds_of(r) & scope;
			size_t n = 0;

			if (!is_rule_of(r, s) || !is_said_by(r, &rule_words[i]) || !set)
				continue;
			while (n < count && told[n] != set)
				n++;
			if (n < count || count == COUNT(told))
				continue;
			told[count++] = set;
			add_rules(&out, s, &rule_words[i], scope, set);
		}
	}
	add_queries(&out, s, scope);
	buffer_add_char(&out, '\0');
	if (out.size > 1 && !out.failed)
		roff_text(out.bytes + 1);
	buffer_done(&out);
}

static void man_option(const struct option_spec *s, unsigned int commands)
{
	struct buffer only;

	roff_option(s->letter, s->name, s->argument);
	roff_text(s->help);
	if (s->detail)
		roff_text(s->detail);
	man_rules(s, commands);
	/* Of a page for one it need not be said. */
	if (!(commands & ~s->commands))
		return;
	buffer_init(&only);
	buffer_add_text(&only, "(Only ");
	add_commands(&only, s->commands);
	buffer_add_text(&only, ".)");
	buffer_add_char(&only, '\0');
	roff_text(only.bytes);
	buffer_done(&only);
}

static bool is_shown_for_any(const struct option_spec *s, unsigned int commands)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (commands >> i & 1 && option_is_shown_for(s, &command_specs[i]))
			return true;
	return false;
}

/* Those that go with one of the commands; a set of 1 << COMMAND_... */
static void man_options(unsigned int commands)
{
	fputs(".SH OPTIONS\nLong options may be shortened as long as they stay unique.\n", stdout);
	for (unsigned int group = 0; group < OPTION_GROUP_COUNT; group++) {
		bool is_begun = false;

		for (EACH_OPTION(s)) {
			if (s->group != group || !is_shown_for_any(s, commands))
				continue;
			if (!is_begun)
				roff_request(".SS", option_group_heading(group));
			is_begun = true;
			man_option(s, commands);
		}
	}
}

/* "tcpspan hist -d 30" is of hist; without the name of one it is the first. */
static enum command_id command_of(const char *example)
{
	const char *word = example + strcspn(example, " ");

	word += strspn(word, " ");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strlen(command_specs[i].name) == strcspn(word, " ") &&
		    !strncmp(word, command_specs[i].name, strcspn(word, " ")))
			return i;
	return 0;
}

static void man_examples(unsigned int commands)
{
	fputs(".SH EXAMPLES\n", stdout);
	for (size_t i = 0; i < COUNT(examples); i++)
		if (commands >> command_of(examples[i].command) & 1)
			roff_entry(examples[i].command, examples[i].effect);
}

static void man_head(const char *title)
{
	printf(".TH %s 8 \"\" \"tcpspan %s\" \"System Administration\"\n.nh\n.ad l\n", title,
	       TCPSPAN_VERSION);
}

void manual_print(void)
{
	man_head("TCPSPAN");
	man_synopsis();
	fputs(description, stdout);
	man_commands();
	man_options(OPTION_OF_EVERY);
	output_print();
	fputs(filters, stdout);
	conditions_print();
	fputs(recordings, stdout);
	captures_print();
	stories_print();
	spans_print();
	fleet_print();
	fputs(surroundings, stdout);
	alerts_print();
	security_print();
	man_examples(OPTION_OF_EVERY);
	fputs(".SH SEE ALSO\n", stdout);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf(".BR tcpspan\\-%s (8),\n", command_specs[i].name);
	fputs(".BR ss (8),\n.BR tcpdump (8),\n.BR bpftool (8),\n.BR ip\\-netns (8),\n"
	      ".BR tcp (7),\n.BR cgroups (7),\n.BR capabilities (7)\n.PP\n"
	      "RFC 9293, Transmission Control Protocol.\n",
	      stdout);
}

void manual_print_command(const struct command_spec *command)
{
	unsigned int self = 1u << (command - command_specs);
	char title[ROFF_COLUMNS] = "TCPSPAN\\-";
	size_t size = strlen(title);

	for (const char *c = command->name; *c && size + 1 < sizeof(title); c++)
		title[size++] = (char)toupper((unsigned char)*c);
	title[size] = '\0';
	man_head(title);
	printf(".SH NAME\ntcpspan\\-%s \\- ", command->name);
	roff_text(command->question);
	printf(".SH SYNOPSIS\n.B tcpspan %s\n", command->name);
	man_operands(command);
	fputs(".SH DESCRIPTION\n", stdout);
	roff_text(command->about);
	fputs(".PP\nWhat it prints, and what is the same for all commands, is in\n"
	      ".BR tcpspan (8):\nOUTPUT, FILTERS, RECORDINGS, EXIT STATUS, SECURITY.\n",
	      stdout);
	man_options(self);
	man_examples(self);
	if (command == &command_specs[COMMAND_EXPLAIN])
		stories_print();
	fputs(".SH SEE ALSO\n.BR tcpspan (8)\n", stdout);
}
