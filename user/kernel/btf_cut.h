/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's BTF that a BPF object looks at. */
#ifndef USER_KERNEL_BTF_CUT_H
#define USER_KERNEL_BTF_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;

/* What the kernel's own BTF has a number for: a struct, or a function. */
struct kernel_number {
	const char *name;
	bool is_function;
	uint32_t number; /* found; 0: there is none */
};

/*
 * Writes BTF with the kernel's types that are called like a type of the object, whole but for what
 * their pointers point to, and finds `count` numbers; of structs, those that the object has, too.
 * Returns 0, or -errno: there is none, or it has kinds of types that we do not know.
 */
int kernel_types_cut(const struct btf *object, int fd, struct kernel_number *numbers, size_t count);

#endif
