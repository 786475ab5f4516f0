// SPDX-License-Identifier: GPL-2.0-only
/* What programs are told before they are loaded: filters, knobs, and how much room they have. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/tcpspan.skel.h"
#include "user/kernel/room.h"
#include "user/sockets/counters.h"
#include "user/source/live_parts.h"

/* Records of one CPU between two wake-ups, at most, and the bytes that one takes in the ring. */
#define WAKE_EVERY_MAX 4096
#define TYPICAL_RECORD 96
/* Those between two looks at how full the ring is: a power of two. */
#define LOOK_EVERY 64

_Static_assert(CONFIG_NETNS >= NETNS_LIST_MAX, "the kernel judges all namespaces");

/* What the kernel judges by itself; lists too long for it are left to user space. */
static void set_filter(struct tcpspan_bpf *skel, const struct conn_filter *from)
{
	struct config_filter *to = (struct config_filter *)&skel->rodata->filter;

	to->netns_count = from->netns.count;
	memcpy(to->netns, from->netns.inodes, from->netns.count * sizeof(*to->netns));
	to->cgroup = from->cgroup;
	to->sample = from->sample;
	to->family = from->family == 4 ? AF_INET : from->family == 6 ? AF_INET6 : 0;
	if (from->pid_count <= CONFIG_PIDS) {
		to->pid_count = from->pid_count;
		memcpy(to->pids, from->pids, from->pid_count * sizeof(*to->pids));
	}
	if (from->comm_count == 1) {
		to->has_comm = 1;
		memcpy(to->comm, from->comms[0], sizeof(to->comm));
	}
	if (from->prefix_count <= CONFIG_CIDRS) {
		to->cidr_count = from->prefix_count;
		for (size_t i = 0; i < from->prefix_count; i++) {
			uint8_t *mask = (uint8_t *)to->cidrs[i].mask;

			memcpy(to->cidrs[i].net, from->prefixes[i].net.byte, ADDRESS_SIZE);
			for (int bit = 0; bit < from->prefixes[i].bits; bit++)
				mask[bit / 8] |= 0x80 >> bit % 8;
		}
	}
	to->has_lport = from->has_lports;
	to->has_rport = from->has_rports;
	memcpy((void *)skel->rodata->filter_lports, from->lports, sizeof(from->lports));
	memcpy((void *)skel->rodata->filter_rports, from->rports, sizeof(from->rports));
	to->follows = from->follows;
	to->has_interface = from->interfaces.size > 0;
	to->is_on = to->netns_count || to->cgroup || to->sample > 1 || to->family ||
		    to->pid_count || to->has_comm || to->cidr_count || to->has_lport ||
		    to->has_rport || to->has_interface;
}

/* Behind set_filter(). */
static void set_cookies(struct tcpspan_bpf *skel, const struct live_settings *settings)
{
	struct config_filter *to = (struct config_filter *)&skel->rodata->filter;
	struct counters_readings readings;

	if (!to->netns_count)
		return;
	counters_read(&settings->filter->netns, settings->broker, &readings);
	for (size_t i = 0; i < to->netns_count; i++)
		for (size_t j = 0; j < readings.count; j++)
			if (readings.list[j].netns == to->netns[i]) {
				to->netns_cookie[i] = readings.list[j].cookie;
				to->has_cookies |= readings.list[j].cookie != 0;
			}
	counters_done(&readings);
}

/*
 * The reader is woken early enough for all CPUs of a ring together to leave three quarters of it
 * free, but not for less than it takes: a wake-up costs as much as a dozen records.
 */
static uint32_t wake_mask(const struct rings *rings)
{
	int cpus = libbpf_num_possible_cpus();
	size_t sharers = ((cpus > 0 ? (size_t)cpus : 1) + rings->count - 1) / rings->count;
	size_t room = rings->bytes / 4 / TYPICAL_RECORD / sharers;
	uint32_t every = 1;

	while (every < WAKE_EVERY_MAX && every * 2 <= room)
		every *= 2;
	return every - 1;
}

/* Where not every accept is seen, who listens is the next best that can be known. */
bool live_needs_listeners(const struct live *live)
{
	return live->settings.families >> HOOK_ACCEPT & 1 &&
	       (live->plan.rung[HOOK_ACCEPT] == PLAN_NONE || plan_lacks(&live->plan, HOOK_ACCEPT));
}

/*
 * What collects has a slot for each connection; they are emptied by a program of their own. Behind
 * set_filter().
 */
static void set_slots(struct live *live, struct config_knobs *knobs)
{
	struct bpf_program *program = live->skel->progs.slot_iter;

	knobs->slot_bits = live->slot_bits;
	knobs->slot_shift = 32 - live->slot_bits;
	if (!live->slot_bits)
		return;
	knobs->middles = !live->skel->rodata->filter.is_on;
	bpf_program__set_autoload(program, true);
	bpf_program__set_autoattach(program, false);
}

/* Behind room_make(). */
static void set_chosen(struct live *live, struct config_knobs *knobs)
{
	knobs->chosen_room = bpf_map__max_entries(live->settings.budget ? live->skel->maps.passed :
									  live->skel->maps.sampled);
	/* Nobody is to know who shares a bucket with whom; without, it is no secret. */
	if (getrandom(&knobs->chosen_seed, sizeof(knobs->chosen_seed), GRND_NONBLOCK) < 0)
		knobs->chosen_seed = 0;
}

static void set_knobs(struct live *live, struct config_knobs *knobs)
{
	const struct live_settings *s = &live->settings;

	knobs->cgroup = s->cgroups;
	knobs->facts = s->facts	   ? CONFIG_FACTS_ALL :
		       s->segments ? CONFIG_FACTS_SEGMENTS :
				     CONFIG_FACTS_NONE;
	knobs->sequences = s->sequences || (s->flows && !live->slot_bits);
	knobs->firsts = s->flows;
	knobs->stacks = s->stacks;
	knobs->budget = s->budget;
	knobs->wake_mask = wake_mask(&live->rings);
	knobs->look_mask = knobs->wake_mask < LOOK_EVERY ? knobs->wake_mask : LOOK_EVERY - 1;
	knobs->listeners = live_needs_listeners(live);
}

/* Tells the programs, which are opened, what to do, and makes room for them. */
void live_configure(struct live *live)
{
	const struct live_settings *s = &live->settings;
	struct config_knobs *knobs = (struct config_knobs *)&live->skel->rodata->knobs;

	set_filter(live->skel, s->filter);
	set_cookies(live->skel, s);
	set_knobs(live, knobs);
	set_slots(live, knobs);
	room_make(live->skel, &(struct room_settings){
				      .ring_bytes = s->ring_bytes,
				      .rings = s->rings,
				      .slot_bits = live->slot_bits,
				      .samples = s->filter->sample > 1,
				      .budget = s->budget,
				      .follows = s->filter->follows,
			      });
	if (s->filter->sample > 1 || s->budget)
		set_chosen(live, knobs);
}
