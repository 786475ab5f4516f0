// SPDX-License-Identifier: GPL-2.0-only
/* Records among those of other recordings, and in files: what names a socket is changed. */
#include <string.h>

#include "user/event/event.h"
#include "user/event/identity.h"

#define TOP_SHIFT 56

uint64_t event_rebase_cgroup(uint64_t id, const struct event_origin *origin)
{
	return id ^ (uint64_t)origin->host << TOP_SHIFT;
}

uint8_t event_space_of(uint64_t sock)
{
	return (uint8_t)(sock >> TOP_SHIFT);
}

/* Where a kind has times, a socket or a cgroup behind its head; 0: it has none. */
static const struct {
	uint16_t time, other_time, sock, cgroup;
} places[EVENT_KIND_COUNT] = {
	[EVENT_OPEN] = { .cgroup = offsetof(struct event_open, cgroup) },
	[EVENT_CLOSE] = { .sock = offsetof(struct event_close, timewait) },
	[EVENT_PASSIVE] = { .time = offsetof(struct event_passive, synack_ns),
			    .other_time = offsetof(struct event_passive, ack_ns) },
	[EVENT_REQUEST] = { .time = offsetof(struct event_request, synack_ns),
			    .cgroup = offsetof(struct event_request, cgroup) },
	[EVENT_ACCEPT] = { .cgroup = offsetof(struct event_accept, cgroup) },
	[EVENT_LISTENER] = { .cgroup = offsetof(struct event_listener, cgroup) },
	[EVENT_SOCKET] = { .time = offsetof(struct event_socket, since_ns),
			   .cgroup = offsetof(struct event_socket, cgroup) },
	[EVENT_CONNECT] = { .cgroup = offsetof(struct event_connect, cgroup) },
};

bool event_has_owner(const void *bytes, size_t size)
{
	uint8_t kind;

	if (size < sizeof(struct event_head))
		return false;
	kind = ((const uint8_t *)bytes)[offsetof(struct event_head, kind)];
	return kind < EVENT_KIND_COUNT && places[kind].cgroup;
}

uint64_t event_peek_cgroup(const void *bytes, size_t size, uint32_t *ret_pid)
{
	static const uint16_t pids[EVENT_KIND_COUNT] = {
		[EVENT_OPEN] = offsetof(struct event_open, pid),
		[EVENT_ACCEPT] = offsetof(struct event_accept, pid),
		[EVENT_LISTENER] = offsetof(struct event_listener, pid),
		[EVENT_CONNECT] = offsetof(struct event_connect, pid),
	};
	const uint8_t *at = bytes;
	uint64_t cgroup;
	uint8_t kind;

	*ret_pid = 0;
	if (size < sizeof(struct event_head))
		return 0;
	kind = at[offsetof(struct event_head, kind)];
	if (kind >= EVENT_KIND_COUNT || size < event_size_of(kind) || !places[kind].cgroup)
		return 0;
	memcpy(&cgroup, at + places[kind].cgroup, sizeof(cgroup));
	if (pids[kind])
		memcpy(ret_pid, at + pids[kind], sizeof(*ret_pid));
	return cgroup;
}

void event_replace_cgroup(void *bytes, uint64_t cgroup)
{
	uint8_t *at = bytes;

	memcpy(at + places[at[offsetof(struct event_head, kind)]].cgroup, &cgroup, sizeof(cgroup));
}

/* 0 and EVENT_TIME_UNKNOWN mean unknown, and stay it. */
static void shift(uint8_t *bytes, const struct event_origin *origin)
{
	uint64_t time;

	memcpy(&time, bytes, sizeof(time));
	if (time && time != EVENT_TIME_UNKNOWN)
		time += (uint64_t)origin->by_ns;
	memcpy(bytes, &time, sizeof(time));
}

/* `sock`, which 0 is not, in another space. */
static uint64_t in_space(uint64_t sock, uint8_t space)
{
	const uint64_t low = (UINT64_C(1) << TOP_SHIFT) - 1;

	return (sock & low) | (uint64_t)space << TOP_SHIFT;
}

static void move(uint8_t *bytes, const struct event_origin *origin)
{
	uint64_t sock;

	memcpy(&sock, bytes, sizeof(sock));
	if (sock)
		sock = in_space(sock, origin->space);
	memcpy(bytes, &sock, sizeof(sock));
}

static void hide(uint8_t *bytes, const struct siphash_key *key)
{
	uint64_t sock;

	memcpy(&sock, bytes, sizeof(sock));
	if (sock)
		sock = in_space(siphash_u64(key, sock), EVENT_HIDDEN_SPACE);
	memcpy(bytes, &sock, sizeof(sock));
}

static __attribute__((noinline)) void learn_hidden(struct event_hider *h, size_t i, uint64_t sock)
{
	h->known[i].own = sock;
	/* 0 stays what it is. */
	h->known[i].hidden = sock ? in_space(siphash_u64(&h->key, sock), EVENT_HIDDEN_SPACE) : 0;
}

/* Objects of one kind are so many bytes apart, or a few times as many. */
static inline void hide_by(uint8_t *bytes, struct event_hider *h)
{
	uint64_t sock;
	size_t i;

	memcpy(&sock, bytes, sizeof(sock));
	i = (sock >> 6 ^ sock >> 16) % EVENT_HIDER_KNOWN;
	if (h->known[i].own != sock)
		learn_hidden(h, i, sock);
	memcpy(bytes, &h->known[i].hidden, sizeof(sock));
}

static void rename_cgroup(uint8_t *bytes, const struct event_origin *origin)
{
	uint64_t id;

	memcpy(&id, bytes, sizeof(id));
	if (id)
		id = event_rebase_cgroup(id, origin);
	memcpy(bytes, &id, sizeof(id));
}

void event_rebase(void *bytes, size_t size, const struct event_origin *origin)
{
	uint8_t *at = bytes;
	uint8_t kind;

	if (size < sizeof(struct event_head))
		return;
	kind = at[offsetof(struct event_head, kind)];
	if (kind >= EVENT_KIND_COUNT || size < event_size_of(kind))
		return;
	shift(at + offsetof(struct event_head, mono_ns), origin);
	move(at + offsetof(struct event_head, sock), origin);
	if (places[kind].time)
		shift(at + places[kind].time, origin);
	if (places[kind].other_time)
		shift(at + places[kind].other_time, origin);
	if (places[kind].sock)
		move(at + places[kind].sock, origin);
	if (places[kind].cgroup)
		rename_cgroup(at + places[kind].cgroup, origin);
}

/* Where a record names a socket but in its head; NULL: nowhere. */
static uint8_t *other_sock(uint8_t *bytes, size_t size)
{
	uint8_t kind = bytes[offsetof(struct event_head, kind)];

	return kind < EVENT_KIND_COUNT && places[kind].sock && size >= event_size_of(kind) ?
		       bytes + places[kind].sock :
		       NULL;
}

void event_hide(void *bytes, size_t size, const struct siphash_key *key)
{
	uint8_t *other;

	if (size < sizeof(struct event_head))
		return;
	hide((uint8_t *)bytes + offsetof(struct event_head, sock), key);
	other = other_sock(bytes, size);
	if (other)
		hide(other, key);
}

void event_hide_by(void *bytes, size_t size, struct event_hider *hider)
{
	uint8_t *other;

	hide_by((uint8_t *)bytes + offsetof(struct event_head, sock), hider);
	other = other_sock(bytes, size);
	if (other)
		hide_by(other, hider);
}

/* ---- what is not to be told ------------------------------------------------------------------ */

/* Where a kind has addresses and names; 0: it has none. */
#define ENDS(kind) .laddr = offsetof(struct kind, laddr), .raddr = offsetof(struct kind, raddr)
#define NAMES(kind) .comm = offsetof(struct kind, comm), .process = offsetof(struct kind, process)
#define LINK(kind) .interface = offsetof(struct kind, ifname)
static const struct {
	uint16_t laddr, raddr, comm, process, interface;
} told[EVENT_KIND_COUNT] = {
	[EVENT_TRANSITION] = { ENDS(event_transition) },
	[EVENT_TRANSITION6] = { ENDS(event_transition6) },
	[EVENT_OPEN] = { ENDS(event_open), NAMES(event_open) },
	[EVENT_CLOSE] = { ENDS(event_close) },
	[EVENT_REQUEST] = { ENDS(event_request), LINK(event_request) },
	[EVENT_ACCEPT] = { NAMES(event_accept) },
	[EVENT_TIMEWAIT] = { ENDS(event_timewait) },
	[EVENT_SOCKET] = { ENDS(event_socket), LINK(event_socket),
			   .comm = offsetof(struct event_socket, owner_comm) },
	[EVENT_LISTENER] = { .laddr = offsetof(struct event_listener, laddr),
			     NAMES(event_listener) },
	[EVENT_CONNECT] = { ENDS(event_connect), NAMES(event_connect) },
	[EVENT_SCOPE] = { LINK(event_scope) },
};
#undef ENDS
#undef NAMES
#undef LINK

static void redact_address(uint8_t *bytes, bool is_ipv4, const struct event_redactor *r)
{
	struct address a;

	if (is_ipv4)
		a = address_from_ipv4(bytes);
	else
		memcpy(&a, bytes, sizeof(a));
	r->address(r->context, &a);
	if (is_ipv4)
		memcpy(bytes, a.byte + ADDRESS_MAPPED_SIZE, sizeof(a) - ADDRESS_MAPPED_SIZE);
	else
		memcpy(bytes, &a, sizeof(a));
}

void event_redact(void *bytes, size_t size, const struct event_redactor *r)
{
	uint8_t *at = bytes;
	uint16_t flags;
	uint8_t kind;

	if (size < sizeof(struct event_head))
		return;
	kind = at[offsetof(struct event_head, kind)];
	memcpy(&flags, at + offsetof(struct event_head, flags), sizeof(flags));
	if (kind >= EVENT_KIND_COUNT || size < event_size_of(kind))
		return;
	if (told[kind].laddr)
		redact_address(at + told[kind].laddr, !(flags & EVENT_FLAG_IPV6), r);
	if (told[kind].raddr)
		redact_address(at + told[kind].raddr, !(flags & EVENT_FLAG_IPV6), r);
	if (told[kind].comm)
		r->comm(r->context, (char *)at + told[kind].comm);
	if (told[kind].process)
		r->comm(r->context, (char *)at + told[kind].process);
	if (told[kind].interface)
		r->interface(r->context, (char *)at + told[kind].interface);
}

const char *event_peek_process(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint8_t kind;

	if (size < sizeof(struct event_head))
		return NULL;
	kind = at[offsetof(struct event_head, kind)];
	if (kind >= EVENT_KIND_COUNT || size < event_size_of(kind) || !told[kind].process)
		return NULL;
	return (const char *)at + told[kind].process;
}
