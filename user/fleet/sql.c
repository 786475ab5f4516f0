// SPDX-License-Identifier: GPL-2.0-only
/* Filters as the condition of a query, with each value as a literal. */
#include "user/fleet/sql.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "user/base/text.h"
#include "user/base/units.h"
#include "user/conn/filter.h"

#define PORTS 65536
#define ID_DIGITS "0123456789abcdef-"
/* By what the clocks of two hosts may be apart, and one end may begin after the other. */
#define SKEW_NS (60 * NS_PER_S)

void sql_add_text(struct buffer *out, const char *bytes, size_t size)
{
	buffer_add_char(out, '\'');
	for (size_t i = 0; i < size; i++) {
		const unsigned char byte = (unsigned char)bytes[i];

		if (byte == '\'' || byte == '\\')
			buffer_add_char(out, '\\');
		if (byte < ' ' || byte == 0x7f)
			buffer_addf(out, "\\x%02X", byte);
		else
			buffer_add_char(out, (char)byte);
	}
	buffer_add_char(out, '\'');
}

static void add_string(struct buffer *out, const char *text)
{
	sql_add_text(out, text, strlen(text));
}

/* ---- lists --------------------------------------------------------------------------------- */

static bool is_wanted(const uint64_t ports[FILTER_PORT_WORDS], unsigned int port)
{
	return port < PORTS && conn_filter_has_port(ports, (uint16_t)port);
}

/* As ranges: a list of all ports would be long. */
static void add_ports(struct buffer *out, const char *column,
		      const uint64_t ports[FILTER_PORT_WORDS])
{
	const char *between = " AND (";

	for (unsigned int first = 0; first < PORTS; first++) {
		unsigned int last = first;

		if (!is_wanted(ports, first))
			continue;
		while (is_wanted(ports, last + 1))
			last++;
		buffer_addf(out, "%s%s BETWEEN %u AND %u", between, column, first, last);
		between = " OR ";
		first = last;
	}
	buffer_add_text(out, strcmp(between, " OR ") ? " AND 0" : ")");
}

static void add_pids(struct buffer *out, const struct conn_filter *f)
{
	for (size_t i = 0; i < f->pid_count; i++)
		buffer_addf(out, "%s%u", i ? ", " : " AND pid IN (", f->pids[i]);
	if (f->pid_count)
		buffer_add_char(out, ')');
}

static void add_comms(struct buffer *out, const struct conn_filter *f)
{
	if (!f->comm_count)
		return;
	for (int both = 0; both < 2; both++) {
		buffer_add_text(out, both ? " OR process IN (" : " AND (comm IN (");
		for (size_t i = 0; i < f->comm_count; i++) {
			buffer_add_text(out, i ? ", " : "");
			sql_add_text(out, f->comms[i], strnlen(f->comms[i], EVENT_COMM_SIZE));
		}
		buffer_add_char(out, ')');
	}
	buffer_add_char(out, ')');
}

static void add_flows(struct buffer *out, const struct conn_filter *f)
{
	for (size_t i = 0; i < f->flow_count; i++)
		buffer_addf(out, "%s%llu", i ? ", " : " AND flow IN (",
			    (unsigned long long)f->flows[i]);
	if (f->flow_count)
		buffer_add_char(out, ')');
}

/* As IPv6 both families compare alike. */
#define REMOTE "IPv6StringToNum(if(family = 'ipv4', concat('::ffff:', raddr), raddr))"

static void add_bound(struct buffer *out, const struct prefix *p, bool is_last)
{
	struct address a = p->net;
	char text[ADDRESS_TEXT_SIZE];

	for (unsigned int bit = p->bits; is_last && bit < ADDRESS_SIZE * 8; bit++)
		a.byte[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	buffer_addf(out, "IPv6StringToNum('%s%s')", address_is_ipv4(&a) ? "::ffff:" : "",
		    address_format(&a, text));
}

static void add_prefixes(struct buffer *out, const struct conn_filter *f)
{
	for (size_t i = 0; i < f->prefix_count; i++) {
		buffer_addf(out, "%s(raddr IS NOT NULL AND family = 'ipv%d' AND " REMOTE " >= ",
			    i ? " OR " : " AND (", prefix_family(&f->prefixes[i]));
		add_bound(out, &f->prefixes[i], false);
		buffer_add_text(out, " AND " REMOTE " <= ");
		add_bound(out, &f->prefixes[i], true);
		buffer_add_char(out, ')');
	}
	if (f->prefix_count)
		buffer_add_char(out, ')');
}

static bool is_negation(char c)
{
	return c == '!' || c == '^';
}

/* "[:digit:]": its last bracket; NULL: a bracket there is one of the set. */
static const char *class_end(const char *at)
{
	const char *end = at[0] == '[' && at[1] == ':' ? strstr(at, ":]") : NULL;

	return end ? end + 1 : NULL;
}

/* "[a-c]", "[!0-9]": the bracket that ends the set; NULL: the first one is a bracket. */
static const char *set_end(const char *at)
{
	const char *end;

	if (*at++ != '[')
		return NULL;
	if (is_negation(*at))
		at++;
	/* The first one is of the set. */
	for (bool is_first = true; *at && (is_first || *at != ']'); at++, is_first = false) {
		end = class_end(at);
		if (end)
			at = end;
	}
	return *at ? at : NULL;
}

static void add_set(struct buffer *text, const char *at, const char *end)
{
	buffer_add_char(text, *at++);
	if (is_negation(*at)) {
		buffer_add_char(text, '^');
		at++;
	}
	for (; at < end; at++) {
		const char *class = class_end(at);

		if (class) {
			buffer_add(text, at, (size_t)(class - at) + 1);
			at = class;
			continue;
		}
		if (strchr("\\^[]", *at))
			buffer_add_char(text, '\\');
		buffer_add_char(text, *at);
	}
	buffer_add_char(text, *end);
}

/* What has no name is called by its id, of which the first digits will do. */
static bool is_id(const char *pattern)
{
	size_t size = strspn(pattern, ID_DIGITS);

	return size >= TEXT_SHORT_ID && !pattern[size];
}

/* Patterns of a shell, as a regular expression of what a column has. */
static void add_pattern(struct buffer *out, enum filter_name_kind kind, const char *name)
{
	const char *pattern = name;
	struct buffer text;

	buffer_init(&text);
	buffer_add_text(&text, kind == FILTER_POD  ? "^([^/]*/)?" :
			       kind == FILTER_UNIT ? "^([0-9]*/)?" :
						     "^");
	for (; *pattern; pattern++) {
		const char *end = set_end(pattern);

		if (end) {
			add_set(&text, pattern, end);
			pattern = end;
			continue;
		}
		if (*pattern == '*')
			buffer_add_text(&text, ".*");
		else if (*pattern == '?')
			buffer_add_char(&text, '.');
		else if (strchr("\\^$.|+()[]{}", *pattern))
			buffer_addf(&text, "\\%c", *pattern);
		else
			buffer_add_char(&text, *pattern);
	}
	buffer_add_char(&text, '$');
	if (kind != FILTER_UNIT && is_id(name))
		buffer_addf(&text, "|^%s[" ID_DIGITS "]*$", name);
	if (text.failed)
		out->failed = true;
	else
		sql_add_text(out, text.bytes, text.size);
	buffer_done(&text);
}

static void add_names(struct buffer *out, const char *column, enum filter_name_kind kind,
		      const struct filter_names *names)
{
	const char *name = conn_filter_next_name(names, NULL);

	if (!name)
		return;
	buffer_add_text(out, " AND (");
	for (const char *between = ""; name; name = conn_filter_next_name(names, name)) {
		buffer_addf(out, "%smatch(assumeNotNull(%s), ", between, column);
		add_pattern(out, kind, name);
		buffer_add_char(out, ')');
		between = " OR ";
	}
	buffer_addf(out, ") AND %s IS NOT NULL", column);
}

static void add_netns(struct buffer *out, const struct conn_filter *f)
{
	for (size_t i = 0; i < f->netns.count; i++)
		buffer_addf(out, "%s%u", i ? ", " : " AND netns IN (", f->netns.inodes[i]);
	if (f->netns.count)
		buffer_add_char(out, ')');
}

void sql_add_hosts(struct buffer *out, const struct options *o)
{
	for (size_t i = 0; i < o->fleet.host_count; i++) {
		buffer_add_text(out, i ? ", " : " AND host IN (");
		add_string(out, o->fleet.hosts[i]);
	}
	if (o->fleet.host_count)
		buffer_add_char(out, ')');
}

uint64_t sql_since(const struct options *o, uint64_t now_ns)
{
	return now_ns > o->fleet.since_ns ? now_ns - o->fleet.since_ns : 0;
}

/* True where there are no filters. */
static void add_condition(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	const struct conn_filter *f = &o->filter;

	buffer_add_char(out, '1');
	if (o->fleet.since_ns)
		buffer_addf(out, " AND start_ns >= %llu", (unsigned long long)sql_since(o, now_ns));
	sql_add_hosts(out, o);
	if (f->family)
		buffer_addf(out, " AND family = 'ipv%u'", f->family);
	if (f->has_lports)
		add_ports(out, "lport", f->lports);
	if (f->has_rports)
		add_ports(out, "rport", f->rports);
	add_pids(out, f);
	add_comms(out, f);
	add_flows(out, f);
	add_prefixes(out, f);
	add_netns(out, f);
	add_names(out, "unit", FILTER_UNIT, &f->units);
	add_names(out, "container", FILTER_CONTAINER, &f->containers);
	add_names(out, "pod", FILTER_POD, &f->pods);
}

void sql_add_where(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	buffer_add_text(out, " WHERE ");
	add_condition(out, o, now_ns);
}

void sql_add_flows_where(struct buffer *out, const struct options *o, uint64_t now_ns)
{
	uint64_t since_ns = sql_since(o, now_ns);

	buffer_add_text(out, " WHERE flow != 0");
	add_flows(out, &o->filter);
	if (o->fleet.since_ns)
		buffer_addf(out, " AND start_ns >= %llu",
			    (unsigned long long)(since_ns > SKEW_NS ? since_ns - SKEW_NS : 0));
	buffer_add_text(out, " GROUP BY flow HAVING countIf(");
	add_condition(out, o, now_ns);
	buffer_add_text(out, ") > 0");
}
