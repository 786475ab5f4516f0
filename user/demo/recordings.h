/* SPDX-License-Identifier: GPL-2.0-only */
/* The recordings that are built in, one for each story. */
#ifndef USER_DEMO_RECORDINGS_H
#define USER_DEMO_RECORDINGS_H

/*
 * A descriptor of that of a story, enum textbook_story, which the caller closes; or -errno: -ENOENT
 * where there is none.
 */
int recordings_open(unsigned int story);

#endif
