/* SPDX-License-Identifier: GPL-2.0-only */
/* Lets programs say of which type what they have only the address of is, where the kernel does. */
#ifndef USER_KERNEL_CASTS_H
#define USER_KERNEL_CASTS_H

#include <stdint.h>

struct bpf_object;
struct btf;

/*
 * As kernel_types_cut(), once for all objects: what the kernel calls the types, and the function
 * that casts, is found on the way.
 */
int casts_find(const struct btf *object, int fd);

/*
 * Puts that function where the programs to be loaded cast, and writes the types' numbers to
 * `ret_types`, of which there are CONFIG_TYPE_COUNT: none of both where the kernel has not all of
 * them. Before the object is loaded. Returns 0 or -errno.
 */
int casts_use(struct bpf_object *object, uint32_t *ret_types);

#endif
