/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said where this kernel does not allow a trace, in each language. */
#ifndef USER_KERNEL_COMPLAINTS_H
#define USER_KERNEL_COMPLAINTS_H

/* X(NAME, "English", "Chinese"), with the holes of sentence.h. */
/* clang-format off */
#define KERNEL_COMPLAINTS(X) \
	X(NO_RIGHT, \
	  "tracing needs root, or the capabilities CAP_BPF and CAP_PERFMON: run it with sudo", \
	  "跟踪需要 root，或 CAP_BPF 和 CAP_PERFMON 权能：请用 sudo 运行") \
	X(NO_RIGHT_INSIDE, \
	  "tracing needs rights over the machine, and in a user namespace nobody has them: run " \
	  "it outside", \
	  "跟踪需要对整台机器的权限，而用户命名空间里谁也没有：请在它之外运行") \
	X(NO_PROC, \
	  "/proc is not mounted, and processes and network namespaces are known by it: " \
	  "run mount -t proc proc /proc", \
	  "没有挂载 /proc，而进程和网络命名空间由它得知：请运行 mount -t proc proc /proc") \
	X(NO_TYPES, \
	  "this kernel tells no types (/sys/kernel/btf/vmlinux is missing): use one of 5.10 or " \
	  "later that was built with CONFIG_DEBUG_INFO_BTF", \
	  "这个内核不提供类型（没有 /sys/kernel/btf/vmlinux）：请用 5.10 或更新的、以 " \
	  "CONFIG_DEBUG_INFO_BTF 构建的内核") \
	X(NO_ROOM, \
	  "the kernel has not enough memory for the ring buffer: try a smaller --ring", \
	  "内核没有足够内存给环形缓冲：请用更小的 --ring") \
	X(NO_MEMORY, \
	  "no more than {n} MiB of memory may be used here, and a trace needs more: try " \
	  "'{w} unlimited', or a smaller --ring", \
	  "这里至多可用 {n} MiB 内存，跟踪需要更多：请用 '{w} unlimited'，或更小的 --ring") \
	X(NO_FILES, \
	  "no more than {n} files may be open here, and a trace needs more: try 'ulimit -n 1024'", \
	  "这里至多可打开 {n} 个文件，跟踪需要更多：请用 'ulimit -n 1024'") \
	X(NO_HOOK, \
	  "no hook for state transitions can be attached: {w}; 'tcpspan check' tells about each", \
	  "状态转换的钩子都无法挂接：{w}；'tcpspan check' 说明每一个")
/* clang-format on */

enum kernel_complaint {
#define X(NAME, en, zh) KERNEL_COMPLAINT_##NAME,
	KERNEL_COMPLAINTS(X)
#undef X
		KERNEL_COMPLAINT_COUNT
};

#endif
