/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is at work: the kernel functions on the stack, as far as they tell why something ends. */
#ifndef BPF_FRAMES_BPF_H
#define BPF_FRAMES_BPF_H

#include "bpf/tracer.bpf.h"

/* Who ends a minisock stands no deeper, below our own frames and those of its timer. */
#define FRAMES 16

#define FRAME(NAME) (1U << CONFIG_FRAME_##NAME)

/*
 * The set of them, as bits of enum config_frame; 0 where the kernel does not show its addresses.
 * Without branches: sixteen times fourteen of them are more than a verifier wants to see.
 */
static __always_inline __u32 frames_of(void *ctx)
{
	__u64 stack[FRAMES] = {};
	__u32 found = 0, i, f;
	__u64 offset;

	if (bpf_get_stack(ctx, stack, sizeof(stack), 0) <= 0)
		return 0;
#pragma unroll
	for (i = 0; i < FRAMES; i++) {
#pragma unroll
		for (f = 0; f < CONFIG_FRAME_COUNT; f++) {
			/* The highest bit is set if it lies before the function, or not behind. */
			offset = stack[i] - knobs.frames[f].address;
			found |= ((offset - knobs.frames[f].size) & ~offset) >> 63 << f;
		}
	}
	return found;
}

#endif
