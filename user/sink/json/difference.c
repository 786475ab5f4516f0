// SPDX-License-Identifier: GPL-2.0-only
/* What differs between two runs, as lines of JSON. */
#include <math.h>

#include "user/sink/json/line.h"

/* Durations and counts are whole numbers; null where there is none, or no bound. */
static void add_value(struct json *j, struct line_key key, enum quantity_unit unit, double value)
{
	line_add_key(j, key);
	if (!isfinite(value))
		json_null(j);
	else if (unit == QUANTITY_NS || unit == QUANTITY_COUNT)
		json_i64(j, (int64_t)llround(value));
	else
		json_double(j, value);
}

static void print_row(struct buffer *out, const struct difference_row *row)
{
	struct json j;

	line_begin(&j, out, "diff");
	line_add_word(&j, LINE_KEY("name"), row->name);
	line_add_word(&j, LINE_KEY("verdict"), difference_verdict_name(row->verdict));
	line_add_word(&j, LINE_KEY("unit"), difference_unit_name(row->unit));
	add_value(&j, LINE_KEY("old"), row->unit, row->old_value);
	add_value(&j, LINE_KEY("new"), row->unit, row->new_value);
	add_value(&j, LINE_KEY("old_low"), row->unit, row->old_low);
	add_value(&j, LINE_KEY("old_high"), row->unit, row->old_high);
	add_value(&j, LINE_KEY("new_low"), row->unit, row->new_low);
	add_value(&j, LINE_KEY("new_high"), row->unit, row->new_high);
	add_value(&j, LINE_KEY("factor_low"), QUANTITY_SHARE, row->factor_low);
	add_value(&j, LINE_KEY("factor_high"), QUANTITY_SHARE, row->factor_high);
	line_end(&j);
}

static void print_side(struct buffer *out, const char *side, const struct difference_told *told)
{
	const struct summary *sum = told->summary;
	struct json j;

	line_begin(&j, out, "diff_side");
	line_add_word(&j, LINE_KEY("side"), side);
	line_add_text(&j, LINE_KEY("input"), told->input);
	line_add_u64(&j, LINE_KEY("duration_ns"), sum->duration_ns);
	line_add_u64(&j, LINE_KEY("opened"), sum->connections.opened);
	line_add_u64(&j, LINE_KEY("closed"), sum->connections.closed);
	line_add_u64(&j, LINE_KEY("failed"), told->failed);
	line_add_known(&j, LINE_KEY("lost"), !sum->is_torn,
		       event_counters_lost(&sum->events) + summary_unseen(sum));
	line_add_u64(&j, LINE_KEY("incomplete"), sum->connections.incomplete);
	add_value(&j, LINE_KEY("sampling_ratio"), QUANTITY_SHARE,
		  summary_sampling_ratio(sum) < 0 ? (double)NAN : summary_sampling_ratio(sum));
	line_add_bool(&j, LINE_KEY("filters_differ"), told->filters_differ);
	line_add_key(&j, LINE_KEY("hooks"));
	json_object_begin(&j);
	for (size_t i = 0; i < sum->hook_count; i++) {
		json_key(&j, sum->hooks[i].family);
		json_text(&j, sum->hooks[i].rung);
	}
	json_object_end(&j);
	line_end(&j);
}

void json_print_difference(const struct sink_settings *s, struct buffer *out,
			   const struct difference *difference, const struct difference_told *old,
			   const struct difference_told *new)
{
	size_t count;
	const struct difference_row *rows = difference_rows(difference, &count);

	(void)s;
	print_side(out, "old", old);
	print_side(out, "new", new);
	for (size_t i = 0; i < count; i++)
		print_row(out, &rows[i]);
}
