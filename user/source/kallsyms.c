// SPDX-License-Identifier: GPL-2.0-only
/* Reads /proc/kallsyms, once for all names: it takes the kernel milliseconds to print. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "user/source/hooks.h"
#include "user/source/kallsyms.h"

#define READ_BYTES 65536 /* the kernel gives a page at a time, the library asks for less */

static uint64_t addresses[HOOK_SYMBOL_COUNT];

/* Lines are "address type name", and "[module]" for some. */
static void note_line(const char *line)
{
	unsigned long long address;
	char name[128];
	char type;

	if (sscanf(line, "%llx %c %127s", &address, &type, name) != 3)
		return;
	for (int i = HOOK_SYMBOL_NONE + 1; i < HOOK_SYMBOL_COUNT; i++)
		if (!strcmp(name, hook_symbol_name(i)))
			addresses[i] = address;
}

static bool has_all(void)
{
	for (int i = HOOK_SYMBOL_NONE + 1; i < HOOK_SYMBOL_COUNT; i++)
		if (!addresses[i])
			return false;
	return true;
}

static void read_all(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512];

	if (!f)
		return;
	setvbuf(f, NULL, _IOFBF, READ_BYTES);
	while (!has_all() && fgets(line, sizeof(line), f))
		if (strstr(line, "timer_handler"))
			note_line(line);
	fclose(f);
}

uint64_t kallsyms_find(const char *name)
{
	static bool done;

	if (!done)
		read_all();
	done = true;
	for (int i = HOOK_SYMBOL_NONE + 1; i < HOOK_SYMBOL_COUNT; i++)
		if (!strcmp(name, hook_symbol_name(i)))
			return addresses[i];
	return 0;
}
