// SPDX-License-Identifier: GPL-2.0-only
/* Judges URLs: that they are of HTTP, have no password in them, and tell nobody on the way. */
#include "user/run/url.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "user/run/complaints.h"

static bool is_loopback(const char *host, size_t size)
{
	static const char *const names[] = { "localhost", "[::1]" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == size && !strncasecmp(host, names[i], size))
			return true;
	return size > 4 && !strncmp(host, "127.", 4) && strspn(host, "0123456789.") >= size;
}

int url_judge(const char *url, const struct url_rules *rules, bool is_plain_allowed)
{
	bool is_plain = !strncasecmp(url, "http://", 7), is_safe = !strncasecmp(url, "https://", 8);
	const char *host = url + (is_safe ? 8 : 7);
	size_t size = is_plain || is_safe ? strcspn(host, "/?#") : 0, name;

	if (!size || strlen(url) >= rules->size_most || url[strcspn(url, " \t\r\n?#")]) {
		RUN_COMPLAIN(URL_NONE, .w = rules->whence, .v = rules->such);
		return -EINVAL;
	}
	if (memchr(host, '@', size)) {
		RUN_COMPLAIN(URL_SECRET, .w = rules->whence, .v = rules->secrets);
		return -EINVAL;
	}
	name = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	name = name < size ? name : size;
	if (is_safe || is_plain_allowed ||
	    ((name == size || host[name] == ':') && is_loopback(host, name)))
		return 0;
	RUN_COMPLAIN(URL_PLAIN, .w = rules->whence, .v = rules->insecure);
	return -EINVAL;
}
