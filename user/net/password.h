/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a password is that of a user, by bcrypt, which is slow on purpose. */
#ifndef USER_NET_PASSWORD_H
#define USER_NET_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "user/base/hash.h"
#include "user/net/web_config.h"

#define PASSWORDS_KNOWN 16

/*
 * Who was let in is remembered by a keyed hash, so that a scrape every few seconds costs no more
 * than others. Zeroes and a key that nobody else knows are a beginning.
 */
struct passwords {
	struct hash_key key;
	uint64_t known[PASSWORDS_KNOWN];
	unsigned int next;
};

/* A user that is not there takes as long as a wrong password. */
bool password_is_right(struct passwords *p, const struct web_config *config, const char *user,
		       const char *password);

/* The same, as far as it takes no time to see: it was found to be right before. */
bool password_is_known(const struct passwords *p, const struct web_config *config, const char *user,
		       const char *password);

#endif
