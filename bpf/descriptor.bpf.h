/* SPDX-License-Identifier: GPL-2.0-only */
/* What the current task calls the kernel with, and the socket behind a descriptor of its. */
#ifndef BPF_DESCRIPTOR_BPF_H
#define BPF_DESCRIPTOR_BPF_H

#include "bpf/mptcp.bpf.h"
#include "bpf/task.bpf.h"
#include "vmlinux/flavours.h"

/* The system call's first three. */
struct call_arguments {
	__u64 word[3];
};

#if defined(__TARGET_ARCH_x86)
#define CALL_CONNECT 42
#define CALL_NUMBER(registers) BPF_CORE_READ(registers, orig_ax)
#define CALL_FIRST(registers) BPF_CORE_READ(registers, di)
#define CALL_SECOND(registers) BPF_CORE_READ(registers, si)
#define CALL_THIRD(registers) BPF_CORE_READ(registers, dx)
#else
#define CALL_CONNECT 203
#define CALL_NUMBER(registers) BPF_CORE_READ(registers, syscallno)
#define CALL_FIRST(registers) BPF_CORE_READ(registers, orig_x0)
#define CALL_SECOND(registers) BPF_CORE_READ(registers, user_regs.regs[1])
#define CALL_THIRD(registers) BPF_CORE_READ(registers, user_regs.regs[2])
#endif

/* Of most kernels; with a sanitizer for its memory, or with huge pages, it is larger. */
#define KERNEL_STACK_SIZE 16384

/* Before 5.15, where no helper tells, they are at the end of the task's kernel stack. */
static __always_inline const struct pt_regs *call_registers(void)
{
	struct task_struct *task;
	void *stack;

	if (bpf_core_enum_value_exists(enum bpf_func_id___5_15, BPF_FUNC_task_pt_regs___5_15))
		return (const void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	task = (void *)bpf_get_current_task();
	stack = BPF_CORE_READ(task, stack);
	return stack + KERNEL_STACK_SIZE - bpf_core_type_size(struct pt_regs);
}

/* False: they are not those of this call. */
static __always_inline bool read_call(struct call_arguments *call, int number)
{
	const struct pt_regs *registers = call_registers();

	if ((int)CALL_NUMBER(registers) != number)
		return false;
	call->word[0] = CALL_FIRST(registers);
	call->word[1] = CALL_SECOND(registers);
	call->word[2] = CALL_THIRD(registers);
	return true;
}

/* The task's table: where it is, and how many there are. */
struct files {
	__u64 all;
	__u32 count;
};

static __always_inline struct files current_files(void)
{
	struct fdtable *table;
	struct files files;

	if (has_typed_task()) {
		table = bpf_get_current_task_btf()->files->fdt;
		files.all = (__u64)table->fd;
		files.count = table->max_fds;
		return files;
	}
	table = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), files, fdt);
	files.all = (__u64)BPF_CORE_READ(table, fd);
	files.count = BPF_CORE_READ(table, max_fds);
	return files;
}

/* NULL: it is none. MPTCP's is the first of its subflows. */
static __always_inline const struct sock *socket_of_file(enum access how, const struct file *file)
{
	const struct inode *inode = READ(how, file, f_inode);
	const struct super_block *block = READ(how, inode, i_sb);
	const struct socket *socket;

	if (READ(how, block, s_magic) != SOCKFS_MAGIC || READ(how, file, f_mode) & FMODE_PATH)
		return NULL;
	socket = READ(how, file, private_data);
	if (how == TYPED)
		socket = typed(socket, CONFIG_TYPE_SOCKET);
	return first_subflow_of(how, READ(how, socket, sk));
}

/*
 * NULL: it is none, or no longer. Another thread may have put any other file there by now, whose
 * private data is no socket.
 */
static __always_inline const struct sock *socket_of_descriptor(enum access how, __u32 fd)
{
	struct files files = current_files();
	struct file *file;

	if (fd >= files.count ||
	    bpf_probe_read_kernel(&file, sizeof(file), (struct file **)files.all + fd) || !file)
		return NULL;
	return socket_of_file(how, how == TYPED ? typed(file, CONFIG_TYPE_FILE) : file);
}

#endif
