// SPDX-License-Identifier: GPL-2.0-only
/* Asks the kernel for its TCP sockets by netlink, where BPF iterators are refused. */
#include "user/sockets/diag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/units.h"

#define READ_BYTES 65536
#define TIMEWAIT_NS (60 * NS_PER_S) /* TCP_TIMEWAIT_LEN of include/net/tcp.h */
#define NEW_SYN_RECV 12

struct dump {
	uint32_t netns;
	void (*visit)(void *context, const struct socket_info *info);
	void *context;
	int64_t malformed;
};

static struct address address_of(const struct inet_diag_msg *row, const __be32 *words)
{
	struct address a;

	if (row->idiag_family == AF_INET)
		return address_from_ipv4((const uint8_t *)words);
	memcpy(a.byte, words, ADDRESS_SIZE);
	return a;
}

/*
 * The kernel's count of ticks, of 32 bits, in milliseconds: what it gives as the age of a stamp
 * that was never set. The count begins five minutes before it wraps.
 */
static uint32_t unset_age_ms(uint64_t uptime_ns)
{
	struct timespec tick = { .tv_nsec = 4 * NS_PER_MS };
	uint64_t ticks;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	ticks = (uint32_t)(uptime_ns / tick.tv_nsec - 300 * NS_PER_S / tick.tv_nsec);
	return ticks * tick.tv_nsec / NS_PER_MS;
}

static uint64_t age_of(uint32_t ms, uint64_t uptime_ns)
{
	int32_t apart = (int32_t)(ms - unset_age_ms(uptime_ns));

	if (apart > -1000 && apart < 1000)
		return EVENT_TIME_UNKNOWN;
	return ms * NS_PER_MS;
}

static void set_tcp_info(struct socket_info *s, const void *bytes, size_t size)
{
	struct tcp_info info;

	memset(&info, 0, sizeof(info));
	memcpy(&info, bytes, size < sizeof(info) ? size : sizeof(info));
	s->marks |= EVENT_SOCKET_COUNTED;
	if (s->state == STATE_LISTEN)
		return;
	s->ack_age_ns = age_of(info.tcpi_last_ack_recv, s->mono_ns);
	s->receive_age_ns = age_of(info.tcpi_last_data_recv, s->mono_ns);
	s->send_age_ns = age_of(info.tcpi_last_data_sent, s->mono_ns);
	s->in_flight = info.tcpi_unacked;
	s->retransmits = info.tcpi_total_retrans;
	s->srtt_us = info.tcpi_rtt;
	s->attempts = info.tcpi_retransmits;
	s->probes = info.tcpi_probes;
	s->backoff = info.tcpi_backoff;
	s->rto_us = info.tcpi_rto;
	s->bytes_sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
	s->bytes_acked = info.tcpi_bytes_acked;
	s->bytes_received = info.tcpi_bytes_received;
	s->snd_wnd = info.tcpi_snd_wnd;
}

/* Older kernels tell less of it. */
static void set_memory(struct socket_info *s, const uint8_t *bytes, size_t size)
{
	const size_t at = SK_MEMINFO_DROPS * sizeof(uint32_t);

	if (s->state != STATE_LISTEN || size < at + sizeof(s->retransmits))
		return;
	memcpy(&s->retransmits, bytes + at, sizeof(s->retransmits));
	s->marks |= EVENT_SOCKET_DROPS;
}

static void set_attributes(struct socket_info *s, const struct nlmsghdr *message)
{
	const struct inet_diag_msg *row = NLMSG_DATA(message);
	const struct rtattr *attribute = (const struct rtattr *)(row + 1);
	int left = message->nlmsg_len - NLMSG_LENGTH(sizeof(*row));

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		const uint8_t *bytes = RTA_DATA(attribute);
		size_t size = RTA_PAYLOAD(attribute);

		switch (attribute->rta_type) {
		case INET_DIAG_INFO:
			set_tcp_info(s, bytes, size);
			break;
		case INET_DIAG_SKMEMINFO:
			set_memory(s, bytes, size);
			break;
		case INET_DIAG_CGROUP_ID:
			if (size >= sizeof(s->cgroup))
				memcpy(&s->cgroup, bytes, sizeof(s->cgroup));
			break;
		case INET_DIAG_SHUTDOWN:
			if (size)
				s->shutdown = bytes[0];
			break;
		}
	}
}

static enum event_socket_object object_of(const struct inet_diag_msg *row)
{
	if (row->idiag_timer == EVENT_TIMER_TIMEWAIT)
		return EVENT_SOCKET_TIMEWAIT;
	/* A server's child has a file, or is ESTABLISHED, soon after it exists. */
	return row->idiag_state == STATE_SYN_RECV && !row->idiag_inode ? EVENT_SOCKET_REQUEST :
									 EVENT_SOCKET_FULL;
}

/* The peer's FIN has a number like a byte, and is not one. */
static void leave_fin_out(struct socket_info *s)
{
	if (s->state != STATE_CLOSE_WAIT && s->state != STATE_LAST_ACK && s->state != STATE_CLOSING)
		return;
	s->flags |= EVENT_FLAG_FIN_RECEIVED;
	if (s->rx_queue)
		s->marks |= EVENT_SOCKET_FIN_UNREAD;
	s->rx_queue -= s->rx_queue > 0;
	s->bytes_received -= s->bytes_received > 0;
}

/* Without a file it is no process's any more, or not yet. */
static void set_marks(struct socket_info *s)
{
	if (s->object == EVENT_SOCKET_REQUEST || s->inode || s->state == STATE_LISTEN)
		return;
	if (s->state == STATE_ESTABLISHED || s->state == STATE_CLOSE_WAIT ||
	    s->state == STATE_SYN_RECV)
		s->marks |= EVENT_SOCKET_UNACCEPTED;
	else
		s->marks |= EVENT_SOCKET_ORPHAN;
}

/* A timewait socket's row says what is left of its time. */
static void set_since(struct socket_info *s)
{
	if (s->object != EVENT_SOCKET_TIMEWAIT || s->state != STATE_TIME_WAIT ||
	    s->timer_ns > TIMEWAIT_NS)
		return;
	s->since_ns = s->mono_ns - (TIMEWAIT_NS - s->timer_ns);
}

static bool set_row(struct socket_info *s, const struct nlmsghdr *message, uint32_t netns)
{
	const struct inet_diag_msg *row = NLMSG_DATA(message);

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*row)) ||
	    (row->idiag_family != AF_INET && row->idiag_family != AF_INET6) ||
	    !(state_is_valid(row->idiag_state) || row->idiag_state == NEW_SYN_RECV) ||
	    row->idiag_timer > EVENT_TIMER_PROBE)
		return false;
	*s = (struct socket_info){
		.mono_ns = clock_now(),
		.netns = netns,
		.state = row->idiag_state == NEW_SYN_RECV ? STATE_SYN_RECV :
							    (enum tcp_state)row->idiag_state,
		.object = object_of(row),
		.timer = (enum event_socket_timer)row->idiag_timer,
		.lport = ntohs(row->id.idiag_sport),
		.rport = ntohs(row->id.idiag_dport),
		.laddr = address_of(row, row->id.idiag_src),
		.raddr = address_of(row, row->id.idiag_dst),
		.inode = row->idiag_inode,
		.uid = row->idiag_uid,
		.ifindex = row->id.idiag_if,
		.since_ns = EVENT_TIME_UNKNOWN,
		.ack_age_ns = EVENT_TIME_UNKNOWN,
		.receive_age_ns = EVENT_TIME_UNKNOWN,
		.send_age_ns = EVENT_TIME_UNKNOWN,
		.timer_ns = row->idiag_timer ? row->idiag_expires * NS_PER_MS : EVENT_TIME_UNKNOWN,
		.rx_queue = row->idiag_rqueue,
		.tx_queue = row->idiag_wqueue,
	};
	if (s->state != STATE_LISTEN)
		s->flags |= EVENT_FLAG_ENDPOINTS;
	if (!address_is_ipv4(&s->raddr))
		s->flags |= EVENT_FLAG_IPV6;
	if (s->object == EVENT_SOCKET_REQUEST)
		s->attempts = row->idiag_retrans;
	set_marks(s);
	set_attributes(s, message);
	leave_fin_out(s);
	set_since(s);
	return s->state != STATE_CLOSED;
}

/* Returns 1: there is more; 0: that was the last; or -errno. */
static int take_messages(struct dump *dump, const uint8_t *bytes, size_t size)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)bytes;

	for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size)) {
		struct socket_info info;

		if (message->nlmsg_type == NLMSG_DONE)
			return 0;
		if (message->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *error = NLMSG_DATA(message);

			return message->nlmsg_len < NLMSG_LENGTH(sizeof(*error)) ? -EBADMSG :
										   error->error;
		}
		if (set_row(&info, message, dump->netns))
			dump->visit(dump->context, &info);
		else
			dump->malformed++;
	}
	return 1;
}

static int receive(struct dump *dump, int fd)
{
	/* Aligned for the messages in it. */
	static _Thread_local union {
		struct nlmsghdr message;
		uint8_t bytes[READ_BYTES];
	} buffer;
	int more = 1;

	while (more > 0) {
		ssize_t size = recv(fd, buffer.bytes, sizeof(buffer.bytes), MSG_TRUNC);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return -errno;
		if ((size_t)size > sizeof(buffer.bytes))
			return -EMSGSIZE;
		more = take_messages(dump, buffer.bytes, size);
	}
	return more;
}

/* The state that the kernel has for requests alone counts as SYN_RECV when asked for. */
static int dump_family(struct dump *dump, int fd, uint8_t family, unsigned int states)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 request;
	} message = {
		.head = { .nlmsg_len = sizeof(message),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.request = { .sdiag_family = family,
			     .sdiag_protocol = IPPROTO_TCP,
			     .idiag_ext = 1 << (INET_DIAG_INFO - 1) |
					  1 << (INET_DIAG_SHUTDOWN - 1) |
					  1 << (INET_DIAG_SKMEMINFO - 1),
			     .idiag_states = states ? states : UINT32_MAX },
	};

	/* Who has given up his rights has kept this call, and no other that sends. */
	if (write(fd, &message, sizeof(message)) < 0)
		return -errno;
	return receive(dump, fd);
}

int64_t diag_each(int fd, uint32_t netns, unsigned int states,
		  void (*visit)(void *context, const struct socket_info *info), void *context)
{
	struct dump dump = { .netns = netns, .visit = visit, .context = context };
	int error = dump_family(&dump, fd, AF_INET, states);

	if (!error)
		error = dump_family(&dump, fd, AF_INET6, states);
	return error ? error : dump.malformed;
}
