// SPDX-License-Identifier: GPL-2.0-only
/* Instead of client.c, in a program that is built without libcurl. */
#include <errno.h>

#include "user/net/client.h"

bool client_is_built_in(void)
{
	return false;
}

struct client *client_new(const struct client_settings *settings)
{
	(void)settings;
	return NULL;
}

void client_free(struct client *client)
{
	(void)client;
}

void client_prepare(const char *url)
{
	(void)url;
}

int client_pack(const struct client *client, struct buffer *body)
{
	(void)client;
	(void)body;
	return -ENOTSUP;
}

void client_post(struct client *client, const char *url, const struct buffer *body,
		 struct client_answer *ret)
{
	(void)client;
	(void)url;
	(void)body;
	ret->status = 0;
}
