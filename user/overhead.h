/* SPDX-License-Identifier: GPL-2.0-only */
/* The overhead as it was measured last: written by `make readme` from tests/bench/results.tsv. */
#ifndef USER_OVERHEAD_H
#define USER_OVERHEAD_H

/* clang-format off */
#define OVERHEAD_ABOUT \
	"Measured at saturation on Linux 6.18.44 with 2 CPUs: connections that open\n" \
	"and close on every CPU, 49,290 a second without a tracer, ten transitions\n" \
	"each. Other work had up to 7% of the machine meanwhile, so these numbers are\n" \
	"rough. Without a tracer the rate is 1. Times are in ns for each transition;\n" \
	"a floor is 112 ns.\n"

#define OVERHEAD_TABLE \
	"                      kept   BPF  floors   CPU  user  MiB  lost\n" \
	"tcpspan hist          0.75   304    2.65   216   220   51     0\n" \
	"tcpspan trace > file  0.79   299    2.72   287   273   38     0\n" \
	"tcpspan record        0.78   316    2.83   413   374   32     0\n" \
	"hist, sampling        0.81   278    2.47   554   384   51     0\n" \
	"hist, tracepoint      0.76   533    4.63   179   164   38     0\n" \
	"tcplife > file        0.51  2392   18.97  1488   419   13     0\n" \
	"tcpstates > file      0.23  8300   52.62  4309  1647   13     0\n" \
	"bpftrace, counting    0.87   183    1.47     1     0  100     0\n" \
	"bpftrace, printing    0.26  7556   40.82  4061  1810  100     0\n"
/* clang-format on */

#endif
