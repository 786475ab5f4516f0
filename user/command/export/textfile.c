// SPDX-License-Identifier: GPL-2.0-only
/* Writes the figures beside the file and puts them into its place. */
#include "user/command/export/textfile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/command/complaints.h"
#include "user/run/faults.h"

#define FOR_ALL_TO_READ 0644 /* they are figures that any process may ask for */

static int complain(const struct export_textfile *file, int error, const char *why)
{
	COMMAND_COMPLAIN(UNWRITTEN, .w = file->path,
			 .v = why ? fault_in(why, log_language) : strerror(-error));
	return error;
}

int export_textfile_init(struct export_textfile *file, const char *path)
{
	int error;

	file->path = path;
	error = target_init(&file->target, path, false);
	return error ? complain(file, error, NULL) : 0;
}

void export_textfile_done(struct export_textfile *file)
{
	if (file->path)
		target_done(&file->target);
}

static int write_figures(struct export_textfile *file, struct buffer *text, const char **ret_why)
{
	int fd = target_open(&file->target, 0, ret_why);
	int error;

	if (fd < 0)
		return fd;
	error = text->failed ? -ENOMEM : buffer_flush(text, fd);
	if (!error && target_is_made(&file->target) && fchmod(fd, FOR_ALL_TO_READ))
		error = -errno;
	if (close(fd) && !error)
		error = -errno;
	if (!error)
		error = target_settle(&file->target);
	if (error)
		target_remove(&file->target, 0);
	return error;
}

int export_textfile_write(struct export_textfile *file, struct buffer *text, bool is_last)
{
	const char *why = NULL;
	int error = write_figures(file, text, &why);

	if (error && !file->is_stale)
		complain(file, error, why);
	file->is_stale = error != 0;
	file->is_written |= !error;
	return file->is_written && !is_last ? 0 : error;
}
