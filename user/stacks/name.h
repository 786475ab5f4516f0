/* SPDX-License-Identifier: GPL-2.0-only */
/* The helper that names stacks: it has no rights, for what it reads anybody may have made. */
#ifndef USER_STACKS_NAME_H
#define USER_STACKS_NAME_H

/* What it does at its end of the socket: see helper_settings.serve. */
int stacks_serve(void *context, int fd);

#endif
