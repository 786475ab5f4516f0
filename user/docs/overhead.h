/* SPDX-License-Identifier: GPL-2.0-only */
/* The overhead as it was measured last: written by `make readme` from tests/bench/results.tsv. */
#ifndef USER_DOCS_OVERHEAD_H
#define USER_DOCS_OVERHEAD_H

/* clang-format off */
#define OVERHEAD_ABOUT \
	"Measured at saturation on Linux 6.18.44 with 2 CPUs: connections that open\n" \
	"and close on every CPU, 53,728 a second without a tracer, ten transitions\n" \
	"each. Without a tracer the rate is 1. Times are in ns for each transition; a\n" \
	"floor is 118 ns.\n"

#define OVERHEAD_TABLE \
	"                       kept   BPF  floors   CPU  user  MiB  lost\n" \
	"tcpspan hist           0.87   155    1.33   100    63   60     0\n" \
	"tcpspan export --once  0.86   140    1.18   103    57   58     0\n" \
	"tcpspan top --once     0.85   149    1.23    97    77   58     0\n" \
	"tcpspan trace > file   0.83   196    0.88   279   153   81     0\n" \
	"tcpspan record         0.85   250    1.93    86    52   49     0\n" \
	"hist, sampling         0.87   169    0.88   164    83   60     0\n" \
	"hist, tracepoint       0.88   181    0.95   106    64   60     0\n" \
	"hist, classic          0.92   147    0.88    64    32   49     0\n" \
	"empty, hooks of hist   0.95    -8   -0.03     0     0   13     -\n" \
	"tcplife > file         0.57  2108   11.91  1239   477   13     0\n" \
	"tcpstates > file       0.28  7304   38.57  3196  1394   13  1950\n" \
	"bpftrace, counting     0.87   183    0.96     1     0  100     0\n" \
	"bpftrace, printing     0.28  6197   39.40  3300  1300  100     0\n"
/* clang-format on */

#endif
