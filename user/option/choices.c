// SPDX-License-Identifier: GPL-2.0-only
/* The values of the options that take one of a list of names. */
#include "user/option/rows.h"

#include "user/aggregate/histogram_set.h"
#include "user/aggregate/metrics.h"

const struct option_name attach_names[] = {
#define X(NAME, name) { name, ATTACH_##NAME },
	ATTACHES(X)
#undef X
		{ NULL, 0 },
};

const struct option_name lives_names[] = {
#define X(NAME, name) { name, LIVES_##NAME },
	LIVES(X)
#undef X
		{ NULL, 0 },
};

const struct option_name format_names[] = {
#define X(NAME, name) { name, FORMAT_##NAME },
	OUTPUT_FORMATS(X)
#undef X
		{ NULL, 0 },
};

const struct option_name language_names[] = {
#define X(NAME, name) { name, LADDER_##NAME },
	LADDER_LANGUAGES(X)
#undef X
		{ NULL, 0 },
};

const struct option_name key_names[] = {
#define X(NAME, name) { name, GROUP_BY_##NAME },
	GROUP_KEYS(X)
#undef X
		{ NULL, 0 },
};

const struct option_name histogram_names[] = {
#define X(NAME, name, en, zh) { name, HISTOGRAM_##NAME },
	HISTOGRAMS(X)
#undef X
		{ NULL, 0 },
};

const struct option_name redaction_names[] = {
#define X(NAME, name) { name, REDACT_##NAME },
	REDACTIONS(X)
#undef X
		{ NULL, 0 },
};

const struct option_name screen_names[] = {
#define X(NAME, name, en, zh) { en, VIEW_##NAME },
	VIEW_SCREENS(X)
#undef X
		{ NULL, 0 },
};

const struct option_name spans_names[] = {
	{ "all", SPANS_ALL },
	{ "failed", SPANS_FAILED },
	{ "none", SPANS_NONE },
	{ NULL, 0 },
};

const struct option_name slowest_names[] = {
	{ "handshake", CHOICE_SLOWEST_HANDSHAKE },
	{ NULL, 0 },
};
