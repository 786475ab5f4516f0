// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes what a recording goes through: the reader, the merge of two files, the decoder. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/input.h"
#include "tests/fuzz/mend.h"
#include "user/event/event.h"
#include "user/record/format.h"
#include "user/source/replay.h"

#define FILES 2
#define INPUT_MAX (1 << 16)
#define PATH_SIZE 32
/* So many polls end any file of that size, however it is made: a batch has a record or an end. */
#define POLLS_MAX 100000000

#define demand(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

static void fail(int line, const char *demand)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, demand);
	abort();
}

static uint64_t records;

static void on_record(void *context, const void *bytes, size_t size)
{
	const size_t behind = sizeof(struct event_sequences);
	struct event event;
	size_t own;

	(void)context;
	demand(size >= sizeof(struct event_head) && size <= UINT16_MAX + behind);
	own = event_size_of(((const uint8_t *)bytes)[offsetof(struct event_head, kind)]);
	demand(!own || size == own || size == own + behind);
	event_decode(bytes, size, &event);
	records++;
}

static void on_cgroup(void *context, uint64_t id, const char *path, size_t size)
{
	static char copy[UINT16_MAX];

	(void)context;
	(void)id;
	demand(size <= sizeof(copy));
	memcpy(copy, path, size);
}

static void on_netns(void *context, uint32_t inode, enum recording_netns what, const char *name,
		     size_t size)
{
	demand(what <= RECORDING_NETNS_MACHINE);
	on_cgroup(context, inode, name, size);
}

static void on_process(void *context, uint8_t space, uint32_t pid, uint32_t ppid,
		       const struct recording_process *process, const char *cmdline, size_t size)
{
	on_cgroup(context, process->start_mono_ns + space + pid + ppid, cmdline, size);
}

static void on_clock(void *context, int64_t ahead_ns)
{
	on_cgroup(context, (uint64_t)ahead_ns, "", 0);
}

static void on_label(void *context, uint64_t kind, const char *id, size_t id_size, const char *name,
		     size_t name_size)
{
	demand(!memchr(id, ' ', id_size) && name == id + id_size + 1);
	on_cgroup(context, kind, id, id_size);
	on_cgroup(context, kind, name, name_size);
}

static void fill(int fd, const uint8_t *bytes, size_t size, bool is_mended)
{
	static uint8_t copy[INPUT_MAX];

	if (size)
		memcpy(copy, bytes, size);
	if (is_mended)
		mend(copy, size);
	demand(!ftruncate(fd, 0));
	demand(pwrite(fd, copy, size, 0) == (ssize_t)size);
}

static void demand_sound(const struct source *source)
{
	struct event_counters events;

	source->class->events(source, &events);
	demand(events.received == records + events.dropped + events.unread);
	demand(events.submitted == events.received);
	demand(events.seen == events.filtered + events.submitted + events.ring_full);
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++)
		source->class->rung(source, f);
}

static void play(struct replay *replay)
{
	struct source *source = replay_source(replay);
	uint64_t now = source->class->now(source), bytes, all;
	struct replay_flaw flaw;
	sigset_t none;
	size_t flaws = 0, polls = 0;

	sigemptyset(&none);
	while (source->class->read(source, UINT64_MAX, &none) >= 0) {
		demand(source->class->now(source) >= now);
		now = source->class->now(source);
		demand(++polls < POLLS_MAX);
	}
	while (replay_flaw(replay, flaws, &flaw)) {
		demand(flaw.path && (*flaw.what || flaw.error < 0));
		flaws++;
	}
	demand(flaws <= FILES);
	demand(!flaws || source->class->has_lost(source));
	demand_sound(source);
	replay_progress(replay, &bytes, &all);
	source->class->stop(source);
	source->class->free(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static int fds[FILES] = { -1, -1 };
	static char paths[FILES][PATH_SIZE];
	const char *const names[FILES] = { paths[0], paths[1] };
	struct replay_settings settings = {
		.paths = names,
		.on_record = on_record,
		.on_cgroup = on_cgroup,
		.on_label = on_label,
		.on_netns = on_netns,
		.on_process = on_process,
		.on_clock = on_clock,
	};
	struct replay_flaw flaw;
	struct replay *replay;
	size_t first;

	if (size < INPUT_RECORDING_HEAD || size > INPUT_MAX)
		return 0;
	for (size_t i = 0; i < FILES && fds[i] < 0; i++) {
		fds[i] = memfd_create("recording", MFD_CLOEXEC);
		demand(fds[i] >= 0);
		snprintf(paths[i], sizeof(paths[i]), "/proc/self/fd/%d", fds[i]);
	}
	first = bytes[1] | (size_t)bytes[2] << 8;
	bytes += INPUT_RECORDING_HEAD;
	size -= INPUT_RECORDING_HEAD;
	if (first > size || !first)
		first = size;
	settings.count = first < size ? 2 : 1;
	fill(fds[0], bytes, first, bytes[-INPUT_RECORDING_HEAD] & INPUT_MENDED);
	fill(fds[1], bytes + first, size - first, bytes[-INPUT_RECORDING_HEAD] & INPUT_MENDED);
	records = 0;
	if (replay_open(&settings, &replay, &flaw))
		demand(*flaw.what || flaw.error < 0);
	else
		play(replay);
	return 0;
}
