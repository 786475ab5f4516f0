// SPDX-License-Identifier: GPL-2.0-only
/* Reads what the options --clickhouse... say, and what a server of ClickHouse answers. */
#include "user/run/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/run/complaints.h"
#include "user/run/secret.h"
#include "user/run/url.h"

#define CODE_MAX 100000

/* ---- where to ------------------------------------------------------------------------------ */

static int add_url(struct store *store, const char *url, bool is_plain_allowed)
{
	const struct url_rules rules = {
		.whence = "--clickhouse",
		.such = "https://clickhouse:8443",
		.secrets = RUN_SAYS(SECRETS_STORE),
		.insecure = "--clickhouse-insecure",
		.size_most = STORE_URL_SIZE,
	};
	int error = url_judge(url, &rules, is_plain_allowed);
	size_t size = strlen(url);

	if (error)
		return error;
	if (store->url_count == STORE_URLS) {
		RUN_COMPLAIN(STORE_URLS, .n = STORE_URLS);
		return -EINVAL;
	}
	while (size && url[size - 1] == '/')
		size--;
	snprintf(store->urls[store->url_count++], STORE_URL_SIZE, "%.*s", (int)size, url);
	return 0;
}

/* Each may be a list. */
static int add_urls(struct store *store, const char *list, bool is_plain_allowed)
{
	char *copy = strdup(list), *rest = copy, *url;
	int error = copy ? 0 : -ENOMEM;

	while (!error && (url = strsep(&rest, ",")))
		error = add_url(store, url, is_plain_allowed);
	free(copy);
	return error;
}

static bool is_name(const char *name)
{
	size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_");

	return size && !name[size] && size < STORE_NAME_SIZE && (*name < '0' || *name > '9');
}

static int set_database(struct store *store, const char *name)
{
	if (!is_name(name)) {
		RUN_COMPLAIN(STORE_DATABASE);
		return -EINVAL;
	}
	snprintf(store->database, sizeof(store->database), "%s", name);
	return 0;
}

/* ---- who asks ------------------------------------------------------------------------------ */

static bool is_value(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			return false;
	return true;
}

static int add_header(struct store *store, const char *name, const char *value, const char *whence)
{
	char *header = store->headers[store->header_count];
	int length = is_value(value) ? snprintf(header, STORE_HEADER_SIZE, "%s: %s", name, value) :
				       STORE_HEADER_SIZE;

	if (length >= STORE_HEADER_SIZE) {
		RUN_COMPLAIN(STORE_HEADER, .w = whence);
		return -EINVAL;
	}
	store->header_count++;
	return 0;
}

/* One line. */
static int read_password(struct store *store, const char *path)
{
	char text[STORE_HEADER_SIZE + 1] = ""; /* more than a header has room for */
	int error;

	if (secret_read(path, text, sizeof(text) - 1) < 0)
		return -EINVAL;
	text[strcspn(text, "\r\n")] = '\0';
	error = add_header(store, "X-ClickHouse-Key", text, RUN_SAYS(PASSWORD));
	explicit_bzero(text, sizeof(text));
	return error;
}

int store_read(struct store *ret, const struct options *o)
{
	char path[SECRET_PATH_SIZE];
	int error = 0;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < o->store.url_count && !error; i++)
		error = add_urls(ret, o->store.urls[i], o->store.is_insecure);
	if (!error)
		error = set_database(ret, o->store.database);
	if (!error && o->store.user)
		error = add_header(ret, "X-ClickHouse-User", o->store.user, "--clickhouse-user");
	if (!error && o->store.password)
		error = read_password(ret, o->store.password);
	else if (!error && secret_find("clickhouse-password", path))
		error = read_password(ret, path);
	ret->certificates = o->store.certificates;
	return error;
}

void store_forget(struct store *store)
{
	explicit_bzero(store->headers, sizeof(store->headers));
	store->header_count = 0;
}

/* ---- what is asked ------------------------------------------------------------------------- */

static void add_encoded(struct buffer *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	for (; *text; text++) {
		if (strchr(plain, *text))
			buffer_add_char(out, *text);
		else
			buffer_addf(out, "%%%02X", (unsigned char)*text);
	}
}

void store_add_url(struct buffer *out, const struct store *store, size_t number, const char *query,
		   const char *settings)
{
	buffer_add_text(out, store->urls[number]);
	buffer_add_text(out, "/?");
	if (*query) {
		buffer_add_text(out, "query=");
		add_encoded(out, query);
	}
	buffer_add_text(out, settings);
}

/* ---- what is answered ---------------------------------------------------------------------- */

unsigned int store_code(const char *answer, size_t size)
{
	static const char mark[] = "Code: ";
	const char *at = size ? memmem(answer, size, mark, sizeof(mark) - 1) : NULL;
	const char *end = answer + size;
	unsigned int code = 0;

	for (at = at ? at + sizeof(mark) - 1 : end; at < end && *at >= '0' && *at <= '9'; at++)
		if (code < CODE_MAX)
			code = code * 10 + (unsigned int)(*at - '0');
	return code;
}

/* As ClickHouse numbers them (ErrorCodes.cpp). */
enum {
	CANNOT_PARSE_TEXT = 6,
	NO_SUCH_COLUMN_IN_TABLE = 16,
	CANNOT_PARSE_QUOTED_STRING = 26,
	CANNOT_PARSE_INPUT = 27,
	CANNOT_READ_ALL_DATA = 33,
	UNKNOWN_IDENTIFIER = 47,
	TYPE_MISMATCH = 53,
	UNKNOWN_TABLE = 60,
	CANNOT_PARSE_NUMBER = 72,
	UNKNOWN_DATABASE = 81,
	INCORRECT_DATA = 117,
	READONLY = 164,
	UNKNOWN_USER = 192,
	WRONG_PASSWORD = 193,
	REQUIRED_PASSWORD = 194,
	QUOTA_EXPIRED = 201,
	DATABASE_ACCESS_DENIED = 291,
	ZLIB_INFLATE_FAILED = 354,
	QUERY_IS_PROHIBITED = 392,
	ACCESS_DENIED = 497,
	AUTHENTICATION_FAILED = 516,
};

static bool names_a_field(const char *answer, size_t size)
{
	static const char mark[] = "Unknown field found";

	return size && memmem(answer, size, mark, sizeof(mark) - 1);
}

const char *store_reason(unsigned int code, const char *answer, size_t size)
{
	switch (code) {
	case UNKNOWN_TABLE:
	case UNKNOWN_DATABASE:
		return RUN_SAYS(STORE_NO_TABLES);
	case UNKNOWN_USER:
	case WRONG_PASSWORD:
	case REQUIRED_PASSWORD:
	case AUTHENTICATION_FAILED:
		return RUN_SAYS(STORE_NOT_IN);
	case READONLY:
	case DATABASE_ACCESS_DENIED:
	case QUERY_IS_PROHIBITED:
	case ACCESS_DENIED:
		return RUN_SAYS(STORE_NOT_LET);
	case QUOTA_EXPIRED:
		return RUN_SAYS(STORE_QUOTA);
	case NO_SUCH_COLUMN_IN_TABLE:
	case UNKNOWN_IDENTIFIER:
		return RUN_SAYS(STORE_OLDER);
	case INCORRECT_DATA:
		return names_a_field(answer, size) ? RUN_SAYS(STORE_OLDER) : NULL;
	default:
		return NULL;
	}
}

bool store_refuses_rows(unsigned int code, const char *answer, size_t size)
{
	switch (code) {
	case CANNOT_PARSE_TEXT:
	case CANNOT_PARSE_QUOTED_STRING:
	case CANNOT_PARSE_INPUT:
	case CANNOT_READ_ALL_DATA:
	case TYPE_MISMATCH:
	case CANNOT_PARSE_NUMBER:
	case ZLIB_INFLATE_FAILED:
		return true;
	case INCORRECT_DATA:
		return !names_a_field(answer, size);
	default:
		return false;
	}
}
