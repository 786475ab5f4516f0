// SPDX-License-Identifier: GPL-2.0-only
/* What commands say on standard error, as a table. */
#include "user/command/complaints.h"

const struct log_text command_complaints[COMMAND_COMPLAINT_COUNT] = {
#define X(NAME, en, zh) { { en, zh } },
	COMMAND_COMPLAINTS(X)
#undef X
};
