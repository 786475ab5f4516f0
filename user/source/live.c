// SPDX-License-Identifier: GPL-2.0-only
/* The running kernel as a source: the ring buffer, read in batches, asleep when nothing happens. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/tcpspan.skel.h"
#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/event/bundle.h"
#include "user/kernel/price.h"
#include "user/kernel/probes.h"
#include "user/kernel/quotas.h"
#include "user/kernel/rings.h"
#include "user/kernel/room.h"
#include "user/sockets/counters.h"
#include "user/sockets/listener_search.h"
#include "user/source/live.h"
#include "user/source/ring.h"

/* How late a record may be shown: short for a person, long enough to read hundreds at a time. */
#define PERIOD_NS (50 * NS_PER_MS)
/* After detaching, programs that still run on other CPUs are given this long to submit. */
#define DRAIN_NS (200 * NS_PER_MS)

/* Between the change of a state and the reset that follows it in the same call. */
#define CLOSING_NS (10 * NS_PER_MS)

/* What waits for its turn among several rings waits for moments. */
#define TURN_NS NS_PER_MS

/* Records of one CPU between two wake-ups, at most, and the bytes that one takes in the ring. */
#define WAKE_EVERY_MAX 4096
#define TYPICAL_RECORD 96
/* Those between two looks at how full the ring is: a power of two. */
#define LOOK_EVERY 64

/*
 * Listeners that are gone: their children, which may have no other owner, may still be in slots.
 */
#define HELD_MAX 64

/* What it means that runs of a program were skipped. */
enum meaning { IS_LOSS, IS_SELDOM_LOSS, IS_COUNTED_APART };

struct used_program {
	const struct bpf_program *program;
	enum meaning meaning;
};

#define PROGRAMS (sizeof(((struct tcpspan_bpf *)NULL)->progs) / sizeof(struct bpf_program *))

struct live {
	struct source source;
	struct tcpspan_bpf *skel;
	struct rings rings;
	struct ring *ring;
	struct sockets *sockets;
	struct plan plan;
	struct used_program used[PROGRAMS];
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
	struct event_listener held[HELD_MAX];
	size_t held_count;
	struct price price;
	struct payers payers[SOURCE_BOUND_COUNT];
	const struct bpf_program *awaiting_loss; /* see attach_after_loss(); NULL: none does */
	int after_loss_fd;			 /* its link; -1: there is none */
	bool stopped;
	bool is_looking; /* at the kernel's sockets */
};

static void hand_over_held(struct live *live, size_t i)
{
	struct event_listener listener = live->held[i];

	memmove(&live->held[i], &live->held[i + 1], (--live->held_count - i) * sizeof(*live->held));
	live->settings.on_record(live->settings.context, &listener, sizeof(listener));
}

/* Whether the record is kept for later. What it says of a socket is told in order. */
static bool hold(struct live *live, const struct record_bytes *record)
{
	struct event_listener listener;

	if (!live->slot_bits || record->size != sizeof(listener) ||
	    ((const struct event_head *)record->bytes)->kind != EVENT_LISTENER)
		return false;
	memcpy(&listener, record->bytes, sizeof(listener));
	for (size_t i = 0; i < live->held_count; i++)
		if (live->held[i].head.sock == listener.head.sock)
			hand_over_held(live, i--);
	if (EVENT_TO(listener.head.states) != STATE_CLOSED)
		return false;
	if (live->held_count == HELD_MAX)
		hand_over_held(live, 0);
	live->held[live->held_count++] = listener;
	return true;
}

static void on_records(void *context, const struct record_bytes *records, size_t count)
{
	struct live *live = context;
	const struct live_settings *s = &live->settings;

	uint64_t events = live->slot_bits ? 0 : count;

	/* Where nothing is collected each record tells of one. */
	for (size_t i = 0; live->slot_bits && i < count; i++)
		events += event_count(records[i].bytes, records[i].size);
	live->received += events;
	if (s->on_coming)
		s->on_coming(s->context, records, count);
	for (size_t i = 0; i < count; i++)
		if (!hold(live, &records[i]))
			s->on_record(s->context, records[i].bytes, records[i].size);
}

_Static_assert(CONFIG_NETNS >= NETNS_LIST_MAX, "the kernel judges all namespaces");

/* What the kernel judges by itself; lists too long for it are left to user space. */
static void set_filter(struct tcpspan_bpf *skel, const struct conn_filter *from)
{
	struct config_filter *to = (struct config_filter *)&skel->rodata->filter;

	to->netns_count = from->netns.count;
	memcpy(to->netns, from->netns.inodes, from->netns.count * sizeof(*to->netns));
	to->cgroup = from->cgroup;
	to->sample = from->sample;
	to->family = from->family == 4 ? AF_INET : from->family == 6 ? AF_INET6 : 0;
	if (from->pid_count <= CONFIG_PIDS) {
		to->pid_count = from->pid_count;
		memcpy(to->pids, from->pids, from->pid_count * sizeof(*to->pids));
	}
	if (from->comm_count == 1) {
		to->has_comm = 1;
		memcpy(to->comm, from->comms[0], sizeof(to->comm));
	}
	if (from->prefix_count <= CONFIG_CIDRS) {
		to->cidr_count = from->prefix_count;
		for (size_t i = 0; i < from->prefix_count; i++) {
			uint8_t *mask = (uint8_t *)to->cidrs[i].mask;

			memcpy(to->cidrs[i].net, from->prefixes[i].net.byte, ADDRESS_SIZE);
			for (int bit = 0; bit < from->prefixes[i].bits; bit++)
				mask[bit / 8] |= 0x80 >> bit % 8;
		}
	}
	to->has_lport = from->has_lports;
	to->has_rport = from->has_rports;
	memcpy((void *)skel->rodata->filter_lports, from->lports, sizeof(from->lports));
	memcpy((void *)skel->rodata->filter_rports, from->rports, sizeof(from->rports));
	to->follows = from->follows;
	to->has_interface = from->interfaces.size > 0;
	to->is_on = to->netns_count || to->cgroup || to->sample > 1 || to->family ||
		    to->pid_count || to->has_comm || to->cidr_count || to->has_lport ||
		    to->has_rport || to->has_interface;
}

/* Behind set_filter(). */
static void set_cookies(struct tcpspan_bpf *skel, const struct live_settings *settings)
{
	struct config_filter *to = (struct config_filter *)&skel->rodata->filter;
	struct counters_readings readings;

	if (!to->netns_count)
		return;
	counters_read(&settings->filter->netns, settings->broker, &readings);
	for (size_t i = 0; i < to->netns_count; i++)
		for (size_t j = 0; j < readings.count; j++)
			if (readings.list[j].netns == to->netns[i]) {
				to->netns_cookie[i] = readings.list[j].cookie;
				to->has_cookies |= readings.list[j].cookie != 0;
			}
	counters_done(&readings);
}

/*
 * The reader is woken early enough for all CPUs of a ring together to leave three quarters of it
 * free, but not for less than it takes: a wake-up costs as much as a dozen records.
 */
static uint32_t wake_mask(const struct rings *rings)
{
	int cpus = libbpf_num_possible_cpus();
	size_t sharers = ((cpus > 0 ? (size_t)cpus : 1) + rings->count - 1) / rings->count;
	size_t room = rings->bytes / 4 / TYPICAL_RECORD / sharers;
	uint32_t every = 1;

	while (every < WAKE_EVERY_MAX && every * 2 <= room)
		every *= 2;
	return every - 1;
}

/* Where not every accept is seen, who listens is the next best that can be known. */
static bool needs_listeners(const struct live *live)
{
	return live->settings.families >> HOOK_ACCEPT & 1 &&
	       (live->plan.rung[HOOK_ACCEPT] == PLAN_NONE || plan_lacks(&live->plan, HOOK_ACCEPT));
}

/*
 * What collects has a slot for each connection; they are emptied by a program of their own. Behind
 * set_filter().
 */
static void set_slots(struct live *live, struct config_knobs *knobs)
{
	struct bpf_program *program = live->skel->progs.slot_iter;

	knobs->slot_bits = live->slot_bits;
	knobs->slot_shift = 32 - live->slot_bits;
	if (!live->slot_bits)
		return;
	knobs->middles = !live->skel->rodata->filter.is_on;
	bpf_program__set_autoload(program, true);
	bpf_program__set_autoattach(program, false);
}

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

/* Behind room_make(). */
static void set_chosen(struct live *live, struct config_knobs *knobs)
{
	knobs->chosen_room = bpf_map__max_entries(live->settings.budget ? live->skel->maps.passed :
									  live->skel->maps.sampled);
	/* Nobody is to know who shares a bucket with whom; without, it is no secret. */
	if (getrandom(&knobs->chosen_seed, sizeof(knobs->chosen_seed), GRND_NONBLOCK) < 0)
		knobs->chosen_seed = 0;
}

static bool is_on_rung(const struct hook_rung *rung, const char *name)
{
	for (int i = 0; i < HOOK_PROGRAMS && rung->programs[i]; i++)
		if (!strcmp(rung->programs[i], name))
			return true;
	return false;
}

static enum meaning meaning_of(const struct live *live, const char *program)
{
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		const struct hook_rung *rung = plan_rung(&live->plan, f);

		if (!rung || !is_on_rung(rung, program))
			continue;
		if (f == HOOK_STATE)
			return IS_COUNTED_APART;
		if (rung->is_silent)
			return IS_SELDOM_LOSS;
	}
	return IS_LOSS;
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
			live->used[live->used_count++] = (struct used_program){
				.program = program,
				.meaning = meaning_of(live, bpf_program__name(program)),
			};
	for (int i = 0; i < HOOK_PROGRAMS && rung->programs[i]; i++)
		live->states[i] =
			bpf_object__find_program_by_name(live->skel->obj, rung->programs[i]);
}

static void set_knobs(struct live *live, struct config_knobs *knobs)
{
	const struct live_settings *s = &live->settings;

	knobs->cgroup = s->cgroups;
	knobs->facts = s->facts	   ? CONFIG_FACTS_ALL :
		       s->segments ? CONFIG_FACTS_SEGMENTS :
				     CONFIG_FACTS_NONE;
	knobs->sequences = s->sequences || (s->flows && !live->slot_bits);
	knobs->firsts = s->flows;
	knobs->stacks = s->stacks;
	knobs->budget = s->budget;
	knobs->wake_mask = wake_mask(&live->rings);
	knobs->look_mask = knobs->wake_mask < LOOK_EVERY ? knobs->wake_mask : LOOK_EVERY - 1;
	knobs->listeners = needs_listeners(live);
}

/* Tells the programs, which are opened, what to do, and makes room for them. */
static void configure(struct live *live)
{
	const struct live_settings *s = &live->settings;
	struct config_knobs *knobs = (struct config_knobs *)&live->skel->rodata->knobs;

	set_filter(live->skel, s->filter);
	set_cookies(live->skel, s);
	set_knobs(live, knobs);
	set_slots(live, knobs);
	room_make(live->skel, &(struct room_settings){
				      .ring_bytes = s->ring_bytes,
				      .rings = s->rings,
				      .slot_bits = live->slot_bits,
				      .samples = s->filter->sample > 1,
				      .budget = s->budget,
				      .follows = s->filter->follows,
			      });
	if (s->filter->sample > 1 || s->budget)
		set_chosen(live, knobs);
}

/* Opens, loads and attaches by the plan. */
static int bring_up(struct live *live, char reason[PLAN_REASON_SIZE])
{
	int error;

	live->skel = plan_open(&live->plan, reason);
	if (!live->skel)
		return -errno;
	configure(live);
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

static int attach(struct live *live, char reason[PLAN_REASON_SIZE])
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

static void free_live(struct source *source)
{
	struct live *live = (struct live *)source;

	price_end(&live->price);
	if (live->after_loss_fd >= 0)
		close(live->after_loss_fd);
	sockets_free(live->sockets);
	ring_free(live->ring);
	tcpspan_bpf__destroy(live->skel);
	rings_done(&live->rings);
	free(live);
}

int live_open(const struct live_settings *settings, struct live **ret_live,
	      char reason[PLAN_REASON_SIZE])
{
	struct live *live = calloc(1, sizeof(*live));
	int error, events;

	if (!live)
		return -ENOMEM;
	live->settings = *settings;
	live->price.fd = -1;
	live->after_loss_fd = -1;
	rings_init(&live->rings, settings->rings, settings->ring_bytes);
	error = attach(live, reason);
	if (error) {
		free_live(&live->source);
		return error;
	}
	events = bpf_map__fd(live->skel->maps.events);
	error = ring_open(live->rings.count > 1 ? live->rings.fds : &events, live->rings.count,
			  live->rings.bytes, &live->ring);
	if (error) {
		snprintf(reason, PLAN_REASON_SIZE, "the ring buffer cannot be mapped (%s)",
			 strerrorname_np(-error));
		free_live(&live->source);
		return error;
	}
	price_begin(&live->price, settings->budget, clock_now());
	*ret_live = live;
	return 0;
}

uint64_t live_ring_bytes(const struct live *live)
{
	return (uint64_t)live->rings.bytes * live->rings.count;
}

uint64_t live_ring_waited(struct live *live)
{
	return ring_take_waited(live->ring);
}

void live_follow_one_of(struct live *live, uint32_t one_of)
{
	struct config_shared *shared = (struct config_shared *)&live->skel->bss->shared;

	__atomic_store_n(&shared->one_of, one_of, __ATOMIC_RELAXED);
	if (one_of > 1)
		__atomic_store_n(&shared->passes, 1, __ATOMIC_RELEASE);
}

static void on_found(void *context, const void *bytes, size_t size)
{
	struct live *live = context;

	live->found++;
	live->settings.on_record(live->settings.context, bytes, size);
}

/* By the iterator that is loaded already; NULL when there is none, or no memory. */
static struct sockets *sockets_here(struct live *live)
{
	if (!live->sockets) {
		live->sockets = sockets_of(live->skel);
		if (live->sockets)
			sockets_use(live->sockets, live->settings.broker);
	}
	return live->sockets;
}

int live_find_listeners(struct live *live)
{
	return needs_listeners(live) ?
		       listener_search(sockets_here(live), &live->settings.filter->netns, on_found,
				       live) :
		       0;
}

int live_follow_process(struct live *live, uint32_t pid, uint32_t parent)
{
	const struct event_kin kin = {
		.head = { .mono_ns = clock_now(),
			  .sock = UINT64_MAX,
			  .kind = EVENT_KIN,
			  .states = EVENT_STATES(STATE_CLOSED, STATE_CLOSED) },
		.pid = pid,
		.parent = parent,
	};
	uint8_t yes = 1;

	if (bpf_map_update_elem(bpf_map__fd(live->skel->maps.followed), &pid, &yes, BPF_ANY))
		return -errno;
	if (parent)
		on_found(live, &kin, sizeof(kin));
	return 0;
}

static struct config_shared *shared_words(struct live *live)
{
	return (struct config_shared *)&live->skel->bss->shared;
}

static void sum_counters(const struct live *live, struct event_counters *ret_events)
{
	const struct config_counters *cpu = (const void *)live->skel->bss->counters;

	memset(ret_events, 0, sizeof(*ret_events));
	for (int i = 0; i < CONFIG_CPUS; i++) {
#define X(name, loss) ret_events->name += __atomic_load_n(&cpu[i].name, __ATOMIC_RELAXED);
		EVENT_COUNTERS(X, EVENT_COUNTER_SKIP, EVENT_COUNTER_SKIP)
#undef X
	}
	/* To whoever reads them they are records like others. */
	ret_events->seen += live->found;
	ret_events->submitted += live->found;
	ret_events->received = live->received + live->found;
}

uint64_t live_cost_ns(struct live *live, uint64_t *ret_events)
{
	struct event_counters events;

	sum_counters(live, &events);
	*ret_events = events.seen;
	return price_sum(&live->price, live->skel, &events, clock_now());
}

/* Runs that the kernel refused: the program, or a kprobe, was already at work on that CPU. */
static uint64_t missed_of(const struct live *live, const struct bpf_program *program)
{
	uint64_t by_probe = probes_missed(live->skel, program);
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
		return by_probe;
	return by_probe + info.recursion_misses;
}

int live_try_counts(const struct live *live)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	struct bpf_program *program;

	bpf_object__for_each_program(program, live->skel->obj)
		if (bpf_program__autoload(program))
			return bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) ?
				       -errno :
				       0;
	return 0;
}

/*
 * Of the state family. Where two programs witness the same event, one is lost only if both were
 * skipped: at most as many as the second was, or as the first was without the second's having told.
 */
static uint64_t missed_states(const struct live *live)
{
	const struct hook_family *state = &hook_families[HOOK_STATE];
	const struct hook_rung *rung = &state->rungs[live->plan.rung[HOOK_STATE]];
	uint64_t witnessed = live->witnessed ? *live->witnessed : 0;
	uint64_t sum = 0, first = 0;

	for (int i = 0; i < HOOK_PROGRAMS && rung->programs[i]; i++) {
		uint64_t missed = live->states[i] ? missed_of(live, live->states[i]) : 0;

		if (rung->witnessed && i == 0)
			first = missed > witnessed ? missed - witnessed : 0;
		else if (rung->witnessed && i == 1)
			sum += missed < first ? missed : first;
		else
			sum += missed;
	}
	return sum;
}

static uint64_t sum_missed_probes(const struct live *live)
{
	struct bpf_program *program;
	uint64_t missed = 0;

	bpf_object__for_each_program(program, live->skel->obj)
		missed += probes_missed(live->skel, program);
	return missed;
}

static uint64_t sum_runs(const struct live *live, enum meaning meaning)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < live->used_count; i++)
		if (live->used[i].meaning == meaning)
			sum += missed_of(live, live->used[i].program);
	return sum;
}

static uint64_t sum_missed(const struct live *live)
{
	return missed_states(live) + sum_runs(live, IS_LOSS);
}

static void events_of_live(const struct source *source, struct event_counters *ret_events)
{
	const struct live *live = (const struct live *)source;

	sum_counters(live, ret_events);
	ret_events->missed = live->stopped ? live->missed : sum_missed(live);
	ret_events->skipped = live->stopped ? live->skipped : sum_runs(live, IS_SELDOM_LOSS);
}

/*
 * From now on the end of every socket is worth a record. Of those that have ended since the loss,
 * and of all where the kernel refuses this, the next look at its sockets tells.
 */
static void attach_after_loss(struct live *live)
{
	if (!live->awaiting_loss || !shared_words(live)->lossy)
		return;
	live->after_loss_fd = bpf_raw_tracepoint_open(NULL, bpf_program__fd(live->awaiting_loss));
	live->awaiting_loss = NULL;
}

/* A skipped run is a lost transition too. */
static void notice_losses(struct live *live)
{
	if (!shared_words(live)->lossy && missed_states(live))
		shared_words(live)->lossy = 1;
	attach_after_loss(live);
}

/*
 * The kernel side walks through all slots, and puts what they hold into the ring. Returns how many
 * could not be emptied, or -errno.
 */
static ssize_t empty_slots(const struct live *live)
{
	int fd = bpf_iter_create(bpf_link__fd(live->skel->links.slot_iter));
	uint32_t left[256];
	ssize_t size, sum = 0;

	if (fd < 0)
		return -errno;
	while ((size = read(fd, left, sizeof(left))) > 0 ||
	       (size < 0 && (errno == EAGAIN || errno == EINTR)))
		sum += size > 0 ? size / (ssize_t)sizeof(*left) : 0;
	close(fd);
	return size ? -errno : sum;
}

/* A small ring does not hold them all: as long as there are fewer each time. */
static void flush_live(struct source *source)
{
	struct live *live = (struct live *)source;
	ssize_t before = SSIZE_MAX, left;

	if (!live->slot_bits)
		return;
	while ((left = empty_slots(live)) > 0 && left < before) {
		before = left;
		ring_consume(live->ring, on_records, live);
	}
}

/* What came of the ring, and then of the slots, came before they were gone. */
static void let_go(struct live *live)
{
	flush_live(&live->source);
	ring_consume(live->ring, on_records, live);
	while (live->held_count)
		hand_over_held(live, 0);
}

static int read_live(struct source *source, uint64_t deadline_ns, const sigset_t *allowed)
{
	struct live *live = (struct live *)source;
	uint64_t until = live->wake_at_ns < deadline_ns ? live->wake_at_ns : deadline_ns;
	int error = ring_wait(live->ring, ring_timeout_ms(clock_now(), until), allowed);
	int count;

	if (error)
		return error;
	count = (int)ring_consume(live->ring, on_records, live);
	if (live->held_count)
		let_go(live);
	if (count) {
		live->quiet = 0;
		notice_losses(live);
		live->wake_at_ns = clock_now() + PERIOD_NS;
		return count;
	}
	if (ring_is_waiting(live->ring)) {
		live->wake_at_ns = clock_now() + TURN_NS;
		return 0;
	}
	/*
	 * Nothing for a period: ask to be woken by the next record. A record that was being
	 * submitted just then did not see the request, so look once more before sleeping without a
	 * timer.
	 */
	__atomic_store_n(&shared_words(live)->wake, 1, __ATOMIC_SEQ_CST);
	live->wake_at_ns = live->quiet++ ? UINT64_MAX : clock_now() + PERIOD_NS;
	return 0;
}

static bool has_live_lost(const struct source *source)
{
	return ((const struct live *)source)->skel->bss->shared.lossy != 0;
}

static void note_live_loss(struct source *source)
{
	struct live *live = (struct live *)source;

	shared_words(live)->lossy = 1;
	attach_after_loss(live);
}

void live_count_witnessed(struct live *live, const uint64_t *witnessed)
{
	live->witnessed = witnessed;
}

/* Whether it is one of those of these families. */
static bool is_of(const struct live *live, unsigned int families, const char *program)
{
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		int rung = live->plan.rung[f];
		const char *const *programs;

		if (!(families >> f & 1) || rung == PLAN_NONE)
			continue;
		programs = hook_families[f].rungs[rung].programs;
		for (; *programs; programs++)
			if (!strcmp(*programs, program))
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
static void detach(struct live *live)
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

static void stop_live(struct source *source)
{
	struct live *live = (struct live *)source;
	struct timespec pause = { .tv_nsec = NS_PER_MS };
	uint64_t until = clock_now() + DRAIN_NS;
	struct event_counters events;
	uint64_t missed_probes;

	if (live->stopped)
		return;
	missed_probes = sum_missed_probes(live); /* they go with their links */
	detach(live);
	do {
		flush_live(source);
		ring_consume(live->ring, on_records, live);
		sum_counters(live, &events);
		if (events.submitted == events.received &&
		    events.seen == events.filtered + events.submitted + events.ring_full)
			break;
		nanosleep(&pause, NULL);
	} while (clock_now() < until);
	let_go(live);
	live->missed = missed_probes + sum_missed(live);
	live->skipped = sum_runs(live, IS_SELDOM_LOSS);
	live->stopped = true;
}

static const char *rung_of_live(const struct source *source, enum hook_family_id family)
{
	return plan_rung_name(&((const struct live *)source)->plan, family);
}

static uint64_t now_of_live(const struct source *source)
{
	(void)source;
	return clock_now();
}

static void read_on(void *context)
{
	struct live *live = context;

	ring_consume(live->ring, on_records, live);
}

/*
 * A million timewait sockets take a second, and the ring has room for less. Where stacks are told
 * of, the broker is asked for names meanwhile, who is in the middle of an answer.
 */
static int look_live(struct source *source, const struct sockets_query *query,
		     struct sockets_result *ret_result)
{
	struct live *live = (struct live *)source;
	struct sockets_query own = *query;
	int error;

	if (live->is_looking)
		return -EBUSY;
	if (!sockets_here(live))
		return -ENOSYS;
	if (query->reads_on && !live->settings.stacks) {
		own.between = read_on;
		own.between_context = live;
	}
	live->is_looking = true;
	error = sockets_each(live->sockets, &own, ret_result);
	live->is_looking = false;
	return error;
}

static void holders_of_live(struct source *source, struct holder_table *ret_table)
{
	const struct holder_question all = { .is_all = true };
	struct holders *holders = holders_open(true, NULL);

	(void)source;
	memset(ret_table, 0, sizeof(*ret_table));
	if (holders)
		holders_read(holders, &all, ret_table);
	holders_close(holders);
}

static void tell_live(struct source *source, const void *bytes, size_t size)
{
	on_found(source, bytes, size);
}

static const struct payers *payers_of_live(struct source *source, enum source_bound bound)
{
	static const struct {
		enum quotas_of of;
		size_t sum; /* of what was lost: where it is counted */
	} accounts[SOURCE_BOUND_COUNT] = {
		[SOURCE_RING] = { QUOTAS_RING, offsetof(struct event_counters, ring_full) },
		[SOURCE_SAMPLE] = { QUOTAS_SAMPLE, offsetof(struct event_counters, sample_full) },
		[SOURCE_PASSED] = { QUOTAS_PASSED, offsetof(struct event_counters, passed_full) },
		[SOURCE_NOTES] = { QUOTAS_NOTES, offsetof(struct event_counters, notes_full) },
	};
	struct live *live = (struct live *)source;
	struct event_counters events;

	sum_counters(live, &events);
	quotas_read(bpf_map__fd(live->skel->maps.quotas), accounts[bound].of,
		    *(const uint64_t *)((const char *)&events + accounts[bound].sum),
		    &live->payers[bound]);
	return &live->payers[bound];
}

static int watch_live(struct source *source, int fd)
{
	return ring_watch(((struct live *)source)->ring, fd);
}

static const struct source_class live_class = {
	.name = "live",
	.read = read_live,
	.stop = stop_live,
	.events = events_of_live,
	.has_lost = has_live_lost,
	.rung = rung_of_live,
	.now = now_of_live,
	.free = free_live,
	.look = look_live,
	.holders = holders_of_live,
	.tell = tell_live,
	.note_loss = note_live_loss,
	.flush = flush_live,
	.payers = payers_of_live,
	.watch = watch_live,
};

struct source *live_source(struct live *live)
{
	live->source = (struct source){ .class = &live_class,
					.is_prompt = true,
					.is_polled = plan_is_polled(&live->plan, HOOK_TIME_WAIT) };
	return &live->source;
}
