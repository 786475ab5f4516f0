/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is given the bytes of records, one by one or side by side. */
#ifndef USER_EVENT_RECORD_H
#define USER_EVENT_RECORD_H

#include <stddef.h>

/* Called for each record, in order; `bytes` are valid during the call. */
typedef void (*record_on_one)(void *context, const void *bytes, size_t size);

struct record_bytes {
	const void *bytes;
	size_t size;
};

/* Called for records that lie side by side, in order. */
typedef void (*record_on_many)(void *context, const struct record_bytes *records, size_t count);

#endif
