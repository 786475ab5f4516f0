// SPDX-License-Identifier: GPL-2.0-only
/* Counters that the kernel keeps of TCP for each network namespace, by its own names. */
#include "user/event/kernel_counters.h"

#include <stddef.h>

const char *kernel_counter_name(enum kernel_counter which)
{
	static const char *const names[KERNEL_COUNTER_COUNT] = {
#define X(name) #name,
		KERNEL_COUNTERS(X)
#undef X
	};

	return (unsigned int)which < KERNEL_COUNTER_COUNT ? names[which] : NULL;
}
