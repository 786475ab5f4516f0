// SPDX-License-Identifier: GPL-2.0-only
/* What can be said of a connection: the names of its enums, its state and its times. */
#include "user/conn/conn.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "user/base/atom.h"

_Static_assert(ATOM_SIZE >= EVENT_COMM_SIZE, "a name fits");
_Static_assert(ATOMS_MAX < PROCESS_IS_COMM, "which is no atom");

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *name_at(const char *const *names, size_t count, unsigned int i)
{
	return i < count ? names[i] : NULL;
}

#define X(NAME, name) name,
static const char *const role_names[] = { CONN_ROLES(X) };
static const char *const quality_names[] = { CONN_QUALITIES(X) };
static const char *const time_wait_end_names[] = { CONN_TIME_WAIT_ENDS(X) };
#undef X

uint16_t conn_process_of(const char comm[EVENT_COMM_SIZE], const char process[EVENT_COMM_SIZE],
			 const struct share *whose)
{
	/* Most often they are the same, to the last byte. */
	if (!memcmp(comm, process, EVENT_COMM_SIZE) || !strncmp(comm, process, EVENT_COMM_SIZE))
		return PROCESS_IS_COMM;
	return atom_of(process, EVENT_COMM_SIZE, whose);
}

struct share conn_share(const struct conn *c)
{
	return (struct share){ c->flags & CONN_HAS_OWNER ? c->uid : SHARES_NOBODY, c->netns };
}

static struct conn_name name_of(const char *bytes)
{
	return (struct conn_name){ bytes, strnlen(bytes, EVENT_COMM_SIZE) };
}

struct conn_name conn_comm(const struct conn *c)
{
	return c->flags & CONN_HAS_OWNER ? name_of(c->comm) : (struct conn_name){ NULL, 0 };
}

struct conn_name conn_process(const struct conn *c)
{
	if (!(c->flags & CONN_HAS_OWNER) || c->process == ATOM_NONE)
		return (struct conn_name){ NULL, 0 };
	return name_of(c->process == PROCESS_IS_COMM ? c->comm : atom_text(c->process));
}

struct conn_name conn_service(const struct conn *c)
{
	struct conn_name process = conn_process(c);

	return process.bytes ? process : conn_comm(c);
}

const char *conn_role_name(enum conn_role role)
{
	return name_at(role_names, COUNT(role_names), role);
}

const char *conn_quality_name(enum conn_quality quality)
{
	return name_at(quality_names, COUNT(quality_names), quality);
}

const char *conn_time_wait_end_name(enum conn_time_wait_end end)
{
	return name_at(time_wait_end_names, COUNT(time_wait_end_names), end);
}

const char *half_open_end_name(enum half_open_end end)
{
	static const char *const end_names[] = {
#define X(NAME, outcome, cause, name) name,
		HALF_OPEN_ENDS(X)
#undef X
	};

	return name_at(end_names, COUNT(end_names), end);
}

uint64_t conn_start(const struct conn *c)
{
	return c->flags & CONN_SEEDED ? TIME_UNKNOWN : conn_step_time(c, 0);
}

bool conn_outcome_is_failure(unsigned int outcome)
{
	return outcome != CONN_OUTCOME_OPEN && outcome != CONN_OUTCOME_CLOSED &&
	       outcome != CONN_OUTCOME_UNKNOWN;
}

bool conn_has_failed(const struct conn *c)
{
	return conn_outcome_is_failure(c->outcome);
}

uint64_t conn_since(const struct conn *c)
{
	uint64_t entered_ns = c->step_count ? conn_step_time(c, c->step_count - 1u) : TIME_UNKNOWN;

	if (entered_ns != TIME_UNKNOWN || c->step_count != 1 || !(c->flags & CONN_SEEDED) ||
	    c->flags & CONN_POLLED || !c->step_ns[1])
		return entered_ns;
	return c->step_ns[1];
}

bool conn_was_unaccepted(const struct conn *c)
{
	return c->step_count == 1 && (c->flags & (CONN_SEEDED | CONN_POLLED)) == CONN_SEEDED &&
	       c->step_ns[2];
}

uint64_t conn_end(const struct conn *c)
{
	return c->step_count ? conn_step_time(c, c->step_count - 1U) : TIME_UNKNOWN;
}

enum conn_cause half_open_cause(const struct half_open *h)
{
	static const uint8_t causes[] = {
#define X(NAME, outcome, cause, name) CONN_CAUSE_##cause,
		HALF_OPEN_ENDS(X)
#undef X
	};

	return (enum conn_cause)(h->cause ? h->cause : causes[h->end]);
}

const char *conn_ifname(uint32_t ifindex, uint16_t ifname, char text[CONN_IFNAME_SIZE])
{
	if (!ifindex)
		return NULL;
	if (ifname != ATOM_NONE)
		return atom_text(ifname);
	snprintf(text, CONN_IFNAME_SIZE, "if%u", ifindex);
	return text;
}

uint32_t conn_remote_link(const struct conn *c)
{
	return address_is_link_local(&c->raddr) ? c->ifindex : 0;
}

void half_open_as_conn(const struct half_open *h, struct conn *ret_conn)
{
	static const uint8_t outcomes[] = {
#define X(NAME, outcome, cause, name) CONN_OUTCOME_##outcome,
		HALF_OPEN_ENDS(X)
#undef X
	};
	enum conn_cause cause = half_open_cause(h);

	*ret_conn = (struct conn){
		.role = CONN_ROLE_SERVER,
		.flags = CONN_HAS_ENDPOINTS | CONN_FINISHED | (h->is_wire ? CONN_WIRE : 0),
		.cause = (uint8_t)cause,
		.outcome = outcomes[h->end],
		.initiator = cause_of(cause)->initiator,
		.reset_reason = h->reset_reason,
		.handshake_ns = TIME_UNKNOWN,
		.handshake_retransmits = h->retransmits,
		.step_count = 2,
		.step_state = { STATE_SYN_RECV, STATE_CLOSED },
		.step_ns = { h->age_ns == TIME_UNKNOWN ? TIME_UNKNOWN : h->mono_ns - h->age_ns,
			     h->mono_ns },
		.netns = h->netns,
		.cgroup = h->cgroup,
		.lport = h->lport,
		.rport = h->rport,
		.ifindex = h->ifindex,
		.ifname = h->ifname,
		.laddr = h->laddr,
		.raddr = h->raddr,
	};
}

const char *conn_point_name(enum event_point point)
{
	static const char *const names[] = {
#define X(NAME, name) [EVENT_POINT_##NAME] = name,
		CONN_POINTS(X)
#undef X
	};

	return names[point];
}

const char *conn_point(const struct conn *c)
{
	return c->flags & CONN_WIRE ?
		       conn_point_name((enum event_point)(c->flags >> CONN_POINT_SHIFT & 3)) :
		       NULL;
}
