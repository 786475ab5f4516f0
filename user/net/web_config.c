// SPDX-License-Identifier: GPL-2.0-only
/* Reads the web config file by libyaml, and the certificates and keys that it names. */
#include "user/net/web_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <yaml.h>

#include "user/base/address.h"
#include "user/base/buffer.h"
#include "user/base/read.h"
#include "user/base/sentence.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/net/complaints.h"

#define DEPTH_MAX 4
#define RATE_MOST_NS (24 * 3600 * NS_PER_S) /* so that a burst of them has a time */
#define RATE_BURST_MOST 10000
#define HASH_SIZE 60 /* $2y$10$ and 53 more */

static const char *const auth_names[WEB_CLIENT_AUTH_COUNT] = {
#define X(NAME, name) [WEB_CLIENT_##NAME] = name,
	WEB_CLIENT_AUTHS(X)
#undef X
};

void web_config_done(struct web_config *c)
{
	free(c->cert_file);
	free(c->key_file);
	free(c->client_ca_file);
	free(c->cert);
	free(c->key);
	free(c->client_ca);
	for (size_t i = 0; i < c->san_count; i++)
		free(c->sans[i]);
	for (size_t i = 0; i < c->user_count; i++) {
		free(c->users[i].name);
		free(c->users[i].hash);
	}
	*c = (struct web_config){ 0 };
}

/* ---- the document --------------------------------------------------------------------------- */

struct reading {
	yaml_parser_t parser;
	struct web_config *config;
	const char *folder;
	char *why;
	char path[DEPTH_MAX][64]; /* the keys that lead here */
	unsigned int depth;
	size_t lines;
};

static int refuse(struct reading *r, const yaml_event_t *at, const char *what)
{
	sentence_fill(r->why, WEB_WHY_SIZE, NET_SAYS(AT_LINE),
		      &(struct sentence_words){ .n = at->start_mark.line + 1, .w = what });
	return -EINVAL;
}

static int set_text(char **field, const char *value)
{
	free(*field);
	*field = strdup(value);
	return *field ? 0 : -ENOMEM;
}

static int set_file(struct reading *r, char **field, const char *value)
{
	char *path = NULL;

	if (*value == '/')
		return set_text(field, value);
	if (asprintf(&path, "%s/%s", r->folder, value) < 0)
		return -ENOMEM;
	free(*field);
	*field = path;
	return 0;
}

static int set_auth(struct reading *r, const yaml_event_t *at, const char *value)
{
	for (unsigned int i = 0; i < WEB_CLIENT_AUTH_COUNT; i++)
		if (!strcmp(auth_names[i], value)) {
			r->config->client_auth = i;
			return 0;
		}
	return refuse(r, at, NET_SAYS(CLIENT_AUTH));
}

static int set_version(struct reading *r, const yaml_event_t *at, const char *value)
{
	if (strcmp(value, "TLS12") && strcmp(value, "TLS13"))
		return refuse(r, at, NET_SAYS(MIN_VERSION));
	r->config->only_tls13 = !strcmp(value, "TLS13");
	return 0;
}

/* "$2y$10$" and 53 characters. */
static bool is_bcrypt(const char *hash)
{
	return strlen(hash) == HASH_SIZE && !strncmp(hash, "$2", 2) && strchr("aby", hash[2]) &&
	       hash[3] == '$' && hash[6] == '$';
}

static int add_user(struct reading *r, const yaml_event_t *at, const char *name, const char *hash)
{
	struct web_config *c = r->config;
	struct web_user *user = &c->users[c->user_count];

	if (c->user_count == WEB_USERS_MAX)
		return refuse(r, at, NET_SAYS(MANY_USERS));
	if (!is_bcrypt(hash))
		return refuse(r, at, NET_SAYS(NO_HASH));
	user->name = strdup(name);
	user->hash = strdup(hash);
	c->user_count++;
	return user->name && user->hash ? 0 : -ENOMEM;
}

/* An address as a certificate's is printed, however it is written here. */
static int add_san(struct reading *r, const yaml_event_t *at, const char *name)
{
	struct web_config *c = r->config;
	char text[ADDRESS_TEXT_SIZE];
	struct prefix one;

	if (c->san_count == WEB_SANS_MAX || strlen(name) >= WEB_SAN_SIZE || !*name)
		return refuse(r, at, NET_SAYS(SANS));
	if (!strchr(name, '/') && !prefix_parse(name, &one))
		name = address_format(&one.net, text);
	c->sans[c->san_count] = strdup(name);
	return c->sans[c->san_count++] ? 0 : -ENOMEM;
}

static int set_tls(struct reading *r, const yaml_event_t *at, const char *key, const char *value)
{
	struct web_config *c = r->config;

	if (!strcmp(key, "cert_file"))
		return set_file(r, &c->cert_file, value);
	if (!strcmp(key, "key_file"))
		return set_file(r, &c->key_file, value);
	if (!strcmp(key, "client_ca_file"))
		return set_file(r, &c->client_ca_file, value);
	if (!strcmp(key, "client_auth_type"))
		return set_auth(r, at, value);
	if (!strcmp(key, "min_version"))
		return set_version(r, at, value);
	return refuse(r, at, NET_SAYS(TLS_KEY));
}

static int set_rate(struct reading *r, const yaml_event_t *at, const char *key, const char *value)
{
	struct web_config *c = r->config;
	uint64_t number;

	if (!strcmp(key, "interval"))
		return text_parse_duration(value, &c->rate_interval_ns) ||
				       c->rate_interval_ns > RATE_MOST_NS ?
			       refuse(r, at, NET_SAYS(RATE)) :
			       0;
	if (strcmp(key, "burst") || text_parse_u64(value, &number) || number > RATE_BURST_MOST)
		return refuse(r, at, NET_SAYS(RATE));
	c->rate_burst = (uint32_t)number;
	return 0;
}

/* There is no HTTP/2 here, so it may be wanted or not. */
static int set_http(struct reading *r, const yaml_event_t *at, const char *key, const char *value)
{
	if (strcmp(key, "http2") || (strcmp(value, "true") && strcmp(value, "false")))
		return refuse(r, at, NET_SAYS(HTTP_KEY));
	return 0;
}

static int set_value(struct reading *r, const yaml_event_t *at, const char *key, const char *value)
{
	if (r->depth == 1 && !strcmp(r->path[0], "tls_server_config"))
		return set_tls(r, at, key, value);
	if (r->depth == 1 && !strcmp(r->path[0], "basic_auth_users"))
		return add_user(r, at, key, value);
	if (r->depth == 1 && !strcmp(r->path[0], "rate_limit"))
		return set_rate(r, at, key, value);
	if (r->depth == 1 && !strcmp(r->path[0], "http_server_config"))
		return set_http(r, at, key, value);
	return refuse(r, at, NET_SAYS(TOP_KEY));
}

/* From 0. The library may notice only at the next line, or at the end, what has no end. */
static size_t line_of_problem(const struct reading *r)
{
	const yaml_parser_t *parser = &r->parser;
	bool is_late = parser->error == YAML_SCANNER_ERROR || parser->problem_mark.line >= r->lines;

	return parser->context && is_late ? parser->context_mark.line : parser->problem_mark.line;
}

static int next_event(struct reading *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return 0;
	sentence_fill(r->why, WEB_WHY_SIZE, NET_SAYS(AT_LINE),
		      &(struct sentence_words){ .n = line_of_problem(r) + 1,
						.w = r->parser.problem ? r->parser.problem :
									 NET_SAYS(NO_YAML) });
	return -EINVAL;
}

static int read_mapping(struct reading *r);

static bool takes_list(const struct reading *r, const char *key)
{
	return r->depth == 1 && !strcmp(r->path[0], "tls_server_config") &&
	       !strcmp(key, "client_allowed_sans");
}

static int read_list(struct reading *r)
{
	int error = 0;

	for (bool is_over = false; !is_over && !error;) {
		yaml_event_t event;

		error = next_event(r, &event);
		if (error)
			break;
		if (event.type == YAML_SCALAR_EVENT)
			error = add_san(r, &event, (const char *)event.data.scalar.value);
		else if (event.type == YAML_SEQUENCE_END_EVENT)
			is_over = true;
		else
			error = refuse(r, &event, NET_SAYS(SANS));
		yaml_event_delete(&event);
	}
	return error;
}

/* What stands behind a key, which is empty where nothing does. */
static int read_value(struct reading *r, const char *key)
{
	yaml_event_t event;
	int error = next_event(r, &event);

	if (error)
		return error;
	if (event.type == YAML_MAPPING_START_EVENT && r->depth < DEPTH_MAX) {
		snprintf(r->path[r->depth], sizeof(r->path[0]), "%s", key);
		r->depth++;
		error = read_mapping(r);
		r->depth--;
	} else if (takes_list(r, key)) {
		error = event.type == YAML_SEQUENCE_START_EVENT ? read_list(r) :
								  refuse(r, &event, NET_SAYS(SANS));
	} else if (event.type == YAML_SCALAR_EVENT) {
		const char *value = (const char *)event.data.scalar.value;

		if (r->depth || *value)
			error = set_value(r, &event, key, value);
	} else {
		error = refuse(r, &event, NET_SAYS(NO_VALUE));
	}
	yaml_event_delete(&event);
	return error;
}

/* Whether it is among those of its mapping, which are few: no more of them are known. */
static bool has_key(const struct buffer *keys, const char *key)
{
	for (size_t at = 0; at < keys->size; at += strlen(keys->bytes + at) + 1)
		if (!strcmp(keys->bytes + at, key))
			return true;
	return false;
}

static int read_pair(struct reading *r, const yaml_event_t *at, struct buffer *keys)
{
	const char *key = (const char *)at->data.scalar.value;

	if (has_key(keys, key))
		return refuse(r, at, NET_SAYS(KEY_TWICE));
	buffer_add(keys, key, strlen(key) + 1);
	return keys->failed ? -ENOMEM : read_value(r, key);
}

static int read_mapping(struct reading *r)
{
	struct buffer keys;
	int error = 0;

	buffer_init(&keys);
	for (bool is_over = false; !is_over && !error;) {
		yaml_event_t event;

		error = next_event(r, &event);
		if (error)
			break;
		if (event.type == YAML_SCALAR_EVENT)
			error = read_pair(r, &event, &keys);
		else if (event.type == YAML_MAPPING_END_EVENT)
			is_over = true;
		else
			error = refuse(r, &event, NET_SAYS(NO_NAME));
		yaml_event_delete(&event);
	}
	buffer_done(&keys);
	return error;
}

/* An empty file is one that asks for nothing. */
static int read_document(struct reading *r)
{
	for (;;) {
		yaml_event_t event;
		yaml_event_type_t type;
		int error = next_event(r, &event);

		if (error)
			return error;
		type = event.type;
		if (type == YAML_MAPPING_START_EVENT)
			error = read_mapping(r);
		else if ((type == YAML_SCALAR_EVENT && *event.data.scalar.value) ||
			 type == YAML_SEQUENCE_START_EVENT || type == YAML_ALIAS_EVENT)
			error = refuse(r, &event, NET_SAYS(NO_GROUP));
		yaml_event_delete(&event);
		if (error || type == YAML_STREAM_END_EVENT || type == YAML_NO_EVENT)
			return error;
	}
}

bool web_config_verifies(const struct web_config *c)
{
	return c->client_auth == WEB_CLIENT_VERIFY_IF_GIVEN ||
	       c->client_auth == WEB_CLIENT_REQUIRE_AND_VERIFY;
}

/* Whether the parts fit together. */
static int judge(const struct web_config *c, char why[WEB_WHY_SIZE])
{
	const char *what = NULL;

	if (!c->cert_file != !c->key_file)
		what = NET_SAYS(CERT_AND_KEY);
	else if ((c->client_ca_file || c->client_auth) && !c->cert_file)
		what = NET_SAYS(CLIENTS_NEED_CERT);
	else if (web_config_verifies(c) && !c->client_ca_file)
		what = NET_SAYS(CLIENTS_NEED_CA);
	else if (c->san_count && !web_config_verifies(c))
		what = NET_SAYS(SANS_NEED_CA);
	else if (c->rate_interval_ns && !c->rate_burst)
		what = NET_SAYS(RATE);
	if (!what)
		return 0;
	snprintf(why, WEB_WHY_SIZE, "%s", what);
	return -EINVAL;
}

int web_config_parse(const char *text, size_t size, const char *folder, struct web_config *ret,
		     char why[WEB_WHY_SIZE])
{
	struct reading r = { .config = ret, .folder = folder, .why = why };
	int error;

	for (size_t i = 0; i < size; i++)
		r.lines += text[i] == '\n' || i + 1 == size;
	*ret = (struct web_config){ 0 };
	*why = '\0';
	if (!yaml_parser_initialize(&r.parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, size);
	error = read_document(&r);
	yaml_parser_delete(&r.parser);
	if (!error)
		error = judge(ret, why);
	if (error)
		web_config_done(ret);
	return error;
}

/* ---- files ---------------------------------------------------------------------------------- */

static int read_open(int fd, size_t most, char **ret, size_t *ret_size)
{
	char *text = malloc(most + 1);
	ssize_t size = text ? read_all(fd, text, most) : -ENOMEM;

	if (size < 0 || (size_t)size == most) {
		free(text);
		return size < 0 ? (int)size : -EFBIG;
	}
	text[size] = '\0';
	*ret = text;
	*ret_size = (size_t)size;
	return 0;
}

/* Of read_file: no kernel says of a pipe or a device why nobody waits for it. */
static const char *reason(int error)
{
	return error == -ENOTSUP ? NET_SAYS(NO_FILE) : strerror(-error);
}

static int say_why(const char *path, int error, char why[WEB_WHY_SIZE])
{
	sentence_fill(why, WEB_WHY_SIZE, NET_SAYS(UNREADABLE),
		      &(struct sentence_words){ .w = path, .v = reason(error) });
	return error;
}

static int read_file(const char *path, size_t most, bool is_secret, char **ret, size_t *ret_size,
		     char why[WEB_WHY_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st = { .st_mode = 0 };
	int error = 0;

	if (fd < 0 || fstat(fd, &st))
		error = -errno;
	else if (!S_ISREG(st.st_mode))
		error = S_ISDIR(st.st_mode) ? -EISDIR : -ENOTSUP;
	if (!error && is_secret && st.st_mode & (S_IROTH | S_IWOTH)) {
		sentence_fill(why, WEB_WHY_SIZE, NET_SAYS(OPEN_KEY),
			      &(struct sentence_words){ .w = path });
		close(fd);
		return -EPERM;
	}
	if (!error)
		error = read_open(fd, most, ret, ret_size);
	if (fd >= 0)
		close(fd);
	return error ? say_why(path, error, why) : 0;
}

static int read_named(struct web_config *c, char why[WEB_WHY_SIZE])
{
	size_t size;
	int error = 0;

	if (c->cert_file)
		error = read_file(c->cert_file, WEB_PEM_BYTES, false, &c->cert, &size, why);
	if (!error && c->key_file)
		error = read_file(c->key_file, WEB_PEM_BYTES, true, &c->key, &size, why);
	if (!error && c->client_ca_file)
		error = read_file(c->client_ca_file, WEB_PEM_BYTES, false, &c->client_ca, &size,
				  why);
	return error;
}

int web_config_read(const char *path, struct web_config *ret, char why[WEB_WHY_SIZE])
{
	char *text = NULL, *folder = strdup(path), *slash = folder ? strrchr(folder, '/') : NULL;
	size_t size = 0;
	int error = folder ? read_file(path, WEB_CONFIG_BYTES, false, &text, &size, why) : -ENOMEM;

	if (slash)
		*slash = '\0';
	if (error)
		sentence_fill(why, WEB_WHY_SIZE, NET_SAYS(IT_UNREADABLE),
			      &(struct sentence_words){ .w = reason(error) });
	else
		error = web_config_parse(text, size, slash ? folder : ".", ret, why);
	if (!error) {
		error = read_named(ret, why);
		if (error)
			web_config_done(ret);
	}
	free(folder);
	free(text);
	return error;
}

/* ---- for another process -------------------------------------------------------------------- */

struct packed {
	uint64_t rate_interval_ns;
	uint32_t rate_burst;
	uint32_t client_auth, only_tls13, san_count, user_count;
	uint32_t unused;
};

static void pack_text(struct buffer *b, const char *text)
{
	uint32_t size = text ? (uint32_t)strlen(text) + 1 : 0;

	buffer_add(b, &size, sizeof(size));
	buffer_add(b, text, size);
}

char *web_config_pack(const struct web_config *c, size_t *ret_size)
{
	const struct packed head = {
		.rate_interval_ns = c->rate_interval_ns,
		.rate_burst = c->rate_burst,
		.client_auth = c->client_auth,
		.only_tls13 = c->only_tls13,
		.san_count = (uint32_t)c->san_count,
		.user_count = (uint32_t)c->user_count,
	};
	struct buffer b;

	buffer_init(&b);
	buffer_add(&b, &head, sizeof(head));
	pack_text(&b, c->cert);
	pack_text(&b, c->key);
	pack_text(&b, c->client_ca);
	for (size_t i = 0; i < c->san_count; i++)
		pack_text(&b, c->sans[i]);
	for (size_t i = 0; i < c->user_count; i++) {
		pack_text(&b, c->users[i].name);
		pack_text(&b, c->users[i].hash);
	}
	if (b.failed) {
		buffer_done(&b);
		return NULL;
	}
	*ret_size = b.size;
	return b.bytes;
}

/* Takes a text off the front; NULL stays NULL. */
static int unpack_text(const char **bytes, size_t *left, char **ret)
{
	uint32_t size;

	if (*left < sizeof(size))
		return -EBADMSG;
	memcpy(&size, *bytes, sizeof(size));
	*bytes += sizeof(size);
	*left -= sizeof(size);
	if (!size)
		return 0;
	if (size > *left || (*bytes)[size - 1] || memchr(*bytes, '\0', size - 1))
		return -EBADMSG;
	*ret = strdup(*bytes);
	*bytes += size;
	*left -= size;
	return *ret ? 0 : -ENOMEM;
}

static int unpack(const char *bytes, size_t left, struct web_config *c)
{
	struct packed head;
	int error = 0;

	if (left < sizeof(head))
		return -EBADMSG;
	memcpy(&head, bytes, sizeof(head));
	bytes += sizeof(head);
	left -= sizeof(head);
	if (head.rate_interval_ns > RATE_MOST_NS || head.rate_burst > RATE_BURST_MOST ||
	    head.unused || head.client_auth >= WEB_CLIENT_AUTH_COUNT || head.only_tls13 > 1 ||
	    head.san_count > WEB_SANS_MAX || head.user_count > WEB_USERS_MAX)
		return -EBADMSG;
	c->rate_interval_ns = head.rate_interval_ns;
	c->rate_burst = head.rate_burst;
	c->client_auth = head.client_auth;
	c->only_tls13 = head.only_tls13;
	error = unpack_text(&bytes, &left, &c->cert);
	if (!error)
		error = unpack_text(&bytes, &left, &c->key);
	if (!error)
		error = unpack_text(&bytes, &left, &c->client_ca);
	for (c->san_count = 0; c->san_count < head.san_count && !error; c->san_count++) {
		error = unpack_text(&bytes, &left, &c->sans[c->san_count]);
		if (!error && !c->sans[c->san_count])
			error = -EBADMSG;
	}
	for (c->user_count = 0; c->user_count < head.user_count && !error; c->user_count++) {
		struct web_user *user = &c->users[c->user_count];

		error = unpack_text(&bytes, &left, &user->name);
		if (!error)
			error = unpack_text(&bytes, &left, &user->hash);
		if (!error && (!user->name || !user->hash))
			error = -EBADMSG;
	}
	return !error && left ? -EBADMSG : error;
}

int web_config_unpack(const char *bytes, size_t size, struct web_config *ret)
{
	int error;

	*ret = (struct web_config){ 0 };
	error = unpack(bytes, size, ret);
	if (error)
		web_config_done(ret);
	return error;
}
