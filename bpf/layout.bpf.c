// SPDX-License-Identifier: GPL-2.0-only
/*
 * Brings the records of the ring into the object's types, so that a test can compare their layout.
 */
#include "bpf/tracer.bpf.h"

/* Never loaded. Without a reference like this a compiler leaves out what only bodies use. */
SEC("?socket")
int record_layout(void *ctx)
{
	int sum = 0;

#define X(NAME, name, payload) sum += bpf_core_type_id_local(payload);
	EVENT_KINDS(X)
#undef X
	sum += bpf_core_type_id_local(struct event_holder);
	sum += bpf_core_type_id_local(struct event_polled);
	sum += bpf_core_type_id_local(struct event_sequences);
	sum += bpf_core_type_id_local(struct event_part);
	sum += bpf_core_type_id_local(struct event_life);
	sum += bpf_core_type_id_local(struct event_stack);
	return sum;
}
