/* SPDX-License-Identifier: GPL-2.0-only */
/* The section SPANS of the manual: what stands in a distributed trace, and how its numbers come. */
#ifndef USER_DOCS_SPANS_H
#define USER_DOCS_SPANS_H

void spans_print(void);

#endif
