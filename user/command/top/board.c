// SPDX-License-Identifier: GPL-2.0-only
/* Looks at the table for the rows that are seen, and draws them. */
#include "user/command/top/board.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/units.h"
#include "user/command/top/save.h"
#include "user/command/top/veil.h"
#include "user/run/account.h"
#include "user/sink/screen/failures.h"

#define SOURCE_SIZE 64
#define STORIES 65536 /* of a recording, whose ladders are drawn with what went before */

static enum roster_key key_of(unsigned int by)
{
	for (unsigned int key = 0; key < ROSTER_KEY_COUNT; key++)
		if (roster_group_key((enum roster_key)key) != GROUP_KEY_COUNT &&
		    by >> roster_group_key((enum roster_key)key) & 1)
			return (enum roster_key)key;
	return ROSTER_KEY_PROCESS;
}

/* Whoever asks may choose any key. */
static struct alike *make_alike(const struct board *board)
{
	unsigned int keys = 1U << board->view.key;

	if (board->has_asker)
		keys = (1U << ROSTER_KEY_COUNT) - 1;
	return board->pulse && board->roster ? alike_new(board->pulse, board->roster, keys) : NULL;
}

/* Whether the screen that is printed shows how long anything took. */
static bool has_histograms(const struct board *board)
{
	return board->has_asker || board->view.screen == VIEW_OVERVIEW ||
	       board->view.screen == VIEW_STATES || board->view.screen == VIEW_HISTOGRAMS;
}

/* Of the overview that is printed, those that are on it. */
static struct histogram_set *make_histograms(const struct board *board)
{
	struct histogram_set *set = histogram_set_new(0, 1);

	if (set && !board->has_asker && board->view.screen == VIEW_OVERVIEW)
		histogram_set_choose(set, 1u << HISTOGRAM_HANDSHAKE_CLIENT |
						  1u << HISTOGRAM_HANDSHAKE_SERVER |
						  1u << HISTOGRAM_TIME_WAIT);
	return set;
}

int board_init(struct board *board, const struct options *options)
{
	memset(board, 0, sizeof(*board));
	board->view = (struct view){ .screen = options->top.screen,
				     .key = key_of(options->hist.by),
				     .is_wide = options->wide,
				     .interval_ns = NS_PER_S,
				     .speed = options->input_count ? 1 : 0 };
	board->pulse = pulse_new();
	board->roster = roster_new(board->view.key);
	board->has_asker = !options->export.once;
	board->alike = make_alike(board);
	board->histograms = make_histograms(board);
	board->sifted = sifted_new();
	board->failures = failure_set_new(FAILURE_SET_MOST);
	board->watched = watched_new(options->input_count && board->has_asker ? STORIES : 0);
	return board->alike && board->histograms && board->sifted && board->failures &&
			       board->watched && !serving_init(&board->serving) ?
		       0 :
		       -ENOMEM;
}

static void forget_still(struct still *still)
{
	pulse_free(still->pulse);
	histogram_set_free(still->histograms);
	histogram_set_free(still->sifted.set);
	*still = (struct still){ .pulse = NULL };
}

void board_done(struct board *board)
{
	alike_free(board->alike);
	pulse_free(board->pulse);
	roster_free(board->roster);
	histogram_set_free(board->histograms);
	sifted_free(board->sifted);
	failure_set_free(board->failures);
	failure_list_done(&board->failed);
	watched_free(board->watched);
	forget_still(&board->still);
	free(board->words);
	hangs_done(&board->hangs);
	serving_done(&board->serving);
	tape_done(&board->tape);
	cells_done(&board->cells);
}

size_t board_consumers(const struct board *board, struct consumer *consumers[BOARD_CONSUMERS])
{
	size_t count = 0;

	consumers[count++] = alike_consumer(board->alike);
	consumers[count++] = failure_set_consumer(board->failures);
	if (has_histograms(board))
		consumers[count++] = histogram_set_consumer(board->histograms);
	if (board->has_asker || board->view.screen == VIEW_LISTENERS)
		consumers[count++] = listening_consumer(board->serving.listening);
	if (!board->has_asker)
		return count;
	consumers[count++] = sifted_consumer(board->sifted);
	consumers[count++] = watched_consumer(board->watched);
	return count;
}

void board_sample(struct board *board, uint64_t now_ns)
{
	const struct conn_counts *counts = conn_table_counts(board->run->table);
	const struct pulse_sums sums = {
		.of = { [PULSE_OPENED] = counts->opened,
			[PULSE_CLOSED] = counts->closed,
			[PULSE_FAILED] = failure_set_count(board->failures) },
	};

	alike_settle(board->alike);
	if (now_ns > pulse_sampled_ns(board->pulse))
		pulse_sample(board->pulse, now_ns, &sums);
}

/* Without what listeners dropped, which no screen shows and which takes long to read. */
static void read_account(struct board *board)
{
	const struct run *run = board->run;
	struct summary *sum = &board->summary;

	memset(sum, 0, sizeof(*sum));
	run->source->class->events(run->source, &sum->events);
	sum->events.malformed = run->malformed;
	sum->is_replayed = run->replay != NULL;
	sum->is_torn = account_is_torn(run, &sum->events);
	sum->connections = *conn_table_counts(run->table);
	account_add_hooks(sum, run->source, HOOK_TRACED);
}

/* From now on the screens show this moment. Returns 0, or -ENOMEM. */
static int see_now(struct board *board)
{
	alike_settle(board->alike);
	board->seen_ns = board->run->source->class->now(board->run->source);
	read_account(board);
	return failure_list_take(&board->failed, board->failures);
}

static const struct conn_filter *filter_of(const struct board *board)
{
	return board->words ? &board->words->filter : NULL;
}

static uint32_t states_of(const struct board *board)
{
	return board->words ? board->words->states : 0;
}

/* What is seen may lie where there are no rows any more: then it is looked for again. */
static int look(struct board *board)
{
	struct view *view = &board->view;
	size_t rows = frame_list_rows(&board->cells, view->screen);
	struct view_place *place = view_place(view);
	bool has_rows = view->screen == VIEW_CONNECTIONS ||
			(view->screen == VIEW_STUCK && !board->hangs.has_eye);
	struct roster_query query = {
		.now_ns = board->seen_ns,
		.filter = filter_of(board),
		.states = states_of(board),
		.sees_queues_served = run_sees_queues_served(board->run),
		.joiner = run_lore_joiner(&board->run->lore),
	};
	int error;

	for (;;) {
		size_t top = place->top;

		view_ask(view, rows, &query);
		error = roster_look(board->roster, board->run->table, &query, &board->found);
		if (error || !has_rows)
			return error;
		view_fit(place, board->found.matching, rows);
		if (place->top == top)
			return 0;
	}
}

/* The kernel knows more of what is stuck than events tell, where one can ask it. */
static int look_at_stuck(struct board *board)
{
	struct view_place *place = &board->view.places[VIEW_STUCK];
	size_t rows = frame_list_rows(&board->cells, VIEW_STUCK);

	for (;;) {
		size_t top = place->top;

		if (!hangs_look(&board->hangs, board->words, top, rows))
			return hangs_take(&board->hangs, &board->found, board->seen_ns);
		view_fit(place, board->hangs.all, rows);
		if (place->top == top)
			return 0;
	}
}

#define SAY(board, NAME, ...)                                                            \
	SCREEN_FILL((board)->view.message, VIEW_TEXT_SIZE, (board)->view.language, NAME, \
		    __VA_ARGS__)

/* Those that match are counted from now on; of what was before nobody knows who did. */
static void sift(struct board *board)
{
	const struct run *run = board->run;
	const struct words *words = board->words;

	histogram_set_free(board->still.sifted.set);
	board->still.sifted = (struct sifted_found){ .since_ns = board->seen_ns };
	alike_sift(board->alike, filter_of(board), states_of(board));
	sifted_end(board->sifted);
	if (words && sifted_begin(board->sifted, &words->filter, words->states,
				  run->source->class->now(run->source)))
		SAY(board, NO_MEMORY);
}

/* Of what was typed; what is no filter is told, and the one before stays. */
static void use_filter(struct board *board)
{
	struct view *view = &board->view;
	char why[WORDS_WHY_SIZE] = "";
	struct words *words = NULL;

	if (view->typed[strspn(view->typed, " ")]) {
		words = malloc(sizeof(*words));
		if (!words || words_read(view->typed, words, view->language, why)) {
			if (words)
				memcpy(view->message, why, sizeof(why));
			else
				SAY(board, NO_MEMORY);
			free(words);
			return;
		}
		words->filter.namer = run_lore_namer(&board->run->lore);
	} else {
		view->typed[0] = '\0';
	}
	free(board->words);
	board->words = words;
	sift(board);
	memcpy(view->filter, view->typed, sizeof(view->filter));
	for (size_t screen = 0; screen < VIEW_SCREEN_COUNT; screen++)
		view->places[screen].cursor = 0;
}

static void say_source(const struct board *board, char text[SOURCE_SIZE])
{
	const struct run *run = board->run;
	enum ladder_language language = run->settings.language;
	const char *rung = run->source->class->rung(run->source, HOOK_STATE);
	char speed[SOURCE_SIZE];

	snprintf(speed, sizeof(speed), "%g", board->view.speed);
	if (run->live)
		SCREEN_FILL(text, SOURCE_SIZE, language, LIVE_BY, .w = rung ? rung : "-");
	else if (board->is_over)
		SCREEN_FILL(text, SOURCE_SIZE, language, RECORDING_END);
	else if (board->view.speed < 1 || board->view.speed > 1)
		SCREEN_FILL(text, SOURCE_SIZE, language, RECORDING_AT, .w = speed);
	else
		SCREEN_FILL(text, SOURCE_SIZE, language, RECORDING);
}

int board_begin(struct board *board, struct run *run)
{
	bool is_seen = board->view.has_keys;
	int error = 0;

	board->run = run;
	board->view.language = run->settings.language;
	/* What looks are taken with is loaded while there are rights to, if it may be needed. */
	if (is_seen || board->view.screen == VIEW_LISTENERS)
		serving_begin(&board->serving, run);
	if (is_seen || board->view.screen == VIEW_STUCK)
		error = hangs_begin(&board->hangs, run);
	return error;
}

static void stand_still(struct board *board)
{
	struct still *still = &board->still;

	see_now(board);
	still->pulse = pulse_copy(board->pulse);
	still->histograms = histogram_set_copy(board->histograms);
	sifted_look(board->sifted, &still->sifted);
	if (still->sifted.set)
		still->sifted.set = histogram_set_copy(still->sifted.set);
	if (!still->pulse || !still->histograms ||
	    roster_freeze(board->roster, board->run->table) ||
	    serving_stand_still(&board->serving)) {
		forget_still(still);
		SAY(board, NO_MEMORY_TO_STAND);
		return;
	}
	if (roster_left_out(board->roster))
		SAY(board, ROWS_LEFT_OUT, .n = ROSTER_FROZEN, .m = roster_left_out(board->roster));
	hangs_stand_still(&board->hangs);
	watched_stand_still(board->watched);
}

void board_pause(struct board *board)
{
	alike_settle(board->alike);
	forget_still(&board->still);
	roster_thaw(board->roster);
	serving_go_on(&board->serving);
	hangs_go_on(&board->hangs);
	watched_go_on(board->watched, board->run->table);
	/* A recording stands still by itself. */
	if (board->view.is_paused && !board->run->replay)
		stand_still(board);
}

/* The connections of the group that the cursor is in. */
static void open_group(struct board *board, const struct scene *scene)
{
	static const char *const names[ROSTER_KEY_COUNT] = {
		[ROSTER_KEY_PROCESS] = "comm",	      [ROSTER_KEY_UNIT] = "unit",
		[ROSTER_KEY_CONTAINER] = "container", [ROSTER_KEY_POD] = "pod",
		[ROSTER_KEY_REMOTE] = "addr",
	};
	const struct roster_group *group;
	size_t cursor = board->view.places[VIEW_GROUPS].cursor;
	char scratch[SCENE_TEXT_SIZE];
	struct conn_name name;

	if (cursor >= board->found.group_count)
		return;
	group = &board->found.groups[cursor];
	name = scene_group_name(scene, group, scratch);
	/* A name that is hidden here is no filter, and its true one is not to be told. */
	if (board->run->lore.redact || !name.bytes || group->is_other ||
	    !words_can_name(name.bytes, strnlen(name.bytes, name.size))) {
		SAY(board, NO_FILTER_NAMES);
		return;
	}
	/* Of a link-local address the filter knows no link. */
	if (board->view.key == ROSTER_KEY_REMOTE)
		name.size = strcspn(name.bytes, "%");
	if (names[board->view.key])
		snprintf(board->view.typed, VIEW_TEXT_SIZE, "%s %.*s", names[board->view.key],
			 (int)strnlen(name.bytes, name.size), name.bytes);
	else
		snprintf(board->view.typed, VIEW_TEXT_SIZE, "%s %.*s",
			 group->example.role == CONN_ROLE_CLIENT ? "rport" : "lport",
			 (int)name.size, name.bytes);
	use_filter(board);
	if (board->view.filter[0])
		board->view.screen = VIEW_CONNECTIONS;
}

/* The connections of the listener that the cursor is in, by its port: its place may be gone. */
static void open_listener(struct board *board)
{
	size_t cursor = board->view.places[VIEW_LISTENERS].cursor;

	if (cursor >= board->serving.count)
		return;
	snprintf(board->view.typed, VIEW_TEXT_SIZE, "lport %u", board->serving.rows[cursor].lport);
	use_filter(board);
	board->view.screen = VIEW_CONNECTIONS;
}

static void open_ladder(struct board *board, const struct conn *c)
{
	watched_choose(board->watched, c, board->run->table);
	board->numbers.due_ns = 0;
	board->view.over = VIEW_OVER_LADDER;
	board->view.scroll = 0;
}

/* A look at sockets numbers them anew: the table knows the connection by its ends. */
static void consider(void *context, const struct conn *c)
{
	struct conn *wanted = context;

	if (c->lport == wanted->lport && c->rport == wanted->rport && c->netns == wanted->netns &&
	    c->ifindex == wanted->ifindex && !memcmp(&c->laddr, &wanted->laddr, sizeof(c->laddr)) &&
	    !memcmp(&c->raddr, &wanted->raddr, sizeof(c->raddr)) && conn_state(c) != STATE_CLOSED)
		*wanted = *c;
}

static void open_stuck(struct board *board, const struct stuck *s)
{
	struct conn wanted = s->c;

	wanted.id = 0;
	conn_table_scan(board->run->table, consider, &wanted);
	if (wanted.step_count)
		open_ladder(board, &wanted);
	else
		SAY(board, OLDER);
}

/* What is behind the row that the cursor is in, as it was drawn. */
static void open_row(struct board *board)
{
	const struct scene scene = { .settings = &board->run->settings,
				     .failures = &board->failed,
				     .filter = filter_of(board),
				     .states = states_of(board),
				     .view = &board->view };
	const struct view_place *place = view_place(&board->view);
	size_t at = place->cursor - place->top;
	struct failure failure;

	switch (board->view.screen) {
	case VIEW_CONNECTIONS:
		if (at < board->found.count)
			open_ladder(board, &board->found.rows[at]);
		break;
	case VIEW_STUCK:
		if (at < board->hangs.count)
			open_stuck(board, &board->hangs.rows[at]);
		break;
	case VIEW_GROUPS:
		open_group(board, &scene);
		break;
	case VIEW_LISTENERS:
		open_listener(board);
		break;
	case VIEW_FAILURES:
		if (failures_chosen(&scene, &failure))
			open_ladder(board, &failure.last);
		break;
	case VIEW_HISTOGRAMS:
		board->view.over = VIEW_OVER_BARS;
		board->view.scroll = 0;
		break;
	default:
		break;
	}
}

static void save(struct board *board)
{
	char text[SAVE_TEXT_SIZE];

	if (board->run->lore.redact) {
		SAY(board, WOULD_SHOW);
	} else if (board->run->live) {
		run_catch_up(board->run);
		save_tape(&board->tape, board->run, text);
		memcpy(board->view.message, text, sizeof(text));
	} else {
		SAY(board, RECORDED_ALREADY);
	}
}

void board_grant(struct board *board, enum keys_wish wish)
{
	switch (wish) {
	case KEYS_OPEN:
		open_row(board);
		break;
	case KEYS_FILTER_TYPED:
		use_filter(board);
		break;
	case KEYS_FILTER_CLEAR:
		board->view.typed[0] = '\0';
		use_filter(board);
		break;
	case KEYS_SAVE:
		save(board);
		break;
	case KEYS_GROUP:
		alike_group_by(board->alike, board->view.key);
		view_place(&board->view)->cursor = 0;
		break;
	default:
		break;
	}
}

/* What there is, even if `error` says that some is missing. Returns that, or -ENOMEM. */
static int draw(struct board *board, struct scene *scene, int error)
{
	struct redact *redact = board->run->lore.redact;
	struct veil veil;
	int hidden = redact ? veil_put(&veil, redact, scene) : 0;

	if (!hidden) {
		view_fit(view_place(&board->view), frame_count(scene),
			 frame_list_rows(&board->cells, board->view.screen));
		frame_draw(scene, &board->cells);
	}
	if (redact)
		veil_done(&veil);
	return error ? error : hidden;
}

/*
 * The rows of the screen that is seen. Those of another one are of an earlier look: what they point
 * to may be gone.
 */
static int look_at_rows(struct board *board, struct scene *scene)
{
	int error = 0;

	if (board->view.screen == VIEW_STUCK) {
		error = look_at_stuck(board);
		scene->stuck = board->hangs.rows;
		scene->stuck_count = board->hangs.count;
		scene->stuck_all = board->hangs.all;
		scene->stuck_total = board->hangs.total;
	} else if (board->view.screen == VIEW_LISTENERS) {
		error = serving_look(&board->serving, board->words);
		scene->listeners = board->serving.rows;
		scene->listener_count = error ? 0 : board->serving.count;
		scene->listener_total = error ? 0 : board->serving.all;
	}
	return error;
}

int board_draw(struct board *board, unsigned int columns, unsigned int rows, bool is_ascii)
{
	const struct still *still = &board->still;
	struct run *run = board->run;
	char source[SOURCE_SIZE];
	struct sifted_found sifted;
	struct scene scene = {
		.settings = &run->settings,
		.start_ns = run->settings.start_mono_ns,
		.source = source,
		.is_live = run->live != NULL,
		.is_over = board->is_over,
		.pulse = still->pulse ? still->pulse : board->pulse,
		.summary = &board->summary,
		.found = &board->found,
		.histograms = still->pulse ? still->histograms : board->histograms,
		.failures = &board->failed,
		.filter = filter_of(board),
		.states = states_of(board),
		.view = &board->view,
	};
	int error = 0;

	if (columns != board->cells.columns || rows != board->cells.rows) {
		cells_done(&board->cells);
		error = cells_init(&board->cells, columns, rows, is_ascii);
	}
	if (error)
		return error;
	if (board->view.over == VIEW_OVER_LADDER)
		numbers_look(&board->numbers, run, board->watched);
	if (!still->pulse)
		error = see_now(board);
	sifted = still->sifted;
	if (!still->pulse)
		sifted_look(board->sifted, &sifted);
	if (board->words)
		scene.sifted = &sifted;
	if (!error)
		error = look(board);
	if (!error)
		error = look_at_rows(board, &scene);
	say_source(board, source);
	if (board->view.over == VIEW_OVER_LADDER && watched_ladder(board->watched, &board->ladder))
		scene.ladder = &board->ladder;
	scene.now_ns = board->seen_ns;
	return draw(board, &scene, error);
}
