// SPDX-License-Identifier: GPL-2.0-only
/* Packets of a capture file, read by libpcap. */
#include "user/source/packets.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>

_Static_assert(PACKETS_FAULT_SIZE >= PCAP_ERRBUF_SIZE, "what libpcap says has room");

/* It is one of libpcap's own. */
static pcap_t *pcap_of(const struct packets *packets)
{
	return (pcap_t *)packets;
}

bool packets_are_built_in(void)
{
	return true;
}

int packets_open(FILE *file, struct packets **ret_packets, char fault[PACKETS_FAULT_SIZE])
{
	pcap_t *pcap;

	fault[0] = '\0';
	pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, fault);
	if (!pcap) {
		fclose(file);
		return -EBADMSG;
	}
	*ret_packets = (struct packets *)pcap;
	return 0;
}

void packets_free(struct packets *packets)
{
	if (packets)
		pcap_close(pcap_of(packets));
}

int packets_link(const struct packets *packets)
{
	return pcap_datalink(pcap_of(packets));
}

int packets_next(struct packets *packets, struct packet *ret_packet, char fault[PACKETS_FAULT_SIZE])
{
	struct pcap_pkthdr *head;
	const u_char *bytes;
	int status = pcap_next_ex(pcap_of(packets), &head, &bytes);

	if (status == PCAP_ERROR_BREAK)
		return 0;
	if (status != 1) {
		snprintf(fault, PACKETS_FAULT_SIZE, "%s", pcap_geterr(pcap_of(packets)));
		return -EBADMSG;
	}
	*ret_packet = (struct packet){ .seconds = head->ts.tv_sec,
				       .ns = head->ts.tv_usec,
				       .bytes = bytes,
				       .captured = head->caplen,
				       .size = head->len };
	return 1;
}
