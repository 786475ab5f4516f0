// SPDX-License-Identifier: GPL-2.0-only
/* What the numbers that are compared are called, and what is found by these names. */
#include "user/aggregate/difference_name.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/conn/cause.h"

#define OLD "old."
#define CHANGE "change."
#define CHANGES "changes"
#define PORT "port."

static const struct {
	const char *name;
	double p;
} quantiles[DIFFERENCE_QUANTILES] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 } };

static const char *const histograms[HISTOGRAM_COUNT] = {
#define X(NAME, name, en, zh) [HISTOGRAM_##NAME] = name,
	HISTOGRAMS(X)
#undef X
};

double difference_quantile(unsigned int id)
{
	return id < DIFFERENCE_OF_BIRTHS ? quantiles[id % DIFFERENCE_QUANTILES].p : 0;
}

bool difference_is_cause(unsigned int cause)
{
	return cause_of(cause)->name && conn_outcome_is_failure(cause_of(cause)->outcome);
}

bool difference_is_entered(enum histogram_id id)
{
	return id == HISTOGRAM_TIME_WAIT || id >= HISTOGRAM_SYN_SENT;
}

/* Of TIME_WAIT there are the more, the longer it is looked at, up to a minute. */
bool difference_is_live(unsigned int state)
{
	return state != STATE_CLOSED && state != STATE_LISTEN && state != STATE_TIME_WAIT &&
	       state_name(state);
}

/* "state_close_wait" or "CLOSE_WAIT" as "close_wait". */
static void add_state(char *text, size_t size, const char *first, const char *name)
{
	const char *bare = strncmp(name, "state_", 6) ? name : name + 6;
	size_t used = (size_t)snprintf(text, size, "%s%s", first, bare);

	for (size_t i = strlen(first); i < used && i < size; i++)
		text[i] = (char)tolower((unsigned char)text[i]);
}

const char *difference_name(unsigned int id, uint16_t port, char text[DIFFERENCE_NAME_SIZE])
{
	const size_t size = DIFFERENCE_NAME_SIZE;
	char of_port[sizeof(PORT "65535.")] = "";

	if (port)
		snprintf(of_port, sizeof(of_port), PORT "%u.", port);
	text[0] = '\0';
	if (id < DIFFERENCE_OF_BIRTHS)
		snprintf(text, size, "%s%s.%s", of_port, histograms[id / DIFFERENCE_QUANTILES],
			 quantiles[id % DIFFERENCE_QUANTILES].name);
	else if (id == DIFFERENCE_OF_BIRTHS)
		snprintf(text, size, "%s%s.rate", of_port, port ? "opened" : "connections.opened");
	else if (id < DIFFERENCE_OF_RESENT && difference_is_cause(id - DIFFERENCE_OF_CAUSES))
		snprintf(text, size, "%s%s%s.share", of_port, port ? "" : "failures.by_cause.",
			 cause_of(id - DIFFERENCE_OF_CAUSES)->name);
	else if (id == DIFFERENCE_OF_RESENT)
		snprintf(text, size, "retransmits.share");
	else if (id >= DIFFERENCE_OF_LIVE && id < DIFFERENCE_IDS &&
		 difference_is_live(id - DIFFERENCE_OF_LIVE))
		add_state(text, size, "live.", state_name(id - DIFFERENCE_OF_LIVE));
	else if (id >= DIFFERENCE_OF_ENTERED && id < DIFFERENCE_OF_LIVE &&
		 difference_is_entered(id - DIFFERENCE_OF_ENTERED))
		add_state(text, size, "entered.", histograms[id - DIFFERENCE_OF_ENTERED]);
	return text;
}

static bool takes_off(const char **name, size_t *size, const char *first)
{
	size_t length = strlen(first);

	if (*size < length || memcmp(*name, first, length) != 0)
		return false;
	*name += length;
	*size -= length;
	return true;
}

/* "port.8080." in front. */
static uint16_t port_in(const char *name, size_t size)
{
	unsigned long port = 0;

	if (!takes_off(&name, &size, PORT))
		return 0;
	for (; size && *name >= '0' && *name <= '9' && port <= UINT16_MAX; name++, size--)
		port = port * 10 + (unsigned long)(*name - '0');
	return port <= UINT16_MAX ? (uint16_t)port : 0;
}

static bool is_of_ports(unsigned int id)
{
	return id == DIFFERENCE_OF_BIRTHS || id == DIFFERENCE_OF_CAUSES + CONN_CAUSE_QUEUE_FULL ||
	       id / DIFFERENCE_QUANTILES == (unsigned int)HISTOGRAM_ACCEPT_QUEUE;
}

static int find_change(const char *name, size_t size, struct quantity *ret_quantity)
{
	uint16_t port = port_in(name, size);

	for (unsigned int id = 0; id < DIFFERENCE_IDS; id++) {
		char text[DIFFERENCE_NAME_SIZE];

		if (port && !is_of_ports(id))
			continue;
		difference_name(id, port, text);
		if (!*text || strlen(text) != size || memcmp(text, name, size) != 0)
			continue;
		*ret_quantity = (struct quantity){ .side = QUANTITY_CHANGE,
						   .unit = QUANTITY_SHARE,
						   .row = (uint16_t)id,
						   .port = port };
		return 0;
	}
	return -ENOENT;
}

int difference_find(const char *name, size_t size, struct quantity *ret_quantity)
{
	int error;

	if (size == strlen(CHANGES) && !memcmp(name, CHANGES, size)) {
		*ret_quantity =
			(struct quantity){ .side = QUANTITY_CHANGES, .unit = QUANTITY_COUNT };
		return 0;
	}
	if (takes_off(&name, &size, CHANGE))
		return find_change(name, size, ret_quantity);
	if (!takes_off(&name, &size, OLD))
		return quantity_find(name, size, ret_quantity);
	error = quantity_find(name, size, ret_quantity);
	if (!error)
		ret_quantity->side = QUANTITY_OLD;
	return error;
}
