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
};

/* Of the recording fuzzer: settings, the size of the first file in two bytes, one or two files. */
#define INPUT_RECORDING_HEAD 3
#define INPUT_MENDED 1 /* checksums are made right */

#endif
