// SPDX-License-Identifier: GPL-2.0-only
/* The program: reads the command line and runs the command. */
#include "user/command/command.h"
#include "user/option/parse.h"

static const struct command *const commands[COMMAND_COUNT] = {
#define X(NAME, name, question, about) [COMMAND_##NAME] = &command_##name,
	COMMANDS(X)
#undef X
};

int main(int argc, char **argv)
{
	static struct options options;
	int error = options_parse(argc, argv, &options);

	if (error)
		return error == OPTIONS_ANSWERED ? 0 : 2;
	return commands[options.command]->run(&options);
}
