/* SPDX-License-Identifier: GPL-2.0-only */
/* Spans and figures as a collector of OpenTelemetry takes them: requests of OTLP in protobuf. */
#ifndef USER_NET_OTLP_H
#define USER_NET_OTLP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"
#include "user/sink/series.h"
#include "user/sink/spans.h"

/*
 * Adds a request with the spans of one connection. Requests that stand one behind the other are one
 * request with all of them, as of any message whose fields are repeated.
 */
void otlp_add_spans(struct buffer *out, const struct span_set *set);

/* What figures are of, and when, in nanoseconds since 1970. */
struct otlp_moment {
	const char *host; /* untrusted; NULL: not known */
	const struct span_resource *resource;
	uint64_t start_ns, now_ns;
};

/* Adds a request with all figures. Returns how many there are. */
uint64_t otlp_add_metrics(struct buffer *out, const struct series_source *from,
			  const struct otlp_moment *moment);

#define OTLP_WHY_SIZE 128

/*
 * What a collector has answered: how many it has rejected, and why, in words that are not trusted.
 * Returns 0, or -EBADMSG: this is no answer of OTLP.
 */
int otlp_read_answer(const void *bytes, size_t size, uint64_t *ret_rejected,
		     char why[OTLP_WHY_SIZE]);

#endif
