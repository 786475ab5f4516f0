// SPDX-License-Identifier: GPL-2.0-only
/* Names of congestion controls, each kept once and known by a number. */
#include "user/conn/congestion.h"

#include <ctype.h>
#include <string.h>

static uint8_t find_number(struct congestion_names *names, const char *name)
{
	char *own = names->names[names->count];
	unsigned int i;

	memset(own, 0, EVENT_CONGESTION_SIZE + 1);
	for (i = 0; i < EVENT_CONGESTION_SIZE && name[i]; i++)
		own[i] = (char)(isgraph((unsigned char)name[i]) ? name[i] : '?');
	for (i = 0; strcmp(names->names[i], own); i++)
		;
	if (i == CONGESTION_NAMES)
		return 0;
	if (i == names->count)
		names->count++;
	return i + 1;
}

uint8_t congestion_number(struct congestion_names *names,
			  const char name[EVENT_CONGESTION_SIZE + 1])
{
	if (!*name)
		return 0;
	/* Most often it is that of the connection before. */
	if (memcmp(names->last, name, sizeof(names->last)) != 0) {
		memcpy(names->last, name, sizeof(names->last));
		names->last_number = find_number(names, name);
	}
	return names->last_number;
}

const char *congestion_name(const struct congestion_names *names, uint8_t number)
{
	return number && number <= names->count ? names->names[number - 1] : NULL;
}
