/* SPDX-License-Identifier: GPL-2.0-only */
/* Former shapes of kernel types: which kernels have them, and when each can go. */
#ifndef VMLINUX_FLAVOURS_H
#define VMLINUX_FLAVOURS_H

#include "vmlinux/vmlinux.h"

/* What follows the three underscores is ignored when the type is looked up in the kernel's BTF. */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* The references to a namespace, 5.11 to 6.17; goes when 6.12 is no longer supported. */
struct ns_common___6_17 {
	refcount_t count;
};

/* The same up to 5.10; goes with 5.10. */
struct net___5_10 {
	refcount_t count;
};

/* The timer of retransmissions, up to 6.18; goes when 6.18 is no longer supported. */
struct inet_connection_sock___6_18 {
	struct timer_list icsk_retransmit_timer;
};

#pragma clang attribute pop

#endif
