// SPDX-License-Identifier: GPL-2.0-only
/* Puts pseudonyms where names and addresses of listeners are, and takes them away again. */
#include "user/command/listeners/hide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_first(const struct listening_row *rows, size_t i)
{
	return !i || rows[i].place != rows[i - 1].place;
}

static size_t count_holders(struct listening *l)
{
	size_t sum = 0;

	for (uint32_t n = 1; n <= listening_sockets(l); n++)
		if (listening_socket(l, n))
			sum += listening_socket(l, n)->holder_count;
	return sum;
}

static void done(struct listeners_hidden *hidden)
{
	free(hidden->sockets);
	free(hidden->places);
	free(hidden->holders);
}

/* Returns where the next ones go. */
static struct holder *hide_holders(struct redact *redact, struct listening_socket *s,
				   struct holder *at)
{
	if (!s->holder_count)
		return at;
	memcpy(at, s->holders, s->holder_count * sizeof(*at));
	for (size_t i = 0; i < s->holder_count; i++)
		redact_holder(redact, &at[i]);
	s->holders = at;
	return at + s->holder_count;
}

int listeners_hide(struct redact *redact, struct listening *l, const struct listening_row *rows,
		   size_t count, struct listeners_hidden *ret_hidden)
{
	struct listeners_hidden hidden = {
		.sockets = calloc(listening_sockets(l) + 1, sizeof(*hidden.sockets)),
		.places = calloc(count + 1, sizeof(*hidden.places)),
		.holders = calloc(count_holders(l) + 1, sizeof(*hidden.holders)),
	};
	struct holder *at = hidden.holders;

	if (!hidden.sockets || !hidden.places || !hidden.holders) {
		done(&hidden);
		return -ENOMEM;
	}
	for (uint32_t n = 1; n <= listening_sockets(l); n++) {
		struct listening_socket *s = listening_socket(l, n);

		if (!s)
			continue;
		hidden.sockets[n - 1] = *s;
		redact_listener(redact, s, NULL);
		at = hide_holders(redact, s, at);
	}
	for (size_t i = 0; i < count; i++) {
		hidden.places[i] = *rows[i].place;
		if (is_first(rows, i))
			redact_listener(redact, NULL, rows[i].place);
	}
	*ret_hidden = hidden;
	return 0;
}

void listeners_unhide(struct listening *l, const struct listening_row *rows, size_t count,
		      struct listeners_hidden *hidden)
{
	for (uint32_t n = 1; n <= listening_sockets(l); n++) {
		struct listening_socket *s = listening_socket(l, n);

		if (!s)
			continue;
		memcpy(s->comm, hidden->sockets[n - 1].comm, sizeof(s->comm));
		s->holders = hidden->sockets[n - 1].holders;
	}
	for (size_t i = 0; i < count; i++)
		if (is_first(rows, i))
			*rows[i].place = hidden->places[i];
	done(hidden);
}
