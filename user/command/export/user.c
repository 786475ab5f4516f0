// SPDX-License-Identifier: GPL-2.0-only
/* Who the processes are to be that answer and send. */
#include "user/command/export/user.h"

#include <errno.h>
#include <string.h>

#include "user/command/complaints.h"

int export_find_user(const char *name, struct identity *ret)
{
	int error = identity_find(name, ret);

	/* Who is not root has no other user to be, and no rights to lose. */
	if (error == -EPERM)
		return 0;
	if (error)
		COMMAND_COMPLAIN(OF_USER, .w = name,
				 .v = error == -ENOENT ? COMMAND_SAYS(NO_SUCH_USER) :
							 strerror(-error));
	return error;
}
