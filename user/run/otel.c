// SPDX-License-Identifier: GPL-2.0-only
/* What the environment says of OpenTelemetry: the variables OTEL_... that its programs share. */
#include "user/run/otel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "user/base/text.h"
#include "user/run/complaints.h"
#include "user/run/secret.h"
#include "user/run/url.h"

#define EXPORTER "OTEL_EXPORTER_OTLP_"
#define TIMEOUT_MS 10000
#define INTERVAL_MS 60000
#define DELAY_MS 5000
#define BATCH 512
#define MS_MAX 3600000
#define BATCH_MAX 65536
#define FILE_MAX (OTEL_HEADERS * OTEL_HEADER_SIZE)
#define SHOWN 60
#define NAME_SIZE 64

static const char *const signal_words[SERIES_SIGNALS] = {
	[SERIES_SPANS] = "TRACES",
	[SERIES_METRICS] = "METRICS",
};

static const char *get(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static bool is_true(const char *value)
{
	return value && !strcasecmp(value, "true");
}

/* As a variable is misread by other programs, too: it is left alone, and said. */
static uint32_t get_number(const char *name, uint32_t otherwise, uint32_t most)
{
	const char *text = get(name);
	uint64_t number;

	if (!text)
		return otherwise;
	if (!text_parse_u64(text, &number) && number && number <= most)
		return (uint32_t)number;
	RUN_COMPLAIN(OTEL_NUMBER, .w = name, .n = most);
	return otherwise;
}

/* Whether it is what the variable may be beside "none"; who wants what is not to be had is told. */
static bool is_wanted(const char *name, const char *word)
{
	const char *text = get(name);

	if (text && !strcmp(text, "none"))
		return false;
	if (text && strcmp(text, word) != 0)
		RUN_COMPLAIN(OTEL_WORD, .w = name, .v = word);
	return true;
}

static void judge_protocol(const char *name)
{
	static const char spoken[] = "http/protobuf";
	const char *text = get(name);

	if (text && strcmp(text, spoken) != 0)
		RUN_COMPLAIN(OTEL_PROTOCOL, .w = name, .v = spoken);
}

/* ---- where to ------------------------------------------------------------------------------ */

/* Returns 0, or -EINVAL after one sentence. */
static int judge_url(const char *url, const char *whence, bool is_plain_allowed)
{
	const struct url_rules rules = {
		.whence = whence,
		.such = "https://collector:4318",
		.secrets = RUN_SAYS(SECRETS_OTEL),
		.insecure = "--otlp-insecure",
		.size_most = OTEL_URL_SIZE / 2,
	};

	return url_judge(url, &rules, is_plain_allowed);
}

/* That of one signal, such as OTEL_EXPORTER_OTLP_TRACES_TIMEOUT. */
static void name_own(char name[NAME_SIZE], enum series_signal signal, const char *what)
{
	snprintf(name, NAME_SIZE, EXPORTER "%s_%s", signal_words[signal], what);
}

static const char *get_own(enum series_signal signal, const char *what)
{
	char name[NAME_SIZE];

	name_own(name, signal, what);
	return get(name);
}

/* `base` NULL: what has no URL of its own is not sent. */
static int set_url(struct otel *otel, enum series_signal signal, const char *base,
		   bool is_plain_allowed)
{
	static const char *const paths[] = {
		[SERIES_SPANS] = "/v1/traces", [SERIES_METRICS] = "/v1/metrics"
	};
	const char *own = get_own(signal, "ENDPOINT");
	char *to = otel->signals[signal].url, name[NAME_SIZE];
	int length = base ? (int)strlen(base) : 0;

	*to = '\0';
	snprintf(name, sizeof(name), "OTEL_%s_EXPORTER", signal_words[signal]);
	if (!is_wanted(name, "otlp"))
		return 0;
	if (own) {
		name_own(name, signal, "ENDPOINT");
		snprintf(to, OTEL_URL_SIZE, "%s", own);
		return judge_url(own, name, is_plain_allowed);
	}
	while (length && base[length - 1] == '/')
		length--;
	if (base)
		snprintf(to, OTEL_URL_SIZE, "%.*s%s", length, base, paths[signal]);
	return 0;
}

static bool has_own_url(void)
{
	return get_own(SERIES_SPANS, "ENDPOINT") || get_own(SERIES_METRICS, "ENDPOINT");
}

/* ---- headers ------------------------------------------------------------------------------- */

static bool is_name(const char *name, size_t size)
{
	return size && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789!#$%&'*+-.^_`|~") >= size;
}

static bool is_value(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			return false;
	return true;
}

/* Returns 0, or -EINVAL after one sentence. */
static int add_header(struct otel_signal *to, const char *name, size_t size, const char *value,
		      const char *whence)
{
	int length;

	if (to->header_count == OTEL_HEADERS || !is_name(name, size) || !is_value(value)) {
		RUN_COMPLAIN(OTEL_HEADER_NONE, .w = whence, .n = to->header_count + 1);
		return -EINVAL;
	}
	length = snprintf(to->headers[to->header_count], OTEL_HEADER_SIZE, "%.*s: %s", (int)size,
			  name, value);
	if (length >= OTEL_HEADER_SIZE) {
		RUN_COMPLAIN(OTEL_HEADER_LONG, .w = whence, .n = to->header_count + 1);
		return -EINVAL;
	}
	to->header_count++;
	return 0;
}

static char *trim(char *text)
{
	size_t size;

	text += strspn(text, " \t\r");
	size = strlen(text);
	while (size && strchr(" \t\r", text[size - 1]))
		text[--size] = '\0';
	return text;
}

static int add_line(struct otel *otel, char *line, const char *whence)
{
	char *colon = strchr(line, ':'), *value = colon ? trim(colon + 1) : line;
	size_t size = colon ? (size_t)(colon - line) : 0;
	int error = 0;

	if (!*trim(line) || *line == '#')
		return 0;
	for (int i = 0; i < SERIES_SIGNALS && !error; i++)
		error = add_header(&otel->signals[i], line, size, value, whence);
	return error;
}

/* Those of a file go to both. */
static int read_headers(struct otel *otel, const char *path)
{
	char *text = calloc(1, FILE_MAX + 1), *rest = text, *line;
	ssize_t size;
	int error = 0;

	if (!text) {
		RUN_COMPLAIN(NO_MEMORY);
		return -ENOMEM;
	}
	size = secret_read(path, text, FILE_MAX);
	/* What is left of it may be half a header. */
	if (size == FILE_MAX)
		RUN_COMPLAIN(FLAW_UNREADABLE, .w = path, .v = strerror(EFBIG));
	if (size < 0 || size == FILE_MAX)
		error = -EINVAL;
	while (!error && (line = strsep(&rest, "\n")))
		error = add_line(otel, line, "--otlp-headers");
	explicit_bzero(text, FILE_MAX);
	free(text);
	return error;
}

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* What %20 stands for, in place. */
static void decode(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '%' && digit_of(text[1]) >= 0 && digit_of(text[2]) >= 0) {
			*to++ = (char)(digit_of(text[1]) * 16 + digit_of(text[2]));
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* Calls `take` for each "key=value" of a list, as baggage is written. Returns 0, or what it has. */
static int each_pair(const char *list, int (*take)(void *context, char *key, char *value),
		     void *context)
{
	char *copy = strdup(list), *rest = copy, *pair;
	int error = copy ? 0 : -ENOMEM;

	while (!error && (pair = strsep(&rest, ","))) {
		char *equal = strchr(pair, '=');

		if (!*trim(pair))
			continue;
		if (equal) {
			*equal = '\0';
			decode(equal + 1);
		}
		error = take(context, trim(pair), equal ? trim(equal + 1) : NULL);
	}
	if (copy)
		explicit_bzero(copy, strlen(list));
	free(copy);
	return error;
}

struct headers_place {
	struct otel_signal *to;
	const char *whence;
};

static int take_header(void *context, char *key, char *value)
{
	const struct headers_place *place = context;

	return add_header(place->to, key, value ? strlen(key) : 0, value ? value : "",
			  place->whence);
}

static int set_headers(struct otel *otel, enum series_signal signal)
{
	char name[NAME_SIZE] = EXPORTER "HEADERS";
	struct headers_place place = { &otel->signals[signal], name };
	const char *list = get_own(signal, "HEADERS");

	if (list)
		name_own(name, signal, "HEADERS");
	else
		list = get(name);
	return list ? each_pair(list, take_header, &place) : 0;
}

/* The same for both, but where a variable of one says otherwise. */
static void read_manner(struct otel *otel)
{
	uint32_t timeout_ms = get_number(EXPORTER "TIMEOUT", TIMEOUT_MS, MS_MAX);
	bool compresses = is_wanted(EXPORTER "COMPRESSION", "gzip");
	char name[NAME_SIZE];

	judge_protocol(EXPORTER "PROTOCOL");
	for (int i = 0; i < SERIES_SIGNALS; i++) {
		struct otel_signal *to = &otel->signals[i];

		name_own(name, i, "TIMEOUT");
		to->timeout_ms = get_number(name, timeout_ms, MS_MAX);
		name_own(name, i, "COMPRESSION");
		to->compresses = get(name) ? is_wanted(name, "gzip") : compresses;
		name_own(name, i, "CERTIFICATE");
		to->certificates = get(name) ? get(name) : get(EXPORTER "CERTIFICATE");
		name_own(name, i, "PROTOCOL");
		judge_protocol(name);
	}
}

/* ---- what is sent -------------------------------------------------------------------------- */

static int take_attribute(void *context, char *key, char *value)
{
	struct span_resource *r = context;

	/* A name that is given by itself counts. */
	for (size_t i = 0; i < r->count; i++)
		if (!strcmp(r->all[i].key, key))
			return 0;
	if (!value || !*key || r->count == SPAN_RESOURCE_MAX || strlen(key) >= SPAN_RESOURCE_SIZE ||
	    strlen(value) >= SPAN_RESOURCE_SIZE) {
		RUN_COMPLAIN(OTEL_ATTRIBUTES, .n = SPAN_RESOURCE_MAX);
		return 0;
	}
	snprintf(r->keys[r->count], SPAN_RESOURCE_SIZE, "%s", key);
	snprintf(r->values[r->count], SPAN_RESOURCE_SIZE, "%s", value);
	r->all[r->count] = (struct span_attribute){
		.key = r->keys[r->count],
		.value = SPAN_TEXT,
		.text = { r->values[r->count], strlen(value) },
	};
	r->count++;
	return 0;
}

void otel_read_resource(struct span_resource *ret)
{
	static char key[] = "service.name";
	const char *name = get("OTEL_SERVICE_NAME"), *list = get("OTEL_RESOURCE_ATTRIBUTES");
	char *copy = name ? strdup(name) : NULL;

	ret->count = 0;
	if (copy)
		take_attribute(ret, key, copy);
	free(copy);
	if (list)
		each_pair(list, take_attribute, ret);
}

/* Returns 0, or -EINVAL after one sentence. */
static int read_all_headers(struct otel *otel, const char *file)
{
	char path[SECRET_PATH_SIZE];
	int error = 0;

	if (!file && secret_find("otlp-headers", path))
		file = path;
	for (int i = 0; i < SERIES_SIGNALS && !error; i++)
		error = set_headers(otel, i);
	if (error || !file)
		return error;
	return read_headers(otel, file);
}

int otel_read(struct otel *ret, const char *url, const char *headers_file, bool is_plain_allowed)
{
	int error = 0;

	memset(ret, 0, sizeof(*ret));
	if (!strcmp(url, "env"))
		url = get(EXPORTER "ENDPOINT");
	if (!url && !has_own_url()) {
		RUN_COMPLAIN(OTEL_NO_ENDPOINT, .w = EXPORTER "ENDPOINT");
		return -EINVAL;
	}
	is_plain_allowed |= is_true(get(EXPORTER "INSECURE"));
	ret->interval_ms = get_number("OTEL_METRIC_EXPORT_INTERVAL", INTERVAL_MS, MS_MAX);
	ret->delay_ms = get_number("OTEL_BSP_SCHEDULE_DELAY", DELAY_MS, MS_MAX);
	ret->batch = get_number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", BATCH, BATCH_MAX);
	read_manner(ret);
	if (url)
		error = judge_url(url, "--otlp", is_plain_allowed);
	for (int i = 0; i < SERIES_SIGNALS && !error; i++)
		error = set_url(ret, i, url, is_plain_allowed);
	return error ? error : read_all_headers(ret, headers_file);
}

void otel_forget(struct otel *otel)
{
	for (int i = 0; i < SERIES_SIGNALS; i++) {
		explicit_bzero(otel->signals[i].headers, sizeof(otel->signals[i].headers));
		otel->signals[i].header_count = 0;
	}
}
