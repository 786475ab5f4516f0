// SPDX-License-Identifier: GPL-2.0-only
/* The summary in words: what was seen, what was lost, what that means, and what to do about it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "user/base/text.h"
#include "user/sink/sink.h"
#include "user/sink/text/columns.h"
#include "user/sink/text/stuck_summary.h"

#define LINE_COLUMNS 80
#define SENTENCE_SIZE 512

typedef unsigned long long ull;

static void __attribute__((format(printf, 2, 3))) say(struct buffer *out, const char *format, ...)
{
	char sentence[SENTENCE_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	columns_paragraph(out, LINE_COLUMNS, 0, 2, sentence, strlen(sentence));
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* ", 3 evicted": the rare counts are told only when there is something to tell. */
static void add_count(char *text, size_t size, uint64_t count, const char *name)
{
	size_t used = strlen(text);

	if (count)
		snprintf(text + used, size - used, ", %llu %s", (ull)count, name);
}

static void say_half_open(struct buffer *out, const struct summary *sum)
{
	const uint64_t *ends = sum->connections.half_open;
	static const char *const words[HALF_OPEN_END_COUNT] = {
		[HALF_OPEN_ABANDONED] = "abandoned",
		[HALF_OPEN_RESET] = "reset by the peer",
		[HALF_OPEN_OVERFLOW] = "met a full accept queue",
		[HALF_OPEN_LISTENER_CLOSED] = "left by a closed listener",
		[HALF_OPEN_REFUSED] = "reset by this side",
		[HALF_OPEN_UNREACHABLE] = "unreachable",
		[HALF_OPEN_KILLED] = "killed",
		[HALF_OPEN_UNKNOWN] = "unknown",
	};
	char parts[SENTENCE_SIZE - 64] = "";
	uint64_t all = 0;

	for (int end = 0; end < HALF_OPEN_END_COUNT; end++) {
		all += ends[end];
		add_count(parts, sizeof(parts), ends[end], words[end]);
	}
	if (!all)
		return;
	add_count(parts, sizeof(parts), sum->half_open_unprinted, "not printed");
	say(out, "%llu half-open request%s died%s.", (ull)all, plural(all), parts);
}

/* No hook sees them: they made no request. */
static void say_overflows(struct buffer *out, const struct listen_counters *listen)
{
	const char *more = listen->unread ? "at least " : "";

	if (listen->drops)
		say(out, "Listeners dropped %s%llu segment%s, %llu by a full accept queue.", more,
		    (ull)listen->drops, plural(listen->drops), (ull)listen->overflows);
}

void sink_listen_words(struct buffer *out, const struct listen_counters *listen)
{
	const char *more = listen->unread ? "at least " : "";

	buffer_add_text(out, "accept queue overflow\n");
	if (listen->read)
		buffer_addf(out, "  count %s%llu, of %llu segments that listeners dropped\n", more,
			    (ull)listen->overflows, (ull)listen->drops);
	else
		buffer_add_text(out, "  count -\n");
}

static void say_connections(struct buffer *out, const struct summary *sum)
{
	const struct conn_counts *c = &sum->connections;
	uint64_t all = c->opened + c->seeded + c->restored;
	char rare[SENTENCE_SIZE / 2] = "";

	add_count(rare, sizeof(rare), c->seeded, "older than the trace");
	add_count(rare, sizeof(rare), c->restored, "restored");
	add_count(rare, sizeof(rare), c->unsent, "unsent");
	add_count(rare, sizeof(rare), c->incomplete, "incomplete");
	add_count(rare, sizeof(rare), c->evicted, "evicted");
	add_count(rare, sizeof(rare), c->seeds_left_out, "older and left out for lack of room");
	add_count(rare, sizeof(rare), c->listeners_left_out, "listeners left out");
	say(out, "%llu connection%s: %llu opened, %llu closed, %llu live%s.", (ull)all, plural(all),
	    (ull)c->opened, (ull)c->closed, (ull)c->live, rare);
	say_half_open(out, sum);
	say_overflows(out, &sum->listen);
	if (c->children_lost)
		say(out, "%llu server socket%s died before becoming a connection: not counted.",
		    (ull)c->children_lost, plural(c->children_lost));
}

static void say_events(struct buffer *out, const struct summary *sum)
{
	const struct event_counters *e = &sum->events;
	char duration[TEXT_DURATION_SIZE], lost[SENTENCE_SIZE / 4] = "";

	add_count(lost, sizeof(lost), e->ring_full, "LOST");
	add_count(lost, sizeof(lost), e->missed, "MISSED");
	add_count(lost, sizeof(lost), summary_unseen(sum), "UNSEEN");
	add_count(lost, sizeof(lost), e->dropped, "NOT RECORDED");
	add_count(lost, sizeof(lost), e->unread, "DAMAGED");
	add_count(lost, sizeof(lost), e->malformed, "NOT UNDERSTOOD");
	say(out, "%llu event%s in %s: %llu filtered, %llu received%s.", (ull)e->seen,
	    plural(e->seen), text_duration(sum->duration_ns, duration), (ull)e->filtered,
	    (ull)e->received, *lost ? lost : ", none lost");
}

/* "near the client of 3": one of several. */
static void add_part(char *text, size_t size, uint64_t count, const char *name)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s of %llu", used ? ", " : "", name, (ull)count);
}

/* What its packets were: what it lacks always, and all else if that is asked for. */
static void say_captured(struct buffer *out, const struct captured *c, bool verbose)
{
	char text[SENTENCE_SIZE] = "", step[TEXT_DURATION_SIZE] = "";

#define X(name, grave, words)                                \
	if (((grave) || verbose) && &c->name != &c->packets) \
		add_count(text, sizeof(text), c->name, words);
	CAPTURED_COUNTS(X)
#undef X
	if (c->resolution_ns)
		text_duration(c->resolution_ns, step);
	say(out, "%llu capture%s of %llu packets, whose clock has steps of %s%s.", (ull)c->captures,
	    plural(c->captures), (ull)c->packets, *step ? step : "unknown length", text);
}

/* Where it was made, as far as that shows, and what the times of both ends are for that. */
static void say_points(struct buffer *out, const struct captured *c)
{
	uint64_t near = c->points[EVENT_POINT_CLIENT] + c->points[EVENT_POINT_SERVER];
	uint64_t known = near + c->points[EVENT_POINT_BETWEEN];
	uint64_t all = known + c->points[EVENT_POINT_UNKNOWN];
	char where[SENTENCE_SIZE / 2] = "";

	if (!all)
		return;
	if (c->points[EVENT_POINT_CLIENT])
		add_part(where, sizeof(where), c->points[EVENT_POINT_CLIENT], "near the client");
	if (c->points[EVENT_POINT_SERVER])
		add_part(where, sizeof(where), c->points[EVENT_POINT_SERVER], "near the server");
	if (c->points[EVENT_POINT_BETWEEN])
		add_part(where, sizeof(where), c->points[EVENT_POINT_BETWEEN], "between the ends");
	if (known)
		say(out,
		    "Captured %s of %llu connection%s, as TTLs and delays suggest: %s. Handshakes "
		    "count from the SYN, at both ends.",
		    where, (ull)all, plural(all),
		    near ? "times of the near end are its own, those of the other one are when "
			   "its segments passed" :
			   "times are when segments passed");
	else
		say(out,
		    "Where it was captured, neither TTLs nor delays tell: times are when segments "
		    "passed. Handshakes count from the SYN, at both ends.");
}

/* What cannot be in what the kernel's side of this program says; anybody can make up a file. */
static const char *blame(const struct summary *sum)
{
	return sum->is_replayed ? "" : " This is a bug; please report it.";
}

/* "uid 1000 in network namespace 4026531840 (589)": who had most of what a bound cost. */
static void say_payers(struct buffer *out, const struct payers *payers, const char *what,
		       const char *paid)
{
	char whose[SENTENCE_SIZE / 2] = "";
	const struct payer *p;

	for (size_t rank = 0; payers && rank < SUMMARY_PAYERS && (p = payers_at(payers, rank));
	     rank++) {
		size_t used = strlen(whose);

		if (p->share.owner == SHARES_NOBODY)
			used += (size_t)snprintf(whose + used, sizeof(whose) - used,
						 "%snobody known", rank ? ", " : "");
		else
			used += (size_t)snprintf(whose + used, sizeof(whose) - used, "%s%s %lu",
						 rank ? ", " : "", what,
						 (unsigned long)p->share.owner);
		snprintf(whose + used, sizeof(whose) - used, " in network namespace %lu (%llu)",
			 (unsigned long)p->share.place, (ull)p->paid);
	}
	if (*whose)
		say(out, "Most of those that %s: %s.", paid, whose);
}

static void say_losses(struct buffer *out, const struct summary *sum)
{
	const struct event_counters *e = &sum->events;
	const struct conn_counts *c = &sum->connections;
	uint64_t unseen = summary_unseen(sum);

	if (e->ring_full)
		say(out,
		    "warning: %llu event%s did not fit in the ring buffer: connections are "
		    "missing or incomplete, counts too low. Give it more room with a larger "
		    "--ring, or trace less with a filter or --sample.",
		    (ull)e->ring_full, plural(e->ring_full));
	say_payers(out, sum->payers[SUMMARY_RING], "uid", "did not fit");
	if (e->missed)
		say(out,
		    "warning: the kernel skipped a hook %llu time%s, because the hook was "
		    "already running on that CPU: so many events may be missing. Another "
		    "--attach may avoid it.",
		    (ull)e->missed, plural(e->missed));
	if (e->skipped)
		say(out,
		    "note: the kernel skipped a hook %llu time%s that tells only of connects which "
		    "fail before a SYN: at most so many of them may be missing.",
		    (ull)e->skipped, plural(e->skipped));
	if (unseen)
		say(out,
		    "warning: the kernel called no hook for at least %llu event%s, and did not "
		    "say so.",
		    (ull)unseen, plural(unseen));
	if (e->dropped && sum->recording && sum->recording->is_broken && !sum->recording->is_left)
		say(out,
		    "warning: %llu event%s could not be recorded, for nothing more could be "
		    "written.",
		    (ull)e->dropped, plural(e->dropped));
	else if (e->dropped && !(sum->recording && sum->recording->is_left))
		say(out,
		    "warning: %llu event%s could not be recorded in time: use a faster disk, a "
		    "filter or --sample.",
		    (ull)e->dropped, plural(e->dropped));
	if (e->submitted != e->received)
		say(out,
		    "warning: %llu events were submitted but %llu received: the counts are "
		    "not exact.%s",
		    (ull)e->submitted, (ull)e->received, blame(sum));
	if (e->malformed)
		say(out, "warning: %llu record%s could not be understood and %s left out.%s",
		    (ull)e->malformed, plural(e->malformed), e->malformed == 1 ? "was" : "were",
		    blame(sum));
	if (c->gaps)
		say(out,
		    "warning: %llu transition%s had to be inferred, because events were "
		    "lost; durations beside them are withheld.",
		    (ull)c->gaps, plural(c->gaps));
	if (c->evicted)
		say(out,
		    "warning: %llu connection%s had to make room for others and were not "
		    "followed to the end. Raise --max-connections.",
		    (ull)c->evicted, plural(c->evicted));
	if (c->time_waits_evicted)
		say(out,
		    "warning: %llu connection%s in TIME_WAIT had to make room for others. Raise "
		    "--max-connections.",
		    (ull)c->time_waits_evicted, plural(c->time_waits_evicted));
	say_payers(out, sum->payers[SUMMARY_CONNECTIONS], "uid", "made room");
	say_payers(out, sum->payers[SUMMARY_HALF_OPEN_LINES], "port", "were not printed");
	say_payers(out, sum->payers[SUMMARY_LISTENERS], "uid", "listened and made room");
	if (sum->mptcp_early)
		say(out,
		    "warning: %llu MPTCP connection%s told of before the last subflow had ended, "
		    "to make room for others.",
		    (ull)sum->mptcp_early, sum->mptcp_early == 1 ? " was" : "s were");
	say_payers(out, sum->payers[SUMMARY_MPTCP], "uid", "were told of too early");
	if (sum->names_lost)
		say(out,
		    "warning: %llu name%s of processes found no room: the thread's stands in its "
		    "place.",
		    (ull)sum->names_lost, plural(sum->names_lost));
	say_payers(out, sum->payers[SUMMARY_NAMES], "uid", "found no room for a name");
	if (sum->resent_lost)
		say(out,
		    "warning: of %llu connection%s it is not known what was sent again, for lack "
		    "of room.",
		    (ull)sum->resent_lost, plural(sum->resent_lost));
	say_payers(out, sum->payers[SUMMARY_RESENT], "uid", "made room there");
	say_payers(out, sum->payers[SUMMARY_SEEDS], "uid", "were older and left out");
	say_payers(out, sum->payers[SUMMARY_STORIES], "uid", "were forgotten");
	if (e->kin_full)
		say(out, "warning: %llu child process%s not followed for lack of room.",
		    (ull)e->kin_full, e->kin_full == 1 ? " was" : "es were");
	if (e->sample_full)
		say(out, "warning: %llu connection%s left out of the sample for lack of room.",
		    (ull)e->sample_full, e->sample_full == 1 ? " was" : "s were");
	say_payers(out, sum->payers[SUMMARY_SAMPLE], "uid", "were left out");
	if (e->passed_full)
		say(out,
		    "note: %llu connection%s followed against --budget, for lack of room to leave "
		    "%s out: it may have cost more.",
		    (ull)e->passed_full, e->passed_full == 1 ? " was" : "s were",
		    e->passed_full == 1 ? "it" : "them");
	say_payers(out, sum->payers[SUMMARY_PASSED], "uid", "were followed against it");
	if (e->notes_full)
		say(out,
		    "warning: of %llu segment%s there was no room for the time: as many deferred "
		    "handshakes have an estimate, and TIME_WAITs none.",
		    (ull)e->notes_full, plural(e->notes_full));
	say_payers(out, sum->payers[SUMMARY_NOTES], "uid", "had no room for a time");
	if (sum->values_crowded)
		say(out,
		    "warning: %llu value%s of groups for which there was no room %s counted "
		    "with the others, whatever their size. Group by less, or use a filter.",
		    (ull)sum->values_crowded, plural(sum->values_crowded),
		    sum->values_crowded == 1 ? "is" : "are");
	say_payers(out, sum->payers[SUMMARY_GROUPS], "uid", "found no group of their own");
	say_payers(out, sum->payers[SUMMARY_FAILURES], "uid", "failed in too many ways");
	if (sum->failures_lost)
		say(out, "warning: %llu failure%s counted with the others for lack of memory.",
		    (ull)sum->failures_lost, sum->failures_lost == 1 ? " is" : "s are");
	if (sum->values_lost)
		say(out,
		    "warning: %llu value%s missing from the histograms: there was no memory "
		    "for them.",
		    (ull)sum->values_lost, sum->values_lost == 1 ? " is" : "s are");
}

void sink_payer_words(struct buffer *out, const struct summary *sum)
{
	say_payers(out, sum->payers[SUMMARY_STACKS], "uid", "were opened by such a stack");
	say_payers(out, sum->payers[SUMMARY_HOLDERS], "uid", "hold sockets and were left out");
}

static void say_hooks(struct buffer *out, const struct summary *sum)
{
	char text[SENTENCE_SIZE / 2] = "";
	size_t used = 0;

	for (size_t i = 0; i < sum->hook_count && used < sizeof(text); i++) {
		const struct summary_hook *hook = &sum->hooks[i];
		int size = snprintf(text + used, sizeof(text) - used, "%s%s by %s", i ? ", " : "",
				    hook->family, hook->rung ? hook->rung : "none");

		if (size < 0)
			return;
		used += (size_t)size;
	}
	if (sum->hook_count)
		say(out, "hooks: %s.", text);
}

static void say_recording(struct buffer *out, const struct summary_recording *r)
{
	char files[SENTENCE_SIZE / 8] = "";

	if (r->parts > 1)
		snprintf(files, sizeof(files), " in %u parts", r->parts);
	say(out, "%llu event%s recorded, %llu bytes%s.", (ull)r->records, plural(r->records),
	    (ull)r->bytes, files);
}

void sink_summary_words(struct buffer *out, const struct summary *sum, bool verbose)
{
	if (sum->stuck) {
		text_stuck_summary(out, sum);
		return;
	}
	if (sum->recording) {
		say_recording(out, sum->recording);
		say_overflows(out, &sum->listen);
	} else {
		say_connections(out, sum);
	}
	say_events(out, sum);
	if (sum->captured.captures)
		say_captured(out, &sum->captured, verbose);
	if (sum->captured.captures && !sum->recording)
		say_points(out, &sum->captured);
	if (verbose)
		say_hooks(out, sum);
	say_losses(out, sum);
}
