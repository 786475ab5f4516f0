// SPDX-License-Identifier: GPL-2.0-only
/* What is wrong with a recording, in one sentence. */
#include <string.h>

#include "user/base/text.h"
#include "user/run/complaints.h"
#include "user/run/faults.h"
#include "user/run/flaw.h"

#define PATH_COLUMNS 200

#define ADD(out, NAME, ...) \
	sentence_add((out), RUN_SAYS(NAME), &(struct sentence_words){ __VA_ARGS__ })

/* "; 4711 records were read, 12 or more are lost". */
static void describe_saved(struct buffer *out, const struct replay_flaw *flaw)
{
	if (flaw->records == 1)
		ADD(out, FLAW_READ_ONE, .n = flaw->records);
	else
		ADD(out, FLAW_READ, .n = flaw->records);
	if (flaw->lost == 1)
		ADD(out, FLAW_LOST_ONE, .n = flaw->lost);
	else if (flaw->lost)
		ADD(out, FLAW_LOST, .n = flaw->lost);
}

const char *fault_in(const char *english, enum ladder_language language)
{
	static const char *const faults[][LADDER_LANGUAGE_COUNT] = {
#define X(en, zh) { en, zh },
		RUN_FAULTS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (!strcmp(faults[i][LADDER_EN], english))
			return faults[i][language];
	return english;
}

static void add_path(struct buffer *out, const char *path)
{
	if (!strcmp(path, REPLAY_STDIN))
		buffer_add_text(out, RUN_SAYS(STANDARD_INPUT));
	else
		text_add_escaped(out, path, strlen(path), PATH_COLUMNS);
	buffer_add_char(out, '\0');
}

static void complain(const struct replay_flaw *flaw, const char *path, const char *what)
{
	if (!*flaw->what)
		RUN_COMPLAIN(FLAW_UNREADABLE, .w = path, .v = what);
	else if (flaw->offset)
		RUN_COMPLAIN(FLAW_AT, .w = path, .n = flaw->offset, .v = what);
	else
		RUN_COMPLAIN(FLAW, .w = path, .v = what);
}

void flaw_complain(const struct replay_flaw *flaw, bool saved)
{
	struct buffer path, what;

	if (!flaw->path) {
		RUN_COMPLAIN(NO_MEMORY);
		return;
	}
	buffer_init(&path);
	buffer_init(&what);
	add_path(&path, flaw->path);
	buffer_add_text(&what,
			*flaw->what ? fault_in(flaw->what, log_language) : strerror(-flaw->error));
	if (saved)
		describe_saved(&what, flaw);
	buffer_add_char(&what, '\0');
	complain(flaw, path.failed ? "?" : path.bytes, what.failed ? "?" : what.bytes);
	buffer_done(&path);
	buffer_done(&what);
}
