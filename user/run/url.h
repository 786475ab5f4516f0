/* SPDX-License-Identifier: GPL-2.0-only */
/* Where something is sent to: which URLs are taken, and which would tell others what is secret. */
#ifndef USER_RUN_URL_H
#define USER_RUN_URL_H

#include <stdbool.h>
#include <stddef.h>

/* What is said of one that is refused. */
struct url_rules {
	const char *whence;   /* "--otlp" */
	const char *such;     /* a good one */
	const char *secrets;  /* "headers come from ...": where these belong */
	const char *insecure; /* the option that allows http to another machine */
	size_t size_most;
};

/*
 * Returns 0, or -EINVAL after one sentence, which does not repeat what may be secret.
 * `is_plain_allowed`: http without TLS, also beyond this machine.
 */
int url_judge(const char *url, const struct url_rules *rules, bool is_plain_allowed);

#endif
