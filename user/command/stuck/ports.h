/* SPDX-License-Identifier: GPL-2.0-only */
/* How full the ranges of ports are, at one look. */
#ifndef USER_COMMAND_STUCK_PORTS_H
#define USER_COMMAND_STUCK_PORTS_H

#include "user/command/stuck/tell.h"

struct broker;

/* The broker has the rights to look. Returns the exit status: 1 when a range is full. */
int stuck_ports(struct stuck_tell *tell, struct broker *broker);

#endif
