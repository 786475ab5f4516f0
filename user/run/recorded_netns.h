/* SPDX-License-Identifier: GPL-2.0-only */
/* Which network namespaces of recordings are called as --netns says. */
#ifndef USER_RUN_RECORDED_NETNS_H
#define USER_RUN_RECORDED_NETNS_H

#include <signal.h>

#include "user/event/netns_list.h"
#include "user/option/options.h"
#include "user/source/replay.h"

/* Learns what is called so here, once: of two runs the second may have no right to look. */
void recorded_netns_learn(const struct options *options);

/*
 * Puts them behind those of `list` that the options have by number. For a name may stand behind
 * those who were in it, what is read is read to its end for them, while `allowed` signals may
 * interrupt. Those of this machine count where a recording is of this boot and has no such name.
 * `replay` has been opened, and nothing else was read of it. Returns 0, -EINTR, or -errno after
 * one sentence.
 */
int recorded_netns_find(const struct options *options, const struct replay *replay,
			const sigset_t *allowed, struct netns_list *list);

#endif
