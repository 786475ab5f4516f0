/* SPDX-License-Identifier: GPL-2.0-only */
/* The bytes of a recording: a head, independent blocks, and a last block with the account. */
#ifndef USER_RECORD_FORMAT_H
#define USER_RECORD_FORMAT_H

/*
 * Data only. A file is struct recording_head, its fields, and blocks up to one of kind END. All
 * integers are in the byte order of the machine that recorded, which the head tells. A block is
 * struct recording_block and `stored_bytes` bytes; none needs another to be understood, so that a
 * file is good up to its last whole block, and behind a damaged one.
 *
 * The bytes of a RECORDS block are records of bpf/event.h, one behind the other, as they came out
 * of the ring; the head's KINDS say how long each kind is, and a record itself whether sequence
 * numbers stand behind it. Records grow at their end: what a file lacks is zero, which means
 * unknown. Any other change of a record is a new EVENT_VERSION, and a case in event/upgrade.c.
 *
 * Version 1 had a byte for the size of a kind, and did not name its counters; version 2 packed no
 * records but by zstd.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/counters.h"

#define RECORDING_MAGIC "\x89tcpspan" /* 8 bytes; the first is in no text */
#define RECORDING_MAGIC_SIZE 8
#define RECORDING_BYTE_ORDER 0x01020304u
#define RECORDING_VERSION 3
#define RECORDING_BLOCK_MAGIC 0xb10cca5eu

/* No reader takes more, and none allocates by what a file claims. */
#define RECORDING_FIELDS_MAX (1u << 20)
#define RECORDING_RAW_MAX (1u << 20)
#define RECORDING_STORED_MAX (RECORDING_RAW_MAX + (1u << 16))
#define RECORDING_COUNTERS_MAX 64

/* X(NAME): the texts of a head. */
#define RECORDING_TEXTS(X)                                              \
	X(PROGRAM) /* version of tcpspan */                             \
	X(HOST)                                                         \
	X(KERNEL)  /* release */                                        \
	X(BOOT)	   /* id of the boot: the space of sockets and times */ \
	X(FILTERS) /* a line for each: name of the option, argument */  \
	X(HOOKS)   /* a line for each: family, rung in use */           \
	X(REASONS) /* of resets, a line for each: number and name, as that kernel has them */

enum recording_tag {
#define X(NAME) RECORDING_##NAME,
	RECORDING_TEXTS(X)
#undef X
		RECORDING_TEXT_COUNT,
	RECORDING_KINDS_1 = 64,	 /* version 1: of records, kind and size, a byte each */
	RECORDING_KINDS = 65,	 /* of records: struct recording_kind_size, ... */
	RECORDING_COUNTERS = 66, /* of a block, in their order: a line for each name */
};

struct recording_head {
	uint8_t magic[RECORDING_MAGIC_SIZE];
	uint32_t byte_order;
	uint16_t version;
	uint16_t event_version;	 /* EVENT_VERSION of its records */
	uint32_t field_bytes;	 /* behind the head: struct recording_field and its bytes, ... */
	uint32_t checksum;	 /* CRC-32 of the head, with 0 here, and of the fields */
	uint64_t start_mono_ns;	 /* when the recording began, not this part of it */
	int64_t clock_offset_ns; /* CLOCK_REALTIME minus CLOCK_MONOTONIC */
	uint64_t series;	 /* the same in all parts of one recording */
	uint32_t part;		 /* 0, 1, ... */
	int32_t utc_offset_s;	 /* of local time, there */
};

struct recording_field {
	uint16_t tag;
	uint16_t reserved;
	uint32_t size;
};

struct recording_kind_size {
	uint8_t kind;
	uint8_t reserved;
	uint16_t size;
};

/* The account from the beginning of the file to the end of this block. */
struct recording_counters {
#define X(name, loss) uint64_t name;
	EVENT_COUNTERS(X, X, EVENT_COUNTER_SKIP)
#undef X
};

/* What listeners dropped while it was recorded; see struct listen_counters. */
struct recording_listen {
	uint64_t overflows, drops, read, unread;
};

enum recording_block_kind {
	RECORDING_RECORDS,
	RECORDING_NAMES, /* of cgroups: id, length (uint16_t) and path of each */
	RECORDING_END,	 /* with a struct recording_listen, if it is the end of the last part */
	/*
	 * Of containers (0) and pods (1): that number (uint64_t), length (uint16_t), and the id, a
	 * blank and the name of each.
	 */
	RECORDING_LABELS,
	RECORDING_STACKS, /* number, length (uint16_t) and text (event/stack_text.h) of each */
	/*
	 * Of network namespaces: inode (uint64_t), length (uint16_t), an enum recording_netns as a
	 * byte, and the name of each. What is told later stands.
	 */
	RECORDING_NAMESPACES,
	/*
	 * Of processes: pid and above it the parent's (uint64_t), length (uint16_t), a struct
	 * recording_process and the command line of each. A part has the last of those before it.
	 */
	RECORDING_PROCESSES,
	/*
	 * Where the clock was set meanwhile: what clock_offset_ns of the head would have been since
	 * then (as uint64_t), and a length of 0 (uint16_t), each time.
	 */
	RECORDING_CLOCKS,
};

enum recording_netns {
	RECORDING_NETNS_NAMED,
	RECORDING_NETNS_NAMELESS, /* its name, or whoever had it, is gone: it may be another one */
	RECORDING_NETNS_MACHINE,  /* the machine's own */
};

struct recording_process {
	uint64_t start_mono_ns;
	uint16_t first_size; /* of its first argument */
	uint8_t reserved[6];
};

enum recording_block_flag {
	RECORDING_MORE = 1 << 0,   /* of an END: another part was begun; version 1 never says so */
	RECORDING_BROKEN = 1 << 1, /* of an END: what came behind could not be written */
};

enum recording_compression {
	RECORDING_PLAIN,
	RECORDING_ZSTD,
	RECORDING_PACKED, /* see pack.h; of RECORDS; up to version 2 there is none */
};

struct recording_block {
	uint32_t magic;
	uint32_t head_checksum; /* CRC-32 of this struct, with 0 here */
	uint32_t checksum;	/* CRC-32 of the stored bytes */
	uint8_t kind;
	uint8_t compression;
	uint16_t flags; /* enum recording_block_flag */
	uint32_t stored_bytes;
	uint32_t raw_bytes;
	uint64_t first_record; /* records of this file before this block */
	uint32_t record_count;
	uint32_t number;	/* of the block in the file, from 0 */
	uint64_t first_mono_ns; /* the earliest of its records, and the latest */
	uint64_t last_mono_ns;
	uint64_t written_mono_ns;	    /* when it was closed */
	struct recording_counters counters; /* in a file: those that its head names */
};

#define RECORDING_BLOCK_BARE offsetof(struct recording_block, counters)

_Static_assert(sizeof(struct recording_head) == 56, "a head is 56 bytes");
_Static_assert(sizeof(struct recording_field) == 8, "a field is 8 bytes and its own");
_Static_assert(sizeof(struct recording_listen) == 32, "listen counters are 32 bytes");
_Static_assert(sizeof(struct recording_kind_size) == 4, "a kind's size is 4 bytes");
_Static_assert(sizeof(struct recording_process) == 16, "a process is 16 bytes and its own");
_Static_assert(RECORDING_BLOCK_BARE == 64, "a block is 64 bytes, its counters and its own");

/* What a recording says of itself. */
struct recording_about {
	uint64_t start_mono_ns;
	int64_t clock_offset_ns;
	int32_t utc_offset_s;
	uint64_t series;
	uint32_t part;
	uint16_t event_version; /* of the records that were read; who writes has ours */
	const char *text[RECORDING_TEXT_COUNT]; /* NULL: it does not say; untrusted when read */
	bool is_capture; /* it is none: its records are concluded from captured segments */
};

#endif
