/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opens what tells which code a process runs, and how it was called. It has a say in all of it, and
 * may hold up who looks at its memory for as long as it likes: call these by aside.h.
 */
#ifndef USER_SOCKETS_PROC_CODE_H
#define USER_SOCKETS_PROC_CODE_H

#include <stdint.h>

#define PROC_CMDLINE_MAX 4096

/* The beginning of its command line, as a file in memory; -ESRCH: it is gone. */
int proc_code_cmdline(uint32_t pid);

/*
 * What it has mapped: a copy of /proc/PID/maps, whose reader would be held up. -ESRCH: it is gone,
 * was started after `mono_ns`, or runs another program than the one whose first stack begins at
 * `image` (0: not known). -EFBIG: nobody has so much.
 */
int proc_code_mappings(uint32_t pid, uint64_t mono_ns, uint64_t image);

/*
 * The regular file behind a mapping, whatever has become of its name. -EOPNOTSUPP: it is of a file
 * system that somebody's process may keep waiting (FUSE).
 */
int proc_code_file(uint32_t pid, uint64_t start, uint64_t end);

/*
 * What it says of code that it made: /tmp/perf-PID.map as it sees it, if that is a file that the
 * process's user owns. No links are followed.
 */
int proc_code_names(uint32_t pid);

/*
 * The file below /usr/lib/debug with the names of a stripped one, by its build id: hexadecimal
 * digits, or -EINVAL.
 */
int proc_code_debug(const char *build_id);

#endif
