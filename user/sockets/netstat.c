// SPDX-License-Identifier: GPL-2.0-only
/* Counters of a network namespace, as /proc/net/netstat shows them. */
#include "user/sockets/netstat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUP "TcpExt:"
#define BLANKS " \n"

/* The next word at `*at`, which is moved behind it; empty at the end. */
static const char *next_word(const char **at, size_t *ret_size)
{
	const char *word = *at + strspn(*at, BLANKS);

	*ret_size = strcspn(word, BLANKS);
	*at = word + *ret_size;
	return word;
}

static bool is_word(const char *word, size_t size, const char *expected)
{
	return size == strlen(expected) && !memcmp(word, expected, size);
}

static int parse_number(const char *word, size_t size, uint64_t *ret)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(word, &end, 10);
	if (!size || word[0] == '-' || end != word + size || errno)
		return -ENOENT;
	*ret = number;
	return 0;
}

int netstat_parse(const char *names, const char *values, struct netstat_listen *ret)
{
	struct netstat_listen found = { 0 };
	bool has_overflows = false, has_drops = false;
	size_t name_size, value_size;

	if (strncmp(names, GROUP, strlen(GROUP)) != 0 || strncmp(values, GROUP, strlen(GROUP)) != 0)
		return -ENOENT;
	for (;;) {
		const char *name = next_word(&names, &name_size);
		const char *value = next_word(&values, &value_size);

		if (!name_size || !value_size)
			break;
		if (is_word(name, name_size, "ListenOverflows"))
			has_overflows = !parse_number(value, value_size, &found.overflows);
		else if (is_word(name, name_size, "ListenDrops"))
			has_drops = !parse_number(value, value_size, &found.drops);
	}
	if (!has_overflows || !has_drops)
		return -ENOENT;
	*ret = found;
	return 0;
}

int netstat_read(int fd, struct netstat_listen *ret)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	FILE *file = own < 0 ? NULL : fdopen(own, "r");
	char *names = NULL, *values = NULL;
	size_t name_room = 0, value_room = 0;
	int error = -ENOENT;

	if (!file) {
		error = -errno;
		if (own >= 0)
			close(own);
		return error;
	}
	while (error && getline(&names, &name_room, file) > 0 &&
	       getline(&values, &value_room, file) > 0)
		error = netstat_parse(names, values, ret);
	free(names);
	free(values);
	fclose(file);
	return error;
}
