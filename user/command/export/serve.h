/* SPDX-License-Identifier: GPL-2.0-only */
/* The process that answers requests, and what it and the tracer have in common. */
#ifndef USER_COMMAND_EXPORT_SERVE_H
#define USER_COMMAND_EXPORT_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "user/aggregate/metrics.h"
#include "user/command/export/send.h"
#include "user/option/options.h"

#define EXPORT_FACT_SIZE 128

/* What stays the same, and is known when the source is open. */
struct export_facts {
	double epoch_of_zero_s;
	char kernel[EXPORT_FACT_SIZE], libbpf[EXPORT_FACT_SIZE];
};

struct export_serve;

/*
 * Opens the port, and starts the process, before rights are given up and before there are threads;
 * it is small if little has been done before. `group_label`: NULL: there are no groups; `send`,
 * `store`: NULL: nothing is sent there. Returns 0 and `*ret`, or -errno after one sentence.
 */
int export_serve_start(const struct options *o, const char *group_label, size_t groups,
		       const struct export_send *send, const struct export_send *store,
		       struct export_serve **ret);
void export_serve_free(struct export_serve *serve);

/* To be watched; something has come when it can be read. */
int export_serve_fd(const struct export_serve *serve);
pid_t export_serve_pid(const struct export_serve *serve);

/* Takes what has come. Returns 1: figures are wanted; 0; or -EPIPE: that process has ended. */
int export_serve_take(struct export_serve *serve);

/* Says where it answers, in one sentence. */
void export_serve_tell(const struct export_serve *serve);

/* Before figures are handed over for the first time. */
void export_serve_set_facts(struct export_serve *serve, const struct export_facts *facts);

/* Hands figures over, all at once. From the first time on the process says that it is ready. */
void export_serve_publish(struct export_serve *serve, const struct metrics *metrics);

/* Reads the web config again. What is wrong with it is said, and the old one stays. */
void export_serve_configure(struct export_serve *serve);

#endif
