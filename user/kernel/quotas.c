// SPDX-License-Identifier: GPL-2.0-only
/* Sums up accounts of the ring by whose they are, and keeps the heaviest. */
#include "user/kernel/quotas.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "bpf/quota.h"

struct rows {
	struct quota_key keys[QUOTA_GROUPS];
	struct quota accounts[QUOTA_GROUPS];
	struct quota_row rows[QUOTA_GROUPS];
};

static int by_share(const void *a, const void *b)
{
	const struct quota_row *x = a, *y = b;

	if (x->share.owner != y->share.owner)
		return x->share.owner < y->share.owner ? -1 : 1;
	if (x->share.place != y->share.place)
		return x->share.place < y->share.place ? -1 : 1;
	return 0;
}

static int by_loss(const void *a, const void *b)
{
	const struct quota_row *x = a, *y = b;

	if (x->lost != y->lost)
		return x->lost > y->lost ? -1 : 1;
	return by_share(a, b);
}

void quotas_sum(struct quota_row *rows, size_t count, uint64_t sum, struct payers *ret_payers)
{
	size_t groups = 0;
	uint64_t known = 0;

	*ret_payers = (struct payers){ .count = 0 };
	qsort(rows, count, sizeof(*rows), by_share);
	for (size_t i = 0; i < count; i++) {
		if (!rows[i].lost)
			continue;
		known += rows[i].lost;
		if (groups && !by_share(&rows[groups - 1], &rows[i]))
			rows[groups - 1].lost += rows[i].lost;
		else
			rows[groups++] = rows[i];
	}
	qsort(rows, groups, sizeof(*rows), by_loss);
	for (size_t i = 0; i < groups && i < PAYERS; i++)
		ret_payers->payer[ret_payers->count++] = (struct payer){
			.share = rows[i].share,
			.paid = rows[i].lost,
			.missed = sum > known ? sum - known : 0,
		};
}

static enum quotas_of kind_of(uint32_t kind)
{
	switch (kind) {
	case QUOTA_SAMPLE:
		return QUOTAS_SAMPLE;
	case QUOTA_PASS:
		return QUOTAS_PASSED;
	case QUOTA_FIN_WAIT:
	case QUOTA_ACK:
		return QUOTAS_NOTES;
	default:
		return QUOTAS_RING;
	}
}

void quotas_read(int map_fd, enum quotas_of of, uint64_t sum, struct payers *ret_payers)
{
	__u32 position[4], count = QUOTA_GROUPS;
	size_t used = 0;
	struct rows *all;
	int error;

	*ret_payers = (struct payers){ .count = 0 };
	all = sum ? calloc(1, sizeof(*all)) : NULL;
	if (!all)
		return;
	error = bpf_map_lookup_batch(map_fd, NULL, position, all->keys, all->accounts, &count,
				     NULL);
	if (error && error != -ENOENT)
		count = 0;
	/* Of no namespace are those that are summed up over all. */
	for (size_t i = 0; i < count; i++)
		if (all->keys[i].netns && kind_of(all->keys[i].kind) == of)
			all->rows[used++] = (struct quota_row){
				.share = { all->keys[i].owner, all->keys[i].netns },
				.lost = all->accounts[i].lost,
			};
	quotas_sum(all->rows, used, sum, ret_payers);
	free(all);
}
