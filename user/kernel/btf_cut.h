/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of the kernel's BTF that a BPF object looks at. */
#ifndef USER_KERNEL_BTF_CUT_H
#define USER_KERNEL_BTF_CUT_H

struct btf;

/*
 * Writes BTF with the kernel's types that are called like a type of the object, whole but for what
 * their pointers point to. Returns 0, or -errno: there is none, or it has kinds of types that we do
 * not know.
 */
int kernel_types_cut(const struct btf *object, int fd);

#endif
