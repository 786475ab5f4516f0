// SPDX-License-Identifier: GPL-2.0-only
/* Looks for listeners that are there already, and tells of them as the kernel tells of new ones. */
#include "user/sockets/listener_search.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "user/sockets/holders.h"
#include "user/sockets/sockets.h"

struct search {
	struct socket_info *all;
	size_t count, room;
	int error;
};

static void add(void *context, const struct socket_info *info, const void *bytes)
{
	struct search *s = context;

	(void)bytes;
	/* What has no file has no descriptor. */
	if (s->error || !info->inode)
		return;
	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : 64;
		struct socket_info *grown = reallocarray(s->all, room, sizeof(*grown));

		if (!grown) {
			s->error = -ENOMEM;
			return;
		}
		s->all = grown;
		s->room = room;
	}
	s->all[s->count++] = *info;
}

static int find_sockets(struct search *s, struct sockets *sockets, const struct netns_list *netns)
{
	const struct sockets_query query = {
		.netns = netns, .states = 1u << STATE_LISTEN, .visit = add, .context = s
	};
	char reason[PLAN_REASON_SIZE] = "";
	struct sockets_result result;
	struct sockets *own = NULL;
	int error = sockets ? 0 : sockets_open(SOCKETS_AUTO, &own, reason);

	if (error)
		return error;
	error = sockets_each(sockets ? sockets : own, &query, &result);
	sockets_free(own);
	return error ? error : s->error;
}

static int compare_inodes(const void *a, const void *b)
{
	uint64_t x = ((const struct socket_info *)a)->inode;
	uint64_t y = ((const struct socket_info *)b)->inode;

	return (x > y) - (x < y);
}

/* NULL where they have no name in common; `ret_pid` is 0 where they are several. */
static const char *name_of(const struct holder *holders, size_t count, uint32_t *ret_pid)
{
	*ret_pid = count ? holders->pid : 0;
	for (size_t i = 1; i < count; i++) {
		if (strncmp(holders[i].comm, holders->comm, sizeof(holders->comm)) != 0)
			return NULL;
		if (holders[i].pid != holders->pid)
			*ret_pid = 0;
	}
	return count && *holders->comm ? holders->comm : NULL;
}

static void tell(const struct socket_info *info, const struct holder_table *table,
		 record_on_one on_record, void *context)
{
	struct event_listener record = {
		.head = { .mono_ns = info->mono_ns,
			  .sock = info->sock ? info->sock : info->inode,
			  .netns = info->netns,
			  .kind = EVENT_LISTENER,
			  .states = EVENT_STATES(STATE_LISTEN, STATE_LISTEN) },
		.cgroup = info->cgroup,
		.uid = info->uid,
		.lport = info->lport,
		.ifindex = info->ifindex,
	};
	const struct holder *holders;
	const char *name;
	uint32_t pid;
	size_t count;

	holders = holder_find(table->all, table->count, info->inode, &count);
	name = name_of(holders, count, &pid);
	if (!name)
		return;
	if (address_is_ipv4(&info->laddr)) {
		memcpy(record.laddr, info->laddr.byte + ADDRESS_SIZE - 4, 4);
	} else {
		memcpy(record.laddr, info->laddr.byte, ADDRESS_SIZE);
		record.head.flags = EVENT_FLAG_IPV6;
	}
	memcpy(record.comm, name, strnlen(name, sizeof(record.comm)));
	memcpy(record.process, record.comm, sizeof(record.process));
	record.pid = pid;
	on_record(context, &record, sizeof(record));
}

static int find_holders(const struct search *s, struct holder_table *ret_table)
{
	uint64_t *inodes = calloc(s->count + 1, sizeof(*inodes));
	struct holder_question question = { .inodes = inodes, .count = s->count };
	struct holders *holders = holders_open(true, NULL);
	int error = inodes && holders ? 0 : -ENOMEM;

	if (!error) {
		for (size_t i = 0; i < s->count; i++)
			inodes[i] = s->all[i].inode;
		holders_read(holders, &question, ret_table);
	}
	holders_close(holders);
	free(inodes);
	return error;
}

int listener_search(struct sockets *sockets, const struct netns_list *netns,
		    record_on_one on_record, void *context)
{
	struct holder_table table = { .all = NULL };
	struct search search = { .all = NULL };
	int error = find_sockets(&search, sockets, netns);

	if (!error && search.count) {
		qsort(search.all, search.count, sizeof(*search.all), compare_inodes);
		error = find_holders(&search, &table);
	}
	for (size_t i = 0; i < search.count && !error; i++)
		tell(&search.all[i], &table, on_record, context);
	holders_done(&table);
	free(search.all);
	return error;
}
