// SPDX-License-Identifier: GPL-2.0-only
/* The section SPANS of the manual: what stands in a distributed trace, and how its numbers come. */
#include "user/docs/spans.h"

#include <stdio.h>

static const char text[] =
	".SH SPANS\n"
	"A connection is a span\n"
	".B tcp connect\n"
	"of its client and a span\n"
	".B tcp accept\n"
	"of its server, each with children:\n"
	".BR handshake ,\n"
	".BR established ,\n"
	".B close\n"
	"(from the first FIN to CLOSED or TIME_WAIT) and\n"
	".BR time_wait ,\n"
	"as far as they were and their times are known. One whose client and server nobody\n"
	"can tell apart is\n"
	".BR tcp .\n"
	"Both ends are in one trace, and the client's span is the parent of the server's,\n"
	"also where two machines tell of them that have never heard of each other: all of it\n"
	"follows from the flow.\n"
	".PP\n"
	"The trace id has 16 bytes: SipHash\\-2\\-4 of the flow under the key (1, 0), and\n"
	"behind it that under the key (2, 0). A span id is a hash of the trace id, of the\n"
	"side (1: the client, 2: the server) and of which span it is (1 to 5 in the order\n"
	"above): the hash, under the key (3, 0), of the first half of the trace id; that of\n"
	"this result, exclusive\\-or the second half; that of this, exclusive\\-or 256 times\n"
	"the side and the span. What has no flow (refused, timed out, half\\-open, see there)\n"
	"has a trace of its own, and tcpspan.pairing is none, not exact. Proxies and what\n"
	"else ends connections end traces with them. A parent may be missing: nobody knows\n"
	"here whether the other end is looked at.\n"
	".PP\n"
	"Of the attributes those that have a name in OpenTelemetry's conventions have that\n"
	"one: service.name (what the owner's process is called), host.name, process.pid,\n"
	"container.id, k8s.pod.name and so on of the resource, network.local.address,\n"
	"network.peer.port and so on of the span, error.type (the cause) where it failed; the\n"
	"status is an error then, with a sentence. All else begins with tcpspan. and is\n"
	"called as in JSON. What is not known is left out. The beginning of what is older\n"
	"than the run is not known, nor an end that was lost: there tcpspan.start_known or\n"
	"tcpspan.end_known is false, and the time is that of the first or last step that was\n"
	"seen; without any there is no span.\n"
	".PP\n"
	"Events are accept, fin (the first of each direction), reset, and retransmission\n"
	"with a tcpspan.count of segments: when they were sent again is not kept, so that it\n"
	"stands at the end of the handshake or of the connection.\n"
	"Times are those of the machine's clock when the run began: of two machines they are\n"
	"as far apart as their clocks.\n"
	".PP\n"
	"Which connections have spans,\n"
	".B \\-\\-spans\n"
	"says. The one of many is chosen as OpenTelemetry does it: where the last 56 bits of\n"
	"the trace id are at least a threshold. What failed or was slow at one end only may\n"
	"have no span of the other.\n";

void spans_print(void)
{
	fputs(text, stdout);
}
