// SPDX-License-Identifier: GPL-2.0-only
/* Standard output: lines are gathered, and written whole, many at a time. */
#include "user/run/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "user/run/complaints.h"

#define FLUSH_BYTES 65536

void output_init(struct output *out, const sigset_t *waiting)
{
	buffer_init(&out->lines);
	out->waiting = waiting;
	out->error = 0;
}

void output_done(struct output *out)
{
	buffer_done(&out->lines);
}

const struct sink *output_sink(enum output_format format)
{
	static const struct sink *const sinks[] = {
		[FORMAT_TEXT] = &sink_text,	[FORMAT_JSON] = &sink_json,
		[FORMAT_CSV] = &sink_csv,	[FORMAT_PERFETTO] = &sink_perfetto,
		[FORMAT_FOLDED] = &sink_folded, [FORMAT_OTLP] = &sink_otlp,
		[FORMAT_ROWS] = &sink_rows
	};

	return sinks[format];
}

/* Signals are let in: whoever reads may have stopped, and a second one must end us even so. */
void output_flush(struct output *out)
{
	sigset_t blocked;

	if (out->error || (!out->lines.size && !out->lines.failed))
		return;
	if (out->waiting)
		sigprocmask(SIG_SETMASK, out->waiting, &blocked);
	out->error = buffer_flush(&out->lines, STDOUT_FILENO);
	if (out->waiting)
		sigprocmask(SIG_SETMASK, &blocked, NULL);
}

void output_flush_full(struct output *out)
{
	if (out->lines.size >= FLUSH_BYTES)
		output_flush(out);
}

int output_end(struct output *out)
{
	output_flush(out);
	if (!out->error || out->error == -EPIPE)
		return 0;
	RUN_COMPLAIN(OUTPUT_UNWRITTEN, .w = strerror(-out->error));
	return out->error;
}
