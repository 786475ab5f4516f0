/* SPDX-License-Identifier: GPL-2.0-only */
/* The story of a connection as a ladder: the segments between two ends, step by step. */
#ifndef USER_AGGREGATE_LADDER_H
#define USER_AGGREGATE_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/clock_fit.h"
#include "user/aggregate/ladder_phrase.h"
#include "user/base/units.h"
#include "user/conn/story.h"

/*
 * X(NAME, "name"): the letters that RFC 9293's readers know the numbers by.
 *
 * X  the client's SYN (of two that crossed, ours); Y  the server's
 * U  the FIN of who closed first (of two that crossed, ours); W  the other one
 * V  what the end that closed second had got to when it acknowledged U
 */
#define LADDER_SYMBOLS(X) \
	X(X, "x")         \
	X(Y, "y")         \
	X(U, "u")         \
	X(V, "v")         \
	X(W, "w")

enum ladder_symbol {
#define X(NAME, name) LADDER_SYMBOL_##NAME,
	LADDER_SYMBOLS(X)
#undef X
		LADDER_SYMBOL_COUNT,
	LADDER_SYMBOL_NONE = LADDER_SYMBOL_COUNT /* a number without a letter */
};

const char *ladder_symbol_name(enum ladder_symbol symbol);

#define LADDER_NUMBER_SIZE 8 /* "u+1" */

/* A sequence or acknowledgement number: a letter and what is added to it. */
struct ladder_number {
	bool is_shown; /* the segment has such a number */
	bool is_known; /* and we know it */
	uint8_t symbol;
	uint8_t plus;
	uint32_t value;
};

enum ladder_kind {
	LADDER_SEGMENT,
	LADDER_DATA,   /* what was sent between two segments of the ladder */
	LADDER_MOMENT, /* something happened at this end, without a segment */
};

enum ladder_direction { LADDER_OUT, LADDER_IN }; /* from this end, to it */

enum ladder_flag {
	LADDER_FIN = 1 << 0,
	LADDER_SYN = 1 << 1,
	LADDER_RST = 1 << 2,
	LADDER_ACK = 1 << 3,
};

/* A state of one end behind a step. */
struct ladder_state {
	uint8_t state; /* enum tcp_state; 0: nobody knows */
	bool is_measured;
};

struct ladder_note {
	enum ladder_phrase phrase;
	uint64_t ns; /* {t} */
	uint64_t n;  /* {n} */
};

#define LADDER_NOTES 4

struct ladder_step {
	enum ladder_kind kind;
	enum ladder_direction direction; /* of a segment */
	uint8_t flags;			 /* of a segment: enum ladder_flag */
	uint8_t guessed;		 /* more of them, which no state tells */
	uint8_t number;			 /* 1 to 7 of the textbook's steps; 0: none of them */
	bool is_unanswered;		 /* whether it arrived is not known */
	uint32_t times;			 /* of a segment: more than once when above 1 */
	struct ladder_number seq, ack;
	uint64_t bytes_out, bytes_in; /* of DATA */
	struct ladder_state local, remote;
	uint64_t sent_ns, came_ns; /* as each end measured it; TIME_UNKNOWN */
	uint64_t since_ns;	   /* since the step before that has a time; TIME_UNKNOWN */
	/* How long a segment was on its way, of two machines; that may be off by the bound. */
	uint64_t way_ns, way_bound_ns;		/* TIME_UNKNOWN */
	struct ladder_note notes[LADDER_NOTES]; /* up to the first LADDER_SAYS_NOTHING */
};

#define LADDER_STEPS 32

/* How the times of both ends can be compared. */
enum ladder_clocks {
	LADDER_CLOCK_ONE,	    /* they are of one clock, or only one is known */
	LADDER_CLOCK_BOUNDED,	    /* the other end's are moved by what the clocks are apart */
	LADDER_CLOCK_UNBOUNDED,	    /* they are not comparable: the other end's are left out */
	LADDER_CLOCK_CONTRADICTORY, /* the same: a clock has been set meanwhile */
};

struct ladder {
	/* `other`: the other end, which may be this one; NULL: not traced here */
	const struct conn *conn, *other;
	struct ladder_state local, remote; /* before the first step */
	struct ladder_number symbols[LADDER_SYMBOL_COUNT];
	uint8_t first; /* X or Y: the direction whose FIN is U; that of V and W is the other one */
	struct ladder_step steps[LADDER_STEPS];
	size_t count;
	enum ladder_clocks clocks;
	struct clock_bounds clock; /* of LADDER_CLOCK_BOUNDED: when this end began */
	uint64_t handshakes;	   /* that the other one is known by */
	bool is_forgetful;	   /* the other end may have been here: nobody keeps who is over */
};

/* Where time was lost is said of waits from here on. */
#define LADDER_LOST_NS (200 * NS_PER_MS)

/*
 * Makes the ladder of `left`, the end that stands on the left side; `right` is the other end, or
 * NULL. Both must live as long as the ladder.
 */
void ladder_make(struct ladder *ladder, const struct story *left, const struct story *right);

/* Who has measured what of it. */
enum ladder_phrase ladder_measured(const struct ladder *ladder);

/* "u+1"; NULL for a number that is not there, or has no letter. */
const char *ladder_number_name(const struct ladder_number *number, char text[LADDER_NUMBER_SIZE]);

const char *ladder_kind_name(enum ladder_kind kind);

/* "out" or "in"; NULL for what is no segment. */
const char *ladder_direction_name(const struct ladder_step *step);

/* X(FLAG, "name"), in the order they are said in. */
#define LADDER_FLAGS(X) \
	X(SYN, "SYN")   \
	X(FIN, "FIN")   \
	X(RST, "RST")   \
	X(ACK, "ACK")

/* When a step happened, as far as one of the ends knows; TIME_UNKNOWN. */
uint64_t ladder_step_ns(const struct ladder_step *step);

#endif
