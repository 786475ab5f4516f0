// SPDX-License-Identifier: GPL-2.0-only
/* The tables of commands and options, with the reader of each option's argument. */
#include "user/option/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/aggregate/histogram_set.h"
#include "user/aggregate/stuck.h"
#include "user/base/text.h"
#include "user/names/cgroup.h"
#include "user/names/netns.h"
#include "user/sink/text/phrase.h"

#define RING_MIN 4096u
#define RING_MAX_GIB 2
#define PID_MAX INT32_MAX
#define CONNECTIONS_MAX 1000000000
#define TOP_MAX 1000000
#define KEEP_MAX 1000000
#define ROTATE_MIN_KIB 64
#define QUEUE_MIN_KIB 512
#define QUEUE_MAX_GIB 64
#define DURATION_MAX (UINT64_C(1) << 62)

/* Calls `add` for each of the values between commas; none of them is empty. */
static int parse_list(struct options *o, const char *list,
		      int (*add)(struct options *o, const char *value))
{
	char *copy = strdup(list), *rest = copy, *value;
	int error = copy ? 0 : -ENOMEM;

	while (!error && (value = strsep(&rest, ",")))
		error = *value ? add(o, value) : -EINVAL;
	free(copy);
	return error;
}

static int parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret_number)
{
	uint64_t number;
	int error = text_parse_u64(text, &number);

	if (error)
		return error;
	if (number < min || number > max)
		return -ERANGE;
	*ret_number = number;
	return 0;
}

static int add_ports(uint64_t ports[FILTER_PORT_WORDS], const char *range)
{
	char first_text[sizeof("65535")];
	const char *dash = strchr(range, '-');
	uint64_t first, last;

	if (dash) {
		if (dash - range >= (ptrdiff_t)sizeof(first_text))
			return -EINVAL;
		snprintf(first_text, sizeof(first_text), "%.*s", (int)(dash - range), range);
	}
	if (parse_number(dash ? first_text : range, 1, UINT16_MAX, &first) ||
	    parse_number(dash ? dash + 1 : range, first, UINT16_MAX, &last))
		return -EINVAL;
	for (uint64_t port = first; port <= last; port++)
		conn_filter_add_port(ports, port);
	return 0;
}

static int add_lports(struct options *o, const char *range)
{
	o->filter.has_lports = true;
	return add_ports(o->filter.lports, range);
}

static int parse_lports(struct options *o, const char *list)
{
	return parse_list(o, list, add_lports);
}

static int add_rports(struct options *o, const char *range)
{
	o->filter.has_rports = true;
	return add_ports(o->filter.rports, range);
}

static int parse_rports(struct options *o, const char *list)
{
	return parse_list(o, list, add_rports);
}

static int add_pid(struct options *o, const char *text)
{
	struct conn_filter *f = &o->filter;
	uint64_t pid;
	int error = parse_number(text, 1, PID_MAX, &pid);

	if (error)
		return error;
	if (f->pid_count == FILTER_PIDS)
		return -E2BIG;
	f->pids[f->pid_count++] = pid;
	return 0;
}

static int parse_pids(struct options *o, const char *list)
{
	return parse_list(o, list, add_pid);
}

/* The kernel cuts a longer name as well. */
static int add_comm(struct options *o, const char *comm)
{
	struct conn_filter *f = &o->filter;
	char *own;

	if (f->comm_count == FILTER_COMMS)
		return -E2BIG;
	own = f->comms[f->comm_count++];
	memset(own, 0, EVENT_COMM_SIZE);
	memcpy(own, comm, strnlen(comm, EVENT_COMM_SIZE - 1));
	return 0;
}

/* A process may have a comma in its name: what looks like a list may be one name. */
static int parse_comms(struct options *o, const char *list)
{
	int error = parse_list(o, list, add_comm);

	if (!error && strchr(list, ',') && o->filter.comm_count < FILTER_COMMS)
		error = add_comm(o, list);
	return error;
}

static int add_prefix(struct options *o, const char *text)
{
	struct conn_filter *f = &o->filter;
	struct prefix prefix;
	int error = prefix_parse(text, &prefix);

	if (error)
		return error;
	if (f->prefix_count == FILTER_PREFIXES)
		return -E2BIG;
	f->prefixes[f->prefix_count++] = prefix;
	return 0;
}

static int parse_prefixes(struct options *o, const char *list)
{
	return parse_list(o, list, add_prefix);
}

static int set_family(struct options *o, uint8_t family)
{
	if (o->filter.family && o->filter.family != family)
		return -EINVAL;
	o->filter.family = family;
	return 0;
}

static int parse_ipv4(struct options *o, const char *unused)
{
	(void)unused;
	return set_family(o, 4);
}

static int parse_ipv6(struct options *o, const char *unused)
{
	(void)unused;
	return set_family(o, 6);
}

static int parse_netns(struct options *o, const char *text)
{
	int error = netns_resolve(text, &o->filter.netns);

	if (error != -ENOENT || netns_parse_inode(text, &o->filter.netns))
		return error;
	/* It may be in a recording. */
	o->netns_gone = text;
	return 0;
}

static int parse_cgroup(struct options *o, const char *path)
{
	return cgroup_resolve(path, &o->filter.cgroup);
}

static int parse_sample(struct options *o, const char *text)
{
	uint64_t n;
	int error = parse_number(strncmp(text, "1/", 2) ? text : text + 2, 1, UINT32_MAX, &n);

	if (error)
		return error;
	o->filter.sample = n;
	return 0;
}

static int set_format(struct options *o, enum output_format format)
{
	if (o->format != FORMAT_TEXT && o->format != format)
		return -EINVAL;
	o->format = format;
	return 0;
}

static int parse_json(struct options *o, const char *unused)
{
	(void)unused;
	return set_format(o, FORMAT_JSON);
}

static int parse_csv(struct options *o, const char *unused)
{
	(void)unused;
	return set_format(o, FORMAT_CSV);
}

static int parse_format(struct options *o, const char *name)
{
	for (unsigned int f = 0; f < FORMAT_COUNT; f++)
		if (!strcmp(name, output_format_name(f)))
			return set_format(o, f);
	return -EINVAL;
}

static int parse_language(struct options *o, const char *name)
{
	for (unsigned int l = 0; l < LADDER_LANGUAGE_COUNT; l++) {
		if (strcmp(name, phrase_language_name(l)))
			continue;
		o->explain.language = l;
		return 0;
	}
	return -EINVAL;
}

/* There is one connection to explain, so it is chosen once. */
static int set_choice(struct options *o, const struct choice *choice)
{
	if (o->explain.choice.kind != CHOICE_FIRST)
		return -EINVAL;
	o->explain.choice = *choice;
	return 0;
}

static int parse_id(struct options *o, const char *text)
{
	struct choice choice = { .kind = CHOICE_ID };
	int error = parse_number(text, 1, UINT64_MAX, &choice.id);

	return error ? error : set_choice(o, &choice);
}

static int parse_slowest(struct options *o, const char *what)
{
	static const struct choice choice = { .kind = CHOICE_SLOWEST_HANDSHAKE };

	return strcmp(what, "handshake") ? -EINVAL : set_choice(o, &choice);
}

static int parse_longest(struct options *o, const char *text)
{
	struct choice choice = { .kind = CHOICE_LONGEST };
	int error = state_parse(text, &choice.state);

	return error ? error : set_choice(o, &choice);
}

int option_parse_endpoints(struct options *o, const char *text)
{
	struct choice choice;
	int error = choice_parse_endpoints(text, &choice);

	return error ? error : set_choice(o, &choice);
}

static int parse_by(struct options *o, const char *list)
{
	unsigned int keys;
	int error = group_keys_parse(list, &keys);

	if (error)
		return error;
	o->hist.by |= keys;
	return 0;
}

static int parse_top(struct options *o, const char *text)
{
	uint64_t n;
	int error = parse_number(text, 1, TOP_MAX, &n);

	if (error)
		return error;
	o->hist.top = n;
	return 0;
}

static int add_state(struct options *o, const char *name)
{
	enum tcp_state state;
	int error;

	if (!strcasecmp(name, OPTION_STATES_SHORT) || !strcasecmp(name, "all_stuck")) {
		for (unsigned int s = 1; s < STATE_COUNT; s++)
			o->stuck.short_states |= stuck_is_short(s) ? 1u << s : 0;
		return 0;
	}
	if (!strcasecmp(name, OPTION_STATES_ALL)) {
		for (unsigned int s = 1; s < STATE_COUNT; s++)
			o->stuck.states |= 1u << s;
		return 0;
	}
	error = state_parse(name, &state);
	if (!error)
		o->stuck.states |= 1u << state;
	return error;
}

static int parse_states(struct options *o, const char *list)
{
	return parse_list(o, list, add_state);
}

static int parse_time(const char *text, uint64_t *ret_ns)
{
	uint64_t ns;
	int error = text_parse_duration(text, &ns);

	if (error)
		return error;
	if (ns > DURATION_MAX)
		return -ERANGE;
	*ret_ns = ns;
	return 0;
}

static int parse_min_age(struct options *o, const char *text)
{
	return parse_time(text, &o->stuck.min_age_ns);
}

static int parse_at(struct options *o, const char *text)
{
	int error = parse_time(text, &o->stuck.at_ns);

	o->stuck.has_at |= !error;
	return error;
}

static int parse_exec(struct options *o, const char *command)
{
	if (!*command)
		return -EINVAL;
	o->stuck.exec = command;
	return 0;
}

static int parse_duration(struct options *o, const char *text)
{
	uint64_t ns;
	int error = parse_time(text, &ns);

	if (error)
		return error;
	if (!ns)
		return -ERANGE;
	o->duration_ns = ns;
	return 0;
}

static int parse_input(struct options *o, const char *path)
{
	if (!*path)
		return -EINVAL;
	if (o->input_count == OPTIONS_INPUTS)
		return -E2BIG;
	o->inputs[o->input_count++] = path;
	return 0;
}

static int parse_output(struct options *o, const char *path)
{
	if (!*path || o->record.output)
		return -EINVAL;
	o->record.output = path;
	return 0;
}

static int parse_rotate(struct options *o, const char *text)
{
	uint64_t bytes;
	int error = text_parse_size(text, &bytes);

	if (error)
		return error;
	if (bytes < ROTATE_MIN_KIB << 10)
		return -ERANGE;
	o->record.rotate_bytes = bytes;
	return 0;
}

static int parse_keep(struct options *o, const char *text)
{
	uint64_t n;
	int error = parse_number(text, 1, KEEP_MAX, &n);

	if (error)
		return error;
	o->record.keep = n;
	return 0;
}

static int parse_queue(struct options *o, const char *text)
{
	uint64_t bytes;
	int error = text_parse_size(text, &bytes);

	if (error)
		return error;
	if (bytes < QUEUE_MIN_KIB << 10 || bytes > (uint64_t)QUEUE_MAX_GIB << 30)
		return -ERANGE;
	o->record.queue_bytes = bytes;
	return 0;
}

static int parse_attach(struct options *o, const char *text)
{
	for (unsigned int a = 0; a < ATTACH_COUNT; a++) {
		if (strcmp(text, attach_name(a)))
			continue;
		o->attach = a;
		return 0;
	}
	return -EINVAL;
}

static int parse_ring(struct options *o, const char *text)
{
	uint64_t bytes, ring = sysconf(_SC_PAGESIZE);
	int error = text_parse_size(text, &bytes);

	if (error)
		return error;
	if (!bytes || bytes > (uint64_t)RING_MAX_GIB << 30)
		return -ERANGE;
	if (ring < RING_MIN)
		ring = RING_MIN;
	while (ring < bytes)
		ring *= 2;
	o->ring_bytes = ring;
	return 0;
}

static int parse_max_connections(struct options *o, const char *text)
{
	uint64_t n;
	int error = parse_number(text, 1, CONNECTIONS_MAX, &n);

	if (error)
		return error;
	o->max_connections = n;
	return 0;
}

const char *attach_name(enum attach attach)
{
	static const char *const names[] = {
#define X(NAME, name) [ATTACH_##NAME] = (name),
		ATTACHES(X)
#undef X
	};

	return attach < ATTACH_COUNT ? names[attach] : NULL;
}

const char *output_format_name(enum output_format format)
{
	static const char *const names[] = {
#define X(NAME, name) [FORMAT_##NAME] = (name),
		OUTPUT_FORMATS(X)
#undef X
	};

	return format < FORMAT_COUNT ? names[format] : NULL;
}

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

#define EVERY OPTION_OF_EVERY
#define ONLY(NAME) (1u << COMMAND_##NAME)

#define OR_NAME(NAME, name) "|" name
#define AND_NAME(NAME, name) ", " name
#define KEY_NAME(NAME, name) " " name
#define STRING(macro) STRING_(macro)
#define STRING_(text) #text
#define KEY_NAMES GROUP_KEYS(KEY_NAME)
#define DEFAULT_TOP STRING(OPTIONS_TOP)
#define DEFAULT_RING STRING(OPTIONS_RING_MIB) "M"
#define DEFAULT_CONNECTIONS STRING(OPTIONS_MAX_CONNECTIONS)
#define MOST_TOP STRING(TOP_MAX)
#define MOST_KEEP STRING(KEEP_MAX)
#define DEFAULT_QUEUE STRING(OPTIONS_QUEUE_MIB) "M"
#define LEAST_QUEUE STRING(QUEUE_MIN_KIB) "K"
#define MOST_QUEUE STRING(QUEUE_MAX_GIB) "G"
#define LEAST_ROTATE STRING(ROTATE_MIN_KIB) "K"
#define MOST_RING STRING(RING_MAX_GIB) "G"
#define MOST_CONNECTIONS STRING(CONNECTIONS_MAX)

#define PORTS_EXPECTED "it takes ports from 1 to 65535 and ranges, such as 80,443,8000-8100"
#define FAMILY_EXPECTED "-4 and -6 exclude each other"
#define FORMAT_EXPECTED "--json and --csv exclude each other"
#define ONE_CHOICE "one connection is chosen once"

const struct option_spec option_specs[] = {
	{ .letter = 'i',
	  .name = "input",
	  .argument = "FILE",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_FILE,
	  .commands = ONLY(TRACE) | ONLY(HIST) | ONLY(EXPLAIN) | ONLY(STUCK) | ONLY(CHECK),
	  .help = "Read a recording instead of tracing; - is stdin.",
	  .detail = "May be given several times, and more files may follow: parts of a recording "
		    "are put in order, recordings are merged in time. Needs no rights. The "
		    "recording's own filters hold as well, --duration is recorded time, and times "
		    "of day are those of the machine that recorded.",
	  .expects = "it takes the name of a file that tcpspan record wrote",
	  .parse = parse_input },
	{ .letter = 'o',
	  .name = "output",
	  .argument = "FILE",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_FILE,
	  .commands = ONLY(RECORD),
	  .help = "The file to write; - is standard output, a pipe.",
	  .expects = "it takes the name of one file",
	  .parse = parse_output },
	{ .name = "rotate",
	  .argument = "SIZE",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_FREE,
	  .commands = ONLY(RECORD),
	  .help = "Begin a new part, FILE.N, before one is larger.",
	  .detail = "N counts from 000000. Each part can be read by itself.",
	  .expects = "it takes bytes from " LEAST_ROTATE " on, such as 100M",
	  .parse = parse_rotate },
	{ .name = "keep",
	  .argument = "N",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_FREE,
	  .commands = ONLY(RECORD),
	  .help = "Keep the last N parts, and remove older ones.",
	  .expects = "it takes a number from 1 to " MOST_KEEP,
	  .parse = parse_keep },
	{ .name = "events",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE),
	  .help = "One line per state transition, as it happens.",
	  .detail = "Each line tells the state that was left and how long it was held.",
	  .flag = offsetof(struct options, trace.events) },
	{ .name = "full",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE) | ONLY(EXPLAIN),
	  .help = "Wait for the end of TIME_WAIT as well.",
	  .detail = "Without it, a connection is printed when it enters TIME_WAIT or is "
		    "closed.",
	  .flag = offsetof(struct options, trace.full) },
	{ .name = "open",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE),
	  .help = "Print what is still alive at the end, too.",
	  .detail = "Their END is that of a connection still alive. Those older than the trace are "
		    "among them, unless it is sampled.",
	  .flag = offsetof(struct options, trace.open) },
	{ .name = "failed",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(TRACE),
	  .help = "Print only what did not end in order, and why.",
	  .detail = "Refused, timed out, reset, aborted; half-open requests as well. Nothing is "
		    "printed of transitions, so that it does not go with --events.",
	  .flag = offsetof(struct options, trace.failed) },
	{ .name = "format",
	  .argument = "FORMAT",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_FORMAT,
	  .commands = ONLY(TRACE),
	  .help = "One of:" OUTPUT_FORMATS(KEY_NAME) ".",
	  .detail = "perfetto is the Trace Event JSON that trace viewers open: a track for each "
		    "connection, a slice for each state.",
	  .expects = "it takes one of:" OUTPUT_FORMATS(KEY_NAME) ", once",
	  .parse = parse_format },
	{ .name = "id",
	  .argument = "ID",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_FREE,
	  .commands = ONLY(EXPLAIN),
	  .help = "The connection that trace gave this number.",
	  .detail = "In a recording numbers are the same each time, whatever the filters.",
	  .expects = "it takes a number from 1 on, and " ONE_CHOICE,
	  .parse = parse_id },
	{ .name = "slowest",
	  .argument = "WHAT",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_SLOWEST,
	  .commands = ONLY(EXPLAIN),
	  .help = "The one whose handshake took longest.",
	  .detail = "Like --longest it waits until the run ends. WHAT is handshake.",
	  .expects = "it takes handshake, and " ONE_CHOICE,
	  .parse = parse_slowest },
	{ .name = "longest",
	  .argument = "STATE",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_STATE,
	  .commands = ONLY(EXPLAIN),
	  .help = "The one that stayed longest in this state.",
	  .detail = "One that is still in it at the end counts as well.",
	  .expects = "it takes a state, such as CLOSE_WAIT, and " ONE_CHOICE,
	  .parse = parse_longest },
	{ .name = "lang",
	  .argument = "LANG",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_LANGUAGE,
	  .commands = ONLY(EXPLAIN),
	  .help = "Language of the sentences:" LADDER_LANGUAGES(KEY_NAME) ".",
	  .expects = "it takes one of:" LADDER_LANGUAGES(KEY_NAME),
	  .parse = parse_language },
	{ .name = "by",
	  .argument = "KEYS",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_GROUP_KEYS,
	  .commands = ONLY(HIST) | ONLY(STUCK),
	  .help = "By:" KEY_NAMES ".",
	  .detail = "A group for each value of the key. Several keys, with commas between, make "
		    "a group of each combination.",
	  .expects = "it takes a list of:" KEY_NAMES,
	  .parse = parse_by },
	{ .name = "top",
	  .argument = "N",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_FREE,
	  .commands = ONLY(HIST),
	  .help = "Groups to keep apart; the others share one (" DEFAULT_TOP ").",
	  .expects = "it takes a number from 1 to " MOST_TOP,
	  .parse = parse_top },
	{ .name = "state",
	  .argument = "LIST",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_STATES,
	  .commands = ONLY(STUCK),
	  .help = "States to look for, or all-stuck (CLOSE_WAIT).",
	  .detail = "In the spelling of the kernel, of ss or of RFC 9293, in either case. "
		    "all-stuck means all states that should be short, each from the age on "
		    "from which it no longer is: 3 s for SYN_SENT and SYN_RECV, 5 s for "
		    "FIN_WAIT1, CLOSING and LAST_ACK, 10 s for CLOSE_WAIT, 60 s for "
		    "FIN_WAIT2. The kernel tells no age of FIN_WAIT1, CLOSING and LAST_ACK: "
		    "where it is unknown, a FIN sent again five times is old enough. all means "
		    "all.",
	  .expects = "it takes states such as close-wait or FIN_WAIT2, all-stuck, or all",
	  .parse = parse_states },
	{ .name = "min-age",
	  .argument = "SECONDS",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_FREE,
	  .commands = ONLY(STUCK),
	  .help = "Only those that old in their state, as 60 or 5m.",
	  .detail = "Without it, states that are named have no least age, unless --watch "
		    "waits for them to grow old: then it is that of all-stuck. A socket "
		    "whose age is unknown is left out when there is a least age, and counted.",
	  .expects = "it takes seconds, such as 0, 60, 0.5 or 5m",
	  .parse = parse_min_age },
	{ .name = "at",
	  .argument = "SECONDS",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_FREE,
	  .commands = ONLY(STUCK),
	  .help = "Of a recording: then, not at its end; 90 or 5m.",
	  .detail = "Counted from the beginning of the recording.",
	  .expects = "it takes a time such as 90, 1.5 or 5m",
	  .parse = parse_at },
	{ .name = "list",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK),
	  .help = "A line for each socket, not for each group.",
	  .detail = "JSON and CSV always have a line for each.",
	  .flag = offsetof(struct options, stuck.list) },
	{ .name = "watch",
	  .group = OPTION_GROUP_VIEW,
	  .commands = ONLY(STUCK),
	  .help = "Go on, and tell what gets stuck or released.",
	  .detail = "Until Ctrl-C, or for the time of -d. The exit status is 1 when "
		    "something is still stuck at the end.",
	  .flag = offsetof(struct options, stuck.watch) },
	{ .name = "exec",
	  .argument = "COMMAND",
	  .group = OPTION_GROUP_VIEW,
	  .values = VALUES_FREE,
	  .commands = ONLY(STUCK),
	  .help = "Run this for each one, as JSON on its stdin.",
	  .detail = "By /bin/sh, with the rights of this program, and for each line that is "
		    "printed, too many at a time excepted, which are counted. Its own output "
		    "goes to standard error.",
	  .expects = "it takes a command line of the shell",
	  .parse = parse_exec },

	{ .letter = 'p',
	  .name = "pid",
	  .argument = "LIST",
	  .group = OPTION_GROUP_FILTER,
	  .values = VALUES_PIDS,
	  .commands = EVERY,
	  .help = "Processes that called connect or accept.",
	  .detail = "Who merely happened to run is not meant. A connection whose owner never "
		    "becomes known does not match. With stuck, those that hold it.",
	  .expects = "it takes process numbers, such as 4711 or 4711,4712",
	  .parse = parse_pids },
	{ .letter = 'c',
	  .name = "comm",
	  .argument = "NAME",
	  .group = OPTION_GROUP_FILTER,
	  .values = VALUES_FREE,
	  .commands = EVERY,
	  .help = "Owner's command name, or a list; 15 bytes count.",
	  .detail = "May be given several times. Longer names are cut, as the kernel cuts "
		    "them. A list is taken for the name of one process as well.",
	  .expects = "it takes command names, such as nginx or nginx,curl",
	  .parse = parse_comms },
	{ .letter = 'L',
	  .name = "lport",
	  .argument = "PORTS",
	  .group = OPTION_GROUP_FILTER,
	  .values = VALUES_FREE,
	  .commands = EVERY,
	  .help = "Local ports, such as 80,443,8000-8100.",
	  .expects = PORTS_EXPECTED,
	  .parse = parse_lports },
	{ .letter = 'D',
	  .name = "rport",
	  .argument = "PORTS",
	  .group = OPTION_GROUP_FILTER,
	  .values = VALUES_FREE,
	  .commands = EVERY,
	  .help = "Remote ports.",
	  .expects = PORTS_EXPECTED,
	  .parse = parse_rports },
	{ .letter = 'a',
	  .name = "addr",
	  .argument = "CIDR",
	  .group = OPTION_GROUP_FILTER,
	  .values = VALUES_FREE,
	  .commands = EVERY,
	  .help = "Remote address or network, or a list of them.",
	  .detail = "May be given several times, with the number of bits or without.",
	  .expects = "it takes addresses and networks, such as 192.0.2.0/24 or 2001:db8::1",
	  .parse = parse_prefixes },
	{ .letter = '4',
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "IPv4 on the wire, on whatever kind of socket.",
	  .detail = "An IPv4 peer of a dual-stack socket is IPv4, and printed without "
		    "::ffff:.",
	  .expects = FAMILY_EXPECTED,
	  .parse = parse_ipv4 },
	{ .letter = '6',
	  .group = OPTION_GROUP_FILTER,
	  .commands = EVERY,
	  .help = "IPv6 on the wire.",
	  .expects = FAMILY_EXPECTED,
	  .parse = parse_ipv6 },
	{ .letter = 'N',
	  .name = "netns",
	  .argument = "NS",
	  .group = OPTION_GROUP_FILTER,
	  .values = VALUES_NETNS,
	  .commands = EVERY,
	  .help = "Network namespace: name, path, inode, PID, self.",
	  .detail = "A text with a slash is a path; a name is one that ip-netns(8) knows; a "
		    "number is a PID where such a process exists and an inode otherwise. "
		    "pid:N and inode:N say which; net:[N] is an inode as well.",
	  .expects = "it takes a network namespace that exists, by name, path, inode, PID, or self",
	  .parse = parse_netns },
	{ .letter = 'C',
	  .name = "cgroup",
	  .argument = "PATH",
	  .group = OPTION_GROUP_FILTER,
	  .values = VALUES_CGROUP,
	  .commands = EVERY,
	  .help = "Cgroup (version 2), with all below it.",
	  .detail = "Absolute, or from the top of the mounted cgroup2 hierarchy on.",
	  .is_live = true,
	  .expects = "it takes a cgroup of version 2 that exists: a folder of the cgroup2 mount",
	  .parse = parse_cgroup },
	{ .name = "sample",
	  .argument = "1/N",
	  .group = OPTION_GROUP_FILTER,
	  .values = VALUES_FREE,
	  .commands = EVERY,
	  .help = "One connection of N, by chance, kept whole.",
	  .detail = "For machines with more connections than one wants to look at. N alone "
		    "means the same.",
	  .is_live = true,
	  .expects = "it takes 1/N, such as 1/100, or N alone",
	  .parse = parse_sample },

	{ .letter = 'j',
	  .name = "json",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "One JSON object per line.",
	  .detail = "Durations are nanoseconds, unknown values are null, and the last line "
		    "is a summary. The fields are those of schema version 1.",
	  .expects = FORMAT_EXPECTED,
	  .parse = parse_json },
	{ .letter = 's',
	  .name = "csv",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "Comma-separated values under a line of names.",
	  .expects = FORMAT_EXPECTED,
	  .parse = parse_csv },
	{ .letter = 'T',
	  .name = "time",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "The time of day in front, HH:MM:SS.mmm.",
	  .detail = "The time at which it happened, not the time of printing.",
	  .flag = offsetof(struct options, wall_time) },
	{ .letter = 't',
	  .name = "timestamp",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "Seconds since the start in front.",
	  .flag = offsetof(struct options, timestamp) },
	{ .letter = 'w',
	  .name = "wide",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "More columns, and room for IPv6 addresses.",
	  .flag = offsetof(struct options, wide) },
	{ .letter = 'v',
	  .name = "verbose",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "Say more on standard error, libbpf included.",
	  .flag = offsetof(struct options, verbose) },

	{ .letter = 'd',
	  .name = "duration",
	  .argument = "SECONDS",
	  .group = OPTION_GROUP_RUN,
	  .values = VALUES_FREE,
	  .commands = EVERY,
	  .help = "Stop by itself, such as after 10, 0.5 or 2m.",
	  .detail = "A unit may follow the number: ms, s, m, h or d.",
	  .expects = "it takes seconds above 0, such as 10, 0.5 or 2m",
	  .parse = parse_duration },
	{ .name = "attach",
	  .argument = "auto" ATTACH_RUNGS(OR_NAME),
	  .group = OPTION_GROUP_RUN,
	  .values = VALUES_ATTACH,
	  .commands = EVERY,
	  .help = "Only this kind of hook, not the best that works.",
	  .detail =
		  "For tests and comparisons. tracepoint is either kind of tracepoint, "
		  "classic the one that is attached through perf, tp_btf the other; sampling "
		  "none for TIME_WAIT, which is looked at each second, and the best for the rest.",
	  .is_live = true,
	  .expects = "it takes one of auto" ATTACH_RUNGS(AND_NAME),
	  .parse = parse_attach },
	{ .name = "ring",
	  .argument = "SIZE",
	  .group = OPTION_GROUP_RUN,
	  .values = VALUES_FREE,
	  .commands = EVERY,
	  .help = "Room for records on their way, such as 512K (" DEFAULT_RING ").",
	  .detail = "A number of bytes, or of K, M or G, rounded up to a power of two of at "
		    "least a page. When it is full, records are lost and counted.",
	  .is_live = true,
	  .expects = "it takes bytes from 1 to " MOST_RING ", such as 512K or 8M",
	  .parse = parse_ring },
	{ .name = "queue",
	  .argument = "SIZE",
	  .group = OPTION_GROUP_RUN,
	  .values = VALUES_FREE,
	  .commands = ONLY(RECORD),
	  .help = "Room for records that wait for the disk (" DEFAULT_QUEUE ").",
	  .detail = "It is taken when it is needed. When it is full, records are lost and counted.",
	  .expects = "it takes bytes from " LEAST_QUEUE " to " MOST_QUEUE ", such as 256M",
	  .parse = parse_queue },
	{ .name = "max-connections",
	  .argument = "N",
	  .group = OPTION_GROUP_RUN,
	  .values = VALUES_FREE,
	  .commands = EVERY,
	  .help = "Remember at most this many at once (" DEFAULT_CONNECTIONS ").",
	  .detail = "When there are more, the one that changed least recently is forgotten "
		    "and counted.",
	  .expects = "it takes a number from 1 to " MOST_CONNECTIONS,
	  .parse = parse_max_connections },

	{ .letter = 'h',
	  .name = "help",
	  .group = OPTION_GROUP_HELP,
	  .commands = EVERY,
	  .help = "Print this help.",
	  .answer = ANSWER_HELP },
	{ .letter = 'V',
	  .name = "version",
	  .group = OPTION_GROUP_HELP,
	  .commands = EVERY,
	  .help = "Print the version.",
	  .answer = ANSWER_VERSION },
};
const size_t option_spec_count = sizeof(option_specs) / sizeof(*option_specs);

bool option_is_known_to(const struct option_spec *spec, const struct command_spec *command)
{
	return spec->commands >> (command - command_specs) & 1;
}
