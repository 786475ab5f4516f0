// SPDX-License-Identifier: GPL-2.0-only
/* Asks the state files of Docker, containerd, CRI-O and podman for one container at a time. */
#include "user/names/containers.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/names/host.h"

#if __has_include(<json-c/json.h>)

#include <json-c/json.h>

#define FILE_MOST (4U << 20) /* bytes; a bundle has some 10 KB, a storage 1 KB a container */
#define DEPTH_MOST 32
#define NAME_SIZE (LABEL_SIZE_MAX + 1)

/* A text of an object; NULL: it has none, or not as a text. */
static const char *text_of(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

static struct json_object *object_of(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, key, &value))
		return NULL;
	return value;
}

static bool add(struct labels *labels, enum label_kind kind, const char *id, const char *name)
{
	labels_add(labels, kind, id, strlen(id), name, strlen(name));
	return labels_find(labels, kind, id);
}

static void add_pod(struct labels *labels, const char *uid, const char *space, const char *name)
{
	char pod[NAME_SIZE];
	int length;

	if (!uid || !space || !name)
		return;
	length = snprintf(pod, sizeof(pod), "%s/%s", space, name);
	if (length > 0 && (size_t)length < sizeof(pod))
		add(labels, LABEL_POD, uid, pod);
}

/* "/web"; a kubelet's is "/k8s_CONTAINER_POD_NAMESPACE_UID_N". */
static bool read_docker(struct labels *labels, struct json_object *all, const char *id)
{
	const char *name = text_of(all, "Name");
	char copy[NAME_SIZE], *rest = copy, *parts[6];

	if (!name || strlen(name) >= sizeof(copy))
		return false;
	name += *name == '/';
	if (strncmp(name, "k8s_", 4))
		return add(labels, LABEL_CONTAINER, id, name);
	snprintf(copy, sizeof(copy), "%s", name);
	for (size_t i = 0; i < 6; i++) {
		parts[i] = strsep(&rest, "_");
		if (!parts[i])
			return add(labels, LABEL_CONTAINER, id, name);
	}
	add_pod(labels, parts[4], parts[3], parts[2]);
	return add(labels, LABEL_CONTAINER, id, parts[1]);
}

/* What the runtimes of Kubernetes, and nerdctl, write into a bundle about it. */
static bool read_oci(struct labels *labels, struct json_object *all, const char *id)
{
	static const struct {
		const char *name, *pod_uid, *pod_space, *pod_name;
	} keys[] = {
		{ "io.kubernetes.cri.container-name", "io.kubernetes.cri.sandbox-uid",
		  "io.kubernetes.cri.sandbox-namespace", "io.kubernetes.cri.sandbox-name" },
		{ "io.kubernetes.container.name", "io.kubernetes.pod.uid",
		  "io.kubernetes.pod.namespace", "io.kubernetes.pod.name" },
		{ "nerdctl/name", "", "", "" },
	};
	struct json_object *notes = object_of(all, "annotations");

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *name = text_of(notes, keys[i].name);

		add_pod(labels, text_of(notes, keys[i].pod_uid), text_of(notes, keys[i].pod_space),
			text_of(notes, keys[i].pod_name));
		if (name && *name)
			return add(labels, LABEL_CONTAINER, id, name);
	}
	return false;
}

/* Of a storage, all at once: it is one file. */
static bool read_storage(struct labels *labels, struct json_object *all, const char *id)
{
	size_t count;

	if (!json_object_is_type(all, json_type_array))
		return false;
	count = json_object_array_length(all);
	for (size_t i = 0; i < count && i < LABELS_MAX; i++) {
		struct json_object *one = json_object_array_get_idx(all, i);
		struct json_object *names = object_of(one, "names"), *first;
		const char *own = text_of(one, "id");

		if (!own || !json_object_is_type(names, json_type_array) ||
		    !json_object_array_length(names))
			continue;
		first = json_object_array_get_idx(names, 0);
		if (json_object_is_type(first, json_type_string))
			add(labels, LABEL_CONTAINER, own, json_object_get_string(first));
	}
	return labels_find(labels, LABEL_CONTAINER, id);
}

bool containers_read(struct labels *labels, enum container_file file, const char *text, size_t size,
		     const char *id)
{
	struct json_tokener *tokener;
	struct json_object *all;
	bool found = false;

	if (size > FILE_MOST)
		return false;
	tokener = json_tokener_new_ex(DEPTH_MOST);
	if (!tokener)
		return false;
	all = json_tokener_parse_ex(tokener, text, (int)size);
	if (file == CONTAINER_DOCKER)
		found = read_docker(labels, all, id);
	else if (file == CONTAINER_OCI)
		found = read_oci(labels, all, id);
	else
		found = read_storage(labels, all, id);
	json_object_put(all);
	json_tokener_free(tokener);
	return found;
}

#define CONTAINERD "/run/containerd/io.containerd.runtime.v2.task/"
#define K3S "/run/k3s/containerd/io.containerd.runtime.v2.task/"
#define STORAGE "storage/overlay-containers/"

/* Where they are, with the id between both; without a second part, of all. */
static const struct {
	const char *before, *behind;
	enum container_file file;
} places[] = {
	{ "/var/lib/docker/containers/", "/config.v2.json", CONTAINER_DOCKER },
	{ CONTAINERD "k8s.io/", "/config.json", CONTAINER_OCI },
	{ CONTAINERD "default/", "/config.json", CONTAINER_OCI },
	{ K3S "k8s.io/", "/config.json", CONTAINER_OCI },
	{ "/run/containers/" STORAGE, "/userdata/config.json", CONTAINER_OCI },
	{ "/var/lib/containers/" STORAGE, "/userdata/config.json", CONTAINER_OCI },
	{ "/var/lib/containers/" STORAGE "containers.json", NULL, CONTAINER_STORAGE },
	{ "/run/containers/" STORAGE "volatile-containers.json", NULL, CONTAINER_STORAGE },
};

void containers_learn(struct labels *labels, const char *id)
{
	bool found = false;

	if (!*id || id[strspn(id, "0123456789abcdef")])
		return;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && !found; i++) {
		const char *behind = places[i].behind;
		char path[PATH_MAX], *text;
		size_t size;

		snprintf(path, sizeof(path), "%s%s%s", places[i].before, behind ? id : "",
			 behind ? behind : "");
		text = host_read(path, FILE_MOST, &size);
		if (text)
			found = containers_read(labels, places[i].file, text, size, id);
		free(text);
	}
}

#else

bool containers_read(struct labels *labels, enum container_file file, const char *text, size_t size,
		     const char *id)
{
	(void)labels, (void)file, (void)text, (void)size, (void)id;
	return false;
}

void containers_learn(struct labels *labels, const char *id)
{
	(void)labels, (void)id;
}

#endif
