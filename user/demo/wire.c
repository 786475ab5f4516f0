// SPDX-License-Identifier: GPL-2.0-only
/* A wire between two network namespaces: what one end sends is handed to the other one. */
#include "user/demo/wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/units.h"

#define FRAME_SIZE 2048
#define FRAMES 64 /* under way from one end; more than a story has: the rest is lost */
#define WAIT_SECONDS 20
#define TCP_HEADER 20
#define TCP_FLAGS 13

struct frame {
	uint64_t due_ns;
	size_t size;
	uint8_t flags;
	uint8_t bytes[FRAME_SIZE];
};

struct side {
	int tun;
	struct frame frames[FRAMES]; /* a ring */
	unsigned int first, count;
	bool is_held;
	unsigned int may_pass; /* of what is held */
	uint8_t lost_flags;
	unsigned int to_lose;
	unsigned int arrived[WIRE_KIND + 1]; /* by their flags */
};

struct wire {
	struct side sides[WIRE_ENDS];
	uint64_t delay_ns;
	int wake;
	pthread_mutex_t lock;
	pthread_cond_t moved;
};

/* Of a TCP segment over IPv4 that is whole; -1: it is none, and nobody's business here. */
static int flags_of(const uint8_t *bytes, size_t size)
{
	size_t header = size ? (bytes[0] & 0x0fu) * 4u : 0;

	if (size < sizeof(struct ip) || bytes[0] >> 4 != 4 || header < sizeof(struct ip) ||
	    bytes[offsetof(struct ip, ip_p)] != IPPROTO_TCP || size < header + TCP_HEADER)
		return -1;
	return bytes[header + TCP_FLAGS] & WIRE_KIND;
}

/* Takes what the end has sent. */
static void take(struct wire *wire, struct side *side)
{
	uint8_t bytes[FRAME_SIZE];
	ssize_t size = read(side->tun, bytes, sizeof(bytes));
	int flags = size > 0 ? flags_of(bytes, (size_t)size) : -1;
	struct frame *frame;

	if (flags < 0)
		return;
	if (side->to_lose && side->lost_flags == flags) {
		side->to_lose--;
		side->arrived[flags]++;
		return;
	}
	if (side->count == FRAMES)
		return;
	frame = &side->frames[(side->first + side->count++) % FRAMES];
	frame->due_ns = clock_now() + wire->delay_ns;
	frame->size = (size_t)size;
	frame->flags = (uint8_t)flags;
	memcpy(frame->bytes, bytes, frame->size);
}

/* Hands over what is due. Returns when the next one is; UINT64_MAX: nothing waits for a time. */
static uint64_t hand_over(struct side *side, const struct side *to)
{
	while (side->count && (!side->is_held || side->may_pass)) {
		struct frame *frame = &side->frames[side->first];

		if (frame->due_ns > clock_now())
			return frame->due_ns;
		/* Who does not take it has lost it, as on any wire. */
		if (write(to->tun, frame->bytes, frame->size) < 0 && errno == EINTR)
			continue;
		side->arrived[frame->flags]++;
		side->first = (side->first + 1) % FRAMES;
		side->count--;
		if (side->is_held)
			side->may_pass--;
	}
	return UINT64_MAX;
}

static void *carry(void *context)
{
	struct wire *wire = context;
	struct side *sides = wire->sides;
	struct pollfd fds[] = { { .fd = sides[WIRE_A].tun, .events = POLLIN },
				{ .fd = sides[WIRE_B].tun, .events = POLLIN },
				{ .fd = wire->wake, .events = POLLIN } };

	for (;;) {
		uint64_t due_ns[WIRE_ENDS], next_ns, now_ns, woken;
		struct timespec left;

		pthread_mutex_lock(&wire->lock);
		for (int i = 0; i < WIRE_ENDS; i++)
			if (fds[i].revents)
				take(wire, &sides[i]);
		due_ns[WIRE_A] = hand_over(&sides[WIRE_A], &sides[WIRE_B]);
		due_ns[WIRE_B] = hand_over(&sides[WIRE_B], &sides[WIRE_A]);
		pthread_cond_broadcast(&wire->moved);
		pthread_mutex_unlock(&wire->lock);
		if (fds[2].revents && read(wire->wake, &woken, sizeof(woken)) < 0)
			return NULL;
		next_ns = due_ns[WIRE_A] < due_ns[WIRE_B] ? due_ns[WIRE_A] : due_ns[WIRE_B];
		now_ns = clock_now();
		next_ns = next_ns > now_ns ? next_ns - now_ns : 0;
		left.tv_sec = (time_t)(next_ns / NS_PER_S);
		left.tv_nsec = (long)(next_ns % NS_PER_S);
		for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
			fds[i].revents = 0;
		ppoll(fds, sizeof(fds) / sizeof(*fds),
		      due_ns[WIRE_A] == UINT64_MAX && due_ns[WIRE_B] == UINT64_MAX ? NULL : &left,
		      NULL);
	}
}

int wire_new(const int tuns[WIRE_ENDS], unsigned int delay_ms, struct wire **ret_wire)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	pthread_condattr_t attributes;
	pthread_t thread;
	int error;

	if (!wire)
		return -ENOMEM;
	wire->delay_ns = delay_ms * NS_PER_MS;
	wire->sides[WIRE_A].tun = tuns[WIRE_A];
	wire->sides[WIRE_B].tun = tuns[WIRE_B];
	pthread_mutex_init(&wire->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&wire->moved, &attributes);
	pthread_condattr_destroy(&attributes);
	wire->wake = eventfd(0, EFD_CLOEXEC);
	error = wire->wake < 0 ? errno : pthread_create(&thread, NULL, carry, wire);
	if (wire->wake >= 0 && !error) {
		pthread_detach(thread);
		*ret_wire = wire;
		return 0;
	}
	if (wire->wake >= 0)
		close(wire->wake);
	pthread_cond_destroy(&wire->moved);
	pthread_mutex_destroy(&wire->lock);
	free(wire);
	return -error;
}

static void wake(struct wire *wire)
{
	uint64_t one = 1;

	while (write(wire->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
}

void wire_lose(struct wire *wire, enum wire_end from, uint8_t flags, unsigned int count)
{
	pthread_mutex_lock(&wire->lock);
	wire->sides[from].lost_flags = flags;
	wire->sides[from].to_lose = count;
	pthread_mutex_unlock(&wire->lock);
}

static void set_hold(struct wire *wire, enum wire_end from, bool is_held, unsigned int may_pass)
{
	pthread_mutex_lock(&wire->lock);
	wire->sides[from].is_held = is_held;
	wire->sides[from].may_pass = may_pass;
	pthread_mutex_unlock(&wire->lock);
	wake(wire);
}

void wire_hold(struct wire *wire, enum wire_end from)
{
	set_hold(wire, from, true, 0);
}

void wire_let_go(struct wire *wire, enum wire_end from, unsigned int count)
{
	set_hold(wire, from, true, count);
}

void wire_hold_no_more(struct wire *wire, enum wire_end from)
{
	set_hold(wire, from, false, 0);
}

void wire_turn(struct wire *wire, enum wire_end from)
{
	struct side *side = &wire->sides[from];

	pthread_mutex_lock(&wire->lock);
	if (side->count > 1) {
		/* The place behind the last one may be this one's own. */
		struct frame first = side->frames[side->first];

		side->first = (side->first + 1) % FRAMES;
		side->frames[(side->first + side->count - 1) % FRAMES] = first;
	}
	pthread_mutex_unlock(&wire->lock);
}

/* Waits until the counter is there. */
static int wait_for(struct wire *wire, const unsigned int *counter, unsigned int count)
{
	struct timespec until;
	int error = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += WAIT_SECONDS;
	pthread_mutex_lock(&wire->lock);
	while (*counter < count && !error)
		error = pthread_cond_timedwait(&wire->moved, &wire->lock, &until);
	pthread_mutex_unlock(&wire->lock);
	return -error;
}

int wire_wait_held(struct wire *wire, enum wire_end from, unsigned int count)
{
	return wait_for(wire, &wire->sides[from].count, count);
}

int wire_wait_sent(struct wire *wire, enum wire_end from, uint8_t flags, unsigned int count)
{
	return wait_for(wire, &wire->sides[from].arrived[flags & WIRE_KIND], count);
}
