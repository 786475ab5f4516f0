/* SPDX-License-Identifier: GPL-2.0-only */
/* A snapshot of the kernel's TCP sockets, namespace by namespace. */
#ifndef USER_SOCKETS_SOCKETS_H
#define USER_SOCKETS_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/event/netns_list.h"
#include "user/event/socket.h"
#include "user/kernel/planner.h"

struct broker;
struct sockets;

/* How to look; both are marked in the result. */
enum sockets_way {
	SOCKETS_AUTO, /* the first that the kernel allows */
	SOCKETS_ITER, /* a BPF iterator */
	SOCKETS_DIAG, /* NETLINK_SOCK_DIAG: tells less, and needs no BPF */
};

struct sockets_query {
	const struct netns_list *netns; /* to look into; NULL or empty: all */
	unsigned int states;		/* bits, 1 << enum tcp_state; 0: all */
	bool only_unaccepted;		/* of those that are ESTABLISHED, with `states` */
	/*
	 * Of timewait sockets alone, no more than their ends, their states and their times; some
	 * perhaps twice. SOCKETS_DIAG tells of all.
	 */
	bool is_poll;
	uint16_t ports[2]; /* with these, either way round; 0: any. SOCKETS_DIAG tells of all */
	bool search_files; /* also namespaces that nothing but an open file holds */
	/* Those of `netns` are the ones that the first such look found under these numbers. */
	bool is_lasting;
	/*
	 * Called, perhaps from another thread, while the caller waits. `bytes`: the record, a
	 * struct event_socket; NULL with SOCKETS_DIAG, and of a poll.
	 */
	void (*visit)(void *context, const struct socket_info *info, const void *bytes);
	/* The same of each namespace that could not be looked into; may be NULL. */
	void (*miss)(void *context, uint32_t netns);
	/* And of each that was, after its sockets; may be NULL. */
	void (*looked)(void *context, uint32_t netns);
	/* Whether a namespace is to be looked into; NULL: all are. */
	bool (*wants)(void *context, uint32_t netns);
	void *context;
	/* Of a live source: what comes meanwhile is handed over by turns with this. */
	bool reads_on;
	/*
	 * Called now and then by the thread that asks, which may not ask for anything else from
	 * there; NULL, or without a broker: not. In between are some hundred sockets, or 2 ms.
	 */
	void (*between)(void *context);
	void *between_context;
};

/* What a snapshot saw, and what it did not. */
struct sockets_result {
	enum sockets_way way;
	uint64_t namespaces;   /* that were looked into */
	uint64_t vanished;     /* namespaces that were gone when their turn came */
	uint64_t unreadable;   /* namespaces that we may not enter, or whose sockets were refused */
	uint64_t hidden;       /* processes that do not show us their namespace */
	uint64_t crowded;      /* of users who have more than there is time for */
	uint64_t sockets;      /* that were told of */
	uint64_t malformed;    /* records that were not understood */
	uint64_t elsewhere_ns; /* of processors that it took another process */
};

/*
 * Gets ready to look, `way` by `way`. Returns 0, or -errno with one sentence in `reason`.
 */
int sockets_open(enum sockets_way way, struct sockets **ret_sockets, char reason[PLAN_REASON_SIZE]);

/*
 * The same by the iterator of an object that is loaded already, and must stay so. NULL when it has
 * none, or there is no memory.
 */
struct sockets *sockets_of(struct tcpspan_bpf *skel);

/* From now on the broker, which must live as long, enters the namespaces. */
void sockets_use(struct sockets *sockets, struct broker *broker);

/*
 * Tells of each socket once. This process stays in its namespace; a namespace that cannot be looked
 * into is counted. Returns 0, or -errno when nothing could be looked at: -ENOENT (no such
 * namespace), -ENOMEM, -EAGAIN (no thread to be had), or why the only one could not be read.
 */
int sockets_each(struct sockets *sockets, const struct sockets_query *query,
		 struct sockets_result *ret_result);

void sockets_free(struct sockets *sockets);

/* Words for an error of these. */
const char *sockets_why(int error);

#endif
