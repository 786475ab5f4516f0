// SPDX-License-Identifier: GPL-2.0-only
/* Text: byte for byte where people look, and never more than 80 columns, whatever the values. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/sample_sink.h"
#include "user/base/atom.h"
#include "user/base/text.h"
#include "user/sink/legend.h"
#include "user/sink/text/codes.h"
#include "user/sink/text/columns.h"

#define COLUMNS 80

static struct buffer out;

/* A link-local address is none without its link; one that is bound has it with its own. */
static void interfaces(void **unused)
{
	static const struct share nobody;
	struct conn c = sample_client();
	char text[COLUMNS_TEXT_SIZE];

	(void)unused;
	c.ifindex = 12;
	assert_string_equal(columns_place(fact_local(&c), 40, text), "192.0.2.1%if12");
	assert_string_equal(columns_place(fact_remote(&c), 40, text), "198.51.100.7");
	c.ifname = atom_of("eth0", 4, &nobody);
	c.raddr = (struct address){ .byte = { 0xfe, 0x80, [15] = 7 } };
	c.laddr = (struct address){ .byte = { 0xfe, 0xbf, [15] = 8 } };
	assert_string_equal(columns_place(fact_local(&c), 40, text), "febf::8%eth0");
	assert_string_equal(columns_place(fact_remote(&c), 40, text), "fe80::7%eth0");
	assert_string_equal(columns_place(fact_remote(&c), 10, text), "fe80..eth0");
	c.ifname = atom_of("\033[2J\\\xff", 6, &nobody);
	assert_string_equal(columns_place(fact_remote(&c), 40, text), "fe80::7%\\x1b[2J\\x5c\\xff");
	c.ifindex = 0;
	assert_string_equal(columns_place(fact_remote(&c), 40, text), "fe80::7");
}

static struct sink_settings settings_for(bool events)
{
	struct sink_settings settings = sample_settings;

	settings.events = events;
	return settings;
}

static void connections(void **unused)
{
	struct conn c[] = { sample_client(), sample_server(), sample_unknown(), sample_refused(),
			    sample_widest() };

	(void)unused;
	sink_text.header(&sample_settings, &out);
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++)
		sink_text.connection(&sample_settings, &out, &c[i]);
	assert_prints(
		&out,
		"    PID COMM      LADDR           LPORT RADDR           RPORT HANDSHK  LIFE END\n"
		"   4321 curl      192.0.2.1       40000 198.51.100.7      443 80.1ms  1.09s fin\n"
		"      - -         2001:db8::1      8080 2001:db..f:cafe 51234 ~250us 1.35ms fin\n"
		"      - -         -                   - -                   -      -      - ?\n"
		"      1 x         192.0.2.1           - 198.51.100.8       81      -  850ns rfsd\n"
		"4194304 \\x1b[31m\" eeee:ee..e:eeee 65535 dddd:dd..d:dddd 65535   584y   584y "
		"hsab\n");
}

/* What becomes of a TIME_WAIT is told by who waits for it; LADDR makes room. */
static void full_connections(void **unused)
{
	struct sink_settings settings = sample_settings;
	struct conn c[] = { sample_client(), sample_client(), sample_client(), sample_server(),
			    sample_client() };

	(void)unused;
	settings.full = true;
	for (size_t i = 0; i < 3; i++) {
		c[i].time_wait_end = (uint8_t[]){ CONN_TW_END_EXPIRED, CONN_TW_END_REUSED,
						  CONN_TW_END_RESET }[i];
		c[i].time_wait_quality = i == 1 ? CONN_QUALITY_ESTIMATED : CONN_QUALITY_EXACT;
		sample_step(&c[i], STATE_CLOSED, (i ? 2223400000 : 62090000000));
	}
	c[3].time_wait_end = CONN_TW_END_OVERFLOW;
	sink_text.header(&settings, &out);
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++)
		sink_text.connection(&settings, &out, &c[i]);
	assert_prints(
		&out,
		"    PID COMM      LPORT RADDR           RPORT HANDSHK  LIFE END   TWAIT TWEND\n"
		"   4321 curl      40000 198.51.100.7      443 80.1ms  1.09s fin   60.0s expired\n"
		"   4321 curl      40000 198.51.100.7      443 80.1ms  1.09s fin  ~133ms reused\n"
		"   4321 curl      40000 198.51.100.7      443 80.1ms  1.09s fin   133ms reset\n"
		"      - -          8080 2001:db..f:cafe 51234 ~250us 1.35ms fin       - overflow\n"
		"   4321 curl      40000 198.51.100.7      443 80.1ms  1.09s fin       - -\n");
}

/* What people look for is the service, whatever its threads call themselves. */
static void the_owner_is_the_process(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	sample_comm(&c, "worker-17");
	c.process = conn_process_of(c.comm, (const char[EVENT_COMM_SIZE]){ "nginx" },
				    &(struct share){ 0, 0 });
	sink_text.connection(&sample_settings, &out, &c);
	c.process = ATOM_NONE; /* of older recordings */
	sink_text.connection(&sample_settings, &out, &c);
	assert_prints(&out, "   4321 nginx     192.0.2.1       40000 198.51.100.7      443 80.1ms"
			    "  1.09s fin\n"
			    "   4321 worker-17 192.0.2.1       40000 198.51.100.7      443 80.1ms"
			    "  1.09s fin\n");
}

/* A name takes the columns that a terminal gives it, and what follows stands in its own. */
static void names_in_all_scripts_align(void **unused)
{
	static const char *const comms[] = {
		"\xe3\x82\xb5\xe3\x83\xbc\xe3\x83\x90", /* three, square */
		"\xf0\x9f\x9a\x80\xf0\x9f\x90\xa7 go",	/* two emoji */
		"nai\xcc\x88vete\xcc\x81",		/* accents of their own */
		"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"	/* five: the last has no room */
		"\xe6\x9c\xac\xe8\xaa\x9e",
	};
	struct conn c = sample_client();

	(void)unused;
	for (size_t i = 0; i < sizeof(comms) / sizeof(comms[0]); i++) {
		sample_comm(&c, comms[i]);
		sink_text.connection(&sample_settings, &out, &c);
	}
	assert_prints(&out, "   4321 \xe3\x82\xb5\xe3\x83\xbc\xe3\x83\x90"
			    "    192.0.2.1       40000 198.51.100.7      443 80.1ms  1.09s fin\n"
			    "   4321 \xf0\x9f\x9a\x80\xf0\x9f\x90\xa7 go"
			    "   192.0.2.1       40000 198.51.100.7      443 80.1ms  1.09s fin\n"
			    "   4321 nai\xcc\x88vete\xcc\x81"
			    "   192.0.2.1       40000 198.51.100.7      443 80.1ms  1.09s fin\n"
			    "   4321 \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x9c\xac"
			    "  192.0.2.1       40000 198.51.100.7      443 80.1ms  1.09s fin\n");
}

static void transitions(void **unused)
{
	struct sink_settings settings = settings_for(true);
	struct transition t = sample_transition(), inferred = sample_inferred();
	struct conn c = sample_client(), server = sample_server();

	(void)unused;
	sink_text.header(&settings, &out);
	sink_text.transition(&settings, &out, &c, &t);
	sink_text.transition(&settings, &out, &server, &inferred);
	assert_prints(
		&out,
		"LADDR           LPORT RADDR           RPORT OLDSTATE    -> NEWSTATE     DWELL\n"
		"192.0.2.1       40000 198.51.100.7      443 SYN_SENT    -> ESTABLISHED 80.1ms\n"
		"2001:db8::1      8080 2001:db..f:cafe 51234 ESTABLISHED ~> CLOSE_WAIT       -\n");
}

static void times(void **unused)
{
	struct sink_settings settings = settings_for(true);
	struct transition t = sample_transition(), before = t, inferred = sample_inferred();
	struct conn c = sample_client();

	(void)unused;
	settings.wall_time = true;
	settings.clock.utc_offset_s = 3600;
	before.mono_ns = 999999000;
	sink_text.header(&settings, &out);
	sink_text.transition(&settings, &out, &c, &t);
	sink_text.transition(&settings, &out, &c, &inferred);
	assert_prints(&out, "TIME         LPORT RADDR           RPORT OLDSTATE    "
			    "-> NEWSTATE     DWELL\n"
			    "04:03:05.080 40000 198.51.100.7      443 SYN_SENT    "
			    "-> ESTABLISHED 80.1ms\n"
			    "-            40000 198.51.100.7      443 ESTABLISHED "
			    "~> CLOSE_WAIT       -\n");
	settings.wall_time = false;
	settings.timestamp = true;
	sink_text.header(&settings, &out);
	sink_text.transition(&settings, &out, &c, &t);
	sink_text.transition(&settings, &out, &c, &before);
	sink_text.transition(&settings, &out, &c, &inferred);
	assert_prints(&out, "    TIME(s) LPORT RADDR           RPORT OLDSTATE    "
			    "-> NEWSTATE     DWELL\n"
			    "   0.080123 40000 198.51.100.7      443 SYN_SENT    "
			    "-> ESTABLISHED 80.1ms\n"
			    "  -0.000001 40000 198.51.100.7      443 SYN_SENT    "
			    "-> ESTABLISHED 80.1ms\n"
			    "          - 40000 198.51.100.7      443 ESTABLISHED "
			    "~> CLOSE_WAIT       -\n");
	/* A connection's line bears the time of its last event. */
	settings.timestamp = false;
	settings.wall_time = true;
	settings.clock.utc_offset_s = 0;
	sink_text.connection(&settings, &out, &c);
	assert_memory_equal(sample_text(&out), "03:03:06.090    4321 curl", 25);
}

static void wide(void **unused)
{
	struct sink_settings settings = settings_for(false);
	struct conn client = sample_client(), server = sample_server(), widest = sample_widest();
	const char *text;

	(void)unused;
	settings.wide = true;
	sample_comm(&client, "a,b\\c d=e;f'g\"hi");
	sink_text.header(&settings, &out);
	sink_text.connection(&settings, &out, &client);
	sink_text.connection(&settings, &out, &server);
	assert_prints(&out,
		      "  ID      NETNS ROLE       PID   UID COMM      "
		      "LADDR           LPORT RADDR           RPORT "
		      " HANDSHK ACCEPT   LIFE RETR      TX      RX SEGTX SEGRX MINRTT CC    "
		      "END      CAUSE            UNIT         CONTAINER    POD          CMDLINE\n"
		      "  17 4026531840 client    4321  1000 a,b\\x5cc d=e;f'g\"hi "
		      "192.0.2.1 40000 198.51.100.7  443 "
		      "80.1ms*1      -  1.09s    2    1234   56789    21    17 79.9ms cubic "
		      "closed   closed_by_local  -            -            -            -\n"
		      "  18 4026532000 server       -     - -         "
		      "2001:db8::1      8080 2001:db8:1:2:3:4:beef:cafe 51234 "
		      "~250us - 1.35ms 0      0       0     -     -      - -     "
		      "closed   -                -            -            -            -\n");
	/* Nothing is cut: the cells move. */
	sink_text.connection(&settings, &out, &widest);
	text = sample_text(&out);
	assert_non_null(strstr(text, " \\x1b[31m\"\\x5c,\\x0a\\xff=\\x09\\x80\\x9bab "
				     "eeee:eeee:eeee:eeee:eeee:eeee:eeee:eeee 65535 "));
	assert_non_null(strstr(text, " handshake_abandoned - "));
}

static void wide_transitions(void **unused)
{
	struct sink_settings settings = settings_for(true);
	struct transition t = sample_transition();
	struct conn c = sample_client();

	(void)unused;
	settings.wide = true;
	sink_text.header(&settings, &out);
	sink_text.transition(&settings, &out, &c, &t);
	assert_prints(&out, "  ID      NETNS ROLE       PID COMM      "
			    "LADDR           LPORT RADDR           RPORT "
			    "OLDSTATE    -> NEWSTATE     DWELL\n"
			    "  17 4026531840 client    4321 curl      "
			    "192.0.2.1       40000 198.51.100.7      443 "
			    "SYN_SENT    -> ESTABLISHED 80.1ms\n");
}

/* What did not fit moves its own line; the lines that follow have room for it. */
static void wide_columns_grow(void **unused)
{
	struct sink_settings settings = settings_for(true);
	struct transition t = sample_transition();
	struct conn c = sample_client(), server = sample_server();
	struct sink_layout layout = { { 0 } };

	(void)unused;
	settings.wide = true;
	settings.layout = &layout;
	sink_text.transition(&settings, &out, &c, &t);
	sink_text.transition(&settings, &out, &server, &t);
	sink_text.transition(&settings, &out, &c, &t);
	assert_prints(&out, "  17 4026531840 client    4321 curl      "
			    "192.0.2.1       40000 198.51.100.7      443 "
			    "SYN_SENT    -> ESTABLISHED 80.1ms\n"
			    "  18 4026532000 server       - -         "
			    "2001:db8::1      8080 2001:db8:1:2:3:4:beef:cafe 51234 "
			    "SYN_SENT -> ESTABLISHED 80.1ms\n"
			    "  17 4026531840 client    4321 curl      "
			    "192.0.2.1       40000 198.51.100.7                 443 "
			    "SYN_SENT    -> ESTABLISHED 80.1ms\n");
}

/* Whoever had the line before makes the next one quicker, and no other one. */
static void lines_are_the_same_behind_others(void **unused)
{
	static const char *const names[] = { "curl", "one of 15 bytes", "\xe4\xb8\xad", "-", "" };
	struct sink_settings settings = settings_for(false);
	struct sink_layout layout = { { 0 } };
	struct conn c = sample_client(), server = sample_server();
	struct buffer alone;

	(void)unused;
	buffer_init(&alone);
	srandom(80);
	for (unsigned int i = 0; i < 20000; i++) {
		struct conn *each = random() & 1 ? &c : &server;
		long what = random() % 16;

		if (what == 0)
			each->pid = random() & 1 ? PID_UNKNOWN :
						   (uint32_t)random() >> random() % 31;
		else if (what == 1)
			stpcpy(each->comm, names[random() % 5]);
		else if (what == 2)
			each->flags ^= random() & 1 ? CONN_HAS_OWNER : CONN_OF_LISTENER;
		else if (what == 3)
			each->laddr.byte[random() & 15] = (uint8_t)random();
		else if (what == 4)
			each->raddr.byte[random() & 15] = (uint8_t)random();
		else if (what == 5)
			each->rport = (uint16_t)(random() >> random() % 31);
		else if (what == 6)
			each->handshake_retransmits = random() & 1 ? (uint8_t)random() : 0;
		else if (what == 7)
			settings.columns = random() & 1 ? 80 : 40 + (unsigned int)random() % 50;
		else if (what == 8)
			settings.full = random() & 1;
		else if (what == 9)
			settings.timestamp = !(random() & 7);
		settings.layout = NULL;
		buffer_clear(&alone);
		sink_text.connection(&settings, &alone, each);
		settings.layout = &layout;
		/* What is asked for is so for a whole run. */
		if (what == 8 || what == 9)
			memset(&layout, 0, sizeof(layout));
		sink_text.connection(&settings, &out, each);
		buffer_add_char(&alone, '\0');
		assert_prints(&out, alone.bytes);
	}
	buffer_done(&alone);
}

/* No line is wider than the terminal, as far as columns can be left out; a wide one has all. */
static void narrow_lines_fit(void **unused)
{
	struct sink_settings settings = settings_for(false);
	struct conn c = sample_client();

	(void)unused;
	for (unsigned int i = 0; i < 16; i++) {
		settings.wall_time = i & 1;
		settings.timestamp = i & 2;
		settings.events = i & 4;
		settings.columns = i & 8 ? 80 : 120;
		sink_text.header(&settings, &out);
		if (!settings.events)
			sink_text.connection(&settings, &out, &c);
		buffer_add_char(&out, '\0');
		for (const char *at = out.bytes; *at; at = strchr(at, '\n') + 1)
			assert_true(strcspn(at, "\n") <= settings.columns);
		assert_non_null(strstr(out.bytes, "RADDR"));
		assert_true(!strstr(out.bytes, "LADDR") ==
			    (settings.columns == 80 && (settings.wall_time || settings.timestamp)));
		buffer_clear(&out);
	}
}

/* Colour changes no character of the text, and is there only for what failed or was inferred. */
static void colors(void **unused)
{
	struct sink_settings settings = settings_for(false);
	struct transition inferred = sample_inferred();
	struct conn refused = sample_refused(), client = sample_client();

	(void)unused;
	settings.color = true;
	sink_text.connection(&settings, &out, &refused);
	assert_prints(&out, "      1 x         192.0.2.1           - 198.51.100.8       81      -  "
			    "850ns\033[31m rfsd\033[0m\n");
	sink_text.connection(&settings, &out, &client);
	assert_null(strchr(sample_text(&out), '\033'));
	settings.events = true;
	sink_text.transition(&settings, &out, &client, &inferred);
	assert_prints(&out, "\033[2m192.0.2.1       40000 198.51.100.7      443 ESTABLISHED ~> "
			    "CLOSE_WAIT       -\033[0m\n");
	settings.color = false;
	sink_text.transition(&settings, &out, &client, &inferred);
	sink_text.connection(&settings, &out, &refused);
	assert_null(strchr(sample_text(&out), '\033'));
}

/* A life ends at TIME_WAIT or CLOSED; one that nobody saw the end of has no length. */
static void life(void **unused)
{
	struct conn c = sample_client();

	(void)unused;
	sample_step(&c, STATE_CLOSED, 62090000000);
	sink_text.connection(&sample_settings, &out, &c);
	assert_non_null(strstr(sample_text(&out), "  1.09s fin\n"));
	/* The kernel does not tell when a socket that nobody holds leaves FIN_WAIT2. */
	c = sample_client();
	c.step_ns[4] = TIME_UNKNOWN;
	c.step_inferred = 1 << 4;
	sink_text.connection(&sample_settings, &out, &c);
	assert_non_null(strstr(sample_text(&out), "  1.08s fin\n"));
	c.step_state[4] = STATE_CLOSED;
	sink_text.connection(&sample_settings, &out, &c);
	assert_non_null(strstr(sample_text(&out), " 80.1ms      - fin\n"));
	c = sample_client();
	c.step_count = 2;
	c.outcome = CONN_OUTCOME_OPEN;
	sink_text.connection(&sample_settings, &out, &c);
	assert_non_null(strstr(sample_text(&out), " 80.1ms      - open\n"));
}

/* Lines of at most `most` printable ASCII characters, without blanks at the end. */
static void assert_tidy(const char *text, size_t most)
{
	size_t lines = 0;

	while (*text) {
		size_t size = strcspn(text, "\n");

		if (size > most)
			fail_msg("%zu columns: %.*s", size, (int)size, text);
		assert_int_equal(text[size], '\n');
		assert_false(size && text[size - 1] == ' ');
		for (size_t i = 0; i < size; i++)
			assert_in_range(text[i], ' ', '~');
		text += size + 1;
		lines++;
	}
	assert_true(lines > 0);
}

static void lines_fit(void **unused)
{
	static const char *const comms[] = { "",     "abcdefghijklmnop", "\xff\xfe\xfd\xfc\xfb",
					     "\n\n", "12345678\033",	 "\\\\\\\\" };
	static const uint64_t durations[] = { 0,	   999,	       999999,
					      99999999,	   9999999999, 3599999999999,
					      99999 * MS,  1ULL << 60, UINT64_MAX - 1,
					      TIME_UNKNOWN };
	struct sink_settings lines = settings_for(false), events = settings_for(true);
	struct conn c = sample_widest();

	(void)unused;
	for (size_t i = 0; i < sizeof(comms) / sizeof(comms[0]); i++) {
		for (size_t d = 0; d < sizeof(durations) / sizeof(durations[0]); d++) {
			for (unsigned int outcome = 0; outcome < legend_end_count; outcome++) {
				c.outcome = (uint8_t)outcome;
				c.handshake_ns = durations[d];
				c.step_ns[1] = durations[d];
				sample_comm(&c, comms[i]);
				c.handshake_quality = CONN_QUALITY_EXACT;
				sink_text.connection(&lines, &out, &c);
				c.handshake_quality = CONN_QUALITY_ESTIMATED;
				sink_text.connection(&lines, &out, &c);
			}
			for (unsigned int state = 1; state < STATE_COUNT; state++) {
				struct transition t = { .from = STATE_ESTABLISHED,
							.to = state,
							.mono_ns = durations[d],
							.dwell_ns = durations[d],
							.inferred = state % 2 };

				sink_text.transition(&events, &out, &c, &t);
			}
		}
	}
	sink_text.header(&lines, &out);
	sink_text.header(&events, &out);
	assert_tidy(sample_text(&out), COLUMNS);
}

/* The mark takes the place of a digit, of which an estimate has enough. */
static void estimates_have_the_digits_that_fit(void **unused)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, " ~0ns " },
		{ 999, " ~999ns " },
		{ 4260000, " ~4.3ms " },
		{ 4000000, " ~4.0ms " },
		{ 9960000, "  ~10ms " },
		{ 22000, "  ~22us " },
		{ 80100000, "  ~80ms " },
		{ 250000, " ~250us " },
		{ 60900 * MS, " ~60.9s " },
		{ 62000 * MS, " ~62.0s " },
		{ 1000000 * MS, "   ~16m " },
		{ 3590000 * MS, "    ~1h " },
	};
	struct sink_settings lines = settings_for(false);
	struct conn c = sample_server();

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		c.handshake_ns = cases[i].ns;
		sink_text.connection(&lines, &out, &c);
		if (!strstr(sample_text(&out), cases[i].text))
			fail_msg("%s: %s", cases[i].text, sample_text(&out));
		buffer_clear(&out);
	}
}

static void addresses_keep_both_ends(void **unused)
{
	struct address a = sample_server().raddr;
	const struct fact_end end = { .address = &a };
	char text[COLUMNS_TEXT_SIZE];

	(void)unused;
	assert_string_equal(columns_place(end, 39, text), "2001:db8:1:2:3:4:beef:cafe");
	assert_string_equal(columns_place(end, 26, text), "2001:db8:1:2:3:4:beef:cafe");
	assert_string_equal(columns_place(end, 25, text), "2001:db8:1:2..4:beef:cafe");
	assert_string_equal(columns_place(end, 15, text), "2001:db..f:cafe");
	assert_string_equal(columns_place(end, 3, text), "2..");
	assert_string_equal(columns_place((struct fact_end){ 0 }, 15, text), "-");
	assert_string_equal(columns_number(true, 0, text), "0");
	assert_string_equal(columns_number(true, UINT64_MAX, text), "18446744073709551615");
	assert_string_equal(columns_number(false, 7, text), "-");
}

static void the_legend_is_whole(void **unused)
{
	(void)unused;
	assert_int_equal(legend_end_count, CONN_OUTCOME_UNKNOWN + 1);
	for (unsigned int i = 0; i < legend_end_count; i++) {
		const struct legend_end *end = legend_end(i);

		assert_ptr_equal(end, &legend_ends[i]);
		assert_non_null(end->code);
		assert_non_null(end->meaning);
		assert_in_range(strlen(end->code), 1, 4);
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(end->code, legend_ends[j].code);
	}
	for (unsigned int i = 0; i < CONN_CAUSE_COUNT; i++) {
		const struct cause *cause = cause_of(i);

		assert_in_range(strlen(cause->code), 1, 4);
		assert_true(strlen(cause->meaning) > 0);
		assert_int_equal(!cause->name, i == CONN_CAUSE_UNKNOWN);
		/* A code may serve several causes of one outcome. */
		for (unsigned int j = 0; j < i; j++)
			if (!strcmp(cause->code, cause_of(j)->code))
				assert_string_equal(conn_outcome_name(cause->outcome),
						    conn_outcome_name(cause_of(j)->outcome));
	}
	assert_ptr_equal(legend_end(77), &legend_ends[CONN_OUTCOME_UNKNOWN]);
	assert_true(legend_column_count > 10);
	for (size_t i = 0; i < legend_column_count; i++)
		assert_true(strlen(legend_columns[i].sign) && strlen(legend_columns[i].meaning));
}

static void histograms(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 10);

	(void)unused;
	sample_histograms(set, "curl");
	sink_text.histograms(&sample_settings, &out, set);
	histogram_set_free(set);
	assert_prints(
		&out,
		"client handshake (first SYN to ESTABLISHED)\n"
		"  count 4, and 1 not measured\n"
		"    1ms - 2ms   : 1 |*****************************                             |\n"
		"    2ms - 4ms   : 2 |**********************************************************|\n"
		"    ...\n"
		"     1s - 2s    : 1 |*****************************                             |\n"
		"  p50 2.01ms  p90 1.00s  p99 1.00s  p99.9 1.00s  max 1.00s\n"
		"  exact 4, unknown 1\n"
		"\n"
		"server handshake (first SYN-ACK to its ACK)\n"
		"  count 0\n"
		"\n"
		"TIME_WAIT (to its real end)\n"
		"  count 0\n"
		"\n"
		"FIN_WAIT1 (closed by us, no ACK yet)\n"
		"  count 5, not measured\n");
}

static void estimated_time_waits_are_said_to_be(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 10);
	struct conn c = sample_client();

	(void)unused;
	sample_step(&c, STATE_CLOSED, 62090000000);
	c.flags |= CONN_TIME_WAIT_SEEN;
	c.time_wait_end = CONN_TW_END_EXPIRED;
	for (unsigned int i = 0; i < 5; i++) {
		c.time_wait_quality = i < 2 ? CONN_QUALITY_EXACT : CONN_QUALITY_ESTIMATED;
		feed_gone(histogram_set_consumer(set), &c);
	}
	sink_text.histograms(&sample_settings, &out, set);
	histogram_set_free(set);
	assert_prints(&out, "client handshake (first SYN to ESTABLISHED)\n"
			    "  count 0\n"
			    "\n"
			    "server handshake (first SYN-ACK to its ACK)\n"
			    "  count 0\n"
			    "\n"
			    "TIME_WAIT (to its real end)\n"
			    "  count 5, 3 of it estimated\n"
			    "     1m - 2m    : 5 "
			    "|**********************************************************|\n"
			    "  p50 60.0s  p90 60.0s  p99 60.0s  p99.9 60.0s  max 60.0s\n"
			    "  expired 5\n");
}

static void grouped_histograms_are_tables(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_COMM, 1);

	(void)unused;
	sample_histograms(set, "curl");
	sample_histograms(set, "curl");
	sample_histograms(set, "\033[2J");
	sink_text.histograms(&sample_settings, &out, set);
	assert_prints(&out,
		      "client handshake (first SYN to ESTABLISHED)\n"
		      "COMM                 COUNT UNKNOWN    P50    P90    P99  P99.9    MAX\n"
		      "curl                     8       2 2.01ms  1.00s  1.00s  1.00s  1.00s\n"
		      "(others)                 4       1 2.01ms  1.00s  1.00s  1.00s  1.00s\n"
		      "\n"
		      "FIN_WAIT1 (closed by us, no ACK yet)\n"
		      "COMM                 COUNT UNKNOWN    P50    P90    P99  P99.9    MAX\n"
		      "curl                     0      10      -      -      -      -      -\n"
		      "(others)                 0       5      -      -      -      -      -\n");
	histogram_set_free(set);
	set = histogram_set_new(1 << GROUP_BY_COMM, 1);
	sink_text.histograms(&sample_settings, &out, set);
	histogram_set_free(set);
	assert_prints(&out, "No connections.\n");
}

/* A set with something in every class of every tally. */
static struct histogram_set *tallied(unsigned int keys, uint64_t times)
{
	struct histogram_set *set = histogram_set_new(keys, 3);

	for (uint64_t i = 0; i < times; i++) {
		struct conn c = sample_refused(), client = sample_client();
		struct half_open h = sample_half_open();

		c.outcome = (uint8_t)(i % CONN_OUTCOME_COUNT);
		feed_closed(histogram_set_consumer(set), &c);
		client.time_wait_end = (uint8_t)(i % CONN_TW_END_COUNT);
		client.time_wait_quality = CONN_QUALITY_EXACT;
		sample_step(&client, STATE_CLOSED, 62090000000);
		feed_gone(histogram_set_consumer(set), &client);
		h.end = (uint8_t)(i % HALF_OPEN_END_COUNT);
		feed_half_open(histogram_set_consumer(set), &h);
	}
	return set;
}

static void tallies(void **unused)
{
	struct histogram_set *set = tallied(0, 11);
	struct sink_settings settings = sample_settings;

	(void)unused;
	settings.columns = 60;
	sink_text.histograms(&settings, &out, set);
	histogram_set_free(set);
	assert_prints(&out, "client handshake (first SYN to ESTABLISHED)\n"
			    "  count 0\n"
			    "\n"
			    "server handshake (first SYN-ACK to its ACK)\n"
			    "  count 0\n"
			    "\n"
			    "TIME_WAIT (to its real end)\n"
			    "  count 11\n"
			    "     1m - 2m    : 11 |*************************************|\n"
			    "  p50 60.0s  p90 60.0s  p99 60.0s  p99.9 60.0s  max 60.0s\n"
			    "  expired 2, reused 2, reset 2, purged 1, overflow 1,\n"
			    "  killed 1\n"
			    "\n"
			    "failed connects (first SYN to the failure)\n"
			    "  count 11\n"
			    "  512ns - 1us   : 11 |*************************************|\n"
			    "  p50 850ns  p90 850ns  p99 850ns  p99.9 850ns  max 850ns\n"
			    "  open 1, closed 1, refused 1, timed_out 1, unreachable 1,\n"
			    "  reset_sent 1, reset_received 1, aborted 1,\n"
			    "  handshake_abandoned 1, overflow 1, listener_closed 1\n"
			    "\n"
			    "half-open requests (first SYN-ACK to their end)\n"
			    "  count 11\n"
			    "  512ms - 1s    : 11 |*************************************|\n"
			    "  p50 750ms  p90 750ms  p99 750ms  p99.9 750ms  max 750ms\n"
			    "  handshake_abandoned 2, reset_received 2, overflow 2,\n"
			    "  listener_closed 1, reset_sent 1, unreachable 1, killed 1,\n"
			    "  unknown 1\n");
}

/* Where there is no room for it in a table, the tally is left out whole. */
static void tables_have_a_tally_if_there_is_room(void **unused)
{
	struct histogram_set *set = tallied(1 << GROUP_BY_LPORT, 11);
	struct sink_settings settings = sample_settings;

	(void)unused;
	sink_text.histograms(&settings, &out, set);
	assert_null(strstr(sample_text(&out), "BY "));
	settings.columns = 100;
	sink_text.histograms(&settings, &out, set);
	histogram_set_free(set);
	assert_prints(
		&out,
		"TIME_WAIT (to its real end)\n"
		"LPORT     COUNT UNKNOWN    P50    P90    P99  P99.9    MAX BY END\n"
		"40000        11       0  60.0s  60.0s  60.0s  60.0s  60.0s expired 2, reused 2, "
		"reset 2, ..\n"
		"\n"
		"failed connects (first SYN to the failure)\n"
		"LPORT     COUNT UNKNOWN    P50    P90    P99  P99.9    MAX BY OUTCOME\n"
		"    -        11       0  850ns  850ns  850ns  850ns  850ns open 1, closed 1, "
		"refused 1, ..\n"
		"\n"
		"half-open requests (first SYN-ACK to their end)\n"
		"LPORT     COUNT UNKNOWN    P50    P90    P99  P99.9    MAX BY OUTCOME\n"
		" 8080        11       0  750ms  750ms  750ms  750ms  750ms "
		"handshake_abandoned 2, ..\n");
}

static void assert_fits(const char *text, size_t columns)
{
	for (size_t size; *text; text += size + 1) {
		size = strcspn(text, "\n");
		if (text_width(text, size) > columns || (size && text[size - 1] == ' '))
			fail_msg("in %zu columns: '%.*s'", columns, (int)size, text);
	}
}

/* However many keys there are, and however narrow it is: then a row has several lines. */
static void tables_of_all_keys_fit(void **unused)
{
	const unsigned int all = (1u << GROUP_KEY_COUNT) - 1;
	struct sink_settings settings = sample_settings;

	(void)unused;
	for (unsigned int keys = 1; keys <= all; keys += keys + 7 < all ? 7 : 1) {
		struct histogram_set *set = tallied(keys, 3);

		for (settings.columns = 50; settings.columns <= 110; settings.columns += 10) {
			sink_text.histograms(&settings, &out, set);
			assert_fits(sample_text(&out), settings.columns);
		}
		histogram_set_free(set);
	}
}

static void cgroups(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_CGROUP, 9);
	struct sink_settings settings = sample_settings;
	struct transition t = { .from = STATE_LAST_ACK, .dwell_ns = 3000 };
	struct conn c = sample_client();
	const char *text;

	(void)unused;
	settings.lore = sample_cgroups();
	for (c.cgroup = 4711; c.cgroup <= 4713; c.cgroup++)
		feed_transition(histogram_set_consumer(set), &c, &t);
	c.cgroup = 0;
	feed_transition(histogram_set_consumer(set), &c, &t);
	sink_text.histograms(&settings, &out, set);
	assert_prints(
		&out,
		"LAST_ACK (closed by both, no ACK yet)\n"
		"CGROUP                          COUNT UNKNOWN    P50    P90    P99  P99.9    "
		"MAX\n"
		"-                                   1       0 3.00us 3.00us 3.00us 3.00us "
		"3.00us\n"
		"/system.slice/web.service           1       0 3.00us 3.00us 3.00us 3.00us "
		"3.00us\n"
		"/a,b/\\x1b[2J\"c\\x5cd=\\xff            1       0 3.00us 3.00us 3.00us 3.00us "
		"3.00us\n"
		"4713                                1       0 3.00us 3.00us 3.00us 3.00us "
		"3.00us\n");
	settings.wide = true;
	sink_text.histograms(&settings, &out, set);
	histogram_set_free(set);
	text = sample_text(&out);
	assert_non_null(strstr(text, ", cgroup -\n"));
	assert_non_null(strstr(text, ", cgroup /system.slice/web.service\n"));
	assert_non_null(strstr(text, ", cgroup /a,b/\\x1b[2J\"c\\x5cd=\\xff\n"));
	assert_non_null(strstr(text, ", cgroup 4713\n"));
}

/* What is cut off must not be what parts two groups; nor may a name pass for a sign. */
static void groups_never_look_alike(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_RADDR | 1 << GROUP_BY_COMM, 9);
	struct sink_settings settings = sample_settings;
	struct transition t = { .from = STATE_LAST_ACK, .dwell_ns = 3000 };
	struct conn c = sample_client();

	(void)unused;
	c.raddr = (struct address){ { 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 0, 3, 0, 4, 0xbe, 0xef,
				      0xca, 0xfe } };
	sample_comm(&c, "-");
	feed_transition(histogram_set_consumer(set), &c, &t);
	settings.columns = 70;
	sink_text.histograms(&settings, &out, set);
	assert_prints(&out,
		      "LAST_ACK (closed by both, no ACK yet)\n"
		      "COMM      RADDR                     COUNT UNKNOWN    P50    P99    MAX\n"
		      "\\x2d      2001:db8:1..beef:cafe         1       0 3.00us 3.00us 3.00us\n");
	c.raddr.byte[11] = 7;
	feed_transition(histogram_set_consumer(set), &c, &t);
	sample_comm(&c, "(others)");
	feed_transition(histogram_set_consumer(set), &c, &t);
	sink_text.histograms(&settings, &out, set);
	assert_prints(&out,
		      "LAST_ACK (closed by both, no ACK yet)\n"
		      "COMM      RADDR                     COUNT UNKNOWN    P50    P99    MAX\n"
		      "\\x28others) 2001:db8:1:2:3:7:beef:cafe  1       0 3.00us 3.00us 3.00us\n"
		      "\\x2d      2001:db8:1:2:3:4:beef:cafe    1       0 3.00us 3.00us 3.00us\n"
		      "\\x2d      2001:db8:1:2:3:7:beef:cafe    1       0 3.00us 3.00us 3.00us\n");
	/* With no room for both, numbers stand beneath. */
	settings.columns = 48;
	sink_text.histograms(&settings, &out, set);
	histogram_set_free(set);
	assert_prints(&out, "LAST_ACK (closed by both, no ACK yet)\n"
			    "COMM RADDR               COUNT UNKNOWN    P50\n"
			    "\\x28others) 2001:db8:1:2:3:7:beef:cafe\n"
			    "                             1       0 3.00us\n"
			    "\\x2d 2001:db8:1:2:3:4:beef:cafe 1    0 3.00us\n"
			    "\\x2d 2001:db8:1:2:3:7:beef:cafe 1    0 3.00us\n");
}

static struct reset_reasons reasons = { .names = { [20] = "TCP_FLAGS" } };

static const struct reset_reasons *given_reasons(struct lore *lore)
{
	assert_non_null(lore);
	return &reasons;
}

/* The same of failures; what the cause leaves open stands behind the service. */
static void failures(void **unused)
{
	static const struct lore_class class = { .reset_reasons = given_reasons };
	struct lore lore = { &class };
	struct failure_set *set = failure_set_new(9);
	struct sink_settings settings = sample_settings;
	struct conn c = sample_refused();

	(void)unused;
	settings.lore = &lore;
	for (unsigned int i = 0; i < 7; i++)
		feed_closed(failure_set_consumer(set), &c);
	c.error = 0;
	feed_closed(failure_set_consumer(set), &c);
	c.cause = CONN_CAUSE_UNREACHABLE;
	for (unsigned int i = 0; i < 6; i++) {
		c.error = i < 4 ? ENETUNREACH : EHOSTUNREACH;
		feed_closed(failure_set_consumer(set), &c);
	}
	c.role = CONN_ROLE_UNKNOWN;
	c.cause = CONN_CAUSE_RESET_SENT;
	c.outcome = CONN_OUTCOME_RESET_SENT;
	c.error = 0;
	for (c.reset_reason = 21; c.reset_reason <= 22; c.reset_reason++)
		feed_closed(failure_set_consumer(set), &c);
	c.role = CONN_ROLE_SERVER;
	feed_closed(failure_set_consumer(set), &c);
	c = sample_refused();
	c.rport = 0; /* that a port is 0 is known */
	for (unsigned int i = 0; i < 5; i++)
		feed_closed(failure_set_consumer(set), &c);
	sink_failure_words(&settings, &out, set);
	failure_set_free(set);
	assert_prints(
		&out,
		"failures\n"
		"  COUNT CAUSE              COMM            SERVICE\n"
		"      8 refused            x               198.51.100.8:81\n"
		"      5 refused            x               198.51.100.8:0\n"
		"      4 unreachable        x               198.51.100.8:81, ENETUNREACH\n"
		"      2 unreachable        x               198.51.100.8:81, EHOSTUNREACH\n"
		"      1 reset_sent         x               own port -, unknown(22)\n"
		"      1 reset_sent         x               peer 198.51.100.8:81, TCP_FLAGS\n"
		"      1 reset_sent         x               peer 198.51.100.8:81, unknown(21)\n"
		"codes: tcpspan explain CODE\n");
}

/* What has no room for its service has it on a line of its own, uncut; --wide has long lines. */
static void failures_fit(void **unused)
{
	struct failure_set *set = failure_set_new(9);
	struct sink_settings settings = sample_settings;
	struct conn c = sample_refused();

	(void)unused;
	c.raddr = (struct address){ { 0x20, 0x01, 0x0d, 0xb8, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33,
				      0x44, 0x44, 0x55, 0x55, 0x66, 0x66 } };
	c.rport = 65535;
	c.cause = CONN_CAUSE_UNREACHABLE;
	c.error = ENETUNREACH;
	feed_closed(failure_set_consumer(set), &c);
	sample_comm(&c, "\033\033\033\033\033\033\033\033\033\033\033\033\033\033\033");
	feed_closed(failure_set_consumer(set), &c);
	sink_failure_words(&settings, &out, set);
	assert_prints(&out, "failures\n"
			    "  COUNT CAUSE              COMM            SERVICE\n"
			    "      1 unreachable\n"
			    "        \\x1b\\x1b\\x1b\\x1b\\x1b\\x1b\\x1b\\x1b"
			    "\\x1b\\x1b\\x1b\\x1b\\x1b\\x1b\\x1b\n"
			    "        [2001:db8:1111:2222:3333:4444:5555:6666]:65535, ENETUNREACH\n"
			    "      1 unreachable        x\n"
			    "        [2001:db8:1111:2222:3333:4444:5555:6666]:65535, ENETUNREACH\n"
			    "codes: tcpspan explain CODE\n");
	settings.wide = true;
	sink_failure_words(&settings, &out, set);
	failure_set_free(set);
	assert_non_null(strstr(sample_text(&out),
			       " x               [2001:db8:1111:2222:3333:4444:5555:6666]:65535, "
			       "ENETUNREACH\n"));
}

static const char *path_cell(size_t width, const char *path)
{
	struct columns l;

	columns_begin(&l, &out);
	columns_path(&l, width, width, path);
	columns_left(&l, 1, "|");
	return sample_text(&out);
}

/* The end of a path says more than its beginning. */
static void paths_keep_their_end(void **unused)
{
	char long_path[4096];

	(void)unused;
	memset(long_path, '\033', sizeof(long_path));
	memcpy(long_path + sizeof(long_path) - 4, "/ab", 4);
	assert_string_equal(path_cell(12, "/"), "/            |");
	assert_string_equal(path_cell(12, "/user.slice/"), "/user.slice/ |");
	assert_string_equal(path_cell(12, "/user.slice/a"), "..er.slice/a |");
	assert_string_equal(path_cell(3, "/user.slice/a"), "..a |");
	assert_string_equal(path_cell(6, long_path), "../ab  |");
	assert_string_equal(path_cell(10, long_path), "..\\x1b/ab  |");
	/* No escape and no character is cut in two. */
	assert_string_equal(path_cell(6, "/abc\033d"), "..d    |");
	assert_string_equal(path_cell(7, "/abc\033d"), "..\\x1bd |");
	assert_string_equal(path_cell(7, "/abcd\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80x"),
			    "..\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80x |");
	assert_string_equal(path_cell(6, "/abcd\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80x"),
			    "..\xe2\x82\xac\xf0\x9f\x98\x80x |");
	assert_string_equal(path_cell(4, "/abcd\xe2\x82\xac\xf0\x9f\x98\x80x"), "..x  |");
	assert_string_equal(path_cell(4, "/abcde\xcc\x81xy"), "..xy |");
	assert_string_equal(path_cell(6, "\x80\x80\x80\x80\x80\x80\x80\x80"), "..     |");
}

/* The line of a request that died is that of a connection that was never open. */
static void half_open(void **unused)
{
	struct half_open h = sample_half_open();
	struct sink_settings settings = sample_settings;
	struct conn c;

	(void)unused;
	assert_null(sink_text.half_open);
	half_open_as_conn(&h, &c);
	settings.wall_time = true;
	sink_text.connection(&settings, &out, &c);
	settings.wall_time = false;
	h.end = HALF_OPEN_RESET;
	half_open_as_conn(&h, &c);
	sink_text.connection(&settings, &out, &c);
	h.end = HALF_OPEN_OVERFLOW;
	h.age_ns = TIME_UNKNOWN;
	half_open_as_conn(&h, &c);
	sink_text.connection(&settings, &out, &c);
	assert_prints(&out,
		      "03:03:05.750       - -          8080 198.51.100.9    50123"
		      "    -*5  750ms hsab\n"
		      "      - -         192.0.2.1        8080 198.51.100.9    50123    -*5  750ms "
		      ">rst\n"
		      "      - -         192.0.2.1        8080 198.51.100.9    50123    -*5      - "
		      "full\n");
	settings.wide = true;
	sink_text.connection(&settings, &out, &c);
	assert_prints(&out, "   - 4026531840 server       -     - -         "
			    "192.0.2.1        8080 198.51.100.9    50123 "
			    "     -*5      -      -    -       -       -     -     -      - -     "
			    "overflow accept_queue_full -           -            -            -\n");
}

static void wide_groups_have_bars(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_COMM | 1 << GROUP_BY_LPORT, 1);
	struct sink_settings settings = sample_settings;
	struct transition t = { .from = STATE_LAST_ACK, .dwell_ns = 3000 };
	struct conn c = sample_client(), unknown = sample_unknown();

	(void)unused;
	settings.wide = true;
	settings.columns = 60;
	sample_comm(&c, "a\tb");
	feed_transition(histogram_set_consumer(set), &c, &t);
	feed_transition(histogram_set_consumer(set), &c, &t);
	feed_transition(histogram_set_consumer(set), &unknown, &t);
	sink_text.histograms(&settings, &out, set);
	histogram_set_free(set);
	assert_prints(&out, "LAST_ACK (closed by both, no ACK yet), comm a\\x09b, lport 40000\n"
			    "  count 2\n"
			    "    2us - 4us   : 2 |**************************************|\n"
			    "  p50 3.00us  p90 3.00us  p99 3.00us  p99.9 3.00us\n"
			    "  max 3.00us\n"
			    "\n"
			    "LAST_ACK (closed by both, no ACK yet), all other groups\n"
			    "  count 1\n"
			    "    2us - 4us   : 1 |**************************************|\n"
			    "  p50 3.00us  p90 3.00us  p99 3.00us  p99.9 3.00us\n"
			    "  max 3.00us\n");
}

/* Each bar is between round durations; what lies on an edge is above it. */
static void bars_begin_at_round_durations(void **unused)
{
	static const struct {
		uint64_t ns;
		const char *bar;
	} cases[] = {
		{ 0, "    0ns - 1ns   : 1 |***" },
		{ 1, "    1ns - 2ns   : 1 |***" },
		{ 999, "  512ns - 1us   : 1 |***" },
		{ 1000, "    1us - 2us   : 1 |***" },
		{ 999999, "  512us - 1ms   : 1 |***" },
		{ 1000000, "    1ms - 2ms   : 1 |***" },
		{ 200000000, "  128ms - 256ms : 1 |***" },
		{ 999999999, "  512ms - 1s    : 1 |***" },
		{ 1000000000, "     1s - 2s    : 1 |***" },
		{ 59999999999, "    32s - 1m    : 1 |***" },
		{ 60000000000, "     1m - 2m    : 1 |***" },
		{ 3600000000000, "     1h - 2h    : 1 |***" },
		{ 86400000000000, "     1d - 2d    : 1 |***" },
		{ 20000 * 86400000000000ULL, "  16384d - 32768d : 1 |***" },
		{ UINT64_MAX - 1, "  131072d - more    : 1 |***" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct histogram_set *set = histogram_set_new(0, 1);
		struct transition t = { .from = STATE_CLOSING, .dwell_ns = cases[i].ns };
		struct conn c = sample_client();
		const char *text;

		feed_transition(histogram_set_consumer(set), &c, &t);
		sink_text.histograms(&sample_settings, &out, set);
		histogram_set_free(set);
		text = sample_text(&out);
		if (!strstr(text, cases[i].bar))
			fail_msg("missing: %s", cases[i].bar);
	}
}

/* Of a cgroup's names one is enough. */
static bool is_sensible(unsigned int keys)
{
	keys &= 1U << GROUP_BY_CGROUP | 1U << GROUP_BY_UNIT | 1U << GROUP_BY_CONTAINER |
		1U << GROUP_BY_POD;
	return !(keys & (keys - 1));
}

static uint64_t first(const struct group_joiner *self, enum group_key key, uint64_t cgroup)
{
	assert_non_null(self);
	return key == GROUP_BY_CGROUP ? cgroup : 0;
}

static void histograms_fit(void **unused)
{
	static const struct group_joiner joiner = { first };

	(void)unused;
	for (unsigned int keys = 0; keys < 1U << GROUP_KEY_COUNT; keys++) {
		struct histogram_set *set;
		struct conn c = sample_widest();

		if (!is_sensible(keys))
			continue;
		set = histogram_set_new(keys, 5);
		for (unsigned int i = 0; i < 2000; i++) {
			struct transition t = { .from = 1 + i % (STATE_COUNT - 1),
						.to = STATE_CLOSED,
						.dwell_ns = i % 3 ? (uint64_t)i << i % 50 :
								    TIME_UNKNOWN };

			if (i % 50 == 49)
				c = i % 100 == 49 ? sample_server() : sample_unknown();
			else if (i % 50 == 0)
				c = sample_widest();
			c.cgroup = i % 7 ? 4710 + i % 7 : UINT64_MAX;
			c.outcome = (uint8_t)(i % CONN_OUTCOME_COUNT);
			c.time_wait_end = (uint8_t)(i % CONN_TW_END_COUNT);
			c.flags |= CONN_TIME_WAIT_SEEN;
			feed_transition(histogram_set_consumer(set), &c, &t);
			feed_gone(histogram_set_consumer(set), &c);
		}
		histogram_set_join(set, &joiner);
		for (unsigned int columns = 60; columns <= 200; columns += 20) {
			struct sink_settings settings = sample_settings;

			if (keys && columns < COLUMNS)
				continue;
			settings.columns = columns;
			settings.lore = sample_cgroups();
			sink_text.histograms(&settings, &out, set);
			assert_tidy(sample_text(&out), columns);
		}
		histogram_set_free(set);
	}
}

/* Each code that is printed has a meaning at hand, and each name; a code may stand for several. */
static void codes_are_told(void **unused)
{
	(void)unused;
	assert_int_equal(codes_add(&out, 80, LADDER_EN, "lin0"), 1);
	assert_prints(&out,
		      "lin0  linger_zero (outcome reset_sent)\n"
		      "      closed by this side with SO_LINGER of 0 seconds, which resets\n");
	assert_int_equal(codes_add(&out, 80, LADDER_ZH, "lin0"), 1);
	assert_prints(&out, "lin0  linger_zero（结局 reset_sent）\n"
			    "      本端以 SO_LINGER 0 秒关闭，因此复位\n");
	assert_int_equal(codes_add(&out, 80, LADDER_EN, "linger_zero"), 1);
	buffer_clear(&out);
	assert_int_equal(codes_add(&out, 80, LADDER_EN, "fin"), 3);
	buffer_clear(&out);
	assert_int_equal(codes_add(&out, 80, LADDER_EN, "open"), 1);
	assert_prints(&out, "open  open\n      still alive\n");
	for (unsigned int i = 0; i < CONN_CAUSE_COUNT; i++) {
		assert_true(codes_add(NULL, 0, LADDER_EN, cause_of(i)->code) > 0);
		assert_true(!cause_of(i)->name ||
			    codes_add(NULL, 0, LADDER_EN, cause_of(i)->name) > 0);
	}
	for (size_t i = 0; i < legend_end_count; i++)
		assert_true(codes_add(NULL, 0, LADDER_EN, legend_ends[i].code) > 0);
	assert_int_equal(codes_add(NULL, 0, LADDER_EN, "lin"), 0);
	assert_int_equal(codes_add(NULL, 0, LADDER_EN, ""), 0);
}

static void summary_of_a_good_run(void **unused)
{
	const struct summary sum = {
		.events = { 230, 0, 230, 0, 0, 230, 0 },
		.connections = { .opened = 46, .closed = 46 },
		.hooks = { { "state", "tp_btf" }, { "end", "fentry" } },
		.hook_count = 2,
		.duration_ns = 10000000000,
	};

	(void)unused;
	sink_summary_words(&out, &sum, true);
	assert_prints(&out, "46 connections: 46 opened, 46 closed, 0 live.\n"
			    "230 events in 10.0s: 0 filtered, 230 received, none lost.\n"
			    "hooks: state by tp_btf, end by fentry.\n");
	sink_summary_words(&out, &sum, false);
	assert_prints(&out, "46 connections: 46 opened, 46 closed, 0 live.\n"
			    "230 events in 10.0s: 0 filtered, 230 received, none lost.\n");
}

static void summary_of_a_bad_run(void **unused)
{
	const struct summary sum = {
		.events = { 230, 3, 220, 7, 2, 219, 1, .skipped = 5 },
		.connections = { .opened = 46,
				 .closed = 40,
				 .live = 4,
				 .seeded = 3,
				 .incomplete = 4,
				 .evicted = 5,
				 .gaps = 1,
				 .contradictions = 13,
				 .children_lost = 1 },
		.hooks = { { "state", "tp_btf" }, { "end", NULL } },
		.hook_count = 2,
		.duration_ns = 10000000000,
		.values_lost = 2,
	};

	(void)unused;
	sink_summary_words(&out, &sum, true);
	assert_prints(
		&out,
		"49 connections: 46 opened, 40 closed, 4 live, 3 older than the trace, 4\n"
		"  incomplete, 5 evicted.\n"
		"1 server socket died before becoming a connection: not counted.\n"
		"230 events in 10.0s: 3 filtered, 219 received, 7 LOST, 2 MISSED, 3 UNSEEN, 1 NOT\n"
		"  UNDERSTOOD.\n"
		"hooks: state by tp_btf, end by none.\n"
		"warning: 7 events did not fit in the ring buffer: connections are missing or\n"
		"  incomplete, counts too low. Give it more room with a larger --ring, or trace\n"
		"  less with a filter or --sample.\n"
		"warning: the kernel skipped a hook 2 times, because the hook was already running\n"
		"  on that CPU: so many events may be missing. Another --attach may avoid it.\n"
		"note: the kernel skipped a hook 5 times that tells only of connects which fail\n"
		"  before a SYN: at most so many of them may be missing.\n"
		"warning: the kernel called no hook for at least 3 events, and did not say so.\n"
		"warning: 220 events were submitted but 219 received: the counts are not exact.\n"
		"  This is a bug; please report it.\n"
		"warning: 1 record could not be understood and was left out. This is a bug;\n"
		"  please report it.\n"
		"warning: 1 transition had to be inferred, because events were lost; durations\n"
		"  beside it are withheld.\n"
		"warning: 5 connections had to make room for others and were not followed to the\n"
		"  end. Raise --max-connections.\n"
		"warning: 2 values are missing from the histograms: there was no memory for "
		"them.\n");
}

static void summary_of_half_open_requests(void **unused)
{
	const struct payers evicted = { .payer = { { { 1000, 4026531840 }, 99, 5 },
						   { { SHARES_NOBODY, 2 }, 3, 0 } },
					.count = 2 };
	const struct payers unprinted = { .payer = { { { 80, 7 }, 11, 0 } }, .count = 1 };
	const struct payers refused = { .payer = { { { 0, 7 }, 23, 1 } }, .count = 1 };
	struct summary sum = {
		.events = { 3, 0, 3, 0, 0, 3, 0 },
		.connections = { .half_open = { [HALF_OPEN_ABANDONED] = 1 } },
		.duration_ns = 10000000000,
	};

	(void)unused;
	sink_summary_words(&out, &sum, true);
	assert_prints(&out, "0 connections: 0 opened, 0 closed, 0 live.\n"
			    "1 half-open request died, 1 abandoned.\n"
			    "3 events in 10.0s: 0 filtered, 3 received, none lost.\n");
	/* A flood: all are counted, few have a line. */
	sum.connections.half_open[HALF_OPEN_ABANDONED] = 999000;
	sum.connections.half_open[HALF_OPEN_RESET] = 7;
	sum.connections.half_open[HALF_OPEN_OVERFLOW] = 993;
	sum.half_open_unprinted = 998900;
	sink_summary_words(&out, &sum, true);
	assert_prints(&out, "0 connections: 0 opened, 0 closed, 0 live.\n"
			    "1000000 half-open requests died, 999000 abandoned, 7 reset by the "
			    "peer, 993 met\n"
			    "  a full accept queue, 998900 not printed.\n"
			    "3 events in 10.0s: 0 filtered, 3 received, none lost.\n");
	/* And whose those are that have none. */
	sum.connections.half_open[HALF_OPEN_ABANDONED] = 1;
	sum.connections.half_open[HALF_OPEN_RESET] = 0;
	sum.connections.half_open[HALF_OPEN_OVERFLOW] = 0;
	sum.half_open_unprinted = 0;
	sum.payers[SUMMARY_CONNECTIONS] = &evicted;
	sum.payers[SUMMARY_HALF_OPEN_LINES] = &unprinted;
	sum.payers[SUMMARY_RING] = &refused;
	sink_summary_words(&out, &sum, true);
	assert_prints(&out,
		      "0 connections: 0 opened, 0 closed, 0 live.\n"
		      "1 half-open request died, 1 abandoned.\n"
		      "3 events in 10.0s: 0 filtered, 3 received, none lost.\n"
		      "Most of those that did not fit: uid 0 in network namespace 7 (23).\n"
		      "Most of those that made room: uid 1000 in network namespace 4026531840 "
		      "(99),\n"
		      "  nobody known in network namespace 2 (3).\n"
		      "Most of those that were not printed: port 80 in network namespace 7 "
		      "(11).\n");
}

static void a_summary_in_chinese(void **unused)
{
	const struct payers refused = {
		.payer = { { { 0, 7 }, 23, 1 }, { { SHARES_NOBODY, 2 }, 3, 0 } }, .count = 2
	};
	const struct summary sum = {
		.events = { 230, 3, 220, 7, 2, 220, 1 },
		.connections = { .opened = 46,
				 .closed = 40,
				 .live = 4,
				 .seeded = 3,
				 .half_open = { [HALF_OPEN_ABANDONED] = 1 } },
		.listen = { .overflows = 7, .drops = 11, .read = 1 },
		.payers[SUMMARY_RING] = &refused,
		.duration_ns = 10000000000,
		.is_replayed = true,
		.language = LADDER_ZH,
	};

	(void)unused;
	sink_summary_words(&out, &sum, false);
	assert_prints(
		&out,
		"49 个连接：打开 46 个，关闭 40 个，仍存活 4 个，3 个早于本次跟踪。\n"
		"1 个半开请求失败，1 个被放弃。\n"
		"监听套接字丢弃了 11 个报文段，其中 7 个是因为 accept 队列已满。\n"
		"10.0s 内 230 个事件：被过滤 3 个，收到 220 个，丢失 7 个，错过 2 个，无法理解 1\n"
		"  个。\n"
		"警告：7 个事件没有放进环形缓冲：部分连接缺失或不完整，计数偏低。请用更大的\n"
		"  --ring 给它更多空间，或用过滤条件或 --sample 少跟踪一些。\n"
		"没有放进去的，最多的是：网络命名空间 7 中的 uid 0（23），网络命名空间 2 中不明的\n"
		"  用户（3）。\n"
		"警告：内核跳过了一个钩子 2 次，因为该钩子正在那个 CPU 上运行：可能缺失同样多的事\n"
		"  件。换一个 --attach 或可避免。\n"
		"警告：1 条记录无法理解，已略去。\n");
}

static void what_listeners_dropped(void **unused)
{
	struct summary sum = { .events = { 3, 0, 3, 0, 0, 3, 0 }, .duration_ns = 10000000000 };

	(void)unused;
	sink_listen_words(&out, &sum.listen, LADDER_EN);
	assert_prints(&out, "accept queue overflow\n  count -\n");
	sum.listen = (struct listen_counters){ .read = 1 };
	sink_listen_words(&out, &sum.listen, LADDER_EN);
	assert_prints(&out, "accept queue overflow\n"
			    "  count 0, of 0 segments that listeners dropped\n");
	sum.listen = (struct listen_counters){ 7, 11, 2, 0 };
	sink_summary_words(&out, &sum, true);
	assert_prints(&out, "0 connections: 0 opened, 0 closed, 0 live.\n"
			    "Listeners dropped 11 segments, 7 by a full accept queue.\n"
			    "3 events in 10.0s: 0 filtered, 3 received, none lost.\n");
	sum.listen.unread = 1;
	sink_listen_words(&out, &sum.listen, LADDER_EN);
	assert_prints(&out, "accept queue overflow\n"
			    "  count at least 7, of 11 segments that listeners dropped\n");
}

/* Whatever is counted as lost is told: as a count of the line about events, or by a warning. */
static void summary_of_each_loss(void **unused)
{
	(void)unused;
#define X(name, loss)                                                                     \
	do {                                                                              \
		const struct summary sum = { .events.name = 3 };                          \
		sink_summary_words(&out, &sum, false);                                    \
		buffer_add_char(&out, '\0');                                              \
		if ((loss) && strstr(out.bytes, "none lost") && !strstr(out.bytes, "3 ")) \
			fail_msg("%s is not told", #name);                                \
		buffer_clear(&out);                                                       \
	} while (0);
	EVENT_COUNTERS(X, X, X)
#undef X
}

static void of_how_many_connections(void **unused)
{
	const struct summary all = { .events = { .births = 4000, .ends = 10 } };
	const struct summary some = { .events = { .births = 4000, .unsampled = 3500 } };
	const struct summary one = { .events = { .births = 3, .unsampled = 2 } };

	(void)unused;
	sink_sample_words(&out, &all);
	sink_sample_words(&out, &some);
	sink_sample_words(&out, &one);
	assert_prints(&out, "Sampled: of 4000 connections that began, 500 were followed, by chance "
			    "(12.5 %).\n"
			    "Sampled: of 3 connections that began, 1 was followed, by chance "
			    "(33.3 %).\n");
}

static void summary_of_a_lack_of_room(void **unused)
{
	const struct summary sum = {
		.events = { .sample_full = 3, .kin_full = 1 },
		.connections = { .time_waits_evicted = 2, .seeds_left_out = 1 },
		.values_crowded = 1,
	};

	(void)unused;
	sink_summary_words(&out, &sum, true);
	assert_prints(
		&out,
		"0 connections: 0 opened, 0 closed, 0 live, 1 older and left out for lack of\n"
		"  room.\n"
		"0 events in 0ns: 0 filtered, 0 received, none lost.\n"
		"warning: 2 connections in TIME_WAIT had to make room for others. Raise\n"
		"  --max-connections.\n"
		"warning: 1 child process was not followed for lack of room.\n"
		"warning: 3 connections were left out of the sample for lack of room.\n"
		"warning: 1 value of groups for which there was no room is counted with the\n"
		"  others, whatever their size. Group by less, or use a filter.\n");
}

static void the_worst_summary_is_one_screen(void **unused)
{
	struct summary sum = { .hook_count = SUMMARY_HOOKS };
	const char *text;
	size_t lines = 0;

	(void)unused;
	memset(&sum.events, 0xff, sizeof(sum.events));
	memset(&sum.connections, 0xff, sizeof(sum.connections));
	memset(&sum.listen, 0xff, sizeof(sum.listen));
	sum.events.received--;
	sum.values_lost = UINT64_MAX;
	sum.values_crowded = UINT64_MAX;
	sum.half_open_unprinted = UINT64_MAX;
	sum.duration_ns = UINT64_MAX - 1;
	for (size_t i = 0; i < SUMMARY_HOOKS; i++)
		sum.hooks[i] = (struct summary_hook){ "passive open", "tracepoint" };
	sink_summary_words(&out, &sum, true);
	text = sample_text(&out);
	assert_tidy(text, COLUMNS);
	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	assert_true(lines <= 58);
}

static int done(void **unused)
{
	(void)unused;
	buffer_done(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces),
		cmocka_unit_test(connections),
		cmocka_unit_test(full_connections),
		cmocka_unit_test(the_owner_is_the_process),
		cmocka_unit_test(names_in_all_scripts_align),
		cmocka_unit_test(transitions),
		cmocka_unit_test(times),
		cmocka_unit_test(wide),
		cmocka_unit_test(wide_transitions),
		cmocka_unit_test(wide_columns_grow),
		cmocka_unit_test(lines_are_the_same_behind_others),
		cmocka_unit_test(narrow_lines_fit),
		cmocka_unit_test(colors),
		cmocka_unit_test(life),
		cmocka_unit_test(lines_fit),
		cmocka_unit_test(estimates_have_the_digits_that_fit),
		cmocka_unit_test(addresses_keep_both_ends),
		cmocka_unit_test(the_legend_is_whole),
		cmocka_unit_test(histograms),
		cmocka_unit_test(estimated_time_waits_are_said_to_be),
		cmocka_unit_test(grouped_histograms_are_tables),
		cmocka_unit_test(tallies),
		cmocka_unit_test(tables_have_a_tally_if_there_is_room),
		cmocka_unit_test(cgroups),
		cmocka_unit_test(groups_never_look_alike),
		cmocka_unit_test(failures),
		cmocka_unit_test(failures_fit),
		cmocka_unit_test(tables_of_all_keys_fit),
		cmocka_unit_test(paths_keep_their_end),
		cmocka_unit_test(half_open),
		cmocka_unit_test(wide_groups_have_bars),
		cmocka_unit_test(bars_begin_at_round_durations),
		cmocka_unit_test(histograms_fit),
		cmocka_unit_test(codes_are_told),
		cmocka_unit_test(summary_of_a_good_run),
		cmocka_unit_test(summary_of_a_bad_run),
		cmocka_unit_test(summary_of_half_open_requests),
		cmocka_unit_test(a_summary_in_chinese),
		cmocka_unit_test(what_listeners_dropped),
		cmocka_unit_test(of_how_many_connections),
		cmocka_unit_test(summary_of_a_lack_of_room),
		cmocka_unit_test(summary_of_each_loss),
		cmocka_unit_test(the_worst_summary_is_one_screen),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
