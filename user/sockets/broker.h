/* SPDX-License-Identifier: GPL-2.0-only */
/* A helper with the rights to look into namespaces and processes: nobody else needs them. */
#ifndef USER_SOCKETS_BROKER_H
#define USER_SOCKETS_BROKER_H

#include <stdbool.h>
#include <stdint.h>

#include "user/sockets/holders.h"
#include "user/sockets/namespace_walk.h"

struct broker;

/* Starts it, before there are threads and BPF programs. Returns 0 or -errno. */
int broker_start(struct broker **ret);

/* One that is there already, at the other end of this socket, which is closed with it; or NULL. */
struct broker *broker_at(int fd);

/* NULL: nothing. */
void broker_stop(struct broker *broker);

/* It has gone by itself: what is asked of it fails with -EPIPE. */
bool broker_has_ended(const struct broker *broker);

/* A descriptor that can be read when it has. */
int broker_fd(const struct broker *broker);

/* As namespace_walk(); `visit` is called by this thread. */
int broker_walk(struct broker *broker, const struct namespace_walk *walk,
		struct namespace_walk_result *ret_result);

/* An iterator of this link. Returns a descriptor or -errno. */
int broker_iterate(struct broker *broker, int link);

/*
 * Adds what /proc tells of these sockets: their holders, or what has no descriptor (`is_search`).
 * Returns 0, or -errno: there is no /proc, or no broker.
 */
int broker_find_holders(struct broker *broker, const struct holder_question *question,
			bool is_search, struct holder_table *table);

/*
 * As those of proc_code.h; -ETIMEDOUT, -EBUSY: processes hold it up, see aside.h. It is not long
 * before they return.
 */
int broker_mappings(struct broker *broker, uint32_t pid, uint64_t mono_ns, uint64_t image);
int broker_code(struct broker *broker, uint32_t pid, uint64_t start, uint64_t end);
int broker_code_names(struct broker *broker, uint32_t pid);
int broker_debug(struct broker *broker, const char *build_id);
int broker_cmdline(struct broker *broker, uint32_t pid);

/* As proc_fds_threads(). */
void broker_threads(struct broker *broker, uint32_t pid,
		    bool (*visit)(void *context, const char comm[EVENT_COMM_SIZE]), void *context);

#endif
