// SPDX-License-Identifier: GPL-2.0-only
/* What a run says on standard error, as a table. */
#include "user/run/complaints.h"

const struct log_text run_complaints[RUN_COMPLAINT_COUNT] = {
#define X(NAME, en, zh) { { en, zh } },
	RUN_COMPLAINTS(X)
#undef X
};
