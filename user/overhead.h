/* SPDX-License-Identifier: GPL-2.0-only */
/* The overhead as it was measured last: written by `make readme` from tests/bench/results.tsv. */
#ifndef USER_OVERHEAD_H
#define USER_OVERHEAD_H

/* clang-format off */
#define OVERHEAD_ABOUT \
	"Measured at saturation on Linux 6.18.44 with 2 CPUs: connections that open\n" \
	"and close on every CPU, 10,617 a second without a tracer, ten transitions\n" \
	"each. Other work had up to 81% of the machine meanwhile, so these numbers\n" \
	"are rough. Without a tracer the rate is 1. Times are in ns for each\n" \
	"transition; a floor is 112 ns.\n"

#define OVERHEAD_TABLE \
	"                      kept   BPF  floors   CPU  user  MiB  lost\n" \
	"tcpspan hist          0.82   313    2.79   160    97   47     0\n" \
	"tcpspan trace > file  0.76   315    2.68   244   167   31     0\n" \
	"tcpspan record        0.81   357    3.30   351   197   32     0\n" \
	"hist, tracepoint      0.84   546    5.32   119    66   37     0\n" \
	"tcplife > file        1.30  2918   22.03  1693  1034   13     0\n" \
	"tcpstates > file      0.78  7191   56.47  4625  2018   13   165\n" \
	"bpftrace, counting    0.79   182    1.71     3     0  100     0\n" \
	"bpftrace, printing    0.67  6856   53.86  6119  2877  100     0\n"
/* clang-format on */

#endif
