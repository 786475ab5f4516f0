/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of arm64: arguments and return value of a probed function, and where a task is. */
#ifndef VMLINUX_ARCH_ARM64_H
#define VMLINUX_ARCH_ARM64_H

struct user_pt_regs {
	__u64 regs[31];
	__u64 sp;
	__u64 pc;
};

struct pt_regs {
	struct user_pt_regs user_regs;
	__u64 orig_x0;
	__s32 syscallno;
};

#endif
