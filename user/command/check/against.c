// SPDX-License-Identifier: GPL-2.0-only
/* Traces for a while, and holds what was counted against the kernel's own counters. */
#include "user/command/check/against.h"

#include <stdlib.h>

#include "user/base/log.h"
#include "user/base/text.h"
#include "user/command/check/words.h"
#include "user/command/complaints.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/kernel_compare.h"
#include "user/run/run.h"
#include "user/sink/json/line.h"

#define STATUS_DIFFERS 1
#define STATUS_FAILED 2

typedef unsigned long long ull;

struct against {
	struct kernel_compare *compare;
	struct run *run;
	uint64_t begin_ns; /* 0: it has not */
	uint64_t end_ns;   /* 0: it has not been compared */
	uint64_t lost;
	struct metrics_difference found;
	bool differs, is_any_known;
};

static void look(struct against *a)
{
	struct counters_readings now;

	kernel_compare_look(a->compare, a->run, &a->found, &now);
	counters_done(&now);
}

/* What was lost of connections, and of what hooks should have told. */
static uint64_t lost(const struct run *run)
{
	struct summary sum;

	account_read_but_listen(run, &sum);
	return event_counters_lost(&sum.events) + summary_unseen(&sum) + sum.connections.evicted;
}

static void compare(struct against *a, uint64_t now_ns)
{
	look(a);
	a->end_ns = now_ns;
	a->lost = lost(a->run);
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++) {
		a->is_any_known |= a->found.is_known[i];
		if (a->found.is_known[i] && (uint64_t)llabs(a->found.by[i]) > a->lost)
			a->differs = true;
	}
}

static int begin(void *context, struct run *run)
{
	struct against *a = context;

	a->run = run;
	return 0;
}

static uint64_t due_ns(void *context)
{
	const struct against *a = context;

	return a->begin_ns ? a->begin_ns + a->run->options->check.against_ns : 0;
}

static void say_begun(const struct against *a)
{
	const struct run *run = a->run;
	char duration[TEXT_DURATION_SIZE];

	log_say_note(&command_complaints[COMMAND_COMPLAINT_COUNTING],
		     &(struct sentence_words){
			     .w = run->source->class->rung(run->source, HOOK_STATE),
			     .v = text_duration(run->options->check.against_ns, duration) });
}

static enum task_next tick(void *context, uint64_t now_ns)
{
	struct against *a = context;

	if (!a->begin_ns) {
		look(a);
		a->begin_ns = now_ns;
		say_begun(a);
	}
	if (now_ns < due_ns(a))
		return TASK_GO_ON;
	compare(a, now_ns);
	return TASK_ENOUGH;
}

static void print_counter(struct buffer *out, const struct against *a, int i)
{
	const char *name = kernel_tally_name((enum kernel_tally_id)i);
	long long kernel = kernel_compare_moved(a->compare)->kernel[i], by = a->found.by[i];

	if (a->found.is_known[i])
		buffer_addf(out, "%-20s %12lld %12lld %12lld\n", name, kernel, kernel + by, by);
	else
		buffer_addf(out, "%-20s %12s %12s %12s\n", name, "-", "-", "-");
}

static const char *verdict(const struct against *a, enum ladder_language l)
{
	if (!a->is_any_known)
		return IN(l, SAY_NOTHING_COMPARED);
	if (a->differs)
		return IN(l, SAY_DIFFER);
	return a->lost ? IN(l, SAY_AGREE_BUT_LOST) : IN(l, SAY_AGREE);
}

static void print_text(struct buffer *out, const struct against *a, enum ladder_language l)
{
	size_t namespaces = kernel_compare_moved(a->compare)->namespaces;
	char duration[TEXT_DURATION_SIZE];
	bool is_any_unknown = false;

	buffer_addf(out, "%-20s %12s %12s %12s\n", "COUNTER", "KERNEL", "HERE", "DIFFERENCE");
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++) {
		print_counter(out, a, i);
		is_any_unknown |= !a->found.is_known[i];
	}
	if (is_any_unknown)
		buffer_add_text(out, IN(l, SAY_NOT_COMPARED));
	buffer_add_char(out, '\n');
	text_duration(a->end_ns - a->begin_ns, duration);
	if (namespaces == 1)
		buffer_addf(out, IN(l, SAY_ONE_NAMESPACE), namespaces, duration);
	else
		buffer_addf(out, IN(l, SAY_NAMESPACES), namespaces, duration);
	if (a->lost == 1)
		buffer_addf(out, IN(l, SAY_ONE_LOST), (ull)a->lost);
	else
		buffer_addf(out, IN(l, SAY_SO_MANY_LOST), (ull)a->lost);
	buffer_addf(out, "%s\n", verdict(a, l));
}

static void add_counter(struct json *j, const struct against *a, int i)
{
	int64_t kernel = kernel_compare_moved(a->compare)->kernel[i], by = a->found.by[i];

	json_key(j, kernel_tally_name((enum kernel_tally_id)i));
	if (!a->found.is_known[i]) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	json_key(j, "kernel");
	json_i64(j, kernel);
	json_key(j, "here");
	json_i64(j, kernel + by);
	json_key(j, "difference");
	json_i64(j, by);
	json_object_end(j);
}

static void print_json(struct buffer *out, const struct against *a)
{
	struct json j;

	line_begin(&j, out, "against");
	json_key(&j, "duration_ns");
	json_u64(&j, a->end_ns - a->begin_ns);
	json_key(&j, "namespaces");
	json_u64(&j, kernel_compare_moved(a->compare)->namespaces);
	json_key(&j, "lost");
	json_u64(&j, a->lost);
	json_key(&j, "counters");
	json_object_begin(&j);
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++)
		add_counter(&j, a, i);
	json_object_end(&j);
	json_key(&j, "ok");
	if (a->is_any_known)
		json_bool(&j, !a->differs);
	else
		json_null(&j);
	line_end(&j);
}

/* Numbers that cannot be compared are empty. */
static void print_csv(struct buffer *out, const struct against *a)
{
	buffer_add_text(out, "counter,kernel,here,difference\n");
	for (int i = 0; i < KERNEL_TALLY_COUNT; i++) {
		long long kernel = kernel_compare_moved(a->compare)->kernel[i], by = a->found.by[i];

		buffer_add_text(out, kernel_tally_name((enum kernel_tally_id)i));
		if (a->found.is_known[i])
			buffer_addf(out, ",%lld,%lld,%lld\n", kernel, kernel + by, by);
		else
			buffer_add_text(out, ",,,\n");
	}
}

/* Told to end before its time, it has compared nothing so far. */
static void finish(void *context, struct run *run)
{
	struct against *a = context;
	struct summary sum;

	account_read(run, &sum);
	if (!a->end_ns)
		COMMAND_COMPLAIN(ENDED_EARLY);
	else if (run->options->format == FORMAT_JSON)
		print_json(&run->out.lines, a);
	else if (run->options->format == FORMAT_CSV)
		print_csv(&run->out.lines, a);
	else
		print_text(&run->out.lines, a, run->settings.language);
	if (run->options->format == FORMAT_JSON)
		account_print(run, &sum);
}

int check_against(const struct options *options)
{
	struct against against = { .compare = kernel_compare_new() };
	struct consumer *consumers[1];
	const struct task task = {
		.consumers = { consumers, 1 },
		.role = RIGHTS_FOLLOW,
		.is_silent = true,
		.begin = begin,
		.tick = tick,
		.due_ns = due_ns,
		.finish = finish,
		.context = &against,
	};
	int status;

	if (!against.compare) {
		RUN_COMPLAIN(NO_MEMORY);
		return STATUS_FAILED;
	}
	consumers[0] = kernel_compare_consumer(against.compare);
	status = run_follow(options, &task);
	kernel_compare_free(against.compare);
	if (status || !against.end_ns || !against.is_any_known)
		return STATUS_FAILED;
	return against.differs ? STATUS_DIFFERS : 0;
}
