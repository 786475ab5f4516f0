/* SPDX-License-Identifier: GPL-2.0-only */
/* Posts requests to a collector over HTTP or HTTPS, by libcurl. */
#ifndef USER_NET_CLIENT_H
#define USER_NET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"

#define CLIENT_HEADERS 32
#define CLIENT_ANSWER_BYTES 65536 /* of who has little to say */
#define CLIENT_WHY_SIZE 256

struct client_settings {
	const char *headers[CLIENT_HEADERS]; /* "Name: value", which may be secret */
	size_t header_count;
	const char *type;	  /* of what is posted */
	size_t answer_bytes;	  /* what is longer is no answer */
	const char *certificates; /* a file of whom to trust; NULL: those of the system */
	uint32_t timeout_ms;
	bool compresses;
	/* Asked a few times a second while it waits: whether nobody wants the answer any more. */
	bool (*is_over)(void *context);
	void *context;
};

struct client_answer {
	long status;		   /* of HTTP; 0: there was no answer */
	long retry_after_s;	   /* 0: it did not say */
	struct buffer body;	   /* at most the settings' answer_bytes */
	char why[CLIENT_WHY_SIZE]; /* without an answer */
	bool was_asked;		   /* the other end was there, and gave none */
};

struct client;

/* Whether this program can. */
bool client_is_built_in(void);

/* Texts of the settings must live as long. NULL when there is no memory. */
struct client *client_new(const struct client_settings *settings);
void client_free(struct client *client);

/* Looks the name up once, so that what that takes is loaded while it may be. */
void client_prepare(const char *url);

/* Makes a body as it is sent: compressed, if it is to be. Returns 0 or -ENOMEM. */
int client_pack(const struct client *client, struct buffer *body);

/* Waits for the answer, whose buffer was initialised. */
void client_post(struct client *client, const char *url, const struct buffer *body,
		 struct client_answer *ret);

#endif
