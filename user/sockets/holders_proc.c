// SPDX-License-Identifier: GPL-2.0-only
/* Finds out from /proc which processes hold which sockets. */
#include "user/sockets/holders_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/sockets/proc_fds.h"

#define NET_LINK "socket:["
#define RING_LINK "anon_inode:[io_uring]"

struct search {
	const struct holder_question *question;
	struct holder_table *table;
	uint32_t pid; /* of whom it is known whose it is; 0: of nobody */
	struct share whose;
};

bool holders_is_asked(const struct holder_question *question, uint64_t inode)
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

void holders_begin(struct holder_table *table, const struct holder_question *question)
{
	table->quota.max = question->most ? question->most : HOLDERS_MAX;
}

struct holder *holders_append(struct holder_table *table)
{
	if (table->count == table->room) {
		size_t room = table->room ? table->room * 2 : 1024;
		struct holder *grown = NULL;

		if (room > HOLDERS_MAX)
			room = HOLDERS_MAX;
		if (room > table->room)
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

struct holder *holders_add(struct holder_table *table, const struct share *whose)
{
	if (quota_take(&table->quota, whose))
		return holders_append(table);
	table->dropped++;
	return NULL;
}

/* Descriptors of a process come one after the other. */
static const struct share *whose_is(struct search *s, uint32_t pid)
{
	if (s->pid != pid)
		s->whose = (struct share){ proc_fds_uid(pid), proc_fds_netns(pid) };
	s->pid = pid;
	return &s->whose;
}

static void add_from_proc(struct search *s, const struct proc_fd *fd, uint64_t inode,
			  enum holder_way way)
{
	struct holder *holder;

	if (!holders_is_asked(s->question, inode))
		return;
	holder = holders_add(s->table, whose_is(s, fd->pid));
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
	struct search *s = context;
	bool is_path = false;
	uint64_t inode;

	if (!parse_socket(fd->target, &inode) || !holders_is_asked(s->question, inode))
		return;
	/* One of those holds the name of a socket only. */
	proc_fds_info(fd, note_flags_line, &is_path);
	if (!is_path)
		add_from_proc(s, fd, inode, HOLDER_DESCRIPTOR);
}

int holders_proc_read(const struct holder_question *question, struct holder_table *table)
{
	struct search s = { .question = question, .table = table };

	return proc_fds_walk(on_descriptor, &s, &table->unreadable);
}

/* ---- where descriptors do not show ----------------------------------------------------------- */

/* Lines of a ring's table of files are "    3: socket:[4711]". */
static void note_ring_line(void *context, const struct proc_fd *fd, const char *line)
{
	struct search *s = context;
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

int holders_proc_search(const struct holder_question *question, struct holder_table *table)
{
	struct search s = { .question = question, .table = table };
	uint64_t unreadable = 0;
	int error = proc_fds_walk(look_closer, &s, &unreadable);

	if (!error && unreadable > table->unreadable)
		table->unreadable = unreadable;
	return error;
}
