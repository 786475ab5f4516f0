/* SPDX-License-Identifier: GPL-2.0-only */
/* The manual in Chinese: what the tables know in that language. */
#ifndef USER_DOCS_MANUAL_ZH_H
#define USER_DOCS_MANUAL_ZH_H

void manual_zh_print(void);

#endif
