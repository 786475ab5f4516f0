// SPDX-License-Identifier: GPL-2.0-only
/* Which connections are wanted, judged fact by fact as soon as each is known. */
#include "user/conn/filter.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "user/conn/flow.h"
#include "user/conn/kin.h"
#include "user/conn/life.h"
#include "user/event/identity.h"

/* FILTER_PENDING: the fact is unknown. */
static enum filter_verdict verdict(bool known, bool wanted)
{
	if (!known)
		return FILTER_PENDING;
	return wanted ? FILTER_WANTED : FILTER_UNWANTED;
}

static enum filter_verdict judge_netns(const struct conn_filter *f, const struct conn *c)
{
	return verdict(c->netns, netns_list_has(&f->netns, c->netns));
}

static enum filter_verdict judge_family(const struct conn_filter *f, const struct conn *c)
{
	return verdict(c->flags & CONN_HAS_ENDPOINTS,
		       (f->family == 4) == address_is_ipv4(&c->raddr));
}

static enum filter_verdict judge_lport(const struct conn_filter *f, const struct conn *c)
{
	return verdict(c->lport, conn_filter_has_port(f->lports, c->lport));
}

static enum filter_verdict judge_rport(const struct conn_filter *f, const struct conn *c)
{
	return verdict(c->rport, conn_filter_has_port(f->rports, c->rport));
}

static enum filter_verdict judge_addr(const struct conn_filter *f, const struct conn *c)
{
	bool wanted = false;

	for (size_t i = 0; i < f->prefix_count && !wanted; i++)
		wanted = prefix_has(&f->prefixes[i], &c->raddr);
	return verdict(c->flags & CONN_HAS_ENDPOINTS, wanted);
}

static enum filter_verdict judge_pid(const struct conn_filter *f, const struct conn *c)
{
	bool wanted = false;

	for (size_t i = 0; i < f->pid_count && !wanted; i++)
		wanted = f->pids[i] == c->pid;
	if (!wanted && f->kin && c->flags & CONN_HAS_OWNER)
		wanted = kin_has(f->kin, c->pid);
	return verdict(c->flags & CONN_HAS_OWNER, wanted);
}

/* Known when it is established, or never. */
static enum filter_verdict judge_flow(const struct conn_filter *f, const struct conn *c)
{
	bool wanted = false;

	for (size_t i = 0; i < f->flow_count && !wanted; i++)
		wanted = f->flows[i] == c->flow;
	return verdict(c->flow != FLOW_UNKNOWN, wanted);
}

/* The kernel keeps one byte less than the field has. */
static bool is_called(const struct conn_name *name, const char wanted[EVENT_COMM_SIZE])
{
	size_t own = name->size < EVENT_COMM_SIZE - 1 ? name->size : EVENT_COMM_SIZE - 1;

	/* Most are told by their first byte. */
	return name->bytes && (!own || *name->bytes == *wanted) &&
	       own == strnlen(wanted, EVENT_COMM_SIZE - 1) && !memcmp(name->bytes, wanted, own);
}

static enum filter_verdict judge_comm(const struct conn_filter *f, const struct conn *c)
{
	struct conn_name comm = conn_comm(c), process = { NULL, 0 };
	bool wanted = false;

	if (c->process != PROCESS_IS_COMM)
		process = conn_process(c);
	for (size_t i = 0; i < f->comm_count && !wanted; i++)
		wanted = is_called(&comm, f->comms[i]) || is_called(&process, f->comms[i]);
	return verdict(c->flags & CONN_HAS_OWNER, wanted);
}

bool conn_filter_has_comm(const struct conn_filter *f, const char comm[EVENT_COMM_SIZE])
{
	const struct conn_name name = { comm, strnlen(comm, EVENT_COMM_SIZE) };

	for (size_t i = 0; i < f->comm_count; i++)
		if (is_called(&name, f->comms[i]))
			return true;
	return false;
}

static const struct filter_names *names_of(const struct conn_filter *f, enum filter_name_kind kind)
{
	switch (kind) {
#define X(NAME, field)      \
	case FILTER_##NAME: \
		return &f->field;
		FILTER_NAME_KINDS(X)
#undef X
	default:
		return NULL;
	}
}

bool conn_filter_has_names(const struct conn_filter *f)
{
#define X(NAME, field) f->field.size ||
	return FILTER_NAME_KINDS(X) false;
#undef X
}

int conn_filter_add_name(struct filter_names *names, const char *name)
{
	size_t size = strlen(name) + 1;

	if (size > sizeof(names->text) - names->size)
		return -E2BIG;
	memcpy(names->text + names->size, name, size);
	names->size += size;
	return 0;
}

const char *conn_filter_next_name(const struct filter_names *names, const char *name)
{
	const char *next = name ? name + strlen(name) + 1 : names->text;

	return next < names->text + names->size ? next : NULL;
}

static bool is_named(const struct filter_names *names, const struct filter_namer *namer,
		     uint64_t cgroup, enum filter_name_kind kind)
{
	const char *name = NULL;

	while ((name = conn_filter_next_name(names, name)))
		if (namer->is_called(namer, cgroup, kind, name))
			return true;
	return !names->size;
}

enum filter_verdict conn_filter_judge_names(const struct conn_filter *f,
					    const struct filter_namer *namer, uint64_t cgroup)
{
	if (!conn_filter_has_names(f))
		return FILTER_WANTED;
	if (!cgroup)
		return FILTER_PENDING;
	for (int kind = 0; kind < FILTER_NAME_KIND_COUNT; kind++)
		if (!is_named(names_of(f, kind), namer, cgroup, kind))
			return namer->knows(namer, cgroup) ? FILTER_UNWANTED : FILTER_PENDING;
	return FILTER_WANTED;
}

/* Else somebody else judges by them. */
static bool has_names_to_judge(const struct conn_filter *f)
{
	return f->namer && conn_filter_has_names(f);
}

static enum filter_verdict judge_names(const struct conn_filter *f, const struct conn *c)
{
	return conn_filter_judge_names(f, f->namer, c->cgroup);
}

/* Of a server's connection it is not known before it is established; see is_unwanted() of bpf/. */
static enum filter_verdict judge_interface(const struct conn_filter *f, const struct conn *c)
{
	char text[CONN_IFNAME_SIZE];
	const char *pattern = NULL, *name;

	name = conn_ifname(c->ifindex, c->ifname, text);
	if (!name)
		return verdict(!life_is_embryo(c), false);
	while ((pattern = conn_filter_next_name(&f->interfaces, pattern)))
		if (!fnmatch(pattern, name, 0))
			return FILTER_WANTED;
	return FILTER_UNWANTED;
}

/*
 * X(fact, whether it is asked for): nothing else is looked at. The cgroup's id and the sample are
 * not here: only the kernel's side can judge them.
 */
#define NAMED_FACTS(X)         \
	X(comm, f->comm_count) \
	X(names, has_names_to_judge(f))
#define NARROW_FACTS(X)          \
	X(family, f->family)     \
	X(lport, f->has_lports)  \
	X(rport, f->has_rports)  \
	X(addr, f->prefix_count) \
	X(pid, f->pid_count)     \
	X(flow, f->flow_count)   \
	X(interface, f->interfaces.size)
#define OWN_FACTS(X) X(netns, f->netns.count) NARROW_FACTS(X)
#define FACTS(X) OWN_FACTS(X) NAMED_FACTS(X)

bool conn_filter_wants_all(const struct conn_filter *f)
{
	for (; f; f = f->also) {
#define X(fact, is_asked) \
	if (is_asked)     \
		return false;
		FACTS(X)
#undef X
	}
	return true;
}

bool conn_filter_wants_namespaces(const struct conn_filter *f)
{
	for (; f; f = f->also) {
		if (f->is_judged || f->cgroup || conn_filter_has_names(f))
			return false;
#define X(fact, is_asked) \
	if (is_asked)     \
		return false;
		NARROW_FACTS(X)
		NAMED_FACTS(X)
#undef X
	}
	return true;
}

bool conn_filter_samples(const struct conn_filter *f)
{
	while (f && f->sample <= 1)
		f = f->also;
	return f;
}

bool conn_filter_asks_owner(const struct conn_filter *f)
{
	while (f && !f->pid_count && !f->comm_count)
		f = f->also;
	return f;
}

bool conn_filter_asks_peer(const struct conn_filter *f)
{
	while (f && !f->has_rports && !f->prefix_count && !f->flow_count)
		f = f->also;
	return f;
}

/* It judges the sockets of one recording, where several are read. */
static bool is_about(const struct conn_filter *f, uint64_t sock)
{
	return !f->space || f->space == event_space_of(sock);
}

bool conn_filter_has_netns(const struct conn_filter *f, uint64_t sock, uint32_t netns)
{
	for (; f && netns; f = f->also)
		if (f->netns.count && is_about(f, sock) && !netns_list_has(&f->netns, netns))
			return false;
	return true;
}

/* By one filter, whatever others there are. */
static enum filter_verdict judge(const struct conn_filter *f, const struct conn *c)
{
	enum filter_verdict all = FILTER_WANTED, one;

#define X(fact, is_asked)                       \
	if (is_asked) {                         \
		one = judge_##fact(f, c);       \
		if (one == FILTER_UNWANTED)     \
			return FILTER_UNWANTED; \
		if (one == FILTER_PENDING)      \
			all = FILTER_PENDING;   \
	}
	FACTS(X)
#undef X
	return all;
}

/* ---- many, of which most have their names in common ----------------------------------------- */

void conn_filter_begin(struct conn_filter_many *m, const struct conn_filter *f)
{
	memset(m, 0, sizeof(*m));
	m->filter = f;
	if (!f || f->also || f->space)
		return;
	m->by_cgroup = has_names_to_judge(f);
	m->has_names = f->comm_count || m->by_cgroup;
#define X(fact, is_asked) m->has_others |= (is_asked) != 0;
	OWN_FACTS(X)
#undef X
}

static bool is_named_so(const struct conn_filter *f, const struct conn *c)
{
#define X(fact, is_asked)                                      \
	if ((is_asked) && judge_##fact(f, c) != FILTER_WANTED) \
		return false;
	NAMED_FACTS(X)
#undef X
	return true;
}

static bool is_so_otherwise(const struct conn_filter *f, const struct conn *c)
{
#define X(fact, is_asked)                                      \
	if ((is_asked) && judge_##fact(f, c) != FILTER_WANTED) \
		return false;
	OWN_FACTS(X)
#undef X
	return true;
}

static void say(struct conn_filter_said *said, const struct conn_filter_many *m,
		const struct conn *c)
{
	_Static_assert(sizeof(said->comm) == sizeof(c->comm), "a name is two words");
	memcpy(said->comm, c->comm, sizeof(said->comm));
	said->cgroup = m->by_cgroup ? c->cgroup : 0;
	said->owner = conn_filter_owner(c);
	said->verdict = is_named_so(m->filter, c) ? FILTER_WANTED : FILTER_UNWANTED;
}

bool conn_filter_judge_anew(struct conn_filter_many *m, const struct conn *c,
			    struct conn_filter_said *said)
{
	if (!m->has_names && !m->has_others)
		return conn_filter_judge(m->filter, c, true) == FILTER_WANTED;
	if (said)
		say(said, m, c);
	return (!said || said->verdict == FILTER_WANTED) &&
	       (!m->has_others || is_so_otherwise(m->filter, c));
}

enum filter_verdict conn_filter_judge(const struct conn_filter *f, const struct conn *c, bool final)
{
	enum filter_verdict all = FILTER_WANTED, one;

	for (; f; f = f->also) {
		if (!is_about(f, c->sock))
			continue;
		one = judge(f, c);
		if (one == FILTER_UNWANTED)
			return FILTER_UNWANTED;
		if (one == FILTER_PENDING)
			all = FILTER_PENDING;
	}
	return all == FILTER_PENDING && final ? FILTER_UNWANTED : all;
}

bool conn_filter_has_port(const uint64_t ports[FILTER_PORT_WORDS], uint16_t port)
{
	return ports[port / 64] >> port % 64 & 1;
}

void conn_filter_add_port(uint64_t ports[FILTER_PORT_WORDS], uint16_t port)
{
	ports[port / 64] |= UINT64_C(1) << port % 64;
}
