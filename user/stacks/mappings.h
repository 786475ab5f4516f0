/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the code of a process lies: the text of /proc/PID/maps, which it has a say in. */
#ifndef USER_STACKS_MAPPINGS_H
#define USER_STACKS_MAPPINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAPPINGS_MAX 65536
#define MAPPINGS_TEXT_MAX (16u << 20)

/* One that can be run. */
struct mapping {
	uint64_t start, end;
	uint64_t offset;  /* in its file */
	uint64_t inode;	  /* 0: it is of no file */
	uint32_t dev;	  /* major and minor number, in halves */
	const char *path; /* untrusted, no text; NULL: it has none */
	size_t path_size;
};

struct mappings {
	struct mapping *all; /* in the order of their addresses */
	size_t count;
	char *text; /* that paths are parts of */
};

/* Of `size` bytes, which are taken over. Returns 0, -ENOMEM, or -EBADMSG: it is no such text. */
int mappings_parse(struct mappings *m, char *text, size_t size);

/* Of the file that is open there. The same, or another -errno. */
int mappings_read(struct mappings *m, int fd);

/* NULL: nothing that can be run lies there. */
const struct mapping *mappings_find(const struct mappings *m, uint64_t address);

void mappings_done(struct mappings *m);

#endif
