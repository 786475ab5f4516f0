// SPDX-License-Identifier: GPL-2.0-only
/* The one definition of the knobs, counters and words that all hook families share. */
#include "bpf/tracer.bpf.h"

const volatile struct config_filter filter = {};
const volatile __u64 filter_lports[CONFIG_PORT_WORDS] = {};
const volatile __u64 filter_rports[CONFIG_PORT_WORDS] = {};
const volatile struct config_knobs knobs = {};
struct config_counters counters[CONFIG_CPUS] = {};
struct config_shared shared = {};
__u64 left_socks[1 << CONFIG_LEFT_BITS] = {};
struct config_failed failed_socks[1 << CONFIG_LEFT_BITS] = {};
struct config_ring ring_words[CONFIG_RINGS] = {};
const volatile __u8 ring_of_cpu[CONFIG_CPUS] = {};

char LICENSE[] SEC("license") = "GPL";
