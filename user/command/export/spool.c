// SPDX-License-Identifier: GPL-2.0-only
/* Batches of rows that wait to be sent: files in a folder, or memory; bounded, oldest first. */
#include "user/command/export/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/command/complaints.h"

#define NAME_SIZE 96
#define PART ".part"
#define MODE_FOLDER 0700
#define MODE_FILE 0600
#define ENTRIES_MAX 1000000 /* of a folder: what is beyond is left alone */
#define ENTRY_BYTES (64u << 20)
#define READ_BYTES 65536

static const char *const table_names[] = {
#define X(NAME, name) [SPOOL_##NAME] = (name),
	SPOOL_TABLES(X)
#undef X
};

const char *spool_table_name(enum spool_table table)
{
	return table_names[table];
}

/* ---- the folder ---------------------------------------------------------------------------- */

static bool is_empty(int folder)
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *each;
	size_t count = 0;

	if (!dir) {
		if (again >= 0)
			close(again);
		return false;
	}
	while ((each = readdir(dir)))
		count += strcmp(each->d_name, ".") != 0 && strcmp(each->d_name, "..") != 0;
	closedir(dir);
	return !count;
}

/* Returns 0, or why not. */
static const char *own(int fd, const struct identity *identity)
{
	uid_t uid = identity->is_other ? identity->uid : geteuid();
	struct stat st;

	if (fstat(fd, &st))
		return strerror(errno);
	if (st.st_uid != uid && !is_empty(fd))
		return "it is not empty, and somebody else's";
	if (st.st_uid != uid && fchown(fd, uid, identity->is_other ? identity->gid : (gid_t)-1))
		return strerror(errno);
	if (st.st_uid != uid && fchmod(fd, MODE_FOLDER))
		return strerror(errno);
	if (st.st_uid == uid && st.st_mode & S_IWOTH)
		return "everybody may write to it";
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? "another run uses it" : strerror(errno);
	return NULL;
}

int spool_claim(const char *path, const struct identity *identity)
{
	const char *why;
	int fd;

	if (mkdir(path, MODE_FOLDER) && errno != EEXIST) {
		why = strerror(errno);
	} else {
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		why = fd < 0 ? strerror(errno) : own(fd, identity);
		if (!why)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	COMMAND_COMPLAIN(SPOOL_UNUSABLE, .w = path, .v = why);
	return -EINVAL;
}

/* ---- names --------------------------------------------------------------------------------- */

/* In their order files are sent in that of the entries. */
static void format_name(const struct spool_entry *e, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%016" PRIx64 "-%010" PRIu64 "-%d-%s-%" PRIu64 ".gz", e->run,
		 e->batch, (int)e->table, table_names[e->table], e->rows);
}

/* Whether it is one of ours: then it is called just so. */
static bool parse_name(const char *name, struct spool_entry *ret)
{
	struct spool_entry e = { 0 };
	char again[NAME_SIZE], rest[NAME_SIZE];
	int table;

	if (strlen(name) >= NAME_SIZE ||
	    sscanf(name, "%16" SCNx64 "-%10" SCNu64 "-%1d-%95s", &e.run, &e.batch, &table, rest) !=
		    4 ||
	    table < 0 || table >= SPOOL_TABLE_COUNT || !strrchr(rest, '-') ||
	    sscanf(strrchr(rest, '-') + 1, "%10" SCNu64, &e.rows) != 1)
		return false;
	e.table = (enum spool_table)table;
	format_name(&e, again);
	*ret = e;
	return !strcmp(again, name);
}

static int compare(const void *one, const void *other)
{
	const struct spool_entry *a = one, *b = other;

	if (a->run != b->run)
		return a->run < b->run ? -1 : 1;
	if (a->batch != b->batch)
		return a->batch < b->batch ? -1 : 1;
	return (int)a->table - (int)b->table;
}

/* ---- the list ------------------------------------------------------------------------------ */

static int append(struct spool *s, const struct spool_entry *entry)
{
	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : 64;
		struct spool_entry *more = realloc(s->entries, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		s->entries = more;
		s->room = room;
	}
	s->entries[s->count++] = *entry;
	s->bytes += entry->bytes;
	return 0;
}

static int find(struct spool *s, const char *name)
{
	size_t size = strlen(name), part = strlen(PART);
	struct spool_entry e;
	struct stat st;

	/* Somebody was ended while it was written. */
	if (size > part && !strcmp(name + size - part, PART)) {
		unlinkat(s->folder, name, 0);
		return 0;
	}
	if (s->count >= ENTRIES_MAX || !parse_name(name, &e) ||
	    fstatat(s->folder, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
		return 0;
	e.bytes = (uint64_t)st.st_size;
	return append(s, &e);
}

static int find_all(struct spool *s)
{
	int again = openat(s->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;
	DIR *dir = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *each;

	if (!dir) {
		error = -errno;
		if (again >= 0)
			close(again);
		return error;
	}
	while (!error && (each = readdir(dir)))
		error = find(s, each->d_name);
	closedir(dir);
	if (s->count)
		qsort(s->entries, s->count, sizeof(*s->entries), compare);
	return error;
}

int spool_open(struct spool *spool, int folder, uint64_t most)
{
	int error;

	*spool = (struct spool){ .folder = folder, .most = most };
	error = folder < 0 ? 0 : find_all(spool);
	if (error)
		spool_close(spool);
	return error;
}

void spool_close(struct spool *spool)
{
	for (size_t i = 0; i < spool->count; i++)
		buffer_done(&spool->entries[i].body);
	free(spool->entries);
	*spool = (struct spool){ .folder = -1 };
}

bool spool_is_full(const struct spool *spool, size_t size)
{
	return spool->bytes + size > spool->most;
}

/* ---- one ----------------------------------------------------------------------------------- */

/* The file is whole on the disk; a folder that cannot be told to be may still forget its name. */
static void keep_name(const struct spool *s)
{
	if (fsync(s->folder))
		log_debug("the spool may forget a file: %s", strerror(errno));
}

static int make_file(const struct spool *s, const struct spool_entry *e, struct buffer *body)
{
	char name[NAME_SIZE], part[NAME_SIZE + sizeof(PART)];
	int fd, error;

	format_name(e, name);
	snprintf(part, sizeof(part), "%s" PART, name);
	fd = openat(s->folder, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    MODE_FILE);
	if (fd < 0)
		return -errno;
	error = buffer_flush(body, fd);
	if (!error && fsync(fd))
		error = -errno;
	if (close(fd) && !error)
		error = -errno;
	if (!error && renameat(s->folder, part, s->folder, name))
		error = -errno;
	if (error)
		unlinkat(s->folder, part, 0);
	else
		keep_name(s);
	return error;
}

int spool_add(struct spool *spool, const struct spool_entry *entry, struct buffer *body,
	      uint64_t *ret_dropped)
{
	struct spool_entry e = *entry;
	int error = body->failed ? -ENOMEM : 0;

	e.bytes = body->size;
	e.body = (struct buffer){ 0 };
	while (spool->count && spool_is_full(spool, e.bytes)) {
		if (spool->entries->table == SPOOL_CONNECTIONS)
			*ret_dropped += spool->entries->rows;
		spool_remove_first(spool);
	}
	if (!error && spool->folder >= 0)
		error = make_file(spool, &e, body);
	if (!error)
		error = append(spool, &e);
	if (error || spool->folder >= 0)
		return error;
	spool->entries[spool->count - 1].body = *body;
	buffer_init(body);
	return 0;
}

const struct spool_entry *spool_first(const struct spool *spool)
{
	return spool->count ? spool->entries : NULL;
}

static int read_file(const struct spool *s, struct buffer *ret)
{
	static char bytes[READ_BYTES];
	char name[NAME_SIZE];
	ssize_t size;
	int fd, error;

	format_name(s->entries, name);
	fd = openat(s->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while ((size = read(fd, bytes, sizeof(bytes))) > 0 && ret->size < ENTRY_BYTES)
		buffer_add(ret, bytes, (size_t)size);
	error = size < 0 ? -errno : size > 0 ? -EFBIG : ret->failed ? -ENOMEM : 0;
	close(fd);
	return error;
}

int spool_read_first(const struct spool *spool, struct buffer *ret)
{
	const struct spool_entry *e = spool->entries;

	buffer_clear(ret);
	if (spool->folder >= 0)
		return read_file(spool, ret);
	buffer_add(ret, e->body.bytes, e->body.size);
	return ret->failed ? -ENOMEM : 0;
}

void spool_remove_first(struct spool *spool)
{
	char name[NAME_SIZE];

	if (spool->folder >= 0) {
		format_name(spool->entries, name);
		unlinkat(spool->folder, name, 0);
	}
	buffer_done(&spool->entries->body);
	spool->bytes -= spool->entries->bytes;
	spool->count--;
	memmove(spool->entries, spool->entries + 1, spool->count * sizeof(*spool->entries));
}
