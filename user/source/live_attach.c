// SPDX-License-Identifier: GPL-2.0-only
/* Programs, by the plan: loaded, attached, and detached in an order that hides nothing. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/tcpspan.skel.h"
#include "user/base/units.h"
#include "user/source/live_parts.h"

/* Between the change of a state and the reset that follows it in the same call. */
#define CLOSING_NS (10 * NS_PER_MS)

static int attach_slots(struct live *live, char reason[PLAN_REASON_SIZE])
{
	union bpf_iter_link_info info = { .map.map_fd = (__u32)bpf_map__fd(
						  live->skel->maps.slot_blocks) };
	LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &info,
		    .link_info_len = sizeof(info));

	live->skel->links.slot_iter =
		bpf_program__attach_iter(live->skel->progs.slot_iter, &options);
	if (live->skel->links.slot_iter)
		return 0;
	snprintf(reason, PLAN_REASON_SIZE, "what was collected cannot be asked for (%s)",
		 strerrorname_np(errno));
	return -errno;
}

static bool is_on_rung(const struct hook_rung *rung, const char *name)
{
	for (int i = 0; i < HOOK_PROGRAMS && rung->programs[i]; i++)
		if (!strcmp(rung->programs[i], name))
			return true;
	return false;
}

static enum live_skip meaning_of(const struct live *live, const char *program)
{
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		const struct hook_rung *rung = plan_rung(&live->plan, f);

		if (!rung || !is_on_rung(rung, program))
			continue;
		if (f == HOOK_STATE)
			return LIVE_SKIP_IS_COUNTED_APART;
		if (rung->is_silent)
			return LIVE_SKIP_IS_SELDOM_LOSS;
	}
	return LIVE_SKIP_IS_LOSS;
}

/*
 * What is of use once something was lost is attached then: until that, the end of each socket would
 * pay for it. A classic tracepoint cannot be, for the rights that takes are given up by then.
 */
static void await_loss(struct live *live)
{
	const struct hook_rung *rung = plan_rung(&live->plan, HOOK_END);

	live->awaiting_loss = NULL;
	if (!rung || rung->kind != HOOK_KIND_TP_BTF)
		return;
	live->awaiting_loss = live->skel->progs.end_tp_btf;
	bpf_program__set_autoattach(live->skel->progs.end_tp_btf, false);
}

/* For what is asked of them all the time. */
static void find_used(struct live *live)
{
	const struct hook_family *state = &hook_families[HOOK_STATE];
	const struct hook_rung *rung = &state->rungs[live->plan.rung[HOOK_STATE]];
	struct bpf_program *program;

	live->used_count = 0;
	bpf_object__for_each_program(program, live->skel->obj)
		if (bpf_program__autoload(program))
			live->used[live->used_count++] = (struct live_program){
				.program = program,
				.meaning = meaning_of(live, bpf_program__name(program)),
			};
	for (int i = 0; i < HOOK_PROGRAMS && rung->programs[i]; i++)
		live->states[i] =
			bpf_object__find_program_by_name(live->skel->obj, rung->programs[i]);
}

/* Opens, loads and attaches by the plan. */
static int bring_up(struct live *live, char reason[PLAN_REASON_SIZE])
{
	int error;

	live->skel = plan_open(&live->plan, reason);
	if (!live->skel)
		return -errno;
	live_configure(live);
	await_loss(live);
	error = rings_give(&live->rings, live->skel);
	if (error)
		snprintf(reason, PLAN_REASON_SIZE, "the rings cannot be made (%s)",
			 strerrorname_np(-error));
	else
		error = plan_load(live->skel, reason);
	if (!error && live->slot_bits)
		error = attach_slots(live, reason);
	if (error) {
		tcpspan_bpf__destroy(live->skel);
		live->skel = NULL;
	} else {
		find_used(live);
	}
	return error;
}

/* What nobody is going to look at is not had. */
static void leave_polls(struct live *live)
{
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++)
		if (!live->settings.polls && plan_is_polled(&live->plan, f))
			live->plan.rung[f] = PLAN_NONE;
}

/* Without collecting if that is what the kernel refuses, and it may be left out. */
static int bring_up_somehow(struct live *live, char reason[PLAN_REASON_SIZE])
{
	int error = bring_up(live, reason);

	if (!error || !live->slot_bits || live->settings.must_collect)
		return error;
	live->slot_bits = 0;
	return bring_up(live, reason);
}

int live_attach(struct live *live, char reason[PLAN_REASON_SIZE])
{
	const struct live_settings *s = &live->settings;
	int error;

	error = plan_guess(&live->plan, s->attach, s->families);
	leave_polls(live);
	live->slot_bits = s->slot_bits;
	if (!error)
		error = bring_up_somehow(live, reason);
	if (!error)
		return 0;
	/* Something was refused: find out what, rung by rung. */
	plan_by_trial(&live->plan, s->attach, s->families, false);
	leave_polls(live);
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		const struct plan_trial *best = &live->plan.trials[f][0];

		if (!hook_families[f].required || live->plan.rung[f] != PLAN_NONE)
			continue;
		for (size_t r = 0; r < hook_families[f].rung_count; r++)
			if (live->plan.trials[f][r].tried) {
				best = &live->plan.trials[f][r];
				break;
			}
		snprintf(reason, PLAN_REASON_SIZE, "%s",
			 best->tried ? best->reason : "no rung allowed");
		return best->error ? best->error : error;
	}
	return bring_up_somehow(live, reason);
}

/*
 * From now on the end of every socket is worth a record. Of those that have ended since the loss,
 * and of all where the kernel refuses this, the next look at its sockets tells.
 */
void live_attach_after_loss(struct live *live)
{
	if (!live->awaiting_loss || !live_shared(live)->lossy)
		return;
	live->after_loss_fd = bpf_raw_tracepoint_open(NULL, bpf_program__fd(live->awaiting_loss));
	live->awaiting_loss = NULL;
}

static bool is_of(const struct live *live, unsigned int families, const char *program)
{
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		const struct hook_rung *rung = plan_rung(&live->plan, f);

		if (families >> f & 1 && rung && is_on_rung(rung, program))
			return true;
	}
	return false;
}

/* But for what tells what was collected. */
static void detach_but(struct live *live, unsigned int kept)
{
	const struct bpf_object_skeleton *all = live->skel->skeleton;

	for (int i = 0; i < all->prog_cnt; i++) {
		struct bpf_link **link = all->progs[i].link;

		if (link == &live->skel->links.slot_iter || is_of(live, kept, all->progs[i].name))
			continue;
		bpf_link__destroy(*link);
		*link = NULL;
	}
}

/*
 * To detach takes some programs tens of milliseconds, and of what ends meanwhile a reset that
 * nobody hears of would be one that there never was. So what tells why a connection ended, or
 * whose it is, goes behind all else. Whoever was about to send a reset, and lost the processor to
 * us, has a moment to do so.
 */
void live_detach(struct live *live)
{
	static const unsigned int whose = 1U << HOOK_ACCEPT;
	static const unsigned int why = 1U << HOOK_RESET | 1U << HOOK_ABORT |
					1U << HOOK_RETRANSMIT | 1U << HOOK_ERROR;
	const struct timespec moment = { .tv_nsec = CLOSING_NS };

	live->awaiting_loss = NULL;
	if (live->after_loss_fd >= 0)
		close(live->after_loss_fd);
	live->after_loss_fd = -1;
	detach_but(live, why | whose);
	nanosleep(&moment, NULL);
	detach_but(live, whose);
	detach_but(live, 0);
}
