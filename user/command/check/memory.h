/* SPDX-License-Identifier: GPL-2.0-only */
/* What memory a run would take with these options: in the kernel, and here. */
#ifndef USER_COMMAND_CHECK_MEMORY_H
#define USER_COMMAND_CHECK_MEMORY_H

#include <stdbool.h>

#include "user/aggregate/ladder_phrase.h"
#include "user/base/buffer.h"
#include "user/base/json.h"
#include "user/kernel/room.h"
#include "user/option/options.h"

struct check_memory {
	bool is_known;
	struct room room;
	uint64_t table_most; /* bytes, when the table is full */
	size_t connections;  /* so many, then */
};

void memory_find(const struct options *options, const struct plan *plan, struct check_memory *ret);

/* Lines of text; nothing where it is not known. */
void memory_print(struct buffer *out, const struct check_memory *memory,
		  enum ladder_language language);

/* A key and its value. */
void memory_add_json(struct json *j, const struct check_memory *memory);

#endif
