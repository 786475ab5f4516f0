// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every program on every rung before this kernel's verifier: with one ring and no filter, and with
 * several rings and every filter, or slots and none.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/tcpspan.skel.h"
#include "tests/bpf/tap.h"
#include "user/kernel/btf_names.h"
#include "user/kernel/casts.h"
#include "user/kernel/planner.h"
#include "user/kernel/rings.h"

#define ALL_FAMILIES ((1u << HOOK_FAMILY_COUNT) - 1)
#define RINGS 2
#define RING_BYTES 16384 /* of all of them */
#define SLOT_BITS 4
#define BUDGET_OF_OTHERS 3000
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Instructions that the verifier walked through, at most, with every filter on: half as much again
 * as on the worst of the kernels 6.1 to 7.2 when the row was written. A program without a row gets
 * BUDGET_OF_OTHERS.
 */
static const struct budget {
	const char *program;
	unsigned int instructions;
} budgets[] = {
	{ "state_tp_btf", 88000 },
	{ "state_witness_tp_btf", 70000 },
	{ "state_tracepoint", 156000 },
	{ "state_fentry", 70000 },
	{ "state_witness_fentry", 110000 },
	{ "state_kprobe", 240000 },
	{ "state_clone_fexit", 8300 },
	{ "state_clone_kretprobe", 10600 },
	{ "passive_queued_fentry", 15000 },
	{ "passive_queued_kprobe", 15000 },
	{ "passive_drop_fexit", 27000 },
	{ "passive_drop_kprobe", 27000 },
	{ "timer_cancel", 25700 },
	{ "timer_expire_entry", 8300 },
	{ "timer_expire_exit", 21000 },
	{ "timer_start", 4900 },
	{ "timewait_kill_fentry", 7700 },
	{ "timewait_kill_kprobe", 7700 },
	{ "timewait_kill_old_fentry", 7700 },
	{ "timewait_kill_old_kprobe", 7700 },
	{ "accept_tracepoint", 10300 },
	{ "accept4_tracepoint", 10300 },
	{ "end_tp_btf", 4000 },
	{ "end_tracepoint", 4000 },
	{ "socket_iter", 9100 },
	{ "connect_tracepoint", 15400 },
	{ "connect_fexit", 19600 },
	{ "accept_fexit", 7400 },
	{ "accept_old_fexit", 9100 },
	{ "accept_kretprobe", 10300 },
	{ "reset_sent_tp_btf", 5000 },
	{ "reset_sent_tracepoint", 5800 },
	{ "reset_sent_old_tp_btf", 5000 },
	{ "reset_sent_old_tracepoint", 5800 },
	{ "retransmit_tp_btf", 5200 },
	{ "retransmit_old_tp_btf", 5200 },
	{ "retransmit_synack_tp_btf", 4500 },
	{ "reset_received_tp_btf", 4700 },
	{ "reset_received_tracepoint", 4700 },
	{ "error_tp_btf", 4700 },
	{ "abort_fentry", 4700 },
	{ "abort_kprobe", 4700 },
	{ "abort_disconnect_fentry", 4700 },
	{ "abort_disconnect_kprobe", 4700 },
};

/* Brings types into the object, and is never loaded; belongs to no family, but to the slots. */
static const char *const not_loaded[] = { "record_layout", "slot_iter" };

static unsigned int budget_of(const char *program)
{
	for (size_t i = 0; i < COUNT(budgets); i++)
		if (!strcmp(budgets[i].program, program))
			return budgets[i].instructions;
	return BUDGET_OF_OTHERS;
}

/* Under this lockdown only programs that load by type, not by bpf_probe_read_kernel, may read. */
static bool is_confidential(void)
{
	char line[64] = "";
	FILE *f = fopen("/sys/kernel/security/lockdown", "re");

	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	return strstr(line, "[confidentiality]");
}

/* What every kernel from 5.10 on has; the others depend on how it was built, or on its policy. */
static bool must_work(int family, enum hook_kind kind)
{
	if (kind == HOOK_KIND_TP_BTF)
		return family == HOOK_STATE || family == HOOK_END || !is_confidential();
	if (kind == HOOK_KIND_ITER || kind == HOOK_KIND_SAMPLING)
		return true;
	return kind == HOOK_KIND_TRACEPOINT && !is_confidential();
}

static size_t count_programs(const struct hook_rung *rung)
{
	size_t count = 0;

	while (count < HOOK_PROGRAMS && rung->programs[count])
		count++;
	return count;
}

/* ---- the table and the object --------------------------------------------------------------- */

static bool is_on_a_rung(const char *program)
{
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++)
		for (size_t r = 0; r < hook_families[f].rung_count; r++)
			for (size_t i = 0; i < count_programs(&hook_families[f].rungs[r]); i++)
				if (!strcmp(hook_families[f].rungs[r].programs[i], program))
					return true;
	for (size_t i = 0; i < COUNT(not_loaded); i++)
		if (!strcmp(not_loaded[i], program))
			return true;
	return false;
}

/* Kernels before 5.12 know of one atomic instruction: an addition whose result nobody wants. */
static bool has_newer_atomics(const struct bpf_program *program)
{
	const struct bpf_insn *insns = bpf_program__insns(program);

	for (size_t i = 0; i < bpf_program__insn_cnt(program); i++) {
		if (BPF_CLASS(insns[i].code) == BPF_STX && BPF_MODE(insns[i].code) == BPF_ATOMIC &&
		    insns[i].imm != BPF_ADD)
			return true;
		i += insns[i].code == (BPF_LD | BPF_IMM | BPF_DW);
	}
	return false;
}

static void check_table(struct tap *t)
{
	struct tcpspan_bpf *skel = tcpspan_bpf__open();
	struct bpf_program *program;
	int strays = 0, enabled = 0, newer = 0;

	if (!tap_ok(t, skel, "the object can be opened"))
		return;
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		for (size_t r = 0; r < hook_families[f].rung_count; r++) {
			const struct hook_rung *rung = &hook_families[f].rungs[r];
			size_t found = 0;

			for (size_t i = 0; i < count_programs(rung); i++)
				found += !!bpf_object__find_program_by_name(skel->obj,
									    rung->programs[i]);
			tap_ok(t, found && found == count_programs(rung),
			       "%s %zu, %s: its programs (%zu) are in the object",
			       hook_families[f].name, r, hook_kind_name(rung->kind),
			       count_programs(rung));
		}
	}
	bpf_object__for_each_program(program, skel->obj) {
		enabled += bpf_program__autoload(program);
		newer += has_newer_atomics(program);
		if (is_on_a_rung(bpf_program__name(program)))
			continue;
		strays++;
		tap_note("%s is on no rung", bpf_program__name(program));
	}
	tap_ok(t, !strays, "every program of the object is on a rung");
	tap_ok(t, !newer, "none has an atomic instruction that 5.10 lacks");
	tap_ok(t, !enabled, "none is loaded unless a plan asks for it");
	tcpspan_bpf__destroy(skel);
}

/* ---- trial ----------------------------------------------------------------------------------- */

/* A function may have two shapes, each with a rung of its own: one of them is this kernel's. */
static bool has_other_shape(const struct plan *plan, int family, size_t r)
{
	const struct hook_family *f = &hook_families[family];

	for (size_t other = 0; other < f->rung_count; other++)
		if (other != r && f->rungs[other].kind == f->rungs[r].kind &&
		    plan->trials[family][other].tried && !plan->trials[family][other].error)
			return true;
	return false;
}

/* The kernel's own description of itself says that it lacks what the rung needs. */
static bool is_lacking(const struct hook_rung *rung)
{
	struct btf *btf;
	bool is_there;

	if (!rung->sign)
		return false;
	btf = btf__load_vmlinux_btf();
	is_there = !btf || btf__find_by_name(btf, rung->sign) > 0;
	btf__free(btf);
	return !is_there;
}

static void check_trial(struct tap *t, const struct plan *plan, int family, size_t r)
{
	const struct plan_trial *trial = &plan->trials[family][r];
	const char *name = hook_families[family].name;
	enum hook_kind kind = hook_families[family].rungs[r].kind;
	const char *kind_name = hook_kind_name(kind);
	bool is_refused = trial->tried && trial->error && *trial->reason;

	if (is_refused && has_other_shape(plan, family, r))
		tap_ok(t, true, "%s %zu, %s: not of this kernel's shape", name, r, kind_name);
	else if (is_refused && is_lacking(&hook_families[family].rungs[r]))
		tap_ok(t, true, "%s %zu, %s: not in this kernel", name, r, kind_name);
	else if (is_refused && !must_work(family, kind))
		tap_skip(t, trial->reason, "%s %zu, %s: loads and attaches", name, r, kind_name);
	else if (!tap_ok(t, trial->tried && !trial->error, "%s %zu, %s: loads and attaches", name,
			 r, kind_name))
		tap_note("%s", trial->tried ? trial->reason : "it was not tried");
}

static void check_choice(struct tap *t, const struct plan *plan, int family)
{
	int rung = plan->rung[family], first = 0;

	while (first < (int)hook_families[family].rung_count && plan->trials[family][first].error)
		first++;
	tap_ok(t,
	       rung == first ||
		       (rung == PLAN_NONE && first == (int)hook_families[family].rung_count),
	       "%s: the first rung that works is chosen", hook_families[family].name);
	if (hook_families[family].required)
		tap_ok(t, rung != PLAN_NONE, "%s: there is one", hook_families[family].name);
}

/* ---- with every filter on ------------------------------------------------------------------- */

/* Filters tell at once or collect; where there are none, what has its slot goes a shorter way. */
enum manner { TELLS, COLLECTS, KNOWS };

/* Nothing that the verifier could remove is off. */
static void set_knobs(struct tcpspan_bpf *skel, enum manner manner)
{
	struct config_knobs *knobs = (struct config_knobs *)&skel->rodata->knobs;

	knobs->cgroup = 1;
	knobs->sequences = manner == TELLS;
	knobs->firsts = 1;
	knobs->stacks = manner == TELLS;
	knobs->budget = 1;
	knobs->slot_bits = manner == TELLS ? 0 : SLOT_BITS;
	knobs->slot_shift = 32 - knobs->slot_bits;
	knobs->middles = manner == KNOWS;
	if (manner == KNOWS) {
		knobs->timewait = 1;
		knobs->facts = CONFIG_FACTS_ALL;
	}
	bpf_map__set_max_entries(skel->maps.slots, 1u << knobs->slot_bits);
}

/* Every list is full. */
static void set_every_filter(struct tcpspan_bpf *skel)
{
	struct config_filter *f = (struct config_filter *)&skel->rodata->filter;

	f->is_on = 1;
	f->cgroup = 1;
	f->netns_count = CONFIG_NETNS;
	f->family = AF_INET6;
	f->sample = 2;
	f->pid_count = CONFIG_PIDS;
	f->cidr_count = CONFIG_CIDRS;
	f->has_comm = f->has_lport = f->has_rport = 1;
	memset(f->netns, 1, sizeof(f->netns));
	f->has_cookies = 1;
	memset(f->netns_cookie, 1, sizeof(f->netns_cookie));
	memset(f->pids, 1, sizeof(f->pids));
	memset(f->comm, 'x', sizeof(f->comm));
	memset(f->cidrs, 1, sizeof(f->cidrs));
	memset((void *)skel->rodata->filter_lports, 1, sizeof(skel->rodata->filter_lports));
	memset((void *)skel->rodata->filter_rports, 1, sizeof(skel->rodata->filter_rports));
}

static void check_atomics(struct tap *t, const struct tcpspan_bpf *skel)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, skel->obj)
		if (bpf_program__autoload(program))
			tap_ok(t, !has_newer_atomics(program), "%s: has the oldest atomics alone",
			       bpf_program__name(program));
}

/* Of each program that was loaded: within its budget, where the kernel counts at all. */
static void check_budgets(struct tap *t, const struct tcpspan_bpf *skel, size_t want)
{
	struct bpf_program *program;
	size_t loaded = 0;

	bpf_object__for_each_program(program, skel->obj) {
		const char *name = bpf_program__name(program);
		struct bpf_prog_info info = { .id = 0 };
		__u32 size = sizeof(info);

		if (!bpf_program__autoload(program))
			continue;
		loaded++;
		if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
			tap_ok(t, false, "%s: the kernel tells of it", name);
		else if (!info.verified_insns)
			tap_ok(t, true, "%s: loaded (the kernel counts no instructions)", name);
		else
			tap_ok(t, info.verified_insns <= budget_of(name),
			       "%s: the verifier walked %u instructions, of %u at most", name,
			       info.verified_insns, budget_of(name));
	}
	tap_ok(t, loaded == want, "these are all programs of the rung");
}

/* ---- relocated by a cut of the kernel's types ----------------------------------------------- */

/* But for the descriptors of maps, which each object has of its own. */
static bool is_same_code(const struct bpf_program *a, const struct bpf_program *b)
{
	const struct bpf_insn *x = bpf_program__insns(a), *y = bpf_program__insns(b);
	size_t count = bpf_program__insn_cnt(a);

	if (count != bpf_program__insn_cnt(b))
		return false;
	for (size_t i = 0; i < count; i++) {
		bool is_map = x[i].code == (BPF_LD | BPF_IMM | BPF_DW) && x[i].src_reg;

		if (x[i].code != y[i].code || x[i].dst_reg != y[i].dst_reg ||
		    x[i].src_reg != y[i].src_reg || x[i].off != y[i].off ||
		    (!is_map && x[i].imm != y[i].imm))
			return false;
		i += is_map;
	}
	return true;
}

static __u32 *types_of(struct tcpspan_bpf *skel)
{
	return ((struct config_knobs *)&skel->rodata->knobs)->types;
}

/* Where a kernel lets programs say what an address is of, they do. */
static void check_types(struct tap *t, struct tcpspan_bpf *skel)
{
	struct kernel_names *names = kernel_names_read();
	bool casts = names && kernel_names_have(names, "bpf_rdonly_cast") &&
		     !plan_is_memory_hidden();

	for (int i = 0; i < CONFIG_TYPE_COUNT; i++)
		tap_ok(t, !!types_of(skel)[i] == casts, "type %d is known if the kernel casts", i);
	kernel_names_free(names);
}

/* The planner gives the library a part of the kernel's types; here it takes all by itself. */
static void check_relocations(struct tap *t, const struct tcpspan_bpf *skel)
{
	struct tcpspan_bpf *whole = tcpspan_bpf__open();
	struct bpf_program *program, *other;
	struct bpf_map *map;
	struct rings rings;

	if (!tap_ok(t, whole, "the object is opened once more"))
		return;
	memcpy((void *)whole->rodata, skel->rodata, sizeof(*skel->rodata));
	rings_init(&rings, RINGS, RING_BYTES);
	tap_ok(t, !rings_give(&rings, whole), "it has rings of its own");
	bpf_object__for_each_map(map, skel->obj) {
		if (map == skel->maps.rings || map == skel->maps.events)
			continue;
		bpf_map__set_max_entries(bpf_object__find_map_by_name(whole->obj,
								      bpf_map__name(map)),
					 bpf_map__max_entries(map));
	}
	bpf_object__for_each_program(program, skel->obj) {
		other = bpf_object__find_program_by_name(whole->obj, bpf_program__name(program));
		bpf_program__set_autoload(other, bpf_program__autoload(program));
	}
	if (!plan_is_memory_hidden())
		casts_use(whole->obj, types_of(whole));
	if (tap_ok(t, !tcpspan_bpf__load(whole), "with all types of the kernel it loads, too")) {
		bpf_object__for_each_program(program, skel->obj) {
			const char *name = bpf_program__name(program);

			other = bpf_object__find_program_by_name(whole->obj, name);
			if (bpf_program__autoload(program))
				tap_ok(t, is_same_code(program, other), "%s: to the same code",
				       name);
		}
	}
	tcpspan_bpf__destroy(whole);
	rings_done(&rings);
}

/* Whatever is told at once, with its sequence numbers; or what can be is collected in slots. */
static void check_loaded(struct tap *t, int family, size_t r, enum manner manner)
{
	static const char *const names[] = {
		[TELLS] = "every filter on",
		[COLLECTS] = "every filter on, and slots",
		[KNOWS] = "slots and no filter",
	};
	const struct hook_rung *rung = &hook_families[family].rungs[r];
	char reason[PLAN_REASON_SIZE] = "";
	struct tcpspan_bpf *skel;
	struct rings rings;
	struct plan plan;

	rings_init(&rings, RINGS, RING_BYTES);
	memset(&plan, 0, sizeof(plan));
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++)
		plan.rung[f] = f == family ? (int)r : PLAN_NONE;
	skel = plan_open(&plan, reason);
	if (skel) {
		set_knobs(skel, manner);
		if (manner != KNOWS)
			set_every_filter(skel);
		tap_ok(t, !rings_give(&rings, skel), "%s %zu, %s: there are several rings",
		       hook_families[family].name, r, hook_kind_name(rung->kind));
	}
	if (tap_ok(t, skel && !plan_load(skel, reason), "%s %zu, %s: loads and attaches with %s",
		   hook_families[family].name, r, hook_kind_name(rung->kind), names[manner])) {
		check_budgets(t, skel, count_programs(rung));
		check_atomics(t, skel);
		check_types(t, skel);
		check_relocations(t, skel);
	} else {
		tap_note("%s", reason);
	}
	tcpspan_bpf__destroy(skel);
	rings_done(&rings);
}

int main(void)
{
	static struct plan plan;
	struct tap t = { .count = 0 };

	if (geteuid())
		return tap_skip_all("needs root");
	/* Sets the library's messages to where the reasons are taken from. */
	plan_by_trial(&plan, PLAN_AUTO, ALL_FAMILIES, true);
	check_table(&t);
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		for (size_t r = 0; r < hook_families[f].rung_count; r++) {
			check_trial(&t, &plan, f, r);
			if (plan.trials[f][r].error)
				continue;
			check_loaded(&t, f, r, TELLS);
			check_loaded(&t, f, r, COLLECTS);
			if (f == HOOK_STATE)
				check_loaded(&t, f, r, KNOWS);
		}
		check_choice(&t, &plan, f);
	}
	return tap_done(&t);
}
