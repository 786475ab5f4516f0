/* SPDX-License-Identifier: GPL-2.0-only */
/* The Test Anything Protocol, for checks whose number a table decides. */
#ifndef TESTS_BPF_TAP_H
#define TESTS_BPF_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

struct tap {
	unsigned int count, failed;
};

__attribute__((format(printf, 3, 4))) static inline bool tap_ok(struct tap *t, bool passed,
								const char *format, ...)
{
	va_list args;

	t->failed += !passed;
	printf("%s %u - ", passed ? "ok" : "not ok", ++t->count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	return passed;
}

/* A check that this kernel does not allow. */
__attribute__((format(printf, 3, 4))) static inline void tap_skip(struct tap *t, const char *reason,
								  const char *format, ...)
{
	va_list args;

	printf("ok %u - ", ++t->count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(" # SKIP %s\n", reason);
}

__attribute__((format(printf, 1, 2))) static inline void tap_note(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* The whole program cannot run here; returns its exit status. */
static inline int tap_skip_all(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	return 0;
}

/* The plan, which comes last; returns the exit status. */
static inline int tap_done(const struct tap *t)
{
	printf("1..%u\n", t->count);
	return t->failed ? 1 : 0;
}

#endif
