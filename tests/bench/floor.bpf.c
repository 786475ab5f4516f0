// SPDX-License-Identifier: GPL-2.0-only
/* The floor: the least that a record for each transition costs, a clock and 48 bytes. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct record {
	__u64 mono_ns;
	__u64 rest[5];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 * 1024 * 1024);
} events SEC(".maps");

__u64 full; /* records that did not fit: with any, the floor is not one */

SEC("tp_btf/inet_sock_set_state")
int floor_record(void *ctx)
{
	struct record *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

	(void)ctx;
	if (!record) {
		__sync_fetch_and_add(&full, 1);
		return 0;
	}
	record->mono_ns = bpf_ktime_get_ns();
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
