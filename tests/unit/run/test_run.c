// SPDX-License-Identifier: GPL-2.0-only
/* The one loop, with a made-up source whose clock goes forward only while it is asked. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/run/feed.h"
#include "user/run/open.h"
#include "user/run/run.h"

#define NS_PER_S UINT64_C(1000000000)
#define SOCK(n) (UINT64_C(0xffff888012340000) + (n)*UINT64_C(0x800))
#define START_NS (1000 * NS_PER_S)
#define POLLS 1000

/* A source, the task that follows it, and what became of both. */
struct scene {
	struct source source;
	struct consumer consumer;
	struct consumer *told[1];
	struct options options;
	struct task task;
	struct run run;

	uint64_t now_ns;
	/* What the next poll brings; it would sleep for ever without a deadline. */
	int (*bring)(struct scene *s, uint64_t deadline_ns);
	uint64_t asked_ns[POLLS]; /* the deadlines of its polls */
	unsigned int polls;
	bool is_stopped, has_lost, has_resets;
	unsigned int losses_noted;
	struct event_counters events;
	int watched;

	unsigned int looks; /* at the kernel's sockets */
	uint64_t looked_ns; /* the first time */
	int look_error;
	struct socket_info found; /* by each look; no state: nothing */
	/* In the middle of each look that lets records be read; NULL: nothing comes. */
	void (*meanwhile)(struct scene *s);
	unsigned int read_on; /* of the looks */

	unsigned int begun, ticks, finished, taken;
	uint64_t due_ns, enough_ns;
	int begin_error;
	unsigned int alive, closed, gone;
	struct conn last;
};

static struct scene *scene_of(const struct source *source)
{
	return (struct scene *)source;
}

static int read_fake(struct source *source, uint64_t deadline_ns, const sigset_t *allowed)
{
	struct scene *s = scene_of(source);
	sigset_t blocked;
	int count = 0;

	assert_true(s->polls < POLLS);
	s->asked_ns[s->polls++] = deadline_ns;
	sigprocmask(SIG_SETMASK, allowed, &blocked);
	if (s->bring)
		count = s->bring(s, deadline_ns);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	if (count)
		return count;
	if (deadline_ns == UINT64_MAX)
		return -ENODATA;
	if (deadline_ns > s->now_ns)
		s->now_ns = deadline_ns;
	return 0;
}

static void stop_fake(struct source *source)
{
	scene_of(source)->is_stopped = true;
}

static void events_of_fake(const struct source *source, struct event_counters *ret_events)
{
	*ret_events = scene_of(source)->events;
}

static bool has_fake_lost(const struct source *source)
{
	return scene_of(source)->has_lost;
}

static const char *rung_of_fake(const struct source *source, enum hook_family_id family)
{
	const struct scene *s = (const struct scene *)source;

	return family == HOOK_STATE || (family == HOOK_RESET && s->has_resets) ? "fake" : NULL;
}

static uint64_t now_of_fake(const struct source *source)
{
	return scene_of(source)->now_ns;
}

static void free_fake(struct source *source)
{
	(void)source;
}

static int look_fake(struct source *source, const struct sockets_query *query,
		     struct sockets_result *ret_result)
{
	struct scene *s = scene_of(source);

	if (!s->looks++)
		s->looked_ns = s->now_ns;
	memset(ret_result, 0, sizeof(*ret_result));
	if (s->look_error)
		return s->look_error;
	s->found.mono_ns = s->now_ns;
	if (s->found.state)
		query->visit(query->context, &s->found, NULL);
	s->read_on += query->reads_on;
	if (query->reads_on && s->meanwhile)
		s->meanwhile(s);
	if (query->looked)
		query->looked(query->context, TEST_NETNS);
	return 0;
}

static void note_fake_loss(struct source *source)
{
	struct scene *s = scene_of(source);

	s->losses_noted++;
	s->has_lost = true;
}

static int watch_fake(struct source *source, int fd)
{
	scene_of(source)->watched = fd;
	return 0;
}

static const struct source_class fake_class = {
	.name = "fake",
	.read = read_fake,
	.stop = stop_fake,
	.events = events_of_fake,
	.has_lost = has_fake_lost,
	.rung = rung_of_fake,
	.now = now_of_fake,
	.free = free_fake,
	.look = look_fake,
	.note_loss = note_fake_loss,
	.watch = watch_fake,
};

static int begin_task(void *context, struct run *run)
{
	struct scene *s = context;

	assert_ptr_equal(run, &s->run);
	assert_int_equal(s->polls, 0);
	s->begun++;
	return s->begin_error;
}

static enum task_next tick_task(void *context, uint64_t now_ns)
{
	struct scene *s = context;

	assert_true(now_ns == s->now_ns);
	s->ticks++;
	return now_ns >= s->enough_ns ? TASK_ENOUGH : TASK_GO_ON;
}

static uint64_t due_task(void *context)
{
	return ((struct scene *)context)->due_ns;
}

static void finish_task(void *context, struct run *run)
{
	struct scene *s = context;

	(void)run;
	assert_true(s->is_stopped);
	s->finished++;
}

static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	struct scene *s = (struct scene *)((char *)self - offsetof(struct scene, consumer));

	assert_true(now_ns == s->now_ns);
	assert_int_equal(s->finished, 0);
	s->last = *c;
	s->alive++;
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct scene *s = (struct scene *)((char *)self - offsetof(struct scene, consumer));

	s->last = *c;
	s->closed++;
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	struct scene *s = (struct scene *)((char *)self - offsetof(struct scene, consumer));

	s->last = *c;
	s->gone++;
}

static const struct consumer_class witness_class = { .alive = on_alive,
						     .closed = on_closed,
						     .gone = on_gone };

/* Without a table, unless play_lives() is called. */
static struct scene *scene_new(void)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->source.class = &fake_class;
	s->consumer.class = &witness_class;
	s->told[0] = &s->consumer;
	s->options.max_connections = 16;
	s->task = (struct task){ .begin = begin_task,
				 .tick = tick_task,
				 .due_ns = due_task,
				 .finish = finish_task,
				 .context = s };
	s->now_ns = START_NS;
	s->due_ns = s->enough_ns = UINT64_MAX;
	s->watched = -1;
	return s;
}

static int play(struct scene *s)
{
	int status;

	run_init(&s->run, &s->options, &s->task);
	s->run.source = &s->source;
	s->run.settings.start_mono_ns = START_NS;
	if (s->task.consumers.count)
		assert_int_equal(open_table(&s->run), 0);
	status = run_loop(&s->run);
	return status;
}

static int play_lives(struct scene *s)
{
	s->task.consumers = (struct consumer_list){ s->told, 1 };
	return play(s);
}

static void scene_free(struct scene *s)
{
	run_done(&s->run);
	free(s);
}

static void apply(struct scene *s, struct event e)
{
	if (e.mono_ns > s->now_ns)
		s->now_ns = e.mono_ns;
	assert_int_equal(conn_table_apply(s->run.table, &e), 0);
}

static void it_ends_with_its_duration(void **state)
{
	static const uint64_t durations[] = { 1, NS_PER_S, 30 * 86400 * NS_PER_S };

	(void)state;
	for (size_t i = 0; i < sizeof(durations) / sizeof(*durations); i++) {
		struct scene *s = scene_new();

		s->options.duration_ns = durations[i];
		assert_int_equal(play(s), 0);
		assert_true(s->now_ns == START_NS + durations[i]);
		assert_true(s->asked_ns[s->polls - 1] == START_NS + durations[i]);
		assert_int_equal(s->begun, 1);
		assert_int_equal(s->finished, 1);
		scene_free(s);
	}
}

static int fail_to_read(struct scene *s, uint64_t deadline_ns)
{
	(void)s;
	(void)deadline_ns;
	return -EIO;
}

static void it_ends_with_its_source(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	assert_int_equal(play(s), 0);
	assert_int_equal(s->polls, 1);
	assert_true(s->asked_ns[0] == UINT64_MAX);
	assert_int_equal(s->finished, 1);
	scene_free(s);

	s = scene_new();
	s->bring = fail_to_read;
	assert_int_equal(play(s), 2);
	assert_int_equal(s->polls, 1);
	assert_int_equal(s->finished, 1);
	scene_free(s);
}

static void it_ends_when_the_task_has_enough(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->due_ns = s->enough_ns = START_NS + 7;
	s->options.duration_ns = NS_PER_S;
	assert_int_equal(play(s), 0);
	assert_int_equal(s->polls, 1);
	assert_true(s->asked_ns[0] == START_NS + 7);
	assert_int_equal(s->ticks, 2);
	assert_int_equal(s->finished, 1);
	scene_free(s);
}

static void what_does_not_begin_does_not_finish(void **state)
{
	static const struct {
		int error, status;
	} cases[] = { { -EINVAL, 2 }, { -EPIPE, 0 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct scene *s = scene_new();

		s->begin_error = cases[i].error;
		assert_int_equal(play(s), cases[i].status);
		assert_int_equal(s->polls + s->ticks + s->finished, 0);
		scene_free(s);
	}
}

static int stop_by_signal(struct scene *s, uint64_t deadline_ns)
{
	(void)deadline_ns;
	if (s->polls == 3)
		raise(SIGTERM);
	s->now_ns++;
	return 1;
}

/* In a process of its own: whoever was asked to stop stays so. */
static void a_signal_ends_it(void **state)
{
	int status = -1;
	pid_t child = fork();

	(void)state;
	if (!child) {
		struct scene *s = scene_new();
		bool ok;

		s->bring = stop_by_signal;
		ok = !play(s) && s->polls == 3 && s->finished == 1;
		/* Nor is there a second one that begins. */
		s->polls = s->begun = s->finished = 0;
		s->is_stopped = false;
		ok = ok && !play(s) && s->polls == 0 && s->finished == 1;
		scene_free(s);
		_exit(ok ? 0 : 1);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* The signals that were let in the first time are let in the second time, too. */
static void it_may_be_called_twice(void **state)
{
	struct scene *one = scene_new(), *other = scene_new();

	(void)state;
	assert_int_equal(play(one), 0);
	assert_int_equal(play(other), 0);
	assert_false(sigismember(&one->run.waiting, SIGINT));
	assert_false(sigismember(&other->run.waiting, SIGINT));
	assert_int_equal(other->finished, 1);
	scene_free(one);
	scene_free(other);
}

static const char bytes[] = "no record at all";

static void take(void *context, const void *got, size_t size)
{
	struct scene *s = context;

	assert_int_equal(size, sizeof(bytes));
	assert_memory_equal(got, bytes, size);
	s->taken++;
}

static int bring_bytes(struct scene *s, uint64_t deadline_ns)
{
	(void)deadline_ns;
	if (s->taken == 3)
		return -ENODATA;
	feed_of (&s->run)(&s->run, bytes, sizeof(bytes));
	return 1;
}

/* Bytes are handed on as they are, with a table and without. */
static void the_tap_takes_every_record(void **state)
{
	(void)state;
	for (int with_table = 0; with_table < 2; with_table++) {
		struct scene *s = scene_new();

		s->task.tap = take;
		s->bring = bring_bytes;
		assert_int_equal(with_table ? play_lives(s) : play(s), 0);
		assert_int_equal(s->taken, 3);
		assert_int_equal(s->run.malformed, with_table ? 3 : 0);
		assert_int_equal(!s->run.table, !with_table);
		scene_free(s);
	}
}

static int bring_one_alive(struct scene *s, uint64_t deadline_ns)
{
	struct sock k = sock_client(SOCK(1));

	(void)deadline_ns;
	if (s->polls > 1)
		return -ENODATA;
	apply(s, sock_step(&k, START_NS / US + 1, STATE_SYN_SENT));
	apply(s, sock_step(&k, START_NS / US + 2, STATE_ESTABLISHED));
	return 2;
}

static void who_is_alive_at_the_end_is_told_of(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->bring = bring_one_alive;
	assert_int_equal(play_lives(s), 0);
	assert_int_equal(s->alive, 1);
	assert_int_equal(s->closed, 0);
	assert_int_equal(conn_state(&s->last), STATE_ESTABLISHED);
	scene_free(s);
}

static void what_is_wanted_is_traced(void **state)
{
	struct scene *s = scene_new();
	struct consumer other = { &witness_class, CONSUMER_SEEDS | CONSUMER_RETRANSMITS };
	struct consumer *both[] = { &s->consumer, &other };

	(void)state;
	s->consumer.wants = CONSUMER_FACTS;
	s->task.consumers = (struct consumer_list){ both, 1 };
	run_init(&s->run, &s->options, &s->task);
	assert_int_equal(s->run.wants, CONSUMER_FACTS);
	assert_int_equal(s->run.families, HOOK_TRACED & ~(1u << HOOK_RETRANSMIT));
	s->task.consumers.count = 2;
	s->task.wants = CONSUMER_SEQUENCES;
	run_init(&s->run, &s->options, &s->task);
	assert_int_equal(s->run.wants, CONSUMER_FACTS | CONSUMER_SEEDS | CONSUMER_RETRANSMITS |
					       CONSUMER_SEQUENCES);
	assert_int_equal(s->run.families, HOOK_TRACED);
	/* Whoever takes records says which. */
	s->task.consumers.count = 0;
	s->task.families = 1u << HOOK_STATE | 1u << HOOK_RETRANSMIT;
	run_init(&s->run, &s->options, &s->task);
	assert_int_equal(s->run.families, 1u << HOOK_STATE | 1u << HOOK_RETRANSMIT);
	scene_free(s);
}

static int bring_mid_life(struct scene *s, uint64_t deadline_ns)
{
	struct sock k = sock_client(SOCK(s->polls));

	(void)deadline_ns;
	if (s->polls > 2)
		return -ENODATA;
	k.state = STATE_ESTABLISHED;
	apply(s, sock_step(&k, START_NS / US + s->polls, STATE_CLOSE_WAIT));
	s->has_lost = true;
	return 1;
}

/* Before a loss an unknown socket is older than the tracer; after it nobody can tell. */
static void the_table_is_told_of_a_loss(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->bring = bring_mid_life;
	s->look_error = -ENOSYS;
	assert_int_equal(play_lives(s), 0);
	assert_int_equal(conn_table_counts(s->run.table)->seeded, 1);
	assert_int_equal(conn_table_counts(s->run.table)->opened, 1);
	assert_true(s->last.flags & CONN_INCOMPLETE);
	scene_free(s);
}

static int lose_for_a_while(struct scene *s, uint64_t deadline_ns)
{
	struct sock k = sock_client(SOCK(1));

	(void)deadline_ns;
	if (s->polls == 1) {
		apply(s, sock_step(&k, START_NS / US + 1, STATE_SYN_SENT));
		apply(s, sock_step(&k, START_NS / US + 2, STATE_ESTABLISHED));
		s->has_lost = true;
	}
	/* Its end is among what is lost. */
	if (s->polls <= 3) {
		s->events.ring_full++;
		s->now_ns += NS_PER_S / 4;
		return 1;
	}
	return 0;
}

/* Once nothing more is lost the kernel is looked at, and what it does not know is over. */
static void a_loss_is_made_good_by_a_look(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->bring = lose_for_a_while;
	s->options.duration_ns = 10 * NS_PER_S;
	assert_int_equal(play_lives(s), 0);
	assert_true(s->looks >= 2);
	assert_true(s->looked_ns < START_NS + 2 * NS_PER_S);
	/* The first one was for whoever is older. */
	assert_int_equal(conn_table_counts(s->run.table)->resyncs, s->looks - 1);
	assert_int_equal(s->closed, 1);
	assert_int_equal(s->alive, 0);
	assert_true(s->polls < 30);
	scene_free(s);
}

/* Of one whole life, and of what the look has found, which goes on. */
static void live_meanwhile(struct scene *s)
{
	struct sock k = sock_client(SOCK(2 + s->looks));
	uint64_t now_us = s->now_ns / US;

	apply(s, sock_step(&k, now_us + 1, STATE_SYN_SENT));
	apply(s, sock_step(&k, now_us + 2, STATE_ESTABLISHED));
	apply(s, sock_step(&k, now_us + 3, STATE_CLOSE_WAIT));
	apply(s, sock_step(&k, now_us + 4, STATE_LAST_ACK));
	apply(s, sock_close(&k, now_us + 5));
	apply(s, sock_destroy(&k, now_us + 6));
}

/* A look may take longer than the ring has room for. */
static void records_are_read_in_the_middle_of_a_look(void **state)
{
	struct scene *s = scene_new();
	const struct conn_counts *counts;

	(void)state;
	s->bring = lose_for_a_while;
	s->meanwhile = live_meanwhile;
	s->options.duration_ns = 10 * NS_PER_S;
	assert_int_equal(play_lives(s), 0);
	assert_true(s->looks >= 2);
	assert_int_equal(s->read_on, s->looks);
	counts = conn_table_counts(s->run.table);
	assert_int_equal(counts->resyncs, s->looks - 1);
	assert_int_equal(counts->opened, 1 + s->looks);
	assert_int_equal(counts->closed, 1 + s->looks);
	assert_int_equal(counts->seeded, 0);
	assert_int_equal(counts->incomplete, 1); /* whose end was lost */
	assert_int_equal(s->gone, 1 + s->looks);
	assert_int_equal(s->alive, 0);
	scene_free(s);
}

/* The same where the kernel refuses: nobody asks it again and again, nor stays awake for it. */
static void a_kernel_that_refuses_is_asked_once(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->bring = lose_for_a_while;
	s->look_error = -ENOSYS;
	s->options.duration_ns = 10 * NS_PER_S;
	assert_int_equal(play_lives(s), 0);
	assert_int_equal(s->looks, 1);
	assert_int_equal(conn_table_counts(s->run.table)->resyncs, 0);
	assert_int_equal(s->alive, 1);
	assert_true(s->polls < 10);
	scene_free(s);
}

static void what_is_there_already_is_looked_for(void **state)
{
	(void)state;
	for (int wants = 0; wants < 2; wants++) {
		struct scene *s = scene_new();

		s->consumer.wants = wants ? CONSUMER_SEEDS : 0;
		s->found = (struct socket_info){ .sock = SOCK(9),
						 .netns = TEST_NETNS,
						 .state = STATE_ESTABLISHED,
						 .object = EVENT_SOCKET_FULL,
						 .flags = EVENT_FLAG_ENDPOINTS,
						 .lport = CLIENT_LPORT,
						 .rport = PEER_PORT,
						 .laddr = test_address(false, 1),
						 .raddr = test_address(false, 2) };
		s->options.duration_ns = NS_PER_S;
		assert_int_equal(play_lives(s), 0);
		/* Whoever does not want them may hear of them all the same, once they end. */
		assert_int_equal(s->looks, 1);
		assert_int_equal(s->alive, wants);
		scene_free(s);
	}
}

static int bring_active_close(struct scene *s, uint64_t deadline_ns)
{
	struct sock k = sock_client(SOCK(1));

	(void)deadline_ns;
	if (s->polls > 1)
		return 0;
	apply(s, sock_step(&k, START_NS / US + 1, STATE_SYN_SENT));
	apply(s, sock_step(&k, START_NS / US + 2, STATE_ESTABLISHED));
	apply(s, sock_step(&k, START_NS / US + 3, STATE_FIN_WAIT1));
	apply(s, sock_step(&k, START_NS / US + 4, STATE_FIN_WAIT2));
	apply(s, sock_close(&k, START_NS / US + 5));
	apply(s, sock_destroy(&k, START_NS / US + 6));
	return 6;
}

/* It is not there at the second look: so its TIME_WAIT is over. */
static void timewait_sockets_are_looked_at(void **state)
{
	(void)state;
	for (int polled = 0; polled < 2; polled++) {
		struct scene *s = scene_new();

		s->source.is_polled = polled;
		s->bring = bring_active_close;
		s->options.duration_ns = 5 * NS_PER_S;
		assert_int_equal(play_lives(s), 0);
		assert_int_equal(s->closed, 1);
		assert_int_equal(s->looks == 1, !polled);
		assert_int_equal(s->read_on, s->looks);
		assert_int_equal(s->gone, 1);
		if (polled)
			assert_true(s->last.flags & CONN_TIME_WAIT_SEEN);
		scene_free(s);
	}
}

static int bring_close_at_the_end(struct scene *s, uint64_t deadline_ns)
{
	struct sock k = sock_client(SOCK(1));
	uint64_t now_us = (START_NS + s->options.duration_ns) / US - 10;

	if (s->now_ns >= now_us * US || deadline_ns < now_us * US)
		return 0;
	apply(s, sock_step(&k, now_us, STATE_SYN_SENT));
	apply(s, sock_step(&k, now_us + 1, STATE_ESTABLISHED));
	apply(s, sock_step(&k, now_us + 2, STATE_FIN_WAIT1));
	apply(s, sock_step(&k, now_us + 3, STATE_FIN_WAIT2));
	apply(s, sock_step(&k, now_us + 4, STATE_CLOSED));
	apply(s, sock_destroy(&k, now_us + 5));
	return 6;
}

/* The peer's FIN has come by then: only the timewait socket knows. */
static void the_last_look_finds_who_has_just_closed(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->source.is_polled = true;
	s->has_resets = true;
	s->bring = bring_close_at_the_end;
	s->found = (struct socket_info){ .sock = SOCK(9),
					 .netns = TEST_NETNS,
					 .state = STATE_TIME_WAIT,
					 .object = EVENT_SOCKET_TIMEWAIT,
					 .flags = EVENT_FLAG_ENDPOINTS,
					 .lport = CLIENT_LPORT,
					 .rport = PEER_PORT,
					 .laddr = test_address(false, 1),
					 .raddr = test_address(false, 2),
					 .since_ns = EVENT_TIME_UNKNOWN,
					 .timer = EVENT_TIMER_TIMEWAIT,
					 .timer_ns = 60 * NS_PER_S };
	s->options.duration_ns = 5 * NS_PER_S;
	assert_int_equal(play_lives(s), 0);
	assert_int_equal(s->closed, 1);
	assert_int_equal(conn_state(&s->last), STATE_TIME_WAIT);
	scene_free(s);
}

static void descriptors_wake_the_source(void **state)
{
	static struct source_class deaf_class;
	struct scene *s = scene_new();

	(void)state;
	assert_int_equal(play(s), 0);
	assert_int_equal(run_watch(&s->run, 5), 0);
	assert_int_equal(s->watched, 5);
	/* Recordings do not sleep. */
	deaf_class = fake_class;
	deaf_class.watch = NULL;
	s->source.class = &deaf_class;
	assert_int_equal(run_watch(&s->run, 6), 0);
	assert_int_equal(s->watched, 5);
	scene_free(s);
}

static int bring_three(struct scene *s, uint64_t deadline_ns)
{
	assert_int_equal(deadline_ns, 0);
	return s->polls < 4 ? 1 : -ENODATA;
}

static void a_drain_waits_for_nothing(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	assert_int_equal(play(s), 0);
	s->polls = 0;
	s->bring = bring_three;
	assert_int_equal(run_drain(&s->run), 0);
	assert_int_equal(s->polls, 4);
	s->bring = fail_to_read;
	assert_int_equal(run_drain(&s->run), -EIO);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_with_its_duration),
		cmocka_unit_test(it_ends_with_its_source),
		cmocka_unit_test(it_ends_when_the_task_has_enough),
		cmocka_unit_test(what_does_not_begin_does_not_finish),
		cmocka_unit_test(a_signal_ends_it),
		cmocka_unit_test(it_may_be_called_twice),
		cmocka_unit_test(the_tap_takes_every_record),
		cmocka_unit_test(who_is_alive_at_the_end_is_told_of),
		cmocka_unit_test(what_is_wanted_is_traced),
		cmocka_unit_test(the_table_is_told_of_a_loss),
		cmocka_unit_test(a_loss_is_made_good_by_a_look),
		cmocka_unit_test(records_are_read_in_the_middle_of_a_look),
		cmocka_unit_test(a_kernel_that_refuses_is_asked_once),
		cmocka_unit_test(what_is_there_already_is_looked_for),
		cmocka_unit_test(timewait_sockets_are_looked_at),
		cmocka_unit_test(the_last_look_finds_who_has_just_closed),
		cmocka_unit_test(descriptors_wake_the_source),
		cmocka_unit_test(a_drain_waits_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
