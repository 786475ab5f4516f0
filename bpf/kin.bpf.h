/* SPDX-License-Identifier: GPL-2.0-only */
/* The processes whose children are asked for as well, and those children. */
#ifndef BPF_KIN_BPF_H
#define BPF_KIN_BPF_H

#include "bpf/tracer.bpf.h"

/* By thread group id, as long as they live. A child that finds no room is counted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u8);
} followed SEC(".maps") __weak;

#endif
