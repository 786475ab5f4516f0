/* SPDX-License-Identifier: GPL-2.0-only */
/* Who was refused his part of what is shared, of the accounts that the kernel side keeps. */
#ifndef USER_KERNEL_QUOTAS_H
#define USER_KERNEL_QUOTAS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/base/shares.h"

/* One of those accounts: whose it is, and the events it has lost. */
struct quota_row {
	struct share share;
	uint64_t lost;
};

/* The heaviest, of `sum` that were lost. Sorts the rows, of which a share may have several. */
void quotas_sum(struct quota_row *rows, size_t count, uint64_t sum, struct payers *ret_payers);

/* Of what: there are accounts of several kinds for the ring, and for notes. */
enum quotas_of { QUOTAS_RING, QUOTAS_SAMPLE, QUOTAS_PASSED, QUOTAS_NOTES };

/* The same of the map. Nobody, where there is no right to read it or no memory. */
void quotas_read(int map_fd, enum quotas_of of, uint64_t sum, struct payers *ret_payers);

#endif
