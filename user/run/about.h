/* SPDX-License-Identifier: GPL-2.0-only */
/* What a recording of this run says of itself. */
#ifndef USER_RUN_ABOUT_H
#define USER_RUN_ABOUT_H

#include <sys/utsname.h>

#include "user/base/buffer.h"
#include "user/record/format.h"

struct run;

#define ABOUT_BOOT_SIZE 40

struct about {
	struct recording_about head; /* which points into the rest */
	struct utsname system;
	char boot[ABOUT_BOOT_SIZE];
	struct buffer filters, hooks, reasons;
};

/* The id of this boot; empty: it is not known. */
void about_read_boot(char boot[ABOUT_BOOT_SIZE]);

void about_init(struct about *about);
void about_done(struct about *about);

/* Of a recording that begins at `start_ns`; the run is live, and has begun. */
void about_make(struct about *about, const struct run *run, uint64_t start_ns);

#endif
