/* SPDX-License-Identifier: GPL-2.0-only */
/* A wire between two network namespaces, which is told what to lose, to hold and to let go. */
#ifndef USER_DEMO_WIRE_H
#define USER_DEMO_WIRE_H

#include <stdbool.h>
#include <stdint.h>

enum wire_end { WIRE_A, WIRE_B, WIRE_ENDS };

/* Of a TCP header, as bits of its byte. */
enum wire_flag { WIRE_FIN = 1 << 0, WIRE_SYN = 1 << 1, WIRE_RST = 1 << 2, WIRE_ACK = 1 << 4 };

/* Those that tell what a segment is for. */
#define WIRE_KIND (WIRE_FIN | WIRE_SYN | WIRE_RST | WIRE_ACK)

struct wire;

/*
 * `tuns` are descriptors of TUN devices without packet information, one for each end; they stay the
 * caller's. Each segment takes `delay_ms`, and keeps its place behind those of the same end. Starts
 * a thread. Returns 0, or -errno.
 */
int wire_new(const int tuns[WIRE_ENDS], unsigned int delay_ms, struct wire **ret_wire);

/* The next `count` segments of `from` with exactly these flags of WIRE_KIND are lost. */
void wire_lose(struct wire *wire, enum wire_end from, uint8_t flags, unsigned int count);

/* From now on what `from` sends is held; wire_let_go lets the first `count` of it pass. */
void wire_hold(struct wire *wire, enum wire_end from);
void wire_let_go(struct wire *wire, enum wire_end from, unsigned int count);

/* What is held longest will pass last, as where a network has changed the order. */
void wire_turn(struct wire *wire, enum wire_end from);

/* Lets all pass again. */
void wire_hold_no_more(struct wire *wire, enum wire_end from);

/* Waits until `count` segments of `from` are held. Returns 0, or -ETIMEDOUT after a few seconds. */
int wire_wait_held(struct wire *wire, enum wire_end from, unsigned int count);

/*
 * Waits until `from` has sent `count` segments with these flags since the wire is there, lost ones
 * included, and they have arrived. Returns 0, or -ETIMEDOUT after a few seconds.
 */
int wire_wait_sent(struct wire *wire, enum wire_end from, uint8_t flags, unsigned int count);

#endif
