// SPDX-License-Identifier: GPL-2.0-only
/* Good command lines say what they mean, bad ones get one sentence. */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/aggregate/histogram_set.h"
#include "user/base/log.h"
#include "user/names/cgroup.h"
#include "user/names/netns.h"
#include "user/names/service.h"
#include "user/option/help.h"
#include "user/option/parse.h"
#include "user/option/value.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ARGUMENTS 16
#define UNTOUCHED 0x5a
#define HELP_SECONDS 5

/* What the last call to run() left. */
static struct options got;
static char out[16384], err[4096];

static int redirect(int fd)
{
	int file = memfd_create("output", MFD_CLOEXEC);

	assert_true(file >= 0);
	assert_true(dup2(file, fd) == fd);
	return file;
}

static void collect(int file, char *text, size_t room)
{
	ssize_t size = pread(file, text, room - 1, 0);

	assert_true(size >= 0);
	text[size] = '\0';
	close(file);
}

/* options_parse of the words in `line`; a word of '' is empty. */
static int run(const char *line)
{
	char copy[4096], *rest = copy, *word, *argv[ARGUMENTS + 1] = { NULL };
	int argc = 0, saved[2], files[2], result;

	assert_true((size_t)snprintf(copy, sizeof(copy), "%s", line) < sizeof(copy));
	argv[argc++] = (char[]){ "tcpspan" };
	while ((word = strsep(&rest, " ")) && argc < ARGUMENTS)
		if (*word)
			argv[argc++] = strcmp(word, "''") ? word : word + 2;
	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		saved[i] = dup(i + 1);
		files[i] = redirect(i + 1);
	}
	memset(&got, UNTOUCHED, sizeof(got));
	result = options_parse(argc, argv, &got);
	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		dup2(saved[i], i + 1);
		close(saved[i]);
	}
	collect(files[0], out, sizeof(out));
	collect(files[1], err, sizeof(err));
	return result;
}

static void good(const char *line)
{
	int result = run(line);

	if (result || *out || *err)
		fail_msg("'%s': %d, '%s', '%s'", line, result, out, err);
}

static bool is_untouched(void)
{
	const unsigned char *byte = (const unsigned char *)&got;

	for (size_t i = 0; i < sizeof(got); i++)
		if (byte[i] != UNTOUCHED)
			return false;
	return true;
}

/* One sentence with `word` in it, nothing else, and the options untouched. */
static void bad(const char *line, const char *word)
{
	int result = run(line);
	const char *end = strchr(err, '\n');

	if (result != -EINVAL || *out || !is_untouched())
		fail_msg("'%s' was taken: %d, '%s', '%s'", line, result, out, err);
	if (strncmp(err, "tcpspan: ", 9) || !end || end[1] || end == err || end[-1] == '.')
		fail_msg("'%s' gets no sentence: '%s'", line, err);
	if (!strstr(err, word))
		fail_msg("'%s' gets a sentence without '%s': '%s'", line, word, err);
}

/* Taken, and one sentence with `word` in it says that it does nothing. */
static void idle(const char *line, const char *word)
{
	int result = run(line);
	const char *end = strchr(err, '\n');

	if (result || *out)
		fail_msg("'%s': %d, '%s', '%s'", line, result, out, err);
	if (strncmp(err, "tcpspan: ", 9) || !end || end[1] || end[-1] == '.' || !strstr(err, word))
		fail_msg("'%s' gets no sentence with '%s': '%s'", line, word, err);
}

/* What the command cannot do without. */
static const char *needs(size_t command)
{
	if (command == COMMAND_DIFF)
		return " old";
	if (command == COMMAND_FLEET)
		return " schema";
	return command == COMMAND_RECORD || command == COMMAND_REPORT ? " -o file" : "";
}

static void commands_are_complete(void **state)
{
	char line[64];

	(void)state;
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		assert_non_null(command_specs[i].name);
		assert_true(strlen(command_specs[i].question) < 60);
		assert_non_null(command_specs[i].about);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(command_specs[i].name, command_specs[j].name);
		snprintf(line, sizeof(line), "%s%s", command_specs[i].name, needs(i));
		good(line);
		assert_int_equal(got.command, i);
	}
}

/* Whether it is how the command may be told another option in short. */
static bool is_short_for_another(size_t command, const struct option_spec *spec)
{
	for (EACH_OPTION(s))
		if (s != spec && s->name && s->commands >> command & 1 &&
		    !strncmp(s->name, spec->name, strlen(spec->name)))
			return true;
	return false;
}

/* The option without which this flag is refused; NULL: there is none. */
static const char *flag_needed(size_t command, const struct option_spec *spec)
{
	for (const struct option_rule *r = option_rules; r < option_rules + option_rule_count; r++)
		if (r->commands >> command & 1 && r->relation == OPTION_NEEDS && !r->is_idle &&
		    r->said.name && !strcmp(r->said.name, spec->name) && !spec->argument)
			return r->other.name;
	return NULL;
}

/* Whether a rule has the command refuse it whatever else is said. */
static bool is_refused(size_t command, const struct option_spec *spec)
{
	for (size_t i = 0; i < option_rule_count; i++) {
		const struct option_rule *r = &option_rules[i];

		if (r->commands >> command & 1 && r->said.name &&
		    !strcmp(r->said.name, spec->name) && !r->said.value && !r->other.name &&
		    !r->is_idle)
			return true;
	}
	return false;
}

/* Whether it does nothing there, by itself. */
static bool is_idle(size_t command, const struct option_spec *spec)
{
	for (size_t i = 0; i < option_rule_count; i++) {
		const struct option_rule *r = &option_rules[i];

		if (r->commands >> command & 1 && r->is_idle && !r->where.name &&
		    !strcmp(r->said.name, spec->name) &&
		    (!r->other.name || r->relation == OPTION_NEEDS))
			return true;
	}
	for (size_t i = 0; command == COMMAND_FLEET && i < option_of_query_count; i++)
		if (!strcmp(option_of_queries[i].name, spec->name))
			return spec->commands == OPTION_OF_EVERY &&
			       !(option_of_queries[i].queries >> FLEET_SCHEMA & 1);
	return false;
}

/* Whether the question of fleet that needs() asks has it. */
static bool is_of_query(size_t command, const struct option_spec *spec)
{
	if (spec->commands == OPTION_OF_EVERY)
		return true;
	for (size_t i = 0; command == COMMAND_FLEET && i < option_of_query_count; i++)
		if (!strcmp(option_of_queries[i].name, spec->name))
			return option_of_queries[i].queries >> FLEET_SCHEMA & 1;
	return true;
}

/* Every option that takes an argument misses it; every other one takes none. */
static void each_option_alone(void **state)
{
	char line[64];

	(void)state;
	for (size_t c = 0; c < COMMAND_COUNT; c++) {
		for (EACH_OPTION(s)) {
			const char *command = command_specs[c].name, *other;

			if (!s->name || (!(s->commands >> c & 1) && is_short_for_another(c, s)))
				continue;
			snprintf(line, sizeof(line), "%s --%s%s", command, s->name,
				 s->argument ? "" : "=1");
			bad(line, s->name);
			if (s->type == OPTION_HELP || s->type == OPTION_VERSION)
				continue;
			other = flag_needed(c, s);
			snprintf(line, sizeof(line), "%s%s --%s%s%s%s", command, needs(c), s->name,
				 other ? " --" : "", other ? other : "",
				 other && option_find(other)->argument ? "=1" : "");
			if (!(s->commands >> c & 1) || s->argument || is_refused(c, s) ||
			    !is_of_query(c, s))
				bad(line, s->name);
			else if (is_idle(c, s))
				idle(line, s->name);
			else
				good(line);
		}
	}
}

static void two_are_compared(void **state)
{
	(void)state;
	good("diff night");
	assert_int_equal(got.input_count, 1);
	good("diff night --attach fentry -d 5");
	good("diff night day --json --fail-if lost>0");
	assert_int_equal(got.input_count, 2);
	assert_string_equal(got.inputs[0], "night");
	assert_string_equal(got.inputs[1], "day");
	assert_string_equal(got.fail_if, "lost>0");
	bad("diff", "OLD");
	bad("diff a b c", "'c'");
	bad("diff night day --attach fentry", "--attach");
	bad("diff -i night", "-i");
}

static void recordings(void **state)
{
	(void)state;
	good("-i night");
	assert_int_equal(got.command, COMMAND_TRACE);
	assert_int_equal(got.input_count, 1);
	assert_string_equal(got.inputs[0], "night");
	good("hist -i night.0 night.1 -i day --by comm more");
	assert_int_equal(got.input_count, 4);
	assert_string_equal(got.inputs[3], "more");
	good("trace -i - -d 5 -p 1 --max-connections 9");
	bad("trace night", "night");
	good("check -i night");
	assert_int_equal(got.command, COMMAND_CHECK);
	assert_int_equal(got.input_count, 1);
	bad("record -i night -o day", "-i");
	bad("trace -i night --ring 1M", "--ring");
	bad("trace -i night --rings 2", "--rings");
	bad("trace --attach fentry -i night", "--attach");
	bad("hist -i night --sample 10", "--sample");
	good("record -o night --rotate 1M --keep 3 -L 80");
	assert_string_equal(got.record.output, "night");
	assert_int_equal(got.record.rotate_bytes, 1 << 20);
	assert_int_equal(got.record.keep, 3);
	assert_int_equal(got.record.queue_bytes, 64 << 20);
	good("record -o night --queue 1M");
	assert_int_equal(got.record.queue_bytes, 1 << 20);
	bad("record -o night --queue 1K", "queue");
	bad("record", "--output");
	bad("record -o a -o b", "output");
	bad("record -o a --keep 3", "--rotate");
	bad("stuck --by outcome", "outcome");
	bad("stuck --at 3", "--input");
	bad("stuck -i night --watch", "--watch");
	bad("stuck -i night --exec true", "--exec");
	bad("record -o - --rotate 1M", "--rotate");
	bad("record -o ''", "--output");
	bad("record -o a --rotate 1", "rotate");
	bad("trace -o a", "-o");
}

static void what_is_not_said(void **state)
{
	(void)state;
	good("");
	assert_int_equal(got.command, COMMAND_TRACE);
	assert_int_equal(got.format, FORMAT_TEXT);
	assert_int_equal(got.attach, ATTACH_AUTO);
	assert_int_equal(got.duration_ns, 0);
	assert_int_equal(got.ring_bytes, 8 << 20);
	assert_int_equal(got.max_connections, 1000000);
	assert_int_equal(got.hist.top, 10);
	assert_int_equal(got.hist.by, 0);
	assert_false(got.wall_time || got.timestamp || got.wide || got.verbose ||
		     got.trace.events || got.trace.full || got.trace.open || log_verbose);
	assert_false(got.filter.netns.count || got.filter.family || got.filter.has_lports ||
		     got.filter.has_rports || got.filter.sample || got.filter.cgroup ||
		     got.filter.pid_count || got.filter.comm_count || got.filter.prefix_count);
}

static void trace_needs_not_be_named(void **state)
{
	(void)state;
	good("-p 1");
	assert_int_equal(got.command, COMMAND_TRACE);
	assert_int_equal(got.filter.pids[0], 1);
	good("--events --json");
	assert_true(got.trace.events);
	good("--");
}

static void switches(void **state)
{
	(void)state;
	good("trace -Ttw --events --full --open -v");
	assert_int_equal(got.format, FORMAT_TEXT);
	assert_true(got.wall_time && got.timestamp && got.wide && got.trace.events &&
		    got.trace.full && got.trace.open && got.verbose && log_verbose);
	good("hist --time --interval 9");
	assert_int_equal(got.command, COMMAND_HIST);
	assert_true(got.wall_time && !got.timestamp && !got.verbose && !log_verbose);
	good("hist -s");
	assert_int_equal(got.format, FORMAT_CSV);
	good("-jj --js");
	assert_int_equal(got.format, FORMAT_JSON);
}

/* What a command has no use for it does not take in silence. */
static void what_would_be_ignored(void **state)
{
	(void)state;
	idle("report -o page -T", "--time does nothing with report: ");
	idle("report -o page --csv", "--csv does nothing with report: ");
	idle("report -o page -w", "--wide does nothing with report: ");
	good("report -o page -j");
	bad("report -o - -j", "--json does not go with --output -: ");
	idle("record -o file -t", "--timestamp does nothing with record: ");
	bad("record -o - -j", "--json does not go with --output -: ");
	idle("diff a b -t", "--timestamp does nothing with diff: ");
	idle("hist -T", "--time does nothing without --interval: ");
	good("hist -tT --interval 10");
	bad("top --once -j", "--json does not go with top: ");
	idle("top --once -w", "--wide does nothing without --screen connections: no other");
	idle("top --once -w --screen groups", "--wide does nothing without --screen connections");
	good("top --once -w --screen connections");
	good("top -w");
	idle("top --once --by comm", "--by does nothing without --screen groups: no other screen");
	good("top --once --by comm --screen groups");
	good("top --by comm");
	idle("export -w", "--wide does nothing with export: ");
	idle("export --csv", "--csv does nothing with export: ");
	idle("stuck -d 5", "--duration does nothing without --watch or --input: ");
	good("stuck -d 5 --watch");
	good("stuck -d 5 -i night");
	idle("stuck --ports -T", "--time does nothing with --ports: ");
	idle("stuck --ring 1M", "--ring does nothing without --watch: ");
	idle("stuck --rings 2", "--rings does nothing without --watch: ");
	idle("stuck --ports --attach fentry", "--attach does nothing without --watch: ");
	idle("stuck --max-connections 9", "--max-connections does nothing without --watch or --in");
	good("stuck --watch --ring 1M --rings 2 --attach fentry --max-connections 9");
	good("stuck -i night --max-connections 9");
	bad("stuck -i night --ring 1M", "--ring does not go with --input: ");
	idle("stuck -w", "--wide does nothing without --list or --watch or --ports: ");
	good("stuck -w --list");
	idle("listeners --ring 1M", "--ring does nothing without --watch or --duration: ");
	idle("listeners --rings 2", "--rings does nothing without --watch or --duration: ");
	idle("listeners --attach fentry", "--attach does nothing without --watch or --duration: ");
	idle("listeners --max-connections 9", " without --watch or --duration or --input: ");
	good("listeners -d 5 --ring 1M --rings 2 --attach fentry --max-connections 9");
	good("listeners -i night --max-connections 9");
	bad("listeners -i night --ring 1M", "--ring does not go with --input: ");
	bad("top -i night --ring 1M", "--ring does not go with --input: ");
	idle("check -i night --max-connections 9", "--max-connections does nothing with --input: ");
	good("check --max-connections 9 --ring 1M --rings 2 --attach fentry --sample 10");
	idle("check --host-root /host", "--host-root does nothing without --against: ");
	idle("record -o file --max-connections 9", "--max-connections does nothing with record: ");
	idle("hist -w", "--wide does nothing without --by: ");
	good("hist -w --by comm");
	idle("trace --format rows -w", "--wide does nothing with --format rows: ");
	idle("trace -j -T", "--time does nothing with --json: ");
	idle("trace --csv -t", "--timestamp does nothing with --csv: ");
	good("trace -j -w");
	idle("listeners -j -w", "--wide does nothing with --json: ");
	idle("diff a b --csv -w", "--wide does nothing with --csv: ");
	idle("fleet stuck -jT --clickhouse x", "--time does nothing with --json: ");
	idle("explain --demo --recorded --ring 1M", "--ring does nothing with --recorded: ");
	good("explain --demo --ring 1M");
	bad("explain --demo -4", "--demo does not go with -4: ");
	bad("explain --ask --csv", "--ask does not go with --csv: ");
	idle("explain rfsd -L 80", "--lport does nothing with a code: ");
	bad("explain rsfd", "'rsfd' is not expected: it takes endpoints");
	bad("explain rsfd", "or a code of END or CAUSE, such as unrd or unread_data");
	bad("explain rfsd --failed", "--failed does not go with a code: ");
	bad("explain rfsd -i night", "--input does not go with a code: ");
	good("explain rfsd -v --lang en");
	idle("fleet schema -4", "-4 does nothing here: ");
	idle("check -d 5", "--duration does nothing without --against or --input: ");
	idle("check -L 80", "--lport does nothing without --against: ");
	idle("check -L 80 -i night", "--lport does nothing without --against: ");
	good("check -L 80 --against 5");
	idle("check -T", "--time does nothing with check: ");
	idle("stuck --ports -L 80", "--lport does nothing with --ports: ");
	idle("stuck --by comm -j", "--by does nothing with --json: ");
	idle("stuck --by comm --list", "--by does nothing with --list: ");
	idle("stuck --moving -i night", "--moving does nothing with --input: ");
	bad("listeners --flow 0123456789abcdef", "--flow does not go with listeners: ");
	idle("trace --format perfetto -T", "--time does nothing with --format perfetto: ");
	idle("check -4", "-4 does nothing without --against: ");
	good("check -6 --against 5");
	good("check --csv");
	idle("fleet stuck -t --clickhouse x", "--timestamp does nothing with fleet: ");
	bad("fleet pairs --state CLOSE_WAIT --clickhouse x", "--state is of fleet stuck alone");
	good("fleet stuck --state CLOSE_WAIT -T --clickhouse x");
	idle("fleet top -T --clickhouse x", "--time does nothing here: it is of fleet stuck");
	bad("fleet hosts --top 3 --clickhouse x",
	    "--top is of fleet hist, failures, stuck, pairs, top alone");
	idle("fleet schema --json", "--json does nothing here: ");
	bad("fleet init --modern --clickhouse x", "--modern is of fleet schema alone");
}

static void ports(void **state)
{
	(void)state;
	good("-L 80,443,8000-8100 -L 65535 --rport=1");
	for (uint32_t p = 0; p <= UINT16_MAX; p++) {
		bool wanted = p == 80 || p == 443 || (p >= 8000 && p <= 8100) || p == 65535;

		assert_int_equal(conn_filter_has_port(got.filter.lports, p), wanted);
		assert_int_equal(conn_filter_has_port(got.filter.rports, p), p == 1);
	}
	assert_true(got.filter.has_lports && got.filter.has_rports);
	good("-D 1-65535");
	assert_false(conn_filter_has_port(got.filter.rports, 0));
	assert_true(conn_filter_has_port(got.filter.rports, 65535));
	assert_false(got.filter.has_lports);
}

static void services(void **state)
{
	uint16_t port;

	(void)state;
	if (service_port(SERVICE_LIST, "https", &port))
		skip();
	good("-L 80,https -D https");
	assert_true(conn_filter_has_port(got.filter.lports, 80));
	assert_true(conn_filter_has_port(got.filter.lports, port));
	assert_true(conn_filter_has_port(got.filter.rports, port));
	assert_false(conn_filter_has_port(got.filter.rports, 80));
}

static void owners(void **state)
{
	(void)state;
	good("-p 1,4711 --pid 2147483647 -c nginx,curl -c a-name-of-more-than-15");
	assert_int_equal(got.filter.pid_count, 3);
	assert_int_equal(got.filter.pids[1], 4711);
	assert_int_equal(got.filter.pids[2], INT32_MAX);
	assert_int_equal(got.filter.comm_count, 4);
	assert_string_equal(got.filter.comms[0], "nginx");
	assert_string_equal(got.filter.comms[1], "curl");
	assert_string_equal(got.filter.comms[2], "nginx,curl");
	assert_memory_equal(got.filter.comms[3], "a-name-of-more-", EVENT_COMM_SIZE);
}

static void addresses(void **state)
{
	struct prefix want;

	(void)state;
	good("-a 10.0.0.0/8,::1 -a 192.0.2.1 -6");
	assert_int_equal(got.filter.prefix_count, 3);
	assert_int_equal(got.filter.family, 6);
	assert_int_equal(prefix_parse("10.0.0.0/8", &want), 0);
	assert_memory_equal(got.filter.prefixes[0].net.byte, want.net.byte, ADDRESS_SIZE);
	assert_int_equal(got.filter.prefixes[0].bits, want.bits);
	assert_int_equal(got.filter.prefixes[1].bits, 128);
	assert_int_equal(got.filter.prefixes[2].bits, 128);
	good("-4 -4");
	assert_int_equal(got.filter.family, 4);
}

static void numbers(void **state)
{
	(void)state;
	good("--sample 1/100 -d 1.5 --max-connections 1");
	assert_int_equal(got.filter.sample, 100);
	assert_int_equal(got.duration_ns, 1500000000);
	assert_int_equal(got.max_connections, 1);
	good("--sample 7 -d 100ms");
	assert_int_equal(got.filter.sample, 7);
	assert_int_equal(got.duration_ns, 100000000);
	good("hist --by comm,raddr --by netns --top 3");
	assert_int_equal(got.hist.by,
			 1 << GROUP_BY_COMM | 1 << GROUP_BY_RADDR | 1 << GROUP_BY_NETNS);
	assert_int_equal(got.hist.top, 3);
	good("--budget 0.05");
	assert_int_equal(got.budget, 500);
	good("hist --budget 100");
	assert_int_equal(got.budget, 1000000);
	good("record -o x --budget 12.0001");
	assert_int_equal(got.budget, 120001);
}

static void rings_are_powers_of_two(void **state)
{
	static const struct {
		const char *line;
		uint32_t bytes;
	} cases[] = {
		{ "--ring 65536", 1 << 16 }, { "--ring 65537", 1 << 17 },
		{ "--ring 512K", 1 << 19 },  { "--ring 3M", 4 << 20 },
		{ "--ring 2G", 1u << 31 },
	};
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		good(cases[i].line);
		assert_int_equal(got.ring_bytes, cases[i].bytes);
	}
	good("--ring 1");
	assert_int_equal(got.ring_bytes, page < 4096 ? 4096 : page);
}

static void rings_are_as_many_as_are_asked_for(void **state)
{
	(void)state;
	good("hist");
	assert_int_equal(got.rings, 0);
	good("hist --rings 1");
	assert_int_equal(got.rings, 1);
	good("record -o night --rings 64 --ring 16M");
	assert_int_equal(got.rings, 64);
	bad("fleet hosts --clickhouse http://localhost --rings 2", "--rings");
}

static void rungs(void **state)
{
	char line[64];

	(void)state;
	for (const struct option_name *n = option_find("attach")->names; n->name; n++) {
		snprintf(line, sizeof(line), "--attach %s", n->name);
		good(line);
		assert_int_equal(got.attach, n->value);
	}
}

static void stuck_takes_states_in_any_spelling(void **state)
{
	(void)state;
	good("stuck");
	assert_int_equal(got.stuck.states | got.stuck.short_states, 0);
	assert_true(got.stuck.min_age_ns == OPTIONS_AGE_SENSIBLE && !got.stuck.watch &&
		    !got.stuck.list && !got.stuck.exec);
	good("stuck --state FIN-WAIT-2,close_wait,SYN-RECEIVED --state Last-Ack");
	assert_int_equal(got.stuck.states, 1u << STATE_FIN_WAIT2 | 1u << STATE_CLOSE_WAIT |
						   1u << STATE_SYN_RECV | 1u << STATE_LAST_ACK);
	assert_int_equal(got.stuck.short_states, 0);
	good("stuck --state CLOSEWAIT,finwait1 --state LastAck");
	assert_int_equal(got.stuck.states,
			 1u << STATE_CLOSE_WAIT | 1u << STATE_FIN_WAIT1 | 1u << STATE_LAST_ACK);
	good("stuck --state all-stuck");
	assert_int_equal(got.stuck.states, 0);
	assert_true(got.stuck.short_states >> STATE_CLOSE_WAIT & 1);
	assert_false(got.stuck.short_states >> STATE_ESTABLISHED & 1);
	good("stuck --state all");
	assert_true(got.stuck.states >> STATE_ESTABLISHED & 1);
	good("stuck --by comm");
	good("stuck --min-age 0 --list --watch --exec=true");
	assert_int_equal(got.stuck.min_age_ns, 0);
	assert_true(got.stuck.list && got.stuck.watch);
	assert_string_equal(got.stuck.exec, "true");
	good("stuck --min-age 5m");
	assert_int_equal(got.stuck.min_age_ns, UINT64_C(300000000000));
	bad("stuck --state weird", "weird");
	bad("stuck --state close-wait,", "close-wait,");
	bad("stuck --min-age soon", "soon");
	bad("stuck --min-age -1", "-1");
	bad("trace --watch", "stuck");
}

/* What is chosen once, and what is agreed on. */
static void one_of_them(void **state)
{
	(void)state;
	good("explain --id 7");
	assert_int_equal(got.explain.choice.kind, CHOICE_ID);
	assert_int_equal(got.explain.choice.id, 7);
	good("explain --slowest handshake");
	assert_int_equal(got.explain.choice.kind, CHOICE_SLOWEST_HANDSHAKE);
	good("explain --longest close-wait --lang zh");
	assert_int_equal(got.explain.choice.kind, CHOICE_LONGEST);
	assert_int_equal(got.explain.choice.state, STATE_CLOSE_WAIT);
	assert_int_equal(got.explain.language, LADDER_ZH);
	good("explain --lang zh --lang en 192.0.2.1:443");
	assert_int_equal(got.explain.choice.kind, CHOICE_ENDPOINTS);
	assert_int_equal(got.explain.language, LADDER_EN);
	good("explain --demo reuse --pace 500ms --ask --recorded");
	assert_true(got.explain.demo && got.explain.ask && got.explain.recorded);
	assert_int_equal(got.explain.story, TEXTBOOK_REUSE);
	assert_int_equal(got.explain.pace_ns, UINT64_C(500000000));
	good("explain --demo");
	assert_int_equal(got.explain.story, TEXTBOOK_COUNT);
	assert_int_equal(got.explain.pace_ns, OPTIONS_PACE_SENSIBLE);
	good("record -o f --demo leak");
	assert_int_equal(got.explain.story, TEXTBOOK_LEAK);
	bad("explain --demo lost-fin", "is no story");
	bad("explain --demo leak reuse", "one story is played at a time");
	bad("explain --demo leak -i f", "the story has connections of its own");
	bad("explain --demo leak -L 80", "the story has connections of its own");
	bad("explain --pace 1s", "--pace needs --demo");
	bad("explain --recorded", "--recorded needs --demo");
	bad("explain --ask --json", "somebody is asked");
	bad("explain --id 7 --id 8", "one connection is chosen once");
	bad("explain --id 7 --slowest handshake", "--id and --slowest exclude each other");
	bad("explain --longest SYN_SENT --id 7", "--id and --longest exclude each other");
	bad("explain --slowest handshake --longest SYN_SENT", "--slowest and --longest");
	bad("explain --longest LISTEN", "it takes a state that connections stay in");
	bad("explain --longest closed", "--longest cannot be 'closed'");
	bad("explain :443 --id 7", "one connection is chosen once");
	bad("explain --id 7 :443", "one connection is chosen once");
	bad("explain --id 0", "it takes a number from 1 on");
	bad("explain --slowest close", "it takes one of: handshake");
	bad("explain --lang de", "it takes one of: en zh");
	good("trace --json --format json");
	assert_int_equal(got.format, FORMAT_JSON);
	good("trace --format perfetto");
	assert_int_equal(got.format, FORMAT_PERFETTO);
	good("trace --format otlp");
	assert_int_equal(got.spans.kind, SPANS_ALL);
	good("trace --format otlp --spans failed");
	assert_int_equal(got.spans.kind, SPANS_FAILED);
	good("trace --format otlp --spans slow=100ms");
	assert_int_equal(got.spans.kind, SPANS_SLOW);
	assert_int_equal(got.spans.slow_ns, 100000000);
	bad("trace --format otlp --spans slow", "it takes one of: slow=DURATION all failed none");
	bad("trace --format otlp --spans slow=x", "it takes one of");
	bad("trace --spans all", "--spans needs --format otlp");
	bad("trace --format otlp --events", "--format otlp does not go with --events");
	good("export --otlp https://collector:4318");
	assert_int_equal(got.spans.kind, SPANS_FAILED);
	assert_string_equal(got.export.otlp, "https://collector:4318");
	good("export --otlp env --spans all --otlp-insecure");
	assert_int_equal(got.spans.kind, SPANS_ALL);
	assert_true(got.export.otlp_insecure);
	bad("export --otlp a --otlp b", "there is one collector");
	bad("export --spans all", "--spans needs --otlp");
	bad("export --otlp-headers x", "--otlp-headers needs --otlp");
	bad("export --once --otlp env", "--otlp does not go with --once");
	bad("trace --format otlp --open", "--format otlp does not go with --open");
	bad("trace --json --format csv", "--format and --json exclude each other");
	bad("trace --format csv -j", "--format and --json exclude each other");
	bad("trace --format csv --format json", "there is one format");
	bad("record -o a -o a", "one file is written");
}

/* The first of two is not forgotten in silence: both count, or the second is refused. */
static void what_is_given_twice(void **state)
{
	(void)state;
	bad("export --listen 127.0.0.1:1 --listen 127.0.0.1:2",
	    "--listen is not expected: requests are answered in one place");
	bad("stuck --watch --exec a --exec b", "--exec is not expected: one command is run");
	bad("stuck --watch --exec a --exec-env A --exec-env B",
	    "--exec-env is not expected: names go together, with commas between");
	bad("export --textfile a --textfile b", "--textfile is not expected: it is given once");
	bad("export --user a --user b", "--user is not expected: it is given once");
	good("trace -L 80 -L 443");
	assert_true(conn_filter_has_port(got.filter.lports, 80) &&
		    conn_filter_has_port(got.filter.lports, 443));
}

static void keys(void **state)
{
	char line[64];

	(void)state;
	for (unsigned int key = 0; key < GROUP_KEY_COUNT; key++) {
		snprintf(line, sizeof(line), "hist --by %s", group_key_name(key));
		good(line);
		assert_int_equal(got.hist.by, 1u << key);
	}
	good("hist --by lport,raddr,netns,rport,comm,thread,cgroup,unit,container,pod,outcome");
	assert_int_equal(got.hist.by, (1u << GROUP_KEY_COUNT) - 1);
	bad("hist --by ,comm", "',comm'");
	bad("hist --by comm,,raddr", "'comm,,raddr'");
	bad("hist --by com", "'com'");
	bad("hist --by COMM", "'COMM'");
	assert_null(group_key_name(GROUP_KEY_COUNT));
}

/* The sentences that are made of the rows. */
static void expectations(void **state)
{
	(void)state;
	bad("hist --top 0", "--top cannot be '0': it takes a number from 1 to 1000000\n");
	bad("record -o a --rotate 1", "it takes bytes from 64K on, such as 100M\n");
	bad("record -o a --queue 1", "it takes bytes from 512K to 64G, such as 256M\n");
	bad("--ring 3G", "it takes bytes from 1 to 2G, such as 512K or 8M\n");
	bad("-d 0", "it takes seconds above 0, such as 10, 0.5 or 2m\n");
	bad("stuck --min-age x", "it takes seconds, such as 0, 60, 0.5 or 5m\n");
	bad("hist --by x",
	    "it takes a list of: comm thread raddr rport lport netns cgroup unit container "
	    "pod outcome\n");
	bad("stuck --watch --exec a --exec-env A=1",
	    "--exec-env cannot be 'A=1': it takes names of variables, such as LANG,TZ\n");
	bad("stuck --watch --exec a --exec-env A,,B", "--exec-env cannot be 'A,,B'");
	bad("stuck --watch --exec a --exec-env A,B,", "--exec-env cannot be 'A,B,'");
	bad("stuck --exec", "--exec needs an argument: it takes a command line of the shell\n");
}

static bool is_lacking(void)
{
	return false;
}

static void answers(void **state)
{
	static const struct help_libraries libraries[] = {
		{ "libbpf=1.5.0 zlib=", NULL },
		{ "libcurl=8.1 ncursesw=", is_lacking },
	};

	(void)state;
	assert_int_equal(run("--version"), OPTIONS_ANSWERED);
	assert_string_equal(out, "tcpspan " TCPSPAN_VERSION "\n");
	assert_string_equal(err, "");
	help_set_libraries(libraries, sizeof(libraries) / sizeof(*libraries));
	assert_int_equal(run("--version"), OPTIONS_ANSWERED);
	assert_string_equal(out, "tcpspan " TCPSPAN_VERSION "\nwith libbpf 1.5.0\nwith zlib\n"
				 "without libcurl\nwithout ncursesw\n");
	help_set_libraries(NULL, 0);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		char line[64];

		snprintf(line, sizeof(line), "%s -j --help --no-such-option",
			 command_specs[i].name);
		assert_int_equal(run(line), OPTIONS_ANSWERED);
		assert_string_equal(err, "");
		for (EACH_OPTION(s))
			assert_int_equal(!!strstr(out, s->help),
					 option_is_shown_for(s, &command_specs[i]));
	}
	assert_int_equal(run("-h"), OPTIONS_ANSWERED);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		assert_non_null(strstr(out, command_specs[i].question));
	for (EACH_OPTION(s))
		assert_int_equal(!!strstr(out, s->help), s->commands == OPTION_OF_EVERY);
}

static void help_is_a_word_as_well(void **state)
{
	static char usual[sizeof(out)];

	(void)state;
	for (size_t i = 0; i <= COMMAND_COUNT; i++) {
		const char *name = i < COMMAND_COUNT ? command_specs[i].name : "";
		char line[64];

		snprintf(line, sizeof(line), "%s --help", name);
		assert_int_equal(run(line), OPTIONS_ANSWERED);
		memcpy(usual, out, sizeof(usual));
		snprintf(line, sizeof(line), "help %s", name);
		assert_int_equal(run(line), OPTIONS_ANSWERED);
		assert_string_equal(out, usual);
		assert_string_equal(err, "");
	}
	assert_int_equal(run("help hist --lang zh"), OPTIONS_ANSWERED);
	assert_non_null(strstr(out, "用法：tcpspan hist "));
	bad("help nonsense", "'nonsense' is not a command");
	bad("trace help", "'help' is not expected");
}

static void help_tells_what_a_command_takes(void **state)
{
	static const char *const lines[][2] = {
		{ "explain --help", "tcpspan explain [OPTION...] [ENDPOINTS]\n" },
		{ "record --help", "tcpspan record [OPTION...] -o FILE\n" },
		{ "report --help", "tcpspan report [OPTION...] -o FILE\n" },
		{ "diff --help", "tcpspan diff [OPTION...] OLD [NEW]\n" },
		{ "fleet --help", "tcpspan fleet [OPTION...] QUERY\n" },
		{ "fleet --help --lang zh", "tcpspan fleet [OPTION...] QUERY\n" },
		{ "hist --help", "tcpspan hist [OPTION...]\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_int_equal(run(lines[i][0]), OPTIONS_ANSWERED);
		assert_non_null(strstr(out, lines[i][1]));
	}
}

/* argp would fill a margin that leaves no room for ever. */
static void help_has_one_form(void **state)
{
	static const char *const forms[] = { "rmargin=1", "short-opt-col=200", "nonsense" };
	static char usual[sizeof(out)];

	(void)state;
	unsetenv("ARGP_HELP_FMT");
	assert_int_equal(run("--help"), OPTIONS_ANSWERED);
	memcpy(usual, out, sizeof(usual));
	alarm(HELP_SECONDS);
	for (size_t i = 0; i < COUNT(forms); i++) {
		setenv("ARGP_HELP_FMT", forms[i], 1);
		assert_int_equal(run("--help"), OPTIONS_ANSWERED);
		assert_string_equal(out, usual);
		assert_string_equal(err, "");
	}
	alarm(0);
	unsetenv("ARGP_HELP_FMT");
}

static void help_speaks_the_language_behind_it(void **state)
{
	static const char *const lines[] = { "--help --lang zh", "--help --lang=zh",
					     "explain --lang zh --help", "trace -h --lang zh" };
	static const char *const others[] = { "--help --lang", "--help --lang nonsense",
					      "--help --language=zh" };

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_int_equal(run(lines[i]), OPTIONS_ANSWERED);
		assert_non_null(strstr(out, "用法"));
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		assert_int_equal(run(others[i]), OPTIONS_ANSWERED);
		assert_null(strstr(out, "用法"));
	}
}

static void bad_command_lines(void **state)
{
	static const struct {
		const char *line, *word;
	} cases[] = {
		{ "nonsense", "'nonsense' is not a command" },
		{ "''", "'' is not a command" },
		{ "trac", "'trac'" },
		{ "trace hist", "'hist'" },
		{ "-p 1 hist", "before all options" },
		{ "trace surplus", "'surplus'" },
		{ "-- surplus", "'surplus'" },
		{ "-", "'-'" },
		{ "--no-such-option", "'--no-such-option'" },
		{ "--no-such-option=3", "'--no-such-option'" },
		{ "--=3", "'--'" },
		{ "-Z", "'-Z'" },
		{ "-4jZ", "'-Z'" },
		{ "-j4p", "--pid needs" },
		{ "-\xff", "'-\\xff'" },
		{ "--ti", "'--ti' is short for more than one" },
		{ "--by comm", "of tcpspan hist" },
		{ "hist --events", "of tcpspan trace" },
		{ "check --full", "of tcpspan trace" },
		{ "--no\033[31m", "\\x1b[31m" },
		{ "-L 0", "'0'" },
		{ "-L 65536", "'65536'" },
		{ "-L ''", "''" },
		{ "-L 80,,90", "'80,,90'" },
		{ "-L ,80", "',80'" },
		{ "-L 80,", "'80,'" },
		{ "-L 90-80", "'90-80'" },
		{ "-L -80", "'-80'" },
		{ "-L 80-", "'80-'" },
		{ "-L 1-2-3", "'1-2-3'" },
		{ "-L 123456-123457", "--lport" },
		{ "-L no-such-service", "names of /etc/services" },
		{ "-L 80-https", "'80-https'" },
		{ "-L httpx,80", "'httpx,80'" },
		{ "-L +80", "'+80'" },
		{ "-D 0x50", "--rport" },
		{ "-D 80\n", "\\x0a" },
		{ "-a 10.0.0.0/33", "'10.0.0.0/33'" },
		{ "-a ::/129", "--addr" },
		{ "-a 10.0.0", "--addr" },
		{ "-a 10.0.0.0/", "--addr" },
		{ "-a localhost", "names of hosts are not looked up" },
		{ "-a fe80::1%eth0", "--interface says of which link" },
		{ "-a ''", "--addr" },
		{ "-4 -6", "-4 and -6" },
		{ "-64", "-4 and -6" },
		{ "--json --csv", "--json and --csv" },
		{ "-sj", "--json and --csv" },
		{ "--sample 0", "'0'" },
		{ "--sample 1/0", "'1/0'" },
		{ "--sample 2/3", "'2/3'" },
		{ "--sample 1/", "'1/'" },
		{ "--sample 0.5", "'0.5'" },
		{ "--sample 4294967296", "--sample" },
		{ "-p 0", "--pid" },
		{ "-p -1", "'-1'" },
		{ "-p abc", "'abc'" },
		{ "-p 2147483648", "--pid" },
		{ "-p 1,,2", "--pid" },
		{ "-p 18446744073709551617", "--pid" },
		{ "-c ''", "--comm" },
		{ "-c a,", "--comm" },
		{ "-d -1", "'-1'" },
		{ "-d 0", "'0'" },
		{ "-d 0.0000000001", "--duration" },
		{ "-d soon", "--duration" },
		{ "--budget 0", "--budget" },
		{ "--budget 100.1", "--budget" },
		{ "--budget 0.00001", "--budget" },
		{ "--budget 1.", "--budget" },
		{ "--budget .5", "--budget" },
		{ "--budget 1%", "--budget" },
		{ "--budget 1.2.3", "--budget" },
		{ "--budget -1", "--budget" },
		{ "-d 99999999999999999999", "--duration" },
		{ "-d 9999999999d", "--duration" },
		{ "--ring 0", "--ring" },
		{ "--ring lots", "--ring" },
		{ "--rings 0", "--rings" },
		{ "--rings 65", "--rings" },
		{ "--rings many", "--rings" },
		{ "--ring 2049M", "--ring" },
		{ "--ring 18446744073709551615", "--ring" },
		{ "--ring 18014398509481985K", "--ring" },
		{ "--ring -1", "--ring" },
		{ "--max-connections 0", "--max-connections" },
		{ "--max-connections 1000000001", "--max-connections" },
		{ "--max-connections none", "'none'" },
		{ "--attach magic", "'magic'" },
		{ "--attach FENTRY", "'FENTRY'" },
		{ "hist --by weather", "'weather'" },
		{ "hist --by comm,", "--by" },
		{ "hist --by ''", "--by" },
		{ "hist --top 0", "--top" },
		{ "-N no-such-namespace", "'no-such-namespace'" },
		{ "-N /no/such/namespace", "--netns" },
		{ "-N /proc/self/status", "--netns" },
		{ "-N /proc/self/ns/mnt", "--netns" },
		{ "-N /proc/self/ns", "--netns" },
		{ "-N ''", "--netns" },
		{ "-N .", "--netns" },
		{ "-N ..", "--netns" },
		{ "-N 0", "--netns" },
		{ "-N pid:0", "--netns" },
		{ "-N pid:x", "--netns" },
		{ "-N inode:1", "--netns" },
		{ "-N inode:", "--netns" },
		{ "-N net:[1]", "--netns" },
		{ "-N net:[]", "--netns" },
		{ "-N net:[4026531840", "--netns" },
		{ "-N 4294967295", "--netns" },
		{ "-N 99999999999", "--netns" },
		{ "-C no-such-cgroup", "--cgroup" },
		{ "-C /no/such/cgroup", "--cgroup" },
		{ "-C /proc", "--cgroup" },
		{ "-C /proc/self/status", "--cgroup" },
		{ "-C ''", "--cgroup" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		bad(cases[i].line, cases[i].word);
}

/* `option` with `count` times `value`; returns what options_parse does. */
static int repeat(char *option, const char *value, size_t count)
{
	size_t size = strlen(value) + 1;
	char program[] = "tcpspan", *list = malloc(count * size);
	char *argv[] = { program, option, list, NULL };
	int result;

	for (size_t i = 0; i < count; i++) {
		memcpy(list + i * size, value, size - 1);
		list[i * size + size - 1] = i + 1 < count ? ',' : '\0';
	}
	result = options_parse(3, argv, &got);
	free(list);
	return result;
}

static void as_many_as_fit(void **state)
{
	char pid[] = "-p", addr[] = "-a", comm[] = "-c";
	char line[16 + FILTER_COMMS * 2] = "-c a", names[1040] = "";

	(void)state;
	assert_int_equal(repeat(pid, "7", FILTER_PIDS), 0);
	assert_int_equal(got.filter.pid_count, FILTER_PIDS);
	assert_int_equal(repeat(addr, "::1", FILTER_PREFIXES), 0);
	assert_int_equal(got.filter.prefix_count, FILTER_PREFIXES);
	assert_int_equal(repeat(comm, "a", FILTER_COMMS), 0);
	assert_int_equal(got.filter.comm_count, FILTER_COMMS);
	for (size_t i = 0, end = strlen(line); i < FILTER_COMMS; i++, end += 2)
		memcpy(line + end, ",a", sizeof(",a"));
	bad(line, "a,...': there are too many of them: there is room for 64");
	memset(names, 'a', sizeof(names) - 1);
	memcpy(names, "--unit ", strlen("--unit "));
	bad(names, "too many of them: with their commas there is room for 1024 bytes");
}

/* As systemctl has it: nothing that is called nginx and no more is a unit. */
static void a_unit_is_a_service_unless_it_says_what_it_is(void **state)
{
	static const char *const units[][2] = {
		{ "nginx", "nginx.service" },
		{ "nginx.service", "nginx.service" },
		{ "web@1.2", "web@1.2.service" },
		{ "session-4.scope", "session-4.scope" },
		{ "web-*", "web-*" },
		{ "web-?", "web-?" },
		{ "a\\x2fb", "a\\x2fb" },
	};
	char line[64];

	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		snprintf(line, sizeof(line), "trace --unit %s", units[i][0]);
		good(line);
		assert_string_equal(conn_filter_next_name(&got.filter.units, NULL), units[i][1]);
	}
	good("trace --unit nginx,ssh.socket,db");
	assert_memory_equal(got.filter.units.text, "nginx.service\0ssh.socket\0db.service",
			    sizeof("nginx.service\0ssh.socket\0db.service"));
}

/* Of what nothing can be called nothing would be seen, and nobody would be told why. */
static void names_that_nothing_has(void **state)
{
	static const char *const none[] = {
		"interface a234567890123456",
		"interface a23456789012345*6",
		"interface ?a2345678901234?",
		"interface eth0/1",
		"interface eth0:1",
		"interface wlan%d",
		"interface eth\t0",
		"interface eth0,..",
		"pod a/b/c",
		"pod /cart",
		"pod shop/",
		"pod cart,*/",
		"pod shop/*/c",
		"unit /system.slice/web.service",
		"unit web.service,a/b",
		"unit 1000/",
		"unit 1000/a/b",
		"container /web",
		"container shop/cart",
	};
	static const char *const some[] = {
		"interface a23456789012345",
		"interface a2345678901234*5*",
		"interface red,if12",
		"interface [a-z]a2345678901234",
		"interface [/]",
		"interface a\\b2345678901234",
		"interface *",
		"pod shop/cart-*",
		"pod */cart",
		"pod shop/*",
		"pod [/]/b",
		"unit a\\x2fb.service",
		"unit [a/]b",
		"unit 1000/app.service",
		"container */web",
		"container 3f1c0a5be2d9",
	};
	char line[64], word[64];

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++) {
		snprintf(line, sizeof(line), "trace --%s", none[i]);
		snprintf(word, sizeof(word), "--%.*s cannot be '", (int)strcspn(none[i], " "),
			 none[i]);
		bad(line, word);
	}
	for (size_t i = 0; i < COUNT(some); i++) {
		snprintf(line, sizeof(line), "fleet hist --clickhouse http://localhost --%s",
			 some[i]);
		if (!strncmp(some[i], "interface", strlen("interface")))
			snprintf(line, sizeof(line), "trace --%s", some[i]);
		good(line);
	}
	bad("trace -6 -a 10.0.0.0/8,::ffff:192.0.2.1",
	    "-6 does not go with --addr: no address there is of that family");
	bad("trace -a ::1 -4 -a ::/0", "-4 does not go with --addr: ");
	good("trace -4 -a 0.0.0.0/0,::1");
	good("trace -6 -a ::/0");
	bad("fleet hist --clickhouse http://localhost --pod a/b/c",
	    "it takes NAME, NAMESPACE/NAME");
	bad("trace --interface a234567890123456", "of up to 15 bytes, without blanks, /, : and %");
}

static void own_namespace_by_every_name(void **state)
{
	static const struct {
		const char *before, *behind;
		bool is_pid;
	} forms[] = {
		{ "", "", true },  { "pid:", "", true },    { "/proc/", "/ns/net", true },
		{ "", "", false }, { "inode:", "", false }, { "net:[", "]", false },
	};
	char line[64];
	struct stat st;

	(void)state;
	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	for (size_t i = 0; i < COUNT(forms); i++) {
		unsigned int number = forms[i].is_pid ? (unsigned int)getpid() :
							(unsigned int)st.st_ino;

		snprintf(line, sizeof(line), "-N %s%u%s", forms[i].before, number, forms[i].behind);
		good(line);
		assert_int_equal(got.filter.netns.count, 1);
		assert_int_equal(got.filter.netns.inodes[0], st.st_ino);
	}
	/* Once, however it is called; and what is gone, where a recording may have it. */
	snprintf(line, sizeof(line), "-N self,%u -N self -i night -N inode:7,inode:9",
		 (unsigned int)getpid());
	good(line);
	assert_int_equal(got.filter.netns.count, 3);
	assert_int_equal(got.filter.netns.inodes[0], st.st_ino);
	assert_int_equal(got.filter.netns.inodes[1], 7);
	assert_int_equal(got.filter.netns.inodes[2], 9);
	bad("-N self,inode:9", "--netns cannot be '9'");
	bad("-N self,", "--netns cannot be 'self,'");
	bad("-N self,,self", "'self,,self'");
	bad("-N self,no-such-namespace", "--netns cannot be 'no-such-namespace'");
}

static void as_many_namespaces_as_fit(void **state)
{
	char line[NETNS_LIST_MAX * 16] = "-i night -N inode:1";
	size_t end = strlen(line);

	(void)state;
	for (unsigned int i = 2; i <= NETNS_LIST_MAX; i++)
		end += snprintf(line + end, sizeof(line) - end, ",inode:%u", i);
	good(line);
	assert_int_equal(got.filter.netns.count, NETNS_LIST_MAX);
	assert_int_equal(got.filter.netns.inodes[NETNS_LIST_MAX - 1], NETNS_LIST_MAX);
	snprintf(line + end, sizeof(line) - end, ",inode:9");
	good(line);
	snprintf(line + end, sizeof(line) - end, ",inode:99");
	bad(line, "too many");
}

static void a_namespace_that_fails_changes_nothing(void **state)
{
	uint32_t inode = 42;

	(void)state;
	assert_int_equal(netns_resolve("no-such-namespace", &inode), -ENOENT);
	assert_int_equal(netns_resolve("/no/such/namespace", &inode), -ENOENT);
	assert_int_equal(netns_resolve("/proc/self/status", &inode), -EINVAL);
	assert_int_equal(netns_resolve("/proc/self/ns/mnt", &inode), -EINVAL);
	assert_int_equal(netns_resolve("pid:2147483647", &inode), -ENOENT);
	assert_int_equal(netns_resolve("inode:1", &inode), -ENOENT);
	assert_int_equal(inode, 42);
}

static void the_top_cgroup(void **state)
{
	uint64_t top = 42, other = 43;

	(void)state;
	if (cgroup_resolve(".", &top) == -ENODEV) {
		bad("-C .", "version 2");
		skip();
	}
	assert_int_not_equal(top, 42);
	assert_int_equal(cgroup_resolve("..", &other), -EINVAL);
	assert_int_equal(other, 43);
	good("-C ./");
	assert_int_equal(got.filter.cgroup, top);
	assert_int_equal(got.filter.cgroups.size, 0);
}

/* Those of a recording are known by their paths: this machine need not have them. */
static void a_recorded_cgroup(void **state)
{
	(void)state;
	good("hist -C no-such.slice/ -i FILE");
	assert_int_equal(got.filter.cgroup, 0);
	assert_string_equal(got.filter.cgroups.text, "/no-such.slice");
	good("hist -i FILE -C /sys/fs/cgroup/no-such.slice");
	assert_string_equal(got.filter.cgroups.text, "/no-such.slice");
	bad("hist -i FILE -C a -C b", "one cgroup");
	bad("hist -i FILE -C ''", "--cgroup");
	bad("hist -C no-such.slice", "--cgroup");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_complete),
		cmocka_unit_test(each_option_alone),
		cmocka_unit_test(a_unit_is_a_service_unless_it_says_what_it_is),
		cmocka_unit_test(two_are_compared),
		cmocka_unit_test(recordings),
		cmocka_unit_test(what_is_not_said),
		cmocka_unit_test(trace_needs_not_be_named),
		cmocka_unit_test(switches),
		cmocka_unit_test(what_would_be_ignored),
		cmocka_unit_test(ports),
		cmocka_unit_test(services),
		cmocka_unit_test(owners),
		cmocka_unit_test(addresses),
		cmocka_unit_test(numbers),
		cmocka_unit_test(rings_are_powers_of_two),
		cmocka_unit_test(rings_are_as_many_as_are_asked_for),
		cmocka_unit_test(rungs),
		cmocka_unit_test(stuck_takes_states_in_any_spelling),
		cmocka_unit_test(one_of_them),
		cmocka_unit_test(what_is_given_twice),
		cmocka_unit_test(keys),
		cmocka_unit_test(expectations),
		cmocka_unit_test(answers),
		cmocka_unit_test(help_is_a_word_as_well),
		cmocka_unit_test(help_tells_what_a_command_takes),
		cmocka_unit_test(help_has_one_form),
		cmocka_unit_test(help_speaks_the_language_behind_it),
		cmocka_unit_test(bad_command_lines),
		cmocka_unit_test(as_many_as_fit),
		cmocka_unit_test(names_that_nothing_has),
		cmocka_unit_test(own_namespace_by_every_name),
		cmocka_unit_test(as_many_namespaces_as_fit),
		cmocka_unit_test(a_namespace_that_fails_changes_nothing),
		cmocka_unit_test(the_top_cgroup),
		cmocka_unit_test(a_recorded_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
