// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sample has room for few sockets: however many one user opens, another has his in it. A budget
 * has room for few that are left out: however many one user opens, another's are left out still,
 * and what of the first one's is followed instead is counted as his.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/quota.h"
#include "bpf/tcpspan.skel.h"
#include "tests/bpf/netns.h"
#include "tests/bpf/tap.h"
#include "user/kernel/planner.h"

#define ROOM 32
#define SAMPLE 2 /* one of so many; with 1, nothing is sampled */
#define MANY 97	 /* connections, of which each end is a socket: half of them are chosen */
#define FEW 4	 /* whose sockets all have room beside those, however chance chooses */
#define FEWER 3	 /* of which all are left out */
#define ATTACKER 65533
#define VICTIM 65534
#define RING_BYTES (1 << 20)

/* As struct chosen_owner in bpf/sample.bpf.h. */
struct owner {
	uint32_t netns, uid;
};

struct load {
	int fds[2 * MANY + 1];
	size_t count;
};

/*
 * The programs of the state family, for the sockets of this namespace alone, by a chance of SAMPLE
 * or by a budget.
 */
static struct tcpspan_bpf *trace(bool is_budget, char reason[PLAN_REASON_SIZE])
{
	struct config_filter *filter;
	struct config_knobs *knobs;
	struct tcpspan_bpf *skel;
	static struct plan plan;

	plan_by_trial(&plan, PLAN_AUTO, 1u << HOOK_STATE, false);
	skel = plan_open(&plan, reason);
	if (!skel)
		return NULL;
	filter = (struct config_filter *)&skel->rodata->filter;
	filter->is_on = 1;
	filter->sample = is_budget ? 1 : SAMPLE;
	filter->netns_count = 1;
	filter->netns[0] = netns_own();
	knobs = (struct config_knobs *)&skel->rodata->knobs;
	knobs->chosen_room = ROOM;
	bpf_map__set_max_entries(skel->maps.sampled, ROOM);
	knobs->budget = is_budget;
	bpf_map__set_max_entries(skel->maps.passed, ROOM);
	bpf_map__set_max_entries(skel->maps.events, RING_BYTES);
	if (!plan_load(skel, reason))
		return skel;
	tcpspan_bpf__destroy(skel);
	return NULL;
}

/* A listener and `count` connections to it, both ends of which are the user's. */
static int open_as(uid_t uid, size_t count, struct load *load)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int error, listener;

	if (seteuid(uid))
		return -1;
	listener = load->fds[load->count++] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	error = bind(listener, (void *)&address, size) || listen(listener, MANY) ||
		getsockname(listener, (void *)&address, &size);
	for (size_t i = 0; i < count && !error; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		error = connect(fd, (void *)&address, size);
		load->fds[load->count++] = fd;
		load->fds[load->count++] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	}
	return seteuid(0) || error ? -1 : 0;
}

/* At once, without a TIME_WAIT: the sockets end before this returns. */
static void close_all(struct load *load)
{
	const struct linger now = { .l_onoff = 1 };

	for (size_t i = 0; i < load->count; i++) {
		setsockopt(load->fds[i], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(load->fds[i]);
	}
	load->count = 0;
}

/* How many sockets of this user are in the map. */
static size_t chosen_of(const struct bpf_map *map, uint32_t uid)
{
	int fd = bpf_map__fd(map);
	uint64_t key, *previous = NULL;
	struct owner owner;
	size_t count = 0;

	while (!bpf_map_get_next_key(fd, previous, &key)) {
		count += !bpf_map_lookup_elem(fd, &key, &owner) && owner.uid == uid &&
			 owner.netns == netns_own();
		previous = &key;
	}
	return count;
}

static size_t sampled_of(const struct tcpspan_bpf *skel, uint32_t uid)
{
	return chosen_of(skel->maps.sampled, uid);
}

/* For which there was no room, as its accounts say. */
static uint64_t refused_of(const struct tcpspan_bpf *skel, uint32_t uid, enum quota_kind kind)
{
	const struct quota_key key = { netns_own(), uid, kind };
	struct quota quota = { .lost = 0 };

	bpf_map_lookup_elem(bpf_map__fd(skel->maps.quotas), &key, &quota);
	return quota.lost;
}

static uint64_t left_out_of(const struct tcpspan_bpf *skel, uint32_t uid)
{
	return refused_of(skel, uid, QUOTA_SAMPLE);
}

static uint64_t left_out(const struct tcpspan_bpf *skel)
{
	uint64_t sum = 0;

	for (int i = 0; i < CONFIG_CPUS; i++)
		sum += skel->bss->counters[i].sample_full;
	return sum;
}

/* What the programs count by themselves, over all owners. */
static uint64_t counted(const struct tcpspan_bpf *skel)
{
	uint64_t sum = 0, count;

	for (uint32_t i = 0; i < bpf_map__max_entries(skel->maps.chosen_counts); i++)
		if (!bpf_map_lookup_elem(bpf_map__fd(skel->maps.chosen_counts), &i, &count))
			sum += count;
	return sum;
}

static void check(struct tap *t, const struct tcpspan_bpf *skel)
{
	struct load many = { .count = 0 }, few = { .count = 0 };
	uint64_t before;

	tap_ok(t, !open_as(ATTACKER, MANY, &many), "one user opens %d connections", MANY);
	tap_ok(t, sampled_of(skel, ATTACKER) == ROOM / 2 + 1,
	       "as many of them are in the sample as there is room left for, and one more (%zu)",
	       sampled_of(skel, ATTACKER));
	before = left_out(skel);
	tap_ok(t, before && left_out_of(skel, ATTACKER) == before,
	       "the others are left out, and counted as that user's (%llu of %llu)",
	       (unsigned long long)left_out_of(skel, ATTACKER), (unsigned long long)before);
	tap_ok(t, !open_as(VICTIM, FEW, &few), "another user opens %d", FEW);
	tap_ok(t, left_out(skel) == before && !left_out_of(skel, VICTIM),
	       "none of which is left out for lack of room");
	tap_ok(t, counted(skel) == 3 * (sampled_of(skel, ATTACKER) + sampled_of(skel, VICTIM)),
	       "each in the sample is counted: of all, of its owner's, and there");
	close_all(&few);
	close_all(&many);
	tap_ok(t, !sampled_of(skel, ATTACKER) && !sampled_of(skel, VICTIM) && !counted(skel),
	       "all are gone, and counted no more");
}

static uint64_t followed_without_room(const struct tcpspan_bpf *skel)
{
	uint64_t sum = 0;

	for (int i = 0; i < CONFIG_CPUS; i++)
		sum += skel->bss->counters[i].passed_full;
	return sum;
}

/* Next to no connection is followed by chance, as long as there is room to know the others by. */
static void check_budget(struct tap *t, const struct tcpspan_bpf *skel)
{
	struct load many = { .count = 0 }, few = { .count = 0 };
	uint64_t before;

	skel->bss->shared.one_of = 1u << 31;
	skel->bss->shared.passes = 1;
	tap_ok(t, !open_as(ATTACKER, MANY, &many), "one user opens %d connections", MANY);
	tap_ok(t, chosen_of(skel->maps.passed, ATTACKER) == ROOM / 2 + 1,
	       "as many of them are left out as there is room left for, and one more (%zu)",
	       chosen_of(skel->maps.passed, ATTACKER));
	before = followed_without_room(skel);
	tap_ok(t,
	       before == 2 * MANY - ROOM / 2 - 1 &&
		       before == refused_of(skel, ATTACKER, QUOTA_PASS),
	       "those without are followed, and counted as that user's (%llu of %llu)",
	       (unsigned long long)refused_of(skel, ATTACKER, QUOTA_PASS),
	       (unsigned long long)before);
	tap_ok(t, !open_as(VICTIM, FEWER, &few), "another user opens %d", FEWER);
	tap_ok(t,
	       chosen_of(skel->maps.passed, VICTIM) == 2 * FEWER &&
		       followed_without_room(skel) == before,
	       "all of which are left out");
	tap_ok(t, counted(skel) == 3 * (chosen_of(skel->maps.passed, ATTACKER) + 2 * FEWER),
	       "each that is left out is counted: of all, of its owner's, and there");
	close_all(&few);
	close_all(&many);
	tap_ok(t,
	       !chosen_of(skel->maps.passed, ATTACKER) && !chosen_of(skel->maps.passed, VICTIM) &&
		       !counted(skel),
	       "all are gone, and counted no more");
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
	for (int is_budget = 0; is_budget < 2; is_budget++) {
		skel = trace(is_budget, reason);
		if (!tap_ok(&t, skel, "the programs load and attach"))
			tap_note("%s", reason);
		else if (is_budget)
			check_budget(&t, skel);
		else
			check(&t, skel);
		tcpspan_bpf__destroy(skel);
	}
	return tap_done(&t);
}
