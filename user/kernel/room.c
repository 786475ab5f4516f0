// SPDX-License-Identifier: GPL-2.0-only
/* How much room the maps of the kernel side have, and what memory that takes. */
#include "user/kernel/room.h"

#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/tcpspan.skel.h"
#include "user/kernel/rings.h"

/* Sockets alive whose choice is remembered; beyond, see bpf/filter.bpf.h. */
#define CHOSEN_SOCKETS 262144

/* Processes alive; as many as user/conn/kin.h has room for. */
#define FOLLOWED_PROCESSES 65536

/* Of an element of a hash map, beside its key and value, and of a bucket. */
#define HASH_ELEMENT 48
#define HASH_BUCKET 16

void room_make(struct tcpspan_bpf *skel, const struct room_settings *settings)
{
	if (settings->slot_bits) {
		uint32_t slots = 1u << settings->slot_bits;

		bpf_map__set_max_entries(skel->maps.slots, slots);
		bpf_map__set_max_entries(skel->maps.slot_blocks,
					 (slots + CONFIG_SLOT_BLOCK - 1) / CONFIG_SLOT_BLOCK);
	}
	if (settings->samples)
		bpf_map__set_max_entries(skel->maps.sampled, CHOSEN_SOCKETS);
	if (settings->budget)
		bpf_map__set_max_entries(skel->maps.passed, CHOSEN_SOCKETS);
	if (settings->follows)
		bpf_map__set_max_entries(skel->maps.followed, FOLLOWED_PROCESSES);
}

static uint64_t round_up(uint64_t size)
{
	return (size + 7) / 8 * 8;
}

static uint64_t hash_bytes_of(const struct bpf_map *map, uint64_t entries)
{
	uint64_t buckets = 1;

	while (buckets < entries)
		buckets *= 2;
	return buckets * HASH_BUCKET + entries * (HASH_ELEMENT + round_up(bpf_map__key_size(map)) +
						  round_up(bpf_map__value_size(map)));
}

static uint64_t bytes_of(const struct bpf_map *map)
{
	uint64_t entries = bpf_map__max_entries(map);
	int cpus = libbpf_num_possible_cpus();

	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return entries * round_up(bpf_map__value_size(map)) *
		       (cpus > 0 ? (uint64_t)cpus : 1);
	case BPF_MAP_TYPE_ARRAY:
		return entries * round_up(bpf_map__value_size(map));
	default:
		return hash_bytes_of(map, entries);
	}
}

int room_of_plan(const struct plan *plan, const struct room_settings *settings,
		 struct room *ret_room)
{
	char reason[PLAN_REASON_SIZE];
	struct tcpspan_bpf *skel = plan_open(plan, reason);
	struct bpf_map *map;

	memset(ret_room, 0, sizeof(*ret_room));
	if (!skel)
		return -EINVAL;
	room_make(skel, settings);
	ret_room->rings = settings->rings;
	ret_room->ring =
		(uint64_t)rings_bytes(settings->ring_bytes, settings->rings) * settings->rings;
	bpf_object__for_each_map(map, skel->obj) {
		if (map == skel->maps.events || map == skel->maps.rings)
			continue;
		if (map == skel->maps.slots)
			ret_room->slots = settings->slot_bits ? bytes_of(map) : 0;
		else
			ret_room->others += bytes_of(map);
	}
	tcpspan_bpf__destroy(skel);
	return 0;
}
