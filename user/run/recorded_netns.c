// SPDX-License-Identifier: GPL-2.0-only
/* Which network namespaces of recordings are called as --netns says. */
#include "user/run/recorded_netns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/base/buffer.h"
#include "user/base/text.h"
#include "user/conn/filter.h"
#include "user/names/netns.h"
#include "user/run/about.h"
#include "user/run/complaints.h"
#include "user/run/signals.h"

#define SHOWN_COLUMNS 64

/* Of this machine. */
static struct {
	bool is_known;
	char boot[ABOUT_BOOT_SIZE];
	uint32_t inodes[NETNS_LIST_MAX]; /* in the order of the names; 0: there is none */
} here;

struct search {
	const struct filter_names *names;
	struct netns_list *list;
	bool is_found[NETNS_LIST_MAX]; /* in the order of the names */
	const char *surplus;	       /* the name of the first one too many; NULL: there is none */
	struct netns_names *called;    /* each inode, as it was last; NULL: no memory */
	struct netns_names *shared;    /* those that had several names */
};

static void add(struct search *s, size_t i, const char *name, uint32_t inode)
{
	s->is_found[i] = true;
	if (netns_list_add(s->list, inode) && !s->surplus)
		s->surplus = name;
}

/* The kernel gives the number of a namespace that is gone to the next one. */
static void note_name(struct search *s, uint32_t inode, const char *name, size_t size)
{
	const char *before = s->called ? netns_names_find(s->called, inode) : NULL;

	if (before && (strlen(before) != size || memcmp(before, name, size)) && s->shared)
		netns_names_set(s->shared, inode, name, size);
	if (s->called)
		netns_names_set(s->called, inode, name, size);
}

static void on_netns(void *context, uint32_t inode, enum recording_netns what, const char *name,
		     size_t size)
{
	struct search *s = context;
	const char *wanted = NULL;

	if (what == RECORDING_NETNS_NAMED)
		note_name(s, inode, name, size);
	for (size_t i = 0; i < NETNS_LIST_MAX && what == RECORDING_NETNS_NAMED; i++) {
		wanted = conn_filter_next_name(s->names, wanted);
		if (!wanted)
			return;
		if (size == strlen(wanted) && !memcmp(name, wanted, size))
			add(s, i, wanted, inode);
	}
}

static void on_record(void *context, const void *bytes, size_t size)
{
	(void)context;
	(void)bytes;
	(void)size;
}

/* What can be read once only is not read for names. It is open already. */
static bool is_file(const char *path)
{
	int fd = strcmp(path, REPLAY_STDIN) ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	struct stat st;
	bool is_one = fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode);

	if (fd >= 0)
		close(fd);
	return is_one;
}

static bool are_files(const struct options *o)
{
	for (size_t i = 0; i < o->input_count; i++)
		if (!is_file(o->inputs[i]))
			return false;
	return true;
}

/* What is wrong with a recording is told by who reads it for more. */
static int search_recordings(const struct options *o, const sigset_t *allowed, struct search *s)
{
	const struct replay_settings settings = {
		.paths = o->inputs,
		.count = o->input_count,
		.on_record = on_record,
		.on_netns = on_netns,
		.allowed = allowed,
		.is_stopped = signals_asked_to_stop,
		.context = s,
	};
	struct replay_flaw flaw;
	struct source *source;
	struct replay *replay;
	int error = replay_open(&settings, &replay, &flaw);

	if (error)
		return error == -EINTR ? error : 0;
	source = replay_source(replay);
	while (!signals_asked_to_stop() && source->class->read(source, UINT64_MAX, allowed) >= 0)
		;
	source->class->free(source);
	return signals_asked_to_stop() ? -EINTR : 0;
}

/* Else the same numbers are others' there. */
static bool are_of_this_boot(const struct replay *replay)
{
	const struct recording_about *about;

	for (size_t i = 0; (about = replay_about_each(replay, i)); i++) {
		const char *boot = about->text[RECORDING_BOOT];

		if (!*here.boot || !boot || strcmp(here.boot, boot))
			return false;
	}
	return true;
}

/* Returns -errno, of the sentence that it says. */
static int complain(enum run_complaint what, const char *name)
{
	struct sentence_words words = { .n = NETNS_LIST_MAX };
	struct buffer text;

	buffer_init(&text);
	text_add_escaped(&text, name, strlen(name), SHOWN_COLUMNS);
	buffer_add_char(&text, '\0');
	words.w = text.failed ? "?" : text.bytes;
	log_say(&run_complaints[what], &words);
	buffer_done(&text);
	return what == RUN_COMPLAINT_NETNS_MANY ? -E2BIG : -ENOENT;
}

void recorded_netns_learn(const struct options *options)
{
	const char *name = NULL;

	if (here.is_known || !options->netns_names.size)
		return;
	here.is_known = true;
	about_read_boot(here.boot);
	for (size_t i = 0; i < NETNS_LIST_MAX; i++) {
		name = conn_filter_next_name(&options->netns_names, name);
		if (!name)
			break;
		if (netns_resolve(name, &here.inodes[i]))
			here.inodes[i] = 0;
	}
}

/* Those that no recording tells of. */
static int add_own(struct search *s, const struct replay *replay, bool was_searched)
{
	bool is_own = are_of_this_boot(replay);
	const char *name = NULL;

	for (size_t i = 0; (name = conn_filter_next_name(s->names, name)); i++) {
		if (i == NETNS_LIST_MAX)
			return complain(RUN_COMPLAINT_NETNS_MANY, name);
		if (!s->is_found[i] && is_own && here.inodes[i])
			add(s, i, name, here.inodes[i]);
		if (!s->is_found[i])
			return complain(was_searched ? RUN_COMPLAINT_NETNS_UNKNOWN :
						       RUN_COMPLAINT_NETNS_LATE,
					name);
	}
	return s->surplus ? complain(RUN_COMPLAINT_NETNS_MANY, s->surplus) : 0;
}

/* Records have the number alone: those of another namespace cannot be told apart by it. */
static void warn_of_shared(const struct search *s, size_t first)
{
	for (size_t i = first; s->shared && i < s->list->count; i++)
		if (netns_names_find(s->shared, s->list->inodes[i])) {
			complain(RUN_COMPLAINT_NETNS_SHARED,
				 netns_names_find(s->shared, s->list->inodes[i]));
			return;
		}
}

int recorded_netns_find(const struct options *options, const struct replay *replay,
			const sigset_t *allowed, struct netns_list *list)
{
	struct search s = { .names = &options->netns_names, .list = list };
	bool can_search = options->netns_names.size && are_files(options);
	int error = 0;

	list->count = options->netns_numbers;
	if (can_search) {
		s.called = netns_names_new();
		s.shared = netns_names_new();
		error = search_recordings(options, allowed, &s);
	}
	if (!error)
		error = add_own(&s, replay, can_search);
	if (!error)
		warn_of_shared(&s, options->netns_numbers);
	netns_names_free(s.called);
	netns_names_free(s.shared);
	return error;
}
