// SPDX-License-Identifier: GPL-2.0-only
/* The program: reads the command line and runs the command. */
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>

#include "user/base/clock.h"
#include "user/base/hash.h"
#include "user/command/command.h"
#include "user/curses/painter.h"
#include "user/names/host.h"
#include "user/net/client.h"
#include "user/net/server.h"
#include "user/option/help.h"
#include "user/option/parse.h"
#include "user/run/descriptors.h"
#include "user/run/signals.h"
#include "user/source/packets.h"
#include "user/stacks/demangle.h"
#include "user/stacks/dwarf.h"

/* The Makefile knows their versions. */
#ifndef TCPSPAN_LIBRARIES
#define TCPSPAN_LIBRARIES "libbpf"
#define TCPSPAN_DW "libdw"
#define TCPSPAN_PCAP "libpcap"
#define TCPSPAN_SERVER "libmicrohttpd"
#define TCPSPAN_CLIENT "libcurl"
#define TCPSPAN_CURSES "ncursesw"
#endif

static const struct help_libraries libraries[] = {
	{ TCPSPAN_LIBRARIES, NULL },
	{ TCPSPAN_DW, dwarf_is_there },
	{ "libiberty", demangle_is_there },
	{ TCPSPAN_PCAP, packets_are_built_in },
	{ TCPSPAN_SERVER, server_is_built_in },
	{ TCPSPAN_CLIENT, client_is_built_in },
	{ TCPSPAN_CURSES, painter_is_built_in },
};

static const struct command *const commands[COMMAND_COUNT] = {
#define X(NAME, name, question, about) [COMMAND_##NAME] = &command_##name,
	COMMANDS(X)
#undef X
};

/* What comes from outside shall not be able to choose where in a table it is. */
static void seed_hash(void)
{
	uint64_t seed;

	/* Too early after boot the kernel has no more than what it gave each program. */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
		memcpy(&seed, (const void *)getauxval(AT_RANDOM), sizeof(seed));
	hash_seed(seed);
}

int main(int argc, char **argv)
{
	static struct options options;
	int error;

	if (descriptors_open())
		return 2;
	signals_ignore_limit();
	clock_leave_namespace();
	help_set_libraries(libraries, sizeof(libraries) / sizeof(*libraries));
	error = options_parse(argc, argv, &options);
	if (error)
		return error == OPTIONS_ANSWERED ? 0 : 2;
	seed_hash();
	host_set_root(options.host_root);
	return commands[options.command]->run(&options);
}
