/* SPDX-License-Identifier: GPL-2.0-only */
/* What the environment says of OpenTelemetry: the variables OTEL_... that its programs share. */
#ifndef USER_RUN_OTEL_H
#define USER_RUN_OTEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/sink/series.h"
#include "user/sink/spans.h"

#define OTEL_URL_SIZE 1024
#define OTEL_HEADERS 16
#define OTEL_HEADER_SIZE 2048

/* Where spans go, or figures, and how: variables of one signal come before those of both. */
struct otel_signal {
	char url[OTEL_URL_SIZE];		      /* empty: it is not sent */
	char headers[OTEL_HEADERS][OTEL_HEADER_SIZE]; /* "Name: value"; secret */
	size_t header_count;
	const char *certificates; /* a file; NULL: those of the system */
	uint32_t timeout_ms;
	bool compresses;
};

struct otel {
	struct otel_signal signals[SERIES_SIGNALS];
	uint32_t interval_ms, delay_ms, batch;
};

/*
 * `url`: the base that /v1/traces and /v1/metrics are put behind. `headers_file` has a line "Name:
 * value" for each; NULL: otlp-headers in $CREDENTIALS_DIRECTORY, if it is there.
 * `is_plain_allowed`: without TLS also beyond this machine. Returns 0, or -EINVAL after one
 * sentence, in which no header stands.
 */
int otel_read(struct otel *ret, const char *url, const char *headers_file, bool is_plain_allowed);

/* Forgets the headers. */
void otel_forget(struct otel *otel);

/* OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES. What is no attribute is left out, and told of. */
void otel_read_resource(struct span_resource *ret);

#endif
