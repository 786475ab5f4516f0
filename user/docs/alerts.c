// SPDX-License-Identifier: GPL-2.0-only
/* What the manual says of the alerts that come with the program: user/package/prometheus. */
#include "user/docs/alerts.h"

#include <stddef.h>
#include <stdio.h>

#include "user/docs/roff.h"

struct alert {
	const char *name;
	const char *command; /* to run next, on the machine that it is about */
	const char *meaning; /* what it says of the machine, and what to do about it */
};

static const struct alert alerts[] = {
	{ "CloseWaitStuck", "tcpspan stuck",
	  "The peer of a connection has closed, and more than ten minutes later a "
	  "program here has not: it has lost the descriptor, or is stuck itself. Each "
	  "takes memory and a descriptor until the program ends. The command names the "
	  "program, with --stack in a recording the line that opened it. Restarting the "
	  "program helps until the next time." },
	{ "SynTimeouts", "tcpspan --failed",
	  "Nobody answers SYNs: the address is wrong, the machine is down, or a "
	  "firewall drops what it should refuse. The command shows which program "
	  "connects where. A hint at a counter beside a failure, such as TCPMD5Failure, "
	  "names a silent refusal by this kernel." },
	{ "RefusedSpike", "tcpspan --failed",
	  "A service that others connect to has no listener any more: it has ended, was "
	  "not started, or listens elsewhere. The command shows the address and port, "
	  "and who is turned away." },
	{ "AcceptQueueOverflow", "tcpspan listeners",
	  "A listener had more connections waiting than its backlog allows, and the "
	  "kernel has dropped handshakes: clients wait a second and more. The command "
	  "shows which listener, how long nobody has called accept, and the backlog. "
	  "More workers, or a larger backlog and net.core.somaxconn." },
	{ "HandshakeSlow", "tcpspan --slow 1s",
	  "One handshake of a hundred takes a second or more, which most often is a SYN "
	  "or SYN-ACK that was lost and sent again. The command shows with whom, and "
	  "how often each was sent. As the server, compare with AcceptQueueOverflow "
	  "first." },
	{ "EphemeralPortsNearlyUsed", "tcpspan stuck --ports",
	  "Nearly all local ports are taken for one remote address and port, by "
	  "connections that are open or in TIME_WAIT. When all are, connect fails with "
	  "EADDRNOTAVAIL. The command shows who has them, and when the next one is "
	  "free. Keep connections and use them again, or let "
	  "net.ipv4.ip_local_port_range be wider." },
	{ "TracerLosing", "tcpspan check --against 60",
	  "Events did not fit into the ring, or the kernel did not run the programs: all "
	  "counts are too small from here on. What it skips of those that seldom have "
	  "anything to tell is none of these. The command compares them with the "
	  "kernel's own. A larger --ring, a filter, or --budget, with which what is "
	  "kept is whole." },
	{ "TracerGaps", "tcpspan check --against 60",
	  "Something was missed, and durations across it are unknown. Counts are right "
	  "again after the sockets were looked at anew, which happens by itself. Look "
	  "for TracerLosing beside it." },
	{ "HookDegraded", "tcpspan check",
	  "A family of hooks is not attached, or estimates. The command says what this "
	  "kernel or these rights do not allow, and which figures are unknown or "
	  "estimated for it." },
	{ "ExporterOverflowed", "tcpspan hist --by comm",
	  "There are more values of the label of --by than --max-groups allows: the "
	  "last ones to come are counted in the group other, so sums stay right. The "
	  "command shows all of them. Choose another key, or allow more." },
};

void alerts_print(void)
{
	printf(".SH ALERTS\n");
	roff_text("Rules for Prometheus come with the program, as tcpspan.rules.yml. What each "
		  "means, and what to run next on that machine:");
	for (size_t i = 0; i < sizeof(alerts) / sizeof(*alerts); i++) {
		printf(".TP\n");
		roff_request(".B", alerts[i].name);
		roff_text(alerts[i].meaning);
		printf(".IP\n");
		roff_request(".B", alerts[i].command);
	}
}
