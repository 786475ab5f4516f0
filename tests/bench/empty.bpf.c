// SPDX-License-Identifier: GPL-2.0-only
/* A program that does nothing: what the kernel's statistics say of it is what they cost. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("tp_btf/inet_sock_set_state")
int empty(void *ctx)
{
	(void)ctx;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
