// SPDX-License-Identifier: GPL-2.0-only
/* What is wrong with a recording, in one sentence. */
#include <stdio.h>
#include <string.h>

#include "user/base/log.h"
#include "user/base/text.h"
#include "user/run/flaw.h"

#define PATH_COLUMNS 200
#define SAVED_SIZE 128

/* ": 4711 records were read, 12 are lost". */
static void describe_saved(char text[SAVED_SIZE], const struct replay_flaw *flaw)
{
	size_t used = (size_t)snprintf(text, SAVED_SIZE, "; %llu record%s read",
				       (unsigned long long)flaw->records,
				       flaw->records == 1 ? " was" : "s were");

	if (flaw->lost)
		snprintf(text + used, SAVED_SIZE - used, ", %llu or more %s lost",
			 (unsigned long long)flaw->lost, flaw->lost == 1 ? "is" : "are");
}

void flaw_complain(const struct replay_flaw *flaw, bool saved)
{
	char tail[SAVED_SIZE] = "";
	struct buffer b;

	if (!flaw->path) {
		log_error("not enough memory");
		return;
	}
	if (saved)
		describe_saved(tail, flaw);
	buffer_init(&b);
	if (!strcmp(flaw->path, REPLAY_STDIN))
		buffer_add_text(&b, "standard input");
	else
		text_add_escaped(&b, flaw->path, strlen(flaw->path), PATH_COLUMNS);
	buffer_add_char(&b, '\0');
	if (*flaw->what && !flaw->offset)
		log_error("%s: %s%s", b.failed ? "?" : b.bytes, flaw->what, tail);
	else if (*flaw->what)
		log_error("%s: byte %llu: %s%s", b.failed ? "?" : b.bytes,
			  (unsigned long long)flaw->offset, flaw->what, tail);
	else
		log_error("%s cannot be read: %s%s", b.failed ? "?" : b.bytes,
			  strerror(-flaw->error), tail);
	buffer_done(&b);
}
