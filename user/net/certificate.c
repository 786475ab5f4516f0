// SPDX-License-Identifier: GPL-2.0-only
/* A client's certificate: whether it is one that the web config lets in. */
#include "user/net/certificate.h"

#include <gnutls/x509.h>
#include <string.h>

#include "user/base/address.h"

/* One for servers, or for code, is no client's: those of one authority may be everybody's. */
static bool is_for_clients(gnutls_session_t session)
{
	gnutls_typed_vdata_st purpose = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
					  .data = (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT };
	unsigned int status = 1;

	return !gnutls_certificate_verify_peers(session, &purpose, 1, &status) && !status;
}

/* Its bytes: text without an end, or an address of 4 or 16. */
static bool is_name(const char *allowed, int type, const char *bytes, size_t size)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address address;

	switch (type) {
	case GNUTLS_SAN_DNSNAME:
	case GNUTLS_SAN_RFC822NAME:
	case GNUTLS_SAN_URI:
		return strlen(allowed) == size && !memcmp(allowed, bytes, size);
	case GNUTLS_SAN_IPADDRESS:
		if (size == 4)
			address = address_from_ipv4((const uint8_t *)bytes);
		else if (size == ADDRESS_SIZE)
			memcpy(address.byte, bytes, ADDRESS_SIZE);
		else
			return false;
		return !strcmp(allowed, address_format(&address, text));
	default:
		return false;
	}
}

static bool is_allowed(const struct web_config *config, int type, const char *bytes, size_t size)
{
	for (size_t i = 0; i < config->san_count; i++)
		if (is_name(config->sans[i], type, bytes, size))
			return true;
	return false;
}

/* One of its names is enough; one that is longer than this is nobody's. */
static bool has_allowed_name(const struct web_config *config, gnutls_x509_crt_t certificate)
{
	char name[WEB_SAN_SIZE];

	for (unsigned int i = 0;; i++) {
		size_t size = sizeof(name);
		int type = gnutls_x509_crt_get_subject_alt_name(certificate, i, name, &size, NULL);

		if (type == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (type < 0)
			return false;
		if (is_allowed(config, type, name, size))
			return true;
	}
}

static bool is_called_so(const struct web_config *config, const gnutls_datum_t *shown)
{
	gnutls_x509_crt_t certificate;
	bool is_so;

	if (gnutls_x509_crt_init(&certificate))
		return false;
	is_so = !gnutls_x509_crt_import(certificate, shown, GNUTLS_X509_FMT_DER) &&
		has_allowed_name(config, certificate);
	gnutls_x509_crt_deinit(certificate);
	return is_so;
}

bool certificate_lets_in(gnutls_session_t session, const struct web_config *config)
{
	unsigned int count = 0;
	const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &count);

	if (!shown || !count)
		return config->client_auth == WEB_CLIENT_NONE ||
		       config->client_auth == WEB_CLIENT_REQUEST ||
		       config->client_auth == WEB_CLIENT_VERIFY_IF_GIVEN;
	if (web_config_verifies(config) && !is_for_clients(session))
		return false;
	return !config->san_count || is_called_so(config, shown);
}
