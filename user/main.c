// SPDX-License-Identifier: GPL-2.0-only
/* The program: reads the command line and runs the command. */
#include "user/command/check/check.h"
#include "user/command/record.h"
#include "user/command/stuck/stuck.h"
#include "user/option/options.h"
#include "user/run/run.h"

int main(int argc, char **argv)
{
	static struct options options;
	int error = options_parse(argc, argv, &options);

	if (error)
		return error == OPTIONS_ANSWERED ? 0 : 2;
	switch (options.command) {
	case COMMAND_CHECK:
		return check_run(&options);
	case COMMAND_RECORD:
		return recorder_run(&options);
	case COMMAND_STUCK:
		return stuck_run(&options);
	default:
		return pipeline_run(&options);
	}
}
