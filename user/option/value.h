/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said behind an option: read, by its type, into its place. */
#ifndef USER_OPTION_VALUE_H
#define USER_OPTION_VALUE_H

#include "user/base/buffer.h"
#include "user/option/table.h"

/*
 * `text` is NULL for an option that takes none. Returns 0; -EEXIST when its place or its mark holds
 * something else; -EINVAL, -ERANGE or -ENOENT, which value_add_expected explains; -E2BIG when a
 * list is full; -ENODEV without a hierarchy of cgroups; or another -errno of the kernel. Of a list
 * the values before the wrong one may have been taken.
 */
int value_read(const struct option_spec *spec, struct options *o, const char *text);

/*
 * Puts the namespaces of this machine that --netns calls by a name behind those of the filter that
 * it has by number. Returns 0, or, with the name, an error as value_read does.
 */
int value_find_netns(struct options *o, const char **ret_name);

/*
 * Makes of the path of --cgroup what the filter judges by: the id of a cgroup of this machine, or
 * the path of one of a recording's. Returns 0, or, with the path, an error as value_read does.
 */
int value_find_cgroup(struct options *o, bool is_recorded, const char **ret_path);

/* How many values its list has room for, of names how many bytes; 0: it is bounded otherwise. */
size_t value_room(const struct option_spec *spec);

/* Whether this value, of a set one of them, is what the options hold. */
bool value_is(const struct option_spec *spec, const struct options *o, const char *value);

/* "it takes a number from 1 to 10". */
void value_add_expected(struct buffer *out, const struct option_spec *spec,
			enum ladder_language language);

/* What a type takes where no row says it, such as "a number"; NULL for none. */
const char *value_takes(enum option_type type);

/* Examples of what it takes, with "or" between them; NULL: there is none. */
const char *value_such(const struct option_spec *spec);

#endif
