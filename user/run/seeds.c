// SPDX-License-Identifier: GPL-2.0-only
/* Sockets that are older than a run: whose they are, and how they get into a recording. */
#include "user/run/seeds.h"

#include <errno.h>
#include <string.h>

#include "user/conn/filter.h"
#include "user/conn/table.h"
#include "user/run/complaints.h"
#include "user/run/run.h"
#include "user/sockets/sockets.h"

unsigned int seeds_use(unsigned int wants)
{
	return wants & CONSUMER_SEEDS ? CONN_SNAPSHOT_SEED : CONN_SNAPSHOT_KNOW;
}

static void learn_cgroups(struct seeds *s)
{
	s->cgroups = cgroup_names_new();
	if (s->cgroups)
		cgroup_names_learn(s->cgroups);
}

void seeds_begin(struct seeds *s, struct source *source, uint64_t cgroup)
{
	*s = (struct seeds){ .cgroup = cgroup };
	if (cgroup)
		learn_cgroups(s);
	if (source->class->holders)
		source->class->holders(source, &s->holders);
}

bool seeds_is_wanted(const struct seeds *s, const struct socket_info *info)
{
	return !s->cgroup || info->state == STATE_LISTEN ||
	       (s->cgroups && cgroup_names_is_within(s->cgroups, info->cgroup, s->cgroup));
}

/* Of several that hold it, the first: who came later has it from there. */
void seeds_own(const struct seeds *s, struct socket_info *info)
{
	const struct holder *holder;
	size_t count;

	if (!info->inode || !s->holders.count)
		return;
	holder = holder_find(s->holders.all, s->holders.count, info->inode, &count);
	if (!holder)
		return;
	info->owner_pid = holder->pid;
	memcpy(info->owner_comm, holder->comm, sizeof(holder->comm));
}

void seeds_end(struct seeds *s)
{
	holders_done(&s->holders);
	cgroup_names_free(s->cgroups);
	*s = (struct seeds){ .cgroup = 0 };
}

/* ---- into a recording ------------------------------------------------------------------------ */

struct teller {
	struct run *run;
	struct seeds seeds;
};

/* Who listens tells the roles of the others, whatever is wanted of them. */
static bool is_wanted(const struct run *run, const struct socket_info *info)
{
	struct conn c = { .sock = info->sock,
			  .netns = info->netns,
			  .cgroup = info->cgroup,
			  .lport = info->lport,
			  .rport = info->rport,
			  .laddr = info->laddr,
			  .raddr = info->raddr,
			  .ifindex = info->ifindex,
			  .ifname = info->ifname,
			  .flags = CONN_HAS_ENDPOINTS };

	if (info->state == STATE_LISTEN)
		return true;
	if (info->owner_pid) {
		c.pid = info->owner_pid;
		memcpy(c.comm, info->owner_comm, sizeof(c.comm));
		c.process = PROCESS_IS_COMM;
		c.flags |= CONN_HAS_OWNER;
	}
	/* Nobody has accepted it yet: who will is not known. */
	return conn_filter_judge(&run->filter, &c, !(info->marks & EVENT_SOCKET_UNACCEPTED)) !=
	       FILTER_UNWANTED;
}

/* What a look by other means than an iterator tells of has no name in a record. */
static void tell(void *context, const struct socket_info *info, const void *bytes)
{
	struct teller *t = context;
	struct socket_info owned = *info;
	struct event_socket record;

	if (!bytes || info->object == EVENT_SOCKET_REQUEST)
		return;
	memcpy(&record, bytes, sizeof(record));
	seeds_own(&t->seeds, &owned);
	if (!seeds_is_wanted(&t->seeds, info) || !is_wanted(t->run, &owned))
		return;
	record.owner_pid = owned.owner_pid;
	memcpy(record.owner_comm, owned.owner_comm, sizeof(record.owner_comm));
	t->run->source->class->tell(t->run->source, &record, sizeof(record));
}

void seeds_tell(struct run *run)
{
	struct teller t = { .run = run };
	const struct sockets_query query = {
		.netns = &run->filter.netns,
		.states = SEED_STATES,
		.visit = tell,
		.context = &t,
	};
	struct sockets_result result;
	int error;

	/* Chance is asked when a connection is born. */
	if (run->filter.sample > 1 || !run->source->class->look)
		return;
	seeds_begin(&t.seeds, run->source, run->filter.cgroup);
	error = run->source->class->look(run->source, &query, &result);
	seeds_end(&t.seeds);
	if (error && error != -ENOSYS && error != -ENOENT)
		RUN_COMPLAIN(SEEDS_MISSING, .w = sockets_why(error));
}
