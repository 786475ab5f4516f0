/* SPDX-License-Identifier: GPL-2.0-only */
/* What the manual says of conditions. */
#ifndef USER_DOCS_CONDITIONS_H
#define USER_DOCS_CONDITIONS_H

void conditions_print(void);

#endif
