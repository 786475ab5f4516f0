// SPDX-License-Identifier: GPL-2.0-only
/* What the manual says of security; who keeps which right comes from the table of roles. */
#include "user/docs/security.h"

#include <stdio.h>
#include <string.h>

#include "user/docs/roff.h"
#include "user/rights/role.h"

#define KEPT_SIZE 1024

static const char trust[] =
	".SH SECURITY\n"
	"It is meant to run as root, for years, on machines whose users trust neither it\n"
	"nor each other.\n"
	".SS What is trusted\n"
	"The kernel; root, and whoever has CAP_BPF or CAP_SYS_ADMIN, who could take its\n"
	"programs away; the command line and the environment that it is started with;\n"
	"what root keeps in\n"
	".IR /etc .\n"
	"Not trusted are packets, addresses, names of processes and of cgroups, what a\n"
	"process does with its sockets, descriptors and namespaces, what others put into\n"
	"a folder where a recording is written, and every byte of a recording.\n"
	".SS What users without rights can do to it\n"
	"Be seen, under a name of their choice: names are escaped in every format, so that\n"
	"none reaches a terminal, breaks a line or ends a field. A command of\n"
	".B \\-\\-exec\n"
	"gets them as JSON on its standard input, and never in its arguments or its\n"
	"environment; what it does with them is for it to think of.\n"
	".PP\n"
	"Make more than can be kept: connections, requests, network namespaces, kinds of\n"
	"failures. Every table has a bound, and what it costs others is counted and said\n"
	"in the summary: records lost, connections evicted, rows joined with the rest. In a\n"
	"table that is full the user who has most makes room, in however many network\n"
	"namespaces that is; but those of root, which may be containers, are weighed each\n"
	"by itself, and as no less than an eighth of all of them.\n"
	".PP\n"
	"They cannot fill the ring buffer for others. While it is more than half full, a\n"
	"user gets no more of it than he leaves, in however many network namespaces; and\n"
	"a namespace that has taken next to nothing is let in even where its user, who\n"
	"may be root, has taken more. Half-open requests, timewait sockets and resets\n"
	"without a connection have accounts of their own, so that strangers cannot use up\n"
	"what connections need. Nor does a user get more of the sockets that\n"
	".B \\-\\-sample\n"
	"has room for than he leaves (nor of those that\n"
	".B \\-\\-budget\n"
	"has left out), nor of the descriptors that a look has room for, nor\n"
	"of the stacks that\n"
	".B \\-\\-stack\n"
	"keeps, nor of the notes of who waits for a segment: 4,096 deferred accepts and, where\n"
	"no function can be probed, 16,384 sockets in FIN_WAIT2. Whoever was refused is named\n"
	"in the summary, with how much he lost.\n"
	".PP\n"
	"What remains: whoever connects to a server can use up the share of that server's\n"
	"user; who has been given many user ids has as many shares; and where the kernel\n"
	"names no user, as of timewait sockets, all in a network namespace have one share.\n"
	"With\n"
	".B \\-\\-budget\n"
	"all connections have the same chance to be followed: whoever opens many makes that\n"
	"of others smaller, and sampling_ratio says how small it was. Of 262,144 that live and\n"
	"are left out nobody has more than is left to all others: whatever he opens beyond is\n"
	"followed, which costs more than was meant to be spent, and is counted as his\n"
	"(passed_full).\n"
	".PP\n"
	"Have it look: sockets in many network namespaces, or many descriptors, make a\n"
	"look longer. Looks that nobody asked for take no more than a twentieth of the\n"
	"time.\n"
	".PP\n"
	"Hide from some of it: a process can keep who asks for its command line, or for its\n"
	"code, waiting for as long as it likes. It is waited for 100 ms, and its user's others\n"
	"half a second in a row, and after that for a part of the time: what was not\n"
	"told by then is unknown.\n"
	".PP\n"
	"They cannot read what others do: recordings are for their owner alone, and hold no\n"
	"address of the kernel's memory. They cannot have it write to a file of their choice:\n"
	"no symbolic link is followed and no file of somebody else is taken. They cannot\n"
	"signal or trace it, nor have it dump its memory.\n"
	".SS What is kept of root\n"
	"Programs are loaded and attached, and the sockets that are there are looked at\n"
	"for the first time, with the rights that it was started with. Then each process\n"
	"gives up what it needs no more, for good: its capabilities and any way to get\n"
	"one (the bounding set is empty, no_new_privs is set), to be traced or dumped,\n"
	"all system calls but a few (seccomp), and all files but a few (Landlock). What\n"
	"needs more is done by a helper: a process without a descriptor but its socket,\n"
	"which takes requests of a fixed size, and answers with rows of a fixed size and\n"
	"with descriptors of what it has opened. Both ends check what they receive; when\n"
	"one ends, the other does, and says so.\n";

static const char rest[] =
	".PP\n"
	"A system call that is not on the list ends the process with status 2 and a\n"
	"sentence that has its number. Where the kernel, or a container, has no Landlock\n"
	"or no seccomp, it goes on without:\n"
	".B tcpspan check\n"
	"prints what of all this is in force here, and so does\n"
	".B \\-\\-verbose\n"
	"when it happens.\n"
	".SS How to report a flaw\n"
	"What lets somebody do more than that is a flaw, and so is a recording that\n"
	"crashes it. Tell the maintainers first and in private, by the form for\n"
	"vulnerabilities where its source is kept, or by mail to the authors of the last\n"
	"commits, with what\n"
	".B tcpspan \\-\\-version\n"
	"and\n"
	".B tcpspan check\n"
	"print and, if there is one, the recording. What is not secret is an issue like\n"
	"any other.\n";

/* Text that a list is added to. */
struct list {
	const char *between;
	char text[KEPT_SIZE];
	size_t size, count;
};

static void add(struct list *list, const char *text)
{
	int size = snprintf(list->text + list->size, sizeof(list->text) - list->size, "%s%s",
			    list->count++ ? list->between : "", text);

	if (size > 0 && (size_t)size < sizeof(list->text) - list->size)
		list->size += (size_t)size;
}

static void print(const char *before, const struct list *list, const char *without)
{
	char line[2 * KEPT_SIZE];

	snprintf(line, sizeof(line), "%s%s.", before, list->count ? list->text : without);
	roff_text(line);
}

static void print_capabilities(const struct rights_kept *kept)
{
	struct list list = { .between = ", " };

	for (int cap = 0; cap < 64; cap++)
		if (kept->capabilities >> cap & 1)
			add(&list, rights_capability_name(cap));
	print("Capabilities: ", &list, "none");
	list = (struct list){ .between = "" };
	if (kept->more)
		add(&list, kept->more);
	if (kept->more)
		print("Besides, ", &list, "");
}

static void print_calls(const struct rights_kept *kept)
{
	struct list list = { .between = "; " };

	for (int calls = 0; calls < RIGHTS_CALLS_GROUPS; calls++)
		if (kept->calls >> calls & 1)
			add(&list, rights_calls_about(calls));
	print("System calls for: ", &list, "all, as what it starts has them, too");
}

static void print_paths(const struct rights_kept *kept)
{
	struct list list = { .between = ", " };

	if (!kept->is_in_paths)
		return;
	for (size_t i = 0; kept->paths[i]; i++)
		add(&list, kept->paths[i]);
	print("Files, to be read: ", &list, "those that it was given");
}

void security_print(void)
{
	fputs(trust, stdout);
	for (int role = RIGHTS_ALL + 1; role < RIGHTS_ROLE_COUNT; role++) {
		const struct rights_kept *kept = &rights_kept[role];

		roff_entry(kept->who, kept->purpose);
		fputs(".sp\n", stdout);
		print_capabilities(kept);
		fputs(".sp\n", stdout);
		print_calls(kept);
		print_paths(kept);
	}
	roff_entry(rights_kept[RIGHTS_ALL].who, rights_kept[RIGHTS_ALL].purpose);
	fputs(rest, stdout);
}
