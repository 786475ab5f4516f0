// SPDX-License-Identifier: GPL-2.0-only
/* What is said of options that make no sense, as a table. */
#include "user/option/complaints.h"

const struct log_text option_complaints[OPTION_COMPLAINT_COUNT] = {
#define X(NAME, en, zh) { { en, zh } },
	OPTION_COMPLAINTS(X)
#undef X
};
