// SPDX-License-Identifier: GPL-2.0-only
/* NDJSON, byte for byte: the contract's fields in the contract's order, null for the unknown. */
#include "tests/unit/sample_sink.h"

static struct buffer out;

static void print_connection(struct conn c)
{
	sink_json.connection(&sample_settings, &out, &c);
}

static void a_known_connection(void **unused)
{
	(void)unused;
	print_connection(sample_client());
	assert_prints(&out,
		      "{\"v\":1,\"type\":\"connection\",\"id\":\"17\",\"netns\":4026531840,"
		      "\"family\":\"ipv4\",\"laddr\":\"192.0.2.1\",\"lport\":40000,"
		      "\"raddr\":\"198.51.100.7\",\"rport\":443,\"role\":\"client\",\"pid\":4321,"
		      "\"comm\":\"curl\",\"process\":\"curl\",\"uid\":1000,"
		      "\"owner_source\":\"process\",\"mptcp\":null,"
		      "\"unit\":null,\"container\":null,\"pod\":null,\"netns_name\":null,"
		      "\"flow\":\"0f3a09c1d2e4b678\",\"ifindex\":null,\"ifname\":null,"
		      "\"time\":\"2026-01-02T03:03:05.000000000Z\","
		      "\"end_time\":\"2026-01-02T03:03:06.090000000Z\",\"timeline\":["
		      "{\"state\":\"SYN_SENT\",\"mono_ns\":1000000000,\"dwell_ns\":80123456},"
		      "{\"state\":\"ESTABLISHED\",\"mono_ns\":1080123456,\"dwell_ns\":919876544},"
		      "{\"state\":\"FIN_WAIT1\",\"mono_ns\":2000000000,\"dwell_ns\":80000000},"
		      "{\"state\":\"FIN_WAIT2\",\"mono_ns\":2080000000,\"dwell_ns\":10000000},"
		      "{\"state\":\"TIME_WAIT\",\"mono_ns\":2090000000,\"dwell_ns\":null}],"
		      "\"handshake\":{\"latency_ns\":80123456,\"quality\":\"exact\","
		      "\"retransmits\":1,\"flags\":[]},\"accept_wait_ns\":null,"
		      "\"close\":{\"outcome\":\"closed\",\"initiator\":\"local\",\"errno\":null,"
		      "\"cause\":\"closed_by_local\",\"reset_reason\":null,\"tries\":null},"
		      "\"time_wait\":{\"duration_ns\":null,\"end\":null,\"quality\":\"unknown\","
		      "\"rearms\":0},"
		      "\"bytes_sent\":1234,\"bytes_received\":56789,\"retransmits\":2,"
		      "\"retransmits_by\":null,"
		      "\"segments_sent\":21,\"segments_received\":17,\"srtt_us\":80100,"
		      "\"min_rtt_us\":79900,\"congestion_control\":\"cubic\",\"complete\":true,"
		      "\"gaps\":0,\"seeded\":false}\n");
}

static void a_server_without_owner(void **unused)
{
	(void)unused;
	print_connection(sample_server());
	assert_prints(
		&out,
		"{\"v\":1,\"type\":\"connection\",\"id\":\"18\",\"netns\":4026532000,"
		"\"family\":\"ipv6\",\"laddr\":\"2001:db8::1\",\"lport\":8080,"
		"\"raddr\":\"2001:db8:1:2:3:4:beef:cafe\",\"rport\":51234,\"role\":\"server\","
		"\"pid\":null,\"comm\":null,\"process\":null,\"uid\":null,"
		"\"owner_source\":null,\"mptcp\":{\"token\":null,\"subflow\":null,\"joined\":null},"
		"\"unit\":null,\"container\":null,\"pod\":null,\"netns_name\":null,"
		"\"flow\":null,"
		"\"ifindex\":null,\"ifname\":null,"
		"\"time\":\"2026-01-02T03:03:04.999750000Z\","
		"\"end_time\":\"2026-01-02T03:03:05.001100000Z\",\"timeline\":["
		"{\"state\":\"SYN_RECV\",\"mono_ns\":999750000,\"dwell_ns\":250000},"
		"{\"state\":\"ESTABLISHED\",\"mono_ns\":1000000000,\"dwell_ns\":500000},"
		"{\"state\":\"CLOSE_WAIT\",\"mono_ns\":1000500000,\"dwell_ns\":500000},"
		"{\"state\":\"LAST_ACK\",\"mono_ns\":1001000000,\"dwell_ns\":100000},"
		"{\"state\":\"CLOSED\",\"mono_ns\":1001100000,\"dwell_ns\":null}],"
		"\"handshake\":{\"latency_ns\":250000,\"quality\":\"estimated\","
		"\"retransmits\":0,\"flags\":[\"fastopen\",\"deferred\"]},\"accept_wait_ns\":null,"
		"\"close\":{\"outcome\":\"closed\",\"initiator\":\"remote\",\"errno\":null,"
		"\"cause\":null,\"reset_reason\":null,\"tries\":null},"
		"\"time_wait\":null,\"bytes_sent\":0,\"bytes_received\":0,\"retransmits\":0,"
		"\"retransmits_by\":null,"
		"\"segments_sent\":null,\"segments_received\":null,\"srtt_us\":null,"
		"\"min_rtt_us\":null,\"congestion_control\":null,\"complete\":true,"
		"\"gaps\":0,\"seeded\":false}\n");
}

static void an_unknown_connection(void **unused)
{
	(void)unused;
	print_connection(sample_unknown());
	assert_prints(
		&out,
		"{\"v\":1,\"type\":\"connection\",\"id\":\"19\",\"netns\":null,\"family\":null,"
		"\"laddr\":null,\"lport\":null,\"raddr\":null,\"rport\":null,"
		"\"role\":\"unknown\",\"pid\":null,\"comm\":null,\"process\":null,\"uid\":null,"
		"\"owner_source\":null,\"mptcp\":null,"
		"\"unit\":null,\"container\":null,\"pod\":null,\"netns_name\":null,"
		"\"flow\":null,"
		"\"ifindex\":null,\"ifname\":null,"
		"\"time\":null,\"end_time\":null,\"timeline\":["
		"{\"state\":\"ESTABLISHED\",\"mono_ns\":null,\"dwell_ns\":null},"
		"{\"state\":\"CLOSED\",\"mono_ns\":null,\"dwell_ns\":null}],"
		"\"handshake\":{\"latency_ns\":null,\"quality\":\"unknown\","
		"\"retransmits\":null,\"flags\":[]},\"accept_wait_ns\":null,"
		"\"close\":{\"outcome\":null,\"initiator\":null,\"errno\":null,"
		"\"cause\":null,\"reset_reason\":null,\"tries\":null},"
		"\"time_wait\":null,\"bytes_sent\":null,\"bytes_received\":null,"
		"\"retransmits\":null,"
		"\"retransmits_by\":null,\"segments_sent\":null,\"segments_received\":null,"
		"\"srtt_us\":null,\"min_rtt_us\":null,\"congestion_control\":null,"
		"\"complete\":false,\"gaps\":1,"
		"\"seeded\":true}\n");
}

static void a_refused_connect(void **unused)
{
	(void)unused;
	print_connection(sample_refused());
	assert_prints(&out,
		      "{\"v\":1,\"type\":\"connection\",\"id\":\"20\",\"netns\":4026531840,"
		      "\"family\":\"ipv4\",\"laddr\":\"192.0.2.1\",\"lport\":null,"
		      "\"raddr\":\"198.51.100.8\",\"rport\":81,\"role\":\"client\",\"pid\":1,"
		      "\"comm\":\"x\",\"process\":\"x\",\"uid\":0,"
		      "\"owner_source\":\"process\",\"mptcp\":null,"
		      "\"unit\":null,\"container\":null,\"pod\":null,\"netns_name\":null,"
		      "\"flow\":null,"
		      "\"ifindex\":null,\"ifname\":null,"
		      "\"time\":\"2026-01-02T03:03:05.000000000Z\","
		      "\"end_time\":\"2026-01-02T03:03:05.000000850Z\",\"timeline\":["
		      "{\"state\":\"SYN_SENT\",\"mono_ns\":1000000000,\"dwell_ns\":850},"
		      "{\"state\":\"CLOSED\",\"mono_ns\":1000000850,\"dwell_ns\":null}],"
		      "\"handshake\":{\"latency_ns\":null,\"quality\":\"unknown\","
		      "\"retransmits\":0,\"flags\":[]},\"accept_wait_ns\":null,"
		      "\"close\":{\"outcome\":\"refused\","
		      "\"initiator\":\"remote\",\"errno\":\"ECONNREFUSED\","
		      "\"cause\":\"refused\",\"reset_reason\":null,\"tries\":null},"
		      "\"time_wait\":null,\"bytes_sent\":0,\"bytes_received\":0,\"retransmits\":0,"
		      "\"retransmits_by\":null,"
		      "\"segments_sent\":null,\"segments_received\":null,\"srtt_us\":null,"
		      "\"min_rtt_us\":null,\"congestion_control\":null,\"complete\":true,"
		      "\"gaps\":0,\"seeded\":false}\n");
}

static void a_workload(void **unused)
{
	struct sink_settings settings = sample_settings;
	struct transition t = sample_transition();
	struct half_open h = sample_half_open();
	struct conn c = sample_client();
	static const char told[] =
		"\"unit\":\"web.service\",\"container\":\"=1+1\","
		"\"pod\":\"shop/\\u001b[2Jcart\",\"slice\":\"app.slice\",\"unit_user\":1000,"
		"\"container_id\":\"0a1b2c\",\"runtime\":\"podman\",\"pod_uid\":\"8b9c\","
		"\"qos\":\"burstable\",";

	(void)unused;
	settings.lore = sample_workloads();
	c.cgroup = h.cgroup = 4711;
	sink_json.connection(&settings, &out, &c);
	assert_non_null(strstr(sample_text(&out), told));
	sink_json.transition(&settings, &out, &c, &t);
	assert_non_null(strstr(sample_text(&out), told));
	sink_json.half_open(&settings, &out, &h);
	assert_non_null(strstr(sample_text(&out), told));
}

static void groups_by_workload(void **unused)
{
	struct histogram_set *set = histogram_set_new(
		1 << GROUP_BY_UNIT | 1 << GROUP_BY_CONTAINER | 1 << GROUP_BY_POD, 9);
	struct sink_settings settings = sample_settings;
	struct transition t = { .from = STATE_FIN_WAIT1, .dwell_ns = 5 };
	struct conn c = sample_client();
	const char *text;

	(void)unused;
	settings.lore = sample_workloads();
	for (c.cgroup = 4711; c.cgroup <= 4712; c.cgroup++)
		feed_transition(histogram_set_consumer(set), &c, &t);
	sink_json.histograms(&settings, &out, set);
	histogram_set_free(set);
	text = sample_text(&out);
	assert_non_null(strstr(text, "\"by\":{\"unit\":\"web.service\",\"unit_user\":1000,"
				     "\"container\":\"=1+1\",\"pod\":\"shop/\\u001b[2Jcart\"}"));
	assert_non_null(strstr(text, "\"by\":{\"unit\":null,\"unit_user\":null,"
				     "\"container\":null,\"pod\":null}"));
}

static bool one_process(const struct lore *lore, const struct conn *c, struct lore_process *ret)
{
	assert_non_null(lore);
	*ret = (struct lore_process){ 7, "a\033 b --key=x", 12 };
	return c->pid == sample_client().pid;
}

/* Only where it is asked for, and of a process that is the owner itself. */
static void a_command_line(void **unused)
{
	static const struct lore_class class = { .process = one_process };
	struct lore lore = { &class };
	struct sink_settings settings = sample_settings;
	struct conn c = sample_client();

	(void)unused;
	settings.lore = &lore;
	sink_json.connection(&settings, &out, &c);
	assert_null(strstr(sample_text(&out), "cmdline"));
	settings.cmdline = true;
	sink_json.connection(&settings, &out, &c);
	assert_non_null(
		strstr(sample_text(&out), "\"ppid\":7,\"cmdline\":\"a\\u001b b --key=x\","));
	c.flags |= CONN_OF_LISTENER;
	sink_json.connection(&settings, &out, &c);
	assert_non_null(strstr(sample_text(&out), "\"ppid\":null,\"cmdline\":null,"));
}

static void a_hostile_congestion_control(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	c.congestion = SAMPLE_HOSTILE_CONGESTION;
	sink_json.connection(&sample_settings, &out, &c);
	assert_non_null(strstr(sample_text(&out), "\"congestion_control\":\"cu\\\"bi\\\\c\","));
}

/* Nothing of what a process calls itself leaves its string. */
static void a_hostile_comm(void **unused)
{
	struct transition t = sample_transition();
	struct conn c = sample_widest();

	(void)unused;
	sink_json.transition(&sample_settings, &out, &c, &t);
	assert_prints(&out, "{\"v\":1,\"type\":\"transition\",\"id\":\"18446744073709551615\","
			    "\"netns\":4294967295,\"family\":\"ipv6\","
			    "\"laddr\":\"eeee:eeee:eeee:eeee:eeee:eeee:eeee:eeee\",\"lport\":65535,"
			    "\"raddr\":\"dddd:dddd:dddd:dddd:dddd:dddd:dddd:dddd\",\"rport\":65535,"
			    "\"role\":\"unknown\",\"pid\":4194304,"
			    "\"comm\":\"\\u001b[31m\\\"\\\\,\\u000a\xef\xbf\xbd=\\u0009"
			    "\xef\xbf\xbd\xef\xbf\xbd"
			    "ab\",\"process\":\"\\u001b[31m\\\"\\\\,\\u000a\xef\xbf\xbd=\\u0009"
			    "\xef\xbf\xbd\xef\xbf\xbd"
			    "ab\",\"uid\":4294967295,\"owner_source\":\"process\",\"mptcp\":null,"
			    "\"unit\":null,\"container\":null,\"pod\":null,\"netns_name\":null,"
			    "\"flow\":null,"
			    "\"ifindex\":null,\"ifname\":null,"
			    "\"time\":\"2026-01-02T03:03:05.080123456Z\",\"mono_ns\":1080123456,"
			    "\"from\":\"SYN_SENT\",\"to\":\"ESTABLISHED\",\"dwell_ns\":80123456,"
			    "\"origin\":\"kernel\"}\n");
}

static void an_inferred_transition(void **unused)
{
	struct transition t = sample_inferred();
	struct conn c = sample_refused();

	(void)unused;
	sink_json.transition(&sample_settings, &out, &c, &t);
	assert_prints(&out, "{\"v\":1,\"type\":\"transition\",\"id\":\"20\",\"netns\":4026531840,"
			    "\"family\":\"ipv4\",\"laddr\":\"192.0.2.1\",\"lport\":null,"
			    "\"raddr\":\"198.51.100.8\",\"rport\":81,\"role\":\"client\",\"pid\":1,"
			    "\"comm\":\"x\",\"process\":\"x\",\"uid\":0,"
			    "\"owner_source\":\"process\",\"mptcp\":null,"
			    "\"unit\":null,\"container\":null,\"pod\":null,\"netns_name\":null,"
			    "\"flow\":null,"
			    "\"ifindex\":null,\"ifname\":null,\"time\":null,"
			    "\"mono_ns\":null,\"from\":\"ESTABLISHED\",\"to\":\"CLOSE_WAIT\","
			    "\"dwell_ns\":null,\"origin\":\"inferred\"}\n");
}

static const char *print(struct conn c)
{
	print_connection(c);
	return sample_text(&out);
}

static void assert_has(struct conn c, const char *part)
{
	if (!strstr(print(c), part))
		fail_msg("missing: %s", part);
}

static void time_wait_is_told(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	sample_step(&c, STATE_CLOSED, 62090000000);
	assert_has(c, "\"time_wait\":{\"duration_ns\":null,\"end\":null,\"quality\":\"unknown\","
		      "\"rearms\":0}");
	c.time_wait_quality = CONN_QUALITY_EXACT;
	c.time_wait_rearms = 3;
	c.time_wait_end = CONN_TW_END_EXPIRED;
	assert_has(c, "\"time_wait\":{\"duration_ns\":60000000000,\"end\":\"expired\","
		      "\"quality\":\"exact\",\"rearms\":3}");
	assert_has(c, "\"end_time\":\"2026-01-02T03:04:06.090000000Z\"");
	c.flags &= (uint16_t)~CONN_TIME_WAIT_SEEN;
	c.time_wait_end = CONN_TW_END_OVERFLOW;
	c.time_wait_quality = CONN_QUALITY_UNKNOWN;
	assert_has(c, "\"time_wait\":{\"duration_ns\":null,\"end\":\"overflow\","
		      "\"quality\":\"unknown\",\"rearms\":3}");
}

static void an_open_connection_has_no_end(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	c.step_count = 2;
	c.outcome = CONN_OUTCOME_OPEN;
	c.flags = CONN_HAS_OWNER | CONN_HAS_ENDPOINTS;
	assert_has(c, "\"end_time\":null,");
	assert_has(c, "\"outcome\":\"open\"");
	assert_has(c, "\"bytes_sent\":null,\"bytes_received\":null,\"retransmits\":null,");
}

/* A latency that is withheld is never of a quality, whatever else was noted. */
static void quality_follows_latency(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	c.handshake_ns = TIME_UNKNOWN;
	assert_has(c, "\"latency_ns\":null,\"quality\":\"unknown\"");
	c = sample_client();
	c.handshake_quality = CONN_QUALITY_UNKNOWN;
	assert_has(c, "\"latency_ns\":null,\"quality\":\"unknown\"");
}

static bool is_resent_known;

static bool resent(const struct lore *lore, const struct conn *c, struct resent *ret_resent)
{
	(void)c;
	assert_non_null(lore);
	if (!is_resent_known)
		return false;
	*ret_resent = (struct resent){ { 1, 2, 3, 4, 5 } };
	return true;
}

static void what_was_sent_again_is_told_by_its_cause(void **unused)
{
	static const struct lore_class class = { .resent = resent };
	struct sink_settings settings = sample_settings;
	struct lore lore = { &class };
	struct conn c = sample_client();

	(void)unused;
	is_resent_known = true;
	settings.lore = &lore;
	out.size = 0;
	sink_json.connection(&settings, &out, &c);
	assert_non_null(strstr(sample_text(&out),
			       "\"retransmits\":2,\"retransmits_by\":{\"syn\":1,\"synack\":2,"
			       "\"timeout\":3,\"fast\":4,\"probe\":5},"));
	out.size = 0;
	is_resent_known = false;
	sink_json.connection(&settings, &out, &c);
	assert_non_null(strstr(sample_text(&out), "\"retransmits_by\":null,"));
	out.size = 0;
	is_resent_known = true;
	c.retransmits = 0;
	sink_json.connection(&settings, &out, &c);
	assert_non_null(strstr(sample_text(&out), "\"retransmits_by\":null,"));
	out.size = 0;
}

static void zero_is_unknown_where_zero_cannot_be(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	c.pid = PID_UNKNOWN;
	c.srtt_us = 0;
	c.laddr = address_from_ipv4((const uint8_t[4]){ 0 });
	assert_has(c, "\"laddr\":null,\"lport\":40000,\"raddr\":\"198.51.100.7\",\"rport\":443,");
	assert_has(c, "\"pid\":null,\"comm\":\"curl\",\"process\":\"curl\",\"uid\":1000,"
		      "\"owner_source\":\"process\",");
	assert_has(c, "\"srtt_us\":null,");
	memset(&c.laddr, 0, sizeof(c.laddr));
	assert_has(c, "\"laddr\":null,");
	/* Without its flag a field means nothing; the port of a listener is known before. */
	c = sample_client();
	c.flags &= (uint16_t) ~(CONN_HAS_ENDPOINTS | CONN_HAS_OWNER);
	assert_has(c, "\"family\":null,\"laddr\":null,\"lport\":40000,\"raddr\":null,"
		      "\"rport\":null,");
	assert_has(c,
		   "\"role\":\"client\",\"pid\":null,\"comm\":null,\"process\":null,\"uid\":null,"
		   "\"owner_source\":null,");
}

/* A connect to it sends a SYN, as to any other. */
static void a_peers_port_may_be_0(void **unused)
{
	struct conn c = sample_client();
	struct half_open h = sample_half_open();

	(void)unused;
	c.rport = 0;
	assert_has(c, "\"raddr\":\"198.51.100.7\",\"rport\":0,");
	/* There is no peer. */
	c.raddr = address_from_ipv4((const uint8_t[4]){ 0 });
	assert_has(c, "\"raddr\":null,\"rport\":null,");
	h.rport = 0;
	sink_json.half_open(&sample_settings, &out, &h);
	assert_non_null(strstr(sample_text(&out), "\"raddr\":\"198.51.100.9\",\"rport\":0,"));
	out.size = 0;
}

static void inferred_steps_have_no_times(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	c.step_inferred = 1 << 1;
	c.flags |= CONN_INCOMPLETE;
	c.gaps = 1;
	assert_has(c, "[{\"state\":\"SYN_SENT\",\"mono_ns\":1000000000,\"dwell_ns\":null},"
		      "{\"state\":\"ESTABLISHED\",\"mono_ns\":null,\"dwell_ns\":null},"
		      "{\"state\":\"FIN_WAIT1\",\"mono_ns\":2000000000,\"dwell_ns\":80000000},");
	assert_has(c, "\"retransmits\":null,\"flags\":[]");
	assert_has(c, "\"complete\":false,\"gaps\":1,\"seeded\":false}");
}

static void errno_without_a_name_is_a_number(void **unused)
{
	struct conn c = sample_refused();

	(void)unused;
	c.error = 4095;
	assert_has(c, "\"errno\":\"4095\"");
}

static void histograms(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 10);

	(void)unused;
	sample_histograms(set, "curl");
	sink_json.histograms(&sample_settings, &out, set);
	histogram_set_free(set);
	assert_prints(&out,
		      "{\"v\":1,\"type\":\"histogram\",\"name\":\"handshake_client\",\"by\":{},"
		      "\"unit\":\"ns\",\"count\":4,\"unknown\":1,\"estimated\":0,"
		      "\"min\":1000000,\"max\":1000000000,"
		      "\"mean\":251500000,\"p50\":2007040,\"p90\":1000000000,\"p99\":1000000000,"
		      "\"p999\":1000000000,"
		      "\"by_quality\":{\"exact\":4,\"estimated\":0,\"unknown\":1},"
		      "\"buckets\":[[999424,1007616,1],[1998848,2015232,1],"
		      "[2981888,3014656,1],[998244352,1006632960,1]]}\n"
		      "{\"v\":1,\"type\":\"histogram\",\"name\":\"handshake_server\",\"by\":{},"
		      "\"unit\":\"ns\",\"count\":0,\"unknown\":0,\"estimated\":0,"
		      "\"min\":null,\"max\":null,"
		      "\"mean\":null,\"p50\":null,\"p90\":null,\"p99\":null,\"p999\":null,"
		      "\"by_quality\":{\"exact\":0,\"estimated\":0,\"unknown\":0},"
		      "\"buckets\":[]}\n"
		      "{\"v\":1,\"type\":\"histogram\",\"name\":\"time_wait\",\"by\":{},"
		      "\"unit\":\"ns\",\"count\":0,\"unknown\":0,\"estimated\":0,"
		      "\"min\":null,\"max\":null,"
		      "\"mean\":null,\"p50\":null,\"p90\":null,\"p99\":null,\"p999\":null,"
		      "\"by_end\":{},"
		      "\"buckets\":[]}\n"
		      "{\"v\":1,\"type\":\"histogram\",\"name\":\"state_fin_wait1\",\"by\":{},"
		      "\"unit\":\"ns\",\"count\":0,\"unknown\":5,\"estimated\":0,"
		      "\"min\":null,\"max\":null,"
		      "\"mean\":null,\"p50\":null,\"p90\":null,\"p99\":null,\"p999\":null,"
		      "\"buckets\":[]}\n");
}

static void assert_group(unsigned int keys, const struct conn *c, const char *by)
{
	struct histogram_set *set = histogram_set_new(keys, 1);
	struct sink_settings settings = sample_settings;
	struct transition t = sample_transition();
	char expected[512];

	t.to = STATE_CLOSED;
	settings.lore = sample_cgroups();
	feed_transition(histogram_set_consumer(set), c, &t);
	sink_json.histograms(&settings, &out, set);
	histogram_set_free(set);
	snprintf(expected, sizeof(expected), "\"name\":\"state_syn_sent\",\"by\":%s,\"unit\"", by);
	if (!strstr(sample_text(&out), expected))
		fail_msg("missing: %s", expected);
}

static void groups(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_OUTCOME, 1);
	struct conn c = sample_client(), unknown = sample_unknown(), refused = sample_refused();
	unsigned int all = ((1U << GROUP_KEY_COUNT) - 1) & ~(1U << GROUP_BY_OUTCOME);

	(void)unused;
	c.cgroup = 47;
	assert_group(1 << GROUP_BY_COMM, &c, "{\"comm\":\"curl\"}");
	assert_group(1 << GROUP_BY_COMM, &unknown, "{\"comm\":null}");
	assert_group(
		all, &c,
		"{\"comm\":\"curl\",\"thread\":\"curl\",\"raddr\":\"198.51.100.7\",\"rport\":443,"
		"\"lport\":40000,\"netns\":4026531840,\"cgroup\":\"47\",\"unit\":null,"
		"\"unit_user\":null,\"container\":null,\"pod\":null}");
	assert_group(all, &unknown,
		     "{\"comm\":null,\"thread\":null,\"raddr\":null,\"rport\":null,\"lport\":null,"
		     "\"netns\":null,\"cgroup\":null,\"unit\":null,\"unit_user\":null,"
		     "\"container\":null,\"pod\":null}");
	c.rport = 0;
	assert_group(1 << GROUP_BY_RPORT, &c, "{\"rport\":0}");
	/* Only at its end. */
	feed_closed(histogram_set_consumer(set), &refused);
	sink_json.histograms(&sample_settings, &out, set);
	histogram_set_free(set);
	assert_non_null(strstr(sample_text(&out),
			       "\"name\":\"state_syn_sent\",\"by\":{\"outcome\":\"refused\"},"));
}

/* A process that calls itself "other" is not the rest. */
static void the_rest_is_told_apart(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_COMM, 1);
	const char *text;

	(void)unused;
	sample_histograms(set, "other");
	sample_histograms(set, "other");
	sample_histograms(set, "rare");
	sink_json.histograms(&sample_settings, &out, set);
	histogram_set_free(set);
	text = sample_text(&out);
	assert_non_null(strstr(text, "\"by\":{\"comm\":\"other\"},\"unit\":\"ns\",\"count\":8,"));
	assert_non_null(strstr(text, "\"by\":{\"comm\":null,\"other\":true},\"unit\":\"ns\","
				     "\"count\":4,"));
}

static void cgroups(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	c.cgroup = 4711;
	assert_group(1 << GROUP_BY_CGROUP, &c, "{\"cgroup\":\"/system.slice/web.service\"}");
	c.cgroup = 4712;
	assert_group(1 << GROUP_BY_CGROUP, &c,
		     "{\"cgroup\":\"/a,b/\\u001b[2J\\\"c\\\\d=\xef\xbf\xbd\"}");
	/* One that nobody knows any more: its number, which no path can be. */
	c.cgroup = UINT64_MAX;
	assert_group(1 << GROUP_BY_CGROUP, &c, "{\"cgroup\":\"18446744073709551615\"}");
	c.cgroup = 0;
	assert_group(1 << GROUP_BY_CGROUP, &c, "{\"cgroup\":null}");
}

static void half_open(void **unused)
{
	struct half_open h = sample_half_open();

	(void)unused;
	sink_json.half_open(&sample_settings, &out, &h);
	assert_prints(&out, "{\"v\":1,\"type\":\"half_open\",\"netns\":4026531840,"
			    "\"family\":\"ipv4\",\"laddr\":\"192.0.2.1\",\"lport\":8080,"
			    "\"raddr\":\"198.51.100.9\",\"rport\":50123,\"role\":\"server\","
			    "\"unit\":null,\"container\":null,\"pod\":null,\"netns_name\":null,"
			    "\"time\":\"2026-01-02T03:03:05.750000000Z\",\"mono_ns\":1750000000,"
			    "\"age_ns\":750000000,\"synack_retransmits\":5,"
			    "\"outcome\":\"handshake_abandoned\","
			    "\"cause\":\"handshake_abandoned\",\"reset_reason\":null,"
			    "\"ifindex\":null,\"ifname\":null}\n");
	h.end = HALF_OPEN_REFUSED;
	h.cause = CONN_CAUSE_QUEUE_FULL;
	h.reset_reason = 11;
	h.ifindex = 2;
	h.age_ns = TIME_UNKNOWN;
	h.netns = 0;
	h.retransmits = 0;
	h.raddr = sample_server().raddr;
	h.laddr = sample_server().laddr;
	sink_json.half_open(&sample_settings, &out, &h);
	assert_prints(&out, "{\"v\":1,\"type\":\"half_open\",\"netns\":null,"
			    "\"family\":\"ipv6\",\"laddr\":\"2001:db8::1\",\"lport\":8080,"
			    "\"raddr\":\"2001:db8:1:2:3:4:beef:cafe\",\"rport\":50123,"
			    "\"role\":\"server\","
			    "\"unit\":null,\"container\":null,\"pod\":null,\"netns_name\":null,"
			    "\"time\":\"2026-01-02T03:03:05.750000000Z\",\"mono_ns\":1750000000,"
			    "\"age_ns\":null,\"synack_retransmits\":0,"
			    "\"outcome\":\"reset_sent\",\"cause\":\"accept_queue_full\","
			    "\"reset_reason\":\"unknown(10)\","
			    "\"ifindex\":2,\"ifname\":null}\n");
}

static void accept_wait(void **unused)
{
	struct conn c = sample_server();

	(void)unused;
	c.accept_ns = 1000000000 + 7 * MS;
	assert_has(c, "\"deferred\"]},\"accept_wait_ns\":7000000,\"close\":");
	c.accept_ns = 1;
	assert_has(c, "\"accept_wait_ns\":null,");
}

static void every_handshake_flag(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	c.handshake_flags = UINT8_MAX;
	assert_has(c, "\"flags\":[\"fastopen\",\"syncookie\",\"simultaneous\",\"deferred\","
		      "\"queue_full\",\"restored\"]}");
}

/* The part of the one line about `name` that its tally is in. */
static void assert_tally(struct histogram_set *set, const char *name, const char *tally)
{
	char expected[256];
	const char *line;

	sink_json.histograms(&sample_settings, &out, set);
	histogram_set_free(set);
	snprintf(expected, sizeof(expected), "\"name\":\"%s\"", name);
	line = strstr(sample_text(&out), expected);
	assert_non_null(line);
	snprintf(expected, sizeof(expected), ",%s,\"buckets\"", tally);
	line = strstr(line, "\"p999\"");
	assert_non_null(line);
	line = strchr(line, ',');
	if (strncmp(line, expected, strlen(expected)))
		fail_msg("not %s: %s", expected, line);
}

static void tallies(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 1);
	struct half_open h = sample_half_open();
	struct conn c = sample_server();
	struct transition t = { .from = STATE_SYN_RECV, .to = STATE_ESTABLISHED };

	(void)unused;
	feed_transition(histogram_set_consumer(set), &c, &t);
	assert_tally(set, "handshake_server",
		     "\"by_quality\":{\"exact\":0,\"estimated\":1,\"unknown\":0}");
	set = histogram_set_new(0, 1);
	c = sample_refused();
	feed_closed(histogram_set_consumer(set), &c);
	feed_closed(histogram_set_consumer(set), &c);
	c.outcome = CONN_OUTCOME_UNKNOWN; /* has no name: it is in the count only */
	feed_closed(histogram_set_consumer(set), &c);
	assert_tally(set, "handshake_failed", "\"by_outcome\":{\"refused\":2}");
	set = histogram_set_new(0, 1);
	feed_half_open(histogram_set_consumer(set), &h);
	h.end = HALF_OPEN_RESET;
	feed_half_open(histogram_set_consumer(set), &h);
	assert_tally(set, "half_open",
		     "\"by_outcome\":{\"handshake_abandoned\":1,\"reset_received\":1}");
	set = histogram_set_new(0, 1);
	c = sample_client();
	c.time_wait_end = CONN_TW_END_REUSED;
	feed_gone(histogram_set_consumer(set), &c);
	assert_tally(set, "time_wait", "\"by_end\":{\"reused\":1}");
}

static void summary(void **unused)
{
	const struct summary sum = {
		.events = { 230, 3, 220, 7, 2, 220, 1, 10, 52, 44, 13, 18, 19, 51, 64, 63, 60, 61,
			    62 },
		.connections = { .opened = 46,
				 .closed = 40,
				 .live = 6,
				 .seeded = 3,
				 .restored = 47,
				 .unsent = 48,
				 .incomplete = 4,
				 .evicted = 5,
				 .gaps = 8,
				 .contradictions = 88,
				 .children_lost = 9,
				 .time_waits_evicted = 11,
				 .seeds_left_out = 22,
				 .resyncs = 23,
				 .listeners_left_out = 24,
				 .half_open = { [HALF_OPEN_ABANDONED] = 12,
						[HALF_OPEN_RESET] = 13,
						[HALF_OPEN_OVERFLOW] = 14 },
				 .resets_sent = 20,
				 .resets_received = 21,
				 .resets_stray = 22,
				 .retransmits = { 23, 24, 25, 26, 27 } },
		.half_open_unprinted = 15,
		.time_waits_unprinted = 65,
		.mptcp_early = 49,
		.names_lost = 52,
		.resent_lost = 53,
		.hooks = { { "state", "tp_btf" },
			   { "end", NULL },
			   { "passive", "fentry" },
			   { "reset", "tp_btf" },
			   { "retransmit", "tp_btf" } },
		.hook_count = 5,
		.duration_ns = 10000000000,
		.values_lost = 16,
		.values_crowded = 17,
		.failures_lost = 28,
		.listen = { 29, 30, 1, 0 },
	};

	(void)unused;
	sink_json.summary(&sample_settings, &out, &sum);
	assert_prints(&out,
		      "{\"v\":1,\"type\":\"summary\",\"events\":{\"seen\":230,\"filtered\":3,"
		      "\"submitted\":220,\"ring_full\":7,\"missed\":2,\"received\":220,"
		      "\"malformed\":1,\"sample_full\":10,\"births\":52,"
		      "\"ends\":44,\"unsampled\":13,\"dropped\":18,\"unread\":19,\"skipped\":51,"
		      "\"passed_full\":64,\"notes_full\":63,\"kin_full\":60,"
		      "\"stacks_full\":61,\"stacks_unknown\":62},"
		      "\"connections\":{\"opened\":46,\"closed\":40,"
		      "\"live\":6,\"seeded\":3,\"restored\":47,\"unsent\":48,"
		      "\"incomplete\":4,\"evicted\":5,"
		      "\"children_lost\":9,\"time_waits_evicted\":11,"
		      "\"seeds_left_out\":22,\"resyncs\":23,\"listeners_left_out\":24},"
		      "\"half_open\":{\"handshake_abandoned\":12,\"reset_received\":13,"
		      "\"overflow\":14,\"listener_closed\":0,\"reset_sent\":0,"
		      "\"unreachable\":0,\"killed\":0,\"unknown\":0},\"gaps\":8,\"unseen\":31,"
		      "\"sampling_ratio\":0.75,"
		      "\"hooks\":{\"state\":\"tp_btf\",\"end\":null,\"passive\":\"fentry\","
		      "\"reset\":\"tp_btf\",\"retransmit\":\"tp_btf\"},"
		      "\"duration_ns\":10000000000,\"values_lost\":16,"
		      "\"values_crowded\":17,\"half_open_unprinted\":15,"
		      "\"time_waits_unprinted\":65,\"mptcp_early\":49,"
		      "\"names_lost\":52,\"resent_lost\":53,"
		      "\"resets\":{\"sent\":20,\"received\":21,\"stray\":22},"
		      "\"retransmits\":{\"syn\":23,\"synack\":24,\"timeout\":25,"
		      "\"fast\":26,\"probe\":27},\"failures_lost\":28,"
		      "\"listen_overflows\":29,\"listen_drops\":30,"
		      "\"listen_quality\":\"exact\",\"paid_by\":[]}\n");
}

/* Of whom they are is not known of all, where connections are left out. */
static void what_is_of_no_connection_is_unknown_of_a_part(void **unused)
{
	static const char *const parts[] = {
		[SUMMARY_OF_ALL] = "\"resets\":{\"sent\":1,\"received\":2,\"stray\":3},"
				   "\"retransmits\":{\"syn\":4,\"synack\":5,",
		[SUMMARY_BY_CHANCE] = "\"resets\":{\"sent\":6,\"received\":7,\"stray\":3},"
				      "\"retransmits\":{\"syn\":8,\"synack\":null,",
		[SUMMARY_BY_FILTER] = "\"resets\":{\"sent\":6,\"received\":7,\"stray\":null},"
				      "\"retransmits\":{\"syn\":8,\"synack\":null,",
	};
	static const struct conn_counts counts = { .resets_sent = 1,
						   .resets_received = 2,
						   .resets_stray = 3,
						   .retransmits = { 4, 5 },
						   .wanted = { 6, 7, { 8 } } };

	(void)unused;
	for (unsigned int part = 0; part < sizeof(parts) / sizeof(*parts); part++) {
		struct summary sum = { .part = part,
				       .connections = counts,
				       .hooks = { { "reset", "tp_btf" },
						  { "retransmit", "tp_btf" } },
				       .hook_count = 2 };

		summary_keep_part(&sum.connections, sum.part);
		sink_json.summary(&sample_settings, &out, &sum);
		assert_non_null(strstr(sample_text(&out), parts[part]));
		out.size = 0;
	}
}

static void what_no_hook_tells_is_unknown(void **unused)
{
	const struct summary_recording recording = { .records = 21, .bytes = 4711, .parts = 2 };
	struct summary sum = { .hooks = { { "state", "tp_btf" }, { "reset", NULL } },
			       .hook_count = 2 };
	static const char *const resets = "\"resets\":{\"sent\":null,\"received\":null,"
					  "\"stray\":null},\"retransmits\":{\"syn\":null,"
					  "\"synack\":null,\"timeout\":null,\"fast\":null,"
					  "\"probe\":null}";

	const char *text;

	(void)unused;
	sink_json.summary(&sample_settings, &out, &sum);
	text = sample_text(&out);
	assert_non_null(strstr(text, resets));
	assert_non_null(strstr(text, "\"half_open\":{\"handshake_abandoned\":null,"
				     "\"reset_received\":null,\"overflow\":null,"
				     "\"listener_closed\":null,\"reset_sent\":null,"
				     "\"unreachable\":null,\"killed\":null,"
				     "\"unknown\":null}"));
	sum.hooks[1].rung = "tp_btf";
	sum.recording = &recording;
	sink_json.summary(&sample_settings, &out, &sum);
	assert_non_null(strstr(sample_text(&out), resets));
}

/* Few of them, the largest first; the first bound is shared by users, the second by ports. */
static void whoever_paid_is_named(void **unused)
{
	const struct payers evicted = { .payer = { { { 33, 1 }, 2, 0 },
						   { { 1000, 1 }, 99, 5 },
						   { { SHARES_NOBODY, 2 }, 3, 0 },
						   { { 34, 1 }, 1, 0 } },
					.count = 4 };
	const struct payers unprinted = { .payer = { { { 80, 7 }, 11, 0 } }, .count = 1 };
	const struct payers refused = { .payer = { { { 0, 7 }, 23, 1 } }, .count = 1 };
	struct summary sum = { .payers = { [SUMMARY_CONNECTIONS] = &evicted,
					   [SUMMARY_HALF_OPEN_LINES] = &unprinted,
					   [SUMMARY_RING] = &refused } };

	(void)unused;
	sink_json.summary(&sample_settings, &out, &sum);
	assert_non_null(strstr(sample_text(&out),
			       ",\"paid_by\":["
			       "{\"bound\":\"max_connections\",\"netns\":1,\"uid\":1000,"
			       "\"lport\":null,\"count\":99,\"count_at_most\":104},"
			       "{\"bound\":\"max_connections\",\"netns\":2,\"uid\":null,"
			       "\"lport\":null,\"count\":3,\"count_at_most\":3},"
			       "{\"bound\":\"max_connections\",\"netns\":1,\"uid\":33,"
			       "\"lport\":null,\"count\":2,\"count_at_most\":2},"
			       "{\"bound\":\"half_open_lines\",\"netns\":7,\"uid\":null,"
			       "\"lport\":80,\"count\":11,\"count_at_most\":11},"
			       "{\"bound\":\"ring\",\"netns\":7,\"uid\":0,"
			       "\"lport\":null,\"count\":23,\"count_at_most\":24}]}"));
}

static void what_listeners_dropped_may_be_unknown(void **unused)
{
	struct summary sum = { .listen = { 1, 2, 3, 4 } };

	(void)unused;
	sink_json.summary(&sample_settings, &out, &sum);
	assert_non_null(strstr(sample_text(&out), "\"listen_overflows\":1,\"listen_drops\":2,"
						  "\"listen_quality\":\"at_least\","));
	sum.listen = (struct listen_counters){ .unread = 1 };
	out.size = 0;
	sink_json.summary(&sample_settings, &out, &sum);
	assert_non_null(strstr(sample_text(&out), "\"listen_overflows\":null,\"listen_drops\":null,"
						  "\"listen_quality\":\"unknown\","));
}

static void summary_of_a_recording(void **unused)
{
	const struct summary_recording recording = { .records = 21, .bytes = 4711, .parts = 2 };
	const struct summary sum = { .events = { .dropped = 3 }, .recording = &recording };

	(void)unused;
	sink_json.summary(&sample_settings, &out, &sum);
	assert_non_null(strstr(sample_text(&out),
			       "\"connections\":null,"
			       "\"recording\":{\"records\":21,\"bytes\":4711,\"parts\":2},"
			       "\"gaps\":null,\"unseen\":null"));
}

/* Nothing was traced, or nobody followed connections: what only that counts is unknown. */
static void what_was_not_followed_is_unknown(void **unused)
{
	struct summary sum = { .scope = SUMMARY_OF_A_LOOK };
	const char *text;

	(void)unused;
	out.size = 0;
	sink_json.summary(&sample_settings, &out, &sum);
	text = sample_text(&out);
	assert_non_null(strstr(text, "\"seen\":0,"));
	assert_non_null(strstr(text, "\"births\":null,\"ends\":null,"
				     "\"unsampled\":null,"));
	assert_non_null(strstr(text, "\"connections\":{\"opened\":null,"
				     "\"closed\":null,\"live\":null,"));
	assert_non_null(strstr(text, "\"gaps\":null,\"unseen\":null,"
				     "\"sampling_ratio\":null,"));
	sum.scope = SUMMARY_OF_RECORDS;
	sum.events.births = 7;
	out.size = 0;
	sink_json.summary(&sample_settings, &out, &sum);
	text = sample_text(&out);
	assert_non_null(strstr(text, "\"births\":7,"));
	assert_non_null(strstr(text, "\"connections\":{\"opened\":null,"));
	assert_non_null(strstr(text, "\"gaps\":null,\"unseen\":null,"
				     "\"sampling_ratio\":1,"));
}

static int done(void **unused)
{
	(void)unused;
	buffer_done(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_connection),
		cmocka_unit_test(a_server_without_owner),
		cmocka_unit_test(an_unknown_connection),
		cmocka_unit_test(a_refused_connect),
		cmocka_unit_test(a_workload),
		cmocka_unit_test(groups_by_workload),
		cmocka_unit_test(a_command_line),
		cmocka_unit_test(a_hostile_congestion_control),
		cmocka_unit_test(a_hostile_comm),
		cmocka_unit_test(an_inferred_transition),
		cmocka_unit_test(time_wait_is_told),
		cmocka_unit_test(an_open_connection_has_no_end),
		cmocka_unit_test(quality_follows_latency),
		cmocka_unit_test(what_was_sent_again_is_told_by_its_cause),
		cmocka_unit_test(zero_is_unknown_where_zero_cannot_be),
		cmocka_unit_test(a_peers_port_may_be_0),
		cmocka_unit_test(inferred_steps_have_no_times),
		cmocka_unit_test(errno_without_a_name_is_a_number),
		cmocka_unit_test(histograms),
		cmocka_unit_test(groups),
		cmocka_unit_test(the_rest_is_told_apart),
		cmocka_unit_test(cgroups),
		cmocka_unit_test(half_open),
		cmocka_unit_test(accept_wait),
		cmocka_unit_test(every_handshake_flag),
		cmocka_unit_test(tallies),
		cmocka_unit_test(summary),
		cmocka_unit_test(what_is_of_no_connection_is_unknown_of_a_part),
		cmocka_unit_test(what_no_hook_tells_is_unknown),
		cmocka_unit_test(whoever_paid_is_named),
		cmocka_unit_test(what_listeners_dropped_may_be_unknown),
		cmocka_unit_test(summary_of_a_recording),
		cmocka_unit_test(what_was_not_followed_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
