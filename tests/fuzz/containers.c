// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes what reads the state of runtimes: the first byte says which file, the rest is its text. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/names/containers.h"
#include "user/names/pods.h"

/* An assert that no flag turns off. */
#define demand(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

#define ID "3f1c0a5be2d94c7786a1fb00c25d9e4471c0de3b5a7f8e9d0c1b2a3948576655"

static void fail(int line, const char *demand)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, demand);
	abort();
}

static void demand_labels(const struct labels *labels)
{
	for (size_t i = 0; i < labels_count(labels); i++) {
		const char *id, *name;
		enum label_kind kind;

		labels_at(labels, i, &kind, &id, &name);
		demand(*id && *name && strlen(id) <= LABEL_SIZE_MAX &&
		       strlen(name) <= LABEL_SIZE_MAX);
		demand(labels_find(labels, kind, id) == name);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct labels *labels = labels_new();
	enum container_file file;
	char *name;

	if (!labels || !size) {
		labels_free(labels);
		return 0;
	}
	file = (enum container_file)(bytes[0] % CONTAINER_FILE_COUNT);
	if (containers_read(labels, file, (const char *)bytes + 1, size - 1, ID))
		demand(labels_find(labels, LABEL_CONTAINER, ID));
	name = strndup((const char *)bytes + 1, size - 1);
	if (name) {
		pods_read_folder(labels, name);
		pods_read_log(labels, name);
	}
	free(name);
	demand_labels(labels);
	labels_free(labels);
	return 0;
}
