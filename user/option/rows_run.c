// SPDX-License-Identifier: GPL-2.0-only
/* How it is traced, and the help: the rows under these headings. */
#include "user/option/rows.h"

#include "user/aggregate/histogram_set.h"
#include "user/aggregate/metrics.h"

#define RING_MAX_GIB 2
#define RINGS_MOST 64
#define CONNECTIONS_MAX 1000000000
#define STACKS_MOST (1u << 16)
#define QUEUE_MIN_KIB 512
#define QUEUE_MAX_GIB 64
#define OR_NAME(NAME, name) "|" name
#define DEFAULT_RING STRING(OPTIONS_RING_MIB) "M"
#define DEFAULT_CONNECTIONS STRING(OPTIONS_MAX_CONNECTIONS)
#define DEFAULT_STACKS STRING(OPTIONS_STACKS)
#define DEFAULT_QUEUE STRING(OPTIONS_QUEUE_MIB) "M"

const struct option_spec option_rows_run[] = {
	{ .letter = 'd',
	  .name = "duration",
	  .argument = "SECONDS",
	  .group = OPTION_GROUP_RUN,
	  .commands = EVERY,
	  .help = "Stop by itself, such as after 10, 0.5 or 2m.",
	  .detail = "A unit may follow the number: ms, s, m, h or d.",
	  .type = OPTION_DURATION,
	  .least = 1,
	  .such = "10, 0.5 or 2m",
	  .place = PLACE(duration_ns) },
	{ .name = "attach",
	  .argument = "auto" ATTACH_RUNGS(OR_NAME),
	  .group = OPTION_GROUP_RUN,
	  .commands = EVERY,
	  .help = "Only this kind of hook, not the best that works.",
	  .detail =
		  "For tests and comparisons. tracepoint is either kind of tracepoint, "
		  "classic the one that is attached through perf, tp_btf the other; sampling "
		  "none for TIME_WAIT, which is looked at each second, and the best for the rest. "
		  "With classic it is looked at as well, for no such tracepoint tells of it.",
	  .type = OPTION_CHOICE,
	  .names = attach_names,
	  .place = PLACE(attach) },
	{ .name = "lives",
	  .argument = "auto|yes|no",
	  .group = OPTION_GROUP_RUN,
	  .commands = ONLY(TRACE) | ONLY(HIST),
	  .help = "Whether the kernel side tells of whole lives.",
	  .detail = "For tests and comparisons. Where connections are asked for, and not what they "
		    "do as it happens, their steps are collected in the kernel and sent as one "
		    "record when they end; with no, each step is sent by itself. With yes it is "
		    "an error if that cannot be had.",
	  .type = OPTION_CHOICE,
	  .names = lives_names,
	  .place = PLACE(lives) },
	{ .name = "ring",
	  .argument = "SIZE",
	  .group = OPTION_GROUP_RUN,
	  .commands = EVERY,
	  .help = "Room for records on their way, such as 512K (" DEFAULT_RING ").",
	  .detail = "A number of bytes, or of K, M or G, rounded up to a power of two of at "
		    "least a page. When it is full, records are lost and counted.",
	  .type = OPTION_ROOM,
	  .least = 1,
	  .most = GIB(RING_MAX_GIB),
	  .such = "512K or 8M",
	  .place = PLACE(ring_bytes) },
	{ .name = "rings",
	  .argument = "N",
	  .group = OPTION_GROUP_RUN,
	  .commands = EVERY,
	  .help = "Parts of it, for groups of processors.",
	  .detail = "On many processors the programs would wait for each other at one. Without "
		    "it there is one for up to 16, and one for each group of 8 to 15 where there "
		    "are more; never more than processors. What they hold is read as one, in the "
		    "order of time. Each has the same part of --ring, a power of two of at least "
		    "a page.",
	  .type = OPTION_NUMBER,
	  .least = 1,
	  .most = RINGS_MOST,
	  .place = PLACE(rings) },
	{ .name = "host-root",
	  .argument = "DIR",
	  .group = OPTION_GROUP_RUN,
	  .commands = EVERY,
	  .help = "Where the host's files are, such as /host.",
	  .detail = "For a container that has the host's files mounted there: names of pods and "
		    "containers, and the hierarchy of cgroups, are looked for below it.",
	  .type = OPTION_FILE,
	  .such = "/host",
	  .takes = "a folder",
	  .place = PLACE(host_root),
	  .once = GIVEN_ONCE },
	{ .name = "queue",
	  .argument = "SIZE",
	  .group = OPTION_GROUP_RUN,
	  .commands = ONLY(RECORD),
	  .help = "Room for records that wait for the disk (" DEFAULT_QUEUE ").",
	  .detail = "It is taken when it is needed. When it is full, records are lost and counted.",
	  .type = OPTION_SIZE,
	  .least = KIB(QUEUE_MIN_KIB),
	  .most = GIB(QUEUE_MAX_GIB),
	  .such = "256M",
	  .place = PLACE(record.queue_bytes) },
	{ .name = "stacks",
	  .argument = "N",
	  .group = OPTION_GROUP_RUN,
	  .commands = ONLY(TRACE) | ONLY(EXPLAIN) | ONLY(RECORD) | ONLY(STUCK),
	  .help = "Of --stack, room for so many (" DEFAULT_STACKS ").",
	  .detail = "Nobody has more of it than he leaves to others, so that who is alone has "
		    "half; and a long stack takes the room of several. One that there is no room "
		    "for is unknown, and counted.",
	  .type = OPTION_NUMBER,
	  .least = 1,
	  .most = STACKS_MOST,
	  .place = PLACE(stacks) },
	{ .name = "max-records",
	  .argument = "N",
	  .group = OPTION_GROUP_RUN,
	  .commands = ONLY(TRACE) | ONLY(HIST) | ONLY(EXPLAIN) | ONLY(STUCK) | ONLY(CHECK) |
		      ONLY(LISTENERS) | ONLY(REPORT),
	  .help = "Of recordings, read at most this many records.",
	  .detail = "A small file can hold very many. That there are more is told, and the exit "
		    "status is 2.",
	  .type = OPTION_NUMBER,
	  .least = 1,
	  .most = INT64_MAX,
	  .place = PLACE(max_records) },
	{ .name = "max-connections",
	  .argument = "N",
	  .group = OPTION_GROUP_RUN,
	  .commands = EVERY,
	  .help = "Remember at most this many at once (" DEFAULT_CONNECTIONS ").",
	  .detail = "When there are more, the user who has most of them makes room, with the "
		    "one that changed least recently in the network namespace where most of "
		    "these are. The summary counts them, and says whose they were.",
	  .type = OPTION_NUMBER,
	  .least = 1,
	  .most = CONNECTIONS_MAX,
	  .place = PLACE(max_connections) },
};
OPTION_ROWS_COUNT(run);

const struct option_spec option_rows_help[] = {
	{ .letter = 'h',
	  .name = "help",
	  .group = OPTION_GROUP_HELP,
	  .commands = EVERY,
	  .help = "Print this help.",
	  .detail = "tcpspan help, and tcpspan help COMMAND, print the same.",
	  .type = OPTION_HELP },
	{ .letter = 'V',
	  .name = "version",
	  .group = OPTION_GROUP_HELP,
	  .commands = EVERY,
	  .help = "Print the version, and what it was built with.",
	  .detail = "With libdw --stack tells lines, and who calls what has no frame pointer; with "
		    "libiberty it tells names of C++ and Rust as they are written.",
	  .type = OPTION_VERSION },
};
OPTION_ROWS_COUNT(help);
