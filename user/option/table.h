/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of commands and options, which the parser, the help and the manual are made from. */
#ifndef USER_OPTION_TABLE_H
#define USER_OPTION_TABLE_H

#include "user/option/options.h"

#define PROGRAM "tcpspan"

struct command_spec {
	const char *name;
	const char *question; /* one line */
	const char *about;    /* a paragraph, plain text */
};

/* By enum command_id. */
extern const struct command_spec command_specs[COMMAND_COUNT];

/* What it takes behind its options, or cannot do without, such as "OLD [NEW]"; NULL: nothing. */
const char *command_operands(const struct command_spec *command);

/* X(NAME, "heading") in the order of the help. */
#define OPTION_GROUPS(X)               \
	X(VIEW, "What is shown")       \
	X(FILTER, "Which connections") \
	X(OUTPUT, "How it is printed") \
	X(RUN, "How it is traced")     \
	X(HELP, "Help")

#define X(NAME, heading) OPTION_GROUP_##NAME,
enum option_group { OPTION_GROUPS(X) OPTION_GROUP_COUNT };
#undef X

const char *option_group_heading(enum option_group group);

/* What an option takes; user/option/value.c reads it. */
enum option_type {
	OPTION_FLAG,	 /* nothing: its mark says it all */
	OPTION_HELP,	 /* nothing: a question, and nothing runs after the answer */
	OPTION_VERSION,	 /* another */
	OPTION_NUMBER,	 /* from `least` to `most` */
	OPTION_FRACTION, /* N, or 1/N */
	OPTION_SIZE,	 /* bytes */
	OPTION_ROOM,	 /* bytes, rounded up to a power of two of at least a page */
	OPTION_DURATION, /* nanoseconds */
	OPTION_PERCENT,	 /* parts of a million */
	OPTION_TEXT,
	OPTION_FILE,
	OPTION_FILES,  /* one at a time, into a list */
	OPTION_CHOICE, /* one of `names`: its value */
	OPTION_SET,    /* a list of `names`: 1 << value of each */
	OPTION_STATE,  /* enum tcp_state */
	OPTION_STATES, /* a list of them: 1 << state of each; `beside`: those said to be short */
	OPTION_PORTS,  /* a list of ports and ranges */
	OPTION_PIDS,   /* a list, as the following are */
	OPTION_COMMS,
	OPTION_FLOWS,
	OPTION_VARIABLES, /* a list of their names, kept as text */
	OPTION_SPANS,	  /* struct spans_choice */
	OPTION_PREFIXES,
	OPTION_NETNS, /* struct netns_list; `beside`: one that is not here */
	OPTION_CGROUP,
	OPTION_NAMES, /* struct filter_names */
	OPTION_TYPE_COUNT,
};

struct option_name {
	const char *name;
	uint64_t value;
};

/* A field of struct options; `size` of 0: none. */
struct option_place {
	size_t offset, size;
};

/* The set of all commands, in option_spec.commands. */
#define OPTION_OF_EVERY (~0u)
#define OPTION_SPECS_MAX 192

struct option_spec {
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* NULL: it takes none */
	enum option_group group;
	unsigned int commands; /* a set of 1 << COMMAND_... that know it */
	const char *help;      /* one line of --help; the manual begins with it */
	const char *detail;    /* what the manual says behind it; NULL: nothing */

	enum option_type type;
	uint64_t least, most;		 /* `most` of 0: whatever can be said */
	const struct option_name *names; /* ended by NULL */
	const char *takes;		 /* "the name of one file"; NULL: as the type has it */
	const char *such;		 /* good ones, of a type that has no example of its own */
	bool (*can_be)(const char *);	 /* of OPTION_NAMES: whether anything is called so */
	const char *(*end_of)(const char *); /* OPTION_NAMES: what is left out; or NULL */
	struct option_place place;	     /* where it goes; an array for a list */
	struct option_place beside; /* where the count of a list goes, unless the type differs */
	/* Set when the option is given; must not hold something else by then. */
	struct {
		struct option_place place;
		uint64_t value;
	} mark;
	/* Why its place is filled once, for all texts; NULL: the last one counts, or all do. */
	const char *once;
};

/* The first row, and the one after `spec`: NULL after the last. */
const struct option_spec *option_first(void);
const struct option_spec *option_next(const struct option_spec *spec);

/* The head of a loop over all rows, in the order of the help. */
#define EACH_OPTION(s)                                \
	const struct option_spec *s = option_first(); \
	s;                                            \
	s = option_next(s)

/* Where the row stands in that order, from 0: less than OPTION_SPECS_MAX. */
size_t option_number(const struct option_spec *spec);

bool option_is_known_to(const struct option_spec *spec, const struct command_spec *command);

/* Of these, what the command does not refuse whatever its value: one that it does is no help. */
bool option_is_shown_for(const struct option_spec *spec, const struct command_spec *command);

/* By its long name or, where it has none, its letter; NULL when there is none. */
const struct option_spec *option_find(const char *name);

/* An option, by its long name, or one value of it. */
struct option_said {
	const char *name;  /* NULL: the command itself, of which no more needs be said */
	const char *value; /* NULL: any */
};

enum option_relation { OPTION_EXCLUDES, OPTION_NEEDS };

#define OPTION_RULE_ALSO 2

/* What goes with what. */
struct option_rule {
	unsigned int commands; /* a set as above, of which it holds */
	struct option_said said;
	enum option_relation relation;
	struct option_said other;
	const char *why; /* the end of the sentence that says so */
	/* Which will do as well, of OPTION_NEEDS; those without a name are none. */
	struct option_said also[OPTION_RULE_ALSO];
	struct option_said where; /* it holds where this is said, too; without a name everywhere */
	bool is_idle; /* said without need it does nothing, and that is told; nothing is refused */
};

/* An option that not each of the questions of `fleet` has. */
struct option_of_query {
	const char *name;
	unsigned int queries; /* a set of 1 << FLEET_... that have it */
};

extern const struct option_of_query option_of_queries[];
extern const size_t option_of_query_count;

extern const struct option_rule option_rules[];
extern const size_t option_rule_count;

/* What --state takes beside the names of states: the states that should be short, and all. */
#define OPTION_STATES_SHORT "all-stuck"
#define OPTION_STATES_ALL "all"

#endif
