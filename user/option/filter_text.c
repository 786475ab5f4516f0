// SPDX-License-Identifier: GPL-2.0-only
/* Filters as lines of text, each an option and its argument. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/text.h"
#include "user/conn/flow.h"
#include "user/option/filter_text.h"
#include "user/option/value.h"

/* What no row of the option table reads by this name. */
#define COMM "comm" /* one, which may have a comma */
#define NETNS "netns"
#define FAMILY "family"
#define CGROUP "cgroup"
#define SAMPLE "sample"
#define FOLLOW "follow"

static void add_ports(struct buffer *out, const char *name, const uint64_t ports[FILTER_PORT_WORDS])
{
	const char *before = " ";

	buffer_add_text(out, name);
	for (uint32_t first = 1; first <= UINT16_MAX; first++) {
		uint32_t last = first;

		if (!conn_filter_has_port(ports, first))
			continue;
		while (last < UINT16_MAX && conn_filter_has_port(ports, last + 1))
			last++;
		buffer_addf(out, "%s%u", before, first);
		if (last > first)
			buffer_addf(out, "-%u", last);
		before = ",";
		first = last;
	}
	buffer_add_char(out, '\n');
}

static void add_prefix(struct buffer *out, const struct prefix *p)
{
	char text[ADDRESS_TEXT_SIZE];
	unsigned int bits = p->bits;

	/* In the shape of IPv6, so that ::ffff:0:0/96 and less are told as they are. */
	if (address_is_ipv4(&p->net) && bits >= 96)
		bits -= 96;
	buffer_addf(out, "addr %s/%u\n", address_format(&p->net, text), bits);
}

/* A line feed would be the end of the line. */
static void add_names(struct buffer *out, const char *option, const struct filter_names *names)
{
	const char *name = NULL;

	while ((name = conn_filter_next_name(names, name)))
		if (!strchr(name, '\n'))
			buffer_addf(out, "%s %s\n", option, name);
}

void filter_text_add(struct buffer *out, const struct conn_filter *filter)
{
	char flow[FLOW_SIZE];

	for (size_t i = 0; i < filter->pid_count; i++)
		buffer_addf(out, "pid %u\n", filter->pids[i]);
	if (filter->follows)
		buffer_add_text(out, FOLLOW " 1\n");
	/* A line feed would be the end of the line. */
	for (size_t i = 0; i < filter->comm_count; i++)
		if (!memchr(filter->comms[i], '\n', EVENT_COMM_SIZE))
			buffer_addf(out, COMM " %.*s\n", EVENT_COMM_SIZE, filter->comms[i]);
	if (filter->has_lports)
		add_ports(out, "lport", filter->lports);
	if (filter->has_rports)
		add_ports(out, "rport", filter->rports);
	for (size_t i = 0; i < filter->prefix_count; i++)
		add_prefix(out, &filter->prefixes[i]);
	add_names(out, "unit", &filter->units);
	add_names(out, "container", &filter->containers);
	add_names(out, "pod", &filter->pods);
	add_names(out, "interface", &filter->interfaces);
	for (size_t i = 0; i < filter->flow_count; i++)
		buffer_addf(out, "flow %s\n", flow_format(filter->flows[i], flow));
	if (filter->family)
		buffer_addf(out, FAMILY " %u\n", filter->family);
	for (size_t i = 0; i < filter->netns.count; i++)
		buffer_addf(out, NETNS " %u\n", filter->netns.inodes[i]);
	if (filter->cgroup)
		buffer_addf(out, CGROUP " %llu\n", (unsigned long long)filter->cgroup);
	if (filter->sample > 1)
		buffer_addf(out, SAMPLE " %u\n", filter->sample);
}

static int read_comm(struct conn_filter *f, const char *name)
{
	size_t size = strlen(name);

	if (!size || size > EVENT_COMM_SIZE || f->comm_count == FILTER_COMMS)
		return -EINVAL;
	memcpy(f->comms[f->comm_count++], name, size);
	return 0;
}

static int read_netns(struct conn_filter *f, const char *argument)
{
	uint64_t inode;

	if (text_parse_u64(argument, &inode) || !inode || inode > UINT32_MAX)
		return -EINVAL;
	return netns_list_add(&f->netns, inode) ? -EINVAL : 0;
}

static int read_family(struct conn_filter *f, const char *argument)
{
	if (strcmp(argument, "4") && strcmp(argument, "6"))
		return -EINVAL;
	f->family = *argument - '0';
	return 0;
}

static int read_sample(struct conn_filter *f, const char *argument)
{
	uint64_t one_of;

	if (text_parse_u64(argument, &one_of) || one_of > UINT32_MAX)
		return -EINVAL;
	f->sample = (uint32_t)one_of;
	return 0;
}

static int read_option(struct options *o, const char *name, const char *argument)
{
	const struct option_spec *spec;

	if (!strcmp(name, COMM))
		return read_comm(&o->filter, argument);
	if (!strcmp(name, NETNS))
		return read_netns(&o->filter, argument);
	if (!strcmp(name, FAMILY))
		return read_family(&o->filter, argument);
	if (!strcmp(name, CGROUP)) {
		o->filter.is_judged = true;
		return 0;
	}
	if (!strcmp(name, SAMPLE))
		return read_sample(&o->filter, argument);
	if (!strcmp(name, FOLLOW)) {
		o->filter.follows = true;
		return 0;
	}
	spec = option_find(name);
	/* By number: what a name means is the machine's affair that recorded. */
	if (spec && spec->type == OPTION_PORTS && argument[strspn(argument, "0123456789,-")])
		return -EINVAL;
	if (spec && spec->group == OPTION_GROUP_FILTER)
		return value_read(spec, o, argument);
	return -EINVAL;
}

int filter_text_read(const char *text, struct conn_filter *ret_filter)
{
	struct options *o = calloc(1, sizeof(*o));
	char *copy = strdup(text), *rest = copy, *line;
	int error = o && copy ? 0 : -ENOMEM;

	while (!error && (line = strsep(&rest, "\n"))) {
		char *argument = strchr(line, ' ');

		if (!*line)
			continue;
		if (argument)
			*argument++ = '\0';
		error = argument ? read_option(o, line, argument) : -EINVAL;
	}
	if (!error)
		*ret_filter = o->filter;
	free(copy);
	free(o);
	return error;
}
