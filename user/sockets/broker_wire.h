/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said between a process and its broker; each end takes the other's for foreign bytes. */
#ifndef USER_SOCKETS_BROKER_WIRE_H
#define USER_SOCKETS_BROKER_WIRE_H

#include <stdint.h>

#include "user/base/shares.h"
#include "user/event/holder.h"
#include "user/event/netns_list.h"

enum broker_wish {
	BROKER_WALK = 1, /* with the link of an iterator, if the view needs one */
	BROKER_ITERATE,	 /* with a link */
	BROKER_HOLDERS,	 /* with a file of inodes, 8 bytes each, unless it is BROKER_ALL */
	BROKER_THREADS,	 /* their names */
	BROKER_MAPPINGS, /* of the process that ran that program at that time */
	BROKER_CODE,	 /* the file behind a mapping of a process */
	BROKER_NAMES,	 /* what a process says of the code that it made */
	BROKER_DEBUG,	 /* the file with the names of a stripped one, by its build id */
	BROKER_CMDLINE,	 /* of a process */
};

enum broker_flag {
	BROKER_FILES = 1,  /* search open files as well */
	BROKER_ASKS = 2,   /* says of each namespace whether it is wanted, when it is asked */
	BROKER_ALL = 4,	   /* whoever holds any socket */
	BROKER_SEARCH = 8, /* what has no descriptor, instead of what has */
};

#define BROKER_BUILD_ID_SIZE 48

struct broker_request {
	uint32_t wish;	   /* enum broker_wish */
	uint32_t flags;	   /* enum broker_flag */
	uint32_t view;	   /* enum namespace_view, of a walk */
	uint32_t number;   /* of network namespaces, of inodes; or a PID */
	uint64_t user_ns;  /* of a walk: see struct namespace_walk */
	uint64_t from, to; /* of a mapping; of a program: when, and proc_code_mappings()' image */
	char build_id[BROKER_BUILD_ID_SIZE]; /* of BROKER_DEBUG */
	uint32_t netns[NETNS_LIST_MAX];
};

/*
 * What each sight is answered with, and each question: only then it goes on, so that the time that
 * a visit takes is known to who walks, and no more is opened than is looked at.
 */
struct broker_reply {
	int32_t number; /* of a visit: 0 or -errno; else 1: it is wanted, or 0 */
};

enum broker_word {
	BROKER_SIGHT = 1, /* with what was opened */
	BROKER_EMPTY,	  /* a sight of no socket at all: nothing was opened */
	BROKER_MISS,	  /* could not be entered */
	BROKER_ASK,	  /* is it wanted? */
	BROKER_ROWS,	  /* holders, or names of threads */
	BROKER_END,	  /* of the answer */
};

#define BROKER_ROWS_MAX 256
#define BROKER_PAYERS_MAX 8
#define BROKER_ERRNO_MAX 4095

struct broker_answer {
	uint32_t word; /* enum broker_word */
	uint32_t netns;
	int32_t error; /* 0 or -errno, of the end */
	uint32_t rows; /* that follow */
	uint64_t cookie;
	/* Of the end. */
	uint64_t visited, vanished, unreadable, hidden, crowded; /* namespaces, or processes */
	uint64_t dropped, in_flight;
	uint64_t used_ns; /* of processors */
	struct holder in_flight_to;
	uint32_t payer_count;
	struct payer payer[BROKER_PAYERS_MAX]; /* of what was dropped, those who have paid most */
	struct holder row[BROKER_ROWS_MAX];
};

/* Bytes of an answer with so many rows. */
#define BROKER_ANSWER_SIZE(rows) \
	(offsetof(struct broker_answer, row) + (rows) * sizeof(struct holder))

#endif
