// SPDX-License-Identifier: GPL-2.0-only
/* The signals that ask a run to end. */
#include <stddef.h>
#include <unistd.h>

#include "user/run/signals.h"

static volatile sig_atomic_t stop_asked;

static void on_signal(int number)
{
	if (stop_asked)
		_exit(128 + number);
	stop_asked = 1;
}

void signals_catch(sigset_t *ret_waiting)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	static bool is_caught;
	static sigset_t waiting;
	sigset_t blocked;

	*ret_waiting = waiting;
	if (is_caught)
		return;
	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		sigaction(numbers[i], &action, NULL);
		sigaddset(&blocked, numbers[i]);
	}
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
	sigprocmask(SIG_BLOCK, &blocked, &waiting);
	*ret_waiting = waiting;
	is_caught = true;
}

bool signals_asked_to_stop(void)
{
	return stop_asked;
}
