/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of functions as C++ and Rust have them, where libiberty is there to tell. */
#ifndef USER_STACKS_DEMANGLE_H
#define USER_STACKS_DEMANGLE_H

#include <stdbool.h>
#include <stddef.h>

#define DEMANGLE_SIZE_MAX 2048 /* of a name that is looked at */

bool demangle_is_there(void);

/*
 * What a symbol, untrusted, is called in its language, without parameters: "http::Client::open"; of
 * a name that is longer than `room` its beginning, with a NUL behind it. Returns false, and changes
 * nothing, where it is not such a symbol.
 */
bool demangle(const char *symbol, char *text, size_t room);

#endif
