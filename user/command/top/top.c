// SPDX-License-Identifier: GPL-2.0-only
/* The command `top`: what happens, on one screen, live or of a recording. */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/log.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/command/command.h"
#include "user/command/complaints.h"
#include "user/command/top/board.h"
#include "user/command/top/keys.h"
#include "user/curses/painter.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/faults.h"
#include "user/run/signals.h"
#include "user/source/replay.h"

#define STATUS_FAILED 2
#define DEFAULT_ROWS 24
#define ROWS_LEAST 12
#define SAMPLE_NS NS_PER_S
#define STALE_NS (NS_PER_S / 4) /* between two samples, of what sockets do */

struct top {
	const struct options *options;
	struct board board;
	bool is_ascii;
	bool is_seen; /* by a person, at a terminal */
	bool is_quit; /* who has seen enough */
	int keyboard;
	int folder; /* -1: none */

	uint64_t sample_due_ns; /* of the source's time */
	uint64_t look_due_ns;	/* the same: the screen is to be drawn */
	uint64_t caught_up_ns;	/* of the clock's: what sockets did by then is known */
	bool is_dirty;		/* it is to be drawn now */

	/* Of a recording, whose time goes on with that of the clock. */
	uint64_t paced_ns, paced_at_ns; /* the one, and the other, at a moment */
	bool has_step;			/* one more second, though it stands still */
};

/* ---- the screen ----------------------------------------------------------------------------- */

static unsigned int terminal_rows(void)
{
	const char *text = getenv("LINES");
	struct winsize size;
	uint64_t rows;

	if (!text || text_parse_u64(text, &rows)) {
		if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ||
		    !size.ws_row)
			return DEFAULT_ROWS;
		rows = size.ws_row;
	}
	return rows < ROWS_LEAST ? ROWS_LEAST : rows > CELLS_MOST ? CELLS_MOST : (unsigned int)rows;
}

static void catch_up(struct top *top)
{
	run_catch_up(top->board.run);
	top->caught_up_ns = clock_now();
}

static void show(struct top *top)
{
	unsigned int columns, rows;

	/* Lives that have ended are told of at once, those that have begun when it is asked. */
	if (top->board.run->live && clock_now() - top->caught_up_ns >= STALE_NS)
		catch_up(top);
	painter_size(&columns, &rows);
	if (board_draw(&top->board, columns, rows, top->is_ascii))
		SCREEN_FILL(top->board.view.message, sizeof(top->board.view.message),
			    top->board.view.language, NO_MEMORY_FOR_ALL);
	painter_show(&top->board.cells);
	top->is_dirty = false;
}

/* Stopped as others are, with the terminal as it was meanwhile. */
static void stand_aside(struct top *top)
{
	painter_leave();
	signals_pause();
	painter_enter();
	top->is_dirty = true;
}

static void heed_signals(struct top *top)
{
	if (signals_take_pause())
		stand_aside(top);
	if (signals_take_resize())
		top->is_dirty = true;
}

/* ---- keys ----------------------------------------------------------------------------------- */

/* From now on the recording's time goes on from here. */
static void set_pace(struct top *top, uint64_t now_ns)
{
	top->paced_ns = now_ns;
	top->paced_at_ns = clock_now();
}

static void grant(struct top *top, enum keys_wish wish, uint64_t now_ns)
{
	switch (wish) {
	case KEYS_END:
		top->is_quit = true;
		break;
	case KEYS_PAUSE:
		board_pause(&top->board);
		set_pace(top, now_ns);
		break;
	case KEYS_STEP:
		top->has_step = top->board.run->replay != NULL;
		break;
	default:
		board_grant(&top->board, wish);
		break;
	}
}

/* Whether any key came. */
static bool heed_keys(struct top *top, uint64_t now_ns)
{
	struct view *view = &top->board.view;
	double speed = view->speed;
	bool any = false;
	int key;

	while (!top->is_quit && (key = painter_key()) != PAINTER_NONE) {
		size_t rows = frame_list_rows(&top->board.cells, view->screen);

		grant(top, keys_press(view, key, rows), now_ns);
		any = true;
	}
	if (speed != view->speed)
		set_pace(top, now_ns);
	top->is_dirty |= any;
	return any;
}

/* ---- time ----------------------------------------------------------------------------------- */

static uint64_t due_ns(void *context)
{
	const struct top *top = context;

	return top->sample_due_ns;
}

static void take_sample(struct top *top, uint64_t now_ns)
{
	catch_up(top);
	board_sample(&top->board, now_ns);
	top->sample_due_ns = now_ns + SAMPLE_NS;
	if (top->board.view.is_paused && !top->has_step)
		return;
	if (now_ns < top->look_due_ns && !top->has_step)
		return;
	top->look_due_ns = now_ns + top->board.view.interval_ns;
	top->is_dirty = true;
}

/* Waits for a key, a signal or the time of the clock, whichever comes first. */
static void wait_until(const struct top *top, uint64_t until_ns)
{
	struct pollfd keyboard = { .fd = top->keyboard, .events = POLLIN };
	uint64_t now_ns = clock_now(), left_ns = until_ns > now_ns ? until_ns - now_ns : 0;
	struct timespec time = { .tv_sec = (time_t)(left_ns / NS_PER_S),
				 .tv_nsec = (long)(left_ns % NS_PER_S) };

	ppoll(&keyboard, 1, until_ns == UINT64_MAX ? NULL : &time, &top->board.run->waiting);
}

/* When the moment of the recording that is due next is due at the clock. */
static uint64_t pace_ns(const struct top *top, uint64_t now_ns)
{
	double ahead_ns = (double)(now_ns - top->paced_ns) / top->board.view.speed;

	return ahead_ns < (double)INT64_MAX ? top->paced_at_ns + (uint64_t)ahead_ns : UINT64_MAX;
}

/* A recording waits for the time that has passed in it to have passed at the clock as well. */
static void keep_pace(struct top *top, uint64_t now_ns)
{
	while (!top->is_quit && !signals_asked_to_stop()) {
		bool stands = top->board.view.is_paused && !top->has_step;
		uint64_t until_ns = stands ? UINT64_MAX : pace_ns(top, now_ns);

		heed_signals(top);
		heed_keys(top, now_ns);
		if (top->is_dirty)
			show(top);
		stands = top->board.view.is_paused && !top->has_step;
		if (!stands && (top->has_step || clock_now() >= pace_ns(top, now_ns)))
			break;
		if (!top->is_quit)
			wait_until(top, until_ns);
	}
	if (top->has_step)
		set_pace(top, now_ns);
	top->has_step = false;
}

/* ---- the task ------------------------------------------------------------------------------- */

static int begin(void *context, struct run *run)
{
	struct top *top = context;
	int error;

	/* It cannot show another one. */
	if (top->is_ascii)
		run->settings.language = log_language = LADDER_EN;
	error = board_begin(&top->board, run);
	if (error)
		return error;
	board_sample(&top->board, run->settings.start_mono_ns);
	top->sample_due_ns = run->settings.start_mono_ns + SAMPLE_NS;
	set_pace(top, run->settings.start_mono_ns);
	if (!top->is_seen)
		return 0;
	error = run->live ? run_watch(run, top->keyboard) : 0;
	if (error) {
		COMMAND_COMPLAIN(KEYBOARD_UNWATCHED, .w = strerror(-error));
		return error;
	}
	/* Where `s` saves to. */
	if (run->live)
		run->folder = top->folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	log_hold();
	painter_enter();
	top->is_dirty = true;
	return 0;
}

/*
 * Where nothing has happened for longer than samples are kept, they are taken the more seldom, the
 * longer that is: a recording may claim years.
 */
static uint64_t until_sample_ns(const struct top *top)
{
	uint64_t pace_ns = pulse_calm_ns(top->board.pulse) / PULSE_SAMPLES;

	return pace_ns > SAMPLE_NS ? pace_ns : SAMPLE_NS;
}

static enum task_next tick_unseen(struct top *top, uint64_t now_ns)
{
	const struct run *run = top->board.run;

	if (now_ns < top->sample_due_ns)
		return TASK_GO_ON;
	take_sample(top, now_ns);
	top->sample_due_ns = now_ns + until_sample_ns(top);
	/* One look that is told to take no longer takes a second. */
	return run->live && !run->options->duration_ns ? TASK_ENOUGH : TASK_GO_ON;
}

static enum task_next tick(void *context, uint64_t now_ns)
{
	struct top *top = context;

	if (!top->is_seen)
		return tick_unseen(top, now_ns);
	if (now_ns >= top->sample_due_ns) {
		take_sample(top, now_ns);
		if (top->board.run->replay)
			keep_pace(top, now_ns);
	}
	heed_signals(top);
	heed_keys(top, now_ns);
	if (top->is_dirty && !top->is_quit)
		show(top);
	return top->is_quit ? TASK_ENOUGH : TASK_GO_ON;
}

/* The end of a recording stays until somebody has seen enough of it. */
static void linger(struct top *top, uint64_t now_ns)
{
	top->board.view.is_paused = false;
	top->is_dirty = true;
	while (!top->is_quit && !signals_asked_to_stop()) {
		heed_signals(top);
		heed_keys(top, now_ns);
		if (top->is_dirty && !top->is_quit)
			show(top);
		if (!top->is_quit)
			wait_until(top, UINT64_MAX);
	}
}

static void finish(void *context, struct run *run)
{
	struct top *top = context;
	struct board *board = &top->board;
	uint64_t now_ns = run->source->class->now(run->source);
	struct summary sum;

	board->is_over = run->replay != NULL;
	/* The rate of much less than a second says nothing. */
	if (now_ns - pulse_sampled_ns(board->pulse) >= SAMPLE_NS / 2)
		board_sample(board, now_ns);
	if (!top->is_seen) {
		if (board_draw(board, run->settings.columns, terminal_rows(), top->is_ascii))
			COMMAND_COMPLAIN(NO_MEMORY_SCREEN);
		cells_print(&board->cells, &run->out.lines);
		return;
	}
	if (run->replay)
		linger(top, now_ns);
	painter_stop();
	log_release();
	account_read(run, &sum);
	account_say(&sum);
}

static void on_record(void *context, const void *bytes, size_t size)
{
	tape_add(&((struct top *)context)->board.tape, bytes, size);
}

static void on_rare_record(void *context, const void *bytes, size_t size)
{
	serving_hear(&((struct top *)context)->board.serving, bytes, size);
}

static int follow(struct top *top)
{
	struct consumer *consumers[BOARD_CONSUMERS];
	const struct task task = {
		.consumers = { consumers, board_consumers(&top->board, consumers) },
		.tape = top->is_seen && !top->options->input_count ? on_record : NULL,
		.aside = on_rare_record,
		.wants = CONSUMER_TIMEWAITS, /* the head of each screen counts them */
		.role = RIGHTS_TOP,
		.redacts = true,
		.is_silent = !top->is_seen, /* then nobody writes on the screen */
		.begin = begin,
		.tick = tick,
		.due_ns = due_ns,
		.finish = finish,
		.context = top,
	};

	return run_follow(top->options, &task);
}

/* ---- the terminal --------------------------------------------------------------------------- */

static bool reads_stdin(const struct options *o)
{
	for (size_t i = 0; i < o->input_count; i++)
		if (!strcmp(o->inputs[i], REPLAY_STDIN))
			return true;
	return false;
}

/* Returns 0, or -errno after one sentence. */
static int open_terminal(struct top *top)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR"), *why = NULL;
	sigset_t waiting;

	if (!painter_is_built_in()) {
		COMMAND_COMPLAIN(NO_NCURSES);
		return -ENOSYS;
	}
	if (!isatty(STDOUT_FILENO))
		why = COMMAND_SAYS(OUTPUT_NO_TERMINAL);
	else if (!term || !*term || !strcmp(term, "dumb"))
		why = COMMAND_SAYS(TERMINAL_PRINTS_ONLY);
	top->keyboard = reads_stdin(top->options) ? open("/dev/tty", O_RDONLY | O_CLOEXEC) :
						    STDIN_FILENO;
	if (!why && (top->keyboard < 0 || !isatty(top->keyboard)))
		why = COMMAND_SAYS(NO_KEYBOARD);
	if (!why)
		why = painter_start(top->keyboard, !(no_color && *no_color));
	if (why) {
		COMMAND_COMPLAIN(NEEDS_TERMINAL, .w = fault_in(why, log_language));
		return -ENOTTY;
	}
	signals_catch(&waiting);
	signals_watch_terminal();
	/* Who started it may be killed: then it ends, too, and gives the terminal back. */
	prctl(PR_SET_PDEATHSIG, SIGHUP);
	top->board.view.has_keys = true;
	top->is_seen = true;
	return 0;
}

/* Whether there is one key, of those that groups are made by. */
static bool has_good_key(const struct options *o)
{
	unsigned int known = 0;

	for (unsigned int key = 0; key < ROSTER_KEY_COUNT; key++)
		if (roster_group_key((enum roster_key)key) != GROUP_KEY_COUNT)
			known |= 1U << roster_group_key((enum roster_key)key);
	return !o->hist.by || (!(o->hist.by & (o->hist.by - 1)) && o->hist.by & known);
}

static int run_top(struct top *top)
{
	int status;

	if (!has_good_key(top->options)) {
		COMMAND_COMPLAIN(TOP_KEY);
		return STATUS_FAILED;
	}
	top->is_ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	if (!top->options->export.once && open_terminal(top))
		return STATUS_FAILED;
	status = follow(top);
	if (top->is_seen)
		painter_stop();
	log_release();
	return status;
}

static int top_run(const struct options *options)
{
	struct top *top = calloc(1, sizeof(*top));
	int status = STATUS_FAILED;

	setlocale(LC_CTYPE, "");
	if (!top || board_init(&top->board, options)) {
		RUN_COMPLAIN(NO_MEMORY);
	} else {
		top->options = options;
		top->folder = -1;
		status = run_top(top);
		if (top->folder >= 0)
			close(top->folder);
	}
	if (top)
		board_done(&top->board);
	free(top);
	return status;
}

const struct command command_top = { .run = top_run };
