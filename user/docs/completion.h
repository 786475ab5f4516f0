/* SPDX-License-Identifier: GPL-2.0-only */
/* The completions of bash, derived from the tables of commands and options. */
#ifndef USER_DOCS_COMPLETION_H
#define USER_DOCS_COMPLETION_H

/* To standard output. */
void completion_print(void);

#endif
