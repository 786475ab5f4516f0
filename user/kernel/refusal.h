/* SPDX-License-Identifier: GPL-2.0-only */
/* Why tracing could not start, in one sentence that says what to do about it. */
#ifndef USER_KERNEL_REFUSAL_H
#define USER_KERNEL_REFUSAL_H

#include <stdbool.h>

/*
 * Whether the process may load tracing programs: CAP_SYS_ADMIN, or CAP_BPF with CAP_PERFMON, which
 * it has of the machine and not of a user namespace.
 */
bool refusal_may_load(void);

/* Whether this process has the capability, a number of linux/capability.h, of the machine. */
bool refusal_has_capability(int capability);

/* Whether its capabilities are those of a user namespace, which are none of the machine. */
bool refusal_is_in_user_namespace(void);

bool refusal_has_btf(void);

/* Without it nothing is known of processes and of network namespaces, our own among them. */
bool refusal_has_proc(void);

/* Says it on standard error; `reason` is what the attempt itself gave. */
void refusal_complain(int error, const char *reason);

#endif
