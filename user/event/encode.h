/* SPDX-License-Identifier: GPL-2.0-only */
/* An event as the record that it would have been, for those that came in a bundle. */
#ifndef USER_EVENT_ENCODE_H
#define USER_EVENT_ENCODE_H

#include "user/event/event.h"

/*
 * Writes what event_decode() makes this event of. Returns the size, or 0: it is of a kind that no
 * bundle has (all but TRANSITION, TRANSITION6, OPEN, CLOSE, PASSIVE and ACCEPT).
 */
size_t event_encode(const struct event *event, uint8_t bytes[EVENT_RECORD_MAX]);

#endif
