/* SPDX-License-Identifier: GPL-2.0-only */
/* What the manual says of the stories of the textbook. */
#ifndef USER_DOCS_STORIES_H
#define USER_DOCS_STORIES_H

void stories_print(void);

#endif
