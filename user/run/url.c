// SPDX-License-Identifier: GPL-2.0-only
/* Judges URLs: that they are of HTTP, have no password in them, and tell nobody on the way. */
#include "user/run/url.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "user/base/log.h"

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
		log_error("%s takes a URL of http or https, such as %s", rules->whence,
			  rules->such);
		return -EINVAL;
	}
	if (memchr(host, '@', size)) {
		log_error("%s has a name and a password in it, which everybody may read there: %s",
			  rules->whence, rules->secrets);
		return -EINVAL;
	}
	name = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	name = name < size ? name : size;
	if (is_safe || is_plain_allowed ||
	    ((name == size || host[name] == ':') && is_loopback(host, name)))
		return 0;
	log_error("%s would send over the network what everybody on the way can read: take https, "
		  "or allow it with %s",
		  rules->whence, rules->insecure);
	return -EINVAL;
}
