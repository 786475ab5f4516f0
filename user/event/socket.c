// SPDX-License-Identifier: GPL-2.0-only
/* A socket as a snapshot found it, checked and brought into one shape. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "user/base/atom.h"
#include "user/event/socket.h"

/* Unknown, or no more than 292 years, so that differences have a sign. */
static bool is_time(uint64_t ns)
{
	return ns == EVENT_TIME_UNKNOWN || ns <= INT64_MAX;
}

/* Which states an object can be in. */
static bool is_state_of(uint8_t object, unsigned int state)
{
	switch (object) {
	case EVENT_SOCKET_FULL:
		return state_is_valid(state) && state != STATE_TIME_WAIT && state != STATE_CLOSED;
	case EVENT_SOCKET_REQUEST:
		return state == STATE_SYN_RECV;
	case EVENT_SOCKET_TIMEWAIT:
		return state == STATE_TIME_WAIT || state == STATE_FIN_WAIT2;
	default:
		return false;
	}
}

static bool is_sound(const struct event_socket *s)
{
	unsigned int state = EVENT_FROM(s->head.states);

	return s->head.kind == EVENT_SOCKET && s->head.sock && s->head.mono_ns <= INT64_MAX &&
	       state == EVENT_TO(s->head.states) && is_state_of(s->object, state) &&
	       (!s->mptcp_state || state_is_valid(s->mptcp_state)) &&
	       s->timer <= EVENT_TIMER_PROBE && is_time(s->since_ns) && is_time(s->ack_age_ns) &&
	       is_time(s->receive_age_ns) && is_time(s->send_age_ns) && is_time(s->timer_ns) &&
	       !(s->head.flags & EVENT_FLAG_ENDPOINTS) == (state == STATE_LISTEN);
}

static struct address address_of(bool is_ipv6, const uint8_t *bytes)
{
	struct address a;

	if (!is_ipv6)
		return address_from_ipv4(bytes);
	memcpy(a.byte, bytes, ADDRESS_SIZE);
	return a;
}

/* A stamp may be ahead of the look by the tick that it was rounded to. */
static uint64_t since_of(uint64_t since_ns, uint64_t look_ns)
{
	return since_ns == EVENT_TIME_UNKNOWN || since_ns < look_ns ? since_ns : look_ns;
}

int socket_decode(const void *bytes, size_t size, struct socket_info *info)
{
	struct event_socket s;
	bool is_ipv6;

	if (size != sizeof(s))
		return -EMSGSIZE;
	memcpy(&s, bytes, sizeof(s));
	if (!is_sound(&s))
		return -EBADMSG;
	is_ipv6 = s.head.flags & EVENT_FLAG_IPV6;
	*info = (struct socket_info){
		.mono_ns = s.head.mono_ns,
		.sock = s.head.sock,
		.netns = s.head.netns,
		.state = (enum tcp_state)EVENT_FROM(s.head.states),
		.object = (enum event_socket_object)s.object,
		.timer = (enum event_socket_timer)s.timer,
		.flags = s.head.flags,
		.marks = s.marks,
		.lport = s.lport,
		.rport = s.rport,
		.laddr = address_of(is_ipv6, s.laddr),
		.raddr = address_of(is_ipv6, s.raddr),
		.cgroup = s.cgroup,
		.inode = s.inode,
		.uid = s.uid,
		.since_ns = since_of(s.since_ns, s.head.mono_ns),
		.ack_age_ns = s.ack_age_ns,
		.receive_age_ns = s.receive_age_ns,
		.send_age_ns = s.send_age_ns,
		.timer_ns = s.timer_ns,
		.rx_queue = s.rx_queue,
		.tx_queue = s.tx_queue,
		.in_flight = s.in_flight,
		.retransmits = s.retransmits,
		.snd_una = s.snd_una,
		.snd_nxt = s.snd_nxt,
		.rcv_nxt = s.rcv_nxt,
		.snd_wnd = s.snd_wnd,
		.srtt_us = s.srtt_us,
		.bytes_sent = s.bytes_sent,
		.bytes_acked = s.bytes_acked,
		.bytes_received = s.bytes_received,
		.error = s.error,
		.attempts = s.attempts,
		.probes = s.probes,
		.backoff = s.backoff,
		.shutdown = s.shutdown,
		.rto_us = s.rto_us,
		.token = s.token,
		.mptcp_state = (enum tcp_state)s.mptcp_state,
		.subflow_marks = s.subflow_marks,
		.role = s.role,
		.owner_pid = s.owner_pid,
		.ifindex = s.ifindex,
	};
	if (s.ifindex)
		info->ifname = atom_of((const char *)s.ifname, sizeof(s.ifname),
				       &(struct share){ 0, s.head.netns });
	memcpy(info->owner_comm, s.owner_comm,
	       strnlen((const char *)s.owner_comm, sizeof(s.owner_comm)));
	return 0;
}

int socket_decode_polled(const void *bytes, size_t size, struct socket_info *info)
{
	struct event_polled s;

	if (size != sizeof(s))
		return -EMSGSIZE;
	memcpy(&s, bytes, sizeof(s));
	if (s.mono_ns > INT64_MAX || !is_time(s.since_ns) || !is_time(s.timer_ns) ||
	    !is_state_of(EVENT_SOCKET_TIMEWAIT, s.state))
		return -EBADMSG;
	info->mono_ns = s.mono_ns;
	info->state = (enum tcp_state)s.state;
	info->object = EVENT_SOCKET_TIMEWAIT;
	info->timer = s.timer_ns == EVENT_TIME_UNKNOWN ? EVENT_TIMER_NONE : EVENT_TIMER_TIMEWAIT;
	info->flags = EVENT_FLAG_ENDPOINTS | (s.is_ipv6 ? EVENT_FLAG_IPV6 : 0);
	info->lport = s.lport;
	info->rport = s.rport;
	info->ifindex = s.ifindex;
	info->laddr = address_of(s.is_ipv6, s.laddr);
	info->raddr = address_of(s.is_ipv6, s.raddr);
	info->since_ns = since_of(s.since_ns, s.mono_ns);
	info->timer_ns = s.timer_ns;
	return 0;
}

bool socket_is_state_known(const struct socket_info *info)
{
	return info->object != EVENT_SOCKET_TIMEWAIT || info->state != STATE_TIME_WAIT ||
	       info->timer != EVENT_TIMER_NONE;
}

bool socket_is_record(const void *bytes, size_t size)
{
	return size > offsetof(struct event_head, kind) &&
	       ((const uint8_t *)bytes)[offsetof(struct event_head, kind)] == EVENT_SOCKET;
}
