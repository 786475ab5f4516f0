/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of arm64 that hold the arguments and the return value of a probed function. */
#ifndef VMLINUX_ARCH_ARM64_H
#define VMLINUX_ARCH_ARM64_H

struct user_pt_regs {
	__u64 regs[31];
};

struct pt_regs {
	struct user_pt_regs user_regs;
	__u64 orig_x0;
	__s32 syscallno;
};

#endif
