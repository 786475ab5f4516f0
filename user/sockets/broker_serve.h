/* SPDX-License-Identifier: GPL-2.0-only */
/* The broker itself. */
#ifndef USER_SOCKETS_BROKER_SERVE_H
#define USER_SOCKETS_BROKER_SERVE_H

/* Answers what comes from this socket, until its other end is closed. Returns the exit status. */
int broker_serve(void *context, int fd);

#endif
