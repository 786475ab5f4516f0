/* SPDX-License-Identifier: GPL-2.0-only */
/* What each process of ours is for, and which rights it keeps for that; data only. */
#ifndef USER_RIGHTS_ROLE_H
#define USER_RIGHTS_ROLE_H

#include <stdbool.h>
#include <stdint.h>

enum rights_role {
	RIGHTS_ALL, /* whatever it was started with */
	RIGHTS_FOLLOW,
	RIGHTS_RECORD,
	RIGHTS_WATCH,
	RIGHTS_EXPORT,
	RIGHTS_TOP,
	RIGHTS_REPLAY,
	RIGHTS_REPLAY_TOP,
	RIGHTS_REPORT,
	RIGHTS_REPLAY_REPORT,
	RIGHTS_ANSWER,
	RIGHTS_LOOK,
	RIGHTS_NAME,
	RIGHTS_EXEC,
	RIGHTS_SERVE,
	RIGHTS_SEND,
	RIGHTS_STORE,
	RIGHTS_ROLE_COUNT
};

/* X(NAME, "what these system calls are for"): calls.c lists them. */
#define RIGHTS_CALLS(X)                                                                 \
	X(RUN, "memory, which it cannot run, clocks, signals, threads, its end")        \
	X(USE, "reading and writing what is open")                                      \
	X(COUNT, "asking BPF programs and maps for what they have, and detaching them") \
	X(ASK, "talking with its helpers")                                              \
	X(OPEN, "opening files to read them")                                           \
	X(LIST, "listing folders")                                                      \
	X(MAKE, "making new parts of a recording, and removing old ones")               \
	X(PASS, "files in memory, to hand over")                                        \
	X(ENTER, "entering network namespaces, and opening lists of sockets there")     \
	X(ANSWER, "answering whoever connects")                                         \
	X(REACH, "looking names up, and connecting to who is to be sent to")            \
	X(TERMINAL, "the modes of its terminal, and stopping itself")

enum rights_calls {
#define X(NAME, about) RIGHTS_CALLS_##NAME,
	RIGHTS_CALLS(X)
#undef X
		RIGHTS_CALLS_GROUPS
};

#define RIGHTS_PATHS 12

struct rights_kept {
	const char *who, *purpose;
	uint64_t capabilities; /* bits, 1 << CAP_... */
	const char *more;      /* what it keeps beyond these, and when; NULL: nothing */
	unsigned int calls; /* bits, 1 << enum rights_calls; 0: all, as what it starts needs them */
	bool is_given_all;  /* what it reads: it opens nothing, and what tries to fails */
	bool reaches;	    /* it connects to others, by TCP */
	bool is_in_paths;   /* it opens nothing but what is beneath `paths`, or named to it */
	const char *paths[RIGHTS_PATHS + 1];
};

extern const struct rights_kept rights_kept[RIGHTS_ROLE_COUNT];

const char *rights_calls_about(enum rights_calls calls);

/* "CAP_KILL"; NULL: it is none that the table keeps. */
const char *rights_capability_name(int capability);

#endif
