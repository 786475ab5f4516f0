// SPDX-License-Identifier: GPL-2.0-only
/* Instead of all else here, in a program that is built without the libraries of the network. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "user/net/otlp.h"
#include "user/net/protobuf.h"
#include "user/net/server.h"

bool server_is_built_in(void)
{
	return false;
}

int server_start(const struct server_settings *settings, struct web_config *config,
		 struct server **ret, char why[WEB_WHY_SIZE])
{
	(void)settings;
	(void)config;
	(void)ret;
	snprintf(why, WEB_WHY_SIZE, "this program was built without libmicrohttpd");
	return -ENOTSUP;
}

void server_free(struct server *server)
{
	(void)server;
}

int server_configure(struct server *server, struct web_config *config, char why[WEB_WHY_SIZE])
{
	(void)server;
	(void)config;
	*why = '\0';
	return -ENOTSUP;
}

bool server_is_idle(const struct server *server)
{
	(void)server;
	return false;
}

int server_fd(const struct server *server)
{
	(void)server;
	return -1;
}

int server_timeout_ms(const struct server *server)
{
	(void)server;
	return -1;
}

void server_run(struct server *server)
{
	(void)server;
}

void web_config_done(struct web_config *config)
{
	(void)config;
}

int web_config_read(const char *path, struct web_config *ret, char why[WEB_WHY_SIZE])
{
	(void)path;
	(void)ret;
	snprintf(why, WEB_WHY_SIZE, "this program was built without libyaml");
	return -ENOTSUP;
}

char *web_config_pack(const struct web_config *config, size_t *ret_size)
{
	(void)config;
	*ret_size = 0;
	return NULL;
}

int web_config_unpack(const char *bytes, size_t size, struct web_config *ret)
{
	(void)bytes;
	(void)size;
	(void)ret;
	return -ENOTSUP;
}

void protobuf_write(struct buffer *out, const struct series_source *from)
{
	(void)out;
	(void)from;
}

void otlp_add_spans(struct buffer *out, const struct span_set *set)
{
	(void)out;
	(void)set;
}

uint64_t otlp_add_metrics(struct buffer *out, const struct series_source *from,
			  const struct otlp_moment *moment)
{
	(void)out;
	(void)from;
	(void)moment;
	return 0;
}

int otlp_read_answer(const void *bytes, size_t size, uint64_t *ret_rejected,
		     char why[OTLP_WHY_SIZE])
{
	(void)bytes;
	(void)size;
	*ret_rejected = 0;
	*why = '\0';
	return -ENOTSUP;
}
