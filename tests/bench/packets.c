// SPDX-License-Identifier: GPL-2.0-only
/* Writes a capture of made-up connections to standard output: as many bytes as are asked for. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LANES 1000 /* connections that live side by side */
#define PAYLOAD_MOST 65000
#define HEADERS (14 + 20 + 20) /* Ethernet, IPv4, TCP */
#define PCAP_HEAD 16
#define STEP_NS 100000 /* between two packets */
#define START_S UINT64_C(1700000000)
#define AGAIN 199 /* one segment of so many with data comes again */

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* The life of one: a handshake, so many segments with data and their ACKs, and an end. */
struct lane {
	uint32_t number; /* of the connection: its address and port */
	uint32_t step, sent;
};

struct settings {
	uint64_t bytes;
	uint32_t payload, rounds;
};

struct writer {
	uint64_t written, now_ns;
	uint32_t payload;
	uint16_t id;
	uint8_t packet[PCAP_HEAD + HEADERS + PAYLOAD_MOST];
};

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, (uint16_t)(value >> 16));
	put16(at + 2, (uint16_t)value);
}

static void write_all(struct writer *w, const void *bytes, size_t size)
{
	if (fwrite(bytes, 1, size, stdout) != size)
		exit(1);
	w->written += size;
}

static void write_head(struct writer *w)
{
	const uint32_t head[6] = { 0xa1b23c4d, 4 << 16 | 2, 0, 0, 262144, 1 };

	write_all(w, head, sizeof(head));
}

/* One segment; its bytes but for the headers are whatever they are. */
static void segment(struct writer *w, uint32_t number, int is_client, uint8_t flags, uint32_t seq,
		    uint32_t ack, uint32_t payload)
{
	uint8_t *ip = w->packet + PCAP_HEAD + 14, *tcp = ip + 20;
	uint8_t *ends[2] = { ip + 12, ip + 16 };
	uint32_t size = HEADERS + payload;
	const uint32_t head[4] = { (uint32_t)(START_S + w->now_ns / 1000000000),
				   (uint32_t)(w->now_ns % 1000000000), size, size };

	memcpy(w->packet, head, sizeof(head));
	put16(ip - 2, 0x0800);
	ip[0] = 0x45;
	put16(ip + 2, (uint16_t)(size - 14));
	put16(ip + 4, ++w->id);
	ip[8] = is_client ? 64 : 57;
	ip[9] = 6;
	put32(ends[!is_client], 0x0a000000 + number / 50000);
	put32(ends[is_client], 0xc0000202);
	put16(tcp + (is_client ? 0 : 2), (uint16_t)(10000 + number % 50000));
	put16(tcp + (is_client ? 2 : 0), 443);
	put32(tcp + 4, seq);
	put32(tcp + 8, flags & ACK ? ack : 0);
	tcp[12] = 5 << 4;
	tcp[13] = flags;
	put16(tcp + 14, 1000);
	put16(tcp + 16, w->id);
	w->now_ns += STEP_NS;
	write_all(w, w->packet, PCAP_HEAD + size);
}

/* The next segment of a lane; returns whether its connection is over. */
static int go_on(struct writer *w, struct lane *lane, uint32_t rounds)
{
	uint32_t n = lane->number, c = n * 7919, s = n * 104729, step = lane->step++;

	if (step == 0)
		segment(w, n, 1, SYN, c, 0, 0);
	else if (step == 1)
		segment(w, n, 0, SYN | ACK, s, c + 1, 0);
	else if (step == 2)
		segment(w, n, 1, ACK, c + 1, s + 1, 0);
	else if (step < 3 + 2 * rounds && step % 2) {
		segment(w, n, 0, ACK, s + 1 + lane->sent, c + 1, w->payload);
		if (w->id % AGAIN == 0)
			segment(w, n, 0, ACK, s + 1 + lane->sent, c + 1, w->payload);
		lane->sent += w->payload;
	} else if (step < 3 + 2 * rounds)
		segment(w, n, 1, ACK, c + 1, s + 1 + lane->sent, 0);
	else if (step == 3 + 2 * rounds && n % 10 == 9) {
		segment(w, n, 0, RST | ACK, s + 1 + lane->sent, c + 1, 0);
		return 1;
	} else if (step == 3 + 2 * rounds)
		segment(w, n, 0, FIN | ACK, s + 1 + lane->sent, c + 1, 0);
	else if (step == 4 + 2 * rounds)
		segment(w, n, 1, FIN | ACK, c + 1, s + 2 + lane->sent, 0);
	else {
		segment(w, n, 0, ACK, s + 2 + lane->sent, c + 2, 0);
		return 1;
	}
	return 0;
}

static void play(struct writer *w, const struct settings *settings)
{
	static struct lane lanes[LANES];
	uint64_t dice = 88172645463325252;
	uint32_t made = 0;

	for (; made < LANES; made++)
		lanes[made].number = made;
	while (w->written < settings->bytes) {
		struct lane *lane;

		dice ^= dice << 13;
		dice ^= dice >> 7;
		dice ^= dice << 17;
		lane = &lanes[dice % LANES];
		if (go_on(w, lane, settings->rounds))
			*lane = (struct lane){ .number = made++ };
	}
}

int main(int argc, char **argv)
{
	static struct writer writer;
	struct settings settings;

	if (argc != 4) {
		fprintf(stderr, "usage: packets BYTES PAYLOAD ROUNDS\n");
		return 2;
	}
	settings.bytes = strtoull(argv[1], NULL, 10);
	settings.payload = (uint32_t)strtoul(argv[2], NULL, 10);
	settings.rounds = (uint32_t)strtoul(argv[3], NULL, 10);
	if (settings.payload > PAYLOAD_MOST || !settings.rounds)
		return 2;
	writer.payload = settings.payload;
	memset(writer.packet, 'x', sizeof(writer.packet));
	memset(writer.packet + PCAP_HEAD, 0, HEADERS);
	write_head(&writer);
	play(&writer, &settings);
	return fflush(stdout) ? 1 : 0;
}
