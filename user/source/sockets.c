// SPDX-License-Identifier: GPL-2.0-only
/* Runs the iterator over sockets in one network namespace after the other. */
#include "user/source/sockets.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/config.h"
#include "bpf/tcpspan.skel.h"
#include "user/source/diag.h"
#include "user/source/namespaces.h"

#define READ_BYTES 65536 /* twice what the kernel hands over at a time */
#define FIRST_SEEN 4096	 /* a power of two */
#define STACK_BYTES (1 << 20)

struct sockets {
	enum sockets_way way;
	struct tcpspan_bpf *skel; /* NULL with SOCKETS_DIAG */
	bool borrowed;
};

/* The sockets of one namespace that were told of, by a hash of what identifies them. */
struct seen {
	uint64_t *keys; /* 0: none */
	size_t count, room;
};

/* One walk, which has a thread of its own: setns() moves a thread, not the process. */
struct walk {
	struct sockets *sockets;
	const struct sockets_query *query;
	struct sockets_result result;
	struct seen seen;
	uint32_t home;	/* the namespace that the thread begins in */
	uint32_t netns; /* the one it is in */
	uint8_t *bytes;
	int error;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * 0x9e3779b97f4a7c15ull;
	return a ^ a >> 29;
}

static uint64_t key_of(const struct socket_info *info)
{
	uint64_t words[4];
	/* Step by step: what differs in two of them must not cancel out. */
	uint64_t key = mix(mix(1, info->sock), (uint64_t)info->lport << 16 | info->rport);

	memcpy(words, &info->laddr, sizeof(info->laddr));
	memcpy(words + 2, &info->raddr, sizeof(info->raddr));
	for (int i = 0; i < 4; i++)
		key = mix(key, words[i]);
	return key ? key : 1;
}

static size_t place_of(const struct seen *seen, uint64_t key)
{
	size_t i = key & (seen->room - 1);

	while (seen->keys[i] && seen->keys[i] != key)
		i = (i + 1) & (seen->room - 1);
	return i;
}

static int make_room(struct seen *seen)
{
	struct seen grown = { .room = seen->room ? seen->room * 2 : FIRST_SEEN };

	if ((seen->count + 1) * 2 <= seen->room)
		return 0;
	grown.keys = calloc(grown.room, sizeof(*grown.keys));
	if (!grown.keys)
		return -ENOMEM;
	for (size_t i = 0; i < seen->room; i++)
		if (seen->keys[i])
			grown.keys[place_of(&grown, seen->keys[i])] = seen->keys[i];
	free(seen->keys);
	seen->keys = grown.keys;
	seen->room = grown.room;
	return 0;
}

/* Kernels up to 5.14 may start a bucket again, later ones may do so when the table changes. */
static bool is_repeated(struct walk *w, const struct socket_info *info)
{
	uint64_t key = key_of(info);
	size_t i;

	if (make_room(&w->seen)) {
		w->result.unchecked++;
		return false;
	}
	i = place_of(&w->seen, key);
	if (w->seen.keys[i])
		return true;
	w->seen.keys[i] = key;
	w->seen.count++;
	return false;
}

static void tell(struct walk *w, const struct socket_info *info, const void *bytes)
{
	if (is_repeated(w, info)) {
		w->result.repeated++;
		return;
	}
	w->result.sockets++;
	w->query->visit(w->query->context, info, bytes);
}

static void tell_diag(void *context, const struct socket_info *info)
{
	tell(context, info, NULL);
}

/* Tells of the whole records among `size` bytes; returns how many bytes these are. */
static size_t tell_records(struct walk *w, size_t size)
{
	size_t at = 0;

	for (; size - at >= sizeof(struct event_socket); at += sizeof(struct event_socket)) {
		struct socket_info info;

		if (socket_decode(w->bytes + at, sizeof(struct event_socket), &info))
			w->result.malformed++;
		else
			tell(w, &info, w->bytes + at);
	}
	return at;
}

static int read_records(struct walk *w, int fd)
{
	size_t held = 0;

	for (;;) {
		ssize_t size = read(fd, w->bytes + held, READ_BYTES - held);
		size_t told;

		/* EAGAIN: it has passed a million sockets and none was for us. */
		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (size <= 0)
			return size ? -errno : 0;
		held += size;
		told = tell_records(w, held);
		held -= told;
		memmove(w->bytes, w->bytes + told, held);
	}
}

static int look_by_iterator(struct walk *w)
{
	struct tcpspan_bpf *skel = w->sockets->skel;
	struct config_shared *shared = (struct config_shared *)&skel->bss->shared;
	int error, fd;

	shared->snapshot = w->query->states;
	fd = bpf_iter_create(bpf_link__fd(skel->links.socket_iter));
	if (fd < 0)
		return -errno;
	error = read_records(w, fd);
	close(fd);
	return error;
}

static int look_by_diag(struct walk *w)
{
	int64_t malformed = diag_each(w->netns, w->query->states, tell_diag, w);

	if (malformed < 0)
		return malformed;
	w->result.malformed += malformed;
	return 0;
}

/* In the namespace that the thread is in. */
static int look(struct walk *w)
{
	int error;

	if (w->seen.room)
		memset(w->seen.keys, 0, w->seen.room * sizeof(*w->seen.keys));
	w->seen.count = 0;
	error = w->sockets->way == SOCKETS_DIAG ? look_by_diag(w) : look_by_iterator(w);
	if (error) {
		w->result.unreadable++;
		w->error = error;
	} else {
		w->result.namespaces++;
	}
	return error;
}

/* The thread stays where it was when this fails. */
static int enter(struct walk *w, const struct namespace *namespace)
{
	int fd, error;

	if (namespace->inode == w->netns)
		return 0;
	fd = namespace_open(namespace);
	if (fd < 0)
		return fd;
	error = setns(fd, CLONE_NEWNET) ? -errno : 0;
	close(fd);
	if (!error)
		w->netns = namespace->inode;
	return error;
}

static void visit_namespace(struct walk *w, const struct namespace *namespace)
{
	int error = enter(w, namespace);

	if (!error)
		error = look(w);
	else if (error == -ENOENT || error == -ESRCH)
		w->result.vanished++;
	else
		w->result.unreadable++;
	if (!error)
		return;
	w->error = error;
	/* One that is gone has taken its sockets along. */
	if (w->query->miss && error != -ENOENT && error != -ESRCH)
		w->query->miss(w->query->context, namespace->inode);
}

static int walk_namespaces(struct walk *w)
{
	uint32_t only = w->query->netns;
	struct namespaces namespaces;
	const struct namespace *found;
	int error;

	if (only && only == w->home) {
		look(w);
		return w->error;
	}
	error = namespaces_find(&namespaces, w->query->search_files, only);
	if (error)
		return error;
	w->result.hidden = namespaces.hidden;
	found = only ? namespaces_get(&namespaces, only) : NULL;
	if (found)
		visit_namespace(w, found);
	else if (only)
		w->error = -ENOENT;
	else if (!namespaces.count)
		look(w); /* without /proc: where we are */
	for (size_t i = 0; !only && i < namespaces.count; i++)
		visit_namespace(w, &namespaces.list[i]);
	namespaces_done(&namespaces);
	return w->result.namespaces ? 0 : w->error;
}

static void *run_walk(void *context)
{
	struct walk *w = context;
	struct stat st;

	if (!stat("/proc/thread-self/ns/net", &st))
		w->home = w->netns = st.st_ino;
	w->bytes = malloc(READ_BYTES);
	w->error = w->bytes ? walk_namespaces(w) : -ENOMEM;
	free(w->bytes);
	free(w->seen.keys);
	return NULL;
}

int sockets_each(struct sockets *sockets, const struct sockets_query *query,
		 struct sockets_result *ret_result)
{
	struct walk walk = { .sockets = sockets, .query = query, .result.way = sockets->way };
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	error = pthread_attr_init(&attributes);
	if (error)
		return -error;
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	error = pthread_create(&thread, &attributes, run_walk, &walk);
	pthread_attr_destroy(&attributes);
	if (error)
		return -error;
	pthread_join(thread, NULL);
	*ret_result = walk.result;
	return walk.error;
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

void sockets_free(struct sockets *sockets)
{
	if (!sockets)
		return;
	if (!sockets->borrowed)
		tcpspan_bpf__destroy(sockets->skel);
	free(sockets);
}
