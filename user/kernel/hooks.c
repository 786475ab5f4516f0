// SPDX-License-Identifier: GPL-2.0-only
/* The table of hook families, their rungs and the programs that make a rung. */
#include <linux/capability.h>

#include "user/kernel/hooks.h"

/*
 * Who sleeps in a function returns past the programs at its end that came after him. The kernel
 * leaves fexit programs out as well if anybody has attached one there meanwhile, or has detached
 * one, since 5.12 (e21aa341785c "bpf: Fix fexit trampoline."); it has notes for so many returns of
 * a kretprobe.
 */
#define ACCEPT_LACKS "an accept that sleeps as programs come or go: the listener's"

/*
 * Since 6.11 whoever ends a timewait socket shuts its timer down (b334b924c9b7 "net: tcp/dccp:
 * prepare for tw_timer un-pinning"), which made this function as well.
 */
#define SHUT_TIMEWAIT_TIMERS "inet_twsk_hashdance_schedule"

const struct hook_family hook_families[HOOK_FAMILY_COUNT] = {
	[HOOK_STATE] = {
		.name = "state",
		.yields = "every transition of a full socket",
		.required = true,
		.rung_count = 4,
		.rungs = {
			{ HOOK_KIND_TP_BTF,
			  HOOK_SYMBOL_NONE,
			  { "state_tp_btf", "state_witness_tp_btf" },
			  .witnessed = true },
			{ HOOK_KIND_TRACEPOINT, HOOK_SYMBOL_NONE, { "state_tracepoint" } },
			{ HOOK_KIND_FENTRY,
			  HOOK_SYMBOL_NONE,
			  { "state_fentry", "state_witness_fentry", "state_clone_fexit" },
			  .witnessed = true },
			{ HOOK_KIND_KPROBE, HOOK_SYMBOL_NONE,
			  { "state_kprobe", "state_clone_kretprobe" } },
		},
	},
	/*
	 * Evidence beside the other families, not instead of them: it has no rungs to choose by
	 * name.
	 */
	[HOOK_END] = {
		.name = "end",
		.yields = "the end of a socket whose last transition was lost",
		.always = true,
		.rung_count = 2,
		.rungs = {
			{ HOOK_KIND_TP_BTF, HOOK_SYMBOL_NONE, { "end_tp_btf" } },
			{ HOOK_KIND_TRACEPOINT, HOOK_SYMBOL_NONE, { "end_tracepoint" } },
		},
	},
	[HOOK_PASSIVE] = {
		.name = "passive",
		.yields = "server handshakes with lost or deferred ACKs, half-open requests",
		.probes = true,
		.rung_count = 3,
		.rungs = {
			{ HOOK_KIND_FENTRY, HOOK_SYMBOL_NONE,
			  { "passive_queued_fentry", "passive_drop_fexit",
			    "passive_ack_fentry" } },
			{ HOOK_KIND_KPROBE, HOOK_SYMBOL_NONE,
			  { "passive_queued_kprobe", "passive_drop_kprobe",
			    "passive_ack_kprobe" } },
			{ HOOK_KIND_TP_BTF, HOOK_SYMBOL_REQUEST,
			  { "timer_cancel", "timer_expire_entry", "timer_expire_exit" } },
		},
	},
	[HOOK_ACCEPT] = {
		.name = "accept",
		.yields = "the owner of a server's connection, its wait in the accept queue",
		.rung_count = 4,
		.rungs = {
			{ HOOK_KIND_FENTRY,
			  HOOK_SYMBOL_NONE,
			  { "accept_fexit" },
			  .sign = "proto_accept_arg",
			  .lacks = ACCEPT_LACKS },
			{ HOOK_KIND_FENTRY,
			  HOOK_SYMBOL_NONE,
			  { "accept_old_fexit" },
			  .lacks = ACCEPT_LACKS },
			{ HOOK_KIND_KPROBE,
			  HOOK_SYMBOL_NONE,
			  { "accept_kretprobe" },
			  .lacks = ACCEPT_LACKS },
			{ HOOK_KIND_TRACEPOINT, HOOK_SYMBOL_NONE,
			  { "accept_tracepoint", "accept4_tracepoint" },
			  .lacks = "accepts by io_uring or 32-bit code: the listener's" },
		},
	},
	/* Only the call tells of them; a probe of its return would wait as long as it does. */
	[HOOK_CONNECT] = {
		.name = "connect",
		.yields = "connects that fail before a SYN, with their errno",
		.rung_count = 2,
		.rungs = {
			{ HOOK_KIND_FENTRY, HOOK_SYMBOL_NONE, { "connect_fexit" } },
			{ HOOK_KIND_TRACEPOINT, HOOK_SYMBOL_NONE, { "connect_tracepoint" },
			  .lacks = "connects by io_uring, 32-bit code or MSG_FASTOPEN",
			  .is_silent = true },
		},
	},
	[HOOK_TIME_WAIT] = {
		.name = "time_wait",
		.yields = "TIME_WAIT to its real end, FIN_WAIT2 of sockets nobody holds",
		.probes = true,
		.rung_count = 7,
		.rungs = {
			{ HOOK_KIND_FENTRY,
			  HOOK_SYMBOL_NONE,
			  { "timewait_segment_fentry", "timewait_segment_fexit",
			    "timewait_kill_fentry" },
			  .sign = SHUT_TIMEWAIT_TIMERS,
			  .is_wrong_unsigned = true },
			{ HOOK_KIND_FENTRY, HOOK_SYMBOL_NONE,
			  { "timewait_fire_fentry", "timewait_segment_fentry",
			    "timewait_segment_fexit", "timewait_kill_old_fentry" } },
			{ HOOK_KIND_KPROBE,
			  HOOK_SYMBOL_NONE,
			  { "timewait_segment_kprobe", "timewait_segment_kretprobe",
			    "timewait_kill_kprobe" },
			  .sign = SHUT_TIMEWAIT_TIMERS,
			  .is_wrong_unsigned = true },
			{ HOOK_KIND_KPROBE, HOOK_SYMBOL_NONE,
			  { "timewait_fire_kprobe", "timewait_segment_kprobe",
			    "timewait_segment_kretprobe", "timewait_kill_old_kprobe" } },
			{ HOOK_KIND_TP_BTF,
			  HOOK_SYMBOL_TIMEWAIT,
			  { "timer_cancel", "timer_expire_entry", "timewait_segment_drop" },
			  .sign = SHUT_TIMEWAIT_TIMERS }, /* of the same age */
			{ HOOK_KIND_TP_BTF,
			  HOOK_SYMBOL_TIMEWAIT,
			  { "timer_start", "timer_cancel", "timer_expire_entry",
			    "timewait_segment_free" } },
			/* Nothing watches: what there is is looked at each second. */
			{ HOOK_KIND_SAMPLING, HOOK_SYMBOL_NONE, { "socket_iter" } },
		},
	},
	[HOOK_RESET] = {
		.name = "reset",
		.yields = "who reset a connection, and why",
		.always = true,
		.rung_count = 4,
		.rungs = {
			{ HOOK_KIND_TP_BTF,
			  HOOK_SYMBOL_NONE,
			  { "reset_sent_tp_btf", "reset_received_tp_btf" },
			  .sign = "sk_rst_reason" },
			{ HOOK_KIND_TP_BTF,
			  HOOK_SYMBOL_NONE,
			  { "reset_sent_old_tp_btf", "reset_received_tp_btf" } },
			{ HOOK_KIND_TRACEPOINT,
			  HOOK_SYMBOL_NONE,
			  { "reset_sent_tracepoint", "reset_received_tracepoint" },
			  .sign = "sk_rst_reason" },
			{ HOOK_KIND_TRACEPOINT,
			  HOOK_SYMBOL_NONE,
			  { "reset_sent_old_tracepoint", "reset_received_tracepoint" } },
		},
	},
	/* What it adds is seldom in doubt: how a socket ends shows most of it. */
	[HOOK_ABORT] = {
		.name = "abort",
		.yields = "connections ended by disconnect or SOCK_DESTROY, by the call",
		.rung_count = 2,
		.rungs = {
			{ HOOK_KIND_FENTRY, HOOK_SYMBOL_NONE,
			  { "abort_disconnect_fentry", "abort_fentry" } },
			{ HOOK_KIND_KPROBE, HOOK_SYMBOL_NONE,
			  { "abort_disconnect_kprobe", "abort_kprobe" } },
		},
	},
	[HOOK_RETRANSMIT] = {
		.name = "retransmit",
		.yields = "what made the kernel send a segment again",
		.always = true,
		.rung_count = 2,
		.rungs = {
			{ HOOK_KIND_TP_BTF,
			  HOOK_SYMBOL_NONE,
			  { "retransmit_tp_btf", "retransmit_synack_tp_btf" },
			  .sign = "trace_event_raw_tcp_retransmit_skb" },
			{ HOOK_KIND_TP_BTF,
			  HOOK_SYMBOL_NONE,
			  { "retransmit_old_tp_btf", "retransmit_synack_tp_btf" } },
		},
	},
	[HOOK_ERROR] = {
		.name = "report",
		.yields = "an error that the process asked for before the end",
		.always = true,
		.rung_count = 1,
		.rungs = {
			{ HOOK_KIND_TP_BTF, HOOK_SYMBOL_NONE, { "error_tp_btf" },
			  .sign = "btf_trace_inet_sk_error_report" },
		},
	},
	/* No rungs to choose by name either: NETLINK_SOCK_DIAG, which needs no hook, is below. */
	[HOOK_SEED] = {
		.name = "seed",
		.yields = "connections older than the tracer, the end of what was lost",
		.always = true,
		.rung_count = 1,
		.rungs = {
			{ HOOK_KIND_ITER, HOOK_SYMBOL_NONE, { "socket_iter" } },
		},
	},
	[HOOK_HOLDER] = {
		.name = "holder",
		.yields = "which process holds a socket, however it came by it",
		.always = true,
		.rung_count = 1,
		.rungs = {
			{ HOOK_KIND_ITER, HOOK_SYMBOL_NONE, { "holder_iter" } },
		},
	},
	[HOOK_KIN] = {
		.name = "kin",
		.yields = "the children of a process, for --follow",
		.always = true,
		.rung_count = 1,
		.rungs = {
			{ HOOK_KIND_TP_BTF, HOOK_SYMBOL_NONE,
			  { "kin_fork_tp_btf", "kin_exit_tp_btf" } },
		},
	},
};

const struct hook_right hook_rights[HOOK_RIGHT_COUNT] = {
	[HOOK_RIGHT_SYS_ADMIN] = { CAP_SYS_ADMIN, "CAP_SYS_ADMIN",
				   "tracepoint and kprobe, where kernel.perf_event_paranoid is 3 "
				   "as on Debian" },
	[HOOK_RIGHT_DAC_READ_SEARCH] = { CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH",
					 "tracepoint, to find it in tracefs" },
	[HOOK_RIGHT_SYSLOG] = { CAP_SYSLOG, "CAP_SYSLOG",
				"tp_btf of passive and time_wait, to see addresses in "
				"/proc/kallsyms" },
};

unsigned int hook_needs(const struct hook_rung *rung)
{
	unsigned int needs = 0;

	if (rung->kind == HOOK_KIND_TRACEPOINT || rung->kind == HOOK_KIND_KPROBE)
		needs |= 1u << HOOK_RIGHT_SYS_ADMIN;
	if (rung->kind == HOOK_KIND_TRACEPOINT)
		needs |= 1u << HOOK_RIGHT_DAC_READ_SEARCH;
	if (rung->symbol != HOOK_SYMBOL_NONE)
		needs |= 1u << HOOK_RIGHT_SYSLOG;
	return needs;
}

const char *hook_symbol_name(enum hook_symbol symbol)
{
	static const char *const names[] = {
		[HOOK_SYMBOL_TIMEWAIT] = "tw_timer_handler",
		[HOOK_SYMBOL_REQUEST] = "reqsk_timer_handler",
	};

	return symbol < HOOK_SYMBOL_COUNT ? names[symbol] : NULL;
}

const char *hook_kind_name(enum hook_kind kind)
{
	static const char *const names[] = {
#define X(NAME, name) [HOOK_KIND_##NAME] = name,
		HOOK_KINDS(X)
#undef X
	};

	return kind < sizeof(names) / sizeof(*names) ? names[kind] : "unknown";
}
