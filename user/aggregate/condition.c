// SPDX-License-Identifier: GPL-2.0-only
/* Reads conditions by recursive descent into a program for a stack, and runs it in three values. */
#include "user/aggregate/condition.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "user/aggregate/condition_phrase.h"
#include "user/base/sentence.h"
#include "user/base/text.h"
#include "user/base/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AND 0xfe
#define OR 0xff
#define SHOWN 32 /* columns of foreign text in a sentence */
#define DIGITS_MAX 15
#define SIX_DIGITS 999999.5 /* from here on it is rounded to seven */
#define FIFTEEN_DIGITS 1e15
#define BLANKS " \t\n\r"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define NAME_BYTES LETTERS "0123456789_."

#define SAYS(NAME) CONDITION_SAYS_##NAME

static const struct {
	const char *sign, *words[LADDER_LANGUAGE_COUNT];
} signs[] = {
#define X(NAME, sign, en, zh) { sign, { en, zh } },
	CONDITION_OPERATORS(X)
#undef X
};

static const struct unit {
	const char *name;
	uint8_t of; /* enum quantity_unit */
	double scale;
} units[] = {
	{ "ns", QUANTITY_NS, 1 },
	{ "us", QUANTITY_NS, (double)NS_PER_S / 1000000 },
	{ "ms", QUANTITY_NS, (double)NS_PER_S / 1000 },
	{ "s", QUANTITY_NS, (double)NS_PER_S },
	{ "m", QUANTITY_NS, 60. * NS_PER_S },
	{ "h", QUANTITY_NS, 3600. * NS_PER_S },
	{ "d", QUANTITY_NS, (double)NS_PER_DAY },
	{ "/s", QUANTITY_RATE, 1 },
	{ "/m", QUANTITY_RATE, 1. / 60 },
	{ "/h", QUANTITY_RATE, 1. / 3600 },
	{ "%", QUANTITY_SHARE, 0.01 },
};

struct reading {
	const char *at;
	condition_find *find;
	struct condition *condition;
	char *why;
	enum ladder_language language; /* in which that is said */
	unsigned int depth;
};

const char *condition_phrase_text(enum condition_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [SAYS(NAME)] = { en, zh },
		CONDITION_PHRASES(X)
#undef X
	};

	return language_pick(texts, CONDITION_PHRASE_COUNT, phrase, language);
}

static int refuse(struct reading *r, enum condition_phrase phrase,
		  const struct sentence_words *words)
{
	sentence_fill(r->why, CONDITION_WHY_SIZE, condition_phrase_text(phrase, r->language),
		      words);
	return -EINVAL;
}

#define REFUSE(r, NAME, ...) refuse(r, SAYS(NAME), &(struct sentence_words){ __VA_ARGS__ })

/* `size` foreign bytes in quotes, as a sentence may carry them. */
static const char *quote(struct buffer *b, const char *text, size_t size)
{
	buffer_init(b);
	buffer_add_char(b, '\'');
	text_add_escaped(b, text, size, SHOWN);
	buffer_add(b, "'", sizeof("'"));
	return b->failed ? "it" : b->bytes;
}

static void skip_blanks(struct reading *r)
{
	r->at += strspn(r->at, BLANKS);
}

static int refuse_rest(struct reading *r, enum condition_phrase wanted)
{
	const char *w = condition_phrase_text(wanted, r->language);
	struct buffer b;

	if (!*r->at)
		return REFUSE(r, EXPECTED_AT_END, .w = w);
	REFUSE(r, EXPECTED_AT, .w = w, .v = quote(&b, r->at, strlen(r->at)));
	buffer_done(&b);
	return -EINVAL;
}

static size_t name_size(const char *at)
{
	return strspn(at, NAME_BYTES);
}

static bool take_word(struct reading *r, const char *word)
{
	size_t size = strlen(word);

	skip_blanks(r);
	if (name_size(r->at) != size || memcmp(r->at, word, size) != 0)
		return false;
	r->at += size;
	return true;
}

static int read_name(struct reading *r, struct comparison *c)
{
	size_t size = name_size(r->at);
	char nearest[QUANTITY_NAME_SIZE];
	const char *meant;
	struct buffer b;

	if (!size)
		return refuse_rest(r, SAYS(A_NAME));
	if (size >= sizeof(c->name) || r->find(r->at, size, &c->quantity)) {
		meant = quantity_nearest(r->at, size, nearest);
		refuse(r, meant ? SAYS(MEANT) : SAYS(NO_NAME),
		       &(struct sentence_words){ .w = quote(&b, r->at, size), .v = meant });
		buffer_done(&b);
		return -EINVAL;
	}
	memcpy(c->name, r->at, size);
	c->name[size] = '\0';
	r->at += size;
	return 0;
}

static int read_operator(struct reading *r, struct comparison *c)
{
	skip_blanks(r);
	for (size_t i = 0; i < COUNT(signs); i++) {
		size_t size = strlen(signs[i].sign);

		if (strncmp(r->at, signs[i].sign, size) != 0)
			continue;
		c->sign = (uint8_t)i;
		r->at += size;
		return 0;
	}
	return refuse_rest(r, SAYS(A_SIGN));
}

/* No sign, no exponent, and no more digits than are exact. */
static bool read_number(struct reading *r, double *ret_value)
{
	double value = 0, place = 1;
	size_t digits = 0;
	bool has_point = false;

	for (;; r->at++) {
		if (*r->at == '.' && digits && !has_point && r->at[1] >= '0' && r->at[1] <= '9') {
			has_point = true;
			continue;
		}
		if (*r->at < '0' || *r->at > '9')
			break;
		if (++digits > DIGITS_MAX)
			return false;
		value = value * 10 + (*r->at - '0');
		place *= has_point ? 10 : 1;
	}
	*ret_value = value / place;
	return digits;
}

static size_t unit_size(const char *at)
{
	return *at == '%' ? 1 : (*at == '/') + strspn(at + (*at == '/'), LETTERS);
}

static int read_unit(struct reading *r, struct comparison *c)
{
	static const enum condition_phrase wanted[] = {
		[QUANTITY_COUNT] = SAYS(TAKES_COUNT),
		[QUANTITY_NS] = SAYS(TAKES_NS),
		[QUANTITY_RATE] = SAYS(TAKES_RATE),
		[QUANTITY_SHARE] = SAYS(TAKES_SHARE),
	};
	size_t size = unit_size(r->at);

	c->scale = 1;
	c->unit[0] = '\0';
	for (size_t i = 0; i < COUNT(units) && size; i++) {
		if (units[i].of != c->quantity.unit || strlen(units[i].name) != size ||
		    memcmp(units[i].name, r->at, size) != 0)
			continue;
		c->scale = units[i].scale;
		memcpy(c->unit, r->at, size);
		c->unit[size] = '\0';
		r->at += size;
		return 0;
	}
	if (size || (c->quantity.unit == QUANTITY_NS && c->value != 0))
		return refuse(r, wanted[c->quantity.unit],
			      &(struct sentence_words){ .w = c->name });
	return 0;
}

static int read_value(struct reading *r, struct comparison *c)
{
	bool is_negative;
	int error;

	skip_blanks(r);
	is_negative = *r->at == '-';
	r->at += is_negative;
	if (!read_number(r, &c->value))
		return refuse_rest(r, SAYS(A_NUMBER));
	error = read_unit(r, c);
	c->value *= is_negative ? -c->scale : c->scale;
	return error;
}

static int read_any(struct reading *r);

static void put(struct condition *c, uint8_t code)
{
	c->program[c->size++] = code;
}

static int read_group(struct reading *r)
{
	int error;

	if (++r->depth > CONDITION_DEPTH)
		return REFUSE(r, TOO_DEEP, .n = CONDITION_DEPTH);
	r->at++;
	error = read_any(r);
	if (error)
		return error;
	skip_blanks(r);
	if (*r->at != ')')
		return refuse_rest(r, SAYS(GROUP_END));
	r->at++;
	r->depth--;
	return 0;
}

static int read_comparison(struct reading *r)
{
	struct condition *condition = r->condition;
	struct comparison c = { .scale = 1 };
	int error;

	skip_blanks(r);
	if (*r->at == '(')
		return read_group(r);
	if (condition->count == CONDITION_COMPARISONS)
		return REFUSE(r, TOO_MANY, .n = CONDITION_COMPARISONS);
	error = read_name(r, &c);
	if (!error)
		error = read_operator(r, &c);
	if (!error)
		error = read_value(r, &c);
	if (error)
		return error;
	put(condition, (uint8_t)condition->count);
	condition->all[condition->count++] = c;
	return 0;
}

static int read_both(struct reading *r)
{
	int error = read_comparison(r);

	while (!error && take_word(r, "and")) {
		error = read_comparison(r);
		if (!error)
			put(r->condition, AND);
	}
	return error;
}

static int read_any(struct reading *r)
{
	int error = read_both(r);

	while (!error && take_word(r, "or")) {
		error = read_both(r);
		if (!error)
			put(r->condition, OR);
	}
	return error;
}

int condition_parse(const char *text, condition_find *find, struct condition *ret_condition,
		    enum ladder_language language, char why[CONDITION_WHY_SIZE])
{
	struct condition condition = { .count = 0 };
	struct reading r = {
		.at = text, .find = find, .condition = &condition, .language = language
	};
	int error;

	r.why = why;
	error = read_any(&r);
	if (error)
		return error;
	skip_blanks(&r);
	if (*r.at)
		return refuse_rest(&r, SAYS(ITS_END));
	*ret_condition = condition;
	return 0;
}

static bool compare(enum condition_operator sign, double a, double b)
{
	switch (sign) {
	case CONDITION_MORE:
		return a > b;
	case CONDITION_AT_LEAST:
		return a >= b;
	case CONDITION_LESS:
		return a < b;
	case CONDITION_AT_MOST:
		return a <= b;
	case CONDITION_NOT:
		return a != b;
	default:
		return a == b;
	}
}

/* One that decides it by itself decides it; else nobody knows, or both agree. */
static enum condition_verdict join(enum condition_verdict a, enum condition_verdict b,
				   enum condition_verdict decisive)
{
	if (a == decisive || b == decisive)
		return decisive;
	return a == CONDITION_UNDECIDED ? a : b;
}

void condition_judge(const struct condition *condition, condition_read *read, const void *context,
		     struct judgement *ret_judgement)
{
	enum condition_verdict stack[COUNT(condition->program)] = { CONDITION_FAILS };
	struct judgement j = { .verdict = CONDITION_FAILS };
	size_t height = 0;

	for (size_t i = 0; i < condition->count; i++) {
		const struct comparison *c = &condition->all[i];

		j.each[i].knowledge = read(context, &c->quantity, &j.each[i].value);
		j.each[i].verdict = j.each[i].knowledge != QUANTITY_KNOWN ? CONDITION_UNDECIDED :
				    compare(c->sign, j.each[i].value, c->value) ? CONDITION_HOLDS :
										  CONDITION_FAILS;
	}
	for (size_t i = 0; i < condition->size; i++) {
		uint8_t code = condition->program[i];

		if (code < CONDITION_COMPARISONS) {
			stack[height++] = j.each[code].verdict;
			continue;
		}
		height--;
		stack[height - 1] = join(stack[height - 1], stack[height],
					 code == AND ? CONDITION_FAILS : CONDITION_HOLDS);
	}
	j.verdict = stack[0];
	*ret_judgement = j;
}

/* To six digits, so that what differs looks different, and without an exponent. */
static void add_number(struct buffer *out, double value)
{
	double size = value < 0 ? -value : value;

	buffer_addf(out, size >= SIX_DIGITS && size < FIFTEEN_DIGITS ? "%.0f" : "%.6g", value);
}

/* In the unit that was said. */
static void add_value(struct buffer *out, const struct comparison *c, double value)
{
	char text[TEXT_DURATION_SIZE];

	if (c->quantity.unit == QUANTITY_NS && !*c->unit && value >= 0)
		buffer_add_text(out, text_duration((uint64_t)value, text));
	else if (c->quantity.unit == QUANTITY_COUNT)
		buffer_addf(out, "%.15g", value);
	else {
		add_number(out, value / c->scale);
		buffer_add_text(out,
				c->quantity.unit == QUANTITY_RATE && !*c->unit ? "/s" : c->unit);
	}
}

void condition_say(const struct condition *condition, const struct judgement *judgement,
		   enum ladder_language language, struct buffer *out)
{
	static const enum condition_phrase unknown[] = {
		[QUANTITY_EMPTY] = SAYS(EMPTY),
		[QUANTITY_TOO_FEW] = SAYS(TOO_FEW),
		[QUANTITY_UNTOLD] = SAYS(UNTOLD),
	};
	bool is_begun = false;

	for (size_t i = 0; i < condition->count; i++) {
		const struct comparison *c = &condition->all[i];

		if (judgement->each[i].verdict != judgement->verdict)
			continue;
		if (is_begun)
			buffer_add_text(out, condition_phrase_text(SAYS(ALSO), language));
		buffer_add_text(out, c->name);
		is_begun = true;
		if (judgement->each[i].knowledge != QUANTITY_KNOWN) {
			buffer_add_text(out,
					condition_phrase_text(unknown[judgement->each[i].knowledge],
							      language));
			continue;
		}
		buffer_add_text(out, condition_phrase_text(SAYS(IS), language));
		add_value(out, c, judgement->each[i].value);
		sentence_add(out, condition_phrase_text(SAYS(THAN), language),
			     &(struct sentence_words){ .w = signs[c->sign].words[language] });
		add_value(out, c, c->value);
	}
}
