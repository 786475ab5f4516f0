// SPDX-License-Identifier: GPL-2.0-only
/* Reads paths of cgroups: each folder is judged by its own name and by that of the one above. */
#include "user/names/workload.h"

#include <string.h>

#define ID_SIZE 64	   /* digits of an id of the container runtimes */
#define ID_LEAST 12	   /* of one that is cut short; less may be a word */
#define UUID_SIZE 36	   /* of a pod that the API server knows */
#define STATIC_UID_SIZE 32 /* of a pod that a node's own file describes */

struct part {
	const char *text;
	size_t size;
};

#define PART(literal) ((struct part){ literal, sizeof(literal) - 1 })

static bool is(struct part p, struct part other)
{
	return p.size == other.size && !memcmp(p.text, other.text, p.size);
}

static bool begins(struct part p, struct part with)
{
	return p.size >= with.size && !memcmp(p.text, with.text, with.size);
}

static bool ends(struct part p, struct part with)
{
	return p.size >= with.size && !memcmp(p.text + p.size - with.size, with.text, with.size);
}

static struct part without(struct part p, struct part prefix, struct part suffix)
{
	return (struct part){ p.text + prefix.size, p.size - prefix.size - suffix.size };
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What is written by runtimes and by the API server has small letters. */
static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_hex(struct part p, size_t least, size_t most)
{
	if (p.size < least || p.size > most)
		return false;
	for (size_t i = 0; i < p.size; i++)
		if (hex_value(p.text[i]) < 0)
			return false;
	return true;
}

static void keep(char *to, size_t room, struct part p)
{
	if (p.size >= room)
		return;
	memcpy(to, p.text, p.size);
	to[p.size] = '\0';
}

size_t workload_unescape(const char *text, size_t size, char *ret_text)
{
	size_t used = 0;

	for (size_t i = 0; i < size; i++) {
		int high = -1, low = -1;

		if (text[i] == '\\' && size - i >= 4 && text[i + 1] == 'x') {
			high = hex_value(text[i + 2]);
			low = hex_value(text[i + 3]);
		}
		if (high < 0 || low < 0 || !(high | low)) {
			ret_text[used++] = text[i];
			continue;
		}
		ret_text[used++] = (char)(high << 4 | low);
		i += 3;
	}
	return used;
}

static void keep_unescaped(char to[WORKLOAD_NAME_SIZE], struct part p)
{
	if (p.size < WORKLOAD_NAME_SIZE)
		to[workload_unescape(p.text, p.size, to)] = '\0';
}

/* A unit whose folder would look like a file of the kernel has "_" in front of it. */
static void keep_unit(char to[WORKLOAD_NAME_SIZE], struct part p)
{
	keep_unescaped(to, p.size > 1 && *p.text == '_' ? without(p, PART("_"), PART("")) : p);
}

/* What a walk down the path knows by the folder that it is at. */
struct walk {
	struct workload *to;
	struct part above, above_that; /* empty: there is none */
	struct part slice;
	uint32_t manager; /* the user whose systemd is above */
	uint32_t user;	  /* the first of them, who can make what folders he likes below */
};

static bool is_unit(struct part p)
{
	static const struct part kinds[] = { PART(".service"), PART(".scope"), PART(".socket"),
					     PART(".mount"), PART(".swap") };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (p.size > kinds[i].size && ends(p, kinds[i]))
			return true;
	return false;
}

static bool is_slice(struct part p)
{
	return p.size > PART(".slice").size && ends(p, PART(".slice"));
}

/* "user@1000.service" manages the units below it. */
static bool is_manager(struct part p, uint32_t *ret_user)
{
	uint64_t user = 0;

	if (!begins(p, PART("user@")) || !ends(p, PART(".service")) ||
	    p.size <= PART("user@.service").size)
		return false;
	p = without(p, PART("user@"), PART(".service"));
	for (size_t i = 0; i < p.size; i++) {
		user = user * 10 + (uint64_t)(p.text[i] - '0');
		if (!is_digit(p.text[i]) || user >= WORKLOAD_NO_USER)
			return false;
	}
	*ret_user = (uint32_t)user;
	return true;
}

static void read_unit(struct walk *w, struct part p)
{
	uint32_t user;

	if (p.size >= WORKLOAD_NAME_SIZE)
		return;
	if (is_slice(p))
		w->slice = p;
	if (!is_unit(p))
		return;
	keep_unit(w->to->unit, p);
	w->to->slice[0] = '\0';
	keep_unit(w->to->slice, w->slice);
	w->to->user = w->manager;
	/* Below one of them another one's is but a folder that is called so. */
	if (w->manager != WORKLOAD_NO_USER || !is_manager(p, &user))
		return;
	w->manager = user;
	w->to->user = WORKLOAD_NO_USER;
	if (w->user == WORKLOAD_NO_USER)
		w->user = user;
}

/* ---- pods ----------------------------------------------------------------------------------- */

/* 8-4-4-4-12 digits, with "_" where systemd would take "-" for a level; or digits alone. */
static size_t pod_uid_size(struct part p)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	_Static_assert(sizeof(shape) - 1 == UUID_SIZE, "a UUID");
	for (i = 0; i < UUID_SIZE && i < p.size; i++)
		if (shape[i] == 'x' ? hex_value(p.text[i]) < 0 :
				      p.text[i] != '-' && p.text[i] != '_')
			break;
	if (i == UUID_SIZE)
		return UUID_SIZE;
	p.size = p.size < STATIC_UID_SIZE ? p.size : STATIC_UID_SIZE;
	return is_hex(p, STATIC_UID_SIZE, STATIC_UID_SIZE) ? STATIC_UID_SIZE : 0;
}

static bool keep_pod(struct walk *w, struct part uid, enum workload_qos qos)
{
	char *text = w->to->pod_uid;

	keep(text, sizeof(w->to->pod_uid), uid);
	for (; *text; text++)
		if (*text == '_')
			*text = '-';
	w->to->qos = qos;
	w->to->pod_user = w->user;
	return true;
}

/* .../burstable/podUID: the folder above says the class, and has none for the best one. */
static bool read_pod_folder(struct walk *w, struct part p)
{
	static const struct {
		struct part above;
		enum workload_qos qos;
	} classes[] = { { PART("burstable"), WORKLOAD_BURSTABLE },
			{ PART("besteffort"), WORKLOAD_BESTEFFORT },
			{ PART("kubepods"), WORKLOAD_GUARANTEED } };
	enum workload_qos qos = WORKLOAD_QOS_NONE;

	if (!begins(p, PART("pod")))
		return false;
	p = without(p, PART("pod"), PART(""));
	if (!p.size || pod_uid_size(p) != p.size)
		return false;
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (is(w->above, classes[i].above))
			qos = classes[i].qos;
	return keep_pod(w, p, qos);
}

/* kubepods-burstable-podUID.slice, and what is before and behind where kubelets are nested. */
static bool read_pod_slice(struct walk *w, struct part p)
{
	static const struct {
		struct part text;
		enum workload_qos qos;
	} classes[] = { { PART("kubepods-burstable-pod"), WORKLOAD_BURSTABLE },
			{ PART("kubepods-besteffort-pod"), WORKLOAD_BESTEFFORT },
			{ PART("kubepods-pod"), WORKLOAD_GUARANTEED } };

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		struct part text = classes[i].text, rest;
		const char *found = memmem(p.text, p.size, text.text, text.size);
		size_t size;

		if (!found)
			continue;
		rest.text = found + text.size;
		rest.size = (size_t)(p.text + p.size - rest.text);
		size = pod_uid_size(rest);
		if (size &&
		    begins((struct part){ rest.text + size, rest.size - size }, PART(".slice")))
			return keep_pod(w, (struct part){ rest.text, size }, classes[i].qos);
	}
	return false;
}

/* machine-libpod_pod_ID.slice, user-libpod_pod_ID.slice, or /libpod_parent/ID. */
static bool read_podman_pod(struct walk *w, struct part p)
{
	const struct part mark = PART("libpod_pod_");
	const char *found = memmem(p.text, p.size, mark.text, mark.size);

	if (is(w->above, PART("libpod_parent")) && is_hex(p, ID_SIZE, ID_SIZE))
		return keep_pod(w, p, WORKLOAD_QOS_NONE);
	if (!found)
		return false;
	p = (struct part){ found, (size_t)(p.text + p.size - found) };
	p = without(p, mark, ends(p, PART(".slice")) ? PART(".slice") : PART(""));
	return is_hex(p, ID_SIZE, ID_SIZE) && keep_pod(w, p, WORKLOAD_QOS_NONE);
}

static bool read_pod(struct walk *w, struct part p)
{
	return read_pod_folder(w, p) || read_pod_slice(w, p) || read_podman_pod(w, p);
}

/* ---- containers ----------------------------------------------------------------------------- */

enum naming {
	NAMED_BY_ID,
	NAMED_BY_UNIT, /* escaped, as names of units are */
	NAMED_BY_NAME,
};

/*
 * Folders that name their runtime. What watches a container (conmon, LXC's monitor) is none of
 * them: "conmon-ID" is no id.
 */
static const struct {
	struct part prefix, suffix;
	enum workload_runtime runtime;
	enum naming naming;
} own_names[] = {
	{ PART("docker-"), PART(".scope"), WORKLOAD_DOCKER, NAMED_BY_ID },
	{ PART("cri-containerd-"), PART(".scope"), WORKLOAD_CONTAINERD, NAMED_BY_ID },
	{ PART("nerdctl-"), PART(".scope"), WORKLOAD_CONTAINERD, NAMED_BY_ID },
	{ PART("crio-"), PART(".scope"), WORKLOAD_CRIO, NAMED_BY_ID },
	{ PART("crio-"), PART(""), WORKLOAD_CRIO, NAMED_BY_ID },
	{ PART("libpod-"), PART(".scope"), WORKLOAD_PODMAN, NAMED_BY_ID },
	{ PART("libpod-payload-"), PART(""), WORKLOAD_PODMAN, NAMED_BY_ID },
	{ PART("libpod-"), PART(""), WORKLOAD_PODMAN, NAMED_BY_ID },
	{ PART("systemd-nspawn@"), PART(".service"), WORKLOAD_NSPAWN, NAMED_BY_UNIT },
	{ PART("machine-"), PART(".scope"), WORKLOAD_NSPAWN, NAMED_BY_UNIT },
	{ PART("lxc.payload."), PART(""), WORKLOAD_LXC, NAMED_BY_NAME },
};

/* Folders whose children are containers of one runtime. */
static const struct {
	struct part above;
	enum workload_runtime runtime;
	enum naming naming;
} parents[] = {
	{ PART("docker"), WORKLOAD_DOCKER, NAMED_BY_ID },
	{ PART("actions_job"), WORKLOAD_DOCKER, NAMED_BY_ID },
	{ PART("default"), WORKLOAD_CONTAINERD, NAMED_BY_ID },
	{ PART("k8s.io"), WORKLOAD_CONTAINERD, NAMED_BY_ID },
	{ PART("lxc"), WORKLOAD_LXC, NAMED_BY_NAME },
	{ PART("lxc.payload"), WORKLOAD_LXC, NAMED_BY_NAME },
};

/* The middle of SLICE:RUNTIME:ID, which is meant for systemd and makes a folder without it. */
static const struct {
	struct part text;
	enum workload_runtime runtime;
} middles[] = {
	{ PART("cri-containerd"), WORKLOAD_CONTAINERD },
	{ PART("nerdctl"), WORKLOAD_CONTAINERD },
	{ PART("docker"), WORKLOAD_DOCKER },
	{ PART("crio"), WORKLOAD_CRIO },
	{ PART("libpod"), WORKLOAD_PODMAN },
};

static bool keep_container(struct walk *w, struct part id, enum workload_runtime runtime,
			   enum naming naming)
{
	if (!id.size || id.size >= WORKLOAD_NAME_SIZE)
		return false;
	if (naming == NAMED_BY_UNIT)
		keep_unescaped(w->to->container_id, id);
	else
		keep(w->to->container_id, WORKLOAD_NAME_SIZE, id);
	w->to->runtime = runtime;
	w->to->container_user = w->user;
	return true;
}

/* libvirt's machines have scopes of the same form as those of nspawn. */
static bool is_libvirt(struct part p)
{
	return begins(p, PART("machine-qemu\\x2d")) || begins(p, PART("machine-lxc\\x2d"));
}

static bool read_own_name(struct walk *w, struct part p)
{
	if (is_libvirt(p))
		return false;
	for (size_t i = 0; i < sizeof(own_names) / sizeof(*own_names); i++) {
		struct part prefix = own_names[i].prefix, suffix = own_names[i].suffix, id;

		if (p.size <= prefix.size + suffix.size || !begins(p, prefix) || !ends(p, suffix))
			continue;
		id = without(p, prefix, suffix);
		if (own_names[i].naming == NAMED_BY_ID && !is_hex(id, ID_LEAST, ID_SIZE))
			continue;
		return keep_container(w, id, own_names[i].runtime, own_names[i].naming);
	}
	return false;
}

static bool read_triple(struct walk *w, struct part p)
{
	const char *first = memchr(p.text, ':', p.size), *last = memrchr(p.text, ':', p.size);
	struct part middle, id;

	if (!first || first == last)
		return false;
	middle = (struct part){ first + 1, (size_t)(last - first - 1) };
	id = (struct part){ last + 1, (size_t)(p.text + p.size - last - 1) };
	if (!is_hex(id, ID_LEAST, ID_SIZE))
		return false;
	for (size_t i = 0; i < sizeof(middles) / sizeof(*middles); i++)
		if (is(middle, middles[i].text))
			return keep_container(w, id, middles[i].runtime, NAMED_BY_ID);
	return false;
}

/* A task's container without a runtime of its own: 32 digits of the task, then a number. */
static bool is_fargate_id(struct part p)
{
	if (p.size < STATIC_UID_SIZE + 2 || p.text[STATIC_UID_SIZE] != '-' ||
	    !is_hex((struct part){ p.text, STATIC_UID_SIZE }, STATIC_UID_SIZE, STATIC_UID_SIZE))
		return false;
	for (size_t i = STATIC_UID_SIZE + 1; i < p.size; i++)
		if (!is_digit(p.text[i]))
			return false;
	return true;
}

/* Below a folder that says whose they are, or anywhere: nothing else has names of 64 digits. */
static bool read_bare_id(struct walk *w, struct part p)
{
	bool is_id = is_hex(p, ID_SIZE, ID_SIZE);

	for (size_t i = 0; i < sizeof(parents) / sizeof(*parents); i++)
		if (is(w->above, parents[i].above) && (is_id || parents[i].naming == NAMED_BY_NAME))
			return keep_container(w, p, parents[i].runtime, parents[i].naming);
	if (is_id)
		return keep_container(w, p,
				      is(w->above_that, PART("ecs")) ? WORKLOAD_DOCKER :
								       WORKLOAD_RUNTIME_NONE,
				      NAMED_BY_ID);
	return is_fargate_id(p) && keep_container(w, p, WORKLOAD_RUNTIME_NONE, NAMED_BY_ID);
}

static bool read_container(struct walk *w, struct part p)
{
	return read_own_name(w, p) || read_triple(w, p) || read_bare_id(w, p);
}

/* ---- paths ---------------------------------------------------------------------------------- */

/* An outer container's manager does not manage what runs within it. */
static void read_folder(struct walk *w, struct part p)
{
	read_unit(w, p);
	if (!read_podman_pod(w, p) && read_container(w, p))
		w->manager = WORKLOAD_NO_USER;
	read_pod(w, p);
	w->above_that = w->above;
	w->above = p;
}

void workload_parse(const char *path, size_t size, struct workload *ret_workload)
{
	struct walk w = { .to = ret_workload,
			  .manager = WORKLOAD_NO_USER,
			  .user = WORKLOAD_NO_USER };
	size_t at = 0;

	memset(ret_workload, 0, sizeof(*ret_workload));
	ret_workload->user = WORKLOAD_NO_USER;
	ret_workload->container_user = ret_workload->pod_user = WORKLOAD_NO_USER;
	w.above = w.above_that = w.slice = PART("");
	while (at < size) {
		const char *slash = memchr(path + at, '/', size - at);
		size_t end = slash ? (size_t)(slash - path) : size;

		/* A path from another namespace's view begins with "..". */
		if (end > at && !memchr(path + at, '\0', end - at) &&
		    !is((struct part){ path + at, end - at }, PART("..")))
			read_folder(&w, (struct part){ path + at, end - at });
		at = end + 1;
	}
	if (!*ret_workload->unit)
		keep_unit(ret_workload->slice, w.slice);
}

/* How much better a hierarchy is than others that tell as much. */
static unsigned int rank_hierarchy(struct part number, struct part controllers)
{
	if (is(number, PART("0")) && !controllers.size)
		return 3;
	if (is(controllers, PART("name=systemd")))
		return 2;
	return is(controllers, PART("pids")) || is(controllers, PART("memory"));
}

static unsigned int rank(struct part number, struct part controllers, struct part path)
{
	struct workload found;
	unsigned int told;

	workload_parse(path.text, path.size, &found);
	told = *found.container_id ? 3 : *found.pod_uid ? 2 : *found.unit != '\0';
	return 1 + told * 4 + rank_hierarchy(number, controllers);
}

/* NUMBER:CONTROLLERS:PATH; 0: it is none of that. */
static unsigned int read_line(struct part line, struct part *ret_path)
{
	const char *end = line.text + line.size;
	const char *first = memchr(line.text, ':', line.size);
	const char *second = first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;
	struct part number, controllers;

	if (!second || second + 1 == end || second[1] != '/')
		return 0;
	number = (struct part){ line.text, (size_t)(first - line.text) };
	controllers = (struct part){ first + 1, (size_t)(second - first - 1) };
	*ret_path = (struct part){ second + 1, (size_t)(end - second - 1) };
	if (ends(*ret_path, PART(" (deleted)")))
		ret_path->size -= PART(" (deleted)").size;
	return rank(number, controllers, *ret_path);
}

bool workload_pick(const char *text, size_t size, const char **ret_path, size_t *ret_size)
{
	unsigned int best = 0;

	while (size) {
		const char *feed = memchr(text, '\n', size);
		struct part line = { text, feed ? (size_t)(feed - text) : size }, path;
		unsigned int own = read_line(line, &path);

		if (own > best) {
			best = own;
			*ret_path = path.text;
			*ret_size = path.size;
		}
		line.size += feed != NULL;
		text += line.size;
		size -= line.size;
	}
	return best;
}

/* Of version 2: behind "0::". */
static bool find_version_2(struct part text, struct part *ret_path)
{
	while (text.size) {
		const char *feed = memchr(text.text, '\n', text.size);
		struct part line = { text.text, feed ? (size_t)(feed - text.text) : text.size };
		size_t used = line.size + (feed != NULL);

		if (begins(line, PART("0::/"))) {
			*ret_path = without(line, PART("0::"), PART(""));
			return true;
		}
		text.text += used;
		text.size -= used;
	}
	return false;
}

bool workload_has_left(const char *text, size_t size, const char *cgroup)
{
	struct part path, known;

	if (!find_version_2((struct part){ text, size }, &path) || is(path, PART("/")) ||
	    begins(path, PART("/..")))
		return false;
	if (!cgroup)
		return true;
	if (ends(path, PART(" (deleted)")))
		path.size -= PART(" (deleted)").size;
	known = (struct part){ cgroup, strlen(cgroup) };
	return !is(known, PART("/")) && !ends(known, path) && !ends(path, known);
}

const char *workload_runtime_name(enum workload_runtime runtime)
{
	static const char *const names[] = {
#define X(name, text) [WORKLOAD_##name] = text,
		WORKLOAD_RUNTIMES(X)
#undef X
	};

	return runtime < WORKLOAD_RUNTIME_COUNT ? names[runtime] : NULL;
}

const char *workload_qos_name(enum workload_qos qos)
{
	static const char *const names[] = {
		[WORKLOAD_GUARANTEED] = "guaranteed",
		[WORKLOAD_BURSTABLE] = "burstable",
		[WORKLOAD_BESTEFFORT] = "besteffort",
	};

	return qos < WORKLOAD_QOS_COUNT ? names[qos] : NULL;
}

size_t workload_unit_at(const char *name, size_t size, uint32_t *ret_user)
{
	uint64_t user = 0;
	size_t at = 0;

	*ret_user = WORKLOAD_NO_USER;
	for (; at < size && is_digit(name[at]) && user < WORKLOAD_NO_USER; at++)
		user = user * 10 + (uint64_t)(name[at] - '0');
	if (!at || at == size || name[at] != '/' || user >= WORKLOAD_NO_USER)
		return 0;
	*ret_user = (uint32_t)user;
	return at + 1;
}
