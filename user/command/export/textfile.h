/* SPDX-License-Identifier: GPL-2.0-only */
/* The figures in a file, which is complete whenever somebody reads it. */
#ifndef USER_COMMAND_EXPORT_TEXTFILE_H
#define USER_COMMAND_EXPORT_TEXTFILE_H

#include <stdbool.h>

#include "user/base/buffer.h"
#include "user/record/target.h"

struct export_textfile {
	const char *path;
	struct target target;
	bool is_written; /* at least once */
	bool is_stale;	 /* the last figures could not be written, which was said */
};

/* Returns 0, or -errno after one sentence. */
int export_textfile_init(struct export_textfile *file, const char *path);
void export_textfile_done(struct export_textfile *file);

/*
 * Puts a new file into the place of the last one. Returns 0, or -errno after one sentence. Where
 * there is an older one, and these are not the last figures, the sentence is all: a disk that is
 * full for a while ends nothing, and is not told of again before something was written.
 */
int export_textfile_write(struct export_textfile *file, struct buffer *text, bool is_last);

#endif
