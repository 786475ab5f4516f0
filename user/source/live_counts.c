// SPDX-License-Identifier: GPL-2.0-only
/* What programs have counted, and what the kernel counts of those of their runs that it skipped. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/tcpspan.skel.h"
#include "user/kernel/probes.h"
#include "user/source/live_parts.h"

void live_sum_counters(const struct live *live, struct event_counters *ret_events)
{
	const struct config_counters *cpu = (const void *)live->skel->bss->counters;

	memset(ret_events, 0, sizeof(*ret_events));
	for (int i = 0; i < CONFIG_CPUS; i++) {
#define X(name, loss) ret_events->name += __atomic_load_n(&cpu[i].name, __ATOMIC_RELAXED);
		EVENT_COUNTERS(X, EVENT_COUNTER_SKIP, EVENT_COUNTER_SKIP)
#undef X
	}
	/* To whoever reads them they are records like others. */
	ret_events->seen += live->found;
	ret_events->submitted += live->found;
	ret_events->received = live->received + live->found;
}

/* Runs that the kernel refused: the program, or a kprobe, was already at work on that CPU. */
static uint64_t missed_of(const struct live *live, const struct bpf_program *program)
{
	uint64_t by_probe = probes_missed(live->skel, program);
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
		return by_probe;
	return by_probe + info.recursion_misses;
}

/*
 * Of the state family. Where two programs witness the same event, one is lost only if both were
 * skipped: at most as many as the second was, or as the first was without the second's having told.
 */
uint64_t live_missed_states(const struct live *live)
{
	const struct hook_family *state = &hook_families[HOOK_STATE];
	const struct hook_rung *rung = &state->rungs[live->plan.rung[HOOK_STATE]];
	uint64_t witnessed = live->witnessed ? *live->witnessed : 0;
	uint64_t sum = 0, first = 0;

	for (int i = 0; i < HOOK_PROGRAMS && rung->programs[i]; i++) {
		uint64_t missed = live->states[i] ? missed_of(live, live->states[i]) : 0;

		if (rung->witnessed && i == 0)
			first = missed > witnessed ? missed - witnessed : 0;
		else if (rung->witnessed && i == 1)
			sum += missed < first ? missed : first;
		else
			sum += missed;
	}
	return sum;
}

uint64_t live_missed_probes(const struct live *live)
{
	struct bpf_program *program;
	uint64_t missed = 0;

	bpf_object__for_each_program(program, live->skel->obj)
		missed += probes_missed(live->skel, program);
	return missed;
}

static uint64_t sum_runs(const struct live *live, enum live_skip meaning)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < live->used_count; i++)
		if (live->used[i].meaning == meaning)
			sum += missed_of(live, live->used[i].program);
	return sum;
}

uint64_t live_skipped(const struct live *live)
{
	return sum_runs(live, LIVE_SKIP_IS_SELDOM_LOSS);
}

uint64_t live_missed(const struct live *live)
{
	return live_missed_states(live) + sum_runs(live, LIVE_SKIP_IS_LOSS);
}
