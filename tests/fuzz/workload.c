// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes what reads cgroups: any text of /proc/PID/cgroup, then each path and name in it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/names/workload.h"

/* An assert that no flag turns off. */
#define demand(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

static void fail(int line, const char *demand)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, demand);
	abort();
}

static void demand_text(const char *text, size_t room)
{
	demand(strnlen(text, room) < room);
}

static void demand_sound(const char *path, size_t size)
{
	struct workload w;

	workload_parse(path, size, &w);
	demand_text(w.unit, sizeof(w.unit));
	demand_text(w.slice, sizeof(w.slice));
	demand_text(w.container_id, sizeof(w.container_id));
	demand_text(w.pod_uid, sizeof(w.pod_uid));
	demand(w.runtime < WORKLOAD_RUNTIME_COUNT && w.qos < WORKLOAD_QOS_COUNT);
	demand(!w.runtime || *w.container_id);
	demand(!w.qos || *w.pod_uid);
	demand(w.user == WORKLOAD_NO_USER || *w.unit);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *text = (const char *)bytes, *path;
	size_t path_size;
	char *room;

	demand_sound(text, size);
	if (workload_pick(text, size, &path, &path_size)) {
		demand(path >= text && path + path_size <= text + size && *path == '/');
		demand_sound(path, path_size);
	}
	room = malloc(size + 1);
	if (!room)
		return 0;
	demand(workload_unescape(text, size, room) <= size);
	free(room);
	return 0;
}
