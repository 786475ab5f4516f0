// SPDX-License-Identifier: GPL-2.0-only
/* What the processes of this program take of the machine, as /proc tells. */
#include "user/command/export/process.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "user/base/units.h"

#define STAT_SIZE 1024
/* Fields of /proc/PID/stat behind the name, which may have any bytes: the first is the state. */
enum { STAT_UTIME = 11, STAT_STIME = 12, STAT_START = 19, STAT_VIRTUAL = 20, STAT_RESIDENT = 21 };

static void read_fields(const char *text, unsigned long long fields[STAT_RESIDENT + 1])
{
	const char *at = strrchr(text, ')');
	char state;

	memset(fields, 0, (STAT_RESIDENT + 1) * sizeof(*fields));
	if (!at)
		return;
	at += 1;
	if (sscanf(at, " %c", &state) != 1)
		return;
	at = strchr(at + 1, ' ');
	for (int i = 1; at && i <= STAT_RESIDENT; i++) {
		/* Some are negative, which is none of our business. */
		fields[i] = strtoull(at + 1, NULL, 10);
		at = strchr(at + 1, ' ');
	}
}

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / NS_PER_S;
}

static void add(const char *path, struct metrics_process *p)
{
	double ticks = (double)sysconf(_SC_CLK_TCK);
	unsigned long long fields[STAT_RESIDENT + 1];
	char text[STAT_SIZE];
	FILE *file = fopen(path, "re");
	size_t size = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	if (file)
		fclose(file);
	text[size] = '\0';
	read_fields(text, fields);
	p->cpu_seconds += (double)(fields[STAT_UTIME] + fields[STAT_STIME]) / ticks;
	p->virtual_bytes += fields[STAT_VIRTUAL];
	p->resident_bytes += fields[STAT_RESIDENT] * (uint64_t)sysconf(_SC_PAGESIZE);
	if (!p->start_time_seconds)
		p->start_time_seconds = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME) +
					(double)fields[STAT_START] / ticks;
}

static uint64_t count_fds(void)
{
	DIR *folder = opendir("/proc/self/fd");
	uint64_t count = 0;

	if (!folder)
		return 0;
	while (readdir(folder))
		count++;
	closedir(folder);
	/* Without ".", "..", and the one that the folder was read by. */
	return count > 3 ? count - 3 : 0;
}

void export_process_read(const pid_t *others, size_t count, struct metrics_process *ret)
{
	struct rlimit limit;
	char path[64];

	*ret = (struct metrics_process){ .open_fds = count_fds() };
	if (!getrlimit(RLIMIT_NOFILE, &limit))
		ret->max_fds = limit.rlim_cur;
	add("/proc/self/stat", ret);
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)others[i]);
		add(path, ret);
	}
}
