/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of x86-64: arguments and return value of a probed function, and where a task is. */
#ifndef VMLINUX_ARCH_X86_H
#define VMLINUX_ARCH_X86_H

struct pt_regs {
	long unsigned int ax;
	long unsigned int dx;
	long unsigned int si;
	long unsigned int di;
	long unsigned int orig_ax;
	long unsigned int ip;
	long unsigned int sp;
	long unsigned int bp;
};

#endif
