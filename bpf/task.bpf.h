/* SPDX-License-Identifier: GPL-2.0-only */
/* Who the task is that does something to a socket: its thread's name, and its process's. */
#ifndef BPF_TASK_BPF_H
#define BPF_TASK_BPF_H

#include "bpf/tracer.bpf.h"
#include "vmlinux/flavours.h"

/* All zero: no process that could be named does it. */
struct task_names {
	__u64 comm[EVENT_COMM_SIZE / 8];
	__u64 process[EVENT_COMM_SIZE / 8]; /* all zero: it could not be read */
	__u32 pid;
	__u32 uid;
};

static __always_inline bool has_typed_task(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id___5_11,
					  BPF_FUNC_get_current_task_btf___5_11);
}

/*
 * The name of the main thread, which is the process's, stays what it was when that thread has
 * ended. Returns the task's flags; 0: they could not be read.
 */
static __always_inline __u32 probe_task(struct task_names *names)
{
	struct task_struct *task;

	__builtin_memset(names, 0, sizeof(*names));
	names->pid = bpf_get_current_pid_tgid() >> 32;
	names->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(names->comm, sizeof(names->comm));
	if (knobs.memory_hidden)
		return 0;
	task = (void *)bpf_get_current_task();
	BPF_CORE_READ_INTO((__u8(*)[EVENT_COMM_SIZE])names->process, task, group_leader, comm);
	return BPF_CORE_READ(task, flags);
}

/*
 * The same by loads, which take a tenth. Behind a NUL of theirs may be what is left of a longer
 * name. The user is what bpf_get_current_uid_gid() says: that looks it up in the first namespace.
 */
static __always_inline __u32 load_task(struct task_names *names)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const __u64 *comm = (const __u64 *)&task->comm;
	const __u64 *process = (const __u64 *)&task->group_leader->comm;

	names->comm[0] = comm[0];
	names->comm[1] = comm[1];
	names->process[0] = process[0];
	names->process[1] = process[1];
	names->pid = task->tgid;
	names->uid = task->cred->uid.val;
	return task->flags;
}

/*
 * Up to 5.11 io_uring has kernel threads do what cannot be done at once, and nothing in them tells
 * whose: "io_wqe_worker-0".
 */
static __always_inline bool is_ring_thread(__u32 flags, const __u64 *comm)
{
	return flags & PF_KTHREAD && comm[0] == 0x775f6571775f6f69ull; /* "io_wqe_w" */
}

/* Only where its flags can be loaded: else it may be one, and is not said to be. */
static __always_inline bool is_kernel_thread(void)
{
	return has_typed_task() && bpf_get_current_task_btf()->flags & PF_KTHREAD;
}

/* What io_uring does in a thread of its own, it does for the process; the thread has no say. */
static __always_inline void read_current(struct task_names *names)
{
	__u32 flags = has_typed_task() ? load_task(names) : probe_task(names);

	if (is_ring_thread(flags, names->comm)) {
		__builtin_memset(names, 0, sizeof(*names));
		return;
	}
	if (!(flags & PF_KTHREAD) && flags & PF_IO_WORKER) {
		names->comm[0] = names->process[0];
		names->comm[1] = names->process[1];
	}
}

/* Where names lie in records, so that they are copied by whole words. */
#define ASSERT_WORDS(type)                                                      \
	_Static_assert(!(__builtin_offsetof(struct type, comm) % 8) &&          \
			       !(__builtin_offsetof(struct type, process) % 8), \
		       #type " has its names at whole words")

ASSERT_WORDS(event_open);
ASSERT_WORDS(event_accept);
ASSERT_WORDS(event_listener);
ASSERT_WORDS(event_connect);
ASSERT_WORDS(event_steps);

static __always_inline void put_name(__u8 *to, const __u64 *name)
{
	((__u64 *)to)[0] = name[0];
	((__u64 *)to)[1] = name[1];
}

/* Into a record, which has all of them somewhere; names of 16 bytes. */
static __always_inline void fill_task(__u8 *comm, __u8 *process, __u32 *pid, __u32 *uid)
{
	struct task_names names;

	read_current(&names);
	put_name(comm, names.comm);
	put_name(process, names.process);
	*pid = names.pid;
	*uid = names.uid;
}

/* It is nobody's that could be named. */
static __always_inline void clear_task(__u8 *comm, __u8 *process, __u32 *pid, __u32 *uid)
{
	const __u64 name[EVENT_COMM_SIZE / 8] = {};

	put_name(comm, name);
	put_name(process, name);
	*pid = 0;
	*uid = 0;
}

#endif
