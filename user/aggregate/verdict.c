// SPDX-License-Identifier: GPL-2.0-only
/* Draws conclusions from what was gathered, and puts the worst first. */
#include "user/aggregate/verdict.h"

#include "user/base/units.h"

/* Longer, and something is wrong: the first retransmit of a SYN comes after a second. */
#define SLOW_HANDSHAKE_NS (1 * NS_PER_S)
#define SLOW_ACCEPT_NS (1 * NS_PER_S)
/* A part of a hundred that failed is worth a look; a part of ten is bad. */
#define FEW_FAIL 100
#define MANY_FAIL 10

struct finding {
	struct verdict all[VERDICT_COUNT];
	size_t count;
};

static struct verdict *add(struct finding *f, enum verdict_kind kind, enum verdict_grade grade,
			   uint64_t weight)
{
	struct verdict *v = &f->all[f->count++];

	*v = (struct verdict){ .kind = kind, .grade = grade, .weight = weight };
	return v;
}

static void judge_account(struct finding *f, const struct report *r)
{
	const struct conn_counts *c = &r->summary.connections;
	uint64_t lost = event_counters_lost(&r->summary.events) + summary_unseen(&r->summary);
	uint64_t all = c->opened + c->seeded + c->restored;

	if (!all && !conn_counts_ended(c))
		add(f, VERDICT_EMPTY, VERDICT_WORTH_A_LOOK, UINT64_MAX);
	if (lost)
		add(f, VERDICT_LOST, VERDICT_BAD, UINT64_MAX)->n[0] = lost;
	if (r->is_damaged)
		add(f, VERDICT_DAMAGED, VERDICT_BAD, UINT64_MAX - 1);
	if (r->is_partial)
		add(f, VERDICT_PARTIAL, VERDICT_WORTH_A_LOOK, UINT64_MAX - 1);
	if (conn_counts_damaged(c)) {
		struct verdict *v = add(f, VERDICT_INCOMPLETE, VERDICT_WORTH_A_LOOK, 1);

		v->n[0] = conn_counts_damaged(c) + c->seeded;
		v->n[1] = all;
	}
}

static enum conn_cause commonest(const struct gallery *g)
{
	enum conn_cause best = CONN_CAUSE_UNKNOWN;

	for (unsigned int cause = 0; cause < CONN_CAUSE_COUNT; cause++)
		if (gallery_failed(g, cause) > gallery_failed(g, best))
			best = cause;
	return best;
}

static void judge_failures(struct finding *f, const struct report *r)
{
	const struct conn_counts *c = &r->summary.connections;
	uint64_t failed = failure_set_count(r->failures), all = conn_counts_ended(c);
	struct verdict *v;

	if (!failed && c->closed) {
		add(f, VERDICT_ORDERLY, VERDICT_FINE, 3)->n[0] = c->closed;
		return;
	}
	if (!failed)
		return;
	v = add(f, VERDICT_FAILED,
		failed > all / MANY_FAIL ? VERDICT_BAD :
		failed > all / FEW_FAIL	 ? VERDICT_WORTH_A_LOOK :
					   VERDICT_FINE,
		failed);
	v->cause = commonest(r->gallery);
	v->n[0] = failed;
	v->n[1] = all;
	v->n[2] = gallery_failed(r->gallery, v->cause);
}

static void judge_states(struct finding *f, const struct report *r)
{
	enum tcp_state worst = STATE_CLOSE_WAIT;
	const struct passages_left *left = r->passages.left;
	struct verdict *v;

	for (unsigned int state = 1; state < STATE_COUNT; state++)
		if (state != STATE_ESTABLISHED && left[state].stuck > left[worst].stuck)
			worst = state;
	if (!left[worst].stuck)
		return;
	v = add(f, VERDICT_STUCK, VERDICT_BAD, left[worst].stuck);
	v->state = worst;
	v->n[0] = left[worst].stuck;
	v->ns[0] = left[worst].oldest_ns;
	v->n[1] = left[worst].is_older;
}

static void judge_unaccepted(struct finding *f, const struct report *r)
{
	const struct passages_left *left = &r->passages.unaccepted;
	struct verdict *v;

	if (!left->stuck)
		return;
	v = add(f, VERDICT_UNACCEPTED, VERDICT_BAD, left->stuck);
	v->n[0] = left->stuck;
	v->ns[0] = left->oldest_ns;
	v->n[1] = left->is_older;
}

static void judge_listeners(struct finding *f, const struct report *r,
			    const struct histogram_row *wait)
{
	const struct listen_counters *l = &r->summary.listen;
	uint64_t p99 = histogram_quantile(wait->histogram, 0.99);
	struct verdict *v;

	if (l->read && l->drops) {
		v = add(f, VERDICT_OVERFLOWS, VERDICT_BAD, l->drops);
		v->n[0] = l->drops;
		v->n[1] = l->overflows;
	}
	if (wait->histogram->count && p99 >= SLOW_ACCEPT_NS) {
		v = add(f, VERDICT_ACCEPT_SLOW, VERDICT_WORTH_A_LOOK, wait->histogram->count / 100);
		v->n[0] = wait->histogram->count;
		v->ns[0] = p99;
	}
}

/* From here on a range that nobody has widened is nearly used up. */
#define PORTS_MANY (CROWDING_USUAL_PORTS * 4 / 5)

static void judge_ports(struct finding *f, const struct report *r)
{
	const struct crowding_place *all;
	struct verdict *v;

	if (!crowding_sort(r->crowding, &all) || all[0].most < PORTS_MANY)
		return;
	v = add(f, VERDICT_PORTS, VERDICT_WORTH_A_LOOK, all[0].most);
	v->n[0] = all[0].most;
	v->n[1] = CROWDING_USUAL_PORTS;
}

static void tell_quantiles(struct finding *f, enum verdict_kind kind, uint64_t weight,
			   const struct histogram_row *row)
{
	struct verdict *v;

	if (!row->histogram->count)
		return;
	v = add(f, kind, VERDICT_FINE, weight);
	v->n[0] = row->histogram->count;
	v->ns[0] = histogram_quantile(row->histogram, 0.5);
	v->ns[1] = histogram_quantile(row->histogram, 0.99);
}

static void judge_times(struct finding *f, const struct report *r, const struct report_rows *rows)
{
	const struct histogram_row *clients = &rows->row[HISTOGRAM_HANDSHAKE_CLIENT];
	const struct conn_counts *c = &r->summary.connections;
	uint64_t p99 = histogram_quantile(clients->histogram, 0.99);
	uint64_t half_open = conn_counts_half_open(c);
	struct verdict *v;

	if (clients->histogram->count && p99 >= SLOW_HANDSHAKE_NS) {
		v = add(f, VERDICT_RESENT, VERDICT_WORTH_A_LOOK, clients->histogram->count / 100);
		v->n[0] = clients->histogram->count;
		v->ns[0] = p99;
	}
	if (half_open > c->opened / MANY_FAIL)
		add(f, VERDICT_HALF_OPEN, VERDICT_WORTH_A_LOOK, half_open)->n[0] = half_open;
	if (c->opened + c->seeded) {
		v = add(f, VERDICT_CONNECTIONS, VERDICT_FINE, 2);
		v->n[0] = c->opened;
		v->n[1] = c->closed;
		v->n[2] = c->live;
	}
	tell_quantiles(f, VERDICT_CLIENTS, 1, clients);
	tell_quantiles(f, VERDICT_SERVERS, 1, &rows->row[HISTOGRAM_HANDSHAKE_SERVER]);
	tell_quantiles(f, VERDICT_TIME_WAITS, 0, &rows->row[HISTOGRAM_TIME_WAIT]);
}

/* Whether that is for the better, only whoever asked for it can say. */
static void judge_changes(struct finding *f, const struct difference *d)
{
	size_t changed, same, count;
	struct verdict *v;

	if (!d)
		return;
	changed = difference_count(d, DIFFERENCE_MORE) + difference_count(d, DIFFERENCE_LESS);
	same = difference_count(d, DIFFERENCE_NONE);
	if (changed) {
		v = add(f, VERDICT_CHANGED, VERDICT_WORTH_A_LOOK, UINT64_MAX);
		v->n[0] = changed;
		v->n[1] = changed + same;
		v->row = difference_rows(d, &count);
	} else if (same) {
		add(f, VERDICT_SAME, VERDICT_FINE, 4)->n[0] = same;
	}
}

static bool is_worse(const struct verdict *a, const struct verdict *b)
{
	if (a->grade != b->grade)
		return a->grade > b->grade;
	return a->weight > b->weight;
}

/* There are few: the order in which they were found holds among equals. */
static void sort(struct finding *f)
{
	for (size_t i = 1; i < f->count; i++) {
		struct verdict v = f->all[i];
		size_t j = i;

		for (; j && is_worse(&v, &f->all[j - 1]); j--)
			f->all[j] = f->all[j - 1];
		f->all[j] = v;
	}
}

size_t verdict_find(const struct report *r, const struct report_rows *rows,
		    struct verdict ret_verdicts[VERDICTS_MOST])
{
	struct finding f = { .count = 0 };
	size_t count = 0;

	judge_account(&f, r);
	judge_failures(&f, r);
	judge_states(&f, r);
	judge_unaccepted(&f, r);
	judge_listeners(&f, r, &rows->row[HISTOGRAM_ACCEPT_QUEUE]);
	judge_ports(&f, r);
	judge_times(&f, r, rows);
	judge_changes(&f, r->comparison.difference);
	sort(&f);
	while (count < f.count && count < VERDICTS_MOST &&
	       (count < VERDICTS_LEAST || f.all[count].grade != VERDICT_FINE ||
		f.all[count].weight))
		ret_verdicts[count] = f.all[count], count++;
	return count;
}
