// SPDX-License-Identifier: GPL-2.0-only
/* The manual page, derived from the tables of commands, options, columns and ends. */
#include "user/docs/manual.h"

#include <stdio.h>
#include <string.h>

#include "user/docs/alerts.h"
#include "user/docs/conditions.h"
#include "user/docs/overhead.h"
#include "user/docs/roff.h"
#include "user/docs/security.h"
#include "user/docs/spans.h"
#include "user/event/counters.h"
#include "user/option/table.h"
#include "user/sink/legend.h"
#include "user/sink/screen/help.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char description[] =
	".SH DESCRIPTION\n"
	".B tcpspan\n"
	"watches the kernel and follows every TCP connection of the machine, in every\n"
	"network namespace, IPv4 and IPv6, client and server, from the first SYN to\n"
	"the last state. It measures each number on the whole life of a connection,\n"
	"or says that it is unknown: a server's handshake is the time from its first\n"
	"SYN\\-ACK to the ACK that completes it, the owner is the process that called\n"
	".BR connect (2)\n"
	"or\n"
	".BR accept (2),\n"
	"and a state that began before the tracer has no duration.\n"
	".PP\n"
	"Diagnostics go to standard error, standard output has nothing but lines of\n"
	"the chosen format. Ctrl\\-C ends a run with a summary, a second one at once.\n";

static const char output_text[] = ".SH OUTPUT\n"
				  ".SS Text\n"
				  "The lines of\n"
				  ".B trace\n"
				  "fit in 80 columns. What their columns and signs mean:\n";

static const char output_ends[] = ".PP\n"
				  "The codes of the column END, with the outcome and the cause\n"
				  "that\n"
				  ".B \\-\\-wide\n"
				  "and\n"
				  ".B \\-\\-json\n"
				  "give them:\n";

static const char output_causes[] =
	".PP\n"
	"The cause is told from what the socket shows when it is closed, from the\n"
	"resets that come and go, and from the error that it reports: a reset that\n"
	"follows the last state is waited for, for 80 ms at most. Where resets\n"
	"cannot be watched, some of the causes are told as one. The reason that the\n"
	"kernel gives for a reset, since Linux 6.10, has the name that this kernel\n"
	"gives it.\n"
	".PP\n"
	"The table of failures at the end of\n"
	".B trace\n"
	"(on standard error) and\n"
	".B hist\n"
	"counts what neither ended in order nor is still open, by cause, process and\n"
	"service: the peer's address and port for a client, its own port for a server.\n"
	"Where the cause leaves it open, the errno or the reason of the reset parts the\n"
	"rows, and stands behind the service.\n"
	"Where a handshake got no answer, the last lines of\n"
	".B trace\n"
	"and\n"
	".B hist\n"
	"have a hint if counters of the kernel moved meanwhile, in the namespaces that are\n"
	"traced, that may be why: a SYN without the right MD5 or TCP\\-AO signature is dropped\n"
	"without a word, and so is one for which a listener has no room. It is never told as\n"
	"the cause: the kernel does not say whose segments these were. In JSON they are\n"
	"the hints of the summary.\n"
	".SS The kernel's counters\n"
	"The counters of \\c\n"
	".I /proc/net/snmp\n"
	"and\n"
	".I netstat\n"
	"agree with what is told, as far as both count the same:\n"
	".TP\n"
	".B ActiveOpens, PassiveOpens\n"
	"together the connections opened of the summary, with children_lost, which the\n"
	"kernel made and threw away. Neither counts a connect that sent no SYN (unsent)\n"
	"and what TCP_REPAIR put there (restored).\n"
	".TP\n"
	".B OutRsts\n"
	"resets sent and stray of the summary: those that a socket sent, and those for\n"
	"nobody, as for a SYN to a closed port. Before Linux 6.10 the kernel does not\n"
	"tell of stray ones.\n"
	".TP\n"
	".B EstabResets\n"
	"whatever left ESTABLISHED or CLOSE_WAIT for CLOSED, by reset, timeout or\n"
	"killed.\n"
	".TP\n"
	".B AttemptFails\n"
	"whatever left SYN_SENT or SYN_RECV for CLOSED, and half\\-open requests that\n"
	"ended by request_reset or bad_syn; not connects that the process gave up before\n"
	"an answer, and fast opens that this side reset. A fast open that the peer\n"
	"resets is counted twice, as a request and as the child that there is already.\n"
	".TP\n"
	".B EmbryonicRsts\n"
	"half\\-open requests whose outcome is reset_received or reset_sent.\n"
	".TP\n"
	".B TCPReqQFullDrop\n"
	"SYNs for which there was no room among the requests: they make none, and are a\n"
	"part of listen_drops.\n"
	".TP\n"
	".B TCPAbortOnClose\n"
	"unread_data; this and the next not of MPTCP, which counts MPFastcloseTx.\n"
	".TP\n"
	".B TCPAbortOnData\n"
	"linger_zero, linger_dropped, data_after_close, but for one that a timewait\n"
	"socket answered, and linger_negative where the socket was closed before its FIN\n"
	"was acknowledged; besides, a connect that was given up with SO_LINGER of 0\n"
	"seconds, which is connect_abandoned here.\n"
	".TP\n"
	".B TCPAbortOnLinger\n"
	"linger_negative where it was closed after that.\n"
	".TP\n"
	".B TCPAbortOnMemory\n"
	"no_memory.\n"
	".TP\n"
	".B TCPAbortOnTimeout\n"
	"what timed out, but for a fin_timeout, and lost_way.\n"
	".TP\n"
	".B TCPTimeWaitOverflow\n"
	"connections whose time_wait has the end overflow.\n"
	".TP\n"
	".B TW\n"
	"with TWKilled: connections that came to TIME_WAIT or, closed by this side,\n"
	"waited in a timewait socket for a FIN. Older kernels count them when they end.\n"
	".TP\n"
	".B ListenOverflows, ListenDrops\n"
	"listen_overflows and listen_drops of the summary where listen_quality is exact.\n"
	".TP\n"
	".B RetransSegs, TCPSynRetrans\n"
	"the sum of retransmits in the summary, and syn and synack of it: segments, of\n"
	"which a buffer may have many. RetransSegs has those besides that the kernel\n"
	"could not send (TCPRetransFail).\n"
	".PP\n"
	".B tcpspan check \\-\\-against\n"
	"compares most of them,\n"
	".B export\n"
	"at each request: kernel_counter_difference is ours less the kernel's since the\n"
	"start, of the network namespaces in view. A connection that changes while the\n"
	"counters are read is no difference, nor what happened in a namespace before it\n"
	"was first seen. A counter is left out where it cannot be compared: with filters\n"
	"but for \\-\\-netns, with \\-\\-sample, and where no hook tells what it counts.\n"
	".TP\n"
	".B TCPTimeouts\n"
	"how often a timer ran out, which no field of ours counts: several segments may\n"
	"be sent again on its account, and a zero window's probe is a timeout, too.\n";

#define LISTED(name, loss) #name ",\n"
#define COUNTERS EVENT_COUNTERS(LISTED, LISTED, LISTED)

static const char output_rest[] =
	".SS Histograms\n"
	".B hist\n"
	"prints a histogram for each of the two handshakes, for TIME_WAIT and, where\n"
	"there were any, for failed connects, the wait in the accept queue, half\\-open\n"
	"requests and each state, with the percentiles 50, 90, 99 and 99.9 and the\n"
	"greatest value. Percentiles are within 1 % of the true value from 1 us to 1\n"
	"day. What happened but could not be measured is counted as unknown. The last\n"
	"line counts handshakes by their quality, failures and half\\-open requests by\n"
	"their outcome, TIME_WAITs by their end. Groups\n"
	".RB ( \\-\\-by )\n"
	"are lines of a table, which has these counts where the terminal is wide; with\n"
	".B \\-\\-wide\n"
	"each has its histograms. By owner or cgroup a server's connection is added\n"
	"when it is closed or the run ends, for its owner is who accepted it. A cgroup\n"
	"(version 2) is the one that the socket, or its listener, was made in: it has\n"
	"its path or, if it came and went before anybody could ask for it, its number.\n"
	"Units, containers and pods are those of its cgroup: all that are called alike\n"
	"are one group.\n"
	".SS Differences\n"
	".B tcpspan diff\n"
	"compares the percentiles 50, 90 and 99 of each histogram; and by exact tests of\n"
	"rates which share of all that ended did so by each cause (failures.by_cause), and\n"
	"went through each state (entered), how many segments were sent again for each\n"
	"connection (retransmits), how many connections were opened in a second, in all and\n"
	"to each listening port (port.N), and how many were in each state at the end (live).\n"
	"No shape of the values is assumed: a percentile is bounded by the values that stand\n"
	"around it, and has changed when the bounds of both runs are apart. What comes in\n"
	"bursts counts as less, by how much 32 to 64 parts of the run differ. All bounds\n"
	"together hold but once in ten thousand comparisons of a run with another of the\n"
	"same, so that few values tell nothing: of a median it takes 25 to 40 on both sides,\n"
	"and of a 99th percentile 1500 to 2500. AT LEAST is by how much it has changed with that\n"
	"certainty;\n"
	".B \\-\\-wide\n"
	"has what has not changed as well. Rates are of all connections, also of sampled\n"
	"runs.\n"
	".SS Stuck sockets\n"
	".B tcpspan stuck\n"
	"prints groups of sockets that have a state, a holder and a service in common,\n"
	"the largest first, and for each a sentence: what it means, in numbers, and\n"
	"where to look.\n"
	".B \\-\\-list\n"
	"has a line for each socket. An age is exact for SYN_SENT, requests and\n"
	"TIME_WAIT, and with\n"
	".B \\-\\-watch\n"
	"where its beginning was seen. The kernel keeps no such time for the other\n"
	"states: then it is the time since the last ACK was received, which the state\n"
	"is no younger than; > stands before it. The holders are all processes that\n"
	"have a descriptor of the socket, by fork, by UNIX sockets, or in an\n"
	"io_uring; the first of them counts as the owner. An MPTCP connection whose peer\n"
	"has closed is in CLOSE_WAIT while its subflows are open yet: it has a line with\n"
	"the ends of one, where the iterator can be had. A connection that nobody has\n"
	"accepted is its listener's. Process numbers are those of the initial PID\n"
	"namespace, or what /proc shows where the kernel's iterator is refused. A\n"
	"recording does not tell who holds a socket: there the holder in parentheses is\n"
	"who opened or accepted it, or of one that is older, who held it when recording\n"
	"began; queues and retries are unknown.\n"
	".SS Ports\n"
	".B tcpspan stuck \\-\\-ports\n"
	"prints a line for each destination, the fullest first: which part of the range of\n"
	"ports is taken (USED), how many there are without those that are reserved (PORTS),\n"
	"and of the taken ones those that are connecting (SYN), OPEN and in TIME_WAIT. What\n"
	"counts is a connection whose own port is in the range, unless somebody listens\n"
	"on that. The users are who holds most of what is open: a TIME_WAIT is nobody's.\n"
	"Where nearly all are taken, a sentence says when the next one is free: that is when\n"
	"the first TIME_WAIT is over, or a second old where tcp_tw_reuse lets a connect\n"
	"take it over, as far as both sides have time stamps.\n"
	".PP\n"
	"Where a connect fails with EADDRNOTAVAIL,\n"
	".B trace\n"
	"looks at once, once a second at most, and says so beneath its line, in JSON with a\n"
	"line of the type ports.\n"
	".SS Report\n"
	".B tcpspan report\n"
	"writes one page of HTML, of 5 MiB at most, to a new file, which takes the place of\n"
	"an older one when it is complete. It has a verdict, what was measured and lost, the\n"
	"state machine, the course of time, handshakes and all other durations, latency against\n"
	"time, and failures by cause, with the ladder of one of each: the first, or a later one\n"
	"of which both ends were followed. Ladders follow of the slowest handshakes, the longest\n"
	"life, stays in a state and wait for accept; then who is stuck, what TIME_WAIT took,\n"
	"listeners, and tables by process, unit, pod and remote address. A connection counts as\n"
	"stuck as it does in\n"
	".BR top .\n"
	"However long a run is, its time has 512 slots, of which two become one when it is\n"
	"longer: an age against time is right to one of them. Ports are those of connects that\n"
	"were seen from their SYN until their TIME_WAIT was over.\n"
	"A number on the page is the number of\n"
	".BR hist ,\n"
	"and stands exactly in the attribute value of its element data, durations in\n"
	"nanoseconds. The page asks nothing of a network, and its policy forbids it; text from\n"
	"outside is escaped as in all output. Summary and losses are on standard error as\n"
	"well, or with\n"
	".B \\-\\-json\n"
	"a line on standard output. The exit status is 2 when not all of a recording could be\n"
	"read; the page says so, and is written.\n"
	".SS Listeners\n"
	".B tcpspan listeners\n"
	"prints a line for each listening socket, and a sentence beneath it where\n"
	"something is wrong. QUEUE is how many connections wait to be accepted, and the\n"
	"backlog: when more wait than that, the queue is full, and SYNs and the last ACKs\n"
	"of handshakes are dropped, which the peer sends again, a second later and more.\n"
	"HALF is its half\\-open requests, OLDEST how long one has waited that nobody has\n"
	"accepted. DROPS is what the socket itself has counted since it listens, for\n"
	"whatever reason: nearly always it is a full queue, and where the counters of the\n"
	"network namespace leave no other way, the sentence says so.\n"
	"With a star, they are those of all listeners of the namespace.\n"
	".PP\n"
	"With\n"
	".B \\-\\-watch\n"
	"or\n"
	".B \\-d\n"
	"it looks once a second, and follows connections meanwhile: DROPS are those of this\n"
	"time, ACCEPTED is how many were accepted, RATE how many in a second, P99 how long\n"
	"99 % of them waited at most between ESTABLISHED and accept. Wide lines have MOST,\n"
	"the longest queue that a look has seen, and NEVER, connections that ended before\n"
	"anybody accepted them. That nobody has called accept is said only where the same\n"
	"connections have stood at the head of the queue in each look since then, or each\n"
	"accept is told of by a hook and the last one is known.\n"
	".PP\n"
	"Sockets that share a port by SO_REUSEPORT have a line each, and one more that says\n"
	"how connections are shared between them, where a process holds no more than one of\n"
	"them: the kernel does not tell by which socket a connection came. Their waits are\n"
	"those of all of them. The owner in parentheses is who called listen, and is not\n"
	"known to hold it (any more). Of a recording, queues are unknown; an address with a\n"
	"tilde is one that connections came to, whatever the listener is bound to. With\n"
	".BR \\-\\-watch ,\n"
	"a line says when one gets into trouble, and when it keeps up again.\n"
	"The exit status is 2 where not everything could be looked at.\n"
	".SS The ladder of a connection\n"
	".B explain\n"
	"draws one connection. The column on the left has the states of the end that\n"
	"is explained, the one on the right those of the other; what stands in\n"
	"parentheses was not measured, but follows from RFC 9293, and so does what is\n"
	"inferred because its event was lost. Each segment has its flags and its\n"
	"numbers: by the letters of the textbooks (x and y for the SYNs, u and w for\n"
	"the FINs, v for what stood between them), and as they were. SINCE is the time\n"
	"since the step before, a question mark what nobody saw, and an arrow that\n"
	"ends in one a segment of which nobody knows whether it arrived. It ends when\n"
	"the connection is closed, with\n"
	".B \\-\\-full\n"
	"when its TIME_WAIT is over; of those that stand out among all it can tell when\n"
	"the run is over.\n"
	".PP\n"
	"Of recordings of two machines\n"
	".RB ( \"\\-i here.tsp \\-i there.tsp\" )\n"
	"both columns are measured; the flow tells which two ends belong together, whatever\n"
	"changes addresses between. The clocks of the machines need not agree: what is sent\n"
	"comes later, so that each handshake that both have recorded bounds from both sides\n"
	"how far the clocks are apart, and several of them how fast they drift, by at most\n"
	"1000 ppm. That is the line clocks: how far the other end's is ahead of this one's\n"
	"when the connection began, how far off that may be, and of how many handshakes it\n"
	"comes. Times are moved by it onto the clock of this end, and each segment that both\n"
	"have timed tells how long it was on its way, with what is left open. Handshakes\n"
	"by fast open and cookies are not used. Where the bounds contradict each other, a\n"
	"clock has been set: then times of the other end are left out.\n"
	".SS Half\\-open requests\n"
	"A SYN came, a SYN\\-ACK left, and no connection followed. The outcome is\n"
	"handshake_abandoned where no ACK came, however often the SYN\\-ACK was sent;\n"
	"overflow where one came, and the accept queue was full; reset_received where\n"
	"the peer's reset was seen; reset_sent where this side answered with one, by\n"
	"tcp_abort_on_overflow (the cause is accept_queue_full) or to another SYN\n"
	"(bad_syn); listener_closed; unreachable where an ICMP message said so; killed\n"
	"by an administrator, as with ss \\-K; and else unknown. What ends a request\n"
	"before its time is told by the functions of the kernel that are at work then:\n"
	"where it hides their addresses, most of these are unknown. A request that goes\n"
	"on, because its SYN came again or another listener took it over, is none.\n"
	".B trace\n"
	"prints a line for it as for a connection that went from SYN_RECV to CLOSED,\n"
	"without ID, owner and handshake; with\n"
	".B \\-\\-json\n"
	"it has a type of its own. At most 100 of these lines are printed in a second,\n"
	"so that a flood of forged SYNs does not hide the connections; all requests\n"
	"are counted in the summary, and so are the lines that were left out.\n"
	"A SYN that a full accept queue drops makes no request. The kernel counts these\n"
	"in each network namespace, with the last ACKs of handshakes that met a full\n"
	"queue, and each that is sent again: the summary and\n"
	".B hist\n"
	"tell how many there were in the namespaces that were traced, whatever the\n"
	"other filters. Of a namespace that went meanwhile this is not known; a recording\n"
	"holds the sum, which no filter by namespace can take apart.\n"
	".SS Deferred accept\n"
	"A listener with TCP_DEFER_ACCEPT ignores the ACK of its SYN\\-ACK and waits for\n"
	"data: how long the client thinks is no part of the handshake, which ends with\n"
	"that ACK where a hook sees it. The functions of the kernel do, and where timers\n"
	"tell of requests, what it says of dropped segments since Linux 6.11, if that is\n"
	"watched for the sake of timewait sockets anyway: a hook on every segment that is\n"
	"dropped on the machine is not worth it for this alone. Else the latency, up to\n"
	"the data, is an estimate: a tilde stands before it, and\n"
	".B hist\n"
	"has it apart.\n"
	".SS JSON\n"
	"With\n"
	".B \\-\\-json\n"
	"every line is an object with\n"
	".BR v ,\n"
	"which is 1, and\n"
	".BR type .\n"
	"Durations are integers, in nanoseconds, in fields that end in\n"
	".BR _ns ;\n"
	".B time\n"
	"is ISO 8601 in UTC, and\n"
	".B mono_ns\n"
	"the kernel's monotonic clock. Unknown is null, never 0. Fields may be added\n"
	"to version 1, but not renamed or removed.\n"
	".PP\n"
	"Every line about a connection has\n"
	".BR id ,\n"
	".BR netns ,\n"
	".BR family ,\n"
	".BR laddr ,\n"
	".BR lport ,\n"
	".BR raddr ,\n"
	".BR rport ,\n"
	".BR role ,\n"
	".BR pid ,\n"
	".BR comm ,\n"
	".BR process ,\n"
	".BR uid ,\n"
	".BR owner_source ,\n"
	".BR mptcp ,\n"
	".BR unit ,\n"
	".BR container ,\n"
	".BR pod ,\n"
	".BR netns_name ,\n"
	".BR flow ,\n"
	".B ifindex\n"
	"and\n"
	".BR ifname ;\n"
	"by its type it has, in addition to these, what stands below. The owner_source\n"
	"is process where pid, comm and uid are those of the process that called\n"
	"connect or accept (or, for\n"
	".BR stuck ,\n"
	"holds the socket; of a connection that is older than the run, held it when the run\n"
	"began): comm is the name of the thread that did, process that of the\n"
	"process, null in recordings of older versions. What io_uring does, the process\n"
	"does. It is listener where no hook sees who accepts, or none that sees io_uring\n"
	"and 32\\-bit programs (tcpspan check tells): then they are those of who listens\n"
	"on the port, by the call of listen or by holding the listener; pid is null where\n"
	"several processes do. In text and CSV such a comm has a tilde in front. The\n"
	"column COMM of a text has the name of the process where it is known.\n"
	"mptcp is null but of subflows of MPTCP connections, which have the connection's\n"
	"token (as ss \\-M has it, in hexadecimal digits) and subflow, which one it is, from\n"
	"1 on in the order of birth, and joined, which is false of the one that made the\n"
	"connection; null where that is not known. A subflow belongs to who\n"
	"holds the connection. Of a client that is open yet, it has asked for MPTCP.\n"
	".PP\n"
	"The unit, container and pod are those of the cgroup (version 2) that the socket,\n"
	"or its listener, was made in, as its path tells; null where there is none. On a\n"
	"machine that has hierarchies of version 1 as well, they are its owner's, where\n"
	"these alone tell of a container or a unit; so is then the cgroup.\n"
	"Where they lie within each other it is the innermost: what systemd in a\n"
	"container starts is a unit of that systemd. Their names are those that the\n"
	"kubelet's folders of logs and the files of Docker, containerd, CRI\\-O and podman\n"
	"(of root, not of other users) tell when they are met; a pod's has its namespace\n"
	"in front. Where nobody tells it, it is the id. With a unit come slice and\n"
	"unit_user (whose manager runs it; null: the system's), with a container\n"
	"container_id and runtime\n"
	"(docker, containerd, cri\\-o, podman, lxc, nspawn; null where the path does not\n"
	"tell), with a pod pod_uid and qos (guaranteed, burstable, besteffort).\n"
	".PP\n"
	"netns_name is what ip\\-netns(8) calls the namespace, if it does; else, where all of\n"
	"its sockets that were met were made in one container or pod, the name of the pod or\n"
	"else of the container: null where some were made elsewhere, and for the machine's\n"
	"own namespace. With\n"
	".B \\-\\-cmdline\n"
	"or\n"
	".B \\-\\-wide\n"
	"there are ppid and cmdline of the owner, as it was when it connected or accepted:\n"
	"null where it was gone when it was looked at, a younger process had its number,\n"
	"or the owner is no more than the listener's. Of a line, 1024 bytes are kept. A\n"
	"recording has them if record was told to keep them; each of its parts begins with\n"
	"the last 4 MiB of them.\n"
	".PP\n"
	"A link\\-local address says nothing without its link, nor does any without its\n"
	"VRF: ifindex and ifname are the interface that the socket is bound to, by such an\n"
	"address, by the VRF that it serves or connects in, or by SO_BINDTODEVICE, as it\n"
	"was called at the connection's birth; null where it is bound to none, and in\n"
	"recordings of older versions. The kernel's side looks the name up, in the socket's\n"
	"namespace; where it may not (lockdown), or there are more than 64 interfaces\n"
	"in a bucket of the kernel's, ifname alone is null. In text it stands behind each\n"
	"link\\-local address, as fe80::1%eth0, and behind other local addresses of sockets\n"
	"that are bound, as 192.0.2.1%red; without a name it is if and the number, as ss(8)\n"
	"has it.\n"
	".B explain\n"
	"takes addresses so, and\n"
	".B \\-\\-interface\n"
	"takes the name. Two connections that differ by it alone are two.\n"
	".PP\n"
	"The flow is the same at both ends of a connection, on whatever machines, without\n"
	"anything being sent: what one end prints,\n"
	".B \\-\\-flow\n"
	"finds at the other. It is SipHash\\-2\\-4, under a key of zeros, of the two initial\n"
	"sequence numbers (the lesser one, and 32 bits above it the greater one), as 16\n"
	"hexadecimal digits; the numbers cannot be read from it. Ports and addresses have no\n"
	"part in it, so that it is the same on both sides of a NAT, which leaves the numbers\n"
	"as they are. What ends connections and makes others has two of each: proxies, load\n"
	"balancers of layer 7, SYN proxies, firewalls that choose numbers of their own. Both\n"
	"lines of a connection over loopback have one flow, and differ in role. Two other\n"
	"connections have the same by chance: among a million of them with a probability of\n"
	"1 in 37 million. It is known from ESTABLISHED on, and null before, of connections\n"
	"that never were (refused, timed out, half\\-open), where the step to ESTABLISHED was\n"
	"lost, and of those that TCP_REPAIR restored. Of what is older than the run it is\n"
	"found by what the socket has counted, and is null where that does not add up: a\n"
	"FIN\n"
	"that waits behind data, a segment that a device could not take. One that TCP_REPAIR\n"
	"restored before the run looks like any other: its flow is then that of no other end.\n"
	"Recordings of older versions have it where they have sequence numbers.\n"
	".PP\n"
	"With\n"
	".B \\-\\-stack\n"
	"there is opened_by, the code that connected or accepted: an array of frames from\n"
	"within outwards, each with function (of C++ and Rust as it is written, without\n"
	"parameters, if it was built with libiberty) and offset in it, file and line,\n"
	"module (the path of the file as its process has it) and module_offset (as\n"
	"addr2line(1) takes it), build_id, certain (false: a chain of\n"
	"frame pointers led to it that may not be one) and after_gap (others may lack before\n"
	"it); null where nobody knows. opened_by_whole: the last one is where the thread\n"
	"began. It is null where the process was gone or had become another program when\n"
	"it was looked at, which takes a moment, and of what io_uring did later.\n"
	"What was stripped has its functions and lines in /usr/lib/debug/.build\\-id, if its\n"
	"debug package is installed.\n"
	"Functions of code that a program made are those of its /tmp/perf\\-PID.map, if its\n"
	"own user owns that. Recordings keep names, not stacks. CSV has the functions in its\n"
	"column stack, from without inwards, between semicolons. Under\n"
	"lockdown=confidentiality nothing but the innermost function is known.\n"
	".TP\n"
	".B transition\n"
	"time, mono_ns, from, to, dwell_ns (spent in from), origin (kernel, or\n"
	"inferred where a lost event was healed).\n"
	".TP\n"
	".B connection\n"
	"time, end_time, timeline (state, mono_ns and dwell_ns of each state),\n"
	"handshake (latency_ns, quality, retransmits, flags: any of fastopen,\n"
	"syncookie, simultaneous, deferred, queue_full, restored: TCP_REPAIR put it into\n"
	"the kernel as it was, nobody shook hands, and its role is unknown),\n"
	"accept_wait_ns (ESTABLISHED\n"
	"to accept), close (outcome, initiator, errno, cause, reset_reason, tries: how\n"
	"many segments were sent in vain at the end), time_wait\n"
	"(duration_ns, end: expired, reused by a SYN or a connect, reset by an RST,\n"
	"purged with its namespace, killed by an administrator, overflow where there was\n"
	"no room for it, null while it lasts or where nothing tells; quality; rearms:\n"
	"times that it began again), bytes_sent,\n"
	"bytes_received, retransmits, retransmits_by (how often something was sent\n"
	"again, and why: syn, synack, timeout, fast, probe; several segments may be sent\n"
	"at once; null where there was nothing, or where it is not known for each),\n"
	"segments_sent, segments_received, srtt_us,\n"
	"min_rtt_us (of the last minutes), congestion_control, complete, gaps, seeded.\n"
	".TP\n"
	".B mptcp\n"
	"(\\-\\-mptcp): an MPTCP connection, by the ends, owner and id of the subflow that\n"
	"made it, null where that one is unknown. time (its beginning), end_time (of the\n"
	"last subflow), duration_ns, handshake (of the first subflow), the sums bytes_sent,\n"
	"bytes_received and retransmits, complete, subflow_count, subflows_open (so many\n"
	"were alive when the run ended; null where it had to make room for others, which\n"
	"mptcp_early of the summary counts, and paid_by says whose), subflows: each an\n"
	"object with all that its connection line would have, but retransmits_by; of\n"
	"very many, the first sixteen that ended. In CSV such a line has its count in the\n"
	"column subflows, and their ends in subflow_ends.\n"
	".TP\n"
	".B stuck\n"
	"time, mono_ns (of the look), state, age_ns, age_quality (exact or at_least),\n"
	"age_at_most_ns, moving (half closed, and the other side still sends), held_by\n"
	"(process, accept_queue, nobody, kernel, transit),\n"
	"holders (pid, comm, fd and way, which is descriptor or io_uring; null when\n"
	"they could not be read), holders_known (there is no other), listener (pid,\n"
	"comm, fd of who should accept it), rx_queue_bytes (unread), tx_queue_bytes\n"
	"(not acknowledged; a FIN counts as one), resent, left_ns (until the kernel\n"
	"ends it), inode, cgroup, reason. With\n"
	".B \\-\\-watch\n"
	"also change: stuck, or released, whose age_ns is how long it was.\n"
	".PP\n"
	"Other types are\n"
	".TP\n"
	".B ports\n"
	"of stuck \\-\\-ports, for each destination: time, netns, netns_name, family, laddr,\n"
	"raddr, rport, ifindex, ifname, range_low, range_high and range_usable (null where\n"
	"they could not be read), used, connecting, open, time_wait, next_free_ns (null:\n"
	"when none is in TIME_WAIT), users (pid, comm, count; at most three), users_more,\n"
	"reason (null as long as there is room). The summary has ports (destinations,\n"
	"full, and what could not be seen, as that of listeners).\n"
	".TP\n"
	".B listener\n"
	"time and mono_ns (of the look), change (true, with\n"
	".BR \\-\\-watch :\n"
	"its verdict has changed), netns, netns_name, family, laddr, lport, laddr_is_bound\n"
	"(false: connections came to that address), ifindex, ifname, pid, comm, uid,\n"
	"holders and\n"
	"holders_known as of stuck, unit, container, pod, cgroup, inode, queue, queue_max\n"
	"(the backlog), queue_most, half_open, oldest_ns, idle_ns (for how long nobody has\n"
	"accepted while some waited) and idle_quality (exact or at_least), drops and\n"
	"overflows (since it listens; overflows are those by a full queue, null where\n"
	"the kernel's counters, which are by namespace, leave it open), new_drops and\n"
	"new_overflows (during the run), requests_overflowed (half\\-open requests that died\n"
	"because the queue was full), netns_drops, netns_overflows, new_netns_drops and\n"
	"new_netns_overflows (of its namespace), accepted, never_accepted, rate (a second),\n"
	"accept_wait (count, p50_ns, p99_ns, max_ns), reuseport (sockets, accepted,\n"
	"unassigned: accepted by nobody knows which; null where it is alone), verdict\n"
	"(full, dropping, requests_full, waiting, has_dropped; null) and reason, the\n"
	"sentence. What only a run can tell is null in a single look.\n"
	".TP\n"
	".B half_open\n"
	"netns, family, laddr, lport, raddr, rport, role, unit, container, pod (the\n"
	"listener's), time and mono_ns (when the\n"
	"request was given up), age_ns (since its first SYN\\-ACK), synack_retransmits,\n"
	"outcome, cause, reset_reason (the kernel's own word for our reset, or null),\n"
	"ifindex and ifname.\n"
	".TP\n"
	".B histogram\n"
	"name, by (the keys of the group; other: true for the rest), unit, count,\n"
	"unknown, estimated (of those that are counted), min, max, mean, p50, p90, p99,\n"
	"p999, buckets (low, high, count), and by its name by_quality, by_outcome,\n"
	"by_end or by_reason, the counts of each. The values of handshake_server are the\n"
	"exact ones; what is estimated is counted there, and has its values apart, in\n"
	"handshake_estimated, with the reason. With\n"
	".B \\-\\-interval\n"
	"time (its beginning) and duration_ns of the interval.\n"
	".TP\n"
	".B failure\n"
	"a row of the table of failures, the largest first: count, count_at_most (more,\n"
	"where some of it may have been counted with the rest: of more than 2048 kinds\n"
	"those with the largest counts are kept), other (true for the rest),\n"
	"outcome, cause, errno, reset_reason, role, raddr and rport (of a\n"
	"client), lport (of a server), comm, process, owner_source. comm, errno and\n"
	"reset_reason are null where they differ within the row.\n"
	".TP\n"
	".B diff_side\n"
	"before the lines of\n"
	".BR diff :\n"
	"side (old or new), input (its file, null: the kernel was traced), duration_ns,\n"
	"opened, closed, failed, lost, incomplete, sampling_ratio, hooks.\n"
	".TP\n"
	".B diff\n"
	"a number of both, what has changed first, the largest change before all: name,\n"
	"verdict (more, less, none, too_few, unknown: not both were followed for it),\n"
	"unit, old and new; of quantiles between which bounds each surely is (old_low,\n"
	"old_high, new_low, new_high); factor_low and factor_high, between which new is as\n"
	"many times old. null: there is none, or no bound. The summary behind them is that\n"
	"of NEW.\n"
	".TP\n"
	".B explain\n"
	"handshake, close and time_wait as those of a connection; other (the fields of\n"
	"the other end, if it is on this machine), numbers (x, y, u, v, w), language,\n"
	"steps (kind: segment, data or moment; number: 1 to 7 of the textbook's steps;\n"
	"time, sent_mono_ns and came_mono_ns, each measured by that end, since_ns, way_ns\n"
	"and way_bound_ns: how long it was on its way from one machine to another one;\n"
	"direction: out or in; flags, flags_guessed: more of them, which no state tells,\n"
	"times: more than 1 if it was sent again, arrived,\n"
	"seq, seq_name, ack, ack_name, bytes_out, bytes_in, local and remote: the states\n"
	"behind it, local_measured, remote_measured, text); host, other_host; clocks: null\n"
	"where there is one, else difference (bounded, unknown, contradictory), handshakes,\n"
	"offset_ns and offset_bound_ns (of the other end's), drift_ppm and drift_bound_ppm.\n"
	".TP\n"
	".B check\n"
	"what\n"
	".B tcpspan check\n"
	"found. Of recordings, missing has the first and the last number of parts that\n"
	"are not there, null where all that followed are.\n"
	".TP\n"
	".B against\n"
	"what\n"
	".B check \\-\\-against\n"
	"found: duration_ns, namespaces that were compared, lost (events and\n"
	"connections), counters (for each its kernel, here and difference, or null\n"
	"where it cannot be compared here), ok: null if none can.\n"
	".TP\n"
	".B summary\n"
	"always last: events (" COUNTERS
	"dropped and unread being of recordings, and skipped runs of a hook that has\n"
	"something to tell only where a connect fails before a SYN, which kernels before\n"
	"6.7 do not count), connections (opened,\n"
	"closed, live, seeded, restored: by TCP_REPAIR, unsent: connects that failed\n"
	"or ended without a SYN, which are not among those opened, incomplete, evicted,\n"
	"children_lost, time_waits_evicted,\n"
	"seeds_left_out: older than the trace, and no room for them, resyncs:\n"
	"comparisons with the kernel's sockets after a loss, listeners_left_out: owners\n"
	"of their connections are not known), half_open (requests that died, by their\n"
	"outcome), gaps, unseen (lost, and counted by nobody: at least so many), hooks,\n"
	"duration_ns, values_lost (not in the histograms), values_crowded (of groups\n"
	"for which there was no room, in the rest), half_open_unprinted, names_lost (of\n"
	"processes: null in their lines), resent_lost (connections whose\n"
	"retransmits_by is null for lack of room), resets (sent,\n"
	"received, stray: sent without a connection), retransmits (segments sent\n"
	"again: syn, synack, timeout, fast, probe; hist does not follow them), null\n"
	"where no hook tells, failures_lost,\n"
	"listen_overflows (SYNs and ACKs that met a\n"
	"full accept queue), listen_drops (these, and what listeners dropped for other\n"
	"reasons), listen_quality (exact, at_least, unknown), paid_by (for each bound\n"
	"that is shared, max_connections, half_open_lines, listeners, mptcp, names, seeds,\n"
	"resent, stories, groups, failures, stuck, ring, sample, holders, stacks and notes,\n"
	"who lost most by it: netns, and uid or lport; count, and count_at_most where more\n"
	"of them may be others').\n"
	".B tcpspan stuck\n"
	"also stuck (sockets that were asked for, stuck, begun and released with\n"
	".BR \\-\\-watch ,\n"
	"and what was left out or could not be seen: age_unknown, moving, vanished,\n"
	"holders_unknown,\n"
	"unreadable_processes, unreadable_namespaces, crowded_namespaces (of one user\n"
	"who has more than can be looked into in a second), hidden_processes (that do not show\n"
	"their namespace), dropped, parts_missing (of a recording: the first part has the\n"
	"sockets that are older than all of it); in_flight, descriptors\n"
	"on their way over UNIX sockets; exec_failed, exec_dropped); that of\n"
	".B tcpspan listeners\n"
	"listeners (listeners, in_trouble, unreadable_processes, unreadable_namespaces,\n"
	"crowded_namespaces, hidden_processes, uncounted_namespaces, left_out).\n"
	".SS Losses\n"
	"The summary counts what the kernel saw, what the filters dropped, what was\n"
	"submitted, what did not fit in the ring buffer, what the kernel refused to\n"
	"run, and what was received. What the kernel neither ran nor counted shows in\n"
	"the connections only, where one event does not go on from what the one before\n"
	"led to: unseen is how many of these are more than all that was counted, and\n"
	"so the least that was lost. A lost event is a gap: the missing transition is\n"
	"inferred, marked, and its duration withheld. Within a second after a loss the\n"
	"connections are compared with the kernel's sockets: those that it does not\n"
	"know any more are closed with an unknown outcome, others put in their state.\n";

static const char filters[] =
	".SH FILTERS\n"
	"Filters of different kinds must all match; of a list, one value must. What a\n"
	"filter asks for is judged as soon as it is known, in the kernel where it is\n"
	"known there: a client has no local port before it has chosen one, and a\n"
	"server's connection no owner before it is accepted; where that cannot be seen\n"
	"it is judged by the owner of its listener. Until then the connection is\n"
	"remembered and nothing of it is\n"
	"printed, so that no connection loses its first event to a filter. What never\n"
	"becomes known does not match.\n"
	".PP\n"
	"With\n"
	".B \\-\\-follow\n"
	"a process is asked for with its children, and theirs: those that /proc shows when\n"
	"the run begins, and each that is forked from then on, as a tracepoint tells, until\n"
	"it ends. One that has lost its parent before the run is nobody's. At most 65536\n"
	"are followed at a time; kin_full of events counts those that found no room.\n";

static const char recordings[] =
	".SH RECORDINGS\n"
	"A recording is read with\n"
	".B \\-\\-input\n"
	"on any machine of the same byte order, without rights. It holds the clock, the\n"
	"hooks, the filters and the names of cgroups, containers and pods of the machine\n"
	"that recorded, and begins with the sockets that were there, except with\n"
	".BR \\-\\-sample .\n"
	"The same file gives the same output. Several are merged by the time of day; parts\n"
	"of one are put in order. What two recordings tell of one connection is told\n"
	"twice: each has its own filter, and may lack what the other has.\n"
	".PP\n"
	"What is recorded goes to a new file, for its owner alone (mode 0600), which takes\n"
	"the place of an older one when recording begins. A symbolic link, a file of\n"
	"somebody else, one with several names and one that others may write to are\n"
	"refused, and so is a part that is there already; a pipe or a device must be one's\n"
	"own or root's. Addresses of the kernel's memory are not kept: sockets are named by\n"
	"hashes under a key that each run draws anew and forgets.\n"
	".PP\n"
	"Whatever is no regular file, such as a pipe of a shell, is read once as it comes.\n"
	"A file that was cut short or damaged is read as far as it is whole, before and\n"
	"behind the damage; what contradicts itself is left out as well. One sentence\n"
	"says at which byte it begins, how many records were read and how many are known\n"
	"to be lost; the exit status is 2. In the summary,\n"
	".I dropped\n"
	"are records that could not be written in time and\n"
	".I unread\n"
	"those that a damaged file has lost.\n";

static const char surroundings[] =
	".SH EXIT STATUS\n"
	".TP\n"
	".B 0\n"
	"It ran, and ended after its duration or because it was told to; for\n"
	".BR check :\n"
	"tracing works here, or all of a recording is there and can be read, and it was\n"
	"recorded without losses; for\n"
	".BR stuck :\n"
	"nothing is stuck.\n"
	".TP\n"
	".B 1\n"
	".BR stuck :\n"
	"something is;\n"
	".BR check :\n"
	"what was counted and the kernel's counters differ by more than what was lost;\n"
	".BR explain :\n"
	"no connection was there to explain, and it ended by itself.\n"
	".TP\n"
	".B 2\n"
	"The command line is wrong, tracing is not possible, or a recording cannot be\n"
	"written or read to its end: one sentence on standard error gives the reason; for\n"
	".BR stuck :\n"
	"nothing was found, and not everywhere could be looked, for lack of a right; with\n"
	".BR \\-\\-fail\\-if :\n"
	"what was not measured leaves the condition undecided.\n"
	".TP\n"
	".B 3\n"
	"The condition of\n"
	".B \\-\\-fail\\-if\n"
	"holds, whatever else came up.\n"
	".SH ENVIRONMENT\n"
	".TP\n"
	".B NO_COLOR\n"
	"No colour, even on a terminal, when it is set and not empty.\n"
	".TP\n"
	".B COLUMNS\n"
	"The width of histograms, instead of the terminal's.\n"
	".TP\n"
	".B OTEL_EXPORTER_OTLP_ENDPOINT\n"
	"The URL that\n"
	".B \\-\\-otlp env\n"
	"means. With _TRACES_ENDPOINT and _METRICS_ENDPOINT instead of _ENDPOINT whole URLs,\n"
	"with _HEADERS a list of name=value, with _TIMEOUT milliseconds (10000), with\n"
	"_COMPRESSION gzip or none, with _CERTIFICATE a file of whom to trust, which the user\n"
	"of\n"
	".B \\-\\-user\n"
	"can read, with _INSECURE true as\n"
	".BR \\-\\-otlp\\-insecure .\n"
	".TP\n"
	".B OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES\n"
	"What spans and figures are of, instead of the owner's name, and beside what is known.\n"
	".TP\n"
	".B OTEL_METRIC_EXPORT_INTERVAL, OTEL_BSP_SCHEDULE_DELAY\n"
	"Milliseconds from figures to figures (60000), and that spans wait at most (5000);\n"
	"OTEL_BSP_MAX_EXPORT_BATCH_SIZE is how many go together (512), and\n"
	"OTEL_TRACES_EXPORTER and OTEL_METRICS_EXPORTER may be none.\n"
	".TP\n"
	".B NOTIFY_SOCKET, WATCHDOG_USEC\n"
	"Where a service manager hears from\n"
	".B export\n"
	"as of sd_notify(3): READY=1 when all is attached and what was there before is\n"
	"known, which is when /\\-/ready says so, WATCHDOG=1 twice in that time, and\n"
	"STOPPING=1.\n"
	".SH MEMORY\n"
	".B check\n"
	"says what memory a run would take with the options that are given beside it: of the\n"
	"kernel's the ring buffer\n"
	".RB ( \\-\\-ring ),\n"
	"slots, in which steps of connections are collected where they are not told of one by\n"
	"one\n"
	"(as many as\n"
	".BR \\-\\-max\\-connections ,\n"
	"within bounds), and other maps at most; of this program the table of connections,\n"
	"which grows as they come. In JSON that is memory: ring_bytes, slot_bytes,\n"
	"map_bytes, table_bytes_most.\n"
	".SH BUDGET\n"
	"With\n"
	".BI \\-\\-budget\\~ PERCENT\n"
	"four times a second the processor time of this program and of its hooks is\n"
	"compared with that percentage of the time of all processors. Beyond it, one of N\n"
	"connections that begin is followed, chosen by chance, from its first event to its\n"
	"last; N is a power of two, doubles or more at once, and is halved when for a second\n"
	"twice the cost would have been less than three quarters of the budget. Connections\n"
	"that are followed when N grows are followed on; those older than the run are all\n"
	"followed. Where leaving out is of no use, for the cost is not theirs, N grows no\n"
	"more, but for a trial now and then.\n"
	".PP\n"
	"The time of the hooks is that which the kernel measures of the first 2000 events,\n"
	"for that statistic costs something itself; from then on it is reckoned by the number\n"
	"of events. One that is not followed costs as much there (it is seen, looked up and\n"
	"counted), but no record and no time of this program. Where it may not be measured,\n"
	"an event counts as 500 ns. What the kernel takes to call a hook is not in it.\n"
	".PP\n"
	"Whatever is printed is then of the connections that were followed: counts of\n"
	"connections, states and failures are to be divided by\n"
	".B sampling_ratio\n"
	"of the summary (the gauge\n"
	".B tracer_sampling_ratio\n"
	"has that of the moment), percentiles and shares need not be. In the counts of\n"
	"events, births and ends are all connections that began and ended, exactly, whether\n"
	"they were followed or not, and unsampled how many were not: sampling_ratio is 1 less\n"
	"unsampled for each birth. The same holds for\n"
	".BR \\-\\-sample .\n"
	"Recordings of older versions do not tell: there these are null.\n"
	"A birth is a SYN that leaves, or a server's child; ends include those of connections\n"
	"older than the run. Nothing is compared with the kernel's counters then.\n"
	".SH OVERHEAD\n"
	"A state transition costs one record of 48 to 136 bytes in a ring buffer,\n"
	"which is meant to take no more than 0.16 us in the kernel, and less than 0.1\n"
	"us in this program. The reader is woken by the amount of records, or by\n"
	"time, never by a single one. Filters that the kernel can judge save the\n"
	"record. The program needs the ring buffer and at most 264 bytes for each\n"
	"live connection, up to\n"
	".BR \\-\\-max\\-connections .\n"
	"When the ring is full, records are lost and counted, and traffic is not\n"
	"slowed down.\n"
	".PP\n" OVERHEAD_ABOUT ".PP\n"
	".nf\n" OVERHEAD_TABLE ".fi\n"
	".PP\n"
	"CPU and MiB are those of the tracer's own process, and what it has lost is what\n"
	"it said, or what its output lacks. In the source tree,\n"
	".B make bench\\-deps bench\n"
	"measures all this on the machine at hand.\n"
	".SH KERNELS\n"
	"Linux 5.10 or later with types (\\c\n"
	".IR /sys/kernel/btf/vmlinux ),\n"
	"and root or the capabilities CAP_BPF and CAP_PERFMON. Each hook is attached\n"
	"in the best way that works, found by trying: tracepoints with types,\n"
	"tracepoints through perf, fentry, kprobes. Lockdown in confidentiality mode\n"
	"leaves the first.\n"
	".PP\n"
	"Where none of these tells of timewait sockets, those that connections have\n"
	"left are looked at each second, and less often if that would take more than a\n"
	"twentieth of a processor, but only for\n"
	".BR hist ,\n"
	".BR \\-\\-events ,\n"
	".B \\-\\-full\n"
	"and\n"
	".BR \\-\\-open .\n"
	"Then the quality of a TIME_WAIT is estimated: its end lies between two looks,\n"
	"a FIN that came late is put where the kernel's timer says it did, the ends\n"
	"expired, reused and purged are told, and any other is null. One that no look\n"
	"has found is unknown. TIME_WAITs that are older than the run are left alone,\n"
	"and recordings hold no samples.\n"
	".B tcpspan check\n"
	"prints what works, and why the rest does not.\n";

static const struct {
	const char *command, *effect;
} examples[] = {
	{ "tcpspan", "Every connection that ends, until Ctrl-C." },
	{ "tcpspan --events -N self", "Every transition in this network namespace." },
	{ "tcpspan -L 80,443 -T -d 60", "A minute of a web server, with the time of day." },
	{ "tcpspan -c curl --full", "What curl connects to, TIME_WAIT included." },
	{ "tcpspan --json -a 192.0.2.0/24 > connections.json", "For other programs." },
	{ "tcpspan --failed -D 5432", "What fails between here and a database, and why." },
	{ "tcpspan hist -d 30 --by raddr", "Handshake latencies for each peer." },
	{ "tcpspan hist --only handshake_server --interval 10", "One of them, every ten seconds." },
	{ "tcpspan hist -d 60 --fail-if 'handshake_server.p99 > 50ms or lost > 0'",
	  "A minute of measuring, as a gate: status 3 if it was slow." },
	{ "tcpspan diff before.tsp after.tsp", "What a new release has changed." },
	{ "tcpspan diff before.tsp -d 60 --fail-if 'change.handshake_client.p50 > 10%'",
	  "Whether it is slower now than it was, as a gate." },
	{ "tcpspan --slow 200ms -D 443", "What is slow to open." },
	{ "tcpspan explain -i night.tsp --failed", "How the first failure of the night came." },
	{ "tcpspan stuck", "What is in CLOSE_WAIT, since when, and who forgot to close it." },
	{ "tcpspan stuck --state all-stuck --by comm", "Everything that hangs, by program." },
	{ "tcpspan stuck --watch --min-age 60 --exec 'logger -t stuck'",
	  "Tell somebody of each socket that has not been closed for a minute." },
	{ "tcpspan stuck --ports", "Why connect says EADDRNOTAVAIL, and until when." },
	{ "tcpspan listeners", "Who listens, and whose queue is full." },
	{ "tcpspan listeners -d 30 -L 443", "How long a web server's clients wait for accept." },
	{ "tcpspan record -o night.tsp --rotate 100M --keep 20",
	  "What happens, kept in the last 20 parts of 100 MiB." },
	{ "tcpspan -T -i night.tsp.*", "The same, looked at by day, by anybody." },
	{ "tcpspan explain 192.0.2.1:443", "The next connection with it, segment by segment." },
	{ "tcpspan explain -i here.tsp -i there.tsp --flow 5f3a09c1d2e4b678",
	  "One connection as both machines saw it." },
	{ "tcpspan stuck -i night.tsp --at 3h", "What was in CLOSE_WAIT three hours later." },
	{ "tcpspan explain -i night.tsp --longest CLOSE_WAIT", "Who forgot to close, and when." },
	{ "tcpspan trace -i night.tsp --format perfetto > night.json", "For a trace viewer." },
	{ "tcpspan trace -i night.tsp --format otlp > night.jsonl", "As spans, for a collector." },
	{ "tcpspan report -i night.tsp -o night.html", "A page of it, with a verdict." },
	{ "tcpspan export --otlp https://collector:4318", "Spans of what fails, and all figures." },
	{ "tcpspan top", "All of it on one screen, live; ? tells the keys." },
	{ "tcpspan top -i night.tsp", "The night again, at any speed." },
	{ "tcpspan top --once -d 10", "One screen of the last ten seconds." },
	{ "tcpspan check", "Whether it works here, and how." },
	{ "tcpspan check --against 60s", "Whether it misses anything that the kernel counts." },
};

static void man_synopsis(void)
{
	fputs(".SH NAME\ntcpspan \\- follow TCP connections from birth to death\n.SH SYNOPSIS\n",
	      stdout);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (i)
			fputs(".br\n", stdout);
		printf(i ? ".B tcpspan %s\n" : ".B tcpspan\n.RB [ %s ]\n", command_specs[i].name);
		fputs(".RI [ option ...]\n", stdout);
	}
}

static void man_commands(void)
{
	fputs(".SH COMMANDS\nWithout one of these it is\n", stdout);
	printf(".BR %s .\n", command_specs[0].name);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		roff_entry(command_specs[i].name, command_specs[i].question);
		fputs(".sp\n", stdout);
		roff_text(command_specs[i].about);
	}
}

static void man_commands_without(unsigned int commands)
{
	fputs("Not with", stdout);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (commands >> i & 1)
			printf(" %s", command_specs[i].name);
	fputs(".\n", stdout);
}

/* What it does not go with, whatever its value, or cannot do without. */
static void man_rules(const struct option_spec *s)
{
	for (const struct option_rule *rule = option_rules; rule < option_rules + option_rule_count;
	     rule++) {
		char text[ROFF_COLUMNS];

		if (!s->name || !rule->said.name || strcmp(rule->said.name, s->name) ||
		    rule->said.value)
			continue;
		if (!rule->other.name) {
			man_commands_without(rule->commands);
			continue;
		}
		snprintf(text, sizeof(text), "%s --%s%s%s.",
			 rule->relation == OPTION_NEEDS ? "Needs" : "Not with", rule->other.name,
			 rule->other.value ? " " : "", rule->other.value ? rule->other.value : "");
		roff_text(text);
	}
}

static void man_option(const struct option_spec *s)
{
	fputs(".TP\n", stdout);
	if (s->letter)
		printf("\\fB\\-%c\\fR%s", s->letter, s->name ? ", " : "");
	if (s->name) {
		fputs("\\fB\\-\\-", stdout);
		for (const char *c = s->name; *c; c++)
			fputs(*c == '-' ? "\\-" : (char[]){ *c, '\0' }, stdout);
		fputs("\\fR", stdout);
	}
	if (s->argument)
		printf(" \\fI%s\\fR", s->argument);
	putchar('\n');
	roff_text(s->help);
	if (s->detail)
		roff_text(s->detail);
	man_rules(s);
	if (s->commands == OPTION_OF_EVERY)
		return;
	fputs("(Only", stdout);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (s->commands >> i & 1)
			printf(" %s", command_specs[i].name);
	fputs(".)\n", stdout);
}

static void man_options(void)
{
	fputs(".SH OPTIONS\nLong options may be shortened as long as they stay unique.\n", stdout);
	for (unsigned int group = 0; group < OPTION_GROUP_COUNT; group++) {
		roff_request(".SS", option_group_heading(group));
		for (EACH_OPTION(s))
			if (s->group == group)
				man_option(s);
	}
}

static void man_cause(const struct cause *cause)
{
	roff_entry(cause->code, cause->meaning);
	if (cause->name)
		printf("(%s: \\c\n.BR %s )\n", conn_outcome_name((enum conn_outcome)cause->outcome),
		       cause->name);
}

static void man_output(void)
{
	fputs(output_text, stdout);
	for (size_t i = 0; i < legend_column_count; i++)
		roff_entry(legend_columns[i].sign, legend_columns[i].meaning);
	fputs(output_ends, stdout);
	roff_entry(legend_ends[CONN_OUTCOME_OPEN].code, legend_ends[CONN_OUTCOME_OPEN].meaning);
	for (unsigned int i = 0; i < CONN_CAUSE_COUNT; i++)
		man_cause(cause_of(i));
	fputs(output_causes, stdout);
	fputs(output_rest, stdout);
	fputs(".SS Screens\nThe keys of\n.BR top :\n", stdout);
	for (size_t i = 0; i < help_entry_count; i++)
		roff_entry(help_entries[i].keys, help_entries[i].what);
	fputs(".PP\nAnd what it shows:\n", stdout);
	for (size_t i = 0; i < help_sign_count; i++)
		roff_entry(help_signs[i].keys, help_signs[i].what);
}

static void man_examples(void)
{
	fputs(".SH EXAMPLES\n", stdout);
	for (size_t i = 0; i < COUNT(examples); i++)
		roff_entry(examples[i].command, examples[i].effect);
}

void manual_print(void)
{
	printf(".TH TCPSPAN 8 \"\" \"tcpspan %s\" \"System Administration\"\n.nh\n.ad l\n",
	       TCPSPAN_VERSION);
	man_synopsis();
	fputs(description, stdout);
	man_commands();
	man_options();
	man_output();
	fputs(filters, stdout);
	conditions_print();
	fputs(recordings, stdout);
	spans_print();
	fputs(surroundings, stdout);
	alerts_print();
	security_print();
	man_examples();
	fputs(".SH SEE ALSO\n.BR ss (8),\n.BR tcpdump (8),\n.BR bpftool (8),\n.BR ip\\-netns (8),\n"
	      ".BR tcp (7),\n.BR cgroups (7),\n.BR capabilities (7)\n.PP\n"
	      "RFC 9293, Transmission Control Protocol.\n",
	      stdout);
}
