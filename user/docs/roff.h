/* SPDX-License-Identifier: GPL-2.0-only */
/* Plain text as the source of a manual page. */
#ifndef USER_DOCS_ROFF_H
#define USER_DOCS_ROFF_H

#define ROFF_COLUMNS 76

/* In short lines; the dashes of options stay dashes, those inside words are hyphens. */
void roff_text(const char *text);

/* A request whose one argument is the text, such as .B. */
void roff_request(const char *request, const char *text);

/* A sign, and what it means. */
void roff_entry(const char *sign, const char *meaning);

/* What stands over an option, "-i, --input FILE". 0 and NULL: it has none. */
void roff_option(char letter, const char *name, const char *argument);

#endif
