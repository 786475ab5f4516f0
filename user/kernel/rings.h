/* SPDX-License-Identifier: GPL-2.0-only */
/* The ring buffers: how many there are, how large each is, and which CPU writes into which. */
#ifndef USER_KERNEL_RINGS_H
#define USER_KERNEL_RINGS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/config.h"

struct tcpspan_bpf;

/*
 * So many processors share a ring: tests/bench/README.md, "Many cores". From there on, there is one
 * for each group of half as many at least, so that the number of groups is a power of two.
 */
#define RINGS_CPUS 16

struct rings {
	unsigned int count;    /* at least 1 */
	size_t bytes;	       /* of each: a power of two, a page at least */
	int fds[CONFIG_RINGS]; /* of several, once they are made; -1: none */
};

/* Processors that run, at least 1. */
unsigned int rings_cpus(void);

/* So many of so many bytes in all, none of which is made. `count` is within CONFIG_RINGS. */
void rings_init(struct rings *rings, unsigned int count, size_t total);

/* How many rings for so many processors; `asked` for, within these, or 0: as many as are of use. */
unsigned int rings_count(unsigned int asked, unsigned int cpus);

/* What each of `count` has of `total` bytes, a power of two; a page at least. */
size_t rings_bytes(size_t total, unsigned int count);

/* Whose ring a CPU writes into: neighbours share one. Beyond `cpus`, those that came later. */
unsigned int rings_of_cpu(unsigned int cpu, unsigned int cpus, unsigned int count);

/*
 * Gives the rings to an object that is open, and was not loaded. Several are made, so that they are
 * there when its first program runs; rings_done() ends that. Returns 0, or -errno.
 */
int rings_give(struct rings *rings, struct tcpspan_bpf *skel);

void rings_done(struct rings *rings);

#endif
