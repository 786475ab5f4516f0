/* SPDX-License-Identifier: GPL-2.0-only */
/* The overhead as it was measured last: written by `make readme` from tests/bench/results.tsv. */
#ifndef USER_DOCS_OVERHEAD_H
#define USER_DOCS_OVERHEAD_H

/* clang-format off */
#define OVERHEAD_ABOUT \
	"Measured at saturation on Linux 6.18.44 with 2 CPUs: connections that open\n" \
	"and close on every CPU, 54,950 a second without a tracer, ten transitions\n" \
	"each. Without a tracer the rate is 1. Times are in ns for each transition; a\n" \
	"floor is 118 ns.\n"

#define OVERHEAD_TABLE \
	"                       kept   BPF  floors   CPU  user  MiB  lost\n" \
	"tcpspan hist           0.87   140    1.16    81    53   59     0\n" \
	"tcpspan export --once  0.85   136    1.18   285   123   77     0\n" \
	"tcpspan top --once     0.86   142    1.20   121    75   60     2\n" \
	"tcpspan trace > file   0.86   140    1.19   125    87   59     0\n" \
	"tcpspan record         0.84   314    1.79   115    83   49     0\n" \
	"hist, sampling         0.85   147    1.23   343   192   62     0\n" \
	"hist, tracepoint       0.86   140    1.20    94    55   57     0\n" \
	"hist, classic          0.88   128    1.10    63    63   49     0\n" \
	"empty, hooks of hist   0.94   -12   -0.05     0     0   13     -\n" \
	"tcplife > file         0.54  2110   12.14  1235   409   13     2\n" \
	"tcpstates > file       0.28  7152   36.84  3062  1166   13  2118\n" \
	"bpftrace, counting     0.86   185    0.96     1     0  100     0\n" \
	"bpftrace, printing     0.28  6365   34.24  3267  1740  100     0\n"
/* clang-format on */

#endif
