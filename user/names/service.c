// SPDX-License-Identifier: GPL-2.0-only
/* Services: from the name of one to its port, as the machine's own list has it. */
#include "user/names/service.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/text.h"

#define BLANKS " \t\n"

/* "80/tcp" */
static bool parse_port(char *text, uint16_t *ret_port)
{
	char *slash = strchr(text, '/');
	uint64_t port;

	if (!slash || strcmp(slash, "/tcp"))
		return false;
	*slash = '\0';
	if (text_parse_u64(text, &port) || !port || port > UINT16_MAX)
		return false;
	*ret_port = port;
	return true;
}

/* Whether the line "name port/tcp alias..." is about it. The line is taken apart. */
static bool is_about(char *line, const char *name, uint16_t *ret_port)
{
	char *rest = line, *word = strtok_r(line, BLANKS, &rest), *port;
	bool found = word && !strcmp(word, name);

	port = word ? strtok_r(NULL, BLANKS, &rest) : NULL;
	while (port && !found && (word = strtok_r(NULL, BLANKS, &rest)))
		found = !strcmp(word, name);
	return found && port && parse_port(port, ret_port);
}

int service_port(const char *list, const char *name, uint16_t *ret_port)
{
	FILE *file = fopen(list, "re");
	int error = -ENOENT;
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return -errno;
	while (error && getline(&line, &room, file) >= 0) {
		line[strcspn(line, "#")] = '\0';
		if (is_about(line, name, ret_port))
			error = 0;
	}
	free(line);
	fclose(file);
	return error;
}
