// SPDX-License-Identifier: GPL-2.0-only
/* One look at all sockets: those that are stuck by the options, with their holders. */
#include "user/command/stuck/look.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/capability.h>

#include "user/aggregate/stuck_group.h"
#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/command/complaints.h"
#include "user/conn/filter.h"
#include "user/conn/flow.h"
#include "user/kernel/planner.h"
#include "user/kernel/reason.h"
#include "user/kernel/refusal.h"
#include "user/run/account.h"
#include "user/sockets/sockets.h"

/* Who has sent that lately is at it. */
#define MOVING_NS (5 * NS_PER_S)
/* The kernel's TCP_RTO_MIN and TCP_RTO_MAX, between which it probes a closed window. */
#define PROBE_LEAST_NS 200000000ull
#define PROBE_MOST_NS (120 * NS_PER_S)

uint64_t stuck_look_age(const struct options *o, enum tcp_state state)
{
	uint32_t states = o->stuck.states;

	if (!states && !o->stuck.short_states)
		states = 1u << STATE_CLOSE_WAIT;
	if (!((states | o->stuck.short_states) >> state & 1))
		return TIME_UNKNOWN;
	if (o->stuck.min_age_ns != OPTIONS_AGE_SENSIBLE)
		return o->stuck.min_age_ns;
	return states >> state & 1 && !o->stuck.watch ? 0 : stuck_sensible_age(state);
}

uint64_t stuck_look_unaccepted_age(const struct options *o)
{
	if (o->stuck.states || o->stuck.watch)
		return TIME_UNKNOWN;
	return o->stuck.min_age_ns != OPTIONS_AGE_SENSIBLE ? o->stuck.min_age_ns :
							     STUCK_UNACCEPTED_NS;
}

/* Makes room for one more in an array that doubles. */
static void *grow(void *all, size_t count, size_t *room, size_t size)
{
	void *grown;

	if (count < *room)
		return all;
	grown = reallocarray(all, *room ? *room * 2 : 64, size);
	if (grown)
		*room = *room ? *room * 2 : 64;
	return grown;
}

/* ---- listeners ------------------------------------------------------------------------------- */

static int compare_listeners(const void *a, const void *b)
{
	const struct stuck_listener *x = a, *y = b;

	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	return (x->port > y->port) - (x->port < y->port);
}

static void add_listener(struct stuck_look *look, const struct stuck_listener *listener)
{
	struct stuck_listener *grown =
		grow(look->listeners, look->listener_count, &look->listener_room, sizeof(*grown));

	if (!grown) {
		look->counts.dropped++;
		return;
	}
	look->listeners = grown;
	look->listeners[look->listener_count++] = *listener;
}

static const struct stuck_listener *find_listener(const struct stuck_look *look,
						  const struct conn *c)
{
	const struct stuck_listener key = { .netns = c->netns, .port = c->lport };

	if (!look->listener_count)
		return NULL;
	return bsearch(&key, look->listeners, look->listener_count, sizeof(key), compare_listeners);
}

/* ---- holders --------------------------------------------------------------------------------- */

/* Whether its listener says more about it than its own holders. */
static bool is_listeners(const struct stuck *s)
{
	return s->grip == STUCK_GRIP_ACCEPT_QUEUE || s->state == STATE_SYN_RECV;
}

/* The inodes of all that may have holders, and of the listeners that matter. */
static size_t ask_for(const struct stuck_look *look, uint64_t *inodes)
{
	size_t count = 0;

	for (size_t i = 0; i < look->count; i++) {
		const struct stuck_listener *listener = NULL;

		if (look->all[i].inode)
			inodes[count++] = look->all[i].inode;
		else if (is_listeners(&look->all[i]))
			listener = find_listener(look, &look->all[i].c);
		if (listener && listener->inode)
			inodes[count++] = listener->inode;
	}
	return holder_sort_inodes(inodes, count);
}

static void set_owner(struct stuck *s, const struct holder *h)
{
	s->c.flags |= CONN_HAS_OWNER;
	s->c.pid = h->pid;
	memcpy(s->c.comm, h->comm, sizeof(s->c.comm));
	s->c.process = PROCESS_IS_COMM;
}

/* Whoever listens is to accept it: it is his, until somebody has. */
static void set_listener_owner(struct stuck *s)
{
	if (!s->listener || s->grip != STUCK_GRIP_ACCEPT_QUEUE)
		return;
	set_owner(s, s->listener);
	s->c.flags |= CONN_OF_LISTENER;
}

static void set_holders(const struct stuck_look *look, struct stuck *s)
{
	const struct holder_table *t = &look->holders;
	const struct stuck_listener *listener;
	size_t count;

	if (is_listeners(s)) {
		listener = find_listener(look, &s->c);
		if (listener && listener->inode)
			s->listener = holder_find(t->all, t->count, listener->inode, &count);
		set_listener_owner(s);
	}
	s->holders_known = true;
	if (s->grip != STUCK_GRIP_UNKNOWN)
		return;
	s->holders = holder_find(t->all, t->count, s->inode, &s->holder_count);
	s->holders_known = t->rung && !t->unreadable && !t->is_partial && !t->dropped;
	if (s->holders) {
		s->grip = STUCK_GRIP_PROCESS;
		set_owner(s, s->holders);
	} else if (s->holders_known) {
		s->grip = STUCK_GRIP_TRANSIT;
	}
}

static int find_holders(struct stuck_look *look, const struct stuck_eye *eye)
{
	uint64_t *inodes = calloc(look->count + 1, sizeof(*inodes));
	struct holder_question question = { .inodes = inodes };

	if (!inodes)
		return -ENOMEM;
	question.count = ask_for(look, inodes);
	holders_read(eye->holders, &question, &look->holders);
	question.count =
		holder_unheld(look->holders.all, look->holders.count, inodes, question.count);
	holders_search(eye->holders, &question, &look->holders);
	free(inodes);
	for (size_t i = 0; i < look->count; i++)
		set_holders(look, &look->all[i]);
	return 0;
}

/* ---- what is wanted -------------------------------------------------------------------------- */

/* The kernel judges connections that it tells of by their cgroup and by chance; here it is us. */
static bool is_in_cgroup(const struct stuck_look *look, const struct stuck *s)
{
	uint64_t wanted = look->options->filter.cgroup;

	return !wanted || cgroup_names_is_within(look->names.cgroups, s->c.cgroup, wanted);
}

static bool is_called_so(struct stuck_look *look, const struct stuck *s)
{
	return conn_filter_judge_names(&look->options->filter, run_lore_namer(&look->names),
				       s->c.cgroup) == FILTER_WANTED;
}

/* The same ones in each look: where in memory they are is chance enough. */
static bool is_sampled(const struct conn_filter *f, const struct stuck *s)
{
	uint64_t ends = (uint64_t)s->c.rport << 16 | s->c.lport;

	return f->sample < 2 ||
	       !(((s->c.sock ^ ends) * UINT64_C(0x9e3779b97f4a7c15) >> 32) % f->sample);
}

static bool is_name_wanted(const void *context, const char comm[EVENT_COMM_SIZE])
{
	return conn_filter_has_comm(context, comm);
}

/* Threads share what their process holds: whoever asks for one by its name asks for all of it. */
static bool is_thread_wanted(struct stuck_look *look, const struct stuck *s)
{
	const struct conn_filter *f = &look->options->filter;
	struct stuck_thread *known = &look->threads[s->c.pid % STUCK_THREADS];
	struct conn thread = s->c;

	if (!f->comm_count || !(s->c.flags & CONN_HAS_OWNER))
		return false;
	if (known->pid != s->c.pid) {
		known->pid = s->c.pid;
		if (!holders_find_thread(look->eye->holders, known->pid, is_name_wanted, f,
					 known->comm))
			known->comm[0] = '\0';
	}
	if (!*known->comm)
		return false;
	memcpy(thread.comm, known->comm, sizeof(thread.comm));
	return conn_filter_judge(f, &thread, true) == FILTER_WANTED;
}

static bool is_owner_wanted(struct stuck_look *look, const struct stuck *s)
{
	return conn_filter_judge(&look->options->filter, &s->c, true) == FILTER_WANTED ||
	       is_thread_wanted(look, s);
}

/* By whoever of its holders is asked for; that one becomes the owner. */
static bool is_wanted(struct stuck_look *look, struct stuck *s)
{
	if (is_owner_wanted(look, s))
		return true;
	for (size_t i = 1; i < s->holder_count; i++) {
		set_owner(s, &s->holders[i]);
		if (is_owner_wanted(look, s))
			return true;
	}
	return false;
}

/* What came later hides its age, of which is known that it may be enough. */
static bool may_be_old_enough(const struct stuck *s, uint64_t least)
{
	return s->age_is_blurred && !s->age_is_exact && s->age_at_most_ns >= least;
}

static bool is_old_enough(struct stuck_look *look, const struct stuck *s)
{
	uint64_t least = stuck_look_age(look->options, s->state);

	/* Nobody has asked for its state, but for those that nobody has accepted. */
	if (!least || least == TIME_UNKNOWN)
		return true;
	if (s->age_ns != TIME_UNKNOWN) {
		bool is_old = s->age_ns >= least || may_be_old_enough(s, least);

		look->counts.young += !is_old;
		return is_old;
	}
	/* A watch finds out the age by itself, and whoever names one wants no other. */
	if (look->options->stuck.min_age_ns == OPTIONS_AGE_SENSIBLE &&
	    !look->options->stuck.watch && stuck_is_overdue(s))
		return true;
	look->counts.age_unknown++;
	return false;
}

static int learn_cgroups(struct stuck_look *look)
{
	int error;

	if (!look->options->filter.cgroup && !conn_filter_has_names(&look->options->filter))
		return 0;
	if (run_lore_want_cgroups(&look->names))
		return -ENOMEM;
	error = run_lore_learn_cgroups(&look->names);
	return error == -ENOMEM ? error : 0;
}

static void keep_wanted(struct stuck_look *look)
{
	size_t kept = 0;

	for (size_t i = 0; i < look->count; i++) {
		struct stuck *s = &look->all[i];

		if (!is_wanted(look, s) || !is_in_cgroup(look, s) || !is_called_so(look, s) ||
		    !is_sampled(&look->options->filter, s))
			continue;
		look->counts.sockets++;
		if (!is_old_enough(look, s))
			continue;
		if (s->is_moving && !s->is_unnoticed && !look->options->stuck.moving) {
			look->counts.moving++;
			continue;
		}
		look->counts.holders_unknown += !s->holders_known;
		look->all[kept++] = *s;
	}
	look->count = kept;
	look->counts.stuck = kept;
}

/* ---- from the kernel's record ---------------------------------------------------------------- */

_Static_assert(EVENT_TIME_UNKNOWN == TIME_UNKNOWN, "unknown times are alike");

static uint64_t passed(uint64_t since_ns, uint64_t now_ns)
{
	if (since_ns == TIME_UNKNOWN)
		return TIME_UNKNOWN;
	return since_ns < now_ns ? now_ns - since_ns : 0;
}

static bool is_unaccepted(const struct socket_info *info)
{
	return info->state == STATE_ESTABLISHED && info->marks & EVENT_SOCKET_UNACCEPTED &&
	       !info->bytes_sent;
}

/*
 * Whether an ACK came after the one that began the state: the kernel keeps when the last one came.
 * Where it does not say, data that was sent of late may have been acknowledged, and a keepalive.
 */
static bool is_age_blurred(const struct socket_info *info)
{
	if (info->state != STATE_CLOSE_WAIT || info->marks & EVENT_SOCKET_FIN_LAST)
		return false;
	return info->marks & EVENT_SOCKET_FIN_FOLLOWED || info->timer == EVENT_TIMER_KEEPALIVE ||
	       (info->bytes_sent && info->send_age_ns <= info->ack_age_ns + NS_PER_S);
}

/*
 * Half closed, and the side that is not goes on: data was sent behind the peer's FIN, or came with
 * what acknowledged ours or behind it.
 */
static bool is_moving(const struct socket_info *info)
{
	if (info->object != EVENT_SOCKET_FULL || info->attempts)
		return false;
	if (info->state == STATE_CLOSE_WAIT)
		return info->bytes_sent && info->send_age_ns <= MOVING_NS && is_age_blurred(info);
	return info->state == STATE_FIN_WAIT2 && info->bytes_received &&
	       info->receive_age_ns <= MOVING_NS && info->receive_age_ns <= info->ack_age_ns;
}

static void set_age(struct stuck *s, const struct socket_info *info)
{
	uint64_t since = passed(info->since_ns, info->mono_ns);
	bool is_exact = info->marks & EVENT_SOCKET_SINCE_EXACT;
	struct stuck_stamps stamps = {
		.entered_ns = is_exact ? since : TIME_UNKNOWN,
		.at_least_ns = since,
		.ack_received_ns = info->ack_age_ns,
		.data_received_ns = info->receive_age_ns,
		.data_sent_ns = info->send_age_ns,
		.birth_ns = TIME_UNKNOWN,
		.fin_is_last = info->marks & EVENT_SOCKET_FIN_LAST,
	};

	/* It has never sent anything, so that this stamp is still that of its beginning. */
	if (is_unaccepted(info))
		stamps.entered_ns = info->send_age_ns;
	stuck_set_age(s, &stamps);
	s->age_is_blurred = is_age_blurred(info);
}

static enum stuck_grip grip_of(const struct socket_info *info)
{
	if (info->object != EVENT_SOCKET_FULL || info->marks & EVENT_SOCKET_ORPHAN)
		return STUCK_GRIP_NOBODY;
	if (info->marks & EVENT_SOCKET_UNACCEPTED)
		return STUCK_GRIP_ACCEPT_QUEUE;
	/* To be found out; what has no file has no descriptor. */
	return info->inode ? STUCK_GRIP_UNKNOWN : STUCK_GRIP_KERNEL;
}

/* Nobody is at the other end. One that listens on [::] may be reached by either family. */
static void set_listening_ends(struct conn *c)
{
	size_t address = address_is_ipv4(&c->laddr) ? 4 : ADDRESS_SIZE;

	if (address == ADDRESS_SIZE && address_is_any(&c->laddr))
		return;
	c->raddr = c->laddr;
	memset(c->raddr.byte + ADDRESS_SIZE - address, 0, address);
	c->flags |= CONN_HAS_ENDPOINTS;
}

static void set_conn(struct conn *c, const struct socket_info *info)
{
	c->sock = info->sock;
	c->netns = info->netns;
	c->lport = info->lport;
	c->rport = info->rport;
	c->laddr = info->laddr;
	c->raddr = info->raddr;
	c->ifindex = info->ifindex;
	c->ifname = info->ifname;
	c->cgroup = info->cgroup;
	c->flow = flow_of_socket(info);
	c->role = (uint8_t)flow_role_of(info);
	c->uid = info->uid;
	c->flags = CONN_SEEDED | CONN_INCOMPLETE;
	if (info->flags & EVENT_FLAG_ENDPOINTS)
		c->flags |= CONN_HAS_ENDPOINTS;
	if (info->flags & EVENT_FLAG_MPTCP)
		c->flags |= CONN_MPTCP;
	if (info->state == STATE_LISTEN)
		set_listening_ends(c);
}

static bool is_window_closed(const struct socket_info *info)
{
	return info->object == EVENT_SOCKET_FULL && !info->snd_wnd && info->tx_queue &&
	       info->state != STATE_SYN_SENT && info->state != STATE_SYN_RECV &&
	       info->state != STATE_LISTEN;
}

/*
 * The timer's time is doubled with each probe that the peer answers in the same way, up to two
 * minutes; what has passed of the last one, too.
 */
static uint64_t window_closed_ns(const struct socket_info *info)
{
	uint64_t base_ns = info->rto_us * NS_PER_US, passed_ns = 0, wait_ns = 0;

	if (!is_window_closed(info) || info->timer != EVENT_TIMER_PROBE || !base_ns)
		return 0;
	if (base_ns < PROBE_LEAST_NS)
		base_ns = PROBE_LEAST_NS;
	for (unsigned int i = 0; i <= info->backoff; i++) {
		passed_ns += wait_ns;
		wait_ns = i < 10 ? base_ns << i : PROBE_MOST_NS;
		if (wait_ns > PROBE_MOST_NS)
			wait_ns = PROBE_MOST_NS;
	}
	return passed_ns + (info->timer_ns < wait_ns ? wait_ns - info->timer_ns : 0);
}

static void convert(const struct socket_info *info, struct stuck *s)
{
	bool is_full = info->object == EVENT_SOCKET_FULL;
	bool has_bytes = is_full && info->state != STATE_LISTEN; /* else connections, or nothing */
	bool is_dying = info->object == EVENT_SOCKET_TIMEWAIT ||
			(info->marks & EVENT_SOCKET_ORPHAN && info->timer == EVENT_TIMER_KEEPALIVE);

	memset(s, 0, sizeof(*s));
	set_conn(&s->c, info);
	s->mono_ns = info->mono_ns;
	s->state = info->state;
	s->grip = grip_of(info);
	s->is_minisock = !is_full;
	s->window_is_zero = is_window_closed(info);
	s->is_ack_dropped = info->flags & EVENT_FLAG_ACK_DROPPED;
	s->rx_queue_bytes = has_bytes ? info->rx_queue : STUCK_BYTES_UNKNOWN;
	s->tx_queue_bytes = has_bytes ? info->tx_queue : STUCK_BYTES_UNKNOWN;
	s->left_ns = is_dying ? info->timer_ns : TIME_UNKNOWN;
	s->resent = info->attempts;
	s->probes = info->probes;
	s->inode = info->inode;
	s->is_fin_unread = info->marks & EVENT_SOCKET_FIN_UNREAD;
	s->is_moving = is_moving(info);
	s->window_ns = window_closed_ns(info);
	set_age(s, info);
	s->is_unnoticed = s->is_moving && stuck_is_unnoticed(s, info->bytes_sent);
	s->subflow = (struct subflow){ info->token, info->subflow_marks & EVENT_SUBFLOW_FIRST };
}

/*
 * An MPTCP connection, as one of its subflows shows it: its state and who holds it. Its peer's end
 * came with an ACK on one of these, so that it is no younger than what each of them has had last.
 */
static void convert_connection(const struct socket_info *info, struct stuck *s)
{
	struct socket_info whole = *info;

	whole.state = info->mptcp_state;
	whole.marks &= EVENT_SOCKET_ORPHAN | EVENT_SOCKET_UNACCEPTED;
	whole.since_ns = whole.receive_age_ns = whole.send_age_ns = EVENT_TIME_UNKNOWN;
	whole.timer = EVENT_TIMER_NONE;
	whole.bytes_sent = 0;
	whole.attempts = whole.probes = 0;
	convert(&whole, s);
	s->age_is_blurred = false;
	s->rx_queue_bytes = s->tx_queue_bytes = STUCK_BYTES_UNKNOWN;
	s->resent = STUCK_RESENT_UNKNOWN;
	s->is_connection = true;
}

/* ---- the look -------------------------------------------------------------------------------- */

/* A subflow that is open yet, though the peer may have closed the connection. */
static bool may_be_stuck(const struct stuck_look *look, const struct socket_info *info)
{
	struct stuck s;

	if (!look->hides_connections || info->state != STATE_ESTABLISHED ||
	    !(info->flags & EVENT_FLAG_MPTCP) ||
	    stuck_look_age(look->options, STATE_CLOSE_WAIT) == TIME_UNKNOWN)
		return false;
	convert(info, &s);
	return conn_filter_judge(&look->options->filter, &s.c, false) != FILTER_UNWANTED;
}

static void on_socket(void *context, const struct socket_info *info, const void *bytes)
{
	struct stuck_look *look = context;
	struct stuck *grown;
	bool is_own;

	(void)bytes;
	if (info->state == STATE_LISTEN) {
		const struct stuck_listener listener = { info->inode, info->netns, info->lport };

		add_listener(look, &listener);
	}
	look->counts.unreadable_subflows += may_be_stuck(look, info);
	is_own = stuck_look_age(look->options, info->state) != TIME_UNKNOWN ||
		 (is_unaccepted(info) && info->send_age_ns != TIME_UNKNOWN &&
		  stuck_look_unaccepted_age(look->options) <= info->send_age_ns);
	if (!is_own && !(info->token && info->mptcp_state == STATE_CLOSE_WAIT &&
			 stuck_look_age(look->options, STATE_CLOSE_WAIT) != TIME_UNKNOWN))
		return;
	grown = grow(look->all, look->count, &look->room, sizeof(*grown));
	if (!grown) {
		look->counts.dropped++;
		return;
	}
	look->all = grown;
	if (is_own)
		convert(info, &look->all[look->count]);
	else
		convert_connection(info, &look->all[look->count]);
	if (conn_filter_judge(&look->options->filter, &look->all[look->count].c, false) !=
	    FILTER_UNWANTED)
		look->count++;
}

/* By connection, what tells of it itself behind its subflows, the first of which comes first. */
static int compare_subflows(const void *a, const void *b)
{
	const struct stuck *x = *(struct stuck *const *)a, *y = *(struct stuck *const *)b;

	if (x->subflow.token != y->subflow.token)
		return x->subflow.token < y->subflow.token ? -1 : 1;
	if (x->is_connection != y->is_connection)
		return x->is_connection ? 1 : -1;
	return y->subflow.number - x->subflow.number;
}

/* A connection is told of once, and not if a subflow of it is stuck in the same state. */
static int unite_subflows(struct stuck_look *look)
{
	size_t count = 0, kept = 0;
	struct stuck **of;

	for (size_t i = 0; i < look->count; i++)
		count += look->all[i].subflow.token != 0;
	if (!count)
		return 0;
	of = malloc(count * sizeof(*of));
	if (!of)
		return -ENOMEM;
	count = 0;
	for (size_t i = 0; i < look->count; i++)
		if (look->all[i].subflow.token)
			of[count++] = &look->all[i];
	qsort(of, count, sizeof(struct stuck *), compare_subflows);
	for (size_t i = 1, first = 0; i < count; i++) {
		if (of[i]->subflow.token != of[first]->subflow.token)
			first = i;
		if (first == i || !of[i]->is_connection)
			continue;
		if (of[i]->age_ns < of[first]->age_ns && of[first]->is_connection)
			of[first]->age_ns = of[i]->age_ns;
		of[i]->is_again = true;
	}
	free(of);
	for (size_t i = 0; i < look->count; i++) {
		if (look->all[i].is_again)
			continue;
		look->all[kept] = look->all[i];
		if (look->all[kept].is_connection)
			look->all[kept].subflow.number = 0;
		kept++;
	}
	look->count = kept;
	return 0;
}

/*
 * Where the socket's own numbers do not tell, a port that somebody listens on belongs to the
 * listener's side of its connections.
 */
static void set_roles(struct stuck_look *look)
{
	if (look->listener_count)
		qsort(look->listeners, look->listener_count, sizeof(*look->listeners),
		      compare_listeners);
	for (size_t i = 0; i < look->count; i++) {
		struct stuck *s = &look->all[i];

		if (s->c.role == CONN_ROLE_UNKNOWN && s->state != STATE_LISTEN &&
		    find_listener(look, &s->c))
			s->c.role = CONN_ROLE_SERVER;
	}
}

/* Those that are asked for, and listeners, who are responsible for what nobody accepts. */
static unsigned int states_of(const struct options *o)
{
	unsigned int states = 1u << STATE_LISTEN;

	if (stuck_look_unaccepted_age(o) != TIME_UNKNOWN)
		states |= 1u << STATE_ESTABLISHED;
	for (unsigned int state = 1; state < STATE_COUNT; state++)
		if (stuck_look_age(o, state) != TIME_UNKNOWN)
			states |= 1u << state;
	return states;
}

static int read_sockets(struct stuck_look *look, const struct stuck_eye *eye, bool is_watch,
			char reason[PLAN_REASON_SIZE])
{
	struct sockets_query query = {
		.netns = &look->options->filter.netns,
		.states = states_of(look->options),
		.search_files = true,
		.is_lasting = true,
		.visit = on_socket,
		.context = look,
	};
	struct sockets_result result;
	int error;

	look->hides_connections = plan_is_memory_hidden();
	look->counts.unreadable_subflows = 0;
	error = sockets_each(eye->sockets, &query, &result);

	/* Whoever is watched has gone with the namespace. */
	if ((error == -ENOENT || error == -ESRCH) && is_watch)
		error = 0;
	if (error) {
		snprintf(reason, PLAN_REASON_SIZE, "%s", sockets_why(error));
		return error;
	}
	look->rung = result.way == SOCKETS_DIAG ? "diag" : hook_kind_name(HOOK_KIND_ITER);
	look->counts.vanished += result.vanished;
	look->counts.unreadable_namespaces = result.unreadable;
	look->counts.crowded_namespaces = result.crowded;
	/* Where namespaces are named, none is looked for. */
	if (!look->options->filter.netns.count)
		look->counts.hidden_processes = result.hidden;
	look->counts.dropped += result.malformed;
	return 0;
}

/* Leaves out those that went on while the others were read. */
static int hear_watcher(struct stuck_look *look, const struct stuck_look_watcher *watcher)
{
	size_t kept = 0;
	int error = watcher->drain ? watcher->drain(watcher->context) : 0;

	for (size_t i = 0; i < look->count; i++)
		if (look->all[i].is_connection || watcher->amend(watcher->context, &look->all[i]))
			look->all[kept++] = look->all[i];
	look->counts.vanished += look->count - kept;
	look->count = kept;
	return error;
}

int stuck_eye_open(struct stuck_eye *eye, const struct options *options, struct broker *broker,
		   char reason[PLAN_REASON_SIZE])
{
	int error;

	*eye = (struct stuck_eye){ .options = options,
				   .may_load = refusal_may_load(),
				   .may_enter = refusal_has_capability(CAP_SYS_ADMIN) };
	error = sockets_open(SOCKETS_AUTO, &eye->sockets, reason);
	if (error)
		return error;
	sockets_use(eye->sockets, broker);
	eye->holders = holders_open(true, broker);
	return eye->holders ? 0 : -ENOMEM;
}

void stuck_eye_close(struct stuck_eye *eye)
{
	sockets_free(eye->sockets);
	holders_close(eye->holders);
}

int stuck_look(const struct stuck_eye *eye, const struct stuck_look_watcher *watcher,
	       struct stuck_look *ret_look, char reason[PLAN_REASON_SIZE])
{
	struct stuck_look look = { .options = eye->options, .eye = eye, .mono_ns = clock_now() };
	int error = read_sockets(&look, eye, watcher, reason);

	if (!error)
		error = unite_subflows(&look);
	if (!error) {
		set_roles(&look);
		error = find_holders(&look, eye);
	}
	if (!error && watcher)
		error = hear_watcher(&look, watcher);
	if (!error)
		error = learn_cgroups(&look);
	if (!error)
		error = stuck_set_services(look.all, look.count);
	if (error) {
		stuck_look_done(&look);
		return error;
	}
	keep_wanted(&look);
	stuck_sort(look.all, look.count);
	for (size_t i = 0; i < look.count; i++)
		look.all[i].c.id = i + 1;
	look.counts.unreadable_processes = look.holders.unreadable;
	look.counts.in_flight = look.holders.in_flight;
	look.counts.dropped += look.holders.dropped;
	*ret_look = look;
	return 0;
}

void stuck_look_complain(const struct stuck_eye *eye, int error, const char *reason)
{
	char text[REASON_SIZE];

	if (error == -ENOMEM)
		COMMAND_COMPLAIN(NO_MEMORY_SOCKETS);
	else if (!eye->may_load)
		COMMAND_COMPLAIN(NO_RIGHT_TO_LOOK);
	else if (error == -EPERM && !eye->may_enter)
		COMMAND_COMPLAIN(NO_RIGHT_TO_ENTER);
	else
		COMMAND_COMPLAIN(SOCKETS_UNREADABLE, .w = reason_fill(text, reason, log_language));
}

void stuck_look_summarize(const struct stuck_look *look, struct summary *summary)
{
	account_add_hook(summary, HOOK_SEED, look->rung);
	account_add_hook(summary, HOOK_HOLDER, look->holders.rung);
	summary->payers[SUMMARY_HOLDERS] = &look->holders.quota.payers;
}

void stuck_look_done(struct stuck_look *look)
{
	holders_done(&look->holders);
	run_lore_done(&look->names);
	free(look->listeners);
	free(look->all);
	memset(look, 0, sizeof(*look));
}
