// SPDX-License-Identifier: GPL-2.0-only
/* What became of a condition, as one line of JSON. */
#include <string.h>

#include "user/sink/json/line.h"

/* Durations are whole nanoseconds, counts whole numbers. */
static void add_value(struct json *j, const struct quantity *q, double value)
{
	if (value >= 0 && (q->unit == QUANTITY_NS || q->unit == QUANTITY_COUNT))
		json_u64(j, (uint64_t)(value + 0.5));
	else
		json_double(j, value);
}

/* A name that was said twice has one value. */
static bool is_repeated(const struct condition *c, size_t i)
{
	size_t first = 0;

	while (strcmp(c->all[first].name, c->all[i].name) != 0)
		first++;
	return first < i;
}

void json_print_verdict(const struct sink_settings *s, struct buffer *out, const char *text,
			const struct condition *condition, const struct judgement *judgement)
{
	struct json j;

	(void)s;
	line_begin(&j, out, "fail_if");
	line_add_text(&j, LINE_KEY("condition"), text);
	line_add_key(&j, LINE_KEY("holds"));
	if (judgement->verdict == CONDITION_UNDECIDED)
		json_null(&j);
	else
		json_bool(&j, judgement->verdict == CONDITION_HOLDS);
	line_add_key(&j, LINE_KEY("values"));
	json_object_begin(&j);
	for (size_t i = 0; i < condition->count; i++) {
		if (is_repeated(condition, i))
			continue;
		json_key(&j, condition->all[i].name);
		if (judgement->each[i].knowledge == QUANTITY_KNOWN)
			add_value(&j, &condition->all[i].quantity, judgement->each[i].value);
		else
			json_null(&j);
	}
	json_object_end(&j);
	line_end(&j);
}
