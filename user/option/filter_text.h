/* SPDX-License-Identifier: GPL-2.0-only */
/* Filters as lines of text, each an option and its argument: what a recording was made with. */
#ifndef USER_OPTION_FILTER_TEXT_H
#define USER_OPTION_FILTER_TEXT_H

#include "user/base/buffer.h"
#include "user/event/filter.h"

/* "lport 80,443\n" and so on; nothing where all is wanted. */
void filter_text_add(struct buffer *out, const struct conn_filter *filter);

/*
 * Reads such lines. What the kernel's side alone can judge is not judged again: of a cgroup it is
 * left that one was asked for. Returns 0, or -EINVAL when a line makes no sense; `ret_filter` is
 * untouched then.
 */
int filter_text_read(const char *text, struct conn_filter *ret_filter);

#endif
