/* SPDX-License-Identifier: GPL-2.0-only */
/* Services: from the name of one to its port, as the machine's own list has it. */
#ifndef USER_NAMES_SERVICE_H
#define USER_NAMES_SERVICE_H

#include <stdint.h>

#define SERVICE_LIST "/etc/services"

/*
 * The port of TCP that a list such as SERVICE_LIST has for a name or an alias; nobody is asked over
 * the network. Returns 0, -ENOENT when the list or the name is not there, or another -errno.
 */
int service_port(const char *list, const char *name, uint16_t *ret_port);

#endif
