// SPDX-License-Identifier: GPL-2.0-only
/* Ports by the names of services, out of a list that is right, odd or not there. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/names/service.h"

static const char services[] = "# name port/protocol aliases\n"
			       "\n"
			       "http\t\t80/tcp\t\twww\t\t# for the web, not gopher\n"
			       "domain 53/udp\n"
			       "domain 53/tcp nameserver\n"
			       "quic 443/udp\n"
			       "alone\n"
			       "nothing 0/tcp\n"
			       "beyond 65536/tcp\n"
			       "signed +7/tcp\n"
			       "other 7/tcpmux\n"
			       "# hidden 9/tcp\n"
			       "twice 1/tcp\n"
			       "twice 2/tcp\n"
			       "last 65535/tcp end";

static char list[64];

static int make_list(void **state)
{
	int fd = memfd_create("services", 0);

	(void)state;
	snprintf(list, sizeof(list), "/proc/self/fd/%d", fd);
	return write(fd, services, strlen(services)) == (ssize_t)strlen(services) ? 0 : -1;
}

static void names_and_aliases(void **state)
{
	static const struct {
		const char *name;
		uint16_t port;
	} cases[] = { { "http", 80 }, { "www", 80 },	 { "domain", 53 }, { "nameserver", 53 },
		      { "twice", 1 }, { "last", 65535 }, { "end", 65535 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint16_t port = 0;

		if (service_port(list, cases[i].name, &port) || port != cases[i].port)
			fail_msg("%s is %u", cases[i].name, port);
	}
}

static void what_is_no_service(void **state)
{
	static const char *const names[] = { "quic",  "alone",	"nothing", "beyond", "signed",
					     "other", "hidden", "gopher",  "80/tcp", "#",
					     "HTTP",  "htt",	"",	   "name",   "for" };
	uint16_t port = 4711;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (service_port(list, names[i], &port) != -ENOENT)
			fail_msg("%s is %u", names[i], port);
	assert_int_equal(service_port("/no/such/list", "http", &port), -ENOENT);
	assert_int_equal(port, 4711);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_aliases),
		cmocka_unit_test(what_is_no_service),
	};

	return cmocka_run_group_tests(tests, make_list, NULL);
}
