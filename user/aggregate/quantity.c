// SPDX-License-Identifier: GPL-2.0-only
/* Finds numbers of a run by their names: in histograms, among failures, in the summary. */
#include "user/aggregate/quantity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "user/base/units.h"
#include "user/conn/cause.h"
#include "user/conn/resent.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FAILURES "failures"
#define BY_CAUSE "by_cause"
#define RATE ".rate"
#define SHARE ".share"
#define QUANTILE_DIGITS_MIN 2 /* of a hundred */
#define QUANTILE_DIGITS_MAX 6

static const char *const stats[] = {
#define X(NAME, name) [QUANTITY_STAT_##NAME] = name,
	QUANTITY_STATS(X)
#undef X
};

static const char *const histograms[HISTOGRAM_COUNT] = {
#define X(NAME, name, en, zh) [HISTOGRAM_##NAME] = name,
	HISTOGRAMS(X)
#undef X
};

/* Of the summary: a number that is there, and the family without which it is unknown. */
static const struct field {
	const char *name;
	size_t at;
	const char *family; /* NULL: it is known */
	enum quantity_unit unit;
} fields[] = {
#define AT(member) offsetof(struct summary, member)
#define X(name, loss) { "events." #name, AT(events.name), NULL, QUANTITY_COUNT },
	EVENT_COUNTERS(X, X, X)
#undef X
#define X(name) { "connections." #name, AT(connections.name), NULL, QUANTITY_COUNT },
		SUMMARY_TOLD(X)
#undef X
#define X(NAME, outcome, cause, name)                                                \
	{ "half_open." name, AT(connections.half_open[HALF_OPEN_##NAME]), "passive", \
	  QUANTITY_COUNT },
			HALF_OPEN_ENDS(X)
#undef X
				{ "gaps", AT(connections.gaps), NULL, QUANTITY_COUNT },
	{ "resets.sent", AT(connections.resets_sent), "reset", QUANTITY_COUNT },
	{ "resets.received", AT(connections.resets_received), "reset", QUANTITY_COUNT },
	{ "resets.stray", AT(connections.resets_stray), "reset", QUANTITY_COUNT },
#define X(NAME, name)                                                                              \
	{ "retransmits." name, AT(connections.retransmits[EVENT_RETRANSMIT_##NAME]), "retransmit", \
	  QUANTITY_COUNT },
	RESENT_NAMES(X)
#undef X
		{ "duration_ns", AT(duration_ns), NULL, QUANTITY_NS },
	{ "values_lost", AT(values_lost), NULL, QUANTITY_COUNT },
	{ "values_crowded", AT(values_crowded), NULL, QUANTITY_COUNT },
	{ "half_open_unprinted", AT(half_open_unprinted), NULL, QUANTITY_COUNT },
	{ "time_waits_unprinted", AT(time_waits_unprinted), NULL, QUANTITY_COUNT },
	{ "mptcp_early", AT(mptcp_early), NULL, QUANTITY_COUNT },
	{ "names_lost", AT(names_lost), NULL, QUANTITY_COUNT },
	{ "resent_lost", AT(resent_lost), NULL, QUANTITY_COUNT },
	{ "failures_lost", AT(failures_lost), NULL, QUANTITY_COUNT },
	{ "listen_overflows", AT(listen.overflows), NULL, QUANTITY_COUNT },
	{ "listen_drops", AT(listen.drops), NULL, QUANTITY_COUNT },
};
_Static_assert(COUNT(fields) <= UINT8_MAX, "struct quantity has their number");

/* Those that are no plain field. */
static const struct {
	const char *name;
	enum quantity_kind kind;
	enum quantity_unit unit;
} others[] = {
	{ "lost", QUANTITY_OF_LOST, QUANTITY_COUNT },
	{ "unseen", QUANTITY_OF_UNSEEN, QUANTITY_COUNT },
	{ "sampling_ratio", QUANTITY_OF_SAMPLING, QUANTITY_SHARE },
	{ FAILURES, QUANTITY_OF_FAILURES, QUANTITY_COUNT },
};

static const char *const families[HISTOGRAM_COUNT] = {
	[HISTOGRAM_HANDSHAKE_SERVER] = "passive",
	[HISTOGRAM_HALF_OPEN] = "passive",
	[HISTOGRAM_ACCEPT_QUEUE] = "accept",
	[HISTOGRAM_TIME_WAIT] = "time_wait",
};

static bool is_name(const char *name, size_t size, const char *other)
{
	return other && strlen(other) == size && !memcmp(name, other, size);
}

/* Takes the beginning off a name that has it. */
static bool takes_off(const char **name, size_t *size, const char *first)
{
	size_t length = strlen(first);

	if (*size <= length || memcmp(*name, first, length) != 0)
		return false;
	*name += length;
	*size -= length;
	return true;
}

/* Takes the end off a name that has it. */
static bool ends_with(const char *name, size_t *size, const char *end)
{
	size_t length = strlen(end);

	if (*size <= length || memcmp(name + *size - length, end, length) != 0)
		return false;
	*size -= length;
	return true;
}

/*
 * "p50", "p999": as many digits behind the point as there are. "p100" would be the tenth, where
 * whoever says it means the greatest.
 */
static bool read_quantile(const char *name, size_t size, double *ret_p)
{
	double p = 0, place = 1;

	if (size < 1 + QUANTILE_DIGITS_MIN || size > 1 + QUANTILE_DIGITS_MAX || *name != 'p' ||
	    is_name(name, size, "p100"))
		return false;
	for (size_t i = 1; i < size; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		place *= 10;
		p = p * 10 + (name[i] - '0');
	}
	*ret_p = p / place;
	return p > 0;
}

/* "by_end.expired" */
static bool find_class(enum histogram_id id, const char *name, size_t size, uint8_t *ret_class)
{
	const struct tally *tally = histogram_tally(id);
	size_t length = tally ? strlen(tally->name) : 0;

	if (!tally || size <= length || memcmp(name, tally->name, length) != 0 ||
	    name[length] != '.')
		return false;
	for (size_t i = 0; i < tally->size; i++)
		if (is_name(name + length + 1, size - length - 1, tally->class_name(i))) {
			*ret_class = (uint8_t)i;
			return true;
		}
	return false;
}

static bool find_stat(const char *name, size_t size, struct quantity *q)
{
	for (size_t i = 0; i < COUNT(stats); i++)
		if (is_name(name, size, stats[i])) {
			q->stat = (uint8_t)i;
			q->unit = i >= QUANTITY_STAT_MIN ? QUANTITY_NS : QUANTITY_COUNT;
			return true;
		}
	if (read_quantile(name, size, &q->p)) {
		q->stat = QUANTITY_STAT_QUANTILE;
		q->unit = QUANTITY_NS;
		return true;
	}
	if (!find_class(q->index, name, size, &q->class))
		return false;
	q->stat = QUANTITY_STAT_CLASS;
	q->unit = QUANTITY_COUNT;
	return true;
}

static bool find_in_histograms(const char *name, size_t size, struct quantity *q)
{
	const char *dot = memchr(name, '.', size);

	if (!dot)
		return false;
	for (size_t id = 0; id < HISTOGRAM_COUNT; id++)
		if (is_name(name, (size_t)(dot - name), histograms[id])) {
			q->kind = QUANTITY_OF_HISTOGRAM;
			q->index = (uint8_t)id;
			return find_stat(dot + 1, size - (size_t)(dot + 1 - name), q);
		}
	return false;
}

static bool find_cause(const char *name, size_t size, struct quantity *q)
{
	for (size_t i = 0; i < CONN_CAUSE_COUNT; i++)
		if (conn_outcome_is_failure(cause_of((unsigned int)i)->outcome) &&
		    is_name(name, size, cause_of((unsigned int)i)->name)) {
			q->kind = QUANTITY_OF_CAUSE;
			q->index = (uint8_t)i;
			return true;
		}
	return false;
}

/* A name that both have is that of the outcome: it has all its causes. */
static bool find_in_failures(const char *name, size_t size, struct quantity *q)
{
	if (!takes_off(&name, &size, FAILURES "."))
		return false;
	for (size_t i = 0; i < CONN_OUTCOME_COUNT; i++)
		if (conn_outcome_is_failure((unsigned int)i) &&
		    is_name(name, size, conn_outcome_name((unsigned int)i))) {
			q->kind = QUANTITY_OF_OUTCOME;
			q->index = (uint8_t)i;
			return true;
		}
	takes_off(&name, &size, BY_CAUSE ".");
	return find_cause(name, size, q);
}

static bool find_plain(const char *name, size_t size, struct quantity *q)
{
	for (size_t i = 0; i < COUNT(fields); i++)
		if (is_name(name, size, fields[i].name)) {
			q->kind = QUANTITY_OF_FIELD;
			q->index = (uint8_t)i;
			q->unit = (uint8_t)fields[i].unit;
			return true;
		}
	for (size_t i = 0; i < COUNT(others); i++)
		if (is_name(name, size, others[i].name)) {
			q->kind = (uint8_t)others[i].kind;
			q->unit = (uint8_t)others[i].unit;
			return true;
		}
	return find_in_histograms(name, size, q) || find_in_failures(name, size, q);
}

static bool is_of_failures(const struct quantity *q)
{
	return q->kind == QUANTITY_OF_FAILURES || q->kind == QUANTITY_OF_CAUSE ||
	       q->kind == QUANTITY_OF_OUTCOME;
}

int quantity_find(const char *name, size_t size, struct quantity *ret_quantity)
{
	struct quantity q = { .unit = QUANTITY_COUNT };
	bool is_share, is_rate;

	is_share = ends_with(name, &size, SHARE);
	is_rate = !is_share && ends_with(name, &size, RATE);
	if (!find_plain(name, size, &q) || (is_share && !is_of_failures(&q)) ||
	    (is_rate && q.unit != QUANTITY_COUNT))
		return -ENOENT;
	if (is_share || is_rate)
		q.unit = q.is_per = is_share ? QUANTITY_SHARE : QUANTITY_RATE;
	*ret_quantity = q;
	return 0;
}

const char *quantity_family(enum histogram_id id)
{
	return families[id];
}

static double value_of_stat(const struct quantity *q, const struct histogram_row *row)
{
	const struct histogram *h = row->histogram;

	switch (q->stat) {
	case QUANTITY_STAT_COUNT:
		return (double)h->count;
	case QUANTITY_STAT_UNKNOWN:
		return (double)row->unknown;
	case QUANTITY_STAT_ESTIMATED:
		return (double)row->estimated;
	case QUANTITY_STAT_CLASS:
		return (double)row->counts[q->class];
	case QUANTITY_STAT_MIN:
		return (double)h->min;
	case QUANTITY_STAT_MAX:
		return (double)h->max;
	case QUANTITY_STAT_MEAN:
		return histogram_mean(h);
	default:
		return (double)histogram_quantile(h, q->p);
	}
}

static enum quantity_knowledge read_histogram(const struct quantity *q,
					      const struct quantity_values *from, double *ret_value)
{
	const char *family = families[q->index];
	struct histogram_row row;

	histogram_set_get(from->histograms, q->index, &row);
	if (!row.histogram->count && !row.unknown && family &&
	    !summary_follows(from->summary, family))
		return QUANTITY_UNTOLD;
	if (!row.histogram->count && q->unit == QUANTITY_NS)
		return QUANTITY_EMPTY;
	*ret_value = value_of_stat(q, &row);
	return QUANTITY_KNOWN;
}

static bool is_told(const struct summary *sum, const struct field *field)
{
	if (field->at == AT(connections.resets_stray) && !summary_knows_strays(sum->part))
		return false;
	if (field->at == AT(connections.retransmits[EVENT_RETRANSMIT_SYNACK]) &&
	    !summary_knows_resent(sum->part, EVENT_RETRANSMIT_SYNACK))
		return false;
	if (field->family)
		return summary_follows(sum, field->family);
	if (field->at == AT(listen.overflows) || field->at == AT(listen.drops))
		return sum->listen.read;
	if (field->at == AT(events.births) || field->at == AT(events.ends) ||
	    field->at == AT(events.unsampled))
		return summary_counts_lives(sum);
	return true;
}

static enum quantity_knowledge read_field(const struct quantity *q, const struct summary *sum,
					  double *ret_value)
{
	const struct field *field = &fields[q->index];
	uint64_t value;

	if (!is_told(sum, field))
		return QUANTITY_UNTOLD;
	memcpy(&value, (const char *)sum + field->at, sizeof(value));
	*ret_value = (double)value;
	return QUANTITY_KNOWN;
}

static enum quantity_knowledge read_plain(const struct quantity *q,
					  const struct quantity_values *from, double *ret_value)
{
	const struct summary *sum = from->summary;

	switch (q->kind) {
	case QUANTITY_OF_HISTOGRAM:
		return read_histogram(q, from, ret_value);
	case QUANTITY_OF_FIELD:
		return read_field(q, sum, ret_value);
	case QUANTITY_OF_LOST:
		*ret_value =
			(double)event_counters_lost(&sum->events) + (double)summary_unseen(sum);
		break;
	case QUANTITY_OF_UNSEEN:
		*ret_value = (double)summary_unseen(sum);
		break;
	case QUANTITY_OF_SAMPLING:
		*ret_value = summary_sampling_ratio(sum);
		return *ret_value < 0 ? QUANTITY_UNTOLD : QUANTITY_KNOWN;
	case QUANTITY_OF_FAILURES:
		*ret_value = (double)failure_set_count(from->failures);
		break;
	case QUANTITY_OF_CAUSE:
		*ret_value = (double)failure_set_by_cause(from->failures, q->index);
		break;
	default:
		*ret_value = (double)failure_set_by_outcome(from->failures, q->index);
	}
	return QUANTITY_KNOWN;
}

enum quantity_knowledge quantity_read(const struct quantity *q, const struct quantity_values *from,
				      double *ret_value)
{
	const struct summary *sum = from->summary;
	double value, of = 1;
	enum quantity_knowledge known = read_plain(q, from, &value);

	if (known != QUANTITY_KNOWN)
		return known;
	if (q->is_per == QUANTITY_RATE)
		of = (double)sum->duration_ns / (double)NS_PER_S;
	else if (q->is_per == QUANTITY_SHARE)
		of = (double)conn_counts_ended(&sum->connections);
	if (!(of > 0))
		return QUANTITY_EMPTY;
	*ret_value = value / of;
	return QUANTITY_KNOWN;
}

/* ---- names --------------------------------------------------------------------------------- */

struct visit {
	void (*visit)(void *context, const char *name);
	void *context;
};

static void tell(const struct visit *v, const char *first, const char *middle, const char *last)
{
	char name[QUANTITY_NAME_SIZE];

	if (!last)
		return;
	snprintf(name, sizeof(name), "%s%s%s%s%s", first, *first ? "." : "", middle,
		 *middle ? "." : "", last);
	v->visit(v->context, name);
}

static void tell_histogram(const struct visit *v, enum histogram_id id)
{
	static const char *const quantiles[] = { "p50", "p90", "p99", "p999" };
	const struct tally *tally = histogram_tally(id);

	for (size_t i = 0; i < COUNT(stats); i++)
		tell(v, histograms[id], "", stats[i]);
	for (size_t i = 0; i < COUNT(quantiles); i++)
		tell(v, histograms[id], "", quantiles[i]);
	for (unsigned int i = 0; tally && i < tally->size; i++)
		tell(v, histograms[id], tally->name, tally->class_name(i));
}

void quantity_each(void (*visit)(void *context, const char *name), void *context)
{
	const struct visit v = { visit, context };

	for (enum histogram_id id = 0; id < HISTOGRAM_COUNT; id++)
		tell_histogram(&v, id);
	for (size_t i = 0; i < COUNT(others); i++)
		tell(&v, "", "", others[i].name);
	for (unsigned int i = 0; i < CONN_OUTCOME_COUNT; i++)
		if (conn_outcome_is_failure(i))
			tell(&v, "", FAILURES, conn_outcome_name(i));
	for (unsigned int i = 0; i < CONN_CAUSE_COUNT; i++)
		if (conn_outcome_is_failure(cause_of(i)->outcome))
			tell(&v, FAILURES, BY_CAUSE, cause_of(i)->name);
	for (size_t i = 0; i < COUNT(fields); i++)
		tell(&v, "", "", fields[i].name);
}

/* The edits that make one of the other (Levenshtein), or more than `most`. */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
	size_t row[QUANTITY_NAME_SIZE + 1];

	for (size_t j = 0; j <= b_size; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_size; j++) {
			size_t above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);

			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = above;
		}
	}
	return row[b_size];
}

struct nearest {
	const char *name;
	size_t size, distance;
	char *text;
};

static void compare(void *context, const char *name)
{
	struct nearest *n = context;
	size_t size = strlen(name), d;

	if (size >= n->size + n->distance || n->size >= size + n->distance)
		return;
	d = distance(n->name, n->size, name, size);
	if (d >= n->distance)
		return;
	n->distance = d;
	snprintf(n->text, QUANTITY_NAME_SIZE, "%s", name);
}

const char *quantity_nearest(const char *name, size_t size, char text[QUANTITY_NAME_SIZE])
{
	/* No more than a third may be wrong. */
	struct nearest n = { name, size, size / 3 + 1, text };

	if (size >= QUANTITY_NAME_SIZE)
		return NULL;
	text[0] = '\0';
	quantity_each(compare, &n);
	return *text ? text : NULL;
}
