// SPDX-License-Identifier: GPL-2.0-only
/* The kin family: who is a child of a process that is asked for, and when it ends. */
#include "bpf/kin.bpf.h"

/* User space is told in the order of what happens: before the child does anything. */
static __always_inline void tell_kin(const void *task, __u32 pid, __u32 parent)
{
	struct config_counters *cpu = cpu_counters();
	struct event_kin *kin;

	count(&cpu->seen);
	kin = record_reserve(cpu, sizeof(*kin));
	if (!kin)
		return;
	kin->head.mono_ns = bpf_ktime_get_ns();
	kin->head.sock = (__u64)task;
	kin->head.netns = 0;
	kin->head.kind = EVENT_KIN;
	kin->head.states = EVENT_STATES(TCP_CLOSE, TCP_CLOSE);
	kin->head.flags = 0;
	kin->pid = pid;
	kin->parent = parent;
	record_submit(cpu, kin);
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(kin_fork_tp_btf, const struct task_struct *parent, const struct task_struct *child)
{
	__u32 from = parent->tgid, pid = child->tgid;
	__u8 yes = 1;

	/* A thread is its process's. */
	if (pid == from || !bpf_map_lookup_elem(&followed, &from))
		return 0;
	if (bpf_map_update_elem(&followed, &pid, &yes, BPF_ANY))
		count(&cpu_counters()->kin_full);
	else
		tell_kin(child, pid, from);
	return 0;
}

/* Its last thread ends: the number may be another's soon. */
SEC("?tp_btf/sched_process_exit")
int BPF_PROG(kin_exit_tp_btf, const struct task_struct *task)
{
	__u32 pid = task->tgid;

	if (!task->signal->live.counter && !bpf_map_delete_elem(&followed, &pid))
		tell_kin(task, pid, 0);
	return 0;
}
