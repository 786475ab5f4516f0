/* SPDX-License-Identifier: GPL-2.0-only */
/* How many of one unit are in another. */
#ifndef USER_BASE_UNITS_H
#define USER_BASE_UNITS_H

#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_DAY (S_PER_DAY * NS_PER_S)
#define US_PER_S UINT64_C(1000000)
#define S_PER_DAY 86400

#endif
