/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that is walked through from end to end, in large pages where the system has them. */
#ifndef USER_BASE_PAGES_H
#define USER_BASE_PAGES_H

#define PAGES_LARGE (2u << 20) /* bytes: one large page of most processors */

/*
 * PAGES_LARGE bytes at a multiple of as many, for free(); NULL: there are none left. One large page
 * spares the processor most looks into page tables. Where there is none it is memory like any
 * other.
 */
void *pages_take(void);

#endif
