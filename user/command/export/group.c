// SPDX-License-Identifier: GPL-2.0-only
/* Names of groups: printable UTF-8 of a bounded size, whatever a process calls itself. */
#include "user/command/export/group.h"

#include <stdio.h>
#include <string.h>

#include "user/base/buffer.h"
#include "user/base/text.h"

static bool is_workload(enum group_key key)
{
	return key == GROUP_BY_UNIT || key == GROUP_BY_CONTAINER || key == GROUP_BY_POD;
}

bool export_can_group_by(enum group_key key)
{
	return key == GROUP_BY_COMM || key == GROUP_BY_LPORT || key == GROUP_BY_RPORT ||
	       key == GROUP_BY_NETNS || is_workload(key);
}

/* A cgroup has a name as long as it is there. */
unsigned int export_group_wants(const struct export_grouping *grouping, unsigned int keys)
{
	return keys && is_workload(grouping->key) ? CONSUMER_CGROUPS | CONSUMER_PROMPT : 0;
}

/* As much of it as there is room for, in whole code points. */
static void set_name(char name[METRICS_GROUP_SIZE], const char *bytes, size_t size)
{
	struct buffer text;
	size_t kept;

	buffer_init(&text);
	text_add_escaped(&text, bytes, size, METRICS_GROUP_SIZE - 1);
	kept = text.size < METRICS_GROUP_SIZE - 1 ? text.size : METRICS_GROUP_SIZE - 1;
	while (kept && kept < text.size && ((unsigned char)text.bytes[kept] & 0xc0) == 0x80)
		kept--;
	if (kept)
		memcpy(name, text.bytes, kept);
	name[kept] = '\0';
	buffer_done(&text);
	if (!kept)
		snprintf(name, METRICS_GROUP_SIZE, "%s", METRICS_GROUP_UNKNOWN);
}

static bool set_port(char name[METRICS_GROUP_SIZE], uint16_t port)
{
	snprintf(name, METRICS_GROUP_SIZE, "%u", port);
	return port != 0;
}

/*
 * The port that a connect takes of a whole range serves once: of these there would soon be more
 * than groups, and none left for a service that begins later.
 */
static bool set_service_port(char name[METRICS_GROUP_SIZE], uint16_t port, bool is_of_client)
{
	if (!is_of_client)
		return set_port(name, port);
	set_name(name, EXPORT_GROUP_NONE, strlen(EXPORT_GROUP_NONE));
	return true;
}

static bool set_netns(char name[METRICS_GROUP_SIZE], const struct lore *lore, uint32_t inode)
{
	const char *known = lore_netns(lore, inode, 0);

	if (known)
		set_name(name, known, strlen(known));
	else
		snprintf(name, METRICS_GROUP_SIZE, "%u", inode);
	return inode != 0;
}

static bool set_comm(char name[METRICS_GROUP_SIZE], const struct conn *c)
{
	struct conn_name comm = conn_service(c);

	if (comm.bytes)
		set_name(name, comm.bytes, comm.size);
	return comm.bytes;
}

/* Of a cgroup whose path is known, nothing more will be: it has one, or it is in none. */
static bool set_workload(char name[METRICS_GROUP_SIZE], const struct export_grouping *grouping,
			 uint64_t cgroup)
{
	struct lore_workload workload = { NULL };
	const char *known;

	lore_workload(grouping->lore, cgroup, &workload);
	known = grouping->key == GROUP_BY_UNIT	    ? workload.unit_name :
		grouping->key == GROUP_BY_CONTAINER ? workload.container :
						      workload.pod;
	if (!known && !lore_cgroup(grouping->lore, cgroup))
		return false;
	if (!known)
		known = EXPORT_GROUP_NONE;
	set_name(name, known, strlen(known));
	return true;
}

bool export_group_name(const void *context, const struct conn *c, char name[METRICS_GROUP_SIZE])
{
	const struct export_grouping *grouping = context;

	switch (grouping->key) {
	case GROUP_BY_COMM:
		return set_comm(name, c);
	case GROUP_BY_LPORT:
		return set_service_port(name, c->lport, c->role == CONN_ROLE_CLIENT);
	case GROUP_BY_RPORT:
		return set_service_port(name, c->flags & CONN_HAS_ENDPOINTS ? c->rport : 0,
					c->role == CONN_ROLE_SERVER);
	case GROUP_BY_NETNS:
		return set_netns(name, grouping->lore, c->netns);
	case GROUP_BY_UNIT:
	case GROUP_BY_CONTAINER:
	case GROUP_BY_POD:
		return c->cgroup && set_workload(name, grouping, c->cgroup);
	default:
		return false;
	}
}
