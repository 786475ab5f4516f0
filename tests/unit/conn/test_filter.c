// SPDX-License-Identifier: GPL-2.0-only
/* Every fact that a filter asks for: known or not, matching or not, in life and at the end. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/conn/filter.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct address address(const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p), 0);
	return p.net;
}

/* A client's connection of which everything is known. */
static struct conn known_conn(void)
{
	return (struct conn){
		.flags = CONN_HAS_ENDPOINTS | CONN_HAS_OWNER,
		.netns = 4026531840,
		.laddr = address("192.0.2.1"),
		.raddr = address("198.51.100.7"),
		.lport = 40001,
		.rport = 443,
		.pid = 4711,
		.uid = 1000,
		.comm = "curl",
		.flow = 0x1122334455667788,
	};
}

/* Whoever is one of many is judged the same for good, again and again. */
static enum filter_verdict judge(const struct conn_filter *f, const struct conn *c, bool final)
{
	bool is_wanted = conn_filter_judge(f, c, true) == FILTER_WANTED;
	struct conn_filter_many *many = malloc(sizeof(*many));

	conn_filter_begin(many, f);
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(conn_filter_wants(many, c), is_wanted);
	free(many);
	return conn_filter_judge(f, c, final);
}

static void want_netns(struct conn_filter *f)
{
	netns_list_add(&f->netns, 4026531839);
	netns_list_add(&f->netns, 4026531840);
}

static void want_other_netns(struct conn_filter *f)
{
	netns_list_add(&f->netns, 4026531839);
	netns_list_add(&f->netns, 4026531841);
}

static void forget_netns(struct conn *c)
{
	c->netns = 0;
}

static void want_family(struct conn_filter *f)
{
	f->family = 4;
}

static void want_other_family(struct conn_filter *f)
{
	f->family = 6;
}

static void forget_endpoints(struct conn *c)
{
	c->flags &= ~CONN_HAS_ENDPOINTS;
	memset(&c->laddr, 0, sizeof(c->laddr));
	memset(&c->raddr, 0, sizeof(c->raddr));
	c->rport = 0;
}

static void want_lport(struct conn_filter *f)
{
	f->has_lports = true;
	conn_filter_add_port(f->lports, 80);
	conn_filter_add_port(f->lports, 40001);
}

static void want_other_lport(struct conn_filter *f)
{
	f->has_lports = true;
	conn_filter_add_port(f->lports, 443);
}

static void forget_lport(struct conn *c)
{
	c->lport = 0;
}

static void want_rport(struct conn_filter *f)
{
	f->has_rports = true;
	conn_filter_add_port(f->rports, 443);
}

static void want_other_rport(struct conn_filter *f)
{
	f->has_rports = true;
	conn_filter_add_port(f->rports, 40001);
}

static void add_prefix(struct conn_filter *f, const char *text)
{
	assert_int_equal(prefix_parse(text, &f->prefixes[f->prefix_count++]), 0);
}

static void want_addr(struct conn_filter *f)
{
	add_prefix(f, "2001:db8::/32");
	add_prefix(f, "198.51.100.0/24");
}

/* The local address is not asked for. */
static void want_other_addr(struct conn_filter *f)
{
	add_prefix(f, "192.0.2.1");
	add_prefix(f, "2001:db8::/32");
}

static void want_pid(struct conn_filter *f)
{
	f->pids[f->pid_count++] = 1;
	f->pids[f->pid_count++] = 4711;
}

static void want_other_pid(struct conn_filter *f)
{
	f->pids[f->pid_count++] = 4712;
}

static void forget_owner(struct conn *c)
{
	c->flags &= ~CONN_HAS_OWNER;
	c->pid = c->uid = 0;
	memset(c->comm, 0, sizeof(c->comm));
}

static void want_flow(struct conn_filter *f)
{
	f->flows[f->flow_count++] = 1;
	f->flows[f->flow_count++] = 0x1122334455667788;
}

/* Neither is unknown. */
static void want_other_flow(struct conn_filter *f)
{
	f->flows[f->flow_count++] = 0x1122334455667780;
}

static void forget_flow(struct conn *c)
{
	c->flow = 0;
}

static void want_comm(struct conn_filter *f)
{
	strcpy(f->comms[f->comm_count++], "nginx");
	strcpy(f->comms[f->comm_count++], "curl");
}

static void want_other_comm(struct conn_filter *f)
{
	strcpy(f->comms[f->comm_count++], "cur");
	strcpy(f->comms[f->comm_count++], "curl2");
}

static const struct fact {
	const char *name;
	void (*want)(struct conn_filter *f);
	void (*want_other)(struct conn_filter *f);
	void (*forget)(struct conn *c);
} facts[] = {
	{ "netns", want_netns, want_other_netns, forget_netns },
	{ "family", want_family, want_other_family, forget_endpoints },
	{ "lport", want_lport, want_other_lport, forget_lport },
	{ "rport", want_rport, want_other_rport, forget_endpoints },
	{ "addr", want_addr, want_other_addr, forget_endpoints },
	{ "pid", want_pid, want_other_pid, forget_owner },
	{ "comm", want_comm, want_other_comm, forget_owner },
	{ "flow", want_flow, want_other_flow, forget_flow },
};

static void each_fact_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++) {
		struct conn known = known_conn(), unknown = known_conn();
		struct conn_filter *wants = calloc(2, sizeof(*wants));

		print_message("# %s\n", facts[i].name);
		facts[i].forget(&unknown);
		facts[i].want(&wants[0]);
		facts[i].want_other(&wants[1]);

		assert_false(conn_filter_wants_all(&wants[0]));
		for (int final = 0; final < 2; final++) {
			assert_int_equal(judge(&wants[0], &known, final), FILTER_WANTED);
			assert_int_equal(judge(&wants[1], &known, final), FILTER_UNWANTED);
		}
		for (int other = 0; other < 2; other++) {
			assert_int_equal(judge(&wants[other], &unknown, false), FILTER_PENDING);
			assert_int_equal(judge(&wants[other], &unknown, true), FILTER_UNWANTED);
		}
		free(wants);
	}
}

/* One that does not match settles it, whatever else is unknown; one that matches does not. */
static void two_facts_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++) {
		for (size_t j = 0; j < COUNT(facts); j++) {
			struct conn_filter *f;
			struct conn c = known_conn();

			if (facts[i].forget == facts[j].forget)
				continue;
			facts[i].forget(&c);

			f = calloc(1, sizeof(*f));
			facts[i].want(f);
			facts[j].want(f);
			assert_int_equal(judge(f, &c, false), FILTER_PENDING);
			assert_int_equal(judge(f, &c, true), FILTER_UNWANTED);
			free(f);

			f = calloc(1, sizeof(*f));
			facts[i].want(f);
			facts[j].want_other(f);
			assert_int_equal(judge(f, &c, false), FILTER_UNWANTED);
			assert_int_equal(judge(f, &c, true), FILTER_UNWANTED);
			free(f);
		}
	}
}

static void all_facts_together(void **state)
{
	struct conn_filter *f = calloc(1, sizeof(*f));
	struct conn c = known_conn();

	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++)
		facts[i].want(f);
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	assert_int_equal(judge(f, &c, true), FILTER_WANTED);
	for (size_t i = 0; i < COUNT(facts); i++) {
		c = known_conn();
		facts[i].forget(&c);
		assert_int_equal(judge(f, &c, false), FILTER_PENDING);
		assert_int_equal(judge(f, &c, true), FILTER_UNWANTED);
	}
	free(f);
}

static void an_empty_filter_wants_all(void **state)
{
	struct conn_filter *f = calloc(1, sizeof(*f));
	struct conn known = known_conn(), blank = { 0 };

	(void)state;
	for (int final = 0; final < 2; final++) {
		assert_int_equal(judge(f, &known, final), FILTER_WANTED);
		assert_int_equal(judge(f, &blank, final), FILTER_WANTED);
	}
	/* These two are the kernel's to judge. */
	f->sample = 1000;
	f->cgroup = 42;
	assert_int_equal(judge(f, &blank, true), FILTER_WANTED);
	assert_true(conn_filter_wants_all(f));
	free(f);
}

/* Knows all of the cgroups 1 to 9, and of 7 and 11 what they are called. */
static bool knows(const struct filter_namer *self, uint64_t cgroup)
{
	assert_non_null(self);
	return cgroup < 10;
}

static bool is_called(const struct filter_namer *self, uint64_t cgroup, enum filter_name_kind kind,
		      const char *pattern)
{
	static const char *const names[] = { "unit", "container", "pod" };

	assert_non_null(self);
	return (cgroup == 7 || cgroup == 11) && !strcmp(pattern, names[kind]);
}

static const struct filter_namer namer = { knows, is_called };

static void names_wait_for_the_cgroup(void **state)
{
	struct conn_filter *f = calloc(1, sizeof(*f));
	struct conn c = known_conn();

	(void)state;
	f->namer = &namer;
	c.cgroup = 0;
	assert_false(conn_filter_has_names(f));
	assert_true(conn_filter_wants_all(f));
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	assert_int_equal(conn_filter_add_name(&f->units, "other"), 0);
	assert_int_equal(conn_filter_add_name(&f->units, "unit"), 0);
	assert_true(conn_filter_has_names(f));
	assert_false(conn_filter_wants_all(f));
	assert_int_equal(judge(f, &c, false), FILTER_PENDING);
	assert_int_equal(judge(f, &c, true), FILTER_UNWANTED);
	c.cgroup = 10;
	assert_int_equal(judge(f, &c, false), FILTER_PENDING);
	/* One of its names is enough, whatever else may become known. */
	c.cgroup = 11;
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	c.cgroup = 8;
	assert_int_equal(judge(f, &c, false), FILTER_UNWANTED);
	c.cgroup = 7;
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	/* One of each kind must match. */
	assert_int_equal(conn_filter_add_name(&f->pods, "nobody"), 0);
	assert_int_equal(judge(f, &c, false), FILTER_UNWANTED);
	assert_int_equal(conn_filter_add_name(&f->pods, "pod"), 0);
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	/* Somebody else judges. */
	f->namer = NULL;
	assert_true(conn_filter_wants_all(f));
	c.cgroup = 8;
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	free(f);
}

static void names_have_a_limit(void **state)
{
	struct filter_names names = { 0 };
	char name[FILTER_NAMES_SIZE / 2 + 1];
	const char *first;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_null(conn_filter_next_name(&names, NULL));
	assert_int_equal(conn_filter_add_name(&names, name), 0);
	assert_int_equal(conn_filter_add_name(&names, name), -E2BIG);
	name[sizeof(name) - 3] = '\0';
	assert_int_equal(conn_filter_add_name(&names, name), 0);
	assert_int_equal(names.size, FILTER_NAMES_SIZE);
	assert_int_equal(conn_filter_add_name(&names, ""), -E2BIG);
	first = conn_filter_next_name(&names, NULL);
	assert_string_equal(conn_filter_next_name(&names, first), name);
	assert_null(conn_filter_next_name(&names, conn_filter_next_name(&names, first)));
}

static void ipv6_is_a_family(void **state)
{
	struct conn_filter *f = calloc(1, sizeof(*f));
	struct conn c = known_conn();

	(void)state;
	c.laddr = address("2001:db8::1");
	c.raddr = address("2001:db8::2");
	f->family = 6;
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	f->family = 4;
	assert_int_equal(judge(f, &c, false), FILTER_UNWANTED);
	/* An IPv4 peer of a dual-stack socket, as the kernel writes it. */
	c.raddr = address("::ffff:198.51.100.7");
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	add_prefix(f, "198.51.100.0/24");
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	free(f);
}

/* The kernel keeps 15 bytes of a name and a NUL; what the last byte holds must not count. */
static void a_comm_has_fifteen_bytes(void **state)
{
	struct conn_filter *f = calloc(1, sizeof(*f));
	struct conn c = known_conn();

	(void)state;
	memcpy(c.comm, "fifteen-bytes-xZ", sizeof(c.comm));
	memcpy(f->comms[f->comm_count++], "fifteen-bytes-x", EVENT_COMM_SIZE);
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	memcpy(c.comm, "fifteen-bytes-y", sizeof(c.comm));
	assert_int_equal(judge(f, &c, false), FILTER_UNWANTED);
	free(f);
}

/* The thread has one name, its process another: either is meant. */
static void a_process_has_a_name_as_well(void **state)
{
	struct conn_filter *f = calloc(1, sizeof(*f));
	struct conn c = known_conn();

	(void)state;
	strcpy(f->comms[f->comm_count++], "java");
	assert_int_equal(judge(f, &c, false), FILTER_UNWANTED);
	c.process =
		conn_process_of(c.comm, (char[EVENT_COMM_SIZE]){ "java" }, &(struct share){ 0, 0 });
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	strcpy(f->comms[0], "curl");
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	strcpy(f->comms[0], "jav");
	assert_int_equal(judge(f, &c, false), FILTER_UNWANTED);
	assert_true(conn_filter_has_comm(f, (char[EVENT_COMM_SIZE]){ "jav" }));
	assert_false(conn_filter_has_comm(f, (char[EVENT_COMM_SIZE]){ "java" }));
	free(f);
}

static void a_port_is_one_bit(void **state)
{
	static const uint16_t edges[] = { 0, 1, 63, 64, 65, 127, 128, 32767, 32768, 65534, 65535 };

	(void)state;
	for (size_t i = 0; i < COUNT(edges); i++) {
		uint64_t ports[FILTER_PORT_WORDS] = { 0 };

		conn_filter_add_port(ports, edges[i]);
		for (uint32_t port = 0; port <= UINT16_MAX; port++)
			if (conn_filter_has_port(ports, port) != (port == edges[i]))
				fail_msg("with port %u added, port %u", edges[i], port);
	}
}

/* A second filter judges all, or the sockets of one recording. */
static void filters_together(void **state)
{
	struct conn_filter *f = calloc(2, sizeof(*f));
	struct conn c = known_conn();

	(void)state;
	assert_non_null(f);
	f[0].also = &f[1];
	c.sock = UINT64_C(0x0300888012345678);
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	want_other_netns(&f[1]);
	assert_int_equal(judge(f, &c, false), FILTER_UNWANTED);
	f[1].space = 4;
	assert_int_equal(judge(f, &c, false), FILTER_WANTED);
	f[1].space = 3;
	assert_int_equal(judge(f, &c, false), FILTER_UNWANTED);
	free(f);
}

/* More names than are kept, whose connections differ otherwise. */
static void many_are_judged_as_each_alone(void **state)
{
	struct conn_filter *f = calloc(1, sizeof(*f));
	struct conn_filter_many *many = malloc(sizeof(*many));
	unsigned int wanted = 0;

	(void)state;
	f->comm_count = 2;
	snprintf(f->comms[0], EVENT_COMM_SIZE, "n7");
	snprintf(f->comms[1], EVENT_COMM_SIZE, "n4711");
	f->has_lports = true;
	conn_filter_add_port(f->lports, 40001);
	conn_filter_begin(many, f);
	for (unsigned int i = 0; i < 100000; i++) {
		struct conn c = known_conn();
		bool is_wanted;

		snprintf(c.comm, EVENT_COMM_SIZE, "n%u", i % 2 ? 7 : i / 2 % 5000);
		c.process = PROCESS_IS_COMM;
		c.lport += i % 3 == 0;
		if (i % 5 == 0)
			forget_owner(&c);
		is_wanted = conn_filter_judge(f, &c, true) == FILTER_WANTED;
		assert_int_equal(conn_filter_wants(many, &c), is_wanted);
		wanted += is_wanted;
	}
	assert_true(wanted > 20000);
	free(many);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fact_alone),
		cmocka_unit_test(two_facts_together),
		cmocka_unit_test(all_facts_together),
		cmocka_unit_test(an_empty_filter_wants_all),
		cmocka_unit_test(names_wait_for_the_cgroup),
		cmocka_unit_test(names_have_a_limit),
		cmocka_unit_test(ipv6_is_a_family),
		cmocka_unit_test(a_comm_has_fifteen_bytes),
		cmocka_unit_test(a_process_has_a_name_as_well),
		cmocka_unit_test(a_port_is_one_bit),
		cmocka_unit_test(filters_together),
		cmocka_unit_test(many_are_judged_as_each_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
