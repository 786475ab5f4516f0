// SPDX-License-Identifier: GPL-2.0-only
/* How it is printed: the rows under that heading. */
#include "user/option/rows.h"

const struct option_spec option_rows_output[] = {
	{ .letter = 'j',
	  .name = "json",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "One JSON object per line.",
	  .detail = "Durations are nanoseconds, unknown values are null, and the last line "
		    "is a summary. The fields are those of schema version 1.",
	  .type = OPTION_FLAG,
	  .mark = MARK(format, FORMAT_JSON) },
	{ .letter = 's',
	  .name = "csv",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "Comma-separated values under a line of names.",
	  .type = OPTION_FLAG,
	  .mark = MARK(format, FORMAT_CSV) },
	{ .letter = 'T',
	  .name = "time",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "The time of day in front, HH:MM:SS.mmm.",
	  .detail = "The time at which it happened, not the time of printing.",
	  .type = OPTION_FLAG,
	  .mark = MARK(wall_time, true) },
	{ .letter = 't',
	  .name = "timestamp",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "Seconds since the start in front.",
	  .type = OPTION_FLAG,
	  .mark = MARK(timestamp, true) },
	{ .letter = 'w',
	  .name = "wide",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "More columns, and room for IPv6 addresses.",
	  .type = OPTION_FLAG,
	  .mark = MARK(wide, true) },
	{ .name = "cmdline",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = ONLY(TRACE) | ONLY(RECORD),
	  .help = "With the owner's command line, and its parent.",
	  .detail = "In JSON and CSV, as ppid and cmdline; --wide has them too. It is read when "
		    "the process connects or accepts, and is unknown where it was gone by then. A "
		    "recording has them if it was made with this: arguments may be secrets.",
	  .type = OPTION_FLAG,
	  .mark = MARK(trace.cmdline, true) },
	{ .name = "redact",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = REDACTING,
	  .help = "Without arguments, addresses and names.",
	  .detail = "For others to see: command lines have no arguments, and for each address and "
		    "each name (of processes, units, containers, pods, cgroups, network "
		    "namespaces, interfaces, files and functions) stands another, the same each "
		    "time: comm-3 is the third that was met. They are of 240.0.0.0/4 and "
		    "2001:db8::/32; those of loopback stay, and so do ports, numbers and times. "
		    "Filters see what is true.",
	  .type = OPTION_FLAG,
	  .mark = MARK(redact, REDACT_ALL) },
	{ .name = "redact-only",
	  .argument = "LIST",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = REDACTING,
	  .help = "Without these: arguments, addresses, names.",
	  .type = OPTION_SET,
	  .names = redaction_names,
	  .place = PLACE(redact) },
	{ .name = "stack",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = ONLY(TRACE) | ONLY(EXPLAIN) | ONLY(RECORD) | ONLY(STUCK),
	  .help = "Which code opened it: the stack of its call.",
	  .detail = "Of the call that connected or accepted, from within outwards: functions, and "
		    "lines where the program has them. What is not certain has a question mark, "
		    "what is unknown is left out. In CSV it is the column stack, as in folded "
		    "lines; as text trace has it beneath what failed alone. It costs some "
		    "microseconds for each connection.",
	  .type = OPTION_FLAG,
	  .mark = MARK(stack, true) },
	{ .name = "lang",
	  .argument = "LANG",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "Language of the sentences:" LADDER_LANGUAGES(KEY_NAME) ".",
	  .detail =
		  "If nothing is said, it is the one of the locale: zh where LC_ALL, LC_MESSAGES "
		  "or LANG, the first that is set, begins so and names no other encoding than "
		  "UTF-8. --help and standard error speak it, too; the screens of top do where the "
		  "terminal has UTF-8.",
	  .type = OPTION_CHOICE,
	  .names = language_names,
	  .place = PLACE(explain.language) },
	{ .letter = 'v',
	  .name = "verbose",
	  .group = OPTION_GROUP_OUTPUT,
	  .commands = EVERY,
	  .help = "Say more on standard error, libbpf included.",
	  .type = OPTION_FLAG,
	  .mark = MARK(verbose, true) },
};
OPTION_ROWS_COUNT(output);
