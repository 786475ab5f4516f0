// SPDX-License-Identifier: GPL-2.0-only
/* Opens something in one network namespace after the other. */
#include "user/sockets/namespace_walk.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/sockets/broker.h"
#include "user/sockets/namespaces.h"

#define STACK_BYTES (1 << 20)

#define USERS 64 /* whose time is reckoned; the others have one share together */

/* What visits to a user's namespaces have taken. */
struct user_time {
	uint32_t uid;
	uint64_t taken_ns;
};

/* A walk has a thread of its own: setns() moves a thread, not the process. */
struct walker {
	const struct namespace_walk *walk;
	struct namespace_walk_result result;
	uint32_t home;	/* the namespace that the thread begins in */
	uint32_t netns; /* the one it is in */
	int error;
	struct user_time users[USERS];
	size_t user_count;
	struct user_time *user; /* whose the next one is; NULL: root's, or no matter */
};

static struct user_time *find_user(struct walker *w, uint32_t uid)
{
	for (size_t i = 0; i < w->user_count; i++)
		if (w->users[i].uid == uid)
			return &w->users[i];
	if (w->user_count == USERS)
		return &w->users[USERS - 1];
	w->users[w->user_count].uid = uid;
	return &w->users[w->user_count++];
}

/* False: its user has had enough. */
static bool has_time_for(struct walker *w, int fd)
{
	uint32_t uid;

	w->user = NULL;
	if (!w->walk->user_ns)
		return true;
	uid = namespace_owner(fd);
	if (!uid)
		return true;
	w->user = find_user(w, uid);
	return w->user->taken_ns < w->walk->user_ns;
}

/* In the namespace that the thread is in. */
static int visit(struct walker *w)
{
	uint64_t begin_ns = clock_now();
	struct namespace_sight sight = { .netns = w->netns, .fd = -1 };
	int error = namespace_view_open(w->walk->view, w->walk->link, &sight);

	if (!error)
		error = w->walk->visit(w->walk->context, &sight);
	if (sight.fd >= 0)
		close(sight.fd);
	if (w->user)
		w->user->taken_ns += clock_now() - begin_ns;
	if (error) {
		w->result.unreadable++;
		w->error = error;
	} else {
		w->result.visited++;
	}
	return error;
}

/* The thread stays where it was when this fails. */
static int enter(struct walker *w, const struct namespace *namespace)
{
	int fd, error;

	w->user = NULL;
	if (namespace->inode == w->netns)
		return 0;
	fd = namespace_open(namespace);
	if (fd < 0)
		return fd;
	if (!has_time_for(w, fd)) {
		close(fd);
		return -EDQUOT;
	}
	error = setns(fd, CLONE_NEWNET) ? -errno : 0;
	close(fd);
	if (!error)
		w->netns = namespace->inode;
	return error;
}

static void enter_and_visit(struct walker *w, const struct namespace *namespace)
{
	int error;

	if (w->walk->wants && !w->walk->wants(w->walk->context, namespace->inode))
		return;
	error = enter(w, namespace);
	if (!error)
		error = visit(w);
	else if (error == -ENOENT || error == -ESRCH)
		w->result.vanished++;
	else if (error == -EDQUOT)
		w->result.crowded++;
	else
		w->result.unreadable++;
	if (!error)
		return;
	w->error = error;
	/* One that is gone has taken along what was in it. */
	if (w->walk->miss && error != -ENOENT && error != -ESRCH)
		w->walk->miss(w->walk->context, namespace->inode);
}

static void visit_these(struct walker *w, const struct namespaces *namespaces,
			const struct netns_list *only)
{
	for (size_t i = 0; i < only->count; i++) {
		const struct namespace *found = namespaces_get(namespaces, only->inodes[i]);

		if (found) {
			enter_and_visit(w, found);
			continue;
		}
		w->result.vanished++;
		w->error = -ENOENT;
	}
}

static int walk_all(struct walker *w)
{
	const struct netns_list *only = w->walk->only;
	struct namespaces namespaces;
	int error;

	if (only && !only->count)
		only = NULL;
	if (only && only->count == 1 && only->inodes[0] == w->home) {
		visit(w);
		return w->error;
	}
	error = namespaces_find(&namespaces, w->walk->search_files, only);
	if (error)
		return error;
	if (only)
		visit_these(w, &namespaces, only);
	else if (!namespaces.count)
		visit(w); /* without /proc: where we are */
	for (size_t i = 0; !only && i < namespaces.count; i++)
		enter_and_visit(w, &namespaces.list[i]);
	/* Where all that are named were found, nobody hides another one. */
	if (!only || w->result.vanished)
		w->result.hidden = namespaces.hidden;
	namespaces_done(&namespaces);
	return w->result.visited ? 0 : w->error;
}

static void *run(void *context)
{
	struct walker *w = context;
	struct stat st;

	if (!stat("/proc/thread-self/ns/net", &st))
		w->home = w->netns = st.st_ino;
	w->error = walk_all(w);
	return NULL;
}

int namespace_walk(const struct namespace_walk *walk, struct namespace_walk_result *ret_result)
{
	struct walker walker = { .walk = walk };
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	if (walk->broker)
		return broker_walk(walk->broker, walk, ret_result);
	*ret_result = walker.result;
	error = pthread_attr_init(&attributes);
	if (error)
		return -error;
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	error = pthread_create(&thread, &attributes, run, &walker);
	pthread_attr_destroy(&attributes);
	if (error)
		return -error;
	pthread_join(thread, NULL);
	*ret_result = walker.result;
	return walker.error;
}
