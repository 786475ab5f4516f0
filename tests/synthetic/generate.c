// SPDX-License-Identifier: GPL-2.0-only
/* Writes a recording of made-up connections to standard output: same numbers, same bytes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/event.h"
#include "user/base/text.h"
#include "user/event/state.h"
#include "user/record/encoder.h"

#define US UINT64_C(1000)
#define MS (1000 * US)
#define S (1000 * MS)
#define START_NS (1000 * S)
#define START_REAL_NS (1767323045 * S) /* 2026-01-02T03:04:05Z */
#define UTC_OFFSET_S (8 * 3600)

#define STEPS_MAX 9
#define BLOCK_BYTES (256u << 10)
#define SOCKS UINT64_C(0xffff888000000000)
#define MINISOCKS UINT64_C(0xffff88a000000000)
#define SOCK_BYTES 0xa00
#define HOOKS_BUT_TIMEWAITS "state tp_btf\nend tp_btf\npassive fentry\naccept fentry\n"
#define HOOKS "state tp_btf\nend tp_btf\npassive fentry\naccept fentry\ntime_wait fentry\n"
#define NETNS 4026531840u
#define PEER_PORTS 20000

struct settings {
	uint64_t connections, seed, rate;
	uint64_t lose; /* one record of so many is lost; 0: none */
	uint64_t block_bytes;
	uint64_t part;
	uint64_t late_s;    /* when it starts */
	uint64_t stay;	    /* 0: none is still open at the end */
	uint64_t timewaits; /* 0: nothing tells of timewait sockets */
};

/* What is random about a connection: bits of one number. */
struct dice {
	uint64_t left;
};

union record {
	struct event_head head;
	struct event_transition transition;
	struct event_transition6 transition6;
	struct event_open open;
	struct event_close close;
	struct event_request request;
	struct event_accept accept;
	struct event_timewait timewait;
};

struct life {
	uint64_t time_ns[STEPS_MAX];
	union record records[STEPS_MAX];
	unsigned int count;

	uint64_t sock, now_ns;
	uint8_t state;
	uint16_t flags;
	uint8_t laddr[EVENT_ADDR_SIZE], raddr[EVENT_ADDR_SIZE];
	uint16_t lport, rport, error;
	uint32_t srtt_us, pid;
	const char *comm;
	uint64_t cgroup, bytes;
	uint8_t retransmits;
	bool stays; /* it may be one that is still open at the end */
	bool is_told_of_timewait;
};

/* A life's next record. */
struct next {
	uint64_t time_ns;
	uint32_t connection, step;
};

/* The earliest is on top: a binary heap. */
struct queue {
	struct next *items;
	size_t count, room;
};

static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* 0 to below `sides`. */
static uint32_t roll(struct dice *d, uint32_t sides)
{
	uint32_t side = (uint32_t)(d->left >> 33) % sides;

	d->left = mix(d->left);
	return side;
}

/* From one microsecond to `most`, short ones more often. */
static uint64_t wait_of(struct dice *d, uint64_t most)
{
	uint64_t scale = most >> roll(d, 12);

	return US + scale * (1 + roll(d, 1000)) / 1000;
}

static size_t size_of(const union record *r)
{
	static const size_t sizes[] = {
#define X(NAME, name, payload) [EVENT_##NAME] = sizeof(payload),
		EVENT_KINDS(X)
#undef X
	};

	return sizes[r->head.kind];
}

static union record *add(struct life *l, uint8_t kind, uint8_t to)
{
	union record *r = &l->records[l->count];

	memset(r, 0, sizeof(*r));
	r->head = (struct event_head){ .mono_ns = l->now_ns,
				       .sock = l->sock,
				       .netns = NETNS,
				       .kind = kind,
				       .states = EVENT_STATES(l->state, to),
				       .flags = l->flags };
	l->time_ns[l->count++] = l->now_ns;
	l->state = to;
	return r;
}

static struct event_body body_of(const struct life *l, uint8_t to)
{
	bool told = to == STATE_ESTABLISHED || to == STATE_CLOSED;

	return (struct event_body){ .lport = l->lport,
				    .rport = l->rport,
				    .srtt_us = told ? l->srtt_us : 0,
				    .error = told ? l->error : 0,
				    .retransmits = told ? l->retransmits : 0 };
}

static void move(struct life *l, uint64_t after_ns, uint8_t to)
{
	union record *r;

	l->now_ns += after_ns;
	if (l->flags & EVENT_FLAG_IPV6) {
		r = add(l, EVENT_TRANSITION6, to);
		r->transition6.body = body_of(l, to);
		memcpy(r->transition6.laddr, l->laddr, EVENT_ADDR_SIZE);
		memcpy(r->transition6.raddr, l->raddr, EVENT_ADDR_SIZE);
	} else {
		r = add(l, EVENT_TRANSITION, to);
		r->transition.body = body_of(l, to);
		memcpy(r->transition.laddr, l->laddr, 4);
		memcpy(r->transition.raddr, l->raddr, 4);
	}
}

static void open_socket(struct life *l)
{
	union record *r = add(l, EVENT_OPEN, STATE_SYN_SENT);

	r->open.body = body_of(l, STATE_SYN_SENT);
	memcpy(r->open.laddr, l->laddr, EVENT_ADDR_SIZE);
	memcpy(r->open.raddr, l->raddr, EVENT_ADDR_SIZE);
	r->open.cgroup = l->cgroup;
	memcpy(r->open.comm, l->comm, strnlen(l->comm, EVENT_COMM_SIZE - 1));
	r->open.pid = l->pid;
	r->open.uid = l->pid % 3 ? 1000 : 0;
}

static void accept_socket(struct life *l, uint64_t after_ns)
{
	union record *r;

	l->now_ns += after_ns;
	r = add(l, EVENT_ACCEPT, l->state);
	r->accept.cgroup = l->cgroup;
	memcpy(r->accept.comm, l->comm, strnlen(l->comm, EVENT_COMM_SIZE - 1));
	r->accept.pid = l->pid;
	r->accept.uid = 33;
}

static struct event_close *close_socket(struct life *l, uint64_t after_ns)
{
	union record *r;

	l->now_ns += after_ns;
	r = add(l, EVENT_CLOSE, STATE_CLOSED);
	r->close.body = body_of(l, STATE_CLOSED);
	memcpy(r->close.laddr, l->laddr, EVENT_ADDR_SIZE);
	memcpy(r->close.raddr, l->raddr, EVENT_ADDR_SIZE);
	r->close.bytes_sent = l->bytes;
	r->close.bytes_received = l->bytes * 17;
	r->close.retransmits = l->retransmits;
	return &r->close;
}

static void wait_out(struct life *l, uint64_t minisock, uint8_t act, uint64_t after_ns)
{
	union record *r;

	if (!l->is_told_of_timewait)
		return;
	l->now_ns += after_ns;
	l->sock = minisock;
	l->state = STATE_TIME_WAIT;
	r = add(l, EVENT_TIMEWAIT, STATE_CLOSED);
	r->head.flags = 0;
	r->head.netns = 0;
	r->timewait.act = act;
}

static void give_addresses(struct life *l, struct dice *d)
{
	static const uint8_t ipv6[EVENT_ADDR_SIZE] = { 0x20, 0x01, 0x0d, 0xb8 };

	l->flags = EVENT_FLAG_ENDPOINTS;
	if (!roll(d, 4)) {
		l->flags |= EVENT_FLAG_IPV6;
		memcpy(l->laddr, ipv6, sizeof(ipv6));
		memcpy(l->raddr, ipv6, sizeof(ipv6));
		l->laddr[15] = 1;
		l->raddr[14] = (uint8_t)roll(d, 2);
		l->raddr[15] = (uint8_t)(2 + roll(d, 250));
	} else {
		memcpy(l->laddr, (const uint8_t[]){ 192, 0, 2, 1 }, 4);
		memcpy(l->raddr, (const uint8_t[]){ 198, 51, 100, 2 }, 4);
		l->raddr[3] = (uint8_t)(2 + roll(d, 250));
	}
}

/* Both FINs, this side's first. */
static void close_actively(struct life *l, struct dice *d, uint64_t rtt_ns, uint32_t connection)
{
	uint64_t minisock = MINISOCKS + (uint64_t)connection * SOCK_BYTES;
	struct event_close *end;

	move(l, wait_of(d, S), STATE_FIN_WAIT1);
	move(l, rtt_ns, STATE_FIN_WAIT2);
	end = close_socket(l, wait_of(d, 10 * MS));
	end->head.flags |= EVENT_FLAG_FIN_RECEIVED;
	end->timewait = minisock;
	end->substate = STATE_TIME_WAIT;
	if (roll(d, 16))
		wait_out(l, minisock, EVENT_TIMEWAIT_EXPIRED, 60 * S + wait_of(d, S));
	else
		wait_out(l, minisock, EVENT_TIMEWAIT_REUSED, 2 * S + wait_of(d, S));
}

/* The peer's FIN first. */
static void close_passively(struct life *l, struct dice *d, uint64_t rtt_ns)
{
	move(l, wait_of(d, S), STATE_CLOSE_WAIT);
	move(l, wait_of(d, 100 * MS), STATE_LAST_ACK);
	close_socket(l, rtt_ns)->head.flags |= EVENT_FLAG_FIN_RECEIVED;
}

static void fail(struct life *l, uint64_t after_ns, uint16_t error)
{
	l->error = error;
	close_socket(l, after_ns);
}

static void end_open(struct life *l, struct dice *d, uint64_t rtt_ns, uint32_t connection)
{
	uint32_t end = roll(d, 16);

	switch (end == 2 && !l->stays ? 3 : end) {
	case 0:
		fail(l, wait_of(d, S), ECONNRESET);
		break;
	case 1:
		l->retransmits = 15;
		fail(l, 100 * S, ETIMEDOUT);
		break;
	case 2:
		/* It lives on. */
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		close_passively(l, d, rtt_ns);
		break;
	default:
		close_actively(l, d, rtt_ns, connection);
	}
}

static void live_as_client(struct life *l, struct dice *d, uint64_t rtt_ns, uint32_t connection)
{
	l->state = STATE_CLOSED;
	l->lport = (uint16_t)(32768 + roll(d, 28000));
	l->rport = (uint16_t[]){ 443, 80, 5432, 6379 }[roll(d, 4)];
	open_socket(l);
	switch (roll(d, 16)) {
	case 0:
		fail(l, rtt_ns, ECONNREFUSED);
		return;
	case 1:
		l->retransmits = 6;
		fail(l, 127 * S, ETIMEDOUT);
		return;
	case 2:
		fail(l, 3 * S, EHOSTUNREACH);
		return;
	default:
		l->srtt_us = (uint32_t)(rtt_ns / US);
		move(l, rtt_ns, STATE_ESTABLISHED);
		end_open(l, d, rtt_ns, connection);
	}
}

/* A request that came to nothing. */
static void live_half_open(struct life *l, struct dice *d)
{
	union record *r;

	l->state = STATE_SYN_RECV;
	l->now_ns += 63 * S;
	r = add(l, EVENT_REQUEST, STATE_CLOSED);
	r->request.synack_ns = l->now_ns - 63 * S;
	r->request.lport = l->lport;
	r->request.rport = l->rport;
	r->request.end = (uint8_t)roll(d, EVENT_REQUEST_OVERFLOW + 1);
	r->request.retransmits = 5;
	memcpy(r->request.laddr, l->laddr, EVENT_ADDR_SIZE);
	memcpy(r->request.raddr, l->raddr, EVENT_ADDR_SIZE);
}

static void live_as_server(struct life *l, struct dice *d, uint64_t rtt_ns, uint32_t connection)
{
	l->lport = (uint16_t[]){ 80, 8080 }[roll(d, 2)];
	l->rport = (uint16_t)(PEER_PORTS + roll(d, 40000));
	if (!roll(d, 32)) {
		live_half_open(l, d);
		return;
	}
	l->state = STATE_LISTEN;
	move(l, rtt_ns, STATE_SYN_RECV);
	l->srtt_us = (uint32_t)(rtt_ns / US);
	move(l, US, STATE_ESTABLISHED);
	accept_socket(l, wait_of(d, 10 * MS));
	end_open(l, d, rtt_ns, connection);
}

/* The whole life of one connection, from its number alone. */
static void live(const struct settings *s, uint32_t connection, struct life *l)
{
	static const char *const comms[] = { "nginx", "curl", "postgres", "\033[31mred",
					     "a\nb,\"c" };
	struct dice d = { mix(s->seed ^ mix(connection)) };
	uint64_t rtt_ns;

	l->count = 0;
	l->error = 0;
	l->srtt_us = 0;
	l->retransmits = 0;
	l->stays = s->stay;
	l->is_told_of_timewait = s->timewaits;
	memset(l->laddr, 0, sizeof(l->laddr));
	memset(l->raddr, 0, sizeof(l->raddr));
	l->sock = SOCKS + (uint64_t)connection * SOCK_BYTES;
	l->now_ns = START_NS + s->late_s * S + connection * S / s->rate;
	give_addresses(l, &d);
	l->comm = comms[roll(&d, sizeof(comms) / sizeof(*comms))];
	l->pid = 1000 + roll(&d, 17);
	l->cgroup = 1 + l->pid % 3;
	l->bytes = (uint64_t)roll(&d, 1 << 20);
	rtt_ns = wait_of(&d, 200 * MS);
	if (roll(&d, 2))
		live_as_client(l, &d, rtt_ns, connection);
	else
		live_as_server(l, &d, rtt_ns, connection);
}

static bool is_before(const struct next *a, const struct next *b)
{
	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns;
	return a->connection < b->connection;
}

static void swap(struct queue *q, size_t a, size_t b)
{
	struct next item = q->items[a];

	q->items[a] = q->items[b];
	q->items[b] = item;
}

static void push(struct queue *q, struct next item)
{
	size_t i = q->count++;

	if (i == q->room) {
		q->room = q->room ? q->room * 2 : 1024;
		q->items = reallocarray(q->items, q->room, sizeof(*q->items));
		if (!q->items)
			abort();
	}
	for (q->items[i] = item; i && is_before(&q->items[i], &q->items[(i - 1) / 2]);
	     i = (i - 1) / 2)
		swap(q, i, (i - 1) / 2);
}

static struct next pop(struct queue *q)
{
	struct next top = q->items[0];
	size_t i = 0;

	q->items[0] = q->items[--q->count];
	for (;;) {
		size_t least = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < q->count; child++)
			if (is_before(&q->items[child], &q->items[least]))
				least = child;
		if (least == i)
			return top;
		swap(q, i, least);
		i = least;
	}
}

/* The file as it grows. */
struct output {
	struct encoder *encoder;
	struct buffer out;
	uint8_t raw[BLOCK_BYTES];
	struct recording_block block;
	uint64_t records;
};

static void flush(struct output *o)
{
	if (o->out.failed || buffer_flush(&o->out, STDOUT_FILENO)) {
		fputs("the recording cannot be written\n", stderr);
		exit(2);
	}
}

static void add_block(struct output *o, const void *raw)
{
	if (encoder_add_block(o->encoder, &o->out, &o->block, raw))
		abort();
	flush(o);
	o->records += o->block.record_count;
	o->block.number++;
	o->block.first_record = o->records;
	o->block.record_count = 0;
	o->block.raw_bytes = 0;
	o->block.first_mono_ns = 0;
}

static void add_record(struct output *o, const struct settings *s, const union record *r)
{
	size_t size = size_of(r);
	struct recording_counters *c = &o->block.counters;

	if (o->block.raw_bytes + size > s->block_bytes)
		add_block(o, o->raw);
	c->seen++;
	if (s->lose && !(c->seen % s->lose)) {
		c->ring_full++;
		return;
	}
	c->submitted++;
	o->block.kind = RECORDING_RECORDS;
	memcpy(o->raw + o->block.raw_bytes, r, size);
	o->block.raw_bytes += size;
	o->block.record_count++;
	if (!o->block.first_mono_ns)
		o->block.first_mono_ns = r->head.mono_ns;
	o->block.last_mono_ns = o->block.written_mono_ns = r->head.mono_ns;
}

static void add_names(struct output *o)
{
	static const char *const names[] = { "/", "/system.slice/web.service", "/user\033.slice" };
	struct buffer raw;

	buffer_init(&raw);
	for (uint64_t id = 1; id <= sizeof(names) / sizeof(*names); id++) {
		uint16_t length = (uint16_t)strlen(names[id - 1]);

		buffer_add(&raw, &id, sizeof(id));
		buffer_add(&raw, &length, sizeof(length));
		buffer_add(&raw, names[id - 1], length);
	}
	o->block.kind = RECORDING_NAMES;
	o->block.raw_bytes = raw.size;
	add_block(o, raw.bytes);
	buffer_done(&raw);
}

static void generate(const struct settings *s, struct output *o)
{
	struct queue queue = { 0 };
	uint64_t begun = 0;
	struct life life;

	while (begun < s->connections || queue.count) {
		struct next next;

		if (begun < s->connections) {
			live(s, (uint32_t)begun, &life);
			if (!queue.count || life.time_ns[0] < queue.items[0].time_ns) {
				next = (struct next){ life.time_ns[0], (uint32_t)begun, 0 };
				begun++;
				push(&queue, next);
				continue;
			}
		}
		next = pop(&queue);
		live(s, next.connection, &life);
		add_record(o, s, &life.records[next.step]);
		if (++next.step < life.count) {
			next.time_ns = life.time_ns[next.step];
			push(&queue, next);
		}
	}
	free(queue.items);
}

static bool read_settings(int argc, char **argv, struct settings *s)
{
	const struct {
		const char *name;
		uint64_t *value;
	} options[] = {
		{ "connections", &s->connections },
		{ "seed", &s->seed },
		{ "rate", &s->rate },
		{ "lose", &s->lose },
		{ "block", &s->block_bytes },
		{ "part", &s->part },
		{ "late", &s->late_s },
		{ "stay", &s->stay },
		{ "timewaits", &s->timewaits },
	};

	for (int i = 1; i < argc; i++) {
		char *value = strchr(argv[i], '=');
		bool found = false;

		if (value)
			*value++ = '\0';
		for (size_t o = 0; value && o < sizeof(options) / sizeof(*options); o++)
			if (!strcmp(argv[i], options[o].name))
				found = !text_parse_u64(value, options[o].value);
		if (!found)
			return false;
	}
	return s->connections < UINT32_MAX && s->rate && s->block_bytes <= BLOCK_BYTES;
}

int main(int argc, char **argv)
{
	struct settings s = {
		.connections = 23,
		.seed = 1,
		.rate = 50000,
		.block_bytes = BLOCK_BYTES,
		.stay = 1,
		.timewaits = 1,
	};
	static struct output output;
	struct recording_about about = {
		.utc_offset_s = UTC_OFFSET_S,
		.text = { [RECORDING_PROGRAM] = "synthetic",
			  [RECORDING_HOST] = "synthetic",
			  [RECORDING_KERNEL] = "6.1.0",
			  [RECORDING_HOOKS] = HOOKS },
	};
	char boot[32];

	if (!read_settings(argc, argv, &s)) {
		fputs("usage: generate [connections=N] [seed=N] [rate=N] [lose=N] [block=BYTES] "
		      "[part=N] [late=SECONDS] [stay=0] [timewaits=0] >FILE\n",
		      stderr);
		return 2;
	}
	about.start_mono_ns = START_NS + s.late_s * S;
	about.clock_offset_ns = (int64_t)(START_REAL_NS - START_NS);
	about.series = s.seed;
	about.part = (uint32_t)s.part;
	snprintf(boot, sizeof(boot), "seed %llu", (unsigned long long)s.seed);
	about.text[RECORDING_BOOT] = boot;
	if (!s.timewaits)
		about.text[RECORDING_HOOKS] = HOOKS_BUT_TIMEWAITS;
	output.encoder = encoder_new();
	if (!output.encoder)
		return 2;
	encoder_add_head(&output.out, &about);
	add_names(&output);
	generate(&s, &output);
	if (output.block.raw_bytes)
		add_block(&output, output.raw);
	output.block.kind = RECORDING_END;
	add_block(&output, NULL);
	fprintf(stderr, "%llu records\n", (unsigned long long)output.records);
	encoder_free(output.encoder);
	buffer_done(&output.out);
	return 0;
}
