// SPDX-License-Identifier: GPL-2.0-only
/* The number of a namespace is used again; of one that was asked for, its successor is not told. */
#include <arpa/inet.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/tcpspan.skel.h"
#include "tests/bpf/netns.h"
#include "tests/bpf/tap.h"
#include "user/kernel/planner.h"

/* For the namespace of this number that has this cookie; 0: whichever has the number. */
static struct tcpspan_bpf *trace(uint64_t cookie, char reason[PLAN_REASON_SIZE])
{
	struct config_filter *filter;
	struct tcpspan_bpf *skel;
	static struct plan plan;

	plan_by_trial(&plan, PLAN_AUTO, 1u << HOOK_STATE, false);
	skel = plan_open(&plan, reason);
	if (!skel)
		return NULL;
	filter = (struct config_filter *)&skel->rodata->filter;
	filter->is_on = 1;
	filter->netns_count = 2;
	filter->netns[0] = netns_own() + 1;
	filter->netns[1] = netns_own();
	filter->has_cookies = cookie != 0;
	filter->netns_cookie[1] = cookie;
	if (!plan_load(skel, reason))
		return skel;
	tcpspan_bpf__destroy(skel);
	return NULL;
}

/* One connection, of which both ends are here. */
static int connect_once(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(address);
	int error;

	error = bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1) ||
		getsockname(listener, (struct sockaddr *)&address, &size) ||
		connect(client, (struct sockaddr *)&address, size);
	close(client);
	close(listener);
	return error;
}

static uint64_t told(const struct tcpspan_bpf *skel)
{
	uint64_t sum = 0;

	for (int i = 0; i < CONFIG_CPUS; i++)
		sum += skel->bss->counters[i].seen - skel->bss->counters[i].filtered;
	return sum;
}

/* How much is told of a connection, or -1. */
static int64_t told_of_one(struct tap *t, uint64_t cookie)
{
	char reason[PLAN_REASON_SIZE] = "";
	struct tcpspan_bpf *skel = trace(cookie, reason);
	int64_t count = -1;

	if (!tap_ok(t, skel, "the programs load and attach"))
		tap_note("%s", reason);
	else if (tap_ok(t, !connect_once(), "there is a connection"))
		count = (int64_t)told(skel);
	tcpspan_bpf__destroy(skel);
	return count;
}

int main(void)
{
	struct tap t = { .count = 0 };
	uint64_t cookie;

	if (geteuid())
		return tap_skip_all("needs root");
	if (netns_enter())
		return tap_skip_all("no right to make a network namespace");
	cookie = netns_own_cookie();
	tap_ok(&t, told_of_one(&t, 0) > 0, "a namespace is known by its number alone");
	if (!cookie)
		return tap_done(&t);
	tap_ok(&t, told_of_one(&t, cookie) > 0, "the one that was asked for is told of");
	tap_ok(&t, !told_of_one(&t, cookie + 1), "another one with its number is not");
	return tap_done(&t);
}
