// SPDX-License-Identifier: GPL-2.0-only
/* What a recording of this run says of itself: the machine, the boot, hooks and filters. */
#include "user/run/about.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "user/event/reset_reason.h"
#include "user/kernel/reset_reasons.h"
#include "user/option/filter_text.h"
#include "user/run/run.h"

void about_init(struct about *about)
{
	memset(about, 0, sizeof(*about));
	buffer_init(&about->filters);
	buffer_init(&about->hooks);
	buffer_init(&about->reasons);
}

void about_done(struct about *about)
{
	buffer_done(&about->filters);
	buffer_done(&about->hooks);
	buffer_done(&about->reasons);
}

void about_read_boot(char boot[ABOUT_BOOT_SIZE])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	boot[0] = '\0';
	if (f && fgets(boot, ABOUT_BOOT_SIZE, f))
		boot[strcspn(boot, "\n")] = '\0';
	if (f)
		fclose(f);
}

static void add_hooks(struct buffer *hooks, const struct source *source)
{
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		const char *rung = source->class->rung(source, f);

		if (rung)
			buffer_addf(hooks, "%s %s\n", hook_families[f].name, rung);
	}
	buffer_add_char(hooks, '\0');
}

/* Of a kernel that names none, resets are shown by their numbers. */
static void add_reasons(struct buffer *text)
{
	struct reset_reasons reasons = { 0 };

	if (!kernel_reasons_read(&reasons))
		reset_reasons_write(&reasons, text);
	buffer_add_char(text, '\0');
}

static const char *text_of(const struct buffer *b)
{
	return b->failed ? NULL : b->bytes;
}

void about_make(struct about *about, const struct run *run, uint64_t start_ns)
{
	struct recording_about *head = &about->head;

	*head = (struct recording_about){
		.start_mono_ns = start_ns,
		.clock_offset_ns = run->settings.clock.offset_ns,
		.utc_offset_s = run->settings.clock.utc_offset_s,
	};
	filter_text_add(&about->filters, &run->options->filter);
	buffer_add_char(&about->filters, '\0');
	add_hooks(&about->hooks, run->source);
	add_reasons(&about->reasons);
	uname(&about->system);
	about_read_boot(about->boot);
	if (getrandom(&head->series, sizeof(head->series), 0) != (ssize_t)sizeof(head->series))
		head->series = start_ns;
	head->text[RECORDING_PROGRAM] = TCPSPAN_VERSION;
	/* A story that is played is the same on every machine. */
	if (!run->options->explain.demo && !(run->options->redact >> REDACT_NAMES & 1))
		head->text[RECORDING_HOST] = about->system.nodename;
	if (!run->options->explain.demo)
		head->text[RECORDING_KERNEL] = about->system.release;
	head->text[RECORDING_BOOT] = about->boot;
	head->text[RECORDING_FILTERS] = text_of(&about->filters);
	head->text[RECORDING_HOOKS] = text_of(&about->hooks);
	head->text[RECORDING_REASONS] = text_of(&about->reasons);
}
