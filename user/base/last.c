// SPDX-License-Identifier: GPL-2.0-only
/* What must be done before the process ends, kept for whoever ends it. */
#include "user/base/last.h"

#include <stddef.h>

static void (*volatile last)(void);

void last_set(void (*act)(void))
{
	last = act;
}

void last_act(void)
{
	void (*act)(void) = last;

	last = NULL;
	if (act)
		act();
}
