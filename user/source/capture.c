// SPDX-License-Identifier: GPL-2.0-only
/* A packet capture, read as a recording is: in blocks of records. */
#include "user/source/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/event.h"
#include "user/base/units.h"
#include "user/source/blocks.h"
#include "user/source/packet.h"
#include "user/source/packets.h"
#include "user/source/unpack.h"

#define BLOCK_BYTES (64u << 10) /* a block is handed on when it has so many */
#define BLOCK_PACKETS 16384	/* or when so many packets were read */
#define MAGIC_PCAP 0xa1b2c3d4
#define MAGIC_PCAP_NS 0xa1b23c4d
#define MAGIC_PCAP_MODIFIED 0xa1b2cd34
#define MAGIC_PCAPNG 0x0a0d0d0a /* the same from both ends */

struct capture {
	struct capture_settings settings;
	struct unpack *unpack;
	struct packets *packets;
	struct segments *segments;
	struct packet_fragments fragments;
	/* The first packet that has a time, which is the capture's start. */
	struct packet first;
	struct blocks_packet first_about;
	bool has_first, is_over, is_end_told, is_interrupted;
	int link; /* of a file without interfaces */
	int read_error;
	uint64_t now_ns;
	uint64_t position;

	struct recording_about about;
	struct recording_counters counters;
	struct captured counts;
	uint64_t kinds[PACKET_KIND_COUNT];
	struct blocks blocks;
	struct reader_fault fault;
	bool has_fault;
	char what[PACKETS_FAULT_SIZE];
	char buffer[BLOCKS_AHEAD]; /* of the file, as libpcap has it */

	/* Records of the block that is being made. */
	uint8_t *raw;
	size_t size, room;
	uint32_t record_count;
	bool has_no_room;
};

bool capture_is(const uint8_t *bytes, size_t size)
{
	static const uint32_t magics[] = { MAGIC_PCAP, MAGIC_PCAP_NS, MAGIC_PCAP_MODIFIED,
					   MAGIC_PCAPNG };
	uint32_t magic;

	if (size < sizeof(magic))
		return false;
	if (unpack_is_packed(bytes, size))
		return true;
	memcpy(&magic, bytes, sizeof(magic));
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (magic == magics[i] || __builtin_bswap32(magic) == magics[i])
			return true;
	return false;
}

static const char foreign[] = "it is a capture of a link layer that is not understood";

/* ---- bytes to packets ------------------------------------------------------------------------ */

static ssize_t read_raw(void *context, void *bytes, size_t size)
{
	struct capture *c = context;
	ssize_t count;

	do
		count = c->settings.read(c->settings.context, bytes, size);
	while (count == -EINTR && !(c->settings.is_stopped && c->settings.is_stopped()));
	if (count > 0)
		c->position += (uint64_t)count;
	return count;
}

/* libpcap cannot begin a packet twice: who is interrupted for good sees an end. */
static ssize_t read_file(void *context, char *bytes, size_t size)
{
	struct capture *c = context;
	ssize_t count = unpack_read(c->unpack, bytes, size);

	if (count > 0)
		blocks_feed(&c->blocks, bytes, (size_t)count);
	if (count >= 0)
		return count;
	if (count == -EINTR)
		c->is_interrupted = true;
	else
		c->read_error = (int)count;
	return 0;
}

static FILE *open_file(struct capture *c)
{
	const cookie_io_functions_t functions = { .read = read_file };
	FILE *file = fopencookie(c, "r", functions);

	if (file)
		setvbuf(file, c->buffer, _IOFBF, sizeof(c->buffer));
	return file;
}

static int note_fault(struct capture *c, const char *what)
{
	if (c->unpack && unpack_fault(c->unpack))
		what = unpack_fault(c->unpack);
	else if (c->blocks.fault)
		what = c->blocks.fault;
	if (!c->has_fault && !c->is_interrupted) {
		snprintf(c->what, sizeof(c->what), "%s", what);
		c->fault = (struct reader_fault){ .offset = c->position, .what = c->what };
		c->has_fault = true;
	}
	return -EBADMSG;
}

/* Returns 1, 0: there are no more; or -errno. */
static int next_packet(struct capture *c, struct packet *packet, struct blocks_packet *about)
{
	char what[PACKETS_FAULT_SIZE] = "";
	int status = packets_next(c->packets, packet, what);

	*about = (struct blocks_packet){ .link = (uint16_t)c->link };
	if (c->is_interrupted)
		return 0;
	if (c->read_error && c->read_error != -EBADMSG)
		return c->read_error;
	if (status < 0 || (!status && (unpack_fault(c->unpack) || c->blocks.fault))) {
		note_fault(c, what);
		return 0;
	}
	if (!status && c->counts.packets && c->kinds[PACKET_FOREIGN] == c->counts.packets)
		note_fault(c, foreign);
	if (status > 0)
		blocks_take(&c->blocks, about);
	return status;
}

/* ---- packets to records ---------------------------------------------------------------------- */

static void add_record(void *context, const void *bytes, size_t size)
{
	struct capture *c = context;

	if (c->size + size > c->room) {
		size_t room = c->room ? 2 * c->room : 2 * BLOCK_BYTES;
		uint8_t *raw = realloc(c->raw, room);

		if (!raw) {
			c->has_no_room = true;
			return;
		}
		c->raw = raw;
		c->room = room;
	}
	memcpy(c->raw + c->size, bytes, size);
	c->size += size;
	c->record_count++;
	c->counters.seen++;
	c->counters.submitted++;
}

/* Returns false: it has no time that can be. */
static bool time_of(const struct packet *packet, uint64_t *ret_ns)
{
	if (packet->seconds < 0 || packet->seconds > INT64_MAX / (int64_t)NS_PER_S - 1000 ||
	    packet->ns < 0 || packet->ns >= (int64_t)NS_PER_S)
		return false;
	*ret_ns = (uint64_t)packet->seconds * NS_PER_S + (uint64_t)packet->ns;
	return true;
}

/* Returns false: it has none, and what it carries is not seen. */
static bool has_time(const struct packet *packet, const struct blocks_packet *about,
		     uint64_t *ret_ns)
{
	return !about->is_timeless && time_of(packet, ret_ns);
}

static void take_packet(struct capture *c, const struct packet *packet,
			const struct blocks_packet *about)
{
	struct segment segment;
	enum packet_kind kind;
	uint64_t time_ns;
	bool is_timed = has_time(packet, about, &time_ns);

	c->counts.packets++;
	if (about->is_behind_a_gap || !is_timed)
		segments_note_loss(c->segments);
	if (!is_timed) {
		c->counts.timeless++;
		return;
	}
	if (time_ns > c->now_ns)
		c->now_ns = time_ns;
	kind = packet_decode(about->link, packet->bytes, packet->captured, packet->size,
			     &c->fragments, &segment);
	c->kinds[kind]++;
	if (kind != PACKET_TCP)
		return;
	segment.time_ns = time_ns;
	segments_add(c->segments, &segment);
}

/* ---- as a reader has it ---------------------------------------------------------------------- */

struct capture *capture_new(const struct capture_settings *settings)
{
	struct capture *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->settings = *settings;
	c->unpack = unpack_new(read_raw, c);
	/* Each has two ends, and whoever follows them a place for each. */
	c->segments = segments_new(settings->max_connections ? settings->max_connections / 2 :
							       CAPTURE_CONNECTIONS,
				   add_record, c);
	if (!c->unpack || !c->segments) {
		capture_free(c);
		return NULL;
	}
	c->about = (struct recording_about){
		.series = settings->series,
		.event_version = EVENT_VERSION,
		.is_capture = true,
	};
	return c;
}

void capture_free(struct capture *c)
{
	if (!c)
		return;
	packets_free(c->packets);
	segments_free(c->segments);
	unpack_free(c->unpack);
	blocks_done(&c->blocks);
	free(c->raw);
	free(c);
}

int capture_begin(struct capture *c)
{
	char what[PACKETS_FAULT_SIZE] = "";
	FILE *file = open_file(c);
	uint64_t time_ns;
	int status;

	if (!file)
		return -ENOMEM;
	status = packets_open(file, &c->packets, what);
	if (c->is_interrupted)
		return -EINTR;
	if (c->read_error && c->read_error != -EBADMSG)
		return c->read_error;
	/* What is not packed was known by its content. */
	if (status && !strcmp(what, PACKETS_UNKNOWN))
		return note_fault(c, "what is packed in it is no packet capture");
	if (status)
		return note_fault(c, what);
	c->link = packets_link(c->packets);
	if (!packet_knows_link(c->link))
		return note_fault(c, foreign);
	for (;;) {
		status = next_packet(c, &c->first, &c->first_about);
		if (status < 0)
			return status;
		if (!status || has_time(&c->first, &c->first_about, &time_ns))
			break;
		take_packet(c, &c->first, &c->first_about);
	}
	c->has_first = status;
	c->is_over = !status;
	if (status)
		c->about.start_mono_ns = time_ns;
	c->now_ns = c->about.start_mono_ns;
	return 0;
}

const struct recording_about *capture_about(const struct capture *c)
{
	return &c->about;
}

/* Up to the end of a block. Returns 0 or -errno. */
static int take_packets(struct capture *c)
{
	struct blocks_packet about;
	struct packet packet;

	for (unsigned int i = 0; i < BLOCK_PACKETS && c->size < BLOCK_BYTES && !c->is_over; i++) {
		int status = 1;

		if (c->has_first) {
			packet = c->first;
			about = c->first_about;
		} else {
			status = next_packet(c, &packet, &about);
		}
		c->has_first = false;
		if (status < 0)
			return status;
		c->is_over = !status;
		if (status)
			take_packet(c, &packet, &about);
	}
	/* What ended before the last packet, and nobody has heard of. */
	while (c->is_over && c->size < BLOCK_BYTES && segments_pass(c->segments, c->now_ns))
		;
	return c->has_no_room ? -ENOMEM : 0;
}

int capture_next(struct capture *c, struct recording_block *ret_block, uint8_t **ret_raw)
{
	int error;

	c->size = 0;
	c->record_count = 0;
	error = take_packets(c);
	if (error)
		return error;
	*ret_block = (struct recording_block){ .kind = RECORDING_RECORDS,
					       .raw_bytes = (uint32_t)c->size,
					       .record_count = c->record_count,
					       .written_mono_ns = c->now_ns };
	*ret_raw = c->raw;
	if (c->size)
		return 1;
	if (!c->is_over)
		return -EAGAIN;
	if (c->is_end_told)
		return 0;
	c->is_end_told = true;
	ret_block->kind = RECORDING_END;
	return 1;
}

const struct recording_counters *capture_counters(const struct capture *c)
{
	return &c->counters;
}

const struct reader_fault *capture_fault(const struct capture *c)
{
	return c->has_fault ? &c->fault : NULL;
}

uint64_t capture_position(const struct capture *c)
{
	return c->position;
}

void capture_count(const struct capture *c, struct captured *ret_captured)
{
	const struct segments_counts *segments = segments_counts(c->segments);

	*ret_captured = c->counts;
	ret_captured->captures = 1;
	ret_captured->resolution_ns = c->blocks.resolution_ns;
	ret_captured->dropped = c->blocks.dropped;
	ret_captured->foreign = c->kinds[PACKET_FOREIGN];
	ret_captured->other = c->kinds[PACKET_OTHER];
	ret_captured->cut = c->kinds[PACKET_SHORT];
	ret_captured->broken = c->kinds[PACKET_BROKEN];
	ret_captured->fragments = c->kinds[PACKET_FRAGMENT];
#define X(name, grave, words) ret_captured->name = segments->name;
	SEGMENTS_COUNTS(X)
#undef X
	memcpy(ret_captured->points, segments->points, sizeof(ret_captured->points));
}
