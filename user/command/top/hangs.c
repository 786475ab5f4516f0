// SPDX-License-Identifier: GPL-2.0-only
/* What is stuck: one look after the other at the sockets of the kernel, with their holders. */
#include "user/command/top/hangs.h"

#include <errno.h>
#include <stdlib.h>

#include "user/aggregate/stuck_conn.h"
#include "user/base/clock.h"
#include "user/base/units.h"

#define PAUSE_NS (2 * NS_PER_S)
#define PAUSE_LOOKS 20 /* a look takes no more than so much of the time */

int hangs_begin(struct hangs *hangs, struct run *run)
{
	char reason[PLAN_REASON_SIZE] = "";

	hangs->run = run;
	if (!run->live)
		return 0;
	hangs->options = malloc(sizeof(*hangs->options));
	if (!hangs->options)
		return -ENOMEM;
	*hangs->options = *run->options;
	hangs->options->stuck.states = 0;
	hangs->options->stuck.min_age_ns = OPTIONS_AGE_SENSIBLE;
	for (unsigned int state = 1; state < STATE_COUNT; state++)
		if (stuck_is_short((enum tcp_state)state))
			hangs->options->stuck.short_states |= UINT32_C(1) << state;
	hangs->has_eye = !stuck_eye_open(&hangs->eye, hangs->options, run->broker, reason);
	return 0;
}

void hangs_done(struct hangs *hangs)
{
	if (hangs->has_look)
		stuck_look_done(&hangs->look);
	if (hangs->options)
		stuck_eye_close(&hangs->eye);
	free(hangs->options);
	free(hangs->rows);
}

static bool make_room(struct hangs *hangs, size_t count)
{
	struct stuck *grown;

	if (count <= hangs->room)
		return true;
	grown = reallocarray(hangs->rows, count, sizeof(*grown));
	if (!grown)
		return false;
	hangs->rows = grown;
	hangs->room = count;
	return true;
}

/* The table may have seen when it came into its state, which no look can tell. */
static bool amend(void *context, struct stuck *s)
{
	const struct hangs *hangs = context;
	const struct conn *c = conn_table_find(hangs->run->table, s->c.sock);
	uint64_t entered_ns;

	if (!c || conn_state(c) != s->state || c->lport != s->c.lport || c->rport != s->c.rport)
		return true;
	entered_ns = conn_step_time(c, c->step_count - 1U);
	if (entered_ns <= s->mono_ns) {
		s->age_ns = s->age_at_most_ns = s->mono_ns - entered_ns;
		s->age_is_exact = true;
	}
	return true;
}

static void look_anew(struct hangs *hangs)
{
	const struct stuck_look_watcher watcher = { .amend = amend, .context = hangs };
	char reason[PLAN_REASON_SIZE] = "";
	uint64_t begin_ns = clock_now(), took_ns;
	struct stuck_look next;

	if (stuck_look(&hangs->eye, &watcher, &next, reason)) {
		hangs->has_eye = false;
		return;
	}
	if (hangs->has_look)
		stuck_look_done(&hangs->look);
	hangs->look = next;
	hangs->has_look = true;
	took_ns = clock_now() - begin_ns;
	hangs->due_ns =
		begin_ns + (took_ns * PAUSE_LOOKS > PAUSE_NS ? took_ns * PAUSE_LOOKS : PAUSE_NS);
}

void hangs_stand_still(struct hangs *hangs)
{
	if (hangs->has_eye && clock_now() >= hangs->due_ns)
		look_anew(hangs);
	hangs->is_still = true;
}

void hangs_go_on(struct hangs *hangs)
{
	hangs->is_still = false;
}

static bool is_wanted(const struct words *words, const struct stuck *s)
{
	return !words || ((!words->states || words->states >> s->state & 1) &&
			  conn_filter_judge(&words->filter, &s->c, true) == FILTER_WANTED);
}

bool hangs_look(struct hangs *hangs, const struct words *words, size_t first, size_t count)
{
	if (hangs->has_eye && !hangs->is_still && clock_now() >= hangs->due_ns)
		look_anew(hangs);
	if (!hangs->has_eye || !hangs->has_look || !make_room(hangs, count))
		return false;
	hangs->count = hangs->all = 0;
	hangs->total = hangs->look.count;
	for (size_t i = 0; i < hangs->look.count; i++) {
		if (!is_wanted(words, &hangs->look.all[i]))
			continue;
		if (hangs->all >= first && hangs->count < count)
			hangs->rows[hangs->count++] = hangs->look.all[i];
		hangs->all++;
	}
	return true;
}

int hangs_take(struct hangs *hangs, const struct roster_found *found, uint64_t now_ns)
{
	hangs->count = hangs->all = 0;
	if (!make_room(hangs, found->count))
		return -ENOMEM;
	for (size_t i = 0; i < found->count; i++) {
		stuck_of_conn(&hangs->rows[i], &found->rows[i],
			      conn_table_seed(hangs->run->table, &found->rows[i]), now_ns);
		if (hangs->rows[i].state == STATE_ESTABLISHED)
			stuck_set_unaccepted(&hangs->rows[i]);
	}
	hangs->count = found->count;
	hangs->all = found->matching;
	hangs->total = 0;
	for (size_t state = 0; state < STATE_COUNT; state++)
		hangs->total += found->stuck[state];
	return 0;
}
