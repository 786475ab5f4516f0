/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's own description of its types, as a file. */
#ifndef USER_KERNEL_BTF_H
#define USER_KERNEL_BTF_H

#include <stddef.h>
#include <sys/types.h>

/* A descriptor, or -errno: the kernel describes nothing. */
int kernel_btf_open(void);

/* Reads just that many bytes from there on. Returns 0 or -errno; -EIO: there are less. */
int kernel_btf_read(int fd, void *to, size_t size, off_t from);

#endif
