// SPDX-License-Identifier: GPL-2.0-only
/* Plain text as the source of a manual page. */
#include "user/docs/roff.h"

#include <stdio.h>
#include <string.h>

/* Plain text in short lines; the dashes of options stay dashes, those inside words are hyphens. */
void roff_text(const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t size = strcspn(text, " ");

		if (column && column + 1 + size > ROFF_COLUMNS) {
			putchar('\n');
			column = 0;
		} else if (column) {
			putchar(' ');
			column++;
		}
		if (!column && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		for (size_t i = 0; i < size; i++) {
			if (text[i] == '\\')
				fputs("\\e", stdout);
			else if (text[i] == '-' && (!i || strchr("-(", text[i - 1])))
				fputs("\\-", stdout);
			else
				putchar(text[i]);
		}
		column += size;
		text += size + strspn(text + size, " ");
	}
	putchar('\n');
}

/* A request whose one argument is plain text, such as .B. */
void roff_request(const char *request, const char *text)
{
	printf("%s \"", request);
	for (; *text; text++) {
		if (*text == '"')
			fputs("\\(dq", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	}
	fputs("\"\n", stdout);
}

void roff_option(char letter, const char *name, const char *argument)
{
	fputs(".TP\n", stdout);
	if (letter)
		printf("\\fB\\-%c\\fR%s", letter, name ? ", " : "");
	if (name) {
		fputs("\\fB\\-\\-", stdout);
		for (const char *c = name; *c; c++)
			fputs(*c == '-' ? "\\-" : (char[]){ *c, '\0' }, stdout);
		fputs("\\fR", stdout);
	}
	if (argument)
		printf(" \\fI%s\\fR", argument);
	putchar('\n');
}

void roff_entry(const char *sign, const char *meaning)
{
	fputs(".TP\n", stdout);
	roff_request(".B", sign);
	roff_text(meaning);
}
