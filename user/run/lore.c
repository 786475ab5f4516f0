// SPDX-License-Identifier: GPL-2.0-only
/* The names that a run has learned: from the running kernel, or from what recordings kept. */
#include "user/run/lore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/event/identity.h"
#include "user/kernel/reset_reasons.h"
#include "user/names/host.h"
#include "user/run/complaints.h"
#include "user/run/redact.h"
#include "user/sockets/broker.h"
#include "user/source/replay.h"

static const char *cgroup(const struct lore *lore, uint64_t id)
{
	const struct run_lore *own = (const struct run_lore *)lore;

	return own->cgroups ? redact_name(own->redact, PSEUDONYM_CGROUP,
					  cgroup_names_find(own->cgroups, id)) :
			      NULL;
}

/* Whoever reads a recording asks no file of this machine. */
static bool find_workload(const struct run_lore *lore, uint64_t id,
			  struct workload_known *ret_known)
{
	if (!lore->workloads)
		return false;
	if (!lore->recorded)
		workloads_learn(lore->workloads, id);
	return workloads_find(lore->workloads, id, ret_known);
}

static void workload(struct lore *lore, uint64_t id, struct lore_workload *ret_workload)
{
	const struct run_lore *own = (const struct run_lore *)lore;
	struct workload_known known;

	if (!find_workload(own, id, &known))
		return;
	*ret_workload = (struct lore_workload){
		.unit = redact_name(own->redact, PSEUDONYM_UNIT, known.unit),
		.unit_name = redact_name(own->redact, PSEUDONYM_UNIT, known.unit_name),
		.slice = redact_name(own->redact, PSEUDONYM_SLICE, known.slice),
		.container = redact_name(own->redact, PSEUDONYM_CONTAINER, known.container),
		.container_id = redact_name(own->redact, PSEUDONYM_CONTAINER, known.container_id),
		.runtime = workload_runtime_name(known.runtime),
		.pod = redact_name(own->redact, PSEUDONYM_POD, known.pod),
		.pod_uid = redact_name(own->redact, PSEUDONYM_POD, known.pod_uid),
		.qos = workload_qos_name(known.qos),
		.unit_user = known.user,
		.has_unit_user = known.user != WORKLOAD_NO_USER,
	};
}

/* Of what is polled no socket is known. */
static const char *host(const struct lore *lore, const struct conn *c)
{
	const struct run_lore *own = (const struct run_lore *)lore;
	const char *name = *own->host ? own->host : NULL;

	if (own->replay)
		name = c->flags & CONN_POLLED ? NULL : replay_host(own->replay, c->sock);
	return redact_name(own->redact, PSEUDONYM_HOST, name);
}

/* What a person has called it goes before whose it is. */
static const char *name_of_netns(const struct run_lore *lore, uint32_t inode, uint64_t cgroup)
{
	const char *name = lore->namespaces ? netns_names_find(lore->namespaces, inode) : NULL;
	struct workload_known known;

	if (name || !lore->users)
		return name;
	if (cgroup)
		find_workload(lore, cgroup, &known);
	netns_users_meet(lore->users, inode, cgroup);
	return lore->recorded && !lore->has_netns ? NULL : netns_users_find(lore->users, inode);
}

static const char *netns(const struct lore *lore, uint32_t inode, uint64_t cgroup)
{
	const struct run_lore *own = (const struct run_lore *)lore;

	return redact_name(own->redact, PSEUDONYM_NETNS, name_of_netns(own, inode, cgroup));
}

/* Of several recordings. */
static uint8_t space_of(const struct run_lore *lore, const struct conn *c)
{
	uint8_t space = event_space_of(c->sock);

	return lore->recorded && space != EVENT_HIDDEN_SPACE ? space : 0;
}

/* As it was when it connected or accepted. */
static bool process(const struct lore *lore, const struct conn *c, struct lore_process *ret_process)
{
	const struct run_lore *own = (const struct run_lore *)lore;
	uint64_t mono_ns = c->role == CONN_ROLE_SERVER ? c->accept_ns : conn_start(c);
	struct process_known known;

	if (!own->processes || !mono_ns || mono_ns == TIME_UNKNOWN ||
	    !processes_find(own->processes, space_of(own, c), c->pid, mono_ns, &known))
		return false;
	*ret_process = (struct lore_process){ known.ppid, known.cmdline, known.size };
	if (own->redact && known.cmdline)
		ret_process->cmdline = redact_cmdline(own->redact, known.cmdline, known.first_size,
						      &ret_process->size);
	return true;
}

static const char *congestion(const struct lore *lore, uint8_t number)
{
	const struct run_lore *own = (const struct run_lore *)lore;

	return own->table ? conn_table_congestion(own->table, number) : NULL;
}

static struct subflow subflow(const struct lore *lore, const struct conn *c)
{
	const struct run_lore *own = (const struct run_lore *)lore;

	return own->table ? conn_table_subflow(own->table, c) : (struct subflow){ .token = 0 };
}

static uint64_t opener(const struct lore *lore, const struct conn *c)
{
	const struct run_lore *own = (const struct run_lore *)lore;

	return own->table ? conn_table_opener(own->table, c) : 0;
}

static bool stack(const struct lore *lore, uint64_t number, struct stack_frames *ret_frames)
{
	const struct run_lore *own = (const struct run_lore *)lore;
	const struct stacks *stacks = own->others_stacks ? own->others_stacks : own->stacks;

	if (!stacks || !stacks_find(stacks, number, ret_frames))
		return false;
	if (own->redact)
		redact_stack(own->redact, ret_frames);
	return true;
}

static bool resent(const struct lore *lore, const struct conn *c, struct resent *ret_resent)
{
	const struct run_lore *own = (const struct run_lore *)lore;

	return own->table && conn_table_resent(own->table, c, ret_resent);
}

/* Read when a reset is printed for the first time: it takes some milliseconds. */
static const struct reset_reasons *reset_reasons(struct lore *lore)
{
	struct run_lore *own = (struct run_lore *)lore;
	int error = -ENOMEM;

	if (own->reasons)
		return own->reasons;
	own->reasons = calloc(1, sizeof(*own->reasons));
	if (own->reasons && own->recorded) {
		if (own->recorded->text[RECORDING_REASONS])
			reset_reasons_read(own->reasons, own->recorded->text[RECORDING_REASONS]);
		return own->reasons;
	}
	if (own->reasons)
		error = kernel_reasons_read(own->reasons);
	if (error)
		RUN_COMPLAIN(RESET_REASONS, .w = strerror(-error));
	return own->reasons;
}

static const struct lore_class run_lore_class = {
	.cgroup = cgroup,
	.workload = workload,
	.host = host,
	.netns = netns,
	.process = process,
	.congestion = congestion,
	.reset_reasons = reset_reasons,
	.resent = resent,
	.subflow = subflow,
	.opener = opener,
	.stack = stack,
};

void run_lore_init(struct run_lore *lore)
{
	*lore = (struct run_lore){ .lore.class = &run_lore_class };
}

void run_lore_done(struct run_lore *lore)
{
	netns_users_free(lore->users);
	workloads_free(lore->workloads);
	cgroup_names_free(lore->cgroups);
	netns_names_free(lore->namespaces);
	processes_free(lore->processes);
	free(lore->reasons);
	stacks_free(lore->stacks);
	run_lore_init(lore);
}

void run_lore_learn_host(struct run_lore *lore)
{
	if (gethostname(lore->host, sizeof(lore->host) - 1))
		*lore->host = '\0';
}

int run_lore_want_cgroups(struct run_lore *lore)
{
	if (!lore->cgroups)
		lore->cgroups = cgroup_names_new();
	if (lore->cgroups && !lore->workloads)
		lore->workloads = workloads_new(lore->cgroups);
	return lore->workloads ? 0 : -ENOMEM;
}

/* Whose the machine's own namespace is, no socket tells: without knowing it, none has a user. */
static void want_users(struct run_lore *lore)
{
	uint32_t machine;

	if (!lore->workloads || lore->users || netns_of_machine(&machine))
		return;
	lore->users = netns_users_new(lore->workloads);
	if (lore->users)
		netns_users_exclude(lore->users, machine);
	lore->machine = machine;
}

int run_lore_learn_cgroups(struct run_lore *lore)
{
	if (!lore->cgroups)
		return 0;
	want_users(lore);
	lore->has_version_1 = cgroup_has_version_1();
	return cgroup_names_learn(lore->cgroups);
}

bool run_lore_cannot_tell(const struct conn_filter *filter)
{
	if (!conn_filter_has_names(filter) || cgroup_may_have_name())
		return false;
	RUN_COMPLAIN(NAMES_UNKNOWN);
	return true;
}

void run_lore_doubt_processes(const struct conn_filter *filter)
{
	for (size_t i = 0; i < filter->pid_count; i++) {
		uint32_t id = filter->pids[i], pid = process_of_thread(id);

		if (!pid)
			RUN_COMPLAIN(NO_PROCESS, .n = id);
		else if (pid != id)
			RUN_COMPLAIN(THREAD, .n = id, .m = pid);
	}
}

void run_lore_add_cgroup(struct run_lore *lore, uint64_t id, const char *path, size_t size)
{
	if (lore->cgroups)
		cgroup_names_add(lore->cgroups, id, path, size);
}

void run_lore_add_label(struct run_lore *lore, enum label_kind kind, const char *id, size_t id_size,
			const char *name, size_t name_size)
{
	if (lore->workloads)
		labels_add(workloads_labels(lore->workloads), kind, id, id_size, name, name_size);
}

static uint64_t substitute(struct run_lore *lore, uint64_t id, uint32_t pid)
{
	char text[CGROUP_TEXT_SIZE];
	size_t size;

	if (!lore->has_version_1 || !pid)
		return id;
	size = cgroup_read_process(pid, text, sizeof(text));
	return workloads_substitute(lore->workloads, lore->cgroups, id, text, size);
}

static __attribute__((noinline)) uint64_t meet_anew(struct run_lore *lore, uint64_t id,
						    uint32_t pid)
{
	uint64_t now_ns, own = id;

	if (!lore->workloads || lore->recorded)
		return id;
	now_ns = clock_now_roughly();
	if (workloads_recall(lore->workloads, own, pid, now_ns, &id))
		return id;
	cgroup_names_meet(lore->cgroups, own, pid);
	workloads_learn(lore->workloads, own);
	id = substitute(lore, own, pid);
	if (id != own)
		workloads_learn(lore->workloads, id);
	workloads_keep(lore->workloads, own, pid, now_ns, id);
	return id;
}

void run_lore_turn(struct run_lore *lore)
{
	lore->turn++;
}

/* Many connections of few owners come together, and no time passes between them. */
uint64_t run_lore_meet_cgroup(struct run_lore *lore, uint64_t id, uint32_t pid)
{
	struct lore_met *met = &lore->met[(id ^ pid) % LORE_MET];

	if (!id)
		return id;
	if (met->cgroup != id || met->pid != pid || met->turn != lore->turn)
		*met = (struct lore_met){ id, meet_anew(lore, id, pid), pid, lore->turn };
	return met->id;
}

static uint64_t first(const struct group_joiner *joiner, enum group_key key, uint64_t id)
{
	const struct run_lore *own =
		(const struct run_lore *)((const char *)joiner - offsetof(struct run_lore, joiner));

	switch (key) {
	case GROUP_BY_UNIT:
		return workloads_first(own->workloads, WORKLOAD_BY_UNIT, id);
	case GROUP_BY_CONTAINER:
		return workloads_first(own->workloads, WORKLOAD_BY_CONTAINER, id);
	case GROUP_BY_POD:
		return workloads_first(own->workloads, WORKLOAD_BY_POD, id);
	default:
		return cgroup_names_first(own->cgroups, id);
	}
}

static const struct run_lore *lore_of(const struct filter_namer *namer)
{
	return (const struct run_lore *)((const char *)namer - offsetof(struct run_lore, namer));
}

static bool knows(const struct filter_namer *namer, uint64_t cgroup)
{
	const struct run_lore *lore = lore_of(namer);

	return lore->cgroups && cgroup_names_find(lore->cgroups, cgroup) &&
	       (lore->recorded || !workloads_is_unsearched(lore->workloads, cgroup));
}

static bool is_called(const struct filter_namer *namer, uint64_t cgroup, enum filter_name_kind kind,
		      const char *pattern)
{
	static const enum workload_key keys[FILTER_NAME_KIND_COUNT] = {
		[FILTER_UNIT] = WORKLOAD_BY_UNIT,
		[FILTER_CONTAINER] = WORKLOAD_BY_CONTAINER,
		[FILTER_POD] = WORKLOAD_BY_POD,
	};
	const struct run_lore *lore = lore_of(namer);
	struct workload_known known;

	if (kind == FILTER_CGROUP)
		return lore->cgroups && cgroup_names_is_below(lore->cgroups, cgroup, pattern);
	return find_workload(lore, cgroup, &known) &&
	       workload_is_called(&known, keys[kind], pattern);
}

const struct filter_namer *run_lore_namer(struct run_lore *lore)
{
	lore->namer = (struct filter_namer){ knows, is_called };
	return &lore->namer;
}

const struct group_joiner *run_lore_joiner(struct run_lore *lore)
{
	if (!lore->workloads || cgroup_names_compare(lore->cgroups) ||
	    workloads_compare(lore->workloads))
		return NULL;
	lore->joiner.first = first;
	return &lore->joiner;
}

void run_lore_add_stack(struct run_lore *lore, uint64_t number, const char *text, size_t size)
{
	if (!lore->stacks)
		lore->stacks = stacks_new();
	if (lore->stacks)
		stacks_add(lore->stacks, number, text, size);
}

void run_lore_add_netns(struct run_lore *lore, uint32_t inode, enum recording_netns what,
			const char *name, size_t size)
{
	if (!lore->namespaces)
		lore->namespaces = netns_names_new();
	if (!lore->users && lore->workloads)
		lore->users = netns_users_new(lore->workloads);
	lore->has_netns = true;
	if (lore->namespaces)
		netns_names_set(lore->namespaces, inode,
				what == RECORDING_NETNS_NAMED ? name : NULL, size);
	if (lore->users && what == RECORDING_NETNS_MACHINE)
		netns_users_exclude(lore->users, inode);
}

void run_lore_learn_namespaces(struct run_lore *lore)
{
	struct netns_names *now = netns_names_learn();

	if (!now)
		return;
	netns_names_free(lore->namespaces);
	lore->namespaces = now;
	lore->namespaces_ns = clock_now();
}

void run_lore_keep_namespaces(struct run_lore *lore, uint64_t now_ns)
{
	if (!lore->recorded && lore->namespaces && now_ns - lore->namespaces_ns >= NS_PER_S)
		run_lore_learn_namespaces(lore);
}

void run_lore_meet_netns(struct run_lore *lore, uint32_t inode, uint64_t cgroup)
{
	/* What a recording says of namespaces may stand behind those who were in them. */
	if (!lore->users && lore->recorded && lore->workloads)
		lore->users = netns_users_new(lore->workloads);
	if (lore->users)
		netns_users_meet(lore->users, inode, cgroup);
}

static int open_cmdline(void *context, uint32_t pid)
{
	return broker_cmdline(context, pid);
}

void run_lore_want_processes(struct run_lore *lore)
{
	const struct process_opener opener = { open_cmdline, lore->broker };

	if (lore->processes || (!lore->recorded && !host_shows_processes()))
		return;
	lore->processes = processes_new();
	if (lore->processes && lore->broker)
		processes_use(lore->processes, &opener);
}

void run_lore_meet_process(struct run_lore *lore, uint32_t pid, uint64_t mono_ns,
			   const char name[PROCESS_NAME_SIZE])
{
	if (lore->processes && !lore->recorded)
		processes_meet(lore->processes, pid, mono_ns, name);
}
