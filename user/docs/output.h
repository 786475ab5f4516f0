/* SPDX-License-Identifier: GPL-2.0-only */
/* The section OUTPUT of the manual: what the columns, signs, ends, causes and fields mean. */
#ifndef USER_DOCS_OUTPUT_H
#define USER_DOCS_OUTPUT_H

/* To standard output. */
void output_print(void);

#endif
