/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts in protobuf, which have to be UTF-8, whoever has chosen them. */
#ifndef USER_NET_OTLP_TEXT_H
#define USER_NET_OTLP_TEXT_H

#include <stddef.h>

#define OTLP_SCOPE "tcpspan"
#define OTLP_TEXT_SIZE 257 /* what is longer is cut */

/* Copies what is valid, with U+FFFD for each other byte, and a NUL. Returns its size without. */
size_t otlp_text(char text[OTLP_TEXT_SIZE], const char *bytes, size_t size);

#endif
