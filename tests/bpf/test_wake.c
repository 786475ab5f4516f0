// SPDX-License-Identifier: GPL-2.0-only
/* A reader of the ring that sleeps is woken by another descriptor as well. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "tests/bpf/tap.h"
#include "user/source/ring.h"

#define RING_BYTES 65536
#define PATIENCE_MS 10000
#define NAP_MS 200

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* For how long it slept, if it might for so long. */
static uint64_t sleep_ms(const struct ring *ring, int most_ms)
{
	uint64_t begin_ms = now_ms();

	return ring_wait(ring, most_ms, NULL) ? UINT64_MAX : now_ms() - begin_ms;
}

int main(void)
{
	struct tap t = { 0 };
	struct ring *ring = NULL;
	int map_fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "wake", 0, 0, RING_BYTES, NULL);
	int fds[2];
	char byte = 'x';

	if (map_fd == -EPERM)
		return tap_skip_all("no right to make a ring buffer");
	if (!tap_ok(&t, map_fd >= 0 && !ring_open(&map_fd, 1, RING_BYTES, &ring), "a ring is open"))
		return tap_done(&t);
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		return 1;
	tap_ok(&t, !ring_watch(ring, fds[0]), "it watches a pipe");
	tap_ok(&t, write(fds[1], &byte, 1) == 1 && sleep_ms(ring, PATIENCE_MS) < PATIENCE_MS / 2,
	       "a byte in the pipe ends its sleep");
	tap_ok(&t, sleep_ms(ring, PATIENCE_MS) < PATIENCE_MS / 2, "as long as it is there");
	tap_ok(&t, read(fds[0], &byte, 1) == 1 && !ring_wait(ring, 0, NULL), "it is read");
	tap_ok(&t, sleep_ms(ring, NAP_MS) >= NAP_MS / 2, "and then it sleeps again");
	tap_ok(&t, ring_watch(ring, -1) == -EBADF, "what is no descriptor is refused");
	ring_free(ring);
	close(map_fd);
	return tap_done(&t);
}
