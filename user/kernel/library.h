/* SPDX-License-Identifier: GPL-2.0-only */
/* Which library talks to the kernel for us. */
#ifndef USER_KERNEL_LIBRARY_H
#define USER_KERNEL_LIBRARY_H

/* "1.5": of the libbpf that this program runs with. */
const char *kernel_library_version(void);

#endif
