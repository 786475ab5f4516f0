/* SPDX-License-Identifier: GPL-2.0-only */
/* The overhead as it was measured last: written by `make readme` from tests/bench/results.tsv. */
#ifndef USER_DOCS_OVERHEAD_H
#define USER_DOCS_OVERHEAD_H

/* clang-format off */
#define OVERHEAD_ABOUT \
	"Measured at saturation on Linux 6.18.44 with 2 CPUs: connections that open\n" \
	"and close on every CPU, 54,486 a second without a tracer, ten transitions\n" \
	"each. Without a tracer the rate is 1. Times are in ns for each transition; a\n" \
	"floor is 323 ns.\n"

#define OVERHEAD_TABLE \
	"                       kept   BPF  floors   CPU  user  MiB  lost\n" \
	"tcpspan hist           0.89   208    0.86   101    51   59     0\n" \
	"tcpspan export --once  0.87   200    0.88   100    63   59     0\n" \
	"tcpspan top --once     0.88   215    0.63   100    62   60     0\n" \
	"tcpspan trace > file   0.82   219    0.87   173   133   57     0\n" \
	"tcpspan record         0.81   492    1.64   263   201   49     0\n" \
	"hist, sampling         0.89   176    0.94   357   219   60     0\n" \
	"hist, tracepoint       0.84   148    1.25   103    64   59     0\n" \
	"hist, classic          0.90   165    0.84    66    49   48     0\n" \
	"empty, hooks of hist   0.93   -21   -0.12     0     0   13     -\n" \
	"tcplife > file         0.54  2174   17.27  1175   362   13     0\n" \
	"tcpstates > file       0.28  7369   47.85  2995  1376   13     0\n" \
	"bpftrace, counting     0.87   182    0.96     1     0  100     0\n" \
	"bpftrace, printing     0.28  6708   36.25  3166  1659  100     0\n"
/* clang-format on */

#endif
