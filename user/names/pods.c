// SPDX-License-Identifier: GPL-2.0-only
/* Reads the names of folders and links of logs; what they lead to is never opened. */
#include "user/names/pods.h"

#include <dirent.h>
#include <string.h>

#include "user/names/host.h"

#define FOLDERS "/var/log/pods"
#define LOGS "/var/log/containers"
#define ENTRIES_MAX 65536
#define ID_SIZE 64
#define NAME_SIZE 256

static bool is_made_of(const char *text, size_t size, const char *characters)
{
	for (size_t i = 0; i < size; i++)
		if (!text[i] || !strchr(characters, text[i]))
			return false;
	return size;
}

/* Neither namespaces nor names of pods have a "_", and none of them is empty. */
bool pods_read_folder(struct labels *labels, const char *name)
{
	const char *first = strchr(name, '_'), *last = strrchr(name, '_');
	char pod[NAME_SIZE];
	size_t size;

	if (!first || first == name || last <= first + 1 || strlen(name) >= sizeof(pod) ||
	    memchr(first + 1, '_', (size_t)(last - first - 1)) ||
	    !is_made_of(last + 1, strlen(last + 1), "0123456789abcdef-"))
		return false;
	size = (size_t)(last - name);
	memcpy(pod, name, size);
	pod[first - name] = '/';
	labels_add(labels, LABEL_POD, last + 1, strlen(last + 1), pod, size);
	return true;
}

bool pods_read_log(struct labels *labels, const char *name)
{
	size_t size = strlen(name);
	const char *first = strchr(name, '_'), *second = first ? strchr(first + 1, '_') : NULL;
	const char *id;

	if (!second || size < ID_SIZE + strlen("-.log") || strcmp(name + size - 4, ".log"))
		return false;
	id = name + size - strlen(".log") - ID_SIZE;
	if (id < second + 3 || id[-1] != '-' || !is_made_of(id, ID_SIZE, "0123456789abcdef"))
		return false;
	labels_add(labels, LABEL_CONTAINER, id, ID_SIZE, second + 1, (size_t)(id - second - 2));
	return true;
}

static void visit_folder(void *labels, const char *name, unsigned char type)
{
	if (type == DT_DIR)
		pods_read_folder(labels, name);
}

static void visit_log(void *labels, const char *name, unsigned char type)
{
	if (type == DT_LNK || type == DT_REG)
		pods_read_log(labels, name);
}

void pods_learn(struct labels *labels, uint64_t deadline_ns)
{
	host_list(FOLDERS, ENTRIES_MAX, deadline_ns, visit_folder, labels);
	host_list(LOGS, ENTRIES_MAX, deadline_ns, visit_log, labels);
}
