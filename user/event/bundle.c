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

static const struct event_steps_at *steps_at(const void *bytes, size_t at)
{
	return (const void *)((const char *)bytes + at);
}

static unsigned int count_of(const struct event_steps_at *steps, bool is_life)
{
	return event_count_steps(steps) + is_life;
}

unsigned int event_count_bundle(const void *bytes, size_t size)
{
	uint8_t kind = kind_of(bytes, size);
	size_t at;

	if (!event_is_bundle(bytes, size) || size != size_of(kind, &at))
		return 1;
	return count_of(steps_at(bytes, at), kind == EVENT_LIFE);
}

/* What a TRANSITION or an OPEN may say. */
static bool is_step_sound(const struct event_steps_at *steps, unsigned int i)
{
	uint8_t states = steps->at.step[i].states;

	return steps->at.step[i].mono_ns <= INT64_MAX &&
	       event_may_tell(EVENT_TO(states) == STATE_SYN_SENT ? EVENT_OPEN : EVENT_TRANSITION,
			      states);
}

static bool are_steps_sound(const struct event_steps_at *steps)
{
	if (steps->at.count > EVENT_STEPS || steps->at.witnessed >> steps->at.count ||
	    steps->at.passive_ns > INT64_MAX || steps->at.accept_ns > INT64_MAX)
		return false;
	for (unsigned int i = 0; i < steps->at.count; i++)
		if (!is_step_sound(steps, i))
			return false;
	return true;
}

/* The CLOSE that stands in front. */
static int decode_close(const void *bytes, struct event *event)
{
	return event_decode_as(EVENT_CLOSE, bytes, sizeof(struct event_close), event);
}

int event_bundle_open(const void *bytes, size_t size, struct event_bundle *bundle)
{
	uint8_t kind = kind_of(bytes, size);
	const struct event_steps_at *steps;
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
	steps = steps_at(bytes, at);
	if (!are_steps_sound(steps) || !count_of(steps, kind == EVENT_LIFE))
		return -EBADMSG;
	memcpy(&head, bytes, sizeof(head));
	if (!head.sock || head.mono_ns > INT64_MAX)
		return -EBADMSG;
	if (kind == EVENT_LIFE) {
		error = decode_close(bytes, &bundle->close);
		if (error)
			return error;
	}
	bundle->sock = head.sock;
	bundle->netns = head.netns;
	bundle->steps = steps;
	bundle->life = event_as_life(bytes, size);
	bundle->has_passive = steps->at.passive_ns;
	bundle->has_accept = steps->at.accept_ns;
	bundle->has_close = kind == EVENT_LIFE;
	bundle->has_owner = bundle->has_request = false;
	bundle->next = 0;
	event_clear(&bundle->event);
	bundle->event.sock = head.sock;
	return 0;
}

static void set_owner(const struct event_steps_at *s, struct event *e)
{
	e->cgroup = s->at.cgroup;
	e->pid = s->at.pid;
	e->uid = s->at.uid;
	event_set_name(e->comm, s->at.comm);
	event_set_name(e->process, s->at.process);
}

/* Nothing of what only some events say is left of the one before. */
static struct event *begin_event(struct event_bundle *b)
{
	struct event *e = &b->event;

	if (b->has_owner) {
		e->cgroup = e->left_lport = e->pid = e->uid = 0;
		memset(e->comm, 0, sizeof(e->comm));
		memset(e->process, 0, sizeof(e->process));
	}
	if (b->has_request)
		e->synack_ns = e->ack_ns = 0;
	if (e->sequences)
		e->sequences = e->local_seq = e->peer_seq = 0;
	b->has_owner = b->has_request = false;
	return e;
}

/* ... and nothing that each step says. */
static struct event *begin_other(struct event_bundle *b, enum event_kind kind)
{
	struct event *e = begin_event(b);

	e->kind = kind;
	e->netns = 0;
	e->flags = 0;
	e->lport = e->rport = 0;
	e->srtt_us = e->retransmits = 0;
	e->witness = false;
	return e;
}

/* Where the owner is that of its ACCEPT, it had none that could be named when it was opened. */
static void set_open(const struct event_steps_at *s, struct event *e)
{
	e->kind = EVENT_OPEN;
	e->lport = s->at.open_lport;
	e->left_lport = s->at.left_lport;
	if (!s->at.accept_ns)
		set_owner(s, e);
}

static void set_endpoints(const struct event_steps_at *s, struct event *e)
{
	e->lport = s->at.lport;
	e->rport = 0;
	if (!(e->flags & EVENT_FLAG_ENDPOINTS))
		return;
	e->rport = s->at.rport;
	if (e->flags & EVENT_FLAG_IPV6) {
		memcpy(e->laddr.byte, s->at.laddr, ADDRESS_SIZE);
		memcpy(e->raddr.byte, s->at.raddr, ADDRESS_SIZE);
	} else {
		address_set_ipv4(&e->laddr, s->at.laddr);
		address_set_ipv4(&e->raddr, s->at.raddr);
	}
}

/* As if they stood behind its record. */
static void set_firsts(const struct event_steps_at *s, struct event *e)
{
	if (!(e->flags & EVENT_FLAG_FIRSTS) || e->to != STATE_ESTABLISHED)
		return;
	e->flags &= (uint16_t)~EVENT_FLAG_FIRSTS;
	e->sequences = EVENT_SEQUENCE_PRESENT | EVENT_SEQUENCE_LOCAL | EVENT_SEQUENCE_PEER;
	e->local_seq = s->at.first.local;
	e->peer_seq = s->at.first.peer;
}

/* Behind another step, only what steps say is written. */
static const struct event *next_step(struct event_bundle *b)
{
	const struct event_steps_at *s = b->steps;
	unsigned int i = b->next++;
	struct event *e = begin_event(b);

	e->netns = b->netns;
	e->mono_ns = s->at.step[i].mono_ns;
	e->flags = s->at.step[i].flags;
	e->kind = e->flags & EVENT_FLAG_IPV6 ? EVENT_TRANSITION6 : EVENT_TRANSITION;
	e->from = (enum tcp_state)EVENT_FROM(s->at.step[i].states);
	e->to = (enum tcp_state)EVENT_TO(s->at.step[i].states);
	e->srtt_us = s->at.step[i].srtt_us;
	e->retransmits = s->at.step[i].retransmits;
	e->witness = s->at.witnessed >> i & 1;
	set_endpoints(s, e);
	set_firsts(s, e);
	b->has_owner = e->to == STATE_SYN_SENT;
	if (b->has_owner)
		set_open(s, e);
	return e;
}

static const struct event *next_passive(struct event_bundle *b)
{
	struct event *e = begin_other(b, EVENT_PASSIVE);

	b->has_passive = false;
	b->has_request = true;
	e->mono_ns = b->steps->at.passive_ns;
	e->from = STATE_LISTEN;
	e->to = STATE_SYN_RECV;
	e->flags = b->steps->at.passive_flags;
	e->synack_ns = b->steps->at.synack_ns;
	e->ack_ns = b->steps->at.ack_ns;
	e->retransmits = b->steps->at.synack_retransmits;
	return e;
}

static const struct event *next_accept(struct event_bundle *b)
{
	struct event *e = begin_other(b, EVENT_ACCEPT);

	b->has_accept = false;
	b->has_owner = true;
	e->mono_ns = b->steps->at.accept_ns;
	e->from = STATE_ESTABLISHED;
	e->to = STATE_ESTABLISHED;
	set_owner(b->steps, e);
	return e;
}

/* When what is next but for PASSIVE and ACCEPT happened; UINT64_MAX: nothing is. */
static uint64_t step_ns(const struct event_bundle *b)
{
	if (b->next < b->steps->at.count)
		return b->steps->at.step[b->next].mono_ns;
	return b->has_close ? b->close.mono_ns : UINT64_MAX;
}

const struct event *event_bundle_next(struct event_bundle *b)
{
	uint64_t until_ns = step_ns(b);

	if (b->has_passive && b->steps->at.passive_ns < until_ns)
		return next_passive(b);
	if (b->has_accept && b->steps->at.accept_ns < until_ns)
		return next_accept(b);
	if (b->next < b->steps->at.count)
		return next_step(b);
	if (!b->has_close)
		return NULL;
	b->has_close = false;
	return &b->close;
}

unsigned int event_bundle_left(const struct event_bundle *b)
{
	return (unsigned int)(b->steps->at.count - b->next + b->has_passive + b->has_accept +
			      b->has_close);
}
