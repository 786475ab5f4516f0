/* SPDX-License-Identifier: GPL-2.0-only */
/* How full the range of ports is from which connects to each destination take theirs. */
#ifndef USER_AGGREGATE_PORTS_H
#define USER_AGGREGATE_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/ladder_phrase.h"
#include "user/base/buffer.h"
#include "user/event/holder.h"
#include "user/event/socket.h"

#define PORTS_SOCKETS_MAX 4000000 /* that are looked at */
#define PORTS_USERS 3		  /* of a destination, who are named */

/* Of a network namespace: net.ipv4.ip_local_port_range, and what goes with it. */
struct ports_range {
	uint32_t netns;
	uint16_t low, high;
	uint32_t usable; /* those between, without the reserved ones; 0: nothing is known */
	uint8_t reuse;	 /* net.ipv4.tcp_tw_reuse: 1 always, 2 over loopback */
};

struct ports_user {
	uint32_t pid;
	uint32_t count;		    /* of its sockets to that destination */
	char comm[EVENT_COMM_SIZE]; /* untrusted; NUL-terminated if shorter */
};

/* From one address, on one interface, to one address and port: a local port serves once. */
struct ports_destination {
	uint32_t netns;
	struct address laddr, raddr;
	uint16_t rport;
	uint16_t ifname; /* as of a connection */
	uint32_t ifindex;
	struct ports_range range; /* `usable` is 0 where it could not be read */
	uint64_t mono_ns;	  /* when it was looked at, the last of it */
	uint32_t connecting, open, time_wait;
	uint64_t next_free_ns; /* when the first TIME_WAIT sets one free; UINT64_MAX: none does */
	struct ports_user users[PORTS_USERS]; /* who have most of what is open */
	uint32_t users_more;		      /* processes beside these */
};

struct ports;

struct ports *ports_new(void);
void ports_free(struct ports *ports);

/* Any socket, in any order. */
void ports_see(struct ports *ports, const struct socket_info *info);
void ports_set_range(struct ports *ports, const struct ports_range *range);

/*
 * Counts what was seen. A connection counts where its own port is in the range, and nobody listens
 * there. Returns 0, or -ENOMEM.
 */
int ports_count(struct ports *ports);

/* The inodes of all that count, in rising order, for whoever knows who holds them. */
const uint64_t *ports_inodes(const struct ports *ports, size_t *ret_count);
/* Who holds one, and lives as long; after ports_count. */
void ports_held(struct ports *ports, const struct holder *holder);

/* The fullest first; as long as `ports` lives. */
const struct ports_destination *ports_all(struct ports *ports, size_t *ret_count);

uint32_t ports_used(const struct ports_destination *d);
/* 0 to 1 and more; negative: the range is not known. */
double ports_ratio(const struct ports_destination *d);
/* The fullest destination's, for monitoring systems; negative: there is none. */
double ports_worst(struct ports *ports);

/* Sockets and namespaces for which there was no room. */
uint64_t ports_left_out(const struct ports *ports);

/* A range from here on is worth a word. */
#define PORTS_NEARLY 0.8

/* One sentence; nothing where there is plenty of room. */
void ports_say(const struct ports_destination *d, enum ladder_language language,
	       struct buffer *out);

#endif
