// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes what a collector answers. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/net/otlp.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char why[OTLP_WHY_SIZE];
	uint64_t rejected;
	int error = otlp_read_answer(bytes, size, &rejected, why);

	if (!memchr(why, '\0', sizeof(why)) || (error && (rejected || *why)) ||
	    rejected > INT64_MAX) {
		fprintf(stderr, "an answer is not what it was read as\n");
		abort();
	}
	return 0;
}
