// SPDX-License-Identifier: GPL-2.0-only
/* Copies what is told of, with pseudonyms in the place of addresses and names. */
#include "user/run/redact.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/atom.h"
#include "user/event/event.h"
#include "user/event/identity.h"

/* A consumer, and who stands before it. */
struct redacted {
	struct consumer consumer;
	struct consumer_class class;
	struct consumer *inner;
	struct redact *redact;
};

static bool hides(const struct redact *r, enum redaction what)
{
	return r && r->what >> what & 1;
}

int redact_init(struct redact *r, unsigned int what)
{
	*r = (struct redact){ .what = what, .pseudonyms = pseudonyms_new() };
	return r->pseudonyms ? 0 : -ENOMEM;
}

void redact_done(struct redact *r)
{
	pseudonyms_free(r->pseudonyms);
	free((void *)r->consumers.all);
	free(r->redacted);
	*r = (struct redact){ .what = 0 };
}

const char *redact_name(struct redact *r, enum pseudonym_kind kind, const char *name)
{
	return name && hides(r, REDACT_NAMES) ?
		       pseudonym_of_name(r->pseudonyms, kind, name, strlen(name)) :
		       name;
}

_Static_assert(EVENT_IFNAME_SIZE == EVENT_COMM_SIZE, "a name is a name");

static void hide_name(struct redact *r, enum pseudonym_kind kind, char bytes[EVENT_COMM_SIZE])
{
	size_t size = strnlen(bytes, EVENT_COMM_SIZE);
	const char *name;

	if (!size || !hides(r, REDACT_NAMES))
		return;
	name = pseudonym_of_name(r->pseudonyms, kind, bytes, size);
	memset(bytes, 0, EVENT_COMM_SIZE);
	memcpy(bytes, name, strlen(name));
}

static void hide_comm(struct redact *r, char comm[EVENT_COMM_SIZE])
{
	hide_name(r, PSEUDONYM_COMM, comm);
}

/* An atom: what finds no room has no name, but its number. */
static void hide_interface(struct redact *r, uint16_t *ifname, const struct share *whose)
{
	const char *name;

	if (*ifname == ATOM_NONE || !hides(r, REDACT_NAMES))
		return;
	name = redact_name(r, PSEUDONYM_LINK, atom_text(*ifname));
	*ifname = atom_of(name, strlen(name), whose);
}

static void hide_address(struct redact *r, struct address *a)
{
	if (hides(r, REDACT_ADDRESSES))
		*a = pseudonym_of_address(r->pseudonyms, a);
}

void redact_conn(struct redact *r, struct conn *c)
{
	const struct share whose = { c->uid, c->netns };
	struct conn_name process = conn_process(c);
	char name[EVENT_COMM_SIZE] = "";

	if (c->flags & CONN_HAS_ENDPOINTS) {
		hide_address(r, &c->laddr);
		hide_address(r, &c->raddr);
	}
	hide_interface(r, &c->ifname, &whose);
	if (!(c->flags & CONN_HAS_OWNER) || !hides(r, REDACT_NAMES))
		return;
	memcpy(name, process.bytes ? process.bytes : "", process.size);
	hide_comm(r, name);
	hide_comm(r, c->comm);
	if (c->process != PROCESS_IS_COMM)
		c->process = conn_process_of(c->comm, name, &whose);
}

static void hide_half_open(struct redact *r, struct half_open *h)
{
	const struct share whose = { SHARES_NOBODY, h->netns };

	hide_address(r, &h->laddr);
	hide_address(r, &h->raddr);
	hide_interface(r, &h->ifname, &whose);
}

void redact_holder(struct redact *r, struct holder *h)
{
	hide_comm(r, h->comm);
}

void redact_listener(struct redact *r, struct listening_socket *s, struct listening_place *p)
{
	if (s)
		hide_comm(r, s->comm);
	if (!p)
		return;
	hide_address(r, &p->laddr);
	hide_interface(r, &p->ifname, &(struct share){ SHARES_NOBODY, p->netns });
	hide_comm(r, p->last_comm);
}

/*
 * A process may have written over its arguments what it is doing, for whom and for which address,
 * as servers do (setproctitle(3)): that is one word then.
 */
static size_t without_title(const char *first, size_t size)
{
	const char *blank = memchr(first, ' ', size);

	return blank ? (size_t)(blank - first) : size;
}

const char *redact_cmdline(struct redact *r, const char *cmdline, size_t first_size, size_t *size)
{
	first_size = without_title(cmdline, first_size);
	if (hides(r, REDACT_ARGUMENTS) || hides(r, REDACT_NAMES))
		*size = first_size;
	if (!hides(r, REDACT_NAMES))
		return cmdline;
	cmdline = pseudonym_of_name(r->pseudonyms, PSEUDONYM_COMMAND, cmdline, first_size);
	*size = strlen(cmdline);
	return cmdline;
}

static void hide_part(struct redact *r, enum pseudonym_kind kind, struct stack_name *name)
{
	if (!name->bytes)
		return;
	name->bytes = pseudonym_of_name(r->pseudonyms, kind, name->bytes, name->size);
	name->size = strlen(name->bytes);
}

/* Functions of code that a process made are called as it likes; so are files. */
void redact_stack(struct redact *r, struct stack_frames *frames)
{
	for (size_t i = 0; hides(r, REDACT_NAMES) && i < frames->count; i++) {
		struct stack_frame *f = &frames->frame[i];

		hide_part(r, PSEUDONYM_PATH, &f->module);
		hide_part(r, PSEUDONYM_PATH, &f->file);
		hide_part(r, PSEUDONYM_FUNCTION, &f->function);
		f->build_id = (struct stack_name){ NULL, 0 };
	}
}

/* ---- records --------------------------------------------------------------------------------- */

static void address_in_record(void *context, struct address *a)
{
	hide_address(context, a);
}

static void comm_in_record(void *context, char comm[EVENT_COMM_SIZE])
{
	hide_comm(context, comm);
}

static void interface_in_record(void *context, char name[EVENT_IFNAME_SIZE])
{
	hide_name(context, PSEUDONYM_LINK, name);
}

void redact_record(struct redact *r, void *bytes, size_t size)
{
	const struct event_redactor redactor = { address_in_record, comm_in_record,
						 interface_in_record, r };

	event_redact(bytes, size, &redactor);
}

/* ---- consumers ------------------------------------------------------------------------------- */

static struct consumer *inner(struct consumer *self, const struct conn *c, struct conn *ret_own)
{
	const struct redacted *own = (const struct redacted *)self;

	*ret_own = *c;
	redact_conn(own->redact, ret_own);
	return own->inner;
}

static void on_transition(struct consumer *self, const struct conn *c, const struct transition *t)
{
	struct conn own;
	struct consumer *to = inner(self, c, &own);

	to->class->transition(to, &own, t);
}

static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	struct conn own;
	struct consumer *to = inner(self, c, &own);

	to->class->steps(to, &own, first);
}

static void on_accepted(struct consumer *self, const struct conn *c)
{
	struct conn own;
	struct consumer *to = inner(self, c, &own);

	to->class->accepted(to, &own);
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct conn own;
	struct consumer *to = inner(self, c, &own);

	to->class->closed(to, &own);
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	struct conn own;
	struct consumer *to = inner(self, c, &own);

	to->class->gone(to, &own);
}

static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	struct conn own;
	struct consumer *to = inner(self, c, &own);

	to->class->alive(to, &own, now_ns);
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	const struct redacted *own = (const struct redacted *)self;
	struct half_open copy = *h;

	hide_half_open(own->redact, &copy);
	own->inner->class->half_open(own->inner, &copy);
}

static void on_applied(struct consumer *self, const struct conn *c, const struct event *e)
{
	const struct redacted *before = (const struct redacted *)self;
	struct event event = *e;
	struct conn own;
	struct consumer *to = inner(self, c, &own);

	hide_address(before->redact, &event.laddr);
	hide_address(before->redact, &event.raddr);
	hide_comm(before->redact, event.comm);
	hide_comm(before->redact, event.process);
	hide_interface(before->redact, &event.ifname, &(struct share){ e->uid, e->netns });
	to->class->applied(to, &own, &event);
}

/* What one is not told of it is not asked for either. */
static struct consumer_class class_before(const struct consumer_class *class)
{
	return (struct consumer_class){
		.transition = class->transition ? on_transition : NULL,
		.steps = class->steps ? on_steps : NULL,
		.accepted = class->accepted ? on_accepted : NULL,
		.closed = class->closed ? on_closed : NULL,
		.gone = class->gone ? on_gone : NULL,
		.alive = class->alive ? on_alive : NULL,
		.half_open = class->half_open ? on_half_open : NULL,
		.applied = class->applied ? on_applied : NULL,
	};
}

int redact_consumers(struct redact *r, const struct consumer_list *list)
{
	struct consumer **all = calloc(list->count + 1, sizeof(*all));

	r->redacted = calloc(list->count + 1, sizeof(*r->redacted));
	r->consumers = (struct consumer_list){ all, list->count };
	if (!all || !r->redacted)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++) {
		struct redacted *own = &r->redacted[i];

		*own = (struct redacted){ .class = class_before(list->all[i]->class),
					  .inner = list->all[i],
					  .redact = r };
		own->consumer = (struct consumer){ &own->class, list->all[i]->wants };
		all[i] = &own->consumer;
	}
	return 0;
}
