// SPDX-License-Identifier: GPL-2.0-only
/* An event as the record that it would have been: what event.c reads, the other way round. */
#include "user/event/encode.h"

#include <string.h>

#define RETRANSMITS_MOST UINT8_MAX

static uint8_t kind_of(const struct event *e)
{
	if (e->kind == EVENT_TRANSITION || e->kind == EVENT_TRANSITION6)
		return e->flags & EVENT_FLAG_IPV6 ? EVENT_TRANSITION6 : EVENT_TRANSITION;
	return (uint8_t)e->kind;
}

static struct event_head head_of(const struct event *e)
{
	return (struct event_head){ .mono_ns = e->mono_ns,
				    .sock = e->sock,
				    .netns = e->netns,
				    .kind = kind_of(e),
				    .states = (uint8_t)EVENT_STATES(e->from, e->to),
				    .flags = e->flags };
}

static struct event_body body_of(const struct event *e)
{
	return (struct event_body){ .lport = e->lport,
				    .rport = e->rport,
				    .srtt_us = e->srtt_us,
				    .error = e->error,
				    .shutdown = e->shutdown,
				    .retransmits = (uint8_t)(e->retransmits < RETRANSMITS_MOST ?
								     e->retransmits :
								     RETRANSMITS_MOST),
				    .witness = e->witness,
				    .sequences = e->sequences,
				    .left_lport = e->left_lport };
}

/* `size` bytes: all of an address, or those of IPv4. */
static void put_address(const struct event *e, const struct address *a, uint8_t *bytes)
{
	if (e->flags & EVENT_FLAG_IPV6)
		memcpy(bytes, a->byte, ADDRESS_SIZE);
	else
		memcpy(bytes, a->byte + ADDRESS_MAPPED_SIZE, ADDRESS_SIZE - ADDRESS_MAPPED_SIZE);
}

static void put_open(const struct event *e, struct event_open *open)
{
	open->head = head_of(e);
	open->body = body_of(e);
	put_address(e, &e->laddr, open->laddr);
	put_address(e, &e->raddr, open->raddr);
	open->cgroup = e->cgroup;
	open->pid = e->pid;
	open->uid = e->uid;
	memcpy(open->comm, e->comm, sizeof(open->comm));
	memcpy(open->process, e->process, sizeof(open->process));
}

static void put_close(const struct event *e, struct event_close *close)
{
	close->head = head_of(e);
	close->body = body_of(e);
	put_address(e, &e->laddr, close->laddr);
	put_address(e, &e->raddr, close->raddr);
	close->bytes_sent = e->bytes_sent;
	close->bytes_received = e->bytes_received;
	close->timewait = e->timewait;
	close->retransmits = e->retransmits;
	close->substate = (uint8_t)e->substate;
	close->signs = (uint8_t)e->signs;
	close->later_signs = e->signs >> 8;
	close->tries = e->tries;
	close->probes = e->probes;
	close->segments_sent = e->segments_sent;
	close->segments_received = e->segments_received;
	close->min_rtt_us = e->min_rtt_us;
	memcpy(close->congestion, e->congestion, sizeof(close->congestion));
}

static void put_passive(const struct event *e, struct event_passive *passive)
{
	passive->head = head_of(e);
	passive->synack_ns = e->synack_ns;
	passive->ack_ns = e->ack_ns;
	passive->retransmits = e->retransmits;
}

static void put_accept(const struct event *e, struct event_accept *accept)
{
	accept->head = head_of(e);
	accept->cgroup = e->cgroup;
	accept->pid = e->pid;
	accept->uid = e->uid;
	memcpy(accept->comm, e->comm, sizeof(accept->comm));
	memcpy(accept->process, e->process, sizeof(accept->process));
}

static void put_transition(const struct event *e, union event_record *record)
{
	if (e->flags & EVENT_FLAG_IPV6) {
		record->transition6.head = head_of(e);
		record->transition6.body = body_of(e);
		put_address(e, &e->laddr, record->transition6.laddr);
		put_address(e, &e->raddr, record->transition6.raddr);
	} else {
		record->transition.head = head_of(e);
		record->transition.body = body_of(e);
		put_address(e, &e->laddr, record->transition.laddr);
		put_address(e, &e->raddr, record->transition.raddr);
	}
}

size_t event_encode(const struct event *e, uint8_t bytes[EVENT_RECORD_MAX])
{
	const struct event_sequences sequences = { e->local_seq, e->peer_seq };
	size_t size = event_size_of(kind_of(e));
	union event_record record;

	memset(&record, 0, sizeof(record));
	switch (e->kind) {
	case EVENT_TRANSITION:
	case EVENT_TRANSITION6:
		put_transition(e, &record);
		break;
	case EVENT_OPEN:
		put_open(e, &record.open);
		break;
	case EVENT_CLOSE:
		put_close(e, &record.close);
		break;
	case EVENT_PASSIVE:
		put_passive(e, &record.passive);
		break;
	case EVENT_ACCEPT:
		put_accept(e, &record.accept);
		break;
	default:
		return 0;
	}
	memcpy(bytes, &record, size);
	if (e->kind > EVENT_CLOSE || !(e->sequences & EVENT_SEQUENCE_PRESENT))
		return size;
	memcpy(bytes + size, &sequences, sizeof(sequences));
	return size + sizeof(sequences);
}
