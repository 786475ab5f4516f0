/* SPDX-License-Identifier: GPL-2.0-only */
/* Records among those of other recordings, and in files: what names a socket is changed. */
#ifndef USER_EVENT_IDENTITY_H
#define USER_EVENT_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "user/base/address.h"
#include "user/base/siphash.h"

/* Where a record comes from, when there are records of several recordings. */
struct event_origin {
	int64_t by_ns; /* from its clock to the common one */
	uint8_t space; /* of its sockets: the top byte of sock, which says nothing on one machine */
	uint8_t host;  /* 0: cgroups have the ids that they have here */
};

/*
 * Moves a record among those of others, before it is decoded. `size` must be that of the record's
 * kind.
 */
void event_rebase(void *bytes, size_t size, const struct event_origin *origin);

/* The same for a cgroup's id that comes another way. */
uint64_t event_rebase_cgroup(uint64_t id, const struct event_origin *origin);

/* Whether a record is of an owner: most are not. */
bool event_has_owner(const void *bytes, size_t size);

/*
 * The cgroup that a record of an owner tells of (0: of none), and the owner's process (0: not
 * known), of a record that need not be sound.
 */
uint64_t event_peek_cgroup(const void *bytes, size_t size, uint32_t *ret_pid);

/* The name of the process of such an owner, of EVENT_COMM_SIZE bytes; NULL: it is not told. */
const char *event_peek_process(const void *bytes, size_t size);

/* Puts another one in its place, of a record in which event_peek_cgroup() found one. */
void event_replace_cgroup(void *bytes, uint64_t cgroup);

/* The space of a rebased record's socket. */
uint8_t event_space_of(uint64_t sock);

/*
 * Takes the addresses of the kernel's objects out of a record that others may read: in their place
 * stand hashes, the same for the same object, with EVENT_HIDDEN_SPACE on top, which no address has.
 * 0 stays 0. `size` may be more than that of the record's kind.
 */
#define EVENT_HIDDEN_SPACE 0x80

void event_hide(void *bytes, size_t size, const struct siphash_key *key);

#define EVENT_HIDER_KNOWN 1024

/* The same of record after record: most are of an object that others were of. Begins as zeros. */
struct event_hider {
	struct siphash_key key;
	struct {
		uint64_t own, hidden; /* own 0: none */
	} known[EVENT_HIDER_KNOWN];
};

/* `size` is at least that of a head. */
void event_hide_by(void *bytes, size_t size, struct event_hider *hider);

/* What stands for an address, or a name of so many bytes, is put into its place. */
struct event_redactor {
	void (*address)(void *context, struct address *a);
	void (*comm)(void *context, char comm[EVENT_COMM_SIZE]);
	void (*interface)(void *context, char name[EVENT_IFNAME_SIZE]);
	void *context;
};

/* Takes addresses and names out of a record; it need not be sound. */
void event_redact(void *bytes, size_t size, const struct event_redactor *redactor);

#endif
