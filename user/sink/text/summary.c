// SPDX-License-Identifier: GPL-2.0-only
/* The summary in words: what was seen, what was lost, what that means, and what to do about it. */
#include <stdio.h>

#include "user/base/sentence.h"
#include "user/base/text.h"
#include "user/sink/sink.h"
#include "user/sink/text/phrase.h"
#include "user/sink/text/stuck_summary.h"
#include "user/sink/text/summary_phrase.h"

#define INDENT 2
#define PERCENT_SIZE 16
#define SAYS(NAME) SUMMARY_SAYS_##NAME

/* Where a sentence is made, of pieces, and where it goes then. */
struct speech {
	struct buffer line, *out;
	enum ladder_language language;
	unsigned int columns;
};

/* A piece, and what its holes are filled with: .n = 3. */
#define SAY(to, NAME, ...) SAY_EITHER(to, SAYS(NAME), __VA_ARGS__)
#define SAY_EITHER(to, phrase, ...)                                              \
	sentence_add(&(to)->line, summary_phrase_text((phrase), (to)->language), \
		     &(struct sentence_words){ __VA_ARGS__ })
/* A number of things, of which there is one, or are many. */
#define COUNT(to, count, NAME, ...) \
	SAY_EITHER(to, (count) == 1 ? SAYS(NAME##_ONE) : SAYS(NAME), .n = (count), __VA_ARGS__)

const char *summary_phrase_text(enum summary_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [SAYS(NAME)] = { en, zh },
		SUMMARY_PHRASES(X)
#undef X
	};

	return language_pick(texts, SUMMARY_PHRASE_COUNT, phrase, language);
}

static void begin(struct speech *to, struct buffer *out, const struct summary *sum)
{
	*to = (struct speech){ .out = out,
			       .language = sum->language,
			       .columns = summary_columns(sum) };
	buffer_init(&to->line);
}

/* What was said is a paragraph; the next one may begin. */
static void end(struct speech *to)
{
	if (to->line.failed)
		to->out->failed = true;
	else if (to->line.size)
		phrase_add_hanging(to->out, to->line.bytes, to->line.size, INDENT, to->columns);
	buffer_clear(&to->line);
}

static void done(struct speech *to)
{
	end(to);
	buffer_done(&to->line);
}

/* ", 3 evicted": the rare counts are told only when there is something to tell. */
static void add_count(struct speech *to, uint64_t count, enum summary_phrase phrase)
{
	if (count)
		SAY_EITHER(to, phrase, .n = count);
}

static void say_half_open(struct speech *to, const struct summary *sum)
{
	const uint64_t *ends = sum->connections.half_open;
	static const enum summary_phrase words[HALF_OPEN_END_COUNT] = {
		[HALF_OPEN_ABANDONED] = SAYS(ABANDONED),
		[HALF_OPEN_RESET] = SAYS(RESET_BY_PEER),
		[HALF_OPEN_OVERFLOW] = SAYS(OVERFLOW),
		[HALF_OPEN_LISTENER_CLOSED] = SAYS(LISTENER_CLOSED),
		[HALF_OPEN_REFUSED] = SAYS(REFUSED),
		[HALF_OPEN_UNREACHABLE] = SAYS(UNREACHABLE),
		[HALF_OPEN_KILLED] = SAYS(KILLED),
		[HALF_OPEN_UNKNOWN] = SAYS(UNKNOWN),
	};
	uint64_t all = 0;

	for (int end = 0; end < HALF_OPEN_END_COUNT; end++)
		all += ends[end];
	if (!all)
		return;
	COUNT(to, all, HALF_OPEN);
	for (int end = 0; end < HALF_OPEN_END_COUNT; end++)
		add_count(to, ends[end], words[end]);
	add_count(to, sum->half_open_unprinted, SAYS(NOT_PRINTED));
	SAY(to, STOP);
	end(to);
}

/* No hook sees them: they made no request. */
static void say_overflows(struct speech *to, const struct listen_counters *listen)
{
	if (!listen->drops)
		return;
	if (listen->unread)
		COUNT(to, listen->drops, DROPPED_LEAST, .m = listen->overflows);
	else
		COUNT(to, listen->drops, DROPPED, .m = listen->overflows);
	end(to);
}

void sink_listen_words(struct buffer *out, const struct listen_counters *listen,
		       enum ladder_language language)
{
	enum summary_phrase count = !listen->read  ? SAYS(OVERFLOWS_UNKNOWN) :
				    listen->unread ? SAYS(OVERFLOWS_LEAST) :
						     SAYS(OVERFLOWS_COUNT);

	buffer_addf(out, "%s\n  ", summary_phrase_text(SAYS(OVERFLOWS), language));
	sentence_add(out, summary_phrase_text(count, language),
		     &(struct sentence_words){ .n = listen->overflows, .m = listen->drops });
	buffer_add_char(out, '\n');
}

static void say_connections(struct speech *to, const struct summary *sum)
{
	const struct conn_counts *c = &sum->connections;
	uint64_t all = c->opened + c->seeded + c->restored;

	COUNT(to, all, CONNECTIONS);
	SAY(to, LIVES, .n = c->opened, .m = c->closed, .k = c->live);
	add_count(to, c->seeded, SAYS(SEEDED));
	add_count(to, c->restored, SAYS(RESTORED));
	add_count(to, c->unsent, SAYS(UNSENT));
	add_count(to, c->incomplete, SAYS(INCOMPLETE));
	add_count(to, c->evicted, SAYS(EVICTED));
	add_count(to, c->seeds_left_out, SAYS(SEEDS_LEFT_OUT));
	add_count(to, c->listeners_left_out, SAYS(LISTENERS_LEFT_OUT));
	add_count(to, sum->time_waits_unprinted, SAYS(TIME_WAITS_UNPRINTED));
	SAY(to, STOP);
	end(to);
	say_half_open(to, sum);
	say_overflows(to, &sum->listen);
	if (c->children_lost)
		COUNT(to, c->children_lost, CHILDREN_LOST);
	end(to);
}

static void say_events(struct speech *to, const struct summary *sum)
{
	const struct event_counters *e = &sum->events;
	char duration[TEXT_DURATION_SIZE];
	const struct {
		uint64_t count;
		enum summary_phrase phrase;
	} lost[] = {
		{ e->ring_full, SAYS(LOST) },	       { e->missed, SAYS(MISSED) },
		{ summary_unseen(sum), SAYS(UNSEEN) }, { e->dropped, SAYS(NOT_RECORDED) },
		{ e->unread, SAYS(DAMAGED) },	       { e->malformed, SAYS(NOT_UNDERSTOOD) },
	};
	bool is_lost = false;

	COUNT(to, e->seen, EVENTS, .w = text_duration(sum->duration_ns, duration));
	SAY(to, RECEIVED, .n = e->filtered, .m = e->received);
	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++) {
		add_count(to, lost[i].count, lost[i].phrase);
		is_lost |= lost[i].count;
	}
	if (sum->is_torn)
		SAY(to, TORN);
	else if (!is_lost)
		SAY(to, NONE_LOST);
	SAY(to, STOP);
	end(to);
}

/* What its packets were: what it lacks always, and all else if that is asked for. */
static void say_captured(struct speech *to, const struct summary *sum, bool verbose)
{
	const struct captured *c = &sum->captured;
	char step[TEXT_DURATION_SIZE];

	SAY(to, CAPTURES, .n = c->captures, .m = c->packets);
	if (!sum->duration_ns && c->packets > c->timeless + 1)
		SAY(to, CLOCK_STANDS);
	else if (c->resolution_ns)
		SAY(to, CLOCK_STEP, .w = text_duration(c->resolution_ns, step));
	else
		SAY(to, CLOCK_UNKNOWN);
#define X(name, grave, words)                                \
	if (((grave) || verbose) && &c->name != &c->packets) \
		add_count(to, c->name, SAYS(CAPTURED_##name));
	CAPTURED_COUNTS(X)
#undef X
	SAY(to, STOP);
	end(to);
}

/* Where it was made, as far as that shows, and what the times of both ends are for that. */
static void say_points(struct speech *to, const struct captured *c)
{
	static const struct {
		unsigned int point;
		enum summary_phrase phrase;
	} places[] = {
		{ EVENT_POINT_CLIENT, SAYS(NEAR_CLIENT) },
		{ EVENT_POINT_SERVER, SAYS(NEAR_SERVER) },
		{ EVENT_POINT_BETWEEN, SAYS(BETWEEN) },
	};
	uint64_t near = c->points[EVENT_POINT_CLIENT] + c->points[EVENT_POINT_SERVER];
	uint64_t known = near + c->points[EVENT_POINT_BETWEEN];
	uint64_t all = known + c->points[EVENT_POINT_UNKNOWN];
	enum summary_phrase before = SAYS(CAPTURED_AT);

	if (!all)
		return;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (!c->points[places[i].point])
			continue;
		SAY_EITHER(to, before, .n = all);
		SAY_EITHER(to, places[i].phrase, .n = c->points[places[i].point]);
		before = SAYS(COMMA);
	}
	if (!known)
		SAY(to, POINTS_UNKNOWN);
	else
		COUNT(to, all, POINTS);
	if (near)
		SAY(to, TIMES_NEAR);
	else
		SAY(to, TIMES_PASSED);
	SAY(to, FROM_SYN);
	end(to);
}

/* Who had most of what a bound cost. */
static void say_payers(struct speech *to, const struct payers *payers, enum summary_phrase payer,
		       enum summary_phrase paid)
{
	const struct payer *p;
	size_t rank = 0;

	for (; payers && rank < SUMMARY_PAYERS && (p = payers_at(payers, rank)); rank++) {
		if (rank)
			SAY(to, COMMA);
		else
			SAY(to, MOST, .w = summary_phrase_text(paid, to->language));
		SAY_EITHER(to, p->share.owner == SHARES_NOBODY ? SAYS(PAYER_NOBODY) : payer,
			   .n = p->share.owner, .m = p->share.place, .k = p->paid);
	}
	if (rank)
		SAY(to, STOP);
	end(to);
}

static void say_bound(struct speech *to, const struct summary *sum, enum summary_bound bound,
		      enum summary_phrase paid)
{
	say_payers(to, sum->payers[bound], SAYS(PAYER_UID), paid);
}

/* What cannot be in what the kernel's side of this program says; anybody can make up a file. */
static void blame(struct speech *to, const struct summary *sum)
{
	if (!sum->is_replayed)
		SAY(to, BUG);
	end(to);
}

/* A sentence about a number, if there is any. */
#define TELL(to, count, NAME)                   \
	do {                                    \
		if (count)                      \
			COUNT(to, count, NAME); \
		end(to);                        \
	} while (0)

static void say_unrecorded(struct speech *to, const struct summary *sum)
{
	const struct summary_recording *r = sum->recording;

	if (!sum->events.dropped || (r && r->is_left))
		return;
	if (sum->is_broken)
		TELL(to, sum->events.dropped, UNWRITTEN);
	else
		TELL(to, sum->events.dropped, TOO_SLOW);
}

/* Of events, on their way here. */
static void say_lost_events(struct speech *to, const struct summary *sum)
{
	const struct event_counters *e = &sum->events;

	TELL(to, e->ring_full, RING_FULL);
	say_bound(to, sum, SUMMARY_RING, SAYS(PAID_RING));
	TELL(to, e->missed, HOOK_MISSED);
	TELL(to, e->skipped, HOOK_SKIPPED);
	TELL(to, summary_unseen(sum), NO_HOOK);
	say_unrecorded(to, sum);
	if (e->submitted != e->received) {
		SAY(to, NOT_EXACT, .n = e->submitted, .m = e->received);
		blame(to, sum);
	}
	if (e->malformed) {
		COUNT(to, e->malformed, MALFORMED);
		blame(to, sum);
	}
}

/* Of a capture nothing need have been lost: it may have begun late, or an end just vanished. */
static void say_gaps(struct speech *to, const struct summary *sum)
{
	bool has_lost = event_counters_lost(&sum->events) || summary_unseen(sum);

	if (sum->captured.captures && !has_lost)
		TELL(to, sum->connections.gaps, GAPS_CAPTURED);
	else
		TELL(to, sum->connections.gaps, GAPS);
}

/* Of connections, for which there was no room. */
static void say_lost_connections(struct speech *to, const struct summary *sum)
{
	const struct conn_counts *c = &sum->connections;

	say_gaps(to, sum);
	TELL(to, c->evicted, MADE_ROOM);
	TELL(to, c->time_waits_evicted, TIME_WAITS);
	say_bound(to, sum, SUMMARY_CONNECTIONS, SAYS(PAID_CONNECTIONS));
	say_payers(to, sum->payers[SUMMARY_HALF_OPEN_LINES], SAYS(PAYER_PORT), SAYS(PAID_LINES));
	say_bound(to, sum, SUMMARY_LISTENERS, SAYS(PAID_LISTENERS));
	TELL(to, sum->mptcp_early, MPTCP_EARLY);
	say_bound(to, sum, SUMMARY_MPTCP, SAYS(PAID_MPTCP));
	TELL(to, sum->names_lost, NAMES_LOST);
	say_bound(to, sum, SUMMARY_NAMES, SAYS(PAID_NAMES));
	TELL(to, sum->resent_lost, RESENT_LOST);
	say_bound(to, sum, SUMMARY_RESENT, SAYS(PAID_RESENT));
	say_bound(to, sum, SUMMARY_SEEDS, SAYS(PAID_SEEDS));
	say_bound(to, sum, SUMMARY_STORIES, SAYS(PAID_STORIES));
}

static void say_losses(struct speech *to, const struct summary *sum)
{
	const struct event_counters *e = &sum->events;

	say_lost_events(to, sum);
	say_lost_connections(to, sum);
	TELL(to, e->kin_full, KIN_FULL);
	TELL(to, e->sample_full, SAMPLE_FULL);
	say_bound(to, sum, SUMMARY_SAMPLE, SAYS(PAID_SAMPLE));
	TELL(to, e->passed_full, PASSED_FULL);
	say_bound(to, sum, SUMMARY_PASSED, SAYS(PAID_PASSED));
	TELL(to, e->notes_full, NOTES_FULL);
	say_bound(to, sum, SUMMARY_NOTES, SAYS(PAID_NOTES));
	TELL(to, sum->values_crowded, VALUES_CROWDED);
	say_bound(to, sum, SUMMARY_GROUPS, SAYS(PAID_GROUPS));
	say_bound(to, sum, SUMMARY_FAILURES, SAYS(PAID_FAILURES));
	TELL(to, sum->failures_lost, FAILURES_LOST);
	TELL(to, sum->values_lost, VALUES_LOST);
}

void sink_payer_words(struct buffer *out, const struct summary *sum)
{
	struct speech to;

	begin(&to, out, sum);
	say_bound(&to, sum, SUMMARY_STACKS, SAYS(PAID_STACKS));
	say_bound(&to, sum, SUMMARY_HOLDERS, SAYS(PAID_HOLDERS));
	done(&to);
}

void sink_stack_words(struct buffer *out, const struct summary *sum)
{
	struct speech to;

	begin(&to, out, sum);
	TELL(&to, sum->events.stacks_full, STACKS_FULL);
	TELL(&to, sum->events.stacks_unknown, STACKS_UNKNOWN);
	done(&to);
}

void sink_sample_words(struct buffer *out, const struct summary *sum)
{
	const struct event_counters *e = &sum->events;
	uint64_t followed = e->births > e->unsampled ? e->births - e->unsampled : 0;
	char percent[PERCENT_SIZE];
	struct speech to;

	if (!e->unsampled)
		return;
	snprintf(percent, sizeof(percent), "%.3g", 100 * summary_sampling_ratio(sum));
	begin(&to, out, sum);
	SAY_EITHER(&to,
		   e->births == 1 ? followed == 1 ? SAYS(SAMPLED_ONE) : SAYS(SAMPLED_NONE_OF_ONE) :
		   followed == 1  ? SAYS(SAMPLED_ONE_OF) :
				    SAYS(SAMPLED),
		   .n = e->births, .m = followed, .w = percent);
	done(&to);
}

static void say_hooks(struct speech *to, const struct summary *sum)
{
	for (size_t i = 0; i < sum->hook_count; i++) {
		const struct summary_hook *hook = &sum->hooks[i];

		if (i)
			SAY(to, COMMA);
		else
			SAY(to, HOOKS);
		SAY(to, HOOK, .w = hook->family,
		    .v = hook->rung ? hook->rung :
				      summary_phrase_text(SAYS(NO_RUNG), to->language));
	}
	if (sum->hook_count)
		SAY(to, STOP);
	end(to);
}

static void say_recording(struct speech *to, const struct summary_recording *r)
{
	COUNT(to, r->records, RECORDED, .m = r->bytes);
	if (r->parts > 1)
		SAY(to, IN_PARTS, .n = r->parts);
	SAY(to, STOP);
	end(to);
}

void sink_summary_words(struct buffer *out, const struct summary *sum, bool verbose)
{
	struct speech to;

	if (sum->stuck) {
		text_stuck_summary(out, sum);
		return;
	}
	begin(&to, out, sum);
	if (sum->recording) {
		say_recording(&to, sum->recording);
		say_overflows(&to, &sum->listen);
	} else {
		say_connections(&to, sum);
	}
	say_events(&to, sum);
	if (sum->captured.captures)
		say_captured(&to, sum, verbose);
	if (sum->captured.captures && !sum->recording)
		say_points(&to, &sum->captured);
	if (verbose)
		say_hooks(&to, sum);
	say_losses(&to, sum);
	done(&to);
}
