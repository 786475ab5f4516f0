// SPDX-License-Identifier: GPL-2.0-only
/* Parses the path of each cgroup once, and looks for names that may be told later each time. */
#include "user/names/workloads.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/clock.h"
#include "user/base/hash.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/names/containers.h"
#include "user/names/pods.h"

#define PATTERN_SIZE 256

/* A container may be seen before its files are there. */
#define SEARCHES_MAX 3
#define SEARCH_AGAIN_NS NS_PER_S
#define SEARCH_MOST_NS (NS_PER_S / 10)
#define SEARCH_SHARE 20 /* one part in so many of the time */

#define SUBSTITUTES 256 /* each has a place by its numbers: another one may take it */
#define SUBSTITUTE_FRESH_NS NS_PER_S

/* Of the cgroup with the same number. */
struct kept {
	struct workload_known known; /* of its names, those that were known when it was met */
	bool is_parsed;
	bool has_container_name, has_pod_name; /* or is to have none */
	uint8_t searches;		       /* for names of these */
	uint64_t search_ns;		       /* the next one, not before then */
	uint64_t id;
	uint64_t first[WORKLOAD_KEY_COUNT]; /* 0 before they are compared */
};

/* What stands for the cgroup of a process. */
struct substitute {
	uint64_t cgroup, id, read_ns; /* 0: there is none */
	uint32_t pid;
};

struct workloads {
	const struct cgroup_names *cgroups;
	struct substitute substitutes[SUBSTITUTES];
	struct labels *labels;
	struct kept *kept;
	size_t room;
	uint64_t search_ns; /* nothing is searched before then */
};

struct workloads *workloads_new(const struct cgroup_names *cgroups)
{
	struct workloads *w = calloc(1, sizeof(*w));
	struct labels *labels = labels_new();

	if (!w || !labels) {
		labels_free(labels);
		free(w);
		return NULL;
	}
	w->cgroups = cgroups;
	w->labels = labels;
	return w;
}

void workloads_free(struct workloads *w)
{
	if (!w)
		return;
	/* All texts of one are in one piece, which begins with the unit. */
	for (size_t i = 0; i < w->room; i++)
		free((char *)w->kept[i].known.unit);
	free(w->kept);
	labels_free(w->labels);
	free(w);
}

struct labels *workloads_labels(struct workloads *w)
{
	return w->labels;
}

/* Copies a text to `at`, and moves that behind it. */
static const char *put(char **at, const char *text)
{
	const char *begin = *at;
	size_t size = strlen(text) + 1;

	memcpy(*at, text, size);
	*at += size;
	return begin;
}

/* Behind the number of the user who has called it so. */
static const char *put_of_user(char **at, uint32_t user, const char *name)
{
	const char *begin = *at;
	char number[16];
	int size = snprintf(number, sizeof(number), "%u/", user);

	memcpy(*at, number, (size_t)size);
	*at += size;
	put(at, name);
	return begin;
}

/*
 * What a user has called it is told with who that is. Files of the machine know nobody by it: they
 * are of the machine's runtimes, and whoever has the number of one of theirs has made it up.
 */
static const char *put_container(char **at, const struct workload *w, const char *id)
{
	if (w->container_user == WORKLOAD_NO_USER || !*id ||
	    (w->runtime != WORKLOAD_LXC && w->runtime != WORKLOAD_NSPAWN))
		return id;
	return put_of_user(at, w->container_user, id);
}

/* A user may call his unit as the machine calls one of its own. */
static const char *put_unit(char **at, const struct workload *w, const char *unit)
{
	return w->user == WORKLOAD_NO_USER || !*unit ? unit : put_of_user(at, w->user, unit);
}

static bool parse(struct kept *k, uint64_t id, const char *path)
{
	struct workload w;
	char *at;

	workload_parse(path, strlen(path), &w);
	at = malloc(2 * strlen(w.unit) + strlen(w.slice) + 2 * strlen(w.container_id) +
		    strlen(w.pod_uid) + 48);
	if (!at)
		return false;
	k->known.unit = put(&at, w.unit);
	k->known.unit_name = put_unit(&at, &w, k->known.unit);
	k->known.slice = put(&at, w.slice);
	k->known.container_id = put(&at, w.container_id);
	k->known.container = put_container(&at, &w, k->known.container_id);
	k->known.pod = k->known.pod_uid = put(&at, w.pod_uid);
	k->known.user = w.user;
	k->known.runtime = w.runtime;
	k->known.qos = w.qos;
	k->has_container_name = w.container_user != WORKLOAD_NO_USER;
	k->has_pod_name = w.pod_user != WORKLOAD_NO_USER;
	k->id = id;
	k->is_parsed = true;
	return true;
}

/* It may have been told since. */
static void name(const struct labels *labels, enum label_kind kind, const char *id, const char **to,
		 bool *has_name)
{
	const char *found;

	if (*has_name || !*id)
		return;
	found = labels_find(labels, kind, id);
	if (!found)
		return;
	*to = found;
	*has_name = true;
}

static struct kept *find(struct workloads *w, uint64_t cgroup)
{
	size_t number = cgroup_names_number(w->cgroups, cgroup), room;
	struct kept *k;

	if (!number)
		return NULL;
	if (number > w->room) {
		room = number < 64 ? 64 : number * 2;
		k = reallocarray(w->kept, room, sizeof(*k));
		if (!k)
			return NULL;
		memset(k + w->room, 0, (room - w->room) * sizeof(*k));
		w->kept = k;
		w->room = room;
	}
	k = &w->kept[number - 1];
	if (!k->is_parsed && !parse(k, cgroup, cgroup_names_find(w->cgroups, cgroup)))
		return NULL;
	name(w->labels, LABEL_CONTAINER, k->known.container_id, &k->known.container,
	     &k->has_container_name);
	name(w->labels, LABEL_POD, k->known.pod_uid, &k->known.pod, &k->has_pod_name);
	return k;
}

/* LXC and nspawn have names alone. */
static bool has_number(const struct workload_known *known)
{
	return known->runtime != WORKLOAD_LXC && known->runtime != WORKLOAD_NSPAWN;
}

static bool is_search_due(const struct kept *k)
{
	bool has_id = *k->known.container_id && has_number(&k->known);

	return k->searches < SEARCHES_MAX &&
	       ((has_id && !k->has_container_name) || (*k->known.pod_uid && !k->has_pod_name));
}

static void search(struct workloads *w, struct kept *k, uint64_t now_ns)
{
	uint64_t end_ns;

	if (*k->known.pod_uid)
		pods_learn(w->labels, now_ns + SEARCH_MOST_NS);
	if (*k->known.container_id &&
	    !labels_find(w->labels, LABEL_CONTAINER, k->known.container_id))
		containers_learn(w->labels, k->known.container_id);
	end_ns = clock_now();
	k->searches++;
	k->search_ns = end_ns + SEARCH_AGAIN_NS;
	w->search_ns = end_ns + SEARCH_SHARE * (end_ns - now_ns);
}

void workloads_learn(struct workloads *w, uint64_t cgroup)
{
	struct kept *k = find(w, cgroup);
	uint64_t now_ns;

	if (!k || !is_search_due(k))
		return;
	now_ns = clock_now();
	if (now_ns >= k->search_ns && now_ns >= w->search_ns)
		search(w, k, now_ns);
}

bool workloads_is_unsearched(struct workloads *w, uint64_t cgroup)
{
	const struct kept *k = find(w, cgroup);

	return k && !k->searches && is_search_due(k);
}

/* Far above those of the kernel, and alike for the same path in each run. */
static uint64_t id_of_path(const char *path, size_t size)
{
	static const struct hash_key key = { UINT64_C(0x243f6a8885a308d3),
					     UINT64_C(0x13198a2e03707345) };

	return UINT64_C(1) << 55 | hash_bytes(&key, path, size) >> 9;
}

uint64_t workloads_substitute(struct workloads *w, struct cgroup_names *cgroups, uint64_t cgroup,
			      const char *text, size_t size)
{
	const struct kept *k = find(w, cgroup);
	struct workload told;
	const char *path;
	uint64_t id;

	if ((k && *k->known.container_id) ||
	    workload_has_left(text, size, cgroup_names_find(cgroups, cgroup)) ||
	    !workload_pick(text, size, &path, &size))
		return cgroup;
	workload_parse(path, size, &told);
	if (!*told.container_id && (!*told.unit || (k && *k->known.unit)))
		return cgroup;
	id = id_of_path(path, size);
	return cgroup_names_add(cgroups, id, path, size) ? cgroup : id;
}

static size_t place_of(uint64_t cgroup, uint32_t pid)
{
	return (cgroup ^ pid) % SUBSTITUTES;
}

bool workloads_recall(const struct workloads *w, uint64_t cgroup, uint32_t pid, uint64_t now_ns,
		      uint64_t *ret_id)
{
	const struct substitute *s = &w->substitutes[place_of(cgroup, pid)];

	if (s->pid != pid || s->cgroup != cgroup || now_ns - s->read_ns >= SUBSTITUTE_FRESH_NS)
		return false;
	*ret_id = s->id;
	return true;
}

void workloads_keep(struct workloads *w, uint64_t cgroup, uint32_t pid, uint64_t now_ns,
		    uint64_t id)
{
	w->substitutes[place_of(cgroup, pid)] = (struct substitute){ cgroup, id, now_ns, pid };
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

bool workloads_find(struct workloads *w, uint64_t cgroup, struct workload_known *ret_known)
{
	const struct kept *k = find(w, cgroup);

	if (!k)
		return false;
	*ret_known = k->known;
	ret_known->unit = or_null(k->known.unit);
	ret_known->unit_name = or_null(k->known.unit_name);
	ret_known->slice = or_null(k->known.slice);
	ret_known->container = or_null(k->known.container);
	ret_known->container_id = or_null(k->known.container_id);
	ret_known->pod = or_null(k->known.pod);
	ret_known->pod_uid = or_null(k->known.pod_uid);
	return true;
}

/* NULL: it has none. */
static const char *key_text(const struct workload_known *known, enum workload_key key)
{
	switch (key) {
	case WORKLOAD_BY_UNIT:
		return known->unit_name;
	case WORKLOAD_BY_CONTAINER:
		return known->container;
	case WORKLOAD_BY_POD:
		return known->pod;
	default:
		return NULL;
	}
}

static const char *text_of(const struct kept *k, enum workload_key key)
{
	const char *text = key_text(&k->known, key);

	return text ? text : "";
}

static int compare_texts(const void *a, const void *b, void *key)
{
	const struct kept *first = *(const struct kept *const *)a;
	const struct kept *second = *(const struct kept *const *)b;
	const enum workload_key *by = key;
	int order = strcmp(text_of(first, *by), text_of(second, *by));

	return order ? order : (first->id > second->id) - (first->id < second->id);
}

static void compare_by(struct kept **all, size_t count, enum workload_key key)
{
	qsort_r(all, count, sizeof(*all), compare_texts, &key);
	for (size_t i = 0; i < count; i++) {
		bool is_same = i && !strcmp(text_of(all[i], key), text_of(all[i - 1], key));

		all[i]->first[key] = is_same		   ? all[i - 1]->first[key] :
				     *text_of(all[i], key) ? all[i]->id :
							     0;
	}
}

static void find_one(void *context, uint64_t id, const char *path)
{
	(void)path;
	find(context, id);
}

int workloads_compare(struct workloads *w)
{
	struct kept **all;
	size_t count = 0;

	cgroup_names_each(w->cgroups, find_one, w);
	all = calloc(w->room + 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < w->room; i++)
		if (w->kept[i].is_parsed)
			all[count++] = &w->kept[i];
	for (int key = 0; key < WORKLOAD_KEY_COUNT; key++)
		compare_by(all, count, (enum workload_key)key);
	free(all);
	return 0;
}

uint64_t workloads_first(const struct workloads *w, enum workload_key key, uint64_t cgroup)
{
	size_t number = cgroup_names_number(w->cgroups, cgroup);

	return number && number <= w->room ? w->kept[number - 1].first[key] : 0;
}

static bool matches(const char *pattern, const char *text)
{
	return text && !fnmatch(pattern, text, FNM_NOESCAPE);
}

static bool is_id(const char *pattern, const char *id)
{
	size_t size = strlen(pattern);

	return id && size >= TEXT_SHORT_ID && !strncmp(pattern, id, size);
}

bool workload_is_called(const struct workload_known *known, enum workload_key key,
			const char *pattern)
{
	size_t size = strlen(pattern);
	char plain[PATTERN_SIZE];
	const char *slash;

	switch (key) {
	case WORKLOAD_BY_UNIT:
		if (size >= sizeof(plain))
			return false;
		plain[workload_unescape(pattern, size, plain)] = '\0';
		return matches(plain, known->unit) || matches(plain, known->unit_name);
	case WORKLOAD_BY_CONTAINER:
		return matches(pattern, known->container) ||
		       (has_number(known) && is_id(pattern, known->container_id));
	case WORKLOAD_BY_POD:
		slash = known->pod ? strchr(known->pod, '/') : NULL;
		return matches(pattern, known->pod) || is_id(pattern, known->pod_uid) ||
		       (slash && matches(pattern, slash + 1));
	default:
		return false;
	}
}
