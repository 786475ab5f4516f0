// SPDX-License-Identifier: GPL-2.0-only
/* What processes and recordings say of code: maps, perf maps, texts of stacks, symbols. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/input.h"
#include "user/base/buffer.h"
#include "user/event/stack_text.h"
#include "user/stacks/demangle.h"
#include "user/stacks/mappings.h"
#include "user/stacks/perf_map.h"

struct input {
	const uint8_t *bytes;
	size_t left;
};

static ssize_t give(void *context, void *bytes, size_t size)
{
	struct input *in = context;

	if (size > in->left)
		size = in->left;
	memcpy(bytes, in->bytes, size);
	in->bytes += size;
	in->left -= size;
	return (ssize_t)size;
}

static void read_mappings(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size + 1);
	struct mappings m;

	memcpy(text, bytes, size);
	if (mappings_parse(&m, text, size))
		return;
	for (size_t i = 0; i < m.count; i++)
		if (mappings_find(&m, m.all[i].start) != &m.all[i])
			abort();
	mappings_done(&m);
}

static void read_perf_map(const uint8_t *bytes, size_t size)
{
	struct perf_map_question questions[] = { { .address = 0x1000 }, { .address = 0 } };
	struct input in = { bytes, size };

	if (perf_map_answer(give, &in, questions, 2))
		abort();
	if (strlen(questions[0].function) > PERF_MAP_NAME_MAX)
		abort();
}

/* What was read and is written again is read as the same. */
static void read_text(const uint8_t *bytes, size_t size)
{
	static struct stack_frames frames, again;
	struct buffer text;

	if (!stack_text_read((const char *)bytes, size, &frames))
		return;
	buffer_init(&text);
	stack_text_write(&frames, &text);
	if (!stack_text_read(text.bytes, text.size, &again) || again.count > frames.count ||
	    again.frame[0].flags != frames.frame[0].flags)
		abort();
	buffer_done(&text);
}

/* Of C++ whatever comes first, of Rust the two ways it has. */
static void read_symbol(const uint8_t *bytes, size_t size)
{
	static const char *const begins[] = { "", "_Z", "_R", "_ZN" };
	char *symbol = malloc(size + 4), text[256];

	snprintf(symbol, 4, "%s", begins[size % 4]);
	if (size)
		snprintf(symbol + strlen(symbol), size, "%.*s", (int)size, (const char *)bytes);
	if (demangle(symbol, text, sizeof(text)) && !strnlen(text, sizeof(text)))
		abort();
	free(symbol);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (!size)
		return 0;
	if (bytes[0] % 4 == 0)
		read_mappings(bytes + 1, size - 1);
	else if (bytes[0] % 4 == 1)
		read_perf_map(bytes + 1, size - 1);
	else if (bytes[0] % 4 == 2)
		read_text(bytes + 1, size - 1);
	else
		read_symbol(bytes + 1, size - 1);
	return 0;
}
