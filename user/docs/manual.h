/* SPDX-License-Identifier: GPL-2.0-only */
/* The manual pages, derived from the tables of commands, options, columns and ends. */
#ifndef USER_DOCS_MANUAL_H
#define USER_DOCS_MANUAL_H

struct command_spec;

/* To standard output: the page of all, and that of one command without what is the same. */
void manual_print(void);
void manual_print_command(const struct command_spec *command);

#endif
