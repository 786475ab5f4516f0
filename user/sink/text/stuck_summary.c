// SPDX-License-Identifier: GPL-2.0-only
/* The last lines of stuck: how many there are, and what could not be seen. */
#include "user/sink/text/stuck_summary.h"

#include "user/aggregate/stuck.h"
#include "user/aggregate/stuck_phrase.h"
#include "user/base/text.h"
#include "user/sink/text/phrase.h"

#define INDENT 2
#define SAYS(NAME) STUCK_SAYS_##NAME

typedef const struct stuck_speech *speech;

/* A paragraph of what was said; the buffer is empty then. */
static void end(speech to, struct buffer *out, const struct summary *sum)
{
	if (to->out->failed)
		out->failed = true;
	else if (to->out->size)
		phrase_add_hanging(out, to->out->bytes, to->out->size, INDENT,
				   summary_columns(sum));
	buffer_clear(to->out);
}

static void say_if(speech to, enum stuck_phrase one, enum stuck_phrase many, uint64_t count)
{
	if (count)
		stuck_say_number(to, count == 1 ? one : many, count);
}

static void say_sum(speech to, const struct summary *sum)
{
	const struct stuck_counts *c = sum->stuck;
	char duration[TEXT_DURATION_SIZE];

	if (c->stuck)
		stuck_say_number(to, c->stuck == 1 ? SAYS(SUM_ONE) : SAYS(SUM_MANY), c->stuck);
	else
		stuck_say(to, c->age_unknown || c->accept_unknown || sum->is_torn ||
					      stuck_counts_are_partial(c) ?
				      SAYS(SUM_NONE_KNOWN) :
				      SAYS(SUM_NONE));
	say_if(to, SAYS(SUM_BEGUN), SAYS(SUM_BEGUN), c->begun);
	say_if(to, SAYS(SUM_RELEASED), SAYS(SUM_RELEASED), c->released);
	say_if(to, SAYS(SUM_YOUNG), SAYS(SUM_YOUNG), c->young);
	say_if(to, SAYS(SUM_MOVING), SAYS(SUM_MOVING), c->moving);
	say_if(to, SAYS(SUM_IN_FLIGHT_ONE), SAYS(SUM_IN_FLIGHT), c->in_flight);
	say_if(to, SAYS(SUM_EXEC_FAILED_ONE), SAYS(SUM_EXEC_FAILED), c->exec_failed);
	say_if(to, SAYS(SUM_EXEC_DROPPED_ONE), SAYS(SUM_EXEC_DROPPED), c->exec_dropped);
	stuck_say_words(to,
			c->is_past  ? SAYS(SUM_RECORDED) :
			c->is_watch ? SAYS(SUM_WATCHED) :
				      SAYS(SUM_LOOKED),
			text_duration(sum->duration_ns, duration), 0);
	stuck_say(to, SAYS(STOP));
}

static void say_unseen(speech to, const struct stuck_counts *c)
{
	const struct {
		enum stuck_phrase one, many;
		uint64_t count;
	} parts[] = {
		{ SAYS(UNSEEN_HOLDERS_ONE), SAYS(UNSEEN_HOLDERS), c->holders_unknown },
		{ SAYS(UNSEEN_PROCESSES_ONE), SAYS(UNSEEN_PROCESSES), c->unreadable_processes },
		{ SAYS(UNSEEN_NAMESPACES_ONE), SAYS(UNSEEN_NAMESPACES), c->unreadable_namespaces },
		{ SAYS(UNSEEN_CROWDED_ONE), SAYS(UNSEEN_CROWDED), c->crowded_namespaces },
		{ SAYS(UNSEEN_SUBFLOWS_ONE), SAYS(UNSEEN_SUBFLOWS), c->unreadable_subflows },
		{ SAYS(UNSEEN_HIDDEN_ONE), SAYS(UNSEEN_HIDDEN), c->hidden_processes },
		{ SAYS(UNSEEN_PARTS_ONE), SAYS(UNSEEN_PARTS), c->parts_missing },
		{ SAYS(UNSEEN_LOST_ONE), SAYS(UNSEEN_LOST), c->events_lost },
		{ SAYS(UNSEEN_CHANCE_ONE), SAYS(UNSEEN_CHANCE), c->unsampled },
		{ SAYS(UNSEEN_OLDER), SAYS(UNSEEN_OLDER), c->older_unknown },
		{ SAYS(UNSEEN_VANISHED), SAYS(UNSEEN_VANISHED), c->vanished },
		{ SAYS(UNSEEN_AGE_ONE), SAYS(UNSEEN_AGE), c->age_unknown },
		{ SAYS(UNSEEN_ACCEPT_ONE), SAYS(UNSEEN_ACCEPT), c->accept_unknown },
		{ SAYS(UNSEEN_DROPPED), SAYS(UNSEEN_DROPPED), c->dropped },
	};
	enum stuck_phrase before = SAYS(UNSEEN);

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (!parts[i].count)
			continue;
		stuck_say(to, before);
		say_if(to, parts[i].one, parts[i].many, parts[i].count);
		before = SAYS(COMMA);
	}
	if (before == SAYS(COMMA))
		stuck_say(to, SAYS(STOP));
}

void text_stuck_summary(struct buffer *out, const struct summary *sum)
{
	struct buffer sentence;
	const struct stuck_speech to = { &sentence, sum->language };

	buffer_init(&sentence);
	say_sum(&to, sum);
	end(&to, out, sum);
	say_unseen(&to, sum->stuck);
	end(&to, out, sum);
	buffer_done(&sentence);
}
