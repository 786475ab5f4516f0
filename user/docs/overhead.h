/* SPDX-License-Identifier: GPL-2.0-only */
/* The overhead as it was measured last: written by `make readme` from tests/bench/results.tsv. */
#ifndef USER_DOCS_OVERHEAD_H
#define USER_DOCS_OVERHEAD_H

/* clang-format off */
#define OVERHEAD_ABOUT \
	"Measured at saturation on Linux 6.18.44 with 2 CPUs: connections that open\n" \
	"and close on every CPU, 56,197 a second without a tracer, ten transitions\n" \
	"each. Without a tracer the rate is 1. Times are in ns for each transition; a\n" \
	"floor is 117 ns.\n"

#define OVERHEAD_TABLE \
	"                       kept   BPF  floors   CPU  user  MiB  lost\n" \
	"tcpspan hist           0.88   135    1.18   105    42   60     0\n" \
	"tcpspan export --once  0.88   134    1.18    89    41   60     0\n" \
	"tcpspan top --once     0.87   152    1.06    96    41   60     0\n" \
	"tcpspan trace > file   0.86   206    0.88   115    51   60     0\n" \
	"tcpspan record         0.86   243    2.14    72    41   49     0\n" \
	"hist, sampling         0.83   153    1.05   275   117   60     0\n" \
	"hist, tracepoint       0.87   185    0.71    76    31   60     0\n" \
	"hist, classic          0.90   186    0.55    53    40   49     0\n" \
	"empty, hooks of hist   0.94   -16   -0.05     0     0   13     -\n" \
	"tcplife > file         0.55  2167    7.12  1145   419   13     0\n" \
	"tcpstates > file       0.29  7462   23.53  2830  1277   13   449\n" \
	"bpftrace, counting     0.88   180    0.95     1     0  100     0\n" \
	"bpftrace, printing     0.28  6287   45.84  3065  1484  100     0\n"
/* clang-format on */

#endif
