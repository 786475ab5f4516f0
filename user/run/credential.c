// SPDX-License-Identifier: GPL-2.0-only
/* Secrets that a service manager hands over as files: LoadCredential= of systemd. */
#include "user/run/credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool credential_find(const char *name, char ret_path[CREDENTIAL_PATH_SIZE])
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	int length;

	if (!folder || !*folder)
		return false;
	length = snprintf(ret_path, CREDENTIAL_PATH_SIZE, "%s/%s", folder, name);
	return length < CREDENTIAL_PATH_SIZE && !access(ret_path, F_OK);
}
