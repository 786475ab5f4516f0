// SPDX-License-Identifier: GPL-2.0-only
/* Tries every rung of every hook family, traces itself, and prints what came of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "user/base/text.h"
#include "user/command/check/against.h"
#include "user/command/check/memory.h"
#include "user/command/check/recorded.h"
#include "user/command/check/selftest.h"
#include "user/command/check/shape.h"
#include "user/command/check/words.h"
#include "user/command/command.h"
#include "user/command/complaints.h"
#include "user/conn/conn.h"
#include "user/kernel/reason.h"
#include "user/kernel/refusal.h"
#include "user/rights/rights.h"
#include "user/run/account.h"
#include "user/run/keep.h"
#include "user/run/output.h"
#include "user/run/terminal.h"
#include "user/sink/json/line.h"
#include "user/sink/sink.h"
#include "user/stacks/stacks.h"

#define ALL_FAMILIES ((1u << HOOK_FAMILY_COUNT) - 1)
#define FACT_SIZE 64
#define WORKS_COLUMN 23 /* where the columns of the hooks begin */
#define REASON_COLUMN 29

struct findings {
	struct utsname system;
	bool btf, capable, inside;    /* a user namespace */
	unsigned int missing;	      /* rights, as bits of hook_right_id */
	bool memory_hidden;	      /* plan_is_memory_hidden() */
	char clock_source[FACT_SIZE]; /* empty: unknown */
	char lockdown[FACT_SIZE];     /* empty: unknown */
	struct rights_bars bars;      /* what a run here would hold itself by */
	struct plan plan;
	struct check_memory memory;
	struct selftest selftest;
	bool ok;
};

/* The first line of a small file, without its end; empty when it cannot be read. */
static void read_fact(const char *path, char fact[FACT_SIZE])
{
	FILE *f = fopen(path, "re");

	fact[0] = 0;
	if (!f)
		return;
	if (fgets(fact, FACT_SIZE, f))
		fact[strcspn(fact, "\n")] = 0;
	fclose(f);
}

/* "none [integrity] confidentiality" to "integrity". */
static void read_lockdown(char fact[FACT_SIZE])
{
	char line[FACT_SIZE];
	char *begin, *end;

	read_fact("/sys/kernel/security/lockdown", line);
	begin = strchr(line, '[');
	end = begin ? strchr(begin, ']') : NULL;
	fact[0] = 0;
	if (end) {
		*end = 0;
		memcpy(fact, begin + 1, end - begin);
	}
}

/* The rights that this process lacks, as bits of hook_right_id. */
static unsigned int missing_rights(void)
{
	unsigned int missing = 0;

	for (int i = 0; i < HOOK_RIGHT_COUNT; i++)
		if (!refusal_has_capability(hook_rights[i].capability))
			missing |= 1u << i;
	return missing;
}

static void find(const struct options *options, struct findings *ret)
{
	memset(ret, 0, sizeof(*ret));
	uname(&ret->system);
	ret->btf = refusal_has_btf();
	ret->capable = refusal_may_load();
	ret->inside = refusal_is_in_user_namespace();
	ret->missing = missing_rights();
	ret->memory_hidden = plan_is_memory_hidden();
	read_fact("/sys/devices/system/clocksource/clocksource0/current_clocksource",
		  ret->clock_source);
	read_lockdown(ret->lockdown);
	rights_try(&ret->bars);
	plan_set_verbose(options->verbose);
	plan_by_trial(&ret->plan, (enum plan_attach)options->attach, ALL_FAMILIES, true);
	memory_find(options, &ret->plan, &ret->memory);
	ret->ok = true;
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++)
		if (hook_families[f].required && ret->plan.rung[f] == PLAN_NONE)
			ret->ok = false;
	if (ret->ok) {
		selftest_run(options->attach, &ret->selftest);
		ret->ok = ret->selftest.ok;
	}
}

static const char *or_unknown(const char *fact, enum ladder_language l)
{
	return *fact ? fact : IN(l, SAY_UNKNOWN);
}

static void print_reason(struct buffer *out, const struct plan_trial *trial, unsigned int lacks,
			 enum ladder_language l)
{
	bool is_first = true;

	reason_add(out, trial->reason, l);
	for (int i = 0; i < HOOK_RIGHT_COUNT; i++) {
		if (!(lacks & 1u << i))
			continue;
		if (is_first)
			buffer_addf(out, IN(l, SAY_WITHOUT), hook_rights[i].name);
		else
			buffer_addf(out, IN(l, SAY_AND), hook_rights[i].name);
		is_first = false;
	}
}

/* What the missing rights are good for. */
static void print_rights(struct buffer *out, unsigned int missing, enum ladder_language l)
{
	const char *more = IN(l, SAY_MORE);
	size_t width = text_width(more, strlen(more));
	bool is_first = true;

	for (int i = 0; i < HOOK_RIGHT_COUNT; i++) {
		if (!(missing & 1u << i))
			continue;
		buffer_addf(out, "%s%*s%-19s  %s\n", is_first ? "\n" : "",
			    is_first ? 0 : (int)width, is_first ? more : "", hook_rights[i].name,
			    check_word(hook_rights[i].allows, l));
		is_first = false;
	}
}

/* The column before the reasons. */
static void print_works(struct buffer *out, const char *word)
{
	size_t width = text_width(word, strlen(word));

	buffer_addf(out, "%s%*s", word, REASON_COLUMN - WORKS_COLUMN - (int)width, "");
}

static void print_rung(struct buffer *out, const struct plan *plan, int f, size_t r,
		       const char *name, unsigned int missing, enum ladder_language l)
{
	const struct hook_rung *rung = &hook_families[f].rungs[r];
	const struct plan_trial *trial = &plan->trials[f][r];

	buffer_addf(out, "%-10s %-11s ", name, hook_kind_name(rung->kind));
	if (trial->error) {
		print_works(out, IN(l, SAY_NO));
		print_reason(out, trial, hook_needs(rung) & missing, l);
	} else {
		buffer_add_text(out,
				plan->rung[f] == (int)r ? IN(l, SAY_YES_USED) : IN(l, SAY_YES));
	}
	buffer_add_text(out, "\n");
}

#define LACKS 3

/* What is not seen of a family's, as it is; returns how many sentences. */
static size_t find_lacks(const struct findings *found, int f, const char *ret_lacks[LACKS])
{
	const struct plan *plan = &found->plan;
	const char *lacks = plan->rung[f] == PLAN_NONE ? hook_families[f].yields :
							 plan_lacks(plan, (enum hook_family_id)f);
	size_t count = 0;

	if (lacks)
		ret_lacks[count++] = lacks;
	if (f == HOOK_STATE && found->memory_hidden) {
		ret_lacks[count++] = "whose an MPTCP subflow is: under this lockdown";
		ret_lacks[count++] = "what interfaces are called: under this lockdown";
	}
	return count;
}

/* In the place of reasons, below the rungs. */
static void print_lacks(struct buffer *out, const struct findings *found, int f,
			enum ladder_language l)
{
	const char *lacks[LACKS];
	size_t count = find_lacks(found, f, lacks);
	struct buffer said;

	buffer_init(&said);
	for (size_t i = 0; i < count; i++) {
		said.size = 0;
		check_paragraph(&said, REASON_COLUMN, check_word(lacks[i], l));
		buffer_addf(out, "%*s", WORKS_COLUMN, "");
		print_works(out, IN(l, SAY_NOT_SEEN));
		if (!said.failed)
			buffer_add(out, said.bytes + REASON_COLUMN, said.size - REASON_COLUMN);
		out->failed |= said.failed;
	}
	buffer_done(&said);
}

static void print_by_listener(struct buffer *out, enum ladder_language l)
{
	buffer_addf(out, "%-10s %-11s ", "", "listener");
	print_works(out, IN(l, SAY_YES_USED));
	buffer_addf(out, "%s\n", IN(l, SAY_BY_LISTENER));
}

static void print_hooks(struct buffer *out, const struct findings *found, enum ladder_language l)
{
	const struct plan *plan = &found->plan;

	buffer_addf(out, "\n%-10s %-11s %-5s %s\n", "HOOK", "RUNG", "WORKS", "WHY NOT");
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		const struct hook_family *family = &hook_families[f];

		for (size_t r = 0, next; r < family->rung_count; r = next) {
			size_t shown = shape_to_show(plan, f, r, &next);

			print_rung(out, plan, f, shown, r ? "" : family->name, found->missing, l);
		}
		print_lacks(out, found, f, l);
		if (f == HOOK_ACCEPT && plan->rung[f] == PLAN_NONE)
			print_by_listener(out, l);
	}
	buffer_add_text(out, IN(l, SAY_IN_USE));
	print_rights(out, found->missing, l);
}

static void print_selftest(struct buffer *out, const struct findings *found, enum ladder_language l)
{
	const struct selftest *t = &found->selftest;
	char client[TEXT_DURATION_SIZE], server[TEXT_DURATION_SIZE];

	if (found->plan.rung[HOOK_STATE] == PLAN_NONE)
		return;
	buffer_add_char(out, '\n');
	check_label(out, IN(l, SAY_SELFTEST));
	buffer_add_text(out, t->own_namespace ? IN(l, SAY_LOOPBACK_APART) : IN(l, SAY_LOOPBACK));
	check_label(out, "");
	if (t->ok) {
		buffer_addf(out, IN(l, SAY_BOTH_SEEN), text_duration(t->client_ns, client),
			    text_duration(t->server_ns, server));
	} else {
		buffer_add_text(out, IN(l, SAY_FAILED));
		if (t->is_seen_in_part)
			buffer_addf(out, IN(l, SAY_SEEN_IN_PART), t->clients, t->servers);
		else
			reason_add(out, t->reason, l);
		buffer_add_char(out, '\n');
	}
}

/* Those that are in force first, then those that are not, and why. */
static void print_bars(struct buffer *out, const struct rights_bars *bars, enum ladder_language l)
{
	const struct {
		const char *name;
		int error;
	} all[] = {
#define X(field, name) { name, bars->field },
		RIGHTS_BARS(X)
#undef X
	};
	const char *before = "";

	check_label(out, IN(l, SAY_CONFINED));
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (all[i].error)
			continue;
		buffer_addf(out, "%s%s", before, all[i].name);
		before = ", ";
	}
	buffer_add_char(out, '\n');
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (!all[i].error)
			continue;
		check_label(out, "");
		buffer_addf(out, IN(l, SAY_NOT_IN_FORCE), all[i].name, strerror(-all[i].error));
	}
}

static const char *rights_in(const struct findings *found, enum ladder_language l)
{
	return found->capable ? IN(l, SAY_CAPABLE) :
	       found->inside  ? IN(l, SAY_INSIDE) :
				IN(l, SAY_INCAPABLE);
}

static void print_text(struct buffer *out, const struct findings *found, enum ladder_language l)
{
	check_label(out, IN(l, SAY_KERNEL));
	buffer_addf(out, "%s %s %s\n", found->system.sysname, found->system.release,
		    found->system.machine);
	check_label(out, IN(l, SAY_TYPES));
	buffer_addf(out, "%s\n", found->btf ? IN(l, SAY_BTF) : IN(l, SAY_NO_BTF));
	check_label(out, IN(l, SAY_RIGHTS));
	buffer_addf(out, "%s\n", rights_in(found, l));
	check_label(out, IN(l, SAY_LOCKDOWN));
	buffer_addf(out, "%s\n", or_unknown(found->lockdown, l));
	check_label(out, IN(l, SAY_CLOCK));
	buffer_addf(out, IN(l, SAY_CLOCK_IS), or_unknown(found->clock_source, l));
	print_bars(out, &found->bars, l);
	check_label(out, IN(l, SAY_STACKS));
	buffer_addf(out, "%s\n", check_word(stacks_knowledge(), l));
	memory_print(out, &found->memory, l);
	print_hooks(out, found, l);
	print_selftest(out, found, l);
	buffer_addf(out, "\n%s\n", found->ok ? IN(l, SAY_WORKS) : IN(l, SAY_WORKS_NOT));
}

static void add_json_needs(struct json *j, const struct hook_rung *rung)
{
	unsigned int needs = hook_needs(rung);

	json_key(j, "needs");
	json_array_begin(j);
	for (int i = 0; i < HOOK_RIGHT_COUNT; i++)
		if (needs & 1u << i)
			json_text(j, hook_rights[i].name);
	json_array_end(j);
}

static void add_json_lacks(struct json *j, const struct findings *found, int f)
{
	const char *lacks[LACKS];
	size_t count = find_lacks(found, f, lacks);

	json_key(j, "not_seen");
	json_array_begin(j);
	for (size_t i = 0; i < count; i++)
		json_text(j, lacks[i]);
	json_array_end(j);
}

static void add_json_hooks(struct json *j, const struct findings *found)
{
	const struct plan *plan = &found->plan;

	json_key(j, "hooks");
	json_array_begin(j);
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		const struct hook_family *family = &hook_families[f];

		json_object_begin(j);
		json_key(j, "family");
		json_text(j, family->name);
		json_key(j, "yields");
		json_text(j, family->yields);
		json_key(j, "rung");
		json_text(j, plan_rung_name(plan, f));
		add_json_lacks(j, found, f);
		json_key(j, "rungs");
		json_array_begin(j);
		for (size_t r = 0; r < family->rung_count; r++) {
			const struct plan_trial *trial = &plan->trials[f][r];

			json_object_begin(j);
			json_key(j, "rung");
			json_text(j, hook_kind_name(family->rungs[r].kind));
			json_key(j, "works");
			json_bool(j, !trial->error);
			json_key(j, "reason");
			json_text(j, trial->error ? trial->reason : NULL);
			json_key(j, "lacks");
			json_text(j, family->rungs[r].lacks);
			add_json_needs(j, &family->rungs[r]);
			json_object_end(j);
		}
		json_array_end(j);
		json_object_end(j);
	}
	json_array_end(j);
}

static void add_json_bars(struct json *j, const struct rights_bars *bars)
{
	json_key(j, "confined");
	json_object_begin(j);
#define X(field, name)       \
	json_key(j, #field); \
	json_bool(j, !bars->field);
	RIGHTS_BARS(X)
#undef X
	json_object_end(j);
}

static void add_json_duration(struct json *j, const char *key, uint64_t ns)
{
	json_key(j, key);
	if (ns == TIME_UNKNOWN)
		json_null(j);
	else
		json_u64(j, ns);
}

static void add_json_selftest(struct json *j, const struct selftest *t)
{
	json_key(j, "selftest");
	json_object_begin(j);
	json_key(j, "ok");
	json_bool(j, t->ok);
	json_key(j, "own_namespace");
	json_bool(j, t->own_namespace);
	add_json_duration(j, "handshake_client_ns", t->client_ns);
	add_json_duration(j, "handshake_server_ns", t->server_ns);
	json_key(j, "lost");
	json_u64(j, t->lost);
	json_key(j, "reason");
	json_text(j, t->ok ? NULL : t->reason);
	json_object_end(j);
}

static void print_json(struct buffer *out, const struct findings *found)
{
	struct json j;

	line_begin(&j, out, "check");
	json_key(&j, "kernel");
	json_text(&j, found->system.release);
	json_key(&j, "machine");
	json_text(&j, found->system.machine);
	json_key(&j, "btf");
	json_bool(&j, found->btf);
	json_key(&j, "capable");
	json_bool(&j, found->capable);
	json_key(&j, "lockdown");
	json_text(&j, *found->lockdown ? found->lockdown : NULL);
	json_key(&j, "clock_source");
	json_text(&j, *found->clock_source ? found->clock_source : NULL);
	add_json_bars(&j, &found->bars);
	memory_add_json(&j, &found->memory);
	add_json_hooks(&j, found);
	add_json_selftest(&j, &found->selftest);
	json_key(&j, "ok");
	json_bool(&j, found->ok);
	line_end(&j);
}

static void add_csv(struct buffer *out, const char *text)
{
	buffer_add_char(out, ',');
	if (text)
		text_add_csv(out, text, strlen(text));
}

/* A row for each rung, the best first; what it needs with blanks between. */
static void print_csv(struct buffer *out, const struct findings *found)
{
	const struct plan *plan = &found->plan;

	buffer_add_text(out, "hook,rung,works,used,reason,lacks,needs\n");
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		const struct hook_family *family = &hook_families[f];

		for (size_t r = 0; r < family->rung_count; r++) {
			const struct hook_rung *rung = &family->rungs[r];
			const struct plan_trial *trial = &plan->trials[f][r];
			unsigned int needs = hook_needs(rung);
			const char *before = ",";

			buffer_addf(out, "%s,%s,%s,%s", family->name, hook_kind_name(rung->kind),
				    trial->error ? "false" : "true",
				    plan->rung[f] == (int)r ? "true" : "false");
			add_csv(out, trial->error ? trial->reason : NULL);
			add_csv(out, rung->lacks);
			for (int i = 0; i < HOOK_RIGHT_COUNT; i++) {
				if (!(needs & 1u << i))
					continue;
				buffer_addf(out, "%s%s", before, hook_rights[i].name);
				before = " ";
			}
			buffer_add_text(out, *before == ',' ? ",\n" : "\n");
		}
	}
}

/* What has no row. */
static void say_verdict(const struct findings *found)
{
	if (found->plan.rung[HOOK_STATE] != PLAN_NONE && !found->selftest.ok)
		COMMAND_COMPLAIN(SELFTEST_FAILED, .w = found->selftest.reason);
	else if (!found->ok)
		COMMAND_COMPLAIN(TRACING_NONE);
}

/* The account of the self-test, and the hooks that a run would have. */
static void print_summary(const struct options *options, struct buffer *out,
			  const struct findings *found)
{
	struct summary summary = {
		.events = found->selftest.events,
		.connections = found->selftest.connections,
		.duration_ns = found->selftest.duration_ns,
	};
	struct sink_settings settings;

	for (int f = 0; f < HOOK_FAMILY_COUNT; f++)
		account_add_hook(&summary, f, plan_rung_name(&found->plan, f));
	terminal_settings(options, &settings);
	sink_json.summary(&settings, out, &summary);
}

static int check_run(const struct options *options)
{
	static struct findings found;
	struct sink_settings settings;
	struct output out;
	int error;

	if (options->input_count)
		return check_recorded(options);
	if (options->check.against_ns)
		return check_against(options);
	find(options, &found);
	keep_answer();
	output_init(&out, NULL);
	if (options->format == FORMAT_JSON) {
		print_json(&out.lines, &found);
		print_summary(options, &out.lines, &found);
	} else if (options->format == FORMAT_CSV) {
		print_csv(&out.lines, &found);
		say_verdict(&found);
	} else {
		terminal_settings(options, &settings);
		print_text(&out.lines, &found, settings.language);
	}
	error = output_end(&out);
	output_done(&out);
	return found.ok && !error ? 0 : 2;
}

const struct command command_check = { .run = check_run };
