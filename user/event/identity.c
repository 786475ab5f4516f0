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

void event_hide(void *bytes, size_t size, const struct siphash_key *key)
{
	uint8_t *at = bytes;
	uint8_t kind;

	if (size < sizeof(struct event_head))
		return;
	kind = at[offsetof(struct event_head, kind)];
	hide(at + offsetof(struct event_head, sock), key);
	if (kind < EVENT_KIND_COUNT && size >= event_size_of(kind) && places[kind].sock)
		hide(at + places[kind].sock, key);
}
