// SPDX-License-Identifier: GPL-2.0-only
/*
 * By libiberty, which is GCC's. A symbol of some bytes may stand for a name without end: what is
 * made of it is taken piece by piece, and the making is left when there is enough.
 */
#include "user/stacks/demangle.h"

#include <setjmp.h>
#include <string.h>

struct taking {
	char *text;
	size_t room, size;
	jmp_buf enough;
};

#ifdef TCPSPAN_HAS_IBERTY

#include <libiberty/demangle.h>

bool demangle_is_there(void)
{
	return true;
}

static void take(const char *piece, size_t size, void *context)
{
	struct taking *t = context;
	size_t left = t->room - 1 - t->size, part = size < left ? size : left;

	if (part) /* a piece of nothing is NULL */
		memcpy(t->text + t->size, piece, part);
	t->size += part;
	if (part < size)
		longjmp(t->enough, 1);
}

/* The language is told by how it begins; what Rust made until 2021 looks like C++. */
static bool make(const char *symbol, struct taking *t)
{
	if (rust_demangle_callback(symbol, DMGL_NO_OPTS, take, t))
		return true;
	t->size = 0;
	return cplus_demangle_v3_callback(symbol, DMGL_NO_OPTS, take, t);
}

static bool spell(const char *symbol, struct taking *t)
{
	return setjmp(t->enough) || make(symbol, t);
}

#else

bool demangle_is_there(void)
{
	return false;
}

static bool spell(const char *symbol, struct taking *t)
{
	(void)symbol;
	t->size = 0;
	return false;
}

#endif

bool demangle(const char *symbol, char *text, size_t room)
{
	char made[DEMANGLE_SIZE_MAX];
	struct taking t = { made, room < sizeof(made) ? room : sizeof(made), 0 };

	if ((strncmp(symbol, "_Z", 2) != 0 && strncmp(symbol, "_R", 2) != 0) ||
	    strnlen(symbol, DEMANGLE_SIZE_MAX) == DEMANGLE_SIZE_MAX || !room)
		return false;
	if (!spell(symbol, &t) || !t.size)
		return false;
	memcpy(text, made, t.size);
	text[t.size] = '\0';
	return true;
}
