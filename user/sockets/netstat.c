// SPDX-License-Identifier: GPL-2.0-only
/* Counters of a network namespace, as /proc/net/snmp and netstat show them. */
#include "user/sockets/netstat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLANKS " \n"
#define PAIRS_MAX 64 /* of lines: snmp and netstat have a dozen */

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

static bool are_of(const char *group, const char *names, const char *values)
{
	return !strncmp(names, group, strlen(group)) && !strncmp(values, group, strlen(group));
}

static void add(struct kernel_counters *c, const char *name, size_t size, uint64_t value)
{
	for (int i = 0; i < KERNEL_COUNTER_COUNT; i++)
		if (is_word(name, size, kernel_counter_name((enum kernel_counter)i))) {
			c->value[i] = value;
			c->known |= 1u << i;
		}
}

int netstat_parse(const char *names, const char *values, struct kernel_counters *ret)
{
	size_t name_size, value_size;

	if (!are_of("Tcp:", names, values) && !are_of("TcpExt:", names, values))
		return -ENOENT;
	for (;;) {
		const char *name = next_word(&names, &name_size);
		const char *value = next_word(&values, &value_size);
		uint64_t number;

		if (!name_size || !value_size)
			return 0;
		if (!parse_number(value, value_size, &number))
			add(ret, name, name_size, number);
	}
}

int netstat_read(int fd, struct kernel_counters *ret)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	FILE *file = own < 0 ? NULL : fdopen(own, "r");
	char *names = NULL, *values = NULL;
	size_t name_room = 0, value_room = 0;

	if (!file) {
		int error = -errno;

		if (own >= 0)
			close(own);
		return error;
	}
	*ret = (struct kernel_counters){ .known = 0 };
	/* It may have been written by who has passed it on: from its start, and no more of it. */
	rewind(file);
	for (int pairs = 0; pairs < PAIRS_MAX && getline(&names, &name_room, file) > 0 &&
			    getline(&values, &value_room, file) > 0;
	     pairs++)
		netstat_parse(names, values, ret);
	free(names);
	free(values);
	fclose(file);
	return ret->known ? 0 : -ENOENT;
}
