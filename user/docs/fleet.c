// SPDX-License-Identifier: GPL-2.0-only
/* The section FLEET of the manual: rows of many machines, and how they are kept. */
#include "user/docs/fleet.h"

#include <stdio.h>

static const char text[] =
	".SH FLEET\n"
	".B export \\-\\-clickhouse\n"
	"sends a row for each connection when its life is over, TIME_WAIT included, and for\n"
	"each half\\-open request that died, to the table\n"
	".B connections\n"
	"of a database of ClickHouse; what is alive when the run ends has one with the outcome\n"
	"open. Its columns are called as in JSON; what is not known is NULL, and a flow of 0 is\n"
	"none. start_ns and end_ns are nanoseconds since 1970 by the clock of that machine;\n"
	"where the beginning is not known (start_known is 0) it is when the connection was\n"
	"heard of first. host and run say whose row it is, run being when that run began.\n"
	".B trace \\-\\-format rows\n"
	"prints the same, with \\-\\-full and \\-\\-open.\n"
	".PP\n"
	"Rows go in batches of 10000, or of 5 s. With each goes a row of the table\n"
	".BR batches :\n"
	"its number in the run, how many rows there are, and what the run had lost by then. A\n"
	"number that is missing is a batch that did not come. A machine without traffic sends\n"
	"an empty one each minute.\n"
	".PP\n"
	"A batch is a file of the spool first\n"
	".RB ( \\-\\-spool ),\n"
	"compressed and named by run and number, and is removed when the store has taken it.\n"
	"What was not answered is sent again with the same bytes, so that replicated tables\n"
	"keep it once; other tables keep it once when their parts are merged. Another server\n"
	"is asked where one does not take it, then all of them again after 1 s and twice as\n"
	"long each time, up to 30 s. Rows that the store cannot read have failed; for any other\n"
	"reason they wait: a wrong password, a table that is missing or older, a server that\n"
	"is not there. Where the spool is full the oldest batch is dropped. One sentence a\n"
	"minute at most says which it is; tcpspan_rows_sent_total, tcpspan_rows_failed_total,\n"
	"tcpspan_rows_dropped_total and tcpspan_spool_bytes count it. Without a folder rows\n"
	"wait in memory, and those that are left at the end have failed. A recording waits for\n"
	"room; the exit status is 2 where not all was taken.\n"
	".PP\n"
	"A process of its own sends, as\n"
	".BR \\-\\-user .\n"
	"Of another machine the URL has to be of https, unless\n"
	".B \\-\\-clickhouse\\-insecure\n"
	"is given. Where there are too many rows,\n"
	".B \\-\\-flow\\-sample\n"
	"keeps both ends of a connection or neither;\n"
	".B \\-\\-sample\n"
	"chooses by each machine for itself.\n";

void fleet_print(void)
{
	fputs(text, stdout);
}
