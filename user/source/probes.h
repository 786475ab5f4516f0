/* SPDX-License-Identifier: GPL-2.0-only */
/* Kprobes by address, where to find their functions by name takes the kernel long. */
#ifndef USER_SOURCE_PROBES_H
#define USER_SOURCE_PROBES_H

struct tcpspan_bpf;

/* Attaches what it can of the loaded programs; the rest is left to be attached by name. */
void probes_attach(struct tcpspan_bpf *skel);

#endif
