// SPDX-License-Identifier: GPL-2.0-only
/* Reads the kernel's BTF, of which the kernel gives a page at a time. */
#include "user/kernel/btf.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int kernel_btf_open(void)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int kernel_btf_read(int fd, void *to, size_t size, off_t from)
{
	size_t done = 0;

	while (done < size) {
		ssize_t count = pread(fd, (char *)to + done, size - done, from + (off_t)done);

		if (count <= 0)
			return count ? -errno : -EIO;
		done += (size_t)count;
	}
	return 0;
}
