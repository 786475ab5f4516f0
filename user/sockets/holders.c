// SPDX-License-Identifier: GPL-2.0-only
/* Finds out which processes hold which sockets: by the kernel's iterator, or from /proc. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/event.h"
#include "bpf/tcpspan.skel.h"
#include "user/kernel/planner.h"
#include "user/sockets/holders.h"
#include "user/sockets/proc_fds.h"

#define READ_RECORDS 4096
#define SMALL_RING_BYTES 4096
#define INITIAL_PID_NAMESPACE 0xeffffffcu /* PROC_PID_INIT_INO: the kernel never changes it */
#define NET_LINK "socket:["
#define RING_LINK "anon_inode:[io_uring]"

struct search {
	const struct holder_question *question;
	struct holder_table *table;
};

static bool is_asked(const struct holder_question *question, uint64_t inode)
{
	size_t low = 0, high = question->count;

	if (question->is_all)
		return true;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (question->inodes[middle] == inode)
			return true;
		if (question->inodes[middle] < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Room for one more; NULL when there is none, which is counted. */
static struct holder *add_holder(struct holder_table *table)
{
	if (table->count == table->room) {
		size_t room = table->room ? table->room * 2 : 1024;
		struct holder *grown = NULL;

		if (room <= HOLDERS_MAX)
			grown = reallocarray(table->all, room, sizeof(*grown));
		if (!grown) {
			table->dropped++;
			return NULL;
		}
		table->all = grown;
		table->room = room;
	}
	memset(&table->all[table->count], 0, sizeof(*table->all));
	return &table->all[table->count++];
}

/* ---- the iterator ---------------------------------------------------------------------------- */

static void take_records(const struct search *s, const struct event_holder *records, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct holder *holder;

		if (!is_asked(s->question, records[i].inode))
			continue;
		holder = add_holder(s->table);
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

struct holders *holders_open(bool by_iterator)
{
	struct holders *holders = calloc(1, sizeof(*holders));

	if (holders && by_iterator)
		holders->skel = load_iterator();
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
	int fd, error;

	if (!holders->skel)
		return -EOPNOTSUPP;
	fd = bpf_iter_create(bpf_link__fd(holders->skel->links.holder_iter));
	if (fd < 0)
		return -errno;
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

/* ---- /proc ----------------------------------------------------------------------------------- */

static void add_from_proc(const struct search *s, const struct proc_fd *fd, uint64_t inode,
			  enum holder_way way)
{
	struct holder *holder;

	if (!is_asked(s->question, inode))
		return;
	holder = add_holder(s->table);
	if (!holder)
		return;
	holder->inode = inode;
	holder->pid = fd->pid;
	holder->fd = fd->fd;
	holder->way = way;
	proc_fds_comm(fd->pid, holder->comm);
}

static bool parse_socket(const char *target, uint64_t *ret_inode)
{
	unsigned long long inode;
	int used = 0;

	if (sscanf(target, NET_LINK "%llu]%n", &inode, &used) != 1 || !used || target[used])
		return false;
	*ret_inode = inode;
	return true;
}

static void note_flags_line(void *context, const struct proc_fd *fd, const char *line)
{
	bool *is_path = context;
	unsigned int flags;

	(void)fd;
	if (sscanf(line, "flags: %o", &flags) == 1)
		*is_path = flags & O_PATH;
}

static void on_descriptor(void *context, const struct proc_fd *fd)
{
	const struct search *s = context;
	bool is_path = false;
	uint64_t inode;

	if (!parse_socket(fd->target, &inode) || !is_asked(s->question, inode))
		return;
	/* One of those holds the name of a socket only. */
	proc_fds_info(fd, note_flags_line, &is_path);
	if (!is_path)
		add_from_proc(s, fd, inode, HOLDER_DESCRIPTOR);
}

void holders_read(struct holders *holders, const struct holder_question *question,
		  struct holder_table *ret)
{
	struct search s = { question, ret };

	memset(ret, 0, sizeof(*ret));
	ret->is_partial = !sees_all_processes();
	if (!question->count && !question->is_all)
		return;
	if (!read_iterator(&s, holders)) {
		ret->rung = hook_kind_name(HOOK_KIND_ITER);
	} else {
		ret->count = 0;
		if (!proc_fds_walk(on_descriptor, &s, &ret->unreadable))
			ret->rung = "proc";
	}
	ret->count = holder_sort(ret->all, ret->count);
}

/* ---- where descriptors do not show ----------------------------------------------------------- */

/* Lines of a ring's table of files are "    3: socket:[4711]". */
static void note_ring_line(void *context, const struct proc_fd *fd, const char *line)
{
	const struct search *s = context;
	const char *target = strstr(line, ": " NET_LINK);
	uint64_t inode;

	if (target && parse_socket(target + 2, &inode))
		add_from_proc(s, fd, inode, HOLDER_IO_URING);
}

/* A UNIX socket tells how many descriptors wait to be received from it. */
static void note_socket_line(void *context, const struct proc_fd *fd, const char *line)
{
	const struct search *s = context;
	unsigned int waiting;

	if (sscanf(line, "scm_fds: %u", &waiting) != 1 || !waiting)
		return;
	s->table->in_flight += waiting;
	s->table->in_flight_to.pid = fd->pid;
	s->table->in_flight_to.fd = fd->fd;
	proc_fds_comm(fd->pid, s->table->in_flight_to.comm);
}

static void look_closer(void *context, const struct proc_fd *fd)
{
	uint64_t inode;

	if (!strcmp(fd->target, RING_LINK))
		proc_fds_info(fd, note_ring_line, context);
	else if (parse_socket(fd->target, &inode))
		proc_fds_info(fd, note_socket_line, context);
}

void holders_search(const struct holder_question *question, struct holder_table *table)
{
	struct search s = { question, table };
	uint64_t unreadable = 0;

	if (!question->count || proc_fds_walk(look_closer, &s, &unreadable))
		return;
	if (unreadable > table->unreadable)
		table->unreadable = unreadable;
	table->count = holder_sort(table->all, table->count);
}

void holders_done(struct holder_table *table)
{
	free(table->all);
	memset(table, 0, sizeof(*table));
}
