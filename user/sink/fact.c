// SPDX-License-Identifier: GPL-2.0-only
/* Tells the known facts of a connection from those that are not, once for all formats. */
#include "user/sink/fact.h"

#include <stdio.h>
#include <string.h>

#include "user/aggregate/measure.h"
#include "user/base/atom.h"

const struct fact_flag fact_handshake_flags[] = {
#define X(NAME, flag_name) { CONN_HANDSHAKE_##NAME, flag_name },
	FACT_HANDSHAKE_FLAGS(X)
#undef X
};
const size_t fact_handshake_flag_count =
	sizeof(fact_handshake_flags) / sizeof(fact_handshake_flags[0]);

const char *fact_family(const struct conn *c)
{
	if (!(c->flags & CONN_HAS_ENDPOINTS))
		return NULL;
	return address_is_ipv4(&c->raddr) ? "ipv4" : "ipv6";
}

const char *fact_flow(const struct conn *c, char text[FLOW_SIZE])
{
	return c->flow != FLOW_UNKNOWN ? flow_format(c->flow, text) : NULL;
}

static const struct address *known_address(const struct conn *c, const struct address *a)
{
	return c->flags & CONN_HAS_ENDPOINTS && !address_is_any(a) ? a : NULL;
}

const struct address *fact_laddr(const struct conn *c)
{
	return known_address(c, &c->laddr);
}

const struct address *fact_raddr(const struct conn *c)
{
	return known_address(c, &c->raddr);
}

_Static_assert(FACT_END_SIZE >= ADDRESS_TEXT_SIZE + 1 + 4 * ATOM_SIZE, "both fit");

struct fact_end fact_end_of(const struct address *address, uint32_t ifindex, uint16_t ifname,
			    bool is_own)
{
	if (!address || (!is_own && !address_is_link_local(address)))
		ifindex = 0;
	return (struct fact_end){ address, ifindex, ifname };
}

struct fact_end fact_local(const struct conn *c)
{
	return fact_end_of(fact_laddr(c), c->ifindex, c->ifname, true);
}

struct fact_end fact_remote(const struct conn *c)
{
	return fact_end_of(fact_raddr(c), c->ifindex, c->ifname, false);
}

struct fact_end fact_group_remote(const struct group *g)
{
	return fact_end_of(g->has_raddr ? &g->raddr : NULL, g->ifindex, g->ifname, false);
}

/* A cut may come anywhere: in ASCII it parts no character. */
static char *put_escaped(char *at, const char *name)
{
	for (; *name; name++) {
		const unsigned char byte = (unsigned char)*name;

		if (byte > ' ' && byte < 0x7f && byte != '\\')
			*at++ = (char)byte;
		else
			at += sprintf(at, "\\x%02x", byte);
	}
	return at;
}

static __attribute__((noinline)) char *put_link(const struct fact_end *end, char *at)
{
	char scratch[CONN_IFNAME_SIZE];

	*at++ = '%';
	return put_escaped(at, conn_ifname(end->ifindex, end->ifname, scratch));
}

char *fact_end_put(const struct fact_end *end, char *at)
{
	at = address_put(end->address, at);
	return end->ifindex ? put_link(end, at) : at;
}

const char *fact_end_text(const struct fact_end *end, char text[FACT_END_SIZE])
{
	*fact_end_put(end, text) = '\0';
	return text;
}

const char *fact_ifname(uint32_t ifindex, uint16_t ifname)
{
	return ifindex && ifname != ATOM_NONE ? atom_text(ifname) : NULL;
}

uint16_t fact_lport(const struct conn *c)
{
	return c->lport;
}

uint16_t fact_rport(const struct conn *c)
{
	return c->flags & CONN_HAS_ENDPOINTS ? c->rport : 0;
}

bool fact_has_rport(const struct conn *c)
{
	return fact_rport(c) || fact_raddr(c);
}

bool fact_has_owner(const struct conn *c)
{
	return c->flags & CONN_HAS_OWNER;
}

bool fact_owner_is_listener(const struct conn *c)
{
	return fact_has_owner(c) && c->flags & CONN_OF_LISTENER;
}

const char *fact_owner_source(const struct conn *c)
{
	if (!fact_has_owner(c))
		return NULL;
	return c->flags & CONN_OF_LISTENER ? "listener" : "process";
}

bool fact_has_pid(const struct conn *c)
{
	return fact_has_owner(c) && c->pid != PID_UNKNOWN;
}

bool fact_has_counters(const struct conn *c)
{
	return c->flags & CONN_HAS_COUNTERS;
}

size_t fact_comm_size(const struct conn *c)
{
	return strnlen(c->comm, sizeof(c->comm));
}

struct conn_name fact_common_comm(const struct conn *c)
{
	struct conn_name comm = conn_comm(c);

	return comm.size ? comm : (struct conn_name){ NULL, 0 };
}

bool fact_has_handshake_retransmits(const struct conn *c)
{
	if (c->flags & CONN_SEEDED)
		return false;
	for (unsigned int i = 0; i < c->step_count; i++)
		if (c->step_state[i] == STATE_ESTABLISHED && c->step_inferred >> i & 1)
			return false;
	return true;
}

const char *fact_handshake_quality(const struct conn *c)
{
	return conn_quality_name(measure_handshake(c) == TIME_UNKNOWN ? CONN_QUALITY_UNKNOWN :
									c->handshake_quality);
}

const char *fact_time_wait_quality(const struct conn *c)
{
	return conn_quality_name(c->time_wait_quality);
}

bool fact_is_complete(const struct conn *c)
{
	return !(c->flags & (CONN_INCOMPLETE | CONN_SEEDED));
}

const char *fact_errno(const struct conn *c, char text[FACT_ERRNO_SIZE])
{
	const char *name = strerrorname_np(c->error);

	if (!c->error)
		return NULL;
	if (name)
		return name;
	snprintf(text, FACT_ERRNO_SIZE, "%u", c->error);
	return text;
}

const char *fact_reset_reason(const struct sink_settings *s, uint8_t reset_reason,
			      char text[RESET_REASON_SIZE])
{
	return reset_reason ? lore_reset_reason(s->lore, reset_reason - 1U, text) : NULL;
}

bool fact_has_tries(const struct conn *c)
{
	return fact_has_counters(c) &&
	       (c->outcome == CONN_OUTCOME_TIMED_OUT || c->outcome == CONN_OUTCOME_UNREACHABLE);
}

const char *fact_congestion(const struct sink_settings *s, const struct conn *c)
{
	return lore_congestion(s->lore, c->congestion);
}

const char *const fact_resent_names[RESENT_KINDS] = {
#define X(NAME, name) [EVENT_RETRANSMIT_##NAME] = name,
	RESENT_NAMES(X)
#undef X
};

struct subflow fact_subflow(const struct sink_settings *s, const struct conn *c)
{
	return c->flags & CONN_SUBFLOW ? lore_subflow(s->lore, c) : (struct subflow){ .token = 0 };
}

bool fact_resent(const struct sink_settings *s, const struct conn *c, struct resent *ret_resent)
{
	return fact_has_counters(c) && c->retransmits && lore_resent(s->lore, c, ret_resent);
}

bool fact_has_segments(const struct conn *c)
{
	return fact_has_counters(c) && (c->segments_sent || c->segments_received);
}

bool fact_has_min_rtt(const struct conn *c)
{
	return fact_has_counters(c) && c->min_rtt_us;
}

const char *fact_cgroup(const struct sink_settings *s, uint64_t id, char text[FACT_CGROUP_SIZE])
{
	const char *path = id ? lore_cgroup(s->lore, id) : NULL;

	if (path || !id)
		return path;
	snprintf(text, FACT_CGROUP_SIZE, "%llu", (unsigned long long)id);
	return text;
}

const char *fact_cgroup_name(const struct sink_settings *s, enum group_key key, uint64_t cgroup,
			     char text[FACT_CGROUP_SIZE])
{
	struct lore_workload w;

	if (key == GROUP_BY_CGROUP)
		return fact_cgroup(s, cgroup, text);
	lore_workload(s->lore, cgroup, &w);
	switch (key) {
	case GROUP_BY_UNIT:
		return w.unit_name;
	case GROUP_BY_CONTAINER:
		return w.container;
	case GROUP_BY_POD:
		return w.pod;
	default:
		return NULL;
	}
}

const char *fact_group_name(const struct sink_settings *s, enum group_key key,
			    const struct group *g, char text[FACT_CGROUP_SIZE])
{
	uint64_t cgroup = 0;

	switch (key) {
	case GROUP_BY_CGROUP:
		cgroup = g->cgroup;
		break;
	case GROUP_BY_UNIT:
		cgroup = g->unit;
		break;
	case GROUP_BY_CONTAINER:
		cgroup = g->container;
		break;
	case GROUP_BY_POD:
		cgroup = g->pod;
		break;
	default:
		break;
	}
	return cgroup ? fact_cgroup_name(s, key, cgroup, text) : NULL;
}

struct conn_name fact_cmdline(const struct sink_settings *s, const struct conn *c,
			      uint32_t *ret_ppid)
{
	struct lore_process p;

	*ret_ppid = 0;
	if (!fact_has_pid(c) || c->flags & CONN_OF_LISTENER || !lore_process(s->lore, c, &p))
		return (struct conn_name){ NULL, 0 };
	*ret_ppid = p.ppid;
	return (struct conn_name){ p.cmdline, p.size };
}

const char *fact_age_quality(const struct stuck *s)
{
	if (s->age_ns == TIME_UNKNOWN)
		return NULL;
	return s->age_is_exact ? "exact" : "at_least";
}

const char *fact_idle_quality(const struct listening_row *row)
{
	return row->idle_ns == TIME_UNKNOWN ? NULL : "at_least";
}

const char *fact_origin(const struct conn *c, const struct transition *t)
{
	if (t->inferred)
		return "inferred";
	return c->flags & CONN_WIRE ? "wire" : "kernel";
}
