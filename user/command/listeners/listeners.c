// SPDX-License-Identifier: GPL-2.0-only
/* The command listeners: who serves here, and whether it keeps up. */
#include "user/base/clock.h"
#include "user/command/command.h"
#include "user/command/listeners/follow.h"
#include "user/command/listeners/look.h"
#include "user/command/listeners/rows.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/lore.h"
#include "user/run/output.h"
#include "user/run/redact.h"
#include "user/run/terminal.h"

#define EXIT_FAILED 2

/* What one look needs, beside what it is looked with. */
struct once {
	struct listeners_teller teller;
	struct listeners_eye eye;
	struct sink_settings settings;
	struct run_lore lore;
	struct redact redact; /* what is not told */
	struct output out;
	struct listening_totals totals;
};

/* Names are a help, not a condition. */
static void learn(struct run_lore *lore)
{
	if (!run_lore_want_cgroups(lore))
		run_lore_learn_cgroups(lore);
	run_lore_learn_namespaces(lore);
}

/* Returns 0, or -errno after one sentence. */
static int look(struct once *o)
{
	char reason[PLAN_REASON_SIZE] = "";
	int error =
		listeners_eye_open(&o->eye, o->teller.options, o->teller.listening, NULL, reason);

	if (!error)
		error = listeners_look(&o->eye, reason);
	if (!error)
		error = listeners_find_holders(&o->eye);
	if (error)
		listeners_complain(&o->eye, error, reason);
	return error;
}

/* Returns 0, or -errno after one sentence. */
static int tell(struct once *o)
{
	struct summary sum = { .scope = SUMMARY_OF_A_LOOK,
			       .listeners = &o->totals,
			       .language = o->settings.language };
	int error;

	learn(&o->lore);
	o->teller.view.now_ns = listening_last(o->teller.listening);
	listeners_account(&o->eye, &o->totals);
	error = listeners_tell(&o->teller, &o->out.lines, &o->totals);
	account_add_hook(&sum, HOOK_SEED, listeners_way(&o->eye));
	account_add_hook(&sum, HOOK_HOLDER, o->eye.table.rung);
	sum.payers[SUMMARY_HOLDERS] = &o->eye.table.quota.payers;
	sum.duration_ns = clock_now() - o->settings.start_mono_ns;
	if (o->teller.sink->summary)
		o->teller.sink->summary(&o->settings, &o->out.lines, &sum);
	output_flush(&o->out);
	if (o->teller.options->format != FORMAT_JSON)
		account_say(&sum);
	return error;
}

static int look_once(const struct options *options)
{
	struct once o = {
		.teller = { .options = options,
			    .listening = listening_new(),
			    .sink = output_sink(options->format),
			    .settings = &o.settings,
			    .lore = &o.lore },
	};
	int status = EXIT_FAILED;

	output_init(&o.out, NULL);
	run_lore_init(&o.lore);
	terminal_settings(options, &o.settings);
	o.settings.lore = &o.lore.lore;
	if (options->redact && !redact_init(&o.redact, options->redact))
		o.lore.redact = &o.redact;
	run_lore_doubt_processes(&options->filter);
	if (!o.teller.listening || (options->redact && !o.lore.redact))
		RUN_COMPLAIN(NO_MEMORY);
	else if (!run_lore_cannot_tell(&options->filter) && !look(&o) && !tell(&o))
		status = listening_is_partial(&o.totals) ? EXIT_FAILED : 0;
	if (output_end(&o.out))
		status = EXIT_FAILED;
	listeners_eye_close(&o.eye);
	listening_free(o.teller.listening);
	run_lore_done(&o.lore);
	redact_done(&o.redact);
	output_done(&o.out);
	return status;
}

static int listeners_run(const struct options *options)
{
	plan_set_verbose(options->verbose);
	if (options->input_count || options->stuck.watch || options->duration_ns)
		return listeners_follow(options);
	return look_once(options);
}

const struct command command_listeners = { .run = listeners_run };
