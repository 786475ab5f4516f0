/* SPDX-License-Identifier: GPL-2.0-only */
/* The section CAPTURES of the manual: what is concluded from segments, and what is not. */
#ifndef USER_DOCS_CAPTURES_H
#define USER_DOCS_CAPTURES_H

void captures_print(void);

#endif
