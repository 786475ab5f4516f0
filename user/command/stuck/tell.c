// SPDX-License-Identifier: GPL-2.0-only
/* Telling of stuck sockets: on standard output, and to the command of --exec. */
#include "user/command/stuck/tell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/clock.h"
#include "user/command/complaints.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/terminal.h"

/* Returns 0, or -errno after one sentence. */
static int open_exec(struct stuck_tell *tell)
{
	const struct options *o = tell->options;
	const struct exec_settings settings = {
		.command = o->stuck.exec,
		.user = o->stuck.exec_user,
		.environment = o->stuck.exec_env,
		.limit_ns = o->stuck.exec_limit_ns,
	};
	int error = runner_start(&settings, &tell->runner);

	if (error == -ENOENT)
		COMMAND_COMPLAIN(EXEC_NO_USER, .w = o->stuck.exec_user);
	else if (error == -EPERM)
		COMMAND_COMPLAIN(EXEC_NEEDS_ROOT);
	else if (error == -ENOSPC)
		COMMAND_COMPLAIN(EXEC_ENV);
	else if (error == -ENOMEM)
		RUN_COMPLAIN(NO_MEMORY);
	else if (error)
		COMMAND_COMPLAIN(EXEC_NOT_STARTED, .w = strerror(-error));
	return error;
}

void stuck_tell_by(struct stuck_tell *tell, struct run_lore *names)
{
	tell->names = names;
	tell->settings.lore = &names->lore;
}

int stuck_tell_init(struct stuck_tell *tell, const struct options *options)
{
	memset(tell, 0, sizeof(*tell));
	tell->options = options;
	tell->sink = output_sink(options->format);
	output_init(&tell->out, NULL);
	buffer_init(&tell->line);
	terminal_settings(options, &tell->settings);
	run_lore_init(&tell->lore);
	stuck_tell_by(tell, &tell->lore);
	if (options->redact && redact_init(&tell->redact, options->redact)) {
		RUN_COMPLAIN(NO_MEMORY);
		return -ENOMEM;
	}
	if (options->redact)
		tell->lore.redact = &tell->redact;
	return options->stuck.exec ? open_exec(tell) : 0;
}

void stuck_tell_done(struct stuck_tell *tell)
{
	runner_free(tell->runner);
	run_lore_done(&tell->lore);
	redact_done(&tell->redact);
	buffer_done(&tell->line);
	output_done(&tell->out);
}

/* Names are a help, not a condition. */
void stuck_tell_learn(struct stuck_tell *tell)
{
	if (!run_lore_want_cgroups(&tell->lore))
		run_lore_learn_cgroups(&tell->lore);
	run_lore_learn_namespaces(&tell->lore);
}

static void miss_runner(struct stuck_tell *tell)
{
	tell->has_failed = true;
	COMMAND_COMPLAIN(EXEC_ENDED);
}

static void run_command(struct stuck_tell *tell, const struct stuck *s)
{
	if (!tell->runner || tell->has_failed)
		return;
	buffer_clear(&tell->line);
	sink_json.stuck(&tell->settings, &tell->line, s);
	/* What has been printed comes before what the command prints. */
	output_flush(&tell->out);
	if (runner_run(tell->runner, tell->line.bytes, tell->line.size))
		miss_runner(tell);
}

bool stuck_tell_has_failed(struct stuck_tell *tell)
{
	if (tell->runner && !tell->has_failed && runner_has_ended(tell->runner))
		miss_runner(tell);
	return tell->has_failed;
}

void stuck_tell_header(struct stuck_tell *tell)
{
	if (tell->sink->stuck_header)
		tell->sink->stuck_header(&tell->settings, &tell->out.lines);
}

/* What may be told of them, and of their holders. */
struct hidden {
	struct stuck *all;
	struct holder *holders;
};

static void hidden_done(struct hidden *hidden)
{
	free(hidden->all);
	free(hidden->holders);
}

static const struct holder *hide_holders(struct stuck_tell *tell, struct holder **at,
					 const struct holder *holders, size_t count)
{
	struct holder *own = *at;

	for (size_t i = 0; i < count; i++) {
		own[i] = holders[i];
		redact_holder(tell->names->redact, &own[i]);
	}
	*at += count;
	return holders ? own : NULL;
}

static int hide(struct stuck_tell *tell, const struct stuck *all, size_t count,
		struct hidden *ret_hidden)
{
	size_t held = 0;
	struct holder *at;

	for (size_t i = 0; i < count; i++)
		held += all[i].holder_count + 1;
	*ret_hidden =
		(struct hidden){ calloc(count + 1, sizeof(*all)), calloc(held + 1, sizeof(*at)) };
	at = ret_hidden->holders;
	if (!ret_hidden->all || !at) {
		hidden_done(ret_hidden);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		struct stuck *own = &ret_hidden->all[i];

		*own = all[i];
		redact_conn(tell->names->redact, &own->c);
		own->holders = hide_holders(tell, &at, own->holders, own->holder_count);
		own->listener = hide_holders(tell, &at, own->listener, own->listener != NULL);
	}
	return 0;
}

static void tell_one(struct stuck_tell *tell, const struct stuck *s)
{
	tell->sink->stuck(&tell->settings, &tell->out.lines, s);
	output_flush_full(&tell->out);
	run_command(tell, s);
}

void stuck_tell_one(struct stuck_tell *tell, const struct stuck *s)
{
	struct hidden hidden;

	if (!tell->names->redact) {
		tell_one(tell, s);
	} else if (!hide(tell, s, 1, &hidden)) {
		tell_one(tell, hidden.all);
		hidden_done(&hidden);
	} else {
		tell->has_failed = true;
		RUN_COMPLAIN(NO_MEMORY);
	}
}

static int tell_groups(struct stuck_tell *tell, const struct stuck *all, size_t count)
{
	unsigned int keys = tell->options->hist.by;
	struct stuck_group *groups;
	size_t found;
	int error =
		stuck_groups_new(all, count, keys, run_lore_joiner(tell->names), &groups, &found);

	if (error)
		return error;
	tell->sink->stuck_groups(&tell->settings, &tell->out.lines, groups, found, keys);
	free(groups);
	for (size_t i = 0; i < count; i++)
		run_command(tell, &all[i]);
	return 0;
}

static int tell_all(struct stuck_tell *tell, const struct stuck *all, size_t count)
{
	if (tell->sink->stuck_groups && !tell->options->stuck.list)
		return tell_groups(tell, all, count);
	if (count || tell->options->format == FORMAT_CSV)
		stuck_tell_header(tell);
	for (size_t i = 0; i < count && !tell->out.error; i++)
		tell_one(tell, &all[i]);
	return 0;
}

int stuck_tell_all(struct stuck_tell *tell, const struct stuck *all, size_t count)
{
	struct hidden hidden;
	int error;

	for (size_t i = 0; i < count; i++)
		run_lore_meet_netns(tell->names, all[i].c.netns, all[i].c.cgroup);
	if (!tell->names->redact)
		return tell_all(tell, all, count);
	error = hide(tell, all, count, &hidden);
	if (error)
		return error;
	error = tell_all(tell, hidden.all, count);
	hidden_done(&hidden);
	return error;
}

static void finish_commands(struct stuck_tell *tell, struct stuck_counts *counts)
{
	struct runner_counts ran;
	sigset_t blocked;

	if (!tell->runner)
		return;
	/* They take their time, and a second signal must end us even so. */
	if (tell->out.waiting)
		sigprocmask(SIG_SETMASK, tell->out.waiting, &blocked);
	/* What waits may have to wait once for those that run. */
	if (runner_finish(tell->runner, clock_now() + 2 * tell->options->stuck.exec_limit_ns,
			  &ran) &&
	    !tell->has_failed)
		miss_runner(tell);
	if (tell->out.waiting)
		sigprocmask(SIG_SETMASK, &blocked, NULL);
	counts->exec_failed = ran.failed;
	counts->exec_dropped = ran.dropped;
}

void stuck_tell_end(struct stuck_tell *tell, struct summary *summary, struct stuck_counts *counts)
{
	output_flush(&tell->out);
	finish_commands(tell, counts);
	summary->stuck = counts;
	summary->language = tell->settings.language;
	if (!counts->is_past)
		summary->duration_ns = clock_now() - tell->settings.start_mono_ns;
	if (tell->sink->summary)
		tell->sink->summary(&tell->settings, &tell->out.lines, summary);
	output_flush(&tell->out);
	if (tell->options->format != FORMAT_JSON)
		account_say(summary);
}
