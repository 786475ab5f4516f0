/* SPDX-License-Identifier: GPL-2.0-only */
/* Listeners as they are told of: one row for each, with what it means in a sentence. */
#ifndef USER_AGGREGATE_LISTENING_ROW_H
#define USER_AGGREGATE_LISTENING_ROW_H

#include "user/aggregate/ladder_phrase.h"
#include "user/aggregate/listening.h"
#include "user/base/buffer.h"

/* X(NAME, "name"): what is wrong with one, the worst last. */
#define LISTENING_VERDICTS(X)             \
	X(OK, NULL)                       \
	X(HAS_DROPPED, "has_dropped")     \
	X(WAITING, "waiting")             \
	X(REQUESTS_FULL, "requests_full") \
	X(DROPPING, "dropping")           \
	X(FULL, "full")

enum listening_verdict {
#define X(NAME, name) LISTENING_IS_##NAME,
	LISTENING_VERDICTS(X)
#undef X
		LISTENING_VERDICT_COUNT
};

const char *listening_verdict_name(enum listening_verdict verdict);

/* A connection that waits for so long to be accepted is worth a word. */
#define LISTENING_SLOW_NS UINT64_C(1000000000)

/* How the numbers came about. */
struct listening_view {
	uint64_t now_ns;      /* of the last look, or where a recording ends */
	uint64_t duration_ns; /* since when connections are followed; 0: they are not */
	bool accepts_known;   /* a hook tells of accepts ... */
	bool is_past;	      /* it is a recording: nobody has looked at sockets */
	bool owners_filtered; /* whose was not accepted has no owner, and is not counted */
	bool is_part; /* of those who came some were left out, by their peers or by chance */
};

struct listening_row {
	uint64_t id; /* counted from 1 */
	const struct listening_view *view;
	struct listening_place *place;	 /* until something else is told to `listening` */
	struct listening_socket *socket; /* the same; NULL: none is there (any more) */
	uint16_t lport;			 /* of the place, for as long as there is the row */
	enum listening_verdict verdict;
	bool is_first, is_last; /* of its place */

	/* UINT64_MAX: unknown. Of the whole life of the socket, and in this run. */
	uint64_t drops, overflows, new_drops, new_overflows;
	struct listening_counts of_netns, new_of_netns;
	uint64_t accepted, never_accepted, overflowed;
	uint64_t oldest_ns; /* how long one has waited; TIME_UNKNOWN: none, or not known */
	/* For how long, at least, nobody has accepted while some waited; or TIME_UNKNOWN. */
	uint64_t idle_ns;
};

/* What looks saw, and what they could not see. */
struct listening_totals {
	uint64_t listeners;   /* that are told of */
	uint64_t in_trouble;  /* those with a verdict */
	bool is_any_unjudged; /* of one without a verdict not all is known that makes one */
	uint64_t unreadable_namespaces, crowded_namespaces, hidden_processes, unreadable_processes;
	uint64_t uncounted_namespaces; /* whose counters could not be read */
	uint64_t left_out;	       /* for lack of memory or room */
	bool is_past;		       /* of a recording */
	bool is_followed;
};

/* Whether there may be listeners, or holders, where nobody could look. */
bool listening_is_partial(const struct listening_totals *totals);

/* Whether nothing is hidden by which it could be in trouble. */
bool listening_row_is_judged(const struct listening_row *row);

/* Whose it is: who holds it, or has it by what was heard. */
struct listening_owner {
	const char *comm; /* untrusted, NUL-terminated if shorter; NULL: not known */
	uint32_t pid;	  /* 0: several, or not known */
	bool holds;	  /* it has a descriptor of it */
	uint32_t others;  /* processes that have one, too */
};

void listening_row_owner(const struct listening_row *row, struct listening_owner *ret_owner);

/*
 * By network namespace, port and address. Returns 0 and the rows, which the caller frees, and which
 * point into `listening` and to the view; or -ENOMEM.
 */
int listening_rows_new(struct listening *listening, const struct listening_view *view,
		       struct listening_row **ret_rows, size_t *ret_count);

/* One sentence or two; nothing where there is nothing to say. Names in it are escaped. */
void listening_row_say(const struct listening_row *row, enum ladder_language language,
		       struct buffer *out);

/* What is shared by those who listen at one place; nothing where one is alone there. */
void listening_row_say_balance(struct listening *listening, const struct listening_row *row,
			       enum ladder_language language, struct buffer *out);

#endif
