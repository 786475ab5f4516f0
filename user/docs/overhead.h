/* SPDX-License-Identifier: GPL-2.0-only */
/* The overhead as it was measured last: written by `make readme` from tests/bench/results.tsv. */
#ifndef USER_DOCS_OVERHEAD_H
#define USER_DOCS_OVERHEAD_H

/* clang-format off */
#define OVERHEAD_ABOUT \
	"Measured at saturation on Linux 6.18.44 with 2 CPUs: connections that open\n" \
	"and close on every CPU, 55,407 a second without a tracer, ten transitions\n" \
	"each. Without a tracer the rate is 1. Times are in ns for each transition; a\n" \
	"floor is 119 ns.\n"

#define OVERHEAD_TABLE \
	"                       kept   BPF  floors   CPU  user  MiB  lost\n" \
	"tcpspan hist           0.88   140    1.16    91    41   59     0\n" \
	"tcpspan export --once  0.84   156    0.95   118    65   60     0\n" \
	"tcpspan top --once     0.88   145    1.16    63    51   60     0\n" \
	"tcpspan trace > file   0.85   145    1.12   139    64   60     0\n" \
	"tcpspan record         0.86   233    2.07    82    42   49     0\n" \
	"hist, sampling         0.85   167    0.84   178    96   60     0\n" \
	"hist, tracepoint       0.87   185    1.05   100    66   59     0\n" \
	"hist, classic          0.87   154    1.08   300   126   63     0\n" \
	"empty, hooks of hist   0.94   -16   -0.12     0     0   13     -\n" \
	"tcplife > file         0.55  2175   17.43  1172   471   13     1\n" \
	"tcpstates > file       0.29  7005   53.03  2986  1136   13     0\n" \
	"bpftrace, counting     0.86   185    0.93     1     0  100     0\n" \
	"bpftrace, printing     0.27  6179   48.47  3346  1332  100     0\n"
/* clang-format on */

#endif
