// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where no segment says for whom it is dropped, sockets in FIN_WAIT2 are noted: of these one
 * namespace has half of the room at most, and another's are noted all the same.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/quota.h"
#include "bpf/tcpspan.skel.h"
#include "tests/bpf/netns.h"
#include "tests/bpf/tap.h"
#include "user/kernel/hooks.h"
#include "user/kernel/planner.h"

/* As in bpf/quota.bpf.h. */
#define QUOTA_NOTES_SHIFT 36
#define QUOTA_FIN_WAITS 16384

#define LEFT 5	/* notes that the attacker may yet make */
#define MANY 23 /* connections of the attacker that wait */
#define FEW 3	/* and of the victim */
#define PATIENCE_NS UINT64_C(2000000000)
#define MARGIN_NS UINT64_C(5000000000)
#define RING_BYTES (1 << 20)

struct load {
	int listener;
	int servers[MANY];
	size_t count;
};

/* The rung that has to find by a FIN's endpoints who waits for it; -1: there is none. */
static int rung_with_notes(void)
{
	const struct hook_family *family = &hook_families[HOOK_TIME_WAIT];

	for (size_t r = 0; r < family->rung_count; r++)
		for (size_t i = 0; i < HOOK_PROGRAMS && family->rungs[r].programs[i]; i++)
			if (!strcmp(family->rungs[r].programs[i], "timewait_segment_free"))
				return (int)r;
	return -1;
}

static struct tcpspan_bpf *trace(char reason[PLAN_REASON_SIZE])
{
	struct tcpspan_bpf *skel;
	struct plan plan = { 0 };

	for (int f = 0; f < HOOK_FAMILY_COUNT; f++)
		plan.rung[f] = f == HOOK_TIME_WAIT ? rung_with_notes() : PLAN_NONE;
	skel = plan_open(&plan, reason);
	if (!skel)
		return NULL;
	bpf_map__set_max_entries(skel->maps.events, RING_BYTES);
	if (!plan_load(skel, reason))
		return skel;
	tcpspan_bpf__destroy(skel);
	return NULL;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Notes are counted anew each 69 s: not in the middle of this. Returns which time this is. */
static uint64_t steady_time(void)
{
	uint64_t left = (UINT64_C(1) << QUOTA_NOTES_SHIFT) -
			(now_ns() & ((UINT64_C(1) << QUOTA_NOTES_SHIFT) - 1));

	if (left < MARGIN_NS)
		sleep((unsigned int)(left / 1000000000) + 1);
	return (now_ns() >> QUOTA_NOTES_SHIFT) + 1;
}

/* As if this namespace had noted so many already. */
static int have_noted(const struct tcpspan_bpf *skel, uint32_t netns, uint64_t count)
{
	const struct quota quota = { .since = steady_time(), .bytes = count };
	struct quota_key key = { .owner = QUOTA_NOBODY, .kind = QUOTA_FIN_WAIT };
	int fd = bpf_map__fd(skel->maps.quotas);
	int error = bpf_map_update_elem(fd, &key, &quota, BPF_ANY);

	key.netns = netns;
	return error ? error : bpf_map_update_elem(fd, &key, &quota, BPF_ANY);
}

static uint64_t refused_of(const struct tcpspan_bpf *skel, uint32_t netns)
{
	const struct quota_key key = { netns, QUOTA_NOBODY, QUOTA_FIN_WAIT };
	struct quota quota = { .lost = 0 };

	bpf_map_lookup_elem(bpf_map__fd(skel->maps.quotas), &key, &quota);
	return quota.lost;
}

static uint64_t refused(const struct tcpspan_bpf *skel)
{
	uint64_t sum = 0;

	for (int i = 0; i < CONFIG_CPUS; i++)
		sum += skel->bss->counters[i].notes_full;
	return sum;
}

/* Notes about connections to this listener. The keys are those of bpf/deferred.bpf.h. */
static size_t notes_of(const struct tcpspan_bpf *skel, int listener)
{
	struct {
		uint64_t net;
		uint32_t raddr, laddr;
		uint16_t lport, rport;
		uint32_t reserved;
	} key, *previous = NULL;
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int fd = bpf_map__fd(skel->maps.fin_waits);
	size_t count = 0;

	if (getsockname(listener, (void *)&address, &size))
		return 0;
	while (!bpf_map_get_next_key(fd, previous, &key)) {
		count += key.rport == address.sin_port;
		previous = &key;
	}
	return count;
}

/* So many clients close, and their servers do not: they wait for a FIN. */
static int wait_for_fins(size_t count, struct load *load)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int error;

	load->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	error = bind(load->listener, (void *)&address, size) || listen(load->listener, MANY) ||
		getsockname(load->listener, (void *)&address, &size);
	for (size_t i = 0; i < count && !error; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		error = connect(fd, (void *)&address, size);
		load->servers[load->count++] = accept4(load->listener, NULL, NULL, SOCK_CLOEXEC);
		close(fd);
	}
	return error ? -1 : 0;
}

/* A FIN may be acknowledged a little later: until all are noted, or refused. */
static void settle(const struct tcpspan_bpf *skel, const struct load *load)
{
	uint64_t end = now_ns() + PATIENCE_NS;

	while (notes_of(skel, load->listener) + refused_of(skel, netns_own()) < load->count &&
	       now_ns() < end)
		usleep(1000);
}

static void send_fins(struct load *load)
{
	while (load->count)
		close(load->servers[--load->count]);
}

static void check(struct tap *t, const struct tcpspan_bpf *skel)
{
	struct load many = { .count = 0 }, few = { .count = 0 };
	uint32_t attacker = netns_own(), victim;
	uint64_t before;

	tap_ok(t, !have_noted(skel, attacker, QUOTA_FIN_WAITS / 2 - LEFT),
	       "one namespace has next to half of the room");
	tap_ok(t, !wait_for_fins(MANY, &many), "and %d more sockets that wait for a FIN", MANY);
	settle(skel, &many);
	/* Others of this machine may have a few as well. */
	tap_ok(t, notes_of(skel, many.listener) <= LEFT, "of which half of the room is all (%zu)",
	       notes_of(skel, many.listener));
	before = refused_of(skel, attacker);
	tap_ok(t, before == MANY - notes_of(skel, many.listener) && refused(skel) >= before,
	       "what there is no room for is counted as that namespace's (%llu of %llu)",
	       (unsigned long long)before, (unsigned long long)refused(skel));
	if (!tap_ok(t, !netns_enter(), "there is another namespace"))
		return;
	victim = netns_own();
	tap_ok(t, !wait_for_fins(FEW, &few), "in which %d wait", FEW);
	settle(skel, &few);
	tap_ok(t, notes_of(skel, few.listener) == FEW, "and all are noted (%zu)",
	       notes_of(skel, few.listener));
	tap_ok(t, !refused_of(skel, victim), "and none is refused");
	send_fins(&few);
	tap_ok(t, !notes_of(skel, few.listener), "their FINs are found to be theirs");
	send_fins(&many);
	close(few.listener);
	close(many.listener);
}

int main(void)
{
	char reason[PLAN_REASON_SIZE] = "";
	struct tap t = { .count = 0 };
	struct tcpspan_bpf *skel;

	if (geteuid())
		return tap_skip_all("needs root");
	if (netns_enter())
		return tap_skip_all("no right to make a network namespace");
	skel = trace(reason);
	if (!skel && plan_is_memory_hidden())
		return tap_skip_all("no program may read memory by its address");
	tap_ok(&t, skel, "the programs load and attach");
	if (skel)
		check(&t, skel);
	else
		tap_note("%s", reason);
	tcpspan_bpf__destroy(skel);
	return tap_done(&t);
}
