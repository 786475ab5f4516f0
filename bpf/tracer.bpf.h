/* SPDX-License-Identifier: GPL-2.0-only */
/* What every hook family shares: the maps, the counters, and how a record gets into the ring. */
#ifndef BPF_TRACER_BPF_H
#define BPF_TRACER_BPF_H

#include "vmlinux/vmlinux.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/config.h"
#include "bpf/event.h"
#include "vmlinux/constants.h"

#define NS_PER_US 1000
#define NS_PER_MS 1000000

/* Room behind a record for its sequence numbers: a constant once loaded, as a size has to be. */
#define SEQUENCES_SIZE (knobs.sequences ? sizeof(struct event_sequences) : 0)

/*
 * Whether a knob is on, asked before what else leads to the same block: if it is off, the verifier
 * removes all but the load. The compiler would ask what it has in registers first.
 */
#define ASKED(knob)         \
	((knob) && ({       \
		 barrier(); \
		 true;      \
	 }))

/* Defined in maps.bpf.c. */
extern const volatile struct config_filter filter;
extern const volatile __u64 filter_lports[CONFIG_PORT_WORDS];
extern const volatile __u64 filter_rports[CONFIG_PORT_WORDS];
extern const volatile struct config_knobs knobs;
extern struct config_counters counters[CONFIG_CPUS];
extern struct config_shared shared;
extern __u64 left_socks[1 << CONFIG_LEFT_BITS];			 /* see left_place() */
extern struct config_failed failed_socks[1 << CONFIG_LEFT_BITS]; /* see note_failed() */
extern struct config_ring ring_words[CONFIG_RINGS];
extern const volatile __u8 ring_of_cpu[CONFIG_CPUS];

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 * 1024 * 1024);
} events SEC(".maps") __weak;

/*
 * Many CPUs would wait for each other at one ring's lock: with knobs.rings, each group of them has
 * a ring of its own, of which `events` is the first. There is no order among rings but that of
 * time: behind each record stands when room for it was asked for (EVENT_STAMP_SIZE). Whatever was
 * reserved before that moment bears an earlier time, whichever CPU it was: what is kept in order by
 * room being reserved before something else is done stays so when rings are merged by these times.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_RINGBUF);
			__uint(max_entries, 4096);
		});
} rings SEC(".maps") __weak;

/*
 * How a body may read kernel memory. DIRECT loads are checked by the verifier against BTF and work
 * under lockdown=confidentiality; they need typed pointers, which tp_btf, fentry and fexit give.
 * PROBE goes through bpf_probe_read_kernel and serves classic tracepoints and kprobes. TYPED loads
 * are for these, too, where a kernel (since 6.2) believes what typed() says of an address: they
 * take a tenth. The mode is a constant at every call, so only one of the reads is compiled.
 */
enum access { DIRECT, TYPED, PROBE };

#define READ(how, ptr, field) ((how) == PROBE ? BPF_CORE_READ(ptr, field) : (ptr)->field)

#define READ_BITFIELD(how, ptr, field)                                \
	((how) == PROBE ? BPF_CORE_READ_BITFIELD_PROBED(ptr, field) : \
			  BPF_CORE_READ_BITFIELD(ptr, field))

static void *(*const cast_call)(const void *address, __u32 type) = (void *)CONFIG_CAST_CALL;

/* Whether typed() may be called: a constant, so that only one way is left to the verifier. */
static __always_inline bool has_types(void)
{
	return knobs.types[CONFIG_TYPE_SOCK];
}

/* The address, to be loaded from by its type. What is not there reads as 0, as with PROBE. */
static __always_inline void *typed(const void *address, enum config_type type)
{
	return cast_call(address, knobs.types[type]);
}

/* 0, but the verifier does not know it, nor what `any` is: it follows each register by itself. */
static __always_inline __u64 hidden_zero(__u64 any)
{
	__u64 zero = any;

	asm volatile("%0 ^= %1" : "+&r"(zero) : "r"(any));
	return zero;
}

/*
 * The same value, of which the verifier knows nothing any more; `zero` is hidden. Where it knows
 * what a value is on each of the ways on which that was found, it has to follow all of them to the
 * end, and their number is doubled by each further test. Where the ways are few, `zero` is the
 * constant, and nothing is done.
 */
static __always_inline __u32 forgotten(__u32 value, __u64 zero)
{
	__u64 whole = value;

	if (!__builtin_constant_p(value) && !__builtin_constant_p(zero))
		asm volatile("%0 ^= %1" : "+r"(whole) : "r"(zero));
	return whole;
}

static __always_inline struct tcp_sock *tcp_sock_of(enum access how, const struct sock *sk)
{
	switch (how) {
	case DIRECT:
		return bpf_skc_to_tcp_sock((void *)sk);
	case TYPED:
		return typed(sk, CONFIG_TYPE_TCP_SOCK);
	default:
		return (struct tcp_sock *)sk;
	}
}

/*
 * The same of one that is known to be a whole socket of TCP: where programs may say of which type
 * an address is, nobody has to be asked. Not in a function of its own: user space does not look
 * there for such calls.
 */
static __always_inline struct tcp_sock *tcp_sock_at(enum access how, const struct sock *sk)
{
	return how == DIRECT && has_types() ? typed(sk, CONFIG_TYPE_TCP_SOCK) :
					      tcp_sock_of(how, sk);
}

/*
 * The same socket, to read pointers from. What tp_btf gives is trusted, and for each pointer that
 * is read from a trusted one, kernels from 6.2 to 6.18 search all of BTF, four times, for a word
 * that it is trusted as well: that took longer than the rest of the verifier's work. What a helper
 * has returned is not trusted.
 */
static __always_inline const struct sock *sock_of(const struct tcp_sock *tp)
{
	return (const struct sock *)tp;
}

/* The same of any socket, which no helper may be given then. NULL must not be asked for. */
static __always_inline const struct sock *doubted(const void *sk)
{
	return has_types() ? typed(sk, CONFIG_TYPE_SOCK) : sk;
}

/* The compiler is to keep the address: it would find it anew each time from the CPU's number. */
static __always_inline struct config_counters *cpu_counters(void)
{
	struct config_counters *cpu = &counters[bpf_get_smp_processor_id() & (CONFIG_CPUS - 1)];

	barrier_var(cpu);
	return cpu;
}

/* Atomic, because a softirq may run the same program in the middle of this one on this CPU. */
static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/*
 * The same for several. What adds nothing must not be left to the compiler: it takes that for an
 * atomic read, which kernels before 5.12 have not.
 */
static __always_inline void count_many(__u64 *counter, int events)
{
	if (events)
		__sync_fetch_and_add(counter, events);
}

/* Of quota.bpf.c: whether this CPU's ring is crowded from now on. */
int quota_look(void);

static __always_inline __u32 ring_index(void)
{
	return ring_of_cpu[bpf_get_smp_processor_id() & (CONFIG_CPUS - 1)] & (CONFIG_RINGS - 1);
}

/* This CPU's of several; NULL only in theory. */
static __always_inline void *ring_here(void)
{
	__u32 index = ring_index();

	return bpf_map_lookup_elem(&rings, &index);
}

/*
 * Room in this CPU's ring, and what stands behind the record there; NULL: there is none. The knob
 * is asked first: where it is off, the verifier removes all but the load; where it is on, it does
 * not walk on from a record in the one ring as well.
 */
static __always_inline void *ring_reserve(__u64 size)
{
	void *ring, *record;
	__u64 now;

	if (!knobs.rings)
		return bpf_ringbuf_reserve(&events, size, 0);
	now = bpf_ktime_get_ns();
	ring = ring_here();
	if (!ring)
		return NULL;
	record = bpf_ringbuf_reserve(ring, size + EVENT_STAMP_SIZE, 0);
	if (record)
		*(__u64 *)(record + size) = now;
	return record;
}

/*
 * NULL when the ring is full; then the loss is counted. Test the result at once: before 6.2 the
 * verifier forgets that a record is not NULL, and a second test would look like a leak to it.
 */
static __always_inline void *record_reserve(struct config_counters *cpu, __u64 size)
{
	void *record = ring_reserve(size);

	if (!record) {
		count(&cpu->ring_full);
		shared.lossy = 1;
		quota_look();
	}
	return record;
}

/*
 * Waking the reader costs more than everything else together, so it is woken only when it sleeps
 * without a timer, and once every so many events so that a burst does not fill the ring.
 */
static __always_inline void record_submit_many(struct config_counters *cpu, void *record,
					       __u64 events)
{
	__u64 wake = BPF_RB_NO_WAKEUP, submitted;

	__sync_fetch_and_add(&cpu->submitted, events);
	submitted = *(volatile __u64 *)&cpu->submitted;
	if (shared.wake) {
		shared.wake = 0;
		wake = BPF_RB_FORCE_WAKEUP;
	} else if ((submitted & knobs.look_mask) < events) {
		quota_look();
		if ((submitted & knobs.wake_mask) < events)
			wake = BPF_RB_FORCE_WAKEUP;
	}
	bpf_ringbuf_submit(record, wake);
}

static __always_inline void record_submit(struct config_counters *cpu, void *record)
{
	record_submit_many(cpu, record, 1);
}

#endif
