/* SPDX-License-Identifier: GPL-2.0-only */
/* Records as earlier versions wrote them, brought into the form that they have now. */
#ifndef USER_EVENT_UPGRADE_H
#define USER_EVENT_UPGRADE_H

#include <stddef.h>

/*
 * Changes `size` bytes of a record of EVENT_VERSION `version`, in place. Its length is not the
 * matter here: that of a kind may differ between two recordings of one version. What cannot be said
 * in the form of today becomes a record that event_decode() refuses.
 */
void event_upgrade(void *bytes, size_t size, unsigned int version);

#endif
