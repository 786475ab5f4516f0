// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes conditions: the first byte says what they know, the rest is the text of one. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/difference.h"

/* An assert that no flag turns off. */
#define demand(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

static void fail(int line, const char *demand)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, demand);
	abort();
}

/* The values come from the byte, so that all verdicts do. */
static enum quantity_knowledge read_byte(const void *context, const struct quantity *q,
					 double *ret_value)
{
	uint8_t byte = *(const uint8_t *)context;

	*ret_value = (byte >> 2) + q->kind;
	return byte & 3 ? QUANTITY_KNOWN : q->kind & 1 ? QUANTITY_EMPTY : QUANTITY_UNTOLD;
}

static void demand_judged(const struct condition *c, const uint8_t *byte)
{
	struct judgement j;
	struct buffer words;

	condition_judge(c, read_byte, byte, &j);
	demand(j.verdict <= CONDITION_UNDECIDED);
	demand(*byte & 3 || j.verdict == CONDITION_UNDECIDED);
	buffer_init(&words);
	condition_say(c, &j, LADDER_EN, &words);
	demand(words.failed || words.size);
	buffer_done(&words);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char why[CONDITION_WHY_SIZE] = "", *text;
	struct condition condition;

	if (!size)
		return 0;
	text = strndup((const char *)bytes + 1, size - 1);
	if (!text)
		return 0;
	if (condition_parse(text, bytes[0] & 0x80 ? difference_find : quantity_find, &condition,
			    LADDER_EN, why)) {
		demand(*why && memchr(why, '\0', sizeof(why)));
		for (const char *c = why; *c; c++)
			demand((unsigned char)*c >= ' ' && *c != 0x7f);
	} else {
		demand(condition.count && condition.count <= CONDITION_COMPARISONS);
		demand(condition.size == 2 * condition.count - 1);
		demand_judged(&condition, bytes);
	}
	free(text);
	return 0;
}
