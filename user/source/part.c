// SPDX-License-Identifier: GPL-2.0-only
/* A file of a recording: opened, its head read, and kept open if it cannot be opened again. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/base/hash.h"
#include "user/base/text.h"
#include "user/event/event.h"
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
	capture_free(part->capture);
	part->capture = NULL;
	part->magic_size = part->magic_taken = 0;
	if (part->fd > STDIN_FILENO)
		close(part->fd);
	part->fd = -1;
}

/* What may be long in coming is waited for here, where a signal cannot fall beside the sleep. */
static ssize_t read_file(const struct part *part, void *bytes, size_t size)
{
	struct pollfd wait = { .fd = part->fd, .events = POLLIN };
	ssize_t count;

	do {
		if (part->is_once && ppoll(&wait, 1, NULL, part->allowed) < 0)
			return -errno;
		count = read(part->fd, bytes, size);
	} while (count < 0 && errno == EAGAIN && part->is_once);
	return count < 0 ? -errno : count;
}

/* The first bytes come first, once more. */
static ssize_t read_part(void *context, void *bytes, size_t size)
{
	struct part *part = context;
	size_t left = part->magic_size - part->magic_taken;

	if (!left)
		return read_file(part, bytes, size);
	left = left < size ? left : size;
	memcpy(bytes, part->magic + part->magic_taken, left);
	part->magic_taken += left;
	return (ssize_t)left;
}

/* Returns 0, or -errno. */
static int read_magic(struct part *part)
{
	while (part->magic_size < sizeof(part->magic)) {
		ssize_t count = read_file(part, part->magic + part->magic_size,
					  sizeof(part->magic) - part->magic_size);

		if (count <= 0)
			return (int)count;
		part->magic_size += (size_t)count;
	}
	return 0;
}

/* The same for the same file, opened again; of a file it is the file's own. */
static uint64_t series_of(const struct part *part)
{
	uint64_t series = hash_fold((uint64_t)part->device ^ UINT64_C(0x9e3779b97f4a7c15),
				    (uint64_t)part->inode ^ UINT64_C(0xbf58476d1ce4e5b9));

	return series ? series : 1;
}

static int begin_capture(struct part *part)
{
	const struct capture_settings settings = { .read = read_part,
						   .context = part,
						   .is_stopped = part->is_stopped,
						   .max_connections = part->max_connections,
						   .series = series_of(part) };

	part->capture = capture_new(&settings);
	return part->capture ? capture_begin(part->capture) : -ENOMEM;
}

/* What /proc calls a descriptor of this process is there without /proc, too. */
static int open_own(const char *path)
{
	static const char folder[] = "/proc/self/fd/";
	uint64_t number;
	int fd;

	if (strncmp(path, folder, strlen(folder)) ||
	    text_parse_u64(path + strlen(folder), &number) || number > INT_MAX) {
		errno = ENOENT;
		return -1;
	}
	fd = fcntl((int)number, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

static int open_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd < 0 && errno == ENOENT ? open_own(path) : fd;
}

/* A named pipe opened so does not wait for who writes; its first bytes are waited for. */
int part_open(struct part *part)
{
	struct stat st;

	part->fd = strcmp(part->path, REPLAY_STDIN) ? open_path(part->path) : STDIN_FILENO;
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
	int error = part->reader ? 0 : read_magic(part);

	if (error)
		return error;
	if (!part->reader && capture_is(part->magic, part->magic_size))
		return begin_capture(part);
	if (!part->reader)
		part->reader = reader_new(read_part, part);
	return part->reader ? reader_begin(part->reader) : -ENOMEM;
}

int part_judge(const char *path, const char **ret_what)
{
	uint8_t bytes[READER_FIRST_BYTES];
	struct stat st;
	ssize_t count;
	int fd;

	*ret_what = NULL;
	/* Who writes into a pipe would see it opened, and closed. */
	if (!strcmp(path, REPLAY_STDIN) || stat(path, &st))
		return 0;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	count = pread(fd, bytes, sizeof(bytes), 0);
	if (count < 0)
		count = -errno;
	else if (!capture_is(bytes, (size_t)count))
		*ret_what = reader_judge(bytes, (size_t)count);
	close(fd);
	return count < 0 ? (int)count : 0;
}

uint64_t part_first_ns(struct part *part)
{
	struct recording_block block;
	uint8_t *raw;

	while (part->reader && reader_next(part->reader, &block, &raw) == 1)
		if (block.kind == RECORDING_RECORDS && block.record_count)
			return block.first_mono_ns;
	return EVENT_TIME_UNKNOWN;
}

const struct recording_about *part_about(const struct part *part)
{
	return part->capture ? capture_about(part->capture) : reader_about(part->reader);
}

size_t part_size_of(const struct part *part, uint8_t kind)
{
	return part->capture ? event_size_of(kind) : reader_size_of(part->reader, kind);
}

int part_next(struct part *part, struct recording_block *ret_block, uint8_t **ret_raw)
{
	return part->capture ? capture_next(part->capture, ret_block, ret_raw) :
			       reader_next(part->reader, ret_block, ret_raw);
}

const struct recording_counters *part_counters(const struct part *part)
{
	return part->capture ? capture_counters(part->capture) : reader_counters(part->reader);
}

const struct reader_fault *part_fault(const struct part *part)
{
	if (part->capture)
		return capture_fault(part->capture);
	return part->reader ? reader_fault(part->reader) : NULL;
}

bool part_is_torn(const struct part *part)
{
	if (part->capture)
		return capture_fault(part->capture);
	return part->reader && reader_is_torn(part->reader);
}

uint32_t part_in(const struct part *part)
{
	return part->capture ? 0 : reader_part(part->reader);
}

uint64_t part_lost(const struct part *part)
{
	return part->capture ? 0 : reader_lost(part->reader);
}

uint64_t part_position(const struct part *part)
{
	return part->capture ? capture_position(part->capture) : reader_position(part->reader);
}

bool part_is_same(const struct part *a, const struct part *b)
{
	return a->is_once && b->is_once && a->device == b->device && a->inode == b->inode;
}
