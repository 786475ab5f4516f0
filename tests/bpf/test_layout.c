// SPDX-License-Identifier: GPL-2.0-only
/* Records lie the same for both compilers: the types of the object against those of this one. */
#include <stddef.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/event.h"
#include "bpf/tcpspan.skel.h"
#include "tests/bpf/tap.h"

#define PREFIX "event_"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A member of a struct of bpf/event.h, as the compiler of the user side lays it out. */
struct row {
	const char *type;
	const char *member;
	size_t type_size, offset, size;
};

#define ROW(type_, member_)                                                            \
	{                                                                              \
		.type = #type_, .member = #member_, .type_size = sizeof(struct type_), \
		.offset = offsetof(struct type_, member_),                             \
		.size = sizeof(((struct type_ *)NULL)->member_)                        \
	}

static const struct row rows[] = {
	ROW(event_head, mono_ns),
	ROW(event_head, sock),
	ROW(event_head, netns),
	ROW(event_head, kind),
	ROW(event_head, states),
	ROW(event_head, flags),

	ROW(event_body, lport),
	ROW(event_body, rport),
	ROW(event_body, srtt_us),
	ROW(event_body, error),
	ROW(event_body, shutdown),
	ROW(event_body, retransmits),
	ROW(event_body, witness),
	ROW(event_body, sequences),
	ROW(event_body, left_lport),

	ROW(event_sequences, local),
	ROW(event_sequences, peer),

	ROW(event_transition, head),
	ROW(event_transition, body),
	ROW(event_transition, laddr),
	ROW(event_transition, raddr),

	ROW(event_transition6, head),
	ROW(event_transition6, body),
	ROW(event_transition6, laddr),
	ROW(event_transition6, raddr),

	ROW(event_open, head),
	ROW(event_open, body),
	ROW(event_open, laddr),
	ROW(event_open, raddr),
	ROW(event_open, cgroup),
	ROW(event_open, comm),
	ROW(event_open, pid),
	ROW(event_open, uid),
	ROW(event_open, process),

	ROW(event_close, head),
	ROW(event_close, body),
	ROW(event_close, laddr),
	ROW(event_close, raddr),
	ROW(event_close, bytes_sent),
	ROW(event_close, bytes_received),
	ROW(event_close, timewait),
	ROW(event_close, retransmits),
	ROW(event_close, substate),
	ROW(event_close, signs),
	ROW(event_close, tries),
	ROW(event_close, probes),
	ROW(event_close, segments_sent),
	ROW(event_close, segments_received),
	ROW(event_close, min_rtt_us),
	ROW(event_close, later_signs),
	ROW(event_close, reserved),
	ROW(event_close, congestion),

	ROW(event_destroy, head),

	ROW(event_passive, head),
	ROW(event_passive, synack_ns),
	ROW(event_passive, retransmits),
	ROW(event_passive, reserved),
	ROW(event_passive, ack_ns),

	ROW(event_request, head),
	ROW(event_request, synack_ns),
	ROW(event_request, lport),
	ROW(event_request, rport),
	ROW(event_request, end),
	ROW(event_request, retransmits),
	ROW(event_request, reserved),
	ROW(event_request, laddr),
	ROW(event_request, raddr),
	ROW(event_request, cgroup),
	ROW(event_request, refusal),
	ROW(event_request, ifindex),
	ROW(event_request, ifname),

	ROW(event_accept, head),
	ROW(event_accept, cgroup),
	ROW(event_accept, comm),
	ROW(event_accept, pid),
	ROW(event_accept, uid),
	ROW(event_accept, process),

	ROW(event_holder, inode),
	ROW(event_holder, pid),
	ROW(event_holder, fd),
	ROW(event_holder, comm),
	ROW(event_holder, uid),
	ROW(event_holder, netns),

	ROW(event_polled, mono_ns),
	ROW(event_polled, since_ns),
	ROW(event_polled, timer_ns),
	ROW(event_polled, laddr),
	ROW(event_polled, raddr),
	ROW(event_polled, ifindex),
	ROW(event_polled, lport),
	ROW(event_polled, rport),
	ROW(event_polled, state),
	ROW(event_polled, is_ipv6),
	ROW(event_polled, reserved),

	ROW(event_timewait, head),
	ROW(event_timewait, lport),
	ROW(event_timewait, rport),
	ROW(event_timewait, act),
	ROW(event_timewait, sequences),
	ROW(event_timewait, reserved),
	ROW(event_timewait, laddr),
	ROW(event_timewait, raddr),
	ROW(event_timewait, ifindex),
	ROW(event_timewait, reserved_end),

	ROW(event_socket, head),
	ROW(event_socket, cgroup),
	ROW(event_socket, inode),
	ROW(event_socket, bytes_sent),
	ROW(event_socket, bytes_acked),
	ROW(event_socket, bytes_received),
	ROW(event_socket, since_ns),
	ROW(event_socket, ack_age_ns),
	ROW(event_socket, receive_age_ns),
	ROW(event_socket, send_age_ns),
	ROW(event_socket, timer_ns),
	ROW(event_socket, laddr),
	ROW(event_socket, raddr),
	ROW(event_socket, uid),
	ROW(event_socket, rx_queue),
	ROW(event_socket, tx_queue),
	ROW(event_socket, in_flight),
	ROW(event_socket, retransmits),
	ROW(event_socket, snd_una),
	ROW(event_socket, snd_nxt),
	ROW(event_socket, rcv_nxt),
	ROW(event_socket, snd_wnd),
	ROW(event_socket, srtt_us),
	ROW(event_socket, lport),
	ROW(event_socket, rport),
	ROW(event_socket, error),
	ROW(event_socket, object),
	ROW(event_socket, marks),
	ROW(event_socket, timer),
	ROW(event_socket, attempts),
	ROW(event_socket, probes),
	ROW(event_socket, backoff),
	ROW(event_socket, shutdown),
	ROW(event_socket, mptcp_state),
	ROW(event_socket, subflow_marks),
	ROW(event_socket, role),
	ROW(event_socket, rto_us),
	ROW(event_socket, owner_pid),
	ROW(event_socket, owner_comm),
	ROW(event_socket, token),
	ROW(event_socket, ifindex),
	ROW(event_socket, ifname),
	ROW(event_subflow, head),
	ROW(event_subflow, token),
	ROW(event_subflow, marks),
	ROW(event_subflow, reserved),
	ROW(event_opener, head),
	ROW(event_opener, stack),
	ROW(event_scope, head),
	ROW(event_scope, ifindex),
	ROW(event_scope, reserved),
	ROW(event_scope, ifname),
	ROW(event_kin, head),
	ROW(event_kin, pid),
	ROW(event_kin, parent),
	ROW(event_stack, head),
	ROW(event_stack, image),
	ROW(event_stack, ip),
	ROW(event_stack, sp),
	ROW(event_stack, fp),
	ROW(event_stack, link),
	ROW(event_stack, pid),
	ROW(event_stack, uid),
	ROW(event_stack, netns),
	ROW(event_stack, words),
	ROW(event_stack, depth),
	ROW(event_stack, reserved),
	ROW(event_stack, chain),
	ROW(event_stack, word),
	ROW(event_reset, head),
	ROW(event_reset, reason),
	ROW(event_reset, act),
	ROW(event_reset, memory),
	ROW(event_reset, sort),
	ROW(event_reset, reserved),

	ROW(event_retransmit, head),
	ROW(event_retransmit, cause),
	ROW(event_retransmit, reserved),
	ROW(event_retransmit, segments),
	ROW(event_retransmit, padding),

	ROW(event_error, head),
	ROW(event_error, error),
	ROW(event_error, reserved),

	ROW(event_listener, head),
	ROW(event_listener, cgroup),
	ROW(event_listener, laddr),
	ROW(event_listener, comm),
	ROW(event_listener, pid),
	ROW(event_listener, uid),
	ROW(event_listener, lport),
	ROW(event_listener, reserved),
	ROW(event_listener, ifindex),
	ROW(event_listener, process),

	ROW(event_step, mono_ns),
	ROW(event_step, flags),
	ROW(event_step, states),
	ROW(event_step, retransmits),
	ROW(event_step, srtt_us),

	ROW(event_steps, step),
	ROW(event_steps, passive_ns),
	ROW(event_steps, accept_ns),
	ROW(event_steps, synack_ns),
	ROW(event_steps, ack_ns),
	ROW(event_steps, synack_retransmits),
	ROW(event_steps, passive_flags),
	ROW(event_steps, count),
	ROW(event_steps, witnessed),
	ROW(event_steps, cgroup),
	ROW(event_steps, first),
	ROW(event_steps, comm),
	ROW(event_steps, process),
	ROW(event_steps, pid),
	ROW(event_steps, uid),
	ROW(event_steps, open_lport),
	ROW(event_steps, left_lport),
	ROW(event_steps, lport),
	ROW(event_steps, rport),
	ROW(event_steps, laddr),
	ROW(event_steps, raddr),

	ROW(event_part, head),
	ROW(event_part, steps),

	ROW(event_life, close),
	ROW(event_life, steps),

	ROW(event_connect, head),
	ROW(event_connect, cgroup),
	ROW(event_connect, laddr),
	ROW(event_connect, raddr),
	ROW(event_connect, comm),
	ROW(event_connect, pid),
	ROW(event_connect, uid),
	ROW(event_connect, lport),
	ROW(event_connect, rport),
	ROW(event_connect, error),
	ROW(event_connect, reserved),
	ROW(event_connect, process),
};

/* Behind "struct ", as EVENT_KINDS names the payloads. */
static const char *const payloads[] = {
#define X(NAME, name, payload) #payload,
	EVENT_KINDS(X)
#undef X
};

static const struct btf_member *find_member(const struct btf *btf, const struct btf_type *type,
					    const char *name)
{
	const struct btf_member *m = btf_members(type);

	for (int i = 0; i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, m[i].name_off), name))
			return &m[i];
	return NULL;
}

static bool is_as_laid_out(const struct btf *btf, const struct btf_type *type,
			   const struct row *row)
{
	const struct btf_member *m = find_member(btf, type, row->member);

	return m && !btf_kflag(type) && m->offset == row->offset * 8 &&
	       btf__resolve_size(btf, m->type) == (long long)row->size;
}

/* One check for a struct of the object: its size, each member, and none besides. */
static void check_struct(struct tap *t, const struct btf *btf, const struct btf_type *type)
{
	const char *name = btf__name_by_offset(btf, type->name_off);
	bool passed = true;
	int known = 0;

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(rows[i].type, name))
			continue;
		known++;
		if (type->size == rows[i].type_size && is_as_laid_out(btf, type, &rows[i]))
			continue;
		passed = false;
		tap_note("%s.%s lies elsewhere, or is of another size", name, rows[i].member);
	}
	if (known != btf_vlen(type))
		tap_note("%d of its %d members are in this test's table", known, btf_vlen(type));
	tap_ok(t, passed && known == btf_vlen(type), "struct %s: %u bytes, %d members", name,
	       type->size, btf_vlen(type));
}

static void check_payload(struct tap *t, const struct btf *btf, const char *payload)
{
	const char *name = payload + strlen("struct ");

	tap_ok(t, btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT) > 0,
	       "the object's types have %s", payload);
}

/* The comparison sees what it is there to see. */
static void check_comparison(struct tap *t, const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, rows[1].type, BTF_KIND_STRUCT);
	const struct btf_type *type = btf__type_by_id(btf, id < 0 ? 0 : (unsigned int)id);
	struct row moved = rows[1], wider = rows[1], renamed = rows[1];

	moved.offset++;
	wider.size *= 2;
	renamed.member = "none";
	tap_ok(t, is_as_laid_out(btf, type, &rows[1]), "a member that lies right is taken");
	tap_ok(t, !is_as_laid_out(btf, type, &moved), "a moved one is not");
	tap_ok(t, !is_as_laid_out(btf, type, &wider), "nor is a wider one");
	tap_ok(t, !is_as_laid_out(btf, type, &renamed), "nor one that is not there");
}

static int be_quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

int main(void)
{
	struct tap t = { .count = 0 };
	struct tcpspan_bpf *skel;
	const struct btf *btf;
	unsigned int structs = 0;

	libbpf_set_print(be_quiet);
	skel = tcpspan_bpf__open();
	btf = skel ? bpf_object__btf(skel->obj) : NULL;
	if (!tap_ok(&t, btf, "the object can be opened and has types"))
		return tap_done(&t);
	for (size_t i = 0; i < COUNT(payloads); i++)
		check_payload(&t, btf, payloads[i]);
	for (unsigned int id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		const char *name = btf__name_by_offset(btf, type->name_off);

		if (!btf_is_struct(type) || strncmp(name, PREFIX, strlen(PREFIX)))
			continue;
		structs++;
		check_struct(&t, btf, type);
	}
	tap_ok(&t, structs >= COUNT(payloads) + 2,
	       "each record, the head and the body were compared");
	check_comparison(&t, btf);
	tcpspan_bpf__destroy(skel);
	return tap_done(&t);
}
