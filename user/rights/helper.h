/* SPDX-License-Identifier: GPL-2.0-only */
/* A process of ours with rights of its own, at the other end of a socket. */
#ifndef USER_RIGHTS_HELPER_H
#define USER_RIGHTS_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "user/rights/rights.h"

struct helper {
	pid_t pid; /* 0: it is none of our children */
	int fd;	   /* our end: it keeps messages apart */
};

struct helper_settings {
	const char *name; /* as it is shown, 15 bytes at most */
	struct rights_needs needs;
	/* Before it gives up its rights, such as to become somebody else; 0, -errno. NULL: not. */
	int (*prepare)(void *context);
	/* What it does with its end of the socket; returns its exit status. */
	int (*serve)(void *context, int fd);
	/* When whom it helps has gone it has something to end first; else it is killed then. */
	bool ends_by_itself;
	void *context;
};

/*
 * Starts it, before there are threads: it has standard error and its socket, no other descriptor,
 * is not told to stop by a terminal, and ends when this process does. Returns 0 or -errno.
 */
int helper_start(const struct helper_settings *settings, struct helper *ret);

/* Lets it end, and waits until it has. */
void helper_end(struct helper *helper);

/*
 * The same of one that others may hold up, in what nobody can end: it is waited for a second, and
 * what there is of it then ends when it can, after this process.
 */
void helper_end_soon(struct helper *helper);

/* Neither hears nor tells it anything more: it ends, as far as anybody is concerned. */
void helper_silence(const struct helper *helper);

/* It has gone by itself, or was silenced. What it has sent may still be received. */
bool helper_has_ended(const struct helper *helper);

/*
 * Sends a message, and a descriptor unless it is -1. Returns 0; -EPIPE: the other end has gone;
 * -EAGAIN: it would have to wait, and `flags` (MSG_DONTWAIT) forbids; or another -errno.
 */
int helper_send(int fd, const void *bytes, size_t size, int passed, int flags);

/*
 * Waits for a message of at most `room` bytes. Returns its size; 0: the other end has gone;
 * -EMSGSIZE: it was larger, or had descriptors that nobody expects; -EMFILE: no more of them may be
 * open here, and the message is lost; or another -errno. A descriptor that came is in `ret_passed`,
 * else -1; NULL: none is expected.
 */
ssize_t helper_receive(int fd, void *bytes, size_t room, int *ret_passed);

/* Closes all descriptors from this one on. */
void helper_close_from(int first);

#endif
