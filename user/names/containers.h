/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of containers, and of their pods, by the files in which runtimes keep their state. */
#ifndef USER_NAMES_CONTAINERS_H
#define USER_NAMES_CONTAINERS_H

#include <stdbool.h>
#include <stddef.h>

#include "user/names/labels.h"

/* X(NAME): what a file is. */
#define CONTAINER_FILES(X)                                                \
	X(DOCKER)  /* config.v2.json of a container */                    \
	X(OCI)	   /* config.json of a bundle: of containerd and CRI-O */ \
	X(STORAGE) /* containers.json of the storage of podman and CRI-O */

enum container_file {
#define X(NAME) CONTAINER_##NAME,
	CONTAINER_FILES(X)
#undef X
		CONTAINER_FILE_COUNT
};

/*
 * Adds what the text of such a file tells of the container `id`; any bytes will do. Returns whether
 * it has a name.
 */
bool containers_read(struct labels *labels, enum container_file file, const char *text, size_t size,
		     const char *id);

/* Looks for one in all files that there are; `id` is of digits alone, or there are none. */
void containers_learn(struct labels *labels, const char *id);

#endif
