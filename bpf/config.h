/* SPDX-License-Identifier: GPL-2.0-only */
/* Knobs from user space to the kernel, and the counters both worlds share. */
#ifndef BPF_CONFIG_H
#define BPF_CONFIG_H

/*
 * Data only. The knobs are read-only once loaded, so that the verifier removes what is not wanted.
 */
#include <linux/types.h>

#include "bpf/counters.h"

#define CONFIG_CPUS 512	       /* counters; CPUs beyond share one, a power of two */
#define CONFIG_NETNS 64	       /* namespaces in the --netns list */
#define CONFIG_PIDS 64	       /* at most in one --pid list that the kernel judges */
#define CONFIG_CIDRS 16	       /* at most in one --addr list that the kernel judges */
#define CONFIG_CGROUP_DEPTH 16 /* levels of the hierarchy that --cgroup is looked for in */
#define CONFIG_PORT_WORDS 1024 /* a bit for each port, in 64-bit words */
#define CONFIG_COMM_SIZE 16
#define CONFIG_SLOT_BLOCK 64 /* slots that are looked at in one go */
#define CONFIG_RINGS 64	     /* at most; a power of two */

/* The 16 bytes of an address as four words in network order; IPv4 as ::ffff:a.b.c.d. */
struct config_cidr {
	__u32 net[4];
	__u32 mask[4];
};

/* What the kernel may judge. A filter that is off is 0; user space judges all of them again. */
struct config_filter {
	__u64 cgroup; /* id of the cgroup whose subtree is wanted */
	__u32 family; /* AF_INET or AF_INET6, as on the wire */
	__u32 sample; /* keep one connection of this many */
	__u32 netns_count;
	__u32 pid_count;
	__u32 cidr_count;
	__u8 has_comm;
	__u8 has_lport;
	__u8 has_rport;
	__u8 has_interface; /* what is bound to none is not wanted */
	__u8 follows;	    /* of the PIDs, the children as well */
	__u8 is_on;	    /* any of them */
	__u8 has_cookies;   /* one of these namespaces */
	__u8 reserved;
	__u32 netns[CONFIG_NETNS];	  /* inodes */
	__u64 netns_cookie[CONFIG_NETNS]; /* of each; 0: unknown */
	__u32 pids[CONFIG_PIDS];
	__u8 comm[CONFIG_COMM_SIZE];
	struct config_cidr cidrs[CONFIG_CIDRS];
};

/*
 * Kernel functions that show, where they are on the stack, who ends a request or a timewait socket:
 * X(NAME, function). A kernel may lack some.
 */
#define CONFIG_FRAMES(X)                           \
	X(CHECK_REQ, tcp_check_req)                \
	X(HASHDANCE, inet_csk_complete_hashdance)  \
	X(REQ_ERR, tcp_req_err)                    \
	X(V4_ERR, tcp_v4_err)                      \
	X(V6_ERR, tcp_v6_err)                      \
	X(ABORT, tcp_abort)                        \
	X(TW_PROCESS, tcp_timewait_state_process)  \
	X(TW_DESCHEDULE, inet_twsk_deschedule_put) \
	X(TW_PURGE, inet_twsk_purge)               \
	X(V4_RCV, tcp_v4_rcv)                      \
	X(V6_RCV, tcp_v6_rcv)                      \
	X(V4_BIND, __inet_check_established)       \
	X(V6_BIND, __inet6_check_established)      \
	X(CONNECT, __inet_hash_connect)

enum config_frame {
#define X(NAME, function) CONFIG_FRAME_##NAME,
	CONFIG_FRAMES(X)
#undef X
		CONFIG_FRAME_COUNT
};

/* Kernel types that programs say an address is of: X(NAME, type). */
#define CONFIG_TYPES(X)                  \
	X(SOCK, sock)                    \
	X(TCP_SOCK, tcp_sock)            \
	X(REQUEST, request_sock)         \
	X(TCP_REQUEST, tcp_request_sock) \
	X(TIMEWAIT, inet_timewait_sock)  \
	X(FILE, file)                    \
	X(SOCKET, socket)

enum config_type {
#define X(NAME, type) CONFIG_TYPE_##NAME,
	CONFIG_TYPES(X)
#undef X
		CONFIG_TYPE_COUNT
};

/*
 * The call that does so: no number of any helper. User space puts the kernel's function there;
 * where it has none, the verifier removes what leads to the call.
 */
#define CONFIG_CAST_CALL 0x0ca57ca5

/* Where a function is; a size of 0: the kernel does not say. */
struct config_range {
	__u64 address;
	__u64 size;
};

/* What CLOSE records are to tell beside what all need. */
enum config_facts {
	CONFIG_FACTS_NONE,
	CONFIG_FACTS_SEGMENTS, /* how many went each way */
	CONFIG_FACTS_ALL,      /* what the socket has counted, and its congestion control */
};

/* How the programs are to behave, and what they must know of each other. */
struct config_knobs {
	struct config_range frames[CONFIG_FRAME_COUNT];
	/* The kernel's numbers of these types; 0: no program may say what an address is of. */
	__u32 types[CONFIG_TYPE_COUNT];
	__u32 rings; /* there are several: see bpf/tracer.bpf.h; 0: there is one */
	/* Addresses of kernel functions, from /proc/kallsyms; 0: not wanted by their timers. */
	__u64 tw_timer_handler;
	__u64 reqsk_timer_handler;
	__u64 tick_ns;	/* length of the kernel's tick, in which it counts some of its times */
	__u32 timewait; /* a hook leaves word of timewait sockets: CLOSE records are to name them */
	__u32 segments; /* what a timewait socket has looked at is freed without its name */
	__u32 cgroup;	/* records about an owner are to name the socket's cgroup */
	__u32 facts;	/* enum config_facts */
	__u32 sequences;     /* records are to be followed by sequence numbers */
	__u32 wake_mask;     /* records of a CPU between two wake-ups: a power of two, less 1 */
	__u32 listeners;     /* not every accept is seen: tell who listens */
	__u32 memory_hidden; /* no program may read memory by its address */
	__u32 resets;	     /* a hook leaves word of the resets that answer a request's segment */
	__u32 stacks;	     /* tell which code connects and accepts */
	__u32 slot_bits;     /* what sockets do is collected in 2^so many slots; 0: it is not */
	__u32 slot_shift;    /* 32 less these */
	__u32 middles;	     /* 1: they are, and no filter is on; 0 */
	__u32 firsts;	     /* there, a connection's first sequence numbers are wanted */
	__u32 budget;	     /* while tracing runs, user space says how many are followed */
	/* Records of a CPU between two looks at the ring, as wake_mask and within it. */
	__u32 look_mask;
	__u32 chosen_room; /* sockets that live, of those that chance has been asked about */
	__u32 chosen_seed;
};

#define CONFIG_LEFT_BITS 10 /* how many sockets that were closed are remembered, by addresses */

/* A socket whose connect came to nothing, and what chance has said of it. */
struct config_failed {
	__u64 sock;
	__u64 is_left_out;
};

/* Loss-free truth about the records, one for each CPU, in cache lines of its own. */
struct config_counters {
#define X(name, loss) __u64 name;
	EVENT_COUNTERS(X, EVENT_COUNTER_SKIP, EVENT_COUNTER_SKIP)
#undef X
	__u64 told_sock;   /* not a count: what the state family has told of last ... */
	__u64 told_states; /* ... and its transition: from, and to above it */
	__u64 slot_sock;   /* the socket whose slot is looked for */
	__u64 acting_sock; /* which began to connect last */
	__u64 born_sock;   /* the child born last, until its request is found ... */
	__u64 born_ns;	   /* ... and when */
	__u64 stack_pid;   /* whose stack was told of last */
} __attribute__((aligned(64)));

/* Words that both sides write while tracing runs. */
struct config_shared {
	__u32 wake;	/* user space sleeps until the next record: wake it, and clear this */
	__u32 lossy;	/* a record was lost: the end of every socket is worth a record now */
	__u32 snapshot; /* states whose sockets a snapshot is to tell of, as bits; 0: all */
	__u32 snapshot_unaccepted; /* and of ESTABLISHED, only those that nobody has accepted */
	__u32 one_of;	       /* of so many connections that begin one is followed; 0: all are */
	__u32 passes;	       /* some that are alive may be none of those that are followed */
	__u32 crowded;	       /* a ring may be: whoever has more of it than his share is refused */
	__u32 snapshot_ports;  /* and only sockets with these two, either way round; 0: any */
	__u32 snapshot_polled; /* of timewait sockets, and no others, a struct event_polled */
	__u32 reserved[7];
};

/* Of each ring, what the CPUs that write into it know of it. */
struct config_ring {
	__u64 counted_from; /* the place in it from which on shares are counted */
	__u32 crowded;	    /* it fills */
	__u32 reserved[13];
};

_Static_assert(sizeof(struct config_counters) % 64 == 0, "whole cache lines");
_Static_assert(sizeof(struct config_shared) == 64, "one cache line");
_Static_assert(sizeof(struct config_ring) == 64, "one cache line");

#endif
