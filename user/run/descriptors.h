/* SPDX-License-Identifier: GPL-2.0-only */
/* The first three descriptors, which a careless parent may have left closed. */
#ifndef USER_RUN_DESCRIPTORS_H
#define USER_RUN_DESCRIPTORS_H

/*
 * Opens those of 0 to 2 that are closed, so that no file of ours becomes one of them and gets what
 * is meant for people. Returns 0; or -EBADF, when standard output was closed, or another -errno,
 * after one sentence.
 */
int descriptors_open(void);

#endif
