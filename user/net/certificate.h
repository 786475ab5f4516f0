/* SPDX-License-Identifier: GPL-2.0-only */
/* A client's certificate: whether it is one that the web config lets in. */
#ifndef USER_NET_CERTIFICATE_H
#define USER_NET_CERTIFICATE_H

#include <gnutls/gnutls.h>
#include <stdbool.h>

#include "user/net/web_config.h"

/* Of a handshake that is over. Who shows none is let in where none is demanded. */
bool certificate_lets_in(gnutls_session_t session, const struct web_config *config);

#endif
