/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts that every line of JSON is made of, and the lines that stand in files of their own. */
#ifndef USER_SINK_JSON_LINE_H
#define USER_SINK_JSON_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "user/base/json.h"
#include "user/sink/sink.h"

/* A key as it stands in the line, so that nothing is left to do for it but to copy. */
struct line_key {
	const char *text; /* ,"name": */
	size_t size;
};
#define LINE_KEY(name) ((struct line_key){ ",\"" name "\":", sizeof(",\"" name "\":") - 1 })

void line_begin(struct json *j, struct buffer *out, const char *type);
void line_end(struct json *j);

void line_add_key(struct json *j, struct line_key key);
/* A word of the program's own, which needs no escapes; NULL becomes null. */
void line_add_word(struct json *j, struct line_key key, const char *word);
/* Untrusted. */
void line_add_text(struct json *j, struct line_key key, const char *text);
void line_add_name(struct json *j, struct line_key key, struct conn_name name);
void line_add_comm(struct json *j, struct line_key key, bool known, const char *comm, size_t size);
void line_add_u64(struct json *j, struct line_key key, uint64_t value);
void line_add_bool(struct json *j, struct line_key key, bool value);
/* null, unless the value is known. */
void line_add_known(struct json *j, struct line_key key, bool known, uint64_t value);
void line_add_known_value(struct json *j, bool known, uint64_t value);
void line_add_ns(struct json *j, struct line_key key, uint64_t ns);
void line_add_time(struct json *j, struct line_key key, const struct clock *clock,
		   uint64_t mono_ns);
void line_add_address(struct json *j, struct line_key key, const struct address *a);
/* A sentence of which nothing may have been said; done with it. Empty becomes null. */
void line_add_sentence(struct json *j, struct line_key key, struct buffer *sentence);
/* The number as a string: readers keep numbers as doubles. */
void line_add_id(struct json *j, uint64_t id);

/* The code that opened it, where that is asked for or known. */
void line_add_opener(struct json *j, const struct sink_settings *s, const struct conn *c);

/* The origin of what a capture saw; nothing of what a kernel told of. */
void line_add_wire(struct json *j, bool is_wire);

/* Its family, addresses, ports and role. */
void line_add_ends(struct json *j, const struct conn *c);
/* The fields of every line about a connection. */
void line_add_conn(struct json *j, const struct sink_settings *s, const struct conn *c,
		   struct subflow subflow);
/* Those of a line about a whole connection: its steps, its end, what it carried. */
void line_add_life(struct json *j, const struct sink_settings *s, const struct conn *c);
void line_add_handshake_flags(struct json *j, struct line_key key, const struct conn *c);
void line_add_handshake(struct json *j, const struct conn *c);
void line_add_close(struct json *j, const struct sink_settings *s, const struct conn *c);
void line_add_time_wait(struct json *j, const struct conn *c);
/* What a connection, or a place where some listen, is bound to. */
void line_add_interface(struct json *j, uint32_t ifindex, uint16_t ifname);
void line_add_workload(struct json *j, const struct sink_settings *s, uint64_t cgroup);
void line_add_cgroup(struct json *j, const struct sink_settings *s, uint64_t id);

/* null where somebody may hold it whom we cannot see, and nobody is seen who does. */
void line_add_holders(struct json *j, const struct holder *holders, size_t count, bool is_known);

/* As in struct sink. */
void json_print_stuck(const struct sink_settings *s, struct buffer *out, const struct stuck *stuck);
void json_print_ports(const struct sink_settings *s, struct buffer *out,
		      const struct ports_destination *const *all, size_t count);
void json_print_no_port(const struct sink_settings *s, struct buffer *out,
			const struct ports_destination *d);
void json_print_histograms(const struct sink_settings *s, struct buffer *out,
			   const struct histogram_set *set);
void json_print_staying(const struct sink_settings *s, struct buffer *out,
			const struct staying staying[STATE_COUNT], uint32_t only);
void json_print_failures(const struct sink_settings *s, struct buffer *out,
			 const struct failure_set *set);
void json_print_difference(const struct sink_settings *s, struct buffer *out,
			   const struct difference *difference, const struct difference_told *old,
			   const struct difference_told *new);
void json_print_verdict(const struct sink_settings *s, struct buffer *out, const char *text,
			const struct condition *condition, const struct judgement *judgement);
void json_print_ladder(const struct sink_settings *s, struct buffer *out, const struct ladder *l);
void json_print_summary(const struct sink_settings *s, struct buffer *out,
			const struct summary *sum);

#endif
