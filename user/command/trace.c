// SPDX-License-Identifier: GPL-2.0-only
/* The command `trace`: one line for each connection, or for each of its transitions. */
#include <string.h>

#include "user/aggregate/failure_set.h"
#include "user/aggregate/flood.h"
#include "user/aggregate/measure.h"
#include "user/aggregate/mptcp_set.h"
#include "user/base/units.h"
#include "user/command/command.h"
#include "user/conn/life.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/gate.h"
#include "user/run/otel.h"
#include "user/run/ports_look.h"
#include "user/run/run.h"

struct trace {
	struct consumer consumer;
	const struct options *options;
	struct run *run;
	struct failure_set *failures;
	struct mptcp_set *mptcp; /* NULL: subflows are told of as connections */
	struct gate gate;
	struct ports_look ports;
	struct span_resource resource;
	struct flood half_open; /* of forged SYNs: some that die are shown, all are counted */
	uint64_t waiting;	/* the end came before that of their TIME_WAIT: not printed */
};

static void print_transition(struct consumer *self, const struct conn *c,
			     const struct transition *t)
{
	struct run *run = ((struct trace *)self)->run;

	run->sink->transition(&run->settings, &run->out.lines, c, t);
	output_flush_full(&run->out);
}

static bool is_at_least(uint64_t ns, uint64_t least_ns)
{
	return !least_ns || (ns != TIME_UNKNOWN && ns >= least_ns);
}

/* `now_ns` is for one that lives; TIME_UNKNOWN: it is over. */
static bool is_long_enough(const struct options *o, const struct conn *c, uint64_t now_ns)
{
	uint64_t life_ns;

	if (o->trace.slow_ns && !is_at_least(measure_opening(c, now_ns), o->trace.slow_ns))
		return false;
	if (!o->trace.min_life_ns)
		return true;
	life_ns = now_ns == TIME_UNKNOWN ? measure_life(c) : conn_between(conn_start(c), now_ns);
	return is_at_least(life_ns, o->trace.min_life_ns);
}

/* One of its subflows is what is asked for, and it has lived as long as that. */
static bool is_mptcp_shown(const struct options *o, const struct mptcp_connection *m)
{
	bool has_failed = !o->trace.failed, is_slow = !o->trace.slow_ns;

	for (size_t i = 0; i < m->listed; i++) {
		const struct conn *c = &m->subflows[i].c;

		has_failed |= conn_has_failed(c);
		is_slow |= is_at_least(measure_opening(c, TIME_UNKNOWN), o->trace.slow_ns);
	}
	return has_failed && is_slow &&
	       is_at_least(conn_between(mptcp_start(m), mptcp_end(m)), o->trace.min_life_ns);
}

static void print_mptcp(void *context, const struct mptcp_connection *m)
{
	const struct trace *trace = context;
	struct run *run = trace->run;

	if (!is_mptcp_shown(trace->options, m))
		return;
	run->sink->mptcp(&run->settings, &run->out.lines, m);
	output_flush_full(&run->out);
}

/* Whether it has been taken as a part of its MPTCP connection. */
static bool is_taken(const struct trace *trace, const struct conn *c)
{
	const struct conn_table *table = trace->run->table;
	struct subflow place;
	uint32_t open;

	if (!trace->mptcp || !(c->flags & CONN_MPTCP))
		return false;
	place = conn_table_subflow(table, c);
	if (!place.connection)
		return false;
	/* With --full it is told of, and waited for, at the end of its TIME_WAIT. */
	open = trace->options->trace.full && c->flags & CONN_FINISHED ?
		       conn_table_subflows(table, c).all - 1 :
		       conn_table_subflows(table, c).open;
	return !mptcp_set_add(trace->mptcp, c, &place, open);
}

static bool is_wanted(const struct trace *trace, const struct conn *c, uint64_t now_ns)
{
	const struct options *o = trace->options;

	if (o->format == FORMAT_OTLP && !spans_are_wanted(&o->spans, &trace->run->settings, c))
		return false;
	return (!o->trace.failed || conn_has_failed(c)) && is_long_enough(o, c, now_ns);
}

static void print_as_of(struct trace *trace, const struct conn *c, uint64_t now_ns)
{
	struct run *run = trace->run;

	if (is_taken(trace, c) || !is_wanted(trace, c, now_ns))
		return;
	run->sink->connection(&run->settings, &run->out.lines, c);
	ports_look_tell(&trace->ports, run, c);
	output_flush_full(&run->out);
}

static void print_connection(struct consumer *self, const struct conn *c)
{
	print_as_of((struct trace *)self, c, TIME_UNKNOWN);
}

/* Nothing is printed of one at its close but what it says itself; a subflow waits for others. */
static bool learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)self;
	(void)shape;
	return !(c->flags & CONN_MPTCP);
}

static void print_like(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)shape;
	print_as_of((struct trace *)self, c, TIME_UNKNOWN);
}

/* One in TIME_WAIT has had its line, unless its real end was waited for. */
static void print_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	struct trace *trace = (struct trace *)self;
	const struct options *o = trace->options;
	bool is_told = c->flags & CONN_CLOSE_TOLD;

	if (o->trace.open && (o->trace.full || !is_told))
		print_as_of(trace, c, is_told ? TIME_UNKNOWN : now_ns);
	else if (o->trace.full && is_told)
		trace->waiting += is_wanted(trace, c, TIME_UNKNOWN);
}

/* As a connection is, which is told of as late where it is a server's. */
static void print_steps(struct run *run, const struct conn *c)
{
	struct transition transition;

	for (unsigned int step = 0; step < c->step_count; step++) {
		life_transition(c, step, &transition);
		run->sink->transition(&run->settings, &run->out.lines, c, &transition);
	}
}

static void print_half_open(struct consumer *self, const struct half_open *h)
{
	struct trace *trace = (struct trace *)self;
	struct run *run = trace->run;
	struct conn c;

	half_open_as_conn(h, &c);
	if (!is_wanted(trace, &c, TIME_UNKNOWN) ||
	    !flood_is_due(&trace->half_open, h->netns, h->lport, h->mono_ns))
		return;
	if (run->sink->half_open)
		run->sink->half_open(&run->settings, &run->out.lines, h);
	else if (trace->options->trace.events)
		print_steps(run, &c);
	else
		run->sink->connection(&run->settings, &run->out.lines, &c);
	output_flush_full(&run->out);
}

static const struct consumer_class events_class = { .transition = print_transition,
						    .half_open = print_half_open };
static const struct consumer_class full_class = { .gone = print_connection,
						  .alive = print_alive,
						  .half_open = print_half_open };
static const struct consumer_class closed_class = { .closed = print_connection,
						    .alive = print_alive,
						    .half_open = print_half_open,
						    .learn = learn,
						    .like = print_like };

/*
 * Who asks for no more than the close is not to wait for what becomes of it. A line of 80 columns
 * has no room for what a socket has counted.
 */
static struct consumer consumer_of(const struct options *o)
{
	/* Whether the peer has closed, too, is known of a timewait socket alone. */
	struct consumer consumer = { &closed_class, CONSUMER_RETRANSMITS | CONSUMER_PARTIES |
							    CONSUMER_COUNTS | CONSUMER_TIMEWAITS };

	if (o->format != FORMAT_TEXT || o->wide)
		consumer.wants |= CONSUMER_FACTS;
	if (o->format == FORMAT_JSON || o->format == FORMAT_CSV || o->format == FORMAT_OTLP ||
	    o->format == FORMAT_ROWS)
		consumer.wants |= CONSUMER_CGROUPS | CONSUMER_FLOWS;
	if (o->wide)
		consumer.wants |= CONSUMER_CGROUPS;
	if (o->wide || o->trace.cmdline)
		consumer.wants |= CONSUMER_PROMPT;
	if (o->trace.events) {
		consumer.class = &events_class;
		consumer.wants &= ~(unsigned int)CONSUMER_FACTS;
		consumer.wants |= CONSUMER_PROMPT;
		return consumer;
	}
	if (o->trace.full)
		consumer.class = &full_class;
	if (o->trace.open)
		consumer.wants |= CONSUMER_SEEDS;
	return consumer;
}

static int begin(void *context, struct run *run)
{
	struct trace *trace = context;
	const struct options *o = trace->options;

	trace->run = run;
	run->settings.cmdline = o->wide || o->trace.cmdline;
	if (o->format == FORMAT_OTLP) {
		otel_read_resource(&trace->resource);
		run->settings.resource = &trace->resource;
	}
	if (run->settings.cmdline)
		run_lore_want_processes(&run->lore);
	if (run->live && trace->consumer.wants & CONSUMER_CGROUPS)
		run_lore_learn_namespaces(&run->lore);
	if (run->sink->header)
		run->sink->header(&run->settings, &run->out.lines);
	return 0;
}

static void finish(void *context, struct run *run)
{
	struct trace *trace = context;
	struct summary sum;

	if (trace->mptcp)
		mptcp_set_finish(trace->mptcp);
	account_read(run, &sum);
	sum.half_open_unprinted = trace->half_open.unprinted;
	sum.time_waits_unprinted = trace->waiting;
	sum.payers[SUMMARY_HALF_OPEN_LINES] = &trace->half_open.payers;
	if (trace->mptcp) {
		sum.mptcp_early = mptcp_set_early(trace->mptcp);
		sum.payers[SUMMARY_MPTCP] = mptcp_set_payers(trace->mptcp);
	}
	sum.payers[SUMMARY_FAILURES] = failure_set_payers(trace->failures);
	sum.failures_lost = failure_set_lost(trace->failures);
	account_print_failures(run, trace->failures);
	gate_judge(&trace->gate, run, trace->failures, &sum);
	account_add_hints(run, trace->failures, &sum);
	account_print(run, &sum);
}

/* Returns the exit status. */
static int follow(struct trace *trace)
{
	struct consumer *consumers[] = { failure_set_consumer(trace->failures), &trace->consumer,
					 gate_consumer(&trace->gate) };
	const struct task task = {
		.consumers = { consumers, consumers[2] ? 3 : 2 },
		.role = RIGHTS_FOLLOW,
		.doing = &run_complaints[RUN_COMPLAINT_DOING_TRACE],
		.begin = begin,
		.finish = finish,
		.context = trace,
	};

	return gate_status(&trace->gate, run_follow(trace->options, &task));
}

static int trace_run(const struct options *options)
{
	struct trace trace = { .consumer = consumer_of(options), .options = options };
	int status = 2;

	trace.failures = failure_set_new(options->hist.top);
	if (options->trace.mptcp)
		trace.mptcp = mptcp_set_new(print_mptcp, &trace);
	if (!trace.failures || (options->trace.mptcp && !trace.mptcp))
		RUN_COMPLAIN(NO_MEMORY);
	else if (!gate_init(&trace.gate, options, quantity_find))
		status = follow(&trace);
	gate_done(&trace.gate);
	failure_set_free(trace.failures);
	mptcp_set_free(trace.mptcp);
	return status;
}

const struct command command_trace = { .run = trace_run };
