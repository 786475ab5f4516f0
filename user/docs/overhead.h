/* SPDX-License-Identifier: GPL-2.0-only */
/* The overhead as it was measured last: written by `make readme` from tests/bench/results.tsv. */
#ifndef USER_DOCS_OVERHEAD_H
#define USER_DOCS_OVERHEAD_H

/* clang-format off */
#define OVERHEAD_ABOUT \
	"Measured at saturation on Linux 6.18.44 with 2 CPUs: connections that open\n" \
	"and close on every CPU, 49,397 a second without a tracer, ten transitions\n" \
	"each. Without a tracer the rate is 1. Times are in ns for each transition; a\n" \
	"floor is 201 ns.\n"

#define OVERHEAD_TABLE \
	"                      kept   BPF  floors   CPU  user  MiB  lost\n" \
	"tcpspan hist          0.81   522    1.89   192   174   49     0\n" \
	"tcpspan trace > file  0.80   309    2.75   282   244   39     0\n" \
	"tcpspan record        0.79   436    2.53   271   205   35     0\n" \
	"hist, sampling        0.79   386    2.00   436   303   49     0\n" \
	"hist, classic         0.79   508    4.63   137   148   49     0\n" \
	"empty, hooks of hist  0.92   -13   -0.11     0     0   13     -\n" \
	"tcplife > file        0.54  2175   18.04  1276   476   13     0\n" \
	"tcpstates > file      0.30  7352   53.26  3089  1490   13   572\n" \
	"bpftrace, counting    0.94   194    0.98     1     0  100     0\n" \
	"bpftrace, printing    0.28  7022   38.16  3451  1682  100     0\n"
/* clang-format on */

#endif
