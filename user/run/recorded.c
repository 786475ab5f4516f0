// SPDX-License-Identifier: GPL-2.0-only
/* What recordings bring with them: the filters they were made with, and their flaws. */
#include "user/run/recorded.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "user/conn/kin.h"
#include "user/option/filter_text.h"
#include "user/run/complaints.h"
#include "user/run/flaw.h"

int recorded_filters_add(const struct replay *replay, struct conn_filter *filter)
{
	const char *text;
	uint8_t space;

	for (size_t i = 0; replay_filters(replay, i, &text, &space); i++) {
		struct conn_filter *own;

		if (!text || !*text)
			continue;
		own = calloc(1, sizeof(*own));
		if (!own)
			return -ENOMEM;
		if (filter_text_read(text, own))
			RUN_COMPLAIN(FILTERS_UNKNOWN);
		own->space = space;
		if (own->follows)
			own->kin = kin_new();
		own->namer = filter->namer;
		own->also = filter->also;
		filter->also = own;
	}
	return 0;
}

void recorded_filters_free(struct conn_filter *filter)
{
	while (filter->also) {
		struct conn_filter *own = (struct conn_filter *)filter->also;

		filter->also = own->also;
		kin_free(own->kin);
		free(own);
	}
}

bool recorded_complain(const struct replay *replay)
{
	struct replay_flaw flaw;
	size_t i = 0;

	for (; replay_flaw(replay, i, &flaw); i++)
		flaw_complain(&flaw, true);
	return i;
}
