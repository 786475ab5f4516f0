// SPDX-License-Identifier: GPL-2.0-only
/* Whether there can be a name that a pattern matches. */
#include "user/option/names.h"

#include <net/if.h>
#include <string.h>

#include "user/conn/conn.h"

/* What stands for itself, or for one or any characters, is at the front. */
static size_t plain_size(const char *pattern)
{
	return strcspn(pattern, "[\\");
}

static bool has_none_of(const char *pattern, const char *characters)
{
	return strcspn(pattern, characters) >= plain_size(pattern);
}

/* A character, or what stands for one, is a byte at least. */
static size_t least_size(const char *pattern)
{
	size_t least = 0;

	for (size_t i = 0; i < plain_size(pattern); i++)
		least += pattern[i] != '*';
	return least;
}

/* A user's number, a slash, a name: or one without slashes. */
bool names_can_be_of_user(const char *pattern)
{
	const char *slash = strchr(pattern, '/');

	if (!slash || slash >= pattern + plain_size(pattern))
		return true;
	return slash > pattern && strspn(pattern, "0123456789*?") == (size_t)(slash - pattern) &&
	       slash[1] && has_none_of(slash + 1, "/");
}

/* A namespace, a slash, a name: or one without slashes. */
bool names_can_be_pod(const char *pattern)
{
	const char *slash = strchr(pattern, '/');

	if (!slash || slash >= pattern + plain_size(pattern))
		return true;
	return slash > pattern && slash[1] && has_none_of(slash + 1, "/");
}

bool names_can_be_interface(const char *pattern)
{
	return has_none_of(pattern, CONN_IFNAME_NEVER) && least_size(pattern) < IF_NAMESIZE &&
	       strcmp(pattern, ".") && strcmp(pattern, "..");
}

/* Those of systemd.unit(5): no other unit has another ending. */
const char *names_end_of_unit(const char *name)
{
	static const char *const endings[] = { "service", "scope",  "socket",	"mount",
					       "swap",	  "slice",  "timer",	"target",
					       "path",	  "device", "automount" };
	const char *dot = strrchr(name, '.');

	if (strpbrk(name, "*?[\\"))
		return "";
	for (size_t i = 0; dot && i < sizeof(endings) / sizeof(*endings); i++)
		if (!strcmp(dot + 1, endings[i]))
			return "";
	return ".service";
}
