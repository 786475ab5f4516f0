// SPDX-License-Identifier: GPL-2.0-only
/* The signals that ask a run to end. */
#include <stddef.h>
#include <unistd.h>

#include "user/base/last.h"
#include "user/run/signals.h"

static volatile sig_atomic_t stop_asked, hangup_came, pause_came, resize_came;

static void on_signal(int number)
{
	if (stop_asked) {
		last_act();
		_exit(128 + number);
	}
	stop_asked = 1;
}

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
/* SIGXFSZ from the beginning on. */
static const int ignored[] = { SIGPIPE, SIGXFSZ };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Who started it wants it to outlive the terminal, as nohup does. */
static bool is_left_ignored(int number)
{
	struct sigaction now;

	return number == SIGHUP && !sigaction(number, NULL, &now) && now.sa_handler == SIG_IGN;
}

void signals_ignore_limit(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGXFSZ, &ignore, NULL);
}

void signals_catch(sigset_t *ret_waiting)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	static bool is_caught;
	static sigset_t waiting;
	sigset_t blocked;

	*ret_waiting = waiting;
	if (is_caught)
		return;
	sigemptyset(&blocked);
	for (size_t i = 0; i < COUNT(caught); i++) {
		if (is_left_ignored(caught[i]))
			continue;
		sigaction(caught[i], &action, NULL);
		sigaddset(&blocked, caught[i]);
	}
	sigaction(SIGPIPE, &ignore, NULL);
	sigprocmask(SIG_BLOCK, &blocked, &waiting);
	*ret_waiting = waiting;
	is_caught = true;
}

void signals_forget(void)
{
	stop_asked = 0;
}

static void on_hangup(int number)
{
	(void)number;
	hangup_came = 1;
}

void signals_keep_hangup(void)
{
	struct sigaction action = { .sa_handler = on_hangup };

	sigaction(SIGHUP, &action, NULL);
}

bool signals_take_hangup(void)
{
	bool came = hangup_came;

	hangup_came = 0;
	return came;
}

static void on_terminal(int number)
{
	if (number == SIGTSTP)
		pause_came = 1;
	else
		resize_came = 1;
}

static const int of_terminal[] = { SIGTSTP, SIGWINCH };

void signals_watch_terminal(void)
{
	struct sigaction action = { .sa_handler = on_terminal };
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < COUNT(of_terminal); i++) {
		sigaction(of_terminal[i], &action, NULL);
		sigaddset(&blocked, of_terminal[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, NULL);
}

bool signals_take_pause(void)
{
	bool came = pause_came;

	pause_came = 0;
	return came;
}

bool signals_take_resize(void)
{
	bool came = resize_came;

	resize_came = 0;
	return came;
}

void signals_pause(void)
{
	kill(getpid(), SIGSTOP);
}

void signals_reset(void)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (size_t i = 0; i < COUNT(caught); i++)
		sigaction(caught[i], &standard, NULL);
	for (size_t i = 0; i < COUNT(ignored); i++)
		sigaction(ignored[i], &standard, NULL);
	for (size_t i = 0; i < COUNT(of_terminal); i++)
		sigaction(of_terminal[i], &standard, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

bool signals_asked_to_stop(void)
{
	return stop_asked;
}

bool signals_are_asking_to_stop(void)
{
	sigset_t pending;

	if (stop_asked || sigpending(&pending))
		return stop_asked;
	for (size_t i = 0; i < COUNT(caught); i++)
		if (sigismember(&pending, caught[i]) == 1)
			return true;
	return false;
}
