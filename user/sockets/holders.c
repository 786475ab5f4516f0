// SPDX-License-Identifier: GPL-2.0-only
/* Finds out which processes hold which sockets: by the kernel's iterator, or from /proc. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/event.h"
#include "bpf/tcpspan.skel.h"
#include "user/kernel/planner.h"
#include "user/sockets/broker.h"
#include "user/sockets/holders.h"
#include "user/sockets/holders_proc.h"
#include "user/sockets/proc_fds.h"

#define READ_RECORDS 4096
#define SMALL_RING_BYTES 4096
#define INITIAL_PID_NAMESPACE 0xeffffffcu /* PROC_PID_INIT_INO: the kernel never changes it */

struct search {
	const struct holder_question *question;
	struct holder_table *table;
};

/* ---- the iterator ---------------------------------------------------------------------------- */

static void take_records(const struct search *s, const struct event_holder *records, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct share whose = { records[i].uid, records[i].netns };
		struct holder *holder;

		if (!holders_is_asked(s->question, records[i].inode))
			continue;
		holder = holders_add(s->table, &whose);
		if (!holder)
			continue;
		holder->inode = records[i].inode;
		holder->pid = records[i].pid;
		holder->fd = records[i].fd;
		memcpy(holder->comm, records[i].comm, sizeof(holder->comm));
	}
}

/* Records come whole or in parts, as the kernel's buffer ends. */
static int read_records(const struct search *s, int fd)
{
	struct event_holder *records = malloc(READ_RECORDS * sizeof(*records));
	size_t used = 0;
	ssize_t size;
	int error = 0;

	if (!records)
		return -ENOMEM;
	for (;;) {
		size_t whole;

		/* Behind the part of one that is there. */
		size = read(fd, (char *)records + used, (READ_RECORDS - 1) * sizeof(*records));
		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (size <= 0)
			break;
		used += size;
		whole = used / sizeof(*records);
		take_records(s, records, whole);
		used %= sizeof(*records);
		memmove(records, records + whole, used);
	}
	if (size < 0)
		error = -errno;
	free(records);
	return error;
}

struct holders {
	struct tcpspan_bpf *skel; /* NULL: there is no iterator */
	struct broker *broker;	  /* who has the rights for it; NULL: this process */
};

static struct tcpspan_bpf *load_iterator(void)
{
	char reason[PLAN_REASON_SIZE] = "";
	struct tcpspan_bpf *skel;
	struct plan plan;

	plan_guess(&plan, PLAN_AUTO, 1u << HOOK_HOLDER);
	skel = plan_open(&plan, reason);
	if (!skel)
		return NULL;
	bpf_map__set_max_entries(skel->maps.events, SMALL_RING_BYTES);
	if (!plan_load(skel, reason))
		return skel;
	tcpspan_bpf__destroy(skel);
	return NULL;
}

struct holders *holders_open(bool by_iterator, struct broker *broker)
{
	struct holders *holders = calloc(1, sizeof(*holders));

	if (!holders)
		return NULL;
	if (by_iterator)
		holders->skel = load_iterator();
	holders->broker = broker;
	return holders;
}

void holders_close(struct holders *holders)
{
	if (!holders)
		return;
	tcpspan_bpf__destroy(holders->skel);
	free(holders);
}

static int read_iterator(const struct search *s, const struct holders *holders)
{
	int link, fd, error;

	if (!holders->skel)
		return -EOPNOTSUPP;
	link = bpf_link__fd(holders->skel->links.holder_iter);
	fd = holders->broker ? broker_iterate(holders->broker, link) : namespace_iterate(link);
	if (fd < 0)
		return fd;
	error = read_records(s, fd);
	close(fd);
	return error;
}

/* The iterator goes no further than the namespace of PIDs that this process is in. */
static bool sees_all_processes(void)
{
	struct stat st;

	return !stat("/proc/self/ns/pid", &st) && st.st_ino == INITIAL_PID_NAMESPACE;
}

static int read_proc(const struct holders *holders, const struct holder_question *question,
		     struct holder_table *table)
{
	return holders->broker ? broker_find_holders(holders->broker, question, false, table) :
				 holders_proc_read(question, table);
}

/* Without what was found so far. */
static void begin_again(struct holder_table *table, const struct holder_question *question)
{
	quota_done(&table->quota);
	table->quota = (struct quota){ .max = 0 };
	table->dropped = 0;
	table->count = 0;
	holders_begin(table, question);
}

void holders_read(struct holders *holders, const struct holder_question *question,
		  struct holder_table *ret)
{
	struct search s = { question, ret };

	memset(ret, 0, sizeof(*ret));
	holders_begin(ret, question);
	ret->is_partial = !sees_all_processes();
	if (!question->count && !question->is_all)
		return;
	if (!read_iterator(&s, holders)) {
		ret->rung = hook_kind_name(HOOK_KIND_ITER);
	} else {
		begin_again(ret, question);
		if (!read_proc(holders, question, ret))
			ret->rung = "proc";
	}
	ret->count = holder_sort(ret->all, ret->count);
}

void holders_search(struct holders *holders, const struct holder_question *question,
		    struct holder_table *table)
{
	int error = 0;

	if (!question->count)
		return;
	if (holders->broker)
		error = broker_find_holders(holders->broker, question, true, table);
	else
		error = holders_proc_search(question, table);
	if (!error)
		table->count = holder_sort(table->all, table->count);
}

struct choice {
	holders_name_wanted is_wanted;
	const void *context;
	char comm[EVENT_COMM_SIZE];
	bool is_found;
};

static bool choose(void *context, const char comm[EVENT_COMM_SIZE])
{
	struct choice *c = context;

	c->is_found = c->is_wanted(c->context, comm);
	if (c->is_found)
		memcpy(c->comm, comm, EVENT_COMM_SIZE);
	return !c->is_found;
}

bool holders_find_thread(struct holders *holders, uint32_t pid, holders_name_wanted is_wanted,
			 const void *context, char ret_comm[EVENT_COMM_SIZE])
{
	struct choice choice = { .is_wanted = is_wanted, .context = context };

	if (holders->broker)
		broker_threads(holders->broker, pid, choose, &choice);
	else
		proc_fds_threads(pid, choose, &choice);
	if (choice.is_found)
		memcpy(ret_comm, choice.comm, EVENT_COMM_SIZE);
	return choice.is_found;
}

void holders_done(struct holder_table *table)
{
	free(table->all);
	quota_done(&table->quota);
	memset(table, 0, sizeof(*table));
}
