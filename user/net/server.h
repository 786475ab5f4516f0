/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers requests of HTTP, by libmicrohttpd, in the one thread that calls it. */
#ifndef USER_NET_SERVER_H
#define USER_NET_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "user/base/buffer.h"
#include "user/net/web_config.h"
#include "user/sink/exposition.h"

#define SERVER_CONNECTIONS 64	  /* when more come, the address with most of them makes room */
#define SERVER_REQUEST_BYTES 8192 /* of its line and headers */
#define SERVER_PATIENCE_S 10	  /* until a request is complete, and until its answer is taken */

struct server_answer {
	unsigned int status; /* of HTTP */
	const char *type;    /* of its content */
	bool may_compress;
	struct buffer body;
};

struct server_settings {
	int listen_fd; /* is closed with the server */
	/*
	 * What is asked for; `format` is the one that the client likes best. Fills `answer`, whose
	 * body is an empty buffer.
	 */
	void (*answer)(void *context, const char *path, enum exposition_format format,
		       struct server_answer *answer);
	/* Something was wrong with a request: at most once a minute, what it was. */
	void (*complain)(void *context, const char *what);
	void *context;
};

struct server;

/*
 * `config` may be NULL, else is taken over. Returns 0 and `*ret`; -ENOTSUP: this program was built
 * without; or another -errno, and why, as the end of a sentence.
 */
int server_start(const struct server_settings *settings, struct web_config *config,
		 struct server **ret, char why[WEB_WHY_SIZE]);
void server_free(struct server *server);

/*
 * From now on another config holds; it is taken over. A request that has begun is answered as far
 * as it would have been in time, over what it came by; then its connection ends. Returns 0, or
 * -errno and why: then the old one still holds. Where that cannot be started again either, nobody
 * is answered until one can: this one first, which is taken over, or the old one.
 */
int server_configure(struct server *server, struct web_config *config, char why[WEB_WHY_SIZE]);

/* Whether it answers nobody, and waits until it can. */
bool server_is_idle(const struct server *server);

/* To be polled for reading. */
int server_fd(const struct server *server);

/* Milliseconds after which server_run is to be called even if nothing can be read; -1: never. */
int server_timeout_ms(const struct server *server);

/* Does what can be done without waiting. */
void server_run(struct server *server);

/* Whether this program can. */
bool server_is_built_in(void);

/* Of the header Accept, which may be NULL: the format that is liked best. */
enum exposition_format server_choose_format(const char *accept);

/* Of the header Accept-Encoding, which may be NULL. */
bool server_takes_gzip(const char *accept);

/* Of a request's target, which may name its server as well, as proxies do (RFC 9112, 3.2.2). */
const char *server_path_of(const char *target);

#endif
