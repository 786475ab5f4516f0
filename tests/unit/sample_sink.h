/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints into a buffer for the tests of the sinks, and compares byte by byte. */
#ifndef TESTS_UNIT_SAMPLE_SINK_H
#define TESTS_UNIT_SAMPLE_SINK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/feed.h"
#include "tests/unit/sample_conn.h"
#include "user/sink/sink.h"

#define SAMPLE_HOSTILE_CONGESTION 2 /* as a recording may have it */

static inline const char *sample_congestion(const struct lore *lore, uint8_t number)
{
	assert_non_null(lore);
	switch (number) {
	case 1:
		return "cubic";
	case SAMPLE_HOSTILE_CONGESTION:
		return "cu\"bi\\c";
	default:
		return NULL;
	}
}

static const struct lore_class sample_lore_class = { .congestion = sample_congestion };
static struct lore sample_lore = { &sample_lore_class };

/* A run that began when the monotonic clock showed 1 s: 2026-01-02 03:03:05 UTC. */
static const struct sink_settings sample_settings = {
	.clock = { .offset_ns = 1767322984000000000 },
	.start_mono_ns = 1000000000,
	.columns = 80,
	.lore = &sample_lore,
};

/* Knows two cgroups, the second of which has been named by somebody who plays tricks. */
static inline const char *sample_cgroup(const struct lore *lore, uint64_t id)
{
	assert_non_null(lore);
	return id == 4711 ? "/system.slice/web.service" :
	       id == 4712 ? "/a,b/\033[2J\"c\\d=\xff" :
			    NULL;
}

static inline struct lore *sample_cgroups(void)
{
	static const struct lore_class class = { .cgroup = sample_cgroup };
	static struct lore lore = { &class };

	return &lore;
}

/* Knows the workload of one, whose names have been chosen in the same way. */
static inline void sample_workload(struct lore *lore, uint64_t id, struct lore_workload *ret)
{
	assert_non_null(lore);
	if (id == 4711)
		*ret = (struct lore_workload){ .unit = "web.service",
					       .unit_name = "1000/web.service",
					       .slice = "app.slice",
					       .container = "=1+1",
					       .container_id = "0a1b2c",
					       .runtime = "podman",
					       .pod = "shop/\033[2Jcart",
					       .pod_uid = "8b9c",
					       .qos = "burstable",
					       .unit_user = 1000,
					       .has_unit_user = true };
}

static inline struct lore *sample_workloads(void)
{
	static const struct lore_class class = { .workload = sample_workload };
	static struct lore lore = { &class };

	return &lore;
}

/* Ends and empties the buffer; the text lives until it is used again. */
static inline const char *sample_text(struct buffer *out)
{
	assert_false(out->failed);
	buffer_add_char(out, '\0');
	out->size = 0;
	return out->bytes;
}

static inline void assert_prints(struct buffer *out, const char *expected)
{
	assert_string_equal(sample_text(out), expected);
}

/* Client handshakes of 1 to 3 ms and 1 s, and one unknown; FIN_WAIT1 is never measured. */
static inline void sample_histograms(struct histogram_set *set, const char *comm)
{
	static const uint64_t values[] = { 1 * MS, 2 * MS, 3 * MS, 1000 * MS, TIME_UNKNOWN };
	struct conn c = sample_client();

	sample_comm(&c, comm);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct transition opened = { .from = STATE_CLOSED, .to = STATE_ESTABLISHED };
		struct transition closed = { .from = STATE_FIN_WAIT1,
					     .to = STATE_FIN_WAIT2,
					     .dwell_ns = TIME_UNKNOWN };

		c.handshake_ns = values[i];
		feed_transition(histogram_set_consumer(set), &c, &opened);
		feed_transition(histogram_set_consumer(set), &c, &closed);
	}
}

#endif
