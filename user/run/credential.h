/* SPDX-License-Identifier: GPL-2.0-only */
/* Secrets that a service manager hands over as files: LoadCredential= of systemd. */
#ifndef USER_RUN_CREDENTIAL_H
#define USER_RUN_CREDENTIAL_H

#include <stdbool.h>

#define CREDENTIAL_PATH_SIZE 4096

/* Where the one of that name is. Returns false when there is none. */
bool credential_find(const char *name, char ret_path[CREDENTIAL_PATH_SIZE]);

#endif
