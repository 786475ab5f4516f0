// SPDX-License-Identifier: GPL-2.0-only
/* CSV, byte for byte: as many fields as the header has, empty ones for the unknown, no formulas. */
#include "tests/unit/sample_sink.h"

#define FIELDS_MOST 80

static struct buffer out;

#define CONNECTION_HEADER                                                                        \
	"id,netns,family,laddr,lport,raddr,rport,role,pid,comm,uid,mptcp,time,end_time,"         \
	"syn_sent_ns,syn_recv_ns,established_ns,fin_wait1_ns,fin_wait2_ns,close_wait_ns,"        \
	"closing_ns,last_ack_ns,handshake_ns,handshake_quality,handshake_retransmits,"           \
	"handshake_flags,outcome,initiator,errno,time_wait_ns,time_wait_end,time_wait_quality,"  \
	"bytes_sent,bytes_received,retransmits,srtt_us,complete,gaps,seeded,cause,reset_reason," \
	"tries,segments_sent,segments_received,min_rtt_us,congestion_control,owner_source,"      \
	"accept_wait_ns,retransmits_by,process,unit,container,pod,container_id,pod_uid,"         \
	"netns_name,ppid,cmdline,flow,mptcp_token,subflow,joined,subflows,subflows_open,"        \
	"subflow_ends,stack,ifindex,ifname\n"

static void connections(void **unused)
{
	struct conn c[] = { sample_client(), sample_server(), sample_unknown(), sample_refused() };

	(void)unused;
	sink_csv.header(&sample_settings, &out);
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++)
		sink_csv.connection(&sample_settings, &out, &c[i]);
	assert_prints(
		&out, CONNECTION_HEADER
		"17,4026531840,ipv4,192.0.2.1,40000,198.51.100.7,443,client,4321,curl,1000,false,"
		"2026-01-02T03:03:05.000000000Z,2026-01-02T03:03:06.090000000Z,"
		"80123456,,919876544,80000000,10000000,,,,80123456,exact,1,,closed,local,,"
		",,unknown,1234,56789,2,80100,true,0,false,"
		"closed_by_local,,,21,17,79900,cubic,process,,,curl,,,,,,,,,"
		"0f3a09c1d2e4b678,,,,,,,,,\n"
		"18,4026532000,ipv6,2001:db8::1,8080,2001:db8:1:2:3:4:beef:cafe,51234,server,"
		",,,true,2026-01-02T03:03:04.999750000Z,2026-01-02T03:03:05.001100000Z,"
		",250000,500000,,,500000,,100000,250000,estimated,0,fastopen deferred,"
		"closed,remote,,,,,0,0,0,,true,0,false,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n"
		"19,,,,,,,unknown,,,,false,,,,,,,,,,,,unknown,,,,,,,,,,,,,false,1,true"
		",,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n"
		"20,4026531840,ipv4,192.0.2.1,,198.51.100.8,81,client,1,x,0,false,"
		"2026-01-02T03:03:05.000000000Z,2026-01-02T03:03:05.000000850Z,"
		"850,,,,,,,,,unknown,0,,refused,remote,ECONNREFUSED,,,,0,0,0,,true,0,false,"
		"refused,,,,,,,process,,,x,,,,,,,,,,,,,,,,,,\n");
}

static bool resent(const struct lore *lore, const struct conn *c, struct resent *ret_resent)
{
	(void)lore, (void)c;
	*ret_resent = (struct resent){ { 1, 2, 3, 4, 5 } };
	return true;
}

/* The last fields: whose the owner is, how long it waited for accept, what was sent again. */
static void last_fields(void **unused)
{
	static const struct lore_class class = { .resent = resent };
	struct lore lore = { .class = &class };
	struct sink_settings settings = sample_settings;
	struct conn c = sample_client();
	static const char end[] =
		",listener,250,syn:1 synack:2 timeout:3 fast:4 probe:5,~curl,,,,,,,,,"
		"0f3a09c1d2e4b678,,,,,,,,,\n";

	(void)unused;
	settings.lore = &lore;
	c.flags |= CONN_OF_LISTENER;
	c.role = CONN_ROLE_SERVER;
	c.accept_ns = c.step_ns[1] + 250;
	sink_csv.connection(&settings, &out, &c);
	assert_true(out.size > strlen(end));
	assert_memory_equal(out.bytes + out.size - strlen(end), end, strlen(end));
	buffer_clear(&out);
}

/* An MPTCP connection of the one and the other, and what is not known of one without the first. */
static void mptcp_connections(void **unused)
{
	static const char both[] = ",77,,,2,0,192.0.2.1:40000-198.51.100.7:443 "
				   "[2001:db8::1]:8080-[2001:db8:1:2:3:4:beef:cafe]:51234,,,\n",
			  late[] = ",,77,,,1,,"
				   "[2001:db8::1]:8080-[2001:db8:1:2:3:4:beef:cafe]:51234,,,\n";
	struct mptcp_subflow subflows[] = { { sample_client(), { 77, 1, false, 1 } },
					    { sample_server(), { 77, 2, true, 1 } } };
	struct mptcp_connection m = { .subflows = subflows, .listed = 2, .count = 2 };

	(void)unused;
	sink_csv.mptcp(&sample_settings, &out, &m);
	assert_memory_equal(out.bytes, "17,4026531840,ipv4,192.0.2.1,40000,", 35);
	assert_memory_equal(out.bytes + out.size - strlen(both), both, strlen(both));
	buffer_clear(&out);
	m = (struct mptcp_connection){
		.subflows = subflows + 1, .listed = 1, .count = 1, .is_early = true
	};
	sink_csv.mptcp(&sample_settings, &out, &m);
	assert_memory_equal(out.bytes, ",4026532000,,,,,,", 17);
	assert_memory_equal(out.bytes + out.size - strlen(late), late, strlen(late));
	buffer_clear(&out);
}

/* Names that somebody has chosen: as every other they are escaped, and no formula. */
static void workloads(void **unused)
{
	static const char end[] = ",curl,web.service,'=1+1,shop/\\x1b[2Jcart,0a1b2c,8b9c,,,,"
				  "0f3a09c1d2e4b678,,,,,,,,,\n";
	struct sink_settings settings = sample_settings;
	struct conn c = sample_client();

	(void)unused;
	settings.lore = sample_workloads();
	c.cgroup = 4711;
	sink_csv.connection(&settings, &out, &c);
	assert_true(out.size > strlen(end));
	assert_memory_equal(out.bytes + out.size - strlen(end), end, strlen(end));
	buffer_clear(&out);
}

static void groups_by_workload(void **unused)
{
	struct histogram_set *set = histogram_set_new(
		1 << GROUP_BY_UNIT | 1 << GROUP_BY_CONTAINER | 1 << GROUP_BY_POD, 9);
	struct sink_settings settings = sample_settings;
	struct transition t = { .from = STATE_FIN_WAIT1, .dwell_ns = 5 };
	struct conn c = sample_client();

	(void)unused;
	settings.lore = sample_workloads();
	for (c.cgroup = 4711; c.cgroup <= 4712; c.cgroup++)
		feed_transition(histogram_set_consumer(set), &c, &t);
	sink_csv.histograms(&settings, &out, set);
	histogram_set_free(set);
	assert_prints(&out,
		      "name,by_unit,container,pod,other,unit,count,unknown,min,max,mean,p50,p90,"
		      "p99,p999,buckets,estimated\n"
		      "state_fin_wait1,1000/web.service,'=1+1,shop/\\x1b[2Jcart,false,"
		      "ns,1,0,5,5,5,5,5,5,5,5:6:1,0\n"
		      "state_fin_wait1,,,,false,ns,1,0,5,5,5,5,5,5,5,5:6:1,0\n");
}

static void transitions(void **unused)
{
	struct transition t = sample_transition(), inferred = sample_inferred();
	struct sink_settings settings = sample_settings;
	struct conn c = sample_client();

	(void)unused;
	settings.events = true;
	sink_csv.header(&settings, &out);
	sink_csv.transition(&settings, &out, &c, &t);
	sink_csv.transition(&settings, &out, &c, &inferred);
	assert_prints(
		&out,
		"id,netns,family,laddr,lport,raddr,rport,role,pid,comm,uid,mptcp,time,"
		"mono_ns,from,to,dwell_ns,origin,process,"
		"unit,container,pod,container_id,pod_uid,netns_name,ppid,cmdline,flow,"
		"stack,ifindex,ifname\n"
		"17,4026531840,ipv4,192.0.2.1,40000,198.51.100.7,443,client,4321,curl,1000,"
		"false,2026-01-02T03:03:05.080123456Z,1080123456,SYN_SENT,ESTABLISHED,"
		"80123456,kernel,curl,,,,,,,,,0f3a09c1d2e4b678,,,\n"
		"17,4026531840,ipv4,192.0.2.1,40000,198.51.100.7,443,client,4321,curl,1000,"
		"false,,,ESTABLISHED,CLOSE_WAIT,,inferred,curl,,,,,,,,,0f3a09c1d2e4b678,,,\n");
}

/* Fields of the first line of `text`, as a reader of RFC 4180 parts them. */
static size_t read_fields(const char *text, char fields[FIELDS_MOST][256])
{
	size_t count = 0, size = 0;
	bool quoted = false;

	for (;; text++) {
		if (!quoted && (*text == ',' || *text == '\n')) {
			fields[count++][size] = '\0';
			size = 0;
			if (*text == '\n')
				return count;
			assert_true(count < FIELDS_MOST);
		} else if (*text == '"' && quoted && text[1] == '"') {
			fields[count][size++] = *text++;
		} else if (*text == '"') {
			quoted = !quoted;
		} else {
			assert_true(*text && size < 255);
			fields[count][size++] = *text;
		}
	}
}

static char header[FIELDS_MOST][256], fields[FIELDS_MOST][256];

/* What a spreadsheet gets for the comm. */
static const char *comm_of(const char *comm)
{
	struct transition t = sample_transition();
	struct sink_settings settings = sample_settings;
	struct conn c = sample_client();
	size_t count;

	sample_comm(&c, comm);
	settings.events = true;
	sink_csv.header(&settings, &out);
	count = read_fields(sample_text(&out), header);
	sink_csv.transition(&settings, &out, &c, &t);
	assert_int_equal(read_fields(sample_text(&out), fields), count);
	for (size_t i = 0; i < count; i++)
		if (!strcmp(header[i], "comm"))
			return fields[i];
	fail_msg("there is no comm");
	return NULL;
}

static void hostile_comms(void **unused)
{
	(void)unused;
	assert_string_equal(comm_of("nginx: worker"), "nginx: worker");
	assert_string_equal(comm_of("a,b"), "a,b");
	assert_string_equal(comm_of("a\"b\",\""), "a\"b\",\"");
	assert_string_equal(comm_of("a\nb\r\t"), "a\\x0ab\\x0d\\x09");
	assert_string_equal(comm_of("\033[2J"), "\\x1b[2J");
	assert_string_equal(comm_of("\xff"), "\\xff");
	assert_string_equal(comm_of("abcdefghijklmnop"), "abcdefghijklmnop");
	assert_string_equal(comm_of(""), "");
}

static void no_comm_is_a_formula(void **unused)
{
	(void)unused;
	assert_string_equal(comm_of("=1+1"), "'=1+1");
	assert_string_equal(comm_of("+1"), "'+1");
	assert_string_equal(comm_of("-1"), "'-1");
	assert_string_equal(comm_of("@SUM(A1)"), "'@SUM(A1)");
	assert_string_equal(comm_of("=cmd|',\"A\"!A0___"), "'=cmd|',\"A\"!A0___");
	assert_string_equal(comm_of("=bcdefghijklmnop"), "'=bcdefghijklmnop");
	assert_string_equal(comm_of("\t=1"), "\\x09=1");
	assert_string_equal(comm_of("a=1"), "a=1");
}

static void every_row_has_the_header_s_fields(void **unused)
{
	struct conn c[] = { sample_client(),  sample_server(), sample_unknown(),
			    sample_refused(), sample_widest(), { .id = 0 } };
	struct half_open h = sample_half_open();
	size_t count;

	(void)unused;
	half_open_as_conn(&h, &c[5]);
	sink_csv.header(&sample_settings, &out);
	count = read_fields(sample_text(&out), header);
	assert_int_equal(count, 68);
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		sink_csv.connection(&sample_settings, &out, &c[i]);
		assert_int_equal(read_fields(sample_text(&out), fields), count);
	}
}

static void histograms(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 10);
	struct conn client = sample_client();

	(void)unused;
	sample_histograms(set, "curl");
	client.time_wait_quality = CONN_QUALITY_ESTIMATED;
	sample_step(&client, STATE_CLOSED, 62090000000);
	feed_gone(histogram_set_consumer(set), &client);
	sink_csv.histograms(&sample_settings, &out, set);
	histogram_set_free(set);
	assert_prints(&out,
		      "name,unit,count,unknown,min,max,mean,p50,p90,p99,p999,buckets,estimated\n"
		      "handshake_client,ns,4,1,1000000,1000000000,251500000,2007040,"
		      "1000000000,1000000000,1000000000,999424:1007616:1 1998848:2015232:1 "
		      "2981888:3014656:1 998244352:1006632960:1,0\n"
		      "handshake_server,ns,0,0,,,,,,,,,0\n"
		      "time_wait,ns,1,0,60000000000,60000000000,60000000000,60000000000,"
		      "60000000000,60000000000,60000000000,59592671232:60129542144:1,1\n"
		      "state_fin_wait1,ns,0,5,,,,,,,,,0\n");
}

static void groups(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_COMM | 1 << GROUP_BY_RPORT, 1);
	struct transition t = { .from = STATE_FIN_WAIT1, .dwell_ns = 5 };
	struct conn c = sample_client();

	(void)unused;
	sample_comm(&c, "=1,2");
	feed_transition(histogram_set_consumer(set), &c, &t);
	feed_transition(histogram_set_consumer(set), &c, &t);
	c.flags &= (uint16_t)~CONN_HAS_OWNER;
	feed_transition(histogram_set_consumer(set), &c, &t);
	sink_csv.histograms(&sample_settings, &out, set);
	histogram_set_free(set);
	assert_prints(&out, "name,comm,rport,other,unit,count,unknown,min,max,mean,p50,p90,p99,"
			    "p999,buckets,estimated\n"
			    "state_fin_wait1,\"'=1,2\",443,false,ns,2,0,5,5,5,5,5,5,5,5:6:2,0\n"
			    "state_fin_wait1,,,true,ns,1,0,5,5,5,5,5,5,5,5:6:1,0\n");
}

static void cgroups(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_CGROUP, 9);
	struct sink_settings settings = sample_settings;
	struct transition t = { .from = STATE_FIN_WAIT1, .dwell_ns = 5 };
	struct conn c = sample_client();

	(void)unused;
	settings.lore = sample_cgroups();
	for (c.cgroup = 4711; c.cgroup <= 4713; c.cgroup++)
		feed_transition(histogram_set_consumer(set), &c, &t);
	c.cgroup = 0;
	feed_transition(histogram_set_consumer(set), &c, &t);
	sink_csv.histograms(&settings, &out, set);
	histogram_set_free(set);
	assert_prints(&out, "name,cgroup,other,unit,count,unknown,min,max,mean,p50,p90,p99,p999,"
			    "buckets,estimated\n"
			    "state_fin_wait1,,false,ns,1,0,5,5,5,5,5,5,5,5:6:1,0\n"
			    "state_fin_wait1,/system.slice/web.service,false,ns,1,0,5,5,5,5,5,5,5,"
			    "5:6:1,0\n"
			    "state_fin_wait1,\"/a,b/\\x1b[2J\"\"c\\x5cd=\\xff\",false,ns,1,0,5,5,5,"
			    "5,5,5,5,5:6:1,0\n"
			    "state_fin_wait1,4713,false,ns,1,0,5,5,5,5,5,5,5,5:6:1,0\n");
}

/* A request that died has the row of a connection that never was ESTABLISHED. */
static void half_open(void **unused)
{
	struct half_open h = sample_half_open();
	struct conn c;

	(void)unused;
	assert_null(sink_csv.half_open);
	half_open_as_conn(&h, &c);
	sink_csv.connection(&sample_settings, &out, &c);
	h.end = HALF_OPEN_OVERFLOW;
	h.age_ns = TIME_UNKNOWN;
	half_open_as_conn(&h, &c);
	sink_csv.connection(&sample_settings, &out, &c);
	assert_prints(&out, ",4026531840,ipv4,192.0.2.1,8080,198.51.100.9,50123,server,,,,false,"
			    "2026-01-02T03:03:05.000000000Z,2026-01-02T03:03:05.750000000Z,"
			    ",750000000,,,,,,,,unknown,5,,handshake_abandoned,local,,,,,,,,,"
			    "true,0,false,handshake_abandoned,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n"
			    ",4026531840,ipv4,192.0.2.1,8080,198.51.100.9,50123,server,,,,false,"
			    ",2026-01-02T03:03:05.750000000Z,"
			    ",,,,,,,,,unknown,5,,overflow,local,,,,,,,,,true,0,false,"
			    "accept_queue_full,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n");
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
		cmocka_unit_test(connections),
		cmocka_unit_test(last_fields),
		cmocka_unit_test(mptcp_connections),
		cmocka_unit_test(workloads),
		cmocka_unit_test(groups_by_workload),
		cmocka_unit_test(transitions),
		cmocka_unit_test(hostile_comms),
		cmocka_unit_test(no_comm_is_a_formula),
		cmocka_unit_test(every_row_has_the_header_s_fields),
		cmocka_unit_test(histograms),
		cmocka_unit_test(groups),
		cmocka_unit_test(cgroups),
		cmocka_unit_test(half_open),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
