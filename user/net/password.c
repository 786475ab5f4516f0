// SPDX-License-Identifier: GPL-2.0-only
/* Compares passwords with their hashes by the C library's crypt. */
#include "user/net/password.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_MAX 256 /* of a name, and of a password: nobody has longer ones */

/* Of no password that anybody knows: with the cost that is usual. */
#define NOBODYS_HASH "$2y$10$abcdefghijklmnopqrstuuKV4uFhGPtVSCbZkLDSLiFRWxpJV3F1m"

/* Takes as long wherever they differ. */
static bool is_same(const char *a, const char *b)
{
	size_t size = strlen(a);
	unsigned char differ = 0;

	if (strlen(b) != size)
		return false;
	for (size_t i = 0; i < size; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return !differ;
}

static bool is_hash_of(const char *hash, const char *password)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	const char *found = data ? crypt_r(password, hash, data) : NULL;
	bool is_right = found && is_same(found, hash);

	if (data)
		explicit_bzero(data, sizeof(*data));
	free(data);
	return is_right;
}

/* 0: it is longer than any that is let in. */
static uint64_t mark_of(const struct passwords *p, const char *user, const char *password)
{
	char both[2 * SECRET_MAX] = { 0 };
	uint64_t mark;

	if (strlen(user) >= SECRET_MAX || strlen(password) >= SECRET_MAX)
		return 0;
	memcpy(both, user, strlen(user));
	memcpy(both + SECRET_MAX, password, strlen(password));
	mark = hash_bytes(&p->key, both, sizeof(both));
	explicit_bzero(both, sizeof(both));
	return mark ? mark : 1;
}

static bool is_known(const struct passwords *p, uint64_t mark)
{
	for (unsigned int i = 0; i < PASSWORDS_KNOWN; i++)
		if (p->known[i] == mark)
			return true;
	return false;
}

static const char *hash_of(const struct web_config *config, const char *user)
{
	const char *hash = NULL;

	for (size_t i = 0; i < config->user_count; i++)
		if (is_same(config->users[i].name, user))
			hash = config->users[i].hash;
	return hash;
}

bool password_is_known(const struct passwords *p, const struct web_config *config, const char *user,
		       const char *password)
{
	uint64_t mark = mark_of(p, user, password);

	return mark && hash_of(config, user) && is_known(p, mark);
}

bool password_is_right(struct passwords *p, const struct web_config *config, const char *user,
		       const char *password)
{
	uint64_t mark = mark_of(p, user, password);
	const char *hash = hash_of(config, user);

	if (!mark)
		return false;
	if (hash && is_known(p, mark))
		return true;
	if (!is_hash_of(hash ? hash : NOBODYS_HASH, password) || !hash)
		return false;
	p->known[p->next++ % PASSWORDS_KNOWN] = mark;
	return true;
}
