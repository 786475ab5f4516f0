// SPDX-License-Identifier: GPL-2.0-only
/* How many TCP sockets a network namespace has, as /proc/net/sockstat shows them. */
#include "user/sockets/sockstat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 64
#define LINE_SIZE 256

/* What is counted for the whole machine, such as orphans, says nothing. */
int sockstat_parse(const char *line, uint64_t *ret_sockets)
{
	unsigned long long inuse, orphans, timewaits = 0;

	*ret_sockets = 0;
	if (!strncmp(line, "TCP6: ", 6)) {
		if (sscanf(line, "TCP6: inuse %llu", &inuse) != 1)
			return -EBADMSG;
	} else if (!strncmp(line, "TCP: ", 5)) {
		if (sscanf(line, "TCP: inuse %llu orphan %llu tw %llu", &inuse, &orphans,
			   &timewaits) != 3)
			return -EBADMSG;
	} else {
		return 0;
	}
	*ret_sockets = inuse + timewaits;
	return 0;
}

/* False: all of its lines could be read, and none has any. */
static bool may_have(const char *folder, const char *name, bool *ret_known)
{
	char path[PATH_SIZE], line[LINE_SIZE];
	uint64_t sockets = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "re");
	*ret_known = file;
	if (!file)
		return false;
	while (!sockets && fgets(line, sizeof(line), file))
		if (sockstat_parse(line, &sockets))
			sockets = 1;
	if (ferror(file))
		sockets = 1;
	fclose(file);
	return sockets;
}

bool sockstat_may_have_tcp(const char *folder)
{
	bool known4, known6;
	bool has4 = may_have(folder, "sockstat", &known4);
	bool has6 = !has4 && may_have(folder, "sockstat6", &known6);

	/* Without IPv6 there is no such file. */
	return !known4 || has4 || has6;
}
