/* SPDX-License-Identifier: GPL-2.0-only */
/* Kprobes by address, where to find their functions by name takes the kernel long. */
#ifndef USER_KERNEL_PROBES_H
#define USER_KERNEL_PROBES_H

#include <stdint.h>

struct bpf_program;
struct tcpspan_bpf;

/* Attaches what it can of the loaded programs; the rest is left to be attached by name. */
void probes_attach(struct tcpspan_bpf *skel);

/*
 * Hits of a program's kprobe that the kernel skipped, for another one was at work on that CPU: it
 * counts them apart from the program's. 0 too where it does not say: before 6.7, or once detached.
 */
uint64_t probes_missed(const struct tcpspan_bpf *skel, const struct bpf_program *program);

#endif
