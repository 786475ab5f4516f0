/* SPDX-License-Identifier: GPL-2.0-only */
/* The interface of everything that prints: events of the table in, bytes of one format out. */
#ifndef USER_SINK_SINK_H
#define USER_SINK_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "user/aggregate/condition.h"
#include "user/aggregate/difference.h"
#include "user/aggregate/failure_set.h"
#include "user/aggregate/histogram_set.h"
#include "user/aggregate/ladder.h"
#include "user/aggregate/listening_row.h"
#include "user/aggregate/mptcp_set.h"
#include "user/aggregate/ports.h"
#include "user/aggregate/staying.h"
#include "user/aggregate/stuck_group.h"
#include "user/aggregate/summary.h"
#include "user/base/buffer.h"
#include "user/base/clock.h"
#include "user/conn/conn.h"
#include "user/sink/lore.h"

#define SINK_COLUMNS 32	   /* of a table, at most */
#define SINK_FRONT_SIZE 64 /* bytes of a front that is kept, at most */

/* Who has a line of 80 columns, and how it begins: that of the next one is often the same. */
struct sink_front {
	char comm[EVENT_COMM_SIZE];
	uint32_t pid, flags;
	uint16_t process;
	uint8_t size, used, next; /* bytes, and as of struct columns; 0: there is none */
	char text[SINK_FRONT_SIZE];
};

/* How wide the columns of a wide table have become by what stood in them: begins as zeros. */
struct sink_layout {
	uint8_t grown[SINK_COLUMNS];
	/* Which of its columns there is room for, as it was found for the line before. */
	const void *table;
	unsigned int width;
	uint32_t chosen;
	struct sink_front fronts[3]; /* of each role, as of that table and width */
};

struct span_resource;

/* What a format may need to know; constant for a run: the same input gives the same bytes. */
struct sink_settings {
	struct clock clock;	       /* monotonic to wall clock */
	uint64_t start_mono_ns;	       /* when the run began, for --timestamp */
	bool wide;		       /* --wide */
	bool cmdline;		       /* --cmdline, or --wide: with the owner's command line */
	bool stack;		       /* --stack: with the code that opened it */
	bool wall_time;		       /* --time: HH:MM:SS.mmm in front */
	bool timestamp;		       /* --timestamp: seconds since start in front */
	bool color;		       /* a terminal, and NO_COLOR is not set */
	bool events;		       /* transitions are printed, not connections */
	bool full;		       /* connections with the end of their TIME_WAIT */
	bool of_machines;	       /* stuck sockets say of which machine they are */
	bool watch;		       /* stuck sockets are told of as they change */
	unsigned int columns;	       /* of the terminal; 80 when it is none */
	struct sink_layout *layout;    /* of this run's table; NULL: its columns do not grow */
	enum ladder_language language; /* of the sentences */
	struct lore *lore;	       /* what things are called; NULL: by their numbers */
	const struct span_resource *resource; /* of spans, beside what is known; NULL */
};

/* What is said of a run that is compared, beside the numbers. */
struct difference_told {
	const char *input; /* a recording's file; NULL: the kernel was traced */
	uint64_t failed;
	const struct summary *summary;
	bool filters_differ; /* of the two */
};

/*
 * Writes whole lines to `out`; never changes a connection. Where memory is short `out->failed` is
 * set. A function may be NULL.
 */
struct sink {
	const char *name;
	/* The first line of connections, or of transitions; histograms have their own. */
	void (*header)(const struct sink_settings *s, struct buffer *out);
	void (*transition)(const struct sink_settings *s, struct buffer *out, const struct conn *c,
			   const struct transition *t);
	void (*connection)(const struct sink_settings *s, struct buffer *out, const struct conn *c);
	/* An MPTCP connection with its subflows; of formats that --mptcp goes with. */
	void (*mptcp)(const struct sink_settings *s, struct buffer *out,
		      const struct mptcp_connection *m);
	/* A request that died; NULL: it is printed as a connection, or as its transitions. */
	void (*half_open)(const struct sink_settings *s, struct buffer *out,
			  const struct half_open *h);
	/* The final tables of `hist`. */
	void (*histograms)(const struct sink_settings *s, struct buffer *out,
			   const struct histogram_set *set);
	/* Behind them, as sink_staying_words; only JSON has lines. */
	void (*staying)(const struct sink_settings *s, struct buffer *out,
			const struct staying staying[STATE_COUNT], uint32_t only);
	/* Lines about failures; only JSON has some, others print sink_failure_words. */
	void (*failures)(const struct sink_settings *s, struct buffer *out,
			 const struct failure_set *set);
	/* Above the lines of stuck, which are printed in any number after it. */
	void (*stuck_header)(const struct sink_settings *s, struct buffer *out);
	void (*stuck)(const struct sink_settings *s, struct buffer *out, const struct stuck *stuck);
	/* All groups, by a set of 1 << GROUP_BY_... or 0; NULL: each socket is printed. */
	void (*stuck_groups)(const struct sink_settings *s, struct buffer *out,
			     const struct stuck_group *groups, size_t count, unsigned int keys);
	/* Destinations, the fullest first. */
	void (*ports)(const struct sink_settings *s, struct buffer *out,
		      const struct ports_destination *const *all, size_t count);
	/* Beneath a connection that has found no port: how many are taken to its destination. */
	void (*no_port)(const struct sink_settings *s, struct buffer *out,
			const struct ports_destination *d);
	/* All listeners. */
	void (*listeners)(const struct sink_settings *s, struct buffer *out,
			  struct listening *listening, const struct listening_row *rows,
			  size_t count);
	/* One whose verdict has changed; NULL: only the end is told of. */
	void (*listener_change)(const struct sink_settings *s, struct buffer *out,
				const struct listening_row *row);
	/* The one ladder of `explain`. */
	void (*ladder)(const struct sink_settings *s, struct buffer *out, const struct ladder *l);
	/* What differs between two runs; of formats that `diff` goes with. */
	void (*difference)(const struct sink_settings *s, struct buffer *out,
			   const struct difference *difference, const struct difference_told *old,
			   const struct difference_told *new);
	/* What became of the condition that was said so; only JSON has a line. */
	void (*verdict)(const struct sink_settings *s, struct buffer *out, const char *text,
			const struct condition *condition, const struct judgement *judgement);
	/* The last line on standard output; only JSON has one. */
	void (*summary)(const struct sink_settings *s, struct buffer *out,
			const struct summary *sum);
};

extern const struct sink sink_text;
extern const struct sink sink_json;
extern const struct sink sink_csv;
extern const struct sink sink_perfetto;
extern const struct sink sink_folded;
extern const struct sink sink_otlp;
extern const struct sink sink_rows;

/* The table of failures for people, when there were any. */
void sink_failure_words(const struct sink_settings *s, struct buffer *out,
			const struct failure_set *set);

/* Beneath the histograms for people: what listeners dropped; `-` where it is unknown. */
void sink_listen_words(struct buffer *out, const struct listen_counters *listen,
		       enum ladder_language language);

/*
 * Beneath them as well: who had not left his state when the run ended; nothing where nobody is.
 * `only`: of the states of these histograms, a set of 1 << enum histogram_id; 0: of all.
 */
void sink_staying_words(struct buffer *out, const struct staying staying[STATE_COUNT],
			uint32_t only, enum ladder_language language);

/* What may be why handshakes got no answer, if anything may. */
void sink_hint_words(struct buffer *out, const struct summary *sum);

/* What could not be seen, if there is anything. */
void sink_unseen_words(struct buffer *out, const struct summary *sum,
		       const struct listening_totals *totals);

/* The same of a look at ports. */
void sink_port_words(struct buffer *out, const struct summary *sum);

/* What looks at listeners saw, and could not see: above the summary in words. */
void sink_listener_words(struct buffer *out, const struct summary *sum);

/* Of how many connections those were followed that the summary is about, if not of all. */
void sink_sample_words(struct buffer *out, const struct summary *sum);

/* Whose descriptors, and whose stacks, there was no room for. */
void sink_payer_words(struct buffer *out, const struct summary *sum);

/* Beneath it: stacks that were cut short, or of which nobody knows what they are. */
void sink_stack_words(struct buffer *out, const struct summary *sum);

/* The summary in words, one screen, for standard error; the hooks in use are for --verbose. */
void sink_summary_words(struct buffer *out, const struct summary *sum, bool verbose);

#endif
