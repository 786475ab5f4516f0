// SPDX-License-Identifier: GPL-2.0-only
/* What histograms are called, and the classes of their values. */
#include "user/aggregate/histogram_parts.h"

static const char *const names[HISTOGRAM_COUNT] = {
#define X(NAME, name, en, zh) [HISTOGRAM_##NAME] = name,
	HISTOGRAMS(X)
#undef X
};

static const char *const titles[HISTOGRAM_COUNT][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, name, en, zh) [HISTOGRAM_##NAME] = { en, zh },
	HISTOGRAMS(X)
#undef X
};

/* The best one first. */
static const char *quality_class(unsigned int i)
{
	return conn_quality_name((enum conn_quality)(CONN_QUALITY_EXACT - i));
}

static const char *outcome_class(unsigned int i)
{
	return conn_outcome_name((enum conn_outcome)i);
}

static const char *half_open_class(unsigned int i)
{
	return half_open_end_name((enum half_open_end)i);
}

static const char *time_wait_class(unsigned int i)
{
	return conn_time_wait_end_name((enum conn_time_wait_end)i);
}

static const char *reason_class(unsigned int i)
{
	static const char *const reasons[ESTIMATE_REASONS] = {
		[ESTIMATE_DEFERRED] = "deferred",
		[ESTIMATE_DOUBTED] = "maybe_deferred",
		[ESTIMATE_FASTOPEN] = "fastopen",
	};

	return i < ESTIMATE_REASONS ? reasons[i] : NULL;
}

static const struct tally by_quality = { "by_quality", CONN_QUALITY_COUNT, quality_class };
static const struct tally by_reason = { "by_reason", ESTIMATE_REASONS, reason_class };
static const struct tally by_outcome = { "by_outcome", CONN_OUTCOME_COUNT, outcome_class };
static const struct tally by_half_open_end = { "by_outcome", HALF_OPEN_END_COUNT, half_open_class };
static const struct tally by_end = { "by_end", CONN_TW_END_COUNT, time_wait_class };

static const struct tally *const tallies[HISTOGRAM_COUNT] = {
	[HISTOGRAM_HANDSHAKE_CLIENT] = &by_quality,   [HISTOGRAM_HANDSHAKE_SERVER] = &by_quality,
	[HISTOGRAM_HANDSHAKE_ESTIMATED] = &by_reason, [HISTOGRAM_HANDSHAKE_FAILED] = &by_outcome,
	[HISTOGRAM_HALF_OPEN] = &by_half_open_end,    [HISTOGRAM_TIME_WAIT] = &by_end,
};

static const char *const key_names[GROUP_KEY_COUNT] = {
#define X(NAME, name) name,
	GROUP_KEYS(X)
#undef X
};

const char *group_key_name(enum group_key key)
{
	return (unsigned int)key < GROUP_KEY_COUNT ? key_names[key] : NULL;
}

const char *histogram_name(enum histogram_id id)
{
	return names[id];
}

const char *histogram_title(enum histogram_id id, enum ladder_language language)
{
	return language_pick(titles, HISTOGRAM_COUNT, id, language);
}

const struct tally *histogram_tally(enum histogram_id id)
{
	return tallies[id];
}
