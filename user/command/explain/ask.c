// SPDX-License-Identifier: GPL-2.0-only
/* Asks, step by step, for the states of both ends, before it tells them. */
#include "user/command/explain/ask.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "user/base/sentence.h"
#include "user/event/state.h"
#include "user/run/signals.h"
#include "user/sink/text/ladder.h"
#include "user/sink/text/phrase.h"

#define ANSWER_SIZE 64

/* Nobody answers any more: it ended, or somebody wants the end. */
struct asking {
	struct run *run;
	bool is_silent;
};

static void add_phrase(const struct run *run, struct buffer *out, enum ladder_phrase phrase,
		       uint64_t n)
{
	phrase_add(out, phrase, run->settings.language, 0, n);
}

/* Waits for one byte, while signals are let in. */
static bool read_byte(struct asking *asking, char *ret_byte)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

	while (!signals_asked_to_stop()) {
		int ready = ppoll(&fd, 1, NULL, &asking->run->waiting);

		if (ready < 0 && errno == EINTR)
			continue;
		return ready > 0 && read(STDIN_FILENO, ret_byte, 1) == 1;
	}
	return false;
}

/* What is longer than any state is cut. false: there is no line. */
static bool read_line(struct asking *asking, char answer[ANSWER_SIZE])
{
	size_t size = 0;
	char byte;

	for (;;) {
		if (!read_byte(asking, &byte))
			return false;
		if (byte == '\n')
			break;
		if (byte > ' ' && size < ANSWER_SIZE - 1)
			answer[size++] = byte;
	}
	answer[size] = '\0';
	return true;
}

/* An empty line is no answer. */
static void ask(struct asking *asking, enum ladder_phrase question,
		const struct ladder_state *state, struct ask_score *score)
{
	struct buffer *out = &asking->run->out.lines;
	char answer[ANSWER_SIZE] = "";
	enum tcp_state said;
	bool is_state;

	if (!state->state || asking->is_silent)
		return;
	do {
		buffer_add_text(out, "    ");
		add_phrase(asking->run, out, question, 0);
		buffer_add_char(out, ' ');
		output_flush(&asking->run->out);
		asking->is_silent = !read_line(asking, answer);
		if (asking->is_silent) {
			buffer_add_char(out, '\n');
			return;
		}
		is_state = !*answer || !state_parse(answer, &said);
		if (!is_state) {
			buffer_add_text(out, "    ");
			add_phrase(asking->run, out, LADDER_SAYS_ASK_NO_STATE, 0);
			buffer_add_char(out, '\n');
		}
	} while (!is_state);
	score->asked++;
	buffer_add_text(out, "    ");
	if (*answer && said == state->state) {
		score->right++;
		add_phrase(asking->run, out, LADDER_SAYS_ASK_RIGHT, 0);
	} else {
		add_phrase(asking->run, out, LADDER_SAYS_ASK_WRONG, 0);
		buffer_addf(out, " %s", state_name(state->state));
	}
	buffer_add_char(out, '\n');
}

static void ask_step(struct asking *asking, const struct ladder_step *step, struct ask_score *score)
{
	struct buffer *out = &asking->run->out.lines;

	if (step->kind == LADDER_DATA || asking->is_silent)
		return;
	buffer_add_text(out, "\n  ");
	if (step->kind == LADDER_SEGMENT)
		ladder_draw_arrow(&asking->run->settings, out, step);
	else
		add_phrase(asking->run, out, LADDER_SAYS_ASK_NOTHING, 0);
	buffer_add_char(out, '\n');
	ask(asking, LADDER_SAYS_ASK_LOCAL, &step->local, score);
	ask(asking, LADDER_SAYS_ASK_REMOTE, &step->remote, score);
}

void ask_ladder(struct run *run, const struct ladder *ladder, struct ask_score *score)
{
	struct asking asking = { .run = run };

	ladder_draw_head(&run->settings, &run->out.lines, ladder, false);
	for (size_t i = 0; i < ladder->count; i++) {
		ask_step(&asking, &ladder->steps[i], score);
		ladder_draw_step(&run->settings, &run->out.lines, ladder, i);
	}
	ladder_draw_end(&run->settings, &run->out.lines, ladder, true);
}

void ask_tell(struct run *run, const struct ask_score *score)
{
	struct buffer *out = &run->out.lines;
	size_t at;

	if (!score->asked)
		return;
	buffer_add_char(out, '\n');
	add_phrase(run, out, LADDER_SAYS_ASK_SCORE, score->right);
	buffer_add_char(out, ' ');
	at = out->size;
	add_phrase(run, out, LADDER_SAYS_ASK_OF, score->asked);
	sentence_close_up(out, at);
	buffer_add_char(out, '\n');
}
