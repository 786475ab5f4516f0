// SPDX-License-Identifier: GPL-2.0-only
/* The section CAPTURES of the manual: what is concluded from segments, and what is not. */
#include "user/docs/captures.h"

#include <stdio.h>

static const char captures[] =
	".SH CAPTURES\n"
	"What reads recordings reads packet captures as well: pcap and pcapng, as tcpdump(8)\n"
	"and Wireshark write them, plain or packed by gzip or zstd, told by their first\n"
	"bytes. They need no rights, and may come from any machine. Links: Ethernet, Linux\n"
	"cooked (1 and 2), raw IP, loopback; with VLANs, MPLS, and one level of GRE, VXLAN or\n"
	"IP in IP; IPv4 with options and fragments, IPv6 with extension headers. 54 captured\n"
	"bytes of a packet are enough over IPv4 and Ethernet.\n"
	".PP\n"
	"Of each connection both ends are told, by RFC 9293, as seen from where it was\n"
	"captured: a segment is received when it passes by. origin is wire, in lines about\n"
	"transitions and about connections. Owners, namespaces, who accepts, timers and\n"
	"counters of the kernel are null. A reset ends what it is for only at the very number\n"
	"that is expected there (RFC 5961), and has no reason: its cause is reset_sent at the\n"
	"one end and reset_received at the other.\n"
	".PP\n"
	"A handshake is measured from the SYN that was answered to the ACK of the answer, for\n"
	"both ends: once to the server and back and once to the client and back, wherever\n"
	"that was seen; a server's whose SYN is not in the capture from its SYN\\-ACK, and\n"
	"estimated. capture_point is a guess at where it was: client, server or between, by\n"
	"the routers that took one from the TTLs of each end, and where there are none by which\n"
	"answer took ten times as long; null where neither tells. No segment\n"
	"tells when a TIME_WAIT is over: it is said to last 60 seconds, and is estimated; a\n"
	"SYN that reuses the ports ends it, and a reset.\n"
	".PP\n"
	"What is older than the capture, or begins where segments are missing, is seeded, and\n"
	"not complete: its handshake, its bytes and the time in its first state are null. So\n"
	"is the time in a state during which segments were lost to the capture, which an\n"
	"acknowledgement of what was not captured shows, and pcapng where it says with a packet\n"
	"that others were dropped before it. Of drops that it counts as statistics, which most\n"
	"programs write at the end, nothing says where they were: what is open there is marked,\n"
	"and they are counted. A segment that was captured twice, as on two interfaces, counts\n"
	"once. A connection whose handshake is not answered is given\n"
	"up after 65 seconds: a server's request is then abandoned, a client's has timed out\n"
	"where its SYN was sent as often as Linux sends it, and is else of unknown end.\n"
	".PP\n"
	"The last line has a capture: how many captures, resolution_ns (the coarsest step of\n"
	"their clocks, as the file says), packets, and what they were: dropped (before they\n"
	"were captured, as pcapng tells), foreign (of another link layer), other (no TCP), cut\n"
	"(too short to tell), broken, fragments, timeless, segments, duplicates, retransmits,\n"
	"reordered, keepalives (and probes of a window), unseen (acknowledgements of what was\n"
	"not captured), backwards (earlier than one before), resets_outside (that no end\n"
	"takes), strays, outside (of every window), evicted (connections that made room). In\n"
	"text, what is missing is told, and all of it with\n"
	".BR \\-v .\n"
	"The interfaces of a pcapng file may have different link layers, and there may be 65,536\n"
	"of them.\n"
	".PP\n"
	"Times are those of the clock that captured. A capture and a recording of a machine\n"
	"may be read together; the flow joins what both tell of a connection.\n";

void captures_print(void)
{
	fputs(captures, stdout);
}
