// SPDX-License-Identifier: GPL-2.0-only
/* A file of a recording: opened, its head read, and kept open if it cannot be opened again. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/source/part.h"
#include "user/source/replay.h"

struct part *part_new(const char *path, const sigset_t *allowed)
{
	struct part *part = calloc(1, sizeof(*part));

	if (!part)
		return NULL;
	part->path = path;
	part->allowed = allowed;
	part->fd = -1;
	return part;
}

void part_free(struct part *part)
{
	if (!part)
		return;
	part_close(part);
	free(part);
}

void part_close(struct part *part)
{
	reader_free(part->reader);
	part->reader = NULL;
	if (part->fd > STDIN_FILENO)
		close(part->fd);
	part->fd = -1;
}

/* What may be long in coming is waited for here, where a signal cannot fall beside the sleep. */
static ssize_t read_part(void *context, void *bytes, size_t size)
{
	const struct part *part = context;
	struct pollfd wait = { .fd = part->fd, .events = POLLIN };
	ssize_t count;

	do {
		if (part->is_once && ppoll(&wait, 1, NULL, part->allowed) < 0)
			return -errno;
		count = read(part->fd, bytes, size);
	} while (count < 0 && errno == EAGAIN && part->is_once);
	return count < 0 ? -errno : count;
}

/* A named pipe opened so does not wait for who writes; its first bytes are waited for. */
int part_open(struct part *part)
{
	struct stat st;

	part->fd = strcmp(part->path, REPLAY_STDIN) ?
			   open(part->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) :
			   STDIN_FILENO;
	if (part->fd < 0 || fstat(part->fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	part->is_once = !S_ISREG(st.st_mode) || part->fd == STDIN_FILENO;
	part->bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	part->device = st.st_dev;
	part->inode = st.st_ino;
	return 0;
}

int part_begin(struct part *part)
{
	if (!part->reader)
		part->reader = reader_new(read_part, part);
	return part->reader ? reader_begin(part->reader) : -ENOMEM;
}

bool part_is_same(const struct part *a, const struct part *b)
{
	return a->is_once && b->is_once && a->device == b->device && a->inode == b->inode;
}
