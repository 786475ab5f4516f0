// SPDX-License-Identifier: GPL-2.0-only
/* Reads the terminal, the environment and the clocks, once, so that the rest need not. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/option/language.h"
#include "user/run/terminal.h"

#define DEFAULT_COLUMNS 80
#define MIN_COLUMNS 40
#define MAX_COLUMNS 1000
#define CLOCK_TRIES 16
#define CLOCK_STEP_NS ((int64_t)NS_PER_MS) /* what is less is how it was measured */

static uint64_t read_real(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* The offset of the try in which the two readings of the monotonic clock lay closest together. */
static int64_t measure_offset(void)
{
	uint64_t best = UINT64_MAX;
	int64_t offset = 0;

	for (int i = 0; i < CLOCK_TRIES; i++) {
		uint64_t before = clock_now();
		uint64_t real = read_real();
		uint64_t after = clock_now();

		if (after - before < best) {
			best = after - before;
			offset = (int64_t)(real - (before + best / 2));
		}
	}
	return offset;
}

static unsigned int terminal_columns(bool is_terminal)
{
	const char *text = getenv("COLUMNS");
	struct winsize size;
	uint64_t columns;

	if (!text || text_parse_u64(text, &columns)) {
		if (!is_terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
			return DEFAULT_COLUMNS;
		columns = size.ws_col;
	}
	return columns < MIN_COLUMNS ? MIN_COLUMNS : columns > MAX_COLUMNS ? MAX_COLUMNS : columns;
}

static unsigned int error_columns;

unsigned int terminal_error_columns(void)
{
	return error_columns;
}

static void read_error_columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return;
	error_columns = size.ws_col < MIN_COLUMNS ? MIN_COLUMNS : size.ws_col;
	if (error_columns >= DEFAULT_COLUMNS)
		error_columns = 0;
}

enum ladder_language terminal_language(const struct options *options)
{
	return option_language(options);
}

unsigned int terminal_rows(void)
{
	const char *term = getenv("TERM");
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || !term || !strcmp(term, "dumb") ||
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_row;
}

void terminal_read_clock(struct clock *clock)
{
	int64_t offset_ns = measure_offset();
	time_t now = time(NULL);
	struct tm local;

	if (llabs(offset_ns - clock->offset_ns) > CLOCK_STEP_NS)
		clock->offset_ns = offset_ns;
	if (localtime_r(&now, &local))
		clock->utc_offset_s = local.tm_gmtoff;
}

void terminal_settings(const struct options *options, struct sink_settings *ret_settings)
{
	bool is_terminal = isatty(STDOUT_FILENO);
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	memset(ret_settings, 0, sizeof(*ret_settings));
	read_error_columns();
	terminal_read_clock(&ret_settings->clock);
	ret_settings->start_mono_ns = clock_now();
	ret_settings->wide = options->wide;
	ret_settings->wall_time = options->wall_time;
	ret_settings->timestamp = options->timestamp;
	ret_settings->events = options->trace.events;
	ret_settings->full = options->trace.full;
	ret_settings->watch = options->stuck.watch;
	ret_settings->language = terminal_language(options);
	ret_settings->columns = terminal_columns(is_terminal);
	ret_settings->color = is_terminal && !(no_color && *no_color) && term &&
			      strcmp(term, "dumb");
}
