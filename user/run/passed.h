/* SPDX-License-Identifier: GPL-2.0-only */
/* A socket that the service manager has opened for this process: sd_listen_fds(3). */
#ifndef USER_RUN_PASSED_H
#define USER_RUN_PASSED_H

#include <stdbool.h>

/* Whether there is any to take. */
bool passed_socket_is_there(void);

/*
 * Takes what the environment says, and leaves nothing of it to others. Returns the descriptor of a
 * TCP socket that listens and does not block; -ENOENT: none was passed; -EINVAL after one sentence:
 * something else was, or more than one.
 */
int passed_socket_take(void);

#endif
