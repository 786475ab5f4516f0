/* SPDX-License-Identifier: GPL-2.0-only */
/* A socket as a snapshot found it, checked and brought into one shape. */
#ifndef USER_EVENT_SOCKET_H
#define USER_EVENT_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "user/base/address.h"
#include "user/event/state.h"

/*
 * Ages that the kernel keeps in ticks (of 1 to 10 ms) are right to one tick, on either side, and
 * to one more where the tick itself is late.
 */
#define SOCKET_TICK_NS UINT64_C(20000000)

/* Of such an age, what it is at least; EVENT_TIME_UNKNOWN stays. */
static inline uint64_t socket_age_at_least(uint64_t ns)
{
	if (ns == EVENT_TIME_UNKNOWN)
		return ns;
	return ns > SOCKET_TICK_NS ? ns - SOCKET_TICK_NS : 0;
}

/* And at most. */
static inline uint64_t socket_age_at_most(uint64_t ns)
{
	return ns > EVENT_TIME_UNKNOWN - SOCKET_TICK_NS ? EVENT_TIME_UNKNOWN : ns + SOCKET_TICK_NS;
}

/*
 * Times and ages are nanoseconds of CLOCK_MONOTONIC; EVENT_TIME_UNKNOWN is unknown. See struct
 * event_socket for the rest.
 */
struct socket_info {
	uint64_t mono_ns; /* when it was looked at */
	uint64_t sock;	  /* identity of the kernel's object while it lives; 0: not known */
	uint32_t netns;
	enum tcp_state state;
	enum event_socket_object object;
	enum event_socket_timer timer;
	uint16_t flags; /* enum event_flag; ENDPOINTS: it has a remote endpoint */
	uint8_t marks;	/* enum event_socket_mark */
	uint16_t lport, rport;
	struct address laddr, raddr;

	uint64_t cgroup; /* 0: unknown */
	uint64_t inode;	 /* 0: no file */
	uint32_t uid;

	uint64_t since_ns; /* since when it is in its state; of SYN_SENT, TIME_WAIT and requests */
	uint64_t ack_age_ns, receive_age_ns, send_age_ns;
	uint64_t timer_ns;

	uint32_t rx_queue, tx_queue; /* bytes; a listener's: connections to accept, and its limit */
	uint32_t in_flight;	     /* segments; a listener's: half-open requests */
	uint32_t retransmits; /* in the whole life; a listener's: drops, if EVENT_SOCKET_DROPS */
	uint32_t snd_una, snd_nxt, rcv_nxt, snd_wnd;
	uint32_t srtt_us;
	uint64_t bytes_sent, bytes_acked, bytes_received;
	uint16_t error;
	uint8_t attempts, probes, backoff, shutdown;
	uint32_t rto_us; /* 0: unknown */

	uint32_t token;		    /* of a subflow's MPTCP connection; 0: unknown */
	enum tcp_state mptcp_state; /* of that; 0: unknown */
	uint8_t subflow_marks;	    /* enum event_subflow_mark */
	uint8_t role;		    /* enum conn_role, where somebody has seen it; 0: unknown */

	uint32_t ifindex; /* of the interface that it is bound to; 0: none, or unknown */
	uint16_t ifname;  /* its name, an atom */

	uint32_t owner_pid; /* who holds it, and the process's name; 0: unknown */
	char owner_comm[EVENT_COMM_SIZE + 1];
};

/*
 * Checks `size` bytes at `bytes`, which need no alignment, and writes them to `info` in one shape.
 * Returns 0, -EMSGSIZE (another size), -EBADMSG (it is of another kind, or a state, object, timer
 * or time does not exist). `info` is untouched on failure.
 */
int socket_decode(const void *bytes, size_t size, struct socket_info *info);

/*
 * The same of a struct event_polled. What that does not tell, the namespace among it, `info` has
 * already, and keeps: of very many, little is to be written.
 */
int socket_decode_polled(const void *bytes, size_t size, struct socket_info *info);

/*
 * Whether the state is known. Each timewait socket has its timer: one without was seen to be there,
 * and no more of it could be read.
 */
bool socket_is_state_known(const struct socket_info *info);

/* Whether these are of such a record, sound or not. */
bool socket_is_record(const void *bytes, size_t size);

#endif
