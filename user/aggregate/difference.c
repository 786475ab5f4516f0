// SPDX-License-Identifier: GPL-2.0-only
/* Compares two runs number by number: quantiles by order statistics, rates by exact tests. */
#include "user/aggregate/difference.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/confidence.h"
#include "user/aggregate/difference_name.h"
#include "user/base/units.h"

/* What is closer may be of tracing itself: another hook comes before this one, or does not. */
#define RESOLUTION_NS ((double)NS_PER_US)

struct side {
	struct difference_side of;
	struct quantity_values values;
	double burst_of_births;
	double seconds; /* of all connections, as many as were followed; below 0: unknown */
	const struct difference_port *ports;
	size_t port_count;
	bool has_more_ports;
};

/* What servers had on one of their own ports. */
struct difference_port {
	uint16_t port;
	uint64_t connections;
	const struct histogram *waits;
};

struct difference {
	struct side old, new;
	struct difference_port ports[2][PORTIONS_PORTS];
	bool is_counting; /* how many numbers are compared: nothing is added yet */
	bool has_failed;
	size_t compared;
	double tail; /* of each bound of a number */
	struct difference_row *rows;
	size_t count, room;
};

static const char *const verdict_names[] = {
#define X(NAME, name) name,
	DIFFERENCE_VERDICTS(X)
#undef X
};

const char *difference_verdict_name(enum difference_verdict verdict)
{
	return (unsigned int)verdict < DIFFERENCE_VERDICT_COUNT ? verdict_names[verdict] : NULL;
}

const char *difference_unit_name(enum quantity_unit unit)
{
	switch (unit) {
	case QUANTITY_NS:
		return "ns";
	case QUANTITY_RATE:
		return "1/s";
	default:
		return "1";
	}
}

/* ---- rows ---------------------------------------------------------------------------------- */

static struct difference_row *add_row(struct difference *d, unsigned int id, uint16_t port)
{
	struct difference_row *row;

	if (!d->rows || d->count == d->room) {
		size_t room = d->room ? 2 * d->room : 64;
		struct difference_row *rows = reallocarray(d->rows, room, sizeof(*rows));

		if (!rows) {
			d->has_failed = true;
			return NULL;
		}
		d->rows = rows;
		d->room = room;
	}
	row = &d->rows[d->count++];
	*row = (struct difference_row){ .id = (uint16_t)id, .port = port };
	row->old_value = row->new_value = row->factor_low = row->factor_high = NAN;
	row->old_low = row->old_high = row->new_low = row->new_high = NAN;
	difference_name(id, port, row->name);
	return row;
}

static void decide(struct difference_row *row)
{
	if (row->factor_low > 1) {
		row->verdict = DIFFERENCE_MORE;
		row->size = log(row->factor_low);
	} else if (row->factor_high < 1) {
		row->verdict = DIFFERENCE_LESS;
		row->size = -log(row->factor_high);
	}
}

/* ---- quantiles ----------------------------------------------------------------------------- */

/* The values of one side, and where they are found in parts. */
struct values {
	const struct histogram *histogram;
	const struct portions *portions;
	enum histogram_id id;
};

/* How many of the values say no more than one, as far as being below the quantile goes. */
static double burst_of_values(const struct values *v, uint64_t up_to_ns, double tail)
{
	struct confidence_part parts[PORTIONS_PARTS];
	struct histogram_row row;
	double below = 0, all = 0;
	size_t count = 0;

	for (size_t i = 0; i < PORTIONS_PARTS; i++) {
		if (!v->portions->parts[i].histograms)
			continue;
		histogram_set_get(v->portions->parts[i].histograms, v->id, &row);
		parts[count].count = (double)histogram_up_to(row.histogram, up_to_ns);
		parts[count].size = (double)row.histogram->count;
		below += parts[count].count;
		all += parts[count++].size;
	}
	return all > 0 ? confidence_burst(parts, count, 1 - below / all, tail) : 1;
}

/* The value that stands where the `rank`th of `count` would. */
static uint64_t rank_among(const struct histogram *h, uint64_t rank, uint64_t count)
{
	uint64_t found = (uint64_t)((double)rank / (double)count * (double)h->count + 0.5);

	return found < 1 ? 1 : found > h->count ? h->count : found;
}

/* Between which bounds the quantile surely is. */
static void bound(const struct values *v, double p, double tail, double *ret_low, double *ret_high)
{
	const struct histogram *h = v->histogram;
	uint64_t low, high, low_ns, high_ns, least;

	histogram_at(h, histogram_rank(p, h->count), &low_ns, &high_ns);
	/* As many say as much where nothing comes in bursts. */
	least = (uint64_t)((double)h->count / burst_of_values(v, high_ns, tail));
	confidence_ranks(least, p, tail, &low, &high);
	*ret_low = -INFINITY;
	*ret_high = INFINITY;
	if (low) {
		histogram_at(h, rank_among(h, low, least), &low_ns, &high_ns);
		*ret_low = (double)low_ns;
	}
	if (high <= least) {
		histogram_at(h, rank_among(h, high, least), &low_ns, &high_ns);
		*ret_high = (double)high_ns;
	}
}

static double quotient(double a, double b)
{
	return b > 0 ? a / b : a > 0 ? INFINITY : 1;
}

static void compare_quantiles(const struct difference *d, struct difference_row *row, double p,
			      const struct values *old, const struct values *new)
{
	/* Both sides err by half as much, each in two directions. */
	bound(old, p, d->tail / 2, &row->old_low, &row->old_high);
	bound(new, p, d->tail / 2, &row->new_low, &row->new_high);
	row->factor_low = isinf(row->new_low) || isinf(row->old_high) ?
				  0 :
				  quotient(row->new_low, row->old_high + RESOLUTION_NS);
	row->factor_high = isinf(row->new_high) || isinf(row->old_low) ?
				   INFINITY :
				   quotient(row->new_high + RESOLUTION_NS, row->old_low);
	row->verdict = row->factor_low == 0 && isinf(row->factor_high) ? DIFFERENCE_TOO_FEW :
									 DIFFERENCE_NONE;
	decide(row);
}

static void add_quantile(struct difference *d, unsigned int id, uint16_t port, bool is_told,
			 const struct values *old, const struct values *new)
{
	bool has_both = is_told && old->histogram->count && new->histogram->count;
	double p = difference_quantile(id);
	struct difference_row *row;

	d->compared += has_both && d->is_counting;
	if (d->is_counting || (!old->histogram->count && !new->histogram->count))
		return;
	row = add_row(d, id, port);
	if (!row)
		return;
	row->unit = QUANTITY_NS;
	if (old->histogram->count)
		row->old_value = (double)histogram_quantile(old->histogram, p);
	if (new->histogram->count)
		row->new_value = (double)histogram_quantile(new->histogram, p);
	row->verdict = is_told ? DIFFERENCE_TOO_FEW : DIFFERENCE_UNKNOWN;
	if (has_both)
		compare_quantiles(d, row, p, old, new);
}

/* ---- hooks --------------------------------------------------------------------------------- */

static bool is_listed(const struct summary *sum, const char *family)
{
	for (size_t i = 0; i < sum->hook_count; i++)
		if (!strcmp(sum->hooks[i].family, family))
			return true;
	return false;
}

const char *difference_next_family(const struct summary *old, const struct summary *new, size_t *at)
{
	while (*at < old->hook_count + new->hook_count) {
		size_t i = (*at)++;
		bool is_old = i < old->hook_count;
		const char *family = is_old ? old->hooks[i].family :
					      new->hooks[i - old->hook_count].family;

		/* How many segments were sent again, the sockets tell; this family why. */
		if (!strcmp(family, "retransmit") || (!is_old && is_listed(old, family)))
			continue;
		if (summary_follows(old, family) != summary_follows(new, family))
			return family;
	}
	return NULL;
}

/* ---- rates --------------------------------------------------------------------------------- */

/* So many events in so much, of which each `burst` come together. */
struct rate {
	double count, size, burst;
};

/* Whether so few events could show anything at all, were they all on one side. */
static bool is_too_few(const struct difference *d, double events, double old_size, double new_size)
{
	double least = pow(d->tail, 1 / events), share = new_size / (old_size + new_size);

	return !(least > share) && !(least > 1 - share);
}

static void compare_rates(const struct difference *d, struct difference_row *row,
			  const struct rate *old, const struct rate *new)
{
	/* What comes together is one event, in as much less: of both, for one may have too few. */
	double burst = fmax(old->burst, new->burst);
	double old_count = old->count / burst, old_size = old->size / burst;
	double new_count = new->count / burst, new_size = new->size / burst;

	confidence_factor(old_count, old_size, new_count, new_size, d->tail, &row->factor_low,
			  &row->factor_high);
	row->verdict = is_too_few(d, old_count + new_count, old_size, new_size) ?
			       DIFFERENCE_TOO_FEW :
			       DIFFERENCE_NONE;
	decide(row);
}

/* What never happened is no row. */
static void add_rate(struct difference *d, unsigned int id, uint16_t port, enum quantity_unit unit,
		     bool is_told, const struct rate *old, const struct rate *new)
{
	bool has_both = is_told && old->size > 0 && new->size > 0;
	struct difference_row *row;

	if (!(old->count > 0) && !(new->count > 0))
		return;
	d->compared += has_both && d->is_counting;
	if (d->is_counting)
		return;
	row = add_row(d, id, port);
	if (!row)
		return;
	row->unit = unit;
	if (old->size > 0)
		row->old_value = old->count / old->size;
	if (new->size > 0)
		row->new_value = new->count / new->size;
	row->verdict = is_told ? DIFFERENCE_TOO_FEW : DIFFERENCE_UNKNOWN;
	if (has_both)
		compare_rates(d, row, old, new);
}

/* Of what is counted in parts. */
static struct rate rate_of_parts(const struct difference *d, const struct portions *portions,
				 uint64_t (*count)(const struct portions_part *part,
						   unsigned int i),
				 unsigned int index)
{
	struct confidence_part parts[PORTIONS_PARTS];
	struct rate rate = { .burst = 1 };

	for (size_t i = 0; i < PORTIONS_PARTS; i++) {
		const struct portions_part *part = &portions->parts[i];

		parts[i].count = (double)count(part, index);
		parts[i].size = (double)part->ended;
		rate.count += parts[i].count;
		rate.size += parts[i].size;
	}
	if (rate.size > 0)
		rate.burst = confidence_burst(parts, PORTIONS_PARTS, 1, d->tail);
	return rate;
}

static uint64_t cause_in(const struct portions_part *part, unsigned int cause)
{
	return part->causes[cause];
}

static uint64_t resent_in(const struct portions_part *part, unsigned int unused)
{
	(void)unused;
	return part->resent;
}

/* Those that left the state, for however long they were in it. */
static uint64_t entered_in(const struct portions_part *part, unsigned int id)
{
	struct histogram_row row;

	if (!part->histograms)
		return 0;
	histogram_set_get(part->histograms, id, &row);
	return row.histogram->count + row.unknown;
}

/* ---- sides --------------------------------------------------------------------------------- */

static double burst_of_births(const struct portions *portions, uint64_t duration_ns, double tail)
{
	struct confidence_part parts[PORTIONS_PARTS];
	uint64_t begin_ns = 0;

	for (size_t i = 0; i < PORTIONS_PARTS; i++, begin_ns += portions->width_ns) {
		uint64_t left_ns = begin_ns < duration_ns ? duration_ns - begin_ns : 0;

		parts[i].count = (double)portions->opened[i];
		parts[i].size =
			(double)(left_ns < portions->width_ns ? left_ns : portions->width_ns);
	}
	return confidence_burst(parts, PORTIONS_PARTS, 1, tail);
}

static void find_bursts(const struct difference *d, struct side *side)
{
	side->burst_of_births =
		burst_of_births(side->of.portions, side->of.summary->duration_ns, d->tail);
}

struct port_list {
	struct difference_port *ports;
	struct side *side;
};

/* NULL when there is no room. */
static struct difference_port *port_of(struct port_list *list, uint16_t port)
{
	struct side *side = list->side;
	size_t i = 0;

	while (i < side->port_count && list->ports[i].port != port)
		i++;
	if (i == PORTIONS_PORTS) {
		side->has_more_ports = true;
		return NULL;
	}
	if (i == side->port_count)
		list->ports[side->port_count++] = (struct difference_port){ .port = port };
	return &list->ports[i];
}

static void add_port(void *context, const struct histogram_row *row)
{
	struct port_list *list = context;
	struct difference_port *port;

	if (row->group->is_other) {
		list->side->has_more_ports = true;
		return;
	}
	port = port_of(list, row->group->lport);
	if (!port)
		return;
	if (row->id == HISTOGRAM_ACCEPT_QUEUE)
		port->waits = row->histogram;
	else
		port->connections = row->histogram->count + row->unknown +
				    row->counts[CONN_QUALITY_EXACT - CONN_QUALITY_ESTIMATED];
}

/* Those that have nothing but drops, as far as there is room. */
static void add_drops(struct port_list *list, const struct portions *portions)
{
	for (size_t i = 0; i < portions->drop_ports; i++)
		port_of(list, portions->drops[i].port);
}

static int begin_side(struct side *side, const struct difference_side *of,
		      struct difference_port ports[PORTIONS_PORTS])
{
	double followed = summary_sampling_ratio(of->summary);
	struct port_list list = { ports, side };
	int error;

	side->of = *of;
	side->values = (struct quantity_values){ of->portions->all, of->failures, of->summary };
	/* Recordings of before sampling was counted have all of them. */
	side->seconds =
		(double)of->summary->duration_ns / (double)NS_PER_S * (followed < 0 ? 1 : followed);
	side->ports = ports;
	error = histogram_set_each(of->portions->ports, add_port, &list);
	if (!error)
		add_drops(&list, of->portions);
	return error;
}

static bool is_followed(const struct difference *d, const char *family)
{
	return !family || (summary_follows(d->old.of.summary, family) &&
			   summary_follows(d->new.of.summary, family));
}

static struct values values_of(const struct side *side, enum histogram_id id)
{
	struct histogram_row row;

	histogram_set_get(side->of.portions->all, id, &row);
	return (struct values){ row.histogram, side->of.portions, id };
}

static void compare_histogram(struct difference *d, enum histogram_id id)
{
	struct values old = values_of(&d->old, id), new = values_of(&d->new, id);

	for (unsigned int q = 0; q < DIFFERENCE_QUANTILES; q++)
		add_quantile(d, DIFFERENCE_OF_QUANTILES + id * DIFFERENCE_QUANTILES + q, 0,
			     is_followed(d, quantity_family(id)), &old, &new);
}

static void compare_entered(struct difference *d, enum histogram_id id)
{
	struct rate old = rate_of_parts(d, d->old.of.portions, entered_in, id);
	struct rate new = rate_of_parts(d, d->new.of.portions, entered_in, id);

	add_rate(d, DIFFERENCE_OF_ENTERED + id, 0, QUANTITY_SHARE,
		 is_followed(d, quantity_family(id)), &old, &new);
}

static void compare_cause(struct difference *d, unsigned int cause)
{
	struct rate old = rate_of_parts(d, d->old.of.portions, cause_in, cause);
	struct rate new = rate_of_parts(d, d->new.of.portions, cause_in, cause);

	add_rate(d, DIFFERENCE_OF_CAUSES + cause, 0, QUANTITY_SHARE, true, &old, &new);
}

static void compare_resent(struct difference *d)
{
	struct rate old = rate_of_parts(d, d->old.of.portions, resent_in, 0);
	struct rate new = rate_of_parts(d, d->new.of.portions, resent_in, 0);

	old.size = (double)d->old.of.portions->sum.counted;
	new.size = (double)d->new.of.portions->sum.counted;
	add_rate(d, DIFFERENCE_OF_RESENT, 0, QUANTITY_SHARE, true, &old, &new);
}

static struct rate births_of(const struct side *side)
{
	return (struct rate){ (double)side->of.summary->connections.opened, side->seconds,
			      side->burst_of_births };
}

static void compare_births(struct difference *d)
{
	struct rate old = births_of(&d->old), new = births_of(&d->new);

	add_rate(d, DIFFERENCE_OF_BIRTHS, 0, QUANTITY_RATE, true, &old, &new);
}

static void compare_live(struct difference *d, unsigned int state)
{
	struct rate old = { (double)d->old.of.portions->live[state], 1, d->old.burst_of_births };
	struct rate new = { (double)d->new.of.portions->live[state], 1, d->new.burst_of_births };

	add_rate(d, DIFFERENCE_OF_LIVE + state, 0, QUANTITY_COUNT, true, &old, &new);
}

static const struct difference_port *find_port(const struct side *side, uint16_t port)
{
	for (size_t i = 0; i < side->port_count; i++)
		if (side->ports[i].port == port)
			return &side->ports[i];
	return NULL;
}

static struct values waits_of(const struct side *side, const struct difference_port *port)
{
	static const struct histogram none;

	/* Bursts show in the waits of all ports. */
	return (struct values){ port && port->waits ? port->waits : &none, side->of.portions,
				HISTOGRAM_ACCEPT_QUEUE };
}

/* Of all that ended; bursts show in the drops of all ports. */
static struct rate drops_of(const struct difference *d, const struct side *side, uint16_t port)
{
	const struct portions *portions = side->of.portions;
	struct rate rate = rate_of_parts(d, portions, cause_in, CONN_CAUSE_QUEUE_FULL);

	rate.count = 0;
	for (size_t i = 0; i < portions->drop_ports; i++)
		if (portions->drops[i].port == port)
			rate.count = (double)portions->drops[i].count;
	return rate;
}

static void compare_drops(struct difference *d, uint16_t number)
{
	struct rate old = drops_of(d, &d->old, number), new = drops_of(d, &d->new, number);
	bool is_told = !d->old.of.portions->drops_elsewhere && !d->new.of.portions->drops_elsewhere;

	add_rate(d, DIFFERENCE_OF_CAUSES + CONN_CAUSE_QUEUE_FULL, number, QUANTITY_SHARE,
		 is_told && is_followed(d, "passive"), &old, &new);
}

static void compare_port(struct difference *d, uint16_t number)
{
	const struct difference_port *old_port = find_port(&d->old, number);
	const struct difference_port *new_port = find_port(&d->new, number);
	struct values old_waits = waits_of(&d->old, old_port);
	struct values new_waits = waits_of(&d->new, new_port);
	struct rate old = births_of(&d->old), new = births_of(&d->new);
	/* One that is not there may be among those that are not kept apart. */
	bool is_told = (old_port || !d->old.has_more_ports) && (new_port || !d->new.has_more_ports);

	old.count = old_port ? (double)old_port->connections : 0;
	new.count = new_port ? (double)new_port->connections : 0;
	add_rate(d, DIFFERENCE_OF_BIRTHS, number, QUANTITY_RATE,
		 is_told && is_followed(d, "passive"), &old, &new);
	compare_drops(d, number);
	for (unsigned int q = 0; q < DIFFERENCE_QUANTILES; q++)
		add_quantile(d,
			     DIFFERENCE_OF_QUANTILES +
				     HISTOGRAM_ACCEPT_QUEUE * DIFFERENCE_QUANTILES + q,
			     number, is_followed(d, "accept"), &old_waits, &new_waits);
}

static void compare_all(struct difference *d)
{
	for (enum histogram_id id = 0; id < HISTOGRAM_COUNT; id++)
		compare_histogram(d, id);
	compare_births(d);
	for (unsigned int cause = 0; cause < CONN_CAUSE_COUNT; cause++)
		if (difference_is_cause(cause))
			compare_cause(d, cause);
	compare_resent(d);
	for (enum histogram_id id = 0; id < HISTOGRAM_COUNT; id++)
		if (difference_is_entered(id))
			compare_entered(d, id);
	for (unsigned int state = 0; state < STATE_COUNT; state++)
		if (difference_is_live(state))
			compare_live(d, state);
	for (size_t i = 0; i < d->old.port_count; i++)
		compare_port(d, d->old.ports[i].port);
	for (size_t i = 0; i < d->new.port_count; i++)
		if (!find_port(&d->old, d->new.ports[i].port))
			compare_port(d, d->new.ports[i].port);
}

static int compare_rows(const void *a, const void *b)
{
	const struct difference_row *first = a, *second = b;

	if (first->size != second->size)
		return first->size < second->size ? 1 : -1;
	if (first->port != second->port)
		return first->port < second->port ? -1 : 1;
	return first->id < second->id ? -1 : first->id > second->id;
}

struct difference *difference_new(const struct difference_side *old,
				  const struct difference_side *new)
{
	struct difference *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->has_failed = begin_side(&d->old, old, d->ports[0]) ||
			begin_side(&d->new, new, d->ports[1]);
	d->is_counting = true;
	d->tail = DIFFERENCE_ERROR;
	compare_all(d);
	d->is_counting = false;
	d->tail = DIFFERENCE_ERROR / 2 / (double)(d->compared ? d->compared : 1);
	find_bursts(d, &d->old);
	find_bursts(d, &d->new);
	compare_all(d);
	if (d->has_failed) {
		difference_free(d);
		return NULL;
	}
	if (d->count)
		qsort(d->rows, d->count, sizeof(*d->rows), compare_rows);
	return d;
}

void difference_free(struct difference *d)
{
	if (!d)
		return;
	free(d->rows);
	free(d);
}

const struct difference_row *difference_rows(const struct difference *d, size_t *ret_count)
{
	*ret_count = d->count;
	return d->rows;
}

size_t difference_count(const struct difference *d, enum difference_verdict verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < d->count; i++)
		count += d->rows[i].verdict == verdict;
	return count;
}

static enum quantity_knowledge read_change(const struct difference *d, const struct quantity *q,
					   double *ret_value)
{
	const struct difference_row *row = d->rows, *end = row + d->count;

	while (row < end && (row->id != q->row || row->port != q->port))
		row++;
	/* What there is nothing of in both is the same. */
	if (row == end || row->verdict == DIFFERENCE_NONE) {
		*ret_value = 0;
		return row == end && difference_quantile(q->row) > 0 ? QUANTITY_EMPTY :
								       QUANTITY_KNOWN;
	}
	if (row->verdict == DIFFERENCE_UNKNOWN)
		return QUANTITY_UNTOLD;
	if (row->verdict == DIFFERENCE_TOO_FEW)
		return QUANTITY_TOO_FEW;
	*ret_value = quotient(row->new_value, row->old_value) - 1;
	return QUANTITY_KNOWN;
}

enum quantity_knowledge difference_read(const void *context, const struct quantity *q,
					double *ret_value)
{
	const struct difference *d = context;

	switch (q->side) {
	case QUANTITY_CHANGE:
		return read_change(d, q, ret_value);
	case QUANTITY_CHANGES:
		*ret_value = (double)(difference_count(d, DIFFERENCE_MORE) +
				      difference_count(d, DIFFERENCE_LESS));
		return QUANTITY_KNOWN;
	case QUANTITY_OLD:
		return quantity_read(q, &d->old.values, ret_value);
	default:
		return quantity_read(q, &d->new.values, ret_value);
	}
}
