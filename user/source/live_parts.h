/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of the running kernel as a source: its programs, and what is asked of them. */
#ifndef USER_SOURCE_LIVE_PARTS_H
#define USER_SOURCE_LIVE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/event.h"
#include "bpf/tcpspan.skel.h"
#include "user/kernel/price.h"
#include "user/kernel/quotas.h"
#include "user/kernel/rings.h"
#include "user/source/live.h"

/*
 * Listeners that are gone: their children, which may have no other owner, may still be in slots.
 */
#define LIVE_HELD_MAX 64

/* What it means that runs of a program were skipped. */
enum live_skip { LIVE_SKIP_IS_LOSS, LIVE_SKIP_IS_SELDOM_LOSS, LIVE_SKIP_IS_COUNTED_APART };

struct live_program {
	const struct bpf_program *program;
	enum live_skip meaning;
};

#define LIVE_PROGRAMS (sizeof(((struct tcpspan_bpf *)NULL)->progs) / sizeof(struct bpf_program *))

struct live {
	struct source source;
	struct tcpspan_bpf *skel;
	struct rings rings;
	struct ring *ring;
	struct sockets *sockets;
	struct plan plan;
	struct live_program used[LIVE_PROGRAMS];
	size_t used_count;
	const struct bpf_program *states[HOOK_PROGRAMS]; /* as in the plan's rung; NULL: none */
	struct live_settings settings;
	uint64_t received;
	uint64_t found; /* records of what was there already, which no hook told of */
	/* As of its stop, while the programs could be asked. */
	uint64_t missed, skipped;
	const uint64_t *witnessed; /* see live_count_witnessed(); NULL: nobody counts them */
	uint64_t wake_at_ns;	   /* when to look next; UINT64_MAX: asleep until woken */
	unsigned int quiet;	   /* looks in a row that found nothing */
	unsigned int slot_bits;	   /* as in the settings, if the kernel allows it */
	struct event_listener held[LIVE_HELD_MAX];
	size_t held_count;
	struct price price;
	struct payers payers[SOURCE_BOUND_COUNT];
	const struct bpf_program *awaiting_loss; /* see live_attach_after_loss(); NULL: none does */
	int after_loss_fd;			 /* its link; -1: there is none */
	bool stopped;
	bool is_looking; /* at the kernel's sockets */
};

/* Behind plan_open(): all that programs are to know when they are loaded, and room for them. */
void live_configure(struct live *live);

/* Where not every accept is seen, who listens is the next best that can be known. */
bool live_needs_listeners(const struct live *live);

/* Plans, loads and attaches. Returns 0, or -errno with one sentence in `reason`. */
int live_attach(struct live *live, char reason[PLAN_REASON_SIZE]);

/* Once something was lost: attaches what tells of the end of each socket. Else nothing. */
void live_attach_after_loss(struct live *live);

/* All but what empties slots. Some programs take tens of milliseconds. */
void live_detach(struct live *live);

/* What programs have counted, of all CPUs, and what came of it; `missed` and `skipped` stay 0. */
void live_sum_counters(const struct live *live, struct event_counters *ret_events);

/* Runs that the kernel skipped, by which something is lost; and those of the state family alone. */
uint64_t live_missed(const struct live *live);
uint64_t live_missed_states(const struct live *live);
/* Those that were skipped by probes, of all programs: they are forgotten with their links. */
uint64_t live_missed_probes(const struct live *live);
/* Runs by which something is seldom lost. */
uint64_t live_skipped(const struct live *live);

static inline struct config_shared *live_shared(struct live *live)
{
	return (struct config_shared *)&live->skel->bss->shared;
}

#endif
