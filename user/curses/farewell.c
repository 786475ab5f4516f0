// SPDX-License-Identifier: GPL-2.0-only
/* What gives the terminal back, made ready for a process that has no time left. */
#include "user/curses/farewell.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#include "user/base/last.h"

#define FAREWELL_SIZE 512
#define STATUS_OF_SIGNAL 128

static struct {
	struct termios modes;
	bool has_modes;
	volatile sig_atomic_t is_owed;
	char text[FAREWELL_SIZE];
	size_t size;
} farewell;

static int add(int byte)
{
	if (farewell.size < FAREWELL_SIZE)
		farewell.text[farewell.size++] = (char)byte;
	return byte;
}

static bool has(const char *text)
{
	return text && text != (char *)-1;
}

static void add_capability(const char *name)
{
	const char *text = tigetstr(name);

	if (has(text))
		tputs(text, 1, add);
}

/* As when the shell has taken the terminal because somebody else has ended. */
void farewell_hurry(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGTTOU, &ignore, NULL);
}

/* Async-signal-safe. */
static void give_back(void)
{
	if (!farewell.is_owed)
		return;
	farewell_hurry();
	farewell.is_owed = false;
	if (write(STDOUT_FILENO, farewell.text, farewell.size) < 0)
		return;
	if (farewell.has_modes)
		tcsetattr(STDOUT_FILENO, TCSANOW, &farewell.modes);
}

/* A fault comes again, to a process that does as it would have done without us. */
static void on_crash(int number, siginfo_t *info, void *context)
{
	(void)context;
	give_back();
	if (info->si_code <= 0) /* it was sent, and does not */
		_exit(STATUS_OF_SIGNAL + number);
}

static void catch_crashes(void)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	struct sigaction action = { .sa_sigaction = on_crash,
				    .sa_flags = SA_RESETHAND | SA_SIGINFO };
	struct sigaction before;

	for (size_t i = 0; i < sizeof(crashes) / sizeof(*crashes); i++)
		if (!sigaction(crashes[i], NULL, &before) && before.sa_handler == SIG_DFL)
			sigaction(crashes[i], &action, NULL);
}

const char *farewell_prepare(void)
{
	const char *term = getenv("TERM");
	int wrong;

	if (!term || !*term || setupterm(NULL, STDOUT_FILENO, &wrong) != OK)
		return "nothing is known of a terminal of this kind (TERM)";
	if (!has(tigetstr("cup")))
		return "the cursor of this kind (TERM) cannot be moved";
	farewell.has_modes = !tcgetattr(STDOUT_FILENO, &farewell.modes);
	add_capability("sgr0");
	add_capability("cnorm");
	add_capability("rmkx");
	add_capability("rmcup");
	/* Whoever paints has one of its own. */
	del_curterm(cur_term);
	catch_crashes();
	return NULL;
}

void farewell_owe(bool owes)
{
	farewell.is_owed = owes;
	last_set(owes ? give_back : NULL);
}
