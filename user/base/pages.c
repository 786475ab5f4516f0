// SPDX-License-Identifier: GPL-2.0-only
/* Memory that is walked through from end to end, in large pages where the system has them. */
#include "user/base/pages.h"

#include <stdlib.h>
#include <sys/mman.h>

void *pages_take(void)
{
	void *memory = aligned_alloc(PAGES_LARGE, PAGES_LARGE);

	if (memory)
		(void)madvise(memory, PAGES_LARGE, MADV_HUGEPAGE);
	return memory;
}
