// SPDX-License-Identifier: GPL-2.0-only
/* The tables of short forms. */
#include "user/sink/legend.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct legend_end legend_ends[] = {
	[CONN_OUTCOME_OPEN] = { "open", "still alive", false },
	[CONN_OUTCOME_CLOSED] = { "fin", "closed in order, a FIN each way", false },
	[CONN_OUTCOME_REFUSED] = { "rfsd", "the peer answered the SYN with a RST", true },
	[CONN_OUTCOME_TIMED_OUT] = { "tmo", "the peer did not answer any more", true },
	[CONN_OUTCOME_UNREACHABLE] = { "unre", "the network said that there is no way", true },
	[CONN_OUTCOME_RESET_SENT] = { "rst>", "reset by this side", true },
	[CONN_OUTCOME_RESET_RECEIVED] = { ">rst", "reset by the peer", true },
	[CONN_OUTCOME_ABORTED] = { "abrt", "ended by this side, neither in order nor reset", true },
	[CONN_OUTCOME_HANDSHAKE_ABANDONED] = { "hsab", "given up before it was open", true },
	[CONN_OUTCOME_OVERFLOW] = { "full", "the accept queue had no room for it", true },
	[CONN_OUTCOME_LISTENER_CLOSED] = { "lstn", "the listener was closed before it was open",
					   true },
	[CONN_OUTCOME_KILLED] = { "kill", "ended by an administrator", true },
	[CONN_OUTCOME_UNKNOWN] = { "?", "its end was not seen", false },
};
const size_t legend_end_count = COUNT(legend_ends);

const struct legend_end *legend_end(enum conn_outcome outcome)
{
	return &legend_ends[(size_t)outcome < legend_end_count ? outcome : CONN_OUTCOME_UNKNOWN];
}

const char *legend_code(const struct conn *c)
{
	const struct cause *cause = cause_of(c->cause);

	return c->cause != CONN_CAUSE_UNKNOWN && cause->outcome == c->outcome ?
		       cause->code :
		       legend_end((enum conn_outcome)c->outcome)->code;
}

const struct legend_entry legend_columns[] = {
	{ "TIME", "time of day of the line's last event (--time)" },
	{ "TIME(s)", "the same in seconds since the start (--timestamp)" },
	{ "PID, COMM",
	  "the owner: who called connect or accept; its process's name, cut to 9 columns" },
	{ "LADDR, LPORT",
	  "this side's address and port; left out, as COMM is next, where there is no room" },
	{ "RADDR, RPORT", "the peer's address and port" },
	{ "HANDSHK", "client: first SYN to ESTABLISHED; server: first SYN-ACK to its ACK" },
	{ "1.03s*2, -*6",
	  "the SYN or SYN-ACK was sent again, so often; * alone where there is no room" },
	{ "LIFE", "from the start until CLOSED or TIME_WAIT, as far as it could be seen" },
	{ "END", "how it ended; the codes stand below, and tcpspan explain CODE tells of one" },
	{ "mp2", "an MPTCP connection of two subflows, which follow with + for PID (--mptcp)" },
	{ "TWAIT, TWEND",
	  "how long TIME_WAIT lasted, and whether it expired or was reused, reset or purged, or "
	  "there was no room for it: overflow (--full)" },
	{ "DWELL", "time spent in OLDSTATE" },
	{ "->", "a transition that the kernel reported" },
	{ "~>", "a transition that was inferred: its event was lost or does not exist" },
	{ "~nginx", "the owner of the listener: nobody saw who accepted the connection" },
	{ "~80.1ms", "an estimate: accept was deferred or may have been, or it was a fast open" },
	{ "-", "unknown" },
	{ "..", "the middle of a long address was left out (--wide shows it)" },
	{ "ROLE", "client: this side sent the SYN; server: the peer did (--wide)" },
	{ "ID, NETNS, UID",
	  "number of the connection; inode of its network namespace; user (--wide)" },
	{ "ACCEPT", "how long it waited in the accept queue, ESTABLISHED to accept (--wide)" },
	{ "RETR, TX, RX", "segments sent again; bytes of payload sent and received (--wide)" },
	{ "SEGTX, SEGRX", "segments sent and received, those without data as well (--wide)" },
	{ "MINRTT, CC",
	  "the least round trip of the last minutes; the congestion control (--wide)" },
	{ "CAUSE", "the name of the cause, with the kernel's reason for the reset that this side "
		   "sent, or with the segments that were sent in vain (--wide)" },
	{ "UNIT, CONTAINER, POD",
	  "the service or scope of systemd, and the container and pod that its socket was made in, "
	  "by name or, where nobody tells it, by id (--wide)" },
	{ "CMDLINE", "the beginning of the owner's command line (--wide)" },
};
const size_t legend_column_count = COUNT(legend_columns);
