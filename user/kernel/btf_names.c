// SPDX-License-Identifier: GPL-2.0-only
/* Reads the names in the kernel's BTF, which takes a quarter of reading and sorting all of it. */
#include "user/kernel/btf_names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/btf.h>

#include "user/kernel/btf.h"

#define NAMES_MAX (64u << 20) /* bytes; kernels of today have 1 to 2 million */

/* Each name ends with a zero, and so does the empty one before the first. */
struct kernel_names {
	size_t size;
	char bytes[];
};

static struct kernel_names *read_names(int fd)
{
	struct kernel_names *names;
	struct btf_header header;

	if (kernel_btf_read(fd, &header, sizeof(header), 0) || header.magic != BTF_MAGIC ||
	    header.str_len < 2 || header.str_len > NAMES_MAX)
		return NULL;
	names = malloc(sizeof(*names) + header.str_len);
	if (!names)
		return NULL;
	names->size = header.str_len;
	if (kernel_btf_read(fd, names->bytes, names->size,
			    (off_t)header.hdr_len + header.str_off)) {
		free(names);
		return NULL;
	}
	return names;
}

struct kernel_names *kernel_names_read(void)
{
	struct kernel_names *names;
	int fd = kernel_btf_open();

	if (fd < 0)
		return NULL;
	names = read_names(fd);
	close(fd);
	return names;
}

bool kernel_names_have(const struct kernel_names *names, const char *name)
{
	const char *at = names->bytes, *end = names->bytes + names->size;
	size_t size = strlen(name) + 1;

	while ((at = memmem(at, (size_t)(end - at), name, size))) {
		if (at > names->bytes && !at[-1])
			return true;
		at++;
	}
	return false;
}

void kernel_names_free(struct kernel_names *names)
{
	free(names);
}
