/* SPDX-License-Identifier: GPL-2.0-only */
/* Who opens a connection: the user's stack of the call that connects or accepts. */
#ifndef BPF_OPENER_BPF_H
#define BPF_OPENER_BPF_H

#include "bpf/descriptor.bpf.h"
#include "bpf/task.bpf.h"

#define PAGE_BYTES 4096 /* of the smallest pages; larger ones end where one of these does */

/* Where a task is in its own code. */
struct place {
	__u64 ip, sp, fp;
	__u64 link; /* see event_stack.link */
	__u32 call; /* the system call that it is in */
};

/*
 * Calls that connect or accept; those that send may connect as well, by a fast open. What io_uring
 * does later may be done in the middle of any other call, whose stack tells nothing of it.
 */
#if defined(__TARGET_ARCH_x86)
#define IS_OPENING(call)                                                                  \
	((call) == 42 || (call) == 43 || (call) == 288 || (call) == 44 || (call) == 46 || \
	 (call) == 307 || (call) == 1 || (call) == 20)
#define READ_PLACE(how, place, registers)                      \
	do {                                                   \
		(place)->call = READ(how, registers, orig_ax); \
		(place)->ip = READ(how, registers, ip);        \
		(place)->sp = READ(how, registers, sp);        \
		(place)->fp = READ(how, registers, bp);        \
		(place)->link = 0;                             \
	} while (0)
#else
#define IS_OPENING(call)                                                                      \
	((call) == 203 || (call) == 202 || (call) == 242 || (call) == 206 || (call) == 211 || \
	 (call) == 269 || (call) == 64 || (call) == 66)
#define READ_PLACE(how, place, registers)                                 \
	do {                                                              \
		(place)->call = READ(how, registers, syscallno);          \
		(place)->ip = READ(how, registers, user_regs.pc);         \
		(place)->sp = READ(how, registers, user_regs.sp);         \
		(place)->fp = READ(how, registers, user_regs.regs[29]);   \
		(place)->link = READ(how, registers, user_regs.regs[30]); \
	} while (0)
#endif

/* By loads, which no lockdown forbids. Returns the task's flags. */
static __always_inline __u32 load_place(struct place *place, __u64 *image)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct pt_regs *registers = (const void *)bpf_task_pt_regs(task);

	READ_PLACE(DIRECT, place, registers);
	*image = task->mm->start_stack;
	return task->flags;
}

static __always_inline __u32 probe_place(struct place *place, __u64 *image)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	const struct pt_regs *registers = call_registers();

	READ_PLACE(PROBE, place, registers);
	*image = BPF_CORE_READ(task, mm, start_stack);
	return BPF_CORE_READ(task, flags);
}

/* False: the task is in no call of its own that opens a connection. */
static __always_inline bool read_place(enum access how, struct place *place, __u64 *image)
{
	__u32 flags = PF_KTHREAD;

	if (how == DIRECT &&
	    bpf_core_enum_value_exists(enum bpf_func_id___5_15, BPF_FUNC_task_pt_regs___5_15))
		flags = load_place(place, image);
	else if (!knobs.memory_hidden)
		flags = probe_place(place, image);
	return !(flags & (PF_KTHREAD | PF_IO_WORKER)) && IS_OPENING(place->call);
}

/*
 * All words at `from`, or as many as lie before the end of its memory, which is that of a page.
 * Returns how many. Where no program may read the kernel's memory, libbpf takes the one helper for
 * the other.
 */
static __always_inline __u32 read_words(__u64 *word, __u64 from)
{
	const __u32 wanted = EVENT_STACK_WORDS * sizeof(*word);
	const void *at = (const void *)from;
	__u32 left = -from & (PAGE_BYTES - 1);

	if (knobs.memory_hidden)
		return 0;
	if (!bpf_probe_read_user(word, wanted, at))
		return EVENT_STACK_WORDS;
	if (left >= wanted)
		return 0;
	left &= wanted - sizeof(*word);
	return bpf_probe_read_user(word, left, at) ? 0 : left / sizeof(*word);
}

/*
 * As far as the kernel is told to look. A map of chains would take less of the ring, but whoever
 * makes up new ones would fill it for all.
 */
static __always_inline __u32 read_chain(void *ctx, __u64 *chain)
{
	long size = bpf_get_stack(ctx, chain, EVENT_STACK_DEPTH * sizeof(*chain), BPF_F_USER_STACK);

	return size > 0 ? size / sizeof(*chain) : 0;
}

/*
 * Before the record of what is opened. A process may be gone in a moment, and with it all that its
 * addresses stand for: of one that was not seen last the reader is told at once.
 */
static __always_inline void tell_stack(void *ctx, enum access how, struct config_counters *cpu,
				       const void *sk, __u64 now, int states)
{
	__u64 pid = bpf_get_current_pid_tgid() >> 32, image = 0;
	struct event_stack *stack;
	struct place place = {};

	if (!read_place(how, &place, &image))
		return;
	count(&cpu->seen);
	if (is_over_quota(how, sk, sizeof(*stack)))
		return;
	stack = record_reserve(cpu, sizeof(*stack));
	if (!stack)
		return;
	stack->head.mono_ns = now;
	stack->head.sock = (__u64)sk;
	stack->head.netns = 0;
	stack->head.kind = EVENT_STACK;
	stack->head.states = states;
	stack->head.flags = 0;
	stack->image = image;
	stack->ip = place.ip;
	stack->sp = place.sp;
	stack->fp = place.fp;
	stack->link = place.link;
	stack->pid = pid;
	stack->uid = owner_of(how, sk);
	stack->netns = netns_of(how, sk);
	stack->reserved = 0;
	stack->depth = read_chain(ctx, stack->chain);
	stack->words = read_words(stack->word, place.sp);
	if (cpu->stack_pid != pid) {
		cpu->stack_pid = pid;
		shared.wake = 1;
	}
	record_submit(cpu, stack);
}

#endif
