// SPDX-License-Identifier: GPL-2.0-only
/* Whether a file that is to be written is one of those that are read. */
#include "user/run/inputs.h"

#include <stddef.h>
#include <sys/stat.h>

static bool is_same(const struct stat *one, const char *path)
{
	struct stat other;

	return path && !stat(path, &other) && one->st_dev == other.st_dev &&
	       one->st_ino == other.st_ino;
}

bool inputs_have(const struct options *options, const char *path)
{
	struct stat file;

	if (stat(path, &file) || !S_ISREG(file.st_mode))
		return false;
	for (size_t i = 0; i < options->input_count; i++)
		if (is_same(&file, options->inputs[i]))
			return true;
	return is_same(&file, options->report.compare);
}
