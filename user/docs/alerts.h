/* SPDX-License-Identifier: GPL-2.0-only */
/* What the manual says of the alerts that come with the program: user/package/prometheus. */
#ifndef USER_DOCS_ALERTS_H
#define USER_DOCS_ALERTS_H

void alerts_print(void);

#endif
