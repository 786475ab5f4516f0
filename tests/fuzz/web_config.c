// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes the web config: its text, if the first byte is even, or else what one process hands on. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/net/web_config.h"

/* An assert that no flag turns off. */
#define demand(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

static void fail(int line, const char *demand)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, demand);
	abort();
}

/* What was understood is the same behind the way to the other process. */
static void demand_packed(const struct web_config *config)
{
	struct web_config other;
	size_t size, again_size;
	char *packed, *again;

	demand(config->user_count <= WEB_USERS_MAX);
	demand(config->san_count <= WEB_SANS_MAX);
	demand(config->client_auth < WEB_CLIENT_AUTH_COUNT);
	packed = web_config_pack(config, &size);
	demand(packed && !web_config_unpack(packed, size, &other));
	again = web_config_pack(&other, &again_size);
	demand(again && again_size == size && !memcmp(packed, again, size));
	web_config_done(&other);
	free(packed);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *text = (const char *)bytes + 1;
	char why[WEB_WHY_SIZE] = "";
	struct web_config config;

	if (!size)
		return 0;
	if (bytes[0] & 1) {
		if (web_config_unpack(text, size - 1, &config))
			return 0;
	} else if (web_config_parse(text, size - 1, "/nowhere", &config, why)) {
		demand(*why && memchr(why, '\0', sizeof(why)));
		return 0;
	}
	demand_packed(&config);
	web_config_done(&config);
	return 0;
}
