/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of containers and pods by their ids, as somebody told them: the first one stays. */
#ifndef USER_NAMES_LABELS_H
#define USER_NAMES_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LABELS_MAX (1U << 16)
#define LABEL_SIZE_MAX 512 /* of an id or a name; longer ones are none */

/* What has a name. */
enum label_kind { LABEL_CONTAINER, LABEL_POD, LABEL_KIND_COUNT };

struct labels;

/* NULL when there is no memory. */
struct labels *labels_new(void);
void labels_free(struct labels *labels);

/*
 * Returns 0, -EEXIST, -EINVAL (empty, too long, or with a NUL), -ENOSPC (there is no more room) or
 * -ENOMEM.
 */
int labels_add(struct labels *labels, enum label_kind kind, const char *id, size_t id_size,
	       const char *name, size_t name_size);

/* Untrusted bytes that stay; NULL: it is not known. */
const char *labels_find(const struct labels *labels, enum label_kind kind, const char *id);

size_t labels_count(const struct labels *labels);

/* Number `i`, from 0, in the order in which they were added. */
void labels_at(const struct labels *labels, size_t i, enum label_kind *ret_kind,
	       const char **ret_id, const char **ret_name);

#endif
