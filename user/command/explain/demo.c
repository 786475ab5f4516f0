// SPDX-License-Identifier: GPL-2.0-only
/* `explain --demo`: plays a story of the textbook and draws its ladders as they grow. */
#include "user/command/explain/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/aggregate/cast.h"
#include "user/base/clock.h"
#include "user/base/log.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/command/complaints.h"
#include "user/command/explain/ask.h"
#include "user/command/played.h"
#include "user/demo/recordings.h"
#include "user/demo/stage.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/run.h"
#include "user/run/signals.h"
#include "user/run/terminal.h"
#include "user/sink/text/growing.h"
#include "user/sink/text/ladder.h"
#include "user/sink/text/phrase.h"

#define PACE_NS NS_PER_S
/* What a segment takes on the wire, for eyes: no timer of TCP runs out meanwhile. */
#define WIRE_MS_MOST 100
#define NAME_COLUMNS 13
#define LESSON_COLUMNS 79
#define REASON_SIZE 256

struct demo {
	const struct options *options;
	const struct textbook_page *page;
	struct played played; /* of no stage: it was recorded */
	struct cast *cast;
	struct growing growing;
	struct run *run;
	unsigned int rows; /* of the terminal on which it grows; 0: it does not */
	uint64_t pace_ns;
	size_t shown; /* steps */
	uint64_t next_ns;
	char reason[REASON_SIZE]; /* why it cannot be traced; "": it can */
	struct ladder ladder;
	struct buffer summary; /* as a line, while somebody else may yet have the last word */
};

/* Where lines of sentences end. */
static size_t end_of(const struct sink_settings *s)
{
	return s->columns && s->columns <= LESSON_COLUMNS ? s->columns - 1 : LESSON_COLUMNS;
}

static void add_title(const struct demo *demo, struct buffer *out)
{
	const struct sink_settings *s = &demo->run->settings;
	const char *about = demo->page->about[s->language];
	size_t begin = strlen(demo->page->name) + 2;

	buffer_addf(out, "%s: ", demo->page->name);
	phrase_add_lines(out, about, strlen(about), begin, end_of(s));
	buffer_addf(out, "\n%*s(%s)\n", (int)begin, "", demo->page->sections);
}

static void add_lesson(const struct demo *demo, struct buffer *out)
{
	const struct sink_settings *s = &demo->run->settings;
	const char *lesson = demo->page->lesson[s->language];

	buffer_add_char(out, '\n');
	phrase_add_paragraph(out, lesson, strlen(lesson), 0, end_of(s));
}

/* What only says that there is more to come. */
static bool is_preliminary(const struct ladder_step *step)
{
	return step->kind == LADDER_MOMENT && step->notes[0].phrase == LADDER_SAYS_STILL_OPEN;
}

/*
 * Draws the first steps of all ladders, of which the last one may be cut: with `is_final`, as they
 * will stay. Returns how many steps there are.
 */
static size_t draw(struct demo *demo, struct buffer *out, size_t most, bool is_final)
{
	const struct sink_settings *s = &demo->run->settings;
	struct ladder *l = &demo->ladder;
	size_t steps = 0;

	add_title(demo, out);
	for (size_t i = 0; cast_ladder(demo->cast, i, l); i++) {
		if (steps <= most) {
			buffer_add_char(out, '\n');
			ladder_draw_head(s, out, l, false);
		}
		if (!is_final && l->count && is_preliminary(&l->steps[l->count - 1]))
			l->count--;
		for (size_t n = 0; n < l->count && steps + n < most; n++)
			ladder_draw_step(s, out, l, n);
		steps += l->count;
		if (is_final && steps <= most)
			ladder_draw_end(s, out, l, true);
	}
	if (is_final && steps <= most)
		add_lesson(demo, out);
	return steps;
}

/* Brings the terminal to what is known and due. Returns how many steps there are. */
static size_t grow(struct demo *demo, bool is_final)
{
	struct buffer text;
	size_t steps;

	buffer_init(&text);
	steps = draw(demo, &text, demo->shown, is_final);
	growing_update(&demo->growing, &demo->run->out.lines, &text, demo->rows);
	demo->run->out.lines.failed |= text.failed;
	buffer_done(&text);
	output_flush(&demo->run->out);
	return steps;
}

static bool grows(const struct demo *demo)
{
	return demo->rows && demo->pace_ns && !demo->options->explain.ask &&
	       demo->options->format == FORMAT_TEXT;
}

static int begin(void *context, struct run *run)
{
	struct demo *demo = context;

	demo->run = run;
	conn_table_keep_openers(run->table);
	return run->live ? played_begin(&demo->played, run) : 0;
}

static uint64_t due_ns(void *context)
{
	const struct demo *demo = context;
	uint64_t due = UINT64_MAX;

	if (!demo->options->trace.full)
		due = played_due_ns(&demo->played);
	if (grows(demo) && demo->next_ns < due)
		due = demo->next_ns;
	return due;
}

static enum task_next tick(void *context, uint64_t now_ns)
{
	struct demo *demo = context;

	if (!demo->run->live)
		return TASK_GO_ON;
	if (grows(demo) && now_ns >= demo->next_ns) {
		if (grow(demo, false) > demo->shown)
			demo->shown++;
		demo->next_ns = now_ns + demo->pace_ns;
	}
	if (!played_is_over(&demo->played, now_ns))
		return TASK_GO_ON;
	return demo->options->trace.full && !cast_is_over(demo->cast, true) ? TASK_GO_ON :
									      TASK_ENOUGH;
}

static void wait_for_eyes(const struct demo *demo)
{
	struct timespec left = { .tv_sec = (time_t)(demo->pace_ns / NS_PER_S),
				 .tv_nsec = (long)(demo->pace_ns % NS_PER_S) };

	ppoll(NULL, 0, &left, &demo->run->waiting);
}

/* The rest, at its pace. Whoever wants the end has it. */
static void finish_growing(struct demo *demo)
{
	if (!grows(demo))
		demo->shown = SIZE_MAX;
	while (grow(demo, true) > demo->shown && !signals_asked_to_stop() &&
	       !demo->run->out.error) {
		demo->shown++;
		wait_for_eyes(demo);
	}
}

static void finish_asking(struct demo *demo)
{
	struct ask_score score = { 0 };

	add_title(demo, &demo->run->out.lines);
	for (size_t i = 0; cast_ladder(demo->cast, i, &demo->ladder); i++) {
		buffer_add_char(&demo->run->out.lines, '\n');
		ask_ladder(demo->run, &demo->ladder, &score);
	}
	add_lesson(demo, &demo->run->out.lines);
	ask_tell(demo->run, &score);
}

/* Who looks at what is left has a summary of its own, which is the last line of all. */
static bool stuck_follows(const struct options *o)
{
	return o->explain.story == TEXTBOOK_LEAK;
}

static void hold_summary(struct demo *demo, const struct summary *sum)
{
	demo->run->sink->summary(&demo->run->settings, &demo->summary, sum);
	if (demo->options->verbose)
		account_say(sum);
}

static void finish(void *context, struct run *run)
{
	struct demo *demo = context;
	struct summary sum;

	if (demo->options->explain.ask)
		finish_asking(demo);
	else if (demo->options->format == FORMAT_TEXT)
		finish_growing(demo);
	else
		for (size_t i = 0; cast_ladder(demo->cast, i, &demo->ladder); i++)
			run->sink->ladder(&run->settings, &run->out.lines, &demo->ladder);
	if (cast_left_out(demo->cast))
		COMMAND_COMPLAIN(ENDS_LEFT_OUT, .n = cast_left_out(demo->cast));
	account_read(run, &sum);
	if (demo->options->format == FORMAT_JSON && stuck_follows(demo->options))
		hold_summary(demo, &sum);
	else if (demo->options->format == FORMAT_JSON || demo->options->verbose)
		account_print(run, &sum);
	output_flush(&run->out);
}

static void refused(void *context, int error, const char *reason)
{
	struct demo *demo = context;

	snprintf(demo->reason, sizeof(demo->reason), "%s", *reason ? reason : strerror(-error));
}

static int follow(struct demo *demo, const struct options *options)
{
	struct consumer *consumers[] = { cast_consumer(demo->cast) };
	const struct task task = {
		.consumers = { consumers, 1 },
		.role = RIGHTS_FOLLOW,
		.redacts = true,
		.begin = begin,
		.tick = tick,
		.due_ns = due_ns,
		.finish = finish,
		.refused = refused,
		.context = demo,
	};

	return run_follow(options, &task);
}

static void introduce_stuck(const struct options *o)
{
	const char *text = phrase_text(LADDER_SAYS_DEMO_STUCK, terminal_language(o));
	struct sink_settings settings;
	struct buffer out;

	if (o->format != FORMAT_TEXT)
		return;
	terminal_settings(o, &settings);
	buffer_init(&out);
	buffer_add_char(&out, '\n');
	phrase_add_paragraph(&out, text, strlen(text), 0, end_of(&settings));
	buffer_add_char(&out, '\n');
	fflush(stdout);
	buffer_flush(&out, STDOUT_FILENO);
	buffer_done(&out);
}

/* A process that becomes stuck when it is told so: the run gives up the right to start one. */
struct successor {
	pid_t pid; /* 0: there is none */
	int go;
};

static void become_stuck(const struct options *o, int told, int recording, const char *path)
{
	const char *arguments[] = { "tcpspan",
				    "stuck",
				    "--input",
				    path,
				    "--lang",
				    phrase_language_name(terminal_language(o)),
				    o->format == FORMAT_JSON ? "--json" : NULL,
				    NULL };
	char byte;

	if (read(told, &byte, 1) != 1)
		_exit(0);
	if (!fcntl(recording, F_SETFD, 0))
		stage_run_self((char *const *)arguments);
	COMMAND_COMPLAIN(STUCK_UNRUN, .w = strerror(errno));
	_exit(2);
}

static struct successor prepare_stuck(const struct options *o, int recording, const char *path)
{
	struct successor s = { 0 };
	int told[2];

	if (!stuck_follows(o) || pipe2(told, O_CLOEXEC))
		return s;
	s.pid = fork();
	if (!s.pid) {
		close(told[1]);
		become_stuck(o, told[0], recording, path);
	}
	close(told[0]);
	s.go = told[1];
	if (s.pid > 0)
		return s;
	close(s.go);
	return (struct successor){ 0 };
}

static void let_go(struct demo *demo, struct successor *s)
{
	if (!s->pid)
		return;
	if (!signals_asked_to_stop()) {
		introduce_stuck(demo->options);
		if (write(s->go, "", 1) != 1)
			COMMAND_COMPLAIN(STUCK_ENDED);
		else
			buffer_clear(&demo->summary);
	}
	close(s->go);
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

/* From the recording that is built in. */
static int replay(struct demo *demo, struct options *options)
{
	char path[sizeof("/proc/self/fd/") + 16];
	int fd = recordings_open(demo->options->explain.story), status;
	struct successor stuck;

	if (fd < 0) {
		COMMAND_COMPLAIN(STORY_UNREADABLE, .w = demo->page->name, .v = strerror(-fd));
		return 2;
	}
	if (*demo->reason)
		log_note("%s: %s",
			 phrase_text(LADDER_SAYS_DEMO_RECORDED, terminal_language(demo->options)),
			 demo->reason);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	options->inputs[0] = path;
	options->input_count = 1;
	/* What it was played with is no more. */
	memset(&options->filter, 0, sizeof(options->filter));
	stuck = prepare_stuck(demo->options, fd, path);
	status = follow(demo, options);
	let_go(demo, &stuck);
	close(fd);
	return status;
}

/* stuck looks for itself, as it would anywhere. */
static int show_leak(struct demo *demo)
{
	const struct options *o = demo->options;
	const char *language = phrase_language_name(terminal_language(o));
	const char *arguments[] = {
		"tcpspan",   "stuck",  "--netns",
		"self",	     "--lang", language,
		"--min-age", "0",      o->format == FORMAT_JSON ? "--json" : NULL,
		NULL
	};
	int error;

	if (!stuck_follows(o) || signals_asked_to_stop())
		return 0;
	introduce_stuck(o);
	error = stage_run(demo->played.stage, arguments);
	if (error)
		COMMAND_COMPLAIN(STUCK_UNRUN, .w = strerror(-error));
	else
		buffer_clear(&demo->summary);
	return error ? 2 : 0;
}

/* Live where that is possible. */
static int play(struct demo *demo, struct options *options)
{
	uint64_t wire_ms = demo->pace_ns / NS_PER_MS / 2;
	int status, error;

	if (options->explain.recorded)
		return replay(demo, options);
	error = played_open(&demo->played, options,
			    wire_ms < WIRE_MS_MOST ? (unsigned int)wire_ms : WIRE_MS_MOST,
			    demo->reason);
	if (error)
		return replay(demo, options);
	status = follow(demo, options);
	if (*demo->reason) {
		played_close(&demo->played);
		return replay(demo, options);
	}
	if (played_complain(&demo->played))
		return 2;
	return status ? status : show_leak(demo);
}

static int list(const struct options *options)
{
	enum ladder_language language = terminal_language(options);
	struct output out;
	int error;

	if (options->format != FORMAT_TEXT) {
		COMMAND_COMPLAIN(STORIES_FOR_PEOPLE);
		return 2;
	}
	output_init(&out, NULL);
	for (unsigned int i = 0; i < TEXTBOOK_COUNT; i++)
		buffer_addf(&out.lines, "%-*s%s\n", NAME_COLUMNS, textbook[i].name,
			    textbook[i].about[language]);
	log_note("%s", phrase_text(LADDER_SAYS_DEMO_LIST, language));
	error = output_end(&out);
	output_done(&out);
	return error ? 2 : 0;
}

int demo_run(const struct options *options)
{
	struct demo *demo = calloc(1, sizeof(*demo));
	struct options *own = malloc(sizeof(*own));
	int status = 2;

	if (options->explain.story == TEXTBOOK_COUNT) {
		free(demo);
		free(own);
		return list(options);
	}
	if (demo && own) {
		*own = *options;
		demo->options = options;
		demo->page = &textbook[options->explain.story];
		demo->rows = terminal_rows();
		demo->pace_ns = options->explain.pace_ns != OPTIONS_PACE_SENSIBLE ?
					options->explain.pace_ns :
				demo->rows ? PACE_NS :
					     0;
		demo->cast = cast_new(demo->page->left, TEXTBOOK_EXTRAS);
		growing_init(&demo->growing);
		buffer_init(&demo->summary);
	}
	if (demo && own && demo->cast)
		status = play(demo, own);
	else
		RUN_COMPLAIN(NO_MEMORY);
	if (demo) {
		if (own)
			buffer_flush(&demo->summary, STDOUT_FILENO);
		buffer_done(&demo->summary);
		played_close(&demo->played);
		growing_done(&demo->growing);
		cast_free(demo->cast);
	}
	free(demo);
	free(own);
	return status;
}
