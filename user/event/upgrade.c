// SPDX-License-Identifier: GPL-2.0-only
/* Records as earlier versions wrote them, brought into the form that they have now. */
#include <stdint.h>
#include <string.h>

#include "bpf/event.h"
#include "user/event/upgrade.h"

/* In version 1 the two states were a byte each, and the flags were a byte. */
struct tail_of_head_1 {
	uint8_t kind, from, to, flags;
};

_Static_assert(offsetof(struct event_head, kind) + sizeof(struct tail_of_head_1) ==
		       sizeof(struct event_head),
	       "it takes the same room");

static void upgrade_1(uint8_t *at)
{
	struct tail_of_head_1 old;
	struct event_head head;

	memcpy(&old, at + offsetof(struct event_head, kind), sizeof(old));
	memcpy(&head, at, sizeof(head));
	head.states = old.from < 16 && old.to < 16 ? EVENT_STATES(old.from, old.to) : 0;
	head.flags = old.flags;
	memcpy(at, &head, sizeof(head));
}

void event_upgrade(void *bytes, size_t size, unsigned int version)
{
	if (version < 2 && size >= sizeof(struct event_head))
		upgrade_1(bytes);
}
