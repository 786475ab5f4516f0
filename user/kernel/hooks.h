/* SPDX-License-Identifier: GPL-2.0-only */
/* The hook families and, for each, the ladder of ways to attach them. */
#ifndef USER_KERNEL_HOOKS_H
#define USER_KERNEL_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

#define HOOK_RUNGS 7
#define HOOK_PROGRAMS 12

/*
 * X(NAME, name): the ways to attach, best evidence first. SAMPLING is no hook: an iterator that is
 * run again and again, and what it tells is estimated.
 */
#define HOOK_KINDS(X)               \
	X(TP_BTF, "tp_btf")         \
	X(TRACEPOINT, "tracepoint") \
	X(FENTRY, "fentry")         \
	X(KPROBE, "kprobe")         \
	X(ITER, "iter")             \
	X(SAMPLING, "sampling")

enum hook_kind {
#define X(NAME, name) HOOK_KIND_##NAME,
	HOOK_KINDS(X)
#undef X
};

const char *hook_kind_name(enum hook_kind kind);

/* A kernel function whose address the programs compare with. */
enum hook_symbol { HOOK_SYMBOL_NONE, HOOK_SYMBOL_TIMEWAIT, HOOK_SYMBOL_REQUEST, HOOK_SYMBOL_COUNT };

const char *hook_symbol_name(enum hook_symbol symbol);

/* What some rungs need beside CAP_BPF and CAP_PERFMON. */
enum hook_right_id {
	HOOK_RIGHT_SYS_ADMIN,
	HOOK_RIGHT_DAC_READ_SEARCH,
	HOOK_RIGHT_SYSLOG,
	HOOK_RIGHT_COUNT
};

struct hook_right {
	int capability; /* CAP_... of linux/capability.h */
	const char *name;
	const char *allows; /* which rungs, and when not without it */
};

extern const struct hook_right hook_rights[HOOK_RIGHT_COUNT];

/* Programs that are attached together or not at all. */
struct hook_rung {
	enum hook_kind kind;
	enum hook_symbol symbol;
	const char *programs[HOOK_PROGRAMS]; /* of the BPF object; ends with NULL */
	const char *sign;	/* a name in the BTF of the kernels that it suits; NULL: of any */
	bool is_wrong_unsigned; /* others take it as well, and it tells what is not so there */
	const char *lacks; /* what it does not see, and what stands in its place; NULL: nothing */
	/*
	 * Hardly a run of it has anything to tell, and the kernel skips runs while anybody asks for
	 * a map: what it has skipped is no sign of a loss, and is counted by itself.
	 */
	bool is_silent;
	bool witnessed; /* the first two see the same events, in case one is skipped */
};

enum hook_family_id {
	HOOK_STATE,
	HOOK_END,
	HOOK_PASSIVE,
	HOOK_ACCEPT,
	HOOK_CONNECT,
	HOOK_TIME_WAIT,
	HOOK_RESET,
	HOOK_ABORT,
	HOOK_RETRANSMIT,
	HOOK_ERROR,
	HOOK_SEED,
	HOOK_HOLDER,
	HOOK_KIN,
	HOOK_FAMILY_COUNT
};

/* Families that see what happens to connections. */
#define HOOK_TRACED (((1u << HOOK_FAMILY_COUNT) - 1) & ~(1u << HOOK_HOLDER | 1u << HOOK_KIN))

/* Families whose records a recording holds. */
#define HOOK_RECORDED (HOOK_TRACED & ~(1u << HOOK_SEED))

/* The rights that the rung needs, as bits of hook_right_id. */
unsigned int hook_needs(const struct hook_rung *rung);

struct hook_family {
	const char *name;
	const char *yields;		    /* what is unknown without it */
	bool required;			    /* nothing works without it */
	bool probes;			    /* every rung reads memory by its address */
	bool always;			    /* not subject to a choice of rungs */
	size_t rung_count;		    /* 0: it has its place here, and no programs so far */
	struct hook_rung rungs[HOOK_RUNGS]; /* best first */
};

extern const struct hook_family hook_families[HOOK_FAMILY_COUNT];

#endif
