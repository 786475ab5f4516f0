// SPDX-License-Identifier: GPL-2.0-only
/* Stuck sockets in each format, byte by byte. */
#include <stdlib.h>

#include "tests/unit/sample_sink.h"
#include "user/aggregate/histogram_set.h"
#include "user/base/text.h"
#include "user/base/units.h"

static const struct holder holders[] = {
	{ .inode = 4711, .pid = 80, .fd = 7, .comm = "a\"b\033" },
	{ .inode = 4711, .pid = 81, .fd = 9, .comm = "web", .way = HOLDER_IO_URING },
};

static const struct holder listener = { .inode = 4712, .pid = 80, .fd = 3, .comm = "web" };

/* Seven seconds in CLOSE_WAIT, looked at 2 s after the start. */
static struct stuck sample_stuck(void)
{
	struct stuck s = {
		.state = STATE_CLOSE_WAIT,
		.mono_ns = 3000 * MS,
		.age_ns = 7000 * MS,
		.age_at_most_ns = 8000 * MS,
		.left_ns = TIME_UNKNOWN,
		.rx_queue_bytes = 101,
		.inode = 4711,
		.grip = STUCK_GRIP_PROCESS,
		.holders = holders,
		.holder_count = 2,
		.holders_known = true,
	};

	s.c.id = 1;
	s.c.netns = 4026531840;
	s.c.lport = 8080;
	s.c.rport = 40001;
	s.c.role = CONN_ROLE_SERVER;
	s.c.cgroup = 4711;
	s.c.pid = 80;
	sample_comm(&s.c, holders[0].comm);
	sample_ipv4(&s.c, 1, 7);
	s.serves = true;
	return s;
}

/* All that can be unknown is; of whoever has an address the port is known. */
static struct stuck unknown_stuck(void)
{
	struct stuck s = {
		.state = STATE_FIN_WAIT2,
		.mono_ns = 3000 * MS,
		.age_ns = TIME_UNKNOWN,
		.age_at_most_ns = TIME_UNKNOWN,
		.left_ns = TIME_UNKNOWN,
		.rx_queue_bytes = STUCK_BYTES_UNKNOWN,
		.tx_queue_bytes = STUCK_BYTES_UNKNOWN,
		.grip = STUCK_GRIP_UNKNOWN,
	};

	s.c.id = 2;
	s.c.rport = 443;
	sample_ipv4(&s.c, 1, 7);
	return s;
}

static const char *netns_name(const struct lore *lore, uint32_t inode, uint64_t cgroup)
{
	(void)cgroup;
	assert_non_null(lore);
	return inode == 4026531840 ? "blue" : NULL;
}

static const struct lore_class names_class = { .cgroup = sample_cgroup, .netns = netns_name };
static struct lore names = { &names_class };

static struct sink_settings settings_with_names(void)
{
	struct sink_settings s = sample_settings;

	s.lore = &names;
	return s;
}

static void json_has_every_field(void **unused)
{
	struct sink_settings settings = settings_with_names();
	struct stuck s = sample_stuck();
	struct buffer out;

	(void)unused;
	buffer_init(&out);
	sink_json.stuck(&settings, &out, &s);
	assert_prints(
		&out,
		"{\"v\":1,\"type\":\"stuck\",\"id\":\"1\",\"netns\":4026531840,\"family\":\"ipv4\","
		"\"laddr\":\"192.0.2.1\",\"lport\":8080,\"raddr\":\"198.51.100.7\","
		"\"rport\":40001,\"role\":\"server\",\"pid\":80,\"comm\":\"a\\\"b\\u001b\","
		"\"process\":\"a\\\"b\\u001b\","
		"\"uid\":0,"
		"\"owner_source\":\"process\",\"mptcp\":null,"
		"\"unit\":null,\"container\":null,\"pod\":null,\"netns_name\":\"blue\","
		"\"flow\":null,"
		"\"ifindex\":null,\"ifname\":null,"
		"\"time\":\"2026-01-02T03:03:07.000000000Z\","
		"\"mono_ns\":3000000000,\"state\":\"CLOSE_WAIT\",\"age_ns\":7000000000,"
		"\"age_quality\":\"at_least\",\"age_at_most_ns\":8000000000,"
		"\"moving\":false,\"held_by\":\"process\",\"holders\":[{\"pid\":80,"
		"\"comm\":\"a\\\"b\\u001b\","
		"\"fd\":7,\"way\":\"descriptor\"},{\"pid\":81,\"comm\":\"web\",\"fd\":9,"
		"\"way\":\"io_uring\"}],\"holders_known\":true,\"listener\":null,"
		"\"rx_queue_bytes\":101,\"tx_queue_bytes\":0,\"resent\":0,\"left_ns\":null,"
		"\"inode\":4711,\"cgroup\":\"/system.slice/web.service\","
		"\"reason\":\"The peer closed at least 7.00s ago; "
		"a\\\"b\\\\x1b[80] (fd 7) and 1 other process still hold it, 101 bytes unread, "
		"and none called close.\"}\n");
	s.change = STUCK_CHANGE_RELEASED;
	s.holder_count = 0;
	s.listener = &listener;
	s.age_is_exact = true;
	s.left_ns = 5;
	sink_json.stuck(&settings, &out, &s);
	buffer_add_char(&out, '\0');
	assert_non_null(strstr(out.bytes, "\"change\":\"released\",\"state\":\"CLOSE_WAIT\","));
	assert_non_null(strstr(out.bytes, "\"age_quality\":\"exact\""));
	assert_non_null(strstr(out.bytes, "\"holders\":[],\"holders_known\":true,"
					  "\"listener\":{\"pid\":80,\"comm\":\"web\",\"fd\":3},"));
	assert_non_null(strstr(out.bytes, "\"left_ns\":5,"));
	buffer_done(&out);
}

static void json_says_null_for_what_is_unknown(void **unused)
{
	struct stuck s = unknown_stuck();
	struct buffer out;

	(void)unused;
	buffer_init(&out);
	sink_json.stuck(&sample_settings, &out, &s);
	assert_prints(
		&out,
		"{\"v\":1,\"type\":\"stuck\",\"id\":\"2\",\"netns\":null,\"family\":\"ipv4\","
		"\"laddr\":\"192.0.2.1\",\"lport\":null,\"raddr\":\"198.51.100.7\","
		"\"rport\":443,\"role\":\"unknown\",\"pid\":null,\"comm\":null,"
		"\"process\":null,\"uid\":null,"
		"\"owner_source\":null,\"mptcp\":null,"
		"\"unit\":null,\"container\":null,\"pod\":null,\"netns_name\":null,\"flow\":null,"
		"\"ifindex\":null,\"ifname\":null,"
		"\"time\":\"2026-01-02T03:03:07.000000000Z\","
		"\"mono_ns\":3000000000,\"state\":\"FIN_WAIT2\",\"age_ns\":null,"
		"\"age_quality\":null,\"age_at_most_ns\":null,\"moving\":false,\"held_by\":null,"
		"\"holders\":null,\"holders_known\":false,\"listener\":null,"
		"\"rx_queue_bytes\":null,\"tx_queue_bytes\":null,\"resent\":0,"
		"\"left_ns\":null,\"inode\":null,\"cgroup\":null,"
		"\"reason\":\"Our side closed an unknown time ago, and 198.51.100.7:443 "
		"acknowledged it but never closed its own side; "
		"which process holds it is not known.\"}"
		"\n");
	buffer_done(&out);
}

static void json_sums_up(void **unused)
{
	const struct stuck_counts counts = { .sockets = 11, .stuck = 7, .vanished = 2, .young = 3 };
	const struct summary summary = { .stuck = &counts };
	struct buffer out;

	(void)unused;
	buffer_init(&out);
	sink_json.summary(&sample_settings, &out, &summary);
	buffer_add_char(&out, '\0');
	assert_non_null(strstr(out.bytes, "\"stuck\":{\"sockets\":11,\"stuck\":7,\"begun\":0,"
					  "\"released\":0,\"age_unknown\":0,\"young\":3,"
					  "\"moving\":0,"
					  "\"accept_unknown\":0,\"vanished\":2,"));
	buffer_done(&out);
}

static void csv_has_a_row_under_its_header(void **unused)
{
	struct sink_settings settings = settings_with_names();
	struct stuck s = sample_stuck(), unknown = unknown_stuck();
	struct buffer out;

	(void)unused;
	s.c.ifindex = 3;
	s.listener = &holders[1];
	unknown.is_moving = true;
	buffer_init(&out);
	sink_csv.stuck_header(&settings, &out);
	sink_csv.stuck(&settings, &out, &s);
	sink_csv.stuck(&sample_settings, &out, &unknown);
	assert_prints(
		&out,
		"id,netns,family,laddr,lport,raddr,rport,role,pid,comm,uid,mptcp,time,mono_ns,"
		"change,state,age_ns,age_quality,age_at_most_ns,held_by,holders,holders_known,"
		"rx_queue_bytes,tx_queue_bytes,resent,left_ns,inode,cgroup,netns_name,reason,"
		"unit,container,pod,container_id,pod_uid,flow,stack,ifindex,ifname,process,"
		"owner_source,moving,listener\n"
		"1,4026531840,ipv4,192.0.2.1,8080,198.51.100.7,40001,server,80,\"a\"\"b\\x1b\",0,"
		"false,2026-01-02T03:03:07.000000000Z,3000000000,,CLOSE_WAIT,7000000000,at_least,"
		"8000000000,process,80:7 81:9,true,101,0,0,,4711,/system.slice/web.service,blue,"
		"\"The peer closed at least 7.00s ago; a\"\"b\\x1b[80] (fd 7) and 1 other process "
		"still hold it, 101 bytes unread, and none called close.\",,,,,,,,3,,"
		"\"a\"\"b\\x1b\",process,false,81:9\n"
		"2,,ipv4,192.0.2.1,,198.51.100.7,443,unknown,,,,false,"
		"2026-01-02T03:03:07.000000000Z,3000000000,,FIN_WAIT2,,,,,,false,,,0,,,,,"
		"\"Our side closed an unknown time ago, and 198.51.100.7:443 acknowledged it and "
		"still sends; which process holds it is not known.\",,,,,,,,,,,,true,\n");
	buffer_done(&out);
}

static const char *long_netns_name(const struct lore *lore, uint32_t inode, uint64_t cgroup)
{
	(void)cgroup;
	assert_non_null(lore);
	return inode ? "=2345678901234567890123456789012345678901234567890" : NULL;
}

/* The name of a namespace is longer than that of any process. */
static void csv_quotes_names_of_any_length(void **unused)
{
	static const struct lore_class class = { .netns = long_netns_name };
	struct sink_settings settings = sample_settings;
	struct stuck s = sample_stuck();
	struct lore lore = { &class };
	struct buffer out;

	(void)unused;
	buffer_init(&out);
	settings.lore = &lore;
	sink_csv.stuck(&settings, &out, &s);
	buffer_add_char(&out, '\0');
	assert_non_null(strstr(out.bytes, ",'=2345678901234567890123456789012345678901234567890,"));
	buffer_done(&out);
}

static void text_has_a_line_for_each(void **unused)
{
	struct sink_settings settings = settings_with_names();
	struct stuck s = sample_stuck(), unknown = unknown_stuck();
	struct buffer out;

	(void)unused;
	buffer_init(&out);
	sink_text.stuck_header(&settings, &out);
	sink_text.stuck(&settings, &out, &s);
	sink_text.stuck(&settings, &out, &unknown);
	assert_prints(
		&out,
		"STATE          AGE     PID COMM       FD  RX-Q  TX-Q LPORT RADDR           RPORT\n"
		"CLOSE_WAIT  >7.00s      80 a\"b\\x1b     7   101     0  "
		"8080 198.51.100.7    40001\n"
		"FIN_WAIT2        -       - -           -     -     -     - "
		"198.51.100.7      443\n");
	settings.watch = true;
	settings.wall_time = true;
	s.change = STUCK_CHANGE_STUCK;
	s.age_is_exact = true;
	sink_text.stuck_header(&settings, &out);
	sink_text.stuck(&settings, &out, &s);
	assert_prints(
		&out,
		"TIME         CHANGE   STATE          AGE     PID COMM     RADDR           RPORT\n"
		"03:03:07.000 stuck    CLOSE_WAIT   7.00s      80 a\"b\\x1b  "
		"198.51.100.7    40001\n");
	settings.wall_time = false;
	settings.timestamp = true;
	sink_text.stuck(&settings, &out, &s);
	assert_prints(&out, "   2.000000 stuck    CLOSE_WAIT   7.00s      80 a\"b\\x1b  "
			    "198.51.100.7    40001\n");
	settings = settings_with_names();
	settings.wide = true;
	sink_text.stuck(&settings, &out, &s);
	buffer_add_char(&out, '\0');
	assert_non_null(strstr(out.bytes, " 4026531840 process "));
	assert_non_null(strstr(out.bytes, " The peer closed 7.00s ago; "));
	buffer_done(&out);
}

static void text_has_groups_with_a_sentence(void **unused)
{
	struct sink_settings settings = settings_with_names();
	struct stuck all[] = { sample_stuck(), sample_stuck(), unknown_stuck() };
	struct stuck_group *groups;
	struct buffer out;
	size_t count;

	(void)unused;
	all[1].age_ns -= MS;
	all[1].c.rport++;
	stuck_sort(all, 3);
	buffer_init(&out);
	assert_int_equal(stuck_groups_new(all, 3, 0, NULL, &groups, &count), 0);
	sink_text.stuck_groups(&settings, &out, groups, count, 0);
	assert_prints(
		&out,
		"STATE        COUNT  OLDEST HOLDER                         REMOTE\n"
		"CLOSE_WAIT       2  >7.00s a\"b\\x1b[80] +1                 to port 8080 here\n"
		"  2 peers closed, the first at least 7.00s ago; "
		"a\"b\\x1b[80] and 1 other process\n"
		"  still hold them, 202 bytes unread, and none called close.\n"
		"FIN_WAIT2        1       - -                              198.51.100.7 port 443\n"
		"  Our side closed an unknown time ago, and 198.51.100.7:443 acknowledged it but\n"
		"  never closed its own side; which process holds it is not known.\n");
	free(groups);
	assert_int_equal(stuck_groups_new(all, 3, 1U << GROUP_BY_CGROUP | 1U << GROUP_BY_COMM, NULL,
					  &groups, &count),
			 0);
	sink_text.stuck_groups(&settings, &out, groups, 1,
			       1U << GROUP_BY_CGROUP | 1U << GROUP_BY_COMM);
	buffer_add_char(&out, '\0');
	assert_non_null(strstr(out.bytes, "\n  comm=a\"b\\x1b cgroup=/system.slice/web.service\n"));
	out.size = 0;
	sink_text.stuck_groups(&settings, &out, groups, 0, 0);
	assert_int_equal(out.size, 0);
	free(groups);
	buffer_done(&out);
}

/* What stands in the cells is said in the language, and takes the columns of its characters. */
static void groups_have_cells_in_chinese(void **unused)
{
	struct sink_settings settings = settings_with_names();
	struct stuck all[] = { sample_stuck(), unknown_stuck() };
	struct stuck_group *groups;
	struct buffer out;
	size_t count;

	(void)unused;
	settings.language = LADDER_ZH;
	all[1].c.rport = 443;
	buffer_init(&out);
	assert_int_equal(stuck_groups_new(all, 2, 0, NULL, &groups, &count), 0);
	sink_text.stuck_groups(&settings, &out, groups, count, 0);
	buffer_add_char(&out, '\0');
	assert_non_null(strstr(out.bytes, " 到本机端口 8080\n"));
	assert_non_null(strstr(out.bytes, " 198.51.100.7 端口 443\n"));
	free(groups);
	buffer_done(&out);
}

/* Holders have the room that they need, and what is left is the remote's. */
static void groups_fit_the_terminal(void **unused)
{
	struct sink_settings settings = settings_with_names();
	struct stuck all[] = { unknown_stuck(), unknown_stuck() };
	struct stuck_group *groups;
	struct buffer out;
	size_t count;

	(void)unused;
	for (size_t i = 0; i < sizeof(all[0].c.raddr.byte); i++)
		all[0].c.raddr.byte[i] = (uint8_t)(0x21 + i);
	all[0].c.rport = 65535;
	sample_ipv4(&all[1].c, 1, 173);
	all[1].c.rport = 65535;
	buffer_init(&out);
	assert_int_equal(stuck_groups_new(all, 2, 0, NULL, &groups, &count), 0);
	assert_int_equal(count, 2);
	sink_text.stuck_groups(&settings, &out, groups, count, 0);
	buffer_add_char(&out, '\0');
	assert_non_null(strstr(out.bytes, " HOLDER REMOTE\n"));
	assert_non_null(strstr(out.bytes, " -      198.51.100.173 port 65535\n"));
	assert_non_null(
		strstr(out.bytes, " -      2122:2324:2526:27..a:2b2c:2d2e:2f30 port 65535\n"));
	for (char *line = strtok(out.bytes, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 80);
	out.size = 0;
	settings.wide = true;
	sink_text.stuck_groups(&settings, &out, groups, count, 0);
	buffer_add_char(&out, '\0');
	assert_non_null(strstr(out.bytes, " 2122:2324:2526:2728:292a:2b2c:2d2e:2f30 port 65535\n"));
	free(groups);
	buffer_done(&out);
}

static void assert_fits(struct buffer *out)
{
	buffer_add_char(out, '\0');
	assert_false(out->failed);
	for (char *line = strtok(out->bytes, "\n"); line; line = strtok(NULL, "\n"))
		if (text_width(line, strlen(line)) > 80)
			fail_msg("%zu columns: '%s'", text_width(line, strlen(line)), line);
	out->size = 0;
}

/* Whatever stands in front, and however long the names are: what is cut is a name, not a number. */
static void times_leave_room_for_names(void **unused)
{
	static const struct holder long_names[] = {
		{ .inode = 4711,
		  .pid = 4194303,
		  .fd = 1023,
		  .comm = "\033\033\033\033\033\033\033" },
		{ .inode = 4711, .pid = 4194303, .fd = 1023, .comm = "fifteen-letters" },
	};
	struct sink_settings settings = settings_with_names();
	struct stuck all[] = { sample_stuck(), sample_stuck() };
	struct stuck_group *groups;
	struct buffer out;
	size_t count;

	(void)unused;
	settings.wall_time = settings.timestamp = true;
	buffer_init(&out);
	for (size_t i = 0; i < 2; i++) {
		all[i].holders = &long_names[i];
		all[i].holder_count = 1;
		all[i].c.pid = 4194303;
		memcpy(all[i].c.comm, long_names[i].comm, sizeof(all[i].c.comm));
		all[i].serves = false;
		for (size_t b = 0; b < sizeof(all[i].c.raddr.byte); b++)
			all[i].c.raddr.byte[b] = (uint8_t)(0x21 + b + i);
		all[i].c.rport = 65535;
		all[i].mono_ns = 99999 * NS_PER_S;
	}
	all[1].c.netns = 4026532001;
	for (unsigned int turn = 0; turn < 4; turn++) {
		settings.language = turn % 2 ? LADDER_ZH : LADDER_EN;
		settings.watch = turn / 2;
		sink_text.stuck_header(&settings, &out);
		for (size_t i = 0; i < 2; i++)
			sink_text.stuck(&settings, &out, &all[i]);
		assert_fits(&out);
		assert_int_equal(stuck_groups_new(all, 2, 0, NULL, &groups, &count), 0);
		sink_text.stuck_groups(&settings, &out, groups, count, 0);
		buffer_add_char(&out, '\0');
		assert_non_null(strstr(out.bytes, "..[4194303]\n"));
		assert_non_null(strstr(out.bytes, " fifteen-letters[4194303]\n"));
		assert_non_null(strstr(out.bytes, "\n  2223:2425:2627:2829:2a2b:2c2d:2e2f:3031 "));
		assert_fits(&out);
		free(groups);
	}
	buffer_done(&out);
}

/* The same service in two namespaces is two groups, which must not look alike. */
static void text_tells_namespaces_apart(void **unused)
{
	struct sink_settings settings = settings_with_names();
	struct stuck all[] = { sample_stuck(), sample_stuck(), sample_stuck() };
	struct stuck_group *groups;
	struct buffer out;
	size_t count;

	(void)unused;
	for (size_t i = 0; i < 3; i++) {
		all[i].grip = STUCK_GRIP_NOBODY;
		all[i].holder_count = 0;
	}
	all[2].c.netns = 4026532001;
	buffer_init(&out);
	assert_int_equal(stuck_groups_new(all, 3, 0, NULL, &groups, &count), 0);
	sink_text.stuck_groups(&settings, &out, groups, count, 0);
	buffer_add_char(&out, '\0');
	assert_non_null(strstr(out.bytes, " to port 8080 here, netns blue\n"));
	assert_non_null(strstr(out.bytes, " to port 8080 here, netns 4026532001\n"));
	out.size = 0;
	sink_text.stuck_groups(&settings, &out, groups, count, 1U << GROUP_BY_LPORT);
	buffer_add_char(&out, '\0');
	assert_null(strstr(out.bytes, ", netns "));
	out.size = 0;
	sink_text.stuck_groups(&settings, &out, groups, 1, 0);
	buffer_add_char(&out, '\0');
	assert_null(strstr(out.bytes, ", netns "));
	free(groups);
	buffer_done(&out);
}

static void words_say_what_could_not_be_seen(void **unused)
{
	struct stuck_counts counts = { .sockets = 11, .stuck = 1 };
	const struct summary summary = { .stuck = &counts, .duration_ns = 50 * MS };
	struct buffer out;

	(void)unused;
	buffer_init(&out);
	sink_summary_words(&out, &summary, false);
	assert_prints(&out, "1 socket is stuck (looked at in 50.0ms).\n");
	counts.stuck = 0;
	counts.unreadable_processes = 3;
	counts.age_unknown = 1;
	sink_summary_words(&out, &summary, false);
	assert_prints(&out, "Nothing is known to be stuck (looked at in 50.0ms).\n"
			    "warning: not everything could be seen: 3 processes whose descriptors "
			    "could not\n"
			    "  be read, 1 left out because its age is unknown.\n");
	counts = (struct stuck_counts){ .holders_unknown = 1,
					.unreadable_processes = 1,
					.hidden_processes = 1,
					.age_unknown = 2 };
	sink_summary_words(&out, &summary, false);
	assert_prints(&out, "Nothing is known to be stuck (looked at in 50.0ms).\n"
			    "warning: not everything could be seen: 1 socket whose holders are not "
			    "all known,\n"
			    "  1 process whose descriptors could not be read, 1 process that does "
			    "not show\n"
			    "  its network namespace, 2 left out because their age is unknown.\n");
	buffer_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_has_every_field),
		cmocka_unit_test(json_says_null_for_what_is_unknown),
		cmocka_unit_test(json_sums_up),
		cmocka_unit_test(csv_has_a_row_under_its_header),
		cmocka_unit_test(csv_quotes_names_of_any_length),
		cmocka_unit_test(text_has_a_line_for_each),
		cmocka_unit_test(text_has_groups_with_a_sentence),
		cmocka_unit_test(groups_have_cells_in_chinese),
		cmocka_unit_test(groups_fit_the_terminal),
		cmocka_unit_test(times_leave_room_for_names),
		cmocka_unit_test(text_tells_namespaces_apart),
		cmocka_unit_test(words_say_what_could_not_be_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
