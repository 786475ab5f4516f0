/* SPDX-License-Identifier: GPL-2.0-only */
/* What the inputs of the fuzzers look like, for them and for those who write inputs. */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

/*
 * Of the event fuzzer: one byte of settings and then records, each behind two bytes with its size,
 * the lower one first.
 * Sockets are folded to few, more than the table holds, so that lives meet, overlap and are
 * evicted.
 */
#define INPUT_SIZE_BYTES 2
#define INPUT_SOCKETS 80
#define INPUT_CONNECTIONS 64
#define INPUT_CONNECTIONS_SMALL 3

/* The one process, port and network that INPUT_FILTER and INPUT_NETNS want. */
#define INPUT_WANTED_PID 4711
#define INPUT_WANTED_COMM "curl"
#define INPUT_WANTED_RPORT 443
#define INPUT_WANTED_PREFIX "192.0.2.0/24"
#define INPUT_WANTED_NETNS 1

enum input_setting {
	INPUT_FILTER = 1 << 0, /* on what is not yet known at a birth */
	INPUT_NETNS = 1 << 1,
	INPUT_SMALL = 1 << 2, /* a table of three */
	INPUT_LOSSY = 1 << 3,
	INPUT_TIMEWAITS = 1 << 4, /* lives go on in timewait sockets */
	INPUT_RESETS = 1 << 5,	  /* each reset is told of */
	INPUT_SAMPLES = 1 << 6,	  /* of the replay fuzzer: timewait sockets are looked at */
	INPUT_CONNECTS = 1 << 7,  /* each connect that fails without a SYN is told of */
};

/* Of the recording fuzzer: settings, the size of the first file in two bytes, one or two files. */
#define INPUT_RECORDING_HEAD 3
#define INPUT_MENDED 1 /* checksums are made right */

/* Of the fuzzer of packed records: settings, the size of what was packed in two bytes. */
#define INPUT_PACK_HEAD 3
#define INPUT_PACKED 1 /* what follows is packed, not to be packed */

/*
 * Of the replay fuzzer: settings as above, how it is printed, what the file is and the keys of
 * groups, the number of bytes that say what looks find, these, and then records as above or, with
 * INPUT_RAW_FILE, a file.
 */
#define INPUT_REPLAY_HEAD 4
#define INPUT_FORMAT 3 /* enum output_format */

enum input_print {
	INPUT_EVENTS = 1 << 2,
	INPUT_FULL = 1 << 3,
	INPUT_WIDE = 1 << 4, /* in colours */
	INPUT_WALL_TIME = 1 << 5,
	INPUT_RECORDED_FILTER = 1 << 6,
};

#define INPUT_RAW_FILE 1 /* its checksums are made right; the other bits are the keys */

/* What the recording says of itself. */
#define INPUT_HOOKS                                                                 \
	"state tp_btf\nend tp_btf\npassive fentry\naccept fentry\nconnect fentry\n" \
	"reset tp_btf\nretransmit tp_btf\n"
#define INPUT_FILTER_LINE "rport 443\n"

#endif
