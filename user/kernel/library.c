// SPDX-License-Identifier: GPL-2.0-only
/* Which library talks to the kernel for us. */
#include "user/kernel/library.h"

#include <stdio.h>

#include <bpf/libbpf.h>

const char *kernel_library_version(void)
{
	static char text[16];

	snprintf(text, sizeof(text), "%u.%u", libbpf_major_version(), libbpf_minor_version());
	return text;
}
