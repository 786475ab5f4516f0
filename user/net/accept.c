// SPDX-License-Identifier: GPL-2.0-only
/* What a client asks for: which path, in which format, and whether it is compressed. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "user/net/server.h"

/* Each with the parameters that it must have. */
static const struct {
	const char *type, *parameter;
	enum exposition_format format;
} known[] = {
	{ "application/vnd.google.protobuf", "encoding=delimited", EXPOSITION_PROTOBUF },
	{ "application/openmetrics-text", NULL, EXPOSITION_OPENMETRICS },
	{ "text/plain", NULL, EXPOSITION_TEXT },
	{ "*/*", NULL, EXPOSITION_TEXT },
};

/* "q=0.8": 1 where it does not say. */
static double weight_of(const char *range, size_t size)
{
	const char *end = range + size;

	for (const char *at = memchr(range, ';', size); at;
	     at = memchr(at, ';', (size_t)(end - at))) {
		at++;
		while (at < end && *at == ' ')
			at++;
		if (end - at > 2 && !strncasecmp(at, "q=", 2))
			return strtod(at + 2, NULL);
	}
	return 1;
}

static bool has_text(const char *range, size_t size, const char *text)
{
	return !text || memmem(range, size, text, strlen(text));
}

static bool is_type(const char *range, size_t size, const char *type)
{
	size_t length = strlen(type);

	return size >= length && !strncasecmp(range, type, length) &&
	       (size == length || strchr("; ", range[length]));
}

enum exposition_format server_choose_format(const char *accept)
{
	enum exposition_format best = EXPOSITION_TEXT;
	double most = 0;

	while (accept && *accept) {
		size_t size;
		double weight;

		accept += strspn(accept, " ,");
		size = strcspn(accept, ",");
		weight = weight_of(accept, size);
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (weight > most && is_type(accept, size, known[i].type) &&
			    has_text(accept, size, known[i].parameter)) {
				most = weight;
				best = known[i].format;
			}
		accept += size;
	}
	return best;
}

bool server_takes_gzip(const char *accept)
{
	while (accept && *accept) {
		size_t size;

		accept += strspn(accept, " ,");
		size = strcspn(accept, ",");
		if (is_type(accept, size, "gzip"))
			return weight_of(accept, size) > 0;
		accept += size;
	}
	return false;
}

const char *server_path_of(const char *target)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		const char *path;

		if (strncasecmp(target, schemes[i], strlen(schemes[i])) != 0)
			continue;
		path = strchr(target + strlen(schemes[i]), '/');
		return path ? path : "/";
	}
	return target;
}
