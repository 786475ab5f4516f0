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

const char *attach_name(enum attach attach);
const char *output_format_name(enum output_format format);

/* What `explain` takes beside options; 0, or -EINVAL. */
int option_parse_endpoints(struct options *o, const char *text);
#define OPTION_ENDPOINTS_EXPECTED                                                      \
	"it takes endpoints, such as 10.0.0.1:443, [2001:db8::1]:443, :443 or, local " \
	"first, 10.0.0.2:40000-10.0.0.1:443"
const char *option_group_heading(enum option_group group);

/* Where the values of an option come from, for completion. */
enum option_values {
	VALUES_NONE, /* it takes none */
	VALUES_FREE,
	VALUES_ATTACH,
	VALUES_GROUP_KEYS, /* a list */
	VALUES_STATES,	   /* a list */
	VALUES_NETNS,
	VALUES_CGROUP,
	VALUES_PIDS, /* a list */
	VALUES_FILE,
	VALUES_FORMAT,
	VALUES_LANGUAGE,
	VALUES_SLOWEST,
	VALUES_STATE,
};

/* Options that are questions: nothing runs after the answer. */
enum option_answer { ANSWER_NONE, ANSWER_HELP, ANSWER_VERSION };

/* The set of all commands, in option_spec.commands. */
#define OPTION_OF_EVERY (~0u)

/* Exactly one of parse, flag and answer says what an option does. */
struct option_spec {
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* NULL: it takes none */
	enum option_group group;
	enum option_values values;
	unsigned int commands; /* a set of 1 << COMMAND_... that know it */
	const char *help;      /* one line of --help; the manual begins with it */
	const char *detail;    /* what the manual says behind it; NULL: nothing */
	const char *expects;   /* the end of "--name cannot be 'x': ..." */
	/* Returns 0, or -errno; `expects` explains -EINVAL, -ERANGE and -ENOENT. */
	int (*parse)(struct options *o, const char *argument);
	size_t flag; /* where in struct options the bool is that it sets; 0: there is none */
	enum option_answer answer;
	bool is_live; /* it is about the kernel's side: of no use with --input */
};

bool option_is_known_to(const struct option_spec *spec, const struct command_spec *command);

/* What --state takes beside the names of states: the states that should be short, and all. */
#define OPTION_STATES_SHORT "all-stuck"
#define OPTION_STATES_ALL "all"

extern const struct option_spec option_specs[];
extern const size_t option_spec_count;

#endif
