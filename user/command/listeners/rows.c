// SPDX-License-Identifier: GPL-2.0-only
/* Which listeners are told of, and the telling. */
#include "user/command/listeners/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/command/complaints.h"
#include "user/command/listeners/hide.h"
#include "user/conn/filter.h"
#include "user/names/cgroup.h"

/* As a connection to it, of whichever family, that this process accepts. */
static bool is_owner_wanted(const struct conn_filter *f, const struct listening_row *row,
			    uint32_t pid, const char *comm)
{
	const struct listening_place *p = row->place;
	struct conn c = { .netns = p->netns,
			  .lport = p->lport,
			  .laddr = p->laddr,
			  .ifindex = p->ifindex,
			  .ifname = p->ifname };

	/* One on all addresses of IPv6 takes IPv4 as well. */
	if (address_is_ipv4(&p->laddr) || !address_is_any(&p->laddr)) {
		c.raddr = p->laddr;
		c.flags |= CONN_HAS_ENDPOINTS;
	}
	if (comm) {
		c.pid = pid;
		memcpy(c.comm, comm, sizeof(c.comm));
		c.process = PROCESS_IS_COMM;
		c.flags |= CONN_HAS_OWNER;
	}
	return conn_filter_judge(f, &c, comm || f->pid_count || f->comm_count) != FILTER_UNWANTED;
}

static bool is_held_by_wanted(const struct conn_filter *f, const struct listening_row *row)
{
	const struct listening_socket *s = row->socket;
	struct listening_owner owner;

	if (!s || !s->holder_count) {
		listening_row_owner(row, &owner);
		return is_owner_wanted(f, row, owner.pid, owner.comm);
	}
	for (size_t i = 0; i < s->holder_count; i++)
		if (is_owner_wanted(f, row, s->holders[i].pid, s->holders[i].comm))
			return true;
	return false;
}

static bool is_wanted(const struct listeners_teller *t, const struct listening_row *row)
{
	uint64_t cgroup = row->socket ? row->socket->cgroup : 0;
	struct conn_filter f = t->options->filter;

	f.namer = NULL;
	return is_held_by_wanted(&f, row) &&
	       conn_filter_judge_names(&f, run_lore_namer(t->lore), cgroup) == FILTER_WANTED &&
	       (!f.cgroup || cgroup_names_is_within(t->lore->cgroups, cgroup, f.cgroup));
}

static int complain(void)
{
	COMMAND_COMPLAIN(NO_MEMORY_LISTENERS);
	return -ENOMEM;
}

/* NULL after one sentence. */
static struct listening_row *rows_of(const struct listeners_teller *t, size_t *ret_count)
{
	struct listening_row *rows;
	size_t kept = 0;

	if (listening_rows_new(t->listening, &t->view, &rows, ret_count)) {
		complain();
		return NULL;
	}
	for (size_t i = 0; i < *ret_count; i++)
		if (rows[i].socket)
			run_lore_meet_netns(t->lore, rows[i].place->netns, rows[i].socket->cgroup);
	for (size_t i = 0; i < *ret_count; i++)
		if (is_wanted(t, &rows[i]))
			rows[kept++] = rows[i];
	*ret_count = kept;
	return rows;
}

int listeners_tell(const struct listeners_teller *t, struct buffer *out,
		   struct listening_totals *totals)
{
	struct redact *redact = t->lore->redact;
	struct listeners_hidden hidden;
	size_t count;
	struct listening_row *rows = rows_of(t, &count);

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		totals->in_trouble += rows[i].verdict != LISTENING_IS_OK;
		totals->is_any_unjudged |= !listening_row_is_judged(&rows[i]);
	}
	totals->listeners = count;
	totals->left_out += listening_left_out(t->listening);
	if (redact && listeners_hide(redact, t->listening, rows, count, &hidden)) {
		free(rows);
		return complain();
	}
	t->sink->listeners(t->settings, out, t->listening, rows, count);
	if (redact)
		listeners_unhide(t->listening, rows, count, &hidden);
	free(rows);
	return 0;
}

/* What was dropped some time ago is no trouble any more. Whether it is worth a word. */
static bool has_changed(struct listening_row *row)
{
	struct listening_socket *s = row->socket;

	if (row->verdict == LISTENING_IS_DROPPING && !(s && s->drops_late))
		row->verdict = LISTENING_IS_OK;
	if (!s || s->told == row->verdict)
		return false;
	s->told = row->verdict;
	return true;
}

int listeners_tell_changes(const struct listeners_teller *t, struct buffer *out)
{
	struct redact *redact = t->lore->redact;
	struct listeners_hidden hidden;
	struct listening_row *rows;
	size_t count;

	if (!t->sink->listener_change)
		return 0;
	rows = rows_of(t, &count);
	if (!rows)
		return -ENOMEM;
	if (redact && listeners_hide(redact, t->listening, rows, count, &hidden)) {
		free(rows);
		return complain();
	}
	for (struct listening_row *row = rows; row < rows + count; row++)
		if (has_changed(row))
			t->sink->listener_change(t->settings, out, row);
	if (redact)
		listeners_unhide(t->listening, rows, count, &hidden);
	free(rows);
	return 0;
}
