// SPDX-License-Identifier: GPL-2.0-only
/* Records that are several events of one socket: taken apart, into what would have been sent. */
#include "user/event/bundle.h"

#include <errno.h>
#include <string.h>

static uint8_t kind_of(const void *bytes, size_t size)
{
	return size < sizeof(struct event_head) ?
		       EVENT_NONE :
		       ((const uint8_t *)bytes)[offsetof(struct event_head, kind)];
}

/* Bytes of such a record, and where its steps are; 0: it is none. */
static size_t size_of(uint8_t kind, size_t *ret_at)
{
	switch (kind) {
	case EVENT_PART:
		*ret_at = offsetof(struct event_part, steps);
		return sizeof(struct event_part);
	case EVENT_LIFE:
		*ret_at = offsetof(struct event_life, steps);
		return sizeof(struct event_life);
	default:
		return 0;
	}
}

bool event_is_bundle(const void *bytes, size_t size)
{
	uint8_t kind = kind_of(bytes, size);

	return kind == EVENT_PART || kind == EVENT_LIFE;
}

static unsigned int count_of(const struct event_steps *steps, bool is_life)
{
	return steps->count + (unsigned int)(steps->passive_ns != 0) +
	       (unsigned int)(steps->accept_ns != 0) + is_life;
}

unsigned int event_count(const void *bytes, size_t size)
{
	uint8_t kind = kind_of(bytes, size);
	struct event_steps steps;
	size_t at;

	if (!event_is_bundle(bytes, size) || size != size_of(kind, &at))
		return 1;
	memcpy(&steps, (const char *)bytes + at, sizeof(steps));
	return count_of(&steps, kind == EVENT_LIFE);
}

/* What a TRANSITION or an OPEN may say. */
static bool is_step_sound(const struct event_step *step)
{
	unsigned int from = EVENT_FROM(step->states), to = EVENT_TO(step->states);

	if (!state_is_valid(from) || !state_is_valid(to) || from == to || step->mono_ns > INT64_MAX)
		return false;
	if (to == STATE_SYN_SENT)
		return from == STATE_CLOSED;
	return to != STATE_CLOSED && to != STATE_LISTEN &&
	       (from != STATE_LISTEN || to == STATE_SYN_RECV);
}

static bool are_steps_sound(const struct event_steps *steps)
{
	if (steps->count > EVENT_STEPS || steps->witnessed >> steps->count ||
	    steps->passive_ns > INT64_MAX || steps->accept_ns > INT64_MAX)
		return false;
	for (unsigned int i = 0; i < steps->count; i++)
		if (!is_step_sound(&steps->step[i]))
			return false;
	return true;
}

/* The CLOSE that stands in front. */
static int decode_close(const void *bytes, struct event *event)
{
	struct event_close close;

	memcpy(&close, bytes, sizeof(close));
	close.head.kind = EVENT_CLOSE;
	return event_decode(&close, sizeof(close), event);
}

int event_bundle_open(const void *bytes, size_t size, struct event_bundle *bundle)
{
	uint8_t kind = kind_of(bytes, size);
	struct event_steps steps;
	struct event_head head;
	size_t at, wanted;
	int error;

	if (size < sizeof(struct event_head))
		return -EMSGSIZE;
	wanted = size_of(kind, &at);
	if (!wanted)
		return -EBADMSG;
	if (size != wanted)
		return -EMSGSIZE;
	memcpy(&steps, (const char *)bytes + at, sizeof(steps));
	if (!are_steps_sound(&steps) || !count_of(&steps, kind == EVENT_LIFE))
		return -EBADMSG;
	memcpy(&head, bytes, sizeof(head));
	if (!head.sock || head.mono_ns > INT64_MAX)
		return -EBADMSG;
	if (kind == EVENT_LIFE) {
		error = decode_close(bytes, &bundle->close);
		if (error)
			return error;
	}
	bundle->head = head;
	bundle->steps = steps;
	bundle->has_passive = steps.passive_ns;
	bundle->has_accept = steps.accept_ns;
	bundle->has_close = kind == EVENT_LIFE;
	bundle->next = 0;
	return 0;
}

static void begin_event(const struct event_bundle *b, enum event_kind kind, struct event *e)
{
	memset(e, 0, sizeof(*e));
	e->sock = b->head.sock;
	e->kind = kind;
	e->min_rtt_us = UINT32_MAX;
	e->reason = EVENT_REASON_NONE;
}

static void set_owner(const struct event_steps *s, struct event *e)
{
	e->cgroup = s->cgroup;
	e->pid = s->pid;
	e->uid = s->uid;
	memcpy(e->comm, s->comm, strnlen((const char *)s->comm, EVENT_COMM_SIZE));
	memcpy(e->process, s->process, strnlen((const char *)s->process, EVENT_COMM_SIZE));
}

/* Where the owner is that of its ACCEPT, it had none that could be named when it was opened. */
static void set_open(const struct event_steps *s, struct event *e)
{
	e->kind = EVENT_OPEN;
	e->lport = s->open_lport;
	e->left_lport = s->left_lport;
	if (!s->accept_ns)
		set_owner(s, e);
}

static void set_endpoints(const struct event_steps *s, struct event *e)
{
	e->lport = s->lport;
	if (!(e->flags & EVENT_FLAG_ENDPOINTS))
		return;
	e->rport = s->rport;
	if (e->flags & EVENT_FLAG_IPV6) {
		memcpy(e->laddr.byte, s->laddr, ADDRESS_SIZE);
		memcpy(e->raddr.byte, s->raddr, ADDRESS_SIZE);
	} else {
		e->laddr = address_from_ipv4(s->laddr);
		e->raddr = address_from_ipv4(s->raddr);
	}
}

static void set_step(const struct event_bundle *b, unsigned int i, struct event *e)
{
	const struct event_step *step = &b->steps.step[i];

	begin_event(b, step->flags & EVENT_FLAG_IPV6 ? EVENT_TRANSITION6 : EVENT_TRANSITION, e);
	e->mono_ns = step->mono_ns;
	e->netns = b->head.netns;
	e->from = (enum tcp_state)EVENT_FROM(step->states);
	e->to = (enum tcp_state)EVENT_TO(step->states);
	e->flags = step->flags;
	e->srtt_us = step->srtt_us;
	e->retransmits = step->retransmits;
	e->witness = b->steps.witnessed >> i & 1;
	set_endpoints(&b->steps, e);
	if (e->to == STATE_SYN_SENT)
		set_open(&b->steps, e);
}

static void set_passive(const struct event_bundle *b, struct event *e)
{
	begin_event(b, EVENT_PASSIVE, e);
	e->mono_ns = b->steps.passive_ns;
	e->from = STATE_LISTEN;
	e->to = STATE_SYN_RECV;
	e->flags = b->steps.passive_flags;
	e->synack_ns = b->steps.synack_ns;
	e->retransmits = b->steps.synack_retransmits;
}

static void set_accept(const struct event_bundle *b, struct event *e)
{
	begin_event(b, EVENT_ACCEPT, e);
	e->mono_ns = b->steps.accept_ns;
	e->from = STATE_ESTABLISHED;
	e->to = STATE_ESTABLISHED;
	set_owner(&b->steps, e);
}

/* When what is next but for PASSIVE and ACCEPT happened; UINT64_MAX: nothing is. */
static uint64_t step_ns(const struct event_bundle *b)
{
	if (b->next < b->steps.count)
		return b->steps.step[b->next].mono_ns;
	return b->has_close ? b->close.mono_ns : UINT64_MAX;
}

bool event_bundle_next(struct event_bundle *b, struct event *event)
{
	uint64_t until_ns = step_ns(b);

	if (b->has_passive && b->steps.passive_ns < until_ns) {
		b->has_passive = false;
		set_passive(b, event);
	} else if (b->has_accept && b->steps.accept_ns < until_ns) {
		b->has_accept = false;
		set_accept(b, event);
	} else if (b->next < b->steps.count) {
		set_step(b, b->next++, event);
	} else if (b->has_close) {
		b->has_close = false;
		*event = b->close;
	} else {
		return false;
	}
	return true;
}
