/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is told of connections, and what has to be traced for that. */
#ifndef USER_CONN_CONSUMER_H
#define USER_CONN_CONSUMER_H

#include <stddef.h>
#include <stdint.h>

#include "user/conn/conn.h"

/* What one wants beside the states of a life; what nobody wants is not traced. */
enum consumer_want {
	CONSUMER_FACTS = 1 << 0,     /* all that a socket has counted when it is closed */
	CONSUMER_SEQUENCES = 1 << 1, /* the sequence numbers of the segments that open and close */
	CONSUMER_TIMEWAITS = 1 << 2, /* what becomes of a life after its close, by looking too */
	CONSUMER_SEEDS = 1 << 3,     /* connections that are older than the tracing */
	CONSUMER_RETRANSMITS = 1 << 4, /* which segments are sent again, and why */
	CONSUMER_CGROUPS = 1 << 5,     /* the names of cgroups */
	CONSUMER_PROMPT = 1 << 6,      /* each step as it happens, while its owner is there */
	CONSUMER_FLOWS = 1 << 7,       /* what names a connection at both ends */
	CONSUMER_EVENTS = 1 << 8,      /* `applied` for each event, and no life told of at once */
	CONSUMER_SEGMENTS = 1 << 9,    /* of the facts, how many segments went each way */
	CONSUMER_PARTIES = 1 << 10,    /* of one like others before, its own ends */
	CONSUMER_COUNTS = 1 << 11,     /* the same, what it has counted itself */
};

struct consumer;

/* So many shapes of lives are known at a time; they are numbers below it. */
#define CONSUMER_SHAPES 64

/* They are told of wanted connections only, but for `applied`. A NULL function is not called. */
struct consumer_class {
	/* A state was left and another entered; in order for each connection. */
	void (*transition)(struct consumer *self, const struct conn *c, const struct transition *t);
	/*
	 * For whom it is soon enough at its close, or when the run ends: the steps from `first` on
	 * are told of in one call. Whoever has both functions is told by this one of lives of which
	 * nothing was told before their close, and of the end of TIME_WAIT, and of all others as it
	 * happens.
	 */
	void (*steps)(struct consumer *self, const struct conn *c, unsigned int first);
	/* A task accepted it; it may be closed already, but for TIME_WAIT. */
	void (*accepted)(struct consumer *self, const struct conn *c);
	/* It is CLOSED or entered TIME_WAIT: the close is decided. Called once in a life. */
	void (*closed)(struct consumer *self, const struct conn *c);
	/* Its life is over, TIME_WAIT included. Called once, at the last moment `c` exists. */
	void (*gone)(struct consumer *self, const struct conn *c);
	/* It is neither when nothing more will be told, as of `now_ns`. */
	void (*alive)(struct consumer *self, const struct conn *c, uint64_t now_ns);
	/* A request that never became a connection. */
	void (*half_open)(struct consumer *self, const struct half_open *h);
	/*
	 * An event was applied to it, wanted or not; what it changed is told after this. Of a life
	 * that is told of at once none is, nor, where all have `learn`, of a TIME_WAIT that is
	 * over, but for whoever wants CONSUMER_EVENTS.
	 */
	void (*applied)(struct consumer *self, const struct conn *c, const struct event *e);
	/*
	 * Lives like `c` are of this shape from now on, and those before of none: they differ in
	 * their times, which are known and in order, their ends of one family, their owner and what
	 * was counted. False: each of them is to be told of as above. Without this function they
	 * are.
	 */
	bool (*learn)(struct consumer *self, unsigned int shape, const struct conn *c);
	/*
	 * One of a shape that each consumer has learned, instead of all that is told until its
	 * close and, if its life is over by then, of that. What `c` says of its ends and of what
	 * was counted may be another one's, but where somebody wants CONSUMER_PARTIES or
	 * CONSUMER_COUNTS.
	 */
	void (*like)(struct consumer *self, unsigned int shape, const struct conn *c);
	/* The next ones of this shape may be of another owner than those before. */
	void (*owned)(struct consumer *self, unsigned int shape);
	/*
	 * Where all have `learn`: its TIME_WAIT is over, from which it is CLOSED, and of which
	 * everything else was told, instead of `steps` and `gone`.
	 */
	void (*over)(struct consumer *self, const struct conn *c);
};

/* The first member of each. */
struct consumer {
	const struct consumer_class *class;
	unsigned int wants; /* set of enum consumer_want */
};

/* In the order in which they are told. */
struct consumer_list {
	struct consumer *const *all;
	size_t count;
};

/* What any of them wants. */
unsigned int consumers_want(const struct consumer_list *list);

#endif
