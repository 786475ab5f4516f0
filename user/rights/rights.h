/* SPDX-License-Identifier: GPL-2.0-only */
/* Gives up what this process does not need any more. */
#ifndef USER_RIGHTS_RIGHTS_H
#define USER_RIGHTS_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/rights/role.h"

/* What a role needs to be told. */
struct rights_needs {
	enum rights_role role;
	uint64_t capabilities;	      /* beyond those of the role */
	const char *const *also_read; /* files beyond its paths */
	size_t also_count;
	const char *later; /* one more of them; NULL: none */
	int written;	   /* an open folder to make files in; -1: none */
	bool is_thread;	   /* of a process that is yet to take a role of its own */
};

/* X(field, "name"): what holds a process to its role, in the order of its coming into force. */
#define RIGHTS_BARS(X)                  \
	X(no_new_privs, "no_new_privs") \
	X(landlock, "Landlock")         \
	X(capabilities, "capabilities") \
	X(not_dumpable, "no dumps")     \
	X(seccomp, "seccomp")

/* 0: in force; -ENOSYS: this machine has it not; another -errno: it is refused. */
struct rights_bars {
#define X(field, name) int field;
	RIGHTS_BARS(X)
#undef X
};

/*
 * Keeps what the role needs and no more, for good, and for all threads that begin later; those
 * that run have the same system calls and no new rights. What this machine lacks is left out, and
 * told by `ret`.
 */
void rights_keep(const struct rights_needs *needs, struct rights_bars *ret);

/* Tries them all in a process of its own. */
void rights_try(struct rights_bars *ret);

#endif
