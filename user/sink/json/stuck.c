// SPDX-License-Identifier: GPL-2.0-only
/* A stuck socket as a line of JSON. */
#include "user/sink/fact.h"
#include "user/sink/json/line.h"
#include "user/sink/json/opener.h"

static void add_holder(struct json *j, const struct holder *h)
{
	line_add_u64(j, LINE_KEY("pid"), h->pid);
	line_add_comm(j, LINE_KEY("comm"), *h->comm, h->comm, sizeof(h->comm));
	line_add_u64(j, LINE_KEY("fd"), h->fd);
}

void line_add_holders(struct json *j, const struct holder *holders, size_t count, bool is_known)
{
	line_add_key(j, LINE_KEY("holders"));
	if (!count && !is_known) {
		json_null(j);
	} else {
		json_array_begin(j);
		for (size_t i = 0; i < count; i++) {
			json_object_begin(j);
			add_holder(j, &holders[i]);
			line_add_word(j, LINE_KEY("way"), holder_way_name(holders[i].way));
			json_object_end(j);
		}
		json_array_end(j);
	}
	line_add_bool(j, LINE_KEY("holders_known"), is_known);
}

static void add_holders(struct json *j, const struct stuck *s)
{
	line_add_holders(j, s->holders, s->holder_count, s->holders_known);
	line_add_key(j, LINE_KEY("listener"));
	if (!s->listener) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	add_holder(j, s->listener);
	json_object_end(j);
}

static void add_reason(struct json *j, const struct stuck *s)
{
	struct stuck_group alone;
	struct buffer sentence;

	buffer_init(&sentence);
	stuck_group_of_one(s, &alone);
	stuck_group_say_reason(&alone, LADDER_EN, &sentence);
	line_add_sentence(j, LINE_KEY("reason"), &sentence);
}

void json_print_stuck(const struct sink_settings *s, struct buffer *out, const struct stuck *stuck)
{
	bool is_known = stuck->age_ns != TIME_UNKNOWN;
	struct json j;

	line_begin(&j, out, "stuck");
	if (s->of_machines)
		line_add_text(&j, LINE_KEY("host"), *stuck->host ? stuck->host : NULL);
	line_add_conn(&j, s, &stuck->c, stuck->subflow);
	line_add_wire(&j, stuck->c.flags & CONN_WIRE);
	if (s->stack || stuck->stack)
		json_opener(&j, s, stuck->stack);
	line_add_time(&j, LINE_KEY("time"), &s->clock, stuck->mono_ns);
	/* Another machine's monotonic clock tells nobody anything. */
	line_add_ns(&j, LINE_KEY("mono_ns"), s->of_machines ? TIME_UNKNOWN : stuck->mono_ns);
	if (stuck->change != STUCK_CHANGE_NONE)
		line_add_word(&j, LINE_KEY("change"), stuck_change_name(stuck->change));
	line_add_word(&j, LINE_KEY("state"), state_name(stuck->state));
	line_add_ns(&j, LINE_KEY("age_ns"), stuck->age_ns);
	line_add_word(&j, LINE_KEY("age_quality"), fact_age_quality(stuck));
	line_add_ns(&j, LINE_KEY("age_at_most_ns"),
		    is_known ? stuck->age_at_most_ns : TIME_UNKNOWN);
	line_add_bool(&j, LINE_KEY("moving"), stuck->is_moving);
	line_add_word(&j, LINE_KEY("held_by"), stuck_grip_name(stuck->grip));
	add_holders(&j, stuck);
	line_add_known(&j, LINE_KEY("rx_queue_bytes"), stuck->rx_queue_bytes != STUCK_BYTES_UNKNOWN,
		       stuck->rx_queue_bytes);
	line_add_known(&j, LINE_KEY("tx_queue_bytes"), stuck->tx_queue_bytes != STUCK_BYTES_UNKNOWN,
		       stuck->tx_queue_bytes);
	line_add_known(&j, LINE_KEY("resent"), stuck->resent != STUCK_RESENT_UNKNOWN,
		       stuck->resent);
	line_add_ns(&j, LINE_KEY("left_ns"), stuck->left_ns);
	line_add_known(&j, LINE_KEY("inode"), stuck->inode, stuck->inode);
	line_add_cgroup(&j, s, s->of_machines ? 0 : stuck->c.cgroup);
	add_reason(&j, stuck);
	line_end(&j);
}
