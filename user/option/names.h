/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether there can be a name that a pattern matches: one of which there is none hides all. */
#ifndef USER_OPTION_NAMES_H
#define USER_OPTION_NAMES_H

#include <stdbool.h>

/* Of a pattern with a set or a backslash, what is in front of that is looked at. */
bool names_can_be_of_user(const char *pattern); /* units, containers */
bool names_can_be_pod(const char *pattern);
bool names_can_be_interface(const char *pattern);

/* What systemctl(1) lets one leave out of a unit's name; "" of a whole one, and of a pattern. */
const char *names_end_of_unit(const char *name);

#endif
