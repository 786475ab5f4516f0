// SPDX-License-Identifier: GPL-2.0-only
/* Who listens: one look after the other, while its screen is seen. */
#include "user/command/top/serving.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/sifted.h"
#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/event/bundle.h"
#include "user/run/account.h"

#define PAUSE_NS (1 * NS_PER_S)
#define PAUSE_LOOKS 20 /* a look takes no more than so much of the time */

/* A row with all that it points to, but for the view. */
struct serving_still {
	struct listening_row row;
	struct listening_place place;
	struct listening_socket socket;
};

int serving_init(struct serving *serving)
{
	serving->listening = listening_new();
	return serving->listening ? 0 : -ENOMEM;
}

void serving_done(struct serving *serving)
{
	if (serving->has_begun)
		listeners_eye_close(&serving->eye);
	free(serving->rows);
	serving_go_on(serving);
	listening_free(serving->listening);
}

void serving_begin(struct serving *serving, struct run *run)
{
	char reason[PLAN_REASON_SIZE] = "";

	serving->run = run;
	if (!run->live)
		return;
	serving->has_begun = true;
	serving->has_eye = !listeners_eye_open(&serving->eye, run->options, serving->listening,
					       run->broker, reason);
}

static __attribute__((noinline)) void hear(struct serving *serving, const void *bytes, size_t size)
{
	struct event event;

	if (!event_decode(bytes, size, &event))
		listening_hear(serving->listening, &event);
}

void serving_hear(struct serving *serving, const void *bytes, size_t size)
{
	if (size > offsetof(struct event_head, kind) &&
	    ((const uint8_t *)bytes)[offsetof(struct event_head, kind)] == EVENT_LISTENER)
		hear(serving, bytes, size);
}

static void look_anew(struct serving *serving)
{
	char reason[PLAN_REASON_SIZE] = "";
	uint64_t begin_ns = clock_now(), took_ns;
	int error = listeners_look(&serving->eye, reason);

	if (!error && (!serving->has_looked || listeners_has_new(&serving->eye)))
		error = listeners_find_holders(&serving->eye);
	if (error) {
		serving->has_eye = false;
		return;
	}
	serving->has_looked = true;
	took_ns = (clock_now() - begin_ns) * PAUSE_LOOKS;
	serving->due_ns = clock_now() + (took_ns > PAUSE_NS ? took_ns : PAUSE_NS);
}

static void set_view(struct serving *serving)
{
	account_read_view(serving->run, &serving->view);
	serving->view.is_past = !serving->has_looked;
	if (serving->has_looked)
		serving->view.now_ns = listening_last(serving->listening);
}

/* What of a listener a filter of connections can be about: its own end, and whose it is. */
static bool is_wanted(const struct words *words, const struct listening_row *row)
{
	struct conn c = { .flags = CONN_HAS_ENDPOINTS,
			  .step_state = { STATE_LISTEN },
			  .step_count = 1,
			  .netns = row->place->netns,
			  .laddr = row->place->laddr,
			  .raddr = row->place->laddr,
			  .lport = row->place->lport,
			  .process = PROCESS_IS_COMM };
	struct listening_owner owner;

	for (const struct conn_filter *f = &words->filter; f; f = f->also)
		if (f->prefix_count)
			return false;
	listening_row_owner(row, &owner);
	if (owner.comm) {
		c.flags |= CONN_HAS_OWNER;
		c.pid = owner.pid;
		memcpy(c.comm, owner.comm, strnlen(owner.comm, sizeof(c.comm)));
	}
	return sifted_wants(&words->filter, words->states, &c);
}

static void sift(struct serving *serving, const struct words *words)
{
	size_t kept = 0;

	for (size_t i = 0; i < serving->count; i++)
		if (is_wanted(words, &serving->rows[i]))
			serving->rows[kept++] = serving->rows[i];
	serving->count = kept;
}

/* The rows of now, which the caller frees. */
static int make_rows(struct serving *serving, struct listening_row **ret_rows, size_t *ret_count)
{
	if (serving->has_eye && clock_now() >= serving->due_ns)
		look_anew(serving);
	set_view(serving);
	return listening_rows_new(serving->listening, &serving->view, ret_rows, ret_count);
}

static int copy_rows(const struct serving *serving, struct listening_row **ret_rows,
		     size_t *ret_count)
{
	struct listening_row *rows = calloc(serving->still_count + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < serving->still_count; i++)
		rows[i] = serving->still[i].row;
	*ret_rows = rows;
	*ret_count = serving->still_count;
	return 0;
}

static bool keep_still(struct serving_still *still, const struct listening_row *row)
{
	still->row = *row;
	still->place = *row->place;
	still->place.wait = (struct histogram){ .count = 0 };
	still->row.place = &still->place;
	if (row->socket) {
		still->socket = *row->socket;
		still->row.socket = &still->socket;
	}
	return !histogram_merge(&still->place.wait, &row->place->wait);
}

int serving_stand_still(struct serving *serving)
{
	struct listening_row *rows = NULL;
	bool is_whole = true;
	size_t count = 0;

	serving_go_on(serving);
	if (make_rows(serving, &rows, &count))
		return -ENOMEM;
	serving->still = calloc(count + 1, sizeof(*serving->still));
	for (size_t i = 0; serving->still && i < count; i++) {
		is_whole &= keep_still(&serving->still[i], &rows[i]);
		serving->still_count++;
	}
	free(rows);
	if (serving->still && is_whole)
		return 0;
	serving_go_on(serving);
	return -ENOMEM;
}

void serving_go_on(struct serving *serving)
{
	for (size_t i = 0; i < serving->still_count; i++)
		histogram_done(&serving->still[i].place.wait);
	free(serving->still);
	serving->still = NULL;
	serving->still_count = 0;
}

int serving_look(struct serving *serving, const struct words *words)
{
	struct listening_row *rows;
	size_t count;

	if (serving->still ? copy_rows(serving, &rows, &count) : make_rows(serving, &rows, &count))
		return -ENOMEM;
	free(serving->rows);
	serving->rows = rows;
	serving->count = serving->all = count;
	if (words)
		sift(serving, words);
	return 0;
}
