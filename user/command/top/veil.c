// SPDX-License-Identifier: GPL-2.0-only
/* Copies what a scene shows, with pseudonyms in the place of addresses and names. */
#include "user/command/top/veil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool make_room(struct veil *v, const struct scene *scene)
{
	size_t holders = 0;

	for (size_t i = 0; i < scene->stuck_count; i++)
		holders += scene->stuck[i].holder_count + 1;
	for (size_t i = 0; i < scene->listener_count; i++)
		if (scene->listeners[i].socket)
			holders += scene->listeners[i].socket->holder_count;
	v->rows = calloc(scene->found->count + 1, sizeof(*v->rows));
	v->groups = calloc(scene->found->group_count + 1, sizeof(*v->groups));
	v->failures.rows = calloc(scene->failures->count + 1, sizeof(*v->failures.rows));
	v->stuck = calloc(scene->stuck_count + 1, sizeof(*v->stuck));
	v->listeners = calloc(scene->listener_count + 1, sizeof(*v->listeners));
	v->places = calloc(scene->listener_count + 1, sizeof(*v->places));
	v->sockets = calloc(scene->listener_count + 1, sizeof(*v->sockets));
	v->holders = calloc(holders + 1, sizeof(*v->holders));
	return v->rows && v->groups && v->failures.rows && v->stuck && v->listeners && v->places &&
	       v->sockets && v->holders;
}

void veil_done(struct veil *v)
{
	free(v->rows);
	free(v->groups);
	free(v->failures.rows);
	free(v->stuck);
	free(v->listeners);
	free(v->places);
	free(v->sockets);
	free(v->holders);
}

static void hide_found(struct veil *v, struct redact *redact, const struct roster_found *found)
{
	v->found = *found;
	for (size_t i = 0; i < found->count; i++) {
		v->rows[i] = found->rows[i];
		redact_conn(redact, &v->rows[i]);
	}
	for (size_t i = 0; i < found->group_count; i++) {
		v->groups[i] = found->groups[i];
		redact_conn(redact, &v->groups[i].example);
	}
	v->found.rows = v->rows;
	v->found.groups = v->groups;
}

static void hide_failures(struct veil *v, struct redact *redact, const struct scene *scene)
{
	const struct failure_list *list = scene->failures;
	struct failure_row *rows = v->failures.rows;
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct failure *f = &list->rows[i].failure;

		if (scene_is_filtered(scene) && (f->is_other || !scene_wants(scene, &f->last)))
			continue;
		rows[kept] = list->rows[i];
		redact_conn(redact, &rows[kept].failure.example);
		redact_conn(redact, &rows[kept].failure.last);
		kept++;
	}
	v->failures = (struct failure_list){ .rows = rows, .count = kept, .sum = list->sum };
}

/* Returns where they are, NULL where there are none; `at` goes on. */
static const struct holder *hide_holders(struct redact *redact, struct holder **at,
					 const struct holder *holders, size_t count)
{
	struct holder *own = *at;

	if (!holders || !count)
		return NULL;
	memcpy(own, holders, count * sizeof(*own));
	for (size_t i = 0; i < count; i++)
		redact_holder(redact, &own[i]);
	*at += count;
	return own;
}

static void hide_stuck(struct veil *v, struct redact *redact, const struct scene *scene,
		       struct holder **at)
{
	for (size_t i = 0; i < scene->stuck_count; i++) {
		struct stuck *own = &v->stuck[i];

		*own = scene->stuck[i];
		redact_conn(redact, &own->c);
		own->holders = hide_holders(redact, at, own->holders, own->holder_count);
		own->listener = hide_holders(redact, at, own->listener, own->listener ? 1 : 0);
	}
}

static void hide_listeners(struct veil *v, struct redact *redact, const struct scene *scene,
			   struct holder **at)
{
	for (size_t i = 0; i < scene->listener_count; i++) {
		struct listening_row *row = &v->listeners[i];
		struct listening_socket *socket = NULL;

		*row = scene->listeners[i];
		v->places[i] = *row->place;
		row->place = &v->places[i];
		if (row->socket) {
			socket = &v->sockets[i];
			*socket = *row->socket;
			socket->holders =
				hide_holders(redact, at, socket->holders, socket->holder_count);
			row->socket = socket;
		}
		redact_listener(redact, socket, row->place);
	}
}

/* Its other end may be itself. */
static void hide_ladder(struct veil *v, struct redact *redact, const struct ladder *ladder)
{
	v->ladder = *ladder;
	v->ends[0] = *ladder->conn;
	redact_conn(redact, &v->ends[0]);
	v->ladder.conn = &v->ends[0];
	if (!ladder->other)
		return;
	v->ladder.other = &v->ends[0];
	if (ladder->other == ladder->conn)
		return;
	v->ends[1] = *ladder->other;
	redact_conn(redact, &v->ends[1]);
	v->ladder.other = &v->ends[1];
}

int veil_put(struct veil *v, struct redact *redact, struct scene *scene)
{
	struct holder *at;

	memset(v, 0, sizeof(*v));
	if (!make_room(v, scene))
		return -ENOMEM;
	at = v->holders;
	hide_found(v, redact, scene->found);
	hide_failures(v, redact, scene);
	hide_stuck(v, redact, scene, &at);
	hide_listeners(v, redact, scene, &at);
	scene->found = &v->found;
	scene->failures = &v->failures;
	scene->are_failures_sifted = true;
	scene->stuck = v->stuck;
	scene->listeners = v->listeners;
	if (scene->ladder) {
		hide_ladder(v, redact, scene->ladder);
		scene->ladder = &v->ladder;
	}
	return 0;
}
