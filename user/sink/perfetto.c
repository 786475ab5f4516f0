// SPDX-License-Identifier: GPL-2.0-only
/* Trace Event JSON for trace viewers: a track for each connection, a slice for each state. */
#include <stdio.h>
#include <string.h>

#include "user/aggregate/measure.h"
#include "user/base/json.h"
#include "user/base/units.h"
#include "user/sink/fact.h"
#include "user/sink/sink.h"

/*
 * One array of events, written as connections end. The owner of a connection is its process, 0 when
 * nobody knows it; the number of the connection is its thread. Times are microseconds of the
 * kernel's monotonic clock. A state of which an end is not known has no slice.
 */
#define PORT_SIZE 6 /* "65535" */
#define NAME_SIZE (2 * FACT_END_SIZE + 32)

static void add_us(struct json *j, const char *key, uint64_t ns)
{
	json_key(j, key);
	json_u64(j, ns / NS_PER_US);
	buffer_addf(j->out, ".%03u", (unsigned int)(ns % NS_PER_US));
}

static void begin_event(struct json *j, struct buffer *out, const char *phase, const char *name,
			uint64_t pid, uint64_t tid)
{
	buffer_add_text(out, ",\n");
	json_init(j, out);
	json_object_begin(j);
	json_key(j, "ph");
	json_text(j, phase);
	json_key(j, "name");
	json_text(j, name);
	json_key(j, "pid");
	json_u64(j, pid);
	json_key(j, "tid");
	json_u64(j, tid);
}

/* Its listener's is not known to be its own. */
static bool has_process(const struct conn *c)
{
	return fact_has_pid(c) && !fact_owner_is_listener(c);
}

static uint64_t process_of(const struct conn *c)
{
	return has_process(c) ? c->pid : 0;
}

static const char *put_name(const struct conn *c, char name[NAME_SIZE])
{
	struct fact_end near = fact_local(c), far = fact_remote(c);
	char local[FACT_END_SIZE] = "?", remote[FACT_END_SIZE] = "?";
	char lport[PORT_SIZE] = "?", rport[PORT_SIZE] = "?";

	if (near.address)
		fact_end_text(&near, local);
	if (far.address)
		fact_end_text(&far, remote);
	if (fact_lport(c))
		snprintf(lport, sizeof(lport), "%u", fact_lport(c));
	if (fact_has_rport(c))
		snprintf(rport, sizeof(rport), "%u", fact_rport(c));
	snprintf(name, NAME_SIZE, "%s %s > %s %s", local, lport, remote, rport);
	return name;
}

static void begin_metadata(struct json *j, struct buffer *out, const char *what,
			   const struct conn *c)
{
	begin_event(j, out, "M", what, process_of(c), c->id);
	json_key(j, "args");
	json_object_begin(j);
	json_key(j, "name");
}

static void end_event(struct json *j)
{
	json_object_end(j);
	json_object_end(j);
}

static void print_names(struct buffer *out, const struct conn *c)
{
	struct conn_name service = conn_service(c);
	char name[NAME_SIZE];
	struct json j;

	if (has_process(c)) {
		begin_metadata(&j, out, "process_name", c);
		json_string(&j, service.bytes, service.size);
		end_event(&j);
	}
	begin_metadata(&j, out, "thread_name", c);
	json_text(&j, put_name(c, name));
	end_event(&j);
}

static void print_edge(struct buffer *out, const struct conn *c, const char *phase, uint8_t state,
		       uint64_t ns)
{
	struct json j;

	begin_event(&j, out, phase, state_name(state), process_of(c), c->id);
	json_key(&j, "cat");
	json_text(&j, "tcp");
	add_us(&j, "ts", ns);
	json_object_end(&j);
}

/*
 * A beginning and an end, not a beginning and a duration: readers add these up in floating point,
 * and then a state ends a little after the next one has begun.
 */
static void print_slice(struct buffer *out, const struct conn *c, unsigned int step)
{
	uint64_t dwell_ns = conn_dwell(c, step);

	if (c->step_ns[step] == TIME_UNKNOWN || dwell_ns == TIME_UNKNOWN ||
	    c->step_state[step] == STATE_CLOSED)
		return;
	print_edge(out, c, "B", c->step_state[step], c->step_ns[step]);
	print_edge(out, c, "E", c->step_state[step], c->step_ns[step] + dwell_ns);
}

/* Something that took no time; not printed when its time is not known. */
static void print_instant(struct buffer *out, const struct conn *c, const char *name, uint64_t ns,
			  uint64_t count)
{
	struct json j;

	if (ns == TIME_UNKNOWN)
		return;
	begin_event(&j, out, "i", name, process_of(c), c->id);
	json_key(&j, "cat");
	json_text(&j, "tcp");
	json_key(&j, "s");
	json_text(&j, "t");
	add_us(&j, "ts", ns);
	json_key(&j, "args");
	json_object_begin(&j);
	json_key(&j, "count");
	json_u64(&j, count);
	end_event(&j);
}

/* Of segments that were sent again, only the number is known: they stand at the end of the wait. */
static void print_instants(struct buffer *out, const struct conn *c)
{
	uint64_t open_ns = c->step_count > 1 ? c->step_ns[1] : TIME_UNKNOWN;
	uint64_t end_ns = measure_end(c);

	if (c->handshake_retransmits)
		print_instant(out, c,
			      c->role == CONN_ROLE_CLIENT ? "SYN sent again" : "SYN-ACK sent again",
			      open_ns, c->handshake_retransmits);
	if (c->accept_ns)
		print_instant(out, c, "accepted", c->accept_ns, 1);
	if (fact_has_counters(c) && c->retransmits > c->handshake_retransmits)
		print_instant(out, c, "sent again", end_ns,
			      c->retransmits - c->handshake_retransmits);
	if (c->outcome == CONN_OUTCOME_RESET_SENT)
		print_instant(out, c, "RST sent", end_ns, 1);
	if (c->outcome == CONN_OUTCOME_RESET_RECEIVED || c->cause == CONN_CAUSE_REFUSED)
		print_instant(out, c, "RST received", end_ns, 1);
}

static void print_connection(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c)
{
	(void)s;
	print_names(out, c);
	for (unsigned int i = 0; i < c->step_count; i++)
		print_slice(out, c, i);
	print_instants(out, c);
}

static void print_half_open(const struct sink_settings *s, struct buffer *out,
			    const struct half_open *h)
{
	char name[NAME_SIZE];
	struct conn c;
	struct json j;

	(void)s;
	half_open_as_conn(h, &c);
	begin_event(&j, out, "i", half_open_end_name(h->end), 0, 0);
	json_key(&j, "cat");
	json_text(&j, "tcp");
	json_key(&j, "s");
	json_text(&j, "t");
	add_us(&j, "ts", h->mono_ns);
	json_key(&j, "args");
	json_object_begin(&j);
	json_key(&j, "request");
	json_text(&j, put_name(&c, name));
	json_key(&j, "synack_retransmits");
	json_u64(&j, h->retransmits);
	end_event(&j);
}

/* An event that is always there, so that each of the others can begin with a comma. */
static void print_header(const struct sink_settings *s, struct buffer *out)
{
	(void)s;
	buffer_add_text(out, "[\n{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":0,\"tid\":0,"
			     "\"args\":{\"name\":\"owner unknown\"}}");
}

static void print_end(const struct sink_settings *s, struct buffer *out, const struct summary *sum)
{
	(void)s;
	(void)sum;
	buffer_add_text(out, "\n]\n");
}

const struct sink sink_perfetto = {
	.name = "perfetto",
	.header = print_header,
	.connection = print_connection,
	.half_open = print_half_open,
	.summary = print_end,
};
