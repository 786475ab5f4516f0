// SPDX-License-Identifier: GPL-2.0-only
/* What memory a run would take with these options: in the kernel, and here. */
#include "user/command/check/memory.h"

#include "user/command/check/words.h"

#include "user/conn/table.h"
#include "user/run/open.h"

#define MIB (1024.0 * 1024)

void memory_find(const struct options *options, const struct plan *plan, struct check_memory *ret)
{
	const struct room_settings settings = {
		.ring_bytes = options->ring_bytes,
		.rings = open_rings(options),
		.slot_bits = open_slot_bits(options->max_connections),
		.samples = options->filter.sample > 1,
	};

	ret->is_known = plan->rung[HOOK_STATE] != PLAN_NONE &&
			!room_of_plan(plan, &settings, &ret->room);
	ret->connections = options->max_connections;
	ret->table_most = conn_table_bytes_most(options->max_connections);
}

void memory_print(struct buffer *out, const struct check_memory *memory,
		  enum ladder_language language)
{
	const struct room *room = &memory->room;

	if (!memory->is_known)
		return;
	check_label(out, IN(language, SAY_MEMORY));
	buffer_addf(out, IN(language, SAY_MEMORY_THERE),
		    (double)(room->ring + room->slots + room->others) / MIB);
	if (room->rings > 1)
		buffer_addf(out, IN(language, SAY_MEMORY_RINGS), room->rings,
			    (double)room->ring / MIB);
	else
		buffer_addf(out, IN(language, SAY_MEMORY_RING), (double)room->ring / MIB);
	buffer_addf(out, IN(language, SAY_MEMORY_MAPS), (double)room->slots / MIB,
		    (double)room->others / MIB);
	check_label(out, "");
	buffer_addf(out, IN(language, SAY_MEMORY_HERE), (double)memory->table_most / MIB,
		    memory->connections);
}

void memory_add_json(struct json *j, const struct check_memory *memory)
{
	json_key(j, "memory");
	if (!memory->is_known) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	json_key(j, "ring_bytes");
	json_u64(j, memory->room.ring);
	json_key(j, "rings");
	json_u64(j, memory->room.rings);
	json_key(j, "slot_bytes");
	json_u64(j, memory->room.slots);
	json_key(j, "map_bytes");
	json_u64(j, memory->room.others);
	json_key(j, "table_bytes_most");
	json_u64(j, memory->table_most);
	json_key(j, "max_connections");
	json_u64(j, memory->connections);
	json_object_end(j);
}
