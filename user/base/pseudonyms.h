/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands for addresses and names that are not to be told: the same for the same, in a run. */
#ifndef USER_BASE_PSEUDONYMS_H
#define USER_BASE_PSEUDONYMS_H

#include <stddef.h>
#include <stdint.h>

#include "user/base/address.h"

/* X(NAME, "name"): what has one. */
#define PSEUDONYM_KINDS(X)        \
	X(COMM, "comm")           \
	X(UNIT, "unit")           \
	X(SLICE, "slice")         \
	X(CONTAINER, "container") \
	X(POD, "pod")             \
	X(CGROUP, "/cgroup")      \
	X(NETNS, "netns")         \
	X(HOST, "host")           \
	X(LINK, "link")           \
	X(COMMAND, "command")     \
	X(PATH, "/path")          \
	X(FUNCTION, "function")

enum pseudonym_kind {
#define X(NAME, name) PSEUDONYM_##NAME,
	PSEUDONYM_KINDS(X)
#undef X
		PSEUDONYM_KIND_COUNT
};

/* Of all kinds together; whatever comes later is one: "comm-0", 240.0.0.0. */
#define PSEUDONYMS_MAX (1U << 18)
#define PSEUDONYM_SIZE 16 /* a comm's, with NUL */

struct pseudonyms;

/* NULL when there is no memory. */
struct pseudonyms *pseudonyms_new(void);
void pseudonyms_free(struct pseudonyms *p);

/*
 * "comm-3": the third that was met of this kind. Numbers say nothing of what they stand for. The
 * text stays.
 */
const char *pseudonym_of_name(struct pseudonyms *p, enum pseudonym_kind kind, const char *name,
			      size_t size);

/*
 * One of the same family: of 240.0.0.0/4 or of 2001:db8::/32, which nobody has. Those of loopback,
 * and the unspecified one, are everybody's and stay.
 */
struct address pseudonym_of_address(struct pseudonyms *p, const struct address *a);

#endif
