/* SPDX-License-Identifier: GPL-2.0-only */
/* The manual page, derived from the tables of commands, options, columns and ends. */
#ifndef USER_DOCS_MANUAL_H
#define USER_DOCS_MANUAL_H

/* To standard output. */
void manual_print(void);

#endif
