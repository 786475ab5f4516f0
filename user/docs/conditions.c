// SPDX-License-Identifier: GPL-2.0-only
/* What the manual says of conditions: their grammar, and each name that they may have. */
#include "user/docs/conditions.h"

#include <stdio.h>
#include <string.h>

#include "user/aggregate/condition.h"
#include "user/docs/roff.h"

static const char about[] =
	".SH CONDITIONS\n"
	".B \\-\\-fail\\-if\n"
	"makes a gate of a run: its exit status is 3 if a condition holds at the end, and one\n"
	"sentence on standard error says so with what was measured, as in\n"
	".PP\n"
	".nf\n"
	"tcpspan: \\-\\-fail\\-if holds: handshake_client.p99 is 7.21ms, more than 5ms\n"
	".fi\n"
	".PP\n"
	"In JSON it is the line fail_if before the summary: condition, holds (null: undecided)\n"
	"and values (by name). The condition is judged of all connections that the filters let\n"
	"through, whatever is shown of them. What was not measured is no number: a condition\n"
	"that hangs on it is undecided, which one sentence says, and the exit status is 2. With\n"
	".B \\-\\-sample\n"
	"counts are those of the part that was followed.\n"
	".PP\n"
	".nf\n"
	"condition  = both { \"or\" both }\n"
	"both       = comparison { \"and\" comparison }\n"
	"comparison = name operator value | \"(\" condition \")\"\n"
	"operator   = \">\" | \">=\" | \"<\" | \"<=\" | \"=\" | \"==\" | \"!=\"\n"
	"value      = [ \"\\-\" ] digits [ \".\" digits ] [ unit ]\n"
	".fi\n"
	".PP\n"
	"A duration needs a unit, of ns, us, ms, s, m, h and d, unless it is 0; a count has none;\n"
	"a share may have %, and a rate /s, /m or /h.\n"
	".PP\n"
	"Names are those of the fields in JSON: of a histogram its own and, behind a point,\n";

static const char about_rest[] =
	"such as handshake_client.p99, state_close_wait.max or time_wait.by_end.reused.\n"
	"Histograms are\n";

static const char about_failures[] =
	"Counts may have .rate behind them: how many in a second. failures, and what begins so,\n"
	"may have .share: of all that ended, and of requests that died. failures. goes with an\n"
	"outcome, which counts all its causes, and failures.by_cause. with one of these. lost is\n"
	"all that was lost, be it counted or not.\n"
	".PP\n"
	"Of\n"
	".B diff\n"
	"these are the numbers of NEW, and with old. before them those of OLD. change. before the\n"
	"name of a line is by which share it has changed: 0 unless by more than chance would have\n"
	"it, and undecided where there are too few to tell, such as\n"
	"change.handshake_client.p50 > 10%. changes is how many have. Times that are less than a\n"
	"microsecond apart are the same: what is traced beside them may take as long.\n"
	".PP\n"
	"The other names are\n";

static bool is_of_histogram(const char *name)
{
	static const char *const histograms[] = {
#define X(NAME, name, en, zh) name ".",
		HISTOGRAMS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(histograms) / sizeof(*histograms); i++)
		if (!strncmp(name, histograms[i], strlen(histograms[i])))
			return true;
	return false;
}

static void print_name(void *context, const char *name)
{
	bool *is_begun = context;

	if (is_of_histogram(name))
		return;
	printf("%s%s", *is_begun ? ",\n" : "", name);
	*is_begun = true;
}

void conditions_print(void)
{
	bool is_begun = false;

	fputs(about, stdout);
#define X(NAME, name) fputs(name ",\n", stdout);
	QUANTITY_STATS(X)
#undef X
	fputs("a percentile of two to six digits, such as p95 or p999 (99.9 %), or a class of its\n"
	      "tally,\n",
	      stdout);
	fputs(about_rest, stdout);
#define X(NAME, name, en, zh) fputs(HISTOGRAM_##NAME ? ",\n" name : name, stdout);
	HISTOGRAMS(X)
#undef X
	fputs(".\n.PP\n", stdout);
	fputs(about_failures, stdout);
	quantity_each(print_name, &is_begun);
	fputs(".\n", stdout);
}
