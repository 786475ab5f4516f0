// SPDX-License-Identifier: GPL-2.0-only
/* The recordings that are built in: as files in memory, since a run reads files. */
#include "user/demo/recordings.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user/aggregate/textbook.h"
#include "user/demo/recordings.bytes.h"

static const struct {
	const char *name;
	const unsigned char *bytes;
	size_t size;
} recordings[] = {
#define X(name, bytes) { name, bytes, sizeof(bytes) },
	RECORDINGS(X)
#undef X
};

static int make_file(const unsigned char *bytes, size_t size)
{
	int fd = memfd_create("story", MFD_CLOEXEC), error;

	if (fd < 0)
		return -errno;
	for (size_t used = 0; used < size;) {
		ssize_t written = write(fd, bytes + used, size - used);

		if (written < 0 && errno != EINTR) {
			error = -errno;
			close(fd);
			return error;
		}
		used += written > 0 ? (size_t)written : 0;
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

int recordings_open(unsigned int story)
{
	for (size_t i = 0; i < sizeof(recordings) / sizeof(*recordings); i++)
		if (!strcmp(recordings[i].name, textbook[story].name))
			return make_file(recordings[i].bytes, recordings[i].size);
	return -ENOENT;
}
