/* SPDX-License-Identifier: GPL-2.0-only */
/* Who may ask, and how it is encrypted: the web config file that exporters of Prometheus share. */
#ifndef USER_NET_WEB_CONFIG_H
#define USER_NET_WEB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEB_USERS_MAX 64
#define WEB_SANS_MAX 64
#define WEB_SAN_SIZE 256
#define WEB_WHY_SIZE 256
#define WEB_CONFIG_BYTES (64U << 10) /* of the file */
#define WEB_PEM_BYTES (1U << 20)     /* of each that it names */

/* X(NAME, "name"): client_auth_type, as crypto/tls of Go names them. */
#define WEB_CLIENT_AUTHS(X)                           \
	X(NONE, "NoClientCert")                       \
	X(REQUEST, "RequestClientCert")               \
	X(REQUIRE_ANY, "RequireAnyClientCert")        \
	X(VERIFY_IF_GIVEN, "VerifyClientCertIfGiven") \
	X(REQUIRE_AND_VERIFY, "RequireAndVerifyClientCert")

enum web_client_auth {
#define X(NAME, name) WEB_CLIENT_##NAME,
	WEB_CLIENT_AUTHS(X)
#undef X
		WEB_CLIENT_AUTH_COUNT
};

struct web_user {
	char *name, *hash; /* of bcrypt */
};

/* All zeroes: plain HTTP, and anybody may ask. Strings are owned. */
struct web_config {
	char *cert_file, *key_file, *client_ca_file;
	char *cert, *key, *client_ca; /* what is in them, PEM */
	enum web_client_auth client_auth;
	bool only_tls13;
	char *sans[WEB_SANS_MAX];  /* names of client certificates; addresses as they are printed */
	size_t san_count;	   /* 0: whatever it is called */
	uint64_t rate_interval_ns; /* a request each, of whomever; 0: no limit */
	uint32_t rate_burst; /* so many at once, after a pause; 1 at least where there is one */
	struct web_user users[WEB_USERS_MAX];
	size_t user_count;
};

void web_config_done(struct web_config *config);

/* Whether client_auth asks for a certificate that an authority of client_ca vouches for. */
bool web_config_verifies(const struct web_config *config);

/*
 * Of the text of such a file; names of files in it are from `folder` on. Returns 0, or -errno and
 * why, as the end of "FILE: ...". -ENOTSUP: this program was built without it.
 */
int web_config_parse(const char *text, size_t size, const char *folder, struct web_config *ret,
		     char why[WEB_WHY_SIZE]);

/* The same of a file, and of the files that it names. */
int web_config_read(const char *path, struct web_config *ret, char why[WEB_WHY_SIZE]);

/*
 * As bytes for another process of ours, which gets what was read and opens nothing. `pack` returns
 * memory of `*ret_size` bytes, or NULL; `unpack` trusts nothing, and returns 0, -EBADMSG or
 * -ENOMEM.
 */
char *web_config_pack(const struct web_config *config, size_t *ret_size);
int web_config_unpack(const char *bytes, size_t size, struct web_config *ret);

#endif
