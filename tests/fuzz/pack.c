// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes how records are packed, and how what claims to be packed is undone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/input.h"
#include "user/record/pack.h"

#define BEHIND 16
#define INPUT_MAX (1 << 16)

#define demand(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

static void fail(int line, const char *demand)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, demand);
	abort();
}

static struct pack *pack, *undo;

/* Memory of just that size, so that a byte beside it is seen. */
static uint8_t *exactly(size_t size)
{
	uint8_t *bytes = malloc(size);

	demand(bytes || !size);
	return bytes;
}

/* What is packed is fewer bytes, and had back. */
static void pack_and_undo(const uint8_t *raw, size_t size)
{
	uint8_t *out = exactly(size + BEHIND), *packed, *again;
	size_t count = pack_records(pack, raw, size, out);

	demand(!count || count < size);
	if (count) {
		packed = exactly(count);
		again = exactly(size);
		memcpy(packed, out, count);
		demand(!pack_undo(undo, packed, count, again, size));
		demand(!memcmp(raw, again, size));
		free(packed);
		free(again);
	}
	free(out);
}

/* Of any bytes comes something or nothing; what comes is as good as any records. */
static void undo_and_pack(const uint8_t *bytes, size_t size, size_t raw_size)
{
	uint8_t *packed = exactly(size), *raw = exactly(raw_size);

	if (size)
		memcpy(packed, bytes, size);
	if (!pack_undo(undo, packed, size, raw, raw_size))
		pack_and_undo(raw, raw_size);
	free(packed);
	free(raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	size_t raw_size;

	if (size < INPUT_PACK_HEAD || size > INPUT_MAX)
		return 0;
	if (!pack) {
		pack = pack_new();
		undo = pack_new();
		demand(pack && undo);
	}
	raw_size = bytes[1] | (size_t)bytes[2] << 8;
	if (bytes[0] & INPUT_PACKED)
		undo_and_pack(bytes + INPUT_PACK_HEAD, size - INPUT_PACK_HEAD, raw_size);
	else
		pack_and_undo(bytes + INPUT_PACK_HEAD, size - INPUT_PACK_HEAD);
	return 0;
}
