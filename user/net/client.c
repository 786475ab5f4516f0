// SPDX-License-Identifier: GPL-2.0-only
/* Posts requests to a collector over HTTP or HTTPS, by libcurl. */
#include "user/net/client.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "user/net/compress.h"

#define CONNECT_MS 5000L
#define TYPE_SIZE 96
#define TOO_LARGE 100 /* CURLE_TOO_LARGE, since 8.6; before it is "out of memory" */
#define AGENT "tcpspan/" TCPSPAN_VERSION

struct client {
	CURL *curl;
	struct curl_slist *headers;
	struct buffer *body; /* of the answer that comes */
	struct client_settings settings;
};

bool client_is_built_in(void)
{
	return true;
}

/* Returns false without memory. */
static bool add_header(struct client *c, const char *header)
{
	struct curl_slist *longer = curl_slist_append(c->headers, header);

	if (longer)
		c->headers = longer;
	return longer;
}

static size_t take_answer(char *bytes, size_t one, size_t size, void *context)
{
	const struct client *c = context;
	struct buffer *body = c->body;

	if (size > c->settings.answer_bytes - body->size)
		return 0;
	buffer_add(body, bytes, one * size);
	return body->failed ? 0 : size;
}

static int ask_whether_over(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct client *client = context;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return client->settings.is_over && client->settings.is_over(client->settings.context);
}

static void set_up(struct client *c)
{
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c->curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c->curl, CURLOPT_USERAGENT, AGENT);
	curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)c->settings.timeout_ms);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(c->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c->curl, CURLOPT_XFERINFOFUNCTION, ask_whether_over);
	curl_easy_setopt(c->curl, CURLOPT_XFERINFODATA, c);
	curl_easy_setopt(c->curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	if (c->settings.certificates)
		curl_easy_setopt(c->curl, CURLOPT_CAINFO, c->settings.certificates);
}

struct client *client_new(const struct client_settings *settings)
{
	struct client *c = calloc(1, sizeof(*c));
	char type[TYPE_SIZE];
	bool has_all;

	if (!c || curl_global_init(CURL_GLOBAL_ALL)) {
		free(c);
		return NULL;
	}
	c->settings = *settings;
	c->curl = curl_easy_init();
	snprintf(type, sizeof(type), "Content-Type: %s", settings->type);
	has_all = c->curl && add_header(c, type) && add_header(c, "Expect:") &&
		  (!settings->compresses || add_header(c, "Content-Encoding: gzip"));
	for (size_t i = 0; has_all && i < settings->header_count; i++)
		has_all = add_header(c, settings->headers[i]);
	if (!has_all) {
		client_free(c);
		return NULL;
	}
	set_up(c);
	return c;
}

void client_free(struct client *c)
{
	if (!c)
		return;
	curl_slist_free_all(c->headers);
	curl_easy_cleanup(c->curl);
	curl_global_cleanup();
	free(c);
}

void client_prepare(const char *url)
{
	CURLU *parts = curl_url();
	struct addrinfo *found = NULL;
	char *host = NULL;

	if (parts && !curl_url_set(parts, CURLUPART_URL, url, 0) &&
	    !curl_url_get(parts, CURLUPART_HOST, &host, 0)) {
		const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };

		if (!getaddrinfo(host, NULL, &hints, &found))
			freeaddrinfo(found);
	}
	curl_free(host);
	curl_url_cleanup(parts);
}

int client_pack(const struct client *c, struct buffer *body)
{
	return c->settings.compresses ? compress_gzip(body) : 0;
}

/* What the library says of these is about itself, not about who was asked. */
static const char *reason(CURLcode code)
{
	if ((int)code == TOO_LARGE)
		return "the headers that it sends are too long";
	switch (code) {
	case CURLE_WRITE_ERROR:
		return "what it says is too long";
	case CURLE_OUT_OF_MEMORY:
		return "the headers that it sends are too long, or there is not enough memory";
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		return "what it says is no HTTP";
	case CURLE_ABORTED_BY_CALLBACK:
		return "this run ended while it was waited for";
	default:
		return curl_easy_strerror(code);
	}
}

/* Connected, and, of https, trusted. */
static bool is_connected(const struct client *c)
{
	curl_off_t us = 0;

	return !curl_easy_getinfo(c->curl, CURLINFO_PRETRANSFER_TIME_T, &us) && us > 0;
}

void client_post(struct client *c, const char *url, const struct buffer *body,
		 struct client_answer *ret)
{
	curl_off_t retry_after_s = 0;
	CURLcode code;

	ret->status = ret->retry_after_s = 0;
	*ret->why = '\0';
	ret->was_asked = false;
	buffer_clear(&ret->body);
	curl_easy_setopt(c->curl, CURLOPT_URL, url);
	curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
	curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body->bytes);
	curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->size);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
	c->body = &ret->body;
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c);
	code = curl_easy_perform(c->curl);
	if (code != CURLE_OK) {
		ret->was_asked = is_connected(c);
		snprintf(ret->why, sizeof(ret->why), "%s",
			 ret->was_asked || code == CURLE_ABORTED_BY_CALLBACK ?
				 reason(code) :
				 curl_easy_strerror(code));
		return;
	}
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &ret->status);
	if (!curl_easy_getinfo(c->curl, CURLINFO_RETRY_AFTER, &retry_after_s))
		ret->retry_after_s = (long)retry_after_s;
}
