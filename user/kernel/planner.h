/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds out by trial what this kernel lets us attach, and chooses a rung for each family. */
#ifndef USER_KERNEL_PLANNER_H
#define USER_KERNEL_PLANNER_H

#include <stdbool.h>

#include "user/kernel/hooks.h"

#define PLAN_REASON_SIZE 160
#define PLAN_NONE (-1)

struct tcpspan_bpf;

/* Which rungs may be chosen. */
enum plan_attach {
	PLAN_AUTO,
	PLAN_FENTRY,	 /* --attach fentry: fentry and fexit */
	PLAN_KPROBE,	 /* --attach kprobe */
	PLAN_TRACEPOINT, /* --attach tracepoint: with BTF or classic */
	PLAN_CLASSIC,	 /* --attach classic: without BTF; TIME_WAIT is sampled */
	PLAN_TP_BTF,	 /* --attach tp_btf: with BTF */
	PLAN_SAMPLING,	 /* --attach sampling: nothing else where there is that */
};

/* What came of a rung. */
struct plan_trial {
	bool tried;
	bool is_loaded; /* its programs fit this kernel, whether they could be attached or not */
	int error;	/* 0: it works; else -errno */
	char reason[PLAN_REASON_SIZE];
};

struct plan {
	int rung[HOOK_FAMILY_COUNT]; /* index into the family's rungs, or PLAN_NONE */
	struct plan_trial trials[HOOK_FAMILY_COUNT][HOOK_RUNGS];
};

/*
 * The first allowed rung of each family in `wanted` (bits) that suits this kernel, untried.
 * -ENOENT: for a required one none does, and only trials can say why.
 */
int plan_guess(struct plan *plan, enum plan_attach attach, unsigned int wanted);

/*
 * Tries the allowed rungs of the wanted families and chooses; with `all`, tries those below, too.
 */
void plan_by_trial(struct plan *plan, enum plan_attach attach, unsigned int wanted, bool all);

/* Under lockdown=confidentiality no program may read memory by its address. */
bool plan_is_memory_hidden(void);

/* What the rung that was chosen does not see; NULL: nothing, or there is none. */
const char *plan_lacks(const struct plan *plan, enum hook_family_id family);

/* The rung that was chosen; NULL: there is none. */
const struct hook_rung *plan_rung(const struct plan *plan, enum hook_family_id family);

/* What the rung that was chosen is called; NULL: there is none. */
const char *plan_rung_name(const struct plan *plan, enum hook_family_id family);

/* Whether that is no hook: nothing is told unless somebody looks. */
bool plan_is_polled(const struct plan *plan, enum hook_family_id family);

/*
 * Opens the BPF object with just the plan's programs enabled; the caller sets knobs, then calls
 * plan_load. NULL on failure, with the reason in `reason` and errno set.
 */
struct tcpspan_bpf *plan_open(const struct plan *plan, char reason[PLAN_REASON_SIZE]);

/*
 * Loads and attaches. Returns 0, or -errno with the reason in `reason`; `skel` stays the caller's.
 */
int plan_load(struct tcpspan_bpf *skel, char reason[PLAN_REASON_SIZE]);

/* Shows libbpf's own messages on standard error. */
void plan_set_verbose(bool verbose);

#endif
