/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line, read into struct options. */
#ifndef USER_OPTION_PARSE_H
#define USER_OPTION_PARSE_H

#include "user/option/options.h"

/* options_parse has answered by itself (help, version), and nothing is to be run. */
#define OPTIONS_ANSWERED 1

/*
 * Reads the command line. Returns 0 and the whole of `ret`; OPTIONS_ANSWERED after help or the
 * version went to standard output; or -EINVAL after one sentence went to standard error (exit
 * status 2). `ret` is untouched unless 0 is returned. Sets log_verbose with --verbose.
 */
int options_parse(int argc, char **argv, struct options *ret);

#endif
