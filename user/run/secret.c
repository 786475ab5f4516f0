// SPDX-License-Identifier: GPL-2.0-only
/* Files of passwords and keys, which may be pipes: `--clickhouse-password <(...)`. */
#include "user/run/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/base/read.h"
#include "user/base/units.h"
#include "user/run/complaints.h"

/* Who writes may have to be asked for a passphrase first; who never will is not waited for. */
#define PATIENCE_S 30

ssize_t secret_read(const char *path, char *text, size_t room)
{
	ssize_t size = read_path(path, text, room, PATIENCE_S * NS_PER_S);

	if (size >= 0)
		return size;
	explicit_bzero(text, room);
	if (size == -ETIMEDOUT)
		RUN_COMPLAIN(NOBODY_WRITES, .w = path, .n = PATIENCE_S);
	else
		RUN_COMPLAIN(FLAW_UNREADABLE, .w = path, .v = strerror((int)-size));
	return size;
}

bool secret_find(const char *name, char ret_path[SECRET_PATH_SIZE])
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	int length;

	if (!folder || !*folder)
		return false;
	length = snprintf(ret_path, SECRET_PATH_SIZE, "%s/%s", folder, name);
	return length < SECRET_PATH_SIZE && !access(ret_path, F_OK);
}
