// SPDX-License-Identifier: GPL-2.0-only
/* Stuck connections of many machines, out of rows: told as those of one are, by the same code. */
#include "user/fleet/hang.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/names/workload.h"

/* The order of question_stuck and, up to END, of question_stuck_groups. */
enum fact {
	HOST,
	COMM,
	PROCESS,
	PID,
	UID,
	IS_LISTENERS,
	NETNS,
	LADDR,
	LPORT,
	RADDR,
	RPORT,
	ROLE,
	STATE,
	DWELL,
	END,
	UNIT,
	CONTAINER,
	POD,
	NETNS_NAME,
	ID,
	FLOW,
	COUNT = ID, /* of a group */
	STILL,
};
_Static_assert(FLOW + 1 == HANG_FACTS && STILL == FLOW, "as many as are asked for");

#define TEXT_SIZE 64

#define NAMES (NETNS_NAME - UNIT + 1)

/* The names of each are found by the number of its cgroup, which is where it stands, from 1 on. */
struct hangs {
	struct lore lore;
	struct stuck *all;
	struct stuck_group *groups;
	char *(*names)[NAMES]; /* each NULL: it has none */
	size_t count, room;
	bool has_groups;
};

static const char *name_of(const struct lore *lore, uint64_t cgroup, enum fact name)
{
	const struct hangs *h = (const struct hangs *)lore;

	return cgroup && cgroup <= h->count ? h->names[cgroup - 1][name - UNIT] : NULL;
}

static void tell_workload(struct lore *lore, uint64_t cgroup, struct lore_workload *ret)
{
	const char *unit = name_of(lore, cgroup, UNIT);

	ret->unit_name = unit;
	if (unit)
		ret->unit = unit + workload_unit_at(unit, strlen(unit), &ret->unit_user);
	ret->has_unit_user = unit && ret->unit_user != WORKLOAD_NO_USER;
	ret->container = name_of(lore, cgroup, CONTAINER);
	ret->pod = name_of(lore, cgroup, POD);
}

static const char *tell_netns(const struct lore *lore, uint32_t inode, uint64_t cgroup)
{
	(void)inode;
	return name_of(lore, cgroup, NETNS_NAME);
}

static const struct lore_class lore_class = { .workload = tell_workload, .netns = tell_netns };

struct hangs *hangs_new(void)
{
	struct hangs *h = calloc(1, sizeof(*h));

	if (h)
		h->lore.class = &lore_class;
	return h;
}

void hangs_free(struct hangs *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->count; i++) {
		free((char *)h->all[i].host);
		for (size_t n = 0; n < NAMES; n++)
			free(h->names[i][n]);
	}
	free(h->names);
	free(h->all);
	free(h->groups);
	free(h);
}

/* ---- values -------------------------------------------------------------------------------- */

/* What is not known is 0. */
static uint64_t number_of(const struct answer_value *v, uint64_t most)
{
	uint64_t number;

	return answer_u64(v, &number) && number <= most ? number : 0;
}

/* Cut where there is no room; not more than a name is. */
static void copy(const struct answer_value *v, char *to, size_t size)
{
	size_t used = v->size < size ? v->size : size;

	memset(to, 0, size);
	if (v->bytes)
		memcpy(to, v->bytes, used);
}

static bool read_address(const struct answer_value *v, struct address *ret)
{
	char text[TEXT_SIZE];
	struct in_addr ipv4;

	copy(v, text, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	if (inet_pton(AF_INET, text, &ipv4) == 1) {
		*ret = address_from_ipv4((const uint8_t *)&ipv4);
		return true;
	}
	return inet_pton(AF_INET6, text, ret->byte) == 1;
}

static enum tcp_state state_of(const struct answer_value *v)
{
	enum tcp_state state = STATE_CLOSED;
	char text[TEXT_SIZE];

	copy(v, text, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	state_parse(text, &state);
	return state;
}

static void read_owner(struct conn *c, const struct answer_value *v)
{
	char process[EVENT_COMM_SIZE];
	struct share share;

	copy(&v[COMM], c->comm, sizeof(c->comm));
	copy(&v[PROCESS], process, sizeof(process));
	c->pid = (uint32_t)number_of(&v[PID], UINT32_MAX);
	c->uid = (uint32_t)number_of(&v[UID], UINT32_MAX);
	if (v[COMM].bytes)
		c->flags |= CONN_HAS_OWNER;
	if (answer_is(&v[IS_LISTENERS], "1"))
		c->flags |= CONN_OF_LISTENER;
	share = conn_share(c);
	c->process = v[PROCESS].bytes ? conn_process_of(c->comm, process, &share) : 0;
}

static void read_conn(struct conn *c, const struct answer_value *v)
{
	bool has_local, has_remote;

	*c = (struct conn){
		.netns = (uint32_t)number_of(&v[NETNS], UINT32_MAX),
		.lport = (uint16_t)number_of(&v[LPORT], UINT16_MAX),
		.rport = (uint16_t)number_of(&v[RPORT], UINT16_MAX),
		.role = answer_is(&v[ROLE], "client") ? CONN_ROLE_CLIENT :
			answer_is(&v[ROLE], "server") ? CONN_ROLE_SERVER :
							CONN_ROLE_UNKNOWN,
	};
	has_local = read_address(&v[LADDR], &c->laddr);
	has_remote = read_address(&v[RADDR], &c->raddr);
	if (has_local && has_remote)
		c->flags |= CONN_HAS_ENDPOINTS;
	read_owner(c, v);
}

/* ---- one ----------------------------------------------------------------------------------- */

static int make_room(struct hangs *h)
{
	size_t room = h->room ? h->room * 2 : 64;
	struct stuck *all;
	struct stuck_group *groups;
	char *(*names)[NAMES];

	if (h->count < h->room)
		return 0;
	all = realloc(h->all, room * sizeof(*all));
	h->all = all ? all : h->all;
	groups = realloc(h->groups, room * sizeof(*groups));
	h->groups = groups ? groups : h->groups;
	names = realloc(h->names, room * sizeof(*names));
	h->names = names ? names : h->names;
	if (!all || !groups || !names)
		return -ENOMEM;
	h->room = room;
	return 0;
}

static void read_stuck(struct stuck *s, const struct answer_value *v)
{
	uint64_t dwell_ns, end_ns;

	*s = (struct stuck){
		.state = state_of(&v[STATE]),
		.grip = STUCK_GRIP_UNKNOWN,
		.age_ns = answer_u64(&v[DWELL], &dwell_ns) ? dwell_ns : TIME_UNKNOWN,
		.age_at_most_ns = TIME_UNKNOWN,
		.age_is_exact = true,
		.mono_ns = answer_u64(&v[END], &end_ns) ? end_ns : TIME_UNKNOWN,
		.rx_queue_bytes = STUCK_BYTES_UNKNOWN,
		.tx_queue_bytes = STUCK_BYTES_UNKNOWN,
		.left_ns = TIME_UNKNOWN,
		.resent = STUCK_RESENT_UNKNOWN,
		.is_past = true,
		.serves = answer_is(&v[ROLE], "server"),
	};
	s->age_at_most_ns = s->age_ns;
	read_conn(&s->c, v);
}

int hangs_add(struct hangs *h, const struct answer_value *v, bool is_group)
{
	struct stuck_group *group;
	struct stuck *s;
	int error = make_room(h);

	if (error)
		return error;
	s = &h->all[h->count];
	group = &h->groups[h->count];
	read_stuck(s, v);
	s->host = strndup(v[HOST].bytes ? v[HOST].bytes : "", v[HOST].size);
	if (!s->host)
		return -ENOMEM;
	for (size_t n = 0; n < NAMES; n++) {
		const struct answer_value *name = &v[UNIT + n];

		h->names[h->count][n] = name->bytes ? strndup(name->bytes, name->size) : NULL;
	}
	s->c.cgroup = h->count + 1;
	stuck_group_of_one(s, group);
	h->has_groups = is_group;
	if (is_group) {
		group->count = number_of(&v[COUNT], SIZE_MAX);
		group->still = number_of(&v[STILL], group->count);
		group->is_one_raddr = group->is_one_rport = !s->serves;
		group->is_one_lport = s->serves;
	} else {
		s->c.id = number_of(&v[ID], UINT64_MAX);
		s->c.flow = number_of(&v[FLOW], UINT64_MAX);
	}
	h->count++;
	return 0;
}

void hangs_print(struct hangs *h, const struct sink *sink, struct sink_settings *settings,
		 struct buffer *out)
{
	settings->of_machines = true;
	settings->lore = &h->lore;
	settings->clock.offset_ns = 0; /* rows have the time since 1970 */
	for (size_t i = 0; i < h->count; i++)
		h->groups[i].oldest = &h->all[i];
	if (h->has_groups) {
		sink->stuck_groups(settings, out, h->groups, h->count, 0);
		return;
	}
	if (sink->stuck_header)
		sink->stuck_header(settings, out);
	for (size_t i = 0; i < h->count; i++)
		sink->stuck(settings, out, &h->all[i]);
}
