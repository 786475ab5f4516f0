/* SPDX-License-Identifier: GPL-2.0-only */
/* What the scripts are made of: sockets at both ends of a wire, of the client and of the server. */
#ifndef USER_DEMO_PLAY_H
#define USER_DEMO_PLAY_H

#include <stdint.h>

#include "user/demo/wire.h"

/* Lives in the player's process. Descriptors that a script leaves open stay open until its end. */
struct play {
	struct wire *wire;
	int namespaces[WIRE_ENDS];
};

/* Its scripts, by enum textbook_story. */
int (*play_script(unsigned int story))(struct play *play);

#endif
