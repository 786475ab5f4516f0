/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of pods and their containers by the folders of logs that a kubelet keeps. */
#ifndef USER_NAMES_PODS_H
#define USER_NAMES_PODS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/names/labels.h"

/*
 * NAMESPACE_NAME_UID, of /var/log/pods: the pod becomes NAMESPACE/NAME. Returns whether it is one;
 * there may have been no room for it.
 */
bool pods_read_folder(struct labels *labels, const char *name);

/* POD_NAMESPACE_CONTAINER-ID.log, of /var/log/containers: the container's name. The same. */
bool pods_read_log(struct labels *labels, const char *name);

/* Reads what there is, a part of it if there is no time until `deadline_ns`. */
void pods_learn(struct labels *labels, uint64_t deadline_ns);

#endif
