// SPDX-License-Identifier: GPL-2.0-only
/* Of how many connections those were followed that all else is about, in words. */
#include <stdio.h>
#include <string.h>

#include "user/sink/sink.h"
#include "user/sink/text/columns.h"

#define LINE_COLUMNS 80
#define SENTENCE_SIZE 160

typedef unsigned long long ull;

void sink_sample_words(struct buffer *out, const struct summary *sum)
{
	const struct event_counters *e = &sum->events;
	uint64_t followed = e->births > e->unsampled ? e->births - e->unsampled : 0;
	char sentence[SENTENCE_SIZE];

	if (!e->unsampled)
		return;
	snprintf(sentence, sizeof(sentence),
		 "Sampled: of %llu connection%s that began, %llu %s followed, by chance (%.3g %%).",
		 (ull)e->births, e->births == 1 ? "" : "s", (ull)followed,
		 followed == 1 ? "was" : "were", 100 * summary_sampling_ratio(sum));
	columns_paragraph(out, LINE_COLUMNS, 0, 2, sentence, strlen(sentence));
}
