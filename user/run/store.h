/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the rows of many machines are kept: what the options --clickhouse... say of it. */
#ifndef USER_RUN_STORE_H
#define USER_RUN_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"
#include "user/option/options.h"

#define STORE_URLS 8
#define STORE_URL_SIZE 512
#define STORE_HEADERS 2
#define STORE_HEADER_SIZE 600
#define STORE_NAME_SIZE 64

struct store {
	char urls[STORE_URLS][STORE_URL_SIZE];		/* without a slash at the end */
	size_t url_count;				/* at least 1 */
	char headers[STORE_HEADERS][STORE_HEADER_SIZE]; /* who asks; secret */
	size_t header_count;
	char database[STORE_NAME_SIZE];
	const char *certificates; /* a file of whom to trust; NULL: those of the system */
};

/*
 * Reads the options, and the password out of its file. Returns 0, or -EINVAL after one sentence, in
 * which no secret stands.
 */
int store_read(struct store *ret, const struct options *o);

/* Forgets who asks. */
void store_forget(struct store *store);

/* Adds the whole URL by which `query` is put to the one of that number; `settings` may be "". */
void store_add_url(struct buffer *out, const struct store *store, size_t number, const char *query,
		   const char *settings);

/* The number behind "Code: " of an answer, which is not trusted; 0: there is none. */
unsigned int store_code(const char *answer, size_t size);

/* What that means, to whoever has sent or asked; NULL: nothing that is known here. */
const char *store_reason(unsigned int code, const char *answer, size_t size);

/* Whether the rows themselves are what cannot be taken, whenever they come. */
bool store_refuses_rows(unsigned int code, const char *answer, size_t size);

#endif
