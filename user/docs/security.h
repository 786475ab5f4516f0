/* SPDX-License-Identifier: GPL-2.0-only */
/* What the manual says of security. */
#ifndef USER_DOCS_SECURITY_H
#define USER_DOCS_SECURITY_H

void security_print(void);

#endif
