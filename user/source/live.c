// SPDX-License-Identifier: GPL-2.0-only
/* The running kernel as a source: the ring buffer, read in batches, asleep when nothing happens. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
#include "user/kernel/quotas.h"
#include "user/kernel/rings.h"
#include "user/sockets/listener_search.h"
#include "user/source/live_parts.h"
#include "user/source/ring.h"

/* How late a record may be shown: short for a person, long enough to read hundreds at a time. */
#define PERIOD_NS (50 * NS_PER_MS)
/* After detaching, programs that still run on other CPUs are given this long to submit. */
#define DRAIN_NS (200 * NS_PER_MS)

/* What waits for its turn among several rings waits for moments. */
#define TURN_NS NS_PER_MS

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
	if (live->held_count == LIVE_HELD_MAX)
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
	error = live_attach(live, reason);
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
	return live_needs_listeners(live) ?
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

uint64_t live_cost_ns(struct live *live, uint64_t *ret_events)
{
	struct event_counters events;

	live_sum_counters(live, &events);
	*ret_events = events.seen;
	return price_sum(&live->price, live->skel, &events, clock_now());
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

static void events_of_live(const struct source *source, struct event_counters *ret_events)
{
	const struct live *live = (const struct live *)source;

	live_sum_counters(live, ret_events);
	ret_events->missed = live->stopped ? live->missed : live_missed(live);
	ret_events->skipped = live->stopped ? live->skipped : live_skipped(live);
}

/* A skipped run is a lost transition too. */
static void notice_losses(struct live *live)
{
	if (!live_shared(live)->lossy && live_missed_states(live))
		live_shared(live)->lossy = 1;
	live_attach_after_loss(live);
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
	__atomic_store_n(&live_shared(live)->wake, 1, __ATOMIC_SEQ_CST);
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

	live_shared(live)->lossy = 1;
	live_attach_after_loss(live);
}

void live_count_witnessed(struct live *live, const uint64_t *witnessed)
{
	live->witnessed = witnessed;
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
	missed_probes = live_missed_probes(live); /* they go with their links */
	live_detach(live);
	do {
		flush_live(source);
		ring_consume(live->ring, on_records, live);
		live_sum_counters(live, &events);
		if (events.submitted == events.received &&
		    events.seen == events.filtered + events.submitted + events.ring_full)
			break;
		nanosleep(&pause, NULL);
	} while (clock_now() < until);
	let_go(live);
	live->missed = missed_probes + live_missed(live);
	live->skipped = live_skipped(live);
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

	live_sum_counters(live, &events);
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
