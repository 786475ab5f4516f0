// SPDX-License-Identifier: GPL-2.0-only
/* What is said behind an option: read, by its type, into its place. */
#include "user/option/value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "user/aggregate/stuck.h"
#include "user/base/text.h"
#include "user/conn/flow.h"
#include "user/names/cgroup.h"
#include "user/names/netns.h"
#include "user/names/service.h"
#include "user/option/chinese.h"
#include "user/option/complaints.h"

#define PID_MAX INT32_MAX
#define DURATION_MAX (UINT64_C(1) << 62)
#define ROOM_MIN 4096u

static void *at(struct options *o, struct option_place place)
{
	return (char *)o + place.offset;
}

static uint64_t get(const struct options *o, struct option_place place)
{
	const void *from = (const char *)o + place.offset;
	uint64_t wide = 0;
	uint32_t number;
	uint8_t byte;

	switch (place.size) {
	case sizeof(byte):
		memcpy(&byte, from, sizeof(byte));
		return byte;
	case sizeof(number):
		memcpy(&number, from, sizeof(number));
		return number;
	case sizeof(wide):
		memcpy(&wide, from, sizeof(wide));
		return wide;
	}
	return 0;
}

static void put(struct options *o, struct option_place place, uint64_t value)
{
	uint32_t number = (uint32_t)value;
	uint8_t byte = (uint8_t)value;

	switch (place.size) {
	case sizeof(byte):
		memcpy(at(o, place), &byte, sizeof(byte));
		break;
	case sizeof(number):
		memcpy(at(o, place), &number, sizeof(number));
		break;
	case sizeof(value):
		memcpy(at(o, place), &value, sizeof(value));
		break;
	}
}

static void put_text(struct options *o, struct option_place place, const char *text)
{
	memcpy(at(o, place), &text, sizeof(text));
}

/* Adds one to the list. */
static int append(const struct option_spec *s, struct options *o, const void *item, size_t size)
{
	uint64_t count = get(o, s->beside);

	if (count == s->place.size / size)
		return -E2BIG;
	memcpy((char *)at(o, s->place) + count * size, item, size);
	put(o, s->beside, count + 1);
	return 0;
}

typedef int reader(const struct option_spec *s, struct options *o, const char *text);

/* Calls `read` for each of the values between commas; none of them is empty. */
static int read_list(const struct option_spec *s, struct options *o, const char *list, reader *read)
{
	char *copy = strdup(list), *rest = copy, *value;
	int error = copy ? 0 : -ENOMEM;

	while (!error && (value = strsep(&rest, ",")))
		error = *value ? read(s, o, value) : -EINVAL;
	free(copy);
	return error;
}

static int put_within(const struct option_spec *s, struct options *o, uint64_t value)
{
	if (value < s->least || (s->most && value > s->most))
		return -ERANGE;
	put(o, s->place, value);
	return 0;
}

static int read_number(const struct option_spec *s, struct options *o, const char *text)
{
	uint64_t number;
	int error = text_parse_u64(text, &number);

	return error ? error : put_within(s, o, number);
}

static int read_fraction(const struct option_spec *s, struct options *o, const char *text)
{
	return read_number(s, o, strncmp(text, "1/", 2) ? text : text + 2);
}

static int read_size(const struct option_spec *s, struct options *o, const char *text)
{
	uint64_t bytes;
	int error = text_parse_size(text, &bytes);

	return error ? error : put_within(s, o, bytes);
}

static int read_room(const struct option_spec *s, struct options *o, const char *text)
{
	uint64_t room = sysconf(_SC_PAGESIZE);
	int error = read_size(s, o, text);

	if (error)
		return error;
	if (room < ROOM_MIN)
		room = ROOM_MIN;
	while (room < get(o, s->place))
		room *= 2;
	put(o, s->place, room);
	return 0;
}

static int read_duration(const struct option_spec *s, struct options *o, const char *text)
{
	uint64_t ns;
	int error = text_parse_duration(text, &ns);

	if (error)
		return error;
	return ns > DURATION_MAX ? -ERANGE : put_within(s, o, ns);
}

#define PERCENT_PARTS 10000 /* of a million */
#define PERCENT_DIGITS 4

/* Digits, and a few more behind a point. */
static int read_percent(const struct option_spec *s, struct options *o, const char *text)
{
	const char *point = strchr(text, '.');
	size_t whole = point ? (size_t)(point - text) : strlen(text);
	uint64_t parts = 0;

	if (!whole || whole > 3 || (point && (!point[1] || strlen(point + 1) > PERCENT_DIGITS)) ||
	    text[strspn(text, "0123456789.")] || (point && strchr(point + 1, '.')))
		return -EINVAL;
	for (size_t i = 0; i < whole; i++)
		parts = parts * 10 + (uint64_t)(text[i] - '0');
	for (size_t i = 1; i <= PERCENT_DIGITS; i++)
		parts = parts * 10 + (point && strlen(point) > i ? (uint64_t)(point[i] - '0') : 0);
	if (!parts || parts > 100 * PERCENT_PARTS)
		return -ERANGE;
	put(o, s->place, parts);
	return 0;
}

static int read_text(const struct option_spec *s, struct options *o, const char *text)
{
	if (!*text)
		return -EINVAL;
	put_text(o, s->place, text);
	return 0;
}

/* What would have a value with it names none, and nothing would be passed on. */
static int check_variable(const struct option_spec *s, struct options *o, const char *name)
{
	(void)s;
	(void)o;
	return strchr(name, '=') ? -EINVAL : 0;
}

static int read_variables(const struct option_spec *s, struct options *o, const char *list)
{
	int error = read_list(s, o, list, check_variable);

	return error ? error : read_text(s, o, list);
}

static int read_files(const struct option_spec *s, struct options *o, const char *path)
{
	return *path ? append(s, o, &path, sizeof(path)) : -EINVAL;
}

static const struct option_name *find_name(const struct option_name *names, const char *text)
{
	for (; names->name; names++)
		if (!strcmp(names->name, text))
			return names;
	return NULL;
}

static int read_choice(const struct option_spec *s, struct options *o, const char *text)
{
	const struct option_name *name = find_name(s->names, text);
	uint64_t old = get(o, s->place);

	if (!name)
		return -EINVAL;
	if (s->once && old && old != name->value)
		return -EEXIST;
	put(o, s->place, name->value);
	return 0;
}

static int add_to_set(const struct option_spec *s, struct options *o, const char *text)
{
	const struct option_name *name = find_name(s->names, text);

	if (!name)
		return -EINVAL;
	put(o, s->place, get(o, s->place) | UINT64_C(1) << name->value);
	return 0;
}

static int read_set(const struct option_spec *s, struct options *o, const char *list)
{
	return read_list(s, o, list, add_to_set);
}

static int read_state(const struct option_spec *s, struct options *o, const char *text)
{
	enum tcp_state state;
	int error = state_parse(text, &state);

	if (!error && (state == STATE_LISTEN || state == STATE_CLOSED))
		error = -EINVAL;
	if (!error)
		put(o, s->place, state);
	return error;
}

static void add_states(struct options *o, struct option_place place, uint64_t states)
{
	put(o, place, get(o, place) | states);
}

static int add_state(const struct option_spec *s, struct options *o, const char *name)
{
	uint64_t all = 0, brief = 0;
	enum tcp_state one;
	int error;

	for (unsigned int state = 1; state < STATE_COUNT; state++) {
		all |= 1u << state;
		brief |= stuck_is_short(state) ? 1u << state : 0;
	}
	if (!strcasecmp(name, OPTION_STATES_SHORT) || !strcasecmp(name, "all_stuck")) {
		add_states(o, s->beside, brief);
		return 0;
	}
	if (!strcasecmp(name, OPTION_STATES_ALL)) {
		add_states(o, s->place, all);
		return 0;
	}
	error = state_parse(name, &one);
	if (!error)
		add_states(o, s->place, 1u << one);
	return error;
}

static int read_states(const struct option_spec *s, struct options *o, const char *list)
{
	return read_list(s, o, list, add_state);
}

static int parse_port(const char *text, uint64_t least, uint64_t *ret_port)
{
	int error = text_parse_u64(text, ret_port);

	return error || *ret_port < least || *ret_port > UINT16_MAX ? -EINVAL : 0;
}

static int add_service(const struct option_spec *s, struct options *o, const char *name)
{
	uint16_t port = 0;
	int error = service_port(SERVICE_LIST, name, &port);

	if (!error)
		conn_filter_add_port(at(o, s->place), port);
	return error;
}

static int add_ports(const struct option_spec *s, struct options *o, const char *range)
{
	char first_text[sizeof("65535")];
	const char *dash = strchr(range, '-');
	uint64_t first, last;

	if (range[strspn(range, "0123456789-")])
		return add_service(s, o, range);

	if (dash) {
		if (dash - range >= (ptrdiff_t)sizeof(first_text))
			return -EINVAL;
		snprintf(first_text, sizeof(first_text), "%.*s", (int)(dash - range), range);
	}
	if (parse_port(dash ? first_text : range, 1, &first) ||
	    parse_port(dash ? dash + 1 : range, first, &last))
		return -EINVAL;
	for (uint64_t port = first; port <= last; port++)
		conn_filter_add_port(at(o, s->place), port);
	return 0;
}

static int read_ports(const struct option_spec *s, struct options *o, const char *list)
{
	return read_list(s, o, list, add_ports);
}

static int add_pid(const struct option_spec *s, struct options *o, const char *text)
{
	uint64_t number;
	int error = text_parse_u64(text, &number);
	uint32_t pid;

	if (error)
		return error;
	if (!number || number > PID_MAX)
		return -ERANGE;
	pid = number;
	return append(s, o, &pid, sizeof(pid));
}

static int read_pids(const struct option_spec *s, struct options *o, const char *list)
{
	return read_list(s, o, list, add_pid);
}

/* The kernel cuts a longer name as well. */
static int add_comm(const struct option_spec *s, struct options *o, const char *comm)
{
	char own[EVENT_COMM_SIZE] = "";

	memcpy(own, comm, strnlen(comm, EVENT_COMM_SIZE - 1));
	return append(s, o, own, sizeof(own));
}

/* A process may have a comma in its name: what looks like a list may be one name. */
static int read_comms(const struct option_spec *s, struct options *o, const char *list)
{
	int error = read_list(s, o, list, add_comm);

	if (error || !strchr(list, ','))
		return error;
	error = add_comm(s, o, list);
	return error == -E2BIG ? 0 : error;
}

static int add_flow(const struct option_spec *s, struct options *o, const char *text)
{
	uint64_t flow;
	int error = flow_parse(text, &flow);

	return error ? error : append(s, o, &flow, sizeof(flow));
}

static int read_flows(const struct option_spec *s, struct options *o, const char *list)
{
	return read_list(s, o, list, add_flow);
}

#define SLOW "slow="

static int read_spans(const struct option_spec *s, struct options *o, const char *text)
{
	struct spans_choice choice = { .kind = SPANS_SLOW };
	const struct option_name *name = find_name(s->names, text);
	int error = 0;

	if (name)
		choice.kind = (enum spans_kind)name->value;
	else if (!strncmp(text, SLOW, strlen(SLOW)))
		error = text_parse_duration(text + strlen(SLOW), &choice.slow_ns);
	else
		error = -EINVAL;
	if (!error)
		memcpy(at(o, s->place), &choice, sizeof(choice));
	return error;
}

static int add_prefix(const struct option_spec *s, struct options *o, const char *text)
{
	struct prefix prefix;
	int error = prefix_parse(text, &prefix);

	return error ? error : append(s, o, &prefix, sizeof(prefix));
}

static int read_prefixes(const struct option_spec *s, struct options *o, const char *list)
{
	return read_list(s, o, list, add_prefix);
}

static int add_netns(const struct option_spec *s, struct options *o, const char *text)
{
	uint32_t inode;
	int error;

	if (netns_is_name(text))
		return conn_filter_add_name(&o->netns_names, text);
	error = netns_resolve(text, &inode);
	if (error == -ENOENT && !netns_parse_inode(text, &inode)) {
		/* It may be in a recording. */
		put(o, s->beside, inode);
		error = 0;
	}
	return error ? error : netns_list_add(at(o, s->place), inode);
}

/* A name or a path may have a comma: what looks like a list may be one namespace. */
static int read_netns(const struct option_spec *s, struct options *o, const char *list)
{
	uint32_t inode;

	if (strchr(list, ',') && !netns_resolve(list, &inode))
		return add_netns(s, o, list);
	return read_list(s, o, list, add_netns);
}

int value_find_netns(struct options *o, const char **ret_name)
{
	struct netns_list *list = &o->filter.netns;
	const char *name = NULL;
	int error = 0;

	list->count = o->netns_numbers;
	while (!error && (name = conn_filter_next_name(&o->netns_names, name))) {
		uint32_t inode;

		*ret_name = name;
		error = netns_resolve(name, &inode);
		if (!error)
			error = netns_list_add(list, inode);
	}
	return error;
}

/* Whose it is, this machine's or a recording's, is known once all options are. */
static int read_cgroup(const struct option_spec *s, struct options *o, const char *path)
{
	(void)s;
	if (!*path)
		return -EINVAL;
	return conn_filter_add_name(&o->filter.cgroups, path) ? -ENAMETOOLONG : 0;
}

int value_find_cgroup(struct options *o, bool is_recorded, const char **ret_path)
{
	struct filter_names *paths = &o->filter.cgroups;
	char path[sizeof(paths->text)];
	int error;

	*ret_path = conn_filter_next_name(paths, NULL);
	if (!*ret_path)
		return 0;
	error = is_recorded ? cgroup_path_from_mount(*ret_path, path, sizeof(path)) :
			      cgroup_resolve(*ret_path, &o->filter.cgroup);
	if (error)
		return error;
	paths->size = 0;
	return is_recorded ? conn_filter_add_name(paths, path) : 0;
}

static int add_name(const struct option_spec *s, struct options *o, const char *name)
{
	char whole[sizeof(struct filter_names)];

	if (s->can_be && !s->can_be(name))
		return -EINVAL;
	if (!s->end_of)
		return conn_filter_add_name(at(o, s->place), name);
	if ((size_t)snprintf(whole, sizeof(whole), "%s%s", name, s->end_of(name)) >= sizeof(whole))
		return -E2BIG;
	return conn_filter_add_name(at(o, s->place), whole);
}

static int read_names(const struct option_spec *s, struct options *o, const char *list)
{
	return read_list(s, o, list, add_name);
}

static const struct {
	reader *read;
	const char *takes, *such;
	size_t item; /* of a list: what each takes of its place */
} types[OPTION_TYPE_COUNT] = {
	[OPTION_NUMBER] = { read_number, "a number", NULL },
	[OPTION_FRACTION] = { read_fraction, "1/N", "1/100, or N alone" },
	[OPTION_SIZE] = { read_size, "bytes", NULL },
	[OPTION_ROOM] = { read_room, "bytes", NULL },
	[OPTION_DURATION] = { read_duration, "seconds", NULL },
	[OPTION_PERCENT] = { read_percent, "a percentage of more than 0, up to 100", "2 or 0.5" },
	[OPTION_TEXT] = { read_text, NULL, NULL },
	[OPTION_FILE] = { read_text, NULL, NULL },
	[OPTION_FILES] = { read_files, NULL, NULL, sizeof(char *) },
	[OPTION_CHOICE] = { read_choice, "one of:", NULL },
	[OPTION_SET] = { read_set, "a list of:", NULL },
	[OPTION_STATE] = { read_state, "a state that connections stay in", "CLOSE_WAIT" },
	[OPTION_STATES] = { read_states, "states",
			    "close-wait or FIN_WAIT2, " OPTION_STATES_SHORT
			    ", or " OPTION_STATES_ALL },
	[OPTION_PORTS] = { read_ports, "ports from 1 to 65535, ranges, and names of " SERVICE_LIST,
			   "80,https,8000-8100" },
	[OPTION_PIDS] = { read_pids, "process numbers", "4711 or 4711,4712", sizeof(uint32_t) },
	[OPTION_COMMS] = { read_comms, "command names", "nginx or nginx,curl", EVENT_COMM_SIZE },
	[OPTION_FLOWS] = { read_flows, "flows of 16 hexadecimal digits", "5f3a09c1d2e4b678",
			   sizeof(uint64_t) },
	[OPTION_VARIABLES] = { read_variables, "names of variables", "LANG,TZ" },
	[OPTION_SPANS] = { read_spans, "one of: slow=DURATION", NULL },
	[OPTION_PREFIXES] = { read_prefixes, "addresses and networks",
			      "192.0.2.0/24 or 2001:db8::1; names of hosts are not looked up, and "
			      "--interface says of which link",
			      sizeof(struct prefix) },
	[OPTION_NETNS] = { read_netns,
			   "network namespaces that exist, by name, path, inode, PID, or self",
			   NULL },
	[OPTION_NAMES] = { read_names, "names or patterns of a shell", "web or web,'api-*'" },
	[OPTION_CGROUP] = { read_cgroup,
			    "a cgroup of version 2 that exists: a folder of the cgroup2 mount",
			    NULL },
};

/* A choice may be made again, if it is the same. */
static bool is_filled(const struct option_spec *s, const struct options *o)
{
	return s->once && s->type != OPTION_CHOICE && get(o, s->place);
}

int value_read(const struct option_spec *spec, struct options *o, const char *text)
{
	uint64_t marked = get(o, spec->mark.place);
	int error = 0;

	if (is_filled(spec, o) || (marked && marked != spec->mark.value))
		return -EEXIST;
	if (types[spec->type].read)
		error = types[spec->type].read(spec, o, text);
	if (!error)
		put(o, spec->mark.place, spec->mark.value);
	return error;
}

size_t value_room(const struct option_spec *spec)
{
	size_t item = types[spec->type].item;

	if (spec->type == OPTION_NAMES)
		return sizeof(((struct filter_names *)NULL)->text);
	return item ? spec->place.size / item : 0;
}

bool value_is(const struct option_spec *spec, const struct options *o, const char *value)
{
	const struct option_name *name;
	const char *text;

	switch (spec->type) {
	case OPTION_CHOICE:
		name = find_name(spec->names, value);
		return name && get(o, spec->place) == name->value;
	case OPTION_SET:
		name = find_name(spec->names, value);
		return name && get(o, spec->place) >> name->value & 1;
	case OPTION_TEXT:
	case OPTION_FILE:
		memcpy(&text, (const char *)o + spec->place.offset, sizeof(text));
		return text && !strcmp(text, value);
	default:
		return false;
	}
}

/* In the largest unit that leaves none of it out. */
static void add_size(struct buffer *out, uint64_t bytes)
{
	static const char units[] = { '\0', 'K', 'M', 'G' };
	size_t unit = 0;

	while (bytes && bytes % 1024 == 0 && unit + 1 < sizeof(units)) {
		bytes /= 1024;
		unit++;
	}
	buffer_add_u64(out, bytes);
	if (unit)
		buffer_add_char(out, units[unit]);
}

#define IN(NAME, language) option_complaints[OPTION_COMPLAINT_##NAME].in[language]

static void add_range(struct buffer *out, const struct option_spec *s,
		      enum ladder_language language)
{
	void (*add)(struct buffer * b, uint64_t value) = s->type == OPTION_NUMBER ? buffer_add_u64 :
										    add_size;

	buffer_add_text(out, IN(FROM, language));
	add(out, s->least);
	buffer_add_text(out, s->most ? IN(TO, language) : IN(ON, language));
	if (s->most)
		add(out, s->most);
}

const char *value_takes(enum option_type type)
{
	return types[type].takes;
}

const char *value_such(const struct option_spec *spec)
{
	return spec->such ? spec->such : types[spec->type].such;
}

void value_add_expected(struct buffer *out, const struct option_spec *spec,
			enum ladder_language language)
{
	const char *takes = spec->takes ? spec->takes : types[spec->type].takes;
	const char *such = value_such(spec);

	buffer_add_text(out, IN(TAKES, language));
	if (takes)
		buffer_add_text(out, chinese_words(takes, language));
	if (spec->type == OPTION_NUMBER || spec->type == OPTION_SIZE || spec->type == OPTION_ROOM)
		add_range(out, spec, language);
	else if (spec->type == OPTION_DURATION && spec->least)
		buffer_add_text(out, IN(ABOVE_0, language));
	for (const struct option_name *n = spec->names; n && n->name; n++)
		buffer_addf(out, " %s", n->name);
	if (such)
		sentence_add(out, IN(SUCH, language),
			     &(struct sentence_words){ .w = chinese_words(such, language) });
}
