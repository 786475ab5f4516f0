/* SPDX-License-Identifier: GPL-2.0-only */
/* What a store answers to a query: rows of values, none of which is trusted. */
#ifndef USER_FLEET_ANSWER_H
#define USER_FLEET_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANSWER_COLUMNS 32

/* With names in front, so that no rows are told from no answer. */
#define ANSWER_FORMAT " FORMAT TabSeparatedWithNames"

struct answer_value {
	const char *bytes; /* NULL: it is not known */
	size_t size;
};

/* Rows of FORMAT TabSeparated that are left. */
struct answer {
	char *at, *end;
};

/*
 * Takes the names of so many columns, which stand in front of the rows, of which there may be none.
 * Returns 0; -ENODATA: not even names are there; or -EBADMSG: that is something else.
 */
int answer_begin(struct answer *answer, size_t count);

/*
 * Takes the next row, whose values stay where they were, without escapes. Returns 1; 0: there is
 * none; or -EBADMSG: it has not so many values.
 */
int answer_next(struct answer *answer, struct answer_value *values, size_t count);

/* Of a decimal number; false: it is none, or not known. */
bool answer_u64(const struct answer_value *value, uint64_t *ret);

/* Whether it is this text. */
bool answer_is(const struct answer_value *value, const char *text);

#endif
