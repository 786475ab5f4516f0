// SPDX-License-Identifier: GPL-2.0-only
/* --fail-if: a condition on the numbers of a run, which decides its exit status. */
#include "user/run/gate.h"

#include <errno.h>
#include <string.h>

#include "user/base/text.h"
#include "user/run/complaints.h"
#include "user/run/run.h"

#define STATUS_FAILED 2
#define STATUS_HOLDS 3
#define SHOWN 60 /* columns of what was said, in a sentence */

static int read_condition(struct gate *gate, condition_find *find)
{
	char why[CONDITION_WHY_SIZE];
	struct buffer said;

	if (!condition_parse(gate->text, find, &gate->condition, log_language, why))
		return 0;
	buffer_init(&said);
	text_add_escaped(&said, gate->text, strlen(gate->text), SHOWN);
	buffer_add_char(&said, '\0');
	RUN_COMPLAIN(CONDITION_BAD, .w = said.failed ? "" : said.bytes, .v = why);
	buffer_done(&said);
	return -EINVAL;
}

int gate_init(struct gate *gate, const struct options *options, condition_find *find)
{
	*gate = (struct gate){ .text = options->fail_if };
	if (!gate->text)
		return 0;
	if (read_condition(gate, find))
		return -EINVAL;
	gate->histograms = histogram_set_new(0, 1);
	if (gate->histograms)
		return 0;
	RUN_COMPLAIN(NO_MEMORY);
	return -ENOMEM;
}

void gate_done(struct gate *gate)
{
	histogram_set_free(gate->histograms);
}

struct consumer *gate_consumer(const struct gate *gate)
{
	return gate->histograms ? histogram_set_consumer(gate->histograms) : NULL;
}

static enum quantity_knowledge read_value(const void *context, const struct quantity *q,
					  double *ret_value)
{
	return quantity_read(q, context, ret_value);
}

void gate_judge(struct gate *gate, struct run *run, const struct failure_set *failures,
		const struct summary *sum)
{
	const struct quantity_values values = { gate->histograms, failures, sum };

	if (gate->text)
		gate_judge_by(gate, run, read_value, &values);
}

/* In one sentence, unless all is well. */
static void say(const struct gate *gate, const struct judgement *judgement)
{
	struct buffer words;
	const char *said;

	if (gate->verdict == CONDITION_FAILS)
		return;
	buffer_init(&words);
	condition_say(&gate->condition, judgement, log_language, &words);
	buffer_add_char(&words, '\0');
	said = words.failed ? RUN_SAYS(NO_MEMORY) : words.bytes;
	if (gate->verdict == CONDITION_HOLDS)
		RUN_COMPLAIN(CONDITION_HOLDS, .w = said);
	else
		RUN_COMPLAIN(CONDITION_UNDECIDED, .w = said);
	buffer_done(&words);
}

void gate_judge_by(struct gate *gate, struct run *run, condition_read *read, const void *context)
{
	struct judgement judgement;

	if (!gate->text)
		return;
	condition_judge(&gate->condition, read, context, &judgement);
	gate->verdict = judgement.verdict;
	gate->is_judged = true;
	if (run->sink->verdict)
		run->sink->verdict(&run->settings, &run->out.lines, gate->text, &gate->condition,
				   &judgement);
	output_flush(&run->out);
	say(gate, &judgement);
}

int gate_status(const struct gate *gate, int status)
{
	if (!gate->is_judged || gate->verdict == CONDITION_FAILS)
		return status;
	return gate->verdict == CONDITION_HOLDS ? STATUS_HOLDS : STATUS_FAILED;
}
