// SPDX-License-Identifier: GPL-2.0-only
/* Names of containers and pods by their ids, as somebody told them: the first one stays. */
#include "user/names/labels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/hash.h"

struct label {
	uint8_t kind;
	uint16_t id_size; /* its name begins behind the id and its NUL */
	char *text;
};

struct labels {
	struct label *all;
	size_t count, room;
	struct hash_index index; /* counted from 1, by kind and id */
};

static uint64_t hash_of(const struct hash_key *key, enum label_kind kind, const char *id,
			size_t size)
{
	return hash_bytes(key, id, size) + kind;
}

static uint64_t hash_label(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct label *label = &((const struct labels *)context)->all[n - 1];

	return hash_of(key, label->kind, label->text, label->id_size);
}

struct labels *labels_new(void)
{
	struct labels *labels = calloc(1, sizeof(*labels));

	if (labels)
		hash_index_init(&labels->index, LABELS_MAX, hash_label, labels);
	return labels;
}

void labels_free(struct labels *labels)
{
	if (!labels)
		return;
	for (size_t i = 0; i < labels->count; i++)
		free(labels->all[i].text);
	free(labels->all);
	hash_index_done(&labels->index);
	free(labels);
}

static const struct label *find(const struct labels *labels, enum label_kind kind, const char *id,
				size_t size)
{
	struct hash_search search;
	const struct label *label;
	uint32_t n;

	if (!labels->count)
		return NULL;
	search = hash_search_begin(&labels->index, hash_of(&labels->index.key, kind, id, size));
	while ((n = hash_search_next(&labels->index, &search))) {
		label = &labels->all[n - 1];
		if (label->kind == kind && label->id_size == size && !memcmp(label->text, id, size))
			return label;
	}
	return NULL;
}

const char *labels_find(const struct labels *labels, enum label_kind kind, const char *id)
{
	const struct label *label = find(labels, kind, id, strlen(id));

	return label ? label->text + label->id_size + 1 : NULL;
}

static bool is_label(const char *text, size_t size)
{
	return size && size <= LABEL_SIZE_MAX && !memchr(text, '\0', size);
}

/* Makes room for one more. */
static int reserve(struct labels *labels)
{
	size_t room = labels->room ? labels->room * 2 : 64;
	struct label *grown;

	if (labels->count == LABELS_MAX)
		return -ENOSPC;
	if (labels->count < labels->room)
		return 0;
	grown = reallocarray(labels->all, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	labels->all = grown;
	if (hash_index_reserve(&labels->index, room))
		return -ENOMEM;
	labels->room = room;
	return 0;
}

int labels_add(struct labels *labels, enum label_kind kind, const char *id, size_t id_size,
	       const char *name, size_t name_size)
{
	struct label label = { .kind = kind, .id_size = (uint16_t)id_size };
	int error;

	if (!is_label(id, id_size) || !is_label(name, name_size))
		return -EINVAL;
	if (find(labels, kind, id, id_size))
		return -EEXIST;
	error = reserve(labels);
	if (error)
		return error;
	label.text = calloc(1, id_size + name_size + 2);
	if (!label.text)
		return -ENOMEM;
	memcpy(label.text, id, id_size);
	memcpy(label.text + id_size + 1, name, name_size);
	labels->all[labels->count++] = label;
	hash_index_put(&labels->index, hash_of(&labels->index.key, kind, id, id_size),
		       (uint32_t)labels->count);
	return 0;
}

size_t labels_count(const struct labels *labels)
{
	return labels->count;
}

void labels_at(const struct labels *labels, size_t i, enum label_kind *ret_kind,
	       const char **ret_id, const char **ret_name)
{
	const struct label *label = &labels->all[i];

	*ret_kind = label->kind;
	*ret_id = label->text;
	*ret_name = label->text + label->id_size + 1;
}
