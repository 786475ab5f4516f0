/* SPDX-License-Identifier: GPL-2.0-only */
/* What screens are not to tell is hidden in copies of what they show. */
#ifndef USER_COMMAND_TOP_VEIL_H
#define USER_COMMAND_TOP_VEIL_H

#include "user/run/redact.h"
#include "user/sink/screen/scene.h"

/* The copies, for as long as a scene is drawn. */
struct veil {
	struct roster_found found;
	struct conn *rows;
	struct roster_group *groups;
	struct failure_list failures;
	struct stuck *stuck;
	struct listening_row *listeners;
	struct listening_place *places;
	struct listening_socket *sockets;
	struct holder *holders; /* of both */
	struct ladder ladder;
	struct conn ends[2];
};

/*
 * Has the scene show what may be told of all that it has; failures that do not match its filter
 * are left out, for it is about what is true. Returns 0, or -ENOMEM: it must not be drawn. Either
 * way veil_done() is to follow.
 */
int veil_put(struct veil *veil, struct redact *redact, struct scene *scene);
void veil_done(struct veil *veil);

#endif
