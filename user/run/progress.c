// SPDX-License-Identifier: GPL-2.0-only
/* A bar on the terminal that shows how far a long replay has come. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/run/progress.h"

#define PERIOD_NS (NS_PER_S / 5)
#define BAR_COLUMNS 40
#define LINE_SIZE 128
#define WIPE "\r\033[K"

void progress_init(struct progress *p, bool alone)
{
	p->start_ns = clock_now();
	p->next_ns = p->start_ns + NS_PER_S;
	p->is_wanted = isatty(STDERR_FILENO) && (alone || !isatty(STDOUT_FILENO));
}

static void print(const char *line)
{
	/* Nobody is left to be shown anything when this fails. */
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		return;
}

void progress_show(struct progress *p, uint64_t bytes, uint64_t all)
{
	static const char full[] = "########################################";
	char line[LINE_SIZE];
	uint64_t now;
	int done;

	if (!p->is_wanted || !all)
		return;
	now = clock_now();
	if (now < p->next_ns)
		return;
	p->next_ns = now + PERIOD_NS;
	p->is_shown = true;
	done = bytes < all ? (int)(bytes * BAR_COLUMNS / all) : BAR_COLUMNS;
	snprintf(line, sizeof(line), WIPE "[%-*.*s] %3d %%, %llu MiB/s", BAR_COLUMNS, done, full,
		 bytes < all ? (int)(bytes * 100 / all) : 100,
		 (unsigned long long)((bytes >> 20) * NS_PER_S / (now - p->start_ns)));
	print(line);
}

void progress_done(struct progress *p)
{
	if (p->is_shown)
		print(WIPE);
	p->is_shown = false;
}
