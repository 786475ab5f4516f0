/* SPDX-License-Identifier: GPL-2.0-only */
/* The section FLEET of the manual: rows of many machines, and how they are kept. */
#ifndef USER_DOCS_FLEET_H
#define USER_DOCS_FLEET_H

void fleet_print(void);

#endif
