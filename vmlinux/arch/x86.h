/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of x86-64 that hold the arguments and the return value of a probed function. */
#ifndef VMLINUX_ARCH_X86_H
#define VMLINUX_ARCH_X86_H

struct pt_regs {
	long unsigned int ax;
	long unsigned int dx;
	long unsigned int si;
	long unsigned int di;
	long unsigned int orig_ax;
};

#endif
