// SPDX-License-Identifier: GPL-2.0-only
/* Who listens: one look after the other, while its screen is seen. */
#include "user/command/top/serving.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/event/bundle.h"

#define PAUSE_NS (1 * NS_PER_S)
#define PAUSE_LOOKS 20 /* a look takes no more than so much of the time */

int serving_init(struct serving *serving)
{
	serving->listening = listening_new();
	return serving->listening ? 0 : -ENOMEM;
}

void serving_done(struct serving *serving)
{
	if (serving->has_begun)
		listeners_eye_close(&serving->eye);
	free(serving->rows);
	listening_free(serving->listening);
}

void serving_begin(struct serving *serving, struct run *run)
{
	char reason[PLAN_REASON_SIZE] = "";

	serving->run = run;
	if (!run->live)
		return;
	serving->has_begun = true;
	serving->has_eye = !listeners_eye_open(&serving->eye, run->options, serving->listening,
					       run->broker, reason);
}

void serving_hear(struct serving *serving, const void *bytes, size_t size)
{
	struct event event;

	if (size <= offsetof(struct event_head, kind) ||
	    ((const uint8_t *)bytes)[offsetof(struct event_head, kind)] != EVENT_LISTENER)
		return;
	if (!event_decode(bytes, size, &event))
		listening_hear(serving->listening, &event);
}

static void look_anew(struct serving *serving)
{
	char reason[PLAN_REASON_SIZE] = "";
	uint64_t begin_ns = clock_now(), took_ns;
	int error = listeners_look(&serving->eye, reason);

	if (!error && (!serving->has_looked || listeners_has_new(&serving->eye)))
		error = listeners_find_holders(&serving->eye);
	if (error) {
		serving->has_eye = false;
		return;
	}
	serving->has_looked = true;
	took_ns = (clock_now() - begin_ns) * PAUSE_LOOKS;
	serving->due_ns = clock_now() + (took_ns > PAUSE_NS ? took_ns : PAUSE_NS);
}

static void set_view(struct serving *serving)
{
	const struct run *run = serving->run;
	const char *rung = run->source->class->rung(run->source, HOOK_ACCEPT);
	uint64_t now_ns = run->source->class->now(run->source);

	serving->view = (struct listening_view){
		.now_ns = serving->has_looked ? listening_last(serving->listening) : now_ns,
		.duration_ns = now_ns - run->settings.start_mono_ns,
		.accepts_known = rung,
		.accepts_exact = rung && run->live && !run->source->class->has_lost(run->source) &&
				 strcmp(rung, hook_kind_name(HOOK_KIND_TRACEPOINT)) != 0,
		.is_past = !serving->has_looked,
	};
}

int serving_look(struct serving *serving)
{
	struct listening_row *rows;
	size_t count;

	if (serving->has_eye && clock_now() >= serving->due_ns)
		look_anew(serving);
	set_view(serving);
	if (listening_rows_new(serving->listening, &serving->view, &rows, &count))
		return -ENOMEM;
	free(serving->rows);
	serving->rows = rows;
	serving->count = count;
	return 0;
}
