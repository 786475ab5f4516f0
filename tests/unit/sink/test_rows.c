// SPDX-License-Identifier: GPL-2.0-only
/* Rows of a store: the columns of its schema, in whatever order; null where nothing is known. */
#include "tests/unit/sample_sink.h"
#include "user/sink/rows.h"

#define SCHEMA_SIZE 65536

static struct buffer out;
static char schema[SCHEMA_SIZE];

static const char *sample_host(const struct lore *lore, const struct conn *c)
{
	assert_non_null(lore);
	assert_non_null(c);
	return "web-1\033[2J";
}

static struct sink_settings settings_of_host(void)
{
	static const struct lore_class class = { .host = sample_host };
	static struct lore lore = { &class };
	struct sink_settings s = sample_settings;

	s.lore = &lore;
	return s;
}

static void read_schema(void)
{
	static const char *const paths[] = { "user/fleet/schema/001.sql",
					     "user/fleet/schema/002.sql",
					     "user/fleet/schema/003.sql" };
	size_t size = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		FILE *file = fopen(paths[i], "r");

		assert_non_null(file);
		size += fread(schema + size, 1, sizeof(schema) - 1 - size, file);
		fclose(file);
	}
	schema[size] = '\0';
}

/* Whether the part of the schema between two words has a column of that name. */
static bool has_column(const char *from, const char *to, const char *name, size_t size)
{
	const char *begin = strstr(schema, from), *end = begin ? strstr(begin, to) : NULL;
	char wanted[64];
	const char *at;

	assert_non_null(begin);
	if (!begin)
		return false;
	snprintf(wanted, sizeof(wanted), "\n    %.*s ", (int)size, name);
	at = strstr(begin, wanted);
	if (at && (!end || at < end))
		return true;
	snprintf(wanted, sizeof(wanted), "%.*s ADD COLUMN %.*s ", (int)strcspn(from, "@"), from,
		 (int)size, name);
	return strstr(schema, wanted);
}

/* Calls for each key of one flat object. */
static size_t count_known(const char *row, const char *from, const char *to)
{
	size_t count = 0;

	for (const char *at = row; (at = strstr(at, "\":")); at += 2) {
		const char *name = at;

		while (name[-1] != '"')
			name--;
		count += has_column(from, to, name, (size_t)(at - name));
		if (!has_column(from, to, name, (size_t)(at - name)))
			fail_msg("the schema has no column %.*s", (int)(at - name), name);
	}
	return count;
}

static size_t count_text(const char *text, const char *wanted)
{
	size_t count = 0;

	for (; (text = strstr(text, wanted)); text++)
		count++;
	return count;
}

static void the_columns_are_those_of_the_schema(void **unused)
{
	const struct rows_batch batch = { .host = "a", .sampling = -1 };
	struct conn c = sample_client();
	const char *end;

	(void)unused;
	read_schema();
	sink_rows.connection(&sample_settings, &out, &c);
	end = strstr(strstr(schema, "connections@local@"), "ENGINE");
	assert_non_null(end);
	/* A line with four blanks is a column. */
	assert_int_equal(count_known(sample_text(&out), "connections@local@", "ENGINE"),
			 count_text(schema, "\n    ") -
				 count_text(strstr(schema, "batches@local@"), "\n    ") + 2);
	rows_add_batch(&out, &batch);
	count_known(sample_text(&out), "batches@local@", "ENGINE");
}

static void a_hostile_congestion_control(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	c.congestion = SAMPLE_HOSTILE_CONGESTION;
	sink_rows.connection(&sample_settings, &out, &c);
	assert_non_null(strstr(sample_text(&out), "\"congestion_control\":\"cu\\\"bi\\\\c\","));
}

static void what_is_known(void **unused)
{
	const struct sink_settings s = settings_of_host();
	struct conn c = sample_client();
	const char *row;

	(void)unused;
	c.flow = 0xfedcba9876543210;
	sink_rows.connection(&s, &out, &c);
	row = sample_text(&out);
	assert_non_null(strstr(row, "\"kind\":\"connection\",\"host\":\"web-1\\u001b[2J\","));
	assert_non_null(strstr(row, "\"run\":1767322985000000000,"));
	assert_non_null(strstr(row, "\"flow\":18364758544493064720,"));
	assert_non_null(strstr(row, "\"start_ns\":1767322985000000000,\"start_known\":1,"));
	assert_non_null(strstr(row, "\"handshake_ns\":80123456,"));
	assert_string_equal(row + strlen(row) - 2, "}\n");
}

/* Never 0; but a flow, which is none then, and its beginning, which its place depends on. */
static void what_is_not(void **unused)
{
	static const char *const nulls[] = { "end_ns",	"family",	"laddr",
					     "raddr",	"pid",		"comm",
					     "uid",	"handshake_ns", "bytes_sent",
					     "srtt_us", "time_wait_ns", "errno" };
	struct conn c = { .role = CONN_ROLE_UNKNOWN, .handshake_ns = TIME_UNKNOWN };
	const char *row;

	(void)unused;
	c.step_count = 1;
	c.step_state[0] = STATE_ESTABLISHED;
	c.step_ns[0] = TIME_UNKNOWN;
	c.flags = CONN_SEEDED;
	sink_rows.connection(&sample_settings, &out, &c);
	row = sample_text(&out);
	for (size_t i = 0; i < sizeof(nulls) / sizeof(*nulls); i++) {
		char wanted[64];

		snprintf(wanted, sizeof(wanted), "\"%s\":null", nulls[i]);
		assert_non_null(strstr(row, wanted));
	}
	assert_non_null(strstr(row, "\"host\":\"\","));
	assert_non_null(strstr(row, "\"flow\":0,"));
	assert_non_null(strstr(row, "\"start_ns\":1767322985000000000,\"start_known\":0,"));
	assert_non_null(strstr(row, "\"states\":[\"ESTABLISHED\"],\"dwell_ns\":[null]"));
}

/* So that one that comes twice is found. */
static void a_half_open_request_has_one_number(void **unused)
{
	struct half_open h = { .mono_ns = 5, .age_ns = 3, .lport = 80, .rport = 4711 };
	char first[4096];

	(void)unused;
	sink_rows.half_open(&sample_settings, &out, &h);
	snprintf(first, sizeof(first), "%s", sample_text(&out));
	assert_non_null(strstr(first, "\"kind\":\"half_open\","));
	sink_rows.half_open(&sample_settings, &out, &h);
	assert_prints(&out, first);
	h.rport++;
	sink_rows.half_open(&sample_settings, &out, &h);
	assert_string_not_equal(sample_text(&out), first);
}

static void a_batch(void **unused)
{
	struct rows_batch b = { .host = "a\"b",
				.run = 7,
				.batch = 3,
				.time_ns = 9,
				.rows = 5,
				.connections = 4,
				.half_open = 1,
				.is_last = true,
				.sampling = 0.25 };

	(void)unused;
	b.losses[ROWS_LOSS_gaps] = 2;
	rows_add_batch(&out, &b);
	assert_prints(&out,
		      "{\"host\":\"a\\\"b\",\"run\":7,\"batch\":3,\"time_ns\":9,\"rows\":5,"
		      "\"connections\":4,\"half_open\":1,\"sampling_ratio\":0.25,"
		      "\"events_ring_full\":0,\"events_missed\":0,\"gaps\":2,\"incomplete\":0,"
		      "\"evicted\":0,\"unsampled\":0,\"half_open_unprinted\":0,"
		      "\"rows_dropped\":0,\"rows_failed\":0,\"version\":\"" TCPSPAN_VERSION
		      "\",\"ended\":1}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_columns_are_those_of_the_schema),
		cmocka_unit_test(a_hostile_congestion_control),
		cmocka_unit_test(what_is_known),
		cmocka_unit_test(what_is_not),
		cmocka_unit_test(a_half_open_request_has_one_number),
		cmocka_unit_test(a_batch),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buffer_done(&out);
	return failed;
}
