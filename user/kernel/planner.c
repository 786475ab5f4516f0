// SPDX-License-Identifier: GPL-2.0-only
/* Trial by loading and attaching: neither versions nor BTF tell what a kernel allows. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/tcpspan.skel.h"
#include "user/kernel/btf_names.h"
#include "user/kernel/casts.h"
#include "user/kernel/kallsyms.h"
#include "user/kernel/planner.h"
#include "user/kernel/probes.h"
#include "user/kernel/refusal.h"

#define TRIAL_RING_BYTES 4096

static bool be_verbose;

static int on_message(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	return be_verbose ? vfprintf(stderr, format, args) : 0;
}

void plan_set_verbose(bool verbose)
{
	be_verbose = verbose;
}

/*
 * Before 5.11 the kernel counts what BPF takes as memory that the user locks. The library tells by
 * the same helper, and lifts the limit if it may.
 */
static bool is_memory_limited(void)
{
	struct rlimit limit;

	return !getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur != RLIM_INFINITY &&
	       libbpf_probe_bpf_helper(BPF_PROG_TYPE_SOCKET_FILTER, BPF_FUNC_ktime_get_coarse_ns,
				       NULL) != 1;
}

/* One sentence, without the library's prefix and line end. */
static void give_reason(char reason[PLAN_REASON_SIZE], int error, bool loading)
{
	const char *verb = loading ? "load" : "attach";

	switch (-error) {
	case EACCES:
		if (loading) {
			snprintf(reason, PLAN_REASON_SIZE,
				 "the function has another shape in this kernel (EACCES)");
			break;
		}
		/* fall through */
	case EPERM:
		if (loading && is_memory_limited()) {
			snprintf(reason, PLAN_REASON_SIZE,
				 "too little memory may be locked (EPERM): CAP_SYS_RESOURCE or "
				 "'ulimit -l unlimited' helps");
			break;
		}
		snprintf(reason, PLAN_REASON_SIZE, "the kernel does not permit to %s it (%s)", verb,
			 strerrorname_np(-error));
		break;
	case ENOENT:
	case EOPNOTSUPP:
	case 524: /* ENOTSUPP, which is not in errno.h */
		snprintf(reason, PLAN_REASON_SIZE, "the kernel does not support to %s it (%s)",
			 verb, -error == 524 ? "ENOTSUPP" : strerrorname_np(-error));
		break;
	case ESRCH:
	case ENODEV:
		/* Whether it has it cannot be told, then. */
		snprintf(reason, PLAN_REASON_SIZE,
			 refusal_has_btf() ? "the kernel lacks the function or tracepoint (%s)" :
					     "nothing tells the kernel's types (%s)",
			 strerrorname_np(-error));
		break;
	case ENOMEM:
		snprintf(reason, PLAN_REASON_SIZE, "not enough memory (ENOMEM)");
		break;
	case EINVAL:
		if (loading) {
			snprintf(reason, PLAN_REASON_SIZE,
				 "the verifier refuses it (EINVAL); -v shows why");
			break;
		}
		/* fall through */
	default:
		snprintf(reason, PLAN_REASON_SIZE, "it failed to %s (%s)", verb,
			 strerrorname_np(-error) ? strerrorname_np(-error) : "unknown error");
	}
}

static bool has_sampling(enum hook_family_id family)
{
	for (size_t r = 0; r < hook_families[family].rung_count; r++)
		if (hook_families[family].rungs[r].kind == HOOK_KIND_SAMPLING)
			return true;
	return false;
}

static bool allows(enum plan_attach attach, enum hook_family_id family, enum hook_kind kind)
{
	if (hook_families[family].always)
		return attach != PLAN_CLASSIC || kind != HOOK_KIND_TP_BTF;
	switch (attach) {
	case PLAN_FENTRY:
		return kind == HOOK_KIND_FENTRY;
	case PLAN_KPROBE:
		return kind == HOOK_KIND_KPROBE;
	case PLAN_TRACEPOINT:
		return kind == HOOK_KIND_TP_BTF || kind == HOOK_KIND_TRACEPOINT;
	case PLAN_CLASSIC:
		return kind == HOOK_KIND_TRACEPOINT || kind == HOOK_KIND_SAMPLING;
	case PLAN_TP_BTF:
		return kind == HOOK_KIND_TP_BTF;
	case PLAN_SAMPLING:
		return kind == HOOK_KIND_SAMPLING || !has_sampling(family);
	default:
		return true;
	}
}

bool plan_is_memory_hidden(void)
{
	char modes[64] = "";
	FILE *file = fopen("/sys/kernel/security/lockdown", "re");

	if (!file)
		return false;
	if (!fgets(modes, sizeof(modes), file))
		modes[0] = 0;
	fclose(file);
	return strstr(modes, "[confidentiality]");
}

static bool does_probe(enum hook_family_id family, enum hook_kind kind)
{
	return (hook_families[family].probes && kind != HOOK_KIND_SAMPLING) ||
	       kind == HOOK_KIND_KPROBE || kind == HOOK_KIND_TRACEPOINT;
}

/*
 * A function without a body, to be attached to no function: where such programs may be loaded at
 * all, the kernel looks at that, and has another objection.
 */
static bool is_fentry_forbidden(void)
{
	const struct bpf_insn empty[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY,
		    .attach_btf_id = 1); /* types come first, functions behind them */
	int fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, NULL, "GPL", empty,
			       sizeof(empty) / sizeof(*empty), &options);

	if (fd >= 0)
		close(fd);
	return fd == -EPERM;
}

static bool is_kprobe_missing(void)
{
	return access("/sys/bus/event_source/devices/kprobe", F_OK) &&
	       access("/sys/kernel/tracing/kprobe_events", F_OK) &&
	       access("/sys/kernel/debug/tracing/kprobe_events", F_OK);
}

/* That a rung works, only a trial tells; that none of its kind can, this may. */
static bool is_kind_lacking(enum hook_kind kind)
{
	return (kind == HOOK_KIND_FENTRY && is_fentry_forbidden()) ||
	       (kind == HOOK_KIND_KPROBE && is_kprobe_missing());
}

/* `names` are read when they are first needed; NULL still: the kernel tells none. */
static bool is_suited(const struct hook_rung *rung, struct kernel_names **names)
{
	if (rung->sign && !*names)
		*names = kernel_names_read();
	if (rung->sign && !*names)
		return !rung->is_wrong_unsigned;
	return !rung->sign || kernel_names_have(*names, rung->sign);
}

int plan_guess(struct plan *plan, enum plan_attach attach, unsigned int wanted)
{
	struct kernel_names *names = NULL;
	bool is_hidden = plan_is_memory_hidden();
	int error = 0;

	libbpf_set_print(on_message);
	memset(plan, 0, sizeof(*plan));
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		plan->rung[f] = PLAN_NONE;
		if (!(wanted & 1u << f))
			continue;
		for (size_t r = 0; r < hook_families[f].rung_count; r++) {
			const struct hook_rung *rung = &hook_families[f].rungs[r];

			if (allows(attach, f, rung->kind) && is_suited(rung, &names) &&
			    !(is_hidden && does_probe(f, rung->kind)) &&
			    !is_kind_lacking(rung->kind)) {
				plan->rung[f] = r;
				break;
			}
		}
		if (plan->rung[f] == PLAN_NONE && hook_families[f].required)
			error = -ENOENT;
	}
	kernel_names_free(names);
	return error;
}

/*
 * Classic tracepoints are found through tracefs. Where nobody mounted it, mount it for this process
 * alone: a private view of the mounts leaves the host as it was. In a chroot / may be no mount.
 */
static void need_tracefs(void)
{
	static bool done;

	if (done || !access("/sys/kernel/tracing/events", F_OK) ||
	    !access("/sys/kernel/debug/tracing/events", F_OK))
		return;
	done = true;
	if (unshare(CLONE_NEWNS) || (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) &&
				     mount(NULL, "/sys", NULL, MS_REC | MS_SLAVE, NULL)))
		return;
	mount("tracefs", "/sys/kernel/tracing", "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/* Looked up once for all trials, and all at once. */
static const struct kallsyms_range *known_places(void)
{
	static const char *const frames[] = {
#define X(NAME, function) #function,
		CONFIG_FRAMES(X)
#undef X
	};
	static struct kallsyms_range places[HOOK_SYMBOL_COUNT + CONFIG_FRAME_COUNT];
	const char *names[HOOK_SYMBOL_COUNT + CONFIG_FRAME_COUNT];
	static bool done;

	names[HOOK_SYMBOL_NONE] = "";
	for (int i = HOOK_SYMBOL_NONE + 1; i < HOOK_SYMBOL_COUNT; i++)
		names[i] = hook_symbol_name(i);
	memcpy(names + HOOK_SYMBOL_COUNT, frames, sizeof(frames));
	if (!done)
		kallsyms_find(names + 1, places + 1, HOOK_SYMBOL_COUNT + CONFIG_FRAME_COUNT - 1);
	done = true;
	return places;
}

/* Tells the programs what this rung lets them compare with. */
static int set_symbol(struct tcpspan_bpf *skel, enum hook_symbol symbol)
{
	struct config_knobs *knobs = (struct config_knobs *)&skel->rodata->knobs;
	uint64_t address;

	if (symbol == HOOK_SYMBOL_NONE)
		return 0;
	address = known_places()[symbol].address;
	if (!address)
		return -ENOKEY;
	if (symbol == HOOK_SYMBOL_TIMEWAIT)
		knobs->tw_timer_handler = address;
	else
		knobs->reqsk_timer_handler = address;
	return 0;
}

static int enable_rung(struct tcpspan_bpf *skel, const struct hook_rung *rung)
{
	for (int i = 0; i < HOOK_PROGRAMS && rung->programs[i]; i++) {
		struct bpf_program *program;

		program = bpf_object__find_program_by_name(skel->obj, rung->programs[i]);
		if (!program)
			return -ESRCH;
		bpf_program__set_autoload(program, true);
	}
	if (rung->kind == HOOK_KIND_TRACEPOINT)
		need_tracefs();
	return set_symbol(skel, rung->symbol);
}

/* The length of the kernel's tick: by how much its coarse clock goes forward. */
static uint64_t tick_ns(void)
{
	struct timespec tick = { .tv_nsec = 4000000 };

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	return tick.tv_nsec;
}

const struct hook_rung *plan_rung(const struct plan *plan, enum hook_family_id family)
{
	int rung = plan->rung[family];

	return rung == PLAN_NONE ? NULL : &hook_families[family].rungs[rung];
}

const char *plan_rung_name(const struct plan *plan, enum hook_family_id family)
{
	const struct hook_rung *rung = plan_rung(plan, family);

	return rung ? hook_kind_name(rung->kind) : NULL;
}

const char *plan_lacks(const struct plan *plan, enum hook_family_id family)
{
	const struct hook_rung *rung = plan_rung(plan, family);

	return rung ? rung->lacks : NULL;
}

bool plan_is_polled(const struct plan *plan, enum hook_family_id family)
{
	const struct hook_rung *rung = plan_rung(plan, family);

	return rung && rung->kind == HOOK_KIND_SAMPLING;
}

/* And, if some of them tell of minisocks, by whose hand these end. */
static void set_frames(struct tcpspan_bpf *skel, const struct plan *plan)
{
	struct config_knobs *knobs = (struct config_knobs *)&skel->rodata->knobs;
	bool has_timewaits = plan_rung(plan, HOOK_TIME_WAIT) &&
			     !plan_is_polled(plan, HOOK_TIME_WAIT);
	const struct kallsyms_range *places;

	if (!has_timewaits && !plan_rung(plan, HOOK_PASSIVE))
		return;
	places = known_places() + HOOK_SYMBOL_COUNT;
	for (int i = 0; i < CONFIG_FRAME_COUNT; i++)
		knobs->frames[i] = (struct config_range){ places[i].address, places[i].size };
	knobs->resets = plan_rung(plan, HOOK_PASSIVE) && plan_rung(plan, HOOK_RESET) &&
			places[CONFIG_FRAME_CHECK_REQ].size;
}

/*
 * For each type that the programs look at, the library goes through all types of the kernel, which
 * took a third of our start. So it is given those types alone, cut out once for all trials; where
 * they cannot be, it looks for itself.
 */
static struct tcpspan_bpf *open_object(void)
{
	static bool is_tried, is_cut;
	static char path[32];
	LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = path);
	struct tcpspan_bpf *skel;
	int fd;

	if (is_tried)
		return is_cut ? tcpspan_bpf__open_opts(&options) : tcpspan_bpf__open();
	is_tried = true;
	fd = memfd_create("types", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || access(path, R_OK))
		return tcpspan_bpf__open();
	skel = tcpspan_bpf__open_opts(&options);
	is_cut = skel && !casts_find(bpf_object__btf(skel->obj), fd);
	if (is_cut)
		return skel;
	tcpspan_bpf__destroy(skel);
	close(fd);
	return tcpspan_bpf__open();
}

struct tcpspan_bpf *plan_open(const struct plan *plan, char reason[PLAN_REASON_SIZE])
{
	struct tcpspan_bpf *skel;
	uint32_t *types;

	libbpf_set_print(on_message);
	skel = open_object();
	if (!skel) {
		int error = errno;

		give_reason(reason, -error, true);
		errno = error;
		return NULL;
	}
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		const struct hook_rung *rung;
		int error;

		if (plan->rung[f] == PLAN_NONE)
			continue;
		rung = &hook_families[f].rungs[plan->rung[f]];
		error = enable_rung(skel, rung);
		if (error) {
			if (error == -ENOKEY)
				snprintf(reason, PLAN_REASON_SIZE,
					 "/proc/kallsyms does not show %s",
					 hook_symbol_name(rung->symbol));
			else
				snprintf(reason, PLAN_REASON_SIZE,
					 "the object lacks a program of %s", hook_families[f].name);
			tcpspan_bpf__destroy(skel);
			errno = EINVAL;
			return NULL;
		}
	}
	/* Where there is one ring, what leads to several is removed by the verifier. */
	bpf_map__set_autocreate(skel->maps.rings, false);
	/* Its buckets take memory and time; live.c makes room when connections are sampled. */
	bpf_map__set_max_entries(skel->maps.sampled, 1);
	bpf_map__set_max_entries(skel->maps.passed, 1);
	if (bpf_program__autoload(skel->progs.timewait_segment_free))
		((struct config_knobs *)&skel->rodata->knobs)->segments = true;
	else
		bpf_map__set_max_entries(skel->maps.fin_waits, 1);
	if (!plan_rung(plan, HOOK_PASSIVE))
		bpf_map__set_max_entries(skel->maps.deferred_acks, 1);
	((struct config_knobs *)&skel->rodata->knobs)->timewait =
		plan_rung(plan, HOOK_TIME_WAIT) && !plan_is_polled(plan, HOOK_TIME_WAIT);
	((struct config_knobs *)&skel->rodata->knobs)->tick_ns = tick_ns();
	((struct config_knobs *)&skel->rodata->knobs)->memory_hidden = plan_is_memory_hidden();
	set_frames(skel, plan);
	types = ((struct config_knobs *)&skel->rodata->knobs)->types;
	if (!plan_is_memory_hidden() && casts_use(skel->obj, types)) {
		give_reason(reason, -ENOMEM, true);
		tcpspan_bpf__destroy(skel);
		errno = ENOMEM;
		return NULL;
	}
	return skel;
}

/* Of types that it has no memory for the library says what it says where there are none. */
static bool are_types_too_large(void)
{
	struct btf *types = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	int error = errno;

	btf__free(types);
	return !types && error == ENOMEM;
}

static int load(struct tcpspan_bpf *skel, char reason[PLAN_REASON_SIZE])
{
	int error = tcpspan_bpf__load(skel);

	if (error == -ESRCH && are_types_too_large())
		error = -ENOMEM;
	if (error)
		give_reason(reason, error, true);
	return error;
}

static int attach(struct tcpspan_bpf *skel, char reason[PLAN_REASON_SIZE])
{
	int error;

	probes_attach(skel);
	error = tcpspan_bpf__attach(skel);
	if (error)
		give_reason(reason, error, false);
	return error;
}

int plan_load(struct tcpspan_bpf *skel, char reason[PLAN_REASON_SIZE])
{
	int error = load(skel, reason);

	return error ? error : attach(skel, reason);
}

/*
 * A trial of the same kind that the kernel did not permit; permission does not depend on the hook.
 * Where another of the kind works, EPERM was for looking a missing function up among the modules.
 */
static const struct plan_trial *find_refusal(const struct plan *plan, enum hook_kind kind)
{
	const struct plan_trial *refusal = NULL;

	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		for (size_t r = 0; r < hook_families[f].rung_count; r++) {
			const struct plan_trial *trial = &plan->trials[f][r];

			if (hook_families[f].rungs[r].kind != kind || !trial->tried)
				continue;
			if (!trial->error)
				return NULL;
			if (trial->error == -EPERM)
				refusal = trial;
		}
	}
	return refusal;
}

/* Whether the kernel would take it, and should not be asked. */
static bool is_misfit(const struct hook_rung *rung, struct kernel_names **names,
		      struct plan_trial *trial)
{
	if (!rung->is_wrong_unsigned || is_suited(rung, names))
		return false;
	trial->tried = true;
	trial->error = -ESRCH;
	if (!*names)
		give_reason(trial->reason, trial->error, true);
	else
		snprintf(trial->reason, sizeof(trial->reason),
			 "the function does something else in this kernel");
	return true;
}

static void try_rung(struct plan *plan, int family, size_t rung)
{
	enum hook_kind kind = hook_families[family].rungs[rung].kind;
	struct plan_trial *trial = &plan->trials[family][rung];
	const struct plan_trial *refusal = find_refusal(plan, kind);
	struct tcpspan_bpf *skel;
	struct plan one;

	if (refusal) {
		*trial = *refusal;
		return;
	}

	for (int f = 0; f < HOOK_FAMILY_COUNT; f++)
		one.rung[f] = f == family ? (int)rung : PLAN_NONE;
	trial->tried = true;
	skel = plan_open(&one, trial->reason);
	if (!skel) {
		trial->error = -errno;
		return;
	}
	bpf_map__set_max_entries(skel->maps.events, TRIAL_RING_BYTES);
	trial->error = load(skel, trial->reason);
	trial->is_loaded = !trial->error;
	if (trial->is_loaded)
		trial->error = attach(skel, trial->reason);
	tcpspan_bpf__destroy(skel);
}

void plan_by_trial(struct plan *plan, enum plan_attach attach, unsigned int wanted, bool all)
{
	struct kernel_names *names = NULL;

	memset(plan, 0, sizeof(*plan));
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		plan->rung[f] = PLAN_NONE;
		if (!(wanted & 1u << f))
			continue;
		for (size_t r = 0; r < hook_families[f].rung_count; r++) {
			const struct hook_rung *rung = &hook_families[f].rungs[r];
			bool allowed = allows(attach, f, rung->kind);

			if ((!allowed && !all) || is_misfit(rung, &names, &plan->trials[f][r]))
				continue;
			try_rung(plan, f, r);
			if (allowed && plan->rung[f] == PLAN_NONE && !plan->trials[f][r].error)
				plan->rung[f] = r;
			if (!all && plan->rung[f] != PLAN_NONE)
				break;
		}
	}
	kernel_names_free(names);
}
