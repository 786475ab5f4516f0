// SPDX-License-Identifier: GPL-2.0-only
/* Keeps small BPF objects attached: with the kernel's statistics on, until its input ends. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define OBJECTS_MAX 8
#define DRAIN_MS 10

static int on_record(void *context, void *record, size_t size)
{
	(void)record;
	(void)size;
	++*(unsigned long long *)context;
	return 0;
}

static void die(const char *what, const char *on)
{
	fprintf(stderr, "loader: cannot %s %s: %s\n", what, on, strerror(errno));
	exit(1);
}

/* Attaches every program of the object and prints a line `NAME ID` for each. */
static struct bpf_object *attach(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;

	if (!object || bpf_object__load(object))
		die("load", path);
	bpf_object__for_each_program(program, object) {
		struct bpf_prog_info info = { 0 };
		__u32 size = sizeof(info);

		if (!bpf_program__attach(program))
			die("attach", path);
		if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
			die("ask about", path);
		printf("%s %u\n", bpf_program__name(program), info.id);
	}
	return object;
}

/* The first global variable of the object, a counter of records that did not fit. */
static unsigned long long lost(struct bpf_object *object)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".bss");
	unsigned long long count = 0;
	__u32 key = 0;

	if (map && bpf_map_lookup_elem(bpf_map__fd(map), &key, &count))
		die("read", ".bss");
	return count;
}

/*
 * `ready` says that statistics run; the last line is what the rings carried and what they lost.
 * --bare: only keeps the object attached, until a signal.
 */
int main(int argc, char **argv)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	struct bpf_object *objects[OBJECTS_MAX];
	struct ring_buffer *ring = NULL;
	unsigned long long records = 0, full = 0;
	int count = argc - 1;
	int i;

	if (count == 2 && !strcmp(argv[1], "--bare")) {
		attach(argv[2]);
		pause();
		return 0;
	}
	if (count < 1 || count > OBJECTS_MAX) {
		fprintf(stderr, "usage: loader OBJECT... | loader --bare OBJECT\n");
		return 2;
	}
	for (i = 0; i < count; i++) {
		struct bpf_map *map;

		objects[i] = attach(argv[i + 1]);
		map = bpf_object__find_map_by_name(objects[i], "events");
		if (!map)
			continue;
		if (!ring)
			ring = ring_buffer__new(bpf_map__fd(map), on_record, &records, NULL);
		else if (ring_buffer__add(ring, bpf_map__fd(map), on_record, &records))
			die("read the ring of", argv[i + 1]);
		if (!ring)
			die("read the ring of", argv[i + 1]);
	}
	/* They stay on for as long as this descriptor is open, whatever becomes of this process. */
	if (bpf_enable_stats(BPF_STATS_RUN_TIME) < 0)
		die("turn on", "statistics");
	printf("ready\n");
	fflush(stdout);
	while (poll(&input, 1, DRAIN_MS) == 0)
		if (ring)
			ring_buffer__consume(ring);
	if (ring)
		ring_buffer__consume(ring);
	for (i = 0; i < count; i++)
		full += lost(objects[i]);
	printf("%llu %llu\n", records, full);
	return 0;
}
