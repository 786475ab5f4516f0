// SPDX-License-Identifier: GPL-2.0-only
/* How full ranges of ports are, as lines of JSON. */
#include "user/sink/json/line.h"

static void add_users(struct json *j, const struct ports_destination *d)
{
	line_add_key(j, LINE_KEY("users"));
	json_array_begin(j);
	for (size_t i = 0; i < PORTS_USERS && d->users[i].count; i++) {
		const struct ports_user *u = &d->users[i];

		json_object_begin(j);
		line_add_u64(j, LINE_KEY("pid"), u->pid);
		line_add_comm(j, LINE_KEY("comm"), *u->comm, u->comm, sizeof(u->comm));
		line_add_u64(j, LINE_KEY("count"), u->count);
		json_object_end(j);
	}
	json_array_end(j);
	line_add_u64(j, LINE_KEY("users_more"), d->users_more);
}

static void add_reason(struct json *j, const struct ports_destination *d)
{
	struct buffer sentence;

	buffer_init(&sentence);
	ports_say(d, LADDER_EN, &sentence);
	line_add_sentence(j, LINE_KEY("reason"), &sentence);
}

void json_print_no_port(const struct sink_settings *s, struct buffer *out,
			const struct ports_destination *d)
{
	bool is_known = d->range.usable;
	struct json j;

	line_begin(&j, out, "ports");
	line_add_time(&j, LINE_KEY("time"), &s->clock, d->mono_ns);
	line_add_known(&j, LINE_KEY("netns"), d->netns, d->netns);
	line_add_text(&j, LINE_KEY("netns_name"), lore_netns(s->lore, d->netns, 0));
	line_add_word(&j, LINE_KEY("family"), address_is_ipv4(&d->raddr) ? "ipv4" : "ipv6");
	line_add_address(&j, LINE_KEY("laddr"), &d->laddr);
	line_add_address(&j, LINE_KEY("raddr"), &d->raddr);
	line_add_u64(&j, LINE_KEY("rport"), d->rport);
	line_add_interface(&j, d->ifindex, d->ifname);
	line_add_known(&j, LINE_KEY("range_low"), is_known, d->range.low);
	line_add_known(&j, LINE_KEY("range_high"), is_known, d->range.high);
	line_add_known(&j, LINE_KEY("range_usable"), is_known, d->range.usable);
	line_add_u64(&j, LINE_KEY("used"), ports_used(d));
	line_add_u64(&j, LINE_KEY("connecting"), d->connecting);
	line_add_u64(&j, LINE_KEY("open"), d->open);
	line_add_u64(&j, LINE_KEY("time_wait"), d->time_wait);
	line_add_ns(&j, LINE_KEY("next_free_ns"), d->next_free_ns);
	add_users(&j, d);
	add_reason(&j, d);
	line_end(&j);
}

void json_print_ports(const struct sink_settings *s, struct buffer *out,
		      const struct ports_destination *const *all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_print_no_port(s, out, all[i]);
}
