/* SPDX-License-Identifier: GPL-2.0-only */
/* Conditions on numbers of a run, such as `handshake_client.p99 > 5ms or failures.refused > 0`. */
#ifndef USER_AGGREGATE_CONDITION_H
#define USER_AGGREGATE_CONDITION_H

#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/quantity.h"
#include "user/base/buffer.h"

/*
 * The grammar, where blanks may stand between any two words:
 *
 *   condition  = both { "or" both }
 *   both       = comparison { "and" comparison }
 *   comparison = name operator value | "(" condition ")"
 *   operator   = ">" | ">=" | "<" | "<=" | "=" | "==" | "!="
 *   value      = [ "-" ] digits [ "." digits ] [ unit ]
 *   unit       = "ns" | "us" | "ms" | "s" | "m" | "h" | "d" of durations, which need one;
 *                "/s" | "/m" | "/h" of rates, else it is /s; "%" of shares, else it is 1
 */

#define CONDITION_COMPARISONS 32
#define CONDITION_DEPTH 16 /* of parentheses */
#define CONDITION_WHY_SIZE 256

enum condition_verdict { CONDITION_FAILS, CONDITION_HOLDS, CONDITION_UNDECIDED };

/* X(NAME, "sign", "in words") */
#define CONDITION_OPERATORS(X)                \
	X(AT_LEAST, ">=", "at least", "至少") \
	X(AT_MOST, "<=", "at most", "至多")   \
	X(NOT, "!=", "not", "不是")           \
	X(EXACTLY, "==", "exactly", "正好")   \
	X(MORE, ">", "more than", "大于")     \
	X(LESS, "<", "less than", "小于")     \
	X(EXACTLY_SHORT, "=", "exactly", "正好")

enum condition_operator {
#define X(NAME, sign, en, zh) CONDITION_##NAME,
	CONDITION_OPERATORS(X)
#undef X
};

struct comparison {
	struct quantity quantity;
	char name[QUANTITY_NAME_SIZE]; /* as it was said */
	uint8_t sign;		       /* enum condition_operator */
	double value;		       /* in the quantity's unit */
	double scale;		       /* of the unit that was said, in the quantity's */
	char unit[4];		       /* "": none was said */
};

struct condition {
	struct comparison all[CONDITION_COMPARISONS];
	size_t count;
	/* Behind what it joins: the number of a comparison, or one of two that are above all. */
	uint8_t program[2 * CONDITION_COMPARISONS];
	size_t size;
};

/* Where a name is looked for that is no quantity of a run. Returns 0, or -ENOENT. */
typedef int condition_find(const char *name, size_t size, struct quantity *ret_quantity);

/*
 * Reads one, with names that `find` knows. Returns 0, or -EINVAL with a part of a sentence, without
 * a full stop, in the language, that says why; the text may be foreign, the sentence is not.
 */
int condition_parse(const char *text, condition_find *find, struct condition *ret_condition,
		    enum ladder_language language, char why[CONDITION_WHY_SIZE]);

struct judgement {
	enum condition_verdict verdict;
	struct {
		enum condition_verdict verdict;
		enum quantity_knowledge knowledge;
		double value; /* if it is known */
	} each[CONDITION_COMPARISONS];
};

typedef enum quantity_knowledge condition_read(const void *context, const struct quantity *q,
					       double *ret_value);

/*
 * Whether it holds, where `read` knows the values. What is unknown leaves it undecided, unless the
 * rest decides it by itself.
 */
void condition_judge(const struct condition *condition, condition_read *read, const void *context,
		     struct judgement *ret_judgement);

/*
 * "handshake_client.p99 is 7.2ms, more than 5ms": of one that holds all that makes it, of one that
 * is undecided what is unknown, and why.
 */
void condition_say(const struct condition *condition, const struct judgement *judgement,
		   enum ladder_language language, struct buffer *out);

#endif
