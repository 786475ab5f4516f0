// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes a whole replay: a recording, the table with all that it can be told, and every format. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/input.h"
#include "tests/fuzz/mend.h"
#include "user/aggregate/chosen.h"
#include "user/aggregate/failure_set.h"
#include "user/aggregate/histogram_set.h"
#include "user/aggregate/report.h"
#include "user/base/hash.h"
#include "user/base/text.h"
#include "user/record/encoder.h"
#include "user/run/account.h"
#include "user/run/feed.h"
#include "user/run/open.h"
#include "user/run/recorded.h"
#include "user/run/run.h"
#include "user/sink/html/html.h"

#define INPUT_MAX (1 << 16)
#define PATH_SIZE 32
#define SEEN 32 /* sockets that were told of last, for looks to find */
#define POLLS_MAX 100000000

#define demand(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

static void fail(int line, const char *demand)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, demand);
	abort();
}

/* What an input asks for: see input.h. */
struct input {
	uint8_t table, print, file;
	const uint8_t *looks, *records;
	size_t look_bytes, record_bytes;
};

/* One replay of it. */
struct scene {
	struct consumer consumer;
	const struct input *input;
	struct options options;
	struct task task;
	struct run run;
	struct consumer *told[4 + REPORT_CONSUMERS];
	struct report *report; /* NULL: it is another format's turn */
	size_t lines;
	uint64_t closed, gone, half_open;

	struct event seen[SEEN]; /* the last ones */
	size_t seen_count;
	const uint8_t *looks;
	size_t look_bytes;
	uint8_t until_look; /* so many records come before */
};

/* ---- the recording --------------------------------------------------------------------------- */

/* Few sockets, so that lives meet: but for the kind, bytes are as they come. */
static void fold_sockets(uint8_t *record, size_t size)
{
	static const size_t places[] = { offsetof(struct event_head, sock),
					 offsetof(struct event_close, timewait) };
	bool is_close = size >= sizeof(struct event_close) &&
			record[offsetof(struct event_head, kind)] == EVENT_CLOSE;

	for (size_t i = 0; i < (is_close ? 2 : 1); i++) {
		uint64_t sock;

		if (size < places[i] + sizeof(sock))
			return;
		memcpy(&sock, record + places[i], sizeof(sock));
		if (sock)
			sock = 1 + sock % INPUT_SOCKETS;
		memcpy(record + places[i], &sock, sizeof(sock));
	}
}

/* Records as they come out of the ring: of a known kind, in the order of time, and whole. */
static size_t take_records(const struct input *input, uint8_t raw[INPUT_MAX], uint32_t *ret_count)
{
	const uint8_t *bytes = input->records;
	size_t left = input->record_bytes, used = 0;
	uint64_t time_ns = 0;

	*ret_count = 0;
	while (left >= INPUT_SIZE_BYTES) {
		size_t size = bytes[0] | (size_t)bytes[1] << 8;
		struct event_head head;

		bytes += INPUT_SIZE_BYTES;
		left -= INPUT_SIZE_BYTES;
		size = size < left ? size : left;
		if (size >= sizeof(head) && used + size <= INPUT_MAX) {
			memcpy(&head, bytes, sizeof(head));
			time_ns = head.mono_ns > time_ns ? head.mono_ns : time_ns;
			memcpy(raw + used, bytes, size);
			memcpy(raw + used, &time_ns, sizeof(time_ns));
			fold_sockets(raw + used, size);
			used += size;
			++*ret_count;
		}
		bytes += size;
		left -= size;
	}
	return used;
}

static void encode(const struct input *input, struct buffer *out)
{
	static uint8_t raw[INPUT_MAX];
	struct recording_about about = { .series = 1 };
	struct encoder *encoder = encoder_new();
	struct recording_block block = { .kind = RECORDING_RECORDS };
	const uint64_t none[4] = { 0 };

	demand(encoder);
	about.text[RECORDING_HOOKS] =
		input->table & INPUT_TIMEWAITS ? INPUT_HOOKS "time_wait fentry\n" : INPUT_HOOKS;
	if (input->print & INPUT_RECORDED_FILTER)
		about.text[RECORDING_FILTERS] = INPUT_FILTER_LINE;
	encoder_add_head(out, &about);
	block.raw_bytes = (uint32_t)take_records(input, raw, &block.record_count);
	block.counters.seen = block.record_count + (input->table & INPUT_LOSSY ? 7 : 0);
	block.counters.ring_full = input->table & INPUT_LOSSY ? 7 : 0;
	block.counters.submitted = block.record_count;
	demand(!encoder_add_block(encoder, out, &block, raw));
	block.kind = RECORDING_END;
	block.first_record = block.record_count;
	block.record_count = 0;
	block.number = 1;
	block.raw_bytes = sizeof(none);
	demand(!encoder_add_block(encoder, out, &block, none));
	encoder_free(encoder);
	demand(!out->failed);
}

static void write_file(const struct input *input, int fd)
{
	static uint8_t copy[INPUT_MAX];
	struct buffer file;

	buffer_init(&file);
	if (input->file & INPUT_RAW_FILE) {
		memcpy(copy, input->records, input->record_bytes);
		mend(copy, input->record_bytes);
		buffer_add(&file, copy, input->record_bytes);
	} else {
		encode(input, &file);
	}
	demand(!ftruncate(fd, 0));
	demand(pwrite(fd, file.bytes, file.size, 0) == (ssize_t)file.size);
	buffer_done(&file);
}

/* ---- looks at the kernel's sockets, as they may come between two records --------------------- */

static uint8_t take_byte(struct scene *s)
{
	if (!s->look_bytes)
		return 0;
	s->look_bytes--;
	return *s->looks++;
}

/* One that was told of, in the state and with the age that the input says. */
static struct socket_info some_socket(struct scene *s, uint64_t now_ns)
{
	uint8_t which = take_byte(s), how = take_byte(s);
	const struct event *e = &s->seen[which % (s->seen_count < SEEN ? s->seen_count : SEEN)];
	bool is_timewait = how & 0x80;

	return (struct socket_info){
		.mono_ns = now_ns,
		.sock = which & 0x80 && e->timewait ? e->timewait : e->sock,
		.netns = e->netns,
		.state = (enum tcp_state)(1 + (how & 0xf) % (STATE_COUNT - 1)),
		.object = is_timewait ? EVENT_SOCKET_TIMEWAIT : EVENT_SOCKET_FULL,
		.flags = e->flags | EVENT_FLAG_ENDPOINTS,
		.marks = how & 0x40 ? EVENT_SOCKET_COUNTED : 0,
		.lport = e->lport,
		.rport = e->rport,
		.laddr = e->laddr,
		.raddr = e->raddr,
		.since_ns = how & 0x20 ? now_ns - now_ns / 2 : EVENT_TIME_UNKNOWN,
		.timer_ns = how & 0x10 ? 1000000000 : EVENT_TIME_UNKNOWN,
		.bytes_acked = which,
		.bytes_sent = how,
	};
}

static void take_snapshot(struct scene *s, uint8_t what, uint64_t now_ns)
{
	unsigned int use = what & (CONN_SNAPSHOT_SEED | CONN_SNAPSHOT_SYNC);
	struct conn_table *table = s->run.table;

	/* Of one that many are taken for, half. */
	if (use == CONN_SNAPSHOT_SEED && what & 0x10)
		use = CONN_SNAPSHOT_KNOW;
	if (conn_table_begin_snapshot(table, use, now_ns))
		return;
	for (unsigned int i = what >> 4; i; i--) {
		struct socket_info info = some_socket(s, now_ns);

		conn_table_see(table, &info);
	}
	if (what & 8)
		conn_table_miss(table, s->seen[0].netns);
	if (what & 4)
		conn_table_drop_snapshot(table);
	else
		conn_table_end_snapshot(table, now_ns);
}

static void take_poll(struct scene *s, uint8_t what, uint64_t now_ns)
{
	struct conn_table *table = s->run.table;

	if (!conn_table_needs_poll(table) || conn_table_begin_poll(table, now_ns))
		return;
	for (unsigned int i = what >> 4; i; i--) {
		struct socket_info info = some_socket(s, now_ns);

		if (conn_table_wants_poll(table, info.netns))
			conn_table_poll_socket(table, &info);
		if (what & 4)
			conn_table_poll_missed(table, info.netns);
		else
			conn_table_poll_looked(table, info.netns);
	}
	conn_table_end_poll(table, now_ns, conn_table_must_search(table) && what & 8, what & 1);
}

static void look(struct scene *s, uint64_t now_ns)
{
	uint8_t what;

	s->until_look = take_byte(s);
	what = take_byte(s);
	if (what & 3)
		take_snapshot(s, what, now_ns);
	else
		take_poll(s, what, now_ns);
}

/* ---- what is told, and printed --------------------------------------------------------------- */

static struct scene *scene_of(struct consumer *self)
{
	return (struct scene *)self;
}

static void on_transition(struct consumer *self, const struct conn *c, const struct transition *t)
{
	struct scene *s = scene_of(self);

	demand(state_is_valid(t->from) && state_is_valid(t->to));
	if (s->run.settings.events)
		s->run.sink->transition(&s->run.settings, &s->run.out.lines, c, t);
}

static void print(struct scene *s, const struct conn *c)
{
	if (!s->run.settings.events)
		s->run.sink->connection(&s->run.settings, &s->run.out.lines, c);
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct scene *s = scene_of(self);

	demand(c->flags & CONN_WANTED);
	s->closed++;
	if (!(s->input->print & INPUT_FULL))
		print(s, c);
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	struct scene *s = scene_of(self);

	demand(c->flags & CONN_CLOSE_TOLD);
	s->gone++;
	if (s->input->print & INPUT_FULL)
		print(s, c);
}

static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	(void)now_ns;
	print(scene_of(self), c);
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct scene *s = scene_of(self);
	struct conn c;

	s->half_open++;
	half_open_as_conn(h, &c);
	if (s->run.sink->half_open)
		s->run.sink->half_open(&s->run.settings, &s->run.out.lines, h);
	else
		print(s, &c);
}

static void on_record(void *context, const void *bytes, size_t size)
{
	struct scene *s = context;
	record_on_one feed = feed_of(&s->run);
	struct event e;

	feed(&s->run, bytes, size);
	if (event_decode(bytes, size, &e))
		return;
	s->seen[s->seen_count++ % SEEN] = e;
	if (s->until_look)
		s->until_look--;
	else if (s->look_bytes)
		look(s, e.mono_ns);
}

/* ---- what must hold -------------------------------------------------------------------------- */

static void demand_balance(const struct scene *s)
{
	const struct conn_counts *n = conn_table_counts(s->run.table);
	uint64_t half_open = 0;

	demand(n->opened + n->seeded + n->restored == n->live + n->closed + n->evicted);
	demand(n->closed + n->unsent == s->closed);
	demand(n->closed + n->unsent >= s->gone + n->time_waits_evicted);
	for (unsigned int end = 0; end < HALF_OPEN_END_COUNT; end++)
		half_open += n->half_open[end];
	demand(half_open == s->half_open);
}

/* Whole lines of visible text; the only escapes are colours. */
static void demand_text(const struct buffer *out, bool color)
{
	size_t at = 0;

	demand(!out->size || out->bytes[out->size - 1] == '\n');
	while (at < out->size) {
		uint32_t code;
		size_t length = text_code_point(out->bytes + at, out->size - at, &code);

		demand(length);
		demand(code == '\n' || (code == '\x1b' && color) || text_is_visible(code));
		at += length;
	}
}

/* What JSON opens it closes, and each line by itself where lines are values. */
static void demand_json(const struct buffer *out, bool is_lines)
{
	bool is_string = false;
	size_t depth = 0;

	for (size_t i = 0; i < out->size; i++) {
		char c = out->bytes[i];

		if (is_string && c == '\\')
			i++;
		else if (c == '"')
			is_string = !is_string;
		else if (!is_string && (c == '{' || c == '['))
			depth++;
		else if (!is_string && (c == '}' || c == ']'))
			demand(depth--);
		else if (c == '\n')
			demand(!is_string && !(is_lines && depth));
	}
	demand(!is_string && !depth);
}

/* ---- a replay -------------------------------------------------------------------------------- */

static void fill_filter(struct conn_filter *f, uint8_t table)
{
	if (table & INPUT_FILTER) {
		f->family = 4;
		f->has_rports = true;
		conn_filter_add_port(f->rports, INPUT_WANTED_RPORT);
		f->pids[f->pid_count++] = INPUT_WANTED_PID;
		memcpy(f->comms[f->comm_count++], INPUT_WANTED_COMM, sizeof(INPUT_WANTED_COMM));
	}
	if (table & INPUT_NETNS)
		demand(!netns_list_add(&f->netns, INPUT_WANTED_NETNS));
}

static void init(struct scene *s, const struct input *input)
{
	static const struct consumer_class class = { .transition = on_transition,
						     .closed = on_closed,
						     .gone = on_gone,
						     .alive = on_alive,
						     .half_open = on_half_open };
	static struct sink_layout layout;
	struct run *run = &s->run;

	memset(s, 0, sizeof(*s));
	memset(&layout, 0, sizeof(layout));
	s->consumer.class = &class;
	s->input = input;
	s->looks = input->looks;
	s->look_bytes = input->look_bytes;
	s->until_look = take_byte(s);
	fill_filter(&s->options.filter, input->table);
	s->options.max_connections = input->table & INPUT_SMALL ? INPUT_CONNECTIONS_SMALL :
								  INPUT_CONNECTIONS;
	s->options.format = (enum output_format)(input->print & INPUT_FORMAT);
	run->options = &s->options;
	run->task = &s->task;
	run->filter = s->options.filter;
	run->wants = input->print & INPUT_FULL ? CONSUMER_SEEDS : 0;
	run->sink = output_sink(s->options.format);
	run->settings = (struct sink_settings){ .wide = input->print & INPUT_WIDE,
						.wall_time = input->print & INPUT_WALL_TIME,
						.color = input->print & INPUT_WIDE,
						.events = input->print & INPUT_EVENTS &&
							  run->sink->transition,
						.columns = 80,
						.layout = &layout,
						.lore = &run->lore.lore };
	buffer_init(&run->out.lines);
	run_lore_init(&run->lore);
}

static void follow(struct scene *s)
{
	struct run *run = &s->run;
	struct source *source = run->source;
	uint64_t polls = 0;
	sigset_t none;

	sigemptyset(&none);
	while (source->class->read(source, UINT64_MAX, &none) >= 0) {
		if (source->class->has_lost(source))
			conn_table_note_loss(run->table);
		conn_table_settle(run->table, source->class->now(source));
		demand_balance(s);
		demand(++polls < POLLS_MAX);
	}
	source->class->stop(source);
	conn_table_settle(run->table, UINT64_MAX);
	demand_balance(s);
	conn_table_tell_alive(run->table, source->class->now(source));
}

static void print_end(struct scene *s, struct histogram_set *histograms,
		      const struct failure_set *failures, struct chosen *chosen)
{
	struct run *run = &s->run;
	struct buffer *out = &run->out.lines;
	struct ladder ladder;
	struct summary sum;

	if (run->sink->ladder && chosen_ladder(chosen, NULL, &ladder))
		run->sink->ladder(&run->settings, out, &ladder);
	if (run->sink->histograms)
		run->sink->histograms(&run->settings, out, histograms);
	if (run->sink->failures)
		run->sink->failures(&run->settings, out, failures);
	account_read(run, &sum);
	if (run->sink->summary)
		run->sink->summary(&run->settings, out, &sum);
	demand_text(out, run->settings.color);
	if (s->options.format == FORMAT_JSON || s->options.format == FORMAT_PERFETTO)
		demand_json(out, s->options.format == FORMAT_JSON);
	/* What goes to standard error. */
	sink_failure_words(&run->settings, out, failures);
	sink_summary_words(out, &sum, true);
	demand_text(out, run->settings.color);
	demand(!out->failed);
}

/* A page takes long: it is made beside one of the formats. */
static void begin_page(struct scene *s)
{
	s->report = s->options.format == FORMAT_CSV ? report_new(INPUT_CONNECTIONS, true) : NULL;
	if (s->report)
		s->task.consumers.count += report_consumers(s->report, s->told + 4).count;
}

/* Whatever a recording holds, a page has one script, and names are no markup. */
static void end_page(struct scene *s)
{
	struct buffer *out = &s->run.out.lines;
	size_t before = out->size;
	const char *script;

	if (!s->report)
		return;
	account_read(&s->run, &s->report->summary);
	s->report->end_ns = s->run.source->class->now(s->run.source);
	hangs_sort(&s->report->hangs);
	demand(!html_report(&s->run.settings, out, s->report));
	script = memmem(out->bytes + before, out->size - before, "</script", strlen("</script"));
	demand(script && !memmem(script + 1, (size_t)(out->bytes + out->size - script - 1),
				 "</script", strlen("</script")));
}

/* What it prints goes to `ret_out`; nothing, where no recording can be read. */
static void replay(const struct input *input, const char *path, struct buffer *ret_out)
{
	static struct scene s;
	struct replay_settings settings = { .paths = &path,
					    .count = 1,
					    .on_record = on_record,
					    .on_cgroup = feed_cgroup,
					    .on_label = feed_label,
					    .on_netns = feed_netns,
					    .on_process = feed_process,
					    .on_clock = feed_clock,
					    .context = &s };
	const struct chosen_settings choice = { .choice.kind = CHOICE_LONGEST,
						.choice.state = STATE_ESTABLISHED,
						.filter = &s.options.filter,
						.max = INPUT_CONNECTIONS };
	unsigned int keys = input->file >> 1;
	struct histogram_set *histograms = histogram_set_new(keys, 5);
	struct failure_set *failures = failure_set_new(5);
	struct replay_flaw flaw;
	struct chosen *chosen;

	init(&s, input);
	chosen = chosen_new(&choice);
	demand(histograms && failures && chosen);
	s.told[0] = failure_set_consumer(failures);
	s.told[1] = histogram_set_consumer(histograms);
	s.told[2] = chosen_consumer(chosen);
	s.told[3] = &s.consumer;
	s.task.consumers = (struct consumer_list){ s.told, 4 };
	begin_page(&s);
	if (!run_lore_want_cgroups(&s.run.lore) && !replay_open(&settings, &s.run.replay, &flaw)) {
		s.run.source = replay_source(s.run.replay);
		s.run.lore.recorded = replay_about(s.run.replay);
		demand(!open_table(&s.run));
		if (input->table & INPUT_SAMPLES)
			conn_table_expect_polls(s.run.table);
		if (s.run.sink->header)
			s.run.sink->header(&s.run.settings, &s.run.out.lines);
		follow(&s);
		print_end(&s, histograms, failures, chosen);
		end_page(&s);
		conn_table_free(s.run.table);
		s.run.source->class->free(s.run.source);
	}
	*ret_out = s.run.out.lines;
	recorded_filters_free(&s.run.filter);
	run_lore_done(&s.run.lore);
	report_free(s.report);
	chosen_free(chosen);
	failure_set_free(failures);
	histogram_set_free(histograms);
}

static bool read_input(const uint8_t *bytes, size_t size, struct input *ret_input)
{
	size_t looks;

	if (size < INPUT_REPLAY_HEAD || size > INPUT_MAX)
		return false;
	looks = bytes[3];
	if (looks > size - INPUT_REPLAY_HEAD)
		looks = size - INPUT_REPLAY_HEAD;
	*ret_input = (struct input){ .table = bytes[0],
				     .print = bytes[1],
				     .file = bytes[2],
				     .looks = bytes + INPUT_REPLAY_HEAD,
				     .look_bytes = looks,
				     .records = bytes + INPUT_REPLAY_HEAD + looks,
				     .record_bytes = size - INPUT_REPLAY_HEAD - looks };
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Twice, with another hash: what is printed does not depend on it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static int fd = -1;
	static char path[PATH_SIZE];
	struct buffer first, second;
	struct input input;

	if (!read_input(bytes, size, &input))
		return 0;
	if (fd < 0) {
		fd = memfd_create("recording", MFD_CLOEXEC);
		demand(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	write_file(&input, fd);
	hash_seed(1);
	replay(&input, path, &first);
	hash_seed(2);
	replay(&input, path, &second);
	demand(first.size == second.size &&
	       (!first.size || !memcmp(first.bytes, second.bytes, first.size)));
	buffer_done(&first);
	buffer_done(&second);
	return 0;
}
