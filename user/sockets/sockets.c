// SPDX-License-Identifier: GPL-2.0-only
/* Runs the iterator over sockets in one network namespace after the other. */
#include "user/sockets/sockets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/tcpspan.skel.h"
#include "user/base/hash.h"
#include "user/base/log.h"
#include "user/base/units.h"
#include "user/sockets/diag.h"
#include "user/sockets/namespace_walk.h"

#define READ_BYTES 65536 /* twice what the kernel hands over at a time */
#define FIRST_SEEN 2048

struct sockets {
	enum sockets_way way;
	struct tcpspan_bpf *skel; /* NULL with SOCKETS_DIAG */
	struct broker *broker;	  /* who enters namespaces; NULL: this process does */
	bool borrowed;
	struct netns_list known; /* which namespaces have been looked into, of those that last */
	uint64_t cookies[NETNS_LIST_MAX];
};

/* What tells a socket from another; without padding, to be hashed as bytes. */
struct identity {
	uint64_t sock;
	struct address laddr, raddr;
	uint16_t lport, rport;
	uint32_t ifindex;
};
_Static_assert(sizeof(struct identity) == 48, "struct identity has no padding");

/* The sockets of one namespace that were told of. */
struct seen {
	struct hash_key key;
	uint64_t *hashes; /* of their identities; number n is hashes[n - 1] */
	uint32_t count, room;
	struct hash_index index;
};

/* One look at all namespaces that are asked for. */
struct look {
	struct sockets *sockets;
	const struct sockets_query *query;
	struct sockets_result result;
	struct seen seen;
	uint32_t netns; /* the one that is looked into */
	uint8_t *bytes;
};

static uint64_t hash_seen(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct seen *seen = context;

	return hash_u64(key, seen->hashes[n - 1]);
}

static void seen_init(struct seen *seen)
{
	*seen = (struct seen){ .key = hash_program_key() };
	hash_index_init(&seen->index, HASH_NUMBER_MAX, hash_seen, seen);
}

static void seen_done(struct seen *seen)
{
	hash_index_done(&seen->index);
	free(seen->hashes);
}

static void seen_clear(struct seen *seen)
{
	hash_index_clear(&seen->index);
	seen->count = 0;
}

static int make_room(struct seen *seen)
{
	uint32_t room = seen->room ? seen->room * 2 : FIRST_SEEN;
	uint64_t *hashes;

	if (seen->count < seen->room)
		return 0;
	hashes = reallocarray(seen->hashes, room, sizeof(*hashes));
	if (!hashes)
		return -ENOMEM;
	seen->hashes = hashes;
	if (hash_index_reserve(&seen->index, room))
		return -ENOMEM;
	seen->room = room;
	return 0;
}

static bool has_seen(const struct seen *seen, uint64_t hash)
{
	struct hash_search s = hash_search_begin(&seen->index, hash_u64(&seen->index.key, hash));
	uint32_t n;

	while ((n = hash_search_next(&seen->index, &s)))
		if (seen->hashes[n - 1] == hash)
			return true;
	return false;
}

/* Kernels up to 5.14 may start a bucket again, later ones may do so when the table changes. */
static bool is_repeated(struct look *l, const struct socket_info *info)
{
	const struct identity identity = {
		.sock = info->sock,
		.laddr = info->laddr,
		.raddr = info->raddr,
		.lport = info->lport,
		.rport = info->rport,
		.ifindex = info->ifindex,
	};
	struct seen *seen = &l->seen;
	uint64_t hash = hash_bytes(&seen->key, &identity, sizeof(identity));

	if (has_seen(seen, hash))
		return true;
	/* Then it is told of without knowing. */
	if (make_room(seen))
		return false;
	seen->hashes[seen->count++] = hash;
	hash_index_put(&seen->index, hash_u64(&seen->index.key, hash), seen->count);
	return false;
}

static void tell(struct look *l, const struct socket_info *info, const void *bytes)
{
	if (is_repeated(l, info))
		return;
	l->result.sockets++;
	l->query->visit(l->query->context, info, bytes);
}

static void tell_diag(void *context, const struct socket_info *info)
{
	tell(context, info, NULL);
}

/* Whoever polls is not misled by what is told of twice. */
static size_t tell_polled(struct look *l, size_t size)
{
	struct socket_info info = { .netns = l->netns };
	size_t at = 0;

	for (; size - at >= sizeof(struct event_polled); at += sizeof(struct event_polled)) {
		if (socket_decode_polled(l->bytes + at, sizeof(struct event_polled), &info)) {
			l->result.malformed++;
			continue;
		}
		l->result.sockets++;
		l->query->visit(l->query->context, &info, NULL);
	}
	return at;
}

/* Tells of the whole records among `size` bytes; returns how many bytes these are. */
static size_t tell_records(struct look *l, size_t size)
{
	size_t at = 0;

	for (; size - at >= sizeof(struct event_socket); at += sizeof(struct event_socket)) {
		struct socket_info info;

		if (socket_decode(l->bytes + at, sizeof(struct event_socket), &info))
			l->result.malformed++;
		else
			tell(l, &info, l->bytes + at);
	}
	return at;
}

static void between(void *context)
{
	const struct look *l = context;

	if (l->query->between)
		l->query->between(l->query->between_context);
}

static int read_records(struct look *l, int fd)
{
	size_t held = 0;

	for (;;) {
		ssize_t size = read(fd, l->bytes + held, READ_BYTES - held);
		size_t told;

		/* EAGAIN: it has passed a million sockets and none was for us. */
		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (size <= 0)
			return size ? -errno : 0;
		held += size;
		told = l->query->is_poll ? tell_polled(l, held) : tell_records(l, held);
		held -= told;
		memmove(l->bytes, l->bytes + told, held);
		if (l->sockets->broker)
			between(l);
	}
}

static int look_by_diag(struct look *l, int fd)
{
	int64_t malformed = diag_each(fd, l->netns, l->query->states, tell_diag, l);

	if (malformed < 0)
		return malformed;
	l->result.malformed += malformed;
	return 0;
}

/* Whether it came to the number of a namespace that was looked into before, and is gone. */
static bool is_successor(struct look *l, const struct namespace_sight *sight)
{
	struct sockets *s = l->sockets;

	if (!l->query->is_lasting || !netns_list_has(l->query->netns, sight->netns))
		return false;
	for (size_t i = 0; i < s->known.count; i++)
		if (s->known.inodes[i] == sight->netns)
			return s->cookies[i] != sight->cookie;
	if (!netns_list_add(&s->known, sight->netns))
		s->cookies[s->known.count - 1] = sight->cookie;
	return false;
}

static int look_into(void *context, const struct namespace_sight *sight)
{
	struct look *l = context;
	int error;

	l->netns = sight->netns;
	seen_clear(&l->seen);
	if (is_successor(l, sight) || sight->is_empty)
		error = 0;
	else if (l->sockets->way == SOCKETS_DIAG)
		error = look_by_diag(l, sight->fd);
	else
		error = read_records(l, sight->fd);
	if (!error && l->query->looked)
		l->query->looked(l->query->context, l->netns);
	return error;
}

static bool wants(void *context, uint32_t netns)
{
	const struct look *l = context;

	return l->query->wants(l->query->context, netns);
}

static void miss(void *context, uint32_t netns)
{
	const struct look *l = context;

	l->query->miss(l->query->context, netns);
}

static void ask(const struct sockets *sockets, const struct sockets_query *query)
{
	struct config_shared *shared = (struct config_shared *)&sockets->skel->bss->shared;

	shared->snapshot = query->states;
	shared->snapshot_unaccepted = query->only_unaccepted;
	shared->snapshot_polled = query->is_poll;
	shared->snapshot_ports = (uint32_t)query->ports[0] << 16 | query->ports[1];
}

int sockets_each(struct sockets *sockets, const struct sockets_query *query,
		 struct sockets_result *ret_result)
{
	struct look look = { .sockets = sockets, .query = query, .result.way = sockets->way };
	const bool is_diag = sockets->way == SOCKETS_DIAG;
	const struct namespace_walk walk = {
		.only = query->netns,
		.search_files = query->search_files,
		.view = is_diag ? NAMESPACE_DIAG : NAMESPACE_ITERATOR,
		.link = is_diag ? -1 : bpf_link__fd(sockets->skel->links.socket_iter),
		.broker = sockets->broker,
		.visit = look_into,
		.miss = query->miss ? miss : NULL,
		.wants = query->wants ? wants : NULL,
		.between = query->between ? between : NULL,
		/* Who names them wants them all. */
		.user_ns = query->netns && query->netns->count ? 0 : NAMESPACE_USER_NS,
		.context = &look,
	};
	struct namespace_walk_result walked;
	int error;

	look.bytes = malloc(READ_BYTES);
	if (!look.bytes)
		return -ENOMEM;
	if (!is_diag)
		ask(sockets, query);
	seen_init(&look.seen);
	error = namespace_walk(&walk, &walked);
	free(look.bytes);
	seen_done(&look.seen);
	look.result.namespaces = walked.visited;
	look.result.vanished = walked.vanished;
	look.result.unreadable = walked.unreadable;
	look.result.hidden = walked.hidden;
	look.result.crowded = walked.crowded;
	look.result.elsewhere_ns = walked.elsewhere_ns;
	*ret_result = look.result;
	return error;
}

/* An object of its own, with nothing in it but the iterator. */
static int load_iterator(struct tcpspan_bpf **ret_skel, char reason[PLAN_REASON_SIZE])
{
	struct tcpspan_bpf *skel;
	struct plan plan;
	int error;

	memset(&plan, 0, sizeof(plan));
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++)
		plan.rung[f] = f == HOOK_SEED ? 0 : PLAN_NONE;
	skel = plan_open(&plan, reason);
	if (!skel)
		return -EINVAL;
	bpf_map__set_max_entries(skel->maps.events, getpagesize());
	error = plan_load(skel, reason);
	if (error)
		tcpspan_bpf__destroy(skel);
	else
		*ret_skel = skel;
	return error;
}

const char *sockets_why(int error)
{
	if (error != -EAGAIN)
		return strerror(-error);
	return log_language == LADDER_ZH ?
		       "这里无法建立线程：进程数或内存不够" :
		       "no thread can be made here, for want of processes or of memory";
}

int sockets_open(enum sockets_way way, struct sockets **ret_sockets, char reason[PLAN_REASON_SIZE])
{
	struct sockets *sockets = calloc(1, sizeof(*sockets));
	int error = 0;

	if (!sockets) {
		snprintf(reason, PLAN_REASON_SIZE, "not enough memory (ENOMEM)");
		return -ENOMEM;
	}
	sockets->way = SOCKETS_ITER;
	if (way != SOCKETS_DIAG)
		error = load_iterator(&sockets->skel, reason);
	if (way == SOCKETS_DIAG || (error && way == SOCKETS_AUTO)) {
		sockets->way = SOCKETS_DIAG;
		error = 0;
	}
	if (error) {
		sockets_free(sockets);
		return error;
	}
	*ret_sockets = sockets;
	return 0;
}

struct sockets *sockets_of(struct tcpspan_bpf *skel)
{
	struct sockets *sockets = skel->links.socket_iter ? calloc(1, sizeof(*sockets)) : NULL;

	if (!sockets)
		return NULL;
	sockets->way = SOCKETS_ITER;
	sockets->skel = skel;
	sockets->borrowed = true;
	return sockets;
}

void sockets_use(struct sockets *sockets, struct broker *broker)
{
	sockets->broker = broker;
}

void sockets_free(struct sockets *sockets)
{
	if (!sockets)
		return;
	if (!sockets->borrowed)
		tcpspan_bpf__destroy(sockets->skel);
	free(sockets);
}
