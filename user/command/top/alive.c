// SPDX-License-Identifier: GPL-2.0-only
/* What was alive at a moment: each connection goes back to the state that it was in. */
#include "user/command/top/alive.h"

#include <limits.h>
#include <string.h>

#include "user/base/atom.h"

struct search {
	uint64_t then_ns;
	void (*visit)(void *context, const struct event_socket *record);
	void *context;
};

/* The last step that was taken by then; UINT_MAX: none was. */
static unsigned int step_at(const struct conn *c, uint64_t then_ns)
{
	unsigned int at = UINT_MAX;

	for (unsigned int step = 0; step < c->step_count; step++) {
		uint64_t ns = conn_step_time(c, step);

		/* One that is older than the tracing was there before anything was heard of it. */
		if ((!step && c->flags & CONN_SEEDED) || (ns != TIME_UNKNOWN && ns <= then_ns))
			at = step;
	}
	return at;
}

static void put_address(uint8_t bytes[EVENT_ADDR_SIZE], const struct address *a, bool is_ipv4)
{
	if (is_ipv4)
		memcpy(bytes, a->byte + ADDRESS_MAPPED_SIZE, ADDRESS_SIZE - ADDRESS_MAPPED_SIZE);
	else
		memcpy(bytes, a->byte, ADDRESS_SIZE);
}

static void fill(struct event_socket *s, const struct conn *c, enum tcp_state state,
		 uint64_t since_ns, uint64_t then_ns)
{
	struct conn_name owner = conn_service(c);
	bool is_ipv4 = address_is_ipv4(&c->raddr);

	*s = (struct event_socket){
		.head = { .mono_ns = then_ns,
			  .sock = c->sock,
			  .netns = c->netns,
			  .kind = EVENT_SOCKET,
			  .states = (uint8_t)EVENT_STATES(state, state),
			  .flags = EVENT_FLAG_ENDPOINTS },
		.cgroup = c->cgroup,
		.since_ns = since_ns == TIME_UNKNOWN ? EVENT_TIME_UNKNOWN : since_ns,
		.ack_age_ns = EVENT_TIME_UNKNOWN,
		.receive_age_ns = EVENT_TIME_UNKNOWN,
		.send_age_ns = EVENT_TIME_UNKNOWN,
		.timer_ns = EVENT_TIME_UNKNOWN,
		.uid = c->uid,
		.lport = c->lport,
		.rport = c->rport,
		.object = EVENT_SOCKET_FULL,
		.role = c->role,
		.ifindex = c->ifindex,
	};
	if (!is_ipv4)
		s->head.flags |= EVENT_FLAG_IPV6;
	put_address(s->laddr, &c->laddr, is_ipv4);
	put_address(s->raddr, &c->raddr, is_ipv4);
	if (c->ifname != ATOM_NONE)
		memcpy(s->ifname, atom_text(c->ifname),
		       strnlen(atom_text(c->ifname), sizeof(s->ifname)));
	if (!(c->flags & CONN_HAS_OWNER) || !owner.bytes)
		return;
	s->owner_pid = c->pid;
	memcpy(s->owner_comm, owner.bytes,
	       owner.size < sizeof(s->owner_comm) ? owner.size : sizeof(s->owner_comm));
}

static void consider(void *context, const struct conn *c)
{
	const struct search *search = context;
	unsigned int step = step_at(c, search->then_ns);
	struct event_socket record;
	enum tcp_state state;
	uint64_t since_ns;

	/* Of one that lives on in a timewait socket the table knows no more which socket it had. */
	if (step == UINT_MAX || !(c->flags & CONN_HAS_ENDPOINTS) || c->flags & CONN_MINISOCK)
		return;
	state = (enum tcp_state)c->step_state[step];
	if (!state_is_valid(state) || state == STATE_CLOSED || state == STATE_TIME_WAIT)
		return;
	since_ns = step + 1 == c->step_count ? conn_since(c) : conn_step_time(c, step);
	fill(&record, c, state,
	     since_ns != TIME_UNKNOWN && since_ns <= search->then_ns ? since_ns : TIME_UNKNOWN,
	     search->then_ns);
	search->visit(search->context, &record);
}

void alive_each(const struct conn_table *table, uint64_t then_ns,
		void (*visit)(void *context, const struct event_socket *record), void *context)
{
	struct search search = { then_ns, visit, context };

	conn_table_scan(table, consider, &search);
}
